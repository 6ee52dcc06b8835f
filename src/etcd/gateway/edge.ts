/**
 * What stands behind a member's doors for clients: gRPC and HTTP on the same ports, or apart, and the metrics on ports
 * of their own. Who listens hands the sockets in.
 *
 *   listen-client-urls        gRPC + HTTP      (gRPC alone, if the next are given)
 *   listen-client-http-urls          HTTP
 *   listen-metrics-urls       /metrics, /health, /livez, /readyz
 */
import type { Socket } from "node:net";
import type { Logger } from "../base/logger.ts";
import type { EtcdPort } from "../port.ts";
import { CallStats } from "../rpc/call-stats.ts";
import { type Endpoint, Rpc } from "../rpc/endpoint.ts";
import { etcdHandlers } from "../rpc/handlers.ts";
import { Http2Carrier } from "../rpc/http2-carrier.ts";
import type { Doors } from "../rpc/listener.ts";
import type { MemberInfo } from "../rpc/member-info.ts";
import { reflectionEndpoints } from "../rpc/reflection.ts";
import { debugVars } from "./debug-vars.ts";
import { addHealthRoutes } from "./health-routes.ts";
import { HttpDoor } from "./http-door.ts";
import { JsonGateway } from "./json-gateway.ts";
import type { MemberStats } from "./member-stats.ts";
import type { Metrics } from "./metrics.ts";
import { MetricsPage } from "./metrics-page.ts";
import type { Routes } from "./routes.ts";

export interface EdgeOptions {
  /** HTTP has listeners of its own: the others take gRPC only. */
  readonly splitsHttp: boolean;
  readonly maxRequestBytes: number;
  readonly maxConcurrentStreams: number;
  readonly grpcKeepaliveMinTimeMs: number;
  /** 0: idle connections are not pinged. */
  readonly grpcKeepaliveIntervalMs: number;
  readonly grpcKeepaliveTimeoutMs: number;
  readonly electionTimeoutMs: number;
  readonly warningUnaryRequestDurationMs: number;
  /** Gate StopGRPCServiceOnDefrag; default: no. */
  readonly stopsServiceOnDefrag?: boolean;
  readonly enableGrpcGateway: boolean;
  readonly extensiveMetrics: boolean;
  readonly cors: readonly string[];
  readonly hostWhitelist: readonly string[];
  /** Default: 5 minutes, as in etcd. */
  readonly readHeaderTimeoutMs?: number;
}

export interface EdgeParts {
  readonly port: EtcdPort;
  readonly member: MemberInfo;
  readonly stats: MemberStats;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export interface Edge {
  readonly client: Doors;
  readonly http: Doors;
  readonly metrics: Doors;
  /** Where the calls are counted. */
  readonly calls: CallStats;
  /** Adds to /metrics what another API counts, in its text format. */
  addMetrics(text: () => string): void;
  /**
   * Takes no more calls, ends open streams with Unavailable, lets other calls finish for so long, and closes every
   * connection. May be called twice.
   */
  close(graceMs?: number): Promise<void>;
}

/** etcd allows a request this much around its proposal. */
const GRPC_OVERHEAD_BYTES = 512 * 1024;
const READ_HEADER_TIMEOUT_MS = 5 * 60 * 1000;
/** grpc-go's: for the HTTP/2 handshake. */
const HANDSHAKE_TIMEOUT_MS = 120 * 1000;
/** Node's timers know no never; this is 24 days. */
const NEVER_MS = 0x7fff_ffff;
const CLOSE_GRACE_MS = 3000;

export async function openEdge(options: EdgeOptions, parts: EdgeParts): Promise<Edge> {
  const { port, member, stats, metrics, logger } = parts;
  const calls = new CallStats({ isExtensive: options.extensiveMetrics });
  const more: readonly Endpoint[] = reflectionEndpoints();
  const handlers = etcdHandlers(
    { port, member, logger },
    { stopsServiceOnDefrag: options.stopsServiceOnDefrag ?? false },
  );
  const rpc = new Rpc(
    { electionTimeoutMs: options.electionTimeoutMs, slowCallMs: options.warningUnaryRequestDurationMs },
    { member, stats: calls, logger, handlers, more },
  );
  const carrier = new Http2Carrier(carrierOptions(options), { rpc, logger });
  const gateway = new JsonGateway({ bodyBytesMax: jsonBytesMax(options) }, rpc);
  const page = new MetricsPage({ metrics, calls, member, stats });
  // etcd's timeout of a request: 5 seconds and two elections.
  const requestTimeoutMs = 5000 + 2 * options.electionTimeoutMs;

  const addObservation = (routes: Routes): void => {
    addHealthRoutes(routes, { port, member, requestTimeoutMs, metrics, logger });
    routes.getOrPost("/metrics", async (_request, reply) => reply.type(page.contentType).send(await page.text()));
  };
  const headersTimeoutMs = options.readHeaderTimeoutMs ?? READ_HEADER_TIMEOUT_MS;
  const httpDoor = await HttpDoor.open({ headersTimeoutMs, access: options }, (routes) => {
    addObservation(routes);
    if (options.enableGrpcGateway) gateway.addRoutes(routes);
    addVersionRoute(routes, member);
    addDebugRoute(routes, stats);
  });
  const metricsDoor = await HttpDoor.open({ headersTimeoutMs, access: null }, addObservation);

  const http2 = (socket: Socket): void => carrier.accept(socket);
  const http1 = (socket: Socket): void => httpDoor.accept(socket);
  let closing: Promise<unknown> | null = null;
  const close = (graceMs: number): Promise<unknown> => {
    rpc.close();
    gateway.close();
    return Promise.all([carrier.close(graceMs), httpDoor.close(graceMs), metricsDoor.close(graceMs)]);
  };
  return {
    client: { http2, http1: options.splitsHttp ? null : http1 },
    http: { http2: null, http1 },
    metrics: { http2: null, http1: (socket) => metricsDoor.accept(socket) },
    calls,
    addMetrics: (text) => page.append(text),
    close: async (graceMs = CLOSE_GRACE_MS) => {
      await (closing ??= close(graceMs));
    },
  };
}

function carrierOptions(options: EdgeOptions) {
  return {
    messageBytesMax: options.maxRequestBytes + GRPC_OVERHEAD_BYTES,
    concurrentStreamsMax: options.maxConcurrentStreams,
    pingMinMs: options.grpcKeepaliveMinTimeMs,
    pingIntervalMs: options.grpcKeepaliveIntervalMs === 0 ? NEVER_MS : options.grpcKeepaliveIntervalMs,
    pingTimeoutMs: options.grpcKeepaliveTimeoutMs,
    handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS,
  };
}

/** Base64 makes four bytes of three; what else is in the object counts little. */
function jsonBytesMax(options: EdgeOptions): number {
  return Math.ceil(((options.maxRequestBytes + GRPC_OVERHEAD_BYTES) * 4) / 3);
}

function addVersionRoute(routes: Routes, member: MemberInfo): void {
  routes.get("/version", (_request, reply) => {
    const { server, cluster, storage } = member.versions();
    const versions = { etcdserver: server, etcdcluster: cluster ?? "not_decided", storage: storage ?? "unknown" };
    return reply.header("content-type", "application/json").send(Buffer.from(JSON.stringify(versions)));
  });
}

function addDebugRoute(routes: Routes, stats: MemberStats): void {
  routes.get("/debug/vars", (_request, reply) => {
    return reply.header("content-type", "application/json; charset=utf-8").send(debugVars(stats));
  });
}

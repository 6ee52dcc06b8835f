import { isUtf8 } from "node:buffer";
import { EtcdError } from "../errors.ts";
import type { Logger } from "../base/logger.ts";
import type { MessageName } from "../wire/descriptors.ts";
import type { RangeRequest } from "../wire/etcdserverpb.ts";
import type { MethodDescriptor } from "../wire/method.ts";
import { services } from "../wire/services.ts";
import { encodeSharedWatchResponse } from "../wire/shared-events.ts";
import type { Call, CarriedCall } from "./call.ts";
import { type CallStats, MethodStats } from "./call-stats.ts";
import type { BidiHandler, Handler, Handlers, ServerStreamHandler, UnaryHandler } from "./handler.ts";
import { LeaderMonitor } from "./leader-monitor.ts";
import type { MemberInfo } from "./member-info.ts";

const RANGE = "/etcdserverpb.KV/Range";
const STATUS = "/etcdserverpb.Maintenance/Status";
const SNAPSHOT = "/etcdserverpb.Maintenance/Snapshot";
const WATCH = "/etcdserverpb.Watch/Watch";

/** Everything a carrier needs to serve one method: codec, handler, counters. */
export interface Endpoint<Kind = UnknownHandler> {
  readonly path: string;
  readonly handler: Kind;
  readonly stats: MethodStats;
  /** Paths of the JSON gateway. */
  readonly gatewayPaths: readonly string[];
  /** Names of the messages in `wire/descriptors.ts`; null: they are not ours and have no JSON. */
  readonly requestType: MessageName | null;
  readonly responseType: MessageName | null;
  /** Throws when the bytes are not a request. */
  readonly decodeRequest: (bytes: Uint8Array) => unknown;
  readonly encodeResponse: (response: unknown) => Uint8Array;
}

type UnknownHandler = Handler<unknown, unknown>;
export type UnaryEndpoint = Endpoint<UnaryHandler<unknown, unknown>>;
export type ServerStreamEndpoint = Endpoint<ServerStreamHandler<unknown, unknown>>;
export type BidiEndpoint = Endpoint<BidiHandler<unknown, unknown>>;

export function isUnary(endpoint: Endpoint): endpoint is UnaryEndpoint {
  return endpoint.handler.kind === "unary";
}

export function isServerStream(endpoint: Endpoint): endpoint is ServerStreamEndpoint {
  return endpoint.handler.kind === "serverStream";
}

export interface RpcOptions {
  readonly electionTimeoutMs: number;
  /** A unary call that took longer is logged. */
  readonly slowCallMs: number;
}

/**
 * All methods by path, and what happens before and after each call, whatever carries it. etcd's order of checks:
 * learner, client version, leader; then the handler, which checks the request.
 */
export class Rpc {
  readonly stats: CallStats;
  readonly #member: MemberInfo;
  readonly #options: RpcOptions;
  readonly #logger: Logger;
  readonly #leaders: LeaderMonitor;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #serviceNames = new Set<string>();

  constructor(
    options: RpcOptions,
    parts: { member: MemberInfo; stats: CallStats; logger: Logger; handlers: Handlers; more?: readonly Endpoint[] },
  ) {
    this.#options = options;
    this.#member = parts.member;
    this.#logger = parts.logger;
    this.#leaders = new LeaderMonitor(parts.member, options.electionTimeoutMs);
    this.stats = parts.stats;
    for (const endpoint of [...endpointsOf(parts.handlers), ...(parts.more ?? [])]) {
      this.#endpoints.set(endpoint.path, endpoint);
      this.#serviceNames.add(endpoint.stats.service);
      this.stats.add(endpoint.stats);
    }
  }

  find(path: string): Endpoint | undefined {
    return this.#endpoints.get(path);
  }

  hasService(name: string): boolean {
    return this.#serviceNames.has(name);
  }

  endpoints(): Iterable<Endpoint> {
    return this.#endpoints.values();
  }

  /** Throws the refusal, if there is a reason for one. */
  admitUnary(endpoint: Endpoint, request: unknown, call: Call): void {
    if (this.#member.isLearner() && !isServedByLearner(endpoint, request))
      throw new EtcdError("notSupportedForLearner");
    this.#countClient("unary", call);
    if (call.metadata("hasleader") === "true" && !this.#member.hasLeader()) throw new EtcdError("noLeader");
  }

  /** Throws the refusal, if there is a reason for one. A call that was admitted must be {@link ended}. */
  admitStream(endpoint: Endpoint, call: CarriedCall): void {
    if (this.#member.isLearner() && endpoint.path !== SNAPSHOT) throw new EtcdError("notSupportedForLearner");
    this.#countClient("stream", call);
    if (call.metadata("hasleader") === "true") {
      if (!this.#member.hasLeader()) throw new EtcdError("noLeader");
      this.#leaders.add(call);
    }
  }

  /** To be called once for each call that was started. */
  ended(endpoint: Endpoint, call: CarriedCall, code: number, startedAtMs: number): void {
    endpoint.stats.handled[code] = (endpoint.stats.handled[code] ?? 0) + 1;
    endpoint.stats.handlingSeconds?.observe((performance.now() - startedAtMs) / 1000);
    if (endpoint.handler.kind !== "unary") {
      this.#leaders.remove(call);
      return;
    }
    const tookMs = performance.now() - startedAtMs;
    if (tookMs > this.#options.slowCallMs) {
      this.#logger.warn("request stats", {
        "time spent": `${tookMs.toFixed(3)}ms`,
        remote: call.peer,
        "response type": endpoint.path,
      });
    }
  }

  close(): void {
    this.#leaders.close();
  }

  #countClient(type: "unary" | "stream", call: Call): void {
    const version = call.metadata("client-api-version");
    // Carriers hand on a header's bytes one to one.
    if (version !== undefined && !isAscii(version) && !isUtf8(Buffer.from(version, "latin1"))) {
      throw new EtcdError("invalidClientApiVersion");
    }
    this.stats.countClient(type, version ?? "unknown");
  }
}

function isServedByLearner(endpoint: Endpoint, request: unknown): boolean {
  if (endpoint.path === STATUS) return true;
  return endpoint.path === RANGE && (request as RangeRequest).serializable;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

function endpointsOf(handlers: Handlers): Endpoint[] {
  const rowsByService = handlers as unknown as Readonly<Record<string, Readonly<Record<string, UnknownHandler>>>>;
  return Object.entries(services).flatMap(([service, methods]) =>
    Object.values(methods).map((descriptor) => {
      // The types of Handlers have paired each handler with its own messages; here they become unknown together.
      const method = descriptor as unknown as MethodDescriptor<unknown, unknown>;
      return newEndpoint(method, rowsByService[service]![method.name]!);
    }),
  );
}

function newEndpoint(method: MethodDescriptor<unknown, unknown>, handler: UnknownHandler): Endpoint {
  const kind = method.clientStreaming ? "bidi" : method.serverStreaming ? "serverStream" : "unary";
  if (handler.kind !== kind) throw new Error(`${method.path} needs a handler of kind ${kind}, not ${handler.kind}`);
  const type = { unary: "unary", serverStream: "server_stream", bidi: "bidi_stream" } as const;
  const { path, gatewayPaths, requestType, responseType, decodeRequest, encodeResponse } = method;
  return {
    path,
    handler,
    stats: new MethodStats(method.service, method.name, type[kind]),
    gatewayPaths,
    requestType,
    responseType,
    decodeRequest,
    // A thousand watchers of one key get the same events: they are encoded once. The bytes do not tell.
    encodeResponse: path === WATCH ? (encodeSharedWatchResponse as typeof encodeResponse) : encodeResponse,
  };
}

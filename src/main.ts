import { lookup } from "node:dns/promises";
import { readdir } from "node:fs/promises";
import type { Logger, PartLogger } from "./etcd/base/logger.ts";
import type { Config } from "./etcd/config/config.ts";
import { startupFields } from "./etcd/config/startup-fields.ts";
import type { ServerUrl } from "./etcd/config/server-url.ts";
import { verifyBootstrap } from "./etcd/config/verify-bootstrap.ts";
import type { EtcdPort } from "./etcd/port.ts";
import { type Doors, Listener } from "./etcd/rpc/listener.ts";
import { openParts } from "./parts.ts";
import type { FacadeConfig } from "./zk-facade/config/facade-config.ts";
import { startZookeeper, type ZookeeperSide } from "./zookeeper.ts";

/** What stands behind the doors: the member and its edges, composed in `parts.ts`. */
export interface ServingParts {
  readonly memberId: bigint;
  /** The member itself, for the ZooKeeper side; null when there is none to stand on. */
  readonly port: EtcdPort | null;
  /** What `--listen-client-urls` serve; gRPC alone when HTTP has URLs of its own. */
  readonly client: Doors;
  /** What `--listen-client-http-urls` serve. */
  readonly http: Doors;
  /** What `--listen-metrics-urls` serve. */
  readonly metrics: Doors;
  /** Adds to /metrics what the ZooKeeper side counts, in the text format of Prometheus. */
  addMetrics(text: () => string): void;
  readonly peer: Doors;
  /** Settles when the member can answer requests. */
  readonly ready: Promise<void>;
  /** Resolves when the member has ended by itself (it was removed), rejects when it broke. */
  readonly ended: Promise<void>;
  /** Ends open streams and waits for calls under way. */
  drain(): Promise<void>;
  /** Stops the member and closes its files. After `drain`, or instead of it when that takes too long. */
  close(): Promise<void>;
}

export type OpenParts = (config: Config, logger: PartLogger) => Promise<ServingParts>;

/** A server that answers requests. */
export interface RunningServer {
  /** `127.0.0.1:2379`, `[::1]:2379`, with the ports that were taken for port 0. */
  readonly clientAddresses: readonly string[];
  readonly httpAddresses: readonly string[];
  readonly metricsAddresses: readonly string[];
  readonly peerAddresses: readonly string[];
  /** Where ZooKeeper's clients are served; empty without that side. */
  readonly zkAddresses: readonly string[];
  /** Resolves when the member has ended by itself, rejects when it broke. */
  readonly ended: Promise<void>;
  /** Takes no more connections, drains, closes. May be called twice; resolves when all is quiet. */
  stop(): Promise<void>;
}

/** A connection that has not said by then what it wants is closed; etcd's read header timeout. */
const FIRST_BYTES_TIMEOUT_MS = 300_000;
/** Calls under way at a stop have so long to end. */
const DRAIN_TIMEOUT_MS = 5_000;

export interface ServeOptions {
  /** The ZooKeeper side; null: there is none. */
  readonly facade?: FacadeConfig | null;
  readonly open?: OpenParts;
}

/**
 * The composition root: opens the doors, then what stands behind them, and resolves when requests are answered.
 * Tests start servers with it in their own process; `server-process.ts` adds signals and exit codes.
 */
export async function serve(
  config: Config,
  logger: PartLogger,
  { facade = null, open = openParts }: ServeOptions = {},
): Promise<RunningServer> {
  const memberInitialized = await isMemberInitialized(config, logger);
  if (!memberInitialized) await verifyBootstrap(config, resolveHost);
  const doors = await openDoors(config, logger);
  try {
    logger.info("starting an etcd server", startupFields(config, memberInitialized));
    const parts = await open(config, logger);
    try {
      doors.lead(parts);
      announceDoors(config, logger, doors, parts.memberId);
      await Promise.race([parts.ready, parts.ended]);
      const zookeeper =
        facade === null || parts.port === null
          ? null
          : await startEmbedded(facade, config, logger, parts.port, parts.memberId);
      if (zookeeper !== null) parts.addMetrics(() => zookeeper.metricsText());
      announceReady(config, logger, doors);
      zookeeper?.announce();
      return newRunningServer(config, logger, { doors, parts, zookeeper });
    } catch (error) {
      await parts.close();
      throw error;
    }
  } catch (error) {
    doors.close();
    throw error;
  }
}

function startEmbedded(
  facade: FacadeConfig,
  { dataDir }: Config,
  logger: PartLogger,
  port: EtcdPort,
  memberId: bigint,
): Promise<ZookeeperSide> {
  // The member's name: what it held before a restart it takes up again.
  const name = memberId.toString(16);
  return startZookeeper(facade, { port, isOrdered: true, txnOpsMax: Number.POSITIVE_INFINITY, name, dataDir }, logger);
}

/** True when the data directory holds a member already. Says what else stands in it. */
async function isMemberInitialized(config: Config, logger: Logger): Promise<boolean> {
  const names = await readdir(config.dataDir).catch((error: unknown): string[] => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  });
  for (const name of names.filter((name) => name !== "member")) {
    logger.warn("found invalid file under data directory", { filename: name, "data-dir": config.dataDir });
  }
  const dirType = names.includes("member") ? "member" : "empty";
  const message = dirType === "member" ? "server has already been initialized" : "Initialize and start etcd server";
  logger.info(message, { "data-dir": config.dataDir, "dir-type": dirType });
  return dirType === "member";
}

async function resolveHost(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** All listeners of a server. They are opened before the data directory is touched: a taken port leaves no trace. */
class OpenDoors {
  readonly peer: Listener[] = [];
  readonly client: Listener[] = [];
  readonly http: Listener[] = [];
  readonly metrics: Listener[] = [];
  #parts: ServingParts | null = null;

  async open(kind: "peer" | "client" | "http" | "metrics", urls: readonly ServerUrl[]): Promise<void> {
    const parts = (): Doors | undefined => this.#parts?.[kind];
    // Whoever calls before there is somebody to answer is sent away, and comes again.
    const doors: Doors = {
      get http1() {
        return parts()?.http1 ?? null;
      },
      get http2() {
        return parts()?.http2 ?? null;
      },
    };
    for (const url of urls) {
      this[kind].push(await Listener.open(url.text, doors, { firstBytesTimeoutMs: FIRST_BYTES_TIMEOUT_MS }));
    }
  }

  lead(parts: ServingParts): void {
    this.#parts = parts;
  }

  close(): void {
    for (const listener of [...this.peer, ...this.client, ...this.http, ...this.metrics]) listener.close();
  }
}

async function openDoors(config: Config, logger: Logger): Promise<OpenDoors> {
  const doors = new OpenDoors();
  try {
    logger.info("configuring peer listeners", { "listen-peer-urls": texts(config.listenPeerUrls) });
    await doors.open("peer", config.listenPeerUrls);
    logger.info("configuring client listeners", { "listen-client-urls": texts(config.listenClientUrls) });
    await doors.open("client", config.listenClientUrls);
    await doors.open("http", config.listenClientHttpUrls);
    await doors.open("metrics", config.listenMetricsUrls);
    return doors;
  } catch (error) {
    doors.close();
    throw asListenError(error);
  }
}

/** In Go's words, which is what people look for: `listen tcp 127.0.0.1:2379: bind: address already in use`. */
function asListenError(error: unknown): unknown {
  if (!(error instanceof Error && "code" in error && "address" in error)) return error;
  const { code, address, port } = error as NodeJS.ErrnoException & { address: string; port?: number };
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: "address already in use",
    EADDRNOTAVAIL: "cannot assign requested address",
    EACCES: "permission denied",
  };
  const place = port === undefined || port < 0 ? `unix ${address}` : `tcp ${addressText(address, port)}`;
  return new Error(`listen ${place}: bind: ${reasons[code ?? ""] ?? error.message}`, { cause: error });
}

function addressText(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function announceDoors(config: Config, logger: Logger, doors: OpenDoors, memberId: bigint): void {
  logger.info("now serving peer/client/metrics", {
    "local-member-id": memberId.toString(16),
    "initial-advertise-peer-urls": config.advertisePeerUrls,
    "listen-peer-urls": texts(config.listenPeerUrls),
    "advertise-client-urls": config.advertiseClientUrls,
    "listen-client-urls": texts(config.listenClientUrls),
    "listen-metrics-urls": texts(config.listenMetricsUrls),
  });
  for (const address of addressesOf(doors.peer)) logger.info("serving peer traffic", { address });
}

/** One line a door with the address that was really taken. The first one is what etcd's own tests wait for. */
function announceReady(config: Config, logger: Logger, doors: OpenDoors): void {
  const split = config.listenClientHttpUrls.length > 0;
  announceTraffic(logger, doors.client, split ? "grpc" : "grpc+http");
  announceTraffic(logger, doors.http, "http");
  for (const address of addressesOf(doors.metrics)) logger.info("serving metrics", { address });
}

function announceTraffic(logger: Logger, listeners: readonly Listener[], traffic: string): void {
  for (const listener of listeners) {
    logger.info("ready to serve client requests");
    for (const address of listener.addresses) {
      logger.info("serving client traffic insecurely; this is strongly discouraged!", { traffic, address });
    }
  }
}

interface Running {
  readonly doors: OpenDoors;
  readonly parts: ServingParts;
  readonly zookeeper: ZookeeperSide | null;
}

function newRunningServer(config: Config, logger: Logger, { doors, parts, zookeeper }: Running): RunningServer {
  let stopped: Promise<void> | null = null;
  const fields = {
    name: config.name,
    "data-dir": config.dataDir,
    "advertise-peer-urls": config.advertisePeerUrls,
    "advertise-client-urls": config.advertiseClientUrls,
  };
  const stop = async (): Promise<void> => {
    logger.info("closing etcd server", fields);
    doors.close();
    await zookeeper?.close();
    const drained = await within(DRAIN_TIMEOUT_MS, parts.drain());
    if (!drained)
      logger.warn("calls were still under way; closing anyway", { "waited-seconds": DRAIN_TIMEOUT_MS / 1000 });
    await parts.close();
    logger.info("closed etcd server", fields);
  };
  return {
    clientAddresses: addressesOf(doors.client),
    httpAddresses: addressesOf(doors.http),
    metricsAddresses: addressesOf(doors.metrics),
    peerAddresses: addressesOf(doors.peer),
    zkAddresses: zookeeper?.addresses ?? [],
    ended: parts.ended,
    stop: () => (stopped ??= stop()),
  };
}

/** True when the work was done in time; what it does afterwards nobody waits for. */
async function within(timeoutMs: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

function addressesOf(listeners: readonly Listener[]): string[] {
  return listeners.flatMap((listener) => listener.addresses);
}

function texts(urls: readonly ServerUrl[]): string[] {
  return urls.map((url) => url.text);
}

import type { Clock } from "../../etcd/base/clock.ts";
import type { Counter } from "../../etcd/base/instruments.ts";
import { EventType, OpCode } from "../wire/messages.ts";
import { type DetailedSummary, Summary } from "./summary.ts";
import { type BasicSummaryName, ZkMetrics } from "./zk-metrics.ts";

/** Each read counts its stat, in ZooKeeper's sums per namespace. */
const STAT_BYTES = 68;
const DEFAULT_TRACE_MASK = 306n;

/**
 * The numbers of one server: what `srvr`, `stat` and `mntr` tell. The connections count here through their
 * {@link ConnectionStats}, on every packet, so each method is a few additions and allocates nothing.
 */
export class ServerStats {
  readonly metrics = new ZkMetrics();
  /** From a request's arrival to its answer, in milliseconds. */
  readonly latency = new Summary();
  readonly responseSizes = new ResponseSizes();
  packetsReceived = 0;
  packetsSent = 0;
  /** TLS handshakes whose client could not be authenticated. */
  authFailed = 0;
  nonMtlsRemoteConnections = 0;
  nonMtlsLocalConnections = 0;
  fsyncThresholdExceeded = 0;
  /** 64 bits that `stmk` sets and `gtmk` reads; nothing here is traced by them. */
  traceMask = DEFAULT_TRACE_MASK;

  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #bytesReceived: Counter;
  readonly #responseBytes: Counter;
  readonly #watchBytes: Counter;
  readonly #reads: DetailedSummary;
  readonly #updates: DetailedSummary;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedMs = clock.nowMs();
    this.#bytesReceived = this.metrics.counters.bytes_received_count;
    this.#responseBytes = this.metrics.counters.response_bytes;
    this.#watchBytes = this.metrics.counters.watch_bytes;
    this.#reads = this.metrics.detailed.readlatency;
    this.#updates = this.metrics.detailed.updatelatency;
  }

  uptimeMs(): number {
    return Math.floor(this.#clock.nowMs() - this.#startedMs);
  }

  /** A frame or a four-letter word; its length prefix counts. */
  packetReceived(bytes: number): void {
    this.packetsReceived += 1;
    this.#bytesReceived.value += bytes;
  }

  /** A reply of `bytes`, its header included and its length prefix not. */
  replySent(bytes: number): void {
    this.packetsSent += 1;
    this.responseSizes.add(bytes);
    this.#responseBytes.value += bytes;
  }

  /** The answer to a ping, which ZooKeeper leaves out of its sum of responses. */
  pongSent(bytes: number): void {
    this.packetsSent += 1;
    this.responseSizes.add(bytes);
  }

  /** A watch event, measured as a reply is. */
  eventSent(bytes: number): void {
    this.packetsSent += 1;
    this.responseSizes.add(bytes);
    this.#watchBytes.value += bytes;
  }

  /** The answer to a connect request or to a four-letter word: counted, and no more. */
  greetingSent(): void {
    this.packetsSent += 1;
  }

  answered(latencyMs: number, isUpdate: boolean): void {
    this.latency.add(latencyMs);
    (isUpdate ? this.#updates : this.#reads).add(latencyMs);
  }

  /** A znode's data or children were read. `bytes` of the data, or of all the children's names; 0 for `exists`. */
  znodeRead(path: string, bytes: number): void {
    this.metrics.readPerNamespace.of(path)?.add(path.length + bytes + STAT_BYTES);
  }

  /** A znode was made, set or deleted. `bytes` of its new data, 0 for a delete. */
  znodeWritten(path: string, bytes: number): void {
    this.metrics.writePerNamespace.of(path)?.add(path.length + bytes);
  }

  /** An event of one kind was told to so many watchers. */
  watchersFired(type: EventType, watchers: number): void {
    this.metrics.basic[watchCountOf[type]].add(watchers);
  }

  /** A hard quota refused to make or set a znode. */
  quotaExceeded(path: string): void {
    this.metrics.quotaExceededPerNamespace.of(path)?.inc();
  }

  /** `srst`: what ZooKeeper sets to 0 then. */
  reset(): void {
    this.latency.reset();
    this.packetsReceived = 0;
    this.packetsSent = 0;
    this.responseSizes.reset();
    this.metrics.reset();
  }
}

/** How many watchers each event had. */
const watchCountOf: Readonly<Record<EventType, BasicSummaryName>> = {
  [EventType.created]: "node_created_watch_count",
  [EventType.deleted]: "node_deleted_watch_count",
  [EventType.dataChanged]: "node_changed_watch_count",
  [EventType.childrenChanged]: "node_children_watch_count",
};

/** Lengths of replies and events in bytes; -1 as long as there was none. */
export class ResponseSizes {
  last = -1;
  min = -1;
  max = -1;

  add(bytes: number): void {
    this.last = bytes;
    if (this.min < 0 || bytes < this.min) this.min = bytes;
    if (bytes > this.max) this.max = bytes;
  }

  reset(): void {
    this.last = -1;
    this.min = -1;
    this.max = -1;
  }
}

/** The numbers of one connection: a line of `cons`. What is counted here counts for the server, too. */
export class ConnectionStats {
  packetsReceived = 0;
  packetsSent = 0;
  lastOperation = "NA";
  /** Of the client's own requests only: pings and the like have xids below 0 and leave it alone. */
  lastXid = 0;
  /** As on the wire; -1 when the counters were reset. */
  lastZxid = 0;
  /** On the monotonic clock. */
  lastResponseMs = 0;
  lastLatencyMs = 0;
  maxLatencyMs = 0;
  readonly #server: ServerStats;
  // ZooKeeper's minimum starts at 0 and so stays there until the counters are reset.
  #minLatencyMs = 0;
  #count = 0;
  #totalLatencyMs = 0;

  constructor(server: ServerStats) {
    this.#server = server;
  }

  get minLatencyMs(): number {
    return this.#minLatencyMs === Infinity ? 0 : this.#minLatencyMs;
  }

  get averageLatencyMs(): number {
    return this.#count === 0 ? 0 : Math.floor(this.#totalLatencyMs / this.#count);
  }

  packetReceived(bytes: number): void {
    this.packetsReceived += 1;
    this.#server.packetReceived(bytes);
  }

  replySent(bytes: number): void {
    this.packetsSent += 1;
    this.#server.replySent(bytes);
  }

  pongSent(bytes: number): void {
    this.packetsSent += 1;
    this.#server.pongSent(bytes);
  }

  eventSent(bytes: number): void {
    this.packetsSent += 1;
    this.#server.eventSent(bytes);
  }

  greetingSent(): void {
    this.packetsSent += 1;
    this.#server.greetingSent();
  }

  /**
   * A request has its answer. `arrivedMs` and `nowMs` on the monotonic clock, `zxid` that of the reply's header, `xid`
   * that of the request; the opening of a session counts as a request with xid 0.
   */
  answered(opCode: number, xid: number, zxid: number, arrivedMs: number, nowMs: number, isUpdate: boolean): void {
    if (xid >= 0) this.lastXid = xid;
    this.lastZxid = zxid;
    this.lastOperation = operationName(opCode);
    this.lastResponseMs = nowMs;
    const latencyMs = Math.max(0, Math.floor(nowMs) - Math.floor(arrivedMs));
    this.lastLatencyMs = latencyMs;
    if (latencyMs < this.#minLatencyMs) this.#minLatencyMs = latencyMs;
    if (latencyMs > this.maxLatencyMs) this.maxLatencyMs = latencyMs;
    this.#count += 1;
    this.#totalLatencyMs += latencyMs;
    this.#server.answered(latencyMs, isUpdate);
  }

  /** `crst`. */
  reset(): void {
    this.packetsReceived = 0;
    this.packetsSent = 0;
    this.lastOperation = "NA";
    this.lastXid = -1;
    this.lastZxid = -1;
    this.lastResponseMs = 0;
    this.lastLatencyMs = 0;
    this.#minLatencyMs = Infinity;
    this.maxLatencyMs = 0;
    this.#count = 0;
    this.#totalLatencyMs = 0;
  }
}

/** How `cons` calls an operation. */
const operationNames = new Map<number, string>([
  [OpCode.ping, "PING"],
  [OpCode.createSession, "SESS"],
  [OpCode.multi, "MULT"],
  [OpCode.multiRead, "MLTR"],
  [OpCode.create, "CREA"],
  [OpCode.create2, "CREA"],
  [OpCode.createTtl, "CREA"],
  [OpCode.createContainer, "CREA"],
  [OpCode.delete, "DELE"],
  [OpCode.deleteContainer, "DELE"],
  [OpCode.setData, "SETD"],
  [OpCode.reconfig, "RECO"],
  [OpCode.setAcl, "SETA"],
  [OpCode.closeSession, "CLOS"],
  [OpCode.sync, "SYNC"],
  [OpCode.check, "CHEC"],
  [OpCode.exists, "EXIS"],
  [OpCode.getData, "GETD"],
  [OpCode.setWatches, "SETW"],
  [OpCode.setWatches2, "STW2"],
  [OpCode.addWatch, "ADDW"],
  [OpCode.getAcl, "GETA"],
  [OpCode.getChildren, "GETC"],
  [OpCode.getAllChildrenNumber, "GETACN"],
  [OpCode.getChildren2, "GETC"],
  [OpCode.checkWatches, "CHKW"],
  [OpCode.removeWatches, "REMW"],
  [OpCode.whoAmI, "HOMI"],
  [OpCode.getEphemerals, "GETE"],
]);

/** `NA` for what has no name: auth and sasl are answered before ZooKeeper counts. */
export function operationName(opCode: number): string {
  return operationNames.get(opCode) ?? "NA";
}

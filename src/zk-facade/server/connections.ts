import type { Socket } from "node:net";
import type { AuthRules } from "../acl/authentication.ts";
import type { Clock } from "../../etcd/base/clock.ts";
import type { Logger } from "../../etcd/base/logger.ts";
import { CONNECTION_TICK_MS } from "../session/expiry-queue.ts";
import { ChunkPool } from "../wire/chunk-pool.ts";
import type { ZkErrorCode } from "../errors.ts";
import { ChildrenLists } from "./children-lists.ts";
import { Connection } from "./connection.ts";
import type { ConnectionHost, ConnectionLimits } from "./connection-host.ts";
import type { Facade } from "./facade.ts";
import { FetchLine } from "./fetch-line.ts";
import { type LargeRequestLimits, LargeRequests } from "./large-requests.ts";
import type { ReadOnlyMode } from "./read-only-mode.ts";
import type { ServerStats } from "./server-stats.ts";

export interface ConnectionsOptions extends ConnectionLimits {
  /** From one address; 0: no limit. */
  readonly perAddressMax: number;
  /** In all; 0: no limit. */
  readonly connectionsMax: number;
  /** Requests of all connections that may wait for their replies (globalOutstandingLimit). */
  readonly requestsOutstandingMax: number;
  readonly largeRequests: LargeRequestLimits;
}

export interface ConnectionsParts {
  readonly facade: Facade;
  readonly readOnly: ReadOnlyMode | null;
  readonly stats: ServerStats;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly rules: AuthRules;
  readonly zxidOffset: number;
  readonly reconfigError: ZkErrorCode;
  readonly enforcedSchemes: readonly string[] | null;
  fourLetterWord(opening: Buffer): { text(): string } | "more" | null;
}

const CHILDREN_BYTES_MAX = 16 * 1024 * 1024;
const FETCHING_BYTES_MAX = 64 * 1024 * 1024;

/** All client connections of one root, and what they share: the bounds. */
export class Connections implements ConnectionHost {
  readonly facade: Facade;
  readonly readOnly: ReadOnlyMode | null;
  readonly stats: ServerStats;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly rules: AuthRules;
  readonly zxidOffset: number;
  readonly limits: ConnectionLimits;
  readonly chunks = new ChunkPool();
  readonly children = new ChildrenLists(CHILDREN_BYTES_MAX);
  readonly fetches = new FetchLine(FETCHING_BYTES_MAX);
  readonly largeRequests: LargeRequests;
  readonly reconfigError: ZkErrorCode;
  readonly enforcedSchemes: readonly string[] | null;
  readonly fourLetterWord: ConnectionsParts["fourLetterWord"];
  readonly #options: ConnectionsOptions;
  readonly #connections = new Set<Connection>();
  readonly #perAddress = new Map<string, number>();
  /** Those that wait for room for their requests, in the order in which they ran out of it. */
  readonly #throttled = new Set<Connection>();
  #outstanding = 0;
  readonly #sweeper: NodeJS.Timeout;

  constructor(options: ConnectionsOptions, parts: ConnectionsParts) {
    this.#options = options;
    this.limits = options;
    this.largeRequests = new LargeRequests(options.largeRequests);
    this.facade = parts.facade;
    this.readOnly = parts.readOnly;
    this.stats = parts.stats;
    this.clock = parts.clock;
    this.logger = parts.logger;
    this.rules = parts.rules;
    this.zxidOffset = parts.zxidOffset;
    this.reconfigError = parts.reconfigError;
    this.enforcedSchemes = parts.enforcedSchemes;
    this.fourLetterWord = (opening) => parts.fourLetterWord(opening);
    this.#sweeper = setInterval(() => this.#sweep(), CONNECTION_TICK_MS);
    this.#sweeper.unref();
  }

  get size(): number {
    return this.#connections.size;
  }

  get requestsOutstanding(): number {
    return this.#outstanding;
  }

  all(): IterableIterator<Connection> {
    return this.#connections.values();
  }

  /** Takes a socket that somebody opened, or closes it when there are too many. */
  accept(socket: Socket): void {
    const { perAddressMax, connectionsMax } = this.#options;
    const address = socket.remoteAddress ?? "";
    const count = this.#perAddress.get(address) ?? 0;
    const isTooMany = connectionsMax > 0 && this.#connections.size >= connectionsMax;
    if (isTooMany || (perAddressMax > 0 && count >= perAddressMax)) {
      this.stats.metrics.counters.connection_rejected.inc();
      this.logger.warn("too many connections", {
        client: address,
        connections: isTooMany ? this.#connections.size : count,
      });
      socket.destroy();
      return;
    }
    this.#perAddress.set(address, count + 1);
    socket.once("close", () => this.#forgetAddress(address));
    this.#connections.add(new Connection(this, socket));
  }

  /** Ends the connections of all who asked for a session: what they were told of this server holds no more. */
  sendAway(): void {
    for (const connection of [...this.#connections]) if (connection.hasAsked) connection.sendAway();
  }

  close(): void {
    clearInterval(this.#sweeper);
    for (const connection of [...this.#connections]) connection.close();
  }

  // ConnectionHost

  hasRoom(connection: Connection): boolean {
    if (this.#outstanding < this.#options.requestsOutstandingMax) return true;
    this.#throttled.add(connection);
    return false;
  }

  outstanding(delta: number): void {
    this.#outstanding += delta;
    if (this.#throttled.size === 0 || this.#outstanding >= this.#options.requestsOutstandingMax) return;
    const waiting = [...this.#throttled];
    this.#throttled.clear();
    queueMicrotask(() => {
      for (const connection of waiting) connection.resume();
    });
  }

  closed(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    this.#throttled.delete(connection);
  }

  #forgetAddress(address: string): void {
    const count = this.#perAddress.get(address)! - 1;
    if (count === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, count);
  }

  /** Closes what was opened and then said nothing. */
  #sweep(): void {
    const nowMs = this.clock.wallMs();
    for (const connection of this.#connections) {
      if (connection.hasSession || connection.isFinishing) continue;
      if (nowMs - connection.establishedMs < this.#options.sessionlessTimeoutMs) continue;
      this.stats.metrics.counters.sessionless_connections_expired.inc();
      connection.close();
    }
  }
}

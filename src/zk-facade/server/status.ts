import type { WatchTable } from "../watches/watch-table.ts";
import type { ConnectionStats, ServerStats } from "./server-stats.ts";

/**
 * What a running facade tells about itself, for one root: all that four-letter words, AdminServer and metrics show. Each
 * member is asked when somebody wants to see it, so it may cost as much as its answer is long, but none may wait.
 */
export interface FacadeStatus {
  readonly stats: ServerStats;
  /** Settings and the port that was really taken. */
  readonly settings: ServerSettings;
  readonly watches: WatchStatus;

  serving(): Serving;
  /** The last zxid of the tree, as on the wire. */
  lastZxid(): number;
  tree(): TreeSize;
  /** Requests that have come and are not answered yet, of all connections. */
  outstandingRequests(): number;
  /** All that are open, those without a session included. */
  connections(): Iterable<ConnectionStatus>;
  connectionCount(): number;
  sessions(): Iterable<SessionStatus>;
  sessionCount(): number;
  localSessionCount(): number;
  /** Sessions that own ephemerals, with full paths. */
  ephemerals(): Iterable<readonly [sessionId: bigint, paths: Iterable<string>]>;
  /** Every znode on which a quota stands. */
  quotas(): Iterable<QuotaStatus>;
  /** What the store has on disk; 0 where it is on another machine. */
  disk(): DiskSize;
  /** Of this process; 0 where the system does not tell. */
  files(): OpenFiles;
}

/** "readOnly": reads only, since the store is lost. "no": the tree is not loaded yet, or the facade is closing. */
export type Serving = "yes" | "readOnly" | "no";

export interface TreeSize {
  /** Reserved ones included, as ZooKeeper counts. */
  readonly znodes: number;
  readonly ephemerals: number;
  /** The lengths of all paths and all data. */
  readonly dataBytes: number;
}

export interface DiskSize {
  readonly dataBytes: number;
  readonly logBytes: number;
}

export interface OpenFiles {
  readonly open: number;
  readonly limit: number;
}

/** What `conf` prints besides what is on disk. */
export interface ServerSettings {
  /** `3.9.5-…, built on …`: `server/version.ts` writes it. */
  readonly version: string;
  /** As it listens: the real port where 0 was asked for. */
  readonly clientPort: number;
  /** -1: none. */
  readonly secureClientPort: number;
  readonly dataDir: string;
  readonly dataLogDir: string;
  readonly tickTimeMs: number;
  readonly maxClientConnections: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  /** -1: the system's. */
  readonly listenBacklog: number;
  readonly serverId: number;
  /** The configuration file as it was read; null without one. */
  readonly configText: string | null;
}

/** One open connection: a line of `cons`. */
export interface ConnectionStatus {
  readonly stats: ConnectionStats;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly isSecure: boolean;
  /** 0n: it has none, or not yet. */
  readonly sessionId: bigint;
  /** As negotiated; without a meaning when there is no session. */
  readonly sessionTimeoutMs: number;
  /** Milliseconds since the Unix epoch. */
  readonly establishedMs: number;
  /** When it is closed if it stays silent, in milliseconds since the Unix epoch. */
  readonly expiresMs: number;
  readonly outstandingRequests: number;
  /** False while the server reads no further from it: it throttles, or this is a four-letter word. */
  readonly isReading: boolean;
  /** True while output waits for the socket. */
  readonly isWriting: boolean;
}

export interface SessionStatus {
  readonly sessionId: bigint;
  readonly timeoutMs: number;
  /** When it ends if its client stays silent, in milliseconds since the Unix epoch. */
  readonly expiresMs: number;
}

/** Limits below 0 are none. */
export interface QuotaStatus {
  readonly path: string;
  /** Hard limits where they are set, as ZooKeeper shows them, else the soft ones. */
  readonly countLimit: number;
  readonly bytesLimit: number;
  readonly usedCount: number;
  readonly usedBytes: number;
}

/** The watches on data and existence, which are those that ZooKeeper lists; only `total` counts those on children, too. */
export interface WatchStatus {
  /** Connections, paths, and pairs of both. */
  counts(): { readonly connections: number; readonly paths: number; readonly watches: number };
  total(): number;
  /** The watcher is a session's id. */
  byConnection(): Iterable<{ readonly watcher: bigint; readonly paths: Iterable<string> }>;
  byPath(): Iterable<{ readonly path: string; readonly watchers: readonly bigint[] }>;
}

/** Reads a watch table; `sessionIdOf` says whose connection a watcher is. */
export function watchStatusOf<W extends object>(
  table: WatchTable<W>,
  sessionIdOf: (watcher: W) => bigint,
): WatchStatus {
  return {
    counts: () => table.counts,
    total: () => table.watchCount,
    *byConnection() {
      for (const { watcher, paths } of table.byConnection()) yield { watcher: sessionIdOf(watcher), paths };
    },
    *byPath() {
      for (const { path, watchers } of table.byPath()) yield { path, watchers: watchers.map(sessionIdOf) };
    },
  };
}

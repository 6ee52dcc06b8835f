import type { Clock } from "../../etcd/base/clock.ts";
import type { Logger } from "../../etcd/base/logger.ts";
import type { AuthRules } from "../acl/authentication.ts";
import type { ZkErrorCode } from "../errors.ts";
import type { TimeoutBounds } from "../session/timeout.ts";
import type { ChunkPool } from "../wire/chunk-pool.ts";
import type { ChildrenLists } from "./children-lists.ts";
import type { Connection } from "./connection.ts";
import type { Facade } from "./facade.ts";
import type { FetchLine } from "./fetch-line.ts";
import type { LargeRequests } from "./large-requests.ts";
import type { ReadOnlyMode } from "./read-only-mode.ts";
import type { ServerStats } from "./server-stats.ts";

export interface ConnectionLimits {
  readonly frameBytesMax: number;
  readonly timeouts: TimeoutBounds;
  /** Requests of one connection that may wait for their replies. */
  readonly outstandingMax: number;
  /** A connection without a session has so long to get one, or to read what it is told last. */
  readonly sessionlessTimeoutMs: number;
}

/** What a connection asks of the server that it is one of. */
export interface ConnectionHost {
  readonly facade: Facade;
  /** Null: this server has no such mode. */
  readonly readOnly: ReadOnlyMode | null;
  readonly limits: ConnectionLimits;
  readonly stats: ServerStats;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly rules: AuthRules;
  readonly chunks: ChunkPool;
  readonly children: ChildrenLists;
  readonly fetches: FetchLine;
  readonly largeRequests: LargeRequests;
  /** Clients must prove who they are, by one of these schemes, before they ask for anything; null: they need not. */
  readonly enforcedSchemes: readonly string[] | null;
  /** What reconfig is answered. */
  readonly reconfigError: ZkErrorCode;
  /** What zxids on the wire are above revisions. */
  readonly zxidOffset: number;
  /** The answer to a four-letter word; null when the bytes are none, "more" when the word takes more of them. */
  fourLetterWord(opening: Buffer): { text(): string } | "more" | null;
  /** Whether more requests may be taken; if not, `connection` is called by `resume()` when there is room again. */
  hasRoom(connection: Connection): boolean;
  /** Requests that came (1) or were answered (-1). */
  outstanding(delta: number): void;
  closed(connection: Connection): void;
}

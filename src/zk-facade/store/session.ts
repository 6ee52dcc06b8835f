import type { ExpiryEntry } from "../session/expiry-queue.ts";
import type { SessionRecord } from "../session/session-record.ts";
import type { WritingSession } from "./write-pipeline.ts";

/** The connection that a session is attached to here. */
export interface SessionHolder {
  /** The session is over, or goes on somewhere else, or its lease cannot be renewed: the connection is of no use any more. */
  sessionLost(reason: "expired" | "closed" | "moved" | "unrenewed"): void;
}

/** A session as one facade knows it. */
export class Session implements WritingSession {
  readonly id: bigint;
  readonly key: Uint8Array;
  /** mod_revision of its key, which guards its writes; 0 when it is over. */
  keyRevision: number;
  record: SessionRecord;
  /** This facade answers for its time. */
  isOwn: boolean;
  holder: SessionHolder | null = null;
  /** Its end is under way: nothing more is written for it. */
  isClosing = false;
  /** It ends because its client was silent, not by its wish. */
  hasExpired = false;
  needsFence = false;
  writesUnderWay = 0;
  /** Where its time is kept; null when another facade does that, or nobody any more. */
  expiry: ExpiryEntry<Session> | null = null;
  /** Of its lease; 0: not known yet. */
  ttlSeconds = 0;
  /** When its last renewal was asked for, or since when it is kept here. */
  renewedMs = 0;
  /** A renewal is under way, or waits for its turn. */
  isRenewing = false;

  constructor(id: bigint, key: Uint8Array, keyRevision: number, record: SessionRecord, isOwn: boolean) {
    this.id = id;
    this.key = key;
    this.keyRevision = keyRevision;
    this.record = record;
    this.isOwn = isOwn;
  }

  get timeoutMs(): number {
    return this.record.timeoutMs;
  }

  /** Whether a connection here may hold it. */
  get standing(): "here" | "elsewhere" | "over" {
    if (this.keyRevision === 0 || this.isClosing) return "over";
    return this.isOwn ? "here" : "elsewhere";
  }
}

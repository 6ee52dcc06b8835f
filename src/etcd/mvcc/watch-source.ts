import type { KeyValue } from "../wire/mvccpb.ts";

/**
 * What the watch hub asks of the store: a port. It is read between writes only, never within one.
 */
export interface WatchSource {
  /** The revision of the last write that is complete; the hub has been told of it. */
  readonly currentRevision: number;
  /** Below this revision history is gone. At it, history still stands. -1 before the first compaction. */
  readonly compactRevision: number;

  /**
   * Visits each change with fromMain <= main < toMainExclusive, in the order of (main, sub), until the visit returns
   * false. `kvBytes` is the stored mvccpb.KeyValue (of a tombstone: with the key only) and borrowed: valid during the
   * visit. The visit does not read the store.
   */
  scanRevisions(
    fromMain: number,
    toMainExclusive: number,
    visit: (main: number, sub: number, tombstone: boolean, kvBytes: Uint8Array) => boolean,
  ): void;

  /** The key as it was at this revision; null if it did not exist, or if that revision is compacted. */
  valueAt(key: Uint8Array, revision: number): KeyValue | null;
}

/**
 * One change of a write that was just applied. The hub keeps it and hands it to every watcher, so nobody may alter it
 * afterwards, and its bytes must be its own.
 */
export interface WatchChange {
  /** mvccpb.Event.EventType: PUT or DELETE. */
  readonly type: number;
  /** Of a PUT the whole pair; of a DELETE the key and the mod_revision. */
  readonly kv: KeyValue;
  /** The pair before this write, if the store knows it already; null if there was none. Absent: the hub asks. */
  readonly prevKv?: KeyValue | null;
}

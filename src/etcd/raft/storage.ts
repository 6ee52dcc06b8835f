import type { ConfState, Entry, HardState, Snapshot } from "../wire/raftpb.ts";

/**
 * What a node has saved, as Raft reads it back: a port. Raft never writes to it; the owner of the node saves what each
 * Ready carries, and then answers from it.
 *
 *   | compacted, inside the snapshot | first ... last |   unstable: in the node, not here yet
 *
 * Entries are immutable once stored; the arrays returned are the caller's to keep.
 */
export interface Storage {
  /** What the last run left: term, vote and commit index, and the configuration as of the snapshot. */
  initialState(): { readonly hardState: HardState; readonly confState: ConfState };

  /**
   * Entries [lo, hi), cut where they would pass `bytesMax` but at least one; null if `lo` has been compacted.
   * An index above the last one breaks an invariant.
   */
  entries(lo: number, hi: number, bytesMax: number): Entry[] | null;

  /** The term of one entry, also of the one just below the first; null if it is compacted or not there yet. */
  term(index: number): number | null;

  /** The first index that `entries` can still give; one above the snapshot. */
  firstIndex(): number;
  lastIndex(): number;

  /** The newest snapshot; null while it is being prepared, then Raft asks again later. */
  snapshot(): Snapshot | null;
}

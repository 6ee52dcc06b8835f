import type { Entry, HardState, SnapshotMetadata } from "../wire/raftpb.ts";

/** Why a save failed. Not retryable: the log accepts nothing more, and the member must stop. */
export interface FailedSave extends Error {
  readonly retryable?: boolean;
}

/**
 * The durable log behind Raft, a port: etcd's WAL on disk (`storage/wal.ts`), or memory in tests.
 * What `save` got is on disk, flushed, when its promise resolves; saves complete in the order of the calls.
 */
export interface RaftLog {
  /** Appends entries (a lower or equal index replaces the tail) and the hard state when it is given. */
  save(hardState: HardState | null, entries: readonly Entry[]): Promise<void>;
  /** Marks that the store holds everything up to this index, durably; the log is then a candidate for truncation. */
  saveSnapshot(metadata: SnapshotMetadata): Promise<void>;
  /** Drops whole segments that hold nothing above this index. */
  release(index: number): Promise<void>;
  close(): Promise<void>;
}

/** What a log holds when it is opened. */
export interface RecoveredLog {
  readonly log: RaftLog;
  readonly memberId: bigint;
  readonly clusterId: bigint;
  readonly hardState: HardState;
  /** The newest snapshot mark whose index is not above the commit index. */
  readonly snapshot: SnapshotMetadata;
  /** Entries above the snapshot mark, in order, without gaps. */
  readonly entries: Entry[];
}

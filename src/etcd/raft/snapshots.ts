import { newConfState, newSnapshotMetadata } from "../wire/raftpb.ts";
import type { ConfState, Snapshot, SnapshotMetadata } from "../wire/raftpb.ts";

/** Metadata is always there in etcd's messages; a foreign sender may leave it out, which reads as zero. */
export function metadataOf(snapshot: Snapshot): SnapshotMetadata {
  return snapshot.metadata ?? newSnapshotMetadata();
}

export function confStateOf(snapshot: Snapshot): ConfState {
  return snapshot.metadata?.confState ?? newConfState();
}

/** Index zero is before every entry: such a snapshot holds nothing. */
export function isEmptySnapshot(snapshot: Snapshot): boolean {
  return metadataOf(snapshot).index === 0;
}

import type { Entry, HardState, Message, Snapshot } from "../wire/raftpb.ts";
import type { ReadState } from "./read-only.ts";

/** follower and leader as in the paper; a pre-candidate asks whether it could win before it raises its term. */
export type Role = "follower" | "preCandidate" | "candidate" | "leader";

export const roleNames: Record<Role, string> = {
  follower: "StateFollower",
  preCandidate: "StatePreCandidate",
  candidate: "StateCandidate",
  leader: "StateLeader",
};

/** What need not survive a crash. */
export interface SoftState {
  /** The leader of the term, or NONE. */
  readonly lead: bigint;
  readonly role: Role;
}

/**
 * Work that a node asks its owner to do. In this order, unless storage writes are asynchronous:
 * 1. save hardState, entries and snapshot; if `mustSync`, wait until they are flushed,
 * 2. send the messages, apply the snapshot, then the committed entries (a ConfChange entry through applyConfChange),
 * 3. call advance.
 *
 * With asynchronous storage writes the first two steps are messages to LOCAL_APPEND_THREAD and LOCAL_APPLY_THREAD; their
 * `responses` are delivered when the work is done, and advance is not called.
 *
 * Arrays are the owner's to keep; entries in them must not be changed.
 */
export interface Ready {
  /** Null if nothing changed. */
  readonly softState: SoftState | null;
  /** Null if nothing changed. */
  readonly hardState: HardState | null;
  readonly readStates: ReadState[];
  readonly entries: Entry[];
  readonly snapshot: Snapshot | null;
  readonly committedEntries: Entry[];
  readonly messages: Message[];
  /** Term, vote or log changed: the save must be on disk before the messages leave. */
  readonly mustSync: boolean;
}

export function isEmptyHardState(state: HardState): boolean {
  return state.term === 0 && state.vote === 0n && state.commit === 0;
}

import { ConfChangeType } from "../wire/raftpb.ts";
import type { ConfChangeSingle, ConfState } from "../wire/raftpb.ts";
import { InvariantError } from "../base/assert.ts";
import { ConfChangeError } from "./errors.ts";
import { byId } from "./ids.ts";
import { Progress } from "./progress.ts";
import type { ProgressMap } from "./progress.ts";
import { JointConfig } from "./quorum/joint-config.ts";
import { MajorityConfig } from "./quorum/majority-config.ts";
import type { ClusterConfig, ProgressTracker } from "./tracker.ts";

/** A configuration together with the progress of exactly its members. */
export interface Membership {
  readonly config: ClusterConfig;
  readonly progress: ProgressMap;
}

/**
 * Computes the configuration that follows the present one. Nothing changes until the caller adopts the result;
 * a change that may not follow throws ConfChangeError.
 */
export class Changer {
  readonly #tracker: ProgressTracker;
  readonly #lastIndex: number;

  constructor(tracker: ProgressTracker, lastIndex: number) {
    this.#tracker = tracker;
    this.#lastIndex = lastIndex;
  }

  /** (1 2 3) to (1 2 3 4): at most one voter comes or goes, so that old and new majorities must overlap. */
  simple(changes: readonly ConfChangeSingle[]): Membership {
    const draft = this.#draft();
    if (isJoint(draft)) throw new ConfChangeError("can't apply simple config change in joint config");
    this.#apply(draft, changes);
    if (symmetricDifference(this.#tracker.config.voters.incoming.voters, draft.incoming) > 1) {
      throw new ConfChangeError("more than one voter changed without entering joint config");
    }
    return seal(draft);
  }

  /** (1 2 3) to (4 5)&&(1 2 3): the changes apply to the incoming half, the outgoing half keeps the old voters. */
  enterJoint(autoLeave: boolean, changes: readonly ConfChangeSingle[]): Membership {
    const draft = this.#draft();
    if (isJoint(draft)) throw new ConfChangeError("config is already joint");
    if (draft.incoming.size === 0) throw new ConfChangeError("can't make a zero-voter config joint");
    draft.outgoing = new Set(draft.incoming);
    this.#apply(draft, changes);
    draft.autoLeave = autoLeave;
    return seal(draft);
  }

  /** (4 5)&&(1 2 3) to (4 5): the outgoing half goes, and voters of it that were demoted become learners. */
  leaveJoint(): Membership {
    const draft = this.#draft();
    if (!isJoint(draft)) throw new ConfChangeError("can't leave a non-joint config");
    for (const id of draft.learnersNext) {
      draft.learners.add(id);
      draft.progress.get(id)!.isLearner = true;
    }
    draft.learnersNext.clear();
    for (const id of draft.outgoing) {
      if (!draft.incoming.has(id) && !draft.learners.has(id)) draft.progress.delete(id);
    }
    draft.outgoing.clear();
    draft.autoLeave = false;
    return seal(draft);
  }

  #draft(): Draft {
    const { config, progress } = this.#tracker;
    const draft: Draft = {
      incoming: new Set(config.voters.incoming.voters),
      outgoing: new Set(config.voters.outgoing.voters),
      learners: new Set(config.learners.voters),
      learnersNext: new Set(config.learnersNext.voters),
      autoLeave: config.autoLeave,
      // The role changes on the copies; the appends under way stay those of the present progress.
      progress: new Map([...progress].map(([id, member]) => [id, member.copy()])),
    };
    checkInvariants(draft);
    return draft;
  }

  #apply(draft: Draft, changes: readonly ConfChangeSingle[]): void {
    for (const { type, nodeId } of changes) {
      // etcd writes id zero over a change that it decided, downstream of Raft, not to make.
      if (nodeId === 0n) continue;
      switch (type) {
        case ConfChangeType.ConfChangeAddNode:
          this.#makeVoter(draft, nodeId);
          break;
        case ConfChangeType.ConfChangeAddLearnerNode:
          this.#makeLearner(draft, nodeId);
          break;
        case ConfChangeType.ConfChangeRemoveNode:
          remove(draft, nodeId);
          break;
        case ConfChangeType.ConfChangeUpdateNode:
          break;
        default:
          throw new ConfChangeError(`unexpected conf type ${type}`);
      }
    }
    if (draft.incoming.size === 0) throw new ConfChangeError("removed all voters");
  }

  #makeVoter(draft: Draft, id: bigint): void {
    const member = draft.progress.get(id);
    if (member === undefined) {
      this.#add(draft, id, false);
      return;
    }
    member.isLearner = false;
    draft.learners.delete(id);
    draft.learnersNext.delete(id);
    draft.incoming.add(id);
  }

  #makeLearner(draft: Draft, id: bigint): void {
    const member = draft.progress.get(id);
    if (member === undefined) {
      this.#add(draft, id, true);
      return;
    }
    if (member.isLearner) return;
    remove(draft, id);
    draft.progress.set(id, member);
    // A voter of the outgoing half cannot be a learner at the same time: that waits until the half is left.
    if (draft.outgoing.has(id)) {
      draft.learnersNext.add(id);
    } else {
      member.isLearner = true;
      draft.learners.add(id);
    }
  }

  #add(draft: Draft, id: bigint, isLearner: boolean): void {
    (isLearner ? draft.learners : draft.incoming).add(id);
    draft.progress.set(
      id,
      new Progress({
        match: 0,
        next: Math.max(this.#lastIndex, 1),
        inflights: this.#tracker.newInflights(),
        isLearner,
        // Otherwise a quorum check could depose the leader before the new member had a chance to speak.
        recentActive: true,
      }),
    );
  }
}

/**
 * The membership that a ConfState describes, built up from nothing: for a joint one first the outgoing voters, then the
 * step into the joint configuration.
 */
export function restoreMembership(tracker: ProgressTracker, lastIndex: number, state: ConfState): Membership {
  const scratch = tracker.emptied();
  const adopt = (membership: Membership) => scratch.switchTo(membership.config, membership.progress);
  const change = (type: number) => (nodeId: bigint) => ({ type, nodeId });

  const incoming = [
    ...state.votersOutgoing.map(change(ConfChangeType.ConfChangeRemoveNode)),
    ...state.voters.map(change(ConfChangeType.ConfChangeAddNode)),
    ...state.learners.map(change(ConfChangeType.ConfChangeAddLearnerNode)),
    ...state.learnersNext.map(change(ConfChangeType.ConfChangeAddLearnerNode)),
  ];
  if (state.votersOutgoing.length === 0) {
    for (const single of incoming) adopt(new Changer(scratch, lastIndex).simple([single]));
  } else {
    for (const single of state.votersOutgoing.map(change(ConfChangeType.ConfChangeAddNode))) {
      adopt(new Changer(scratch, lastIndex).simple([single]));
    }
    adopt(new Changer(scratch, lastIndex).enterJoint(state.autoLeave, incoming));
  }
  return { config: scratch.config, progress: scratch.progress };
}

/** Throws when the two do not describe the same configuration; the order of ids does not matter. */
export function assertEquivalent(left: ConfState, right: ConfState): void {
  const [wanted, got] = [canonical(left), canonical(right)];
  if (wanted !== got) throw new InvariantError(`ConfStates not equivalent after sorting:\n${wanted}\n${got}`);
}

function canonical(state: ConfState): string {
  const sorted = (ids: readonly bigint[]) => `[${[...ids].sort(byId).join(" ")}]`;
  return (
    `Voters:${sorted(state.voters)} VotersOutgoing:${sorted(state.votersOutgoing)} ` +
    `Learners:${sorted(state.learners)} LearnersNext:${sorted(state.learnersNext)} AutoLeave:${state.autoLeave}`
  );
}

/** A configuration while it is being changed. */
interface Draft {
  readonly incoming: Set<bigint>;
  outgoing: Set<bigint>;
  readonly learners: Set<bigint>;
  readonly learnersNext: Set<bigint>;
  autoLeave: boolean;
  readonly progress: Map<bigint, Progress>;
}

function isJoint(draft: Draft): boolean {
  return draft.outgoing.size > 0;
}

/** Takes the member out of the incoming half and the learners; a voter of the outgoing half is still tracked. */
function remove(draft: Draft, id: bigint): void {
  if (!draft.progress.has(id)) return;
  draft.incoming.delete(id);
  draft.learners.delete(id);
  draft.learnersNext.delete(id);
  if (!draft.outgoing.has(id)) draft.progress.delete(id);
}

function seal(draft: Draft): Membership {
  checkInvariants(draft);
  return {
    config: {
      voters: new JointConfig(new MajorityConfig(draft.incoming), new MajorityConfig(draft.outgoing)),
      learners: new MajorityConfig(draft.learners),
      learnersNext: new MajorityConfig(draft.learnersNext),
      autoLeave: draft.autoLeave,
    },
    progress: draft.progress,
  };
}

function checkInvariants(draft: Draft): void {
  for (const ids of [draft.incoming, draft.outgoing, draft.learners, draft.learnersNext]) {
    for (const id of ids) if (!draft.progress.has(id)) throw new ConfChangeError(`no progress for ${id}`);
  }
  for (const id of draft.learnersNext) {
    if (!draft.outgoing.has(id)) throw new ConfChangeError(`${id} is in LearnersNext, but not Voters[1]`);
    if (draft.progress.get(id)!.isLearner) {
      throw new ConfChangeError(`${id} is in LearnersNext, but is already marked as learner`);
    }
  }
  for (const id of draft.learners) {
    if (draft.outgoing.has(id)) throw new ConfChangeError(`${id} is in Learners and Voters[1]`);
    if (draft.incoming.has(id)) throw new ConfChangeError(`${id} is in Learners and Voters[0]`);
    if (!draft.progress.get(id)!.isLearner) {
      throw new ConfChangeError(`${id} is in Learners, but is not marked as learner`);
    }
  }
  if (isJoint(draft)) return;
  if (draft.learnersNext.size > 0) throw new ConfChangeError("cfg.LearnersNext must be nil when not joint");
  if (draft.autoLeave) throw new ConfChangeError("AutoLeave must be false when not joint");
}

function symmetricDifference(left: readonly bigint[], right: ReadonlySet<bigint>): number {
  const common = left.filter((id) => right.has(id)).length;
  return left.length - common + right.size - common;
}

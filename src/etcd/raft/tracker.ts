import type { ConfState } from "../wire/raftpb.ts";
import { byId } from "./ids.ts";
import { Inflights } from "./inflights.ts";
import { Progress } from "./progress.ts";
import type { ProgressMap } from "./progress.ts";
import { JointConfig } from "./quorum/joint-config.ts";
import { MajorityConfig } from "./quorum/majority-config.ts";
import type { AckedIndexes } from "./quorum/majority-config.ts";
import type { VoteResult } from "./quorum/vote-result.ts";

/**
 * Who belongs to the cluster, and how. Immutable.
 * Invariant: learners are in neither half of the voters; learnersNext are voters of the outgoing half that become
 * learners when the joint configuration is left.
 */
export interface ClusterConfig {
  readonly voters: JointConfig;
  readonly learners: MajorityConfig;
  readonly learnersNext: MajorityConfig;
  /** The leader leaves the joint configuration by itself, as soon as the change that entered it is applied. */
  readonly autoLeave: boolean;
}

export const emptyClusterConfig: ClusterConfig = {
  voters: new JointConfig(new MajorityConfig(), new MajorityConfig()),
  learners: new MajorityConfig(),
  learnersNext: new MajorityConfig(),
  autoLeave: false,
};

export function describeClusterConfig(config: ClusterConfig): string {
  let text = `voters=${config.voters.toString()}`;
  if (config.learners.size > 0) text += ` learners=${config.learners.toString()}`;
  if (config.learnersNext.size > 0) text += ` learners_next=${config.learnersNext.toString()}`;
  if (config.autoLeave) text += " autoleave";
  return text;
}

export interface InflightLimits {
  readonly countMax: number;
  readonly bytesMax: number;
}

/** The present configuration, what is known of each member's log, and the votes of the running election. */
export class ProgressTracker implements AckedIndexes {
  readonly #limits: InflightLimits;
  #config: ClusterConfig = emptyClusterConfig;
  #progress = new Map<bigint, Progress>();
  #votes = new Map<bigint, boolean>();

  constructor(limits: InflightLimits) {
    this.#limits = limits;
  }

  get config(): ClusterConfig {
    return this.#config;
  }

  get progress(): ProgressMap {
    return this.#progress;
  }

  switchTo(config: ClusterConfig, progress: ProgressMap): void {
    this.#config = config;
    this.#progress = new Map([...progress].sort(([left], [right]) => byId(left, right)));
  }

  /** A tracker of nobody, with the same limits. */
  emptied(): ProgressTracker {
    return new ProgressTracker(this.#limits);
  }

  newInflights(): Inflights {
    return new Inflights(this.#limits);
  }

  /** Forgets what is known of the members' logs: a new term begins. */
  resetProgress(lastIndex: number, self: bigint): void {
    for (const [id, member] of this.#progress) {
      this.#progress.set(
        id,
        new Progress({
          match: id === self ? lastIndex : 0,
          next: lastIndex + 1,
          inflights: this.newInflights(),
          isLearner: member.isLearner,
          recentActive: false,
        }),
      );
    }
  }

  confState(): ConfState {
    return {
      voters: [...this.#config.voters.incoming.voters],
      learners: [...this.#config.learners.voters],
      votersOutgoing: [...this.#config.voters.outgoing.voters],
      learnersNext: [...this.#config.learnersNext.voters],
      autoLeave: this.#config.autoLeave,
    };
  }

  get isSingleton(): boolean {
    return this.#config.voters.incoming.size === 1 && !this.#config.voters.isJoint;
  }

  ackedIndex(id: bigint): number | undefined {
    return this.#progress.get(id)?.match;
  }

  /** The highest index that a quorum is known to hold. */
  committedIndex(): number {
    return this.#config.voters.committedIndex(this);
  }

  /** A quorum of voters was heard of since the last check. */
  isQuorumActive(): boolean {
    const active = new Map<bigint, boolean>();
    for (const [id, member] of this.#progress) if (!member.isLearner) active.set(id, member.recentActive);
    return this.#config.voters.voteResult(active) === "VoteWon";
  }

  resetVotes(): void {
    this.#votes = new Map();
  }

  /** A voter's first word counts; a doubled message cannot change it. */
  recordVote(id: bigint, granted: boolean): void {
    if (!this.#votes.has(id)) this.#votes.set(id, granted);
  }

  tallyVotes(): { readonly granted: number; readonly rejected: number; readonly result: VoteResult } {
    let granted = 0;
    let rejected = 0;
    for (const [id, member] of this.#progress) {
      const vote = member.isLearner ? undefined : this.#votes.get(id);
      if (vote === true) granted += 1;
      if (vote === false) rejected += 1;
    }
    return { granted, rejected, result: this.#config.voters.voteResult(this.#votes) };
  }
}

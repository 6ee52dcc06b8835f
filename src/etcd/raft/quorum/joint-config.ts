import { MajorityConfig } from "./majority-config.ts";
import type { AckedIndexes } from "./majority-config.ts";
import type { VoteResult } from "./vote-result.ts";

/**
 * Two majorities that must both agree, while one set of voters gives way to another (Raft thesis, 4.3). Immutable.
 * Outside of such a change the outgoing half is empty and the incoming half decides alone.
 */
export class JointConfig {
  readonly incoming: MajorityConfig;
  readonly outgoing: MajorityConfig;

  constructor(incoming: MajorityConfig, outgoing: MajorityConfig) {
    this.incoming = incoming;
    this.outgoing = outgoing;
  }

  get isJoint(): boolean {
    return this.outgoing.size > 0;
  }

  has(id: bigint): boolean {
    return this.incoming.has(id) || this.outgoing.has(id);
  }

  /** The voters of both halves, ascending. */
  ids(): readonly bigint[] {
    return this.isJoint ? this.#union().voters : this.incoming.voters;
  }

  committedIndex(acked: AckedIndexes): number {
    return Math.min(this.incoming.committedIndex(acked), this.outgoing.committedIndex(acked));
  }

  voteResult(votes: ReadonlyMap<bigint, boolean>): VoteResult {
    const incoming = this.incoming.voteResult(votes);
    const outgoing = this.outgoing.voteResult(votes);
    if (incoming === outgoing) return incoming;
    return incoming === "VoteLost" || outgoing === "VoteLost" ? "VoteLost" : "VotePending";
  }

  describe(acked: AckedIndexes): string {
    return this.#union().describe(acked);
  }

  toString(): string {
    return this.isJoint ? `${this.incoming.toString()}&&${this.outgoing.toString()}` : this.incoming.toString();
  }

  #union(): MajorityConfig {
    return new MajorityConfig([...this.incoming.voters, ...this.outgoing.voters]);
  }
}

import type { ConfState } from "../wire/raftpb.ts";

/** Whether this member leads, since which term, and whether it needs anybody else for that. */
export class Leadership {
  readonly #memberId: bigint;
  #isLeader = false;
  #isSoleVoter = false;
  #term = 0;
  #changesSeen = 0;

  constructor(memberId: bigint) {
    this.#memberId = memberId;
  }

  get isLeader(): boolean {
    return this.#isLeader;
  }

  get isSoleVoter(): boolean {
    return this.#isSoleVoter;
  }

  /** The last term that this member led and applied the first entry of; 0 before any. */
  get term(): number {
    return this.#term;
  }

  /** How often this member saw a leader come. */
  get changesSeen(): number {
    return this.#changesSeen;
  }

  /** What Raft says. Returns whether it is news. */
  set(isLeader: boolean): boolean {
    const isNews = this.#isLeader !== isLeader;
    this.#isLeader = isLeader;
    return isNews;
  }

  configured({ voters }: Pick<ConfState, "voters">): void {
    this.#isSoleVoter = voters.length === 1 && voters[0] === this.#memberId;
  }

  /** The empty entry of this leader's term is applied, and everything before it. */
  begin(term: number): void {
    this.#term = term;
    this.#changesSeen++;
  }

  /** Whether a linearizable read may run at once on a state of this term: nobody else can have led since. */
  holdsReadsAt(appliedTerm: number): boolean {
    return this.#isSoleVoter && this.#isLeader && this.#term === appliedTerm;
  }
}

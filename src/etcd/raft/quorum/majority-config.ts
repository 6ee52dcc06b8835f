import { byId } from "../ids.ts";
import type { VoteResult } from "./vote-result.ts";

/** The index up to which a voter acknowledged, or undefined if it has not been heard of. */
export interface AckedIndexes {
  ackedIndex(id: bigint): number | undefined;
}

/**
 * A set of voters that decides by majority. Immutable.
 *
 * The empty set agrees to everything (its committed index is infinite, its votes are won), so that a joint configuration
 * whose second half is empty behaves like its first half.
 */
export class MajorityConfig {
  /** Ascending, without repetition. */
  readonly voters: readonly bigint[];

  constructor(voters: Iterable<bigint> = []) {
    this.voters = [...new Set(voters)].sort(byId);
  }

  get size(): number {
    return this.voters.length;
  }

  has(id: bigint): boolean {
    return this.voters.includes(id);
  }

  /** The highest index that a majority has acknowledged. A voter that has not been heard of counts as zero. */
  committedIndex(acked: AckedIndexes): number {
    const voters = this.voters;
    if (voters.length === 0) return Number.POSITIVE_INFINITY;
    if (voters.length === 1) return acked.ackedIndex(voters[0]!) ?? 0;
    const indexes = voters.map((id) => acked.ackedIndex(id) ?? 0).sort((left, right) => left - right);
    return indexes[indexes.length - this.#quorum()]!;
  }

  voteResult(votes: ReadonlyMap<bigint, boolean>): VoteResult {
    if (this.voters.length === 0) return "VoteWon";
    let granted = 0;
    let missing = 0;
    for (const id of this.voters) {
      const vote = votes.get(id);
      if (vote === undefined) missing += 1;
      else if (vote) granted += 1;
    }
    if (granted >= this.#quorum()) return "VoteWon";
    return granted + missing >= this.#quorum() ? "VotePending" : "VoteLost";
  }

  /**
   * A small chart, one line per voter: the more x, the more voters are behind it. Of voters with the same index only
   * the first shows it.
   *
   *           idx
   *   x>      100    (id=1)
   *   xxx>    101    (id=2)
   *   >       100    (id=3)
   *   ?         0    (id=4)      not heard of
   */
  describe(acked: AckedIndexes): string {
    if (this.voters.length === 0) return "<empty majority quorum>";
    const width = this.voters.length;
    const indexes = this.voters.map((id) => acked.ackedIndex(id) ?? 0);
    let text = `${" ".repeat(width)}    idx\n`;
    for (const [position, id] of this.voters.entries()) {
      const index = indexes[position]!;
      const isFirst = indexes.indexOf(index) === position;
      const behind = isFirst ? indexes.filter((other) => other < index).length : 0;
      const heardOf = acked.ackedIndex(id) !== undefined;
      const bar = heardOf ? `${"x".repeat(behind)}>${" ".repeat(width - behind)}` : `?${" ".repeat(width)}`;
      text += `${bar} ${describeIndex(index).padStart(5)}    (id=${id})\n`;
    }
    return text;
  }

  toString(): string {
    return `(${this.voters.join(" ")})`;
  }

  #quorum(): number {
    return Math.floor(this.voters.length / 2) + 1;
  }
}

export function describeIndex(index: number): string {
  return index === Number.POSITIVE_INFINITY ? "∞" : index.toString();
}

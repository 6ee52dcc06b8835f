import { InvariantError } from "../base/assert.ts";
import type { Inflights } from "./inflights.ts";

/**
 * How the leader sends to a follower.
 * - probe: where the follower's log ends is not known; one append at a time, until one is accepted
 * - replicate: appends are sent ahead of their acknowledgements, up to the limits of `inflights`
 * - snapshot: the entries it needs are compacted; nothing is sent until the snapshot arrived or failed
 */
export type ProgressState = "probe" | "replicate" | "snapshot";

const stateNames: Record<ProgressState, string> = {
  probe: "StateProbe",
  replicate: "StateReplicate",
  snapshot: "StateSnapshot",
};

export interface ProgressInit {
  readonly match: number;
  readonly next: number;
  readonly inflights: Inflights;
  readonly isLearner: boolean;
  readonly recentActive: boolean;
}

/**
 * What the leader knows of one member's log.
 *
 *   1 ... match | match+1 ... next-1 | next ...
 *   the same    | under way          | not sent
 *
 * Invariant: 0 <= match < next. In state snapshot next is pendingSnapshot + 1.
 */
export class Progress {
  #match: number;
  #next: number;
  #state: ProgressState = "probe";
  #sentCommit = 0;
  #pendingSnapshot = 0;
  readonly inflights: Inflights;
  isLearner: boolean;
  /** The member was heard of since the last quorum check. Always true of the leader itself. */
  recentActive: boolean;
  /** No append is sent until a heartbeat is answered: a probe is under way, or `inflights` is full. */
  isFlowPaused = false;

  constructor(init: ProgressInit) {
    this.#match = init.match;
    this.#next = init.next;
    this.inflights = init.inflights;
    this.isLearner = init.isLearner;
    this.recentActive = init.recentActive;
  }

  /** The highest index up to which the member's log is known to equal the leader's. */
  get match(): number {
    return this.#match;
  }

  /** The index of the next entry to send. */
  get next(): number {
    return this.#next;
  }

  get state(): ProgressState {
    return this.#state;
  }

  /** In state snapshot, the index of the snapshot that was sent; otherwise 0. */
  get pendingSnapshot(): number {
    return this.#pendingSnapshot;
  }

  /** A copy with its own role and flags; the appends under way are shared unless `inflights` is given. */
  copy(inflights: Inflights = this.inflights): Progress {
    const copy = new Progress({
      match: this.#match,
      next: this.#next,
      inflights,
      isLearner: this.isLearner,
      recentActive: this.recentActive,
    });
    copy.#state = this.#state;
    copy.#sentCommit = this.#sentCommit;
    copy.#pendingSnapshot = this.#pendingSnapshot;
    copy.isFlowPaused = this.isFlowPaused;
    return copy;
  }

  becomeProbe(): void {
    // After a snapshot was delivered, begin behind it, although the member has not acknowledged it yet.
    const next = this.#state === "snapshot" ? Math.max(this.#match, this.#pendingSnapshot) + 1 : this.#match + 1;
    this.#enter("probe");
    this.#next = next;
    this.#regressSentCommit();
  }

  becomeReplicate(): void {
    this.#enter("replicate");
    this.#next = this.#match + 1;
  }

  becomeSnapshot(index: number): void {
    this.#enter("snapshot");
    this.#pendingSnapshot = index;
    this.#next = index + 1;
    this.#sentCommit = index;
  }

  /** The snapshot did not arrive: probe from where the member was known to be. */
  snapshotFailed(): void {
    this.#pendingSnapshot = 0;
    this.becomeProbe();
  }

  /** An append with this many entries, this many bytes of payload, has been sent from `next` on. */
  sentEntries(count: number, bytes: number): void {
    switch (this.#state) {
      case "replicate":
        if (count > 0) {
          this.#next += count;
          this.inflights.add(this.#next - 1, bytes);
        }
        this.isFlowPaused = this.inflights.isFull;
        return;
      case "probe":
        if (count > 0) this.isFlowPaused = true;
        return;
      case "snapshot":
        throw new InvariantError(`sending append in unhandled state ${stateNames[this.#state]}`);
    }
  }

  /** Sending this commit index now could move the member's commit index. */
  canBumpCommit(index: number): boolean {
    return index > this.#sentCommit && this.#sentCommit < this.#next - 1;
  }

  sentCommit(index: number): void {
    this.#sentCommit = index;
  }

  /** The member acknowledged this index. False if that is old news. */
  maybeUpdate(index: number): boolean {
    if (index <= this.#match) return false;
    this.#match = index;
    this.#next = Math.max(this.#next, index + 1);
    this.isFlowPaused = false;
    return true;
  }

  /**
   * The member rejected an append that followed index `rejected`, and hints that it may match up to `matchHint`.
   * False if the rejection is stale: messages may be reordered or doubled.
   */
  maybeDecreaseTo(rejected: number, matchHint: number): boolean {
    if (this.#state === "replicate") {
      if (rejected <= this.#match) return false;
      this.#next = this.#match + 1;
      this.#regressSentCommit();
      return true;
    }
    // While probing, one append is under way: a rejection of any other is stale.
    if (this.#next - 1 !== rejected) return false;
    this.#next = Math.max(Math.min(rejected, matchHint + 1), this.#match + 1);
    this.#regressSentCommit();
    this.isFlowPaused = false;
    return true;
  }

  get isPaused(): boolean {
    return this.#state === "snapshot" || this.isFlowPaused;
  }

  toString(): string {
    let text = `${stateNames[this.#state]} match=${this.#match} next=${this.#next}`;
    if (this.isLearner) text += " learner";
    if (this.isPaused) text += " paused";
    if (this.#pendingSnapshot > 0) text += ` pendingSnap=${this.#pendingSnapshot}`;
    if (!this.recentActive) text += " inactive";
    if (this.inflights.count > 0) text += ` inflight=${this.inflights.count}${this.inflights.isFull ? "[full]" : ""}`;
    return text;
  }

  get stateName(): string {
    return stateNames[this.#state];
  }

  #enter(state: ProgressState): void {
    this.isFlowPaused = false;
    this.#pendingSnapshot = 0;
    this.#state = state;
    this.inflights.reset();
  }

  /** What was sent beyond `next` has probably not been applied. */
  #regressSentCommit(): void {
    this.#sentCommit = Math.min(this.#sentCommit, this.#next - 1);
  }
}

/** Every member's progress, in the order of the ids. */
export type ProgressMap = ReadonlyMap<bigint, Progress>;

/** One line per member. */
export function describeProgress(progress: ProgressMap): string {
  let text = "";
  for (const [id, member] of progress) text += `${id}: ${member.toString()}\n`;
  return text;
}

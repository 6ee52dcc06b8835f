import { assert } from "../base/assert.ts";
import { type KeyValueHash, KvHasher } from "./kv-hasher.ts";
import { mainOf, revisionKey, subOf } from "./revision.ts";
import { RevisionSet } from "./revision-set.ts";
import type { StoreState } from "./store-state.ts";

export const scheduledCompactKey = new TextEncoder().encode("scheduledCompactRev");
export const finishedCompactKey = new TextEncoder().encode("finishedCompactRev");

export interface CompactionStats {
  readonly revision: number;
  /** Keys of the index that were looked at. */
  readonly keysVisited: number;
  /** Pairs that were removed from the backend: what etcd calls keys compacted. */
  readonly pairsDeleted: number;
  /** The hash of the history up to the revision, once the job is done. */
  readonly hash: KeyValueHash | null;
}

/**
 * One compaction, in slices: first the index forgets, and says what stays; then all pairs up to the revision are
 * scanned, and those that do not stay are deleted. Readers are not disturbed, as nobody may read below the revision since
 * the job was scheduled. Writes may happen between the slices: they are newer than all that is touched.
 *
 * The backend should commit after each slice, as etcd does. Not for safety - a job that a crash interrupts is resumed
 * when the store opens - but so that deletes do not pile up.
 */
export class CompactionJob {
  readonly revision: number;
  readonly #store: StoreState;
  readonly #isWhole: boolean;
  readonly #kept = new RevisionSet();
  readonly #hasher: KvHasher;
  #nextKey: string | null = "";
  #nextPair = revisionKey(0, 0);
  readonly #end: Uint8Array;
  #keysVisited = 0;
  #pairsDeleted = 0;
  #isDone = false;

  /**
   * @param previous the compact revision before this one
   * @param isWhole whether the compaction before this one is done; only then other members can agree with its hash
   */
  constructor(store: StoreState, revision: number, previous: number, isWhole: boolean) {
    this.revision = revision;
    this.#store = store;
    this.#isWhole = isWhole;
    this.#hasher = new KvHasher(previous, revision, this.#kept);
    this.#end = revisionKey(revision + 1, 0);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  get stats(): CompactionStats {
    return {
      revision: this.revision,
      keysVisited: this.#keysVisited,
      pairsDeleted: this.#pairsDeleted,
      hash: this.#isDone ? this.#hasher.result() : null,
    };
  }

  /**
   * Does a slice of the work, of about `budget` keys or pairs (etcd's compaction batch limit: 1000). A job that was
   * scheduled earlier and is not done goes first, whoever asks.
   *
   * @returns whether this job is done; then its mark is written
   */
  step(budget: number): boolean {
    if (this.#isDone) return true;
    const head = this.#store.compactions[0]!;
    if (head !== this) {
      head.step(budget);
      return false;
    }
    if (this.#nextKey === null) this.#deletePairs(budget);
    else this.#compactIndex(this.#nextKey, budget);
    return this.#isDone;
  }

  #compactIndex(from: string, budget: number): void {
    this.#nextKey = this.#store.index.compactSlice(from, this.revision, this.#kept, budget);
    this.#keysVisited += budget;
  }

  #deletePairs(budget: number): void {
    const { backend } = this.#store;
    const doomed: Uint8Array[] = [];
    let left = budget;
    let last: Uint8Array | undefined;
    backend.scan("key", this.#nextPair, this.#end, (key, value) => {
      const main = mainOf(key);
      const sub = subOf(key);
      this.#hasher.add(key, value);
      if (!this.#kept.has(main, sub)) doomed.push(Buffer.from(key));
      if (--left > 0) return true;
      last = revisionKey(main, sub + 1);
      return false;
    });
    for (const key of doomed) backend.delete("key", key);
    this.#pairsDeleted += doomed.length;
    if (last !== undefined) {
      this.#nextPair = last;
      return;
    }
    backend.put("meta", finishedCompactKey, revisionKey(this.revision, 0));
    this.#isDone = true;
    assert(this.#store.compactions.shift() === this, "compactions overtake each other");
    if (this.#isWhole) this.#store.keepHash(this.#hasher.result());
  }
}

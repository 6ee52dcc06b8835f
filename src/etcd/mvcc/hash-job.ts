import { EtcdError } from "../errors.ts";
import { assert } from "../base/assert.ts";
import { type KeyValueHash, KvHasher } from "./kv-hasher.ts";
import { mainOf, revisionKey, subOf } from "./revision.ts";
import { RevisionSet } from "./revision-set.ts";
import type { StoreState } from "./store-state.ts";

/**
 * One HashKV, in slices. Writes may happen between them: they are newer than the revision, and what a key looked like
 * there does not change. A compaction that is scheduled meanwhile does change what the pairs look like, so then the job
 * begins anew; one that is under way when the job begins does not, as what it deletes is left out of the hash.
 */
export class HashJob {
  readonly #store: StoreState;
  readonly #asked: number;
  #run: HashRun | null = null;
  #result: KeyValueHash | null;

  /**
   * @param asked the revision; 0 means the newest
   * @throws EtcdError compacted, futureRevision
   */
  constructor(store: StoreState, asked: number) {
    this.#store = store;
    this.#asked = asked;
    this.#result = store.hashes.find((hash) => hash.revision === asked) ?? null;
    if (this.#result === null) this.#run = this.#begin();
  }

  /**
   * Does a slice of the work, of about `budget` keys or pairs.
   *
   * @returns whether the result is there
   * @throws EtcdError compacted, if that happened meanwhile
   */
  step(budget: number): boolean {
    if (this.#result !== null || this.#run === null) return true;
    if (this.#run.compactRevision !== this.#store.compactRevision) this.#run = this.#begin();
    this.#result = this.#run.step(budget);
    return this.#result !== null;
  }

  /** Once the job is done. */
  get result(): KeyValueHash {
    assert(this.#result !== null, "a hash is asked for before it is computed");
    return this.#result;
  }

  #begin(): HashRun {
    const { currentRevision, compactRevision } = this.#store;
    if (this.#asked > 0 && this.#asked < compactRevision) throw new EtcdError("compacted");
    if (this.#asked > currentRevision) throw new EtcdError("futureRevision");
    return new HashRun(this.#store, compactRevision, this.#asked === 0 ? currentRevision : this.#asked);
  }
}

/** One attempt, under one compact revision. */
class HashRun {
  readonly compactRevision: number;
  readonly revision: number;
  readonly #store: StoreState;
  readonly #kept = new RevisionSet();
  readonly #hasher: KvHasher;
  #nextKey: string | null = "";
  #nextPair = revisionKey(0, 0);
  readonly #end: Uint8Array;

  constructor(store: StoreState, compactRevision: number, revision: number) {
    this.#store = store;
    this.compactRevision = compactRevision;
    this.revision = revision;
    this.#hasher = new KvHasher(compactRevision, revision, this.#kept);
    this.#end = revisionKey(Math.max(revision, 0) + 1, 0);
  }

  step(budget: number): KeyValueHash | null {
    if (this.#nextKey !== null) {
      this.#nextKey = this.#store.index.keepSlice(this.#nextKey, this, this.#kept, budget);
      return null;
    }
    let left = budget;
    let last: Uint8Array | undefined;
    this.#store.backend.scan("key", this.#nextPair, this.#end, (key, value) => {
      this.#hasher.add(key, value);
      if (--left > 0) return true;
      last = revisionKey(mainOf(key), subOf(key) + 1);
      return false;
    });
    if (last === undefined) return this.#hasher.result();
    this.#nextPair = last;
    return null;
  }
}

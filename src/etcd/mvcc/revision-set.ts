const mainsPerShard = 65536;

/**
 * A set of revisions, up to one for each key of the store. Two nested levels of plain number sets: no object per
 * revision, and a set that grows is never one of a million entries that is rehashed at one go.
 */
export class RevisionSet {
  readonly #shards = new Map<number, Set<number>>();
  #size = 0;
  // Both fillers and readers move through nearby revisions, so the last shard is nearly always the next one.
  #lastNumber = -1;
  #lastShard: Set<number> | undefined;

  get size(): number {
    return this.#size;
  }

  add(main: number, sub: number): void {
    const number = Math.floor(main / mainsPerShard);
    let shard = this.#shard(number);
    if (shard === undefined) {
      shard = new Set();
      this.#shards.set(number, shard);
      this.#lastShard = shard;
    }
    const before = shard.size;
    shard.add(element(main, sub));
    this.#size += shard.size - before;
  }

  has(main: number, sub: number): boolean {
    const shard = this.#shard(Math.floor(main / mainsPerShard));
    return shard?.has(element(main, sub)) ?? false;
  }

  #shard(number: number): Set<number> | undefined {
    if (number !== this.#lastNumber) {
      this.#lastNumber = number;
      this.#lastShard = this.#shards.get(number);
    }
    return this.#lastShard;
  }
}

/** Small for the usual sub 0, so that the engine keeps it unboxed; exact up to sub 2^37. */
function element(main: number, sub: number): number {
  return sub * mainsPerShard + (main % mainsPerShard);
}

import type { BucketName } from "../mvcc/backend.ts";

/** Node's own short cuts past `toString` and `write`, which its types leave out. */
interface Latin1 {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
}

const { latin1Slice } = Buffer.prototype as unknown as Latin1;

/** A key as text, one char per byte: a Map finds it, and `<` on it is byte order. */
export function textOf(key: Uint8Array): string {
  return latin1Slice.call(key, 0, key.length);
}

/** The writes of one batch that are not on disk yet: the last word on each key, in order when asked. */
export class WriteBuffer {
  /** How many puts and deletes came in; those that replace each other count too. */
  operations = 0;
  readonly #buckets = new Map<BucketName, BucketWrites>();

  set(bucket: BucketName, key: string, value: Uint8Array | null): void {
    let writes = this.#buckets.get(bucket);
    if (writes === undefined) this.#buckets.set(bucket, (writes = new BucketWrites()));
    writes.set(key, value);
    this.operations++;
  }

  of(bucket: BucketName): BucketWrites | undefined {
    return this.#buckets.get(bucket);
  }

  entries(): IterableIterator<[BucketName, BucketWrites]> {
    return this.#buckets.entries();
  }

  /** Takes in a later batch. */
  absorb(later: WriteBuffer): void {
    for (const [bucket, writes] of later.entries()) {
      for (const [key, value] of writes.values) this.set(bucket, key, value);
    }
  }
}

/** One bucket's writes. A value of null is a delete. */
export class BucketWrites {
  readonly values = new Map<string, Uint8Array | null>();
  readonly #keys: string[] = [];
  #isSorted = true;

  set(key: string, value: Uint8Array | null): void {
    const sizeBefore = this.values.size;
    this.values.set(key, value);
    if (this.values.size === sizeBefore) return;
    const keys = this.#keys;
    // Revisions come in ascending order, so that the usual batch is never sorted.
    if (keys.length > 0 && key < keys[keys.length - 1]!) this.#isSorted = false;
    keys.push(key);
  }

  sortedKeys(): readonly string[] {
    if (!this.#isSorted) {
      this.#keys.sort();
      this.#isSorted = true;
    }
    return this.#keys;
  }
}

interface Run {
  readonly keys: readonly string[];
  readonly values: ReadonlyMap<string, Uint8Array | null>;
  next: number;
  readonly end: number;
}

/**
 * Walks the writes of several batches in key order; of two writes to one key the later batch's counts.
 * Stands on a key from the start; `key` is null behind the last one.
 */
export class OverlayCursor {
  key: Buffer | null = null;
  /** What the batches say of the key: its value, or null for a delete. */
  value: Uint8Array | null = null;
  readonly #runs: Run[];

  /** Null: no batch has a key in start <= key < end. Batches are given oldest first. */
  static open(
    batches: readonly WriteBuffer[],
    bucket: BucketName,
    start: string,
    end: string | null,
  ): OverlayCursor | null {
    const runs: Run[] = [];
    for (const batch of batches) {
      const writes = batch.of(bucket);
      if (writes === undefined) continue;
      const keys = writes.sortedKeys();
      const from = lowerBound(keys, start);
      const to = end === null ? keys.length : lowerBound(keys, end);
      if (from < to) runs.push({ keys, values: writes.values, next: from, end: to });
    }
    return runs.length === 0 ? null : new OverlayCursor(runs);
  }

  private constructor(runs: Run[]) {
    this.#runs = runs;
    this.advance();
  }

  advance(): void {
    let least: string | null = null;
    let newest: Run | null = null;
    for (const run of this.#runs) {
      if (run.next === run.end) continue;
      const key = run.keys[run.next]!;
      if (least !== null && key > least) continue;
      least = key;
      newest = run;
    }
    if (least === null || newest === null) {
      this.key = null;
      return;
    }
    this.key = Buffer.from(least, "latin1");
    this.value = newest.values.get(least)!;
    for (const run of this.#runs) if (run.next < run.end && run.keys[run.next] === least) run.next++;
  }
}

function lowerBound(keys: readonly string[], bound: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

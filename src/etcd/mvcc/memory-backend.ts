import sortedTree from "sorted-btree";
import { assert } from "../base/assert.ts";
import { bucketNames, type Backend, type BucketName, type LentPair, type SortedKeys } from "./backend.ts";
import { keyText } from "./key-text.ts";
import { visitAllByScan, visitKeysByGet } from "./plain-visits.ts";

type Buckets = ReadonlyMap<BucketName, sortedTree.default<string, Uint8Array>>;

/** What was put, or deleted (null), since the last commit. */
interface Pending {
  readonly bucket: BucketName;
  readonly key: string;
  readonly value: Uint8Array | null;
}

export interface MemoryBackendOptions {
  /**
   * Lend every key and value in one buffer that the next call overwrites, so that whoever keeps what is only lent is
   * found out. Off where time is measured.
   */
  readonly strict?: boolean;
}

/**
 * A backend in memory, for tests: two sorted trees for each bucket, one with everything, one with what is committed. A
 * crash is a new backend over the second.
 */
export class MemoryBackend implements Backend {
  readonly #strict: boolean;
  readonly #live: Buckets;
  readonly #durable: Buckets;
  #pending: Pending[] = [];
  #lent: Uint8Array = new Uint8Array(1024);
  #isScanning = false;

  constructor({ strict = true }: MemoryBackendOptions = {}) {
    this.#strict = strict;
    this.#live = emptyBuckets();
    this.#durable = emptyBuckets();
  }

  get(bucket: BucketName, key: Uint8Array): Uint8Array | undefined {
    const value = this.#live.get(bucket)!.get(keyText(key));
    return value === undefined || !this.#strict ? value : this.#lend(value)[0];
  }

  scan(
    bucket: BucketName,
    start: Uint8Array,
    end: Uint8Array | null,
    visit: (key: Uint8Array, value: Uint8Array) => boolean,
  ): void {
    const tree = this.#live.get(bucket)!;
    const from = keyText(start);
    const last = end === null ? tree.maxKey() : keyText(end);
    if (last === undefined || from > last) return;
    this.#isScanning = true;
    try {
      tree.forRange(from, last, end === null, (key, value) => {
        const text = Buffer.from(key, "latin1");
        return visit(...(this.#strict ? this.#lend(text, value) : ([text, value] as [Uint8Array, Uint8Array])))
          ? undefined
          : { break: 0 };
      });
    } finally {
      this.#isScanning = false;
    }
  }

  visitAll(bucket: BucketName, visit: (pair: LentPair) => boolean): void {
    visitAllByScan(this, bucket, visit);
  }

  visitKeys(bucket: BucketName, keys: SortedKeys, visit: (index: number, pair: LentPair) => void): void {
    visitKeysByGet(this, bucket, keys, visit);
  }

  put(bucket: BucketName, key: Uint8Array, value: Uint8Array): void {
    this.#write({ bucket, key: keyText(key), value });
  }

  delete(bucket: BucketName, key: Uint8Array): void {
    this.#write({ bucket, key: keyText(key), value: null });
  }

  get pendingOperations(): number {
    return this.#pending.length;
  }

  commit(): Promise<void> {
    for (const operation of this.#pending) perform(this.#durable, operation);
    this.#pending = [];
    return Promise.resolve();
  }

  /** Keys and values together; in memory nothing else is allocated. */
  sizeBytes(): number {
    let bytes = 0;
    for (const tree of this.#live.values()) {
      tree.forEachPair((key, value) => {
        bytes += key.length + value.length;
      });
    }
    return bytes;
  }

  sizeInUseBytes(): number {
    return this.sizeBytes();
  }

  /** What a process would find that starts after this one crashed: all that was committed, nothing that was not. */
  crash(): MemoryBackend {
    const next = new MemoryBackend({ strict: this.#strict });
    for (const [name, tree] of this.#durable) {
      tree.forEachPair((key, value) => {
        next.#live.get(name)!.set(key, value);
        next.#durable.get(name)!.set(key, value);
      });
    }
    return next;
  }

  #write(operation: Pending): void {
    assert(!this.#isScanning, "a visit writes");
    perform(this.#live, operation);
    this.#pending.push(operation);
  }

  #lend(first: Uint8Array, second: Uint8Array = nothing): [Uint8Array, Uint8Array] {
    const length = first.length + second.length;
    this.#lent.fill(0xdd);
    if (this.#lent.length < length) this.#lent = new Uint8Array(2 * length);
    this.#lent.set(first);
    this.#lent.set(second, first.length);
    return [this.#lent.subarray(0, first.length), this.#lent.subarray(first.length, length)];
  }
}

const nothing = new Uint8Array(0);

function emptyBuckets(): Buckets {
  // The package is CommonJS: its default export is a field of what an ES module imports.
  return new Map(bucketNames.map((name) => [name, new sortedTree.default<string, Uint8Array>(undefined, byText)]));
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function perform(buckets: Buckets, { bucket, key, value }: Pending): void {
  if (value === null) buckets.get(bucket)!.delete(key);
  else buckets.get(bucket)!.set(key, value);
}

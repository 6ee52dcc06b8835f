/** How the backend reads from and writes to an LMDB environment; what is read is borrowed. */
import { rm } from "node:fs/promises";
import type { Transaction } from "lmdb";
import type { Bucket, LmdbEnvironment } from "./lmdb-environment.ts";
import type { WriteBuffer } from "./write-buffer.ts";

export interface Pair {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Walks one bucket's pairs in byte order. A pair is borrowed: valid until the next call to the backend. */
export interface PairCursor {
  /** Null behind the last pair. */
  next(): Pair | null;
  close(): void;
}

/** An environment that snapshots may outlive the use of. */
export class SharedEnvironment {
  readonly lmdb: LmdbEnvironment;
  users = 0;
  #isRetired = false;
  #removal: Promise<void> | null = null;

  constructor(lmdb: LmdbEnvironment) {
    this.lmdb = lmdb;
  }

  release(): void {
    this.users--;
    this.#removeWhenUnused();
  }

  /** The file is replaced: it goes once nobody reads it any more. */
  retire(): void {
    this.#isRetired = true;
    this.#removeWhenUnused();
  }

  /** Resolves when a removal that has begun is over. */
  async settled(): Promise<void> {
    await this.#removal;
  }

  #removeWhenUnused(): void {
    if (this.#isRetired && this.users === 0) this.#removal = this.#remove();
  }

  async #remove(): Promise<void> {
    const { path } = this.lmdb;
    await this.lmdb.close();
    // If this fails the next start tidies up.
    await Promise.allSettled([rm(path), rm(`${path}-lock`)]);
  }
}

export function getBorrowed(store: Bucket, key: Uint8Array): Uint8Array | undefined {
  return store.getBinaryFast(key)?.subarray(0, store.lastSize);
}

export function openRange(
  store: Bucket,
  start: Uint8Array,
  end: Uint8Array | null,
  transaction?: Transaction,
): PairCursor {
  const range = store.getRange({
    start,
    ...(end === null ? {} : { end }),
    ...(transaction === undefined ? {} : { transaction }),
  });
  const iterator = range[Symbol.iterator]() as Iterator<Pair>;
  return {
    next() {
      const step = iterator.next();
      return step.done === true ? null : step.value;
    },
    close: () => void iterator.return?.(),
  };
}

/** One transaction with all the batches, oldest first. */
export async function writeBatches(lmdb: LmdbEnvironment, batches: readonly WriteBuffer[]): Promise<void> {
  await lmdb.root.batch(() => {
    for (const batch of batches) {
      for (const [name, writes] of batch.entries()) {
        const store = lmdb.bucket(name);
        for (const [key, value] of writes.values) {
          if (value === null) void store.remove(key);
          else void store.put(key, value);
        }
      }
    }
  });
}

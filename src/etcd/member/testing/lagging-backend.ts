import type { Backend, BucketName, LentPair, SortedKeys } from "../../mvcc/backend.ts";
import { MemoryBackend } from "../../mvcc/memory-backend.ts";

type Write = readonly [bucket: BucketName, key: Uint8Array, value: Uint8Array | null];

interface Sealed {
  readonly writes: readonly Write[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * A backend in memory, for tests, whose commits reach the disk when the test says so.
 *
 *   durable | sealed batches that wait | open batch
 *           └── crash(n): the first n of them are there, whole, the others never were
 */
export class LaggingBackend implements Backend {
  readonly #live: MemoryBackend;
  readonly #durable: MemoryBackend;
  #open: Write[] = [];
  #sealed: Sealed[] = [];
  #isDead = false;
  /** False: commits wait for `flush`. */
  isPrompt = true;
  /** What every commit rejects with from now on; its batch is kept for the next one, as the port wants it. */
  failure: Error | null = null;

  constructor(durable = new MemoryBackend()) {
    this.#durable = durable;
    this.#live = durable.crash();
  }

  get(bucket: BucketName, key: Uint8Array): Uint8Array | undefined {
    return this.#live.get(bucket, key);
  }

  scan(
    bucket: BucketName,
    start: Uint8Array,
    end: Uint8Array | null,
    visit: (key: Uint8Array, value: Uint8Array) => boolean,
  ): void {
    this.#live.scan(bucket, start, end, visit);
  }

  visitAll(bucket: BucketName, visit: (pair: LentPair) => boolean): void {
    this.#live.visitAll(bucket, visit);
  }

  visitKeys(bucket: BucketName, keys: SortedKeys, visit: (index: number, pair: LentPair) => void): void {
    this.#live.visitKeys(bucket, keys, visit);
  }

  put(bucket: BucketName, key: Uint8Array, value: Uint8Array): void {
    this.#live.put(bucket, key, value);
    this.#open.push([bucket, key.slice(), value]);
  }

  delete(bucket: BucketName, key: Uint8Array): void {
    this.#live.delete(bucket, key);
    this.#open.push([bucket, key.slice(), null]);
  }

  get pendingOperations(): number {
    return this.#open.length;
  }

  async commit(): Promise<void> {
    if (this.#isDead) throw new Error("the process is dead");
    if (this.failure !== null) throw this.failure;
    const writes = this.#open;
    this.#open = [];
    const flushed = new Promise<void>((resolve, reject) => this.#sealed.push({ writes, resolve, reject }));
    if (this.isPrompt) this.flush();
    await flushed;
  }

  sizeBytes(): number {
    return this.#live.sizeBytes();
  }

  sizeInUseBytes(): number {
    return this.#live.sizeInUseBytes();
  }

  /** Commits that wait for their flush. */
  get waiting(): number {
    return this.#sealed.length;
  }

  /** The oldest `batches` of those that wait are on disk now. */
  flush(batches = this.#sealed.length): void {
    for (const { writes, resolve } of this.#sealed.splice(0, batches)) {
      perform(this.#durable, writes);
      resolve();
    }
  }

  /** The process dies. Returns what the next one opens; `batches` that waited made it to the disk in time. */
  crash(batches = 0): LaggingBackend {
    for (const { writes } of this.#sealed.slice(0, batches)) perform(this.#durable, writes);
    this.#isDead = true;
    for (const { reject } of this.#sealed.splice(0)) reject(new Error("the process is dead"));
    return new LaggingBackend(this.#durable);
  }
}

function perform(backend: MemoryBackend, writes: readonly Write[]): void {
  for (const [bucket, key, value] of writes) {
    if (value === null) backend.delete(bucket, key);
    else backend.put(bucket, key, value);
  }
  // In memory a commit is done when the call returns.
  void backend.commit();
}

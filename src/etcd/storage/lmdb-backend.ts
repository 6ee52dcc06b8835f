import { rm } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "../base/assert.ts";
import { type Backend, type BucketName, lentPair, type LentPair, type SortedKeys } from "../mvcc/backend.ts";
import { makePrivateDirectory, syncDirectory } from "./durable-files.ts";
import { StorageError } from "./errors.ts";
import { getBorrowed, openRange, type Pair, type PairCursor, SharedEnvironment, writeBatches } from "./lmdb-access.ts";
import { keyBytesMax, LmdbEnvironment } from "./lmdb-environment.ts";
import { explainFailedCommit } from "./lmdb-failure.ts";
import { LmdbPages } from "./lmdb-pages.ts";
import { adoptGeneration, generationFileName, settleGenerations } from "./store-generations.ts";
import { OverlayCursor, textOf, WriteBuffer } from "./write-buffer.ts";

export interface LmdbBackendOptions {
  /** Promises durability of nothing: a crash of the machine may damage the store. For tests. */
  readonly unsafeNoFsync?: boolean;
  /** Hears how long each commit took, in seconds (etcd_disk_backend_commit_duration_seconds). */
  readonly onCommit?: (seconds: number) => void;
}

/** The store as it stood at one commit, for as long as it is open. It holds on to the pages it reads: close it. */
export interface BackendSnapshot {
  pairs(bucket: BucketName): PairCursor;
  /** May be called twice. */
  close(): void;
}

/** Opens the store in the directory, or starts an empty one there. */
export async function openLmdbBackend(directory: string, options: LmdbBackendOptions = {}): Promise<LmdbBackend> {
  await makePrivateDirectory(directory);
  const generation = await settleGenerations(directory);
  const unsafeNoFsync = options.unsafeNoFsync ?? false;
  if (generation !== null) {
    const path = join(directory, generationFileName(generation));
    return new LmdbBackend(directory, options, generation, await LmdbEnvironment.openExisting(path, { unsafeNoFsync }));
  }
  // Under its name only when it is complete: a file without a format would be refused next time.
  const unfinished = join(directory, "new.tmp");
  await LmdbEnvironment.create(unfinished).close();
  await adoptGeneration(unfinished, directory, 1);
  const path = join(directory, generationFileName(1));
  return new LmdbBackend(directory, options, 1, await LmdbEnvironment.openExisting(path, { unsafeNoFsync }));
}

/**
 * The store on LMDB: `<generation>.mdb` with one named database per bucket.
 *
 *   put, delete → open batch → commit(): sealed batch → one LMDB transaction, flushed
 *   get, scan   ← open batch ← sealed batches         ← LMDB
 *
 * A sealed batch stays readable until its transaction is flushed, so what a reader sees never steps back. A commit that
 * finds the disk full rejects with a retryable `StorageError` and keeps its batch: it stays readable, and the next
 * commit takes it along. After any other failure nothing more is committed.
 *
 * A defragmentation writes the next generation beside the current one and takes it over; the name of the new file is
 * the moment at which it counts.
 */
export class LmdbBackend implements Backend {
  readonly #directory: string;
  readonly #options: LmdbBackendOptions;
  #generation: number;
  #environment: SharedEnvironment;
  readonly #retired: SharedEnvironment[] = [];
  #open = new WriteBuffer();
  /** Oldest first. */
  #sealed: WriteBuffer[] = [];
  /** All batches that a read must look at, oldest first: the sealed ones and the open one. */
  #overlay: readonly WriteBuffer[] = [this.#open];
  /** Commits and defragmentations, one after the other. */
  #jobs: Promise<void> = Promise.resolve();
  /** A commit that has not started yet; it will take whatever is sealed by then. */
  #nextCommit: Promise<void> | null = null;
  #failure: StorageError | null = null;
  #sizes: { readonly allocatedBytes: number; readonly inUseBytes: number } | null = null;
  /** The pair that a scan stands on. It lies in buffers that the binding's next read overwrites. */
  #lent: Pair | null = null;
  #isClosed = false;

  constructor(directory: string, options: LmdbBackendOptions, generation: number, environment: LmdbEnvironment) {
    this.#directory = directory;
    this.#options = options;
    this.#generation = generation;
    this.#environment = new SharedEnvironment(environment);
  }

  get(bucket: BucketName, key: Uint8Array): Uint8Array | undefined {
    if (key.length === 0 || key.length > keyBytesMax) return undefined;
    const buffered = this.#bufferedValue(bucket, key);
    if (buffered !== undefined) return buffered ?? undefined;
    const store = this.#environment.lmdb.bucket(bucket);
    if (this.#lent === null) return getBorrowed(store, key);
    return this.#keepingLent(() => {
      const value = getBorrowed(store, key);
      return value === undefined ? undefined : Buffer.from(value);
    });
  }

  scan(
    bucket: BucketName,
    start: Uint8Array,
    end: Uint8Array | null,
    visit: (key: Uint8Array, value: Uint8Array) => boolean,
  ): void {
    assert(start.length <= keyBytesMax && (end === null || end.length <= keyBytesMax), "a bound of a scan is too long");
    if (end !== null && Buffer.compare(start, end) >= 0) return;
    if (this.#lent === null) this.#scan(bucket, start, end, visit);
    else this.#keepingLent(() => this.#scan(bucket, start, end, visit));
  }

  visitAll(bucket: BucketName, visit: (pair: LentPair) => boolean): void {
    if (this.#isBuffered(bucket)) this.scan(bucket, noBytes, null, (key, value) => visit(lentPair(key, value)));
    else this.#fromPages((pages) => pages.visitAll(bucket, visit));
  }

  visitKeys(bucket: BucketName, keys: SortedKeys, visit: (index: number, pair: LentPair) => void): void {
    if (!this.#isBuffered(bucket)) {
      this.#fromPages((pages) => pages.visitKeys(bucket, keys, visit));
      return;
    }
    const { committed, indexes } = this.#visitBuffered(bucket, keys, visit);
    this.#fromPages((pages) => pages.visitKeys(bucket, committed, (i, pair) => visit(indexes[i]!, pair)));
  }

  put(bucket: BucketName, key: Uint8Array, value: Uint8Array): void {
    this.#write(bucket, key, value);
  }

  delete(bucket: BucketName, key: Uint8Array): void {
    this.#write(bucket, key, null);
  }

  get pendingOperations(): number {
    return this.#open.operations;
  }

  commit(): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#open.operations > 0) {
      this.#sealed.push(this.#open);
      this.#open = new WriteBuffer();
      this.#overlay = [...this.#sealed, this.#open];
    }
    this.#nextCommit ??= this.#enqueue(() => {
      this.#nextCommit = null;
      return this.#commitSealed();
    });
    return this.#nextCommit;
  }

  sizeBytes(): number {
    return this.#measure().allocatedBytes;
  }

  sizeInUseBytes(): number {
    return this.#measure().inUseBytes;
  }

  /** What is committed, held still. For a state that includes the open batch, commit first. */
  snapshot(): BackendSnapshot {
    const environment = this.#environment;
    const { root } = environment.lmdb;
    root.resetReadTxn();
    const transaction = root.useReadTransaction();
    environment.users++;
    let isOpen = true;
    return {
      pairs(bucket) {
        assert(isOpen, "the snapshot is open");
        return openRange(environment.lmdb.bucket(bucket), new Uint8Array(0), null, transaction);
      },
      close() {
        if (!isOpen) return;
        isOpen = false;
        transaction.done();
        environment.release();
      },
    };
  }

  /**
   * Rewrites the file without its free pages and takes the result over. Reads and writes go on; commits wait. On an
   * error the store is as it was.
   */
  async defragment(): Promise<void> {
    await this.commit();
    await this.#enqueue(() => this.#rewrite());
  }

  /** Drops what is not committed, as a crash would. May be called twice. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#failure ??= new StorageError("backend: closed");
    await this.#jobs;
    for (const old of this.#retired) await old.settled();
    await this.#environment.lmdb.close();
  }

  /** Whether some of the bucket's writes are not in the file yet. */
  #isBuffered(bucket: BucketName): boolean {
    return this.#overlay.some((batch) => batch.of(bucket) !== undefined);
  }

  /** Visits the keys that the batches say something of. Returns the others, and which they were. */
  #visitBuffered(
    bucket: BucketName,
    keys: SortedKeys,
    visit: (index: number, pair: LentPair) => void,
  ): { readonly committed: SortedKeys; readonly indexes: Uint32Array } {
    const { keyBytes, count } = keys;
    const bytes = new Uint8Array(keys.bytes.length);
    const indexes = new Uint32Array(count);
    let others = 0;
    for (let i = 0; i < count; i++) {
      const key = keys.bytes.subarray(i * keyBytes, (i + 1) * keyBytes);
      const value = this.#bufferedValue(bucket, key);
      if (value === undefined) {
        bytes.set(key, others * keyBytes);
        indexes[others++] = i;
      } else if (value !== null) {
        visit(i, lentPair(key, value));
      }
    }
    return { committed: { bytes, keyBytes, count: others }, indexes };
  }

  /** Null: it is deleted. Undefined: the batches say nothing of it. */
  #bufferedValue(bucket: BucketName, key: Uint8Array): Uint8Array | null | undefined {
    let text: string | null = null;
    for (let i = this.#overlay.length - 1; i >= 0; i--) {
      const writes = this.#overlay[i]!.of(bucket);
      if (writes === undefined) continue;
      const value = writes.values.get((text ??= textOf(key)));
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** The open read transaction keeps a commit under way from using pages again. */
  #fromPages<Result>(read: (pages: LmdbPages) => Result): Result {
    const { root, path } = this.#environment.lmdb;
    root.resetReadTxn();
    const transaction = root.useReadTransaction();
    try {
      return LmdbPages.with(path, read);
    } finally {
      transaction.done();
    }
  }

  #write(bucket: BucketName, key: Uint8Array, value: Uint8Array | null): void {
    assert(key.length > 0 && key.length <= keyBytesMax, `a key in bucket ${bucket} has 1 to ${keyBytesMax} bytes`);
    assert(this.#lent === null, "a visit of a scan does not write");
    this.#open.set(bucket, textOf(key), value);
  }

  #scan(bucket: BucketName, start: Uint8Array, end: Uint8Array | null, visit: Visit): void {
    const overlay = OverlayCursor.open(this.#overlay, bucket, textOf(start), end === null ? null : textOf(end));
    const stored = openRange(this.#environment.lmdb.bucket(bucket), start, end);
    try {
      for (let pair = stored.next(); pair !== null; pair = stored.next()) {
        this.#lent = pair;
        if (overlay !== null) {
          if (!visitBefore(overlay, pair.key, visit)) return;
          if (overlay.key?.equals(pair.key) === true) continue;
        }
        if (!visit(pair.key, pair.value)) return;
      }
      this.#lent = null;
      if (overlay !== null) visitBefore(overlay, null, visit);
    } finally {
      this.#lent = null;
      stored.close();
    }
  }

  /** Runs a read from within a visit and gives the visited pair its bytes back. */
  #keepingLent<T>(read: () => T): T {
    const lent = this.#lent!;
    const key = Buffer.from(lent.key);
    const value = Buffer.from(lent.value);
    try {
      return read();
    } finally {
      lent.key.set(key);
      lent.value.set(value);
      this.#lent = lent;
    }
  }

  #enqueue(job: () => Promise<void>): Promise<void> {
    const done = this.#jobs.then(job);
    this.#jobs = done.catch(() => undefined);
    return done;
  }

  /** One LMDB transaction with all that is sealed. */
  async #commitSealed(): Promise<void> {
    const batches = [...this.#sealed];
    if (batches.length === 0) return;
    if (this.#failure !== null) throw this.#failure;
    const startedAt = performance.now();
    const { lmdb } = this.#environment;
    try {
      await writeBatches(lmdb, batches);
    } catch (error) {
      // One batch to look at instead of ever more of them.
      const [first, ...later] = this.#sealed as [WriteBuffer, ...WriteBuffer[]];
      for (const batch of later) first.absorb(batch);
      this.#setSealed([first]);
      const failure = await explainFailedCommit(error, this.#directory);
      if (!failure.retryable) this.#failure = failure;
      throw failure;
    }
    // The reads to come must see the new pages before they stop seeing the batches.
    lmdb.root.resetReadTxn();
    this.#setSealed(this.#sealed.slice(batches.length));
    this.#sizes = null;
    this.#options.onCommit?.((performance.now() - startedAt) / 1000);
  }

  #setSealed(batches: WriteBuffer[]): void {
    this.#sealed = batches;
    this.#overlay = [...batches, this.#open];
  }

  async #rewrite(): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    const old = this.#environment;
    const generation = this.#generation + 1;
    const unfinished = join(this.#directory, "next.tmp");
    const path = join(this.#directory, generationFileName(generation));
    try {
      await rm(unfinished, { force: true });
      await old.lmdb.root.backup(unfinished, true);
      await adoptGeneration(unfinished, this.#directory, generation);
      const unsafeNoFsync = this.#options.unsafeNoFsync ?? false;
      this.#environment = new SharedEnvironment(await LmdbEnvironment.openExisting(path, { unsafeNoFsync }));
    } catch (error) {
      await Promise.all([unfinished, path, `${path}-lock`].map((name) => rm(name, { force: true })));
      await syncDirectory(this.#directory);
      throw new StorageError("backend: defragmentation failed, the store is as it was", {
        cause: error,
        retryable: true,
      });
    }
    this.#generation = generation;
    this.#sizes = null;
    old.retire();
    this.#retired.push(old);
    await old.settled();
  }

  #measure(): { readonly allocatedBytes: number; readonly inUseBytes: number } {
    return (this.#sizes ??= this.#environment.lmdb.sizes());
  }
}

const noBytes = new Uint8Array(0);

type Visit = (key: Uint8Array, value: Uint8Array) => boolean;

/** Visits what the overlay has before the key (null: all). False: the visit has seen enough. */
function visitBefore(overlay: OverlayCursor, key: Uint8Array | null, visit: Visit): boolean {
  while (overlay.key !== null && (key === null || overlay.key.compare(key) < 0)) {
    const { key: at, value } = overlay;
    overlay.advance();
    if (value !== null && !visit(at, value)) return false;
  }
  return true;
}

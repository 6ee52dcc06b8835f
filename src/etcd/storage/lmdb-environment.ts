import { open as openFileHandle } from "node:fs/promises";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { open, type Database, type RootDatabase, type RootDatabaseOptions } from "lmdb";
import { bucketNames, type BucketName } from "../mvcc/backend.ts";
import { CorruptStorageError } from "./errors.ts";

/** LMDB's own limit with its smallest pages; keys of bucket `key` take 18 bytes at most. */
export const keyBytesMax = 1978;

/** The layout of what we keep in LMDB. A file with a higher one was written by a later release. */
export const storeFormat = 1;
const formatDatabase = "bridgekeeper";
const formatKey = "format";

/** etcd's initial map, which is address space only; LMDB grows it when the store does. */
const mapBytes = 10 * 2 ** 30;

type StoreKey = string | Uint8Array;

/** What the binding has but does not declare. */
export interface Bucket extends Database<Uint8Array, StoreKey> {
  /** Bytes of the value that the last get found. */
  readonly lastSize: number;
}

export interface PageCounts {
  readonly pageSize: number;
  readonly lastPageNumber: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

interface EnvironmentStats extends PageCounts {
  readonly root: PageCounts;
  readonly free: PageCounts;
}

/**
 * One LMDB file, open. Keys are bytes, or text with one char per byte; values are bytes. What is read is borrowed: it
 * lies in a buffer of the binding until the next read.
 *
 * `overlappingSync` is off: the binding would otherwise resolve a write before it is flushed, and say nothing at all if
 * the flush fails.
 */
export class LmdbEnvironment {
  readonly path: string;
  readonly root: RootDatabase;
  readonly #buckets = new Map<BucketName, Bucket>();
  readonly #format: Bucket;

  private constructor(path: string, unsafeNoFsync: boolean) {
    this.path = path;
    this.root = open({
      path,
      maxDbs: bucketNames.length + 2,
      mapSize: mapBytes,
      overlappingSync: false,
      eventTurnBatching: false,
      noMemInit: true,
      noSync: unsafeNoFsync,
      ...coding,
    });
    this.#format = this.root.openDB(formatDatabase, coding) as unknown as Bucket;
    for (const name of bucketNames) this.#buckets.set(name, this.root.openDB(name, coding) as unknown as Bucket);
  }

  /** A new file with empty buckets, not flushed: for the caller to flush once it is closed. */
  static create(path: string): LmdbEnvironment {
    const environment = new LmdbEnvironment(path, true);
    environment.#format.putSync(formatKey, Buffer.from(String(storeFormat)));
    return environment;
  }

  /** Throws {@link CorruptStorageError} for a file that is not a store of ours, is newer than we are, or is damaged. */
  static async openExisting(
    path: string,
    { unsafeNoFsync }: { readonly unsafeNoFsync: boolean },
  ): Promise<LmdbEnvironment> {
    await checkLmdbFile(path);
    let environment: LmdbEnvironment;
    try {
      environment = new LmdbEnvironment(path, unsafeNoFsync);
    } catch (error) {
      throw new CorruptStorageError(`${path}: LMDB cannot open it`, { cause: error });
    }
    try {
      environment.#checkFormat();
      return environment;
    } catch (error) {
      await environment.close();
      throw error;
    }
  }

  bucket(name: BucketName): Bucket {
    return this.#buckets.get(name)!;
  }

  /** Bytes up to the highest page ever used, and those of pages that hold something. */
  sizes(): { readonly allocatedBytes: number; readonly inUseBytes: number } {
    const stats = this.root.getStats() as EnvironmentStats;
    const trees: PageCounts[] = [stats, stats.free, this.#format.getStats() as EnvironmentStats];
    for (const bucket of this.#buckets.values()) trees.push(bucket.getStats() as EnvironmentStats);
    const metaPages = 2;
    const usedPages = trees.reduce(
      (sum, tree) => sum + tree.treeBranchPageCount + tree.treeLeafPageCount + tree.overflowPages,
      metaPages,
    );
    const allocatedBytes = (stats.lastPageNumber + 1) * stats.pageSize;
    return { allocatedBytes, inUseBytes: Math.min(allocatedBytes, usedPages * stats.pageSize) };
  }

  async close(): Promise<void> {
    await this.root.close();
  }

  #checkFormat(): void {
    const value = this.#format.getBinary(formatKey);
    const format = value === undefined ? Number.NaN : Number(value.toString("latin1"));
    if (Number.isNaN(format)) throw new CorruptStorageError(`${this.path}: an LMDB file, but no store of Bridgekeeper`);
    if (format > storeFormat) {
      throw new CorruptStorageError(
        `${this.path}: format ${format} was written by a later release; this one reads up to format ${storeFormat}`,
      );
    }
  }
}

/** Node's own short cut past `write`, which its types leave out. */
interface Latin1Buffer extends Buffer {
  latin1Write(text: string, start: number): number;
}

/** How the binding is to treat keys and values: as they are, without a copy on the way out. */
const coding: RootDatabaseOptions = {
  encoder: {
    encode: (value: Uint8Array): Uint8Array => value,
    /** From a range the binding hands over its read buffer and how much of it counts. */
    decode: (bytes: Uint8Array, size?: unknown): Uint8Array =>
      typeof size === "number" ? bytes.subarray(0, size) : bytes,
  },
  keyEncoder: {
    writeKey(key: StoreKey, target: Latin1Buffer, start: number): number {
      if (typeof key === "string") return start + target.latin1Write(key, start);
      target.set(key, start);
      return start + key.length;
    },
    readKey: (source: Buffer, start: number, end: number): Uint8Array => source.subarray(start, end),
  },
};

/**
 * Looks at the two meta pages before LMDB maps the file: a file that is cut short would otherwise kill the process with
 * a bus error on the first touch of a page that is gone.
 *
 *   page := header:24 meta         meta := magic:u32le version:u32le address:8 mapSize:8 free:48 main:48 last:u64le txn:u64le
 */
async function checkLmdbFile(path: string): Promise<void> {
  const { size } = await stat(path);
  const handle = await openFileHandle(path, "r");
  try {
    const first = await readMeta(handle, 0);
    const second = first === null ? null : await readMeta(handle, first.pageSize);
    if (first === null || second === null) throw new CorruptStorageError(`${path}: not an LMDB file, or damaged`);
    const current = second.transaction > first.transaction ? second : first;
    const needed = (current.lastPage + 1) * current.pageSize;
    if (size < needed) {
      throw new CorruptStorageError(`${path}: ${size} bytes long, ${basename(path)} needs ${needed}; it was cut short`);
    }
  } finally {
    await handle.close();
  }
}

interface Meta {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: bigint;
}

async function readMeta(handle: Awaited<ReturnType<typeof openFileHandle>>, position: number): Promise<Meta | null> {
  const bytes = Buffer.alloc(160);
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, position);
  if (bytesRead < bytes.length || bytes.readUInt32LE(24) !== 0xbeefc0de) return null;
  return {
    pageSize: bytes.readUInt32LE(48),
    lastPage: Number(bytes.readBigUInt64LE(144)),
    transaction: bytes.readBigUInt64LE(152),
  };
}

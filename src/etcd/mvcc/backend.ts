/**
 * The store's disk as the core sees it: etcd's ten buckets of byte keys and byte values.
 *
 * Synchronous by design. Reads come from mapped memory overlaid with the writes that are still buffered; writes join the
 * current batch. The member seals a batch with `commit()`, together with the applied index, so after a crash the store
 * stands exactly at some applied index and the log is replayed from there (docs/architecture.md, the life of a write).
 */
export const bucketNames = [
  "key",
  "meta",
  "lease",
  "alarm",
  "auth",
  "authUsers",
  "authRoles",
  "members",
  "members_removed",
  "cluster",
] as const;

export type BucketName = (typeof bucketNames)[number];

/**
 * A pair where it lies, without an object of its own: for those who read millions. It is borrowed as a whole, the object
 * too: valid during the visit only.
 */
export interface LentPair {
  readonly keyBytes: Uint8Array;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueBytes: Uint8Array;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** Keys of one length, one behind the other, in byte order. */
export interface SortedKeys {
  readonly bytes: Uint8Array;
  readonly keyBytes: number;
  readonly count: number;
}

export interface Backend {
  /** The value, borrowed: valid until the next call. Copy it before you keep it. */
  get(bucket: BucketName, key: Uint8Array): Uint8Array | undefined;

  /**
   * Calls `visit` for each pair with start <= key < end in byte order (end null: to the last key) until it returns
   * false. Key and value are borrowed: valid during the visit only. The visit must not write.
   */
  scan(
    bucket: BucketName,
    start: Uint8Array,
    end: Uint8Array | null,
    visit: (key: Uint8Array, value: Uint8Array) => boolean,
  ): void;

  /**
   * Visits all pairs in byte order until the visit returns false, as a scan does, but made for all of millions: nothing is
   * allocated for a pair. The visit must not read or write.
   */
  visitAll(bucket: BucketName, visit: (pair: LentPair) => boolean): void;

  /**
   * Visits those of the keys that exist, in any order, and says which of them it is: made for so many keys that they
   * lie on most pages. The visit must not read or write.
   */
  visitKeys(bucket: BucketName, keys: SortedKeys, visit: (index: number, pair: LentPair) => void): void;

  /** The value becomes the backend's: the caller must not change it afterwards. The key stays the caller's. */
  put(bucket: BucketName, key: Uint8Array, value: Uint8Array): void;
  delete(bucket: BucketName, key: Uint8Array): void;

  /** How many puts and deletes the current batch holds. */
  readonly pendingOperations: number;

  /** Seals the current batch. Resolves when all of it is on disk and flushed; batches commit in order. */
  commit(): Promise<void>;

  /** Bytes allocated on disk, and the part of them that holds live pages. */
  sizeBytes(): number;
  sizeInUseBytes(): number;
}

/** A pair that has arrays of its own. */
export function lentPair(key: Uint8Array, value: Uint8Array): LentPair {
  return {
    keyBytes: key,
    keyStart: 0,
    keyEnd: key.length,
    valueBytes: value,
    valueStart: 0,
    valueEnd: value.length,
  };
}

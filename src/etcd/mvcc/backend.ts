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

import type { SnapshotResponse } from "../wire/etcdserverpb.ts";

/** What a member asks of the store's files beyond the Backend port; implemented in `storage/`. */
export interface Disk {
  /** Rewrites the store without its holes. Nothing may read or write it meanwhile. */
  defragment(): Promise<void>;
  /** The committed store of this moment as etcd's own database file, cut into blobs, its SHA-256 last. */
  snapshot(): AsyncIterable<SnapshotResponse>;
  /** Closes the store and the log. */
  close(): Promise<void>;
}

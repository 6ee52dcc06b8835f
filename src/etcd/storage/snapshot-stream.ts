import { createHash } from "node:crypto";
import { newSnapshotResponse, type SnapshotResponse } from "../wire/etcdserverpb.ts";
import { layOutBoltFile } from "./bolt-writer.ts";
import type { LmdbBackend } from "./lmdb-backend.ts";

const blobBytes = 32 * 1024;

export interface SnapshotStreamOptions {
  readonly signal?: AbortSignal;
}

/**
 * The answer to Maintenance.Snapshot: etcd's own database file of the store in 32 KiB blobs, each with what remains
 * behind it, then the SHA-256 of them all. The state is that of the commit this begins with; writes go on meanwhile.
 * Each message also names the storage version, which a store of 3.5 does not have. Rejects with the signal's reason.
 */
export async function* streamSnapshot(
  backend: LmdbBackend,
  { signal }: SnapshotStreamOptions = {},
): AsyncGenerator<SnapshotResponse> {
  await backend.commit();
  const storageVersion = backend.get("meta", Buffer.from("storageVersion"));
  const version = storageVersion === undefined ? "" : Buffer.from(storageVersion).toString();
  const snapshot = backend.snapshot();
  try {
    const { sizeBytes, pieces } = await layOutBoltFile(snapshot);
    const hash = createHash("sha256");
    let remainingBytes = sizeBytes;
    for await (const blob of inBlobs(pieces)) {
      signal?.throwIfAborted();
      hash.update(blob);
      remainingBytes -= blob.length;
      yield newSnapshotResponse({ remainingBytes, blob, version });
    }
    yield newSnapshotResponse({ remainingBytes: 0, blob: hash.digest(), version });
  } finally {
    snapshot.close();
  }
}

/** Cuts pieces of whole pages into blobs that are all of one size, but for the last. */
async function* inBlobs(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let start = 0;
    for (; start + blobBytes <= bytes.length; start += blobBytes) yield bytes.subarray(start, start + blobBytes);
    rest = bytes.subarray(start);
  }
  if (rest.length > 0) yield rest;
}

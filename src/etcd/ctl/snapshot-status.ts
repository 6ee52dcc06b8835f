/** What a snapshot file holds, by etcd's own measures. */
import { crc32c } from "../base/crc32c.ts";
import { isRevisionKey, isTombstone, mainOf } from "../mvcc/revision.ts";
import { readBoltFile } from "../storage/bolt-reader.ts";
import { decodeKeyValue } from "../wire/mvccpb.ts";
import type { SnapshotStatus } from "./printer.ts";

/**
 * Reads the file twice: first to check it, and to learn the names of buckets that are empty, then for the hash, which
 * runs over each bucket's name and then its pairs. Rejects with a CorruptStorageError, a DecodeError or the file's error.
 */
export async function readSnapshotStatus(path: string): Promise<SnapshotStatus> {
  const { buckets, usedBytes } = await readBoltFile(path, () => undefined);
  const keys = new Set<string>();
  let hash = 0;
  let revision = 0;
  let version = "";
  let next = 0;
  const hashNames = (upTo: number): void => {
    for (; next < upTo; next++) hash = crc32c(Buffer.from(buckets[next]!, "latin1"), hash);
  };
  await readBoltFile(path, (bucket, key, value) => {
    if (buckets[next - 1] !== bucket) hashNames(buckets.indexOf(bucket) + 1);
    hash = crc32c(value, crc32c(key, hash));
    if (bucket === "meta" && key.equals(storageVersionKey)) version = value.toString("utf8");
    if (bucket !== "key") return;
    if (!isRevisionKey(key)) throw new Error(`cannot parse revision key: ${key.toString("hex")}`);
    revision = mainOf(key);
    const name = Buffer.from(decodeKeyValue(value).key).toString("latin1");
    if (isTombstone(key)) keys.delete(name);
    else keys.add(name);
  });
  hashNames(buckets.length);
  return { hash, revision, totalKeys: keys.size, totalBytes: usedBytes, version };
}

const storageVersionKey = Buffer.from("storageVersion");

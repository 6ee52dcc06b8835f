import { crc32c } from "../base/crc32c.ts";
import { bucketNames, type Backend } from "./backend.ts";
import { keyText } from "./key-text.ts";

/** These differ between members that agree on everything else. */
const unhashedMetaKeys = new Set(["consistent_index", "term", "storageVersion"]);

/**
 * The hash of Maintenance.Hash: a CRC-32C over all buckets in the order of their names, for each its name, then every key
 * and value. It walks the whole database at one go, and is for tests only, as etcd's own is.
 */
export function hashAll(backend: Backend): number {
  let hash = 0;
  for (const bucket of [...bucketNames].sort()) {
    hash = crc32c(Buffer.from(bucket, "latin1"), hash);
    backend.scan(bucket, firstKey, null, (key, value) => {
      if (bucket !== "meta" || !unhashedMetaKeys.has(keyText(key))) {
        hash = crc32c(value, crc32c(key, hash));
      }
      return true;
    });
  }
  return hash;
}

const firstKey = new Uint8Array(0);

import { type Backend, type BucketName, lentPair, type LentPair, type SortedKeys } from "./backend.ts";

/** `Backend.visitAll` for a backend that has no quicker way than its scan. */
export function visitAllByScan(
  backend: Pick<Backend, "scan">,
  bucket: BucketName,
  visit: (pair: LentPair) => boolean,
): void {
  backend.scan(bucket, noBytes, null, (key, value) => visit(lentPair(key, value)));
}

/** `Backend.visitKeys` for a backend that has no quicker way than its get. */
export function visitKeysByGet(
  backend: Pick<Backend, "get">,
  bucket: BucketName,
  { bytes, keyBytes, count }: SortedKeys,
  visit: (index: number, pair: LentPair) => void,
): void {
  for (let i = 0; i < count; i++) {
    const key = bytes.subarray(i * keyBytes, (i + 1) * keyBytes);
    const value = backend.get(bucket, key);
    if (value !== undefined) visit(i, lentPair(key, value));
  }
}

const noBytes = new Uint8Array(0);

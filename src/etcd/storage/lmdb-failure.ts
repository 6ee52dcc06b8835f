import { statfs } from "node:fs/promises";
import { isOutOfSpace, StorageError } from "./errors.ts";

/** Says in our words why LMDB refused a commit, and whether it will go on. */
export async function explainFailedCommit(error: unknown, directory: string): Promise<StorageError> {
  const cause = await nativeCause(error);
  if (!(await isForLackOfSpace(cause, directory))) {
    return new StorageError("backend: commit failed, the store accepts nothing more", { cause });
  }
  return new StorageError("backend: no space left for a commit; its batch is kept for the next one", {
    cause: Object.assign(new Error("ENOSPC: no space left on device", { cause }), { code: "ENOSPC" }),
    retryable: true,
  });
}

/** The binding rejects with a general error that carries a promise of the real one. */
async function nativeCause(error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: Promise<never> };
  if (commitError === undefined) return error;
  return commitError.catch((cause: unknown) => cause);
}

const lmdbMapFull = -30792;
const errnoOfFullDisk: ReadonlySet<unknown> = new Set([28, 122, lmdbMapFull]);
const errnoInputOutput = 5;
/** More than any batch needs: with less room than that, a write that came out short means a full disk. */
const roomBytesMin = 64 * 1024 * 1024;

/** LMDB turns a write that came out short, as on a full disk, into an input/output error. */
async function isForLackOfSpace(cause: unknown, directory: string): Promise<boolean> {
  const { code } = cause as { code?: unknown };
  if (errnoOfFullDisk.has(code) || isOutOfSpace(cause)) return true;
  if (code !== errnoInputOutput) return false;
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize < roomBytesMin;
}

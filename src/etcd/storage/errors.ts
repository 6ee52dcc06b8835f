/**
 * What a disk can do to the two stores (the log and the backend). `retryable` is the one thing a caller decides on:
 * a full disk gets space again and the same call then succeeds; after any other failure the page cache may differ from
 * the platter, so nothing more may be promised and the process has to stop.
 */
export class StorageError extends Error {
  override readonly name = "StorageError";
  readonly retryable: boolean;

  constructor(message: string, options: ErrorOptions & { readonly retryable?: boolean } = {}) {
    super(message, options);
    this.retryable = options.retryable ?? false;
  }
}

/** What is on disk is not what was written, or not ours: refused at start, never repaired by guessing. */
export class CorruptStorageError extends Error {
  override readonly name = "CorruptStorageError";
}

const outOfSpaceCodes: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT"]);

/** Whether an error of `node:fs` says that the disk or the quota is full. */
export function isOutOfSpace(error: unknown): boolean {
  return error instanceof Error && outOfSpaceCodes.has((error as NodeJS.ErrnoException).code);
}

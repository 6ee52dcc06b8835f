import type { Clock } from "../base/clock.ts";
import { formatMilliseconds } from "../base/go-duration.ts";
import { humanBytes } from "../base/human-bytes.ts";
import type { Logger } from "../base/logger.ts";
import type { Backend } from "../mvcc/backend.ts";

export interface DefragmentableStore {
  readonly backend: Pick<Backend, "sizeBytes" | "sizeInUseBytes">;
  defragment(): Promise<void>;
}

/**
 * --bootstrap-defrag-threshold-megabytes: defragments the store before anybody uses it, if that frees so much.
 *
 * @param thresholdMegabytes 0: never
 * @returns whether it did
 */
export async function defragmentAtStart(
  { backend, defragment }: DefragmentableStore,
  thresholdMegabytes: number,
  { logger, clock }: { readonly logger: Logger; readonly clock: Clock },
): Promise<boolean> {
  if (thresholdMegabytes === 0) return false;
  const thresholdBytes = thresholdMegabytes * 1024 * 1024;
  const sizeBytes = backend.sizeBytes();
  const inUseBytes = backend.sizeInUseBytes();
  if (sizeBytes - inUseBytes < thresholdBytes) {
    logger.info("Skipping defragmentation", {
      "current-db-size-bytes": sizeBytes,
      "current-db-size": humanBytes(sizeBytes),
      "current-db-size-in-use-bytes": inUseBytes,
      "current-db-size-in-use": humanBytes(inUseBytes),
      // etcd's own name for it in 3.6, of the days before the flag lost its prefix.
      "experimental-bootstrap-defrag-threshold-bytes": thresholdBytes,
      "experimental-bootstrap-defrag-threshold": humanBytes(thresholdBytes),
    });
    return false;
  }
  const begunMs = clock.nowMs();
  await defragment();
  logger.info("finished defragmenting directory", {
    "current-db-size-bytes-diff": backend.sizeBytes() - sizeBytes,
    "current-db-size-bytes": backend.sizeBytes(),
    "current-db-size-in-use-bytes-diff": backend.sizeInUseBytes() - inUseBytes,
    "current-db-size-in-use-bytes": backend.sizeInUseBytes(),
    took: formatMilliseconds(clock.nowMs() - begunMs),
  });
  return true;
}

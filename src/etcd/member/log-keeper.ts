import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import type { MemoryStorage } from "../raft/memory-storage.ts";
import type { ConfState, HardState } from "../wire/raftpb.ts";
import type { RaftLog } from "./log.ts";

export interface LogKeeperOptions {
  /** --snapshot-count: so many entries are applied between two marks. */
  readonly snapshotCount: number;
  /** Entries that stay in memory behind the mark, for a follower that is a little late. */
  readonly snapshotCatchUpEntries: number;
}

export interface LogKeeperParts {
  readonly log: RaftLog;
  readonly storage: MemoryStorage;
  readonly logger: Logger;
  readonly clock: Clock;
  /** A mark was saved and flushed, in so much time. */
  marked(tookMs: number): void;
}

/** Where the state stands on disk. */
export interface Durable {
  readonly index: number;
  readonly confState: ConfState | null;
  readonly hardState: HardState | null;
}

/** Entries kept in memory are for followers; this bounds what large ones may take. */
const CATCH_UP_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Keeps the log short. The store itself is the snapshot: once it is durable up to an index, the log is marked there,
 * whole segments below the mark are released, and memory forgets all but the entries to catch up with.
 */
export class LogKeeper {
  readonly #options: LogKeeperOptions;
  readonly #parts: LogKeeperParts;
  #markedIndex = 0;
  #working = false;

  constructor(options: LogKeeperOptions, parts: LogKeeperParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** The mark that the log was opened with. */
  startAt(index: number): void {
    this.#markedIndex = index;
  }

  isDue(appliedIndex: number): boolean {
    return !this.#working && appliedIndex - this.#markedIndex > this.#options.snapshotCount;
  }

  async keep({ index, confState, hardState }: Durable): Promise<void> {
    const { log, storage, logger, clock, marked } = this.#parts;
    if (this.#working || index <= this.#markedIndex) return;
    const term = storage.term(index);
    if (term === null) return;
    this.#working = true;
    try {
      // A mark counts only up to the commit index that the log itself knows.
      await log.save(hardState, []);
      const begunMs = clock.nowMs();
      await log.saveSnapshot({ index, term, confState });
      marked(clock.nowMs() - begunMs);
      this.#markedIndex = index;
      logger.info("saved snapshot", { "snapshot-index": index });
      storage.createSnapshot(index, confState, new Uint8Array());
      this.#compactMemory(index);
      await log.release(index);
    } finally {
      this.#working = false;
    }
  }

  #compactMemory(index: number): void {
    const { storage, logger } = this.#parts;
    let first = Math.max(storage.firstIndex(), index - this.#options.snapshotCatchUpEntries);
    const kept = first < index ? (storage.entries(first + 1, index + 1, Number.POSITIVE_INFINITY) ?? []) : [];
    let bytes = kept.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
    for (const { data } of kept) {
      if (bytes <= CATCH_UP_BYTES_MAX) break;
      bytes -= data?.length ?? 0;
      first++;
    }
    if (first < storage.firstIndex()) return;
    storage.compact(first);
    logger.info("compacted Raft logs", { "compact-index": first });
  }
}

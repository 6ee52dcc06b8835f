import { formatMilliseconds } from "../base/go-duration.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import type { CompactionJob } from "../mvcc/compaction-job.ts";

export interface CompactionRunnerOptions {
  /** --compaction-batch-limit: keys or pairs a slice. */
  readonly batchLimit: number;
  /** --compaction-sleep-interval, between two slices. */
  readonly sleepIntervalMs: number;
}

export interface CompactionRunnerParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Runs the slice when nobody else uses the store; resolves with its result when it ran. */
  exclusive<Result>(slice: () => Result): Promise<Result>;
  /** A slice took so long. */
  sliced(tookMs: number): void;
  /** A job took so long in all and deleted so many pairs. */
  finished(tookMs: number, pairsDeleted: number): void;
  sizeBytes(): number;
  sizeInUseBytes(): number;
}

/** Works scheduled compactions off in slices, one job after the other, with a pause after each slice. */
export class CompactionRunner {
  readonly #options: CompactionRunnerOptions;
  readonly #parts: CompactionRunnerParts;
  #last: Promise<void> = Promise.resolve();
  #stopping = false;

  constructor(options: CompactionRunnerOptions, parts: CompactionRunnerParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** Resolves when the job is done, its deletes still to be committed, or when the runner stops. */
  run(job: CompactionJob): Promise<void> {
    this.#last = this.#last.then(() => this.#work(job));
    return this.#last;
  }

  /** A job that is not finished is resumed at the next start. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#last;
  }

  async #work(job: CompactionJob): Promise<void> {
    const { clock, exclusive } = this.#parts;
    const begunMs = clock.nowMs();
    while (!job.isDone) {
      if (this.#stopping) return;
      const isDone = await exclusive(() => this.#step(job));
      if (!isDone) await new Promise((resolve) => setTimeout(resolve, this.#options.sleepIntervalMs));
    }
    this.#report(job, clock.nowMs() - begunMs);
  }

  #step(job: CompactionJob): boolean {
    const { clock } = this.#parts;
    const begunMs = clock.nowMs();
    const isDone = job.step(this.#options.batchLimit);
    this.#parts.sliced(clock.nowMs() - begunMs);
    return isDone;
  }

  #report(job: CompactionJob, tookMs: number): void {
    const { pairsDeleted, hash } = job.stats;
    this.#parts.finished(tookMs, pairsDeleted);
    this.#parts.logger.info("finished scheduled compaction", {
      "compact-revision": job.revision,
      took: formatMilliseconds(tookMs),
      "number-of-keys-compacted": pairsDeleted,
      hash: hash?.hash ?? 0,
      "current-db-size-bytes": this.#parts.sizeBytes(),
      "current-db-size-in-use-bytes": this.#parts.sizeInUseBytes(),
    });
  }
}

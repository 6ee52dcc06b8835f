import { EtcdError } from "../errors.ts";
import type { CompactionJob } from "../mvcc/compaction-job.ts";
import { type AutoCompactor, autoCompactor } from "./auto-compactor.ts";
import { CompactionRunner } from "./compaction-runner.ts";
import type { MemberCore } from "./member-core.ts";
import type { Proposer } from "./proposer.ts";
import type { StoreCommits } from "./store-commits.ts";

export interface CompactionsParts {
  readonly proposer: Proposer;
  readonly commits: StoreCommits;
}

/** The compactions of the store: those under way, and those that the schedule asks for. */
export class Compactions {
  readonly #core: MemberCore;
  readonly #proposer: Proposer;
  readonly #runner: CompactionRunner;
  readonly #scheduled = new Map<number, Promise<void>>();
  readonly #autoCompactor: AutoCompactor | null;

  constructor(core: MemberCore, { proposer, commits }: CompactionsParts) {
    const { options, parts } = core;
    const { backend, clock, logger, metrics } = parts;
    this.#core = core;
    this.#proposer = proposer;
    this.#autoCompactor = autoCompactor(options.autoCompaction, clock.nowMs());
    this.#runner = new CompactionRunner(options.compaction, {
      clock,
      logger,
      exclusive: (slice) => commits.slice(slice),
      sliced: (tookMs) => metrics.compactionSliced(tookMs),
      finished: (tookMs, pairsDeleted) => metrics.compactionFinished(tookMs, pairsDeleted, clock.wallMs()),
      sizeBytes: () => backend.sizeBytes(),
      sizeInUseBytes: () => backend.sizeInUseBytes(),
    });
  }

  /** How often `bySchedule` wants to be called, in milliseconds; null: never. */
  get scheduleIntervalMs(): number | null {
    return this.#autoCompactor?.intervalMs ?? null;
  }

  /** Works a scheduled compaction off in the background. */
  run(job: CompactionJob): void {
    const running = this.#runner.run(job);
    this.#scheduled.set(job.revision, running);
    running
      .finally(() => this.#scheduled.delete(job.revision))
      .catch((error: unknown) => {
        this.#core.fail(error);
      });
  }

  /** Resolves when the compaction to this revision is worked off, or the member stops. */
  async finished(revision: number): Promise<void> {
    await this.#scheduled.get(revision);
  }

  /** What is not finished is resumed at the next start. */
  stop(): Promise<void> {
    return this.#runner.stop();
  }

  async bySchedule(): Promise<void> {
    const { parts, replica, leadership } = this.#core;
    const { clock, logger } = parts;
    const compactor = this.#autoCompactor;
    const revision = compactor?.due(clock.nowMs(), replica.store.currentRevision) ?? null;
    if (compactor === null || revision === null || !leadership.isLeader) return;
    try {
      logger.info("starting auto compaction", { revision });
      await this.#proposer.propose("compaction", { revision, physical: false });
      compactor.compacted(clock.nowMs(), revision);
      logger.info("completed auto compaction", { revision });
    } catch (error) {
      // Somebody has compacted further already: as good as done.
      if (error instanceof EtcdError && error.code === "compacted") compactor.compacted(clock.nowMs(), revision);
      else logger.warn("failed auto compaction", { revision, error: String(error) });
    }
  }
}

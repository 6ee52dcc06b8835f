const HOUR_MS = 3_600_000;
const REVISION_INTERVAL_MS = 300_000;
/** How many samples etcd takes of the revision in one interval. */
const SAMPLES_PER_INTERVAL = 10;

/** Decides when to compact and how far; whoever owns it asks in time and proposes what it answers. */
export interface AutoCompactor {
  /** How often `due` wants to be asked, in milliseconds. */
  readonly intervalMs: number;
  /** The revision to compact to now, or null. */
  due(nowMs: number, currentRevision: number): number | null;
  /** The compaction was applied, or somebody had compacted further already. */
  compacted(nowMs: number, revision: number): void;
}

export interface AutoCompactionOptions {
  readonly mode: "periodic" | "revision";
  /** Milliseconds to keep in mode periodic, revisions in mode revision; 0 is off. */
  readonly retention: number;
}

export function autoCompactor({ mode, retention }: AutoCompactionOptions, nowMs: number): AutoCompactor | null {
  if (retention <= 0) return null;
  return mode === "periodic" ? new PeriodicCompactor(retention, nowMs) : new RevisionCompactor(retention);
}

/** Keeps the last N revisions: every five minutes compacts to the current one less N. */
class RevisionCompactor implements AutoCompactor {
  readonly intervalMs = REVISION_INTERVAL_MS;
  readonly #retention: number;
  #last = 0;

  constructor(retention: number) {
    this.#retention = retention;
  }

  due(_nowMs: number, currentRevision: number): number | null {
    const revision = currentRevision - this.#retention;
    return revision > 0 && revision !== this.#last ? revision : null;
  }

  compacted(_nowMs: number, revision: number): void {
    this.#last = revision;
  }
}

/**
 * Keeps the history of one period: samples the revision ten times an interval, an interval being the period or an hour,
 * whichever is shorter, and compacts to the sample that is one period old. The first time after a full period, then
 * once an interval (etcd: server/etcdserver/api/v3compactor/periodic.go).
 */
class PeriodicCompactor implements AutoCompactor {
  readonly intervalMs: number;
  readonly #periodMs: number;
  readonly #samplesMax: number;
  readonly #samples: number[] = [];
  #waitMs: number;
  #lastSuccessMs: number;
  #last = 0;

  constructor(periodMs: number, nowMs: number) {
    this.#periodMs = periodMs;
    this.intervalMs = Math.min(periodMs, HOUR_MS) / SAMPLES_PER_INTERVAL;
    this.#samplesMax = Math.floor(periodMs / this.intervalMs) + 1;
    this.#waitMs = periodMs;
    this.#lastSuccessMs = nowMs;
  }

  due(nowMs: number, currentRevision: number): number | null {
    const oldest = this.#samples[0];
    const isDue = oldest !== undefined && oldest !== this.#last && nowMs - this.#lastSuccessMs >= this.#waitMs;
    this.#samples.push(currentRevision);
    if (this.#samples.length > this.#samplesMax) this.#samples.shift();
    return isDue ? oldest : null;
  }

  compacted(nowMs: number, revision: number): void {
    this.#lastSuccessMs = nowMs;
    this.#last = revision;
    this.#waitMs = Math.min(this.#periodMs, HOUR_MS);
  }
}

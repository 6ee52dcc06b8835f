import type { Lease } from "./lease.ts";

/**
 * Leases whose remaining time is to be checkpointed. The interval is the same for all and time does not go back, so a
 * plain queue is in the order of time by itself. A lease that is scheduled anew leaves a stale entry behind.
 */
export class CheckpointQueue {
  readonly #intervalMs: number;
  #entries: { readonly lease: Lease; readonly dueMs: number }[] = [];
  /** Entries before it are taken already. */
  #head = 0;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** Schedules the lease one interval from now, if it lives longer than that. */
  schedule(lease: Lease, nowMs: number): void {
    if (lease.secondsLeft * 1000 <= this.#intervalMs) return;
    lease.checkpointMs = nowMs + this.#intervalMs;
    this.#entries.push({ lease, dueMs: lease.checkpointMs });
  }

  /** Takes the next lease that is due, undefined if none is. It may be revoked by now; else schedule it anew. */
  take(nowMs: number): Lease | undefined {
    for (;;) {
      const entry = this.#entries[this.#head];
      if (!entry || entry.dueMs > nowMs) return undefined;
      this.#head += 1;
      if (this.#head * 2 >= this.#entries.length) {
        this.#entries = this.#entries.slice(this.#head);
        this.#head = 0;
      }
      if (entry.lease.checkpointMs === entry.dueMs) return entry.lease;
    }
  }

  clear(): void {
    this.#entries = [];
    this.#head = 0;
  }
}

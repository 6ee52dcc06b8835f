import type { Lease } from "./lease.ts";

/**
 * Leases by the time at which each should be looked at: a binary heap whose entries are the leases themselves.
 *
 *   queuedMs:      3            a lease's queuedMs is never after its expiry, and never after those below it.
 *                 / \           A renewal only moves the expiry, so it costs nothing here; the lease is put where it
 *                7   4          belongs when its old time comes.
 */
export class ExpiryQueue {
  #heap: Lease[] = [];

  /** The lease that is to be looked at next. */
  get first(): Lease | undefined {
    return this.#heap[0];
  }

  /** Puts the lease at its expiry: a new one, or one that is in the queue. */
  put(lease: Lease): void {
    if (lease.place < 0) {
      lease.place = this.#heap.length;
      this.#heap.push(lease);
    }
    this.putAt(lease, lease.expiryMs);
  }

  /** Puts a lease of the queue at this time, at most its expiry or the time of a retry. */
  putAt(lease: Lease, timeMs: number): void {
    lease.queuedMs = timeMs;
    this.#rise(lease);
    this.#sink(lease);
  }

  /** Its expiry has changed. Later: nothing to do yet. Earlier: it must not be missed. */
  renewed(lease: Lease): void {
    if (lease.expiryMs < lease.queuedMs) this.putAt(lease, lease.expiryMs);
  }

  remove(lease: Lease): void {
    const { place } = lease;
    if (place < 0) return;
    lease.place = -1;
    const last = this.#heap.pop()!;
    if (last === lease) return;
    this.#heap[place] = last;
    last.place = place;
    this.#rise(last);
    this.#sink(last);
  }

  /** Starts again with these leases, each at its expiry. */
  fill(leases: Iterable<Lease>): void {
    this.clear();
    for (const lease of leases) {
      lease.queuedMs = lease.expiryMs;
      lease.place = this.#heap.length;
      this.#heap.push(lease);
    }
    for (let i = (this.#heap.length >> 1) - 1; i >= 0; i--) this.#sink(this.#heap[i]!);
  }

  clear(): void {
    for (const lease of this.#heap) lease.place = -1;
    this.#heap = [];
  }

  #rise(lease: Lease): void {
    let { place } = lease;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = this.#heap[above]!;
      if (other.queuedMs <= lease.queuedMs) break;
      this.#heap[place] = other;
      other.place = place;
      place = above;
    }
    this.#heap[place] = lease;
    lease.place = place;
  }

  #sink(lease: Lease): void {
    const count = this.#heap.length;
    let { place } = lease;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= count) break;
      if (below + 1 < count && this.#heap[below + 1]!.queuedMs < this.#heap[below]!.queuedMs) below += 1;
      const other = this.#heap[below]!;
      if (other.queuedMs >= lease.queuedMs) break;
      this.#heap[place] = other;
      other.place = place;
      place = below;
    }
    this.#heap[place] = lease;
    lease.place = place;
  }
}

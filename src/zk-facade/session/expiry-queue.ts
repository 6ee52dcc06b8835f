import { assert } from "../../etcd/base/assert.ts";

/** Stands for the bucket of an entry that is in none. */
const NOWHERE = -1;

/** What a queue holds: an item and when it expires. The queue alone changes it. */
export class ExpiryEntry<T> {
  readonly item: T;
  timeoutMs: number;
  /** The tick that ends it. */
  dueTick = 0;
  /** The tick of the bucket it lies in, never later than `dueTick`; and its place there. */
  bucketTick = NOWHERE;
  at = 0;

  constructor(item: T, timeoutMs: number) {
    this.item = item;
    this.timeoutMs = timeoutMs;
  }
}

/** ZooKeeper looks for idle connections in buckets of so long (zookeeper.nio.sessionlessCnxnTimeout)… */
export const CONNECTION_TICK_MS = 10_000;
/** …and gives a connection so long to open a session. Then it gets the session's own timeout. */
export const SESSIONLESS_TIMEOUT_MS = 10_000;

/**
 * What expires when nobody touches it, with the ticks of ZooKeeper's ExpiryQueue: sessions by tickTime, connections by
 * ten seconds. What is touched at `now` expires at the end of the tick in which its timeout ends:
 *
 *   dueTick = floor((now + timeout) / tick) + 1        never early, at most a tick late
 *
 * A touch only writes down the new tick. An entry moves when the bucket it lies in is due and finds it is not:
 *
 *   bucket 7: [a due 7, b due 9]     due(tick 7)  →  a has expired; bucket 9: [b]
 *
 * So touching costs no memory and no search, however often it happens, and an entry moves at most once in its timeout.
 * Times are milliseconds of one monotonic clock.
 */
export class ExpiryQueue<T> {
  readonly #tickMs: number;
  readonly #buckets = new Map<number, ExpiryEntry<T>[]>();
  #size = 0;

  constructor(tickMs: number) {
    assert(tickMs > 0, "a tick that is no time");
    this.#tickMs = tickMs;
  }

  get size(): number {
    return this.#size;
  }

  /** Keep the entry: it is how the item is touched. */
  add(item: T, timeoutMs: number, nowMs: number): ExpiryEntry<T> {
    const entry = new ExpiryEntry(item, timeoutMs);
    entry.dueTick = this.#tickOf(nowMs + timeoutMs);
    this.#file(entry);
    this.#size += 1;
    return entry;
  }

  /** Its time begins anew. False when it has expired or was removed: nothing brings it back. */
  touch(entry: ExpiryEntry<T>, nowMs: number): boolean {
    if (entry.bucketTick === NOWHERE) return false;
    entry.dueTick = this.#tickOf(nowMs + entry.timeoutMs);
    if (entry.dueTick < entry.bucketTick) {
      this.#unfile(entry);
      this.#file(entry);
    }
    return true;
  }

  /** As touch, with another timeout from now on. */
  retime(entry: ExpiryEntry<T>, timeoutMs: number, nowMs: number): boolean {
    entry.timeoutMs = timeoutMs;
    return this.touch(entry, nowMs);
  }

  /** False when it has expired or was removed already. */
  remove(entry: ExpiryEntry<T>): boolean {
    if (entry.bucketTick === NOWHERE) return false;
    this.#unfile(entry);
    this.#size -= 1;
    return true;
  }

  /** Removes and returns what has expired, the earliest first. */
  due(nowMs: number): T[] {
    const nowTick = Math.floor(nowMs / this.#tickMs);
    const expired: ExpiryEntry<T>[] = [];
    // There are no more buckets than ticks in the longest timeout. Entries move to buckets past `nowTick` only.
    for (const [tick, bucket] of this.#buckets) {
      if (tick > nowTick) continue;
      this.#buckets.delete(tick);
      for (const entry of bucket) {
        if (entry.dueTick > nowTick) {
          this.#file(entry);
        } else {
          entry.bucketTick = NOWHERE;
          expired.push(entry);
        }
      }
    }
    this.#size -= expired.length;
    return expired.sort((a, b) => a.dueTick - b.dueTick).map(({ item }) => item);
  }

  /** Before this time `due` finds nothing. Infinity when the queue is empty. */
  nextDueMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const tick of this.#buckets.keys()) next = Math.min(next, tick);
    return next * this.#tickMs;
  }

  /** For reports: what expires when, the earliest first. It looks at every entry. */
  schedule(): { readonly dueMs: number; readonly items: readonly T[] }[] {
    const byTick = new Map<number, T[]>();
    for (const bucket of this.#buckets.values()) {
      for (const { dueTick, item } of bucket) {
        const items = byTick.get(dueTick);
        if (items === undefined) byTick.set(dueTick, [item]);
        else items.push(item);
      }
    }
    return [...byTick].sort(([a], [b]) => a - b).map(([tick, items]) => ({ dueMs: tick * this.#tickMs, items }));
  }

  #tickOf(timeMs: number): number {
    return Math.floor(timeMs / this.#tickMs) + 1;
  }

  #file(entry: ExpiryEntry<T>): void {
    const tick = entry.dueTick;
    let bucket = this.#buckets.get(tick);
    if (bucket === undefined) this.#buckets.set(tick, (bucket = []));
    entry.bucketTick = tick;
    entry.at = bucket.push(entry) - 1;
  }

  /** The last of the bucket takes its place. */
  #unfile(entry: ExpiryEntry<T>): void {
    const bucket = this.#buckets.get(entry.bucketTick)!;
    const last = bucket.pop()!;
    if (last !== entry) {
      bucket[entry.at] = last;
      last.at = entry.at;
    }
    if (bucket.length === 0) this.#buckets.delete(entry.bucketTick);
    entry.bucketTick = NOWHERE;
  }
}

/**
 * Keeps leases alive: each is renewed when a third of its time has passed, all by one timer. A lease is lost when the
 * server says that it has none, or when no renewal was answered for its whole time.
 */
import { systemClock, type Clock } from "../base/clock.ts";
import type { EtcdPort } from "../port.ts";
import type { LeaseKeepAliveResponse } from "../wire/etcdserverpb.ts";

const TICK_MS = 500;

export interface KeptLease {
  readonly id: bigint;
  /** Aborts when the lease is lost, not when it is let go. */
  readonly lost: AbortSignal;
  /** Renews it no more; it will expire, or the caller revokes it. */
  letGo(): void;
}

interface Kept {
  readonly id: bigint;
  readonly loss: AbortController;
  readonly renewed: ((response: LeaseKeepAliveResponse) => void) | undefined;
  nextMs: number;
  deadlineMs: number;
  renewing: boolean;
}

export class LeaseKeeper {
  readonly #port: Pick<EtcdPort, "leaseKeepAlive">;
  readonly #clock: Clock;
  readonly #kept = new Map<bigint, Kept>();
  readonly #closing = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(port: Pick<EtcdPort, "leaseKeepAlive">, clock: Clock = systemClock) {
    this.#port = port;
    this.#clock = clock;
  }

  /** Renews at once, then again and again. `ttlSeconds` is how long the lease lives without. One keeper per lease. */
  keep(id: bigint, ttlSeconds: number, renewed?: (response: LeaseKeepAliveResponse) => void): KeptLease {
    const nowMs = this.#clock.nowMs();
    const kept: Kept = {
      id,
      loss: new AbortController(),
      renewed,
      nextMs: nowMs,
      deadlineMs: nowMs + ttlSeconds * 1000,
      renewing: false,
    };
    this.#kept.set(id, kept);
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
    this.#renew(kept);
    return { id, lost: kept.loss.signal, letGo: () => this.#forget(kept) };
  }

  /** Lets all leases go. */
  close(): void {
    this.#closing.abort();
    for (const kept of [...this.#kept.values()]) this.#forget(kept);
  }

  #tick(): void {
    const nowMs = this.#clock.nowMs();
    for (const kept of [...this.#kept.values()]) {
      if (nowMs >= kept.deadlineMs) this.#lose(kept);
      else if (nowMs >= kept.nextMs && !kept.renewing) this.#renew(kept);
    }
  }

  #renew(kept: Kept): void {
    kept.renewing = true;
    this.#port.leaseKeepAlive({ id: kept.id }, { signal: this.#closing.signal }).then(
      (response) => this.#answered(kept, response),
      // Weather: the next tick tries again, until the lease's time is over.
      () => (kept.renewing = false),
    );
  }

  #answered(kept: Kept, response: LeaseKeepAliveResponse): void {
    kept.renewing = false;
    if (this.#kept.get(kept.id) !== kept) return;
    if (response.ttl <= 0) {
      this.#lose(kept);
      return;
    }
    const nowMs = this.#clock.nowMs();
    kept.nextMs = nowMs + (response.ttl * 1000) / 3;
    kept.deadlineMs = nowMs + response.ttl * 1000;
    kept.renewed?.(response);
  }

  #lose(kept: Kept): void {
    this.#forget(kept);
    kept.loss.abort();
  }

  #forget(kept: Kept): void {
    if (this.#kept.get(kept.id) === kept) this.#kept.delete(kept.id);
    if (this.#kept.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

import type { Clock } from "../../etcd/base/clock.ts";
import type { EtcdPort } from "../../etcd/port.ts";
import { newLeaseKeepAliveRequest } from "../../etcd/wire/etcdserverpb.ts";
import { Fifo } from "../base/fifo.ts";
import { isLeaseInDoubt, isRenewalDue, leaseTtlSeconds } from "../session/lease-ttl.ts";
import type { Session } from "./session.ts";

export interface RenewalOptions {
  /** ZooKeeper's tickTime, of which a lease's TTL has one. */
  readonly tickMs: number;
}

export interface RenewalHost {
  readonly port: Pick<EtcdPort, "leaseKeepAlive">;
  readonly clock: Clock;
  /** The store has no lease of this id. Until the promise settles it is not asked for again. */
  leaseGone(session: Session): Promise<void>;
}

const LEASE_TICK_MS = 500;
/** Under way at a time. */
const RENEWALS_MAX = 256;

/**
 * The leases that one facade renews: each at a third of its time, for as long as its session is here, whether its client
 * speaks or not. Where one cannot be renewed the client is sent away before it ends.
 *
 *   kept ─ a third of the TTL ─▶ due ─ room ─▶ asked for ─▶ kept
 */
export class Renewals {
  readonly #options: RenewalOptions;
  readonly #host: RenewalHost;
  readonly #kept = new Set<Session>();
  /** Those of them whose renewal waits for its turn. */
  readonly #due = new Fifo<Session>();
  #underWay = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: RenewalOptions, host: RenewalHost) {
    this.#options = options;
    this.#host = host;
  }

  start(): void {
    this.#timer = setInterval(() => this.#renewDue(), LEASE_TICK_MS);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
  }

  /** Nobody here knows how old the lease is, so it is renewed at once. */
  keep(session: Session): void {
    if (this.#kept.has(session)) return;
    session.ttlSeconds = 0;
    session.renewedMs = this.#host.clock.nowMs();
    this.#kept.add(session);
  }

  drop(session: Session): void {
    this.#kept.delete(session);
  }

  /** Somebody did not find the lease. */
  doubt(session: Session): void {
    if (this.#kept.has(session)) session.ttlSeconds = 0;
  }

  /** False: the lease is gone. */
  async ask(session: Session): Promise<boolean> {
    const askedMs = this.#host.clock.nowMs();
    const { ttl } = await this.#host.port.leaseKeepAlive(newLeaseKeepAliveRequest({ id: session.id }));
    if (ttl <= 0) return false;
    session.ttlSeconds = ttl;
    session.renewedMs = askedMs;
    return true;
  }

  isInDoubt({ renewedMs, ttlSeconds, timeoutMs }: Session): boolean {
    const ttl = ttlSeconds > 0 ? ttlSeconds : leaseTtlSeconds(timeoutMs, this.#options.tickMs);
    return isLeaseInDoubt(this.#host.clock.nowMs() - renewedMs, ttl);
  }

  #renewDue(): void {
    const nowMs = this.#host.clock.nowMs();
    for (const session of this.#kept) {
      if (session.isRenewing) {
        this.#sendAwayInDoubt(session);
        continue;
      }
      if (session.ttlSeconds > 0 && !isRenewalDue(nowMs - session.renewedMs, session.ttlSeconds)) continue;
      session.isRenewing = true;
      this.#due.push(session);
    }
    this.#renewNext();
  }

  /** As many as may be under way; each that is over makes room for one more, so that the ticks are no bound. */
  #renewNext(): void {
    while (this.#underWay < RENEWALS_MAX && !this.#closed) {
      const session = this.#due.shift();
      if (session === undefined) return;
      if (this.#kept.has(session)) this.#renew(session);
      else session.isRenewing = false;
    }
  }

  #renew(session: Session): void {
    this.#underWay++;
    void this.ask(session)
      // Weather: the next tick tries again.
      .catch(() => null)
      .then(async (isRenewed) => {
        if (isRenewed !== true) this.#sendAwayInDoubt(session);
        this.#underWay--;
        this.#renewNext();
        if (isRenewed === false) await this.#host.leaseGone(session).catch(() => undefined);
        session.isRenewing = false;
      });
  }

  /** After a renewal that failed, or gets no answer. */
  #sendAwayInDoubt(session: Session): void {
    if (this.#closed || session.holder === null || !this.isInDoubt(session)) return;
    session.holder.sessionLost("unrenewed");
    session.holder = null;
  }
}

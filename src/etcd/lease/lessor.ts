import { assert } from "../base/assert.ts";
import { EtcdError } from "../errors.ts";
import type { Backend } from "../mvcc/backend.ts";
import type { LeaseAttachments } from "../mvcc/leases.ts";
import type { LeaseCheckpoint } from "../wire/etcdserverpb.ts";
import { decodeLease, encodeLease } from "../wire/leasepb.ts";
import { CheckpointQueue } from "./checkpoint-queue.ts";
import { ExpiryQueue } from "./expiry-queue.ts";
import { Lease } from "./lease.ts";
import { spreadExpiries } from "./spread-expiries.ts";

export interface LessorOptions {
  /** The shortest TTL is one and a half of it, in whole seconds: a lease must survive a change of the leader. */
  readonly electionTimeoutMs: number;
  /** Feature gate LeaseCheckpoint: the leader saves the remaining time of long leases now and then. */
  readonly checkpoints: boolean;
  readonly checkpointIntervalMs?: number;
  /** A lease that expired and is still there after this time is named again. */
  readonly revokeRetryMs?: number;
}

/** Of a lease that a client asked for. */
export interface LeaseLife {
  /** As granted, in seconds. */
  readonly ttl: number;
  /** Whole seconds; 0 or less once it expired and until it is revoked. */
  readonly remainingSeconds: number;
  /** In byte order; latin1 strings. */
  readonly keys: readonly string[];
}

/**
 * How a renewal went.
 * renewed       it lives for its whole TTL again
 * expired       too late, and its revocation is under way: wait for it (`whenGone`), then it is not found
 * checkpointed  its saved remaining time must go first: propose a checkpoint of 0, then renew again
 */
export type Renewal =
  | { readonly state: "renewed"; readonly ttl: number }
  | { readonly state: "expired" }
  | { readonly state: "checkpointed" };

/** Why a lease is no longer waited for. */
export type LeaseEnd = "revoked" | "demoted";

/** In seconds; etcd's MaxLeaseTTL. */
export const LEASE_TTL_MAX = 9_000_000_000;

const CHECKPOINT_INTERVAL_MS = 5 * 60 * 1000;
const REVOKE_RETRY_MS = 3000;
/** etcd's maxLeaseCheckpointBatchSize. */
export const CHECKPOINT_BATCH_MAX = 1000;

/**
 * Keeps the leases: grants, renews and revokes them, knows which keys hang on which, and names those that ran out. It
 * does not delete keys and does not end leases by itself: the leader proposes to revoke what `expired()` names, so that
 * every member does it at the same place of the log.
 *
 *              grant                    renew: expiry = now + ttl
 *   (none) ───────────▶ live ◀──────────────┐
 *                        │ └────────────────┘
 *                 expired()  named, and named again after a while
 *                        │
 *                      revoke ──▶ (none)
 *
 * Only the primary, the lessor of the leader, counts time: on the others no lease ever runs out. A new primary gives each
 * lease its whole time again, because it cannot know when it was renewed last: a lease may end late, never early.
 *
 * The bucket "lease" holds the leases, not their expiries, and not their keys: these the store tells when it opens.
 */
export class Lessor implements LeaseAttachments {
  /** The shortest TTL, in seconds. */
  readonly ttlMin: number;
  readonly #revokeRetryMs: number;
  readonly #backend: Backend;
  readonly #leases = new Map<bigint, Lease>();
  readonly #leaseOfKey = new Map<string, Lease>();
  readonly #expiries = new ExpiryQueue();
  /** Null while the feature is off. */
  readonly #checkpoints: CheckpointQueue | null;
  readonly #waiting = new Map<bigint, ((end: LeaseEnd) => void)[]>();
  #isPrimary = false;

  /** Loads the leases of the backend. */
  constructor(options: LessorOptions, backend: Backend) {
    this.ttlMin = Math.ceil((1.5 * options.electionTimeoutMs) / 1000);
    this.#revokeRetryMs = options.revokeRetryMs ?? REVOKE_RETRY_MS;
    const intervalMs = options.checkpointIntervalMs ?? CHECKPOINT_INTERVAL_MS;
    this.#checkpoints = options.checkpoints ? new CheckpointQueue(intervalMs) : null;
    this.#backend = backend;
    backend.scan("lease", new Uint8Array(0), null, (_key, value) => {
      const { id, ttl, remainingTtl } = decodeLease(value);
      this.#leases.set(id, new Lease(id, Math.max(ttl, this.ttlMin), remainingTtl));
      return true;
    });
  }

  get isPrimary(): boolean {
    return this.#isPrimary;
  }

  /** How many leases there are. */
  get size(): number {
    return this.#leases.size;
  }

  has(id: bigint): boolean {
    return this.#leases.has(id);
  }

  /**
   * @param id not 0; the caller has chosen one if the client did not
   * @param ttl in seconds; raised to the shortest TTL
   * @returns the TTL that counts
   * @throws EtcdError leaseNotFound (id 0), leaseTtlTooLarge, leaseExists
   */
  grant(id: bigint, ttl: number, nowMs: number): { readonly ttl: number } {
    if (id === 0n) throw new EtcdError("leaseNotFound");
    if (ttl > LEASE_TTL_MAX) throw new EtcdError("leaseTtlTooLarge");
    if (this.#leases.has(id)) throw new EtcdError("leaseExists");
    const lease = new Lease(id, Math.max(ttl, this.ttlMin), 0);
    this.#leases.set(id, lease);
    this.#persist(lease);
    if (this.#isPrimary) {
      lease.expiryMs = nowMs + lease.ttl * 1000;
      this.#expiries.put(lease);
      this.#checkpoints?.schedule(lease, nowMs);
    }
    return { ttl: lease.ttl };
  }

  /**
   * Ends the lease. Deleting its keys is the caller's part, in one revision and in the order given.
   * @returns the keys that still hung on it
   * @throws EtcdError leaseNotFound
   */
  revoke(id: bigint): string[] {
    const lease = this.#lease(id);
    const { keys } = lease;
    for (const key of keys) this.#leaseOfKey.delete(key);
    this.#leases.delete(id);
    this.#expiries.remove(lease);
    this.#backend.delete("lease", leaseKey(id));
    this.#tellEnd(id, "revoked");
    return keys;
  }

  /** @throws EtcdError leaseNotFound; notPrimaryLessor on a member that does not lead */
  renew(id: bigint, nowMs: number): Renewal {
    if (!this.#isPrimary) throw new EtcdError("notPrimaryLessor");
    const lease = this.#lease(id);
    if (lease.expiryMs <= nowMs) return { state: "expired" };
    if (this.#checkpoints && lease.remainingTtl > 0) return { state: "checkpointed" };
    lease.expiryMs = nowMs + lease.ttl * 1000;
    this.#expiries.renewed(lease);
    return { state: "renewed", ttl: lease.ttl };
  }

  /** Calls back once: when the lease is revoked, or when this lessor stops being the primary. At once if it is so now. */
  whenGone(id: bigint, callback: (end: LeaseEnd) => void): void {
    if (!this.#leases.has(id)) callback("revoked");
    else if (!this.#isPrimary) callback("demoted");
    else {
      const callbacks = this.#waiting.get(id);
      if (callbacks) callbacks.push(callback);
      else this.#waiting.set(id, [callback]);
    }
  }

  /**
   * Null if there is no such lease.
   * @throws EtcdError leaderChanged if nobody counts its time here
   */
  timeToLive(id: bigint, nowMs: number): LeaseLife | null {
    const lease = this.#leases.get(id);
    if (!lease) return null;
    if (!this.#isPrimary) throw new EtcdError("leaderChanged");
    // Adding 0 makes a negative zero a plain one.
    const remainingSeconds = Math.trunc((lease.expiryMs - nowMs) / 1000) + 0;
    return { ttl: lease.ttl, remainingSeconds, keys: lease.keys };
  }

  /** All lease ids, those that end first before the others. */
  leases(): bigint[] {
    return [...this.#leases.values()].sort(byExpiry).map((lease) => lease.id);
  }

  // Attachments

  /** A lease that does not exist is passed over: the store may hold keys of one. */
  attach(leaseId: bigint, key: string): void {
    const lease = this.#leases.get(leaseId);
    if (!lease) return;
    assert(!this.#leaseOfKey.has(key), "a key hangs on one lease at most");
    lease.attach(key);
    this.#leaseOfKey.set(key, lease);
  }

  detach(leaseId: bigint, key: string): void {
    const lease = this.#leaseOfKey.get(key);
    assert(lease?.id === leaseId, "a key is detached from the lease it hangs on");
    lease.detach(key);
    this.#leaseOfKey.delete(key);
  }

  leaseOf(key: string): bigint {
    return this.#leaseOfKey.get(key)?.id ?? 0n;
  }

  /**
   * The keys that hang on it, in byte order.
   * @throws EtcdError leaseNotFound
   */
  keysOf(id: bigint): string[] {
    return this.#lease(id).keys;
  }

  // Time

  /**
   * This member leads now: every lease gets its remaining time, whole or checkpointed, and `extendMs` on top.
   * @param extendMs the election timeout: so long nobody may have answered renewals
   */
  promote(nowMs: number, extendMs: number): void {
    this.#isPrimary = true;
    for (const lease of this.#leases.values()) {
      lease.expiryMs = nowMs + extendMs + lease.secondsLeft * 1000;
      this.#checkpoints?.schedule(lease, nowMs);
    }
    spreadExpiries([...this.#leases.values()], nowMs, extendMs);
    this.#expiries.fill(this.#leases.values());
  }

  /** This member leads no longer: no lease runs out here. */
  demote(): void {
    this.#isPrimary = false;
    this.#expiries.clear();
    this.#checkpoints?.clear();
    for (const lease of this.#leases.values()) lease.expiryMs = Number.POSITIVE_INFINITY;
    for (const id of [...this.#waiting.keys()]) this.#tellEnd(id, "demoted");
  }

  /**
   * Leases that ran out, for the caller to propose their revocation; the first to end come first. One that is named and
   * not revoked is named again after a while.
   */
  expired(nowMs: number, limit: number): bigint[] {
    const ids: bigint[] = [];
    while (ids.length < limit) {
      const lease = this.#expiries.first;
      if (!lease || lease.queuedMs > nowMs) break;
      if (lease.expiryMs > nowMs) {
        // Renewed since it was put here.
        this.#expiries.putAt(lease, lease.expiryMs);
        continue;
      }
      ids.push(lease.id);
      this.#expiries.putAt(lease, nowMs + this.#revokeRetryMs);
    }
    return ids;
  }

  // Checkpoints

  /** The remaining times to propose now, in one entry of the log. More may be due if there are `limit`. */
  checkpointsDue(nowMs: number, limit = CHECKPOINT_BATCH_MAX): LeaseCheckpoint[] {
    const due: LeaseCheckpoint[] = [];
    while (this.#checkpoints && due.length < limit) {
      const lease = this.#checkpoints.take(nowMs);
      if (!lease) break;
      if (this.#leases.get(lease.id) !== lease || lease.expiryMs <= nowMs) continue;
      // Scheduled at once, in case this one gets lost; the one that is applied schedules the next anew.
      this.#checkpoints.schedule(lease, nowMs);
      const remainingTtl = Math.ceil((lease.expiryMs - nowMs) / 1000);
      // Renewed just now: there is nothing to save.
      if (remainingTtl < lease.ttl) due.push({ id: lease.id, remainingTtl });
    }
    return due;
  }

  /** Applies a checkpoint of the log: the next promotion counts from there. An unknown lease is passed over. */
  checkpoint(id: bigint, remainingTtl: number, nowMs: number): void {
    const lease = this.#leases.get(id);
    if (!lease) return;
    lease.remainingTtl = remainingTtl;
    this.#persist(lease);
    if (this.#isPrimary) this.#checkpoints?.schedule(lease, nowMs);
  }

  #lease(id: bigint): Lease {
    const lease = this.#leases.get(id);
    if (!lease) throw new EtcdError("leaseNotFound");
    return lease;
  }

  #persist({ id, ttl, remainingTtl }: Lease): void {
    this.#backend.put("lease", leaseKey(id), encodeLease({ id, ttl, remainingTtl }));
  }

  #tellEnd(id: bigint, end: LeaseEnd): void {
    const callbacks = this.#waiting.get(id) ?? [];
    this.#waiting.delete(id);
    for (const callback of callbacks) callback(end);
  }
}

/** Eight bytes, big-endian; a negative id in two's complement. */
function leaseKey(id: bigint): Uint8Array {
  const key = Buffer.allocUnsafe(8);
  key.writeBigInt64BE(id);
  return key;
}

function byExpiry(a: Lease, b: Lease): number {
  if (a.expiryMs === b.expiryMs) return 0;
  return a.expiryMs < b.expiryMs ? -1 : 1;
}

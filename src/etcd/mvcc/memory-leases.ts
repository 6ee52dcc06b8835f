import { assert } from "../base/assert.ts";
import type { LeaseAttachments } from "./leases.ts";

/** Attachments without a lessor, for tests: leases exist until somebody takes them away. */
export class MemoryLeases implements LeaseAttachments {
  readonly #keys = new Map<bigint, Set<string>>();
  readonly #leases = new Map<string, bigint>();

  grant(leaseId: bigint): void {
    if (!this.#keys.has(leaseId)) this.#keys.set(leaseId, new Set());
  }

  /** The keys of a lease, sorted. */
  keysOf(leaseId: bigint): string[] {
    return [...(this.#keys.get(leaseId) ?? [])].sort();
  }

  has(leaseId: bigint): boolean {
    return this.#keys.has(leaseId);
  }

  attach(leaseId: bigint, key: string): void {
    const keys = this.#keys.get(leaseId);
    if (keys === undefined) return;
    assert(!this.#leases.has(key), "a key is attached to two leases");
    keys.add(key);
    this.#leases.set(key, leaseId);
  }

  detach(leaseId: bigint, key: string): void {
    assert(this.#leases.get(key) === leaseId, "a key is detached from a lease that it does not have");
    this.#keys.get(leaseId)!.delete(key);
    this.#leases.delete(key);
  }

  leaseOf(key: string): bigint {
    return this.#leases.get(key) ?? 0n;
  }
}

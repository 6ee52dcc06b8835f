import type { Lease } from "./lease.ts";

/** Fewer leases than can be revoked in a second cannot pile up: etcd's defaultLeaseRevokeRate. */
const pileUpMin = 1000;

/** So many may end in one second; the rest of what can be revoked is left to leases that end at other times. */
const endsPerSecondMax = 750;

/**
 * After a promotion all leases of one TTL would end in the same moment, if their clients are gone. This moves expiries
 * back where more than 750 would end within a second. It never moves one forward.
 *
 *   before   ||||||||||||||||||                     |
 *   after    ||||||  ||||||  ||||||                 |       one window after the other, from the first expiry on
 */
export function spreadExpiries(leases: Lease[], nowMs: number, extendMs: number): void {
  if (leases.length < pileUpMin) return;
  leases.sort((a, b) => a.expiryMs - b.expiryMs);
  let windowStartMs = leases[0]!.expiryMs - nowMs;
  let windowEndMs = windowStartMs + 1000;
  let ends = 0;
  for (const lease of leases) {
    const leftMs = lease.expiryMs - nowMs;
    if (leftMs > windowEndMs) {
      windowStartMs = leftMs;
      windowEndMs = windowStartMs + 1000;
      ends = 1;
      continue;
    }
    ends += 1;
    if (ends <= endsPerSecondMax) continue;
    // A lease that ends a second into the window has that second already.
    const delayMs = 1000 * (ends / endsPerSecondMax) - (leftMs - windowStartMs);
    windowEndMs = windowStartMs + delayMs;
    lease.expiryMs = nowMs + lease.secondsLeft * 1000 + extendMs + delayMs;
  }
}

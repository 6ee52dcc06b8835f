/** For a renewal that is on its way when it is needed, and for a facade that stumbles. */
const SLACK_MS = 2000;

/**
 * The TTL, in whole seconds, of a session's lease. The lease is the backstop: while a facade lives it ends the session
 * itself, at the session's timeout, rounded up to a tick. Only when no facade is left, the lease ends it, and never early.
 *
 * A renewal waits until a third of the TTL has passed since the last one, so a client's last touch may be followed by
 * none, and the lease then lasts for two thirds of its TTL from there on:
 *
 *   last renewal        last touch              the facade's expiry     lease ends
 *   |---- < ttl / 3 ----|-- timeout --|-- tick --|------ slack ---------|
 *
 * So 2/3 ttl >= timeout + tick + slack. A lease keeps its TTL for life: after a client has come back with a longer
 * timeout, the facade must renew for the client, each third of the TTL, touched or not, as long as the session lives.
 */
export function leaseTtlSeconds(timeoutMs: number, tickMs: number): number {
  return Math.ceil((1.5 * (timeoutMs + tickMs + SLACK_MS)) / 1000);
}

/** Whether a lease is to be renewed now. */
export function isRenewalDue(sinceRenewalMs: number, ttlSeconds: number): boolean {
  return sinceRenewalMs > (ttlSeconds * 1000) / 3;
}

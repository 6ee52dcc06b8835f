/** For a renewal that is on its way when it is needed, and for a facade that stumbles. */
const SLACK_MS = 2000;

/**
 * The TTL, in whole seconds, of a session's lease. The lease is the backstop: while a facade lives it ends the session
 * itself, at the session's timeout, rounded up to a tick. Only after the facade's own end the lease matters, and then the
 * client still has its whole timeout, and what is rounded up, to find another facade:
 *
 *   last renewal        last touch          the facade's expiry        lease ends
 *   |---- ttl / 3 ------|--- timeout ---|--- tick ---|----- slack -----|
 *
 * So 2/3 ttl = timeout + tick + slack. A lease keeps its TTL for life, though a client that comes back may get another
 * timeout. So it is renewed for as long as the session lives, by the TTL it was granted, whether the client was heard or not.
 */
export function leaseTtlSeconds(timeoutMs: number, tickMs: number): number {
  return Math.ceil((1.5 * (timeoutMs + tickMs + SLACK_MS)) / 1000);
}

/** Whether a lease is to be renewed now. */
export function isRenewalDue(sinceRenewalMs: number, ttlSeconds: number): boolean {
  return sinceRenewalMs > (ttlSeconds * 1000) / 3;
}

/**
 * Whether nobody could renew a lease for so long that its client must go, as ZooKeeper's server sends its clients away when it
 * has lost its leader. Where the lease ends others will own what the client believes to own, so it must know before; and the
 * third of the TTL that is left is its time to find another facade.
 */
export function isLeaseInDoubt(sinceRenewalMs: number, ttlSeconds: number): boolean {
  return sinceRenewalMs > (ttlSeconds * 1000 * 2) / 3;
}

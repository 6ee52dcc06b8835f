/**
 * Which key hangs on which lease, as the store sees it: a port, implemented by the lessor. Keys are latin1 strings, one
 * char per byte. A key hangs on one lease at most; lease 0 means none.
 *
 * The store tells every change in the order in which it happens, and while it opens, the attachments that its newest
 * revisions imply.
 */
export interface LeaseAttachments {
  /** Whether the lease exists, expired or not. */
  has(leaseId: bigint): boolean;
  /**
   * Nothing, if there is no such lease. That happens while the store opens: a pair may outlive the lease that it names,
   * as etcd wrote it so, and etcd only logs it.
   */
  attach(leaseId: bigint, key: string): void;
  /** Only for a key that hangs on this lease. */
  detach(leaseId: bigint, key: string): void;
  /** The lease of a key, 0n if it has none. */
  leaseOf(key: string): bigint;
}

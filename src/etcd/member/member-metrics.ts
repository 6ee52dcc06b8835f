/** What a member counts as it happens: a port, so that the core of the server does not know how metrics are shown. */
export interface MemberMetrics {
  /** @param operation etcd's name of it: `Put`, `Txn`; @param seconds how long it ran */
  applied(operation: string, seconds: number, isSuccess: boolean): void;
  slowApply(): void;
  rangeServed(seconds: number, isSuccess: boolean): void;
  proposalFailed(): void;
  leaseGranted(ttlSeconds: number): void;
  leaseRenewed(): void;
  leaseRevoked(): void;
  leaseExpired(): void;
  compactionSliced(tookMs: number): void;
  compactionFinished(tookMs: number, pairsDeleted: number, wallMs: number): void;
  hashed(seconds: number): void;
  hashedRevision(seconds: number): void;
  defragmenting(isRunning: boolean): void;
  defragmented(seconds: number): void;
  /** A round of linearizable reads ended without an answer, as the leader changed. */
  readIndexFailed(): void;
  /** One took longer than a request may, or its answer came after it was asked for again. */
  readIndexSlow(): void;
  /** The store was sent to a client as a file. */
  snapshotSent(seconds: number): void;
  /** A snapshot mark was flushed to the log. */
  snapshotMarked(seconds: number): void;
}

const ignore = (): void => undefined;

export const noMetrics: MemberMetrics = {
  applied: ignore,
  slowApply: ignore,
  rangeServed: ignore,
  proposalFailed: ignore,
  leaseGranted: ignore,
  leaseRenewed: ignore,
  leaseRevoked: ignore,
  leaseExpired: ignore,
  compactionSliced: ignore,
  compactionFinished: ignore,
  hashed: ignore,
  hashedRevision: ignore,
  defragmenting: ignore,
  defragmented: ignore,
  readIndexFailed: ignore,
  readIndexSlow: ignore,
  snapshotSent: ignore,
  snapshotMarked: ignore,
};

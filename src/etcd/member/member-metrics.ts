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
  readIndexFailed(): void;
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
};

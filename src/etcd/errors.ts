/**
 * What a member answers when a request cannot be done. The core knows the code; the words and the gRPC status that
 * clients compare letter by letter stand in `rpc/status.ts`, in a table that cannot miss a row.
 * Source of the list: etcd's api/v3rpc/rpctypes.
 */
export const etcdErrorCodes = [
  "emptyKey",
  "keyNotFound",
  "valueProvided",
  "leaseProvided",
  "tooManyOps",
  "duplicateKey",
  "invalidClientApiVersion",
  "invalidSortOption",
  "compacted",
  "futureRevision",
  "noSpace",
  "leaseNotFound",
  "leaseExists",
  "leaseTtlTooLarge",
  "watchCanceled",
  "memberExists",
  "peerUrlExists",
  "memberNotEnoughStarted",
  "memberBadUrls",
  "memberNotFound",
  "memberNotLearner",
  "learnerNotReady",
  "tooManyLearners",
  "clusterIdMismatch",
  "requestTooLarge",
  "tooManyRequests",
  "rootUserNotExist",
  "rootRoleNotExist",
  "userAlreadyExists",
  "userEmpty",
  "userNotFound",
  "roleAlreadyExists",
  "roleNotFound",
  "roleEmpty",
  "authFailed",
  "permissionNotGiven",
  "permissionDenied",
  "roleNotGranted",
  "permissionNotGranted",
  "authNotEnabled",
  "invalidAuthToken",
  "invalidAuthManagement",
  "authOldRevision",
  "noLeader",
  "notLeader",
  "leaderChanged",
  "notCapable",
  "stopped",
  "timeout",
  "timeoutLeaderFail",
  "timeoutConnectionLost",
  "timeoutWaitAppliedIndex",
  "unhealthy",
  "corrupt",
  "notSupportedForLearner",
  "badLeaderTransferee",
  "wrongDowngradeVersionFormat",
  "invalidDowngradeTargetVersion",
  "clusterVersionUnavailable",
  "downgradeInProcess",
  "noInflightDowngrade",
  "canceled",
  "deadlineExceeded",
  "notPrimaryLessor",
  "leaderTransferTimeout",
  "unknownMethod",
  "proposalDropped",
  "electionNotLeader",
  "electionNoLeader",
  "leaderFieldMissing",
  "sessionExpired",
  "rangeStreamSort",
  "rangeStreamFilter",
] as const;

export type EtcdErrorCode = (typeof etcdErrorCodes)[number];

/** An expected answer, never a fault of the server: compacted, lease not found, no space. */
export class EtcdError extends Error {
  override readonly name = "EtcdError";
  readonly code: EtcdErrorCode;

  constructor(code: EtcdErrorCode, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

/**
 * After these answers a write is behind us: it was refused before it was proposed, or when its turn came, and does nothing
 * any more. After all others it may still wait in somebody's log. Of these, noSpace alone does not say that it did nothing:
 * the write that goes over the quota is kept, and is answered like those after it.
 */
const settling: ReadonlySet<EtcdErrorCode> = new Set([
  "emptyKey",
  "keyNotFound",
  "valueProvided",
  "leaseProvided",
  "tooManyOps",
  "duplicateKey",
  "invalidClientApiVersion",
  "noSpace",
  "leaseNotFound",
  "requestTooLarge",
  "tooManyRequests",
  "corrupt",
  "userEmpty",
  "permissionDenied",
  "invalidAuthToken",
  "authOldRevision",
  "notCapable",
  "notSupportedForLearner",
  "proposalDropped",
]);

/** Whether nothing of a write that was answered with this error can come true later. */
export function settlesWrite(code: EtcdErrorCode): boolean {
  return settling.has(code);
}

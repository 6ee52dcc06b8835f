/**
 * How an answer of the member looks to a client: a gRPC status code and a text that clients compare letter by letter.
 * Source: etcd's api/v3rpc/rpctypes and the mapping of its server, including the codes that this mapping loses.
 */
import { EtcdError, etcdErrorCodes, type EtcdErrorCode } from "../errors.ts";

export const grpcCode = {
  ok: 0,
  canceled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
} as const;

/** The codes' names as grpc-go prints them and as its metrics label them, by number. */
export const grpcCodeNames = [
  "OK",
  "Canceled",
  "Unknown",
  "InvalidArgument",
  "DeadlineExceeded",
  "NotFound",
  "AlreadyExists",
  "PermissionDenied",
  "ResourceExhausted",
  "FailedPrecondition",
  "Aborted",
  "OutOfRange",
  "Unimplemented",
  "Internal",
  "Unavailable",
  "DataLoss",
  "Unauthenticated",
] as const;

export interface Status {
  readonly code: number;
  readonly details: string;
}

const {
  canceled,
  unknown,
  invalidArgument,
  deadlineExceeded,
  notFound,
  permissionDenied,
  resourceExhausted,
  failedPrecondition,
  outOfRange,
  unimplemented,
  unavailable,
  dataLoss,
  unauthenticated,
} = grpcCode;

/**
 * Rows with `unknown` are etcd's accidents, kept because clients see them: the server maps these errors to their
 * client-side type, or to none, and the code of rpctypes is lost on the way out.
 */
export const etcdStatus: Record<EtcdErrorCode, Status> = {
  emptyKey: { code: invalidArgument, details: "etcdserver: key is not provided" },
  keyNotFound: { code: invalidArgument, details: "etcdserver: key not found" },
  valueProvided: { code: invalidArgument, details: "etcdserver: value is provided" },
  leaseProvided: { code: invalidArgument, details: "etcdserver: lease is provided" },
  tooManyOps: { code: invalidArgument, details: "etcdserver: too many operations in txn request" },
  duplicateKey: { code: invalidArgument, details: "etcdserver: duplicate key given in txn request" },
  invalidClientApiVersion: { code: invalidArgument, details: "etcdserver: invalid client api version" },
  invalidSortOption: { code: invalidArgument, details: "etcdserver: invalid sort option" },
  compacted: { code: outOfRange, details: "etcdserver: mvcc: required revision has been compacted" },
  futureRevision: { code: outOfRange, details: "etcdserver: mvcc: required revision is a future revision" },
  noSpace: { code: resourceExhausted, details: "etcdserver: mvcc: database space exceeded" },

  leaseNotFound: { code: notFound, details: "etcdserver: requested lease not found" },
  leaseExists: { code: failedPrecondition, details: "etcdserver: lease already exists" },
  leaseTtlTooLarge: { code: outOfRange, details: "etcdserver: too large lease TTL" },
  notPrimaryLessor: { code: unknown, details: "not a primary lessor" },

  watchCanceled: { code: canceled, details: "etcdserver: watch canceled" },

  memberExists: { code: failedPrecondition, details: "etcdserver: member ID already exist" },
  peerUrlExists: { code: failedPrecondition, details: "etcdserver: Peer URLs already exists" },
  memberNotEnoughStarted: {
    code: unknown,
    details: "etcdserver: re-configuration failed due to not enough started members",
  },
  memberBadUrls: { code: invalidArgument, details: "etcdserver: given member URLs are invalid" },
  memberNotFound: { code: notFound, details: "etcdserver: member not found" },
  memberNotLearner: { code: failedPrecondition, details: "etcdserver: can only promote a learner member" },
  learnerNotReady: {
    code: failedPrecondition,
    details: "etcdserver: can only promote a learner member which is in sync with leader",
  },
  tooManyLearners: { code: failedPrecondition, details: "etcdserver: too many learner members in cluster" },
  clusterIdMismatch: { code: failedPrecondition, details: "etcdserver: cluster ID mismatch" },
  notSupportedForLearner: { code: failedPrecondition, details: "etcdserver: rpc not supported for learner" },
  badLeaderTransferee: { code: failedPrecondition, details: "etcdserver: bad leader transferee" },
  leaderTransferTimeout: {
    code: unknown,
    details: "etcdserver: request timed out, leader transfer took too long",
  },

  requestTooLarge: { code: invalidArgument, details: "etcdserver: request is too large" },
  tooManyRequests: { code: unknown, details: "etcdserver: too many requests" },

  rootUserNotExist: { code: failedPrecondition, details: "etcdserver: root user does not exist" },
  rootRoleNotExist: { code: failedPrecondition, details: "etcdserver: root user does not have root role" },
  userAlreadyExists: { code: failedPrecondition, details: "etcdserver: user name already exists" },
  userEmpty: { code: invalidArgument, details: "etcdserver: user name is empty" },
  userNotFound: { code: failedPrecondition, details: "etcdserver: user name not found" },
  roleAlreadyExists: { code: failedPrecondition, details: "etcdserver: role name already exists" },
  roleNotFound: { code: failedPrecondition, details: "etcdserver: role name not found" },
  roleEmpty: { code: invalidArgument, details: "etcdserver: role name is empty" },
  authFailed: {
    code: invalidArgument,
    details: "etcdserver: authentication failed, invalid user ID or password",
  },
  permissionNotGiven: { code: invalidArgument, details: "etcdserver: permission not given" },
  permissionDenied: { code: permissionDenied, details: "etcdserver: permission denied" },
  roleNotGranted: { code: failedPrecondition, details: "etcdserver: role is not granted to the user" },
  permissionNotGranted: { code: failedPrecondition, details: "etcdserver: permission is not granted to the role" },
  authNotEnabled: { code: failedPrecondition, details: "etcdserver: authentication is not enabled" },
  invalidAuthToken: { code: unauthenticated, details: "etcdserver: invalid auth token" },
  invalidAuthManagement: { code: invalidArgument, details: "etcdserver: invalid auth management" },
  authOldRevision: { code: invalidArgument, details: "etcdserver: revision of auth store is old" },

  noLeader: { code: unavailable, details: "etcdserver: no leader" },
  notLeader: { code: failedPrecondition, details: "etcdserver: not leader" },
  leaderChanged: { code: unavailable, details: "etcdserver: leader changed" },
  notCapable: { code: failedPrecondition, details: "etcdserver: not capable" },
  stopped: { code: unavailable, details: "etcdserver: server stopped" },
  timeout: { code: unavailable, details: "etcdserver: request timed out" },
  timeoutLeaderFail: {
    code: unavailable,
    details: "etcdserver: request timed out, possibly due to previous leader failure",
  },
  timeoutConnectionLost: {
    code: unavailable,
    details: "etcdserver: request timed out, possibly due to connection lost",
  },
  timeoutWaitAppliedIndex: {
    code: unavailable,
    details: "etcdserver: request timed out, waiting for the applied index took too long",
  },
  unhealthy: { code: unavailable, details: "etcdserver: unhealthy cluster" },
  corrupt: { code: dataLoss, details: "etcdserver: corrupt cluster" },
  proposalDropped: { code: unknown, details: "raft proposal dropped" },
  unknownMethod: { code: unknown, details: "etcdserver: unknown method" },
  canceled: { code: canceled, details: "etcdserver: request canceled" },
  deadlineExceeded: { code: deadlineExceeded, details: "etcdserver: context deadline exceeded" },

  wrongDowngradeVersionFormat: {
    code: invalidArgument,
    details: "etcdserver: wrong downgrade target version format",
  },
  invalidDowngradeTargetVersion: {
    code: invalidArgument,
    details: "etcdserver: invalid downgrade target version",
  },
  clusterVersionUnavailable: {
    code: failedPrecondition,
    details: "etcdserver: cluster version not found during downgrade",
  },
  downgradeInProcess: { code: failedPrecondition, details: "etcdserver: cluster has a downgrade job in progress" },
  noInflightDowngrade: { code: failedPrecondition, details: "etcdserver: no inflight downgrade job" },

  electionNotLeader: { code: unknown, details: "election: not leader" },
  electionNoLeader: { code: unknown, details: "election: no leader" },
  leaderFieldMissing: { code: unknown, details: '"leader" field must be provided' },
  sessionExpired: { code: unknown, details: "mutex: session is expired" },

  rangeStreamSort: { code: unimplemented, details: "RangeStream does not support custom sort orders" },
  rangeStreamFilter: { code: unimplemented, details: "RangeStream does not support revision filters" },
};

const codeByDetails = new Map<string, EtcdErrorCode>(etcdErrorCodes.map((code) => [etcdStatus[code].details, code]));

/** The answer that a server meant by this text. Like etcd's own client, by text alone: codes get lost, texts do not. */
export function etcdErrorCodeOf(details: string): EtcdErrorCode | undefined {
  return codeByDetails.get(details);
}

/** A refusal that is the transport's own and no answer of a member: malformed, too large, no such method, cancelled. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly status: Status;

  constructor(code: number, details: string, options?: ErrorOptions) {
    super(details, options);
    this.status = { code, details };
  }
}

/** Go's words for a context that has ended, as grpc-go sends them. */
export const contextCanceled: Status = { code: canceled, details: "context canceled" };
export const contextDeadlineExceeded: Status = { code: deadlineExceeded, details: "context deadline exceeded" };

/** The status of any failure. What is neither an answer nor a refusal goes out as etcd sends it: Unknown and its text. */
export function statusOf(error: unknown): Status {
  if (error instanceof EtcdError) return etcdStatus[error.code];
  if (error instanceof RpcError) return error.status;
  if (error instanceof Error) {
    if (error.name === "AbortError") return contextCanceled;
    return { code: unknown, details: error.message };
  }
  return { code: unknown, details: String(error) };
}

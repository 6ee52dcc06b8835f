/**
 * ZooKeeper's error codes that a server may send (its KeeperException.Code); the number is what goes on the wire.
 * A code that is not in this table must never be sent: the Java client dies of an unknown one.
 */
export const zkErrorNumbers = {
  runtimeInconsistency: -2,
  marshallingError: -5,
  unimplemented: -6,
  badArguments: -8,
  newConfigNoQuorum: -13,
  reconfigInProgress: -14,
  noNode: -101,
  noAuth: -102,
  badVersion: -103,
  noChildrenForEphemerals: -108,
  nodeExists: -110,
  notEmpty: -111,
  invalidAcl: -114,
  authFailed: -115,
  notReadOnly: -119,
  ephemeralOnLocalSession: -120,
  noWatcher: -121,
  reconfigDisabled: -123,
  sessionClosedRequireSaslAuth: -124,
  quotaExceeded: -125,
  throttledOp: -127,
} as const;

/** An expected answer, never a fault of the server. It travels as a value: a refused request throws nothing. */
export type ZkErrorCode = keyof typeof zkErrorNumbers;

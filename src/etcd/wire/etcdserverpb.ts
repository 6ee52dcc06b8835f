// Generated from proto/ by `npm run generate`. Do not edit: change the .proto file or the generator.
import { EMPTY_BYTES, type FieldNames, Reader, startWriting, type Writer } from "./codec.ts";
import {
  type Permission,
  newPermission,
  readPermission,
  writePermission,
  type UserAddOptions,
  newUserAddOptions,
  readUserAddOptions,
  writeUserAddOptions,
} from "./authpb.ts";
import {
  type ClusterMemberAttrSetRequest,
  newClusterMemberAttrSetRequest,
  readClusterMemberAttrSetRequest,
  writeClusterMemberAttrSetRequest,
  type ClusterVersionSetRequest,
  newClusterVersionSetRequest,
  readClusterVersionSetRequest,
  writeClusterVersionSetRequest,
  type DowngradeInfoSetRequest,
  newDowngradeInfoSetRequest,
  readDowngradeInfoSetRequest,
  writeDowngradeInfoSetRequest,
} from "./membershippb.ts";
import {
  type Event,
  newEvent,
  readEvent,
  writeEvent,
  type KeyValue,
  newKeyValue,
  readKeyValue,
  writeKeyValue,
} from "./mvccpb.ts";

export const AlarmType = {
  NONE: 0,
  NOSPACE: 1,
  CORRUPT: 2,
} as const;
/** A number that may lie outside the list: unknown enum numbers are kept. */
export type AlarmType = number;

export const RangeRequest_SortOrder = {
  NONE: 0,
  ASCEND: 1,
  DESCEND: 2,
} as const;
/** A number that may lie outside the list: unknown enum numbers are kept. */
export type RangeRequest_SortOrder = number;

export const RangeRequest_SortTarget = {
  KEY: 0,
  VERSION: 1,
  CREATE: 2,
  MOD: 3,
  VALUE: 4,
} as const;
/** A number that may lie outside the list: unknown enum numbers are kept. */
export type RangeRequest_SortTarget = number;

export const Compare_CompareResult = {
  EQUAL: 0,
  GREATER: 1,
  LESS: 2,
  NOT_EQUAL: 3,
} as const;
/** A number that may lie outside the list: unknown enum numbers are kept. */
export type Compare_CompareResult = number;

export const Compare_CompareTarget = {
  VERSION: 0,
  CREATE: 1,
  MOD: 2,
  VALUE: 3,
  LEASE: 4,
} as const;
/** A number that may lie outside the list: unknown enum numbers are kept. */
export type Compare_CompareTarget = number;

export const WatchCreateRequest_FilterType = {
  NOPUT: 0,
  NODELETE: 1,
} as const;
/** A number that may lie outside the list: unknown enum numbers are kept. */
export type WatchCreateRequest_FilterType = number;

export const AlarmRequest_AlarmAction = {
  GET: 0,
  ACTIVATE: 1,
  DEACTIVATE: 2,
} as const;
/** A number that may lie outside the list: unknown enum numbers are kept. */
export type AlarmRequest_AlarmAction = number;

export const DowngradeRequest_DowngradeAction = {
  VALIDATE: 0,
  ENABLE: 1,
  CANCEL: 2,
} as const;
/** A number that may lie outside the list: unknown enum numbers are kept. */
export type DowngradeRequest_DowngradeAction = number;

/** A request of etcd 2. */
export interface Request {
  id: bigint;
  method: string;
  path: string;
  val: string;
  dir: boolean;
  prevValue: string;
  prevIndex: number;
  prevExist: boolean | null;
  expiration: number;
  wait: boolean;
  since: number;
  recursive: boolean;
  sorted: boolean;
  quorum: boolean;
  time: number;
  stream: boolean;
  refresh: boolean | null;
}

export function newRequest(init?: Partial<Request>): Request {
  if (init === undefined) {
    return {
      id: 0n,
      method: "",
      path: "",
      val: "",
      dir: false,
      prevValue: "",
      prevIndex: 0,
      prevExist: null,
      expiration: 0,
      wait: false,
      since: 0,
      recursive: false,
      sorted: false,
      quorum: false,
      time: 0,
      stream: false,
      refresh: null,
    };
  }
  return {
    id: init.id ?? 0n,
    method: init.method ?? "",
    path: init.path ?? "",
    val: init.val ?? "",
    dir: init.dir ?? false,
    prevValue: init.prevValue ?? "",
    prevIndex: init.prevIndex ?? 0,
    prevExist: init.prevExist ?? null,
    expiration: init.expiration ?? 0,
    wait: init.wait ?? false,
    since: init.since ?? 0,
    recursive: init.recursive ?? false,
    sorted: init.sorted ?? false,
    quorum: init.quorum ?? false,
    time: init.time ?? 0,
    stream: init.stream ?? false,
    refresh: init.refresh ?? null,
  };
}

export function encodeRequest(m: Request): Buffer {
  const w = startWriting();
  writeRequest(w, m);
  return w.finish();
}

export function writeRequest(w: Writer, m: Request): void {
  if (m.refresh !== null) w.bool(136, m.refresh);
  w.bool(128, m.stream);
  w.int64(120, m.time);
  w.bool(112, m.quorum);
  w.bool(104, m.sorted);
  w.bool(96, m.recursive);
  w.int64(88, m.since);
  w.bool(80, m.wait);
  w.int64(72, m.expiration);
  if (m.prevExist !== null) w.bool(64, m.prevExist);
  w.int64(56, m.prevIndex);
  w.string(50, m.prevValue);
  w.bool(40, m.dir);
  w.string(34, m.val);
  w.string(26, m.path);
  w.string(18, m.method);
  w.id(8, m.id);
}

export function decodeRequest(bytes: Uint8Array): Request {
  return readRequest(new Reader(bytes), newRequest());
}

const fieldsOfRequest: FieldNames = {
  1: "ID",
  2: "Method",
  3: "Path",
  4: "Val",
  5: "Dir",
  6: "PrevValue",
  7: "PrevIndex",
  8: "PrevExist",
  9: "Expiration",
  10: "Wait",
  11: "Since",
  12: "Recursive",
  13: "Sorted",
  14: "Quorum",
  15: "Time",
  16: "Stream",
  17: "Refresh",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readRequest(r: Reader, m: Request): Request {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.uint64Id();
        break;
      case 18:
        m.method = r.stringLossy();
        break;
      case 26:
        m.path = r.stringLossy();
        break;
      case 34:
        m.val = r.stringLossy();
        break;
      case 40:
        m.dir = r.bool();
        break;
      case 50:
        m.prevValue = r.stringLossy();
        break;
      case 56:
        m.prevIndex = r.uint64();
        break;
      case 64:
        m.prevExist = r.bool();
        break;
      case 72:
        m.expiration = r.int64();
        break;
      case 80:
        m.wait = r.bool();
        break;
      case 88:
        m.since = r.uint64();
        break;
      case 96:
        m.recursive = r.bool();
        break;
      case 104:
        m.sorted = r.bool();
        break;
      case 112:
        m.quorum = r.bool();
        break;
      case 120:
        m.time = r.int64();
        break;
      case 128:
        m.stream = r.bool();
        break;
      case 136:
        m.refresh = r.bool();
        break;
      default:
        r.other(tag, fieldsOfRequest);
    }
  }
  return m;
}

/** Whose log this is. */
export interface Metadata {
  nodeId: bigint;
  clusterId: bigint;
}

export function newMetadata(init?: Partial<Metadata>): Metadata {
  if (init === undefined) {
    return {
      nodeId: 0n,
      clusterId: 0n,
    };
  }
  return {
    nodeId: init.nodeId ?? 0n,
    clusterId: init.clusterId ?? 0n,
  };
}

export function encodeMetadata(m: Metadata): Buffer {
  const w = startWriting();
  writeMetadata(w, m);
  return w.finish();
}

export function writeMetadata(w: Writer, m: Metadata): void {
  w.id(16, m.clusterId);
  w.id(8, m.nodeId);
}

export function decodeMetadata(bytes: Uint8Array): Metadata {
  return readMetadata(new Reader(bytes), newMetadata());
}

const fieldsOfMetadata: FieldNames = {
  1: "NodeID",
  2: "ClusterID",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readMetadata(r: Reader, m: Metadata): Metadata {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.nodeId = r.uint64Id();
        break;
      case 16:
        m.clusterId = r.uint64Id();
        break;
      default:
        r.other(tag, fieldsOfMetadata);
    }
  }
  return m;
}

/** Who asks. */
export interface RequestHeader {
  /** Tells the proposer which of its proposals this is. */
  id: bigint;
  username: string;
  /** The permissions under which the request was checked. */
  authRevision: number;
}

export function newRequestHeader(init?: Partial<RequestHeader>): RequestHeader {
  if (init === undefined) {
    return {
      id: 0n,
      username: "",
      authRevision: 0,
    };
  }
  return {
    id: init.id ?? 0n,
    username: init.username ?? "",
    authRevision: init.authRevision ?? 0,
  };
}

export function encodeRequestHeader(m: RequestHeader): Buffer {
  const w = startWriting();
  writeRequestHeader(w, m);
  return w.finish();
}

export function writeRequestHeader(w: Writer, m: RequestHeader): void {
  if (m.authRevision !== 0) w.int64(24, m.authRevision);
  if (m.username !== "") w.string(18, m.username);
  if (m.id !== 0n) w.id(8, m.id);
}

export function decodeRequestHeader(bytes: Uint8Array): RequestHeader {
  return readRequestHeader(new Reader(bytes), newRequestHeader());
}

const fieldsOfRequestHeader: FieldNames = {
  1: "ID",
  2: "username",
  3: "auth_revision",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readRequestHeader(r: Reader, m: RequestHeader): RequestHeader {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.uint64Id();
        break;
      case 18:
        m.username = r.string();
        break;
      case 24:
        m.authRevision = r.uint64();
        break;
      default:
        r.other(tag, fieldsOfRequestHeader);
    }
  }
  return m;
}

/** One request; exactly one of the fields beside header and ID is set. */
export interface InternalRaftRequest {
  header: RequestHeader | null;
  /** As header.ID; written by etcd 2 only. */
  id: bigint;
  v2: Request | null;
  range: RangeRequest | null;
  put: PutRequest | null;
  deleteRange: DeleteRangeRequest | null;
  txn: TxnRequest | null;
  compaction: CompactionRequest | null;
  leaseGrant: LeaseGrantRequest | null;
  leaseRevoke: LeaseRevokeRequest | null;
  alarm: AlarmRequest | null;
  leaseCheckpoint: LeaseCheckpointRequest | null;
  authEnable: AuthEnableRequest | null;
  authDisable: AuthDisableRequest | null;
  authStatus: AuthStatusRequest | null;
  authenticate: InternalAuthenticateRequest | null;
  authUserAdd: AuthUserAddRequest | null;
  authUserDelete: AuthUserDeleteRequest | null;
  authUserGet: AuthUserGetRequest | null;
  authUserChangePassword: AuthUserChangePasswordRequest | null;
  authUserGrantRole: AuthUserGrantRoleRequest | null;
  authUserRevokeRole: AuthUserRevokeRoleRequest | null;
  authUserList: AuthUserListRequest | null;
  authRoleList: AuthRoleListRequest | null;
  authRoleAdd: AuthRoleAddRequest | null;
  authRoleDelete: AuthRoleDeleteRequest | null;
  authRoleGet: AuthRoleGetRequest | null;
  authRoleGrantPermission: AuthRoleGrantPermissionRequest | null;
  authRoleRevokePermission: AuthRoleRevokePermissionRequest | null;
  clusterVersionSet: ClusterVersionSetRequest | null;
  clusterMemberAttrSet: ClusterMemberAttrSetRequest | null;
  downgradeInfoSet: DowngradeInfoSetRequest | null;
  downgradeVersionTest: DowngradeVersionTestRequest | null;
}

export function newInternalRaftRequest(init?: Partial<InternalRaftRequest>): InternalRaftRequest {
  if (init === undefined) {
    return {
      header: null,
      id: 0n,
      v2: null,
      range: null,
      put: null,
      deleteRange: null,
      txn: null,
      compaction: null,
      leaseGrant: null,
      leaseRevoke: null,
      alarm: null,
      leaseCheckpoint: null,
      authEnable: null,
      authDisable: null,
      authStatus: null,
      authenticate: null,
      authUserAdd: null,
      authUserDelete: null,
      authUserGet: null,
      authUserChangePassword: null,
      authUserGrantRole: null,
      authUserRevokeRole: null,
      authUserList: null,
      authRoleList: null,
      authRoleAdd: null,
      authRoleDelete: null,
      authRoleGet: null,
      authRoleGrantPermission: null,
      authRoleRevokePermission: null,
      clusterVersionSet: null,
      clusterMemberAttrSet: null,
      downgradeInfoSet: null,
      downgradeVersionTest: null,
    };
  }
  return {
    header: init.header ?? null,
    id: init.id ?? 0n,
    v2: init.v2 ?? null,
    range: init.range ?? null,
    put: init.put ?? null,
    deleteRange: init.deleteRange ?? null,
    txn: init.txn ?? null,
    compaction: init.compaction ?? null,
    leaseGrant: init.leaseGrant ?? null,
    leaseRevoke: init.leaseRevoke ?? null,
    alarm: init.alarm ?? null,
    leaseCheckpoint: init.leaseCheckpoint ?? null,
    authEnable: init.authEnable ?? null,
    authDisable: init.authDisable ?? null,
    authStatus: init.authStatus ?? null,
    authenticate: init.authenticate ?? null,
    authUserAdd: init.authUserAdd ?? null,
    authUserDelete: init.authUserDelete ?? null,
    authUserGet: init.authUserGet ?? null,
    authUserChangePassword: init.authUserChangePassword ?? null,
    authUserGrantRole: init.authUserGrantRole ?? null,
    authUserRevokeRole: init.authUserRevokeRole ?? null,
    authUserList: init.authUserList ?? null,
    authRoleList: init.authRoleList ?? null,
    authRoleAdd: init.authRoleAdd ?? null,
    authRoleDelete: init.authRoleDelete ?? null,
    authRoleGet: init.authRoleGet ?? null,
    authRoleGrantPermission: init.authRoleGrantPermission ?? null,
    authRoleRevokePermission: init.authRoleRevokePermission ?? null,
    clusterVersionSet: init.clusterVersionSet ?? null,
    clusterMemberAttrSet: init.clusterMemberAttrSet ?? null,
    downgradeInfoSet: init.downgradeInfoSet ?? null,
    downgradeVersionTest: init.downgradeVersionTest ?? null,
  };
}

export function encodeInternalRaftRequest(m: InternalRaftRequest): Buffer {
  const w = startWriting();
  writeInternalRaftRequest(w, m);
  return w.finish();
}

export function writeInternalRaftRequest(w: Writer, m: InternalRaftRequest): void {
  if (m.downgradeVersionTest !== null) {
    const before = w.size();
    writeDowngradeVersionTestRequest(w, m.downgradeVersionTest);
    w.nested(79202, before);
  }
  if (m.downgradeInfoSet !== null) {
    const before = w.size();
    writeDowngradeInfoSetRequest(w, m.downgradeInfoSet);
    w.nested(10418, before);
  }
  if (m.clusterMemberAttrSet !== null) {
    const before = w.size();
    writeClusterMemberAttrSetRequest(w, m.clusterMemberAttrSet);
    w.nested(10410, before);
  }
  if (m.clusterVersionSet !== null) {
    const before = w.size();
    writeClusterVersionSetRequest(w, m.clusterVersionSet);
    w.nested(10402, before);
  }
  if (m.authRoleRevokePermission !== null) {
    const before = w.size();
    writeAuthRoleRevokePermissionRequest(w, m.authRoleRevokePermission);
    w.nested(9634, before);
  }
  if (m.authRoleGrantPermission !== null) {
    const before = w.size();
    writeAuthRoleGrantPermissionRequest(w, m.authRoleGrantPermission);
    w.nested(9626, before);
  }
  if (m.authRoleGet !== null) {
    const before = w.size();
    writeAuthRoleGetRequest(w, m.authRoleGet);
    w.nested(9618, before);
  }
  if (m.authRoleDelete !== null) {
    const before = w.size();
    writeAuthRoleDeleteRequest(w, m.authRoleDelete);
    w.nested(9610, before);
  }
  if (m.authRoleAdd !== null) {
    const before = w.size();
    writeAuthRoleAddRequest(w, m.authRoleAdd);
    w.nested(9602, before);
  }
  if (m.authRoleList !== null) {
    const before = w.size();
    writeAuthRoleListRequest(w, m.authRoleList);
    w.nested(8858, before);
  }
  if (m.authUserList !== null) {
    const before = w.size();
    writeAuthUserListRequest(w, m.authUserList);
    w.nested(8850, before);
  }
  if (m.authUserRevokeRole !== null) {
    const before = w.size();
    writeAuthUserRevokeRoleRequest(w, m.authUserRevokeRole);
    w.nested(8842, before);
  }
  if (m.authUserGrantRole !== null) {
    const before = w.size();
    writeAuthUserGrantRoleRequest(w, m.authUserGrantRole);
    w.nested(8834, before);
  }
  if (m.authUserChangePassword !== null) {
    const before = w.size();
    writeAuthUserChangePasswordRequest(w, m.authUserChangePassword);
    w.nested(8826, before);
  }
  if (m.authUserGet !== null) {
    const before = w.size();
    writeAuthUserGetRequest(w, m.authUserGet);
    w.nested(8818, before);
  }
  if (m.authUserDelete !== null) {
    const before = w.size();
    writeAuthUserDeleteRequest(w, m.authUserDelete);
    w.nested(8810, before);
  }
  if (m.authUserAdd !== null) {
    const before = w.size();
    writeAuthUserAddRequest(w, m.authUserAdd);
    w.nested(8802, before);
  }
  if (m.authStatus !== null) {
    const before = w.size();
    writeAuthStatusRequest(w, m.authStatus);
    w.nested(8106, before);
  }
  if (m.authenticate !== null) {
    const before = w.size();
    writeInternalAuthenticateRequest(w, m.authenticate);
    w.nested(8098, before);
  }
  if (m.authDisable !== null) {
    const before = w.size();
    writeAuthDisableRequest(w, m.authDisable);
    w.nested(8090, before);
  }
  if (m.authEnable !== null) {
    const before = w.size();
    writeAuthEnableRequest(w, m.authEnable);
    w.nested(8002, before);
  }
  if (m.header !== null) {
    const before = w.size();
    writeRequestHeader(w, m.header);
    w.nested(802, before);
  }
  if (m.leaseCheckpoint !== null) {
    const before = w.size();
    writeLeaseCheckpointRequest(w, m.leaseCheckpoint);
    w.nested(90, before);
  }
  if (m.alarm !== null) {
    const before = w.size();
    writeAlarmRequest(w, m.alarm);
    w.nested(82, before);
  }
  if (m.leaseRevoke !== null) {
    const before = w.size();
    writeLeaseRevokeRequest(w, m.leaseRevoke);
    w.nested(74, before);
  }
  if (m.leaseGrant !== null) {
    const before = w.size();
    writeLeaseGrantRequest(w, m.leaseGrant);
    w.nested(66, before);
  }
  if (m.compaction !== null) {
    const before = w.size();
    writeCompactionRequest(w, m.compaction);
    w.nested(58, before);
  }
  if (m.txn !== null) {
    const before = w.size();
    writeTxnRequest(w, m.txn);
    w.nested(50, before);
  }
  if (m.deleteRange !== null) {
    const before = w.size();
    writeDeleteRangeRequest(w, m.deleteRange);
    w.nested(42, before);
  }
  if (m.put !== null) {
    const before = w.size();
    writePutRequest(w, m.put);
    w.nested(34, before);
  }
  if (m.range !== null) {
    const before = w.size();
    writeRangeRequest(w, m.range);
    w.nested(26, before);
  }
  if (m.v2 !== null) {
    const before = w.size();
    writeRequest(w, m.v2);
    w.nested(18, before);
  }
  if (m.id !== 0n) w.id(8, m.id);
}

export function decodeInternalRaftRequest(bytes: Uint8Array): InternalRaftRequest {
  return readInternalRaftRequest(new Reader(bytes), newInternalRaftRequest());
}

const fieldsOfInternalRaftRequest: FieldNames = {
  100: "header",
  1: "ID",
  2: "v2",
  3: "range",
  4: "put",
  5: "delete_range",
  6: "txn",
  7: "compaction",
  8: "lease_grant",
  9: "lease_revoke",
  10: "alarm",
  11: "lease_checkpoint",
  1000: "auth_enable",
  1011: "auth_disable",
  1013: "auth_status",
  1012: "authenticate",
  1100: "auth_user_add",
  1101: "auth_user_delete",
  1102: "auth_user_get",
  1103: "auth_user_change_password",
  1104: "auth_user_grant_role",
  1105: "auth_user_revoke_role",
  1106: "auth_user_list",
  1107: "auth_role_list",
  1200: "auth_role_add",
  1201: "auth_role_delete",
  1202: "auth_role_get",
  1203: "auth_role_grant_permission",
  1204: "auth_role_revoke_permission",
  1300: "cluster_version_set",
  1301: "cluster_member_attr_set",
  1302: "downgrade_info_set",
  9900: "downgrade_version_test",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readInternalRaftRequest(r: Reader, m: InternalRaftRequest): InternalRaftRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 802: {
        const outer = r.enter();
        m.header = readRequestHeader(r, m.header ?? newRequestHeader());
        r.leave(outer);
        break;
      }
      case 8:
        m.id = r.uint64Id();
        break;
      case 18: {
        const outer = r.enter();
        m.v2 = readRequest(r, m.v2 ?? newRequest());
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        m.range = readRangeRequest(r, m.range ?? newRangeRequest());
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.put = readPutRequest(r, m.put ?? newPutRequest());
        r.leave(outer);
        break;
      }
      case 42: {
        const outer = r.enter();
        m.deleteRange = readDeleteRangeRequest(r, m.deleteRange ?? newDeleteRangeRequest());
        r.leave(outer);
        break;
      }
      case 50: {
        const outer = r.enter();
        m.txn = readTxnRequest(r, m.txn ?? newTxnRequest());
        r.leave(outer);
        break;
      }
      case 58: {
        const outer = r.enter();
        m.compaction = readCompactionRequest(r, m.compaction ?? newCompactionRequest());
        r.leave(outer);
        break;
      }
      case 66: {
        const outer = r.enter();
        m.leaseGrant = readLeaseGrantRequest(r, m.leaseGrant ?? newLeaseGrantRequest());
        r.leave(outer);
        break;
      }
      case 74: {
        const outer = r.enter();
        m.leaseRevoke = readLeaseRevokeRequest(r, m.leaseRevoke ?? newLeaseRevokeRequest());
        r.leave(outer);
        break;
      }
      case 82: {
        const outer = r.enter();
        m.alarm = readAlarmRequest(r, m.alarm ?? newAlarmRequest());
        r.leave(outer);
        break;
      }
      case 90: {
        const outer = r.enter();
        m.leaseCheckpoint = readLeaseCheckpointRequest(r, m.leaseCheckpoint ?? newLeaseCheckpointRequest());
        r.leave(outer);
        break;
      }
      case 8002: {
        const outer = r.enter();
        m.authEnable = readAuthEnableRequest(r, m.authEnable ?? newAuthEnableRequest());
        r.leave(outer);
        break;
      }
      case 8090: {
        const outer = r.enter();
        m.authDisable = readAuthDisableRequest(r, m.authDisable ?? newAuthDisableRequest());
        r.leave(outer);
        break;
      }
      case 8106: {
        const outer = r.enter();
        m.authStatus = readAuthStatusRequest(r, m.authStatus ?? newAuthStatusRequest());
        r.leave(outer);
        break;
      }
      case 8098: {
        const outer = r.enter();
        m.authenticate = readInternalAuthenticateRequest(r, m.authenticate ?? newInternalAuthenticateRequest());
        r.leave(outer);
        break;
      }
      case 8802: {
        const outer = r.enter();
        m.authUserAdd = readAuthUserAddRequest(r, m.authUserAdd ?? newAuthUserAddRequest());
        r.leave(outer);
        break;
      }
      case 8810: {
        const outer = r.enter();
        m.authUserDelete = readAuthUserDeleteRequest(r, m.authUserDelete ?? newAuthUserDeleteRequest());
        r.leave(outer);
        break;
      }
      case 8818: {
        const outer = r.enter();
        m.authUserGet = readAuthUserGetRequest(r, m.authUserGet ?? newAuthUserGetRequest());
        r.leave(outer);
        break;
      }
      case 8826: {
        const outer = r.enter();
        m.authUserChangePassword = readAuthUserChangePasswordRequest(r, m.authUserChangePassword ?? newAuthUserChangePasswordRequest());
        r.leave(outer);
        break;
      }
      case 8834: {
        const outer = r.enter();
        m.authUserGrantRole = readAuthUserGrantRoleRequest(r, m.authUserGrantRole ?? newAuthUserGrantRoleRequest());
        r.leave(outer);
        break;
      }
      case 8842: {
        const outer = r.enter();
        m.authUserRevokeRole = readAuthUserRevokeRoleRequest(r, m.authUserRevokeRole ?? newAuthUserRevokeRoleRequest());
        r.leave(outer);
        break;
      }
      case 8850: {
        const outer = r.enter();
        m.authUserList = readAuthUserListRequest(r, m.authUserList ?? newAuthUserListRequest());
        r.leave(outer);
        break;
      }
      case 8858: {
        const outer = r.enter();
        m.authRoleList = readAuthRoleListRequest(r, m.authRoleList ?? newAuthRoleListRequest());
        r.leave(outer);
        break;
      }
      case 9602: {
        const outer = r.enter();
        m.authRoleAdd = readAuthRoleAddRequest(r, m.authRoleAdd ?? newAuthRoleAddRequest());
        r.leave(outer);
        break;
      }
      case 9610: {
        const outer = r.enter();
        m.authRoleDelete = readAuthRoleDeleteRequest(r, m.authRoleDelete ?? newAuthRoleDeleteRequest());
        r.leave(outer);
        break;
      }
      case 9618: {
        const outer = r.enter();
        m.authRoleGet = readAuthRoleGetRequest(r, m.authRoleGet ?? newAuthRoleGetRequest());
        r.leave(outer);
        break;
      }
      case 9626: {
        const outer = r.enter();
        m.authRoleGrantPermission = readAuthRoleGrantPermissionRequest(r, m.authRoleGrantPermission ?? newAuthRoleGrantPermissionRequest());
        r.leave(outer);
        break;
      }
      case 9634: {
        const outer = r.enter();
        m.authRoleRevokePermission = readAuthRoleRevokePermissionRequest(r, m.authRoleRevokePermission ?? newAuthRoleRevokePermissionRequest());
        r.leave(outer);
        break;
      }
      case 10402: {
        const outer = r.enter();
        m.clusterVersionSet = readClusterVersionSetRequest(r, m.clusterVersionSet ?? newClusterVersionSetRequest());
        r.leave(outer);
        break;
      }
      case 10410: {
        const outer = r.enter();
        m.clusterMemberAttrSet = readClusterMemberAttrSetRequest(r, m.clusterMemberAttrSet ?? newClusterMemberAttrSetRequest());
        r.leave(outer);
        break;
      }
      case 10418: {
        const outer = r.enter();
        m.downgradeInfoSet = readDowngradeInfoSetRequest(r, m.downgradeInfoSet ?? newDowngradeInfoSetRequest());
        r.leave(outer);
        break;
      }
      case 79202: {
        const outer = r.enter();
        m.downgradeVersionTest = readDowngradeVersionTestRequest(r, m.downgradeVersionTest ?? newDowngradeVersionTestRequest());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfInternalRaftRequest);
    }
  }
  return m;
}

/** The result of requests that concern the members only. */
export type EmptyResponse = Record<string, never>;

export function newEmptyResponse(): EmptyResponse {
  return {};
}

export function encodeEmptyResponse(m: EmptyResponse): Buffer {
  const w = startWriting();
  writeEmptyResponse(w, m);
  return w.finish();
}

export function writeEmptyResponse(_w: Writer, _m: EmptyResponse): void {
}

export function decodeEmptyResponse(bytes: Uint8Array): EmptyResponse {
  return readEmptyResponse(new Reader(bytes), newEmptyResponse());
}

const fieldsOfEmptyResponse: FieldNames = {};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readEmptyResponse(r: Reader, m: EmptyResponse): EmptyResponse {
  while (r.pos < r.end) r.other(r.tag(), fieldsOfEmptyResponse);
  return m;
}

/** An Authenticate whose token was made before it entered the log. */
export interface InternalAuthenticateRequest {
  name: string;
  password: string;
  simpleToken: string;
}

export function newInternalAuthenticateRequest(init?: Partial<InternalAuthenticateRequest>): InternalAuthenticateRequest {
  if (init === undefined) {
    return {
      name: "",
      password: "",
      simpleToken: "",
    };
  }
  return {
    name: init.name ?? "",
    password: init.password ?? "",
    simpleToken: init.simpleToken ?? "",
  };
}

export function encodeInternalAuthenticateRequest(m: InternalAuthenticateRequest): Buffer {
  const w = startWriting();
  writeInternalAuthenticateRequest(w, m);
  return w.finish();
}

export function writeInternalAuthenticateRequest(w: Writer, m: InternalAuthenticateRequest): void {
  if (m.simpleToken !== "") w.string(26, m.simpleToken);
  if (m.password !== "") w.string(18, m.password);
  if (m.name !== "") w.string(10, m.name);
}

export function decodeInternalAuthenticateRequest(bytes: Uint8Array): InternalAuthenticateRequest {
  return readInternalAuthenticateRequest(new Reader(bytes), newInternalAuthenticateRequest());
}

const fieldsOfInternalAuthenticateRequest: FieldNames = {
  1: "name",
  2: "password",
  3: "simple_token",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readInternalAuthenticateRequest(r: Reader, m: InternalAuthenticateRequest): InternalAuthenticateRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.string();
        break;
      case 18:
        m.password = r.string();
        break;
      case 26:
        m.simpleToken = r.string();
        break;
      default:
        r.other(tag, fieldsOfInternalAuthenticateRequest);
    }
  }
  return m;
}

/** What every answer says of the server and of the store at that time. */
export interface ResponseHeader {
  clusterId: bigint;
  memberId: bigint;
  /** The store's revision when the request was handled. */
  revision: number;
  raftTerm: number;
}

export function newResponseHeader(init?: Partial<ResponseHeader>): ResponseHeader {
  if (init === undefined) {
    return {
      clusterId: 0n,
      memberId: 0n,
      revision: 0,
      raftTerm: 0,
    };
  }
  return {
    clusterId: init.clusterId ?? 0n,
    memberId: init.memberId ?? 0n,
    revision: init.revision ?? 0,
    raftTerm: init.raftTerm ?? 0,
  };
}

export function encodeResponseHeader(m: ResponseHeader): Buffer {
  const w = startWriting();
  writeResponseHeader(w, m);
  return w.finish();
}

export function writeResponseHeader(w: Writer, m: ResponseHeader): void {
  if (m.raftTerm !== 0) w.int64(32, m.raftTerm);
  if (m.revision !== 0) w.int64(24, m.revision);
  if (m.memberId !== 0n) w.id(16, m.memberId);
  if (m.clusterId !== 0n) w.id(8, m.clusterId);
}

export function decodeResponseHeader(bytes: Uint8Array): ResponseHeader {
  return readResponseHeader(new Reader(bytes), newResponseHeader());
}

const fieldsOfResponseHeader: FieldNames = {
  1: "cluster_id",
  2: "member_id",
  3: "revision",
  4: "raft_term",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readResponseHeader(r: Reader, m: ResponseHeader): ResponseHeader {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.clusterId = r.uint64Id();
        break;
      case 16:
        m.memberId = r.uint64Id();
        break;
      case 24:
        m.revision = r.int64();
        break;
      case 32:
        m.raftTerm = r.uint64();
        break;
      default:
        r.other(tag, fieldsOfResponseHeader);
    }
  }
  return m;
}

/** Reads keys. */
export interface RangeRequest {
  key: Uint8Array;
  /** Empty: the one key. A zero byte: all keys from `key` on. Otherwise the end, not included. */
  rangeEnd: Uint8Array;
  /** 0: none. */
  limit: number;
  /** 0 and below: the newest. */
  revision: number;
  sortOrder: RangeRequest_SortOrder;
  sortTarget: RangeRequest_SortTarget;
  /** May be answered from this member's state without asking the others. */
  serializable: boolean;
  keysOnly: boolean;
  countOnly: boolean;
  minModRevision: number;
  maxModRevision: number;
  minCreateRevision: number;
  maxCreateRevision: number;
}

export function newRangeRequest(init?: Partial<RangeRequest>): RangeRequest {
  if (init === undefined) {
    return {
      key: EMPTY_BYTES,
      rangeEnd: EMPTY_BYTES,
      limit: 0,
      revision: 0,
      sortOrder: 0,
      sortTarget: 0,
      serializable: false,
      keysOnly: false,
      countOnly: false,
      minModRevision: 0,
      maxModRevision: 0,
      minCreateRevision: 0,
      maxCreateRevision: 0,
    };
  }
  return {
    key: init.key ?? EMPTY_BYTES,
    rangeEnd: init.rangeEnd ?? EMPTY_BYTES,
    limit: init.limit ?? 0,
    revision: init.revision ?? 0,
    sortOrder: init.sortOrder ?? 0,
    sortTarget: init.sortTarget ?? 0,
    serializable: init.serializable ?? false,
    keysOnly: init.keysOnly ?? false,
    countOnly: init.countOnly ?? false,
    minModRevision: init.minModRevision ?? 0,
    maxModRevision: init.maxModRevision ?? 0,
    minCreateRevision: init.minCreateRevision ?? 0,
    maxCreateRevision: init.maxCreateRevision ?? 0,
  };
}

export function encodeRangeRequest(m: RangeRequest): Buffer {
  const w = startWriting();
  writeRangeRequest(w, m);
  return w.finish();
}

export function writeRangeRequest(w: Writer, m: RangeRequest): void {
  if (m.maxCreateRevision !== 0) w.int64(104, m.maxCreateRevision);
  if (m.minCreateRevision !== 0) w.int64(96, m.minCreateRevision);
  if (m.maxModRevision !== 0) w.int64(88, m.maxModRevision);
  if (m.minModRevision !== 0) w.int64(80, m.minModRevision);
  if (m.countOnly) w.bool(72, m.countOnly);
  if (m.keysOnly) w.bool(64, m.keysOnly);
  if (m.serializable) w.bool(56, m.serializable);
  if (m.sortTarget !== 0) w.int32(48, m.sortTarget);
  if (m.sortOrder !== 0) w.int32(40, m.sortOrder);
  if (m.revision !== 0) w.int64(32, m.revision);
  if (m.limit !== 0) w.int64(24, m.limit);
  if (m.rangeEnd.length > 0) w.data(18, m.rangeEnd);
  if (m.key.length > 0) w.data(10, m.key);
}

export function decodeRangeRequest(bytes: Uint8Array): RangeRequest {
  return readRangeRequest(new Reader(bytes), newRangeRequest());
}

const fieldsOfRangeRequest: FieldNames = {
  1: "key",
  2: "range_end",
  3: "limit",
  4: "revision",
  5: "sort_order",
  6: "sort_target",
  7: "serializable",
  8: "keys_only",
  9: "count_only",
  10: "min_mod_revision",
  11: "max_mod_revision",
  12: "min_create_revision",
  13: "max_create_revision",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readRangeRequest(r: Reader, m: RangeRequest): RangeRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.key = r.view();
        break;
      case 18:
        m.rangeEnd = r.view();
        break;
      case 24:
        m.limit = r.int64();
        break;
      case 32:
        m.revision = r.int64();
        break;
      case 40:
        m.sortOrder = r.int32();
        break;
      case 48:
        m.sortTarget = r.int32();
        break;
      case 56:
        m.serializable = r.bool();
        break;
      case 64:
        m.keysOnly = r.bool();
        break;
      case 72:
        m.countOnly = r.bool();
        break;
      case 80:
        m.minModRevision = r.int64();
        break;
      case 88:
        m.maxModRevision = r.int64();
        break;
      case 96:
        m.minCreateRevision = r.int64();
        break;
      case 104:
        m.maxCreateRevision = r.int64();
        break;
      default:
        r.other(tag, fieldsOfRangeRequest);
    }
  }
  return m;
}

/** What was found. */
export interface RangeResponse {
  header: ResponseHeader | null;
  kvs: KeyValue[];
  /** There were more keys than the limit. */
  more: boolean;
  /** How many keys are in the range, the limit aside. */
  count: number;
}

export function newRangeResponse(init?: Partial<RangeResponse>): RangeResponse {
  if (init === undefined) {
    return {
      header: null,
      kvs: [],
      more: false,
      count: 0,
    };
  }
  return {
    header: init.header ?? null,
    kvs: init.kvs ?? [],
    more: init.more ?? false,
    count: init.count ?? 0,
  };
}

export function encodeRangeResponse(m: RangeResponse): Buffer {
  const w = startWriting();
  writeRangeResponse(w, m);
  return w.finish();
}

export function writeRangeResponse(w: Writer, m: RangeResponse): void {
  if (m.count !== 0) w.int64(32, m.count);
  if (m.more) w.bool(24, m.more);
  for (let i = m.kvs.length - 1; i >= 0; i--) {
    const before = w.size();
    writeKeyValue(w, m.kvs[i]!);
    w.nested(18, before);
  }
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeRangeResponse(bytes: Uint8Array): RangeResponse {
  return readRangeResponse(new Reader(bytes), newRangeResponse());
}

const fieldsOfRangeResponse: FieldNames = {
  1: "header",
  2: "kvs",
  3: "more",
  4: "count",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readRangeResponse(r: Reader, m: RangeResponse): RangeResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.kvs.push(readKeyValue(r, newKeyValue()));
        r.leave(outer);
        break;
      }
      case 24:
        m.more = r.bool();
        break;
      case 32:
        m.count = r.int64();
        break;
      default:
        r.other(tag, fieldsOfRangeResponse);
    }
  }
  return m;
}

/** A chunk of a RangeStream: header, more and count stand in the last one. */
export interface RangeStreamResponse {
  rangeResponse: RangeResponse | null;
}

export function newRangeStreamResponse(init?: Partial<RangeStreamResponse>): RangeStreamResponse {
  if (init === undefined) {
    return {
      rangeResponse: null,
    };
  }
  return {
    rangeResponse: init.rangeResponse ?? null,
  };
}

export function encodeRangeStreamResponse(m: RangeStreamResponse): Buffer {
  const w = startWriting();
  writeRangeStreamResponse(w, m);
  return w.finish();
}

export function writeRangeStreamResponse(w: Writer, m: RangeStreamResponse): void {
  if (m.rangeResponse !== null) {
    const before = w.size();
    writeRangeResponse(w, m.rangeResponse);
    w.nested(10, before);
  }
}

export function decodeRangeStreamResponse(bytes: Uint8Array): RangeStreamResponse {
  return readRangeStreamResponse(new Reader(bytes), newRangeStreamResponse());
}

const fieldsOfRangeStreamResponse: FieldNames = {
  1: "range_response",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readRangeStreamResponse(r: Reader, m: RangeStreamResponse): RangeStreamResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.rangeResponse = readRangeResponse(r, m.rangeResponse ?? newRangeResponse());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfRangeStreamResponse);
    }
  }
  return m;
}

/** Writes one key. */
export interface PutRequest {
  key: Uint8Array;
  value: Uint8Array;
  /** 0: none. */
  lease: bigint;
  /** The answer holds the key as it was before. */
  prevKv: boolean;
  /** Keeps the value the key has. */
  ignoreValue: boolean;
  /** Keeps the lease the key has. */
  ignoreLease: boolean;
}

export function newPutRequest(init?: Partial<PutRequest>): PutRequest {
  if (init === undefined) {
    return {
      key: EMPTY_BYTES,
      value: EMPTY_BYTES,
      lease: 0n,
      prevKv: false,
      ignoreValue: false,
      ignoreLease: false,
    };
  }
  return {
    key: init.key ?? EMPTY_BYTES,
    value: init.value ?? EMPTY_BYTES,
    lease: init.lease ?? 0n,
    prevKv: init.prevKv ?? false,
    ignoreValue: init.ignoreValue ?? false,
    ignoreLease: init.ignoreLease ?? false,
  };
}

export function encodePutRequest(m: PutRequest): Buffer {
  const w = startWriting();
  writePutRequest(w, m);
  return w.finish();
}

export function writePutRequest(w: Writer, m: PutRequest): void {
  if (m.ignoreLease) w.bool(48, m.ignoreLease);
  if (m.ignoreValue) w.bool(40, m.ignoreValue);
  if (m.prevKv) w.bool(32, m.prevKv);
  if (m.lease !== 0n) w.id(24, m.lease);
  if (m.value.length > 0) w.data(18, m.value);
  if (m.key.length > 0) w.data(10, m.key);
}

export function decodePutRequest(bytes: Uint8Array): PutRequest {
  return readPutRequest(new Reader(bytes), newPutRequest());
}

const fieldsOfPutRequest: FieldNames = {
  1: "key",
  2: "value",
  3: "lease",
  4: "prev_kv",
  5: "ignore_value",
  6: "ignore_lease",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readPutRequest(r: Reader, m: PutRequest): PutRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.key = r.view();
        break;
      case 18:
        m.value = r.view();
        break;
      case 24:
        m.lease = r.int64Id();
        break;
      case 32:
        m.prevKv = r.bool();
        break;
      case 40:
        m.ignoreValue = r.bool();
        break;
      case 48:
        m.ignoreLease = r.bool();
        break;
      default:
        r.other(tag, fieldsOfPutRequest);
    }
  }
  return m;
}

export interface PutResponse {
  header: ResponseHeader | null;
  prevKv: KeyValue | null;
}

export function newPutResponse(init?: Partial<PutResponse>): PutResponse {
  if (init === undefined) {
    return {
      header: null,
      prevKv: null,
    };
  }
  return {
    header: init.header ?? null,
    prevKv: init.prevKv ?? null,
  };
}

export function encodePutResponse(m: PutResponse): Buffer {
  const w = startWriting();
  writePutResponse(w, m);
  return w.finish();
}

export function writePutResponse(w: Writer, m: PutResponse): void {
  if (m.prevKv !== null) {
    const before = w.size();
    writeKeyValue(w, m.prevKv);
    w.nested(18, before);
  }
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodePutResponse(bytes: Uint8Array): PutResponse {
  return readPutResponse(new Reader(bytes), newPutResponse());
}

const fieldsOfPutResponse: FieldNames = {
  1: "header",
  2: "prev_kv",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readPutResponse(r: Reader, m: PutResponse): PutResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.prevKv = readKeyValue(r, m.prevKv ?? newKeyValue());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfPutResponse);
    }
  }
  return m;
}

/** Deletes keys. */
export interface DeleteRangeRequest {
  key: Uint8Array;
  rangeEnd: Uint8Array;
  prevKv: boolean;
}

export function newDeleteRangeRequest(init?: Partial<DeleteRangeRequest>): DeleteRangeRequest {
  if (init === undefined) {
    return {
      key: EMPTY_BYTES,
      rangeEnd: EMPTY_BYTES,
      prevKv: false,
    };
  }
  return {
    key: init.key ?? EMPTY_BYTES,
    rangeEnd: init.rangeEnd ?? EMPTY_BYTES,
    prevKv: init.prevKv ?? false,
  };
}

export function encodeDeleteRangeRequest(m: DeleteRangeRequest): Buffer {
  const w = startWriting();
  writeDeleteRangeRequest(w, m);
  return w.finish();
}

export function writeDeleteRangeRequest(w: Writer, m: DeleteRangeRequest): void {
  if (m.prevKv) w.bool(24, m.prevKv);
  if (m.rangeEnd.length > 0) w.data(18, m.rangeEnd);
  if (m.key.length > 0) w.data(10, m.key);
}

export function decodeDeleteRangeRequest(bytes: Uint8Array): DeleteRangeRequest {
  return readDeleteRangeRequest(new Reader(bytes), newDeleteRangeRequest());
}

const fieldsOfDeleteRangeRequest: FieldNames = {
  1: "key",
  2: "range_end",
  3: "prev_kv",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readDeleteRangeRequest(r: Reader, m: DeleteRangeRequest): DeleteRangeRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.key = r.view();
        break;
      case 18:
        m.rangeEnd = r.view();
        break;
      case 24:
        m.prevKv = r.bool();
        break;
      default:
        r.other(tag, fieldsOfDeleteRangeRequest);
    }
  }
  return m;
}

export interface DeleteRangeResponse {
  header: ResponseHeader | null;
  deleted: number;
  prevKvs: KeyValue[];
}

export function newDeleteRangeResponse(init?: Partial<DeleteRangeResponse>): DeleteRangeResponse {
  if (init === undefined) {
    return {
      header: null,
      deleted: 0,
      prevKvs: [],
    };
  }
  return {
    header: init.header ?? null,
    deleted: init.deleted ?? 0,
    prevKvs: init.prevKvs ?? [],
  };
}

export function encodeDeleteRangeResponse(m: DeleteRangeResponse): Buffer {
  const w = startWriting();
  writeDeleteRangeResponse(w, m);
  return w.finish();
}

export function writeDeleteRangeResponse(w: Writer, m: DeleteRangeResponse): void {
  for (let i = m.prevKvs.length - 1; i >= 0; i--) {
    const before = w.size();
    writeKeyValue(w, m.prevKvs[i]!);
    w.nested(26, before);
  }
  if (m.deleted !== 0) w.int64(16, m.deleted);
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeDeleteRangeResponse(bytes: Uint8Array): DeleteRangeResponse {
  return readDeleteRangeResponse(new Reader(bytes), newDeleteRangeResponse());
}

const fieldsOfDeleteRangeResponse: FieldNames = {
  1: "header",
  2: "deleted",
  3: "prev_kvs",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readDeleteRangeResponse(r: Reader, m: DeleteRangeResponse): DeleteRangeResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 16:
        m.deleted = r.int64();
        break;
      case 26: {
        const outer = r.enter();
        m.prevKvs.push(readKeyValue(r, newKeyValue()));
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfDeleteRangeResponse);
    }
  }
  return m;
}

export type RequestOp_Request =
  | { case: "requestRange"; value: RangeRequest }
  | { case: "requestPut"; value: PutRequest }
  | { case: "requestDeleteRange"; value: DeleteRangeRequest }
  | { case: "requestTxn"; value: TxnRequest };

/** One operation of a Txn. */
export interface RequestOp {
  request: RequestOp_Request | null;
}

export function newRequestOp(init?: Partial<RequestOp>): RequestOp {
  if (init === undefined) {
    return {
      request: null,
    };
  }
  return {
    request: init.request ?? null,
  };
}

export function encodeRequestOp(m: RequestOp): Buffer {
  const w = startWriting();
  writeRequestOp(w, m);
  return w.finish();
}

export function writeRequestOp(w: Writer, m: RequestOp): void {
  const chosen = m.request;
  if (chosen !== null) {
    switch (chosen.case) {
      case "requestRange": {
        const before = w.size();
        writeRangeRequest(w, chosen.value);
        w.nested(10, before);
        break;
      }
      case "requestPut": {
        const before = w.size();
        writePutRequest(w, chosen.value);
        w.nested(18, before);
        break;
      }
      case "requestDeleteRange": {
        const before = w.size();
        writeDeleteRangeRequest(w, chosen.value);
        w.nested(26, before);
        break;
      }
      case "requestTxn": {
        const before = w.size();
        writeTxnRequest(w, chosen.value);
        w.nested(34, before);
        break;
      }
    }
  }
}

export function decodeRequestOp(bytes: Uint8Array): RequestOp {
  return readRequestOp(new Reader(bytes), newRequestOp());
}

const fieldsOfRequestOp: FieldNames = {
  1: "request_range",
  2: "request_put",
  3: "request_delete_range",
  4: "request_txn",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readRequestOp(r: Reader, m: RequestOp): RequestOp {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.request = { case: "requestRange", value: readRangeRequest(r, newRangeRequest()) };
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.request = { case: "requestPut", value: readPutRequest(r, newPutRequest()) };
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        m.request = { case: "requestDeleteRange", value: readDeleteRangeRequest(r, newDeleteRangeRequest()) };
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.request = { case: "requestTxn", value: readTxnRequest(r, newTxnRequest()) };
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfRequestOp);
    }
  }
  return m;
}

export type ResponseOp_Response =
  | { case: "responseRange"; value: RangeResponse }
  | { case: "responsePut"; value: PutResponse }
  | { case: "responseDeleteRange"; value: DeleteRangeResponse }
  | { case: "responseTxn"; value: TxnResponse };

/** The answer to one operation of a Txn. */
export interface ResponseOp {
  response: ResponseOp_Response | null;
}

export function newResponseOp(init?: Partial<ResponseOp>): ResponseOp {
  if (init === undefined) {
    return {
      response: null,
    };
  }
  return {
    response: init.response ?? null,
  };
}

export function encodeResponseOp(m: ResponseOp): Buffer {
  const w = startWriting();
  writeResponseOp(w, m);
  return w.finish();
}

export function writeResponseOp(w: Writer, m: ResponseOp): void {
  const chosen = m.response;
  if (chosen !== null) {
    switch (chosen.case) {
      case "responseRange": {
        const before = w.size();
        writeRangeResponse(w, chosen.value);
        w.nested(10, before);
        break;
      }
      case "responsePut": {
        const before = w.size();
        writePutResponse(w, chosen.value);
        w.nested(18, before);
        break;
      }
      case "responseDeleteRange": {
        const before = w.size();
        writeDeleteRangeResponse(w, chosen.value);
        w.nested(26, before);
        break;
      }
      case "responseTxn": {
        const before = w.size();
        writeTxnResponse(w, chosen.value);
        w.nested(34, before);
        break;
      }
    }
  }
}

export function decodeResponseOp(bytes: Uint8Array): ResponseOp {
  return readResponseOp(new Reader(bytes), newResponseOp());
}

const fieldsOfResponseOp: FieldNames = {
  1: "response_range",
  2: "response_put",
  3: "response_delete_range",
  4: "response_txn",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readResponseOp(r: Reader, m: ResponseOp): ResponseOp {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.response = { case: "responseRange", value: readRangeResponse(r, newRangeResponse()) };
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.response = { case: "responsePut", value: readPutResponse(r, newPutResponse()) };
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        m.response = { case: "responseDeleteRange", value: readDeleteRangeResponse(r, newDeleteRangeResponse()) };
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.response = { case: "responseTxn", value: readTxnResponse(r, newTxnResponse()) };
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfResponseOp);
    }
  }
  return m;
}

export type Compare_TargetUnion =
  | { case: "version"; value: number }
  | { case: "createRevision"; value: number }
  | { case: "modRevision"; value: number }
  | { case: "value"; value: Uint8Array }
  | { case: "lease"; value: bigint };

/** What a Txn demands of a key, or of each key of a range. */
export interface Compare {
  result: Compare_CompareResult;
  target: Compare_CompareTarget;
  key: Uint8Array;
  targetUnion: Compare_TargetUnion | null;
  rangeEnd: Uint8Array;
}

export function newCompare(init?: Partial<Compare>): Compare {
  if (init === undefined) {
    return {
      result: 0,
      target: 0,
      key: EMPTY_BYTES,
      targetUnion: null,
      rangeEnd: EMPTY_BYTES,
    };
  }
  return {
    result: init.result ?? 0,
    target: init.target ?? 0,
    key: init.key ?? EMPTY_BYTES,
    targetUnion: init.targetUnion ?? null,
    rangeEnd: init.rangeEnd ?? EMPTY_BYTES,
  };
}

export function encodeCompare(m: Compare): Buffer {
  const w = startWriting();
  writeCompare(w, m);
  return w.finish();
}

export function writeCompare(w: Writer, m: Compare): void {
  if (m.rangeEnd.length > 0) w.data(514, m.rangeEnd);
  const chosen = m.targetUnion;
  if (chosen !== null) {
    switch (chosen.case) {
      case "version": {
        w.int64(32, chosen.value);
        break;
      }
      case "createRevision": {
        w.int64(40, chosen.value);
        break;
      }
      case "modRevision": {
        w.int64(48, chosen.value);
        break;
      }
      case "value": {
        w.data(58, chosen.value);
        break;
      }
      case "lease": {
        w.id(64, chosen.value);
        break;
      }
    }
  }
  if (m.key.length > 0) w.data(26, m.key);
  if (m.target !== 0) w.int32(16, m.target);
  if (m.result !== 0) w.int32(8, m.result);
}

export function decodeCompare(bytes: Uint8Array): Compare {
  return readCompare(new Reader(bytes), newCompare());
}

const fieldsOfCompare: FieldNames = {
  1: "result",
  2: "target",
  3: "key",
  4: "version",
  5: "create_revision",
  6: "mod_revision",
  7: "value",
  8: "lease",
  64: "range_end",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readCompare(r: Reader, m: Compare): Compare {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.result = r.int32();
        break;
      case 16:
        m.target = r.int32();
        break;
      case 26:
        m.key = r.view();
        break;
      case 32:
        m.targetUnion = { case: "version", value: r.int64() };
        break;
      case 40:
        m.targetUnion = { case: "createRevision", value: r.int64() };
        break;
      case 48:
        m.targetUnion = { case: "modRevision", value: r.int64() };
        break;
      case 58:
        m.targetUnion = { case: "value", value: r.view() };
        break;
      case 64:
        m.targetUnion = { case: "lease", value: r.int64Id() };
        break;
      case 514:
        m.rangeEnd = r.view();
        break;
      default:
        r.other(tag, fieldsOfCompare);
    }
  }
  return m;
}

/** If all compares hold, success is done, else failure: at one revision, all or nothing. */
export interface TxnRequest {
  compare: Compare[];
  success: RequestOp[];
  failure: RequestOp[];
}

export function newTxnRequest(init?: Partial<TxnRequest>): TxnRequest {
  if (init === undefined) {
    return {
      compare: [],
      success: [],
      failure: [],
    };
  }
  return {
    compare: init.compare ?? [],
    success: init.success ?? [],
    failure: init.failure ?? [],
  };
}

export function encodeTxnRequest(m: TxnRequest): Buffer {
  const w = startWriting();
  writeTxnRequest(w, m);
  return w.finish();
}

export function writeTxnRequest(w: Writer, m: TxnRequest): void {
  for (let i = m.failure.length - 1; i >= 0; i--) {
    const before = w.size();
    writeRequestOp(w, m.failure[i]!);
    w.nested(26, before);
  }
  for (let i = m.success.length - 1; i >= 0; i--) {
    const before = w.size();
    writeRequestOp(w, m.success[i]!);
    w.nested(18, before);
  }
  for (let i = m.compare.length - 1; i >= 0; i--) {
    const before = w.size();
    writeCompare(w, m.compare[i]!);
    w.nested(10, before);
  }
}

export function decodeTxnRequest(bytes: Uint8Array): TxnRequest {
  return readTxnRequest(new Reader(bytes), newTxnRequest());
}

const fieldsOfTxnRequest: FieldNames = {
  1: "compare",
  2: "success",
  3: "failure",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readTxnRequest(r: Reader, m: TxnRequest): TxnRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.compare.push(readCompare(r, newCompare()));
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.success.push(readRequestOp(r, newRequestOp()));
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        m.failure.push(readRequestOp(r, newRequestOp()));
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfTxnRequest);
    }
  }
  return m;
}

export interface TxnResponse {
  header: ResponseHeader | null;
  succeeded: boolean;
  responses: ResponseOp[];
}

export function newTxnResponse(init?: Partial<TxnResponse>): TxnResponse {
  if (init === undefined) {
    return {
      header: null,
      succeeded: false,
      responses: [],
    };
  }
  return {
    header: init.header ?? null,
    succeeded: init.succeeded ?? false,
    responses: init.responses ?? [],
  };
}

export function encodeTxnResponse(m: TxnResponse): Buffer {
  const w = startWriting();
  writeTxnResponse(w, m);
  return w.finish();
}

export function writeTxnResponse(w: Writer, m: TxnResponse): void {
  for (let i = m.responses.length - 1; i >= 0; i--) {
    const before = w.size();
    writeResponseOp(w, m.responses[i]!);
    w.nested(26, before);
  }
  if (m.succeeded) w.bool(16, m.succeeded);
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeTxnResponse(bytes: Uint8Array): TxnResponse {
  return readTxnResponse(new Reader(bytes), newTxnResponse());
}

const fieldsOfTxnResponse: FieldNames = {
  1: "header",
  2: "succeeded",
  3: "responses",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readTxnResponse(r: Reader, m: TxnResponse): TxnResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 16:
        m.succeeded = r.bool();
        break;
      case 26: {
        const outer = r.enter();
        m.responses.push(readResponseOp(r, newResponseOp()));
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfTxnResponse);
    }
  }
  return m;
}

/** Forgets what was overwritten or deleted up to a revision. */
export interface CompactionRequest {
  revision: number;
  /** Answers only when the space is free. */
  physical: boolean;
}

export function newCompactionRequest(init?: Partial<CompactionRequest>): CompactionRequest {
  if (init === undefined) {
    return {
      revision: 0,
      physical: false,
    };
  }
  return {
    revision: init.revision ?? 0,
    physical: init.physical ?? false,
  };
}

export function encodeCompactionRequest(m: CompactionRequest): Buffer {
  const w = startWriting();
  writeCompactionRequest(w, m);
  return w.finish();
}

export function writeCompactionRequest(w: Writer, m: CompactionRequest): void {
  if (m.physical) w.bool(16, m.physical);
  if (m.revision !== 0) w.int64(8, m.revision);
}

export function decodeCompactionRequest(bytes: Uint8Array): CompactionRequest {
  return readCompactionRequest(new Reader(bytes), newCompactionRequest());
}

const fieldsOfCompactionRequest: FieldNames = {
  1: "revision",
  2: "physical",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readCompactionRequest(r: Reader, m: CompactionRequest): CompactionRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.revision = r.int64();
        break;
      case 16:
        m.physical = r.bool();
        break;
      default:
        r.other(tag, fieldsOfCompactionRequest);
    }
  }
  return m;
}

export interface CompactionResponse {
  header: ResponseHeader | null;
}

export function newCompactionResponse(init?: Partial<CompactionResponse>): CompactionResponse {
  if (init === undefined) {
    return {
      header: null,
    };
  }
  return {
    header: init.header ?? null,
  };
}

export function encodeCompactionResponse(m: CompactionResponse): Buffer {
  const w = startWriting();
  writeCompactionResponse(w, m);
  return w.finish();
}

export function writeCompactionResponse(w: Writer, m: CompactionResponse): void {
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeCompactionResponse(bytes: Uint8Array): CompactionResponse {
  return readCompactionResponse(new Reader(bytes), newCompactionResponse());
}

const fieldsOfCompactionResponse: FieldNames = {
  1: "header",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readCompactionResponse(r: Reader, m: CompactionResponse): CompactionResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfCompactionResponse);
    }
  }
  return m;
}

/** Asks for the hash of the whole database file. */
export type HashRequest = Record<string, never>;

export function newHashRequest(): HashRequest {
  return {};
}

export function encodeHashRequest(m: HashRequest): Buffer {
  const w = startWriting();
  writeHashRequest(w, m);
  return w.finish();
}

export function writeHashRequest(_w: Writer, _m: HashRequest): void {
}

export function decodeHashRequest(bytes: Uint8Array): HashRequest {
  return readHashRequest(new Reader(bytes), newHashRequest());
}

const fieldsOfHashRequest: FieldNames = {};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readHashRequest(r: Reader, m: HashRequest): HashRequest {
  while (r.pos < r.end) r.other(r.tag(), fieldsOfHashRequest);
  return m;
}

/** Asks for the hash of the keys up to a revision: members with the same history agree on it. */
export interface HashKVRequest {
  /** 0: the newest. */
  revision: number;
}

export function newHashKVRequest(init?: Partial<HashKVRequest>): HashKVRequest {
  if (init === undefined) {
    return {
      revision: 0,
    };
  }
  return {
    revision: init.revision ?? 0,
  };
}

export function encodeHashKVRequest(m: HashKVRequest): Buffer {
  const w = startWriting();
  writeHashKVRequest(w, m);
  return w.finish();
}

export function writeHashKVRequest(w: Writer, m: HashKVRequest): void {
  if (m.revision !== 0) w.int64(8, m.revision);
}

export function decodeHashKVRequest(bytes: Uint8Array): HashKVRequest {
  return readHashKVRequest(new Reader(bytes), newHashKVRequest());
}

const fieldsOfHashKVRequest: FieldNames = {
  1: "revision",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readHashKVRequest(r: Reader, m: HashKVRequest): HashKVRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.revision = r.int64();
        break;
      default:
        r.other(tag, fieldsOfHashKVRequest);
    }
  }
  return m;
}

export interface HashKVResponse {
  header: ResponseHeader | null;
  hash: number;
  /** The oldest revision that the hash covers; -1: never compacted. */
  compactRevision: number;
  hashRevision: number;
}

export function newHashKVResponse(init?: Partial<HashKVResponse>): HashKVResponse {
  if (init === undefined) {
    return {
      header: null,
      hash: 0,
      compactRevision: 0,
      hashRevision: 0,
    };
  }
  return {
    header: init.header ?? null,
    hash: init.hash ?? 0,
    compactRevision: init.compactRevision ?? 0,
    hashRevision: init.hashRevision ?? 0,
  };
}

export function encodeHashKVResponse(m: HashKVResponse): Buffer {
  const w = startWriting();
  writeHashKVResponse(w, m);
  return w.finish();
}

export function writeHashKVResponse(w: Writer, m: HashKVResponse): void {
  if (m.hashRevision !== 0) w.int64(32, m.hashRevision);
  if (m.compactRevision !== 0) w.int64(24, m.compactRevision);
  if (m.hash !== 0) w.uint32(16, m.hash);
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeHashKVResponse(bytes: Uint8Array): HashKVResponse {
  return readHashKVResponse(new Reader(bytes), newHashKVResponse());
}

const fieldsOfHashKVResponse: FieldNames = {
  1: "header",
  2: "hash",
  3: "compact_revision",
  4: "hash_revision",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readHashKVResponse(r: Reader, m: HashKVResponse): HashKVResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 16:
        m.hash = r.uint32();
        break;
      case 24:
        m.compactRevision = r.int64();
        break;
      case 32:
        m.hashRevision = r.int64();
        break;
      default:
        r.other(tag, fieldsOfHashKVResponse);
    }
  }
  return m;
}

export interface HashResponse {
  header: ResponseHeader | null;
  hash: number;
}

export function newHashResponse(init?: Partial<HashResponse>): HashResponse {
  if (init === undefined) {
    return {
      header: null,
      hash: 0,
    };
  }
  return {
    header: init.header ?? null,
    hash: init.hash ?? 0,
  };
}

export function encodeHashResponse(m: HashResponse): Buffer {
  const w = startWriting();
  writeHashResponse(w, m);
  return w.finish();
}

export function writeHashResponse(w: Writer, m: HashResponse): void {
  if (m.hash !== 0) w.uint32(16, m.hash);
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeHashResponse(bytes: Uint8Array): HashResponse {
  return readHashResponse(new Reader(bytes), newHashResponse());
}

const fieldsOfHashResponse: FieldNames = {
  1: "header",
  2: "hash",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readHashResponse(r: Reader, m: HashResponse): HashResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 16:
        m.hash = r.uint32();
        break;
      default:
        r.other(tag, fieldsOfHashResponse);
    }
  }
  return m;
}

/** Asks for the database file. */
export type SnapshotRequest = Record<string, never>;

export function newSnapshotRequest(): SnapshotRequest {
  return {};
}

export function encodeSnapshotRequest(m: SnapshotRequest): Buffer {
  const w = startWriting();
  writeSnapshotRequest(w, m);
  return w.finish();
}

export function writeSnapshotRequest(_w: Writer, _m: SnapshotRequest): void {
}

export function decodeSnapshotRequest(bytes: Uint8Array): SnapshotRequest {
  return readSnapshotRequest(new Reader(bytes), newSnapshotRequest());
}

const fieldsOfSnapshotRequest: FieldNames = {};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readSnapshotRequest(r: Reader, m: SnapshotRequest): SnapshotRequest {
  while (r.pos < r.end) r.other(r.tag(), fieldsOfSnapshotRequest);
  return m;
}

/** A piece of the database file. */
export interface SnapshotResponse {
  header: ResponseHeader | null;
  /** How much follows. */
  remainingBytes: number;
  blob: Uint8Array;
  version: string;
}

export function newSnapshotResponse(init?: Partial<SnapshotResponse>): SnapshotResponse {
  if (init === undefined) {
    return {
      header: null,
      remainingBytes: 0,
      blob: EMPTY_BYTES,
      version: "",
    };
  }
  return {
    header: init.header ?? null,
    remainingBytes: init.remainingBytes ?? 0,
    blob: init.blob ?? EMPTY_BYTES,
    version: init.version ?? "",
  };
}

export function encodeSnapshotResponse(m: SnapshotResponse): Buffer {
  const w = startWriting();
  writeSnapshotResponse(w, m);
  return w.finish();
}

export function writeSnapshotResponse(w: Writer, m: SnapshotResponse): void {
  if (m.version !== "") w.string(34, m.version);
  if (m.blob.length > 0) w.data(26, m.blob);
  if (m.remainingBytes !== 0) w.int64(16, m.remainingBytes);
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeSnapshotResponse(bytes: Uint8Array): SnapshotResponse {
  return readSnapshotResponse(new Reader(bytes), newSnapshotResponse());
}

const fieldsOfSnapshotResponse: FieldNames = {
  1: "header",
  2: "remaining_bytes",
  3: "blob",
  4: "version",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readSnapshotResponse(r: Reader, m: SnapshotResponse): SnapshotResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 16:
        m.remainingBytes = r.uint64();
        break;
      case 26:
        m.blob = r.view();
        break;
      case 34:
        m.version = r.string();
        break;
      default:
        r.other(tag, fieldsOfSnapshotResponse);
    }
  }
  return m;
}

export type WatchRequest_RequestUnion =
  | { case: "createRequest"; value: WatchCreateRequest }
  | { case: "cancelRequest"; value: WatchCancelRequest }
  | { case: "progressRequest"; value: WatchProgressRequest };

/** What a client says on a watch stream. */
export interface WatchRequest {
  requestUnion: WatchRequest_RequestUnion | null;
}

export function newWatchRequest(init?: Partial<WatchRequest>): WatchRequest {
  if (init === undefined) {
    return {
      requestUnion: null,
    };
  }
  return {
    requestUnion: init.requestUnion ?? null,
  };
}

export function encodeWatchRequest(m: WatchRequest): Buffer {
  const w = startWriting();
  writeWatchRequest(w, m);
  return w.finish();
}

export function writeWatchRequest(w: Writer, m: WatchRequest): void {
  const chosen = m.requestUnion;
  if (chosen !== null) {
    switch (chosen.case) {
      case "createRequest": {
        const before = w.size();
        writeWatchCreateRequest(w, chosen.value);
        w.nested(10, before);
        break;
      }
      case "cancelRequest": {
        const before = w.size();
        writeWatchCancelRequest(w, chosen.value);
        w.nested(18, before);
        break;
      }
      case "progressRequest": {
        const before = w.size();
        writeWatchProgressRequest(w, chosen.value);
        w.nested(26, before);
        break;
      }
    }
  }
}

export function decodeWatchRequest(bytes: Uint8Array): WatchRequest {
  return readWatchRequest(new Reader(bytes), newWatchRequest());
}

const fieldsOfWatchRequest: FieldNames = {
  1: "create_request",
  2: "cancel_request",
  3: "progress_request",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readWatchRequest(r: Reader, m: WatchRequest): WatchRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.requestUnion = { case: "createRequest", value: readWatchCreateRequest(r, newWatchCreateRequest()) };
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.requestUnion = { case: "cancelRequest", value: readWatchCancelRequest(r, newWatchCancelRequest()) };
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        m.requestUnion = { case: "progressRequest", value: readWatchProgressRequest(r, newWatchProgressRequest()) };
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfWatchRequest);
    }
  }
  return m;
}

/** Watches keys. */
export interface WatchCreateRequest {
  key: Uint8Array;
  rangeEnd: Uint8Array;
  /** 0: from now on. */
  startRevision: number;
  /** Empty responses tell now and then how far the watcher is. */
  progressNotify: boolean;
  filters: WatchCreateRequest_FilterType[];
  prevKv: boolean;
  /** 0: the server chooses. */
  watchId: bigint;
  /** Large responses may be cut. */
  fragment: boolean;
}

export function newWatchCreateRequest(init?: Partial<WatchCreateRequest>): WatchCreateRequest {
  if (init === undefined) {
    return {
      key: EMPTY_BYTES,
      rangeEnd: EMPTY_BYTES,
      startRevision: 0,
      progressNotify: false,
      filters: [],
      prevKv: false,
      watchId: 0n,
      fragment: false,
    };
  }
  return {
    key: init.key ?? EMPTY_BYTES,
    rangeEnd: init.rangeEnd ?? EMPTY_BYTES,
    startRevision: init.startRevision ?? 0,
    progressNotify: init.progressNotify ?? false,
    filters: init.filters ?? [],
    prevKv: init.prevKv ?? false,
    watchId: init.watchId ?? 0n,
    fragment: init.fragment ?? false,
  };
}

export function encodeWatchCreateRequest(m: WatchCreateRequest): Buffer {
  const w = startWriting();
  writeWatchCreateRequest(w, m);
  return w.finish();
}

export function writeWatchCreateRequest(w: Writer, m: WatchCreateRequest): void {
  if (m.fragment) w.bool(64, m.fragment);
  if (m.watchId !== 0n) w.id(56, m.watchId);
  if (m.prevKv) w.bool(48, m.prevKv);
  if (m.filters.length > 0) {
    const before = w.size();
    for (let i = m.filters.length - 1; i >= 0; i--) w.packed(m.filters[i]!);
    w.nested(42, before);
  }
  if (m.progressNotify) w.bool(32, m.progressNotify);
  if (m.startRevision !== 0) w.int64(24, m.startRevision);
  if (m.rangeEnd.length > 0) w.data(18, m.rangeEnd);
  if (m.key.length > 0) w.data(10, m.key);
}

export function decodeWatchCreateRequest(bytes: Uint8Array): WatchCreateRequest {
  return readWatchCreateRequest(new Reader(bytes), newWatchCreateRequest());
}

const fieldsOfWatchCreateRequest: FieldNames = {
  1: "key",
  2: "range_end",
  3: "start_revision",
  4: "progress_notify",
  5: "filters",
  6: "prev_kv",
  7: "watch_id",
  8: "fragment",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readWatchCreateRequest(r: Reader, m: WatchCreateRequest): WatchCreateRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.key = r.view();
        break;
      case 18:
        m.rangeEnd = r.view();
        break;
      case 24:
        m.startRevision = r.int64();
        break;
      case 32:
        m.progressNotify = r.bool();
        break;
      case 40:
        m.filters.push(r.int32());
        break;
      case 42: {
        const end = r.packedEnd();
        while (r.pos < end) m.filters.push(r.int32());
        r.checkPacked(end);
        break;
      }
      case 48:
        m.prevKv = r.bool();
        break;
      case 56:
        m.watchId = r.int64Id();
        break;
      case 64:
        m.fragment = r.bool();
        break;
      default:
        r.other(tag, fieldsOfWatchCreateRequest);
    }
  }
  return m;
}

export interface WatchCancelRequest {
  watchId: bigint;
}

export function newWatchCancelRequest(init?: Partial<WatchCancelRequest>): WatchCancelRequest {
  if (init === undefined) {
    return {
      watchId: 0n,
    };
  }
  return {
    watchId: init.watchId ?? 0n,
  };
}

export function encodeWatchCancelRequest(m: WatchCancelRequest): Buffer {
  const w = startWriting();
  writeWatchCancelRequest(w, m);
  return w.finish();
}

export function writeWatchCancelRequest(w: Writer, m: WatchCancelRequest): void {
  if (m.watchId !== 0n) w.id(8, m.watchId);
}

export function decodeWatchCancelRequest(bytes: Uint8Array): WatchCancelRequest {
  return readWatchCancelRequest(new Reader(bytes), newWatchCancelRequest());
}

const fieldsOfWatchCancelRequest: FieldNames = {
  1: "watch_id",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readWatchCancelRequest(r: Reader, m: WatchCancelRequest): WatchCancelRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.watchId = r.int64Id();
        break;
      default:
        r.other(tag, fieldsOfWatchCancelRequest);
    }
  }
  return m;
}

/** Asks to be told once all watchers of the stream have seen everything. */
export type WatchProgressRequest = Record<string, never>;

export function newWatchProgressRequest(): WatchProgressRequest {
  return {};
}

export function encodeWatchProgressRequest(m: WatchProgressRequest): Buffer {
  const w = startWriting();
  writeWatchProgressRequest(w, m);
  return w.finish();
}

export function writeWatchProgressRequest(_w: Writer, _m: WatchProgressRequest): void {
}

export function decodeWatchProgressRequest(bytes: Uint8Array): WatchProgressRequest {
  return readWatchProgressRequest(new Reader(bytes), newWatchProgressRequest());
}

const fieldsOfWatchProgressRequest: FieldNames = {};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readWatchProgressRequest(r: Reader, m: WatchProgressRequest): WatchProgressRequest {
  while (r.pos < r.end) r.other(r.tag(), fieldsOfWatchProgressRequest);
  return m;
}

/** What a server says on a watch stream. */
export interface WatchResponse {
  header: ResponseHeader | null;
  watchId: bigint;
  created: boolean;
  canceled: boolean;
  /** Not 0: the start revision is compacted, and this is the revision of the compaction. */
  compactRevision: number;
  cancelReason: string;
  /** More of this response follows. */
  fragment: boolean;
  events: Event[];
}

export function newWatchResponse(init?: Partial<WatchResponse>): WatchResponse {
  if (init === undefined) {
    return {
      header: null,
      watchId: 0n,
      created: false,
      canceled: false,
      compactRevision: 0,
      cancelReason: "",
      fragment: false,
      events: [],
    };
  }
  return {
    header: init.header ?? null,
    watchId: init.watchId ?? 0n,
    created: init.created ?? false,
    canceled: init.canceled ?? false,
    compactRevision: init.compactRevision ?? 0,
    cancelReason: init.cancelReason ?? "",
    fragment: init.fragment ?? false,
    events: init.events ?? [],
  };
}

export function encodeWatchResponse(m: WatchResponse): Buffer {
  const w = startWriting();
  writeWatchResponse(w, m);
  return w.finish();
}

export function writeWatchResponse(w: Writer, m: WatchResponse): void {
  for (let i = m.events.length - 1; i >= 0; i--) {
    const before = w.size();
    writeEvent(w, m.events[i]!);
    w.nested(90, before);
  }
  if (m.fragment) w.bool(56, m.fragment);
  if (m.cancelReason !== "") w.string(50, m.cancelReason);
  if (m.compactRevision !== 0) w.int64(40, m.compactRevision);
  if (m.canceled) w.bool(32, m.canceled);
  if (m.created) w.bool(24, m.created);
  if (m.watchId !== 0n) w.id(16, m.watchId);
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeWatchResponse(bytes: Uint8Array): WatchResponse {
  return readWatchResponse(new Reader(bytes), newWatchResponse());
}

const fieldsOfWatchResponse: FieldNames = {
  1: "header",
  2: "watch_id",
  3: "created",
  4: "canceled",
  5: "compact_revision",
  6: "cancel_reason",
  7: "fragment",
  11: "events",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readWatchResponse(r: Reader, m: WatchResponse): WatchResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 16:
        m.watchId = r.int64Id();
        break;
      case 24:
        m.created = r.bool();
        break;
      case 32:
        m.canceled = r.bool();
        break;
      case 40:
        m.compactRevision = r.int64();
        break;
      case 50:
        m.cancelReason = r.string();
        break;
      case 56:
        m.fragment = r.bool();
        break;
      case 90: {
        const outer = r.enter();
        m.events.push(readEvent(r, newEvent()));
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfWatchResponse);
    }
  }
  return m;
}

/** Asks for a lease. */
export interface LeaseGrantRequest {
  /** Seconds. */
  ttl: number;
  /** 0: the server chooses. */
  id: bigint;
}

export function newLeaseGrantRequest(init?: Partial<LeaseGrantRequest>): LeaseGrantRequest {
  if (init === undefined) {
    return {
      ttl: 0,
      id: 0n,
    };
  }
  return {
    ttl: init.ttl ?? 0,
    id: init.id ?? 0n,
  };
}

export function encodeLeaseGrantRequest(m: LeaseGrantRequest): Buffer {
  const w = startWriting();
  writeLeaseGrantRequest(w, m);
  return w.finish();
}

export function writeLeaseGrantRequest(w: Writer, m: LeaseGrantRequest): void {
  if (m.id !== 0n) w.id(16, m.id);
  if (m.ttl !== 0) w.int64(8, m.ttl);
}

export function decodeLeaseGrantRequest(bytes: Uint8Array): LeaseGrantRequest {
  return readLeaseGrantRequest(new Reader(bytes), newLeaseGrantRequest());
}

const fieldsOfLeaseGrantRequest: FieldNames = {
  1: "TTL",
  2: "ID",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readLeaseGrantRequest(r: Reader, m: LeaseGrantRequest): LeaseGrantRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.ttl = r.int64();
        break;
      case 16:
        m.id = r.int64Id();
        break;
      default:
        r.other(tag, fieldsOfLeaseGrantRequest);
    }
  }
  return m;
}

export interface LeaseGrantResponse {
  header: ResponseHeader | null;
  id: bigint;
  ttl: number;
  error: string;
}

export function newLeaseGrantResponse(init?: Partial<LeaseGrantResponse>): LeaseGrantResponse {
  if (init === undefined) {
    return {
      header: null,
      id: 0n,
      ttl: 0,
      error: "",
    };
  }
  return {
    header: init.header ?? null,
    id: init.id ?? 0n,
    ttl: init.ttl ?? 0,
    error: init.error ?? "",
  };
}

export function encodeLeaseGrantResponse(m: LeaseGrantResponse): Buffer {
  const w = startWriting();
  writeLeaseGrantResponse(w, m);
  return w.finish();
}

export function writeLeaseGrantResponse(w: Writer, m: LeaseGrantResponse): void {
  if (m.error !== "") w.string(34, m.error);
  if (m.ttl !== 0) w.int64(24, m.ttl);
  if (m.id !== 0n) w.id(16, m.id);
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeLeaseGrantResponse(bytes: Uint8Array): LeaseGrantResponse {
  return readLeaseGrantResponse(new Reader(bytes), newLeaseGrantResponse());
}

const fieldsOfLeaseGrantResponse: FieldNames = {
  1: "header",
  2: "ID",
  3: "TTL",
  4: "error",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readLeaseGrantResponse(r: Reader, m: LeaseGrantResponse): LeaseGrantResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 16:
        m.id = r.int64Id();
        break;
      case 24:
        m.ttl = r.int64();
        break;
      case 34:
        m.error = r.string();
        break;
      default:
        r.other(tag, fieldsOfLeaseGrantResponse);
    }
  }
  return m;
}

/** Ends a lease, and with it the keys attached to it. */
export interface LeaseRevokeRequest {
  id: bigint;
}

export function newLeaseRevokeRequest(init?: Partial<LeaseRevokeRequest>): LeaseRevokeRequest {
  if (init === undefined) {
    return {
      id: 0n,
    };
  }
  return {
    id: init.id ?? 0n,
  };
}

export function encodeLeaseRevokeRequest(m: LeaseRevokeRequest): Buffer {
  const w = startWriting();
  writeLeaseRevokeRequest(w, m);
  return w.finish();
}

export function writeLeaseRevokeRequest(w: Writer, m: LeaseRevokeRequest): void {
  if (m.id !== 0n) w.id(8, m.id);
}

export function decodeLeaseRevokeRequest(bytes: Uint8Array): LeaseRevokeRequest {
  return readLeaseRevokeRequest(new Reader(bytes), newLeaseRevokeRequest());
}

const fieldsOfLeaseRevokeRequest: FieldNames = {
  1: "ID",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readLeaseRevokeRequest(r: Reader, m: LeaseRevokeRequest): LeaseRevokeRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.int64Id();
        break;
      default:
        r.other(tag, fieldsOfLeaseRevokeRequest);
    }
  }
  return m;
}

export interface LeaseRevokeResponse {
  header: ResponseHeader | null;
}

export function newLeaseRevokeResponse(init?: Partial<LeaseRevokeResponse>): LeaseRevokeResponse {
  if (init === undefined) {
    return {
      header: null,
    };
  }
  return {
    header: init.header ?? null,
  };
}

export function encodeLeaseRevokeResponse(m: LeaseRevokeResponse): Buffer {
  const w = startWriting();
  writeLeaseRevokeResponse(w, m);
  return w.finish();
}

export function writeLeaseRevokeResponse(w: Writer, m: LeaseRevokeResponse): void {
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeLeaseRevokeResponse(bytes: Uint8Array): LeaseRevokeResponse {
  return readLeaseRevokeResponse(new Reader(bytes), newLeaseRevokeResponse());
}

const fieldsOfLeaseRevokeResponse: FieldNames = {
  1: "header",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readLeaseRevokeResponse(r: Reader, m: LeaseRevokeResponse): LeaseRevokeResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfLeaseRevokeResponse);
    }
  }
  return m;
}

/** How much of a lease is left. */
export interface LeaseCheckpoint {
  id: bigint;
  remainingTtl: number;
}

export function newLeaseCheckpoint(init?: Partial<LeaseCheckpoint>): LeaseCheckpoint {
  if (init === undefined) {
    return {
      id: 0n,
      remainingTtl: 0,
    };
  }
  return {
    id: init.id ?? 0n,
    remainingTtl: init.remainingTtl ?? 0,
  };
}

export function encodeLeaseCheckpoint(m: LeaseCheckpoint): Buffer {
  const w = startWriting();
  writeLeaseCheckpoint(w, m);
  return w.finish();
}

export function writeLeaseCheckpoint(w: Writer, m: LeaseCheckpoint): void {
  if (m.remainingTtl !== 0) w.int64(16, m.remainingTtl);
  if (m.id !== 0n) w.id(8, m.id);
}

export function decodeLeaseCheckpoint(bytes: Uint8Array): LeaseCheckpoint {
  return readLeaseCheckpoint(new Reader(bytes), newLeaseCheckpoint());
}

const fieldsOfLeaseCheckpoint: FieldNames = {
  1: "ID",
  2: "remaining_TTL",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readLeaseCheckpoint(r: Reader, m: LeaseCheckpoint): LeaseCheckpoint {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.int64Id();
        break;
      case 16:
        m.remainingTtl = r.int64();
        break;
      default:
        r.other(tag, fieldsOfLeaseCheckpoint);
    }
  }
  return m;
}

/** Spreads how much of leases is left, so that a new leader does not begin them anew. */
export interface LeaseCheckpointRequest {
  checkpoints: LeaseCheckpoint[];
}

export function newLeaseCheckpointRequest(init?: Partial<LeaseCheckpointRequest>): LeaseCheckpointRequest {
  if (init === undefined) {
    return {
      checkpoints: [],
    };
  }
  return {
    checkpoints: init.checkpoints ?? [],
  };
}

export function encodeLeaseCheckpointRequest(m: LeaseCheckpointRequest): Buffer {
  const w = startWriting();
  writeLeaseCheckpointRequest(w, m);
  return w.finish();
}

export function writeLeaseCheckpointRequest(w: Writer, m: LeaseCheckpointRequest): void {
  for (let i = m.checkpoints.length - 1; i >= 0; i--) {
    const before = w.size();
    writeLeaseCheckpoint(w, m.checkpoints[i]!);
    w.nested(10, before);
  }
}

export function decodeLeaseCheckpointRequest(bytes: Uint8Array): LeaseCheckpointRequest {
  return readLeaseCheckpointRequest(new Reader(bytes), newLeaseCheckpointRequest());
}

const fieldsOfLeaseCheckpointRequest: FieldNames = {
  1: "checkpoints",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readLeaseCheckpointRequest(r: Reader, m: LeaseCheckpointRequest): LeaseCheckpointRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.checkpoints.push(readLeaseCheckpoint(r, newLeaseCheckpoint()));
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfLeaseCheckpointRequest);
    }
  }
  return m;
}

export interface LeaseCheckpointResponse {
  header: ResponseHeader | null;
}

export function newLeaseCheckpointResponse(init?: Partial<LeaseCheckpointResponse>): LeaseCheckpointResponse {
  if (init === undefined) {
    return {
      header: null,
    };
  }
  return {
    header: init.header ?? null,
  };
}

export function encodeLeaseCheckpointResponse(m: LeaseCheckpointResponse): Buffer {
  const w = startWriting();
  writeLeaseCheckpointResponse(w, m);
  return w.finish();
}

export function writeLeaseCheckpointResponse(w: Writer, m: LeaseCheckpointResponse): void {
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeLeaseCheckpointResponse(bytes: Uint8Array): LeaseCheckpointResponse {
  return readLeaseCheckpointResponse(new Reader(bytes), newLeaseCheckpointResponse());
}

const fieldsOfLeaseCheckpointResponse: FieldNames = {
  1: "header",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readLeaseCheckpointResponse(r: Reader, m: LeaseCheckpointResponse): LeaseCheckpointResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfLeaseCheckpointResponse);
    }
  }
  return m;
}

/** Renews a lease. */
export interface LeaseKeepAliveRequest {
  id: bigint;
}

export function newLeaseKeepAliveRequest(init?: Partial<LeaseKeepAliveRequest>): LeaseKeepAliveRequest {
  if (init === undefined) {
    return {
      id: 0n,
    };
  }
  return {
    id: init.id ?? 0n,
  };
}

export function encodeLeaseKeepAliveRequest(m: LeaseKeepAliveRequest): Buffer {
  const w = startWriting();
  writeLeaseKeepAliveRequest(w, m);
  return w.finish();
}

export function writeLeaseKeepAliveRequest(w: Writer, m: LeaseKeepAliveRequest): void {
  if (m.id !== 0n) w.id(8, m.id);
}

export function decodeLeaseKeepAliveRequest(bytes: Uint8Array): LeaseKeepAliveRequest {
  return readLeaseKeepAliveRequest(new Reader(bytes), newLeaseKeepAliveRequest());
}

const fieldsOfLeaseKeepAliveRequest: FieldNames = {
  1: "ID",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readLeaseKeepAliveRequest(r: Reader, m: LeaseKeepAliveRequest): LeaseKeepAliveRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.int64Id();
        break;
      default:
        r.other(tag, fieldsOfLeaseKeepAliveRequest);
    }
  }
  return m;
}

export interface LeaseKeepAliveResponse {
  header: ResponseHeader | null;
  id: bigint;
  /** 0: there is no such lease. */
  ttl: number;
}

export function newLeaseKeepAliveResponse(init?: Partial<LeaseKeepAliveResponse>): LeaseKeepAliveResponse {
  if (init === undefined) {
    return {
      header: null,
      id: 0n,
      ttl: 0,
    };
  }
  return {
    header: init.header ?? null,
    id: init.id ?? 0n,
    ttl: init.ttl ?? 0,
  };
}

export function encodeLeaseKeepAliveResponse(m: LeaseKeepAliveResponse): Buffer {
  const w = startWriting();
  writeLeaseKeepAliveResponse(w, m);
  return w.finish();
}

export function writeLeaseKeepAliveResponse(w: Writer, m: LeaseKeepAliveResponse): void {
  if (m.ttl !== 0) w.int64(24, m.ttl);
  if (m.id !== 0n) w.id(16, m.id);
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeLeaseKeepAliveResponse(bytes: Uint8Array): LeaseKeepAliveResponse {
  return readLeaseKeepAliveResponse(new Reader(bytes), newLeaseKeepAliveResponse());
}

const fieldsOfLeaseKeepAliveResponse: FieldNames = {
  1: "header",
  2: "ID",
  3: "TTL",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readLeaseKeepAliveResponse(r: Reader, m: LeaseKeepAliveResponse): LeaseKeepAliveResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 16:
        m.id = r.int64Id();
        break;
      case 24:
        m.ttl = r.int64();
        break;
      default:
        r.other(tag, fieldsOfLeaseKeepAliveResponse);
    }
  }
  return m;
}

/** Asks how much of a lease is left. */
export interface LeaseTimeToLiveRequest {
  id: bigint;
  keys: boolean;
}

export function newLeaseTimeToLiveRequest(init?: Partial<LeaseTimeToLiveRequest>): LeaseTimeToLiveRequest {
  if (init === undefined) {
    return {
      id: 0n,
      keys: false,
    };
  }
  return {
    id: init.id ?? 0n,
    keys: init.keys ?? false,
  };
}

export function encodeLeaseTimeToLiveRequest(m: LeaseTimeToLiveRequest): Buffer {
  const w = startWriting();
  writeLeaseTimeToLiveRequest(w, m);
  return w.finish();
}

export function writeLeaseTimeToLiveRequest(w: Writer, m: LeaseTimeToLiveRequest): void {
  if (m.keys) w.bool(16, m.keys);
  if (m.id !== 0n) w.id(8, m.id);
}

export function decodeLeaseTimeToLiveRequest(bytes: Uint8Array): LeaseTimeToLiveRequest {
  return readLeaseTimeToLiveRequest(new Reader(bytes), newLeaseTimeToLiveRequest());
}

const fieldsOfLeaseTimeToLiveRequest: FieldNames = {
  1: "ID",
  2: "keys",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readLeaseTimeToLiveRequest(r: Reader, m: LeaseTimeToLiveRequest): LeaseTimeToLiveRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.int64Id();
        break;
      case 16:
        m.keys = r.bool();
        break;
      default:
        r.other(tag, fieldsOfLeaseTimeToLiveRequest);
    }
  }
  return m;
}

export interface LeaseTimeToLiveResponse {
  header: ResponseHeader | null;
  id: bigint;
  /** Seconds left; -1: there is no such lease. */
  ttl: number;
  grantedTtl: number;
  keys: Uint8Array[];
}

export function newLeaseTimeToLiveResponse(init?: Partial<LeaseTimeToLiveResponse>): LeaseTimeToLiveResponse {
  if (init === undefined) {
    return {
      header: null,
      id: 0n,
      ttl: 0,
      grantedTtl: 0,
      keys: [],
    };
  }
  return {
    header: init.header ?? null,
    id: init.id ?? 0n,
    ttl: init.ttl ?? 0,
    grantedTtl: init.grantedTtl ?? 0,
    keys: init.keys ?? [],
  };
}

export function encodeLeaseTimeToLiveResponse(m: LeaseTimeToLiveResponse): Buffer {
  const w = startWriting();
  writeLeaseTimeToLiveResponse(w, m);
  return w.finish();
}

export function writeLeaseTimeToLiveResponse(w: Writer, m: LeaseTimeToLiveResponse): void {
  for (let i = m.keys.length - 1; i >= 0; i--) w.data(42, m.keys[i]!);
  if (m.grantedTtl !== 0) w.int64(32, m.grantedTtl);
  if (m.ttl !== 0) w.int64(24, m.ttl);
  if (m.id !== 0n) w.id(16, m.id);
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeLeaseTimeToLiveResponse(bytes: Uint8Array): LeaseTimeToLiveResponse {
  return readLeaseTimeToLiveResponse(new Reader(bytes), newLeaseTimeToLiveResponse());
}

const fieldsOfLeaseTimeToLiveResponse: FieldNames = {
  1: "header",
  2: "ID",
  3: "TTL",
  4: "grantedTTL",
  5: "keys",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readLeaseTimeToLiveResponse(r: Reader, m: LeaseTimeToLiveResponse): LeaseTimeToLiveResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 16:
        m.id = r.int64Id();
        break;
      case 24:
        m.ttl = r.int64();
        break;
      case 32:
        m.grantedTtl = r.int64();
        break;
      case 42:
        m.keys.push(r.view());
        break;
      default:
        r.other(tag, fieldsOfLeaseTimeToLiveResponse);
    }
  }
  return m;
}

/** Asks for all leases. */
export type LeaseLeasesRequest = Record<string, never>;

export function newLeaseLeasesRequest(): LeaseLeasesRequest {
  return {};
}

export function encodeLeaseLeasesRequest(m: LeaseLeasesRequest): Buffer {
  const w = startWriting();
  writeLeaseLeasesRequest(w, m);
  return w.finish();
}

export function writeLeaseLeasesRequest(_w: Writer, _m: LeaseLeasesRequest): void {
}

export function decodeLeaseLeasesRequest(bytes: Uint8Array): LeaseLeasesRequest {
  return readLeaseLeasesRequest(new Reader(bytes), newLeaseLeasesRequest());
}

const fieldsOfLeaseLeasesRequest: FieldNames = {};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readLeaseLeasesRequest(r: Reader, m: LeaseLeasesRequest): LeaseLeasesRequest {
  while (r.pos < r.end) r.other(r.tag(), fieldsOfLeaseLeasesRequest);
  return m;
}

export interface LeaseStatus {
  id: bigint;
}

export function newLeaseStatus(init?: Partial<LeaseStatus>): LeaseStatus {
  if (init === undefined) {
    return {
      id: 0n,
    };
  }
  return {
    id: init.id ?? 0n,
  };
}

export function encodeLeaseStatus(m: LeaseStatus): Buffer {
  const w = startWriting();
  writeLeaseStatus(w, m);
  return w.finish();
}

export function writeLeaseStatus(w: Writer, m: LeaseStatus): void {
  if (m.id !== 0n) w.id(8, m.id);
}

export function decodeLeaseStatus(bytes: Uint8Array): LeaseStatus {
  return readLeaseStatus(new Reader(bytes), newLeaseStatus());
}

const fieldsOfLeaseStatus: FieldNames = {
  1: "ID",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readLeaseStatus(r: Reader, m: LeaseStatus): LeaseStatus {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.int64Id();
        break;
      default:
        r.other(tag, fieldsOfLeaseStatus);
    }
  }
  return m;
}

export interface LeaseLeasesResponse {
  header: ResponseHeader | null;
  leases: LeaseStatus[];
}

export function newLeaseLeasesResponse(init?: Partial<LeaseLeasesResponse>): LeaseLeasesResponse {
  if (init === undefined) {
    return {
      header: null,
      leases: [],
    };
  }
  return {
    header: init.header ?? null,
    leases: init.leases ?? [],
  };
}

export function encodeLeaseLeasesResponse(m: LeaseLeasesResponse): Buffer {
  const w = startWriting();
  writeLeaseLeasesResponse(w, m);
  return w.finish();
}

export function writeLeaseLeasesResponse(w: Writer, m: LeaseLeasesResponse): void {
  for (let i = m.leases.length - 1; i >= 0; i--) {
    const before = w.size();
    writeLeaseStatus(w, m.leases[i]!);
    w.nested(18, before);
  }
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeLeaseLeasesResponse(bytes: Uint8Array): LeaseLeasesResponse {
  return readLeaseLeasesResponse(new Reader(bytes), newLeaseLeasesResponse());
}

const fieldsOfLeaseLeasesResponse: FieldNames = {
  1: "header",
  2: "leases",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readLeaseLeasesResponse(r: Reader, m: LeaseLeasesResponse): LeaseLeasesResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.leases.push(readLeaseStatus(r, newLeaseStatus()));
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfLeaseLeasesResponse);
    }
  }
  return m;
}

/** A member of the cluster; without a name as long as it has never started. */
export interface Member {
  id: bigint;
  name: string;
  peerUrls: string[];
  clientUrls: string[];
  isLearner: boolean;
}

export function newMember(init?: Partial<Member>): Member {
  if (init === undefined) {
    return {
      id: 0n,
      name: "",
      peerUrls: [],
      clientUrls: [],
      isLearner: false,
    };
  }
  return {
    id: init.id ?? 0n,
    name: init.name ?? "",
    peerUrls: init.peerUrls ?? [],
    clientUrls: init.clientUrls ?? [],
    isLearner: init.isLearner ?? false,
  };
}

export function encodeMember(m: Member): Buffer {
  const w = startWriting();
  writeMember(w, m);
  return w.finish();
}

export function writeMember(w: Writer, m: Member): void {
  if (m.isLearner) w.bool(40, m.isLearner);
  for (let i = m.clientUrls.length - 1; i >= 0; i--) w.string(34, m.clientUrls[i]!);
  for (let i = m.peerUrls.length - 1; i >= 0; i--) w.string(26, m.peerUrls[i]!);
  if (m.name !== "") w.string(18, m.name);
  if (m.id !== 0n) w.id(8, m.id);
}

export function decodeMember(bytes: Uint8Array): Member {
  return readMember(new Reader(bytes), newMember());
}

const fieldsOfMember: FieldNames = {
  1: "ID",
  2: "name",
  3: "peerURLs",
  4: "clientURLs",
  5: "isLearner",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readMember(r: Reader, m: Member): Member {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.uint64Id();
        break;
      case 18:
        m.name = r.string();
        break;
      case 26:
        m.peerUrls.push(r.string());
        break;
      case 34:
        m.clientUrls.push(r.string());
        break;
      case 40:
        m.isLearner = r.bool();
        break;
      default:
        r.other(tag, fieldsOfMember);
    }
  }
  return m;
}

export interface MemberAddRequest {
  peerUrls: string[];
  isLearner: boolean;
}

export function newMemberAddRequest(init?: Partial<MemberAddRequest>): MemberAddRequest {
  if (init === undefined) {
    return {
      peerUrls: [],
      isLearner: false,
    };
  }
  return {
    peerUrls: init.peerUrls ?? [],
    isLearner: init.isLearner ?? false,
  };
}

export function encodeMemberAddRequest(m: MemberAddRequest): Buffer {
  const w = startWriting();
  writeMemberAddRequest(w, m);
  return w.finish();
}

export function writeMemberAddRequest(w: Writer, m: MemberAddRequest): void {
  if (m.isLearner) w.bool(16, m.isLearner);
  for (let i = m.peerUrls.length - 1; i >= 0; i--) w.string(10, m.peerUrls[i]!);
}

export function decodeMemberAddRequest(bytes: Uint8Array): MemberAddRequest {
  return readMemberAddRequest(new Reader(bytes), newMemberAddRequest());
}

const fieldsOfMemberAddRequest: FieldNames = {
  1: "peerURLs",
  2: "isLearner",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readMemberAddRequest(r: Reader, m: MemberAddRequest): MemberAddRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.peerUrls.push(r.string());
        break;
      case 16:
        m.isLearner = r.bool();
        break;
      default:
        r.other(tag, fieldsOfMemberAddRequest);
    }
  }
  return m;
}

export interface MemberAddResponse {
  header: ResponseHeader | null;
  member: Member | null;
  members: Member[];
}

export function newMemberAddResponse(init?: Partial<MemberAddResponse>): MemberAddResponse {
  if (init === undefined) {
    return {
      header: null,
      member: null,
      members: [],
    };
  }
  return {
    header: init.header ?? null,
    member: init.member ?? null,
    members: init.members ?? [],
  };
}

export function encodeMemberAddResponse(m: MemberAddResponse): Buffer {
  const w = startWriting();
  writeMemberAddResponse(w, m);
  return w.finish();
}

export function writeMemberAddResponse(w: Writer, m: MemberAddResponse): void {
  for (let i = m.members.length - 1; i >= 0; i--) {
    const before = w.size();
    writeMember(w, m.members[i]!);
    w.nested(26, before);
  }
  if (m.member !== null) {
    const before = w.size();
    writeMember(w, m.member);
    w.nested(18, before);
  }
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeMemberAddResponse(bytes: Uint8Array): MemberAddResponse {
  return readMemberAddResponse(new Reader(bytes), newMemberAddResponse());
}

const fieldsOfMemberAddResponse: FieldNames = {
  1: "header",
  2: "member",
  3: "members",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readMemberAddResponse(r: Reader, m: MemberAddResponse): MemberAddResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.member = readMember(r, m.member ?? newMember());
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        m.members.push(readMember(r, newMember()));
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfMemberAddResponse);
    }
  }
  return m;
}

export interface MemberRemoveRequest {
  id: bigint;
}

export function newMemberRemoveRequest(init?: Partial<MemberRemoveRequest>): MemberRemoveRequest {
  if (init === undefined) {
    return {
      id: 0n,
    };
  }
  return {
    id: init.id ?? 0n,
  };
}

export function encodeMemberRemoveRequest(m: MemberRemoveRequest): Buffer {
  const w = startWriting();
  writeMemberRemoveRequest(w, m);
  return w.finish();
}

export function writeMemberRemoveRequest(w: Writer, m: MemberRemoveRequest): void {
  if (m.id !== 0n) w.id(8, m.id);
}

export function decodeMemberRemoveRequest(bytes: Uint8Array): MemberRemoveRequest {
  return readMemberRemoveRequest(new Reader(bytes), newMemberRemoveRequest());
}

const fieldsOfMemberRemoveRequest: FieldNames = {
  1: "ID",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readMemberRemoveRequest(r: Reader, m: MemberRemoveRequest): MemberRemoveRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.uint64Id();
        break;
      default:
        r.other(tag, fieldsOfMemberRemoveRequest);
    }
  }
  return m;
}

export interface MemberRemoveResponse {
  header: ResponseHeader | null;
  members: Member[];
}

export function newMemberRemoveResponse(init?: Partial<MemberRemoveResponse>): MemberRemoveResponse {
  if (init === undefined) {
    return {
      header: null,
      members: [],
    };
  }
  return {
    header: init.header ?? null,
    members: init.members ?? [],
  };
}

export function encodeMemberRemoveResponse(m: MemberRemoveResponse): Buffer {
  const w = startWriting();
  writeMemberRemoveResponse(w, m);
  return w.finish();
}

export function writeMemberRemoveResponse(w: Writer, m: MemberRemoveResponse): void {
  for (let i = m.members.length - 1; i >= 0; i--) {
    const before = w.size();
    writeMember(w, m.members[i]!);
    w.nested(18, before);
  }
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeMemberRemoveResponse(bytes: Uint8Array): MemberRemoveResponse {
  return readMemberRemoveResponse(new Reader(bytes), newMemberRemoveResponse());
}

const fieldsOfMemberRemoveResponse: FieldNames = {
  1: "header",
  2: "members",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readMemberRemoveResponse(r: Reader, m: MemberRemoveResponse): MemberRemoveResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.members.push(readMember(r, newMember()));
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfMemberRemoveResponse);
    }
  }
  return m;
}

/** Changes the peer URLs of a member. */
export interface MemberUpdateRequest {
  id: bigint;
  peerUrls: string[];
}

export function newMemberUpdateRequest(init?: Partial<MemberUpdateRequest>): MemberUpdateRequest {
  if (init === undefined) {
    return {
      id: 0n,
      peerUrls: [],
    };
  }
  return {
    id: init.id ?? 0n,
    peerUrls: init.peerUrls ?? [],
  };
}

export function encodeMemberUpdateRequest(m: MemberUpdateRequest): Buffer {
  const w = startWriting();
  writeMemberUpdateRequest(w, m);
  return w.finish();
}

export function writeMemberUpdateRequest(w: Writer, m: MemberUpdateRequest): void {
  for (let i = m.peerUrls.length - 1; i >= 0; i--) w.string(18, m.peerUrls[i]!);
  if (m.id !== 0n) w.id(8, m.id);
}

export function decodeMemberUpdateRequest(bytes: Uint8Array): MemberUpdateRequest {
  return readMemberUpdateRequest(new Reader(bytes), newMemberUpdateRequest());
}

const fieldsOfMemberUpdateRequest: FieldNames = {
  1: "ID",
  2: "peerURLs",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readMemberUpdateRequest(r: Reader, m: MemberUpdateRequest): MemberUpdateRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.uint64Id();
        break;
      case 18:
        m.peerUrls.push(r.string());
        break;
      default:
        r.other(tag, fieldsOfMemberUpdateRequest);
    }
  }
  return m;
}

export interface MemberUpdateResponse {
  header: ResponseHeader | null;
  members: Member[];
}

export function newMemberUpdateResponse(init?: Partial<MemberUpdateResponse>): MemberUpdateResponse {
  if (init === undefined) {
    return {
      header: null,
      members: [],
    };
  }
  return {
    header: init.header ?? null,
    members: init.members ?? [],
  };
}

export function encodeMemberUpdateResponse(m: MemberUpdateResponse): Buffer {
  const w = startWriting();
  writeMemberUpdateResponse(w, m);
  return w.finish();
}

export function writeMemberUpdateResponse(w: Writer, m: MemberUpdateResponse): void {
  for (let i = m.members.length - 1; i >= 0; i--) {
    const before = w.size();
    writeMember(w, m.members[i]!);
    w.nested(18, before);
  }
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeMemberUpdateResponse(bytes: Uint8Array): MemberUpdateResponse {
  return readMemberUpdateResponse(new Reader(bytes), newMemberUpdateResponse());
}

const fieldsOfMemberUpdateResponse: FieldNames = {
  1: "header",
  2: "members",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readMemberUpdateResponse(r: Reader, m: MemberUpdateResponse): MemberUpdateResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.members.push(readMember(r, newMember()));
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfMemberUpdateResponse);
    }
  }
  return m;
}

export interface MemberListRequest {
  /** Asks the quorum, so that no older list is given. */
  linearizable: boolean;
}

export function newMemberListRequest(init?: Partial<MemberListRequest>): MemberListRequest {
  if (init === undefined) {
    return {
      linearizable: false,
    };
  }
  return {
    linearizable: init.linearizable ?? false,
  };
}

export function encodeMemberListRequest(m: MemberListRequest): Buffer {
  const w = startWriting();
  writeMemberListRequest(w, m);
  return w.finish();
}

export function writeMemberListRequest(w: Writer, m: MemberListRequest): void {
  if (m.linearizable) w.bool(8, m.linearizable);
}

export function decodeMemberListRequest(bytes: Uint8Array): MemberListRequest {
  return readMemberListRequest(new Reader(bytes), newMemberListRequest());
}

const fieldsOfMemberListRequest: FieldNames = {
  1: "linearizable",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readMemberListRequest(r: Reader, m: MemberListRequest): MemberListRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.linearizable = r.bool();
        break;
      default:
        r.other(tag, fieldsOfMemberListRequest);
    }
  }
  return m;
}

export interface MemberListResponse {
  header: ResponseHeader | null;
  members: Member[];
}

export function newMemberListResponse(init?: Partial<MemberListResponse>): MemberListResponse {
  if (init === undefined) {
    return {
      header: null,
      members: [],
    };
  }
  return {
    header: init.header ?? null,
    members: init.members ?? [],
  };
}

export function encodeMemberListResponse(m: MemberListResponse): Buffer {
  const w = startWriting();
  writeMemberListResponse(w, m);
  return w.finish();
}

export function writeMemberListResponse(w: Writer, m: MemberListResponse): void {
  for (let i = m.members.length - 1; i >= 0; i--) {
    const before = w.size();
    writeMember(w, m.members[i]!);
    w.nested(18, before);
  }
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeMemberListResponse(bytes: Uint8Array): MemberListResponse {
  return readMemberListResponse(new Reader(bytes), newMemberListResponse());
}

const fieldsOfMemberListResponse: FieldNames = {
  1: "header",
  2: "members",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readMemberListResponse(r: Reader, m: MemberListResponse): MemberListResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.members.push(readMember(r, newMember()));
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfMemberListResponse);
    }
  }
  return m;
}

/** Makes a learner a voter. */
export interface MemberPromoteRequest {
  id: bigint;
}

export function newMemberPromoteRequest(init?: Partial<MemberPromoteRequest>): MemberPromoteRequest {
  if (init === undefined) {
    return {
      id: 0n,
    };
  }
  return {
    id: init.id ?? 0n,
  };
}

export function encodeMemberPromoteRequest(m: MemberPromoteRequest): Buffer {
  const w = startWriting();
  writeMemberPromoteRequest(w, m);
  return w.finish();
}

export function writeMemberPromoteRequest(w: Writer, m: MemberPromoteRequest): void {
  if (m.id !== 0n) w.id(8, m.id);
}

export function decodeMemberPromoteRequest(bytes: Uint8Array): MemberPromoteRequest {
  return readMemberPromoteRequest(new Reader(bytes), newMemberPromoteRequest());
}

const fieldsOfMemberPromoteRequest: FieldNames = {
  1: "ID",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readMemberPromoteRequest(r: Reader, m: MemberPromoteRequest): MemberPromoteRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.uint64Id();
        break;
      default:
        r.other(tag, fieldsOfMemberPromoteRequest);
    }
  }
  return m;
}

export interface MemberPromoteResponse {
  header: ResponseHeader | null;
  members: Member[];
}

export function newMemberPromoteResponse(init?: Partial<MemberPromoteResponse>): MemberPromoteResponse {
  if (init === undefined) {
    return {
      header: null,
      members: [],
    };
  }
  return {
    header: init.header ?? null,
    members: init.members ?? [],
  };
}

export function encodeMemberPromoteResponse(m: MemberPromoteResponse): Buffer {
  const w = startWriting();
  writeMemberPromoteResponse(w, m);
  return w.finish();
}

export function writeMemberPromoteResponse(w: Writer, m: MemberPromoteResponse): void {
  for (let i = m.members.length - 1; i >= 0; i--) {
    const before = w.size();
    writeMember(w, m.members[i]!);
    w.nested(18, before);
  }
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeMemberPromoteResponse(bytes: Uint8Array): MemberPromoteResponse {
  return readMemberPromoteResponse(new Reader(bytes), newMemberPromoteResponse());
}

const fieldsOfMemberPromoteResponse: FieldNames = {
  1: "header",
  2: "members",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readMemberPromoteResponse(r: Reader, m: MemberPromoteResponse): MemberPromoteResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.members.push(readMember(r, newMember()));
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfMemberPromoteResponse);
    }
  }
  return m;
}

/** Gives unused space of the database file back. */
export type DefragmentRequest = Record<string, never>;

export function newDefragmentRequest(): DefragmentRequest {
  return {};
}

export function encodeDefragmentRequest(m: DefragmentRequest): Buffer {
  const w = startWriting();
  writeDefragmentRequest(w, m);
  return w.finish();
}

export function writeDefragmentRequest(_w: Writer, _m: DefragmentRequest): void {
}

export function decodeDefragmentRequest(bytes: Uint8Array): DefragmentRequest {
  return readDefragmentRequest(new Reader(bytes), newDefragmentRequest());
}

const fieldsOfDefragmentRequest: FieldNames = {};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readDefragmentRequest(r: Reader, m: DefragmentRequest): DefragmentRequest {
  while (r.pos < r.end) r.other(r.tag(), fieldsOfDefragmentRequest);
  return m;
}

export interface DefragmentResponse {
  header: ResponseHeader | null;
}

export function newDefragmentResponse(init?: Partial<DefragmentResponse>): DefragmentResponse {
  if (init === undefined) {
    return {
      header: null,
    };
  }
  return {
    header: init.header ?? null,
  };
}

export function encodeDefragmentResponse(m: DefragmentResponse): Buffer {
  const w = startWriting();
  writeDefragmentResponse(w, m);
  return w.finish();
}

export function writeDefragmentResponse(w: Writer, m: DefragmentResponse): void {
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeDefragmentResponse(bytes: Uint8Array): DefragmentResponse {
  return readDefragmentResponse(new Reader(bytes), newDefragmentResponse());
}

const fieldsOfDefragmentResponse: FieldNames = {
  1: "header",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readDefragmentResponse(r: Reader, m: DefragmentResponse): DefragmentResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfDefragmentResponse);
    }
  }
  return m;
}

/** Hands the leadership over. */
export interface MoveLeaderRequest {
  targetId: bigint;
}

export function newMoveLeaderRequest(init?: Partial<MoveLeaderRequest>): MoveLeaderRequest {
  if (init === undefined) {
    return {
      targetId: 0n,
    };
  }
  return {
    targetId: init.targetId ?? 0n,
  };
}

export function encodeMoveLeaderRequest(m: MoveLeaderRequest): Buffer {
  const w = startWriting();
  writeMoveLeaderRequest(w, m);
  return w.finish();
}

export function writeMoveLeaderRequest(w: Writer, m: MoveLeaderRequest): void {
  if (m.targetId !== 0n) w.id(8, m.targetId);
}

export function decodeMoveLeaderRequest(bytes: Uint8Array): MoveLeaderRequest {
  return readMoveLeaderRequest(new Reader(bytes), newMoveLeaderRequest());
}

const fieldsOfMoveLeaderRequest: FieldNames = {
  1: "targetID",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readMoveLeaderRequest(r: Reader, m: MoveLeaderRequest): MoveLeaderRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.targetId = r.uint64Id();
        break;
      default:
        r.other(tag, fieldsOfMoveLeaderRequest);
    }
  }
  return m;
}

export interface MoveLeaderResponse {
  header: ResponseHeader | null;
}

export function newMoveLeaderResponse(init?: Partial<MoveLeaderResponse>): MoveLeaderResponse {
  if (init === undefined) {
    return {
      header: null,
    };
  }
  return {
    header: init.header ?? null,
  };
}

export function encodeMoveLeaderResponse(m: MoveLeaderResponse): Buffer {
  const w = startWriting();
  writeMoveLeaderResponse(w, m);
  return w.finish();
}

export function writeMoveLeaderResponse(w: Writer, m: MoveLeaderResponse): void {
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeMoveLeaderResponse(bytes: Uint8Array): MoveLeaderResponse {
  return readMoveLeaderResponse(new Reader(bytes), newMoveLeaderResponse());
}

const fieldsOfMoveLeaderResponse: FieldNames = {
  1: "header",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readMoveLeaderResponse(r: Reader, m: MoveLeaderResponse): MoveLeaderResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfMoveLeaderResponse);
    }
  }
  return m;
}

/** Reads, raises or clears alarms. */
export interface AlarmRequest {
  action: AlarmRequest_AlarmAction;
  /** 0: all members. */
  memberId: bigint;
  alarm: AlarmType;
}

export function newAlarmRequest(init?: Partial<AlarmRequest>): AlarmRequest {
  if (init === undefined) {
    return {
      action: 0,
      memberId: 0n,
      alarm: 0,
    };
  }
  return {
    action: init.action ?? 0,
    memberId: init.memberId ?? 0n,
    alarm: init.alarm ?? 0,
  };
}

export function encodeAlarmRequest(m: AlarmRequest): Buffer {
  const w = startWriting();
  writeAlarmRequest(w, m);
  return w.finish();
}

export function writeAlarmRequest(w: Writer, m: AlarmRequest): void {
  if (m.alarm !== 0) w.int32(24, m.alarm);
  if (m.memberId !== 0n) w.id(16, m.memberId);
  if (m.action !== 0) w.int32(8, m.action);
}

export function decodeAlarmRequest(bytes: Uint8Array): AlarmRequest {
  return readAlarmRequest(new Reader(bytes), newAlarmRequest());
}

const fieldsOfAlarmRequest: FieldNames = {
  1: "action",
  2: "memberID",
  3: "alarm",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAlarmRequest(r: Reader, m: AlarmRequest): AlarmRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.action = r.int32();
        break;
      case 16:
        m.memberId = r.uint64Id();
        break;
      case 24:
        m.alarm = r.int32();
        break;
      default:
        r.other(tag, fieldsOfAlarmRequest);
    }
  }
  return m;
}

export interface AlarmMember {
  memberId: bigint;
  alarm: AlarmType;
}

export function newAlarmMember(init?: Partial<AlarmMember>): AlarmMember {
  if (init === undefined) {
    return {
      memberId: 0n,
      alarm: 0,
    };
  }
  return {
    memberId: init.memberId ?? 0n,
    alarm: init.alarm ?? 0,
  };
}

export function encodeAlarmMember(m: AlarmMember): Buffer {
  const w = startWriting();
  writeAlarmMember(w, m);
  return w.finish();
}

export function writeAlarmMember(w: Writer, m: AlarmMember): void {
  if (m.alarm !== 0) w.int32(16, m.alarm);
  if (m.memberId !== 0n) w.id(8, m.memberId);
}

export function decodeAlarmMember(bytes: Uint8Array): AlarmMember {
  return readAlarmMember(new Reader(bytes), newAlarmMember());
}

const fieldsOfAlarmMember: FieldNames = {
  1: "memberID",
  2: "alarm",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAlarmMember(r: Reader, m: AlarmMember): AlarmMember {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.memberId = r.uint64Id();
        break;
      case 16:
        m.alarm = r.int32();
        break;
      default:
        r.other(tag, fieldsOfAlarmMember);
    }
  }
  return m;
}

export interface AlarmResponse {
  header: ResponseHeader | null;
  alarms: AlarmMember[];
}

export function newAlarmResponse(init?: Partial<AlarmResponse>): AlarmResponse {
  if (init === undefined) {
    return {
      header: null,
      alarms: [],
    };
  }
  return {
    header: init.header ?? null,
    alarms: init.alarms ?? [],
  };
}

export function encodeAlarmResponse(m: AlarmResponse): Buffer {
  const w = startWriting();
  writeAlarmResponse(w, m);
  return w.finish();
}

export function writeAlarmResponse(w: Writer, m: AlarmResponse): void {
  for (let i = m.alarms.length - 1; i >= 0; i--) {
    const before = w.size();
    writeAlarmMember(w, m.alarms[i]!);
    w.nested(18, before);
  }
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeAlarmResponse(bytes: Uint8Array): AlarmResponse {
  return readAlarmResponse(new Reader(bytes), newAlarmResponse());
}

const fieldsOfAlarmResponse: FieldNames = {
  1: "header",
  2: "alarms",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAlarmResponse(r: Reader, m: AlarmResponse): AlarmResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.alarms.push(readAlarmMember(r, newAlarmMember()));
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfAlarmResponse);
    }
  }
  return m;
}

/** Checks, begins or cancels a downgrade of the cluster. */
export interface DowngradeRequest {
  action: DowngradeRequest_DowngradeAction;
  version: string;
}

export function newDowngradeRequest(init?: Partial<DowngradeRequest>): DowngradeRequest {
  if (init === undefined) {
    return {
      action: 0,
      version: "",
    };
  }
  return {
    action: init.action ?? 0,
    version: init.version ?? "",
  };
}

export function encodeDowngradeRequest(m: DowngradeRequest): Buffer {
  const w = startWriting();
  writeDowngradeRequest(w, m);
  return w.finish();
}

export function writeDowngradeRequest(w: Writer, m: DowngradeRequest): void {
  if (m.version !== "") w.string(18, m.version);
  if (m.action !== 0) w.int32(8, m.action);
}

export function decodeDowngradeRequest(bytes: Uint8Array): DowngradeRequest {
  return readDowngradeRequest(new Reader(bytes), newDowngradeRequest());
}

const fieldsOfDowngradeRequest: FieldNames = {
  1: "action",
  2: "version",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readDowngradeRequest(r: Reader, m: DowngradeRequest): DowngradeRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.action = r.int32();
        break;
      case 18:
        m.version = r.string();
        break;
      default:
        r.other(tag, fieldsOfDowngradeRequest);
    }
  }
  return m;
}

export interface DowngradeResponse {
  header: ResponseHeader | null;
  version: string;
}

export function newDowngradeResponse(init?: Partial<DowngradeResponse>): DowngradeResponse {
  if (init === undefined) {
    return {
      header: null,
      version: "",
    };
  }
  return {
    header: init.header ?? null,
    version: init.version ?? "",
  };
}

export function encodeDowngradeResponse(m: DowngradeResponse): Buffer {
  const w = startWriting();
  writeDowngradeResponse(w, m);
  return w.finish();
}

export function writeDowngradeResponse(w: Writer, m: DowngradeResponse): void {
  if (m.version !== "") w.string(18, m.version);
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeDowngradeResponse(bytes: Uint8Array): DowngradeResponse {
  return readDowngradeResponse(new Reader(bytes), newDowngradeResponse());
}

const fieldsOfDowngradeResponse: FieldNames = {
  1: "header",
  2: "version",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readDowngradeResponse(r: Reader, m: DowngradeResponse): DowngradeResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 18:
        m.version = r.string();
        break;
      default:
        r.other(tag, fieldsOfDowngradeResponse);
    }
  }
  return m;
}

/** Made for tests of downgrades; an entry with it does nothing. */
export interface DowngradeVersionTestRequest {
  ver: string;
}

export function newDowngradeVersionTestRequest(init?: Partial<DowngradeVersionTestRequest>): DowngradeVersionTestRequest {
  if (init === undefined) {
    return {
      ver: "",
    };
  }
  return {
    ver: init.ver ?? "",
  };
}

export function encodeDowngradeVersionTestRequest(m: DowngradeVersionTestRequest): Buffer {
  const w = startWriting();
  writeDowngradeVersionTestRequest(w, m);
  return w.finish();
}

export function writeDowngradeVersionTestRequest(w: Writer, m: DowngradeVersionTestRequest): void {
  if (m.ver !== "") w.string(10, m.ver);
}

export function decodeDowngradeVersionTestRequest(bytes: Uint8Array): DowngradeVersionTestRequest {
  return readDowngradeVersionTestRequest(new Reader(bytes), newDowngradeVersionTestRequest());
}

const fieldsOfDowngradeVersionTestRequest: FieldNames = {
  1: "ver",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readDowngradeVersionTestRequest(r: Reader, m: DowngradeVersionTestRequest): DowngradeVersionTestRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.ver = r.string();
        break;
      default:
        r.other(tag, fieldsOfDowngradeVersionTestRequest);
    }
  }
  return m;
}

/** Asks how the member is. */
export type StatusRequest = Record<string, never>;

export function newStatusRequest(): StatusRequest {
  return {};
}

export function encodeStatusRequest(m: StatusRequest): Buffer {
  const w = startWriting();
  writeStatusRequest(w, m);
  return w.finish();
}

export function writeStatusRequest(_w: Writer, _m: StatusRequest): void {
}

export function decodeStatusRequest(bytes: Uint8Array): StatusRequest {
  return readStatusRequest(new Reader(bytes), newStatusRequest());
}

const fieldsOfStatusRequest: FieldNames = {};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readStatusRequest(r: Reader, m: StatusRequest): StatusRequest {
  while (r.pos < r.end) r.other(r.tag(), fieldsOfStatusRequest);
  return m;
}

export interface StatusResponse {
  header: ResponseHeader | null;
  version: string;
  dbSize: number;
  /** 0: this member knows of none. */
  leader: bigint;
  raftIndex: number;
  raftTerm: number;
  raftAppliedIndex: number;
  errors: string[];
  /** dbSize without what Defragment would give back. */
  dbSizeInUse: number;
  isLearner: boolean;
  storageVersion: string;
  dbSizeQuota: number;
  downgradeInfo: DowngradeInfo | null;
}

export function newStatusResponse(init?: Partial<StatusResponse>): StatusResponse {
  if (init === undefined) {
    return {
      header: null,
      version: "",
      dbSize: 0,
      leader: 0n,
      raftIndex: 0,
      raftTerm: 0,
      raftAppliedIndex: 0,
      errors: [],
      dbSizeInUse: 0,
      isLearner: false,
      storageVersion: "",
      dbSizeQuota: 0,
      downgradeInfo: null,
    };
  }
  return {
    header: init.header ?? null,
    version: init.version ?? "",
    dbSize: init.dbSize ?? 0,
    leader: init.leader ?? 0n,
    raftIndex: init.raftIndex ?? 0,
    raftTerm: init.raftTerm ?? 0,
    raftAppliedIndex: init.raftAppliedIndex ?? 0,
    errors: init.errors ?? [],
    dbSizeInUse: init.dbSizeInUse ?? 0,
    isLearner: init.isLearner ?? false,
    storageVersion: init.storageVersion ?? "",
    dbSizeQuota: init.dbSizeQuota ?? 0,
    downgradeInfo: init.downgradeInfo ?? null,
  };
}

export function encodeStatusResponse(m: StatusResponse): Buffer {
  const w = startWriting();
  writeStatusResponse(w, m);
  return w.finish();
}

export function writeStatusResponse(w: Writer, m: StatusResponse): void {
  if (m.downgradeInfo !== null) {
    const before = w.size();
    writeDowngradeInfo(w, m.downgradeInfo);
    w.nested(106, before);
  }
  if (m.dbSizeQuota !== 0) w.int64(96, m.dbSizeQuota);
  if (m.storageVersion !== "") w.string(90, m.storageVersion);
  if (m.isLearner) w.bool(80, m.isLearner);
  if (m.dbSizeInUse !== 0) w.int64(72, m.dbSizeInUse);
  for (let i = m.errors.length - 1; i >= 0; i--) w.string(66, m.errors[i]!);
  if (m.raftAppliedIndex !== 0) w.int64(56, m.raftAppliedIndex);
  if (m.raftTerm !== 0) w.int64(48, m.raftTerm);
  if (m.raftIndex !== 0) w.int64(40, m.raftIndex);
  if (m.leader !== 0n) w.id(32, m.leader);
  if (m.dbSize !== 0) w.int64(24, m.dbSize);
  if (m.version !== "") w.string(18, m.version);
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeStatusResponse(bytes: Uint8Array): StatusResponse {
  return readStatusResponse(new Reader(bytes), newStatusResponse());
}

const fieldsOfStatusResponse: FieldNames = {
  1: "header",
  2: "version",
  3: "dbSize",
  4: "leader",
  5: "raftIndex",
  6: "raftTerm",
  7: "raftAppliedIndex",
  8: "errors",
  9: "dbSizeInUse",
  10: "isLearner",
  11: "storageVersion",
  12: "dbSizeQuota",
  13: "downgradeInfo",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readStatusResponse(r: Reader, m: StatusResponse): StatusResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 18:
        m.version = r.string();
        break;
      case 24:
        m.dbSize = r.int64();
        break;
      case 32:
        m.leader = r.uint64Id();
        break;
      case 40:
        m.raftIndex = r.uint64();
        break;
      case 48:
        m.raftTerm = r.uint64();
        break;
      case 56:
        m.raftAppliedIndex = r.uint64();
        break;
      case 66:
        m.errors.push(r.string());
        break;
      case 72:
        m.dbSizeInUse = r.int64();
        break;
      case 80:
        m.isLearner = r.bool();
        break;
      case 90:
        m.storageVersion = r.string();
        break;
      case 96:
        m.dbSizeQuota = r.int64();
        break;
      case 106: {
        const outer = r.enter();
        m.downgradeInfo = readDowngradeInfo(r, m.downgradeInfo ?? newDowngradeInfo());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfStatusResponse);
    }
  }
  return m;
}

export interface DowngradeInfo {
  enabled: boolean;
  targetVersion: string;
}

export function newDowngradeInfo(init?: Partial<DowngradeInfo>): DowngradeInfo {
  if (init === undefined) {
    return {
      enabled: false,
      targetVersion: "",
    };
  }
  return {
    enabled: init.enabled ?? false,
    targetVersion: init.targetVersion ?? "",
  };
}

export function encodeDowngradeInfo(m: DowngradeInfo): Buffer {
  const w = startWriting();
  writeDowngradeInfo(w, m);
  return w.finish();
}

export function writeDowngradeInfo(w: Writer, m: DowngradeInfo): void {
  if (m.targetVersion !== "") w.string(18, m.targetVersion);
  if (m.enabled) w.bool(8, m.enabled);
}

export function decodeDowngradeInfo(bytes: Uint8Array): DowngradeInfo {
  return readDowngradeInfo(new Reader(bytes), newDowngradeInfo());
}

const fieldsOfDowngradeInfo: FieldNames = {
  1: "enabled",
  2: "targetVersion",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readDowngradeInfo(r: Reader, m: DowngradeInfo): DowngradeInfo {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.enabled = r.bool();
        break;
      case 18:
        m.targetVersion = r.string();
        break;
      default:
        r.other(tag, fieldsOfDowngradeInfo);
    }
  }
  return m;
}

export type AuthEnableRequest = Record<string, never>;

export function newAuthEnableRequest(): AuthEnableRequest {
  return {};
}

export function encodeAuthEnableRequest(m: AuthEnableRequest): Buffer {
  const w = startWriting();
  writeAuthEnableRequest(w, m);
  return w.finish();
}

export function writeAuthEnableRequest(_w: Writer, _m: AuthEnableRequest): void {
}

export function decodeAuthEnableRequest(bytes: Uint8Array): AuthEnableRequest {
  return readAuthEnableRequest(new Reader(bytes), newAuthEnableRequest());
}

const fieldsOfAuthEnableRequest: FieldNames = {};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthEnableRequest(r: Reader, m: AuthEnableRequest): AuthEnableRequest {
  while (r.pos < r.end) r.other(r.tag(), fieldsOfAuthEnableRequest);
  return m;
}

export type AuthDisableRequest = Record<string, never>;

export function newAuthDisableRequest(): AuthDisableRequest {
  return {};
}

export function encodeAuthDisableRequest(m: AuthDisableRequest): Buffer {
  const w = startWriting();
  writeAuthDisableRequest(w, m);
  return w.finish();
}

export function writeAuthDisableRequest(_w: Writer, _m: AuthDisableRequest): void {
}

export function decodeAuthDisableRequest(bytes: Uint8Array): AuthDisableRequest {
  return readAuthDisableRequest(new Reader(bytes), newAuthDisableRequest());
}

const fieldsOfAuthDisableRequest: FieldNames = {};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthDisableRequest(r: Reader, m: AuthDisableRequest): AuthDisableRequest {
  while (r.pos < r.end) r.other(r.tag(), fieldsOfAuthDisableRequest);
  return m;
}

export type AuthStatusRequest = Record<string, never>;

export function newAuthStatusRequest(): AuthStatusRequest {
  return {};
}

export function encodeAuthStatusRequest(m: AuthStatusRequest): Buffer {
  const w = startWriting();
  writeAuthStatusRequest(w, m);
  return w.finish();
}

export function writeAuthStatusRequest(_w: Writer, _m: AuthStatusRequest): void {
}

export function decodeAuthStatusRequest(bytes: Uint8Array): AuthStatusRequest {
  return readAuthStatusRequest(new Reader(bytes), newAuthStatusRequest());
}

const fieldsOfAuthStatusRequest: FieldNames = {};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthStatusRequest(r: Reader, m: AuthStatusRequest): AuthStatusRequest {
  while (r.pos < r.end) r.other(r.tag(), fieldsOfAuthStatusRequest);
  return m;
}

export interface AuthenticateRequest {
  name: string;
  password: string;
}

export function newAuthenticateRequest(init?: Partial<AuthenticateRequest>): AuthenticateRequest {
  if (init === undefined) {
    return {
      name: "",
      password: "",
    };
  }
  return {
    name: init.name ?? "",
    password: init.password ?? "",
  };
}

export function encodeAuthenticateRequest(m: AuthenticateRequest): Buffer {
  const w = startWriting();
  writeAuthenticateRequest(w, m);
  return w.finish();
}

export function writeAuthenticateRequest(w: Writer, m: AuthenticateRequest): void {
  if (m.password !== "") w.string(18, m.password);
  if (m.name !== "") w.string(10, m.name);
}

export function decodeAuthenticateRequest(bytes: Uint8Array): AuthenticateRequest {
  return readAuthenticateRequest(new Reader(bytes), newAuthenticateRequest());
}

const fieldsOfAuthenticateRequest: FieldNames = {
  1: "name",
  2: "password",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthenticateRequest(r: Reader, m: AuthenticateRequest): AuthenticateRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.string();
        break;
      case 18:
        m.password = r.string();
        break;
      default:
        r.other(tag, fieldsOfAuthenticateRequest);
    }
  }
  return m;
}

export interface AuthUserAddRequest {
  name: string;
  password: string;
  options: UserAddOptions | null;
  hashedPassword: string;
}

export function newAuthUserAddRequest(init?: Partial<AuthUserAddRequest>): AuthUserAddRequest {
  if (init === undefined) {
    return {
      name: "",
      password: "",
      options: null,
      hashedPassword: "",
    };
  }
  return {
    name: init.name ?? "",
    password: init.password ?? "",
    options: init.options ?? null,
    hashedPassword: init.hashedPassword ?? "",
  };
}

export function encodeAuthUserAddRequest(m: AuthUserAddRequest): Buffer {
  const w = startWriting();
  writeAuthUserAddRequest(w, m);
  return w.finish();
}

export function writeAuthUserAddRequest(w: Writer, m: AuthUserAddRequest): void {
  if (m.hashedPassword !== "") w.string(34, m.hashedPassword);
  if (m.options !== null) {
    const before = w.size();
    writeUserAddOptions(w, m.options);
    w.nested(26, before);
  }
  if (m.password !== "") w.string(18, m.password);
  if (m.name !== "") w.string(10, m.name);
}

export function decodeAuthUserAddRequest(bytes: Uint8Array): AuthUserAddRequest {
  return readAuthUserAddRequest(new Reader(bytes), newAuthUserAddRequest());
}

const fieldsOfAuthUserAddRequest: FieldNames = {
  1: "name",
  2: "password",
  3: "options",
  4: "hashedPassword",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthUserAddRequest(r: Reader, m: AuthUserAddRequest): AuthUserAddRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.string();
        break;
      case 18:
        m.password = r.string();
        break;
      case 26: {
        const outer = r.enter();
        m.options = readUserAddOptions(r, m.options ?? newUserAddOptions());
        r.leave(outer);
        break;
      }
      case 34:
        m.hashedPassword = r.string();
        break;
      default:
        r.other(tag, fieldsOfAuthUserAddRequest);
    }
  }
  return m;
}

export interface AuthUserGetRequest {
  name: string;
}

export function newAuthUserGetRequest(init?: Partial<AuthUserGetRequest>): AuthUserGetRequest {
  if (init === undefined) {
    return {
      name: "",
    };
  }
  return {
    name: init.name ?? "",
  };
}

export function encodeAuthUserGetRequest(m: AuthUserGetRequest): Buffer {
  const w = startWriting();
  writeAuthUserGetRequest(w, m);
  return w.finish();
}

export function writeAuthUserGetRequest(w: Writer, m: AuthUserGetRequest): void {
  if (m.name !== "") w.string(10, m.name);
}

export function decodeAuthUserGetRequest(bytes: Uint8Array): AuthUserGetRequest {
  return readAuthUserGetRequest(new Reader(bytes), newAuthUserGetRequest());
}

const fieldsOfAuthUserGetRequest: FieldNames = {
  1: "name",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthUserGetRequest(r: Reader, m: AuthUserGetRequest): AuthUserGetRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.string();
        break;
      default:
        r.other(tag, fieldsOfAuthUserGetRequest);
    }
  }
  return m;
}

export interface AuthUserDeleteRequest {
  name: string;
}

export function newAuthUserDeleteRequest(init?: Partial<AuthUserDeleteRequest>): AuthUserDeleteRequest {
  if (init === undefined) {
    return {
      name: "",
    };
  }
  return {
    name: init.name ?? "",
  };
}

export function encodeAuthUserDeleteRequest(m: AuthUserDeleteRequest): Buffer {
  const w = startWriting();
  writeAuthUserDeleteRequest(w, m);
  return w.finish();
}

export function writeAuthUserDeleteRequest(w: Writer, m: AuthUserDeleteRequest): void {
  if (m.name !== "") w.string(10, m.name);
}

export function decodeAuthUserDeleteRequest(bytes: Uint8Array): AuthUserDeleteRequest {
  return readAuthUserDeleteRequest(new Reader(bytes), newAuthUserDeleteRequest());
}

const fieldsOfAuthUserDeleteRequest: FieldNames = {
  1: "name",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthUserDeleteRequest(r: Reader, m: AuthUserDeleteRequest): AuthUserDeleteRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.string();
        break;
      default:
        r.other(tag, fieldsOfAuthUserDeleteRequest);
    }
  }
  return m;
}

export interface AuthUserChangePasswordRequest {
  name: string;
  password: string;
  hashedPassword: string;
}

export function newAuthUserChangePasswordRequest(init?: Partial<AuthUserChangePasswordRequest>): AuthUserChangePasswordRequest {
  if (init === undefined) {
    return {
      name: "",
      password: "",
      hashedPassword: "",
    };
  }
  return {
    name: init.name ?? "",
    password: init.password ?? "",
    hashedPassword: init.hashedPassword ?? "",
  };
}

export function encodeAuthUserChangePasswordRequest(m: AuthUserChangePasswordRequest): Buffer {
  const w = startWriting();
  writeAuthUserChangePasswordRequest(w, m);
  return w.finish();
}

export function writeAuthUserChangePasswordRequest(w: Writer, m: AuthUserChangePasswordRequest): void {
  if (m.hashedPassword !== "") w.string(26, m.hashedPassword);
  if (m.password !== "") w.string(18, m.password);
  if (m.name !== "") w.string(10, m.name);
}

export function decodeAuthUserChangePasswordRequest(bytes: Uint8Array): AuthUserChangePasswordRequest {
  return readAuthUserChangePasswordRequest(new Reader(bytes), newAuthUserChangePasswordRequest());
}

const fieldsOfAuthUserChangePasswordRequest: FieldNames = {
  1: "name",
  2: "password",
  3: "hashedPassword",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthUserChangePasswordRequest(r: Reader, m: AuthUserChangePasswordRequest): AuthUserChangePasswordRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.string();
        break;
      case 18:
        m.password = r.string();
        break;
      case 26:
        m.hashedPassword = r.string();
        break;
      default:
        r.other(tag, fieldsOfAuthUserChangePasswordRequest);
    }
  }
  return m;
}

export interface AuthUserGrantRoleRequest {
  user: string;
  role: string;
}

export function newAuthUserGrantRoleRequest(init?: Partial<AuthUserGrantRoleRequest>): AuthUserGrantRoleRequest {
  if (init === undefined) {
    return {
      user: "",
      role: "",
    };
  }
  return {
    user: init.user ?? "",
    role: init.role ?? "",
  };
}

export function encodeAuthUserGrantRoleRequest(m: AuthUserGrantRoleRequest): Buffer {
  const w = startWriting();
  writeAuthUserGrantRoleRequest(w, m);
  return w.finish();
}

export function writeAuthUserGrantRoleRequest(w: Writer, m: AuthUserGrantRoleRequest): void {
  if (m.role !== "") w.string(18, m.role);
  if (m.user !== "") w.string(10, m.user);
}

export function decodeAuthUserGrantRoleRequest(bytes: Uint8Array): AuthUserGrantRoleRequest {
  return readAuthUserGrantRoleRequest(new Reader(bytes), newAuthUserGrantRoleRequest());
}

const fieldsOfAuthUserGrantRoleRequest: FieldNames = {
  1: "user",
  2: "role",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthUserGrantRoleRequest(r: Reader, m: AuthUserGrantRoleRequest): AuthUserGrantRoleRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.user = r.string();
        break;
      case 18:
        m.role = r.string();
        break;
      default:
        r.other(tag, fieldsOfAuthUserGrantRoleRequest);
    }
  }
  return m;
}

export interface AuthUserRevokeRoleRequest {
  name: string;
  role: string;
}

export function newAuthUserRevokeRoleRequest(init?: Partial<AuthUserRevokeRoleRequest>): AuthUserRevokeRoleRequest {
  if (init === undefined) {
    return {
      name: "",
      role: "",
    };
  }
  return {
    name: init.name ?? "",
    role: init.role ?? "",
  };
}

export function encodeAuthUserRevokeRoleRequest(m: AuthUserRevokeRoleRequest): Buffer {
  const w = startWriting();
  writeAuthUserRevokeRoleRequest(w, m);
  return w.finish();
}

export function writeAuthUserRevokeRoleRequest(w: Writer, m: AuthUserRevokeRoleRequest): void {
  if (m.role !== "") w.string(18, m.role);
  if (m.name !== "") w.string(10, m.name);
}

export function decodeAuthUserRevokeRoleRequest(bytes: Uint8Array): AuthUserRevokeRoleRequest {
  return readAuthUserRevokeRoleRequest(new Reader(bytes), newAuthUserRevokeRoleRequest());
}

const fieldsOfAuthUserRevokeRoleRequest: FieldNames = {
  1: "name",
  2: "role",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthUserRevokeRoleRequest(r: Reader, m: AuthUserRevokeRoleRequest): AuthUserRevokeRoleRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.string();
        break;
      case 18:
        m.role = r.string();
        break;
      default:
        r.other(tag, fieldsOfAuthUserRevokeRoleRequest);
    }
  }
  return m;
}

export interface AuthRoleAddRequest {
  name: string;
}

export function newAuthRoleAddRequest(init?: Partial<AuthRoleAddRequest>): AuthRoleAddRequest {
  if (init === undefined) {
    return {
      name: "",
    };
  }
  return {
    name: init.name ?? "",
  };
}

export function encodeAuthRoleAddRequest(m: AuthRoleAddRequest): Buffer {
  const w = startWriting();
  writeAuthRoleAddRequest(w, m);
  return w.finish();
}

export function writeAuthRoleAddRequest(w: Writer, m: AuthRoleAddRequest): void {
  if (m.name !== "") w.string(10, m.name);
}

export function decodeAuthRoleAddRequest(bytes: Uint8Array): AuthRoleAddRequest {
  return readAuthRoleAddRequest(new Reader(bytes), newAuthRoleAddRequest());
}

const fieldsOfAuthRoleAddRequest: FieldNames = {
  1: "name",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthRoleAddRequest(r: Reader, m: AuthRoleAddRequest): AuthRoleAddRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.string();
        break;
      default:
        r.other(tag, fieldsOfAuthRoleAddRequest);
    }
  }
  return m;
}

export interface AuthRoleGetRequest {
  role: string;
}

export function newAuthRoleGetRequest(init?: Partial<AuthRoleGetRequest>): AuthRoleGetRequest {
  if (init === undefined) {
    return {
      role: "",
    };
  }
  return {
    role: init.role ?? "",
  };
}

export function encodeAuthRoleGetRequest(m: AuthRoleGetRequest): Buffer {
  const w = startWriting();
  writeAuthRoleGetRequest(w, m);
  return w.finish();
}

export function writeAuthRoleGetRequest(w: Writer, m: AuthRoleGetRequest): void {
  if (m.role !== "") w.string(10, m.role);
}

export function decodeAuthRoleGetRequest(bytes: Uint8Array): AuthRoleGetRequest {
  return readAuthRoleGetRequest(new Reader(bytes), newAuthRoleGetRequest());
}

const fieldsOfAuthRoleGetRequest: FieldNames = {
  1: "role",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthRoleGetRequest(r: Reader, m: AuthRoleGetRequest): AuthRoleGetRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.role = r.string();
        break;
      default:
        r.other(tag, fieldsOfAuthRoleGetRequest);
    }
  }
  return m;
}

export type AuthUserListRequest = Record<string, never>;

export function newAuthUserListRequest(): AuthUserListRequest {
  return {};
}

export function encodeAuthUserListRequest(m: AuthUserListRequest): Buffer {
  const w = startWriting();
  writeAuthUserListRequest(w, m);
  return w.finish();
}

export function writeAuthUserListRequest(_w: Writer, _m: AuthUserListRequest): void {
}

export function decodeAuthUserListRequest(bytes: Uint8Array): AuthUserListRequest {
  return readAuthUserListRequest(new Reader(bytes), newAuthUserListRequest());
}

const fieldsOfAuthUserListRequest: FieldNames = {};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthUserListRequest(r: Reader, m: AuthUserListRequest): AuthUserListRequest {
  while (r.pos < r.end) r.other(r.tag(), fieldsOfAuthUserListRequest);
  return m;
}

export type AuthRoleListRequest = Record<string, never>;

export function newAuthRoleListRequest(): AuthRoleListRequest {
  return {};
}

export function encodeAuthRoleListRequest(m: AuthRoleListRequest): Buffer {
  const w = startWriting();
  writeAuthRoleListRequest(w, m);
  return w.finish();
}

export function writeAuthRoleListRequest(_w: Writer, _m: AuthRoleListRequest): void {
}

export function decodeAuthRoleListRequest(bytes: Uint8Array): AuthRoleListRequest {
  return readAuthRoleListRequest(new Reader(bytes), newAuthRoleListRequest());
}

const fieldsOfAuthRoleListRequest: FieldNames = {};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthRoleListRequest(r: Reader, m: AuthRoleListRequest): AuthRoleListRequest {
  while (r.pos < r.end) r.other(r.tag(), fieldsOfAuthRoleListRequest);
  return m;
}

export interface AuthRoleDeleteRequest {
  role: string;
}

export function newAuthRoleDeleteRequest(init?: Partial<AuthRoleDeleteRequest>): AuthRoleDeleteRequest {
  if (init === undefined) {
    return {
      role: "",
    };
  }
  return {
    role: init.role ?? "",
  };
}

export function encodeAuthRoleDeleteRequest(m: AuthRoleDeleteRequest): Buffer {
  const w = startWriting();
  writeAuthRoleDeleteRequest(w, m);
  return w.finish();
}

export function writeAuthRoleDeleteRequest(w: Writer, m: AuthRoleDeleteRequest): void {
  if (m.role !== "") w.string(10, m.role);
}

export function decodeAuthRoleDeleteRequest(bytes: Uint8Array): AuthRoleDeleteRequest {
  return readAuthRoleDeleteRequest(new Reader(bytes), newAuthRoleDeleteRequest());
}

const fieldsOfAuthRoleDeleteRequest: FieldNames = {
  1: "role",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthRoleDeleteRequest(r: Reader, m: AuthRoleDeleteRequest): AuthRoleDeleteRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.role = r.string();
        break;
      default:
        r.other(tag, fieldsOfAuthRoleDeleteRequest);
    }
  }
  return m;
}

export interface AuthRoleGrantPermissionRequest {
  name: string;
  perm: Permission | null;
}

export function newAuthRoleGrantPermissionRequest(init?: Partial<AuthRoleGrantPermissionRequest>): AuthRoleGrantPermissionRequest {
  if (init === undefined) {
    return {
      name: "",
      perm: null,
    };
  }
  return {
    name: init.name ?? "",
    perm: init.perm ?? null,
  };
}

export function encodeAuthRoleGrantPermissionRequest(m: AuthRoleGrantPermissionRequest): Buffer {
  const w = startWriting();
  writeAuthRoleGrantPermissionRequest(w, m);
  return w.finish();
}

export function writeAuthRoleGrantPermissionRequest(w: Writer, m: AuthRoleGrantPermissionRequest): void {
  if (m.perm !== null) {
    const before = w.size();
    writePermission(w, m.perm);
    w.nested(18, before);
  }
  if (m.name !== "") w.string(10, m.name);
}

export function decodeAuthRoleGrantPermissionRequest(bytes: Uint8Array): AuthRoleGrantPermissionRequest {
  return readAuthRoleGrantPermissionRequest(new Reader(bytes), newAuthRoleGrantPermissionRequest());
}

const fieldsOfAuthRoleGrantPermissionRequest: FieldNames = {
  1: "name",
  2: "perm",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthRoleGrantPermissionRequest(r: Reader, m: AuthRoleGrantPermissionRequest): AuthRoleGrantPermissionRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.string();
        break;
      case 18: {
        const outer = r.enter();
        m.perm = readPermission(r, m.perm ?? newPermission());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfAuthRoleGrantPermissionRequest);
    }
  }
  return m;
}

export interface AuthRoleRevokePermissionRequest {
  role: string;
  key: Uint8Array;
  rangeEnd: Uint8Array;
}

export function newAuthRoleRevokePermissionRequest(init?: Partial<AuthRoleRevokePermissionRequest>): AuthRoleRevokePermissionRequest {
  if (init === undefined) {
    return {
      role: "",
      key: EMPTY_BYTES,
      rangeEnd: EMPTY_BYTES,
    };
  }
  return {
    role: init.role ?? "",
    key: init.key ?? EMPTY_BYTES,
    rangeEnd: init.rangeEnd ?? EMPTY_BYTES,
  };
}

export function encodeAuthRoleRevokePermissionRequest(m: AuthRoleRevokePermissionRequest): Buffer {
  const w = startWriting();
  writeAuthRoleRevokePermissionRequest(w, m);
  return w.finish();
}

export function writeAuthRoleRevokePermissionRequest(w: Writer, m: AuthRoleRevokePermissionRequest): void {
  if (m.rangeEnd.length > 0) w.data(26, m.rangeEnd);
  if (m.key.length > 0) w.data(18, m.key);
  if (m.role !== "") w.string(10, m.role);
}

export function decodeAuthRoleRevokePermissionRequest(bytes: Uint8Array): AuthRoleRevokePermissionRequest {
  return readAuthRoleRevokePermissionRequest(new Reader(bytes), newAuthRoleRevokePermissionRequest());
}

const fieldsOfAuthRoleRevokePermissionRequest: FieldNames = {
  1: "role",
  2: "key",
  3: "range_end",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthRoleRevokePermissionRequest(r: Reader, m: AuthRoleRevokePermissionRequest): AuthRoleRevokePermissionRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.role = r.string();
        break;
      case 18:
        m.key = r.view();
        break;
      case 26:
        m.rangeEnd = r.view();
        break;
      default:
        r.other(tag, fieldsOfAuthRoleRevokePermissionRequest);
    }
  }
  return m;
}

export interface AuthEnableResponse {
  header: ResponseHeader | null;
}

export function newAuthEnableResponse(init?: Partial<AuthEnableResponse>): AuthEnableResponse {
  if (init === undefined) {
    return {
      header: null,
    };
  }
  return {
    header: init.header ?? null,
  };
}

export function encodeAuthEnableResponse(m: AuthEnableResponse): Buffer {
  const w = startWriting();
  writeAuthEnableResponse(w, m);
  return w.finish();
}

export function writeAuthEnableResponse(w: Writer, m: AuthEnableResponse): void {
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeAuthEnableResponse(bytes: Uint8Array): AuthEnableResponse {
  return readAuthEnableResponse(new Reader(bytes), newAuthEnableResponse());
}

const fieldsOfAuthEnableResponse: FieldNames = {
  1: "header",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthEnableResponse(r: Reader, m: AuthEnableResponse): AuthEnableResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfAuthEnableResponse);
    }
  }
  return m;
}

export interface AuthDisableResponse {
  header: ResponseHeader | null;
}

export function newAuthDisableResponse(init?: Partial<AuthDisableResponse>): AuthDisableResponse {
  if (init === undefined) {
    return {
      header: null,
    };
  }
  return {
    header: init.header ?? null,
  };
}

export function encodeAuthDisableResponse(m: AuthDisableResponse): Buffer {
  const w = startWriting();
  writeAuthDisableResponse(w, m);
  return w.finish();
}

export function writeAuthDisableResponse(w: Writer, m: AuthDisableResponse): void {
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeAuthDisableResponse(bytes: Uint8Array): AuthDisableResponse {
  return readAuthDisableResponse(new Reader(bytes), newAuthDisableResponse());
}

const fieldsOfAuthDisableResponse: FieldNames = {
  1: "header",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthDisableResponse(r: Reader, m: AuthDisableResponse): AuthDisableResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfAuthDisableResponse);
    }
  }
  return m;
}

export interface AuthStatusResponse {
  header: ResponseHeader | null;
  enabled: boolean;
  authRevision: number;
}

export function newAuthStatusResponse(init?: Partial<AuthStatusResponse>): AuthStatusResponse {
  if (init === undefined) {
    return {
      header: null,
      enabled: false,
      authRevision: 0,
    };
  }
  return {
    header: init.header ?? null,
    enabled: init.enabled ?? false,
    authRevision: init.authRevision ?? 0,
  };
}

export function encodeAuthStatusResponse(m: AuthStatusResponse): Buffer {
  const w = startWriting();
  writeAuthStatusResponse(w, m);
  return w.finish();
}

export function writeAuthStatusResponse(w: Writer, m: AuthStatusResponse): void {
  if (m.authRevision !== 0) w.int64(24, m.authRevision);
  if (m.enabled) w.bool(16, m.enabled);
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeAuthStatusResponse(bytes: Uint8Array): AuthStatusResponse {
  return readAuthStatusResponse(new Reader(bytes), newAuthStatusResponse());
}

const fieldsOfAuthStatusResponse: FieldNames = {
  1: "header",
  2: "enabled",
  3: "authRevision",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthStatusResponse(r: Reader, m: AuthStatusResponse): AuthStatusResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 16:
        m.enabled = r.bool();
        break;
      case 24:
        m.authRevision = r.uint64();
        break;
      default:
        r.other(tag, fieldsOfAuthStatusResponse);
    }
  }
  return m;
}

export interface AuthenticateResponse {
  header: ResponseHeader | null;
  token: string;
}

export function newAuthenticateResponse(init?: Partial<AuthenticateResponse>): AuthenticateResponse {
  if (init === undefined) {
    return {
      header: null,
      token: "",
    };
  }
  return {
    header: init.header ?? null,
    token: init.token ?? "",
  };
}

export function encodeAuthenticateResponse(m: AuthenticateResponse): Buffer {
  const w = startWriting();
  writeAuthenticateResponse(w, m);
  return w.finish();
}

export function writeAuthenticateResponse(w: Writer, m: AuthenticateResponse): void {
  if (m.token !== "") w.string(18, m.token);
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeAuthenticateResponse(bytes: Uint8Array): AuthenticateResponse {
  return readAuthenticateResponse(new Reader(bytes), newAuthenticateResponse());
}

const fieldsOfAuthenticateResponse: FieldNames = {
  1: "header",
  2: "token",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthenticateResponse(r: Reader, m: AuthenticateResponse): AuthenticateResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 18:
        m.token = r.string();
        break;
      default:
        r.other(tag, fieldsOfAuthenticateResponse);
    }
  }
  return m;
}

export interface AuthUserAddResponse {
  header: ResponseHeader | null;
}

export function newAuthUserAddResponse(init?: Partial<AuthUserAddResponse>): AuthUserAddResponse {
  if (init === undefined) {
    return {
      header: null,
    };
  }
  return {
    header: init.header ?? null,
  };
}

export function encodeAuthUserAddResponse(m: AuthUserAddResponse): Buffer {
  const w = startWriting();
  writeAuthUserAddResponse(w, m);
  return w.finish();
}

export function writeAuthUserAddResponse(w: Writer, m: AuthUserAddResponse): void {
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeAuthUserAddResponse(bytes: Uint8Array): AuthUserAddResponse {
  return readAuthUserAddResponse(new Reader(bytes), newAuthUserAddResponse());
}

const fieldsOfAuthUserAddResponse: FieldNames = {
  1: "header",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthUserAddResponse(r: Reader, m: AuthUserAddResponse): AuthUserAddResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfAuthUserAddResponse);
    }
  }
  return m;
}

export interface AuthUserGetResponse {
  header: ResponseHeader | null;
  roles: string[];
}

export function newAuthUserGetResponse(init?: Partial<AuthUserGetResponse>): AuthUserGetResponse {
  if (init === undefined) {
    return {
      header: null,
      roles: [],
    };
  }
  return {
    header: init.header ?? null,
    roles: init.roles ?? [],
  };
}

export function encodeAuthUserGetResponse(m: AuthUserGetResponse): Buffer {
  const w = startWriting();
  writeAuthUserGetResponse(w, m);
  return w.finish();
}

export function writeAuthUserGetResponse(w: Writer, m: AuthUserGetResponse): void {
  for (let i = m.roles.length - 1; i >= 0; i--) w.string(18, m.roles[i]!);
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeAuthUserGetResponse(bytes: Uint8Array): AuthUserGetResponse {
  return readAuthUserGetResponse(new Reader(bytes), newAuthUserGetResponse());
}

const fieldsOfAuthUserGetResponse: FieldNames = {
  1: "header",
  2: "roles",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthUserGetResponse(r: Reader, m: AuthUserGetResponse): AuthUserGetResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 18:
        m.roles.push(r.string());
        break;
      default:
        r.other(tag, fieldsOfAuthUserGetResponse);
    }
  }
  return m;
}

export interface AuthUserDeleteResponse {
  header: ResponseHeader | null;
}

export function newAuthUserDeleteResponse(init?: Partial<AuthUserDeleteResponse>): AuthUserDeleteResponse {
  if (init === undefined) {
    return {
      header: null,
    };
  }
  return {
    header: init.header ?? null,
  };
}

export function encodeAuthUserDeleteResponse(m: AuthUserDeleteResponse): Buffer {
  const w = startWriting();
  writeAuthUserDeleteResponse(w, m);
  return w.finish();
}

export function writeAuthUserDeleteResponse(w: Writer, m: AuthUserDeleteResponse): void {
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeAuthUserDeleteResponse(bytes: Uint8Array): AuthUserDeleteResponse {
  return readAuthUserDeleteResponse(new Reader(bytes), newAuthUserDeleteResponse());
}

const fieldsOfAuthUserDeleteResponse: FieldNames = {
  1: "header",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthUserDeleteResponse(r: Reader, m: AuthUserDeleteResponse): AuthUserDeleteResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfAuthUserDeleteResponse);
    }
  }
  return m;
}

export interface AuthUserChangePasswordResponse {
  header: ResponseHeader | null;
}

export function newAuthUserChangePasswordResponse(init?: Partial<AuthUserChangePasswordResponse>): AuthUserChangePasswordResponse {
  if (init === undefined) {
    return {
      header: null,
    };
  }
  return {
    header: init.header ?? null,
  };
}

export function encodeAuthUserChangePasswordResponse(m: AuthUserChangePasswordResponse): Buffer {
  const w = startWriting();
  writeAuthUserChangePasswordResponse(w, m);
  return w.finish();
}

export function writeAuthUserChangePasswordResponse(w: Writer, m: AuthUserChangePasswordResponse): void {
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeAuthUserChangePasswordResponse(bytes: Uint8Array): AuthUserChangePasswordResponse {
  return readAuthUserChangePasswordResponse(new Reader(bytes), newAuthUserChangePasswordResponse());
}

const fieldsOfAuthUserChangePasswordResponse: FieldNames = {
  1: "header",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthUserChangePasswordResponse(r: Reader, m: AuthUserChangePasswordResponse): AuthUserChangePasswordResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfAuthUserChangePasswordResponse);
    }
  }
  return m;
}

export interface AuthUserGrantRoleResponse {
  header: ResponseHeader | null;
}

export function newAuthUserGrantRoleResponse(init?: Partial<AuthUserGrantRoleResponse>): AuthUserGrantRoleResponse {
  if (init === undefined) {
    return {
      header: null,
    };
  }
  return {
    header: init.header ?? null,
  };
}

export function encodeAuthUserGrantRoleResponse(m: AuthUserGrantRoleResponse): Buffer {
  const w = startWriting();
  writeAuthUserGrantRoleResponse(w, m);
  return w.finish();
}

export function writeAuthUserGrantRoleResponse(w: Writer, m: AuthUserGrantRoleResponse): void {
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeAuthUserGrantRoleResponse(bytes: Uint8Array): AuthUserGrantRoleResponse {
  return readAuthUserGrantRoleResponse(new Reader(bytes), newAuthUserGrantRoleResponse());
}

const fieldsOfAuthUserGrantRoleResponse: FieldNames = {
  1: "header",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthUserGrantRoleResponse(r: Reader, m: AuthUserGrantRoleResponse): AuthUserGrantRoleResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfAuthUserGrantRoleResponse);
    }
  }
  return m;
}

export interface AuthUserRevokeRoleResponse {
  header: ResponseHeader | null;
}

export function newAuthUserRevokeRoleResponse(init?: Partial<AuthUserRevokeRoleResponse>): AuthUserRevokeRoleResponse {
  if (init === undefined) {
    return {
      header: null,
    };
  }
  return {
    header: init.header ?? null,
  };
}

export function encodeAuthUserRevokeRoleResponse(m: AuthUserRevokeRoleResponse): Buffer {
  const w = startWriting();
  writeAuthUserRevokeRoleResponse(w, m);
  return w.finish();
}

export function writeAuthUserRevokeRoleResponse(w: Writer, m: AuthUserRevokeRoleResponse): void {
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeAuthUserRevokeRoleResponse(bytes: Uint8Array): AuthUserRevokeRoleResponse {
  return readAuthUserRevokeRoleResponse(new Reader(bytes), newAuthUserRevokeRoleResponse());
}

const fieldsOfAuthUserRevokeRoleResponse: FieldNames = {
  1: "header",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthUserRevokeRoleResponse(r: Reader, m: AuthUserRevokeRoleResponse): AuthUserRevokeRoleResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfAuthUserRevokeRoleResponse);
    }
  }
  return m;
}

export interface AuthRoleAddResponse {
  header: ResponseHeader | null;
}

export function newAuthRoleAddResponse(init?: Partial<AuthRoleAddResponse>): AuthRoleAddResponse {
  if (init === undefined) {
    return {
      header: null,
    };
  }
  return {
    header: init.header ?? null,
  };
}

export function encodeAuthRoleAddResponse(m: AuthRoleAddResponse): Buffer {
  const w = startWriting();
  writeAuthRoleAddResponse(w, m);
  return w.finish();
}

export function writeAuthRoleAddResponse(w: Writer, m: AuthRoleAddResponse): void {
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeAuthRoleAddResponse(bytes: Uint8Array): AuthRoleAddResponse {
  return readAuthRoleAddResponse(new Reader(bytes), newAuthRoleAddResponse());
}

const fieldsOfAuthRoleAddResponse: FieldNames = {
  1: "header",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthRoleAddResponse(r: Reader, m: AuthRoleAddResponse): AuthRoleAddResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfAuthRoleAddResponse);
    }
  }
  return m;
}

export interface AuthRoleGetResponse {
  header: ResponseHeader | null;
  perm: Permission[];
}

export function newAuthRoleGetResponse(init?: Partial<AuthRoleGetResponse>): AuthRoleGetResponse {
  if (init === undefined) {
    return {
      header: null,
      perm: [],
    };
  }
  return {
    header: init.header ?? null,
    perm: init.perm ?? [],
  };
}

export function encodeAuthRoleGetResponse(m: AuthRoleGetResponse): Buffer {
  const w = startWriting();
  writeAuthRoleGetResponse(w, m);
  return w.finish();
}

export function writeAuthRoleGetResponse(w: Writer, m: AuthRoleGetResponse): void {
  for (let i = m.perm.length - 1; i >= 0; i--) {
    const before = w.size();
    writePermission(w, m.perm[i]!);
    w.nested(18, before);
  }
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeAuthRoleGetResponse(bytes: Uint8Array): AuthRoleGetResponse {
  return readAuthRoleGetResponse(new Reader(bytes), newAuthRoleGetResponse());
}

const fieldsOfAuthRoleGetResponse: FieldNames = {
  1: "header",
  2: "perm",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthRoleGetResponse(r: Reader, m: AuthRoleGetResponse): AuthRoleGetResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.perm.push(readPermission(r, newPermission()));
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfAuthRoleGetResponse);
    }
  }
  return m;
}

export interface AuthRoleListResponse {
  header: ResponseHeader | null;
  roles: string[];
}

export function newAuthRoleListResponse(init?: Partial<AuthRoleListResponse>): AuthRoleListResponse {
  if (init === undefined) {
    return {
      header: null,
      roles: [],
    };
  }
  return {
    header: init.header ?? null,
    roles: init.roles ?? [],
  };
}

export function encodeAuthRoleListResponse(m: AuthRoleListResponse): Buffer {
  const w = startWriting();
  writeAuthRoleListResponse(w, m);
  return w.finish();
}

export function writeAuthRoleListResponse(w: Writer, m: AuthRoleListResponse): void {
  for (let i = m.roles.length - 1; i >= 0; i--) w.string(18, m.roles[i]!);
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeAuthRoleListResponse(bytes: Uint8Array): AuthRoleListResponse {
  return readAuthRoleListResponse(new Reader(bytes), newAuthRoleListResponse());
}

const fieldsOfAuthRoleListResponse: FieldNames = {
  1: "header",
  2: "roles",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthRoleListResponse(r: Reader, m: AuthRoleListResponse): AuthRoleListResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 18:
        m.roles.push(r.string());
        break;
      default:
        r.other(tag, fieldsOfAuthRoleListResponse);
    }
  }
  return m;
}

export interface AuthUserListResponse {
  header: ResponseHeader | null;
  users: string[];
}

export function newAuthUserListResponse(init?: Partial<AuthUserListResponse>): AuthUserListResponse {
  if (init === undefined) {
    return {
      header: null,
      users: [],
    };
  }
  return {
    header: init.header ?? null,
    users: init.users ?? [],
  };
}

export function encodeAuthUserListResponse(m: AuthUserListResponse): Buffer {
  const w = startWriting();
  writeAuthUserListResponse(w, m);
  return w.finish();
}

export function writeAuthUserListResponse(w: Writer, m: AuthUserListResponse): void {
  for (let i = m.users.length - 1; i >= 0; i--) w.string(18, m.users[i]!);
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeAuthUserListResponse(bytes: Uint8Array): AuthUserListResponse {
  return readAuthUserListResponse(new Reader(bytes), newAuthUserListResponse());
}

const fieldsOfAuthUserListResponse: FieldNames = {
  1: "header",
  2: "users",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthUserListResponse(r: Reader, m: AuthUserListResponse): AuthUserListResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 18:
        m.users.push(r.string());
        break;
      default:
        r.other(tag, fieldsOfAuthUserListResponse);
    }
  }
  return m;
}

export interface AuthRoleDeleteResponse {
  header: ResponseHeader | null;
}

export function newAuthRoleDeleteResponse(init?: Partial<AuthRoleDeleteResponse>): AuthRoleDeleteResponse {
  if (init === undefined) {
    return {
      header: null,
    };
  }
  return {
    header: init.header ?? null,
  };
}

export function encodeAuthRoleDeleteResponse(m: AuthRoleDeleteResponse): Buffer {
  const w = startWriting();
  writeAuthRoleDeleteResponse(w, m);
  return w.finish();
}

export function writeAuthRoleDeleteResponse(w: Writer, m: AuthRoleDeleteResponse): void {
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeAuthRoleDeleteResponse(bytes: Uint8Array): AuthRoleDeleteResponse {
  return readAuthRoleDeleteResponse(new Reader(bytes), newAuthRoleDeleteResponse());
}

const fieldsOfAuthRoleDeleteResponse: FieldNames = {
  1: "header",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthRoleDeleteResponse(r: Reader, m: AuthRoleDeleteResponse): AuthRoleDeleteResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfAuthRoleDeleteResponse);
    }
  }
  return m;
}

export interface AuthRoleGrantPermissionResponse {
  header: ResponseHeader | null;
}

export function newAuthRoleGrantPermissionResponse(init?: Partial<AuthRoleGrantPermissionResponse>): AuthRoleGrantPermissionResponse {
  if (init === undefined) {
    return {
      header: null,
    };
  }
  return {
    header: init.header ?? null,
  };
}

export function encodeAuthRoleGrantPermissionResponse(m: AuthRoleGrantPermissionResponse): Buffer {
  const w = startWriting();
  writeAuthRoleGrantPermissionResponse(w, m);
  return w.finish();
}

export function writeAuthRoleGrantPermissionResponse(w: Writer, m: AuthRoleGrantPermissionResponse): void {
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeAuthRoleGrantPermissionResponse(bytes: Uint8Array): AuthRoleGrantPermissionResponse {
  return readAuthRoleGrantPermissionResponse(new Reader(bytes), newAuthRoleGrantPermissionResponse());
}

const fieldsOfAuthRoleGrantPermissionResponse: FieldNames = {
  1: "header",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthRoleGrantPermissionResponse(r: Reader, m: AuthRoleGrantPermissionResponse): AuthRoleGrantPermissionResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfAuthRoleGrantPermissionResponse);
    }
  }
  return m;
}

export interface AuthRoleRevokePermissionResponse {
  header: ResponseHeader | null;
}

export function newAuthRoleRevokePermissionResponse(init?: Partial<AuthRoleRevokePermissionResponse>): AuthRoleRevokePermissionResponse {
  if (init === undefined) {
    return {
      header: null,
    };
  }
  return {
    header: init.header ?? null,
  };
}

export function encodeAuthRoleRevokePermissionResponse(m: AuthRoleRevokePermissionResponse): Buffer {
  const w = startWriting();
  writeAuthRoleRevokePermissionResponse(w, m);
  return w.finish();
}

export function writeAuthRoleRevokePermissionResponse(w: Writer, m: AuthRoleRevokePermissionResponse): void {
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeAuthRoleRevokePermissionResponse(bytes: Uint8Array): AuthRoleRevokePermissionResponse {
  return readAuthRoleRevokePermissionResponse(new Reader(bytes), newAuthRoleRevokePermissionResponse());
}

const fieldsOfAuthRoleRevokePermissionResponse: FieldNames = {
  1: "header",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAuthRoleRevokePermissionResponse(r: Reader, m: AuthRoleRevokePermissionResponse): AuthRoleRevokePermissionResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfAuthRoleRevokePermissionResponse);
    }
  }
  return m;
}

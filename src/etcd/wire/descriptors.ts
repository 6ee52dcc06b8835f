// Generated from proto/ by `npm run generate`. Do not edit: change the .proto file or the generator.
import { type EnumDescriptor, describe } from "./descriptor.ts";
import * as authpb from "./authpb.ts";
import * as etcdserverpb from "./etcdserverpb.ts";
import * as healthpb from "./healthpb.ts";
import * as leasepb from "./leasepb.ts";
import * as membershippb from "./membershippb.ts";
import * as mvccpb from "./mvccpb.ts";
import * as raftpb from "./raftpb.ts";
import * as snappb from "./snappb.ts";
import * as v3electionpb from "./v3electionpb.ts";
import * as v3lockpb from "./v3lockpb.ts";
import * as walpb from "./walpb.ts";

/** Every enum by its full name: value names and their numbers. */
export const enumDescriptors = {
  "authpb.Permission.Type": { READ: 0, WRITE: 1, READWRITE: 2 },
  "etcdserverpb.AlarmType": { NONE: 0, NOSPACE: 1, CORRUPT: 2 },
  "etcdserverpb.RangeRequest.SortOrder": { NONE: 0, ASCEND: 1, DESCEND: 2 },
  "etcdserverpb.RangeRequest.SortTarget": { KEY: 0, VERSION: 1, CREATE: 2, MOD: 3, VALUE: 4 },
  "etcdserverpb.Compare.CompareResult": { EQUAL: 0, GREATER: 1, LESS: 2, NOT_EQUAL: 3 },
  "etcdserverpb.Compare.CompareTarget": { VERSION: 0, CREATE: 1, MOD: 2, VALUE: 3, LEASE: 4 },
  "etcdserverpb.WatchCreateRequest.FilterType": { NOPUT: 0, NODELETE: 1 },
  "etcdserverpb.AlarmRequest.AlarmAction": { GET: 0, ACTIVATE: 1, DEACTIVATE: 2 },
  "etcdserverpb.DowngradeRequest.DowngradeAction": { VALIDATE: 0, ENABLE: 1, CANCEL: 2 },
  "mvccpb.Event.EventType": { PUT: 0, DELETE: 1 },
  "grpc.health.v1.HealthCheckResponse.ServingStatus": { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 },
  "raftpb.EntryType": { EntryNormal: 0, EntryConfChange: 1, EntryConfChangeV2: 2 },
  "raftpb.MessageType": { MsgHup: 0, MsgBeat: 1, MsgProp: 2, MsgApp: 3, MsgAppResp: 4, MsgVote: 5, MsgVoteResp: 6, MsgSnap: 7, MsgHeartbeat: 8, MsgHeartbeatResp: 9, MsgUnreachable: 10, MsgSnapStatus: 11, MsgCheckQuorum: 12, MsgTransferLeader: 13, MsgTimeoutNow: 14, MsgReadIndex: 15, MsgReadIndexResp: 16, MsgPreVote: 17, MsgPreVoteResp: 18, MsgStorageAppend: 19, MsgStorageAppendResp: 20, MsgStorageApply: 21, MsgStorageApplyResp: 22, MsgForgetLeader: 23 },
  "raftpb.ConfChangeTransition": { ConfChangeTransitionAuto: 0, ConfChangeTransitionJointImplicit: 1, ConfChangeTransitionJointExplicit: 2 },
  "raftpb.ConfChangeType": { ConfChangeAddNode: 0, ConfChangeRemoveNode: 1, ConfChangeUpdateNode: 2, ConfChangeAddLearnerNode: 3 },
} as const satisfies Record<string, EnumDescriptor>;

/** Every message by its full name: its fields in declaration order. */
export const messageDescriptors = describe({
  "authpb.UserAddOptions": {
    name: "authpb.UserAddOptions",
    create: authpb.newUserAddOptions,
    encode: authpb.encodeUserAddOptions,
    decode: authpb.decodeUserAddOptions,
    fields: [
      { name: "no_password", jsonName: "noPassword", property: "noPassword", number: 1, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "authpb.User": {
    name: "authpb.User",
    create: authpb.newUser,
    encode: authpb.encodeUser,
    decode: authpb.decodeUser,
    fields: [
      { name: "name", jsonName: "name", property: "name", number: 1, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "password", jsonName: "password", property: "password", number: 2, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "roles", jsonName: "roles", property: "roles", number: 3, kind: "string", type: null, repeated: true, isId: false, presence: "implicit", oneof: null },
      { name: "options", jsonName: "options", property: "options", number: 4, kind: "message", type: "authpb.UserAddOptions", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "authpb.Permission": {
    name: "authpb.Permission",
    create: authpb.newPermission,
    encode: authpb.encodePermission,
    decode: authpb.decodePermission,
    fields: [
      { name: "permType", jsonName: "permType", property: "permType", number: 1, kind: "enum", type: "authpb.Permission.Type", repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "key", jsonName: "key", property: "key", number: 2, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "range_end", jsonName: "rangeEnd", property: "rangeEnd", number: 3, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "authpb.Role": {
    name: "authpb.Role",
    create: authpb.newRole,
    encode: authpb.encodeRole,
    decode: authpb.decodeRole,
    fields: [
      { name: "name", jsonName: "name", property: "name", number: 1, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "keyPermission", jsonName: "keyPermission", property: "keyPermission", number: 2, kind: "message", type: "authpb.Permission", repeated: true, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.Request": {
    name: "etcdserverpb.Request",
    create: etcdserverpb.newRequest,
    encode: etcdserverpb.encodeRequest,
    decode: etcdserverpb.decodeRequest,
    fields: [
      { name: "ID", jsonName: "ID", property: "id", number: 1, kind: "uint64", type: null, repeated: false, isId: true, presence: "always", oneof: null },
      { name: "Method", jsonName: "Method", property: "method", number: 2, kind: "string", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "Path", jsonName: "Path", property: "path", number: 3, kind: "string", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "Val", jsonName: "Val", property: "val", number: 4, kind: "string", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "Dir", jsonName: "Dir", property: "dir", number: 5, kind: "bool", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "PrevValue", jsonName: "PrevValue", property: "prevValue", number: 6, kind: "string", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "PrevIndex", jsonName: "PrevIndex", property: "prevIndex", number: 7, kind: "uint64", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "PrevExist", jsonName: "PrevExist", property: "prevExist", number: 8, kind: "bool", type: null, repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "Expiration", jsonName: "Expiration", property: "expiration", number: 9, kind: "int64", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "Wait", jsonName: "Wait", property: "wait", number: 10, kind: "bool", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "Since", jsonName: "Since", property: "since", number: 11, kind: "uint64", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "Recursive", jsonName: "Recursive", property: "recursive", number: 12, kind: "bool", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "Sorted", jsonName: "Sorted", property: "sorted", number: 13, kind: "bool", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "Quorum", jsonName: "Quorum", property: "quorum", number: 14, kind: "bool", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "Time", jsonName: "Time", property: "time", number: 15, kind: "int64", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "Stream", jsonName: "Stream", property: "stream", number: 16, kind: "bool", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "Refresh", jsonName: "Refresh", property: "refresh", number: 17, kind: "bool", type: null, repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.Metadata": {
    name: "etcdserverpb.Metadata",
    create: etcdserverpb.newMetadata,
    encode: etcdserverpb.encodeMetadata,
    decode: etcdserverpb.decodeMetadata,
    fields: [
      { name: "NodeID", jsonName: "NodeID", property: "nodeId", number: 1, kind: "uint64", type: null, repeated: false, isId: true, presence: "always", oneof: null },
      { name: "ClusterID", jsonName: "ClusterID", property: "clusterId", number: 2, kind: "uint64", type: null, repeated: false, isId: true, presence: "always", oneof: null },
    ],
  },
  "etcdserverpb.RequestHeader": {
    name: "etcdserverpb.RequestHeader",
    create: etcdserverpb.newRequestHeader,
    encode: etcdserverpb.encodeRequestHeader,
    decode: etcdserverpb.decodeRequestHeader,
    fields: [
      { name: "ID", jsonName: "ID", property: "id", number: 1, kind: "uint64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
      { name: "username", jsonName: "username", property: "username", number: 2, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "auth_revision", jsonName: "authRevision", property: "authRevision", number: 3, kind: "uint64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.InternalRaftRequest": {
    name: "etcdserverpb.InternalRaftRequest",
    create: etcdserverpb.newInternalRaftRequest,
    encode: etcdserverpb.encodeInternalRaftRequest,
    decode: etcdserverpb.decodeInternalRaftRequest,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 100, kind: "message", type: "etcdserverpb.RequestHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "ID", jsonName: "ID", property: "id", number: 1, kind: "uint64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
      { name: "v2", jsonName: "v2", property: "v2", number: 2, kind: "message", type: "etcdserverpb.Request", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "range", jsonName: "range", property: "range", number: 3, kind: "message", type: "etcdserverpb.RangeRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "put", jsonName: "put", property: "put", number: 4, kind: "message", type: "etcdserverpb.PutRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "delete_range", jsonName: "deleteRange", property: "deleteRange", number: 5, kind: "message", type: "etcdserverpb.DeleteRangeRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "txn", jsonName: "txn", property: "txn", number: 6, kind: "message", type: "etcdserverpb.TxnRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "compaction", jsonName: "compaction", property: "compaction", number: 7, kind: "message", type: "etcdserverpb.CompactionRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "lease_grant", jsonName: "leaseGrant", property: "leaseGrant", number: 8, kind: "message", type: "etcdserverpb.LeaseGrantRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "lease_revoke", jsonName: "leaseRevoke", property: "leaseRevoke", number: 9, kind: "message", type: "etcdserverpb.LeaseRevokeRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "alarm", jsonName: "alarm", property: "alarm", number: 10, kind: "message", type: "etcdserverpb.AlarmRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "lease_checkpoint", jsonName: "leaseCheckpoint", property: "leaseCheckpoint", number: 11, kind: "message", type: "etcdserverpb.LeaseCheckpointRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "auth_enable", jsonName: "authEnable", property: "authEnable", number: 1000, kind: "message", type: "etcdserverpb.AuthEnableRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "auth_disable", jsonName: "authDisable", property: "authDisable", number: 1011, kind: "message", type: "etcdserverpb.AuthDisableRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "auth_status", jsonName: "authStatus", property: "authStatus", number: 1013, kind: "message", type: "etcdserverpb.AuthStatusRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "authenticate", jsonName: "authenticate", property: "authenticate", number: 1012, kind: "message", type: "etcdserverpb.InternalAuthenticateRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "auth_user_add", jsonName: "authUserAdd", property: "authUserAdd", number: 1100, kind: "message", type: "etcdserverpb.AuthUserAddRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "auth_user_delete", jsonName: "authUserDelete", property: "authUserDelete", number: 1101, kind: "message", type: "etcdserverpb.AuthUserDeleteRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "auth_user_get", jsonName: "authUserGet", property: "authUserGet", number: 1102, kind: "message", type: "etcdserverpb.AuthUserGetRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "auth_user_change_password", jsonName: "authUserChangePassword", property: "authUserChangePassword", number: 1103, kind: "message", type: "etcdserverpb.AuthUserChangePasswordRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "auth_user_grant_role", jsonName: "authUserGrantRole", property: "authUserGrantRole", number: 1104, kind: "message", type: "etcdserverpb.AuthUserGrantRoleRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "auth_user_revoke_role", jsonName: "authUserRevokeRole", property: "authUserRevokeRole", number: 1105, kind: "message", type: "etcdserverpb.AuthUserRevokeRoleRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "auth_user_list", jsonName: "authUserList", property: "authUserList", number: 1106, kind: "message", type: "etcdserverpb.AuthUserListRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "auth_role_list", jsonName: "authRoleList", property: "authRoleList", number: 1107, kind: "message", type: "etcdserverpb.AuthRoleListRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "auth_role_add", jsonName: "authRoleAdd", property: "authRoleAdd", number: 1200, kind: "message", type: "etcdserverpb.AuthRoleAddRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "auth_role_delete", jsonName: "authRoleDelete", property: "authRoleDelete", number: 1201, kind: "message", type: "etcdserverpb.AuthRoleDeleteRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "auth_role_get", jsonName: "authRoleGet", property: "authRoleGet", number: 1202, kind: "message", type: "etcdserverpb.AuthRoleGetRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "auth_role_grant_permission", jsonName: "authRoleGrantPermission", property: "authRoleGrantPermission", number: 1203, kind: "message", type: "etcdserverpb.AuthRoleGrantPermissionRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "auth_role_revoke_permission", jsonName: "authRoleRevokePermission", property: "authRoleRevokePermission", number: 1204, kind: "message", type: "etcdserverpb.AuthRoleRevokePermissionRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "cluster_version_set", jsonName: "clusterVersionSet", property: "clusterVersionSet", number: 1300, kind: "message", type: "membershippb.ClusterVersionSetRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "cluster_member_attr_set", jsonName: "clusterMemberAttrSet", property: "clusterMemberAttrSet", number: 1301, kind: "message", type: "membershippb.ClusterMemberAttrSetRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "downgrade_info_set", jsonName: "downgradeInfoSet", property: "downgradeInfoSet", number: 1302, kind: "message", type: "membershippb.DowngradeInfoSetRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "downgrade_version_test", jsonName: "downgradeVersionTest", property: "downgradeVersionTest", number: 9900, kind: "message", type: "etcdserverpb.DowngradeVersionTestRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.EmptyResponse": {
    name: "etcdserverpb.EmptyResponse",
    create: etcdserverpb.newEmptyResponse,
    encode: etcdserverpb.encodeEmptyResponse,
    decode: etcdserverpb.decodeEmptyResponse,
    fields: [
    ],
  },
  "etcdserverpb.InternalAuthenticateRequest": {
    name: "etcdserverpb.InternalAuthenticateRequest",
    create: etcdserverpb.newInternalAuthenticateRequest,
    encode: etcdserverpb.encodeInternalAuthenticateRequest,
    decode: etcdserverpb.decodeInternalAuthenticateRequest,
    fields: [
      { name: "name", jsonName: "name", property: "name", number: 1, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "password", jsonName: "password", property: "password", number: 2, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "simple_token", jsonName: "simpleToken", property: "simpleToken", number: 3, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.ResponseHeader": {
    name: "etcdserverpb.ResponseHeader",
    create: etcdserverpb.newResponseHeader,
    encode: etcdserverpb.encodeResponseHeader,
    decode: etcdserverpb.decodeResponseHeader,
    fields: [
      { name: "cluster_id", jsonName: "clusterId", property: "clusterId", number: 1, kind: "uint64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
      { name: "member_id", jsonName: "memberId", property: "memberId", number: 2, kind: "uint64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
      { name: "revision", jsonName: "revision", property: "revision", number: 3, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "raft_term", jsonName: "raftTerm", property: "raftTerm", number: 4, kind: "uint64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.RangeRequest": {
    name: "etcdserverpb.RangeRequest",
    create: etcdserverpb.newRangeRequest,
    encode: etcdserverpb.encodeRangeRequest,
    decode: etcdserverpb.decodeRangeRequest,
    fields: [
      { name: "key", jsonName: "key", property: "key", number: 1, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "range_end", jsonName: "rangeEnd", property: "rangeEnd", number: 2, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "limit", jsonName: "limit", property: "limit", number: 3, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "revision", jsonName: "revision", property: "revision", number: 4, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "sort_order", jsonName: "sortOrder", property: "sortOrder", number: 5, kind: "enum", type: "etcdserverpb.RangeRequest.SortOrder", repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "sort_target", jsonName: "sortTarget", property: "sortTarget", number: 6, kind: "enum", type: "etcdserverpb.RangeRequest.SortTarget", repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "serializable", jsonName: "serializable", property: "serializable", number: 7, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "keys_only", jsonName: "keysOnly", property: "keysOnly", number: 8, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "count_only", jsonName: "countOnly", property: "countOnly", number: 9, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "min_mod_revision", jsonName: "minModRevision", property: "minModRevision", number: 10, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "max_mod_revision", jsonName: "maxModRevision", property: "maxModRevision", number: 11, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "min_create_revision", jsonName: "minCreateRevision", property: "minCreateRevision", number: 12, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "max_create_revision", jsonName: "maxCreateRevision", property: "maxCreateRevision", number: 13, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.RangeResponse": {
    name: "etcdserverpb.RangeResponse",
    create: etcdserverpb.newRangeResponse,
    encode: etcdserverpb.encodeRangeResponse,
    decode: etcdserverpb.decodeRangeResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "kvs", jsonName: "kvs", property: "kvs", number: 2, kind: "message", type: "mvccpb.KeyValue", repeated: true, isId: false, presence: "nullable", oneof: null },
      { name: "more", jsonName: "more", property: "more", number: 3, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "count", jsonName: "count", property: "count", number: 4, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.RangeStreamResponse": {
    name: "etcdserverpb.RangeStreamResponse",
    create: etcdserverpb.newRangeStreamResponse,
    encode: etcdserverpb.encodeRangeStreamResponse,
    decode: etcdserverpb.decodeRangeStreamResponse,
    fields: [
      { name: "range_response", jsonName: "rangeResponse", property: "rangeResponse", number: 1, kind: "message", type: "etcdserverpb.RangeResponse", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.PutRequest": {
    name: "etcdserverpb.PutRequest",
    create: etcdserverpb.newPutRequest,
    encode: etcdserverpb.encodePutRequest,
    decode: etcdserverpb.decodePutRequest,
    fields: [
      { name: "key", jsonName: "key", property: "key", number: 1, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "value", jsonName: "value", property: "value", number: 2, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "lease", jsonName: "lease", property: "lease", number: 3, kind: "int64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
      { name: "prev_kv", jsonName: "prevKv", property: "prevKv", number: 4, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "ignore_value", jsonName: "ignoreValue", property: "ignoreValue", number: 5, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "ignore_lease", jsonName: "ignoreLease", property: "ignoreLease", number: 6, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.PutResponse": {
    name: "etcdserverpb.PutResponse",
    create: etcdserverpb.newPutResponse,
    encode: etcdserverpb.encodePutResponse,
    decode: etcdserverpb.decodePutResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "prev_kv", jsonName: "prevKv", property: "prevKv", number: 2, kind: "message", type: "mvccpb.KeyValue", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.DeleteRangeRequest": {
    name: "etcdserverpb.DeleteRangeRequest",
    create: etcdserverpb.newDeleteRangeRequest,
    encode: etcdserverpb.encodeDeleteRangeRequest,
    decode: etcdserverpb.decodeDeleteRangeRequest,
    fields: [
      { name: "key", jsonName: "key", property: "key", number: 1, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "range_end", jsonName: "rangeEnd", property: "rangeEnd", number: 2, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "prev_kv", jsonName: "prevKv", property: "prevKv", number: 3, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.DeleteRangeResponse": {
    name: "etcdserverpb.DeleteRangeResponse",
    create: etcdserverpb.newDeleteRangeResponse,
    encode: etcdserverpb.encodeDeleteRangeResponse,
    decode: etcdserverpb.decodeDeleteRangeResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "deleted", jsonName: "deleted", property: "deleted", number: 2, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "prev_kvs", jsonName: "prevKvs", property: "prevKvs", number: 3, kind: "message", type: "mvccpb.KeyValue", repeated: true, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.RequestOp": {
    name: "etcdserverpb.RequestOp",
    create: etcdserverpb.newRequestOp,
    encode: etcdserverpb.encodeRequestOp,
    decode: etcdserverpb.decodeRequestOp,
    fields: [
      { name: "request_range", jsonName: "requestRange", property: "requestRange", number: 1, kind: "message", type: "etcdserverpb.RangeRequest", repeated: false, isId: false, presence: "nullable", oneof: "request" },
      { name: "request_put", jsonName: "requestPut", property: "requestPut", number: 2, kind: "message", type: "etcdserverpb.PutRequest", repeated: false, isId: false, presence: "nullable", oneof: "request" },
      { name: "request_delete_range", jsonName: "requestDeleteRange", property: "requestDeleteRange", number: 3, kind: "message", type: "etcdserverpb.DeleteRangeRequest", repeated: false, isId: false, presence: "nullable", oneof: "request" },
      { name: "request_txn", jsonName: "requestTxn", property: "requestTxn", number: 4, kind: "message", type: "etcdserverpb.TxnRequest", repeated: false, isId: false, presence: "nullable", oneof: "request" },
    ],
  },
  "etcdserverpb.ResponseOp": {
    name: "etcdserverpb.ResponseOp",
    create: etcdserverpb.newResponseOp,
    encode: etcdserverpb.encodeResponseOp,
    decode: etcdserverpb.decodeResponseOp,
    fields: [
      { name: "response_range", jsonName: "responseRange", property: "responseRange", number: 1, kind: "message", type: "etcdserverpb.RangeResponse", repeated: false, isId: false, presence: "nullable", oneof: "response" },
      { name: "response_put", jsonName: "responsePut", property: "responsePut", number: 2, kind: "message", type: "etcdserverpb.PutResponse", repeated: false, isId: false, presence: "nullable", oneof: "response" },
      { name: "response_delete_range", jsonName: "responseDeleteRange", property: "responseDeleteRange", number: 3, kind: "message", type: "etcdserverpb.DeleteRangeResponse", repeated: false, isId: false, presence: "nullable", oneof: "response" },
      { name: "response_txn", jsonName: "responseTxn", property: "responseTxn", number: 4, kind: "message", type: "etcdserverpb.TxnResponse", repeated: false, isId: false, presence: "nullable", oneof: "response" },
    ],
  },
  "etcdserverpb.Compare": {
    name: "etcdserverpb.Compare",
    create: etcdserverpb.newCompare,
    encode: etcdserverpb.encodeCompare,
    decode: etcdserverpb.decodeCompare,
    fields: [
      { name: "result", jsonName: "result", property: "result", number: 1, kind: "enum", type: "etcdserverpb.Compare.CompareResult", repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "target", jsonName: "target", property: "target", number: 2, kind: "enum", type: "etcdserverpb.Compare.CompareTarget", repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "key", jsonName: "key", property: "key", number: 3, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "version", jsonName: "version", property: "version", number: 4, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: "targetUnion" },
      { name: "create_revision", jsonName: "createRevision", property: "createRevision", number: 5, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: "targetUnion" },
      { name: "mod_revision", jsonName: "modRevision", property: "modRevision", number: 6, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: "targetUnion" },
      { name: "value", jsonName: "value", property: "value", number: 7, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: "targetUnion" },
      { name: "lease", jsonName: "lease", property: "lease", number: 8, kind: "int64", type: null, repeated: false, isId: true, presence: "implicit", oneof: "targetUnion" },
      { name: "range_end", jsonName: "rangeEnd", property: "rangeEnd", number: 64, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.TxnRequest": {
    name: "etcdserverpb.TxnRequest",
    create: etcdserverpb.newTxnRequest,
    encode: etcdserverpb.encodeTxnRequest,
    decode: etcdserverpb.decodeTxnRequest,
    fields: [
      { name: "compare", jsonName: "compare", property: "compare", number: 1, kind: "message", type: "etcdserverpb.Compare", repeated: true, isId: false, presence: "nullable", oneof: null },
      { name: "success", jsonName: "success", property: "success", number: 2, kind: "message", type: "etcdserverpb.RequestOp", repeated: true, isId: false, presence: "nullable", oneof: null },
      { name: "failure", jsonName: "failure", property: "failure", number: 3, kind: "message", type: "etcdserverpb.RequestOp", repeated: true, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.TxnResponse": {
    name: "etcdserverpb.TxnResponse",
    create: etcdserverpb.newTxnResponse,
    encode: etcdserverpb.encodeTxnResponse,
    decode: etcdserverpb.decodeTxnResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "succeeded", jsonName: "succeeded", property: "succeeded", number: 2, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "responses", jsonName: "responses", property: "responses", number: 3, kind: "message", type: "etcdserverpb.ResponseOp", repeated: true, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.CompactionRequest": {
    name: "etcdserverpb.CompactionRequest",
    create: etcdserverpb.newCompactionRequest,
    encode: etcdserverpb.encodeCompactionRequest,
    decode: etcdserverpb.decodeCompactionRequest,
    fields: [
      { name: "revision", jsonName: "revision", property: "revision", number: 1, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "physical", jsonName: "physical", property: "physical", number: 2, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.CompactionResponse": {
    name: "etcdserverpb.CompactionResponse",
    create: etcdserverpb.newCompactionResponse,
    encode: etcdserverpb.encodeCompactionResponse,
    decode: etcdserverpb.decodeCompactionResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.HashRequest": {
    name: "etcdserverpb.HashRequest",
    create: etcdserverpb.newHashRequest,
    encode: etcdserverpb.encodeHashRequest,
    decode: etcdserverpb.decodeHashRequest,
    fields: [
    ],
  },
  "etcdserverpb.HashKVRequest": {
    name: "etcdserverpb.HashKVRequest",
    create: etcdserverpb.newHashKVRequest,
    encode: etcdserverpb.encodeHashKVRequest,
    decode: etcdserverpb.decodeHashKVRequest,
    fields: [
      { name: "revision", jsonName: "revision", property: "revision", number: 1, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.HashKVResponse": {
    name: "etcdserverpb.HashKVResponse",
    create: etcdserverpb.newHashKVResponse,
    encode: etcdserverpb.encodeHashKVResponse,
    decode: etcdserverpb.decodeHashKVResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "hash", jsonName: "hash", property: "hash", number: 2, kind: "uint32", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "compact_revision", jsonName: "compactRevision", property: "compactRevision", number: 3, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "hash_revision", jsonName: "hashRevision", property: "hashRevision", number: 4, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.HashResponse": {
    name: "etcdserverpb.HashResponse",
    create: etcdserverpb.newHashResponse,
    encode: etcdserverpb.encodeHashResponse,
    decode: etcdserverpb.decodeHashResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "hash", jsonName: "hash", property: "hash", number: 2, kind: "uint32", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.SnapshotRequest": {
    name: "etcdserverpb.SnapshotRequest",
    create: etcdserverpb.newSnapshotRequest,
    encode: etcdserverpb.encodeSnapshotRequest,
    decode: etcdserverpb.decodeSnapshotRequest,
    fields: [
    ],
  },
  "etcdserverpb.SnapshotResponse": {
    name: "etcdserverpb.SnapshotResponse",
    create: etcdserverpb.newSnapshotResponse,
    encode: etcdserverpb.encodeSnapshotResponse,
    decode: etcdserverpb.decodeSnapshotResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "remaining_bytes", jsonName: "remainingBytes", property: "remainingBytes", number: 2, kind: "uint64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "blob", jsonName: "blob", property: "blob", number: 3, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "version", jsonName: "version", property: "version", number: 4, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.WatchRequest": {
    name: "etcdserverpb.WatchRequest",
    create: etcdserverpb.newWatchRequest,
    encode: etcdserverpb.encodeWatchRequest,
    decode: etcdserverpb.decodeWatchRequest,
    fields: [
      { name: "create_request", jsonName: "createRequest", property: "createRequest", number: 1, kind: "message", type: "etcdserverpb.WatchCreateRequest", repeated: false, isId: false, presence: "nullable", oneof: "requestUnion" },
      { name: "cancel_request", jsonName: "cancelRequest", property: "cancelRequest", number: 2, kind: "message", type: "etcdserverpb.WatchCancelRequest", repeated: false, isId: false, presence: "nullable", oneof: "requestUnion" },
      { name: "progress_request", jsonName: "progressRequest", property: "progressRequest", number: 3, kind: "message", type: "etcdserverpb.WatchProgressRequest", repeated: false, isId: false, presence: "nullable", oneof: "requestUnion" },
    ],
  },
  "etcdserverpb.WatchCreateRequest": {
    name: "etcdserverpb.WatchCreateRequest",
    create: etcdserverpb.newWatchCreateRequest,
    encode: etcdserverpb.encodeWatchCreateRequest,
    decode: etcdserverpb.decodeWatchCreateRequest,
    fields: [
      { name: "key", jsonName: "key", property: "key", number: 1, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "range_end", jsonName: "rangeEnd", property: "rangeEnd", number: 2, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "start_revision", jsonName: "startRevision", property: "startRevision", number: 3, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "progress_notify", jsonName: "progressNotify", property: "progressNotify", number: 4, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "filters", jsonName: "filters", property: "filters", number: 5, kind: "enum", type: "etcdserverpb.WatchCreateRequest.FilterType", repeated: true, isId: false, presence: "implicit", oneof: null },
      { name: "prev_kv", jsonName: "prevKv", property: "prevKv", number: 6, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "watch_id", jsonName: "watchId", property: "watchId", number: 7, kind: "int64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
      { name: "fragment", jsonName: "fragment", property: "fragment", number: 8, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.WatchCancelRequest": {
    name: "etcdserverpb.WatchCancelRequest",
    create: etcdserverpb.newWatchCancelRequest,
    encode: etcdserverpb.encodeWatchCancelRequest,
    decode: etcdserverpb.decodeWatchCancelRequest,
    fields: [
      { name: "watch_id", jsonName: "watchId", property: "watchId", number: 1, kind: "int64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.WatchProgressRequest": {
    name: "etcdserverpb.WatchProgressRequest",
    create: etcdserverpb.newWatchProgressRequest,
    encode: etcdserverpb.encodeWatchProgressRequest,
    decode: etcdserverpb.decodeWatchProgressRequest,
    fields: [
    ],
  },
  "etcdserverpb.WatchResponse": {
    name: "etcdserverpb.WatchResponse",
    create: etcdserverpb.newWatchResponse,
    encode: etcdserverpb.encodeWatchResponse,
    decode: etcdserverpb.decodeWatchResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "watch_id", jsonName: "watchId", property: "watchId", number: 2, kind: "int64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
      { name: "created", jsonName: "created", property: "created", number: 3, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "canceled", jsonName: "canceled", property: "canceled", number: 4, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "compact_revision", jsonName: "compactRevision", property: "compactRevision", number: 5, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "cancel_reason", jsonName: "cancelReason", property: "cancelReason", number: 6, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "fragment", jsonName: "fragment", property: "fragment", number: 7, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "events", jsonName: "events", property: "events", number: 11, kind: "message", type: "mvccpb.Event", repeated: true, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.LeaseGrantRequest": {
    name: "etcdserverpb.LeaseGrantRequest",
    create: etcdserverpb.newLeaseGrantRequest,
    encode: etcdserverpb.encodeLeaseGrantRequest,
    decode: etcdserverpb.decodeLeaseGrantRequest,
    fields: [
      { name: "TTL", jsonName: "TTL", property: "ttl", number: 1, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "ID", jsonName: "ID", property: "id", number: 2, kind: "int64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.LeaseGrantResponse": {
    name: "etcdserverpb.LeaseGrantResponse",
    create: etcdserverpb.newLeaseGrantResponse,
    encode: etcdserverpb.encodeLeaseGrantResponse,
    decode: etcdserverpb.decodeLeaseGrantResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "ID", jsonName: "ID", property: "id", number: 2, kind: "int64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
      { name: "TTL", jsonName: "TTL", property: "ttl", number: 3, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "error", jsonName: "error", property: "error", number: 4, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.LeaseRevokeRequest": {
    name: "etcdserverpb.LeaseRevokeRequest",
    create: etcdserverpb.newLeaseRevokeRequest,
    encode: etcdserverpb.encodeLeaseRevokeRequest,
    decode: etcdserverpb.decodeLeaseRevokeRequest,
    fields: [
      { name: "ID", jsonName: "ID", property: "id", number: 1, kind: "int64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.LeaseRevokeResponse": {
    name: "etcdserverpb.LeaseRevokeResponse",
    create: etcdserverpb.newLeaseRevokeResponse,
    encode: etcdserverpb.encodeLeaseRevokeResponse,
    decode: etcdserverpb.decodeLeaseRevokeResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.LeaseCheckpoint": {
    name: "etcdserverpb.LeaseCheckpoint",
    create: etcdserverpb.newLeaseCheckpoint,
    encode: etcdserverpb.encodeLeaseCheckpoint,
    decode: etcdserverpb.decodeLeaseCheckpoint,
    fields: [
      { name: "ID", jsonName: "ID", property: "id", number: 1, kind: "int64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
      { name: "remaining_TTL", jsonName: "remainingTTL", property: "remainingTtl", number: 2, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.LeaseCheckpointRequest": {
    name: "etcdserverpb.LeaseCheckpointRequest",
    create: etcdserverpb.newLeaseCheckpointRequest,
    encode: etcdserverpb.encodeLeaseCheckpointRequest,
    decode: etcdserverpb.decodeLeaseCheckpointRequest,
    fields: [
      { name: "checkpoints", jsonName: "checkpoints", property: "checkpoints", number: 1, kind: "message", type: "etcdserverpb.LeaseCheckpoint", repeated: true, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.LeaseCheckpointResponse": {
    name: "etcdserverpb.LeaseCheckpointResponse",
    create: etcdserverpb.newLeaseCheckpointResponse,
    encode: etcdserverpb.encodeLeaseCheckpointResponse,
    decode: etcdserverpb.decodeLeaseCheckpointResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.LeaseKeepAliveRequest": {
    name: "etcdserverpb.LeaseKeepAliveRequest",
    create: etcdserverpb.newLeaseKeepAliveRequest,
    encode: etcdserverpb.encodeLeaseKeepAliveRequest,
    decode: etcdserverpb.decodeLeaseKeepAliveRequest,
    fields: [
      { name: "ID", jsonName: "ID", property: "id", number: 1, kind: "int64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.LeaseKeepAliveResponse": {
    name: "etcdserverpb.LeaseKeepAliveResponse",
    create: etcdserverpb.newLeaseKeepAliveResponse,
    encode: etcdserverpb.encodeLeaseKeepAliveResponse,
    decode: etcdserverpb.decodeLeaseKeepAliveResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "ID", jsonName: "ID", property: "id", number: 2, kind: "int64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
      { name: "TTL", jsonName: "TTL", property: "ttl", number: 3, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.LeaseTimeToLiveRequest": {
    name: "etcdserverpb.LeaseTimeToLiveRequest",
    create: etcdserverpb.newLeaseTimeToLiveRequest,
    encode: etcdserverpb.encodeLeaseTimeToLiveRequest,
    decode: etcdserverpb.decodeLeaseTimeToLiveRequest,
    fields: [
      { name: "ID", jsonName: "ID", property: "id", number: 1, kind: "int64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
      { name: "keys", jsonName: "keys", property: "keys", number: 2, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.LeaseTimeToLiveResponse": {
    name: "etcdserverpb.LeaseTimeToLiveResponse",
    create: etcdserverpb.newLeaseTimeToLiveResponse,
    encode: etcdserverpb.encodeLeaseTimeToLiveResponse,
    decode: etcdserverpb.decodeLeaseTimeToLiveResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "ID", jsonName: "ID", property: "id", number: 2, kind: "int64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
      { name: "TTL", jsonName: "TTL", property: "ttl", number: 3, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "grantedTTL", jsonName: "grantedTTL", property: "grantedTtl", number: 4, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "keys", jsonName: "keys", property: "keys", number: 5, kind: "bytes", type: null, repeated: true, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.LeaseLeasesRequest": {
    name: "etcdserverpb.LeaseLeasesRequest",
    create: etcdserverpb.newLeaseLeasesRequest,
    encode: etcdserverpb.encodeLeaseLeasesRequest,
    decode: etcdserverpb.decodeLeaseLeasesRequest,
    fields: [
    ],
  },
  "etcdserverpb.LeaseStatus": {
    name: "etcdserverpb.LeaseStatus",
    create: etcdserverpb.newLeaseStatus,
    encode: etcdserverpb.encodeLeaseStatus,
    decode: etcdserverpb.decodeLeaseStatus,
    fields: [
      { name: "ID", jsonName: "ID", property: "id", number: 1, kind: "int64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.LeaseLeasesResponse": {
    name: "etcdserverpb.LeaseLeasesResponse",
    create: etcdserverpb.newLeaseLeasesResponse,
    encode: etcdserverpb.encodeLeaseLeasesResponse,
    decode: etcdserverpb.decodeLeaseLeasesResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "leases", jsonName: "leases", property: "leases", number: 2, kind: "message", type: "etcdserverpb.LeaseStatus", repeated: true, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.Member": {
    name: "etcdserverpb.Member",
    create: etcdserverpb.newMember,
    encode: etcdserverpb.encodeMember,
    decode: etcdserverpb.decodeMember,
    fields: [
      { name: "ID", jsonName: "ID", property: "id", number: 1, kind: "uint64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
      { name: "name", jsonName: "name", property: "name", number: 2, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "peerURLs", jsonName: "peerURLs", property: "peerUrls", number: 3, kind: "string", type: null, repeated: true, isId: false, presence: "implicit", oneof: null },
      { name: "clientURLs", jsonName: "clientURLs", property: "clientUrls", number: 4, kind: "string", type: null, repeated: true, isId: false, presence: "implicit", oneof: null },
      { name: "isLearner", jsonName: "isLearner", property: "isLearner", number: 5, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.MemberAddRequest": {
    name: "etcdserverpb.MemberAddRequest",
    create: etcdserverpb.newMemberAddRequest,
    encode: etcdserverpb.encodeMemberAddRequest,
    decode: etcdserverpb.decodeMemberAddRequest,
    fields: [
      { name: "peerURLs", jsonName: "peerURLs", property: "peerUrls", number: 1, kind: "string", type: null, repeated: true, isId: false, presence: "implicit", oneof: null },
      { name: "isLearner", jsonName: "isLearner", property: "isLearner", number: 2, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.MemberAddResponse": {
    name: "etcdserverpb.MemberAddResponse",
    create: etcdserverpb.newMemberAddResponse,
    encode: etcdserverpb.encodeMemberAddResponse,
    decode: etcdserverpb.decodeMemberAddResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "member", jsonName: "member", property: "member", number: 2, kind: "message", type: "etcdserverpb.Member", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "members", jsonName: "members", property: "members", number: 3, kind: "message", type: "etcdserverpb.Member", repeated: true, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.MemberRemoveRequest": {
    name: "etcdserverpb.MemberRemoveRequest",
    create: etcdserverpb.newMemberRemoveRequest,
    encode: etcdserverpb.encodeMemberRemoveRequest,
    decode: etcdserverpb.decodeMemberRemoveRequest,
    fields: [
      { name: "ID", jsonName: "ID", property: "id", number: 1, kind: "uint64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.MemberRemoveResponse": {
    name: "etcdserverpb.MemberRemoveResponse",
    create: etcdserverpb.newMemberRemoveResponse,
    encode: etcdserverpb.encodeMemberRemoveResponse,
    decode: etcdserverpb.decodeMemberRemoveResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "members", jsonName: "members", property: "members", number: 2, kind: "message", type: "etcdserverpb.Member", repeated: true, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.MemberUpdateRequest": {
    name: "etcdserverpb.MemberUpdateRequest",
    create: etcdserverpb.newMemberUpdateRequest,
    encode: etcdserverpb.encodeMemberUpdateRequest,
    decode: etcdserverpb.decodeMemberUpdateRequest,
    fields: [
      { name: "ID", jsonName: "ID", property: "id", number: 1, kind: "uint64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
      { name: "peerURLs", jsonName: "peerURLs", property: "peerUrls", number: 2, kind: "string", type: null, repeated: true, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.MemberUpdateResponse": {
    name: "etcdserverpb.MemberUpdateResponse",
    create: etcdserverpb.newMemberUpdateResponse,
    encode: etcdserverpb.encodeMemberUpdateResponse,
    decode: etcdserverpb.decodeMemberUpdateResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "members", jsonName: "members", property: "members", number: 2, kind: "message", type: "etcdserverpb.Member", repeated: true, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.MemberListRequest": {
    name: "etcdserverpb.MemberListRequest",
    create: etcdserverpb.newMemberListRequest,
    encode: etcdserverpb.encodeMemberListRequest,
    decode: etcdserverpb.decodeMemberListRequest,
    fields: [
      { name: "linearizable", jsonName: "linearizable", property: "linearizable", number: 1, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.MemberListResponse": {
    name: "etcdserverpb.MemberListResponse",
    create: etcdserverpb.newMemberListResponse,
    encode: etcdserverpb.encodeMemberListResponse,
    decode: etcdserverpb.decodeMemberListResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "members", jsonName: "members", property: "members", number: 2, kind: "message", type: "etcdserverpb.Member", repeated: true, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.MemberPromoteRequest": {
    name: "etcdserverpb.MemberPromoteRequest",
    create: etcdserverpb.newMemberPromoteRequest,
    encode: etcdserverpb.encodeMemberPromoteRequest,
    decode: etcdserverpb.decodeMemberPromoteRequest,
    fields: [
      { name: "ID", jsonName: "ID", property: "id", number: 1, kind: "uint64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.MemberPromoteResponse": {
    name: "etcdserverpb.MemberPromoteResponse",
    create: etcdserverpb.newMemberPromoteResponse,
    encode: etcdserverpb.encodeMemberPromoteResponse,
    decode: etcdserverpb.decodeMemberPromoteResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "members", jsonName: "members", property: "members", number: 2, kind: "message", type: "etcdserverpb.Member", repeated: true, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.DefragmentRequest": {
    name: "etcdserverpb.DefragmentRequest",
    create: etcdserverpb.newDefragmentRequest,
    encode: etcdserverpb.encodeDefragmentRequest,
    decode: etcdserverpb.decodeDefragmentRequest,
    fields: [
    ],
  },
  "etcdserverpb.DefragmentResponse": {
    name: "etcdserverpb.DefragmentResponse",
    create: etcdserverpb.newDefragmentResponse,
    encode: etcdserverpb.encodeDefragmentResponse,
    decode: etcdserverpb.decodeDefragmentResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.MoveLeaderRequest": {
    name: "etcdserverpb.MoveLeaderRequest",
    create: etcdserverpb.newMoveLeaderRequest,
    encode: etcdserverpb.encodeMoveLeaderRequest,
    decode: etcdserverpb.decodeMoveLeaderRequest,
    fields: [
      { name: "targetID", jsonName: "targetID", property: "targetId", number: 1, kind: "uint64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.MoveLeaderResponse": {
    name: "etcdserverpb.MoveLeaderResponse",
    create: etcdserverpb.newMoveLeaderResponse,
    encode: etcdserverpb.encodeMoveLeaderResponse,
    decode: etcdserverpb.decodeMoveLeaderResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.AlarmRequest": {
    name: "etcdserverpb.AlarmRequest",
    create: etcdserverpb.newAlarmRequest,
    encode: etcdserverpb.encodeAlarmRequest,
    decode: etcdserverpb.decodeAlarmRequest,
    fields: [
      { name: "action", jsonName: "action", property: "action", number: 1, kind: "enum", type: "etcdserverpb.AlarmRequest.AlarmAction", repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "memberID", jsonName: "memberID", property: "memberId", number: 2, kind: "uint64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
      { name: "alarm", jsonName: "alarm", property: "alarm", number: 3, kind: "enum", type: "etcdserverpb.AlarmType", repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.AlarmMember": {
    name: "etcdserverpb.AlarmMember",
    create: etcdserverpb.newAlarmMember,
    encode: etcdserverpb.encodeAlarmMember,
    decode: etcdserverpb.decodeAlarmMember,
    fields: [
      { name: "memberID", jsonName: "memberID", property: "memberId", number: 1, kind: "uint64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
      { name: "alarm", jsonName: "alarm", property: "alarm", number: 2, kind: "enum", type: "etcdserverpb.AlarmType", repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.AlarmResponse": {
    name: "etcdserverpb.AlarmResponse",
    create: etcdserverpb.newAlarmResponse,
    encode: etcdserverpb.encodeAlarmResponse,
    decode: etcdserverpb.decodeAlarmResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "alarms", jsonName: "alarms", property: "alarms", number: 2, kind: "message", type: "etcdserverpb.AlarmMember", repeated: true, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.DowngradeRequest": {
    name: "etcdserverpb.DowngradeRequest",
    create: etcdserverpb.newDowngradeRequest,
    encode: etcdserverpb.encodeDowngradeRequest,
    decode: etcdserverpb.decodeDowngradeRequest,
    fields: [
      { name: "action", jsonName: "action", property: "action", number: 1, kind: "enum", type: "etcdserverpb.DowngradeRequest.DowngradeAction", repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "version", jsonName: "version", property: "version", number: 2, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.DowngradeResponse": {
    name: "etcdserverpb.DowngradeResponse",
    create: etcdserverpb.newDowngradeResponse,
    encode: etcdserverpb.encodeDowngradeResponse,
    decode: etcdserverpb.decodeDowngradeResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "version", jsonName: "version", property: "version", number: 2, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.DowngradeVersionTestRequest": {
    name: "etcdserverpb.DowngradeVersionTestRequest",
    create: etcdserverpb.newDowngradeVersionTestRequest,
    encode: etcdserverpb.encodeDowngradeVersionTestRequest,
    decode: etcdserverpb.decodeDowngradeVersionTestRequest,
    fields: [
      { name: "ver", jsonName: "ver", property: "ver", number: 1, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.StatusRequest": {
    name: "etcdserverpb.StatusRequest",
    create: etcdserverpb.newStatusRequest,
    encode: etcdserverpb.encodeStatusRequest,
    decode: etcdserverpb.decodeStatusRequest,
    fields: [
    ],
  },
  "etcdserverpb.StatusResponse": {
    name: "etcdserverpb.StatusResponse",
    create: etcdserverpb.newStatusResponse,
    encode: etcdserverpb.encodeStatusResponse,
    decode: etcdserverpb.decodeStatusResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "version", jsonName: "version", property: "version", number: 2, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "dbSize", jsonName: "dbSize", property: "dbSize", number: 3, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "leader", jsonName: "leader", property: "leader", number: 4, kind: "uint64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
      { name: "raftIndex", jsonName: "raftIndex", property: "raftIndex", number: 5, kind: "uint64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "raftTerm", jsonName: "raftTerm", property: "raftTerm", number: 6, kind: "uint64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "raftAppliedIndex", jsonName: "raftAppliedIndex", property: "raftAppliedIndex", number: 7, kind: "uint64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "errors", jsonName: "errors", property: "errors", number: 8, kind: "string", type: null, repeated: true, isId: false, presence: "implicit", oneof: null },
      { name: "dbSizeInUse", jsonName: "dbSizeInUse", property: "dbSizeInUse", number: 9, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "isLearner", jsonName: "isLearner", property: "isLearner", number: 10, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "storageVersion", jsonName: "storageVersion", property: "storageVersion", number: 11, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "dbSizeQuota", jsonName: "dbSizeQuota", property: "dbSizeQuota", number: 12, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "downgradeInfo", jsonName: "downgradeInfo", property: "downgradeInfo", number: 13, kind: "message", type: "etcdserverpb.DowngradeInfo", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.DowngradeInfo": {
    name: "etcdserverpb.DowngradeInfo",
    create: etcdserverpb.newDowngradeInfo,
    encode: etcdserverpb.encodeDowngradeInfo,
    decode: etcdserverpb.decodeDowngradeInfo,
    fields: [
      { name: "enabled", jsonName: "enabled", property: "enabled", number: 1, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "targetVersion", jsonName: "targetVersion", property: "targetVersion", number: 2, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.AuthEnableRequest": {
    name: "etcdserverpb.AuthEnableRequest",
    create: etcdserverpb.newAuthEnableRequest,
    encode: etcdserverpb.encodeAuthEnableRequest,
    decode: etcdserverpb.decodeAuthEnableRequest,
    fields: [
    ],
  },
  "etcdserverpb.AuthDisableRequest": {
    name: "etcdserverpb.AuthDisableRequest",
    create: etcdserverpb.newAuthDisableRequest,
    encode: etcdserverpb.encodeAuthDisableRequest,
    decode: etcdserverpb.decodeAuthDisableRequest,
    fields: [
    ],
  },
  "etcdserverpb.AuthStatusRequest": {
    name: "etcdserverpb.AuthStatusRequest",
    create: etcdserverpb.newAuthStatusRequest,
    encode: etcdserverpb.encodeAuthStatusRequest,
    decode: etcdserverpb.decodeAuthStatusRequest,
    fields: [
    ],
  },
  "etcdserverpb.AuthenticateRequest": {
    name: "etcdserverpb.AuthenticateRequest",
    create: etcdserverpb.newAuthenticateRequest,
    encode: etcdserverpb.encodeAuthenticateRequest,
    decode: etcdserverpb.decodeAuthenticateRequest,
    fields: [
      { name: "name", jsonName: "name", property: "name", number: 1, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "password", jsonName: "password", property: "password", number: 2, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.AuthUserAddRequest": {
    name: "etcdserverpb.AuthUserAddRequest",
    create: etcdserverpb.newAuthUserAddRequest,
    encode: etcdserverpb.encodeAuthUserAddRequest,
    decode: etcdserverpb.decodeAuthUserAddRequest,
    fields: [
      { name: "name", jsonName: "name", property: "name", number: 1, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "password", jsonName: "password", property: "password", number: 2, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "options", jsonName: "options", property: "options", number: 3, kind: "message", type: "authpb.UserAddOptions", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "hashedPassword", jsonName: "hashedPassword", property: "hashedPassword", number: 4, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.AuthUserGetRequest": {
    name: "etcdserverpb.AuthUserGetRequest",
    create: etcdserverpb.newAuthUserGetRequest,
    encode: etcdserverpb.encodeAuthUserGetRequest,
    decode: etcdserverpb.decodeAuthUserGetRequest,
    fields: [
      { name: "name", jsonName: "name", property: "name", number: 1, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.AuthUserDeleteRequest": {
    name: "etcdserverpb.AuthUserDeleteRequest",
    create: etcdserverpb.newAuthUserDeleteRequest,
    encode: etcdserverpb.encodeAuthUserDeleteRequest,
    decode: etcdserverpb.decodeAuthUserDeleteRequest,
    fields: [
      { name: "name", jsonName: "name", property: "name", number: 1, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.AuthUserChangePasswordRequest": {
    name: "etcdserverpb.AuthUserChangePasswordRequest",
    create: etcdserverpb.newAuthUserChangePasswordRequest,
    encode: etcdserverpb.encodeAuthUserChangePasswordRequest,
    decode: etcdserverpb.decodeAuthUserChangePasswordRequest,
    fields: [
      { name: "name", jsonName: "name", property: "name", number: 1, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "password", jsonName: "password", property: "password", number: 2, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "hashedPassword", jsonName: "hashedPassword", property: "hashedPassword", number: 3, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.AuthUserGrantRoleRequest": {
    name: "etcdserverpb.AuthUserGrantRoleRequest",
    create: etcdserverpb.newAuthUserGrantRoleRequest,
    encode: etcdserverpb.encodeAuthUserGrantRoleRequest,
    decode: etcdserverpb.decodeAuthUserGrantRoleRequest,
    fields: [
      { name: "user", jsonName: "user", property: "user", number: 1, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "role", jsonName: "role", property: "role", number: 2, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.AuthUserRevokeRoleRequest": {
    name: "etcdserverpb.AuthUserRevokeRoleRequest",
    create: etcdserverpb.newAuthUserRevokeRoleRequest,
    encode: etcdserverpb.encodeAuthUserRevokeRoleRequest,
    decode: etcdserverpb.decodeAuthUserRevokeRoleRequest,
    fields: [
      { name: "name", jsonName: "name", property: "name", number: 1, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "role", jsonName: "role", property: "role", number: 2, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.AuthRoleAddRequest": {
    name: "etcdserverpb.AuthRoleAddRequest",
    create: etcdserverpb.newAuthRoleAddRequest,
    encode: etcdserverpb.encodeAuthRoleAddRequest,
    decode: etcdserverpb.decodeAuthRoleAddRequest,
    fields: [
      { name: "name", jsonName: "name", property: "name", number: 1, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.AuthRoleGetRequest": {
    name: "etcdserverpb.AuthRoleGetRequest",
    create: etcdserverpb.newAuthRoleGetRequest,
    encode: etcdserverpb.encodeAuthRoleGetRequest,
    decode: etcdserverpb.decodeAuthRoleGetRequest,
    fields: [
      { name: "role", jsonName: "role", property: "role", number: 1, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.AuthUserListRequest": {
    name: "etcdserverpb.AuthUserListRequest",
    create: etcdserverpb.newAuthUserListRequest,
    encode: etcdserverpb.encodeAuthUserListRequest,
    decode: etcdserverpb.decodeAuthUserListRequest,
    fields: [
    ],
  },
  "etcdserverpb.AuthRoleListRequest": {
    name: "etcdserverpb.AuthRoleListRequest",
    create: etcdserverpb.newAuthRoleListRequest,
    encode: etcdserverpb.encodeAuthRoleListRequest,
    decode: etcdserverpb.decodeAuthRoleListRequest,
    fields: [
    ],
  },
  "etcdserverpb.AuthRoleDeleteRequest": {
    name: "etcdserverpb.AuthRoleDeleteRequest",
    create: etcdserverpb.newAuthRoleDeleteRequest,
    encode: etcdserverpb.encodeAuthRoleDeleteRequest,
    decode: etcdserverpb.decodeAuthRoleDeleteRequest,
    fields: [
      { name: "role", jsonName: "role", property: "role", number: 1, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.AuthRoleGrantPermissionRequest": {
    name: "etcdserverpb.AuthRoleGrantPermissionRequest",
    create: etcdserverpb.newAuthRoleGrantPermissionRequest,
    encode: etcdserverpb.encodeAuthRoleGrantPermissionRequest,
    decode: etcdserverpb.decodeAuthRoleGrantPermissionRequest,
    fields: [
      { name: "name", jsonName: "name", property: "name", number: 1, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "perm", jsonName: "perm", property: "perm", number: 2, kind: "message", type: "authpb.Permission", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.AuthRoleRevokePermissionRequest": {
    name: "etcdserverpb.AuthRoleRevokePermissionRequest",
    create: etcdserverpb.newAuthRoleRevokePermissionRequest,
    encode: etcdserverpb.encodeAuthRoleRevokePermissionRequest,
    decode: etcdserverpb.decodeAuthRoleRevokePermissionRequest,
    fields: [
      { name: "role", jsonName: "role", property: "role", number: 1, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "key", jsonName: "key", property: "key", number: 2, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "range_end", jsonName: "rangeEnd", property: "rangeEnd", number: 3, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.AuthEnableResponse": {
    name: "etcdserverpb.AuthEnableResponse",
    create: etcdserverpb.newAuthEnableResponse,
    encode: etcdserverpb.encodeAuthEnableResponse,
    decode: etcdserverpb.decodeAuthEnableResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.AuthDisableResponse": {
    name: "etcdserverpb.AuthDisableResponse",
    create: etcdserverpb.newAuthDisableResponse,
    encode: etcdserverpb.encodeAuthDisableResponse,
    decode: etcdserverpb.decodeAuthDisableResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.AuthStatusResponse": {
    name: "etcdserverpb.AuthStatusResponse",
    create: etcdserverpb.newAuthStatusResponse,
    encode: etcdserverpb.encodeAuthStatusResponse,
    decode: etcdserverpb.decodeAuthStatusResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "enabled", jsonName: "enabled", property: "enabled", number: 2, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "authRevision", jsonName: "authRevision", property: "authRevision", number: 3, kind: "uint64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.AuthenticateResponse": {
    name: "etcdserverpb.AuthenticateResponse",
    create: etcdserverpb.newAuthenticateResponse,
    encode: etcdserverpb.encodeAuthenticateResponse,
    decode: etcdserverpb.decodeAuthenticateResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "token", jsonName: "token", property: "token", number: 2, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.AuthUserAddResponse": {
    name: "etcdserverpb.AuthUserAddResponse",
    create: etcdserverpb.newAuthUserAddResponse,
    encode: etcdserverpb.encodeAuthUserAddResponse,
    decode: etcdserverpb.decodeAuthUserAddResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.AuthUserGetResponse": {
    name: "etcdserverpb.AuthUserGetResponse",
    create: etcdserverpb.newAuthUserGetResponse,
    encode: etcdserverpb.encodeAuthUserGetResponse,
    decode: etcdserverpb.decodeAuthUserGetResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "roles", jsonName: "roles", property: "roles", number: 2, kind: "string", type: null, repeated: true, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.AuthUserDeleteResponse": {
    name: "etcdserverpb.AuthUserDeleteResponse",
    create: etcdserverpb.newAuthUserDeleteResponse,
    encode: etcdserverpb.encodeAuthUserDeleteResponse,
    decode: etcdserverpb.decodeAuthUserDeleteResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.AuthUserChangePasswordResponse": {
    name: "etcdserverpb.AuthUserChangePasswordResponse",
    create: etcdserverpb.newAuthUserChangePasswordResponse,
    encode: etcdserverpb.encodeAuthUserChangePasswordResponse,
    decode: etcdserverpb.decodeAuthUserChangePasswordResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.AuthUserGrantRoleResponse": {
    name: "etcdserverpb.AuthUserGrantRoleResponse",
    create: etcdserverpb.newAuthUserGrantRoleResponse,
    encode: etcdserverpb.encodeAuthUserGrantRoleResponse,
    decode: etcdserverpb.decodeAuthUserGrantRoleResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.AuthUserRevokeRoleResponse": {
    name: "etcdserverpb.AuthUserRevokeRoleResponse",
    create: etcdserverpb.newAuthUserRevokeRoleResponse,
    encode: etcdserverpb.encodeAuthUserRevokeRoleResponse,
    decode: etcdserverpb.decodeAuthUserRevokeRoleResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.AuthRoleAddResponse": {
    name: "etcdserverpb.AuthRoleAddResponse",
    create: etcdserverpb.newAuthRoleAddResponse,
    encode: etcdserverpb.encodeAuthRoleAddResponse,
    decode: etcdserverpb.decodeAuthRoleAddResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.AuthRoleGetResponse": {
    name: "etcdserverpb.AuthRoleGetResponse",
    create: etcdserverpb.newAuthRoleGetResponse,
    encode: etcdserverpb.encodeAuthRoleGetResponse,
    decode: etcdserverpb.decodeAuthRoleGetResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "perm", jsonName: "perm", property: "perm", number: 2, kind: "message", type: "authpb.Permission", repeated: true, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.AuthRoleListResponse": {
    name: "etcdserverpb.AuthRoleListResponse",
    create: etcdserverpb.newAuthRoleListResponse,
    encode: etcdserverpb.encodeAuthRoleListResponse,
    decode: etcdserverpb.decodeAuthRoleListResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "roles", jsonName: "roles", property: "roles", number: 2, kind: "string", type: null, repeated: true, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.AuthUserListResponse": {
    name: "etcdserverpb.AuthUserListResponse",
    create: etcdserverpb.newAuthUserListResponse,
    encode: etcdserverpb.encodeAuthUserListResponse,
    decode: etcdserverpb.decodeAuthUserListResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "users", jsonName: "users", property: "users", number: 2, kind: "string", type: null, repeated: true, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "etcdserverpb.AuthRoleDeleteResponse": {
    name: "etcdserverpb.AuthRoleDeleteResponse",
    create: etcdserverpb.newAuthRoleDeleteResponse,
    encode: etcdserverpb.encodeAuthRoleDeleteResponse,
    decode: etcdserverpb.decodeAuthRoleDeleteResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.AuthRoleGrantPermissionResponse": {
    name: "etcdserverpb.AuthRoleGrantPermissionResponse",
    create: etcdserverpb.newAuthRoleGrantPermissionResponse,
    encode: etcdserverpb.encodeAuthRoleGrantPermissionResponse,
    decode: etcdserverpb.decodeAuthRoleGrantPermissionResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "etcdserverpb.AuthRoleRevokePermissionResponse": {
    name: "etcdserverpb.AuthRoleRevokePermissionResponse",
    create: etcdserverpb.newAuthRoleRevokePermissionResponse,
    encode: etcdserverpb.encodeAuthRoleRevokePermissionResponse,
    decode: etcdserverpb.decodeAuthRoleRevokePermissionResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "mvccpb.KeyValue": {
    name: "mvccpb.KeyValue",
    create: mvccpb.newKeyValue,
    encode: mvccpb.encodeKeyValue,
    decode: mvccpb.decodeKeyValue,
    fields: [
      { name: "key", jsonName: "key", property: "key", number: 1, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "create_revision", jsonName: "createRevision", property: "createRevision", number: 2, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "mod_revision", jsonName: "modRevision", property: "modRevision", number: 3, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "version", jsonName: "version", property: "version", number: 4, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "value", jsonName: "value", property: "value", number: 5, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "lease", jsonName: "lease", property: "lease", number: 6, kind: "int64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
    ],
  },
  "mvccpb.Event": {
    name: "mvccpb.Event",
    create: mvccpb.newEvent,
    encode: mvccpb.encodeEvent,
    decode: mvccpb.decodeEvent,
    fields: [
      { name: "type", jsonName: "type", property: "type", number: 1, kind: "enum", type: "mvccpb.Event.EventType", repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "kv", jsonName: "kv", property: "kv", number: 2, kind: "message", type: "mvccpb.KeyValue", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "prev_kv", jsonName: "prevKv", property: "prevKv", number: 3, kind: "message", type: "mvccpb.KeyValue", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "membershippb.RaftAttributes": {
    name: "membershippb.RaftAttributes",
    create: membershippb.newRaftAttributes,
    encode: membershippb.encodeRaftAttributes,
    decode: membershippb.decodeRaftAttributes,
    fields: [
      { name: "peer_urls", jsonName: "peerUrls", property: "peerUrls", number: 1, kind: "string", type: null, repeated: true, isId: false, presence: "implicit", oneof: null },
      { name: "is_learner", jsonName: "isLearner", property: "isLearner", number: 2, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "membershippb.Attributes": {
    name: "membershippb.Attributes",
    create: membershippb.newAttributes,
    encode: membershippb.encodeAttributes,
    decode: membershippb.decodeAttributes,
    fields: [
      { name: "name", jsonName: "name", property: "name", number: 1, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "client_urls", jsonName: "clientUrls", property: "clientUrls", number: 2, kind: "string", type: null, repeated: true, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "membershippb.Member": {
    name: "membershippb.Member",
    create: membershippb.newMember,
    encode: membershippb.encodeMember,
    decode: membershippb.decodeMember,
    fields: [
      { name: "ID", jsonName: "ID", property: "id", number: 1, kind: "uint64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
      { name: "raft_attributes", jsonName: "raftAttributes", property: "raftAttributes", number: 2, kind: "message", type: "membershippb.RaftAttributes", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "member_attributes", jsonName: "memberAttributes", property: "memberAttributes", number: 3, kind: "message", type: "membershippb.Attributes", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "membershippb.ClusterVersionSetRequest": {
    name: "membershippb.ClusterVersionSetRequest",
    create: membershippb.newClusterVersionSetRequest,
    encode: membershippb.encodeClusterVersionSetRequest,
    decode: membershippb.decodeClusterVersionSetRequest,
    fields: [
      { name: "ver", jsonName: "ver", property: "ver", number: 1, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "membershippb.ClusterMemberAttrSetRequest": {
    name: "membershippb.ClusterMemberAttrSetRequest",
    create: membershippb.newClusterMemberAttrSetRequest,
    encode: membershippb.encodeClusterMemberAttrSetRequest,
    decode: membershippb.decodeClusterMemberAttrSetRequest,
    fields: [
      { name: "member_ID", jsonName: "memberID", property: "memberId", number: 1, kind: "uint64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
      { name: "member_attributes", jsonName: "memberAttributes", property: "memberAttributes", number: 2, kind: "message", type: "membershippb.Attributes", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "membershippb.DowngradeInfoSetRequest": {
    name: "membershippb.DowngradeInfoSetRequest",
    create: membershippb.newDowngradeInfoSetRequest,
    encode: membershippb.encodeDowngradeInfoSetRequest,
    decode: membershippb.decodeDowngradeInfoSetRequest,
    fields: [
      { name: "enabled", jsonName: "enabled", property: "enabled", number: 1, kind: "bool", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "ver", jsonName: "ver", property: "ver", number: 2, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "grpc.health.v1.HealthCheckRequest": {
    name: "grpc.health.v1.HealthCheckRequest",
    create: healthpb.newHealthCheckRequest,
    encode: healthpb.encodeHealthCheckRequest,
    decode: healthpb.decodeHealthCheckRequest,
    fields: [
      { name: "service", jsonName: "service", property: "service", number: 1, kind: "string", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "grpc.health.v1.HealthCheckResponse": {
    name: "grpc.health.v1.HealthCheckResponse",
    create: healthpb.newHealthCheckResponse,
    encode: healthpb.encodeHealthCheckResponse,
    decode: healthpb.decodeHealthCheckResponse,
    fields: [
      { name: "status", jsonName: "status", property: "status", number: 1, kind: "enum", type: "grpc.health.v1.HealthCheckResponse.ServingStatus", repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "leasepb.Lease": {
    name: "leasepb.Lease",
    create: leasepb.newLease,
    encode: leasepb.encodeLease,
    decode: leasepb.decodeLease,
    fields: [
      { name: "ID", jsonName: "ID", property: "id", number: 1, kind: "int64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
      { name: "TTL", jsonName: "TTL", property: "ttl", number: 2, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "RemainingTTL", jsonName: "RemainingTTL", property: "remainingTtl", number: 3, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "leasepb.LeaseInternalRequest": {
    name: "leasepb.LeaseInternalRequest",
    create: leasepb.newLeaseInternalRequest,
    encode: leasepb.encodeLeaseInternalRequest,
    decode: leasepb.decodeLeaseInternalRequest,
    fields: [
      { name: "LeaseTimeToLiveRequest", jsonName: "LeaseTimeToLiveRequest", property: "leaseTimeToLiveRequest", number: 1, kind: "message", type: "etcdserverpb.LeaseTimeToLiveRequest", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "leasepb.LeaseInternalResponse": {
    name: "leasepb.LeaseInternalResponse",
    create: leasepb.newLeaseInternalResponse,
    encode: leasepb.encodeLeaseInternalResponse,
    decode: leasepb.decodeLeaseInternalResponse,
    fields: [
      { name: "LeaseTimeToLiveResponse", jsonName: "LeaseTimeToLiveResponse", property: "leaseTimeToLiveResponse", number: 1, kind: "message", type: "etcdserverpb.LeaseTimeToLiveResponse", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "raftpb.Entry": {
    name: "raftpb.Entry",
    create: raftpb.newEntry,
    encode: raftpb.encodeEntry,
    decode: raftpb.decodeEntry,
    fields: [
      { name: "Term", jsonName: "Term", property: "term", number: 2, kind: "uint64", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "Index", jsonName: "Index", property: "index", number: 3, kind: "uint64", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "Type", jsonName: "Type", property: "type", number: 1, kind: "enum", type: "raftpb.EntryType", repeated: false, isId: false, presence: "always", oneof: null },
      { name: "Data", jsonName: "Data", property: "data", number: 4, kind: "bytes", type: null, repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "raftpb.SnapshotMetadata": {
    name: "raftpb.SnapshotMetadata",
    create: raftpb.newSnapshotMetadata,
    encode: raftpb.encodeSnapshotMetadata,
    decode: raftpb.decodeSnapshotMetadata,
    fields: [
      { name: "conf_state", jsonName: "confState", property: "confState", number: 1, kind: "message", type: "raftpb.ConfState", repeated: false, isId: false, presence: "always", oneof: null },
      { name: "index", jsonName: "index", property: "index", number: 2, kind: "uint64", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "term", jsonName: "term", property: "term", number: 3, kind: "uint64", type: null, repeated: false, isId: false, presence: "always", oneof: null },
    ],
  },
  "raftpb.Snapshot": {
    name: "raftpb.Snapshot",
    create: raftpb.newSnapshot,
    encode: raftpb.encodeSnapshot,
    decode: raftpb.decodeSnapshot,
    fields: [
      { name: "data", jsonName: "data", property: "data", number: 1, kind: "bytes", type: null, repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "metadata", jsonName: "metadata", property: "metadata", number: 2, kind: "message", type: "raftpb.SnapshotMetadata", repeated: false, isId: false, presence: "always", oneof: null },
    ],
  },
  "raftpb.Message": {
    name: "raftpb.Message",
    create: raftpb.newMessage,
    encode: raftpb.encodeMessage,
    decode: raftpb.decodeMessage,
    fields: [
      { name: "type", jsonName: "type", property: "type", number: 1, kind: "enum", type: "raftpb.MessageType", repeated: false, isId: false, presence: "always", oneof: null },
      { name: "to", jsonName: "to", property: "to", number: 2, kind: "uint64", type: null, repeated: false, isId: true, presence: "always", oneof: null },
      { name: "from", jsonName: "from", property: "from", number: 3, kind: "uint64", type: null, repeated: false, isId: true, presence: "always", oneof: null },
      { name: "term", jsonName: "term", property: "term", number: 4, kind: "uint64", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "logTerm", jsonName: "logTerm", property: "logTerm", number: 5, kind: "uint64", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "index", jsonName: "index", property: "index", number: 6, kind: "uint64", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "entries", jsonName: "entries", property: "entries", number: 7, kind: "message", type: "raftpb.Entry", repeated: true, isId: false, presence: "nullable", oneof: null },
      { name: "commit", jsonName: "commit", property: "commit", number: 8, kind: "uint64", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "vote", jsonName: "vote", property: "vote", number: 13, kind: "uint64", type: null, repeated: false, isId: true, presence: "always", oneof: null },
      { name: "snapshot", jsonName: "snapshot", property: "snapshot", number: 9, kind: "message", type: "raftpb.Snapshot", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "reject", jsonName: "reject", property: "reject", number: 10, kind: "bool", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "rejectHint", jsonName: "rejectHint", property: "rejectHint", number: 11, kind: "uint64", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "context", jsonName: "context", property: "context", number: 12, kind: "bytes", type: null, repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "responses", jsonName: "responses", property: "responses", number: 14, kind: "message", type: "raftpb.Message", repeated: true, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "raftpb.HardState": {
    name: "raftpb.HardState",
    create: raftpb.newHardState,
    encode: raftpb.encodeHardState,
    decode: raftpb.decodeHardState,
    fields: [
      { name: "term", jsonName: "term", property: "term", number: 1, kind: "uint64", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "vote", jsonName: "vote", property: "vote", number: 2, kind: "uint64", type: null, repeated: false, isId: true, presence: "always", oneof: null },
      { name: "commit", jsonName: "commit", property: "commit", number: 3, kind: "uint64", type: null, repeated: false, isId: false, presence: "always", oneof: null },
    ],
  },
  "raftpb.ConfState": {
    name: "raftpb.ConfState",
    create: raftpb.newConfState,
    encode: raftpb.encodeConfState,
    decode: raftpb.decodeConfState,
    fields: [
      { name: "voters", jsonName: "voters", property: "voters", number: 1, kind: "uint64", type: null, repeated: true, isId: true, presence: "always", oneof: null },
      { name: "learners", jsonName: "learners", property: "learners", number: 2, kind: "uint64", type: null, repeated: true, isId: true, presence: "always", oneof: null },
      { name: "voters_outgoing", jsonName: "votersOutgoing", property: "votersOutgoing", number: 3, kind: "uint64", type: null, repeated: true, isId: true, presence: "always", oneof: null },
      { name: "learners_next", jsonName: "learnersNext", property: "learnersNext", number: 4, kind: "uint64", type: null, repeated: true, isId: true, presence: "always", oneof: null },
      { name: "auto_leave", jsonName: "autoLeave", property: "autoLeave", number: 5, kind: "bool", type: null, repeated: false, isId: false, presence: "always", oneof: null },
    ],
  },
  "raftpb.ConfChange": {
    name: "raftpb.ConfChange",
    create: raftpb.newConfChange,
    encode: raftpb.encodeConfChange,
    decode: raftpb.decodeConfChange,
    fields: [
      { name: "type", jsonName: "type", property: "type", number: 2, kind: "enum", type: "raftpb.ConfChangeType", repeated: false, isId: false, presence: "always", oneof: null },
      { name: "node_id", jsonName: "nodeId", property: "nodeId", number: 3, kind: "uint64", type: null, repeated: false, isId: true, presence: "always", oneof: null },
      { name: "context", jsonName: "context", property: "context", number: 4, kind: "bytes", type: null, repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "id", jsonName: "id", property: "id", number: 1, kind: "uint64", type: null, repeated: false, isId: true, presence: "always", oneof: null },
    ],
  },
  "raftpb.ConfChangeSingle": {
    name: "raftpb.ConfChangeSingle",
    create: raftpb.newConfChangeSingle,
    encode: raftpb.encodeConfChangeSingle,
    decode: raftpb.decodeConfChangeSingle,
    fields: [
      { name: "type", jsonName: "type", property: "type", number: 1, kind: "enum", type: "raftpb.ConfChangeType", repeated: false, isId: false, presence: "always", oneof: null },
      { name: "node_id", jsonName: "nodeId", property: "nodeId", number: 2, kind: "uint64", type: null, repeated: false, isId: true, presence: "always", oneof: null },
    ],
  },
  "raftpb.ConfChangeV2": {
    name: "raftpb.ConfChangeV2",
    create: raftpb.newConfChangeV2,
    encode: raftpb.encodeConfChangeV2,
    decode: raftpb.decodeConfChangeV2,
    fields: [
      { name: "transition", jsonName: "transition", property: "transition", number: 1, kind: "enum", type: "raftpb.ConfChangeTransition", repeated: false, isId: false, presence: "always", oneof: null },
      { name: "changes", jsonName: "changes", property: "changes", number: 2, kind: "message", type: "raftpb.ConfChangeSingle", repeated: true, isId: false, presence: "nullable", oneof: null },
      { name: "context", jsonName: "context", property: "context", number: 3, kind: "bytes", type: null, repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "snappb.snapshot": {
    name: "snappb.snapshot",
    create: snappb.newSnapshot,
    encode: snappb.encodeSnapshot,
    decode: snappb.decodeSnapshot,
    fields: [
      { name: "crc", jsonName: "crc", property: "crc", number: 1, kind: "uint32", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "data", jsonName: "data", property: "data", number: 2, kind: "bytes", type: null, repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "v3electionpb.CampaignRequest": {
    name: "v3electionpb.CampaignRequest",
    create: v3electionpb.newCampaignRequest,
    encode: v3electionpb.encodeCampaignRequest,
    decode: v3electionpb.decodeCampaignRequest,
    fields: [
      { name: "name", jsonName: "name", property: "name", number: 1, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "lease", jsonName: "lease", property: "lease", number: 2, kind: "int64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
      { name: "value", jsonName: "value", property: "value", number: 3, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "v3electionpb.CampaignResponse": {
    name: "v3electionpb.CampaignResponse",
    create: v3electionpb.newCampaignResponse,
    encode: v3electionpb.encodeCampaignResponse,
    decode: v3electionpb.decodeCampaignResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "leader", jsonName: "leader", property: "leader", number: 2, kind: "message", type: "v3electionpb.LeaderKey", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "v3electionpb.LeaderKey": {
    name: "v3electionpb.LeaderKey",
    create: v3electionpb.newLeaderKey,
    encode: v3electionpb.encodeLeaderKey,
    decode: v3electionpb.decodeLeaderKey,
    fields: [
      { name: "name", jsonName: "name", property: "name", number: 1, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "key", jsonName: "key", property: "key", number: 2, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "rev", jsonName: "rev", property: "rev", number: 3, kind: "int64", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "lease", jsonName: "lease", property: "lease", number: 4, kind: "int64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
    ],
  },
  "v3electionpb.LeaderRequest": {
    name: "v3electionpb.LeaderRequest",
    create: v3electionpb.newLeaderRequest,
    encode: v3electionpb.encodeLeaderRequest,
    decode: v3electionpb.decodeLeaderRequest,
    fields: [
      { name: "name", jsonName: "name", property: "name", number: 1, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "v3electionpb.LeaderResponse": {
    name: "v3electionpb.LeaderResponse",
    create: v3electionpb.newLeaderResponse,
    encode: v3electionpb.encodeLeaderResponse,
    decode: v3electionpb.decodeLeaderResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "kv", jsonName: "kv", property: "kv", number: 2, kind: "message", type: "mvccpb.KeyValue", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "v3electionpb.ResignRequest": {
    name: "v3electionpb.ResignRequest",
    create: v3electionpb.newResignRequest,
    encode: v3electionpb.encodeResignRequest,
    decode: v3electionpb.decodeResignRequest,
    fields: [
      { name: "leader", jsonName: "leader", property: "leader", number: 1, kind: "message", type: "v3electionpb.LeaderKey", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "v3electionpb.ResignResponse": {
    name: "v3electionpb.ResignResponse",
    create: v3electionpb.newResignResponse,
    encode: v3electionpb.encodeResignResponse,
    decode: v3electionpb.decodeResignResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "v3electionpb.ProclaimRequest": {
    name: "v3electionpb.ProclaimRequest",
    create: v3electionpb.newProclaimRequest,
    encode: v3electionpb.encodeProclaimRequest,
    decode: v3electionpb.decodeProclaimRequest,
    fields: [
      { name: "leader", jsonName: "leader", property: "leader", number: 1, kind: "message", type: "v3electionpb.LeaderKey", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "value", jsonName: "value", property: "value", number: 2, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "v3electionpb.ProclaimResponse": {
    name: "v3electionpb.ProclaimResponse",
    create: v3electionpb.newProclaimResponse,
    encode: v3electionpb.encodeProclaimResponse,
    decode: v3electionpb.decodeProclaimResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "v3lockpb.LockRequest": {
    name: "v3lockpb.LockRequest",
    create: v3lockpb.newLockRequest,
    encode: v3lockpb.encodeLockRequest,
    decode: v3lockpb.decodeLockRequest,
    fields: [
      { name: "name", jsonName: "name", property: "name", number: 1, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
      { name: "lease", jsonName: "lease", property: "lease", number: 2, kind: "int64", type: null, repeated: false, isId: true, presence: "implicit", oneof: null },
    ],
  },
  "v3lockpb.LockResponse": {
    name: "v3lockpb.LockResponse",
    create: v3lockpb.newLockResponse,
    encode: v3lockpb.encodeLockResponse,
    decode: v3lockpb.decodeLockResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
      { name: "key", jsonName: "key", property: "key", number: 2, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "v3lockpb.UnlockRequest": {
    name: "v3lockpb.UnlockRequest",
    create: v3lockpb.newUnlockRequest,
    encode: v3lockpb.encodeUnlockRequest,
    decode: v3lockpb.decodeUnlockRequest,
    fields: [
      { name: "key", jsonName: "key", property: "key", number: 1, kind: "bytes", type: null, repeated: false, isId: false, presence: "implicit", oneof: null },
    ],
  },
  "v3lockpb.UnlockResponse": {
    name: "v3lockpb.UnlockResponse",
    create: v3lockpb.newUnlockResponse,
    encode: v3lockpb.encodeUnlockResponse,
    decode: v3lockpb.decodeUnlockResponse,
    fields: [
      { name: "header", jsonName: "header", property: "header", number: 1, kind: "message", type: "etcdserverpb.ResponseHeader", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "walpb.Record": {
    name: "walpb.Record",
    create: walpb.newRecord,
    encode: walpb.encodeRecord,
    decode: walpb.decodeRecord,
    fields: [
      { name: "type", jsonName: "type", property: "type", number: 1, kind: "int64", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "crc", jsonName: "crc", property: "crc", number: 2, kind: "uint32", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "data", jsonName: "data", property: "data", number: 3, kind: "bytes", type: null, repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
  "walpb.Snapshot": {
    name: "walpb.Snapshot",
    create: walpb.newSnapshot,
    encode: walpb.encodeSnapshot,
    decode: walpb.decodeSnapshot,
    fields: [
      { name: "index", jsonName: "index", property: "index", number: 1, kind: "uint64", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "term", jsonName: "term", property: "term", number: 2, kind: "uint64", type: null, repeated: false, isId: false, presence: "always", oneof: null },
      { name: "conf_state", jsonName: "confState", property: "confState", number: 3, kind: "message", type: "raftpb.ConfState", repeated: false, isId: false, presence: "nullable", oneof: null },
    ],
  },
});

/** The type of every message by its full name. */
export interface MessageTypes {
  "authpb.UserAddOptions": authpb.UserAddOptions;
  "authpb.User": authpb.User;
  "authpb.Permission": authpb.Permission;
  "authpb.Role": authpb.Role;
  "etcdserverpb.Request": etcdserverpb.Request;
  "etcdserverpb.Metadata": etcdserverpb.Metadata;
  "etcdserverpb.RequestHeader": etcdserverpb.RequestHeader;
  "etcdserverpb.InternalRaftRequest": etcdserverpb.InternalRaftRequest;
  "etcdserverpb.EmptyResponse": etcdserverpb.EmptyResponse;
  "etcdserverpb.InternalAuthenticateRequest": etcdserverpb.InternalAuthenticateRequest;
  "etcdserverpb.ResponseHeader": etcdserverpb.ResponseHeader;
  "etcdserverpb.RangeRequest": etcdserverpb.RangeRequest;
  "etcdserverpb.RangeResponse": etcdserverpb.RangeResponse;
  "etcdserverpb.RangeStreamResponse": etcdserverpb.RangeStreamResponse;
  "etcdserverpb.PutRequest": etcdserverpb.PutRequest;
  "etcdserverpb.PutResponse": etcdserverpb.PutResponse;
  "etcdserverpb.DeleteRangeRequest": etcdserverpb.DeleteRangeRequest;
  "etcdserverpb.DeleteRangeResponse": etcdserverpb.DeleteRangeResponse;
  "etcdserverpb.RequestOp": etcdserverpb.RequestOp;
  "etcdserverpb.ResponseOp": etcdserverpb.ResponseOp;
  "etcdserverpb.Compare": etcdserverpb.Compare;
  "etcdserverpb.TxnRequest": etcdserverpb.TxnRequest;
  "etcdserverpb.TxnResponse": etcdserverpb.TxnResponse;
  "etcdserverpb.CompactionRequest": etcdserverpb.CompactionRequest;
  "etcdserverpb.CompactionResponse": etcdserverpb.CompactionResponse;
  "etcdserverpb.HashRequest": etcdserverpb.HashRequest;
  "etcdserverpb.HashKVRequest": etcdserverpb.HashKVRequest;
  "etcdserverpb.HashKVResponse": etcdserverpb.HashKVResponse;
  "etcdserverpb.HashResponse": etcdserverpb.HashResponse;
  "etcdserverpb.SnapshotRequest": etcdserverpb.SnapshotRequest;
  "etcdserverpb.SnapshotResponse": etcdserverpb.SnapshotResponse;
  "etcdserverpb.WatchRequest": etcdserverpb.WatchRequest;
  "etcdserverpb.WatchCreateRequest": etcdserverpb.WatchCreateRequest;
  "etcdserverpb.WatchCancelRequest": etcdserverpb.WatchCancelRequest;
  "etcdserverpb.WatchProgressRequest": etcdserverpb.WatchProgressRequest;
  "etcdserverpb.WatchResponse": etcdserverpb.WatchResponse;
  "etcdserverpb.LeaseGrantRequest": etcdserverpb.LeaseGrantRequest;
  "etcdserverpb.LeaseGrantResponse": etcdserverpb.LeaseGrantResponse;
  "etcdserverpb.LeaseRevokeRequest": etcdserverpb.LeaseRevokeRequest;
  "etcdserverpb.LeaseRevokeResponse": etcdserverpb.LeaseRevokeResponse;
  "etcdserverpb.LeaseCheckpoint": etcdserverpb.LeaseCheckpoint;
  "etcdserverpb.LeaseCheckpointRequest": etcdserverpb.LeaseCheckpointRequest;
  "etcdserverpb.LeaseCheckpointResponse": etcdserverpb.LeaseCheckpointResponse;
  "etcdserverpb.LeaseKeepAliveRequest": etcdserverpb.LeaseKeepAliveRequest;
  "etcdserverpb.LeaseKeepAliveResponse": etcdserverpb.LeaseKeepAliveResponse;
  "etcdserverpb.LeaseTimeToLiveRequest": etcdserverpb.LeaseTimeToLiveRequest;
  "etcdserverpb.LeaseTimeToLiveResponse": etcdserverpb.LeaseTimeToLiveResponse;
  "etcdserverpb.LeaseLeasesRequest": etcdserverpb.LeaseLeasesRequest;
  "etcdserverpb.LeaseStatus": etcdserverpb.LeaseStatus;
  "etcdserverpb.LeaseLeasesResponse": etcdserverpb.LeaseLeasesResponse;
  "etcdserverpb.Member": etcdserverpb.Member;
  "etcdserverpb.MemberAddRequest": etcdserverpb.MemberAddRequest;
  "etcdserverpb.MemberAddResponse": etcdserverpb.MemberAddResponse;
  "etcdserverpb.MemberRemoveRequest": etcdserverpb.MemberRemoveRequest;
  "etcdserverpb.MemberRemoveResponse": etcdserverpb.MemberRemoveResponse;
  "etcdserverpb.MemberUpdateRequest": etcdserverpb.MemberUpdateRequest;
  "etcdserverpb.MemberUpdateResponse": etcdserverpb.MemberUpdateResponse;
  "etcdserverpb.MemberListRequest": etcdserverpb.MemberListRequest;
  "etcdserverpb.MemberListResponse": etcdserverpb.MemberListResponse;
  "etcdserverpb.MemberPromoteRequest": etcdserverpb.MemberPromoteRequest;
  "etcdserverpb.MemberPromoteResponse": etcdserverpb.MemberPromoteResponse;
  "etcdserverpb.DefragmentRequest": etcdserverpb.DefragmentRequest;
  "etcdserverpb.DefragmentResponse": etcdserverpb.DefragmentResponse;
  "etcdserverpb.MoveLeaderRequest": etcdserverpb.MoveLeaderRequest;
  "etcdserverpb.MoveLeaderResponse": etcdserverpb.MoveLeaderResponse;
  "etcdserverpb.AlarmRequest": etcdserverpb.AlarmRequest;
  "etcdserverpb.AlarmMember": etcdserverpb.AlarmMember;
  "etcdserverpb.AlarmResponse": etcdserverpb.AlarmResponse;
  "etcdserverpb.DowngradeRequest": etcdserverpb.DowngradeRequest;
  "etcdserverpb.DowngradeResponse": etcdserverpb.DowngradeResponse;
  "etcdserverpb.DowngradeVersionTestRequest": etcdserverpb.DowngradeVersionTestRequest;
  "etcdserverpb.StatusRequest": etcdserverpb.StatusRequest;
  "etcdserverpb.StatusResponse": etcdserverpb.StatusResponse;
  "etcdserverpb.DowngradeInfo": etcdserverpb.DowngradeInfo;
  "etcdserverpb.AuthEnableRequest": etcdserverpb.AuthEnableRequest;
  "etcdserverpb.AuthDisableRequest": etcdserverpb.AuthDisableRequest;
  "etcdserverpb.AuthStatusRequest": etcdserverpb.AuthStatusRequest;
  "etcdserverpb.AuthenticateRequest": etcdserverpb.AuthenticateRequest;
  "etcdserverpb.AuthUserAddRequest": etcdserverpb.AuthUserAddRequest;
  "etcdserverpb.AuthUserGetRequest": etcdserverpb.AuthUserGetRequest;
  "etcdserverpb.AuthUserDeleteRequest": etcdserverpb.AuthUserDeleteRequest;
  "etcdserverpb.AuthUserChangePasswordRequest": etcdserverpb.AuthUserChangePasswordRequest;
  "etcdserverpb.AuthUserGrantRoleRequest": etcdserverpb.AuthUserGrantRoleRequest;
  "etcdserverpb.AuthUserRevokeRoleRequest": etcdserverpb.AuthUserRevokeRoleRequest;
  "etcdserverpb.AuthRoleAddRequest": etcdserverpb.AuthRoleAddRequest;
  "etcdserverpb.AuthRoleGetRequest": etcdserverpb.AuthRoleGetRequest;
  "etcdserverpb.AuthUserListRequest": etcdserverpb.AuthUserListRequest;
  "etcdserverpb.AuthRoleListRequest": etcdserverpb.AuthRoleListRequest;
  "etcdserverpb.AuthRoleDeleteRequest": etcdserverpb.AuthRoleDeleteRequest;
  "etcdserverpb.AuthRoleGrantPermissionRequest": etcdserverpb.AuthRoleGrantPermissionRequest;
  "etcdserverpb.AuthRoleRevokePermissionRequest": etcdserverpb.AuthRoleRevokePermissionRequest;
  "etcdserverpb.AuthEnableResponse": etcdserverpb.AuthEnableResponse;
  "etcdserverpb.AuthDisableResponse": etcdserverpb.AuthDisableResponse;
  "etcdserverpb.AuthStatusResponse": etcdserverpb.AuthStatusResponse;
  "etcdserverpb.AuthenticateResponse": etcdserverpb.AuthenticateResponse;
  "etcdserverpb.AuthUserAddResponse": etcdserverpb.AuthUserAddResponse;
  "etcdserverpb.AuthUserGetResponse": etcdserverpb.AuthUserGetResponse;
  "etcdserverpb.AuthUserDeleteResponse": etcdserverpb.AuthUserDeleteResponse;
  "etcdserverpb.AuthUserChangePasswordResponse": etcdserverpb.AuthUserChangePasswordResponse;
  "etcdserverpb.AuthUserGrantRoleResponse": etcdserverpb.AuthUserGrantRoleResponse;
  "etcdserverpb.AuthUserRevokeRoleResponse": etcdserverpb.AuthUserRevokeRoleResponse;
  "etcdserverpb.AuthRoleAddResponse": etcdserverpb.AuthRoleAddResponse;
  "etcdserverpb.AuthRoleGetResponse": etcdserverpb.AuthRoleGetResponse;
  "etcdserverpb.AuthRoleListResponse": etcdserverpb.AuthRoleListResponse;
  "etcdserverpb.AuthUserListResponse": etcdserverpb.AuthUserListResponse;
  "etcdserverpb.AuthRoleDeleteResponse": etcdserverpb.AuthRoleDeleteResponse;
  "etcdserverpb.AuthRoleGrantPermissionResponse": etcdserverpb.AuthRoleGrantPermissionResponse;
  "etcdserverpb.AuthRoleRevokePermissionResponse": etcdserverpb.AuthRoleRevokePermissionResponse;
  "mvccpb.KeyValue": mvccpb.KeyValue;
  "mvccpb.Event": mvccpb.Event;
  "membershippb.RaftAttributes": membershippb.RaftAttributes;
  "membershippb.Attributes": membershippb.Attributes;
  "membershippb.Member": membershippb.Member;
  "membershippb.ClusterVersionSetRequest": membershippb.ClusterVersionSetRequest;
  "membershippb.ClusterMemberAttrSetRequest": membershippb.ClusterMemberAttrSetRequest;
  "membershippb.DowngradeInfoSetRequest": membershippb.DowngradeInfoSetRequest;
  "grpc.health.v1.HealthCheckRequest": healthpb.HealthCheckRequest;
  "grpc.health.v1.HealthCheckResponse": healthpb.HealthCheckResponse;
  "leasepb.Lease": leasepb.Lease;
  "leasepb.LeaseInternalRequest": leasepb.LeaseInternalRequest;
  "leasepb.LeaseInternalResponse": leasepb.LeaseInternalResponse;
  "raftpb.Entry": raftpb.Entry;
  "raftpb.SnapshotMetadata": raftpb.SnapshotMetadata;
  "raftpb.Snapshot": raftpb.Snapshot;
  "raftpb.Message": raftpb.Message;
  "raftpb.HardState": raftpb.HardState;
  "raftpb.ConfState": raftpb.ConfState;
  "raftpb.ConfChange": raftpb.ConfChange;
  "raftpb.ConfChangeSingle": raftpb.ConfChangeSingle;
  "raftpb.ConfChangeV2": raftpb.ConfChangeV2;
  "snappb.snapshot": snappb.Snapshot;
  "v3electionpb.CampaignRequest": v3electionpb.CampaignRequest;
  "v3electionpb.CampaignResponse": v3electionpb.CampaignResponse;
  "v3electionpb.LeaderKey": v3electionpb.LeaderKey;
  "v3electionpb.LeaderRequest": v3electionpb.LeaderRequest;
  "v3electionpb.LeaderResponse": v3electionpb.LeaderResponse;
  "v3electionpb.ResignRequest": v3electionpb.ResignRequest;
  "v3electionpb.ResignResponse": v3electionpb.ResignResponse;
  "v3electionpb.ProclaimRequest": v3electionpb.ProclaimRequest;
  "v3electionpb.ProclaimResponse": v3electionpb.ProclaimResponse;
  "v3lockpb.LockRequest": v3lockpb.LockRequest;
  "v3lockpb.LockResponse": v3lockpb.LockResponse;
  "v3lockpb.UnlockRequest": v3lockpb.UnlockRequest;
  "v3lockpb.UnlockResponse": v3lockpb.UnlockResponse;
  "walpb.Record": walpb.Record;
  "walpb.Snapshot": walpb.Snapshot;
}

export type MessageName = keyof MessageTypes;

import {
  type AlarmRequest,
  type AlarmResponse,
  type CompactionRequest,
  type CompactionResponse,
  decodeInternalRaftRequest,
  type DeleteRangeRequest,
  type DeleteRangeResponse,
  type EmptyResponse,
  encodeAlarmRequest,
  encodeCompactionRequest,
  encodeDeleteRangeRequest,
  encodeLeaseCheckpointRequest,
  encodeLeaseGrantRequest,
  encodeLeaseRevokeRequest,
  encodePutRequest,
  encodeTxnRequest,
  type LeaseCheckpointRequest,
  type LeaseCheckpointResponse,
  type LeaseGrantRequest,
  type LeaseGrantResponse,
  type LeaseRevokeRequest,
  type LeaseRevokeResponse,
  type PutRequest,
  type PutResponse,
  type TxnRequest,
  type TxnResponse,
} from "../wire/etcdserverpb.ts";
import {
  type ClusterMemberAttrSetRequest,
  type ClusterVersionSetRequest,
  type DowngradeInfoSetRequest,
  encodeClusterMemberAttrSetRequest,
  encodeClusterVersionSetRequest,
  encodeDowngradeInfoSetRequest,
} from "../wire/membershippb.ts";
import { encodeInternalRaftRequestRaw } from "../wire/raw.ts";

/** Everything that changes the replicated state, by its field in etcd's InternalRaftRequest: what it asks and answers. */
export interface RaftCalls {
  put: { request: PutRequest; response: PutResponse };
  deleteRange: { request: DeleteRangeRequest; response: DeleteRangeResponse };
  txn: { request: TxnRequest; response: TxnResponse };
  compaction: { request: CompactionRequest; response: CompactionResponse };
  leaseGrant: { request: LeaseGrantRequest; response: LeaseGrantResponse };
  leaseRevoke: { request: LeaseRevokeRequest; response: LeaseRevokeResponse };
  leaseCheckpoint: { request: LeaseCheckpointRequest; response: LeaseCheckpointResponse };
  alarm: { request: AlarmRequest; response: AlarmResponse };
  clusterVersionSet: { request: ClusterVersionSetRequest; response: EmptyResponse };
  clusterMemberAttrSet: { request: ClusterMemberAttrSetRequest; response: EmptyResponse };
  downgradeInfoSet: { request: DowngradeInfoSetRequest; response: EmptyResponse };
}

export type RaftCallName = keyof RaftCalls;

export type RaftRequest = {
  [Name in RaftCallName]: { readonly name: Name; readonly value: RaftCalls[Name]["request"] };
}[RaftCallName];

export type RaftResponse = RaftCalls[RaftCallName]["response"];

type Codecs = {
  readonly [Name in RaftCallName]: readonly [
    field: number,
    encode: (request: RaftCalls[Name]["request"]) => Uint8Array,
  ];
};

/** Field numbers in InternalRaftRequest. */
const codecs: Codecs = {
  put: [4, encodePutRequest],
  deleteRange: [5, encodeDeleteRangeRequest],
  txn: [6, encodeTxnRequest],
  compaction: [7, encodeCompactionRequest],
  leaseGrant: [8, encodeLeaseGrantRequest],
  leaseRevoke: [9, encodeLeaseRevokeRequest],
  alarm: [10, encodeAlarmRequest],
  leaseCheckpoint: [11, encodeLeaseCheckpointRequest],
  clusterVersionSet: [1300, encodeClusterVersionSetRequest],
  clusterMemberAttrSet: [1301, encodeClusterMemberAttrSetRequest],
  downgradeInfoSet: [1302, encodeDowngradeInfoSetRequest],
};

const names = Object.keys(codecs) as RaftCallName[];

/** The payload of a raftpb.Entry. */
export function encodeRaftRequest<Name extends RaftCallName>(
  id: bigint,
  name: Name,
  request: RaftCalls[Name]["request"],
): Uint8Array {
  const [field, encode] = codecs[name];
  return encodeInternalRaftRequestRaw(id, field, encode(request));
}

/** The request of an entry's payload; null for one that this server does not know. */
export function decodeRaftRequest(data: Uint8Array): { id: bigint; request: RaftRequest | null } {
  const internal = decodeInternalRaftRequest(data);
  const name = names.find((candidate) => internal[candidate] !== null);
  const id = internal.header?.id ?? internal.id;
  // The two lookups belong to one name, which the compiler cannot follow through the union.
  return { id, request: name === undefined ? null : ({ name, value: internal[name] } as RaftRequest) };
}

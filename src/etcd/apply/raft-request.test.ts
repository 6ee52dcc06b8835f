import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decodeInternalRaftRequest,
  encodeInternalRaftRequest,
  newAlarmRequest,
  newCompactionRequest,
  newDeleteRangeRequest,
  newInternalRaftRequest,
  newLeaseCheckpointRequest,
  newLeaseGrantRequest,
  newLeaseRevokeRequest,
  newPutRequest,
  newTxnRequest,
} from "../wire/etcdserverpb.ts";
import {
  newAttributes,
  newClusterMemberAttrSetRequest,
  newClusterVersionSetRequest,
  newDowngradeInfoSetRequest,
} from "../wire/membershippb.ts";
import { decodeRaftRequest, encodeRaftRequest, type RaftCallName, type RaftCalls } from "./raft-request.ts";

const id = 0x8e9e_0001_0203_0405n;

const requests: { readonly [Name in RaftCallName]: RaftCalls[Name]["request"] } = {
  put: newPutRequest({ key: Buffer.from("k"), value: Buffer.from("v"), lease: -7n, prevKv: true }),
  deleteRange: newDeleteRangeRequest({ key: Buffer.from("k"), rangeEnd: Buffer.from("l") }),
  txn: newTxnRequest({
    success: [{ request: { case: "requestPut", value: newPutRequest({ key: Buffer.of(0) }) } }],
  }),
  compaction: newCompactionRequest({ revision: 5, physical: true }),
  leaseGrant: newLeaseGrantRequest({ id: 77n, ttl: 10 }),
  leaseRevoke: newLeaseRevokeRequest({ id: 77n }),
  leaseCheckpoint: newLeaseCheckpointRequest({ checkpoints: [{ id: 77n, remainingTtl: 3 }] }),
  alarm: newAlarmRequest({ action: 1, memberId: id, alarm: 1 }),
  clusterVersionSet: newClusterVersionSetRequest({ ver: "3.6.0" }),
  clusterMemberAttrSet: newClusterMemberAttrSetRequest({
    memberId: id,
    memberAttributes: newAttributes({ name: "n", clientUrls: ["http://a:1"] }),
  }),
  downgradeInfoSet: newDowngradeInfoSetRequest({ enabled: true, ver: "3.5.0" }),
};

test("every request is an InternalRaftRequest with its id in the header, and is read back", () => {
  for (const [name, value] of Object.entries(requests) as [RaftCallName, never][]) {
    const data = encodeRaftRequest(id, name, value);
    assert.deepEqual(decodeRaftRequest(data), { id, request: { name, value } }, name);
    // By the generated codec, which knows nothing of the short cut.
    const internal = decodeInternalRaftRequest(data);
    assert.equal(internal.header?.id, id);
    assert.deepEqual(internal[name], value);
    assert.deepEqual(Buffer.from(encodeInternalRaftRequest(internal)), Buffer.from(data), `${name}: canonical bytes`);
  }
});

test("the id of an entry without a header is its own field", () => {
  const data = encodeInternalRaftRequest(newInternalRaftRequest({ id: 9n, put: requests.put }));
  assert.deepEqual(decodeRaftRequest(data), { id: 9n, request: { name: "put", value: requests.put } });
});

test("a request of a later version is not taken for another one", () => {
  const data = encodeInternalRaftRequest(newInternalRaftRequest({ id: 9n }));
  assert.deepEqual(decodeRaftRequest(data), { id: 9n, request: null });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EtcdErrorCode } from "../errors.ts";
import { Lessor } from "../lease/lessor.ts";
import { hashAll } from "../mvcc/backend-hash.ts";
import { MemoryBackend } from "../mvcc/memory-backend.ts";
import { MvccStore } from "../mvcc/store.ts";
import {
  type AlarmResponse,
  AlarmType,
  type LeaseGrantResponse,
  newAlarmRequest,
  newCompactionRequest,
  newDeleteRangeRequest,
  newLeaseCheckpointRequest,
  newLeaseGrantRequest,
  newLeaseRevokeRequest,
  newPutRequest,
  newRangeRequest,
  newTxnRequest,
  type PutRequest,
  type PutResponse,
  type RequestOp,
} from "../wire/etcdserverpb.ts";
import { Event_EventType } from "../wire/mvccpb.ts";
import {
  newAttributes,
  newClusterMemberAttrSetRequest,
  newClusterVersionSetRequest,
  newDowngradeInfoSetRequest,
} from "../wire/membershippb.ts";
import { AlarmStore } from "./alarm-store.ts";
import { type Applied, Applier } from "./applier.ts";
import { Membership } from "./membership.ts";
import type { RaftRequest } from "./raft-request.ts";

const { NOSPACE, CORRUPT, NONE } = AlarmType;
const me = 10276657743932975437n;
const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

class World {
  readonly backend = new MemoryBackend();
  readonly lessor = new Lessor({ electionTimeoutMs: 1000, checkpoints: true }, this.backend);
  readonly store = new MvccStore({ leases: this.lessor }, this.backend);
  readonly alarms = new AlarmStore(this.backend);
  readonly membership = new Membership(this.backend);
  readonly applier: Applier;

  constructor(quotaBytes = Number.POSITIVE_INFINITY) {
    this.applier = new Applier({ quotaBytes }, this);
  }

  apply(request: RaftRequest, nowMs = 0): Applied {
    return this.applier.apply(request, nowMs);
  }

  put(key: string, value = "v", more: Partial<PutRequest> = {}): Applied {
    return this.apply({ name: "put", value: newPutRequest({ key: bytes(key), value: bytes(value), ...more }) });
  }

  grant(id: bigint, ttl = 60, nowMs = 0): Applied {
    return this.apply({ name: "leaseGrant", value: newLeaseGrantRequest({ id, ttl }) }, nowMs);
  }

  raise(alarm: AlarmType): void {
    this.apply({ name: "alarm", value: newAlarmRequest({ action: 1, memberId: me, alarm }) });
  }

  keys(): string[] {
    const { kvs } = this.store.range({ key: Buffer.of(0), rangeEnd: Buffer.of(0), revision: 0, limit: 0 });
    return kvs.map(({ key }) => Buffer.from(key).toString("latin1"));
  }
}

function changesOf({ changes }: Applied): string[] {
  return changes.map(({ type, kv }) => {
    const key = Buffer.from(kv.key).toString("latin1");
    return `${type === Event_EventType.PUT ? "put" : "delete"} ${key}@${kv.modRevision}`;
  });
}

const putOp = (key: string): RequestOp => ({
  request: { case: "requestPut", value: newPutRequest({ key: bytes(key) }) },
});
const rangeOp: RequestOp = { request: { case: "requestRange", value: newRangeRequest({ key: bytes("a") }) } };

test("put, delete and txn answer, and say what they changed", () => {
  const world = new World();
  const put = world.put("a");
  assert.equal((put.response as PutResponse).header?.revision, 2);
  assert.deepEqual([put.error, put.compaction, changesOf(put)], [null, null, ["put a@2"]]);
  const txn = world.apply({ name: "txn", value: newTxnRequest({ success: [putOp("c"), putOp("b"), rangeOp] }) });
  assert.deepEqual(changesOf(txn), ["put c@3", "put b@3"]);
  const all = newDeleteRangeRequest({ key: bytes("a"), rangeEnd: bytes("z") });
  const deleted = world.apply({ name: "deleteRange", value: all });
  assert.deepEqual(changesOf(deleted), ["delete a@4", "delete b@4", "delete c@4"]);
  const nothing = world.apply({ name: "deleteRange", value: all });
  assert.deepEqual([changesOf(nothing), world.store.currentRevision], [[], 4]);
});

test("an error is an answer: no response, no change, no revision", () => {
  const world = new World();
  world.put("a");
  world.grant(7n);
  const cases: [RaftRequest, EtcdErrorCode][] = [
    [{ name: "put", value: newPutRequest({ key: bytes("a"), lease: 99n }) }, "leaseNotFound"],
    [{ name: "put", value: newPutRequest({ key: bytes("no"), ignoreValue: true }) }, "keyNotFound"],
    [{ name: "compaction", value: newCompactionRequest({ revision: 9 }) }, "futureRevision"],
    [{ name: "compaction", value: newCompactionRequest({ revision: -1 }) }, "compacted"],
    [{ name: "leaseGrant", value: newLeaseGrantRequest({ id: 7n, ttl: 5 }) }, "leaseExists"],
    [{ name: "leaseGrant", value: newLeaseGrantRequest({ id: 8n, ttl: 9_000_000_001 }) }, "leaseTtlTooLarge"],
    [{ name: "leaseRevoke", value: newLeaseRevokeRequest({ id: 8n }) }, "leaseNotFound"],
  ];
  const hash = hashAll(world.backend);
  for (const [request, code] of cases) {
    const { response, error, changes, compaction } = world.apply(request);
    assert.deepEqual([response, error?.code, changes.length, compaction], [null, code, 0, null], request.name);
  }
  assert.equal(hashAll(world.backend), hash);
  assert.equal(world.store.currentRevision, 2);
});

test("anything but an answer stops the member", () => {
  const world = new World();
  world.backend.put = () => {
    throw new Error("the backend is broken");
  };
  assert.throws(() => world.put("a"), /the backend is broken/);
});

test("a compaction forgets at once for readers, and leaves the work to whoever has the time", () => {
  const world = new World();
  world.put("a");
  world.put("a");
  const { response, compaction } = world.apply({ name: "compaction", value: newCompactionRequest({ revision: 3 }) });
  assert.equal(response && "header" in response && response.header?.revision, 3);
  assert.equal(compaction?.revision, 3);
  assert.equal(world.store.compactRevision, 3);
  const again = world.apply({ name: "compaction", value: newCompactionRequest({ revision: 3 }) });
  assert.equal(again.error?.code, "compacted");
});

test("a grant answers the TTL that counts", () => {
  const world = new World();
  const ttlOf = ({ response }: Applied): number => (response as LeaseGrantResponse).ttl;
  assert.equal(ttlOf(world.grant(1n, 60)), 60);
  assert.equal(ttlOf(world.grant(2n, 1)), 2);
  assert.equal(ttlOf(world.grant(3n, -5)), 2);
  assert.equal(ttlOf(world.grant(-4n, 0)), 2);
  const { response } = world.grant(5n);
  assert.deepEqual((response as LeaseGrantResponse).id, 5n);
  assert.equal((response as LeaseGrantResponse).header?.revision, 1);
});

test("all keys of a lease go in one revision, in their order; a lease without keys goes without one", () => {
  const world = new World();
  world.grant(1n);
  world.grant(2n);
  for (const key of ["b", "\xff", "a", "B"]) world.put(key, "v", { lease: 1n });
  world.put("kept");
  const revoked = world.apply({ name: "leaseRevoke", value: newLeaseRevokeRequest({ id: 1n }) });
  assert.deepEqual(changesOf(revoked), ["delete B@7", "delete a@7", "delete b@7", "delete \xff@7"]);
  assert.equal(revoked.response && "header" in revoked.response && revoked.response.header?.revision, 7);
  assert.deepEqual(world.keys(), ["kept"]);
  const empty = world.apply({ name: "leaseRevoke", value: newLeaseRevokeRequest({ id: 2n }) });
  assert.deepEqual([changesOf(empty), empty.error, world.store.currentRevision], [[], null, 7]);
  assert.equal(world.lessor.size, 0);
});

test("a checkpoint is kept for the next leader; one of an unknown lease is passed over", () => {
  const world = new World();
  world.grant(1n, 600);
  const checkpoints = [
    { id: 1n, remainingTtl: 40 },
    { id: 9n, remainingTtl: 1 },
  ];
  const { error } = world.apply({ name: "leaseCheckpoint", value: newLeaseCheckpointRequest({ checkpoints }) });
  assert.equal(error, null);
  const next = new Lessor({ electionTimeoutMs: 1000, checkpoints: true }, world.backend);
  next.promote(0, 0);
  assert.equal(next.timeToLive(1n, 0)?.remainingSeconds, 40);
});

test("alarms are listed, raised and cleared; an unknown action does nothing", () => {
  const world = new World();
  const ask = (action: number, alarm: AlarmType, memberId = me): string[] => {
    const { response, error } = world.apply({ name: "alarm", value: newAlarmRequest({ action, memberId, alarm }) });
    assert.equal(error, null);
    return (response as AlarmResponse).alarms.map((each) => `${each.memberId}:${each.alarm}`);
  };
  const [get, activate, deactivate] = [0, 1, 2];
  assert.deepEqual(ask(get, NONE), []);
  assert.deepEqual(ask(activate, NOSPACE), [`${me}:${NOSPACE}`]);
  assert.deepEqual(ask(activate, NONE), []);
  assert.deepEqual(ask(activate, CORRUPT, 2n), [`2:${CORRUPT}`]);
  assert.deepEqual(ask(get, NONE), [`${me}:${NOSPACE}`, `2:${CORRUPT}`]);
  assert.deepEqual(ask(get, CORRUPT), [`2:${CORRUPT}`]);
  assert.deepEqual(ask(deactivate, NOSPACE, 2n), []);
  assert.deepEqual(ask(deactivate, NOSPACE), [`${me}:${NOSPACE}`]);
  assert.deepEqual(ask(77, NONE), []);
  assert.deepEqual(ask(get, NONE), [`2:${CORRUPT}`]);
});

test("members publish themselves, and the leader sets the versions", () => {
  const world = new World();
  world.membership.add({ id: me, name: "", peerUrls: ["http://a:2380"], clientUrls: [], isLearner: false });
  const memberAttributes = newAttributes({ name: "a", clientUrls: ["http://a:2379"] });
  const published = newClusterMemberAttrSetRequest({ memberId: me, memberAttributes });
  for (const request of [
    { name: "clusterMemberAttrSet", value: published },
    { name: "clusterVersionSet", value: newClusterVersionSetRequest({ ver: "3.6.0" }) },
    { name: "downgradeInfoSet", value: newDowngradeInfoSetRequest({ enabled: true, ver: "3.5.0" }) },
  ] as const) {
    assert.deepEqual(world.apply(request), { response: {}, error: null, changes: [], compaction: null });
  }
  assert.deepEqual(world.membership.members()[0]?.clientUrls, ["http://a:2379"]);
  assert.equal(world.membership.clusterVersion, "3.6.0");
  assert.deepEqual(world.membership.downgrade, { enabled: true, targetVersion: "3.5.0" });
});

/** One request of each kind that an alarm may refuse, on a world with a key "a" and a lease 1. */
const requests = {
  put: { name: "put", value: newPutRequest({ key: bytes("a") }) },
  txnWithPut: { name: "txn", value: newTxnRequest({ success: [rangeOp], failure: [putOp("a")] }) },
  txnWithDelete: {
    name: "txn",
    value: newTxnRequest({
      success: [{ request: { case: "requestDeleteRange", value: newDeleteRangeRequest({ key: bytes("x") }) } }],
    }),
  },
  deleteRange: { name: "deleteRange", value: newDeleteRangeRequest({ key: bytes("x") }) },
  compaction: { name: "compaction", value: newCompactionRequest({ revision: 2 }) },
  leaseGrant: { name: "leaseGrant", value: newLeaseGrantRequest({ id: 2n, ttl: 5 }) },
  leaseRevoke: { name: "leaseRevoke", value: newLeaseRevokeRequest({ id: 1n }) },
  leaseCheckpoint: { name: "leaseCheckpoint", value: newLeaseCheckpointRequest() },
  alarm: { name: "alarm", value: newAlarmRequest() },
} as const satisfies Record<string, RaftRequest>;

const refusals: Record<keyof typeof requests, { readonly noSpace: boolean; readonly corrupt: boolean }> = {
  put: { noSpace: true, corrupt: true },
  txnWithPut: { noSpace: true, corrupt: true },
  txnWithDelete: { noSpace: false, corrupt: true },
  deleteRange: { noSpace: false, corrupt: true },
  compaction: { noSpace: false, corrupt: true },
  leaseGrant: { noSpace: true, corrupt: true },
  leaseRevoke: { noSpace: false, corrupt: true },
  leaseCheckpoint: { noSpace: false, corrupt: false },
  alarm: { noSpace: false, corrupt: false },
};

for (const [kind, request] of Object.entries(requests) as [keyof typeof requests, RaftRequest][]) {
  test(`what an alarm does to ${kind}`, () => {
    const codeUnder = (...alarms: AlarmType[]): string | undefined => {
      const world = new World();
      world.put("a");
      world.grant(1n);
      for (const alarm of alarms) world.raise(alarm);
      return world.apply(request).error?.code;
    };
    const { noSpace, corrupt } = refusals[kind];
    assert.equal(codeUnder(), undefined);
    assert.equal(codeUnder(NOSPACE), noSpace ? "noSpace" : undefined);
    assert.equal(codeUnder(CORRUPT), corrupt ? "corrupt" : undefined);
    assert.equal(codeUnder(NOSPACE, CORRUPT), corrupt ? "corrupt" : undefined);
  });
}

test("the write that goes over the quota is kept, and answers that there is no space", () => {
  const world = new World(1000);
  assert.equal(world.put("a", "x".repeat(500)).error, null);
  const over = world.put("b", "x".repeat(500));
  assert.equal(over.error?.code, "noSpace");
  assert.notEqual(over.response, null);
  assert.deepEqual(changesOf(over), ["put b@3"]);
  assert.deepEqual(world.keys(), ["a", "b"]);
  const lease = world.grant(1n);
  assert.equal(lease.error?.code, "noSpace");
  assert.equal(world.lessor.has(1n), true);
  // A write that is refused for a reason of its own says that one.
  assert.equal(world.put("c", "v", { lease: 9n }).error?.code, "leaseNotFound");
  assert.equal(world.apply(requests.deleteRange).error, null);
});

test("a write fits if the store's size and its cost stay below the quota", () => {
  const world = new World(500);
  const size = world.backend.sizeBytes();
  assert.equal(world.applier.fits(499 - size), true);
  assert.equal(world.applier.fits(500 - size), false);
  // What costs nothing fits into the fullest store.
  assert.equal(new World(0).applier.fits(0), true);
});

test("the same entries make the same state, whatever the time and the quota of a member", () => {
  const sequence: RaftRequest[] = [
    { name: "leaseGrant", value: newLeaseGrantRequest({ id: 1n, ttl: 5 }) },
    { name: "leaseGrant", value: newLeaseGrantRequest({ id: 2n, ttl: 500 }) },
    { name: "put", value: newPutRequest({ key: bytes("b"), value: bytes("1"), lease: 1n }) },
    { name: "put", value: newPutRequest({ key: bytes("a"), value: bytes("2"), lease: 1n }) },
    { name: "leaseCheckpoint", value: newLeaseCheckpointRequest({ checkpoints: [{ id: 2n, remainingTtl: 7 }] }) },
    { name: "txn", value: newTxnRequest({ success: [putOp("c"), putOp("d")] }) },
    { name: "put", value: newPutRequest({ key: bytes("c"), lease: 77n }) },
    { name: "leaseRevoke", value: newLeaseRevokeRequest({ id: 1n }) },
    { name: "compaction", value: newCompactionRequest({ revision: 3 }) },
    { name: "alarm", value: newAlarmRequest({ action: 1, memberId: me, alarm: NOSPACE }) },
    { name: "put", value: newPutRequest({ key: bytes("e") }) },
  ];
  const [one, other] = [new World(), new World(300)];
  other.lessor.promote(0, 1000);
  sequence.forEach((request, index) => {
    one.apply(request, index);
    other.apply(request, 1_000_000 * index);
    assert.equal(hashAll(one.backend), hashAll(other.backend), `after entry ${index + 1}`);
  });
});

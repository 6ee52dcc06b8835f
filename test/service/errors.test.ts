/** Every error of etcd's table that one member can give, by its code and its words: clients compare both. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { grpcCode } from "../../src/etcd/rpc/status.ts";
import * as pb from "../../src/etcd/wire/etcdserverpb.ts";
import type { MethodDescriptor } from "../../src/etcd/wire/method.ts";
import * as election from "../../src/etcd/wire/v3electionpb.ts";
import { newLockRequest } from "../../src/etcd/wire/v3lockpb.ts";
import * as rpc from "../edge/grpc-client.ts";
import { bytes, collect, deleteOp, LiveServer, putOp, rangeOp, txnOp } from "./live-server.ts";

const { invalidArgument, outOfRange, notFound, failedPrecondition, unknown, unimplemented, dataLoss } = grpcCode;

/** A request that must fail, and how. */
interface Row {
  readonly name: string;
  call(client: rpc.TestClient): Promise<rpc.Outcome>;
  readonly code: number;
  readonly details: string;
}

function row<Q, R>(name: string, method: MethodDescriptor<Q, R>, request: Q, code: number, details: string): Row {
  return { name, call: (client) => client.failure(method, request), code, details };
}

const key = bytes("key");
const emptyKey = "etcdserver: key is not provided";
const noKey = "etcdserver: key not found";
const duplicate = "etcdserver: duplicate key given in txn request";
const tooManyOps = "etcdserver: too many operations in txn request";
const compacted = "etcdserver: mvcc: required revision has been compacted";
const future = "etcdserver: mvcc: required revision is a future revision";
const noLease = "etcdserver: requested lease not found";
const txn = (init: Partial<pb.TxnRequest>): pb.TxnRequest => pb.newTxnRequest(init);
const times = <Item>(count: number, item: (i: number) => Item): Item[] =>
  Array.from({ length: count }, (_, i) => item(i));
const compare = pb.newCompare({ key });

/** On a store at revision 5 or above that is compacted at 3, with the lease 7. */
const rows: Row[] = [
  row("range: no key", rpc.kv.Range, pb.newRangeRequest(), invalidArgument, emptyKey),
  row("range: a range_end and no key", rpc.kv.Range, pb.newRangeRequest({ rangeEnd: key }), invalidArgument, emptyKey),
  row("put: no key", rpc.kv.Put, pb.newPutRequest({ value: key }), invalidArgument, emptyKey),
  row("delete: no key", rpc.kv.DeleteRange, pb.newDeleteRangeRequest(), invalidArgument, emptyKey),
  row("txn: a compare without a key", rpc.kv.Txn, txn({ compare: [pb.newCompare()] }), invalidArgument, emptyKey),
  row("txn: an operation without a key", rpc.kv.Txn, txn({ failure: [putOp("")] }), invalidArgument, emptyKey),
  row(
    "txn: within another one, no key",
    rpc.kv.Txn,
    txn({ success: [txnOp({ success: [rangeOp("")] })] }),
    invalidArgument,
    emptyKey,
  ),
  row("txn: an operation that is none", rpc.kv.Txn, txn({ success: [pb.newRequestOp()] }), invalidArgument, noKey),
  row(
    "put: the value of a key that is not there",
    rpc.kv.Put,
    pb.newPutRequest({ key: bytes("absent"), ignoreValue: true }),
    invalidArgument,
    noKey,
  ),
  row(
    "put: the lease of a key that is not there",
    rpc.kv.Put,
    pb.newPutRequest({ key: bytes("absent"), ignoreLease: true }),
    invalidArgument,
    noKey,
  ),
  row(
    "txn: the value of a key that is only put in it",
    rpc.kv.Txn,
    txn({ success: [txnOp({ success: [putOp("absent", "", { ignoreValue: true })] })] }),
    invalidArgument,
    noKey,
  ),
  row(
    "put: keeps the value, and brings one",
    rpc.kv.Put,
    pb.newPutRequest({ key, value: key, ignoreValue: true }),
    invalidArgument,
    "etcdserver: value is provided",
  ),
  row(
    "put: keeps the lease, and brings one",
    rpc.kv.Put,
    pb.newPutRequest({ key, lease: 7n, ignoreLease: true }),
    invalidArgument,
    "etcdserver: lease is provided",
  ),
  row("txn: 129 compares", rpc.kv.Txn, txn({ compare: times(129, () => compare) }), invalidArgument, tooManyOps),
  row(
    "txn: 129 operations in the branch not taken",
    rpc.kv.Txn,
    txn({ failure: times(129, (i) => putOp(`k${i}`)) }),
    invalidArgument,
    tooManyOps,
  ),
  row(
    "txn: what is within gets what its parent left",
    rpc.kv.Txn,
    txn({ success: [...times(100, (i) => putOp(`k${i}`)), txnOp({ success: times(28, (i) => putOp(`l${i}`)) })] }),
    invalidArgument,
    tooManyOps,
  ),
  row(
    "txn: too many operations come before an empty key",
    rpc.kv.Txn,
    txn({ compare: [pb.newCompare()], success: times(129, () => putOp("")) }),
    invalidArgument,
    tooManyOps,
  ),
  row("txn: a key put twice", rpc.kv.Txn, txn({ success: [putOp("a"), putOp("a")] }), invalidArgument, duplicate),
  row(
    "txn: a key put and deleted",
    rpc.kv.Txn,
    txn({ failure: [putOp("b"), deleteOp("a", "c")] }),
    invalidArgument,
    duplicate,
  ),
  row(
    "txn: a key put here and in a transaction within",
    rpc.kv.Txn,
    txn({ success: [putOp("a"), txnOp({ failure: [putOp("a")] })] }),
    invalidArgument,
    duplicate,
  ),
  row(
    "range: an order that is none",
    rpc.kv.Range,
    pb.newRangeRequest({ key, sortOrder: 3 }),
    invalidArgument,
    "etcdserver: invalid sort option",
  ),
  row(
    "range: a negative order target",
    rpc.kv.Range,
    pb.newRangeRequest({ key, sortTarget: -1 }),
    invalidArgument,
    "etcdserver: invalid sort option",
  ),
  row("range: compacted", rpc.kv.Range, pb.newRangeRequest({ key, revision: 2 }), outOfRange, compacted),
  row("range: the future", rpc.kv.Range, pb.newRangeRequest({ key, revision: 99_999 }), outOfRange, future),
  row(
    "range: 2^63-1 is the future",
    rpc.kv.Range,
    pb.newRangeRequest({ key, revision: Number.MAX_SAFE_INTEGER }),
    outOfRange,
    future,
  ),
  row(
    "txn: a compacted read within a write",
    rpc.kv.Txn,
    txn({ success: [putOp("never"), rangeOp("a", { revision: 2 })] }),
    outOfRange,
    compacted,
  ),
  row(
    "txn: a negative revision is below the compacted one",
    rpc.kv.Txn,
    txn({ success: [putOp("never"), rangeOp("a", { revision: -1 })] }),
    outOfRange,
    compacted,
  ),
  row(
    "txn: a future read within a write",
    rpc.kv.Txn,
    txn({ success: [putOp("never"), rangeOp("a", { revision: 99_999 })] }),
    outOfRange,
    future,
  ),
  row("compact: again", rpc.kv.Compact, pb.newCompactionRequest({ revision: 3 }), outOfRange, compacted),
  row("compact: 0", rpc.kv.Compact, pb.newCompactionRequest(), outOfRange, compacted),
  row("compact: negative", rpc.kv.Compact, pb.newCompactionRequest({ revision: -9 }), outOfRange, compacted),
  row("compact: the future", rpc.kv.Compact, pb.newCompactionRequest({ revision: 99_999 }), outOfRange, future),
  row("put: an unknown lease", rpc.kv.Put, pb.newPutRequest({ key, lease: 99n }), notFound, noLease),
  row("put: a negative lease", rpc.kv.Put, pb.newPutRequest({ key, lease: -1n }), notFound, noLease),
  row("txn: an unknown lease", rpc.kv.Txn, txn({ success: [putOp("a", "", { lease: 99n })] }), notFound, noLease),
  row("revoke: an unknown lease", rpc.lease.LeaseRevoke, pb.newLeaseRevokeRequest({ id: 99n }), notFound, noLease),
  row(
    "grant: a lease that exists",
    rpc.lease.LeaseGrant,
    pb.newLeaseGrantRequest({ id: 7n, ttl: 5 }),
    failedPrecondition,
    "etcdserver: lease already exists",
  ),
  row(
    "grant: longer than 9e9 seconds",
    rpc.lease.LeaseGrant,
    pb.newLeaseGrantRequest({ ttl: 9_000_000_001 }),
    outOfRange,
    "etcdserver: too large lease TTL",
  ),
  row(
    "put: larger than a proposal may be",
    rpc.kv.Put,
    pb.newPutRequest({ key, value: Buffer.alloc(1_572_864) }),
    invalidArgument,
    "etcdserver: request is too large",
  ),
  row("hashkv: compacted", rpc.maintenance.HashKV, pb.newHashKVRequest({ revision: 2 }), outOfRange, compacted),
  row("hashkv: the future", rpc.maintenance.HashKV, pb.newHashKVRequest({ revision: 99_999 }), outOfRange, future),
  row(
    "move leader: to a stranger",
    rpc.maintenance.MoveLeader,
    pb.newMoveLeaderRequest({ targetId: 1n }),
    failedPrecondition,
    "etcdserver: bad leader transferee",
  ),
  row(
    "downgrade: no version",
    rpc.maintenance.Downgrade,
    pb.newDowngradeRequest({ version: "three" }),
    invalidArgument,
    "etcdserver: wrong downgrade target version format",
  ),
  row(
    "downgrade: too far",
    rpc.maintenance.Downgrade,
    pb.newDowngradeRequest({ action: 1, version: "3.4.0" }),
    invalidArgument,
    "etcdserver: invalid downgrade target version",
  ),
  row(
    "downgrade: an action that is none",
    rpc.maintenance.Downgrade,
    pb.newDowngradeRequest({ action: 9, version: "3.5.0" }),
    unknown,
    "etcdserver: unknown method",
  ),
  row(
    "auth: enable without root",
    rpc.auth.AuthEnable,
    pb.newAuthEnableRequest(),
    failedPrecondition,
    "etcdserver: root user does not exist",
  ),
  row(
    "auth: a token while it is off",
    rpc.auth.Authenticate,
    pb.newAuthenticateRequest({ name: "a", password: "b" }),
    failedPrecondition,
    "etcdserver: authentication is not enabled",
  ),
  row(
    "auth: no permission given",
    rpc.auth.RoleGrantPermission,
    pb.newAuthRoleGrantPermissionRequest({ name: "a" }),
    invalidArgument,
    "etcdserver: permission not given",
  ),
  row(
    "election: nobody leads",
    rpc.election.Leader,
    election.newLeaderRequest({ name: bytes("nobody") }),
    unknown,
    "election: no leader",
  ),
  row(
    "election: whose resignation",
    rpc.election.Resign,
    election.newResignRequest(),
    unknown,
    '"leader" field must be provided',
  ),
  row(
    "election: not the leader's word",
    rpc.election.Proclaim,
    election.newProclaimRequest({ leader: election.newLeaderKey({ name: key, key, rev: 1, lease: 7n }) }),
    unknown,
    "election: not leader",
  ),
  row(
    "lock: under a lease that is not there",
    rpc.lock.Lock,
    newLockRequest({ name: key, lease: 99n }),
    unknown,
    noLease,
  ),
  row("health: of something else", rpc.health.Check, { service: "etcdserverpb.KV" }, notFound, "unknown service"),
];

describe("errors", { timeout: 120_000 }, () => {
  let server: LiveServer;
  let revision: number;

  before(async () => {
    server = await LiveServer.open();
    for (let i = 0; i < 5; i++) await server.put(`filler${i}`);
    await server.client.unary(rpc.kv.Compact, pb.newCompactionRequest({ revision: 3 }));
    await server.client.unary(rpc.lease.LeaseGrant, pb.newLeaseGrantRequest({ id: 7n, ttl: 1000 }));
    revision = await server.revision();
  });
  after(() => server.end());

  for (const { name, call, code, details } of rows) {
    test(name, async () => {
      assert.deepEqual(await call(server.client), { code, details });
    });
  }

  test("range stream: what would have to be read whole", async () => {
    const stream = (init: Partial<pb.RangeRequest>) =>
      collect(server.client, rpc.kv.RangeStream, pb.newRangeRequest({ key, ...init }));
    const refused = (details: string) => ({ responses: [], code: unimplemented, details });
    assert.deepEqual(await stream({ sortOrder: 1 }), refused("RangeStream does not support custom sort orders"));
    assert.deepEqual(await stream({ minModRevision: 1 }), refused("RangeStream does not support revision filters"));
    assert.deepEqual(await stream({ key: new Uint8Array() }), {
      responses: [],
      code: invalidArgument,
      details: emptyKey,
    });
    assert.deepEqual(await stream({ revision: 2 }), { responses: [], code: outOfRange, details: compacted });
  });

  test("none of them has changed anything", async () => {
    assert.equal(await server.revision(), revision);
    assert.equal(await server.get("never"), null);
  });

  test("a corrupt cluster writes nothing, and still reads", async () => {
    const memberId = 5n;
    const alarm = pb.AlarmType.CORRUPT;
    await server.client.unary(rpc.maintenance.Alarm, pb.newAlarmRequest({ action: 1, memberId, alarm }));
    const corrupt = { code: dataLoss, details: "etcdserver: corrupt cluster" };
    const { client } = server;
    const failures = [
      client.failure(rpc.kv.Put, pb.newPutRequest({ key })),
      client.failure(rpc.kv.DeleteRange, pb.newDeleteRangeRequest({ key })),
      client.failure(rpc.kv.Txn, txn({ success: [putOp("a")] })),
      client.failure(rpc.kv.Compact, pb.newCompactionRequest({ revision: 5 })),
      client.failure(rpc.lease.LeaseGrant, pb.newLeaseGrantRequest({ ttl: 5 })),
      client.failure(rpc.lease.LeaseRevoke, pb.newLeaseRevokeRequest({ id: 7n })),
    ];
    assert.deepEqual(await Promise.all(failures), Array(failures.length).fill(corrupt));
    assert.equal(await server.get("filler1"), "v");
    assert.equal((await server.txn({ success: [rangeOp("filler1")] })).succeeded, true);
    await client.unary(rpc.maintenance.Alarm, pb.newAlarmRequest({ action: 2, memberId, alarm }));
    await server.proveAlive();
  });

  test("a call that waits for longer than its client does", async () => {
    await server.client.unary(rpc.lock.Lock, newLockRequest({ name: bytes("held"), lease: 7n }));
    const { id } = await server.client.unary(rpc.lease.LeaseGrant, pb.newLeaseGrantRequest({ ttl: 100 }));
    const late = await server.client.failure(rpc.lock.Lock, newLockRequest({ name: bytes("held"), lease: id }), {
      deadlineMs: 100,
    });
    assert.equal(late.code, grpcCode.deadlineExceeded);
  });
});

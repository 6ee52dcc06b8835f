/** KV as a client of one member sees it: the shapes of the answers, the headers, and what is still there afterwards. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as pb from "../../src/etcd/wire/etcdserverpb.ts";
import { kv, lease } from "../edge/grpc-client.ts";
import {
  bytes,
  CLUSTER_ID,
  collect,
  deleteOp,
  everything,
  LiveServer,
  MEMBER_ID,
  putOp,
  rangeOp,
  text,
  txnOp,
  ZERO,
} from "./live-server.ts";

const { EQUAL, GREATER, LESS, NOT_EQUAL } = pb.Compare_CompareResult;
const { VERSION, VALUE, LEASE } = pb.Compare_CompareTarget;

const compare = (key: string, init: Partial<pb.Compare>): pb.Compare => pb.newCompare({ key: bytes(key), ...init });

describe("KV", { timeout: 120_000 }, () => {
  let server: LiveServer;

  before(async () => {
    server = await LiveServer.open();
  });
  after(() => server.end());

  test("the header names cluster, member and term; the revision is that of the operation", async () => {
    const before = await server.revision();
    const { header, prevKv } = await server.put("header");
    assert.deepEqual(header, { clusterId: CLUSTER_ID, memberId: MEMBER_ID, revision: before + 1, raftTerm: 2 });
    assert.equal(prevKv, null);
    const absent = await server.range({ key: bytes("absent") });
    assert.deepEqual([absent.header, absent.kvs, absent.more, absent.count], [header, [], false, 0]);
    await server.put("header", "2");
    const old = await server.range({ key: bytes("header"), revision: before + 1 });
    assert.deepEqual([text(old.kvs[0]!.value), old.header?.revision], ["v", before + 2]);
    const deleted = await server.client.unary(kv.DeleteRange, pb.newDeleteRangeRequest({ key: bytes("header") }));
    assert.deepEqual([deleted.header?.revision, deleted.deleted, deleted.prevKvs], [before + 3, 1, []]);
    const nothing = await server.client.unary(kv.DeleteRange, pb.newDeleteRangeRequest({ key: bytes("header") }));
    assert.deepEqual([nothing.header?.revision, nothing.deleted], [before + 3, 0]);
  });

  test("versions count puts since the creation, and begin again after a delete", async () => {
    const first = (await server.put("version", "1")).header!.revision;
    await server.put("version", "2");
    const [pair] = (await server.range({ key: bytes("version") })).kvs;
    assert.deepEqual([pair?.createRevision, pair?.modRevision, pair?.version, pair?.lease], [first, first + 1, 2, 0n]);
    await server.client.unary(kv.DeleteRange, pb.newDeleteRangeRequest({ key: bytes("version") }));
    const { prevKv } = await server.put("version", "3", { prevKv: true });
    assert.equal(prevKv, null);
    const again = await server.put("version", "", { prevKv: true, ignoreValue: true });
    assert.deepEqual([text(again.prevKv!.value), again.prevKv!.version], ["3", 1]);
    assert.equal(await server.get("version"), "3");
  });

  test("keys are bytes: a NUL, a 0xff, a prefix of another", async () => {
    const keys = ["b/\x00", "b/", "b/\xff", "b/\xff\xff", "b/a", "b/a\x00"];
    for (const key of keys) await server.put(key, key);
    const { kvs, count } = await server.range({ key: bytes("b/"), rangeEnd: bytes("b0") });
    assert.deepEqual(
      kvs.map(({ key }) => text(key)),
      ["b/", "b/\x00", "b/a", "b/a\x00", "b/\xff", "b/\xff\xff"],
    );
    assert.equal(count, 6);
    const next = await server.range({ key: bytes("b/a\x00"), rangeEnd: bytes("b0"), limit: 2 });
    assert.deepEqual([next.kvs.map(({ key }) => text(key)), next.more, next.count], [["b/a\x00", "b/\xff"], true, 3]);
  });

  test("range: limits, orders, filters, keys and counts alone", async () => {
    const base = await server.revision();
    for (const [key, value] of [
      ["r/a", "3"],
      ["r/b", "1"],
      ["r/c", "2"],
      ["r/a", "4"],
    ] as const)
      await server.put(key, value);
    const all = { key: bytes("r/"), rangeEnd: bytes("r0") };
    const keysOf = async (init: Partial<pb.RangeRequest>): Promise<string> =>
      (await server.range({ ...all, ...init })).kvs.map(({ key }) => text(key).slice(2)).join("");
    const [NONE, ASCEND, DESCEND] = [0, 1, 2];
    const [KEY, VERSIONS, CREATE, MOD, VALUES] = [0, 1, 2, 3, 4];
    assert.equal(await keysOf({ sortOrder: NONE, sortTarget: KEY }), "abc");
    assert.equal(await keysOf({ sortOrder: DESCEND, sortTarget: KEY }), "cba");
    assert.equal(await keysOf({ sortOrder: DESCEND, sortTarget: VERSIONS, limit: 1 }), "a");
    assert.equal(await keysOf({ sortOrder: ASCEND, sortTarget: CREATE }), "abc");
    assert.equal(await keysOf({ sortOrder: ASCEND, sortTarget: MOD }), "bca");
    assert.equal(await keysOf({ sortOrder: DESCEND, sortTarget: VALUES }), "acb");
    // Without an order the limit cuts first: of a, b and c only a and b are read to be sorted.
    assert.equal(await keysOf({ sortOrder: NONE, sortTarget: VALUES, limit: 1 }), "b");
    assert.equal(await keysOf({ minModRevision: base + 3, maxModRevision: base + 3 }), "c");
    assert.equal(await keysOf({ minCreateRevision: base + 2 }), "bc");
    assert.equal(await keysOf({ maxCreateRevision: base + 1 }), "a");
    const filtered = await server.range({ ...all, minModRevision: base + 2, limit: 1 });
    assert.deepEqual([filtered.kvs.length, filtered.more, filtered.count], [1, true, 3]);
    const counted = await server.range({ ...all, countOnly: true, limit: 1 });
    assert.deepEqual([counted.kvs.length, counted.more, counted.count], [0, false, 3]);
    const keysOnly = await server.range({ ...all, keysOnly: true, limit: -5 });
    assert.equal(
      keysOnly.kvs.every((pair) => pair.value.length === 0 && pair.modRevision > base),
      true,
    );
    assert.equal(keysOnly.kvs.length, 3);
  });

  test("a point read with a limit is a point read", async () => {
    await server.put("point");
    await server.put("point/below");
    const { kvs, count, more } = await server.range({ key: bytes("point"), limit: 1 });
    assert.deepEqual([kvs.length, count, more], [1, 1, false]);
  });

  test("a range stream is the same range in chunks of one revision", async () => {
    await server.txn({ success: Array.from({ length: 100 }, (_, i) => putOp(`s/${String(i).padStart(3, "0")}`)) });
    const request = pb.newRangeRequest({ key: bytes("s/"), rangeEnd: bytes("s0") });
    const { responses, code } = await collect(server.client, kv.RangeStream, request);
    assert.equal(code, 0);
    const chunks = responses.map(({ rangeResponse }) => rangeResponse!);
    assert.deepEqual(
      chunks.flatMap(({ kvs }) => kvs),
      (await server.range(request)).kvs,
    );
    assert.equal(chunks.length > 1, true);
    assert.deepEqual(
      chunks.map(({ header, count }) => [header !== null, count]),
      [...chunks.slice(1).map(() => [false, 0]), [true, 100]],
    );
  });

  test("a transaction: answers of the kind of their operations, one revision, nested headers without ids", async () => {
    await server.put("t/a", "1");
    const base = await server.revision();
    const response = await server.txn({
      compare: [compare("t/a", { target: VALUE, result: EQUAL, targetUnion: { case: "value", value: bytes("1") } })],
      success: [
        rangeOp("t/a"),
        putOp("t/b", "2", { prevKv: true }),
        rangeOp("t/b"),
        deleteOp("t/", "t/b"),
        txnOp({ success: [putOp("t/c")], failure: [deleteOp("t/")] }),
      ],
      failure: [putOp("t/wrong")],
    });
    assert.deepEqual([response.succeeded, response.header?.revision], [true, base + 1]);
    assert.deepEqual(response.header?.memberId, MEMBER_ID);
    const kinds = response.responses.map(({ response: each }) => each?.case);
    assert.deepEqual(kinds, ["responseRange", "responsePut", "responseRange", "responseDeleteRange", "responseTxn"]);
    const bare = (revision: number) => ({ clusterId: 0n, memberId: 0n, revision, raftTerm: 0 });
    const [first, put, seen, deleted] = response.responses.map(({ response: each }) => each?.value);
    assert.deepEqual(first?.header, bare(base));
    assert.deepEqual(put?.header, bare(base + 1));
    assert.deepEqual(seen?.header, bare(base + 1));
    assert.deepEqual(
      (seen as pb.RangeResponse).kvs.map(({ value }) => text(value)),
      ["2"],
    );
    assert.equal((deleted as pb.DeleteRangeResponse).deleted, 1);
    const history = await server.range({ key: bytes("t/"), rangeEnd: bytes("t0") });
    assert.deepEqual(
      history.kvs.map(({ key, modRevision }) => [text(key), modRevision]),
      [
        ["t/b", base + 1],
        ["t/c", base + 1],
      ],
    );
  });

  test("compares: every operator, ranges, a key that is not there, and what nobody knows", async () => {
    await server.put("c/1", "b");
    await server.put("c/2", "d");
    const holds = async (...compares: pb.Compare[]): Promise<boolean> =>
      (await server.txn({ compare: compares })).succeeded;
    const value = (letter: string): pb.Compare["targetUnion"] => ({ case: "value", value: bytes(letter) });
    const version = (n: number): pb.Compare["targetUnion"] => ({ case: "version", value: n });
    const onValue = (result: pb.Compare_CompareResult, letter: string, rangeEnd = ""): pb.Compare =>
      compare("c/1", { target: VALUE, result, targetUnion: value(letter), rangeEnd: bytes(rangeEnd) });
    assert.deepEqual(
      await Promise.all([
        ...[EQUAL, GREATER, LESS, NOT_EQUAL].map((result) => holds(onValue(result, "b"))),
        ...[EQUAL, GREATER, LESS, NOT_EQUAL].map((result) => holds(onValue(result, "a"))),
      ]),
      [true, false, false, false, false, true, false, true],
    );
    assert.equal(await holds(onValue(GREATER, "a", "c/9")), true);
    assert.equal(await holds(onValue(GREATER, "c", "c/9")), false);
    assert.equal(await holds(onValue(EQUAL, "b"), onValue(LESS, "b")), false);
    // A key that is not there has no value to compare, and version 0.
    const absent = (result: number): pb.Compare =>
      compare("c/absent", { target: VALUE, result, targetUnion: value("") });
    for (const result of [EQUAL, GREATER, LESS, NOT_EQUAL]) assert.equal(await holds(absent(result)), false);
    assert.equal(await holds(compare("c/absent", { target: VERSION, targetUnion: version(0) })), true);
    assert.equal(await holds(compare("c/absent", { target: LEASE, targetUnion: { case: "lease", value: 0n } })), true);
    // An unknown result holds, an unknown target is taken for equal, a value of another target for 0.
    assert.equal(await holds(compare("c/1", { target: VERSION, result: 99, targetUnion: version(7) })), true);
    assert.equal(await holds(compare("c/1", { target: 99, result: EQUAL, targetUnion: version(7) })), true);
    assert.equal(await holds(compare("c/1", { target: 99, result: LESS, targetUnion: version(7) })), false);
    assert.equal(await holds(compare("c/1", { target: VERSION, result: EQUAL, targetUnion: value("b") })), false);
    assert.equal(await holds(compare("c/1", { target: VERSION, result: GREATER, targetUnion: null })), true);
  });

  test("a transaction that changes nothing makes no revision", async () => {
    const base = await server.revision();
    for (const init of [
      {},
      { success: [rangeOp("a")] },
      { success: [deleteOp("not there")] },
      { failure: [putOp("x")] },
    ]) {
      assert.equal((await server.txn(init)).header?.revision, base);
    }
  });

  test("a put may take over a lease, and drops it without one", async () => {
    const { id } = await server.client.unary(lease.LeaseGrant, pb.newLeaseGrantRequest({ ttl: 100 }));
    const leaseOf = async (): Promise<bigint> => (await server.range({ key: bytes("leased") })).kvs[0]!.lease;
    await server.put("leased", "1", { lease: id });
    assert.equal(await leaseOf(), id);
    await server.put("leased", "2", { ignoreLease: true });
    assert.equal(await leaseOf(), id);
    await server.put("leased", "3");
    assert.equal(await leaseOf(), 0n);
  });

  test("a compaction is answered with the revision of the store; what is older is gone, what is newer is not", async () => {
    await server.put("old", "1");
    const first = await server.revision();
    await server.put("old", "2");
    await server.put("old", "3");
    const request = pb.newCompactionRequest({ revision: first + 1, physical: true });
    const { header } = await server.client.unary(kv.Compact, request);
    assert.deepEqual([header?.revision, header?.memberId], [first + 2, MEMBER_ID]);
    const at = async (revision: number): Promise<string> =>
      text((await server.range({ key: bytes("old"), revision })).kvs[0]!.value);
    assert.deepEqual([await at(first + 1), await at(first + 2), await at(0)], ["2", "3", "3"]);
    const gone = await server.client.failure(kv.Range, pb.newRangeRequest({ key: bytes("old"), revision: first }));
    assert.equal(gone.details, "etcdserver: mvcc: required revision has been compacted");
  });

  test("everything is there again after a restart: pairs, history, revision, compaction, leases", async () => {
    const { id } = await server.client.unary(lease.LeaseGrant, pb.newLeaseGrantRequest({ id: 4711n, ttl: 500 }));
    await server.put("kept", "1", { lease: id });
    await server.put("kept", "2", { lease: id });
    const before = await server.range(everything);
    await server.restart();
    const after = await server.range(everything);
    assert.deepEqual(after.kvs, before.kvs);
    assert.deepEqual(
      [after.header?.revision, after.header?.raftTerm],
      [before.header!.revision, before.header!.raftTerm + 1],
    );
    const [old] = (await server.range({ key: bytes("kept"), revision: before.header!.revision - 1 })).kvs;
    assert.equal(text(old!.value), "1");
    const compacted = await server.client.failure(kv.Range, pb.newRangeRequest({ key: ZERO, revision: 2 }));
    assert.equal(compacted.details, "etcdserver: mvcc: required revision has been compacted");
    const left = await server.client.unary(lease.LeaseTimeToLive, { id: 4711n, keys: true });
    assert.deepEqual([left.grantedTtl, left.keys.map(text)], [500, ["kept"]]);
    const { header } = await server.put("kept", "3", { ignoreLease: true });
    assert.equal(header?.revision, before.header!.revision + 1);
  });
});

/** What operators ask of a member: its state, its hashes, its snapshot, room on its disk, its alarms, its members. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { grpcCode } from "../../src/etcd/rpc/status.ts";
import { readBoltFile } from "../../src/etcd/storage/bolt-reader.ts";
import * as pb from "../../src/etcd/wire/etcdserverpb.ts";
import { decodeKeyValue } from "../../src/etcd/wire/mvccpb.ts";
import { cluster, kv, lease, maintenance } from "../edge/grpc-client.ts";
import { bytes, collect, LiveServer, MEMBER_ID, putOp, text, until } from "./live-server.ts";

const noSpace = { code: grpcCode.resourceExhausted, details: "etcdserver: mvcc: database space exceeded" };

describe("maintenance", { timeout: 120_000 }, () => {
  let server: LiveServer;

  before(async () => {
    server = await LiveServer.open();
  });
  after(() => server.end());

  const hashKv = async (revision = 0) => {
    const { header, ...rest } = await server.client.unary(maintenance.HashKV, { revision });
    return { ...rest, headerRevision: header?.revision };
  };
  const compact = (revision: number) =>
    server.client.unary(kv.Compact, pb.newCompactionRequest({ revision, physical: true }));

  test("HashKV is etcd's, from the empty store on", async () => {
    assert.deepEqual(await hashKv(), { hash: 1084519789, compactRevision: -1, hashRevision: 1, headerRevision: 1 });
    await server.put("foo", "bar");
    assert.deepEqual(await hashKv(), { hash: 3305255506, compactRevision: -1, hashRevision: 2, headerRevision: 2 });
    await server.client.unary(kv.DeleteRange, pb.newDeleteRangeRequest({ key: bytes("foo") }));
    assert.deepEqual(await hashKv(), { hash: 2489925301, compactRevision: -1, hashRevision: 3, headerRevision: 3 });
    assert.deepEqual(await hashKv(2), { hash: 3305255506, compactRevision: -1, hashRevision: 2, headerRevision: 3 });
  });

  test("a hash survives a compaction above it and a restart", async () => {
    for (let i = 0; i < 20; i++) await server.put(`h${i % 3}`, String(i));
    await compact(12);
    const before = [await hashKv(), await hashKv(15)];
    await server.restart();
    assert.deepEqual([await hashKv(), await hashKv(15)], before);
    assert.equal(before[0]!.compactRevision, 12);
  });

  test("Hash covers everything and changes with everything", async () => {
    const hash = async () => (await server.client.unary(maintenance.Hash, pb.newHashRequest())).hash;
    const first = await hash();
    assert.equal(await hash(), first);
    const { id } = await server.client.unary(lease.LeaseGrant, pb.newLeaseGrantRequest({ ttl: 100 }));
    const withLease = await hash();
    assert.notEqual(withLease, first);
    await server.client.unary(lease.LeaseRevoke, { id });
    assert.equal(await hash(), first);
  });

  test("status", async () => {
    const status = await server.client.unary(maintenance.Status, pb.newStatusRequest());
    const { header, dbSize, dbSizeInUse, raftIndex, raftTerm, raftAppliedIndex, ...rest } = status;
    assert.deepEqual(rest, {
      version: "3.6.14",
      leader: MEMBER_ID,
      errors: [],
      isLearner: false,
      storageVersion: "3.6.0",
      dbSizeQuota: 2_147_483_648,
      downgradeInfo: { enabled: false, targetVersion: "" },
    });
    assert.equal(header?.revision, await server.revision());
    assert.ok(dbSize >= dbSizeInUse && dbSizeInUse > 0, `${dbSize} ${dbSizeInUse}`);
    assert.ok(raftIndex >= raftAppliedIndex && raftAppliedIndex > 20, `${raftIndex} ${raftAppliedIndex}`);
    assert.equal(raftTerm, header.raftTerm);
  });

  test("the members", async () => {
    for (const linearizable of [true, false]) {
      const { header, members } = await server.client.unary(cluster.MemberList, { linearizable });
      assert.deepEqual([header?.revision, header?.memberId], [0, MEMBER_ID]);
      assert.deepEqual(members, [
        {
          id: MEMBER_ID,
          name: "default",
          peerUrls: ["http://localhost:2380"],
          clientUrls: ["http://localhost:2379"],
          isLearner: false,
        },
      ]);
    }
  });

  test("leadership to oneself, a downgrade to the version below: no headers, then headers", async () => {
    const moved = await server.client.unary(maintenance.MoveLeader, { targetId: MEMBER_ID });
    assert.deepEqual(moved, { header: null });
    const valid = await server.client.unary(maintenance.Downgrade, pb.newDowngradeRequest({ version: "3.5.0" }));
    assert.deepEqual([valid.version, valid.header?.memberId], ["3.6", MEMBER_ID]);
    const enable = pb.newDowngradeRequest({ action: 1, version: "3.5.0" });
    await server.client.unary(maintenance.Downgrade, enable);
    assert.deepEqual(await server.client.failure(maintenance.Downgrade, enable), {
      code: grpcCode.failedPrecondition,
      details: "etcdserver: cluster has a downgrade job in progress",
    });
    for (let times = 0; times < 2; times++) {
      await server.client.unary(maintenance.Downgrade, pb.newDowngradeRequest({ action: 2 }));
    }
  });

  test("a snapshot is etcd's database file in blobs, with its SHA-256 behind them", async () => {
    await server.put("snapshot", "x".repeat(100_000));
    const { responses, code } = await collect(server.client, maintenance.Snapshot, pb.newSnapshotRequest());
    assert.equal(code, 0);
    const digest = responses.at(-1)!.blob;
    const blobs = responses.slice(0, -1).map(({ blob }) => blob);
    const file = Buffer.concat(blobs);
    assert.deepEqual(Buffer.from(digest), createHash("sha256").update(file).digest());
    assert.equal((file.length + digest.length) % 512, 32);
    assert.equal(
      blobs.slice(0, -1).every((blob) => blob.length === 32_768),
      true,
    );
    let left = file.length;
    for (const { blob, remainingBytes, version, header } of responses.slice(0, -1)) {
      left -= blob.length;
      assert.deepEqual([remainingBytes, version, header], [left, "3.6.0", null]);
    }
    const path = join(server.root, "snapshot.db");
    writeFileSync(path, file);
    const values = new Map<string, string>();
    await readBoltFile(path, (bucket, _key, stored) => {
      if (bucket !== "key") return;
      const pair = decodeKeyValue(stored);
      values.set(text(pair.key), text(pair.value));
    });
    assert.equal(values.get("snapshot")?.length, 100_000);
  });

  test("a defragmentation gives room back, has no header, and no write under way gets lost", async () => {
    const value = "x".repeat(10_000);
    for (let i = 0; i < 50; i++)
      await server.txn({ success: Array.from({ length: 20 }, (_, n) => putOp(`d${n}`, value)) });
    await compact(await server.revision());
    await until(async () => (await sizes()).inUse < 3_000_000, "the pages are free");
    const before = await sizes();
    const base = await server.revision();
    const puts = Array.from({ length: 300 }, (_, i) => server.put("defrag", String(i)));
    const [defragmented, ...answers] = await Promise.all([
      server.client.unary(maintenance.Defragment, pb.newDefragmentRequest()),
      ...puts,
    ]);
    assert.deepEqual(defragmented, { header: null });
    const revisions = answers.map(({ header }) => header!.revision).sort((a, b) => a - b);
    assert.deepEqual(
      revisions,
      Array.from({ length: 300 }, (_, i) => base + 1 + i),
    );
    const after = await sizes();
    assert.ok(after.size < before.size / 2, `${before.size} bytes became ${after.size}`);
    const [pair] = (await server.range({ key: bytes("defrag") })).kvs;
    assert.equal(pair?.version, 300);
    await server.restart();
    assert.deepEqual((await server.range({ key: bytes("defrag") })).kvs[0], pair);
  });

  async function sizes(): Promise<{ size: number; inUse: number }> {
    const { dbSize, dbSizeInUse } = await server.client.unary(maintenance.Status, pb.newStatusRequest());
    return { size: dbSize, inUse: dbSizeInUse };
  }
});

test("what the disk and the store do is counted", { timeout: 120_000 }, async (t) => {
  const server = await LiveServer.start(t, ["--snapshot-count=100"]);
  const metrics = async (): Promise<Map<string, number>> => {
    const page = await (await fetch(`${server.url}/metrics`)).text();
    return new Map(page.split("\n").map((line) => [line.split(" ")[0]!, Number(line.split(" ")[1])]));
  };
  const value = (values: Map<string, number>, name: string): number => values.get(name) ?? Number.NaN;
  const before = await metrics();
  const grown = async (name: string): Promise<number> => value(await metrics(), name) - value(before, name);
  await Promise.all(Array.from({ length: 300 }, (_, i) => server.put(`k${i}`, "x".repeat(1000))));
  const bytesWritten = await grown("etcd_disk_wal_write_bytes_total");
  assert.ok(bytesWritten > 300_000 && bytesWritten < 400_000, `${bytesWritten} bytes in the log`);
  const writes = await grown("etcd_disk_wal_write_duration_seconds_count");
  assert.ok(writes >= 1 && writes <= 300, `${writes} writes`);
  await until(async () => (await grown("etcd_snap_fsync_duration_seconds_count")) >= 1, "the log is marked");
  const ranges = 'etcd_server_range_duration_seconds_count{success="true"}';
  const rangesBefore = (await metrics()).get(ranges) ?? 0;
  await server.range({ key: bytes("k1") });
  assert.equal((await metrics()).get(ranges), rangesBefore + 1);
  await collect(server.client, maintenance.Snapshot, pb.newSnapshotRequest());
  assert.equal(await grown("etcd_disk_backend_snapshot_duration_seconds_count"), 1);
});

test("a start with --bootstrap-defrag-threshold-megabytes gives room back", { timeout: 120_000 }, async (t) => {
  const server = await LiveServer.start(t);
  const sizes = async () => server.client.unary(maintenance.Status, pb.newStatusRequest());
  const value = "x".repeat(100_000);
  for (let i = 0; i < 40; i++) await server.put("large", value);
  // What is deleted again before it is committed never takes room on the disk.
  await until(async () => (await sizes()).dbSizeInUse > 3_500_000, "all of it is on the disk");
  const request = pb.newCompactionRequest({ revision: await server.revision(), physical: true });
  await server.client.unary(kv.Compact, request);
  await until(async () => (await sizes()).dbSizeInUse < 1_000_000, "the pages are free");
  const before = await sizes();
  await server.restart(["--bootstrap-defrag-threshold-megabytes=1000"]);
  assert.ok((await sizes()).dbSize > 3_000_000, "too little to gain");
  await server.restart(["--bootstrap-defrag-threshold-megabytes=2"]);
  const after = await sizes();
  assert.ok(after.dbSize < before.dbSize - 2_000_000, `${before.dbSize} bytes became ${after.dbSize}`);
  assert.equal((await server.get("large"))?.length, value.length);
});

test("a store that is full: the alarm, what still works under it, and the way out", { timeout: 120_000 }, async (t) => {
  const server = await LiveServer.start(t, ["--quota-backend-bytes=4000000"]);
  const { client } = server;
  const alarm = (action: number, memberId = 0n, type = pb.AlarmType.NONE) =>
    client.unary(maintenance.Alarm, pb.newAlarmRequest({ action, memberId, alarm: type }));
  const value = "x".repeat(100_000);
  const put = pb.newPutRequest({ key: bytes("k"), value: bytes(value) });
  let failure: unknown = null;
  for (let i = 0; i < 200 && failure === null; i++) {
    failure = await client.unary(kv.Put, put).then(
      () => null,
      (error: unknown) => error,
    );
  }
  assert.ok(failure !== null, "the quota was never reached");
  assert.deepEqual(await client.failure(kv.Put, put), noSpace);
  const { alarms } = await alarm(0);
  assert.deepEqual(alarms, [{ memberId: MEMBER_ID, alarm: pb.AlarmType.NOSPACE }]);
  const { errors, dbSizeQuota } = await client.unary(maintenance.Status, pb.newStatusRequest());
  assert.deepEqual([errors, dbSizeQuota], [[`memberID:${MEMBER_ID} alarm:NOSPACE `], 4_000_000]);
  const health = await fetch(`${server.url}/health`);
  assert.deepEqual([health.status, await health.json()], [503, { health: "false", reason: "ALARM NOSPACE" }]);
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200);

  // It outlives a restart.
  await server.restart();
  const { client: next } = server;
  assert.deepEqual(await next.failure(kv.Put, pb.newPutRequest({ key: bytes("small") })), noSpace);
  assert.deepEqual(await next.failure(kv.Txn, pb.newTxnRequest({ failure: [putOp("small")] })), noSpace);
  assert.deepEqual(await next.failure(lease.LeaseGrant, pb.newLeaseGrantRequest({ ttl: 10 })), noSpace);
  assert.equal((await server.get("k"))?.length, value.length);
  await next.unary(kv.DeleteRange, pb.newDeleteRangeRequest({ key: bytes("k") }));
  await next.unary(kv.Compact, pb.newCompactionRequest({ revision: await server.revision(), physical: true }));
  await next.unary(maintenance.Defragment, pb.newDefragmentRequest());
  const wrong = await next.unary(maintenance.Alarm, pb.newAlarmRequest({ action: 2, memberId: 1n, alarm: 1 }));
  assert.deepEqual(wrong.alarms, []);
  const cleared = await next.unary(maintenance.Alarm, pb.newAlarmRequest({ action: 2, memberId: MEMBER_ID, alarm: 1 }));
  assert.deepEqual(cleared.alarms, [{ memberId: MEMBER_ID, alarm: 1 }]);
  await server.proveAlive();
  assert.equal((await fetch(`${server.url}/health`)).status, 200);
});

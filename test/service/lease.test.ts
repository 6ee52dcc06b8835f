/** Leases over real sockets: their end, their renewal, their return after a restart, and very many of them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Lessor } from "../../src/etcd/lease/lessor.ts";
import { openLmdbBackend } from "../../src/etcd/storage/lmdb-backend.ts";
import * as pb from "../../src/etcd/wire/etcdserverpb.ts";
import { lease } from "../edge/grpc-client.ts";
import { bytes, everything, LiveServer, MEMBER_ID, pause, text, until } from "./live-server.ts";

/** Short elections, so that a lease may live for a second. */
const quickElections = ["--heartbeat-interval=10", "--election-timeout=100"];

describe("lease", { timeout: 120_000 }, () => {
  let server: LiveServer;

  before(async () => {
    server = await LiveServer.open(quickElections);
  });
  after(() => server.end());

  const grant = (ttl: number, id = 0n) => server.client.unary(lease.LeaseGrant, pb.newLeaseGrantRequest({ ttl, id }));
  const timeToLive = (id: bigint, keys = false) => server.client.unary(lease.LeaseTimeToLive, { id, keys });
  const revoke = (id: bigint) => server.client.unary(lease.LeaseRevoke, { id });
  const leases = async (): Promise<bigint[]> => {
    const response = await server.client.unary(lease.LeaseLeases, pb.newLeaseLeasesRequest());
    return response.leases.map(({ id }) => id);
  };

  test("grant, list, look, revoke: the shapes and their headers", async () => {
    const revision = await server.revision();
    const granted = await grant(100, 0x694d81417acd4bf4n);
    assert.deepEqual([granted.id, granted.ttl, granted.error], [0x694d81417acd4bf4n, 100, ""]);
    const later = await grant(1000);
    assert.ok(later.id > 0n, String(later.id));
    assert.deepEqual(await leases(), [granted.id, later.id], "those that end first come first");
    await server.put("l/b", "v", { lease: granted.id });
    await server.put("l/a", "v", { lease: granted.id });
    const life = await timeToLive(granted.id, true);
    assert.deepEqual([life.id, life.grantedTtl, life.keys.map(text).sort()], [granted.id, 100, ["l/a", "l/b"]]);
    assert.ok(life.ttl > 90 && life.ttl <= 100, String(life.ttl));
    assert.deepEqual((await timeToLive(granted.id)).keys, []);
    const revoked = await revoke(granted.id);
    for (const { header } of [granted, later, life, revoked]) {
      assert.deepEqual([header?.memberId, header?.raftTerm], [MEMBER_ID, 2]);
    }
    assert.deepEqual([granted.header?.revision, life.header?.revision], [revision, revision + 2]);
    // Both keys in one revision.
    assert.equal(await server.revision(), revision + 3);
    assert.deepEqual(await leases(), [later.id]);
    await revoke(later.id);
    assert.equal(await server.revision(), revision + 3);
  });

  test("a lease that is not there: a TTL of -1, which is no error", async () => {
    const life = await timeToLive(99n, true);
    assert.deepEqual([life.id, life.ttl, life.grantedTtl, life.keys], [99n, -1, 0, []]);
  });

  test("the shortest TTL counts", async () => {
    for (const ttl of [1, 0, -5]) {
      const { id, ttl: granted } = await grant(ttl);
      assert.equal(granted, 1);
      await revoke(id);
    }
  });

  test("at its end all keys go in one revision, in their order, and the others stay", async () => {
    const { id } = await grant(1);
    for (const key of ["end/c", "end/a", "end/b"]) await server.put(key, "v", { lease: id });
    await server.put("end/d");
    // It has left its lease, and so outlives it.
    await server.put("end/c");
    const revision = await server.revision();
    const watch = server.watch();
    await watch.create({ key: bytes("end/"), rangeEnd: bytes("end0") });
    assert.deepEqual(await watch.events(2), [`delete end/a@${revision + 1}`, `delete end/b@${revision + 1}`]);
    watch.cancel();
    const { kvs } = await server.range({ key: bytes("end/"), rangeEnd: bytes("end0") });
    assert.deepEqual(
      kvs.map(({ key }) => text(key)),
      ["end/c", "end/d"],
    );
    assert.equal((await timeToLive(id)).ttl, -1);
  });

  test("renewals are answered in order on one stream; one that comes too late gets a 0 and ends nothing", async () => {
    const { id } = await grant(1);
    const stream = server.client.bidi(lease.LeaseKeepAlive);
    const renew = async (each: bigint): Promise<[bigint, number]> => {
      stream.send({ id: each });
      const { id: answered, ttl, header } = await stream.next();
      assert.equal(header?.memberId, MEMBER_ID);
      return [answered, ttl];
    };
    assert.deepEqual(await renew(id), [id, 1]);
    assert.deepEqual(await renew(99n), [99n, 0]);
    // Alive for longer than it was granted, as long as somebody asks.
    const endMs = performance.now() + 1600;
    while (performance.now() < endMs) {
      assert.deepEqual(await renew(id), [id, 1]);
      await pause(300);
    }
    await pause(1050);
    // It is over, and perhaps not revoked yet: the answer comes when it is.
    assert.deepEqual(await renew(id), [id, 0]);
    assert.deepEqual(await renew(99n), [99n, 0]);
    stream.cancel();
  });

  test("after a restart a lease has its whole time again, and an election timeout", async () => {
    const { id } = await grant(100);
    await server.put("restart", "v", { lease: id });
    await pause(1100);
    assert.ok((await timeToLive(id)).ttl < 100);
    await server.restart();
    const life = await timeToLive(id, true);
    assert.deepEqual([life.grantedTtl, life.keys.map(text)], [100, ["restart"]]);
    assert.ok(life.ttl >= 99, String(life.ttl));
  });
});

test("ten thousand leases: opened, listed, renewed on one stream", { timeout: 120_000 }, async (t) => {
  const count = 10_000;
  const server = await LiveServer.start(t);
  await server.stop();
  const backend = await openLmdbBackend(join(server.dataDir, "member/snap/store"), { unsafeNoFsync: true });
  const lessor = new Lessor({ electionTimeoutMs: 1000, checkpoints: false }, backend);
  for (let id = 1; id <= count; id++) lessor.grant(BigInt(id), 600, 0);
  await backend.commit();
  await backend.close();
  await server.resume();

  const { leases } = await server.client.unary(lease.LeaseLeases, pb.newLeaseLeasesRequest());
  assert.equal(new Set(leases.map(({ id }) => id)).size, count);
  const stream = server.client.bidi(lease.LeaseKeepAlive);
  for (let id = 1; id <= count; id++) stream.send({ id: BigInt(id) });
  for (let id = 1; id <= count; id++) {
    const renewed = await stream.next();
    if (renewed.id !== BigInt(id) || renewed.ttl !== 600)
      assert.deepEqual([renewed.id, renewed.ttl], [BigInt(id), 600]);
  }
  stream.cancel();
  await server.proveAlive();
});

test("hundreds of leases that run out together are worked off", { timeout: 120_000 }, async (t) => {
  const server = await LiveServer.start(t, quickElections);
  const count = 600;
  await inParallel(count, 250, async (i) => {
    const { id } = await server.client.unary(lease.LeaseGrant, pb.newLeaseGrantRequest({ ttl: 2 }));
    await server.put(`out/${i}`, "v", { lease: id });
  });
  await until(
    async () => (await server.range({ ...everything, countOnly: true })).count === 0,
    "all keys are gone",
    12_000,
  );
  const { leases } = await server.client.unary(lease.LeaseLeases, pb.newLeaseLeasesRequest());
  assert.deepEqual(leases, []);
  // One revision for each of them, and no more.
  assert.equal(await server.revision(), 1 + 2 * count);
});

async function inParallel(count: number, workers: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: workers }, run));
}

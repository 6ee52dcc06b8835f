/** Sessions over real sockets: they are leases, expire by silence, move, and end when their lease does. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { newLeaseRevokeRequest, newPutRequest, newRangeRequest } from "../../../src/etcd/wire/etcdserverpb.ts";
import { ZkClient } from "../../support/zk-client.ts";
import { etcdClientOf, startFacadeInProcess, startZkInProcess, type ZkInProcess } from "../../support/zk-in-process.ts";

const EPHEMERAL = 1;
/** Ticks so short that an expiry does not take long. */
const fast = ["--zk-tick-time", "100"];
const TIMEOUT_MS = 400;

describe("sessions", { timeout: 120_000 }, () => {
  let directory: string;
  let server: ZkInProcess;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "zk-sessions-"));
    server = await startZkInProcess(join(directory, "a"), fast);
  });

  after(async () => {
    await server.stop();
    await rm(directory, { recursive: true });
  });

  test("a session's id is the id of a lease that holds its ephemerals", async () => {
    const client = await ZkClient.connect({ port: server.port, timeoutMs: 2000 });
    const etcd = etcdClientOf(server);
    await client.ok("create", { path: "/lease", flags: EPHEMERAL });
    const { kvs } = await etcd.range(newRangeRequest({ key: Buffer.from("/zk/lease") }));
    assert.equal(kvs[0]?.lease, client.connection?.sessionId);
    const { leases } = await etcd.leaseLeases();
    assert.ok(leases.some(({ id }) => id === client.connection?.sessionId));
    await client.close();
    assert.equal((await etcd.range(newRangeRequest({ key: Buffer.from("/zk/lease") }))).kvs.length, 0);
    etcd.close();
  });

  test("a client that falls silent loses its session and its ephemerals, in one change of their parent", async () => {
    const watcher = await ZkClient.connect({ port: server.port, timeoutMs: 2000, pingEveryMs: 100 });
    await watcher.ok("create", { path: "/silent" });
    const client = await ZkClient.connect({ port: server.port, timeoutMs: TIMEOUT_MS });
    for (const name of ["a", "b", "c"]) await client.ok("create", { path: `/silent/${name}`, flags: EPHEMERAL });
    const beganMs = performance.now();
    await watcher.ok("getChildren", { path: "/silent", watch: true });
    await watcher.nextEvent();
    const tookMs = performance.now() - beganMs;
    assert.ok(tookMs >= TIMEOUT_MS, `never early: ${tookMs} ms`);
    await client.closed;
    const { stat } = await watcher.ok("getChildren2", { path: "/silent" });
    assert.equal(stat.numChildren, 0);
    assert.equal(stat.cversion, 6);
    const again = await ZkClient.open({ port: server.port });
    const reply = await again.handshake({
      sessionId: client.connection!.sessionId,
      password: client.connection!.password,
      timeoutMs: TIMEOUT_MS,
    });
    assert.equal(reply?.timeoutMs, 0);
    await watcher.close();
  });

  test("a half-open connection does not keep a session alive, pings do", async () => {
    const silent = await ZkClient.connect({ port: server.port, timeoutMs: TIMEOUT_MS });
    const alive = await ZkClient.connect({ port: server.port, timeoutMs: TIMEOUT_MS, pingEveryMs: 50 });
    await sleep(TIMEOUT_MS * 3);
    await silent.closed;
    assert.equal((await alive.call("exists", { path: "/" })).err, 0);
    await alive.close();
  });

  test("a session goes on on a new connection, with its ephemerals and another timeout", async () => {
    const client = await ZkClient.connect({ port: server.port, timeoutMs: 1000 });
    await client.ok("create", { path: "/again", flags: EPHEMERAL });
    client.drop();
    const again = await client.reattach({ port: server.port }, { timeoutMs: 2000 });
    assert.equal(again.connection?.sessionId, client.connection?.sessionId);
    assert.equal(again.connection?.timeoutMs, 2000);
    const { stat } = await again.ok("exists", { path: "/again" });
    assert.equal(stat.ephemeralOwner, client.connection?.sessionId);
    await again.close();
  });

  test("a wrong password is answered as an expired session, and ends the connection that held it", async () => {
    const client = await ZkClient.connect({ port: server.port, timeoutMs: 2000 });
    const thief = await ZkClient.open({ port: server.port });
    const reply = await thief.handshake({ sessionId: client.connection!.sessionId, password: Buffer.alloc(16, 7) });
    assert.equal(reply?.timeoutMs, 0);
    assert.equal(reply.sessionId, 0n);
    await client.closed;
    const owner = await client.reattach({ port: server.port });
    assert.equal(owner.connection?.sessionId, client.connection?.sessionId);
    await owner.close();
  });

  test("a lease that an etcd client revokes ends the session as an expiry does", async () => {
    const client = await ZkClient.connect({ port: server.port, timeoutMs: 2000, pingEveryMs: 100 });
    const watcher = await ZkClient.connect({ port: server.port, timeoutMs: 2000, pingEveryMs: 100 });
    await client.ok("create", { path: "/revoked", flags: EPHEMERAL });
    await watcher.ok("exists", { path: "/revoked", watch: true });
    const before = await watcher.ok("exists", { path: "/" });
    const etcd = etcdClientOf(server);
    await etcd.leaseRevoke(newLeaseRevokeRequest({ id: client.connection!.sessionId }));
    const event = await watcher.nextEvent();
    assert.equal(event.type, 2);
    await client.closed;
    const root = await watcher.ok("exists", { path: "/" });
    assert.equal(root.stat.numChildren, before.stat.numChildren - 1);
    assert.equal(root.stat.cversion, before.stat.cversion + 1);
    assert.ok(root.stat.pzxid > before.stat.pzxid);
    etcd.close();
    await watcher.close();
  });

  test("a session whose key an etcd client took off its lease ends when that does, not in a write without end", async () => {
    const client = await ZkClient.connect({ port: server.port, timeoutMs: 20_000 });
    const etcd = etcdClientOf(server);
    const id = client.connection!.sessionId;
    const key = Buffer.from(`/zk.session/${id.toString(16).padStart(16, "0")}`);
    const { kvs } = await etcd.range(newRangeRequest({ key }));
    await etcd.put(newPutRequest({ key, value: kvs[0]!.value }));
    await etcd.leaseRevoke(newLeaseRevokeRequest({ id }));
    void client.call("create", { path: "/unleased", flags: EPHEMERAL });
    await client.closed;
    while ((await etcd.range(newRangeRequest({ key }))).kvs.length > 0) await sleep(50);
    const again = await ZkClient.open({ port: server.port });
    const reply = await again.handshake({ sessionId: id, password: client.connection!.password, timeoutMs: 20_000 });
    assert.equal(reply?.timeoutMs, 0);
    etcd.close();
  });

  test("sessions outlive a restart of the server, with their ephemerals", async () => {
    const dataDir = join(directory, "restarted");
    let other = await startZkInProcess(dataDir, fast);
    const client = await ZkClient.connect({ port: other.port, timeoutMs: 2000 });
    await client.ok("create", { path: "/kept", flags: EPHEMERAL });
    const silent = await ZkClient.connect({ port: other.port, timeoutMs: TIMEOUT_MS });
    await silent.ok("create", { path: "/not-kept", flags: EPHEMERAL });
    await other.stop();
    other = await startZkInProcess(dataDir, fast);
    const again = await client.reattach({ port: other.port }, { pingEveryMs: 100 });
    assert.equal(again.connection?.sessionId, client.connection?.sessionId);
    assert.equal((await again.call("exists", { path: "/kept" })).err, 0);
    await again.call("exists", { path: "/not-kept", watch: true });
    // Nobody came back for the other one: its time began anew with the server.
    if ((await again.call("exists", { path: "/not-kept" })).err === 0) await again.nextEvent();
    assert.equal((await again.call("exists", { path: "/not-kept" })).err, -101);
    await again.close();
    await other.stop();
  });

  test("a session moves to another facade over the same etcd, and the first one lets go of it", async () => {
    const facade = await startFacadeInProcess(server.etcdEndpoint, fast);
    const client = await ZkClient.connect({ port: server.port, timeoutMs: 2000 });
    await client.ok("create", { path: "/moved", flags: EPHEMERAL });
    const moved = await client.reattach({ port: facade.port }, { pingEveryMs: 100 });
    assert.equal(moved.connection?.sessionId, client.connection?.sessionId);
    await client.closed;
    await moved.ok("create", { path: "/moved-too", flags: EPHEMERAL });
    await sleep(2500);
    assert.equal((await moved.call("exists", { path: "/moved" })).err, 0, "the first facade does not expire it");
    await moved.close();
    const here = await ZkClient.connect({ port: server.port, timeoutMs: 2000 });
    await here.ok("sync", { path: "/" });
    assert.equal((await here.call("exists", { path: "/moved" })).err, -101);
    await here.close();
    await facade.stop();
  });

  test("when its facade dies, the lease ends a session, and another facade mends the parent", async () => {
    const facade = await startFacadeInProcess(server.etcdEndpoint, fast);
    const watcher = await ZkClient.connect({ port: server.port, timeoutMs: 2000, pingEveryMs: 100 });
    await watcher.ok("create", { path: "/orphaned" });
    const client = await ZkClient.connect({ port: facade.port, timeoutMs: TIMEOUT_MS });
    await client.ok("create", { path: "/orphaned/child", flags: EPHEMERAL });
    await watcher.ok("sync", { path: "/" });
    await watcher.ok("getChildren", { path: "/orphaned", watch: true });
    await facade.stop();
    const event = await watcher.nextEvent();
    assert.equal(event.type, 4);
    const { stat } = await watcher.ok("exists", { path: "/orphaned" });
    assert.equal(stat.cversion, 2);
    assert.equal(stat.pzxid, event.zxid);
    await watcher.close();
  });
});

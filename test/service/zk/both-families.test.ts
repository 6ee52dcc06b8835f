/** What etcd clients write is a change of znodes to ZooKeeper's clients, and the other way round. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { EtcdClient } from "../../../src/etcd/client/etcd-client.ts";
import {
  newCompactionRequest,
  newDeleteRangeRequest,
  newLeaseGrantRequest,
  newPutRequest,
  newRangeRequest,
  newTxnRequest,
} from "../../../src/etcd/wire/etcdserverpb.ts";
import { ZkClient } from "../../support/zk-client.ts";
import { etcdClientOf, startScratchZk, type ZkInProcess } from "../../support/zk-in-process.ts";

const created = 1;
const deleted = 2;
const dataChanged = 3;
const childrenChanged = 4;
const RECURSIVE = 1;
const ANY = 3;
const noNode = -101;

describe("both families of clients on one store", { timeout: 120_000 }, () => {
  let server: ZkInProcess;
  let etcd: EtcdClient;
  let client: ZkClient;

  before(async () => {
    server = await startScratchZk();
    etcd = etcdClientOf(server);
    client = await ZkClient.connect({ port: server.port, timeoutMs: 40_000 });
  });

  after(async () => {
    client.drop();
    etcd.close();
    await server.stop();
  });

  const put = (key: string, value: string, lease = 0n): Promise<unknown> =>
    etcd.put(newPutRequest({ key: Buffer.from(key), value: Buffer.from(value), lease }));
  const remove = (key: string, end = ""): Promise<unknown> =>
    etcd.deleteRange(newDeleteRangeRequest({ key: Buffer.from(key), rangeEnd: Buffer.from(end) }));
  const value = async (key: string): Promise<string | undefined> =>
    (await etcd.range(newRangeRequest({ key: Buffer.from(key) }))).kvs[0]?.value.toString();
  const data = async (path: string): Promise<string> => (await client.ok("getData", { path })).data!.toString();
  /** The events up to the one that a create by the client itself makes: all those before it have come by then. */
  const eventsSoFar = async (): Promise<string[]> => {
    await client.ok("sync", { path: "/" });
    return client.takeEvents().map(({ type, path }) => `${type} ${path}`);
  };

  test("the data of a znode is the value of its key, byte for byte", async () => {
    await client.ok("create", { path: "/plain", data: Buffer.from([0, 255, 1]) });
    const { kvs } = await etcd.range(newRangeRequest({ key: Buffer.from("/zk/plain") }));
    assert.deepEqual([...kvs[0]!.value], [0, 255, 1]);
    await put("/zk/plain", "from etcd");
    assert.equal(await data("/plain"), "from etcd");
  });

  test("a put to a znode is a setData to its watchers", async () => {
    await client.ok("create", { path: "/put", data: "a" });
    const { stat: before } = await client.ok("getData", { path: "/put", watch: true });
    await put("/zk/put", "longer");
    const event = await client.nextEvent();
    const { stat } = await client.ok("exists", { path: "/put" });
    assert.deepEqual([event.type, event.path, event.zxid], [dataChanged, "/put", stat.mzxid]);
    assert.deepEqual({ ...stat, mtime: before.mtime }, { ...before, version: 1, dataLength: 6, mzxid: stat.mzxid });
    client.takeEvents();
  });

  test("a put of a new key is a create with an open ACL, and its parent counts it", async () => {
    await client.ok("create", { path: "/parent" });
    await client.ok("getChildren", { path: "/parent", watch: true });
    await put("/zk/parent/foreign", "x");
    assert.deepEqual(await eventsSoFar(), [`${childrenChanged} /parent`]);
    const { acl } = await client.ok("getAcl", { path: "/parent/foreign" });
    assert.deepEqual(acl, [{ perms: 31, scheme: "world", id: "anyone" }]);
    const { stat } = await client.ok("exists", { path: "/parent" });
    assert.deepEqual([stat.cversion, stat.numChildren], [1, 1]);
    const { path } = await client.ok("create", { path: "/parent/n-", flags: 2 });
    assert.equal(path, "/parent/n-0000000001");
    // Once mended, all of it stands in the store.
    await sleep(100);
    assert.ok((await value("/zk.stat/parent/foreign")) !== undefined);
  });

  test("a key without a parent is invisible until the parent exists", async () => {
    await put("/zk/late/child/leaf", "x");
    assert.equal((await client.call("exists", { path: "/late/child/leaf" })).err, noNode);
    await client.ok("addWatch", { path: "/late", mode: RECURSIVE });
    await put("/zk/late/child", "");
    await client.ok("create", { path: "/late" });
    assert.deepEqual(await eventsSoFar(), [
      `${created} /late`,
      `${created} /late/child`,
      `${created} /late/child/leaf`,
    ]);
    assert.equal(await data("/late/child/leaf"), "x");
  });

  test("a delete of an inner key hides all that is below it", async () => {
    await client.ok("create", { path: "/inner" });
    await client.ok("create", { path: "/inner/a" });
    await client.ok("create", { path: "/inner/a/b" });
    await client.ok("addWatch", { path: "/inner", mode: RECURSIVE });
    await remove("/zk/inner");
    assert.deepEqual(await eventsSoFar(), [`${deleted} /inner/a/b`, `${deleted} /inner/a`, `${deleted} /inner`]);
    assert.equal((await client.call("exists", { path: "/inner/a" })).err, noNode);
    // ZooKeeper's clients can make and delete it as if nothing were there.
    await client.ok("create", { path: "/inner" });
    assert.equal((await client.call("exists", { path: "/inner/a/b" })).err, 0);
    await client.ok("removeWatches", { path: "/inner", type: ANY });
    await eventsSoFar();
  });

  test("a transaction over several znodes is one zxid", async () => {
    await client.ok("create", { path: "/txn" });
    await client.ok("addWatch", { path: "/txn", mode: RECURSIVE });
    const success = ["/zk/txn/a", "/zk/txn/b", "/zk/txn/c"].map((key) => ({
      request: { case: "requestPut" as const, value: newPutRequest({ key: Buffer.from(key) }) },
    }));
    await etcd.txn(newTxnRequest({ success }));
    await client.ok("sync", { path: "/" });
    const events = client.takeEvents();
    assert.deepEqual(
      events.map(({ type, path }) => `${type} ${path}`),
      [`${created} /txn/a`, `${created} /txn/b`, `${created} /txn/c`],
    );
    assert.equal(new Set(events.map(({ zxid }) => zxid)).size, 1);
  });

  test("a key with an etcd client's lease is an ephemeral, and goes with it", async () => {
    const { id } = await etcd.leaseGrant(newLeaseGrantRequest({ ttl: 60 }));
    await put("/zk/leased", "x", id);
    const { stat } = await client.ok("exists", { path: "/leased", watch: true });
    assert.equal(stat.ephemeralOwner, id);
    assert.equal((await client.call("create", { path: "/leased/child" })).err, -108);
    await client.ok("setData", { path: "/leased", data: "y" });
    await etcd.leaseRevoke({ id });
    assert.deepEqual(await eventsSoFar(), [`${dataChanged} /leased`]);
    assert.equal((await client.call("exists", { path: "/leased" })).err, noNode);
  });

  test("keys that are no znodes, and records that are none, change nothing", async () => {
    const before = await client.ok("getAllChildrenNumber", { path: "/" });
    for (const key of [
      "/zk//x",
      "/zk/x/",
      "/zk/./x",
      "/zk/../x",
      "/zk-other/a",
      "/zk.stat",
      "/zk.stat/nope",
      "/zk.session/x",
    ]) {
      await put(key, "rubbish");
    }
    await client.ok("create", { path: "/sound", data: "x" });
    await put("/zk.stat/sound", "rubbish");
    assert.equal(await data("/sound"), "x");
    await client.ok("setData", { path: "/sound", data: "y" });
    assert.equal(await data("/sound"), "y");
    const after = await client.ok("getAllChildrenNumber", { path: "/" });
    assert.equal(after.total, before.total + 1);
  });

  test("many foreign writes below a parent that ZooKeeper's clients write to as well: no number twice, none lost", async () => {
    await client.ok("create", { path: "/busy" });
    const names = new Set<string>();
    await Promise.all([
      ...Array.from({ length: 50 }, (_, at) => put(`/zk/busy/etcd-${at}`, "")),
      ...Array.from({ length: 200 }, async () => {
        const { path } = await client.ok("create", { path: "/busy/n-", flags: 2 });
        assert.ok(!names.has(path), `${path} twice`);
        names.add(path);
      }),
    ]);
    const { children } = await client.ok("getChildren", { path: "/busy" });
    assert.equal(children.length, 250);
    await sleep(200);
    const { stat } = await client.ok("exists", { path: "/busy" });
    assert.equal(stat.cversion, 250);
  });

  test("what a client missed while it was away comes to its persistent watches, in order", async () => {
    await client.ok("create", { path: "/away" });
    let other = await ZkClient.connect({ port: server.port, timeoutMs: 40_000 });
    await other.ok("addWatch", { path: "/away", mode: RECURSIVE });
    const { stat } = await other.ok("exists", { path: "/" });
    assert.ok(stat);
    other.drop();
    await client.ok("create", { path: "/away/a" });
    await client.ok("setData", { path: "/away/a", data: "1" });
    await put("/zk/away/b", "2");
    await client.ok("delete", { path: "/away/a" });
    const since = other.lastZxidSeen;
    other = await other.reattach({ port: server.port });
    await other.ok("setWatches2", { relativeZxid: since, recursive: ["/away"] });
    await client.ok("create", { path: "/away/c" });
    await other.ok("sync", { path: "/" });
    const events = other.takeEvents();
    assert.deepEqual(
      events.map(({ type, path }) => `${type} ${path}`),
      [
        `${created} /away/a`,
        `${dataChanged} /away/a`,
        `${created} /away/b`,
        `${deleted} /away/a`,
        `${created} /away/c`,
      ],
    );
    const zxids = events.map(({ zxid }) => zxid);
    assert.deepEqual(
      zxids,
      [...zxids].sort((a, b) => a - b),
    );
    other.drop();
  });

  test("what is watched both once and for good is told once, and in order, after a time away", async () => {
    const names = ["set", "gone", "parent", "made", "deep"];
    for (const name of names.filter((name) => name !== "made")) await client.ok("create", { path: `/twice-${name}` });
    await client.ok("create", { path: "/twice-alone" });
    let other = await ZkClient.connect({ port: server.port, timeoutMs: 40_000 });
    await other.ok("sync", { path: "/" });
    other.drop();
    for (const data of ["1", "2"]) await client.ok("setData", { path: "/twice-set", data });
    await client.ok("setData", { path: "/twice-gone", data: "1" });
    await client.ok("delete", { path: "/twice-gone" });
    await client.ok("create", { path: "/twice-parent/c" });
    await client.ok("create", { path: "/twice-made" });
    await client.ok("create", { path: "/twice-deep/c" });
    await client.ok("setData", { path: "/twice-alone", data: "1" });
    const since = other.lastZxidSeen;
    other = await other.reattach({ port: server.port });
    await other.ok("setWatches2", {
      relativeZxid: since,
      data: ["/twice-set", "/twice-gone", "/twice-alone"],
      exist: ["/twice-made"],
      child: ["/twice-parent", "/twice-deep", "/twice-gone"],
      persistent: ["/twice-set", "/twice-gone", "/twice-parent", "/twice-made"],
      recursive: ["/twice-deep"],
    });
    assert.deepEqual(
      other.takeEvents().map(({ type, path, zxid }) => `${type} ${path}${zxid === -1 ? " caught up" : ""}`),
      [
        // Of these history tells nothing.
        `${dataChanged} /twice-alone caught up`,
        `${childrenChanged} /twice-deep caught up`,
        `${dataChanged} /twice-set`,
        `${dataChanged} /twice-set`,
        `${dataChanged} /twice-gone`,
        `${deleted} /twice-gone`,
        `${childrenChanged} /twice-parent`,
        `${created} /twice-made`,
        `${created} /twice-deep/c`,
      ],
    );
    other.drop();
  });

  test("a compaction takes nothing from those who watch", async () => {
    await client.ok("create", { path: "/compacted", data: "x" });
    await client.ok("getData", { path: "/compacted", watch: true });
    const { header } = await etcd.range(newRangeRequest({ key: Buffer.from("/zk") }));
    await etcd.compact(newCompactionRequest({ revision: header!.revision, physical: true }));
    await put("/zk/compacted", "y");
    assert.equal((await client.nextEvent()).path, "/compacted");
    assert.equal(await data("/compacted"), "y");
  });
});

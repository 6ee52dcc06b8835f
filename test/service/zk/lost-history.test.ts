/** A facade that was cut off from its etcd, and comes back when the history in between is compacted away. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { newCompactionRequest, newRangeRequest } from "../../../src/etcd/wire/etcdserverpb.ts";
import { ZkClient } from "../../support/zk-client.ts";
import { type CuttableFacade, etcdClientOf, startCuttableFacade } from "../../support/zk-in-process.ts";

const PERSISTENT = 0;
const RECURSIVE = 1;
const EPHEMERAL = 1;
const noNode = -101;
const nameOfType = ["", "created", "deleted", "changed", "children of"];

describe("a facade whose history was compacted while it was cut off", { timeout: 120_000 }, () => {
  let facades: CuttableFacade;
  /** Of the facade that is cut off, and of the other one. */
  let watcher: ZkClient;
  let writer: ZkClient;

  before(async () => {
    facades = await startCuttableFacade();
    watcher = await ZkClient.connect({ port: facades.remote.port, timeoutMs: 40_000 });
    writer = await ZkClient.connect({ port: facades.embedded.port, timeoutMs: 40_000 });
  });

  after(async () => {
    watcher.drop();
    writer.drop();
    await facades.stop();
  });

  const create = (...paths: readonly string[]): Promise<unknown> =>
    Promise.all(paths.map((path) => writer.ok("create", { path })));
  const comeAndGo = async (path: string): Promise<void> => {
    await create(path);
    await writer.ok("delete", { path });
  };
  /** What the watcher has been told, once its facade has all that was written. */
  const told = async (): Promise<string[]> => {
    await watcher.ok("sync", { path: "/" });
    return watcher.takeEvents().map(({ type, path }) => `${nameOfType[type]} ${path}`);
  };
  const cutOff = async (write: () => Promise<unknown>): Promise<void> => {
    facades.cutter.shut();
    await write();
    const etcd = etcdClientOf(facades.embedded);
    const { header } = await etcd.range(newRangeRequest({ key: Buffer.from("/"), countOnly: true }));
    await etcd.compact(newCompactionRequest({ revision: header!.revision }));
    etcd.close();
    facades.cutter.reopen();
  };

  test("tells its watchers what the trees before and after show, and of children that came and went", async () => {
    await create("/once", "/once/left", "/lasting", "/all", "/data", "/gone", "/again", "/still");
    await watcher.ok("sync", { path: "/" });
    for (const path of ["/once", "/still"]) await watcher.ok("getChildren2", { path, watch: true });
    for (const path of ["/data", "/gone", "/again", "/still"]) await watcher.ok("getData", { path, watch: true });
    assert.equal((await watcher.call("exists", { path: "/come", watch: true })).err, noNode);
    await watcher.ok("addWatch", { path: "/lasting", mode: PERSISTENT });
    await watcher.ok("addWatch", { path: "/all", mode: RECURSIVE });

    await cutOff(async () => {
      for (const path of ["/once/c", "/lasting/c", "/all/c"]) await comeAndGo(path);
      await writer.ok("setData", { path: "/data", data: "new" });
      await writer.ok("delete", { path: "/gone" });
      await writer.ok("delete", { path: "/again" });
      await create("/again", "/come", "/all/stays");
    });
    const events = await told();
    assert.deepEqual(events.slice(-2).sort(), ["children of /lasting", "children of /once"]);
    assert.deepEqual(events.slice(0, -2).sort(), [
      ...["changed /data", "created /all/stays", "created /come"],
      ...["deleted /again", "deleted /gone"],
    ]);

    for (const path of ["/once", "/lasting", "/all"]) await create(`${path}/d`);
    assert.deepEqual(await told(), ["children of /lasting", "created /all/d"], "a watch for one event had it");
    await create("/still/c");
    await writer.ok("setData", { path: "/still", data: "new" });
    assert.deepEqual(await told(), ["children of /still", "changed /still"], "a watch without an event still waits");
  });

  test("keeps the sessions of its clients, and knows of those that are over", async () => {
    const leaving = await ZkClient.connect({ port: facades.embedded.port, timeoutMs: 40_000 });
    await leaving.ok("create", { path: "/leaving", flags: EPHEMERAL });
    await watcher.ok("create", { path: "/staying", flags: EPHEMERAL });
    await cutOff(() => leaving.close());
    await watcher.ok("sync", { path: "/" });
    assert.equal((await watcher.call("exists", { path: "/leaving", watch: false })).err, noNode);
    assert.equal(
      (await watcher.ok("exists", { path: "/staying", watch: false })).stat.ephemeralOwner,
      watcher.sessionId,
    );
    await watcher.ok("create", { path: "/written", data: "after" });
    await writer.ok("sync", { path: "/" });
    assert.equal((await writer.ok("getData", { path: "/written" })).data!.toString(), "after");
    await assert.rejects(leaving.reattach({ port: facades.remote.port }), /over|expired/);
  });
});

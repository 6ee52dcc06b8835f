import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type EtcdCluster, startEtcdCluster } from "../support/etcd-cluster.ts";
import { ConnectionEnded, ZkClient, ZkFailure } from "../support/zk-client.ts";
import { startFacadeOver, type ZkServer } from "../support/zk-servers.ts";

/*
 * Two facades, each a process of its own, over three real etcds. They write against each other while the etcd that leads
 * is killed; then one of the facades is killed. test/service/zk/several-facades.test.ts has more of what they share, over
 * an etcd of ours.
 */
const EPHEMERAL = 1;
const SEQUENTIAL = 2;
const NO_NODE = -101;
const LINE = "/line";
/** Outlives the election of another leader. */
const TIMEOUT_MS = 30_000;
/** Does not outlive its facade. */
const SHORT_TIMEOUT_MS = 2000;
const WRITERS = 4;

describe("two facades over three real etcds", { timeout: 180_000 }, () => {
  let cluster: EtcdCluster;
  const facades: ZkServer[] = [];
  let clients: ZkClient[];

  before(async () => {
    cluster = await startEtcdCluster(3);
    for (const id of [1, 2]) {
      const flags = ["--zk-server-id", String(id), "--zk-tick-time=200", "--zk-max-session-timeout=60000"];
      facades.push(await startFacadeOver(cluster.endpoints, { flags: [...flags, "--zk-admin-enable-server=false"] }));
    }
    clients = await Promise.all(Array.from({ length: WRITERS }, (_, at) => connect(at)));
    await clients[0]!.ok("create", { path: LINE });
    await Promise.all(clients.map((client) => client.ok("sync", { path: "/" })));
  });

  after(async () => {
    for (const client of clients) client.drop();
    for (const facade of facades) await facade.stop();
    await cluster.stop();
  });

  const portOf = (at: number): number => facades[at % facades.length]!.port;
  const connect = (at: number, timeoutMs = TIMEOUT_MS): Promise<ZkClient> =>
    ZkClient.connect({ port: portOf(at), timeoutMs, pingEveryMs: timeoutMs / 4 });

  /** With its session on one facade after the other, until one takes it. */
  const comeBack = async (client: ZkClient, at: number): Promise<ZkClient> => {
    for (let attempt = at, deadlineMs = Date.now() + TIMEOUT_MS; ; attempt++) {
      try {
        return await client.reattach({ port: portOf(attempt) }, { pingEveryMs: TIMEOUT_MS / 4 });
      } catch (error) {
        if (Date.now() > deadlineMs) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  };

  const namesOf = async (client: ZkClient): Promise<string[]> => {
    await client.ok("sync", { path: "/" });
    return [...(await client.ok("getChildren", { path: LINE })).children].sort();
  };

  test("what one client watches the other one changes, elsewhere", async () => {
    const [here, there] = clients as [ZkClient, ZkClient];
    await here.call("exists", { path: "/seen", watch: true });
    await there.ok("create", { path: "/seen" });
    const { type, path, zxid } = await here.nextEvent();
    assert.deepEqual([type, path], [1, "/seen"]);
    const { stat } = await here.ok("exists", { path: "/seen" });
    assert.equal(stat.czxid, zxid);
  });

  test("while the etcd that leads is killed: no sequence number twice, none left out, no session lost", async () => {
    const made: string[] = [];
    let isOver = false;
    let breaks = 0;
    const sessions = clients.map(({ sessionId }) => sessionId);
    for (const [at, client] of clients.entries()) await client.ok("create", { path: `/own-${at}`, flags: EPHEMERAL });
    const write = async (at: number): Promise<void> => {
      while (!isOver) {
        try {
          const { path } = await clients[at]!.ok("create", { path: `${LINE}/n-`, flags: SEQUENTIAL });
          made.push(path);
        } catch (error) {
          if (error instanceof ZkFailure || !(error instanceof ConnectionEnded)) throw error;
          breaks++;
          // Nobody told it whether that one was made.
          clients[at] = await comeBack(clients[at]!, at + breaks);
        }
      }
    };
    const writers = Promise.all(clients.map((_, at) => write(at)));
    const untilMade = async (count: number): Promise<void> => {
      const more = made.length + count;
      while (made.length < more) await Promise.race([writers, new Promise((resolve) => setTimeout(resolve, 10))]);
    };
    await untilMade(50);
    await cluster.killLeader();
    await untilMade(200);
    isOver = true;
    await writers;

    assert.equal(new Set(made).size, made.length, "no number is told twice");
    const names = await namesOf(clients[0]!);
    assert.deepEqual(await namesOf(clients[1]!), names);
    const all = Array.from({ length: names.length }, (_, at) => `n-${String(at).padStart(10, "0")}`);
    assert.deepEqual(names, all, "no number is left out");
    const there = new Set(names.map((name) => `${LINE}/${name}`));
    assert.deepEqual(
      made.filter((path) => !there.has(path)),
      [],
      "what was acknowledged is there",
    );
    assert.ok(names.length - made.length <= breaks, `${names.length - made.length} more than told, ${breaks} breaks`);
    for (const [at, client] of clients.entries()) {
      assert.equal(client.sessionId, sessions[at]);
      const { stat } = await client.ok("exists", { path: `/own-${at}` });
      assert.equal(stat.ephemeralOwner, sessions[at]);
    }
  });

  test("when a facade is killed, its clients go on at the other one, and who stays away loses its session", async () => {
    const watcher = await connect(0);
    await watcher.ok("create", { path: "/home" });
    const [staying, silent] = [await connect(1), await connect(1, SHORT_TIMEOUT_MS)];
    await staying.ok("create", { path: "/home/staying", flags: EPHEMERAL });
    await silent.ok("create", { path: "/home/silent", flags: EPHEMERAL });
    await watcher.ok("sync", { path: "/" });
    await watcher.ok("getChildren", { path: "/home", watch: true });
    await facades[1]!.kill();
    await Promise.all([staying.closed, silent.closed]);
    const back = await comeBack(staying, 0);
    assert.equal(back.sessionId, staying.sessionId);
    // Its lease was the only one to know.
    const event = await watcher.nextEvent(30_000);
    assert.deepEqual([event.type, event.path], [4, "/home"]);
    const { stat } = await watcher.ok("exists", { path: "/home" });
    // Two were made and one is gone: the facade that is left has written that down, too.
    assert.deepEqual([stat.numChildren, stat.cversion, stat.pzxid], [1, 3, event.zxid]);
    assert.equal((await watcher.call("exists", { path: "/home/silent" })).err, NO_NODE);
    await assert.rejects(silent.reattach({ port: portOf(0) }), /the session is expired/);
    await back.close();
    await watcher.close();
  });
});

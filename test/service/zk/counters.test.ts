/** What `mntr` counts, where a real client's doings can be counted with it. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fourLetterWord, ZkClient } from "../../support/zk-client.ts";
import { startScratchZk, type ZkInProcess } from "../../support/zk-in-process.ts";

const quotaExceeded = -125;
const flags = [
  "--zk-tick-time",
  "100",
  "--zk-4lw-commands-whitelist",
  "*",
  "--zk-enforce-quota=true",
  "--zk-large-request-threshold",
  "10000",
  "--zk-large-request-max-bytes",
  "100000",
];

describe("the counters of a ZooKeeper server", { timeout: 30_000 }, () => {
  let server: ZkInProcess;
  let client: ZkClient;

  before(async () => {
    server = await startScratchZk(flags);
    client = await ZkClient.connect({ port: server.port, timeoutMs: 30_000 });
  });

  after(async () => {
    client.drop();
    await server.stop();
  });

  const figure = async (name: string): Promise<number> => {
    const line = new RegExp(`^zk_${name}\t(\\d+)`, "m").exec(await fourLetterWord(server, "mntr"));
    assert.ok(line !== null, `mntr says nothing of ${name}`);
    return Number(line[1]);
  };

  test("watchers that an event had, by its type", async () => {
    const other = await ZkClient.connect({ port: server.port, timeoutMs: 30_000 });
    for (const watching of [client, other]) await watching.call("exists", { path: "/w", watch: true });
    await client.ok("create", { path: "/w" });
    for (const watching of [client, other]) {
      await watching.ok("getData", { path: "/w", watch: true });
      await watching.ok("getChildren", { path: "/w", watch: true });
    }
    await client.ok("setData", { path: "/w", data: "x" });
    await client.ok("create", { path: "/w/c" });
    await client.ok("delete", { path: "/w/c" });
    await other.ok("getChildren", { path: "/w", watch: true });
    await client.ok("delete", { path: "/w" });
    const sums = { created: 2, changed: 2, children: 2, deleted: 1 };
    for (const [name, sum] of Object.entries(sums)) {
      assert.equal(await figure(`sum_node_${name}_watch_count`), sum, name);
      assert.equal(await figure(`cnt_node_${name}_watch_count`), 1, name);
    }
    await other.close();
  });

  test("refusals by a hard quota, by the namespace of what was refused", async () => {
    const limits = "count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=2";
    await client.ok("create", { path: "/app" });
    for (const path of ["/zookeeper/quota/app", "/zookeeper/quota/app/zookeeper_stats"])
      await client.ok("create", { path });
    await client.ok("create", { path: "/zookeeper/quota/app/zookeeper_limits", data: limits });
    const over = Buffer.alloc(11);
    assert.equal((await client.call("setData", { path: "/app", data: over })).err, quotaExceeded);
    await client.ok("create", { path: "/app/a" });
    assert.equal((await client.call("create", { path: "/app/b" })).err, quotaExceeded);
    const { results } = await client.ok("multi", {
      members: [
        { op: "setData", path: "/app/a", data: "x" },
        { op: "create2", path: "/app/c" },
        { op: "create", path: "/app/d" },
      ],
    });
    assert.deepEqual(
      results.map(({ err }) => err),
      [0, quotaExceeded, -2],
    );
    assert.equal(await figure("app_quota_exceeded_error_per_namespace"), 3);
  });

  test("large requests for which there was no room, which end their connections", async () => {
    const large = Buffer.alloc(40_000);
    await client.ok("create", { path: "/large" });
    // One after the other they have room, and so do many at once that are not large.
    for (let round = 0; round < 5; round++) await client.ok("setData", { path: "/large", data: large });
    const small = Array.from({ length: 20 }, () =>
      client.ok("setData", { path: "/large", data: large.subarray(0, 9000) }),
    );
    await Promise.all(small);
    assert.equal(await figure("large_requests_rejected"), 0);
    const greedy = await ZkClient.connect({ port: server.port, timeoutMs: 30_000 });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, () => greedy.call("setData", { path: "/large", data: large })),
    );
    assert.ok(outcomes.some(({ status }) => status === "rejected"));
    await greedy.closed;
    assert.equal(await figure("large_requests_rejected"), 1);
    // What it left behind takes no room.
    await client.ok("setData", { path: "/large", data: Buffer.alloc(90_000) });
  });

  test("sessions that were renewed, whatever came of it, and sessions that ended by their client's silence", async () => {
    const expiredBefore = await figure("stale_sessions_expired");
    const moving = await ZkClient.connect({ port: server.port, timeoutMs: 30_000 });
    assert.equal(await figure("connection_revalidate_count"), 0);
    const again = await moving.reattach({ port: server.port });
    const thief = await ZkClient.open({ port: server.port });
    await thief.handshake({ sessionId: again.sessionId, password: Buffer.alloc(16, 1) });
    assert.equal(await figure("connection_revalidate_count"), 2);
    // A session that its client closes is none of them.
    const closing = await ZkClient.connect({ port: server.port, timeoutMs: 200 });
    await closing.close();
    const silent = await ZkClient.connect({ port: server.port, timeoutMs: 200, pingEveryMs: 60_000 });
    await silent.closed;
    assert.equal((await figure("stale_sessions_expired")) - expiredBefore, 1);
  });
});

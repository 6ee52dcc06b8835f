/** Facades over one etcd, the embedded one among them: they write against each other and must not notice. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ZkClient } from "../../support/zk-client.ts";
import { startFacadeInProcess, startScratchZk, type ZkInProcess } from "../../support/zk-in-process.ts";

const SEQUENTIAL = 2;
const badVersion = -103;

describe("several facades over one etcd", { timeout: 120_000 }, () => {
  let facades: ZkInProcess[];
  let clients: ZkClient[];

  before(async () => {
    const embedded = await startScratchZk();
    const remote = [
      await startFacadeInProcess(embedded.etcdEndpoint),
      await startFacadeInProcess(embedded.etcdEndpoint),
    ];
    facades = [embedded, ...remote];
    clients = await Promise.all(facades.map(({ port }) => ZkClient.connect({ port, timeoutMs: 40_000 })));
  });

  after(async () => {
    for (const client of clients) client.drop();
    for (const facade of facades.reverse()) await facade.stop();
  });

  test("no sequence number twice, none left out, each session's in its own order", async () => {
    const [first] = clients;
    await first!.ok("create", { path: "/numbers" });
    await Promise.all(clients.map((client) => client.ok("sync", { path: "/" })));
    const perClient = 60;
    const made = await Promise.all(
      clients.map((client) =>
        Promise.all(
          Array.from({ length: perClient }, () => client.ok("create", { path: "/numbers/n-", flags: SEQUENTIAL })),
        ),
      ),
    );
    for (const paths of made) {
      const names = paths.map(({ path }) => path);
      assert.deepEqual(names, [...names].sort(), "pipelined creates of one session keep their order");
    }
    const all = made.flat().map(({ path }) => path);
    const expected = Array.from({ length: all.length }, (_, at) => `/numbers/n-${String(at).padStart(10, "0")}`);
    assert.deepEqual(all.sort(), expected);
  });

  test("a counter that is raised by conditional setData loses nothing", async () => {
    await clients[0]!.ok("create", { path: "/counter", data: "0" });
    await Promise.all(clients.map((client) => client.ok("sync", { path: "/" })));
    let conflicts = 0;
    const raise = async (client: ZkClient): Promise<void> => {
      for (;;) {
        const { data, stat } = await client.ok("getData", { path: "/counter" });
        const next = String(Number(data!.toString()) + 1);
        const { err } = await client.call("setData", { path: "/counter", data: next, version: stat.version });
        if (err === 0) return;
        assert.equal(err, badVersion);
        conflicts++;
        await client.ok("sync", { path: "/counter" });
      }
    };
    await Promise.all(
      clients.map(async (client) => {
        for (let at = 0; at < 20; at++) await raise(client);
      }),
    );
    await clients[1]!.ok("sync", { path: "/counter" });
    const { data, stat } = await clients[1]!.ok("getData", { path: "/counter" });
    assert.deepEqual([data!.toString(), stat.version], ["60", 60]);
    assert.ok(conflicts > 0, "they did write against each other");
  });

  test("a session's writes take effect in its order, whoever else writes the same znodes", async () => {
    const paths = ["/order/a", "/order/b", "/order/c"];
    await clients[0]!.ok("create", { path: "/order" });
    for (const path of paths) await clients[0]!.ok("create", { path });
    await Promise.all(clients.map((client) => client.ok("sync", { path: "/" })));
    // Each client writes its rounds, pipelined, over the same three znodes.
    const zxids = await Promise.all(
      clients.map(async (client) => {
        const replies = await Promise.all(
          Array.from({ length: 90 }, (_, at) => client.call("setData", { path: paths[at % 3]!, data: String(at) })),
        );
        return replies.map(({ zxid, err }) => {
          assert.equal(err, 0);
          return zxid;
        });
      }),
    );
    for (const own of zxids)
      assert.deepEqual(
        own,
        [...own].sort((x, y) => x - y),
      );
    assert.equal(new Set(zxids.flat()).size, 270, "one zxid each");
    let versions = 0;
    await clients[2]!.ok("sync", { path: "/" });
    for (const path of paths) versions += (await clients[2]!.ok("exists", { path })).stat.version;
    assert.equal(versions, 270);
  });

  test("after a sync a client sees what was written through another facade before", async () => {
    for (let at = 0; at < 20; at++) {
      const [writer, reader] = [clients[at % 3]!, clients[(at + 1) % 3]!];
      await writer.ok("create", { path: `/sync-${at}` });
      await reader.ok("sync", { path: "/" });
      assert.equal((await reader.call("exists", { path: `/sync-${at}` })).err, 0);
    }
  });

  test("watches hear of writes through other facades, and of the end of their ephemerals", async () => {
    const [, here, there] = clients as [ZkClient, ZkClient, ZkClient];
    await here.call("exists", { path: "/seen", watch: true });
    const other = await ZkClient.connect({ port: facades[2]!.port, timeoutMs: 40_000 });
    await other.ok("create", { path: "/seen", flags: 1 });
    assert.deepEqual(pick(await here.nextEvent()), [1, "/seen"]);
    await here.ok("exists", { path: "/seen", watch: true });
    await other.close();
    assert.deepEqual(pick(await here.nextEvent()), [2, "/seen"]);
    await there.ok("sync", { path: "/" });
    assert.equal((await there.call("exists", { path: "/seen" })).err, -101);
  });

  test("a session with more ephemerals than one transaction of a remote etcd holds still ends with all of them", async () => {
    const client = await ZkClient.connect({ port: facades[1]!.port, timeoutMs: 40_000 });
    await client.ok("create", { path: "/many" });
    await Promise.all(Array.from({ length: 200 }, (_, at) => client.ok("create", { path: `/many/${at}`, flags: 1 })));
    await client.close();
    await clients[0]!.ok("sync", { path: "/" });
    const { stat } = await clients[0]!.ok("exists", { path: "/many" });
    assert.deepEqual([stat.numChildren, stat.cversion], [0, 400]);
  });

  // Of the larger one the message to etcd would have more bytes than etcd's clients send.
  for (const [count, letters] of [
    [100, 10],
    [1000, 900],
  ] as const) {
    test(`a multi of ${count} is too large for a remote etcd and refused, the embedded one takes it`, async () => {
      const paths = Array.from({ length: count }, (_, at) => `/${String(at).padStart(letters, "large-")}`);
      const members = paths.map((path) => ({ op: "create" as const, path }));
      const refused = await clients[1]!.call("multi", { members });
      assert.equal(refused.err, -8);
      assert.equal((await clients[1]!.call("exists", { path: paths[0]! })).err, -101);
      assert.equal((await clients[0]!.call("multi", { members })).err, 0);
    });
  }
});

test(
  "a facade over an etcd has its metrics on the page of ZooKeeper's provider",
  { timeout: 60_000 },
  async (context) => {
    const embedded = await startScratchZk();
    context.after(() => embedded.stop());
    const facade = await startFacadeInProcess(embedded.etcdEndpoint, [
      "--zk-metrics-provider-class-name=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider",
      ...["--zk-metrics-provider-http-host=127.0.0.1", "--zk-metrics-provider-http-port=0"],
    ]);
    context.after(() => facade.stop());
    const client = await ZkClient.connect({ port: facade.port, timeoutMs: 40_000 });
    context.after(() => client.drop());
    await client.ok("create", { path: "/counted" });
    const page = await (await fetch(`http://${facade.prometheusAddresses[0]!}/metrics`)).text();
    for (const line of [
      /^znode_count 6(\.0)?$/m,
      /^num_alive_connections 1(\.0)?$/m,
      /^connection_request_count 1(\.0)?$/m,
    ]) {
      assert.match(page, line);
    }
  },
);

function pick({ type, path }: { readonly type: number; readonly path: string | null }): unknown[] {
  return [type, path];
}

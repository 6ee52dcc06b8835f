/** What surrounds ZooKeeper's clients in a whole server: admin commands, metrics, four-letter words. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ZkClient } from "../test/support/zk-client.ts";
import { type LogFields, type PartLogger, silentLogger } from "./etcd/base/logger.ts";
import { parseServeArguments } from "./etcd/config/serve-arguments.ts";
import { type RunningServer, serve } from "./main.ts";
import { buildFacadeConfig } from "./zk-facade/config/build-facade-config.ts";
import { facadeFlags, splitFacadeFlags } from "./zk-facade/config/facade-flags.ts";
import { callFourLetterWord } from "./zk-script/four-letter-call.ts";

const EPHEMERAL = 1;
const NO_NODE = -101;

describe("the ZooKeeper side of a server", { timeout: 60_000 }, () => {
  const directory = mkdtempSync(join(tmpdir(), "zookeeper-side-"));
  const addresses = new Map<string, string>();
  let server: RunningServer;

  before(async () => {
    const argv = [
      ...["--data-dir", join(directory, "data"), "--listen-peer-urls=http://127.0.0.1:0"],
      ...["--listen-client-urls=http://127.0.0.1:0", "--advertise-client-urls=http://localhost:2379"],
      ...["--zk-listen=127.0.0.1:0=/zk,127.0.0.1:0=/other", "--zk-4lw-commands-whitelist=*"],
      ...["--zk-admin-server-address=127.0.0.1", "--zk-admin-server-port=0", "-Dzookeeper.mine=1"],
      ...["--zk-metrics-provider-http-host=127.0.0.1", "--zk-metrics-provider-http-port=0"],
      "--zk-metrics-provider-class-name=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider",
    ];
    const parsed = parseServeArguments(argv, {}, () => "", facadeFlags("none"));
    assert.equal(parsed.kind, "serve", JSON.stringify(parsed));
    const input = { ...splitFacadeFlags(parsed.foreign), defaultListen: "none", isEmbedded: true };
    const { config } = buildFacadeConfig(input, () => assert.fail("there is no file to read"));
    const info = (message: string, fields?: LogFields): void => {
      if (typeof fields?.["address"] === "string") addresses.set(message, fields["address"]);
    };
    const logger: PartLogger = { ...silentLogger, info, from: () => logger, named: () => logger };
    server = await serve(parsed.config, logger, { facade: config });
  });

  after(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const text = async (url: string): Promise<string> => (await fetch(url)).text();
  const command = async (name: string): Promise<Record<string, unknown>> => {
    return JSON.parse(
      await text(`http://${addresses.get("serving ZooKeeper's admin commands")!}/commands/${name}`),
    ) as Record<string, unknown>;
  };

  test("its commands know both roots", async () => {
    const ports = server.zkAddresses.map((address) => Number(address.split(":")[1]));
    const [first, second] = await Promise.all([command("conf"), command("conf?root=/other")]);
    assert.deepEqual([first["client_port"], second["client_port"]], ports);
    assert.equal((await command("srvr"))["node_count"], 5);
    assert.equal((await command("sysp"))["zookeeper.mine"], "1");
  });

  test("each root has its own znodes, watches and sessions", async () => {
    const [first, second] = server.zkAddresses.map((address) => Number(address.split(":")[1])) as [number, number];
    const here = await ZkClient.connect({ port: first, timeoutMs: 30_000 });
    const there = await ZkClient.connect({ port: second, timeoutMs: 30_000 });
    await there.call("exists", { path: "/of-one", watch: true });
    await here.ok("create", { path: "/of-one", flags: EPHEMERAL });
    await there.ok("sync", { path: "/" });
    assert.equal((await there.call("exists", { path: "/of-one" })).err, NO_NODE);
    assert.deepEqual(there.events, []);
    await assert.rejects(here.reattach({ port: second }), /the session is expired/);
    await there.ok("create", { path: "/of-one" });
    await here.close();
    assert.equal((await there.call("exists", { path: "/of-one" })).err, 0);
    await there.ok("delete", { path: "/of-one" });
    await there.close();
  });

  test("a four-letter word is answered, and counts", async () => {
    const port = Number(server.zkAddresses[0]!.split(":")[1]);
    const call = { host: "127.0.0.1", port, timeoutMs: 5000 };
    const before = await callFourLetterWord("srvr", call);
    assert.match(before ?? "", /^Zookeeper version: 3\.9\.5-bridgekeeper\.[\d.]+, built on [\d-]+ [\d:]+ UTC\n/);
    assert.match(before ?? "", /^Mode: standalone\nNode count: 5\n$/m);
    const received = (answer: string | null): number => Number(/^Received: (\d+)$/m.exec(answer ?? "")?.[1]);
    assert.equal(received(await callFourLetterWord("srvr", call)), received(before) + 1);
    assert.match((await callFourLetterWord("mntr", call)) ?? "", /^zk_znode_count\t5$/m);
  });

  test("its metrics stand on etcd's page and on the provider's, each name once", async () => {
    const [etcd, provider] = await Promise.all([
      text(`http://${server.clientAddresses[0]!}/metrics`),
      text(`http://${addresses.get("serving ZooKeeper's metrics")!}/metrics`),
    ]);
    for (const page of [etcd, provider]) {
      assert.match(page, /^znode_count\{root="\/zk"\} 5\nznode_count\{root="\/other"\} 5\n/m);
      const names = [...page.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]!);
      assert.equal(new Set(names).size, names.length);
    }
    assert.match(etcd, /^etcd_server_has_leader 1$/m);
    assert.ok(!provider.includes("etcd_"));
  });
});

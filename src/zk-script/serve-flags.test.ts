import assert from "node:assert/strict";
import { test } from "node:test";
import { parseServeArguments } from "../etcd/config/serve-arguments.ts";
import { facadeFlags, splitFacadeFlags } from "../zk-facade/config/facade-flags.ts";
import { serveFlags } from "./serve-flags.ts";

const call = { dataDir: "/data", configPath: "/c/zoo.cfg", jvmFlags: "-Xmx1g -Djute.maxbuffer=9 -Dzookeeper.a=b" };

test("the store lies in the data directory and has no doors", () => {
  const parsed = parseServeArguments(serveFlags({ ...call, env: {} }), {}, () => "", facadeFlags("none"));
  assert.equal(parsed.kind, "serve", JSON.stringify(parsed));
  const { config, foreign } = parsed;
  assert.equal(config.dataDir, "/data/bridgekeeper");
  assert.deepEqual([config.listenClientUrls, config.listenPeerUrls], [[], []]);
  const { flags, properties } = splitFacadeFlags(foreign);
  assert.deepEqual(Object.fromEntries(flags), { "zk-config": "/c/zoo.cfg" });
  assert.deepEqual(Object.fromEntries(properties), { "jute.maxbuffer": "9", "zookeeper.a": "b" });
});

test("etcd's variables open its doors", () => {
  const env = { ETCD_LISTEN_CLIENT_URLS: "http://127.0.0.1:0", ETCD_DATA_DIR: "/elsewhere" };
  const parsed = parseServeArguments(serveFlags({ ...call, env }), env, () => "", facadeFlags("none"));
  assert.equal(parsed.kind, "serve", JSON.stringify(parsed));
  assert.equal(parsed.config.dataDir, "/elsewhere");
  assert.deepEqual(
    parsed.config.listenClientUrls.map(({ text }) => text),
    ["http://127.0.0.1:0"],
  );
});

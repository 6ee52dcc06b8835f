import assert from "node:assert/strict";
import { test } from "node:test";
import { facadeFlags, parseJvmFlags, splitFacadeFlags } from "./facade-flags.ts";

test("flags have ZooKeeper's names, and say what they are when nobody sets them", () => {
  const { rows } = facadeFlags("localhost:2181=/zk");
  assert.deepEqual(Object.keys(rows).slice(0, 3), ["zk-listen", "zk-config", "zk-tick-time"]);
  assert.equal(rows["zk-listen"]?.default, "localhost:2181=/zk");
  assert.equal(facadeFlags("none").rows["zk-listen"]?.default, "none");
  assert.deepEqual([rows["zk-enforce-quota"]?.placeholder, rows["zk-enforce-quota"]?.default], ["", ""]);
  assert.equal(rows["zk-admin-enable-server"]?.default, "true");
  for (const name of [
    "zk-jute-maxbuffer",
    "zk-max-client-cnxns",
    "zk-4lw-commands-whitelist",
    "zk-admin-server-port",
  ]) {
    assert.ok(Object.hasOwn(rows, name), name);
  }
  for (const [name, { help }] of Object.entries(rows)) assert.match(help, /\.$/, name);
});

test("system properties come among the flags", () => {
  const { isOther } = facadeFlags("none");
  assert.deepEqual(["Dzookeeper.a", "Dx", "D", "data-dir"].map(isOther), [true, true, false, false]);
  const { flags, properties } = splitFacadeFlags(
    new Map([
      ["zk-listen", "none"],
      ["Djute.maxbuffer", "7"],
    ]),
  );
  assert.deepEqual([...flags], [["zk-listen", "none"]]);
  assert.deepEqual([...properties], [["jute.maxbuffer", "7"]]);
});

test("of a virtual machine's flags only the properties count", () => {
  const text = "  -Xmx512m -Dzookeeper.skipACL=yes -Dx -Djute.maxbuffer=0x10 -Da=b=c\n-XX:+UseG1GC -D";
  assert.deepEqual(
    [...parseJvmFlags(text)],
    [
      ["zookeeper.skipACL", "yes"],
      ["x", ""],
      ["jute.maxbuffer", "0x10"],
      ["a", "b=c"],
    ],
  );
  assert.deepEqual([...parseJvmFlags("")], []);
});

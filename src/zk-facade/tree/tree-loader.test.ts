import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { del, keys, load, put, TreeRun } from "./testing/tree-run.ts";
import { TreeLoader } from "./tree-loader.ts";
import type { ZnodeTree } from "./znode-tree.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** All that a tree says of its znodes. */
function told(tree: ZnodeTree): unknown[] {
  return [...tree.paths()].sort().map((path) => [tree.get(path), tree.children(path).sort()]);
}

function sample(): TreeRun {
  const run = new TreeRun();
  run.facade((writer) => writer.create("/a", bytes("12345"), "persistent", 0n));
  run.facade((writer) => writer.create("/a/e", null, "ephemeral", 5n));
  run.facade((writer) => writer.create("/a/c", bytes(""), "container", 0n));
  run.facade((writer) => writer.setData("/", bytes("root")));
  run.etcd(put("/zk/a/foreign", "123"), put("/zk/x/orphan", "1"));
  run.etcd(put("/zk/a", "1234567"));
  run.facade((writer) => writer.create("/zookeeper/quota/a", null, "persistent", 0n));
  run.facade((writer) => writer.create("/zookeeper/quota/a/zookeeper_limits", bytes("count=4"), "persistent", 0n));
  run.etcd(put("/zk.session/0000000000000005", "session", 5n), put("/zk.stat/gone", "?"), put("/zk!", "not ours"));
  return run;
}

test("the order of the keys does not matter, nor whether values come with them", () => {
  const run = sample();
  const expected = told(load(run.store));
  const all = run.store.all();
  fc.assert(
    fc.property(fc.shuffledSubarray(all, { minLength: all.length }), fc.infiniteStream(fc.boolean()), (kvs, coins) => {
      const loader = new TreeLoader(keys, 0);
      for (const kv of kvs) {
        const isData = keys.parse(kv.key)?.space === "data";
        loader.add(isData && coins.next().value ? { ...kv, value: new Uint8Array() } : kv);
      }
      for (const key of [...loader.valuesNeeded()]) loader.addValue(run.store.get(key)!);
      const tree = loader.finish(run.store.revision);
      assert.deepEqual(told(tree), expected);
      assert.equal(tree.quotaOver("/a")!.count, 4);
      assert.equal(tree.quotaOver("/a")!.usedBytes, 7 + 3);
    }),
  );
});

test("values are asked for where only they tell: foreign data, and the texts of quotas", () => {
  const run = sample();
  const loader = new TreeLoader(keys, 0);
  for (const kv of run.store.all()) {
    loader.add(keys.parse(kv.key)?.space === "data" ? { ...kv, value: new Uint8Array() } : kv);
  }
  const needed = [...loader.valuesNeeded()].map((key) => Buffer.from(key).toString());
  assert.deepEqual(needed.sort(), ["/zk/a", "/zk/a/foreign", "/zk/x/orphan", "/zk/zookeeper/quota/a/zookeeper_limits"]);
});

test("a loaded tree stands at its revision and goes on from there as the one that was there", () => {
  const run = sample();
  run.mend();
  const tree = load(run.store);
  assert.equal(tree.revision, run.store.revision);
  const changes = [put("/zk/x", "x"), del("/zk/a/e"), put("/zk/a/foreign", "longer")];
  for (const change of changes) {
    const events = run.store.txn([change]);
    const loaded = tree.apply(run.store.revision, events, 0);
    assert.deepEqual(loaded, run.tree.apply(run.store.revision, events, 0));
    assert.deepEqual(told(tree), told(run.tree));
  }
});

test("sessions, faults and orphans are loaded, too", () => {
  const run = sample();
  const tree = load(run.store, 1234);
  assert.deepEqual([...tree.sessions()], [...run.tree.sessions()]);
  const named = (all: ZnodeTree): string[] =>
    all
      .mends()
      .map(({ path, fault }) => `${fault} ${path}`)
      .sort();
  assert.deepEqual(named(tree), named(run.tree));
  assert.deepEqual([...tree.orphans()], ["/x/orphan"]);
  assert.deepEqual([tree.get("/a/foreign")!.ctime, tree.get("/a")!.mtime], [1234, 1234]);
});

test("a quota that holds its own znodes counts each of them once", () => {
  const run = new TreeRun();
  const top = "/zookeeper/quota/zookeeper";
  for (const path of [top, `${top}/zookeeper_limits`, `${top}/zookeeper_stats`, `${top}/x`]) {
    run.facade((writer) => writer.create(path, bytes("count=9"), "persistent", 0n));
  }
  for (const tree of [run.tree, load(run.store)]) {
    const quota = tree.quotaOver("/zookeeper/config")!;
    assert.deepEqual([quota.path, quota.count, quota.usedCount, quota.usedBytes], ["/zookeeper", 9, 7, 28]);
  }
});

test("an empty store is a fresh tree", () => {
  const tree = new TreeLoader(keys, 9).finish(1);
  assert.deepEqual(told(tree), told(new TreeRun().tree));
  assert.deepEqual(tree.mends(), []);
});

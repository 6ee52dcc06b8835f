import assert from "node:assert/strict";
import { test } from "node:test";
import { planMend } from "./mend.ts";
import { decodeRecord } from "./record.ts";
import { del, keys, load, put, TreeRun } from "./testing/tree-run.ts";
import type { Mend } from "./faults.ts";

const tag = { facade: 3, sequence: 4 };

test("an etcd client's znode gets a record that says what was seen, and nobody hears of it", () => {
  const run = new TreeRun().at(5000);
  const { revision } = run.etcd(put("/zk/a", "data", 7n), put("/zk/b"));
  assert.deepEqual(
    run.mend().flatMap(({ changes }) => changes),
    [],
  );
  assert.deepEqual(run.tree.mends(), []);
  const kv = run.store.get(keys.recordKey("/a"))!;
  assert.equal(kv.lease, 7n);
  const record = decodeRecord(kv.value)!;
  assert.deepEqual(record, {
    tag: record.tag,
    ctime: 5000,
    mtime: 5000,
    acl: null,
    aversion: 0,
    creates: 0,
    pzxid: revision,
    czxid: null,
    base: 1,
    kind: "ephemeral",
    ttlMs: 0,
    isNull: false,
    dataLength: 4,
  });
  const root = decodeRecord(run.store.get(keys.recordKey("/"))!.value)!;
  assert.deepEqual([root.creates, root.pzxid, root.base, root.ctime], [2, revision, 0, 0]);
});

test("a mend that is done by one facade is refused to the others", () => {
  const run = new TreeRun();
  run.etcd(put("/zk/a"));
  const plans = run.tree.mends().map((mend) => planMend(run.tree, keys, mend, { tag })!);
  assert.equal(plans.length, 2);
  for (const plan of plans) assert.notEqual(run.store.guarded(plan.compares, plan.operations), null);
  for (const plan of plans) assert.equal(run.store.guarded(plan.compares, plan.operations), null);
});

test("a mend whose znode changed in the meantime is refused", () => {
  const changes = [put("/zk/a", "anew"), del("/zk/a"), put("/zk.stat/a", "junk")];
  for (const change of changes) {
    const run = new TreeRun();
    run.etcd(put("/zk/a"));
    const plan = planMend(run.tree, keys, { path: "/a" }, { tag })!;
    run.store.txn([change]);
    assert.equal(run.store.guarded(plan.compares, plan.operations), null);
  }
});

test("a record without a znode is deleted, but not if the znode came back", () => {
  const run = new TreeRun();
  run.facade((writer) => writer.create("/a", null, "persistent", 0n));
  const { mends } = run.etcd(del("/zk/a"));
  const leftover: Mend = { path: "/a", fault: "leftover" };
  assert.ok(mends.some((mend) => mend.path === "/a" && mend.fault === "leftover"));
  const plan = planMend(run.tree, keys, leftover, { tag })!;
  run.store.txn([put("/zk/a")]);
  assert.equal(run.store.guarded(plan.compares, plan.operations), null);

  const other = new TreeRun();
  other.etcd(put("/zk.stat/x", "junk"));
  other.mend();
  assert.equal(other.store.get(keys.recordKey("/x")), undefined);
  assert.equal(planMend(other.tree, keys, { path: "/x" }, { tag }), null);
});

test("what needs no mending is not mended", () => {
  const run = new TreeRun();
  run.facade((writer) => writer.create("/a", null, "persistent", 0n));
  run.etcd(put("/zk/x/orphan"));
  for (const path of ["/a", "/", "/x/orphan", "/x", "/nope", "/zookeeper"]) {
    assert.equal(planMend(run.tree, keys, { path }, { tag }), null, path);
  }
});

test("what a facade alone saw is not lost once it is mended: a deleted child, a corrected version, an old czxid", () => {
  const run = new TreeRun();
  run.facade((writer) => writer.create("/a", Buffer.from("x"), "persistent", 0n));
  run.facade((writer) => writer.recreate("/a", Buffer.from("y")));
  const { czxid } = run.tree.get("/a")!;
  run.facade((writer) => writer.create("/a/b", null, "persistent", 0n));
  run.etcd(del("/zk/a/b"));
  const { revision } = run.etcd(put("/zk/a", "foreign"));
  run.mend();
  const a = load(run.store).get("/a")!;
  assert.deepEqual([a.version, a.czxid, a.creates, a.numChildren, a.mzxid], [1, czxid, 1, 0, revision]);
  assert.equal(a.pzxid, revision - 1);
});

test("a mend is proposed until it is done, and no longer", () => {
  const run = new TreeRun();
  run.etcd(put("/zk/a"));
  const isFaulty = (): boolean => run.tree.mends().some(({ path }) => path === "/a");
  assert.ok(isFaulty());
  assert.deepEqual(
    run
      .etcd(put("/zk/other"))
      .mends.map(({ path }) => path)
      .sort(),
    ["/", "/other"],
  );
  assert.ok(isFaulty());
  run.etcd(del("/zk/a"));
  assert.ok(!isFaulty());
});

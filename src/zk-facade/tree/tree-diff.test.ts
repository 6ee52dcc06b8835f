import assert from "node:assert/strict";
import { test } from "node:test";
import { diffTrees, quietParents } from "./tree-diff.ts";
import { del, load, put, TreeRun } from "./testing/tree-run.ts";

function prepared(): TreeRun {
  const run = new TreeRun();
  for (const path of ["/a", "/a/b", "/a/b/c", "/d", "/e"]) {
    run.facade((writer) => writer.create(path, null, "persistent", 0n));
  }
  return run;
}

test("deletes come first and children before parents, then creates the other way round, and changes of data", () => {
  const run = prepared();
  const before = load(run.store);
  run.etcd(del("/zk/a"), put("/zk/d", "x"), put("/zk/n"), put("/zk/n/m"));
  const changes = diffTrees(before, load(run.store)).map(({ type, path }) => `${type} ${path}`);
  assert.deepEqual(changes.slice(0, 3), ["deleted /a/b/c", "deleted /a/b", "deleted /a"]);
  assert.deepEqual([...changes].sort().slice(0, 2), ["created /n", "created /n/m"]);
  assert.ok(changes.indexOf("created /n") < changes.indexOf("created /n/m"));
  assert.ok(changes.includes("dataChanged /d"));
  assert.equal(changes.length, 6);
});

test("a znode that was made again is deleted and created, with all below it", () => {
  const run = prepared();
  const before = load(run.store);
  run.etcd(del("/zk/a"));
  run.etcd(put("/zk/a"));
  const changes = diffTrees(before, load(run.store));
  const names = changes.map(({ type, path }) => `${type} ${path}`);
  assert.deepEqual(names, [
    ...["deleted /a/b/c", "deleted /a/b", "deleted /a"],
    ...["created /a", "created /a/b", "created /a/b/c"],
  ]);
});

test("a child that came and went in between shows at its parent only", () => {
  const run = prepared();
  const before = load(run.store);
  run.facade((writer) => writer.create("/a/x", null, "persistent", 0n));
  run.facade((writer) => writer.delete("/a/x"));
  run.facade((writer) => writer.create("/e/x", null, "persistent", 0n));
  const after = load(run.store);
  const changes = diffTrees(before, after);
  assert.deepEqual(
    changes.map(({ type, path }) => `${type} ${path}`),
    ["created /e/x"],
  );
  assert.deepEqual(quietParents(before, after, changes), [{ path: "/a", acl: after.get("/a")!.acl }]);
});

test("a delete that the later tree does not know of is nothing to tell again", () => {
  const run = prepared();
  run.etcd(del("/zk/a/b/c"));
  const before = run.tree;
  const after = load(run.store);
  assert.ok(Number(before.get("/a/b")!.pzxid) > Number(after.get("/a/b")!.pzxid));
  assert.deepEqual(quietParents(before, after, diffTrees(before, after)), []);
});

test("each change carries the lists that its watchers need", () => {
  const run = prepared();
  run.facade((writer) => writer.setAcl("/a", [{ perms: 1, scheme: "digest", id: "u:x" }]));
  const before = load(run.store);
  run.facade((writer) => writer.delete("/a/b/c"));
  run.facade((writer) => writer.delete("/a/b"));
  const [, deleted] = diffTrees(before, load(run.store));
  assert.deepEqual([deleted!.path, deleted!.parentAcl, deleted!.acl.length], ["/a/b", before.get("/a")!.acl, 1]);
});

test("equal trees do not differ", () => {
  const run = prepared();
  run.etcd(put("/zk/foreign"));
  assert.deepEqual(diffTrees(run.tree, load(run.store)), []);
  assert.deepEqual(quietParents(run.tree, load(run.store), []), []);
});

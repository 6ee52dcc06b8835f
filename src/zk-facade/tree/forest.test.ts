import assert from "node:assert/strict";
import { test } from "node:test";
import { Flag, Forest, ROOT } from "./forest.ts";
import { Double, Int } from "./slab.ts";

function plant(forest: Forest, path: string): number {
  return forest.plant(path, forest.find(path));
}

test("a missing parent is a ghost as long as it has children", () => {
  const forest = new Forest();
  const child = plant(forest, "/x/y");
  const ghost = forest.find("/x");
  assert.ok(ghost !== 0 && !forest.isReal(ghost) && forest.isReal(child));
  assert.equal(forest.find("/x/y/z"), 0);
  assert.ok(forest.hasOrphansBelow("/") && !forest.hasOrphansBelow("/xy") && !forest.hasOrphansBelow("/x/y"));
  const parent = plant(forest, "/x");
  assert.equal(parent, ghost);
  assert.ok(!forest.hasOrphansBelow("/"));
  assert.deepEqual([...forest.orphans()], []);
  forest.uproot(parent);
  assert.ok(forest.find("/x") !== 0 && forest.hasOrphansBelow("/"));
  forest.uproot(child);
  assert.deepEqual([forest.find("/x"), forest.find("/x/y")], [0, 0]);
});

test("orphans are below a path only behind a slash", () => {
  const forest = new Forest();
  plant(forest, "/a");
  plant(forest, "/ab");
  plant(forest, "/ab/ghost/x");
  plant(forest, "/a-/ghost/x");
  assert.deepEqual(
    ["/", "/a", "/ab", "/a-"].map((path) => forest.hasOrphansBelow(path)),
    [true, false, true, true],
  );
});

test("a slot that is used again knows nothing of its former life", () => {
  const forest = new Forest();
  const first = plant(forest, "/a");
  forest.slab.setDouble(first, Double.pzxid, 7);
  forest.slab.setInt(first, Int.creates, 7);
  forest.slab.setLease(first, 7n);
  forest.slab.raise(first, Flag.record | Flag.unrecorded);
  forest.setRecordKind(first, "ttl");
  forest.uproot(first);
  const second = plant(forest, "/b");
  assert.equal(second, first);
  const znode = forest.znode(second);
  assert.deepEqual([znode.path, znode.pzxid, znode.creates, znode.owner, znode.kind], ["/b", 0, 0, 0n, "persistent"]);
  assert.equal(forest.slab.int(second, Int.flags), Flag.data);
});

test("lists are given back when they change, when their znode goes, and when it becomes a ghost", () => {
  const forest = new Forest();
  const { size } = forest.acls;
  const parent = plant(forest, "/a");
  const child = plant(forest, "/a/b");
  for (let perms = 1; perms < 20; perms++) forest.setAcl(parent, [{ perms, scheme: "ip", id: "::1" }]);
  assert.equal(forest.acls.size, size + 1);
  forest.setAcl(child, [{ perms: 2, scheme: "ip", id: "::1" }]);
  forest.uproot(parent);
  forest.uproot(child);
  assert.equal(forest.acls.size, size);
});

test("many slots are many znodes, in whatever order they come and go", () => {
  const forest = new Forest();
  const paths = Array.from({ length: 10_000 }, (_, i) => `/n${i}`);
  const slots = paths.map((path) => plant(forest, path));
  for (const [i, slot] of slots.entries()) forest.slab.setDouble(slot, Double.mzxid, i);
  for (const [i, slot] of slots.entries()) if (i % 3 === 0) forest.uproot(slot);
  const left = paths.filter((_, i) => i % 3 !== 0);
  assert.equal(forest.createdChildren(ROOT), left.length);
  const walked: string[] = [];
  for (let slot = forest.slab.following(ROOT, ROOT); slot !== 0; slot = forest.slab.following(slot, ROOT)) {
    walked.push(forest.slab.path(slot));
  }
  assert.deepEqual(walked.filter((path) => !path.startsWith("/zookeeper")).sort(), left.sort());
  for (const path of left) assert.equal(`/n${forest.slab.double(forest.find(path), Double.mzxid)}`, path);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { FacadeWriter } from "./testing/facade-writer.ts";
import type { KeyOp } from "./testing/key-store.ts";
import { del, keys, put, TreeRun } from "./testing/tree-run.ts";
import { encodeTrace, type TraceEvent } from "./trace.ts";
import type { Applied } from "./tree-applier.ts";
import { shownCversion, shownOwner } from "./znode.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const READ_ONLY = [{ perms: 1, scheme: "digest", id: "u:x" }];

/** "created /a" and so on. */
function told({ changes }: Applied): string[] {
  return changes.map(({ type, path }) => `${type} ${path}`);
}

function created(run: TreeRun, ...paths: readonly string[]): void {
  for (const path of paths) run.facade((writer) => writer.create(path, bytes(""), "persistent", 0n));
}

test("a fresh tree has the znodes of a fresh ZooKeeper, with their stats", () => {
  const { tree } = new TreeRun();
  const zeros = {
    czxid: 0,
    mzxid: 0,
    pzxid: 0,
    ctime: 0,
    mtime: 0,
    version: 0,
    dataLength: 0,
    isNull: false,
    owner: 0n,
  };
  for (const [path, cversion, aversion, numChildren] of [
    ["/", -1, 0, 1],
    ["/zookeeper", -2, 0, 2],
    ["/zookeeper/quota", 0, 0, 0],
    ["/zookeeper/config", 0, -1, 0],
  ] as const) {
    const znode = tree.get(path)!;
    const { czxid, mzxid, pzxid, ctime, mtime, version, dataLength, isNull, owner } = znode;
    assert.deepEqual({ czxid, mzxid, pzxid, ctime, mtime, version, dataLength, isNull, owner }, zeros, path);
    assert.deepEqual(
      [shownCversion(znode), znode.aversion, znode.numChildren],
      [cversion, aversion, numChildren],
      path,
    );
    assert.equal(znode.keyVersion, 0);
  }
  assert.deepEqual(tree.get("/zookeeper/config")!.acl, [{ perms: 1, scheme: "world", id: "anyone" }]);
  assert.deepEqual(tree.get("/")!.acl, [{ perms: 31, scheme: "world", id: "anyone" }]);
  assert.deepEqual(tree.children("/"), ["zookeeper"]);
  assert.deepEqual(tree.children("/zookeeper").sort(), ["config", "quota"]);
  assert.equal(tree.countBelow("/"), 3);
  assert.equal(tree.dataBytes, 44);
  assert.deepEqual(tree.mends(), []);
});

test('"" reads as the root, and what is no znode as nothing', () => {
  const { tree } = new TreeRun();
  assert.equal(tree.get("")?.path, "/");
  assert.deepEqual(tree.children(""), tree.children("/"));
  for (const path of ["foo", "/b/", "//b", "/zookeeper/", "/nope"]) {
    assert.equal(tree.get(path), undefined);
    assert.deepEqual(tree.children(path), []);
    assert.equal(tree.countBelow(path), 0);
  }
});

test("each field of the stat moves as ZooKeeper moves it", () => {
  const run = new TreeRun().at(1000);
  const create = run.facade((writer) => writer.create("/a", bytes("12345"), "persistent", 0n));
  const child = run.facade((writer) => writer.create("/a/b", null, "ephemeral", 5n));
  assert.deepEqual(told(child), ["created /a/b"]);
  const a = run.tree.get("/a")!;
  assert.deepEqual([a.czxid, a.mzxid, a.pzxid], [create.revision, create.revision, child.revision]);
  assert.deepEqual([a.version, shownCversion(a), a.aversion, a.dataLength, a.numChildren], [0, 1, 0, 5, 1]);
  const b = run.tree.get("/a/b")!;
  assert.deepEqual(
    [b.kind, shownOwner(b), b.isNull, b.dataLength, b.pzxid],
    ["ephemeral", 5n, true, 0, child.revision],
  );

  const set = run.at(2000).facade((writer) => writer.setData("/a", bytes("1")));
  const acl = run.facade((writer) => writer.setAcl("/a", READ_ONLY));
  assert.deepEqual(told(set), ["dataChanged /a"]);
  assert.deepEqual(told(acl), []);
  const changed = run.tree.get("/a")!;
  assert.deepEqual([changed.czxid, changed.mzxid, changed.pzxid], [a.czxid, set.revision, a.pzxid]);
  assert.deepEqual([changed.version, changed.aversion, changed.dataLength, changed.acl], [1, 1, 1, READ_ONLY]);
  assert.ok(changed.mtime > changed.ctime);

  const gone = run.facade((writer) => writer.delete("/a/b"));
  assert.deepEqual(told(gone), ["deleted /a/b"]);
  const left = run.tree.get("/a")!;
  assert.deepEqual(
    [left.pzxid, shownCversion(left), left.numChildren, left.mzxid],
    [gone.revision, 2, 0, set.revision],
  );
  assert.deepEqual(run.tree.mends(), []);
});

test("data of the root counts its versions from 0, though its key does so from 1", () => {
  const run = new TreeRun();
  assert.deepEqual(told(run.facade((writer) => writer.setData("/", bytes("x")))), ["dataChanged /"]);
  const root = run.tree.get("/")!;
  assert.deepEqual([root.version, root.keyVersion, root.czxid, root.dataLength], [1, 1, 0, 1]);
  assert.equal(root.mzxid, run.store.revision);
});

test("a put of an etcd client is a create or a setData, with an open list and the time when it was seen", () => {
  const run = new TreeRun().at(111);
  const create = run.etcd(put("/zk/a", "one"));
  assert.deepEqual(told(create), ["created /a"]);
  assert.deepEqual(
    create.mends,
    [
      { path: "/a", fault: "noRecord" },
      { path: "/", fault: "noRecord" },
    ].reverse(),
  );
  const a = run.tree.get("/a")!;
  assert.deepEqual([a.ctime, a.mtime, a.version, a.dataLength, a.czxid], [111, 111, 0, 3, create.revision]);
  assert.deepEqual(a.acl, [{ perms: 31, scheme: "world", id: "anyone" }]);
  const root = run.tree.get("/")!;
  assert.deepEqual([root.creates, root.pzxid, root.numChildren], [1, create.revision, 2]);

  run.mend();
  const set = run.at(222).etcd(put("/zk/a", ""));
  assert.deepEqual(told(set), ["dataChanged /a"]);
  assert.deepEqual(set.mends, [{ path: "/a", fault: "olderRecord" }]);
  const changed = run.tree.get("/a")!;
  assert.deepEqual(
    [changed.ctime, changed.mtime, changed.version, changed.dataLength, changed.isNull],
    [111, 222, 1, 0, false],
  );
});

test("null data that an etcd client overwrites is empty and not null", () => {
  const run = new TreeRun();
  run.facade((writer) => writer.create("/a", null, "persistent", 0n));
  assert.equal(run.tree.get("/a")!.isNull, true);
  run.etcd(put("/zk/a"));
  assert.equal(run.tree.get("/a")!.isNull, false);
});

test("keys without a parent are seen once it is there, parents first, and not before", () => {
  const run = new TreeRun();
  assert.deepEqual(told(run.etcd(put("/zk/a/b/c"))), []);
  assert.deepEqual(told(run.etcd(put("/zk/a/b/d"), put("/zk/a/b/c/e"))), []);
  assert.equal(run.tree.get("/a/b/c"), undefined);
  assert.deepEqual([...run.tree.orphans()].sort(), ["/a/b/c", "/a/b/c/e", "/a/b/d"]);
  assert.ok(run.tree.hasOrphansBelow("/"));
  assert.deepEqual(run.tree.mends(), []);

  assert.deepEqual(told(run.facade((writer) => writer.create("/a", null, "persistent", 0n))), ["created /a"]);
  assert.ok(run.tree.hasOrphansBelow("/a"));
  assert.ok(!run.tree.hasOrphansBelow("/zookeeper"));
  const last = run.facade((writer) => writer.create("/a/b", null, "persistent", 0n));
  const events = told(last);
  assert.equal(events[0], "created /a/b");
  assert.deepEqual([...events].sort(), ["created /a/b", "created /a/b/c", "created /a/b/c/e", "created /a/b/d"]);
  assert.ok(events.indexOf("created /a/b/c") < events.indexOf("created /a/b/c/e"));
  const b = run.tree.get("/a/b")!;
  assert.deepEqual([b.creates, b.numChildren, b.pzxid], [2, 2, last.revision]);
  assert.deepEqual([...run.tree.orphans()], []);
  assert.ok(!run.tree.hasOrphansBelow("/"));
});

test("when an etcd client deletes an inner znode, all below it are gone, deepest first, and come back with it", () => {
  const run = new TreeRun();
  created(run, "/a", "/a/b", "/a/b/c");
  const czxid = run.tree.get("/a/b")!.czxid;
  const gone = run.etcd(del("/zk/a"));
  assert.deepEqual(told(gone), ["deleted /a/b/c", "deleted /a/b", "deleted /a"]);
  assert.deepEqual(gone.mends.map(({ path, fault }) => `${fault} ${path}`).sort(), ["leftover /a", "unrecorded /"]);
  assert.ok(run.tree.hasOrphansBelow("/"));
  const back = run.etcd(put("/zk/a"));
  assert.deepEqual(told(back), ["created /a", "created /a/b", "created /a/b/c"]);
  assert.equal(run.tree.get("/a/b")!.czxid, czxid);
  assert.equal(run.tree.get("/a")!.czxid, back.revision);
});

test("a delete of a whole subtree tells of each znode once, whatever the order of the keys", () => {
  const run = new TreeRun();
  created(run, "/a", "/a/b", "/a/b/c", "/a/d");
  const range: KeyOp = { type: "deleteRange", key: bytes("/zk/a"), rangeEnd: bytes("/zk/b") };
  const events = told(run.etcd(range));
  assert.deepEqual([...events].sort(), ["deleted /a", "deleted /a/b", "deleted /a/b/c", "deleted /a/d"]);
  assert.ok(events.indexOf("deleted /a/b/c") < events.indexOf("deleted /a/b"));
  assert.equal(events.at(-1), "deleted /a");
  assert.deepEqual([...run.tree.orphans()], []);
});

test("a znode that was deleted and made again is another one, and the record it had says nothing about it", () => {
  const run = new TreeRun();
  created(run, "/a", "/a/b");
  run.facade((writer) => writer.setAcl("/a/b", READ_ONLY));
  run.etcd(del("/zk/a/b"));
  const again = run.etcd(put("/zk/a/b", "x"));
  assert.deepEqual(again.mends.map(({ path, fault }) => `${fault} ${path}`).sort(), ["noRecord /a/b", "unrecorded /a"]);
  const b = run.tree.get("/a/b")!;
  assert.deepEqual([b.czxid, b.version, b.aversion, b.acl.length], [again.revision, 0, 0, 1]);
  assert.ok(Number(b.recordRevision) > 0, "its record key is there and must be compared with");
  assert.deepEqual([run.tree.get("/a")!.creates, run.tree.get("/a")!.pzxid], [2, again.revision]);
});

test("the end of a lease deletes its znodes, each told with its list", () => {
  const run = new TreeRun();
  created(run, "/a");
  run.facade((writer) => writer.setAcl("/a", READ_ONLY));
  for (const name of ["x", "y"]) run.facade((writer) => writer.create(`/a/${name}`, null, "ephemeral", 7n));
  assert.deepEqual([...run.tree.ephemeralsOf(7n)].sort(), ["/a/x", "/a/y"]);
  assert.deepEqual([...run.tree.ephemeralOwners()], [7n]);
  const over = run.expire(7n);
  assert.deepEqual(told(over).sort(), ["deleted /a/x", "deleted /a/y"]);
  assert.deepEqual(over.changes[0]!.parentAcl, READ_ONLY);
  assert.deepEqual(over.changes[0]!.acl, [{ perms: 31, scheme: "world", id: "anyone" }]);
  const a = run.tree.get("/a")!;
  assert.deepEqual([a.pzxid, a.creates, a.numChildren], [over.revision, 2, 0]);
  assert.deepEqual(over.mends, [{ path: "/a", fault: "unrecorded" }]);
  assert.deepEqual([[...run.tree.ephemeralsOf(7n)], run.tree.ephemeralCount], [[], 0]);
});

test("a lease that an etcd client attaches makes an ephemeral, and a put without one makes it stay", () => {
  const run = new TreeRun();
  run.etcd(put("/zk/a", "", 5n));
  run.mend();
  assert.deepEqual([run.tree.get("/a")!.kind, [...run.tree.ephemeralsOf(5n)]], ["ephemeral", ["/a"]]);
  const detached = run.etcd(put("/zk/a", "mine"));
  assert.deepEqual(
    [run.tree.get("/a")!.kind, run.tree.get("/a")!.owner, run.tree.ephemeralCount],
    ["persistent", 0n, 0],
  );
  assert.deepEqual(detached.mends, [{ path: "/a", fault: "olderRecord" }]);
  run.mend();
  assert.equal(run.store.get(keys.recordKey("/a"))!.lease, 0n);
  assert.deepEqual(told(run.etcd(put("/zk.x", "", 5n))), []);
  assert.deepEqual(told(run.expire(5n)), []);
  assert.equal(run.tree.get("/a")!.kind, "persistent");
});

test("reserved znodes do not end with a key or a lease, they are empty", () => {
  const run = new TreeRun();
  created(run, "/a");
  assert.deepEqual(told(run.etcd(put("/zk", "data", 5n))), ["dataChanged /"]);
  assert.deepEqual([run.tree.get("/")!.kind, run.tree.get("/")!.owner], ["persistent", 0n]);
  assert.deepEqual(told(run.expire(5n)), ["dataChanged /"]);
  const root = run.tree.get("/")!;
  assert.deepEqual([root.dataLength, root.mzxid, root.version, root.creates], [0, 0, 0, 1]);
  run.etcd(del("/zk.stat"));
  assert.equal(run.tree.get("/")!.creates, 1);
  run.mend();
  assert.deepEqual(run.tree.mends(), []);
});

test("a folded multi is told by its trace: all events, each with the list that held", () => {
  const run = new TreeRun();
  created(run, "/a");
  run.facade((writer) => writer.setAcl("/a", READ_ONLY));
  const trace: readonly TraceEvent[] = [
    { type: "dataChanged", path: "/a", acl: null },
    { type: "created", path: "/a/t", acl: READ_ONLY },
    { type: "deleted", path: "/a/t", acl: null },
    { type: "deleted", path: "/a", acl: null },
    { type: "created", path: "/a", acl: null },
  ];
  const fold = run.facade((writer) => [...writer.recreate("/a", bytes("new")).slice(0, 3), events(trace)]);
  const open = [{ perms: 31, scheme: "world", id: "anyone" }];
  assert.deepEqual(
    fold.changes.map(({ type, path, acl, parentAcl }) => [type, path, acl, parentAcl]),
    [
      ["dataChanged", "/a", READ_ONLY, open],
      ["created", "/a/t", READ_ONLY, READ_ONLY],
      ["deleted", "/a/t", READ_ONLY, READ_ONLY],
      ["deleted", "/a", READ_ONLY, open],
      ["created", "/a", open, open],
    ],
  );
  const a = run.tree.get("/a")!;
  assert.deepEqual([a.czxid, a.mzxid, a.pzxid, a.version, a.creates], [...Array<number>(3).fill(fold.revision), 0, 0]);
  assert.deepEqual(run.tree.mends(), []);

  function events(list: readonly TraceEvent[]): KeyOp {
    return { type: "put", key: keys.eventsKey, value: encodeTrace(list), lease: 0n };
  }
});

test("what a trace does not name is told all the same, after it", () => {
  const run = new TreeRun();
  run.etcd(put("/zk/a/orphan"));
  const trace = encodeTrace([{ type: "created", path: "/a", acl: null }]);
  const ops = run.facade((writer) => [
    ...writer.create("/a", null, "persistent", 0n),
    { type: "put", key: keys.eventsKey, value: trace, lease: 0n },
  ]);
  assert.deepEqual(told(ops), ["created /a", "created /a/orphan"]);
});

test("a trace that is none, or names what can be no znode, tells nothing", () => {
  const run = new TreeRun();
  assert.deepEqual(told(run.etcd(put("/zk.events", "junk"), put("/zk/a"))), ["created /a"]);
  const strange = encodeTrace([{ type: "created", path: "/a//b", acl: null }]);
  assert.deepEqual(told(run.etcd(put("/zk.events", strange))), []);
  assert.deepEqual(told(run.etcd(del("/zk.events"))), []);
});

test("tags, sessions and the meta key are reported", () => {
  const run = new TreeRun();
  const create = run.facade((writer) => writer.create("/a", null, "persistent", 0n));
  assert.deepEqual(
    create.written.map((tag) => tag.facade),
    [1, 1],
  );
  const session = run.etcd(put("/zk.session/00000000000000ff", "s", 255n), put("/zk.meta", "m"));
  assert.ok(session.hasMeta && !create.hasMeta);
  const change = { id: 255n, value: new Uint8Array(bytes("s")), modRevision: session.revision, lease: 255n };
  assert.deepEqual(session.sessions, [change]);
  assert.deepEqual([...run.tree.sessions()], [change]);
  const over = run.expire(255n);
  assert.deepEqual(over.sessions, [{ id: 255n, value: null, modRevision: over.revision, lease: 0n }]);
  assert.deepEqual([...run.tree.sessions()], []);
});

test("a facade that did not see an etcd client's child cannot make the parent's counters go back", () => {
  const run = new TreeRun();
  created(run, "/a");
  const late = new FacadeWriter(keys, run.tree, 1).create("/a/ours", null, "persistent", 0n);
  run.etcd(put("/zk/a/theirs"));
  const { revision, mends } = run.facade(() => late);
  assert.deepEqual([run.tree.get("/a")!.creates, run.tree.get("/a")!.pzxid], [2, revision]);
  assert.ok(mends.some(({ path, fault }) => path === "/a" && fault === "unrecorded"));
});

test("containers are reaped once they are empty again, TTL znodes when their time is over", () => {
  const run = new TreeRun().at(10_000);
  created(run, "/p");
  run.facade((writer) => writer.create("/c", null, "container", 0n));
  run.facade((writer) => writer.create("/t", null, "ttl", 0n));
  assert.deepEqual([run.tree.containerCount, run.tree.ttlCount], [1, 1]);
  const { mtime, ttlMs } = run.tree.get("/t")!;
  const age = (ms: number): number => mtime + ms;
  assert.equal(ttlMs, 1000);
  assert.deepEqual(run.tree.reapable(age(1000), 0), []);
  assert.deepEqual(run.tree.reapable(age(1001), 0), ["/t"]);
  // Never used, and a limit for that.
  assert.deepEqual(run.tree.reapable(age(900), 500), ["/c"]);
  created(run, "/c/x", "/t/x");
  assert.deepEqual(run.tree.reapable(age(9999), 500), []);
  for (const path of ["/c/x", "/t/x"]) run.facade((writer) => writer.delete(path));
  assert.deepEqual(run.tree.reapable(age(0), 0), ["/c"]);
  assert.deepEqual(run.tree.reapable(age(9999), 0).sort(), ["/c", "/t"]);
  run.facade((writer) => writer.delete("/c"));
  assert.deepEqual([run.tree.containerCount, run.tree.reapable(age(0), 0)], [0, []]);
});

test("the stats znode of a quota says what is used, and its own stat stays", () => {
  const run = new TreeRun();
  created(run, "/zookeeper/quota/a");
  const stats = "/zookeeper/quota/a/zookeeper_stats";
  run.facade((writer) =>
    writer.create("/zookeeper/quota/a/zookeeper_limits", bytes("count=5,bytes=-1"), "persistent", 0n),
  );
  run.facade((writer) => writer.create(stats, bytes("count=0,bytes=0"), "persistent", 0n));
  const { version, mzxid } = run.tree.get(stats)!;
  run.facade((writer) => writer.create("/a", bytes("12"), "persistent", 0n));
  run.facade((writer) => writer.create("/a/b", bytes("1234567890"), "persistent", 0n));
  run.facade((writer) => writer.create("/a/c", bytes(""), "persistent", 0n));
  assert.equal(Buffer.from(run.tree.quotaUsage(stats)!).toString(), "count=3,bytes=12");
  const znode = run.tree.get(stats)!;
  assert.deepEqual([znode.dataLength, znode.version, znode.mzxid], ["count=3,bytes=12".length, version, mzxid]);
  run.facade((writer) => writer.setData("/a", bytes("1")));
  run.facade((writer) => writer.delete("/a/c"));
  assert.deepEqual(run.tree.quotaOver("/a/new"), {
    path: "/a",
    count: 5,
    bytes: -1,
    countHardLimit: -1,
    bytesHardLimit: -1,
    usedCount: 2,
    usedBytes: 11,
  });
  run.facade((writer) => writer.setData("/zookeeper/quota/a/zookeeper_limits", bytes("count=6")));
  assert.equal(run.tree.quotaOver("/a")!.count, 6);
  run.facade((writer) => writer.delete("/zookeeper/quota/a/zookeeper_limits"));
  assert.equal(run.tree.quotaOver("/a"), null);
  assert.equal(run.tree.quotaUsage(stats), null);
  assert.equal(run.tree.get(stats)!.dataLength, "count=0,bytes=0".length);
});

test("a path of very many names costs as much as a short one", () => {
  const run = new TreeRun();
  const deep = "/a".repeat(400_000);
  run.etcd(put(`/zk${deep}`), put(`/zk${deep}/b`));
  assert.deepEqual([...run.tree.orphans()].length, 2);
  run.etcd(del(`/zk${deep}`));
  run.etcd(del(`/zk${deep}/b`));
  assert.ok(!run.tree.hasOrphansBelow("/"));
});

test("a chain of very many znodes comes and goes without a stack", () => {
  const run = new TreeRun();
  const paths = Array.from({ length: 3000 }, (_, depth) => "/a".repeat(depth + 1));
  run.etcd(...paths.slice(1).map((path) => put(`/zk${path}`)));
  assert.equal(run.etcd(put("/zk/a")).changes.length, 3000);
  assert.equal(run.tree.countBelow("/"), 3003);
  assert.equal(told(run.etcd(del("/zk/a"))).at(-1), "deleted /a");
});

test("revisions come in their order, and one without events only moves the tree", () => {
  const run = new TreeRun();
  run.etcd(put("/zk/a"));
  assert.throws(() => run.tree.apply(run.tree.revision, [], 0));
  run.tree.progress(100);
  assert.equal(run.tree.revision, 100);
  run.tree.progress(50);
  assert.equal(run.tree.revision, 100);
});

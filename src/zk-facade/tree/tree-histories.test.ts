/** Random histories of facades and etcd clients on one tree, against models too simple to be wrong. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Event } from "../../etcd/wire/mvccpb.ts";
import type { Acl } from "../wire/messages.ts";
import { planMend } from "./mend.ts";
import { childOf, nameOf, parentOf } from "./paths.ts";
import { parseLimits } from "./quota-table.ts";
import { FacadeWriter } from "./testing/facade-writer.ts";
import { KeyStore, type KeyOp } from "./testing/key-store.ts";
import { NAIVE_NOW, naiveTree } from "./testing/naive-tree.ts";
import type { Applied } from "./tree-applier.ts";
import { diffTrees, quietParents } from "./tree-diff.ts";
import { keys, load as loadAt } from "./testing/tree-run.ts";
import type { Znode, ZnodeChange, ZnodeKind } from "./znode.ts";
import type { ZnodeTree } from "./znode-tree.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);

type Action = (store: KeyStore, tree: ZnodeTree, sequence: number) => Event[];

const name = fc.constantFrom("a", "ab", "ä");
const free = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => `/${names.join("/")}`);
const special = fc.constantFrom(
  "/",
  "/zookeeper",
  "/zookeeper/config",
  "/zookeeper/quota/a",
  "/zookeeper/quota/a/zookeeper_limits",
  "/zookeeper/quota/a/zookeeper_stats",
);

/** A path that depends on the tree, so that most of them are znodes or their children to be. */
type Spot = (tree: ZnodeTree) => string;

const anyPath: fc.Arbitrary<Spot> = fc.oneof({ weight: 3, arbitrary: free }, special).map((path) => () => path);
const existing: fc.Arbitrary<Spot> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.nat(1000).map((n): Spot => (tree) => {
      const paths = [...tree.paths()].filter((path) => !path.startsWith("/zookeeper")).sort();
      return paths[n % paths.length]!;
    }),
  },
  anyPath,
);
const spot: fc.Arbitrary<Spot> = fc.oneof(
  existing,
  fc.tuple(existing, name).map(
    ([parent, child]): Spot =>
      (tree) =>
        childOf(parent(tree), child),
  ),
);

const data = fc.constantFrom(null, bytes(""), bytes("one"), bytes("count=5,bytes=9"));
const lease = fc.constantFrom(0n, 0n, 5n, 6n);
const kind = fc.constantFrom<ZnodeKind>("persistent", "persistent", "persistent", "ephemeral", "container", "ttl");
const acl = fc.constantFrom<readonly Acl[] | null>(null, [{ perms: 1, scheme: "digest", id: "u:x" }], []);

const foreignOp: fc.Arbitrary<(tree: ZnodeTree) => KeyOp> = fc
  .record({
    type: fc.constantFrom("put", "put", "put", "put", "delete", "delete", "below", "dropRecord", "garbage", "copy"),
    spot,
    data,
    lease,
  })
  .map((op) => (tree) => {
    const path = op.spot(tree);
    switch (op.type) {
      case "put":
        return put(keys.dataKey(path), op.data, op.lease);
      case "delete":
        return { type: "delete", key: keys.dataKey(path) };
      case "below":
        return { type: "deleteRange", ...keys.dataBelow(path) };
      case "dropRecord":
        return { type: "delete", key: keys.recordKey(path) };
      default:
        return put(keys.recordKey(path), bytes("?"), op.lease);
    }
  });

/** A Txn of an etcd client. */
const foreign: fc.Arbitrary<Action> = fc
  .array(foreignOp, { minLength: 1, maxLength: 4 })
  .map((ops) => (store, tree) => store.txn(ops.map((op) => op(tree))));

/** A record that still describes its data, under another lease. One that does not would be a lie, and is believed. */
const lend: fc.Arbitrary<Action> = fc.tuple(spot, lease).map(([at, l]) => (store, tree) => {
  const path = at(tree);
  const record = store.get(keys.recordKey(path));
  const describes = record !== undefined && record.modRevision >= (store.get(keys.dataKey(path))?.modRevision ?? 0);
  return describes ? store.txn([put(keys.recordKey(path), record.value, l)]) : [];
});

const expiry: fc.Arbitrary<Action> = fc.constantFrom(5n, 6n).map((l) => (store) => store.revoke(l));

const facade: fc.Arbitrary<Action> = fc
  .record({
    operation: fc.constantFrom("create", "create", "create", "setData", "setAcl", "delete", "fold"),
    spot: existing,
    child: name,
    data,
    kind,
    lease: fc.constantFrom(5n, 6n),
    acl,
  })
  .map((order) => (store, tree, sequence) => {
    const writer = new FacadeWriter(keys, tree, sequence);
    const path = order.spot(tree);
    switch (order.operation) {
      case "create":
        return store.txn(writer.create(childOf(path, order.child), order.data, order.kind, order.lease));
      case "setData":
        return store.txn(writer.setData(path, order.data));
      case "setAcl":
        return store.txn(writer.setAcl(path, order.acl));
      case "delete":
        return store.txn(writer.delete(path));
      default:
        // A multi that deletes the znode and makes it again.
        return store.txn(writer.recreate(path, bytes("anew")));
    }
  });

/** A facade that did not see yet what an etcd client put: nothing that it compares tells it. */
const race: fc.Arbitrary<readonly Action[]> = fc
  .tuple(existing, name, fc.option(name), acl)
  .map(([parent, theirs, ours, list]) => {
    let path = "";
    let late: KeyOp[] = [];
    const etcdClient: Action = (store, tree, sequence) => {
      const writer = new FacadeWriter(keys, tree, sequence);
      const top = parent(tree);
      path = ours === null ? top : childOf(top, ours);
      late = ours === null ? writer.setAcl(top, list) : writer.create(path, null, "persistent", 0n);
      return store.txn([put(keys.dataKey(childOf(top, theirs)), null, 0n)]);
    };
    const isRefused = (store: KeyStore): boolean => ours !== null && store.get(keys.dataKey(path)) !== undefined;
    return [etcdClient, (store) => (isRefused(store) ? [] : store.txn(late))];
  });

/** The znodes of a quota, as zkCli makes them: on /a, which may come later or never. */
const quota: readonly Action[] = ["/zookeeper/quota/a", ...["limits", "stats"].map(quotaPath)].map((path) => {
  return (store, tree, sequence) => {
    const writer = new FacadeWriter(keys, tree, sequence);
    return store.txn(writer.create(path, bytes("count=2,bytes=-1"), "persistent", 0n));
  };
});

function quotaPath(which: string): string {
  return `/zookeeper/quota/a/zookeeper_${which}`;
}

const ordinary = fc
  .array(
    fc.oneof(
      { weight: 10, arbitrary: facade.map((action) => [action]) },
      { weight: 4, arbitrary: foreign.map((action) => [action]) },
      { weight: 1, arbitrary: lend.map((action) => [action]) },
      { weight: 1, arbitrary: expiry.map((action) => [action]) },
      { weight: 1, arbitrary: race },
    ),
    { minLength: 5, maxLength: 40, size: "max" },
  )
  .map((actions) => actions.flat());

const history = fc.tuple(fc.boolean(), ordinary).map(([hasQuota, rest]) => (hasQuota ? [...quota, ...rest] : rest));

interface Run {
  readonly store: KeyStore;
  readonly tree: ZnodeTree;
}

const load = (store: KeyStore): ZnodeTree => loadAt(store, NAIVE_NOW);

type Seen = (applied: Applied, before: Map<string, Znode>, after: Map<string, Znode>) => void;

function begin(): Run {
  const store = new KeyStore();
  return { store, tree: load(store) };
}

/** Runs a history, the tree following it revision by revision. */
function follow(actions: readonly Action[], seen?: Seen, run: Run = begin()): Run {
  const { store, tree } = run;
  for (const action of actions) {
    const before = seen === undefined ? undefined : znodes(tree);
    const events = action(store, tree, (run.store.revision + 1) * 10);
    if (events.length === 0) continue;
    const applied = tree.apply(store.revision, events, NAIVE_NOW);
    if (before !== undefined) seen?.(applied, before, znodes(tree));
  }
  return run;
}

/** Mends until nothing is left to mend. Nobody may hear of it. */
function mendAll({ store, tree }: Run): void {
  let sequence = 0;
  for (let mends = tree.mends(); mends.length > 0; mends = tree.mends()) {
    for (const mend of mends) {
      const txn = planMend(tree, keys, mend, { tag: { facade: 9, sequence: sequence++ } });
      if (txn === null) continue;
      const events = store.guarded(txn.compares, txn.operations);
      assert.ok(events !== null && events.length > 0, "the tree is up to date, so its mends hold");
      assert.deepEqual(tree.apply(store.revision, events, NAIVE_NOW + 1).changes, []);
    }
    assert.ok(sequence < 1000, "mending comes to an end");
  }
  for (const { path, owner } of znodes(tree).values()) {
    assert.equal(store.get(keys.recordKey(path))?.lease ?? owner, owner, `the lease of the record of ${path}`);
  }
}

function znodes(tree: ZnodeTree): Map<string, Znode> {
  return new Map([...tree.paths()].map((p) => [p, tree.get(p)!]));
}

function sorted(tree: Map<string, Znode>): Znode[] {
  return [...tree.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Stats znodes show what is used of their quota, not their data. */
function withoutStats(all: readonly Znode[]): Znode[] {
  return all.filter((znode) => !znode.path.endsWith("/zookeeper_stats"));
}

function put(key: Uint8Array, value: Uint8Array | null, l: bigint): KeyOp {
  return { type: "put", key, value: value ?? new Uint8Array(), lease: l };
}

test("a tree that is loaded is what its keys mean", () => {
  fc.assert(
    fc.property(history, (actions) => {
      const { store } = follow(actions);
      const naive = naiveTree(keys, store.all());
      assert.deepEqual(withoutStats(sorted(znodes(load(store)))), withoutStats(sorted(naive)));
    }),
    { numRuns: 300 },
  );
});

test("a tree that followed the history knows what its keys mean, and at least as much of what was not recorded", () => {
  fc.assert(
    fc.property(history, (actions) => {
      const { store, tree } = follow(actions);
      const followed = withoutStats(sorted(znodes(tree)));
      const naive = withoutStats(sorted(naiveTree(keys, store.all())));
      assert.deepEqual(followed.map(recordedPart), naive.map(recordedPart));
      for (const [at, znode] of followed.entries()) {
        assert.ok(znode.creates >= naive[at]!.creates, `creates of ${znode.path}`);
        assert.ok(Number(znode.pzxid) >= Number(naive[at]!.pzxid), `pzxid of ${znode.path}`);
      }
    }),
    { numRuns: 300 },
  );

  function recordedPart(znode: Znode): Partial<Znode> {
    return { ...znode, creates: 0, pzxid: 0, ctime: 0, mtime: 0 };
  }
});

test("what is mended needs no mending, and then a facade that starts knows as much as one that was there", () => {
  fc.assert(
    fc.property(history, (actions) => {
      const run = follow(actions);
      mendAll(run);
      const loaded = load(run.store);
      assert.deepEqual(loaded.mends(), []);
      assert.deepEqual(sorted(znodes(run.tree)), sorted(znodes(loaded)));
    }),
    { numRuns: 300 },
  );
});

test("a facade that starts mends what happened while there was none, and goes on as the others do", () => {
  fc.assert(
    fc.property(history, history, (unseen, seen) => {
      const { store } = follow(unseen);
      const run = { store, tree: load(store) };
      follow(seen, undefined, run);
      mendAll(run);
      const loaded = load(store);
      assert.deepEqual(loaded.mends(), []);
      assert.deepEqual(sorted(znodes(run.tree)), sorted(znodes(loaded)));
    }),
    { numRuns: 200 },
  );
});

test("changes lead from one tree to the next, parents before children, and tell of nothing else", () => {
  fc.assert(
    fc.property(history, (actions) => {
      follow(actions, ({ changes }, before, after) => {
        assert.deepEqual(namesAfter(before, changes), [...after.keys()].sort());
        assertDataChangesTold(before, after, changes);
      });
    }),
    { numRuns: 300 },
  );
});

test("creates and pzxid never go back while a znode lives", () => {
  fc.assert(
    fc.property(history, (actions) => {
      follow(actions, (_applied, before, after) => {
        for (const [p, znode] of after) {
          const old = before.get(p);
          if (old?.czxid !== znode.czxid) continue;
          assert.ok(znode.creates >= old.creates && Number(znode.pzxid) >= Number(old.pzxid), p);
        }
      });
    }),
    { numRuns: 300 },
  );
});

test("the difference of two trees leads from one to the other", () => {
  fc.assert(
    fc.property(history, history, (first, second) => {
      const run = begin();
      const { store } = run;
      follow(first, undefined, run);
      const early = load(store);
      follow(second, undefined, run);
      const late = load(store);
      const changes = diffTrees(early, late);
      const [before, after] = [znodes(early), znodes(late)];
      assert.deepEqual(namesAfter(before, changes), [...after.keys()].sort());
      assertDataChangesTold(before, after, changes);
      const told = new Set(
        changes.filter(({ type }) => type !== "dataChanged").flatMap(({ path: p }) => [p, parentOf(p)]),
      );
      const quiet = quietParents(early, late, changes).map(({ path: p }) => p);
      // A tree that is read later may know less: of a delete by an etcd client no record tells.
      const moved = [...after.values()].filter(
        ({ path: p, pzxid }) => Number(pzxid) > Number(before.get(p)?.pzxid ?? 0),
      );
      assert.deepEqual(new Set(quiet), new Set(moved.map(({ path: p }) => p).filter((p) => !told.has(p))));
    }),
    { numRuns: 200 },
  );
});

test("what is counted and listed agrees with the znodes", () => {
  fc.assert(
    fc.property(history, (actions) => {
      const { store, tree } = follow(actions);
      for (const one of [tree, load(store)]) assertCounts(one, store);
    }),
    { numRuns: 300 },
  );
});

test("no key and no value stops a tree", () => {
  const suffix = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.constantFrom("/", ".stat", ".stat/", ".events", ".meta", ".session/0123456789abcdef", "/a", "/a/b").map(bytes),
  );
  const key = fc.tuple(fc.constantFrom("/zk", "/zk/a", "/zk.stat/a"), suffix).map(([start, end]) => {
    return Buffer.concat([bytes(start), end]);
  });
  const value = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.uint8Array({ maxLength: 60 }).map((rest) => Buffer.concat([Uint8Array.of(1), rest])),
  );
  const op = fc.oneof(
    fc.tuple(key, value, lease).map(([k, v, l]) => put(k, v, l)),
    key.map((k): KeyOp => ({ type: "delete", key: k })),
  );
  fc.assert(
    fc.property(fc.array(fc.array(op, { maxLength: 4 }), { maxLength: 20 }), (txns) => {
      const run = follow(txns.map((ops) => (store) => store.txn(ops)));
      mendAll(run);
      assert.deepEqual(
        withoutStats(sorted(znodes(load(run.store)))),
        withoutStats(sorted(naiveTree(keys, run.store.all()))),
      );
    }),
    { numRuns: 500 },
  );
});

/** Carries out changes on the names of a tree; each must be possible where it stands. */
function namesAfter(before: ReadonlyMap<string, Znode>, changes: readonly ZnodeChange[]): string[] {
  const names = new Set(before.keys());
  for (const { type, path: p } of changes) {
    const parentOrSelf = type === "created" ? parentOf(p) : p;
    assert.ok(names.has(parentOrSelf) && (type !== "created" || !names.has(p)), `${type} ${p}`);
    if (type === "created") names.add(p);
    if (type !== "deleted") continue;
    names.delete(p);
    assert.ok(![...names].some((other) => other !== "/" && parentOf(other) === p), `deleted ${p} before its children`);
  }
  return [...names].sort();
}

function assertDataChangesTold(
  before: ReadonlyMap<string, Znode>,
  after: ReadonlyMap<string, Znode>,
  changes: readonly ZnodeChange[],
): void {
  // A transaction may change the data of a znode and then delete what is above it.
  const replaced = new Set(changes.filter(({ type }) => type !== "dataChanged").map(({ path }) => path));
  const told = changes.filter(({ type, path }) => type === "dataChanged" && !replaced.has(path));
  const changed = [...after.values()].filter(({ path, mzxid }) => {
    return !replaced.has(path) && before.get(path)!.mzxid !== mzxid;
  });
  assert.deepEqual(told.map(({ path }) => path).sort(), changed.map(({ path }) => path).sort());
}

function assertCounts(tree: ZnodeTree, store: KeyStore): void {
  const naive = naiveTree(keys, store.all());
  const all = [...naive.values()];
  const lengths = all.map((znode) => znode.path.length + znode.dataLength);
  assert.equal(tree.znodeCount, all.length);
  assert.equal(tree.dataBytes, sum(lengths));
  for (const owner of [5n, 6n]) {
    const owned = all.filter((znode) => znode.kind === "ephemeral" && znode.owner === owner);
    assert.deepEqual([...tree.ephemeralsOf(owner)].sort(), owned.map((znode) => znode.path).sort());
  }
  const owners = all.filter((znode) => znode.kind === "ephemeral").map((znode) => znode.owner);
  assert.deepEqual(new Set(tree.ephemeralOwners()), new Set(owners));
  assert.equal(tree.ephemeralCount, all.filter((znode) => znode.kind === "ephemeral").length);
  assert.equal(tree.containerCount, all.filter((znode) => znode.kind === "container").length);
  assert.equal(tree.ttlCount, all.filter((znode) => znode.kind === "ttl").length);
  const orphans = store.all().flatMap((kv) => {
    const key = keys.parse(kv.key);
    return key?.space === "data" && !naive.has(key.path) ? [key.path] : [];
  });
  assert.deepEqual([...tree.orphans()].sort(), orphans.sort());
  for (const { path: p } of all) {
    const below = p === "/" ? "/" : `${p}/`;
    const isBelow = (other: string): boolean => other !== "/" && other.startsWith(below);
    assert.equal(tree.hasOrphansBelow(p), orphans.some(isBelow), `orphans below ${p}`);
    assert.equal(tree.countBelow(p), all.filter((znode) => isBelow(znode.path)).length);
    const children = all.filter((znode) => znode.path !== "/" && parentOf(znode.path) === p);
    assert.deepEqual(tree.children(p).sort(), children.map((znode) => nameOf(znode.path)).sort());
  }
  assertQuota(tree, store, all);
}

function assertQuota(tree: ZnodeTree, store: KeyStore, all: readonly Znode[]): void {
  const limits = "/zookeeper/quota/a/zookeeper_limits";
  const stats = "/zookeeper/quota/a/zookeeper_stats";
  if (!all.some((znode) => znode.path === limits)) {
    assert.equal(tree.quotaOver("/a/b"), null);
    assert.equal(tree.quotaUsage(stats), null);
    return;
  }
  const held = all.filter((znode) => znode.path === "/a" || znode.path.startsWith("/a/"));
  const used = { usedCount: held.length, usedBytes: sum(held.map((znode) => znode.dataLength)) };
  const text = Buffer.from(store.get(keys.dataKey(limits))!.value).toString();
  assert.deepEqual(tree.quotaOver("/a/new"), { path: "/a", ...parseLimits(text), ...used });
  assert.equal(tree.quotaOver("/ab"), null);
  const told = all.some((znode) => znode.path === stats)
    ? `count=${used.usedCount},bytes=${used.usedBytes}`
    : undefined;
  const usage = tree.quotaUsage(stats);
  assert.equal(usage === null ? undefined : Buffer.from(usage).toString(), told);
  assert.equal(tree.get(stats)?.dataLength, told?.length);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

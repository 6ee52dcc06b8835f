/** What a client missed, found out from etcd's history, is what it would have got: histories by facades and by etcd clients. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Event } from "../../etcd/wire/mvccpb.ts";
import { STANDARD_ACL_RULES } from "../acl/rules.ts";
import { planCloseSession } from "../ops/close-session.ts";
import type { PlanContext } from "../ops/plan.ts";
import { planWrite } from "../ops/plan-write.ts";
import { KeySpace } from "../tree/key-space.ts";
import { planMend } from "../tree/mend.ts";
import { parentOf } from "../tree/paths.ts";
import { OPEN_ACL } from "../tree/record.ts";
import { KeyStore, type KeyOp } from "../tree/testing/key-store.ts";
import type { Applied } from "../tree/tree-applier.ts";
import { decodeTrace } from "../tree/trace.ts";
import { TreeLoader } from "../tree/tree-loader.ts";
import type { Acl, MultiMember, WriteRequest } from "../wire/messages.ts";
import { EventType } from "../wire/messages.ts";
import { UNKNOWN_ACL } from "./key-history.ts";
import { historyRanges, missedEvents, type LastingWatches } from "./missed-events.ts";
import { WatchTable } from "./watch-table.ts";

const keys = new KeySpace("/zk");
const SESSION = 77n;
const secret: readonly Acl[] = [{ perms: 31, scheme: "digest", id: "ann:x" }];
const typeNames = { 1: "Created", 2: "Deleted", 3: "Changed", 4: "ChildrenChanged" };

interface Revision {
  readonly applied: Applied;
  readonly events: readonly Event[];
}

/** A store, the tree that follows it, and all that happened. */
class World {
  readonly revisions: Revision[] = [];
  readonly tree = new TreeLoader(keys, 0).finish(1);
  readonly #store = new KeyStore();
  #sequence = 0;

  request(request: WriteRequest): void {
    const plan = planWrite(this.tree, keys, request, this.#context());
    if (plan.kind === "plan") this.#run(() => this.#store.guarded([], plan.operations)!);
  }

  closeSession(): void {
    const plan = planCloseSession(this.tree, keys, this.#context());
    if (plan.kind === "plan") this.#run(() => this.#store.guarded([], plan.operations)!);
  }

  foreign(ops: readonly KeyOp[]): void {
    this.#run(() => this.#store.txn(ops));
  }

  /** What a facade does about what etcd clients left. */
  mend(): void {
    for (const mend of this.tree.mends()) {
      const txn = planMend(this.tree, keys, mend, this.#context());
      if (txn !== null) this.#run(() => this.#store.guarded([], txn.operations)!);
    }
  }

  #run(txn: () => readonly Event[]): void {
    const before = new Map(this.#store.all().map((kv) => [textOf(kv.key), kv]));
    const events = txn().map((event): Event => ({ ...event, prevKv: before.get(textOf(event.kv!.key)) ?? null }));
    if (events.length === 0) return;
    this.revisions.push({
      applied: this.tree.apply(this.#store.revision, events, ++this.#sequence),
      events,
    });
  }

  #context(): PlanContext {
    return {
      sessionId: SESSION,
      identities: [],
      nowMs: ++this.#sequence,
      tag: { facade: 1, sequence: this.#sequence },
      rules: { ...STANDARD_ACL_RULES, skipAcl: true, extendedTypes: true, enforceQuota: false },
    };
  }

  /** What a connected client with these watches was told after the first `from` revisions. */
  told(watches: LastingWatches, from: number): Told[] {
    const table = new WatchTable<object>();
    const client = {};
    for (const path of watches.persistent) table.add(path, "persistent", client);
    for (const path of watches.recursive) table.add(path, "recursive", client);
    const told: Told[] = [];
    for (const revision of this.revisions.slice(from)) {
      const { applied } = revision;
      const isPlain = isPlainRevision(revision);
      for (const change of applied.changes) {
        table.fire(change, (_, type, path, acl) => {
          told.push({ text: `${applied.revision} ${typeNames[type]} ${path}`, acl, isPlain });
        });
      }
    }
    return told;
  }

  /** The same, for a client that was away and came back now. */
  missed(watches: LastingWatches, from: number): Omit<Told, "isPlain">[] {
    const all = this.revisions.slice(from).flatMap(({ events }) => events);
    const history = historyRanges(watches, keys).flatMap(({ key, rangeEnd }) => {
      return all.filter(({ kv }) => {
        if (rangeEnd.length === 0) return Buffer.compare(kv!.key, key) === 0;
        return Buffer.compare(kv!.key, key) >= 0 && Buffer.compare(kv!.key, rangeEnd) < 0;
      });
    });
    assert.equal(new Set(history).size, history.length, "no event is read twice");
    return Array.from(missedEvents(watches, history, keys, this.tree), ({ type, path, acl, revision }) => ({
      text: `${revision} ${typeNames[type]} ${path}`,
      acl,
    }));
  }
}

interface Told {
  readonly text: string;
  readonly acl: readonly Acl[];
  /** Nothing came or went with it only since a parent did; of such siblings the order is not promised. */
  readonly isPlain: boolean;
}

/** Each change stands for an event of the trace or, without one, for a key, in the order of the keys. */
function isPlainRevision({ applied, events }: Revision): boolean {
  const paths = applied.changes.map(({ path }) => path);
  const named = { data: [] as string[], events: [] as string[] };
  for (const { kv } of events) {
    const key = keys.parse(kv!.key);
    if (key?.space === "data") named.data.push(key.path);
    if (key?.space === "events") named.events.push(...(decodeTrace(kv!.value) ?? []).map(({ path }) => path));
  }
  if (named.events.length > 0) return paths.every((path) => named.events.includes(path));
  let at = 0;
  for (const path of named.data) if (path === paths[at]) at++;
  return at === paths.length;
}

function textOf(key: Uint8Array): string {
  return Buffer.from(key).toString("latin1");
}

const create = (path: string, acl = OPEN_ACL, flags = 0): MultiMember => {
  return { op: "create", opCode: 1, path, data: Buffer.from("x"), acl, flags, ttl: 0 };
};
const remove = (path: string): MultiMember => ({ op: "delete", path, version: -1 });
const setData = (path: string): MultiMember => ({ op: "setData", path, data: Buffer.from("y"), version: -1 });
const put = (path: string): KeyOp => ({ type: "put", key: keys.dataKey(path), value: Buffer.from("z"), lease: 0n });

describe("what was missed", () => {
  const none: LastingWatches = { persistent: [], recursive: [] };
  const texts = (world: World, watches: Partial<LastingWatches>, from = 0): string[] =>
    world.missed({ ...none, ...watches }, from).map(({ text }) => text);

  function history(): World {
    const world = new World();
    world.request(create("/a"));
    world.request(create("/a/b"));
    world.request(setData("/a/b"));
    world.request(setData("/a"));
    world.request(remove("/a/b"));
    world.request(remove("/a"));
    return world;
  }

  test("a recursive watch missed each change of its subtree, each with its zxid", () => {
    assert.deepEqual(texts(history(), { recursive: ["/a"] }), [
      "2 Created /a",
      "3 Created /a/b",
      "4 Changed /a/b",
      "5 Changed /a",
      "6 Deleted /a/b",
      "7 Deleted /a",
    ]);
  });

  test("a persistent watch missed those of its znode, and children coming and going", () => {
    assert.deepEqual(texts(history(), { persistent: ["/a"] }), [
      "2 Created /a",
      "3 ChildrenChanged /a",
      "5 Changed /a",
      "6 ChildrenChanged /a",
      "7 Deleted /a",
    ]);
    assert.deepEqual(texts(history(), { persistent: ["/a/b"] }, 2), ["4 Changed /a/b", "6 Deleted /a/b"]);
  });

  test("both on one path miss nothing twice", () => {
    assert.deepEqual(texts(history(), { persistent: ["/"], recursive: ["/", "/a"] }, 4), [
      "6 Deleted /a/b",
      "7 Deleted /a",
      "7 ChildrenChanged /",
    ]);
  });

  test("a folded multi tells of each member, even of what is as it was", () => {
    const world = history();
    world.request(create("/n"));
    const members = [create("/m"), setData("/m"), create("/m/c"), remove("/n"), create("/n"), remove("/m/c")];
    world.request({ op: "multi", members });
    assert.deepEqual(texts(world, { recursive: ["/m", "/n"] }, 7), [
      "9 Created /m",
      "9 Changed /m",
      "9 Created /m/c",
      "9 Deleted /n",
      "9 Created /n",
      "9 Deleted /m/c",
    ]);
  });

  test("etcd clients' writes are changes, too, and a missing parent hides what lies below it", () => {
    const world = new World();
    world.foreign([put("/a")]);
    world.foreign([put("/x/y")]);
    world.foreign([put("/x")]);
    world.foreign([{ type: "delete", key: keys.dataKey("/x") }]);
    assert.deepEqual(texts(world, { recursive: ["/"] }), [
      "2 Created /a",
      "4 Created /x",
      "4 Created /x/y",
      "5 Deleted /x/y",
      "5 Deleted /x",
    ]);
    assert.deepEqual(texts(world, { recursive: ["/x/y"] }, 1), ["4 Created /x/y", "5 Deleted /x/y"]);
    assert.deepEqual(texts(world, { persistent: ["/x"] }, 3), ["5 ChildrenChanged /x", "5 Deleted /x"]);
  });

  test("each event comes with the list of its time", () => {
    const world = new World();
    world.request(create("/a", secret));
    world.request(setData("/a"));
    world.request({ op: "setAcl", path: "/a", acl: OPEN_ACL, version: -1 });
    world.request(setData("/a"));
    world.request(remove("/a"));
    const lists = world.missed({ ...none, recursive: ["/a"] }, 1).map(({ acl }) => acl);
    assert.deepEqual(lists, [secret, OPEN_ACL, OPEN_ACL]);
  });

  test("a list that nothing tells any more lets nobody read", () => {
    const world = new World();
    world.request(create("/a", secret));
    world.foreign([{ type: "delete", key: keys.dataKey("/a") }]);
    const [deleted] = world.missed({ ...none, recursive: ["/a"] }, 1);
    assert.equal(deleted!.acl, UNKNOWN_ACL);
    world.foreign([put("/a")]);
    const again = world.missed({ ...none, recursive: ["/a"] }, 1).map(({ acl }) => acl);
    assert.deepEqual(again, [UNKNOWN_ACL, OPEN_ACL], "the next life's list is another");
    world.mend();
    assert.deepEqual(world.missed({ ...none, recursive: ["/a"] }, 1)[0]!.acl, secret, "the record's end tells it");
  });

  test("events are told with ZooKeeper's types", () => {
    const [event] = missedEvents({ ...none, recursive: ["/"] }, history().revisions[0]!.events, keys, new World().tree);
    assert.equal(event!.type, EventType.created);
    assert.equal(event!.revision, 2);
  });
});

describe("the ranges whose history is needed", () => {
  const ranges = (persistent: readonly string[], recursive: readonly string[] = []): string[] =>
    historyRanges({ persistent, recursive }, keys).map(({ key, rangeEnd }) =>
      `${textOf(key)} ${textOf(rangeEnd)}`.trim(),
    );

  const rows: readonly (readonly [paths: readonly string[], ...ranges: readonly string[]])[] = [
    [[]],
    [["/"], "/zk /zk0"],
    [["/a", "/"], "/zk /zk0"],
    [["/a"], "/zk/a /zk/a0", "/zk.stat/a /zk.stat/a0", "/zk.events"],
    [["/a/b/c"], "/zk/a/b/c /zk/a/b/c0", "/zk.stat/a/b/c /zk.stat/a/b/c0", "/zk/a/b", "/zk/a", "/zk.events"],
    [["/b/x", "/d"], "/zk/b/x /zk/d0", "/zk.stat/b/x /zk.stat/d0", "/zk/b", "/zk.events"],
    [["/a", "/a/b"], "/zk/a /zk/a0", "/zk.stat/a /zk.stat/a0", "/zk.events"],
    [
      ["/zookeeper/config"],
      "/zk/zookeeper/config /zk/zookeeper/config0",
      "/zk.stat/zookeeper/config /zk.stat/zookeeper/config0",
      "/zk.events",
    ],
    [["", "a", "/a/", "/../zk.session"]],
  ];
  for (const [paths, ...expected] of rows) {
    test(`of ${paths.join(" and ") || "nothing"}`, () => {
      assert.deepEqual(ranges(paths), expected);
      assert.deepEqual(ranges([], paths), expected);
    });
  }
});

const somePaths = ["/a", "/a/b", "/a/b/c", "/a/b/d", "/a/e", "/f", "/f/g"];
const path = fc.constantFrom(...somePaths, "/zookeeper/config");
const list = fc.constantFrom(OPEN_ACL, OPEN_ACL, secret);
const member = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(path, list, fc.constantFrom(0, 0, 1)).map((args) => create(...args)) },
  { weight: 2, arbitrary: path.map(remove) },
  { weight: 2, arbitrary: path.map(setData) },
);
type Wish = readonly [path: string, isDelete: boolean, acl: readonly Acl[]];

/** Of these wishes a multi that succeeds: each path is created, or deleted or set if it is there. */
function possible(world: World, wishes: readonly Wish[]): MultiMember[] {
  const there = new Set(["/", ...somePaths.filter((path) => world.tree.get(path) !== undefined)]);
  const members: MultiMember[] = [];
  for (const [path, isDelete, acl] of wishes) {
    if (!there.has(path)) {
      if (!there.has(parentOf(path))) continue;
      there.add(path);
      members.push(create(path, acl));
    } else if (!isDelete) {
      members.push(setData(path));
    } else if (![...there].some((other) => other.startsWith(`${path}/`))) {
      there.delete(path);
      members.push(remove(path));
    }
  }
  return members;
}

const byFacade = fc.oneof(
  { weight: 6, arbitrary: member.map((request) => (world: World) => world.request(request)) },
  {
    weight: 4,
    arbitrary: fc
      .array(fc.tuple(fc.constantFrom(...somePaths), fc.boolean(), list), { minLength: 2, maxLength: 12 })
      .map((wishes) => (world: World) => world.request({ op: "multi", members: possible(world, wishes) })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(path, list).map(
      ([path, acl]) =>
        (world: World) =>
          world.request({ op: "setAcl", path, acl, version: -1 }),
    ),
  },
  { weight: 1, arbitrary: fc.constant((world: World) => world.closeSession()) },
);
const keyOp: fc.Arbitrary<KeyOp> = fc.oneof(
  { weight: 4, arbitrary: path.map(put) },
  { weight: 3, arbitrary: path.map((path): KeyOp => ({ type: "delete", key: keys.dataKey(path) })) },
  { weight: 1, arbitrary: path.map((path): KeyOp => ({ type: "delete", key: keys.recordKey(path) })) },
  { weight: 1, arbitrary: path.map((path): KeyOp => ({ type: "deleteRange", ...keys.dataBelow(path) })) },
  { weight: 1, arbitrary: path.map((path): KeyOp => ({ ...put(path), key: keys.recordKey(path) })) },
);
const byAnybody = (keysMax: number): fc.Arbitrary<(world: World) => void> => {
  const ops = fc.array(keyOp, { minLength: 1, maxLength: keysMax });
  return fc.oneof(
    { weight: 4, arbitrary: byFacade },
    { weight: 3, arbitrary: ops.map((ops) => (world: World) => world.foreign(ops)) },
    { weight: 1, arbitrary: fc.constant((world: World) => world.mend()) },
  );
};
const watched = fc.uniqueArray(fc.oneof(path, fc.constantFrom("/", "/zookeeper")), { maxLength: 3 });
const lasting = fc.record({ persistent: watched, recursive: watched });

test("for any history of facades, what was missed is exactly what a connected client was told", () => {
  fc.assert(
    fc.property(fc.array(byFacade, { maxLength: 25 }), fc.nat(25), lasting, (actions, from, watches) => {
      const world = new World();
      for (const act of actions) act(world);
      const told = world.told(watches, from).map(({ text, acl }) => ({ text, acl }));
      assert.deepEqual(world.missed(watches, from), told);
    }),
    { numRuns: 1000 },
  );
});

/** The lists of what nothing tells any more are left out. */
function assertMissed(missed: readonly Omit<Told, "isPlain">[], told: readonly Told[]): void {
  const texts = missed.map(({ text }) => text);
  assert.deepEqual([...texts].sort(), told.map(({ text }) => text).sort());
  const unordered = new Set(told.filter(({ isPlain }) => !isPlain).map(({ text }) => text));
  assert.deepEqual(
    texts.filter((text) => !unordered.has(text)),
    told.filter(({ isPlain }) => isPlain).map(({ text }) => text),
  );
  for (const text of new Set(texts)) {
    const lists = told.filter((event) => event.text === text).map(({ acl }) => acl);
    const found = missed.filter((event) => event.text === text).map(({ acl }) => acl);
    found.forEach((acl, i) => {
      if (acl !== UNKNOWN_ACL) assert.deepEqual(acl, lists[i], text);
    });
  }
}

test("the same with etcd clients who write keys one by one", () => {
  fc.assert(
    fc.property(fc.array(byAnybody(1), { maxLength: 25 }), fc.nat(25), lasting, (actions, from, watches) => {
      const world = new World();
      for (const act of actions) act(world);
      assertMissed(world.missed(watches, from), world.told(watches, from));
    }),
    { numRuns: 1000 },
  );
});

test("the same with transactions of etcd clients, when the root is watched and so the history of all keys is read", () => {
  fc.assert(
    fc.property(fc.array(byAnybody(3), { maxLength: 25 }), fc.nat(25), lasting, (actions, from, { persistent }) => {
      const world = new World();
      for (const act of actions) act(world);
      const watches = { persistent, recursive: ["/"] };
      assertMissed(world.missed(watches, from), world.told(watches, from));
    }),
    { numRuns: 1000 },
  );
});

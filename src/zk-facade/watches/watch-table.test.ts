/** The tables of ZooKeeper's firing rules, row by row, and the table of watches against one too simple to be wrong. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { ZnodeChange } from "../tree/znode.ts";
import { EventType, type Acl } from "../wire/messages.ts";
import { NaiveWatchTable } from "./testing/naive-watch-table.ts";
import { isWatcherType, type Deliver, WatcherType, WatchTable, type WatchMode } from "./watch-table.ts";

interface Client {
  readonly name: string;
}

const alice: Client = { name: "alice" };
const bob: Client = { name: "bob" };
const ownAcl: readonly Acl[] = [{ perms: 1, scheme: "world", id: "anyone" }];
const parentAcl: readonly Acl[] = [{ perms: 31, scheme: "world", id: "anyone" }];
const nameOfType = ["", "Created", "Deleted", "Changed", "ChildrenChanged"];

type Event = readonly [client: string, event: string, path: string];

function change(text: string): ZnodeChange {
  const [type = "", path = ""] = text.split(" ");
  const types = { create: "created", set: "dataChanged", delete: "deleted" } as const;
  return { type: types[type as keyof typeof types], path, acl: ownAcl, parentAcl };
}

function fire(table: WatchTable<Client>, ...changes: readonly string[]): Event[] {
  const events: Event[] = [];
  for (const text of changes) fireAt(table, text, events);
  return events;
}

/** Fires a change ("create /p"), or, with "children /p", what a change of an unknown child would have told. */
function fireAt(table: Pick<WatchTable<Client>, "fire" | "fireChildren">, text: string, events: Event[]): void {
  const tell: Deliver<Client> = ({ name }, type, path) => events.push([name, nameOfType[type]!, path]);
  if (text.startsWith("children ")) table.fireChildren(text.slice("children ".length), parentAcl, tell);
  else table.fire(change(text), tell);
}

/** What one client with these watches ("data /p") is told of a change. */
function told(watches: readonly string[], ...changes: readonly string[]): string[] {
  return fire(tableOf(watches), ...changes).map(([, event, path]) => `${event} ${path}`);
}

function tableOf(watches: readonly string[], watcher = alice, table = new WatchTable<Client>()): WatchTable<Client> {
  for (const watch of watches) {
    const [mode, path] = watch.split(" ") as [WatchMode, string];
    table.add(path, mode, watcher);
  }
  return table;
}

describe("each kind of watch tells of exactly these changes", () => {
  const changes = ["create /p", "set /p", "delete /p", "create /p/c", "set /p/c", "delete /p/c", "create /p/c/d"];
  const rows: readonly (readonly [watches: readonly string[], ...told: readonly string[]])[] = [
    [["data /p"], "Created /p", "Changed /p", "Deleted /p", "", "", "", ""],
    [["child /p"], "", "", "Deleted /p", "ChildrenChanged /p", "", "ChildrenChanged /p", ""],
    [
      ["data /p", "child /p"],
      ...["Created /p", "Changed /p", "Deleted /p", "ChildrenChanged /p", "", "ChildrenChanged /p", ""],
    ],
    [
      ["persistent /p"],
      ...["Created /p", "Changed /p", "Deleted /p", "ChildrenChanged /p", "", "ChildrenChanged /p", ""],
    ],
    [
      ["recursive /p"],
      ...["Created /p", "Changed /p", "Deleted /p"],
      ...["Created /p/c", "Changed /p/c", "Deleted /p/c", "Created /p/c/d"],
    ],
    [
      ["child /p", "recursive /p"],
      ...["Created /p", "Changed /p", "Deleted /p"],
      ...["Created /p/c, ChildrenChanged /p", "Changed /p/c", "Deleted /p/c, ChildrenChanged /p", "Created /p/c/d"],
    ],
    [
      ["data /p/c", "recursive /p/c"],
      ...["", "", "", "Created /p/c", "Changed /p/c", "Deleted /p/c", "Created /p/c/d"],
    ],
    [
      ["recursive /", "recursive /p"],
      ...["Created /p", "Changed /p", "Deleted /p"],
      ...["Created /p/c", "Changed /p/c", "Deleted /p/c", "Created /p/c/d"],
    ],
    [
      ["data /p/c", "child /p"],
      ...["", "", "Deleted /p", "Created /p/c, ChildrenChanged /p", "Changed /p/c"],
      ...["Deleted /p/c, ChildrenChanged /p", ""],
    ],
    [
      ["data /p", "persistent /p", "recursive /p"],
      ...["Created /p", "Changed /p", "Deleted /p"],
      ...["Created /p/c, ChildrenChanged /p", "Changed /p/c", "Deleted /p/c, ChildrenChanged /p", "Created /p/c/d"],
    ],
    [["data /other", "child /p/x", "persistent /pp", "recursive /p/cc"], "", "", "", "", "", "", ""],
  ];
  for (const [watches, ...expected] of rows) {
    test(watches.join(" and "), () => {
      assert.deepEqual(
        changes.map((text) => told(watches, text).join(", ")),
        expected,
      );
    });
  }
});

describe("what consumes a watch", () => {
  test("a one-shot watch tells once", () => {
    assert.deepEqual(told(["data /p"], "set /p", "set /p", "delete /p"), ["Changed /p"]);
    assert.deepEqual(told(["child /p"], "create /p/a", "create /p/b"), ["ChildrenChanged /p"]);
  });

  test("a data watch is not consumed by what happens to children, nor a child watch by a change of the data", () => {
    const watches = ["data /p", "child /p"];
    assert.deepEqual(told(watches, "create /p/a", "create /p/b", "set /p"), ["ChildrenChanged /p", "Changed /p"]);
    assert.deepEqual(told(watches, "set /p", "create /p/a"), ["Changed /p", "ChildrenChanged /p"]);
  });

  test("a delete consumes both of a data and a child watch with one event", () => {
    assert.deepEqual(told(["data /p", "child /p"], "delete /p", "create /p", "create /p/a"), ["Deleted /p"]);
  });

  test("a delete consumes a child watch though a recursive one above has told of it", () => {
    const table = tableOf(["child /p", "recursive /"]);
    assert.deepEqual(fire(table, "delete /p"), [["alice", "Deleted", "/p"]]);
    assert.equal(table.has("/p", WatcherType.children, alice), false);
  });

  test("persistent watches outlive the znode", () => {
    assert.deepEqual(told(["persistent /p"], "create /p", "set /p", "delete /p", "create /p"), [
      "Created /p",
      "Changed /p",
      "Deleted /p",
      "Created /p",
    ]);
    assert.deepEqual(told(["recursive /p"], "delete /p", "create /p"), ["Deleted /p", "Created /p"]);
  });

  test("a one-shot watch beside a persistent one goes, the persistent one stays, and each event is told once", () => {
    const table = tableOf(["data /p", "persistent /p"]);
    assert.equal(fire(table, "set /p").length, 1);
    assert.equal(table.has("/p", WatcherType.data, alice), false);
    assert.equal(table.has("/p", WatcherType.persistent, alice), true);
    assert.equal(fire(table, "set /p").length, 1);
  });

  test("the recursive watch of the root sees everything", () => {
    assert.deepEqual(told(["recursive /"], "set /", "set /zookeeper/config", "create /a/b/c"), [
      "Changed /",
      "Changed /zookeeper/config",
      "Created /a/b/c",
    ]);
  });

  test("one event of one connection changes nothing for another", () => {
    const table = tableOf(["data /p"], bob, tableOf(["data /p"]));
    const events = fire(table, "set /p");
    assert.deepEqual(new Set(events.map(([name]) => name)), new Set(["alice", "bob"]));
    assert.equal(events.length, 2);
  });
});

describe("a change of children that nobody saw", () => {
  const rows: readonly (readonly [watches: readonly string[], ...told: readonly string[]])[] = [
    [["child /p"], "ChildrenChanged /p"],
    [["persistent /p"], "ChildrenChanged /p", "ChildrenChanged /p"],
    [["child /p", "persistent /p"], "ChildrenChanged /p", "ChildrenChanged /p"],
    [["data /p"]],
    [["recursive /p"]],
    [["recursive /"]],
    [["child /", "child /p/c", "persistent /p/c"]],
  ];
  for (const [watches, ...expected] of rows) {
    test(`is told to ${watches.join(" and ")} ${["not at all", "once", "each time"][expected.length]}`, () => {
      assert.deepEqual(told(watches, "children /p", "children /p"), expected);
    });
  }

  test("comes with the znode's own list", () => {
    const table = tableOf(["child /p"]);
    const lists: (readonly Acl[])[] = [];
    table.fireChildren("/p", ownAcl, (_watcher, _type, _path, acl) => lists.push(acl));
    assert.deepEqual(lists, [ownAcl]);
  });
});

test("each event comes with the list that READ is checked against, and a watch is gone before anybody is told", () => {
  const table = tableOf(["data /p/c", "child /p"]);
  const seen: [EventType, readonly Acl[], boolean][] = [];
  table.fire(change("delete /p/c"), (watcher, type, path, acl) => {
    seen.push([type, acl, table.has(path, WatcherType.any, watcher)]);
  });
  assert.deepEqual(seen, [
    [EventType.deleted, ownAcl, false],
    [EventType.childrenChanged, parentAcl, false],
  ]);
  assert.equal(seen[0]![1], ownAcl);
});

test("a connection may be dropped while an event is told, and hears nothing more", () => {
  for (const culprit of [alice, bob]) {
    const table = tableOf(["persistent /p", "recursive /"], bob, tableOf(["persistent /p", "recursive /"]));
    const heard: string[] = [];
    table.fire(change("create /p/c"), ({ name }) => {
      heard.push(name);
      table.drop(culprit);
    });
    const others = heard.filter((name) => name !== culprit.name);
    assert.equal(others.length, 2, "the other one hears of the child and of the parent");
    assert.ok(heard.length <= 3);
    assert.equal(table.has("/p", WatcherType.any, culprit), false);
  }
});

describe("checkWatches and removeWatches", () => {
  const all = ["data /p", "child /p", "persistent /p", "recursive /p"];
  const rows: readonly (readonly [type: WatcherType, left: readonly WatcherType[]])[] = [
    [WatcherType.children, [2, 3, 4, 5]],
    [WatcherType.data, [1, 3, 4, 5]],
    [WatcherType.persistent, [1, 2, 3, 5]],
    [WatcherType.recursive, [1, 2, 3, 4]],
    [WatcherType.any, []],
  ];
  for (const [type, left] of rows) {
    test(`type ${type} takes its own kind and leaves the others`, () => {
      const table = tableOf(all, bob, tableOf(all));
      assert.equal(table.has("/p", type, alice), true);
      assert.equal(table.remove("/p", type, alice), true);
      assert.deepEqual(
        Object.values(WatcherType).filter((other) => table.has("/p", other, alice)),
        left,
      );
      assert.equal(table.remove("/p", type, alice), false);
      assert.deepEqual(
        Object.values(WatcherType).filter((other) => !table.has("/p", other, bob)),
        [],
      );
    });
  }

  test("each kind is found by its own type and by any", () => {
    const found = all.map((watch) => {
      const table = tableOf([watch]);
      return Object.values(WatcherType).filter((type) => table.has("/p", type, alice));
    });
    assert.deepEqual(found, [
      [2, 3],
      [1, 3],
      [3, 4],
      [3, 5],
    ]);
  });

  test("the path must be the very one, also for a recursive watch", () => {
    const table = tableOf(["recursive /a"]);
    assert.equal(table.remove("/a/b", WatcherType.any, alice), false);
    assert.equal(table.has("/a/b", WatcherType.recursive, alice), false);
    assert.equal(table.has("/a", WatcherType.recursive, alice), true);
  });

  test("what is removed tells nothing", () => {
    const table = tableOf(["persistent /p", "recursive /"]);
    table.remove("/p", WatcherType.persistent, alice);
    assert.deepEqual(fire(table, "create /p/c"), [["alice", "Created", "/p/c"]]);
    table.remove("/", WatcherType.any, alice);
    assert.deepEqual(fire(table, "create /p/c", "set /p", "delete /p"), []);
  });

  test("types are 1 to 5", () => {
    assert.deepEqual([-1, 0, 1, 5, 6, 1.5].map(isWatcherType), [false, false, true, true, false, false]);
  });
});

describe("what is counted", () => {
  test("connections, paths and pairs of the data index; the watch count has both indexes", () => {
    const table = tableOf(["data /a", "data /b", "child /a", "persistent /c", "recursive /a"]);
    tableOf(["data /a", "data /a", "child /z"], bob, table);
    assert.deepEqual(table.counts, { connections: 2, paths: 3, watches: 4 });
    assert.equal(table.watchCount, 4 + 3);
  });

  test("a connection without data watches is none, one whose watches have fired still is", () => {
    const table = tableOf(["child /a"]);
    assert.deepEqual(table.counts, { connections: 0, paths: 0, watches: 0 });
    tableOf(["data /a"], alice, table);
    fire(table, "set /a");
    assert.deepEqual(table.counts, { connections: 1, paths: 0, watches: 0 });
    tableOf(["data /a"], alice, table);
    table.remove("/a", WatcherType.data, alice);
    assert.deepEqual(table.counts, { connections: 0, paths: 0, watches: 0 });
    table.drop(alice);
    assert.deepEqual(table.counts, { connections: 0, paths: 0, watches: 0 });
    assert.equal(table.watchCount, 0);
  });
});

test("the watchers of each event of each index are counted", () => {
  const counted: (readonly [type: string, watchers: number])[] = [];
  const table = new WatchTable<Client>((type, watchers) => counted.push([nameOfType[type]!, watchers]));
  const changes = ["create /a", "set /a", "create /a/b", "delete /a/b", "set /none", "delete /a"];
  const carol: Client = { name: "carol" };
  tableOf(["data /a", "child /a", "recursive /a"], alice, table);
  tableOf(["persistent /a", "recursive /"], bob, table);
  tableOf(["child /a/b", "child /"], carol, table);
  const perChange = changes.map((text) => {
    fire(table, text);
    return counted.splice(0).map(([type, watchers]) => `${type} ${watchers}`);
  });
  assert.deepEqual(perChange, [
    // Each once, whatever it has on the path and above.
    ["Created 2", "ChildrenChanged 1"],
    ["Changed 2"],
    ["Created 2", "ChildrenChanged 2"],
    // Those who watch the children of what is gone are counted by themselves.
    ["Deleted 2", "Deleted 1", "ChildrenChanged 1"],
    ["Changed 1"],
    // And counted again, though it was told already.
    ["Deleted 2", "Deleted 1"],
  ]);
});

test("for any history the table agrees with the naive one", () => {
  const path = fc.constantFrom("/", "/a", "/a/b", "/a/b/c", "/a/b/d", "/ab", "/ab/c");
  const watcher = fc.constantFrom<Client>(alice, bob, { name: "carol" });
  const mode = fc.constantFrom<WatchMode>("data", "child", "persistent", "recursive");
  const type = fc.constantFrom(...Object.values(WatcherType));
  const operation = fc.oneof(
    { weight: 6, arbitrary: fc.record({ op: fc.constant("add" as const), path, mode, watcher }) },
    { weight: 2, arbitrary: fc.record({ op: fc.constant("remove" as const), path, type, watcher }) },
    { weight: 2, arbitrary: fc.record({ op: fc.constant("has" as const), path, type, watcher }) },
    { weight: 1, arbitrary: fc.record({ op: fc.constant("drop" as const), watcher }) },
    {
      weight: 6,
      arbitrary: fc.record({
        op: fc.constant("fire" as const),
        path,
        kind: fc.constantFrom("create", "set", "delete", "children"),
      }),
    },
  );
  const perClient = (events: readonly Event[]): Map<string, string[]> => {
    const heard = new Map<string, string[]>();
    for (const [name, event, at] of events) heard.set(name, [...(heard.get(name) ?? []), `${event} ${at}`]);
    return heard;
  };
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 120 }), (operations) => {
      const table = new WatchTable<Client>();
      const naive = new NaiveWatchTable<Client>();
      for (const operation of operations) {
        switch (operation.op) {
          case "add":
            table.add(operation.path, operation.mode, operation.watcher);
            naive.add(operation.path, operation.mode, operation.watcher);
            break;
          case "remove": {
            const { path, type, watcher } = operation;
            assert.equal(table.remove(path, type, watcher), naive.remove(path, type, watcher));
            break;
          }
          case "has": {
            const { path, type, watcher } = operation;
            assert.equal(table.has(path, type, watcher), naive.has(path, type, watcher));
            break;
          }
          case "drop":
            table.drop(operation.watcher);
            naive.drop(operation.watcher);
            break;
          case "fire": {
            const text = `${operation.kind} ${operation.path}`;
            const expected: Event[] = [];
            fireAt(naive, text, expected);
            assert.deepEqual(perClient(fire(table, text)), perClient(expected));
            break;
          }
        }
        assert.equal(table.watchCount, naive.watchCount);
        const { paths, watches } = table.counts;
        assert.deepEqual({ paths, watches }, naive.dataCounts);
      }
      const listed = [...table.byPath()].flatMap(({ path, watchers }) => watchers.map(({ name }) => `${path} ${name}`));
      const owned = [...table.byConnection()].flatMap(({ watcher, paths }) =>
        Array.from(paths, (path) => `${path} ${watcher.name}`),
      );
      assert.deepEqual(listed.sort(), naive.dataPairs());
      assert.deepEqual(owned.sort(), naive.dataPairs());
    }),
    { numRuns: 500 },
  );
});

test("ten thousand connections on one path, and a drop that costs no more than its own watches", () => {
  const table = new WatchTable<Client>();
  const clients = Array.from({ length: 10_000 }, (_, i): Client => ({ name: `client ${i}` }));
  for (const client of clients) {
    table.add("/shared", "data", client);
    table.add("/shared", "child", client);
    table.add(`/own/${client.name}`, "data", client);
  }
  assert.deepEqual(table.counts, { connections: 10_000, paths: 10_001, watches: 20_000 });
  assert.equal(fire(table, "delete /shared").length, 10_000);
  assert.equal(table.watchCount, 10_000);
  for (const client of clients) table.drop(client);
  assert.equal(table.watchCount, 0);
  assert.deepEqual(table.counts, { connections: 0, paths: 0, watches: 0 });
});

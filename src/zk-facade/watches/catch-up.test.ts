/** The rows of ZooKeeper's catch-up table, and that a catch-up makes up for a lost connection. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { znodeWith } from "../../../test/support/zk-znodes.ts";
import { OPEN_ACL } from "../tree/record.ts";
import type { Znode } from "../tree/znode.ts";
import { EventType, type SetWatchesRequest } from "../wire/messages.ts";
import { catchUp, type CatchUpEvent, withoutTold } from "./catch-up.ts";
import { WatchTable } from "./watch-table.ts";

const none = { data: [], exist: [], child: [], persistent: [], recursive: [] };
const typeNames = ["", "Created", "Deleted", "Changed", "ChildrenChanged"];

/** "Deleted /p" for an event, "watch data /p" for a watch. */
function steps(tree: Pick<Map<string, Znode>, "get">, lists: Partial<SetWatchesRequest>, zxid: number): string[] {
  const request: SetWatchesRequest = { op: "setWatches", relativeZxid: zxid, ...none, ...lists };
  return Array.from(catchUp(tree, request, zxid), (step) =>
    step.kind === "event" ? `${typeNames[step.type]!} ${step.path}` : `watch ${step.mode} ${step.path}`,
  );
}

function znode(path: string, zxids: { czxid: number; mzxid: number; pzxid: number }): Znode {
  return znodeWith({ path, ...zxids, createRevision: zxids.czxid, recordRevision: zxids.mzxid });
}

describe("each row of the table", () => {
  const tree = new Map([["/p", znode("/p", { czxid: 5, mzxid: 10, pzxid: 20 })]]);
  const rows: readonly (readonly [list: string, path: string, zxid: number, step: string])[] = [
    ["data", "/gone", 100, "Deleted /gone"],
    ["data", "/p", 9, "Changed /p"],
    ["data", "/p", 10, "watch data /p"],
    ["exist", "/p", 100, "Created /p"],
    ["exist", "/p", 0, "Created /p"],
    ["exist", "/gone", 0, "watch data /gone"],
    ["child", "/gone", 100, "Deleted /gone"],
    ["child", "/p", 19, "ChildrenChanged /p"],
    ["child", "/p", 20, "watch child /p"],
    ["persistent", "/p", 0, "watch persistent /p"],
    ["persistent", "/gone", 0, "watch persistent /gone"],
    ["recursive", "/p", 0, "watch recursive /p"],
  ];
  for (const [list, path, zxid, step] of rows) {
    test(`${list} ${path} since ${zxid}: ${step}`, () => {
      assert.deepEqual(steps(tree, { [list]: [path] }, zxid), [step]);
    });
  }
});

test("the lists are gone through in ZooKeeper's order, and one path may give two events", () => {
  const tree = new Map([["/p", znode("/p", { czxid: 5, mzxid: 10, pzxid: 20 })]]);
  const lists = { recursive: ["/r"], persistent: ["/s"], child: ["/p"], exist: ["/e"], data: ["/p", "/q"] };
  assert.deepEqual(steps(tree, lists, 0), [
    "Changed /p",
    "Deleted /q",
    "watch data /e",
    "ChildrenChanged /p",
    "watch persistent /s",
    "watch recursive /r",
  ]);
});

test("what zxid 0 wrote, the reserved znodes of a fresh tree, has not changed since 0", () => {
  const tree = new Map([["/", znode("/", { czxid: 0, mzxid: 0, pzxid: 0 })]]);
  assert.deepEqual(steps(tree, { data: ["/"], child: ["/"] }, 0), ["watch data /", "watch child /"]);
});

test("a client that was away misses no change: each watch that would have fired gives an event, no other does", () => {
  const paths = ["/a", "/b", "/a/x", "/a/y"];
  const action = fc.record({ path: fc.constantFrom(...paths), kind: fc.constantFrom("set", "toggle") });
  const history = fc.array(action, { maxLength: 12 });
  fc.assert(
    fc.property(history, history, (before, after) => {
      const tree = new Map<string, Znode>([["/", znode("/", { czxid: 0, mzxid: 0, pzxid: 0 })]]);
      const table = new WatchTable<object>();
      const client = {};
      const fired = new Set<string>();
      let zxid = 0;
      const act = ({ path, kind }: { readonly path: string; readonly kind: string }): void => {
        const parent = path.lastIndexOf("/") === 0 ? "/" : "/a";
        const known = tree.get(path);
        const change = { path, acl: OPEN_ACL, parentAcl: OPEN_ACL };
        const note = (_: object, type: EventType, at: string): void => {
          fired.add(`${type === EventType.childrenChanged ? "child" : "data"} ${at}`);
          if (type === EventType.deleted) fired.add(`child ${at}`);
        };
        if (kind === "set") {
          if (known === undefined) return;
          tree.set(path, { ...known, mzxid: ++zxid });
          table.fire({ type: "dataChanged", ...change }, note);
          return;
        }
        const isParentThere = tree.has(parent);
        const hasChildren = path === "/a" && (tree.has("/a/x") || tree.has("/a/y"));
        if (!isParentThere || hasChildren) return;
        tree.set(parent, { ...tree.get(parent)!, pzxid: ++zxid });
        if (known === undefined) tree.set(path, znode(path, { czxid: zxid, mzxid: zxid, pzxid: zxid }));
        else tree.delete(path);
        table.fire({ type: known === undefined ? "created" : "deleted", ...change }, note);
      };
      before.forEach(act);
      const seen = zxid;
      // While connected the client would have read each znode and watched it.
      const there = paths.filter((path) => tree.has(path));
      const missing = paths.filter((path) => !tree.has(path));
      for (const path of paths) table.add(path, "data", client);
      for (const path of there) table.add(path, "child", client);
      after.forEach(act);
      const hasEvent = (list: "data" | "exist" | "child", path: string): boolean => {
        const [step] = steps(tree, { [list]: [path] }, seen);
        return !step!.startsWith("watch");
      };
      for (const path of there) {
        assert.equal(hasEvent("data", path), fired.has(`data ${path}`), `data ${path}`);
        assert.equal(hasEvent("child", path), fired.has(`child ${path}`), `child ${path}`);
      }
      for (const path of missing) {
        // A znode that came and went again while nobody looked is the one thing that cannot be told.
        assert.equal(hasEvent("exist", path), tree.has(path), `exist ${path}`);
      }
    }),
    { numRuns: 500 },
  );
});

describe("beside history", () => {
  const event = (text: string): CatchUpEvent => {
    const [name = "", path = ""] = text.split(" ");
    return { kind: "event", type: typeNames.indexOf(name) as EventType, path };
  };
  const rows: readonly (readonly [caughtUp: string, told: readonly string[], isLeft: boolean])[] = [
    ["Changed /p", [], true],
    ["Changed /p", ["Changed /p"], false],
    ["Changed /p", ["Deleted /p", "Created /p"], false],
    ["Changed /p", ["Changed /p/c", "Changed /pp"], true],
    ["Changed /p", ["ChildrenChanged /p"], true],
    ["Created /p", ["Created /p"], false],
    ["Created /p", ["Changed /p"], false],
    ["Deleted /p", ["Changed /p", "Deleted /p"], false],
    // Had it been allowed to hear of the delete, history would have told of that.
    ["Deleted /p", ["Changed /p"], true],
    ["ChildrenChanged /p", ["ChildrenChanged /p"], false],
    ["ChildrenChanged /p", ["Deleted /p", "Created /p"], false],
    // A recursive watch is told of the child, and by that a watch of children does not end.
    ["ChildrenChanged /p", ["Created /p/c"], true],
    ["ChildrenChanged /p", ["Changed /p"], true],
  ];
  for (const [caughtUp, told, isLeft] of rows) {
    test(`${caughtUp} is ${isLeft ? "" : "not "}told before ${told.join(", ") || "nothing"}`, () => {
      assert.deepEqual(withoutTold([event(caughtUp)], told.map(event)), isLeft ? [event(caughtUp)] : []);
    });
  }
});

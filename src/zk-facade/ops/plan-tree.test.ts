import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Event_EventType, newEvent } from "../../etcd/wire/mvccpb.ts";
import { TreeLoader } from "../tree/tree-loader.ts";
import type { ZnodeTree } from "../tree/znode-tree.ts";
import { command } from "./testing/commands.ts";
import type { TxnOutcome } from "./testing/memory-etcd.ts";
import { type Order, PlannedWorld, replyOf, statOf } from "./testing/planned-world.ts";
import { settled } from "./testing/read-znodes.ts";

test("the tree that follows the store becomes what plans made on it say", () => {
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 40, size: "max" }), (commands) => {
      const world = new PlannedWorld();
      world.populate();
      const tree = load(world);
      for (const next of commands) {
        const order = world.order(next, [...world.model.nodes.keys()]);
        const outcome = world.plan(tree, order);
        if (outcome.kind === "refusal") {
          assert.deepEqual(replyOf(order, outcome.result), world.expect(order));
          continue;
        }
        assert.ok(outcome.kind === "plan");
        const txn = world.execute(outcome);
        assert.equal(txn.succeeded, true);
        assert.deepEqual(replyOf(order, outcome.result), world.expect(order));
        if (txn.events.length === 0) continue;
        follow(tree, txn, order, world);
        for (const [path, znode] of outcome.changes) {
          assert.deepEqual(tree.get(path), znode === null ? undefined : settled(znode));
        }
      }
      assert.deepEqual(statsOf(tree), statsOf(load(world)));
      assert.deepEqual([...tree.orphans()], []);
      assert.deepEqual(tree.mends(), []);
    }),
    { numRuns: 60, includeErrorInReport: true },
  );
});

function load(world: PlannedWorld): ZnodeTree {
  const loader = new TreeLoader(world.keys, 1000);
  for (const kv of world.store.all()) loader.add(kv);
  for (const key of loader.valuesNeeded()) loader.addValue(world.store.get(key)!);
  return loader.finish(world.store.revision);
}

/** Lets the tree see a transaction: it tells what ZooKeeper's watchers hear, finds our tag, and has nothing to mend. */
function follow(tree: ZnodeTree, txn: TxnOutcome, order: Order, world: PlannedWorld): void {
  const events = txn.events.map(({ type, kv }) => {
    return newEvent({ type: type === "put" ? Event_EventType.PUT : Event_EventType.DELETE, kv });
  });
  const applied = tree.apply(txn.revision, events, order.nowMs);
  const told = applied.changes.map(({ type, path }) => ({ type, path }));
  const expected = [...world.model.events];
  if (order.kind === "close") for (const list of [told, expected]) list.sort((a, b) => (a.path < b.path ? -1 : 1));
  assert.deepEqual(told, expected);
  assert.deepEqual(applied.mends, []);
}

function statsOf(tree: ZnodeTree): unknown[] {
  return [...tree.paths()].sort().map((path) => [path, statOf(tree.get(path)!), tree.get(path)!.acl]);
}

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Plan } from "./plan.ts";
import { command } from "./testing/commands.ts";
import type { QuotaLimits } from "./testing/map-view.ts";
import { eventsOf, type Order, PlannedWorld, replyOf } from "./testing/planned-world.ts";
import { settled } from "./testing/read-znodes.ts";

const quotas: readonly QuotaLimits[] = [
  { path: "/b", count: -1, bytes: -1, countHardLimit: 4, bytesHardLimit: 6 },
  { path: "/b/x", count: 1, bytes: 1, countHardLimit: -1, bytesHardLimit: 3 },
];

const lengths = { minLength: 1, maxLength: 60, size: "max" } as const;

test("plans that are carried out one by one do what ZooKeeper does", () => {
  fc.assert(
    fc.property(fc.array(command, lengths), (commands) => {
      const world = new PlannedWorld({ quotas });
      world.populate();
      for (const next of commands) {
        const order = world.order(next, [...world.model.nodes.keys()]);
        const outcome = world.plan(world.view(), order);
        assert.notEqual(outcome.kind, "blocked");
        if (outcome.kind === "plan") carryOut(world, order, outcome);
        else if (outcome.kind === "refusal") assert.deepEqual(replyOf(order, outcome.result), world.expect(order));
        world.assertLikeModel();
      }
    }),
    { numRuns: 100, includeErrorInReport: true },
  );
});

/** Carries a plan out, which must work, and checks its answer, its events and what it said of the znodes to be. */
function carryOut(world: PlannedWorld, order: Order, plan: Plan): void {
  const txn = world.execute(plan);
  assert.equal(txn.succeeded, true);
  assert.deepEqual(replyOf(order, plan.result), world.expect(order));
  if (order.kind === "close") assert.deepEqual(sortedPaths(eventsOf(txn, world.keys)), sortedPaths(world.model.events));
  else assert.deepEqual(eventsOf(txn, world.keys), world.model.events);
  if (plan.operations.length > 0 && order.kind !== "close") assert.notEqual(plan.witness, null);
  const found = world.znodes();
  for (const [path, znode] of plan.changes) {
    assert.deepEqual(found.get(path), znode === null ? undefined : settled(znode));
    if (path === plan.witness)
      assert.deepEqual(world.store.get(world.keys.recordKey(path))?.value, bytes(znode!.record!));
  }
}

function bytes(array: Uint8Array): Uint8Array {
  return Uint8Array.from(array);
}

function sortedPaths(events: readonly { readonly type: string; readonly path: string }[]): string[] {
  return events.map(({ type, path }) => `${type} ${path}`).sort();
}

/** What to do next: plan something, or let the oldest plan arrive. */
const step = fc.oneof(
  { weight: 3, arbitrary: command.map((next) => ({ next })) },
  { weight: 1, arbitrary: fc.constant({ next: null }) },
);

test("plans made on plans that are on their way do the same", () => {
  let planned = 0;
  let blocked = 0;
  fc.assert(
    fc.property(fc.array(step, lengths), (steps) => {
      const world = new PlannedWorld({ quotas });
      world.populate();
      const flying: { order: Order; plan: Plan | null; result: Plan["result"] }[] = [];
      let view = world.view();
      const arrive = (): void => {
        const first = flying.shift();
        if (first === undefined) return;
        // Even a refusal is told when its turn comes: it rests on the plans before it.
        if (first.plan !== null) assert.equal(world.execute(first.plan).succeeded, true);
        assert.deepEqual(replyOf(first.order, first.result), world.expect(first.order));
        world.assertLikeModel();
        // The tree has it now, with numbers; those still on their way lie over it, some of their zxids known by now.
        view = flying.reduce((base, { plan }) => (plan === null ? base : base.with(plan.changes)), world.view());
      };
      for (const { next } of steps) {
        if (next === null) {
          arrive();
          continue;
        }
        const order = world.order(next, [...world.model.nodes.keys(), "/a/x", "/a/y", "/b/x"]);
        let outcome = world.plan(view, order);
        planned++;
        if (outcome.kind === "blocked") {
          blocked++;
          assert.ok(flying.some(({ plan }) => outcome.kind === "blocked" && plan?.zxid === outcome.on));
          while (flying.length > 0) arrive();
          outcome = world.plan(view, order);
        }
        if (outcome.kind === "blocked") assert.fail("blocked by nothing");
        const plan = outcome.kind === "plan" ? outcome : null;
        flying.push({ order, plan, result: outcome.result });
        if (plan !== null) view = view.with(plan.changes);
      }
      while (flying.length > 0) arrive();
    }),
    { numRuns: 100, includeErrorInReport: true },
  );
  // Waiting is the exception, and it is tested.
  assert.ok(blocked > 0 && blocked * 10 < planned, `${blocked} of ${planned}`);
});

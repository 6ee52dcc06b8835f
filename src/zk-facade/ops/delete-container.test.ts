import assert from "node:assert/strict";
import { test } from "node:test";
import { OPEN_ACL } from "../tree/record.ts";
import type { Znode } from "../tree/znode.ts";
import type { CreateRequest, WriteRequest } from "../wire/messages.ts";
import { isReapable, planDeleteContainer } from "./delete-container.ts";
import type { PlanContext } from "./plan.ts";
import { clients } from "./testing/commands.ts";
import { PlannedWorld, planRules } from "./testing/planned-world.ts";

const client = clients[0]!;

function create(path: string, opCode: CreateRequest["opCode"], flags: number, ttl = 0): CreateRequest {
  return { op: "create", opCode, path, data: null, acl: OPEN_ACL, flags, ttl };
}

function done(world: PlannedWorld, request: WriteRequest, nowMs = 1000): void {
  const plan = world.plan(world.view(), { kind: "write", client, nowMs, request });
  assert.ok(plan.kind === "plan" && world.execute(plan).succeeded);
}

function context(nowMs: number): PlanContext {
  return { sessionId: 0n, identities: [], nowMs, tag: { facade: 1, sequence: 1_000_000 }, rules: planRules };
}

function world(): PlannedWorld {
  const made = new PlannedWorld();
  done(made, create("/never", 19, 4));
  done(made, create("/used", 19, 4));
  done(made, create("/used/c", 1, 0));
  done(made, { op: "delete", path: "/used/c", version: -1 });
  done(made, create("/busy", 19, 4));
  done(made, create("/busy/c", 1, 0));
  done(made, create("/ttl", 21, 5, 50));
  done(made, create("/plain", 1, 0));
  done(made, create("/eph", 1, 1));
  return made;
}

test("containers go when they had children and TTL znodes when their time is over", () => {
  const made = world();
  const outcomeOf = (path: string, nowMs: number, neverUsedMsMax = 0): string => {
    const outcome = planDeleteContainer(made.view(), made.keys, path, context(nowMs), neverUsedMsMax);
    return outcome.kind === "refusal" && outcome.result.type === "error" ? outcome.result.code : outcome.kind;
  };
  assert.equal(outcomeOf("/used", 1000), "plan");
  assert.equal(outcomeOf("/never", 1_000_000), "badVersion");
  assert.equal(outcomeOf("/never", 1100, 100), "badVersion");
  assert.equal(outcomeOf("/never", 1101, 100), "plan");
  assert.equal(outcomeOf("/busy", 1000), "notEmpty");
  assert.equal(outcomeOf("/ttl", 1050), "badVersion");
  assert.equal(outcomeOf("/ttl", 1051), "plan");
  assert.equal(outcomeOf("/plain", 9999), "badVersion");
  assert.equal(outcomeOf("/eph", 9999), "badVersion");
  assert.equal(outcomeOf("/nope", 9999), "noNode");
  assert.equal(outcomeOf("/", 9999), "badArguments");
  assert.equal(outcomeOf("nope", 9999), "badArguments");
});

test("a TTL runs from the last setData, and children stop it", () => {
  const znode = world().znodes().get("/ttl")!;
  const reapable = (change: Partial<Znode>, nowMs: number): boolean => isReapable({ ...znode, ...change }, nowMs, 0);
  assert.equal(reapable({ mtime: 2000 }, 2050), false);
  assert.equal(reapable({ mtime: 2000 }, 2051), true);
  assert.equal(reapable({ numChildren: 1 }, 9999), false);
});

test("what happens to the znode before it is gone keeps it", () => {
  const cases: readonly (readonly [path: string, between: WriteRequest])[] = [
    ["/used", create("/used/again", 1, 0)],
    ["/ttl", { op: "setData", path: "/ttl", data: null, version: -1 }],
    ["/used", { op: "multi", members: [{ op: "delete", path: "/used", version: -1 }, create("/used", 19, 4)] }],
    ["/used", { op: "delete", path: "/used", version: -1 }],
  ];
  for (const [path, between] of cases) {
    const made = world();
    const plan = planDeleteContainer(made.view(), made.keys, path, context(9999));
    assert.ok(plan.kind === "plan");
    done(made, between);
    assert.equal(made.execute(plan).succeeded, false);
  }
});

test("the parent of what was reaped is told", () => {
  const made = world();
  const before = made.znodes().get("/")!;
  const plan = planDeleteContainer(made.view(), made.keys, "/used", context(1000));
  assert.ok(plan.kind === "plan" && made.execute(plan).succeeded);
  const after = made.znodes().get("/")!;
  assert.equal(made.znodes().get("/used"), undefined);
  assert.deepEqual([after.numChildren, after.creates], [before.numChildren - 1, before.creates]);
  assert.equal(after.pzxid, made.store.revision);
});

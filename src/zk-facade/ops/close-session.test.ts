import assert from "node:assert/strict";
import { test } from "node:test";
import { OPEN_ACL } from "../tree/record.ts";
import { PendingZxid } from "../tree/znode.ts";
import { planCloseSession, planCloseSessionPart } from "./close-session.ts";
import type { Plan, PlanContext } from "./plan.ts";
import { clients } from "./testing/commands.ts";
import { PlannedWorld, planRules } from "./testing/planned-world.ts";

const [client, other] = clients as readonly [(typeof clients)[0], (typeof clients)[0]];
const context: PlanContext = {
  sessionId: client.session,
  identities: [],
  nowMs: 9000,
  tag: { facade: 1, sequence: 1_000_000 },
  rules: planRules,
};

function create(world: PlannedWorld, path: string, flags: number, by = client): void {
  const request = { op: "create", opCode: 1, path, data: null, acl: OPEN_ACL, flags, ttl: 0 } as const;
  const plan = world.plan(world.view(), { kind: "write", client: by, nowMs: 1, request });
  assert.ok(plan.kind === "plan" && world.execute(plan).succeeded);
}

function withEphemerals(): PlannedWorld {
  const world = new PlannedWorld();
  for (const path of ["/a", "/b"]) create(world, path, 0);
  for (const path of ["/a/1", "/b/1", "/a/2", "/3", "/b/2", "/a/3"]) create(world, path, 1);
  create(world, "/a/other", 1, other);
  world.store.put(world.keys.sessionKey(client.session), new Uint8Array(1), client.session);
  return world;
}

function planOf(outcome: ReturnType<typeof planCloseSession>): Plan {
  assert.ok(outcome.kind === "plan");
  return outcome;
}

test("a session's ephemerals and its key go at once, and each parent is written once", () => {
  const world = withEphemerals();
  const plan = planOf(planCloseSession(world.view(), world.keys, context));
  assert.equal(world.execute(plan).succeeded, true);
  const znodes = world.znodes();
  const left = [...znodes.keys()].filter((path) => !path.startsWith("/zookeeper")).sort();
  assert.deepEqual(left, ["/", "/a", "/a/other", "/b"]);
  for (const path of ["/", "/a", "/b"]) assert.equal(znodes.get(path)!.pzxid, world.store.revision);
  assert.deepEqual([znodes.get("/a")!.creates, znodes.get("/a")!.numChildren], [4, 1]);
  assert.equal(world.store.get(world.keys.sessionKey(client.session)), undefined);
  assert.ok(["/", "/a", "/b"].includes(plan.witness!));
  // Nothing was touched twice, so no trace is needed.
  assert.equal(world.store.get(world.keys.eventsKey), undefined);
});

test("a session without ephemerals leaves nothing but its key", () => {
  const world = withEphemerals();
  const plan = planOf(planCloseSession(world.view(), world.keys, { ...context, sessionId: 0x999n }));
  assert.equal(plan.operations.length, 1);
  assert.equal(plan.compares.length, 0);
  assert.equal(plan.witness, null);
  assert.equal(plan.changes.size, 0);
});

test("a close is cut to a limit, each part within it, and the last one ends the session", () => {
  for (const operationsMax of [5, 6, 7, 8, 10, 12, 100]) {
    const world = withEphemerals();
    const session = world.keys.sessionKey(client.session);
    let parts = 0;
    for (let isLast = false; !isLast; parts++) {
      const part = planCloseSessionPart(world.view(), world.keys, context, operationsMax);
      assert.ok(part.kind === "part");
      assert.ok(part.plan.operations.length <= operationsMax && part.plan.compares.length <= operationsMax);
      assert.ok(world.store.get(session) !== undefined);
      assert.equal(world.execute(part.plan).succeeded, true);
      ({ isLast } = part);
    }
    assert.deepEqual([...world.view().ephemeralsOf(client.session)], []);
    assert.equal(world.store.get(session), undefined);
    assert.equal(parts > 1, operationsMax < 20);
  }
});

test("ephemerals that an etcd client put below an ephemeral go with it", () => {
  const world = withEphemerals();
  // As ephemerals they have records, which only a facade writes: one that mends what the etcd client did.
  const znodes = world.znodes();
  const child = { ...znodes.get("/a/1")!, path: "/a/1/x" };
  world.store.put(world.keys.dataKey("/a/1/x"), new Uint8Array(), client.session);
  world.store.put(world.keys.recordKey("/a/1/x"), world.store.get(world.keys.recordKey("/a/1"))!.value, client.session);
  assert.equal(world.znodes().get("/a/1/x")!.kind, child.kind);
  const plan = planOf(planCloseSession(world.view(), world.keys, context));
  assert.equal(world.execute(plan).succeeded, true);
  assert.equal(world.store.get(world.keys.dataKey("/a/1/x")), undefined);
  assert.equal(world.store.get(world.keys.recordKey("/a/1")), undefined);
});

test("a close waits when a parent was deleted and created anew on the way", () => {
  const world = withEphemerals();
  const znodes = world.znodes();
  const reborn = new PendingZxid();
  const a = { ...znodes.get("/a")!, czxid: reborn, pzxid: reborn, mzxid: reborn, recordRevision: reborn };
  const view = world.view().with(new Map([["/a", { ...a, record: new Uint8Array(1) }]]));
  assert.deepEqual(planCloseSession(view, world.keys, context), { kind: "blocked", on: reborn });
});

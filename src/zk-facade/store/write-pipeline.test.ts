import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { clients, command, type Command } from "../ops/testing/commands.ts";
import { OPEN_ACL } from "../tree/record.ts";
import { type CreateRequest, OpCode } from "../wire/messages.ts";
import { type Fate, PipelineWorld, type Submitted } from "./testing/pipeline-world.ts";

type Step =
  | { readonly kind: "submit"; readonly commands: readonly Command[] }
  | { readonly kind: "interfere"; readonly command: Command }
  | { readonly kind: "deliver"; readonly at: number; readonly fate: Fate }
  | { readonly kind: "answer"; readonly at: number }
  | { readonly kind: "feed"; readonly count: number }
  | { readonly kind: "surface" }
  | { readonly kind: "reconnect"; readonly at: number };

const at = fc.nat({ max: 20 });
/** What is given up is never carried out behind what came later where the store keeps the order. */
const fateOf = (isOrdered: boolean): fc.Arbitrary<Fate> =>
  fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom<Fate>("answered", "applied") },
    { weight: 1, arbitrary: fc.constantFrom<Fate>("answer lost", isOrdered ? "lost" : "limbo") },
    { weight: 1, arbitrary: fc.constantFrom<Fate>("refused", "over quota", "unleased") },
  );
const stepOf = (isOrdered: boolean): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("submit" as const),
        commands: fc.array(command, { minLength: 1, maxLength: 4 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("interfere" as const), command }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("deliver" as const), at, fate: fateOf(isOrdered) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("answer" as const), at }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("surface" as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("reconnect" as const), at }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("feed" as const), count: fc.integer({ min: 1, max: 3 }) }) },
  );

for (const isOrdered of [true, false]) {
  const store = isOrdered ? "a store that keeps the order" : "a store that does not keep the order";
  test(`every write over ${store} ends once, as the model says, in its session's order`, async () => {
    const seen = { done: 0, lost: 0, applied: 0, reattached: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(stepOf(isOrdered), { minLength: 1, maxLength: 60, size: "max" }), async (steps) => {
        const world = new PipelineWorld({ isOrdered });
        for (const next of steps) {
          take(world, next);
          await settle();
        }
        await finish(world);
        for (const fault of world.faults) throw fault;
        world.assertLikeModel();
        for (const write of world.submitted) {
          assert.equal(write.settled.length, 1);
          seen[write.settled[0]!.kind]++;
          if (write.appliedAt !== null) seen.applied++;
        }
        seen.reattached += world.reattached;
        assertOrder(world.submitted);
      }),
      { numRuns: 150, includeErrorInReport: true },
    );
    // All of it happened.
    assert.ok(
      seen.applied > 200 && seen.done > seen.applied && seen.lost > 20 && seen.reattached > 20,
      JSON.stringify(seen),
    );
  });
}

function take(world: PipelineWorld, next: Step): void {
  switch (next.kind) {
    case "submit":
      for (const each of next.commands) world.submit(each);
      break;
    case "interfere":
      world.interfere(next.command);
      break;
    case "deliver":
      world.deliver(next.at, next.fate);
      break;
    case "answer":
      world.answer(next.at);
      break;
    case "feed":
      world.feed(next.count);
      break;
    case "surface":
      world.surface();
      break;
    case "reconnect":
      world.reconnect(next.at);
  }
}

/** From now on the store answers and the watch brings everything: then nothing may be left. */
async function finish(world: PipelineWorld): Promise<void> {
  for (let idle = 0; idle < 3;) {
    world.surface();
    const isMoving = [world.deliver(0, "answered"), world.answer(0), world.feed(1)].includes(true);
    idle = isMoving ? 0 : idle + 1;
    await settle();
  }
  assert.equal(world.outstanding, 0, "something waits for nothing");
}

/**
 * The writes of a session took effect in its order, what it is told never goes back, and what a connection sent behind a
 * write that was not done was not done either.
 */
function assertOrder(submitted: readonly Submitted[]): void {
  assertNothingBehindLost(submitted);
  const sessions = new Set(submitted.map(({ session }) => session));
  for (const session of sessions) {
    if (session === null) continue;
    let appliedAt = 0;
    let told = 0;
    for (const write of submitted) {
      if (write.session !== session) continue;
      if (write.appliedAt !== null) {
        assert.ok(write.appliedAt > appliedAt, `applied at ${write.appliedAt} after ${appliedAt}`);
        ({ appliedAt } = write);
      }
      const [end] = write.settled;
      if (end?.kind !== "done") continue;
      assert.ok(end.revision >= told, `told ${end.revision} after ${told}`);
      told = end.revision;
    }
  }
}

function assertNothingBehindLost(submitted: readonly Submitted[]): void {
  for (const [index, { session, connection, appliedAt, settled }] of submitted.entries()) {
    const [end] = settled;
    if (session === null || end?.kind !== "lost" || appliedAt !== null) continue;
    for (const write of submitted.slice(index, end.before)) {
      const isBehind = write.session === session && write.connection === connection;
      if (isBehind) assert.equal(write.appliedAt, null, "applied behind a write that was lost");
    }
  }
}

for (const isOrdered of [true, false]) {
  test(`what a connection sends is not lost with what the one before had sent (ordered: ${isOrdered})`, async () => {
    const world = new PipelineWorld({ isOrdered });
    const submit = (path: string): void =>
      world.submit({ client: clients[0]!, draw: { kind: "write", request: () => createOf(path) }, afterMs: 0 });
    submit("/early");
    world.reconnect(0);
    await settle();
    while (world.feed(1));
    submit("/late");
    await settle();
    world.deliver(0, isOrdered ? "lost" : "limbo");
    await finish(world);
    assert.deepEqual(
      world.submitted.map(({ settled }) => settled.map(({ kind }) => kind)),
      [["lost"], ["done"]],
    );
  });
}

describe("a write that is refused for lack of space", () => {
  function refused(fate: Fate): { readonly world: PipelineWorld; readonly finished: Promise<void> } {
    const world = new PipelineWorld({ isOrdered: true });
    for (const path of ["/first", "/second"]) {
      world.submit({ client: clients[0]!, draw: { kind: "write", request: () => createOf(path) }, afterMs: 0 });
    }
    const delivered = settle().then(() => {
      world.deliver(0, fate);
      world.deliver(0, "refused");
    });
    return { world, finished: delivered.then(() => finish(world)) };
  }
  const endsOf = ({ submitted }: PipelineWorld): string[] => submitted.map(({ settled }) => settled[0]!.kind);

  test("ends its connection, and needs no fence: the client may come back, though nothing can be written", async () => {
    const { world, finished } = refused("refused");
    await finished;
    assert.deepEqual(endsOf(world), ["lost", "lost"]);
    const [{ session }] = world.submitted as [Submitted, ...Submitted[]];
    assert.deepEqual([session!.needsFence, session!.writesUnderWay], [false, 0]);
    assert.ok(world.reattached > 0);
  });

  test("is done if it is the one that goes over the quota, which etcd keeps and refuses all the same", async () => {
    const { world, finished } = refused("over quota");
    await finished;
    assert.deepEqual(endsOf(world), ["done", "lost"]);
  });
});

describe("a write that is refused for a lease that is not there", () => {
  function submitted(): PipelineWorld {
    const world = new PipelineWorld({ isOrdered: true });
    world.submit({ client: clients[0]!, draw: { kind: "write", request: () => createOf("/first") }, afterMs: 0 });
    return world;
  }
  async function deliver(world: PipelineWorld, fate: Fate): Promise<void> {
    while (world.feed(1));
    await settle();
    assert.equal(world.deliver(0, fate), true);
    await settle();
  }

  test("is planned again, since the tree may show by then what became of the lease", async () => {
    const world = submitted();
    await deliver(world, "unleased");
    await deliver(world, "answered");
    await finish(world);
    assert.equal(world.submitted[0]!.settled[0]!.kind, "done");
    assert.deepEqual(world.unleased, []);
  });

  test("is not planned again for ever: the second time it is lost, and its session is named", async () => {
    const world = submitted();
    await deliver(world, "unleased");
    await deliver(world, "unleased");
    await settle();
    const [{ settled, session }] = world.submitted as [Submitted, ...Submitted[]];
    assert.deepEqual(
      settled.map(({ kind }) => kind),
      ["lost"],
    );
    assert.deepEqual(world.unleased, [session!.id]);
    assert.equal(session!.needsFence, false);
  });
});

function createOf(path: string): CreateRequest {
  return { op: "create", opCode: OpCode.create, path, data: null, acl: OPEN_ACL, flags: 0, ttl: 0 };
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

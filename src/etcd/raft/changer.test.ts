import fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfChangeType, newConfState } from "../wire/raftpb.ts";
import type { ConfChangeSingle } from "../wire/raftpb.ts";
import { assertEquivalent, Changer, restoreMembership } from "./changer.ts";
import { ConfChangeError } from "./errors.ts";
import { ProgressTracker } from "./tracker.ts";

const change: fc.Arbitrary<ConfChangeSingle> = fc.record({
  type: fc.constantFrom(...Object.values(ConfChangeType)),
  nodeId: fc.bigInt({ min: 0n, max: 5n }),
});

function tracker(): ProgressTracker {
  const made = new ProgressTracker({ countMax: 10, bytesMax: 1000 });
  const { config, progress } = new Changer(made, 1).simple([{ type: ConfChangeType.ConfChangeAddNode, nodeId: 1n }]);
  made.switchTo(config, progress);
  return made;
}

/** Applies each list of changes in the way that fits, as far as it is allowed. */
function changed(lists: readonly ConfChangeSingle[][]): ProgressTracker {
  const made = tracker();
  for (const list of lists) {
    const changer = new Changer(made, 10);
    try {
      const next =
        list.length === 0
          ? changer.leaveJoint()
          : list.length === 1
            ? changer.simple(list)
            : changer.enterJoint(list.length % 2 === 0, list);
      made.switchTo(next.config, next.progress);
    } catch (error) {
      assert.ok(error instanceof ConfChangeError);
    }
  }
  return made;
}

test("a configuration comes back from its ConfState, whatever led to it", () => {
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 4 })), (lists) => {
      const made = changed(lists);
      const state = made.confState();
      const restored = made.emptied();
      const { config, progress } = restoreMembership(restored, 10, state);
      restored.switchTo(config, progress);
      assertEquivalent(restored.confState(), state);
      assert.deepEqual([...restored.progress.keys()], [...made.progress.keys()]);
      for (const [id, member] of restored.progress) assert.equal(member.isLearner, made.progress.get(id)?.isLearner);
    }),
  );
});

test("there is always a voter, and everybody tracked has one role", () => {
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 4 })), (lists) => {
      const made = changed(lists);
      const { voters, learners } = made.config;
      assert.ok(voters.incoming.size > 0);
      for (const id of made.progress.keys()) assert.notEqual(voters.has(id), learners.has(id));
    }),
  );
});

test("a refused change leaves the configuration as it was", () => {
  const made = tracker();
  const before = made.confState();
  const changer = new Changer(made, 10);
  const remove = { type: ConfChangeType.ConfChangeRemoveNode, nodeId: 1n };
  assert.throws(() => changer.simple([remove]), new ConfChangeError("removed all voters"));
  assert.throws(() => changer.simple([{ type: 9, nodeId: 1n }]), new ConfChangeError("unexpected conf type 9"));
  assert.deepEqual(made.confState(), before);
});

test("equivalent ConfStates differ in order at most", () => {
  const state = newConfState({ voters: [1n, 2n], learners: [3n, 4n] });
  assertEquivalent(state, newConfState({ voters: [2n, 1n], learners: [4n, 3n] }));
  assert.throws(() => assertEquivalent(state, newConfState({ voters: [1n, 2n], learners: [3n] })), /not equivalent/);
  assert.throws(() => assertEquivalent(state, { ...state, autoLeave: true }), /not equivalent/);
});

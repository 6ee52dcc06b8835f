import assert from "node:assert/strict";
import { test } from "node:test";
import { Inflights } from "./inflights.ts";
import { Progress } from "./progress.ts";

function progress(match: number, next: number): Progress {
  return new Progress({
    match,
    next,
    inflights: new Inflights({ countMax: 2, bytesMax: Number.POSITIVE_INFINITY }),
    isLearner: false,
    recentActive: true,
  });
}

test("a probe sends one append and waits; replication waits when too much is under way", () => {
  const member = progress(0, 5);
  member.sentEntries(3, 30);
  assert.deepEqual([member.isPaused, member.next], [true, 5]);
  member.becomeReplicate();
  assert.equal(member.next, 1);
  member.sentEntries(1, 1);
  assert.equal(member.isPaused, false);
  member.sentEntries(2, 1);
  assert.deepEqual([member.isPaused, member.next, member.inflights.count], [true, 4, 2]);
});

test("an append that carries no entries does not stop a probe", () => {
  const member = progress(0, 5);
  member.sentEntries(0, 0);
  assert.equal(member.isPaused, false);
});

test("after a snapshot the probe begins behind it, after a failed one where the member was", () => {
  const delivered = progress(1, 2);
  delivered.becomeSnapshot(10);
  assert.deepEqual([delivered.isPaused, delivered.next], [true, 11]);
  assert.throws(() => delivered.sentEntries(1, 1), /StateSnapshot/);
  delivered.becomeProbe();
  assert.deepEqual([delivered.state, delivered.next, delivered.pendingSnapshot], ["probe", 11, 0]);

  const failed = progress(1, 2);
  failed.becomeSnapshot(10);
  failed.snapshotFailed();
  assert.deepEqual([failed.state, failed.next], ["probe", 2]);
});

test("an acknowledgement moves match forwards only", () => {
  const member = progress(3, 5);
  for (const [index, isNews, match, next] of [
    [2, false, 3, 5],
    [3, false, 3, 5],
    [4, true, 4, 5],
    [9, true, 9, 10],
  ] as const) {
    assert.equal(member.maybeUpdate(index), isNews);
    assert.deepEqual([member.match, member.next], [match, next]);
  }
});

const rejections: readonly {
  state: "probe" | "replicate";
  match: number;
  next: number;
  rejected: number;
  hint: number;
  expected: readonly [isGenuine: boolean, next: number];
}[] = [
  // Replicating: stale if it is about what is known to match; else back to the match.
  { state: "replicate", match: 5, next: 10, rejected: 5, hint: 5, expected: [false, 10] },
  { state: "replicate", match: 5, next: 10, rejected: 9, hint: 9, expected: [true, 6] },
  // Probing: stale unless it is about the append that is under way; else back to the hint.
  { state: "probe", match: 0, next: 10, rejected: 5, hint: 5, expected: [false, 10] },
  { state: "probe", match: 0, next: 10, rejected: 9, hint: 9, expected: [true, 9] },
  { state: "probe", match: 0, next: 10, rejected: 9, hint: 2, expected: [true, 3] },
  { state: "probe", match: 0, next: 1, rejected: 0, hint: 0, expected: [true, 1] },
  { state: "probe", match: 4, next: 10, rejected: 9, hint: 0, expected: [true, 5] },
];

for (const { state, match, next, rejected, hint, expected } of rejections) {
  test(`a rejection at ${rejected}, hint ${hint}, while ${state} from ${match} to ${next}`, () => {
    const member = progress(match, next);
    if (state === "replicate") {
      member.becomeReplicate();
      member.sentEntries(next - match - 1, 1);
    }
    assert.deepEqual([member.maybeDecreaseTo(rejected, hint), member.next], expected);
  });
}

test("a copy keeps the state and changes its role alone", () => {
  const member = progress(3, 5);
  member.becomeReplicate();
  member.sentCommit(2);
  const copy = member.copy();
  copy.isLearner = true;
  assert.equal(copy.toString(), `${member.toString()} learner`);
  assert.equal(copy.canBumpCommit(3), member.canBumpCommit(3));
});

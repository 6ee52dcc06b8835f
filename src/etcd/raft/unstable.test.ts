import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLogger } from "../base/logger.ts";
import { newSnapshot, newSnapshotMetadata } from "../wire/raftpb.ts";
import type { Entry } from "../wire/raftpb.ts";
import { NO_LIMIT } from "./entry-size.ts";
import { Unstable } from "./unstable.ts";

function entries(first: number, ...terms: number[]): Entry[] {
  return terms.map((term, position) => ({ term, index: first + position, type: 0, data: null }));
}

function ids(list: readonly Entry[]): string[] {
  return list.map(({ term, index }) => `${term}/${index}`);
}

function snapshot(index: number, term: number) {
  return newSnapshot({ metadata: newSnapshotMetadata({ index, term }) });
}

test("what was handed out is not handed out again, until it is replaced", () => {
  const unstable = new Unstable(5, silentLogger);
  unstable.truncateAndAppend(entries(5, 1, 1, 1));
  assert.deepEqual(ids(unstable.nextEntries()), ["1/5", "1/6", "1/7"]);
  unstable.acceptInProgress();
  assert.equal(unstable.hasNextEntries, false);

  unstable.truncateAndAppend(entries(7, 2, 2));
  assert.deepEqual(ids(unstable.nextEntries()), ["2/7", "2/8"]);
  assert.equal(unstable.offsetInProgress, 7);

  unstable.truncateAndAppend(entries(3, 3));
  assert.deepEqual([unstable.offset, ids(unstable.nextEntries())], [3, ["3/3"]]);
});

test("entries are stable only if they are still the ones that were saved", () => {
  const unstable = new Unstable(5, silentLogger);
  unstable.truncateAndAppend(entries(5, 1, 1));
  unstable.acceptInProgress();
  unstable.truncateAndAppend(entries(6, 2, 2));
  unstable.stableTo(6, 1);
  assert.deepEqual([unstable.offset, unstable.length], [5, 3], "6 was replaced by another term");
  unstable.stableTo(9, 2);
  assert.equal(unstable.length, 3, "9 was never here");
  unstable.stableTo(6, 2);
  assert.deepEqual([unstable.offset, unstable.lastIndex()], [7, 7]);
  unstable.stableTo(7, 2);
  assert.deepEqual([unstable.length, unstable.lastIndex()], [0, null]);
});

test("a snapshot decides first and last index, and is done when that very one is saved", () => {
  const unstable = new Unstable(5, silentLogger);
  unstable.truncateAndAppend(entries(5, 1));
  unstable.restore(snapshot(20, 3));
  assert.deepEqual([unstable.firstIndex(), unstable.lastIndex(), unstable.length], [21, 20, 0]);
  assert.deepEqual([unstable.term(20), unstable.term(19), unstable.term(21)], [3, null, null]);
  unstable.stableTo(20, 3);
  assert.equal(unstable.offset, 21, "the place of a snapshot is no entry");

  assert.ok(unstable.nextSnapshot() !== null);
  unstable.acceptInProgress();
  assert.equal(unstable.nextSnapshot(), null);
  unstable.stableSnapshotTo(19);
  assert.ok(unstable.snapshot !== null);
  unstable.stableSnapshotTo(20);
  assert.equal(unstable.snapshot, null);
});

test("what was handed out does not change when the log does", () => {
  const unstable = new Unstable(1, silentLogger);
  unstable.truncateAndAppend(entries(1, 1, 1));
  const handedOut = unstable.nextEntries();
  unstable.truncateAndAppend(entries(2, 2));
  assert.deepEqual(ids(handedOut), ["1/1", "1/2"]);
});

test("a gap, or a range that is not here, breaks an invariant", () => {
  const unstable = new Unstable(5, silentLogger);
  unstable.truncateAndAppend(entries(5, 1));
  assert.throws(() => unstable.truncateAndAppend(entries(7, 1)), /out of bound/);
  assert.throws(() => unstable.slice(4, 5, NO_LIMIT), /out of bound/);
  assert.throws(() => unstable.slice(6, 5, NO_LIMIT), /invalid/);
});

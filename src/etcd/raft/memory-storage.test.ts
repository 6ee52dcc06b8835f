import assert from "node:assert/strict";
import { test } from "node:test";
import { newConfState, newSnapshot, newSnapshotMetadata } from "../wire/raftpb.ts";
import type { Entry } from "../wire/raftpb.ts";
import { entryBytes, NO_LIMIT } from "./entry-size.ts";
import { RaftError } from "./errors.ts";
import { MemoryStorage } from "./memory-storage.ts";

function entries(first: number, ...terms: number[]): Entry[] {
  return terms.map((term, position) => ({ term, index: first + position, type: 0, data: null }));
}

/** Compacted up to 3 of term 3; holds 4 and 5. */
function storage(): MemoryStorage {
  const made = new MemoryStorage();
  made.applySnapshot(newSnapshot({ metadata: newSnapshotMetadata({ index: 3, term: 3 }) }));
  made.append(entries(4, 4, 5));
  return made;
}

test("an empty storage begins before index 1", () => {
  const empty = new MemoryStorage();
  assert.deepEqual([empty.firstIndex(), empty.lastIndex(), empty.term(0)], [1, 0, 0]);
  assert.deepEqual(empty.initialState(), {
    hardState: { term: 0, vote: 0n, commit: 0 },
    confState: newConfState(),
  });
});

test("terms are known from the compacted mark to the end", () => {
  const made = storage();
  assert.deepEqual(
    [2, 3, 4, 5, 6].map((index) => made.term(index)),
    [null, 3, 4, 5, null],
  );
});

test("entries are cut by size, compacted ones are gone, missing ones break an invariant", () => {
  const made = storage();
  const [first] = entries(4, 4);
  assert.equal(made.entries(3, 5, NO_LIMIT), null);
  assert.deepEqual(made.entries(4, 6, NO_LIMIT), entries(4, 4, 5));
  assert.deepEqual(made.entries(4, 6, entryBytes(first!)), [first]);
  assert.deepEqual(made.entries(4, 6, 0), [first]);
  assert.throws(() => made.entries(4, 7, NO_LIMIT), /out of bound/);
});

const appends: readonly { name: string; first: number; terms: number[]; last: readonly number[] }[] = [
  { name: "wholly compacted", first: 1, terms: [1, 1], last: [4, 5] },
  { name: "partly compacted", first: 2, terms: [2, 3, 6], last: [6] },
  { name: "replaces the tail", first: 5, terms: [6], last: [4, 6] },
  { name: "replaces and goes on", first: 5, terms: [6, 6], last: [4, 6, 6] },
  { name: "goes on", first: 6, terms: [5], last: [4, 5, 5] },
];

for (const { name, first, terms, last } of appends) {
  test(`append: ${name}`, () => {
    const made = storage();
    made.append(entries(first, ...terms));
    assert.deepEqual(made.entries(4, made.lastIndex() + 1, NO_LIMIT), entries(4, ...last));
  });
}

test("append: a gap breaks an invariant", () => {
  assert.throws(() => storage().append(entries(7, 5)), /missing log entry/);
});

test("what was read does not change when the tail is replaced", () => {
  const made = storage();
  const read = made.entries(4, 6, NO_LIMIT);
  made.append(entries(5, 9));
  assert.deepEqual(read, entries(4, 4, 5));
});

test("compaction keeps the term of the last one that goes", () => {
  const made = storage();
  made.compact(4);
  assert.deepEqual([made.firstIndex(), made.term(4), made.term(5)], [5, 4, 5]);
  assert.throws(() => made.compact(4), new RaftError("compacted"));
  assert.throws(() => made.compact(6), /out of bound/);
});

test("snapshots only go forwards", () => {
  const made = storage();
  const confState = newConfState({ voters: [1n, 2n] });
  const snapshot = made.createSnapshot(4, confState, Buffer.from("state"));
  assert.deepEqual(snapshot.metadata, { index: 4, term: 4, confState });
  assert.deepEqual(made.snapshot(), snapshot);
  assert.throws(() => made.createSnapshot(4, null, Buffer.from("")), new RaftError("snapshotOutOfDate"));
  assert.throws(() => made.applySnapshot(snapshot), new RaftError("snapshotOutOfDate"));
  assert.equal(made.createSnapshot(5, null, Buffer.from("")).metadata?.confState, confState);
});

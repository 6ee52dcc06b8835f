import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLogger } from "../base/logger.ts";
import type { Entry } from "../wire/raftpb.ts";
import { entryBytes, NO_LIMIT } from "./entry-size.ts";
import { RaftLog } from "./log.ts";
import { MemoryStorage } from "./memory-storage.ts";

function entries(first: number, ...terms: number[]): Entry[] {
  return terms.map((term, position) => ({ term, index: first + position, type: 0, data: Buffer.from("x") }));
}

/** A log of these terms, the first `saved` of them in Storage. */
function log(options: { terms: number[]; saved?: number; committed?: number; bytesMax?: number }): RaftLog {
  const all = entries(1, ...options.terms);
  const saved = options.saved ?? 0;
  const storage = new MemoryStorage();
  storage.append(all.slice(0, saved));
  const made = new RaftLog(storage, silentLogger, options.bytesMax ?? NO_LIMIT);
  made.append(all.slice(saved));
  made.commitTo(options.committed ?? 0);
  return made;
}

function terms(of: RaftLog): number[] {
  return (of.slice(1, of.lastIndex() + 1, NO_LIMIT) ?? []).map(({ term }) => term);
}

const appends: readonly {
  name: string;
  prev: readonly [term: number, index: number];
  terms: number[];
  commit: number;
  last: number | null;
  committed: number;
  log: number[];
}[] = [
  { name: "another term before", prev: [2, 3], terms: [4], commit: 3, last: null, committed: 1, log: [1, 2, 3] },
  { name: "a gap before", prev: [3, 4], terms: [4], commit: 3, last: null, committed: 1, log: [1, 2, 3] },
  { name: "no entries, all of the log", prev: [3, 3], terms: [], commit: 3, last: 3, committed: 3, log: [1, 2, 3] },
  { name: "a commit beyond what is sent", prev: [3, 3], terms: [], commit: 9, last: 3, committed: 3, log: [1, 2, 3] },
  { name: "an old commit", prev: [3, 3], terms: [4], commit: 0, last: 4, committed: 1, log: [1, 2, 3, 4] },
  { name: "what is there already", prev: [1, 1], terms: [2], commit: 2, last: 2, committed: 2, log: [1, 2, 3] },
  { name: "another tail", prev: [1, 1], terms: [4, 4], commit: 2, last: 3, committed: 2, log: [1, 4, 4] },
  { name: "half there, half new", prev: [1, 1], terms: [2, 3, 4], commit: 4, last: 4, committed: 4, log: [1, 2, 3, 4] },
];

for (const saved of [0, 2, 3]) {
  for (const { name, prev, terms: added, commit, last, committed, log: expected } of appends) {
    test(`append to a log with ${saved} saved: ${name}`, () => {
      const made = log({ terms: [1, 2, 3], saved, committed: 1 });
      const slice = { prev: { term: prev[0], index: prev[1] }, entries: entries(prev[1] + 1, ...added) };
      assert.equal(made.maybeAppend(slice, commit), last);
      assert.equal(made.committed, committed);
      assert.deepEqual(terms(made), expected);
    });
  }
}

test("a committed entry is never replaced", () => {
  const made = log({ terms: [1, 2, 3], committed: 2 });
  const slice = { prev: { term: 1, index: 1 }, entries: entries(2, 4) };
  assert.throws(() => made.maybeAppend(slice, 2), /conflict with committed entry/);
});

const conflicts: readonly { terms: number[]; index: number; term: number; expected: readonly [number, number] }[] = [
  // Whole terms are skipped; an unknown place is given as it is, with term 0.
  { terms: [1, 3, 3, 3, 5, 5, 5, 5, 5], index: 6, term: 2, expected: [1, 1] },
  { terms: [1, 3, 3, 4, 4, 5, 5, 5, 6], index: 8, term: 3, expected: [3, 3] },
  { terms: [2, 2, 2, 2], index: 3, term: 2, expected: [3, 2] },
  { terms: [2, 2, 2, 2], index: 3, term: 1, expected: [0, 0] },
  { terms: [2, 2], index: 5, term: 1, expected: [5, 0] },
  { terms: [], index: 0, term: 1, expected: [0, 0] },
];

for (const { terms: of, index, term, expected } of conflicts) {
  test(`the best match of (${index}, ${term}) in a log of terms ${of.join(" ")}`, () => {
    const found = log({ terms: of }).findConflictByTerm(index, term);
    assert.deepEqual([found.index, found.term], expected);
  });
}

const candidates: readonly (readonly [term: number, index: number, isUpToDate: boolean])[] = [
  [4, 1, true],
  [3, 3, true],
  [3, 4, true],
  [3, 2, false],
  [2, 9, false],
];

for (const [term, index, expected] of candidates) {
  test(`a log that ends at (${term}, ${index}) is ${expected ? "" : "not "}as new as one that ends at (3, 3)`, () => {
    assert.equal(log({ terms: [1, 2, 3] }).isUpToDate({ term, index }), expected);
  });
}

test("a range over Storage and the unsaved end is cut by size as one", () => {
  const made = log({ terms: [1, 1, 1, 1], saved: 2 });
  const size = entryBytes(entries(1, 1)[0]!);
  for (const [bytesMax, count] of [
    [0, 1],
    [size, 1],
    [2 * size, 2],
    [2 * size + 1, 2],
    [3 * size, 3],
    [4 * size, 4],
    [NO_LIMIT, 4],
  ] as const) {
    assert.deepEqual(made.slice(1, 5, bytesMax), entries(1, 1, 1, 1, 1).slice(0, count), `${bytesMax}`);
  }
});

test("committed entries come in pages, the next one when the last is applied", () => {
  const size = entryBytes(entries(1, 1)[0]!);
  const made = log({ terms: [1, 1, 1], saved: 3, committed: 3, bytesMax: 2 * size });
  const first = made.nextCommitted(true);
  assert.deepEqual(first, entries(1, 1, 1));
  made.acceptApplying(first, true);
  assert.deepEqual(made.nextCommitted(true), []);
  made.appliedTo(2, 2 * size);
  assert.deepEqual(made.nextCommitted(true), entries(3, 1));
});

test("an entry that is committed but not saved here is applied only if the owner saves before it applies", () => {
  const made = log({ terms: [1, 1], saved: 1, committed: 2 });
  assert.deepEqual(made.nextCommitted(true), entries(1, 1, 1));
  assert.deepEqual(made.nextCommitted(false), entries(1, 1));
});

test("the applied index stays between what was applied and what is committed", () => {
  const made = log({ terms: [1, 1, 1], saved: 3, committed: 2 });
  made.appliedTo(1, 0);
  assert.throws(() => made.appliedTo(0, 0), /out of range/);
  assert.throws(() => made.appliedTo(3, 0), /out of range/);
  assert.throws(() => made.commitTo(4), /Was the raft log corrupted/);
});

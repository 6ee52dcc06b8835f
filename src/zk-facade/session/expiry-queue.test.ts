import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { CONNECTION_TICK_MS, ExpiryQueue, SESSIONLESS_TIMEOUT_MS, type ExpiryEntry } from "./expiry-queue.ts";

describe("when something expires", () => {
  const rows: readonly (readonly [tickMs: number, timeoutMs: number, nowMs: number, dueMs: number])[] = [
    [2000, 4000, 0, 6000],
    [2000, 4000, 1, 6000],
    [2000, 4000, 1999, 6000],
    [2000, 4000, 2000, 8000],
    [2000, 4500, 1600, 8000],
    [3000, 10_000, 500, 12_000],
    [CONNECTION_TICK_MS, SESSIONLESS_TIMEOUT_MS, 1000, 20_000],
    [CONNECTION_TICK_MS, SESSIONLESS_TIMEOUT_MS, 9999.9, 20_000],
    [CONNECTION_TICK_MS, SESSIONLESS_TIMEOUT_MS, 10_000, 30_000],
  ];
  for (const [tickMs, timeoutMs, nowMs, dueMs] of rows) {
    test(`tick ${tickMs}, timeout ${timeoutMs}, touched at ${nowMs}: at ${dueMs}`, () => {
      const queue = new ExpiryQueue<string>(tickMs);
      queue.add("a", timeoutMs, nowMs);
      assert.equal(queue.nextDueMs(), dueMs);
      assert.deepEqual(queue.schedule(), [{ dueMs, items: ["a"] }]);
      assert.deepEqual(queue.due(dueMs - 0.001), []);
      assert.deepEqual(queue.due(dueMs), ["a"]);
      assert.equal(queue.size, 0);
      assert.equal(queue.nextDueMs(), Number.POSITIVE_INFINITY);
      assert.ok(dueMs >= nowMs + timeoutMs && dueMs <= nowMs + timeoutMs + tickMs);
    });
  }
});

test("what is touched lives on, what is not does not", () => {
  const queue = new ExpiryQueue<string>(1000);
  const a = queue.add("a", 3000, 0);
  queue.add("b", 3000, 0);
  assert.equal(queue.touch(a, 2500), true);
  assert.deepEqual(queue.due(4000), ["b"]);
  assert.deepEqual(queue.due(5999), []);
  assert.deepEqual(queue.due(6000), ["a"]);
  assert.equal(queue.touch(a, 6000), false);
  assert.equal(queue.remove(a), false);
});

test("a shorter timeout ends it earlier, a longer one later", () => {
  const queue = new ExpiryQueue<string>(1000);
  const a = queue.add("a", 30_000, 0);
  const b = queue.add("b", 2000, 0);
  assert.equal(queue.retime(a, 2000, 100), true);
  assert.equal(queue.retime(b, 9000, 100), true);
  assert.deepEqual(queue.due(3000), ["a"]);
  assert.deepEqual(queue.due(9999), []);
  assert.deepEqual(queue.due(10_000), ["b"]);
  assert.equal(queue.retime(b, 9000, 10_000), false);
});

test("who looks late finds all of it, the earliest first", () => {
  const queue = new ExpiryQueue<number>(10);
  for (const timeoutMs of [55, 5, 95, 25]) queue.add(timeoutMs, timeoutMs, 0);
  const late = queue.add(1, 1, 0);
  queue.touch(late, 70);
  assert.deepEqual(queue.due(1e9), [5, 25, 55, 1, 95]);
});

test("for any history the queue agrees with a list of deadlines", () => {
  const operation = fc.record({
    op: fc.constantFrom("add", "touch", "touch", "touch", "retime", "remove", "due"),
    passMs: fc.nat(900),
    which: fc.nat(9),
    timeoutMs: fc.nat(3000),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 700 }), fc.array(operation, { maxLength: 150 }), (tickMs, operations) => {
      const queue = new ExpiryQueue<number>(tickMs);
      const entries: ExpiryEntry<number>[] = [];
      const naive = new Map<number, { timeoutMs: number; dueMs: number }>();
      let nowMs = 0;
      let added = 0;
      const dueAt = (timeoutMs: number): number => (Math.floor((nowMs + timeoutMs) / tickMs) + 1) * tickMs;
      for (const { op, passMs, which, timeoutMs } of operations) {
        nowMs += passMs;
        const entry = entries[which % Math.max(1, entries.length)];
        const known = entry === undefined ? undefined : naive.get(entry.item);
        if (op === "add") {
          naive.set(added, { timeoutMs, dueMs: dueAt(timeoutMs) });
          entries.push(queue.add(added++, timeoutMs, nowMs));
        } else if (op === "due") {
          const due = [...naive].filter(([, { dueMs }]) => dueMs <= nowMs).map(([item]) => item);
          for (const item of due) naive.delete(item);
          assert.deepEqual(queue.due(nowMs).sort(), due.sort());
        } else if (entry !== undefined) {
          if (op === "remove") {
            assert.equal(queue.remove(entry), naive.delete(entry.item));
          } else {
            const hit = op === "touch" ? queue.touch(entry, nowMs) : queue.retime(entry, timeoutMs, nowMs);
            assert.equal(hit, known !== undefined);
            if (known !== undefined) {
              if (op === "retime") known.timeoutMs = timeoutMs;
              known.dueMs = dueAt(known.timeoutMs);
            }
          }
        }
        assert.equal(queue.size, naive.size);
        const earliestMs = Math.min(...[...naive.values()].map(({ dueMs }) => dueMs));
        assert.ok(queue.nextDueMs() <= earliestMs);
        assert.equal(queue.schedule()[0]?.dueMs ?? Number.POSITIVE_INFINITY, earliestMs);
      }
      assert.deepEqual(
        queue
          .schedule()
          .flatMap(({ dueMs, items }) => items.map((item) => ({ item, dueMs })))
          .sort(byItem),
        Array.from(naive, ([item, { dueMs }]) => ({ item, dueMs })).sort(byItem),
      );
    }),
    { numRuns: 300 },
  );
});

function byItem(a: { readonly item: number }, b: { readonly item: number }): number {
  return a.item - b.item;
}

test("a hundred thousand sessions that ping live, and the silent ones end", () => {
  const queue = new ExpiryQueue<number>(2000);
  const entries = Array.from({ length: 100_000 }, (_, i) => queue.add(i, 30_000, 0));
  for (let nowMs = 10_000; nowMs <= 120_000; nowMs += 10_000) {
    for (const entry of entries) if (entry.item % 100 !== 0) assert.ok(queue.touch(entry, nowMs + (entry.item % 7919)));
    const expired = queue.due(nowMs + 8000);
    assert.equal(expired.length, nowMs === 30_000 ? 1000 : 0, `at ${nowMs}`);
  }
  assert.equal(queue.size, 99_000);
});

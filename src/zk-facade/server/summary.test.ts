import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DetailedSummary, Summary } from "./summary.ts";

test("a summary of nothing is all zeros", () => {
  const summary = new DetailedSummary();
  const { count, sum, min, max, average } = summary;
  assert.deepEqual({ count, sum, min, max, average }, { count: 0, sum: 0, min: 0, max: 0, average: 0 });
  assert.equal(summary.quantile(0.5), 0);
});

test("the average has four decimals, half up", () => {
  const summary = new Summary();
  for (const value of [1, 0, 0]) summary.add(value);
  assert.equal(summary.average, 0.3333);
  for (const value of [1, 1, 1]) summary.add(value);
  assert.equal(summary.average, 0.6667);
});

test("after a reset there was nothing", () => {
  const summary = new DetailedSummary();
  summary.add(9);
  summary.reset();
  assert.deepEqual([summary.count, summary.sum, summary.min, summary.max, summary.quantile(0.99)], [0, 0, 0, 0, 0]);
  summary.add(3);
  assert.deepEqual([summary.min, summary.max, summary.quantile(0.5)], [3, 3, 3]);
});

/** Between two values of the sorted list, by rank: what ZooKeeper's library does with a sample that holds them all. */
function exactQuantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  const position = share * (sorted.length + 1);
  const rank = Math.floor(position);
  if (rank < 1) return sorted[0]!;
  if (rank >= sorted.length) return sorted.at(-1)!;
  return sorted[rank - 1]! + (position - rank) * (sorted[rank]! - sorted[rank - 1]!);
}

test("quantiles are exact for small values and at most a 64th too low for large ones", () => {
  const value = fc.oneof(fc.nat({ max: 127 }), fc.nat({ max: 5000 }), fc.nat({ max: 2 ** 31 - 1 }));
  const share = fc.constantFrom(0.5, 0.9, 0.95, 0.99, 0.999);
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), share, (values, share) => {
      const summary = new DetailedSummary();
      for (const value of values) summary.add(value);
      const exact = exactQuantile(values, share);
      const found = summary.quantile(share);
      assert.ok(found <= exact + 1e-6, `${found} > ${exact}`);
      assert.ok(found >= exact - exact / 64 - 1e-6, `${found} is too far below ${exact}`);
      if (values.every((value) => value < 128)) assert.ok(Math.abs(found - exact) < 1e-9);
    }),
  );
});

test("values outside of what is counted apart do no harm", () => {
  const summary = new DetailedSummary();
  for (const value of [-5, 2 ** 40]) summary.add(value);
  assert.deepEqual([summary.min, summary.max, summary.count], [-5, 2 ** 40, 2]);
  assert.equal(summary.quantile(0.999), 2 ** 40);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { negotiateTimeout, timeoutBounds } from "./timeout.ts";

const byTick = { minSessionTimeoutMs: -1, maxSessionTimeoutMs: -1 };

test("the bounds are 2 and 20 ticks, unless they are given", () => {
  assert.deepEqual(timeoutBounds({ tickMs: 2000, ...byTick }), { minMs: 4000, maxMs: 40_000 });
  assert.deepEqual(timeoutBounds({ tickMs: 3000, ...byTick }), { minMs: 6000, maxMs: 60_000 });
  const given = { tickMs: 2000, minSessionTimeoutMs: 100, maxSessionTimeoutMs: 90_000 };
  assert.deepEqual(timeoutBounds(given), { minMs: 100, maxMs: 90_000 });
  assert.deepEqual(timeoutBounds({ ...given, maxSessionTimeoutMs: -1 }), { minMs: 100, maxMs: 40_000 });
});

test("a real server with a tick of 2 s answers so", () => {
  const bounds = timeoutBounds({ tickMs: 2000, ...byTick });
  const rows = [
    [1, 4000],
    [10_000, 10_000],
    [12_345, 12_345],
    [100_000_000, 40_000],
    [0, 4000],
    [-1, 4000],
    [-(2 ** 31), 4000],
    [2 ** 31 - 1, 40_000],
  ] as const;
  for (const [requested, expected] of rows) assert.equal(negotiateTimeout(requested, bounds), expected);
});

test("when the bounds contradict each other, the upper one wins, as in ZooKeeper", () => {
  assert.equal(negotiateTimeout(5000, { minMs: 9000, maxMs: 3000 }), 3000);
});

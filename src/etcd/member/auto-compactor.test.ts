import assert from "node:assert/strict";
import { test } from "node:test";
import { autoCompactor } from "./auto-compactor.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Runs the clock in the compactor's own steps; one revision is written a minute. */
function run(retentionMs: number, hours: number): { atMinute: number; revision: number }[] {
  const compactor = autoCompactor({ mode: "periodic", retention: retentionMs }, 0)!;
  const compactions: { atMinute: number; revision: number }[] = [];
  for (let nowMs = 0; nowMs <= hours * HOUR; nowMs += compactor.intervalMs) {
    const revision = compactor.due(nowMs, 1 + nowMs / MINUTE);
    if (revision === null) continue;
    compactor.compacted(nowMs, revision);
    compactions.push({ atMinute: nowMs / MINUTE, revision });
  }
  return compactions;
}

test("a period of minutes: first after one period, then once a period, always one period back", () => {
  assert.deepEqual(run(10 * MINUTE, 0.5), [
    { atMinute: 10, revision: 1 },
    { atMinute: 20, revision: 10 },
    { atMinute: 30, revision: 20 },
  ]);
});

test("a period of hours: first after one period, then every hour", () => {
  const compactions = run(5 * HOUR, 7);
  assert.deepEqual(
    compactions.map(({ atMinute }) => atMinute),
    [300, 360, 420],
  );
  for (const { atMinute, revision } of compactions.slice(1)) assert.ok(Math.abs(atMinute - 300 - revision) <= 6);
});

test("mode revision keeps the last N revisions and does not repeat itself", () => {
  const compactor = autoCompactor({ mode: "revision", retention: 100 }, 0)!;
  assert.equal(compactor.intervalMs, 5 * MINUTE);
  assert.equal(compactor.due(0, 100), null);
  assert.equal(compactor.due(0, 150), 50);
  compactor.compacted(0, 50);
  assert.equal(compactor.due(0, 150), null);
  assert.equal(compactor.due(0, 151), 51);
});

test("no retention, no compactor", () => {
  assert.equal(autoCompactor({ mode: "periodic", retention: 0 }, 0), null);
});

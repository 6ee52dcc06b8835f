import assert from "node:assert/strict";
import { test } from "node:test";
import { Lease } from "./lease.ts";
import { spreadExpiries } from "./spread-expiries.ts";

const nowMs = 5000;
const extendMs = 2000;

/** So many leases of so many seconds, as they are right after a promotion. */
function promoted(count: number, seconds: number): Lease[] {
  return Array.from({ length: count }, (_, i) => {
    const lease = new Lease(BigInt(i + 1), seconds, 0);
    lease.expiryMs = nowMs + extendMs + seconds * 1000;
    return lease;
  });
}

function delays(leases: readonly Lease[]): number[] {
  return leases.map((lease) => Math.round(lease.expiryMs - nowMs - extendMs - lease.ttl * 1000));
}

test("750 of a second stay where they are, and the others follow at this pace", () => {
  const leases = promoted(3000, 10);
  spreadExpiries(leases, nowMs, extendMs);
  const expected = leases.map((_, i) => (i < 750 ? 0 : Math.round((1000 * (i + 1)) / 750)));
  assert.deepEqual(delays(leases), expected);
});

test("a lease that ends later in the window is moved by so much less, and what lies beyond begins a window anew", () => {
  const early = promoted(800, 10);
  const late = promoted(752, 11);
  spreadExpiries([...late, ...early], nowMs, extendMs);
  assert.deepEqual(
    delays(early),
    early.map((_, i) => (i < 750 ? 0 : Math.round((1000 * (i + 1)) / 750))),
  );
  // The first of them is the 801st of the window that began a second before it.
  assert.equal(delays(late)[0], Math.round((1000 * 801) / 750 - 1000));
  // 750 more have a window of their own, and the last of these 751 is one too many.
  assert.deepEqual(delays(late).slice(1, 751), new Array<number>(750).fill(0));
  assert.equal(delays(late)[751], Math.round((1000 * 751) / 750));
});

test("leases that lie apart, or are few, are not moved", () => {
  const apart = Array.from({ length: 100 }, (_, i) => promoted(20, 10 + 2 * i)).flat();
  const few = promoted(999, 10);
  spreadExpiries(apart, nowMs, extendMs);
  spreadExpiries(few, nowMs, extendMs);
  assert.deepEqual(new Set(delays([...apart, ...few])), new Set([0]));
});

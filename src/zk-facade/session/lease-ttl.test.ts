import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ExpiryQueue } from "./expiry-queue.ts";
import { isLeaseInDoubt, isRenewalDue, leaseTtlSeconds } from "./lease-ttl.ts";

test("the TTL of common timeouts", () => {
  const rows = [
    [4000, 2000, 12],
    [10_000, 2000, 21],
    [30_000, 2000, 51],
    [40_000, 2000, 66],
    [60_000, 3000, 98],
  ] as const;
  for (const [timeoutMs, tickMs, ttl] of rows) assert.equal(leaseTtlSeconds(timeoutMs, tickMs), ttl);
});

test("a renewal is due when more than a third of the TTL has passed", () => {
  assert.equal(isRenewalDue(4000, 12), false);
  assert.equal(isRenewalDue(4001, 12), true);
});

test("a lease is in doubt when more than two thirds of its TTL have passed since it was renewed", () => {
  assert.equal(isLeaseInDoubt(8000, 12), false);
  assert.equal(isLeaseInDoubt(8001, 12), true);
});

test("however a client pings, its lease outlives the expiry of its session", () => {
  const timing = fc.record({
    timeoutMs: fc.integer({ min: 100, max: 100_000 }),
    tickMs: fc.integer({ min: 10, max: 5000 }),
    pauses: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 60 }),
  });
  fc.assert(
    fc.property(timing, ({ timeoutMs, tickMs, pauses }) => {
      const ttl = leaseTtlSeconds(timeoutMs, tickMs);
      const queue = new ExpiryQueue<string>(tickMs);
      const entry = queue.add("session", timeoutMs, 0);
      let nowMs = 0;
      let renewedMs = 0;
      for (const pause of pauses) {
        nowMs += pause * timeoutMs;
        assert.equal(queue.touch(entry, nowMs), true);
        assert.ok(nowMs < renewedMs + ttl * 1000, "the lease ended while the client pinged");
        if (isRenewalDue(nowMs - renewedMs, ttl)) renewedMs = nowMs;
      }
      const { dueMs } = queue.schedule()[0]!;
      assert.ok(renewedMs + ttl * 1000 >= dueMs + 2000);
    }),
  );
});

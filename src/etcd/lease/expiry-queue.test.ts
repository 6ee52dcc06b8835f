import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ExpiryQueue } from "./expiry-queue.ts";
import { Lease } from "./lease.ts";

const count = 40;
const index = fc.nat({ max: count - 1 });
const timeMs = fc.integer({ min: 0, max: 50 });
const command = fc.oneof(
  fc.record({ kind: fc.constant("put" as const), index, timeMs }),
  fc.record({ kind: fc.constant("renewed" as const), index, timeMs }),
  fc.record({ kind: fc.constant("remove" as const), index, timeMs }),
  fc.record({ kind: fc.constant("fill" as const), index, timeMs }),
);

test("the first of the queue is the one with the least time, whatever came and went", () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 200, size: "max" }), (commands) => {
      const queue = new ExpiryQueue();
      const leases = Array.from({ length: count }, (_, i) => new Lease(BigInt(i), 1, 0));
      const queued = new Set<Lease>();
      for (const { kind, index: at, timeMs: ms } of commands) {
        const lease = leases[at]!;
        switch (kind) {
          case "put":
            lease.expiryMs = ms;
            queue.put(lease);
            queued.add(lease);
            break;
          case "renewed":
            lease.expiryMs = ms;
            if (queued.has(lease)) queue.renewed(lease);
            break;
          case "remove":
            queue.remove(lease);
            queued.delete(lease);
            break;
          case "fill":
            queue.fill(leases.slice(0, at));
            queued.clear();
            for (const one of leases.slice(0, at)) queued.add(one);
            break;
        }
        const least = Math.min(...[...queued].map((one) => one.queuedMs));
        assert.equal(queue.first?.queuedMs ?? Number.POSITIVE_INFINITY, least);
        if (queued.has(lease)) assert.ok(lease.queuedMs <= lease.expiryMs, "no expiry is missed");
      }
      // What is left comes out in order.
      const order: number[] = [];
      for (let lease = queue.first; lease; lease = queue.first) {
        order.push(lease.queuedMs);
        queue.remove(lease);
      }
      assert.equal(order.length, queued.size);
      assert.deepEqual(
        order,
        [...order].sort((a, b) => a - b),
      );
    }),
  );
});

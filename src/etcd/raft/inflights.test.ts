import fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import { Inflights } from "./inflights.ts";

const operation = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), gap: fc.integer({ min: 1, max: 3 }), bytes: fc.nat({ max: 9 }) }),
  fc.record({ kind: fc.constant("free" as const), gap: fc.integer({ min: -3, max: 3 }), bytes: fc.constant(0) }),
  fc.record({ kind: fc.constant("reset" as const), gap: fc.constant(0), bytes: fc.constant(0) }),
);

test("the ring agrees with a plain list", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 30 }),
      fc.array(operation, { maxLength: 100 }),
      (countMax, bytesMax, operations) => {
        let ring = new Inflights({ countMax, bytesMax });
        let list: { index: number; bytes: number }[] = [];
        let last = 0;
        for (const { kind, gap, bytes } of operations) {
          const sum = list.reduce((total, one) => total + one.bytes, 0);
          const isFull = list.length === countMax || sum >= bytesMax;
          assert.equal(ring.isFull, isFull);
          assert.equal(ring.count, list.length);
          ring = ring.clone();
          if (kind === "add") {
            last += gap;
            if (isFull) assert.throws(() => ring.add(last, bytes), /Full/);
            else {
              ring.add(last, bytes);
              list.push({ index: last, bytes });
            }
          } else if (kind === "free") {
            const index = (list[0]?.index ?? last) + gap;
            ring.freeUpTo(index);
            list = list.filter((one) => one.index > index);
          } else {
            ring.reset();
            list = [];
          }
        }
        assert.equal(ring.count, list.length);
      },
    ),
  );
});

test("a clone goes its own way", () => {
  const ring = new Inflights({ countMax: 2, bytesMax: 100 });
  ring.add(1, 1);
  const copy = ring.clone();
  copy.add(2, 1);
  assert.deepEqual([ring.count, copy.count], [1, 2]);
});

test("one message may pass the limit of bytes, the next one waits", () => {
  const ring = new Inflights({ countMax: 10, bytesMax: 5 });
  ring.add(1, 4);
  assert.equal(ring.isFull, false);
  ring.add(2, 1000);
  assert.equal(ring.isFull, true);
  ring.freeUpTo(2);
  assert.equal(ring.isFull, false);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Fifo } from "./fifo.ts";

test("what goes in first comes out first, however much there is", () => {
  const steps = fc.array(fc.integer({ min: -3000, max: 3000 }), { maxLength: 20 });
  fc.assert(
    fc.property(steps, (counts) => {
      const fifo = new Fifo<number>();
      const model: number[] = [];
      let next = 0;
      for (const count of counts) {
        for (let at = 0; at < count; at++) {
          fifo.push(next);
          model.push(next++);
        }
        for (let at = 0; at > count; at--) assert.equal(fifo.shift(), model.shift());
        assert.equal(fifo.length, model.length);
        assert.equal(fifo.first, model[0]);
      }
      fifo.clear();
      assert.deepEqual([fifo.length, fifo.first, fifo.shift()], [0, undefined, undefined]);
    }),
  );
});

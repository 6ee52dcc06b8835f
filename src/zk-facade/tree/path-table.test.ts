import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PathTable } from "./path-table.ts";

test("it agrees with one map of all paths", () => {
  const name = fc.constantFrom("a", "b", "c\u00e9", "a-rather-long-name");
  const path = fc.array(name, { maxLength: 4 }).map((names) => `/${names.join("/")}`);
  const step = fc.record({ path, slot: fc.option(fc.nat(99), { nil: undefined }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const table = new PathTable();
      const model = new Map<string, number>();
      for (const { path: at, slot } of steps) {
        if (slot === undefined) {
          table.delete(at);
          model.delete(at);
        } else {
          table.set(at, slot);
          model.set(at, slot);
        }
        for (const each of ["/", "/a", at]) assert.equal(table.get(each), model.get(each));
      }
      for (const { path: at } of steps) assert.equal(table.get(at), model.get(at));
    }),
  );
});

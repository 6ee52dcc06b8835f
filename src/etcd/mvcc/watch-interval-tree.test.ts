import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { END_OF_KEYS, IntervalTree } from "./watch-interval-tree.ts";

function at(tree: IntervalTree<string>, key: string): string[] {
  const found: string[] = [];
  tree.at(key, found);
  return found;
}

test("an interval holds its start and not its end", () => {
  const tree = new IntervalTree<string>();
  tree.set("b", "d", "b-d");
  assert.deepEqual(at(tree, "a\xff"), []);
  assert.deepEqual(at(tree, "b"), ["b-d"]);
  assert.deepEqual(at(tree, "c\xff"), ["b-d"]);
  assert.deepEqual(at(tree, "d"), []);
});

test("an interval without end holds every key from its start", () => {
  const tree = new IntervalTree<string>();
  tree.set("b", END_OF_KEYS, "b-");
  assert.deepEqual(at(tree, "a"), []);
  assert.deepEqual(at(tree, "\xff".repeat(9)), ["b-"]);
});

const key = fc.string({ unit: fc.constantFrom("\0", "a", "b", "c", "\xff"), maxLength: 3 });
const command = fc.record({ kind: fc.constantFrom("set", "set", "delete"), start: key, end: key, probe: key });

test("the tree agrees with a list that is searched from end to end", () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 150 }), (commands) => {
      const tree = new IntervalTree<string>();
      const list = new Map<string, { start: string; end: string; name: string }>();
      for (const [turn, { kind, start, end, probe }] of commands.entries()) {
        const name = `${start}|${end}`;
        if (kind === "set") {
          tree.set(start, end, `${turn}`);
          list.set(name, { start, end, name: `${turn}` });
        } else {
          assert.equal(tree.delete(start, end), list.delete(name));
        }
        const expected = [...list.values()].filter((item) => item.start <= probe && probe < item.end);
        assert.deepEqual(at(tree, probe).sort(), expected.map((item) => item.name).sort());
        assert.equal(tree.size, list.size);
        assert.equal(tree.get(start, end), list.get(name)?.name);
        assert.deepEqual(tree.values().sort(), [...list.values()].map((item) => item.name).sort());
      }
    }),
  );
});

test("intervals that arrive in order do not make the tree a list", () => {
  const tree = new IntervalTree<number>();
  // Deep recursion would overflow the stack long before this many, were the tree not balanced.
  for (let i = 0; i < 100_000; i++) tree.set(String(i).padStart(6, "0"), END_OF_KEYS, i);
  for (let i = 1; i < 100_000; i++) tree.delete(String(i).padStart(6, "0"), END_OF_KEYS);
  const found: number[] = [];
  tree.at("5", found);
  assert.deepEqual(found, [0]);
});

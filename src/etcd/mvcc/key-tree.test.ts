import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KeyTree } from "./key-tree.ts";
import { RevisionSet } from "./revision-set.ts";

/** Every key's changes in order: all that was ever done, nothing forgotten. */
class NaiveTree {
  readonly #changes = new Map<string, { main: number; alive: boolean }[]>();

  change(key: string, main: number, alive: boolean): void {
    const changes = this.#changes.get(key) ?? [];
    changes.push({ main, alive });
    this.#changes.set(key, changes);
  }

  alive(key: string, at: number): boolean {
    return this.#changes.get(key)?.findLast(({ main }) => main <= at)?.alive ?? false;
  }

  keys(start: string, end: string | null, at: number): string[] {
    return [...this.#changes.keys()]
      .filter((key) => key >= start && (end === null || key < end) && this.alive(key, at))
      .sort((a, b) => (a < b ? -1 : 1));
  }
}

const keyText = (number: number): string => `k${String(number).padStart(4, "0")}`;

function keysAt(tree: KeyTree, start: string, end: string | null, at: number): string[] {
  const keys: string[] = [];
  tree.scan(start, end, (key, index) => {
    if (index.find(at) >= 0) keys.push(key);
    return true;
  });
  return keys;
}

test("it agrees with a plain list through puts, deletes and compactions in slices", () => {
  const key = fc.nat(1500);
  // Runs of neighbours make nodes split and join; single steps reach the corners.
  const operation = fc.oneof(
    { weight: 4, arbitrary: fc.record({ op: fc.constant("put" as const), key, run: fc.nat(250) }) },
    { weight: 4, arbitrary: fc.record({ op: fc.constant("delete" as const), key, run: fc.nat(400) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        op: fc.constant("compact" as const),
        back: fc.nat(50),
        budget: fc.integer({ min: 1, max: 90 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ op: fc.constant("slice" as const) }) },
  );
  fc.assert(
    fc.property(fc.array(operation, { minLength: 5, maxLength: 40 }), (operations) => {
      const tree = new KeyTree();
      const naive = new NaiveTree();
      let main = 1;
      let compacted = 0;
      let compaction: { from: string | null; revision: number; budget: number } | null = null;
      for (const step of operations) {
        switch (step.op) {
          case "put":
            for (let n = step.key; n <= step.key + step.run; n++) {
              main++;
              tree.put(keyText(n), main, 0);
              naive.change(keyText(n), main, true);
            }
            break;
          case "delete":
            main++;
            for (let n = step.key; n <= step.key + step.run; n++) {
              const existed = naive.alive(keyText(n), main);
              assert.equal(tree.tombstone(keyText(n), main, n), existed);
              if (existed) naive.change(keyText(n), main, false);
            }
            break;
          case "compact":
            if (compaction !== null || main - step.back <= compacted) break;
            compacted = main - step.back;
            compaction = { from: "", revision: compacted, budget: step.budget };
            break;
          case "slice": {
            if (compaction === null) break;
            const { from, revision, budget } = compaction;
            compaction.from = tree.compactSlice(from!, revision, new RevisionSet(), budget);
            if (compaction.from === null) compaction = null;
          }
        }
        tree.check();
        for (const at of [main, main - 1, Math.max(compacted, main - 200), Math.max(compacted, 1)]) {
          if (at < compacted) continue;
          for (const [start, end] of [
            ["", null],
            [keyText(100), keyText(900)],
            [keyText(700), null],
            ["z", "a"],
            ["k", "k"],
          ] as const) {
            const expected = end !== null && start >= end ? [] : naive.keys(start, end, at);
            assert.deepEqual(keysAt(tree, start, end, at), expected);
            assert.equal(tree.count(start, end, at), expected.length);
          }
        }
        assert.equal(tree.live, naive.keys("", null, main).length);
      }
    }),
    { numRuns: 60 },
  );
});

test("keys are found in byte order, whatever the bytes", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.uint8Array({ minLength: 1, maxLength: 3 }), { selector: (k) => k.join() }),
      (keys) => {
        const tree = new KeyTree();
        keys.forEach((key, i) => tree.put(Buffer.from(key).toString("latin1"), i + 2, 0));
        const expected = [...keys].sort(Buffer.compare).map((key) => Buffer.from(key).toString("latin1"));
        assert.deepEqual(keysAt(tree, "", null, keys.length + 2), expected);
        for (const key of expected) assert.ok(tree.get(key));
        assert.equal(tree.get("not there"), undefined);
      },
    ),
  );
});

test("a tree restored from the disk is the one that was written", () => {
  // A few rows of ascending keys whose turns mix, as clients write them, and single keys between them.
  const step = fc.record({
    row: fc.nat(6),
    burst: fc.integer({ min: 1, max: 40 }),
    single: fc.nat(3000),
    dies: fc.nat(9),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 150 }), (steps) => {
      const written = new KeyTree();
      const restored = new KeyTree();
      const rows = new Array<number>(7).fill(0);
      let main = 1;
      const put = (key: string): void => {
        main++;
        const { createRevision, version } = written.put(key, main, 0, main % 5 === 0);
        restored.restorePut(key, main, 0, createRevision, version, main % 5 === 0);
      };
      for (const { row, burst, single, dies } of steps) {
        for (let i = 0; i < burst; i++) {
          put(`k${row}/${String(rows[row]!++).padStart(5, "0")}`);
          put(`k${row}`);
        }
        put(keyText(single));
        if (dies > 3) continue;
        main++;
        const dead = dies === 0 ? keyText(single) : `k${row}/00000`;
        if (written.tombstone(dead, main, 0)) restored.restoreTombstone(dead, main, 0);
        else main--;
      }
      restored.restored();
      restored.check();
      assert.deepEqual([restored.size, restored.live], [written.size, written.live]);
      const told = (tree: KeyTree): string[] => {
        const lines: string[] = [];
        tree.scan("", null, (key, index) => {
          lines.push(`${key} ${String(index)} ${index.createRevision} ${index.version} ${index.hasLease}`);
          return true;
        });
        return lines;
      };
      assert.deepEqual(told(restored), told(written));
      for (const at of [1, main >> 1, main]) assert.equal(restored.count("", null, at), written.count("", null, at));
    }),
    { numRuns: 60 },
  );
});

test("a tree that was emptied by compaction works again", () => {
  const tree = new KeyTree();
  for (let i = 0; i < 10_000; i++) tree.put(keyText(i), i + 2, 0);
  for (let i = 0; i < 10_000; i++) tree.tombstone(keyText(i), 20_000, i);
  const kept = new RevisionSet();
  for (let from: string | null = ""; from !== null;) from = tree.compactSlice(from, 20_001, kept, 37);
  assert.deepEqual([tree.size, tree.live, kept.size], [0, 0, 0]);
  tree.check();
  tree.put("again", 30_000, 0);
  assert.equal(tree.count("", null, 30_000), 1);
});

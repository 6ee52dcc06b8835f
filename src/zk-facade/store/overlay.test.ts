import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { znodeWith } from "../../../test/support/zk-znodes.ts";
import { MapView } from "../ops/testing/map-view.ts";
import type { Znode } from "../tree/znode.ts";
import { Overlay } from "./overlay.ts";

type Changes = ReadonlyMap<string, Znode | null>;

/** An ephemeral of this owner; 0n: no ephemeral. */
function znode(path: string, owner: bigint, mtime = 0): Znode {
  return znodeWith({ path, kind: owner === 0n ? "persistent" : "ephemeral", owner, mtime });
}

/** Writes that are on their way to a tree, and the overlay that shows what they will have done. */
class Bench {
  tree = new MapView(new Map());
  readonly overlay = new Overlay<object>(() => this.tree);
  readonly flying: { readonly writer: object; readonly changes: Changes }[] = [];

  fly(...znodes: readonly (Znode | string)[]): object {
    const changes = new Map(znodes.map((one) => (typeof one === "string" ? [one, null] : [one.path, one])));
    const writer = {};
    this.overlay.add(writer, changes);
    this.flying.push({ writer, changes });
    return writer;
  }

  /** The tree gets the oldest, and then its entries go. */
  arrive(): void {
    const oldest = this.flying.shift();
    if (oldest === undefined) return;
    this.tree = this.tree.with(oldest.changes);
    this.overlay.remove(oldest.writer, oldest.changes);
  }

  /** None of them was done. */
  fail(): void {
    this.flying.length = 0;
    this.overlay.clear();
  }

  /** The tree as it will be: too simple to be wrong. */
  model(): MapView {
    return this.flying.reduce((view, { changes }) => view.with(changes), this.tree);
  }
}

describe("an overlay", () => {
  test("shows each znode as its last writer leaves it, and the tree where nobody writes", () => {
    const bench = new Bench();
    bench.fly(znode("/kept", 0n), znode("/gone", 0n));
    bench.arrive();
    bench.fly("/gone", znode("/come", 0n, 1));
    const last = bench.fly(znode("/come", 0n, 2));
    assert.equal(bench.overlay.get("/kept")?.path, "/kept");
    assert.equal(bench.overlay.get("/gone"), undefined);
    assert.equal(bench.overlay.get("/come")?.mtime, 2);
    assert.equal(bench.overlay.entry("/come")?.writer, last);
    assert.equal(bench.overlay.entry("/kept"), undefined);
  });

  test("an earlier writer takes away only what nobody wrote since", () => {
    const bench = new Bench();
    bench.fly(znode("/both", 0n, 1), znode("/first", 0n, 1));
    const second = bench.fly(znode("/both", 0n, 2));
    bench.arrive();
    assert.equal(bench.overlay.entry("/first"), undefined);
    assert.equal(bench.overlay.entry("/both")?.writer, second);
    assert.equal(bench.overlay.get("/both")?.mtime, 2);
  });

  test("knows the empty path as the root", () => {
    const bench = new Bench();
    bench.fly(znode("/", 0n, 7));
    assert.equal(bench.overlay.get("")?.mtime, 7);
  });

  test("says whether what is on its way was looked at, once", () => {
    const bench = new Bench();
    bench.fly(znode("/kept", 0n), znode("/mine", 5n));
    bench.arrive();
    bench.fly(znode("/come", 6n), "/gone");
    const looks: readonly (readonly [isConsulted: boolean, look: () => unknown])[] = [
      [false, () => bench.overlay.get("/kept")],
      [true, () => bench.overlay.get("/come")],
      [true, () => bench.overlay.get("/gone")],
      [true, () => [...bench.overlay.ephemeralsOf(6n)]],
      [false, () => [...bench.overlay.ephemeralsOf(5n)]],
      [false, () => bench.overlay.entry("/come")],
    ];
    for (const [isConsulted, look] of looks) {
      look();
      assert.equal(bench.overlay.takeConsulted(), isConsulted, String(look));
      assert.equal(bench.overlay.takeConsulted(), false);
    }
  });

  test("forgets with an entry whose ephemeral it was, also before it became another's", () => {
    const bench = new Bench();
    bench.fly(znode("/lock", 5n));
    bench.arrive();
    bench.fly("/lock");
    bench.fly(znode("/lock", 6n));
    bench.fly(znode("/late", 0n));
    assert.deepEqual([...bench.overlay.ephemeralsOf(5n)], ["/lock"]);
    assert.equal(bench.overlay.takeConsulted(), true, "that it is not its own any more is on its way");
    bench.arrive();
    bench.arrive();
    assert.deepEqual([[...bench.overlay.ephemeralsOf(5n)], [...bench.overlay.ephemeralsOf(6n)]], [[], ["/lock"]]);
    assert.equal(bench.overlay.takeConsulted(), false);
  });

  test("leaves orphans and quotas to the tree", () => {
    const quota = { path: "/a", count: 1, bytes: 1, countHardLimit: -1, bytesHardLimit: -1 };
    const tree = new MapView(new Map(), { orphansBelow: ["/a"], quotas: [quota] });
    const overlay = new Overlay(() => tree);
    assert.deepEqual([overlay.hasOrphansBelow("/a"), overlay.hasOrphansBelow("/b")], [true, false]);
    assert.equal(overlay.quotaOver("/a/b")?.path, "/a");
  });
});

test("for any writes the overlay agrees with the tree as it will be", () => {
  const paths = ["/a", "/b", "/c", "/a/d"];
  const owners = [5n, 6n];
  const change = fc.tuple(fc.constantFrom(...paths), fc.constantFrom(null, 0n, ...owners));
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.uniqueArray(change, { minLength: 1, maxLength: 3, selector: ([path]) => path }) },
    { weight: 4, arbitrary: fc.constant("arrive" as const) },
    { weight: 1, arbitrary: fc.constant("fail" as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const bench = new Bench();
      let mtime = 0;
      for (const step of steps) {
        if (step === "arrive") bench.arrive();
        else if (step === "fail") bench.fail();
        else bench.fly(...step.map(([path, owner]) => (owner === null ? path : znode(path, owner, ++mtime))));
        const model = bench.model();
        for (const path of paths) assert.equal(bench.overlay.get(path), model.get(path));
        for (const owner of owners) {
          const told = [...bench.overlay.ephemeralsOf(owner)];
          assert.equal(new Set(told).size, told.length, "none twice");
          // What is no more, or another's by now, may be among them; what is there may not be missing.
          const isOwn = (path: string): boolean => bench.overlay.get(path)?.owner === owner;
          assert.deepEqual(told.filter(isOwn).sort(), [...model.ephemeralsOf(owner)].sort());
          if (bench.flying.length === 0) assert.deepEqual(told.filter(isOwn), told);
        }
      }
    }),
    { numRuns: 500 },
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { testScripts } from "../../../test/script-runner.ts";
import { KeyIndex } from "./key-index.ts";
import { formatRevision } from "./revision.ts";
import { RevisionSet } from "./revision-set.ts";

/** Revisions are written `main` or `main.sub`. */
function revision(text = ""): [number, number] {
  const [main, sub] = text.split(".").map(Number);
  return [main!, sub ?? 0];
}

testScripts(new URL("scripts/key-index/", import.meta.url), () => {
  let index: KeyIndex | null = null;
  const all: [number, number][] = [];

  const collected = (set: RevisionSet): string =>
    all
      .filter(([main, sub]) => set.has(main, sub))
      .map(([main, sub]) => formatRevision(main, sub))
      .join(" ");

  return (command) => {
    const [verb, ...rest] = command.split(" ");
    const [main, sub] = revision(rest[0]);
    switch (verb) {
      case "new":
        index = null;
        all.length = 0;
        return "";
      case "restore":
        index = KeyIndex.restored(main, sub, Number(rest[1]), Number(rest[2]));
        all.splice(0, all.length, [main, sub]);
        return String(index);
      case "restore-tombstone":
        index = KeyIndex.restoredTombstone(main, sub);
        all.splice(0, all.length, [main, sub]);
        return String(index);
      case "put":
        if (index === null) index = KeyIndex.created(main, sub);
        else index.put(main, sub);
        all.push([main, sub]);
        return `${index.toString()} create=${index.createRevision} version=${index.version}`;
      case "delete":
        all.push([main, sub]);
        return index!.tombstone(main, sub) ? String(index) : "not found";
      case "get":
        return rest
          .map((at) => {
            const position = index!.find(Number(at));
            return position < 0
              ? `${at}: none`
              : `${at}: ${formatRevision(index!.mainAt(position), index!.subAt(position))}`;
          })
          .join("\n");
      case "since":
        return rest
          .map((at) => {
            const found = index!.since(Number(at)).map(({ main, sub }) => formatRevision(main, sub));
            return `${at}: ${found.join(" ") || "none"}`;
          })
          .join("\n");
      case "keep": {
        const kept = new RevisionSet();
        index!.keep(main, rest[1] === undefined ? -1 : Number(rest[1]), kept);
        return `kept ${collected(kept) || "nothing"}`;
      }
      case "compact": {
        const kept = new RevisionSet();
        const isEmpty = index!.compact(main, kept);
        return `kept ${collected(kept) || "nothing"}, left ${isEmpty ? "nothing" : String(index)}`;
      }
      default:
        throw new Error(`no such command: ${command}`);
    }
  };
});

interface Entry {
  readonly main: number;
  readonly sub: number;
  readonly tombstone: boolean;
}

/** etcd's rules as they are written: a list of generations, each a list of revisions. */
class NaiveIndex {
  generations: Entry[][] = [[]];

  append(entry: Entry): void {
    this.generations.at(-1)!.push(entry);
    if (entry.tombstone) this.generations.push([]);
  }

  find(atRevision: number): Entry | undefined {
    for (let i = this.generations.length - 1; i >= 0; i--) {
      const generation = this.generations[i]!;
      if (generation.length === 0) continue;
      const isLast = i === this.generations.length - 1;
      if (!isLast && generation.at(-1)!.main <= atRevision) return undefined;
      if (generation[0]!.main <= atRevision) return generation.findLast((entry) => entry.main <= atRevision);
    }
    return undefined;
  }

  /** Which generation a compaction comes to, and which of its revisions. */
  choose(atRevision: number): { generation: number; entry: number } {
    let generation = 0;
    while (generation < this.generations.length - 1 && this.generations[generation]!.at(-1)!.main < atRevision) {
      generation++;
    }
    return { generation, entry: this.generations[generation]!.findLastIndex((entry) => entry.main <= atRevision) };
  }

  compact(atRevision: number): { kept: Entry[]; isEmpty: boolean } {
    const { generation, entry } = this.choose(atRevision);
    const chosen = this.generations[generation]!;
    const kept = entry < 0 ? [] : [chosen[entry]!];
    this.generations = this.generations.slice(generation);
    if (entry >= 0) this.generations[0] = chosen.slice(entry);
    return { kept, isEmpty: this.generations.length === 1 && this.generations[0]!.length === 0 };
  }

  keep(atRevision: number): Entry[] {
    const { generation, entry } = this.choose(atRevision);
    const chosen = this.generations[generation]!;
    if (entry < 0) return [];
    const isTombstone = entry === chosen.length - 1 && generation !== this.generations.length - 1;
    return isTombstone ? [] : [chosen[entry]!];
  }

  get entries(): Entry[] {
    return this.generations.flat();
  }
}

test("one key agrees with etcd's rules, whatever its history", () => {
  // Each number is the distance to the next revision. One main revision holds one change of a key, as in a transaction
  // that passed the check for duplicates.
  const changes = fc.array(fc.record({ gap: fc.integer({ min: 1, max: 3 }), tombstone: fc.boolean() }), {
    minLength: 1,
    maxLength: 25,
  });
  fc.assert(
    fc.property(changes, fc.array(fc.nat(60), { maxLength: 4 }), (steps, compactions) => {
      let main = 1;
      const naive = new NaiveIndex();
      let index = KeyIndex.created(1, 0);
      naive.append({ main, sub: 0, tombstone: false });
      for (const { gap, tombstone } of steps) {
        main += gap;
        const wasAlive = index.isAlive;
        if (!tombstone) index.put(main, 0);
        else assert.equal(index.tombstone(main, 0), wasAlive);
        if (!tombstone || wasAlive) naive.append({ main, sub: 0, tombstone });
      }
      let compacted = 0;
      for (const step of [0, ...compactions.sort((a, b) => a - b)]) {
        if (step > 0 && step <= main) {
          const kept = new RevisionSet();
          const isEmpty = index.compact(step, kept);
          const expected = naive.compact(step);
          assert.equal(isEmpty, expected.isEmpty);
          assert.deepEqual(
            collect(kept, main),
            expected.kept.map((entry) => entry.main),
          );
          compacted = step;
          if (isEmpty) return;
        }
        assert.deepEqual(
          index.since(0).map((entry) => entry.main),
          naive.entries.map((entry) => entry.main),
        );
        for (let at = compacted; at <= main + 1; at++) {
          const position = index.find(at);
          assert.equal(position < 0 ? undefined : index.mainAt(position), naive.find(at)?.main, `find ${at}`);
          const kept = new RevisionSet();
          index.keep(at, compacted, kept);
          assert.deepEqual(
            collect(kept, main),
            naive.keep(at).map((entry) => entry.main),
            `keep ${at}`,
          );
        }
      }
      // Rebuilt from what is left, it is the same.
      index = rebuilt(naive.entries);
      for (let at = compacted; at <= main + 1; at++) {
        const position = index.find(at);
        assert.equal(position < 0 ? undefined : index.mainAt(position), naive.find(at)?.main, `rebuilt, find ${at}`);
      }
    }),
    { numRuns: 500 },
  );
});

function rebuilt([first, ...rest]: Entry[]): KeyIndex {
  const index = first!.tombstone
    ? KeyIndex.restoredTombstone(first!.main, 0)
    : KeyIndex.restored(first!.main, 0, first!.main, 1);
  for (const { main, tombstone } of rest) {
    if (tombstone) index.tombstone(main, 0);
    else index.put(main, 0);
  }
  return index;
}

function collect(set: RevisionSet, upTo: number): number[] {
  return Array.from({ length: upTo + 1 }, (_, main) => main).filter((main) => set.has(main, 0));
}

test("a revision never goes back", () => {
  const index = KeyIndex.created(5, 1);
  assert.throws(() => {
    index.put(5, 1);
  });
  assert.throws(() => {
    index.put(4, 9);
  });
  assert.throws(() => index.tombstone(5, 0));
});

test("revisions past 2^31 and sub-revisions past 2^16 stay exact", () => {
  const big = Number.MAX_SAFE_INTEGER - 1;
  const index = KeyIndex.created(2 ** 31, 70000);
  index.put(big, 2 ** 20);
  const kept = new RevisionSet();
  index.compact(2 ** 31, kept);
  index.compact(big, kept);
  assert.ok(kept.has(2 ** 31, 70000) && kept.has(big, 2 ** 20));
  assert.ok(!kept.has(big, 0) && !kept.has(big - 65536, 2 ** 20) && !kept.has(2 ** 31, 0));
  assert.equal(kept.size, 2);
});

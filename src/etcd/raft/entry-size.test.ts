import fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeEntry } from "../wire/raftpb.ts";
import type { Entry } from "../wire/raftpb.ts";
import { entriesBytes, entryBytes, NO_LIMIT, payloadsBytes, sliceWithin } from "./entry-size.ts";

const counter = fc.oneof(fc.maxSafeNat(), fc.nat({ max: 300 }));
const entry: fc.Arbitrary<Entry> = fc.record({
  term: counter,
  index: counter,
  type: fc.nat({ max: 2 }),
  data: fc.option(fc.uint8Array({ maxLength: 300 })),
});

test("the size of an entry is the length of its encoding", () => {
  fc.assert(fc.property(entry, (one) => assert.equal(entryBytes(one), encodeEntry(one).length)));
});

test("the longest prefix within the limit is taken, and never none", () => {
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1 }), fc.nat({ max: 2000 }), (entries, bytesMax) => {
      const taken = sliceWithin(entries, 0, entries.length, bytesMax);
      assert.deepEqual(taken, entries.slice(0, taken.length));
      assert.ok(taken.length === 1 || entriesBytes(taken) <= bytesMax);
      if (taken.length < entries.length) {
        assert.ok(taken.length > 0);
        assert.ok(entriesBytes(entries.slice(0, taken.length + 1)) > bytesMax);
      }
    }),
  );
});

test("a range is cut from the middle, and an empty one stays empty", () => {
  const entries = [1, 2, 3, 4].map((index) => ({ term: 1, index, type: 0, data: null }));
  assert.deepEqual(sliceWithin(entries, 1, 3, NO_LIMIT), entries.slice(1, 3));
  assert.deepEqual(sliceWithin(entries, 2, 2, 100), []);
});

test("an entry without data has no payload, however long its term", () => {
  const entries = [
    { term: 2 ** 50, index: 1, type: 0, data: null },
    { term: 1, index: 2, type: 0, data: Buffer.from("four") },
  ];
  assert.equal(payloadsBytes(entries), 4);
});

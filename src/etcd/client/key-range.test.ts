import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FROM_KEY_END, keyAfter, prefixEnd } from "./key-range.ts";

test("the end of a prefix increments its last byte that can be, and drops what follows", () => {
  const rows: readonly (readonly [prefix: readonly number[], end: readonly number[]])[] = [
    [[0x61], [0x62]],
    [[0x61, 0xff], [0x62]],
    [
      [0x61, 0xff, 0x00],
      [0x61, 0xff, 0x01],
    ],
    [[0xfe], [0xff]],
    [[0xff, 0xff], [0x00]],
    [[], [0x00]],
  ];
  for (const [prefix, end] of rows) assert.deepEqual([...prefixEnd(Uint8Array.from(prefix))], end);
});

test("a key lies in [prefix, end) exactly when it has the prefix", () => {
  const bytes = fc
    .uint8Array({ maxLength: 4 })
    .map((array) => array.map((byte) => [0, 1, 0x61, 0xfe, 0xff][byte % 5]!));
  fc.assert(
    fc.property(bytes, bytes, (prefix, key) => {
      const end = prefixEnd(prefix);
      const below = Buffer.compare(end, FROM_KEY_END) === 0 || Buffer.compare(key, end) < 0;
      const within = Buffer.compare(key, prefix) >= 0 && below;
      assert.equal(within, Buffer.compare(Buffer.from(key).subarray(0, prefix.length), prefix) === 0);
    }),
  );
});

test("nothing lies between a key and the one after it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3 }), fc.uint8Array({ maxLength: 4 }), (key, other) => {
      const after = keyAfter(key);
      assert(Buffer.compare(key, after) < 0);
      assert(!(Buffer.compare(other, key) > 0 && Buffer.compare(other, after) < 0));
    }),
  );
});

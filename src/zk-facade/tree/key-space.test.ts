import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KeySpace, type ParsedKey } from "./key-space.ts";
import { validatePath } from "./paths.ts";

const keys = new KeySpace("/zk");
const bytes = (text: string): Buffer => Buffer.from(text);

const unit = fc.oneof(
  fc.constantFrom("a", "b", "/", ".", " ", "0", "~", "ä", "日", "\ufeff", "\uf900", "\uffef"),
  fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
);
const path = fc
  .array(unit, { maxLength: 12 })
  .map((units) => `/${units.join("")}`)
  .filter(validatePath);

test("each key has its place", () => {
  const table: readonly (readonly [string, ParsedKey | null])[] = [
    ["/zk", { space: "data", path: "/" }],
    ["/zk/app/c", { space: "data", path: "/app/c" }],
    ["/zk/日本", { space: "data", path: "/日本" }],
    ["/zk.stat", { space: "record", path: "/" }],
    ["/zk.stat/app/c", { space: "record", path: "/app/c" }],
    ["/zk.session/00f1000000000001", { space: "session", id: 0xf1_0000_0000_0001n }],
    ["/zk.session/ff00000000000000", { space: "session", id: -0x100_0000_0000_0000n }],
    ["/zk.events", { space: "events" }],
    ["/zk.meta", { space: "meta" }],
    ["/zk/", null],
    ["/zk//a", null],
    ["/zk/a/", null],
    ["/zk/./a", null],
    ["/zk/a\u0000", null],
    ["/zk/a\u007f", null],
    ["/zk/\u0080", null],
    ["/zk/😀", null],
    ["/zk.stat/", null],
    ["/zk.stats", null],
    ["/zk.session", null],
    ["/zk.session/1", null],
    ["/zk.session/00F1000000000001", null],
    ["/zk.session/00f10000000000011", null],
    ["/zk.events/", null],
    ["/zk.metadata", null],
    ["/zk.", null],
    ["/zk-a", null],
    ["/zka", null],
    ["/z", null],
    ["", null],
    ["/ab/c", null],
  ];
  for (const [key, parsed] of table) assert.deepEqual(keys.parse(bytes(key)), parsed, key);
});

test("a path that is no UTF-8 is none", () => {
  for (const tail of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe6, 0x97]]) {
    assert.equal(keys.parse(Buffer.concat([bytes("/zk/a"), Buffer.from(tail)])), null);
  }
});

test("a key says which path it was made for, also without being a Buffer", () => {
  fc.assert(
    fc.property(path, (p) => {
      assert.deepEqual(keys.parse(Uint8Array.from(keys.dataKey(p))), { space: "data", path: p });
      assert.deepEqual(keys.parse(keys.recordKey(p)), { space: "record", path: p });
    }),
  );
});

test("a session's key says its id, over all 64 bits", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (id) => {
      assert.deepEqual(keys.parse(keys.sessionKey(id)), { space: "session", id });
    }),
  );
});

test("no two keys mean the same", () => {
  const start = fc.constantFrom("/zk", "/zk/", "/zk.stat", "/zk.stat/", "/zk.session/", "/zk.", "/z");
  const key = fc.tuple(start, fc.oneof(path.map(bytes), fc.uint8Array({ maxLength: 20 }))).map(([a, b]) => {
    return Buffer.concat([bytes(a), b]);
  });
  fc.assert(
    fc.property(key, (k) => {
      const parsed = keys.parse(k);
      if (parsed !== null) assert.deepEqual(Buffer.from(keyOf(parsed)), k);
    }),
  );
});

test("the range of a root holds all its keys", () => {
  fc.assert(
    fc.property(path, (p) => {
      for (const key of [keys.dataKey(p), keys.recordKey(p), keys.sessionKey(1n), keys.eventsKey, keys.metaKey]) {
        assert.ok(Buffer.compare(keys.rangeStart, key) <= 0 && Buffer.compare(key, keys.rangeEnd) < 0);
      }
    }),
  );
});

test("what lies below a znode is a range, in both spaces", () => {
  fc.assert(
    fc.property(path, path, (top, other) => {
      const isBelow = other !== "/" && (top === "/" || other.startsWith(`${top}/`));
      const data = keys.dataBelow(top);
      const records = keys.recordsBelow(top);
      assert.equal(isIn(keys.dataKey(other), data), isBelow);
      assert.equal(isIn(keys.recordKey(other), records), isBelow);
      assert.ok(!isIn(keys.recordKey(other), data) && !isIn(keys.dataKey(other), records));
    }),
  );
});

test("a root that cannot be one is refused with a reason", () => {
  for (const root of ["", "zk", "/", "/zk/", "//"]) assert.throws(() => new KeySpace(root), RangeError, root);
  assert.equal(new KeySpace("/a/b").root, "/a/b");
});

function keyOf(parsed: ParsedKey): Uint8Array {
  switch (parsed.space) {
    case "data":
      return keys.dataKey(parsed.path);
    case "record":
      return keys.recordKey(parsed.path);
    case "session":
      return keys.sessionKey(parsed.id);
    case "events":
      return keys.eventsKey;
    case "meta":
      return keys.metaKey;
  }
}

function isIn(key: Uint8Array, range: { readonly key: Uint8Array; readonly rangeEnd: Uint8Array }): boolean {
  return Buffer.compare(range.key, key) <= 0 && Buffer.compare(key, range.rangeEnd) < 0;
}

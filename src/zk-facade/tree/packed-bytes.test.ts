import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PackedReader, PackedWriter } from "./packed-bytes.ts";

const MAX = Number.MAX_SAFE_INTEGER;
const integer = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -200, max: 200 }),
  fc.constantFrom(MAX, -MAX, 63, 64, -64),
);
const count = integer.map(Math.abs);

function written(write: (writer: PackedWriter) => void): Buffer {
  const writer = new PackedWriter(1);
  write(writer);
  return Buffer.from(writer.take());
}

test("what is written is read, and nothing is left", () => {
  fc.assert(
    fc.property(integer, count, fc.string({ unit: "grapheme" }), fc.nat(0xffff_ffff), fc.nat(255), (i, c, t, u, b) => {
      const bytes = written((writer) => {
        writer.integer(i);
        writer.count(c);
        writer.text(t);
        writer.uint32(u);
        writer.byte(b);
      });
      const reader = new PackedReader(bytes);
      assert.deepEqual(
        [reader.integer(), reader.count(), reader.text(), reader.uint32(), reader.byte()],
        [i, c, t, u, b],
      );
      assert.ok(reader.isComplete);
    }),
  );
});

test("the bytes are those of the grammar", () => {
  const table: readonly (readonly [(writer: PackedWriter) => void, string])[] = [
    [(w) => w.count(0), "00"],
    [(w) => w.count(127), "7f"],
    [(w) => w.count(128), "8001"],
    [(w) => w.count(MAX), "ffffffffffffff0f"],
    [(w) => w.integer(0), "00"],
    [(w) => w.integer(63), "3f"],
    [(w) => w.integer(64), "8001"],
    [(w) => w.integer(-1), "41"],
    [(w) => w.integer(-64), "c001"],
    [(w) => w.integer(MAX), "bfffffffffffff1f"],
    [(w) => w.uint32(0xfedcba98), "fedcba98"],
    [(w) => w.text("ä"), "02c3a4"],
    [(w) => w.text("\ufeffx"), "04efbbbf78"],
  ];
  for (const [write, hex] of table) assert.equal(written(write).toString("hex"), hex);
});

test("a number past the safe integers and bytes that end too early are not sound, and read as 0 for good", () => {
  const table: readonly (readonly [string, (reader: PackedReader) => number | string])[] = [
    ["", (reader) => reader.byte()],
    ["", (reader) => reader.count()],
    ["", (reader) => reader.integer()],
    ["", (reader) => reader.text()],
    ["010203", (reader) => reader.uint32()],
    ["80", (reader) => reader.count()],
    ["c0", (reader) => reader.integer()],
    ["ffffffffffffff10", (reader) => reader.count()],
    ["bfffffffffffff20", (reader) => reader.integer()],
    ["ffffffffffffffffffffff01", (reader) => reader.count()],
    ["808080808080808080808000", (reader) => reader.count()],
    ["0561626364", (reader) => reader.text()],
    ["ffffffffffffff0f61", (reader) => reader.text()],
  ];
  for (const [hex, read] of table) {
    const reader = new PackedReader(Buffer.from(hex, "hex"));
    assert.equal(Number(read(reader)), 0, hex);
    assert.equal(reader.isSound, false, hex);
    assert.equal(reader.isComplete, false, hex);
    assert.deepEqual([reader.byte(), reader.count(), reader.integer(), reader.text()], [0, 0, 0, ""]);
  }
});

test("a writer is empty after its bytes were taken", () => {
  const writer = new PackedWriter();
  writer.text("first");
  const first = writer.take();
  writer.byte(7);
  assert.deepEqual([...writer.take()], [7]);
  assert.equal(new PackedReader(first).text(), "first");
});

test("only whole numbers up to 2^53 can be written", () => {
  for (const value of [NaN, 0.5, MAX + 1, -MAX - 1, Infinity]) {
    assert.throws(() => written((writer) => writer.integer(value)));
    assert.throws(() => written((writer) => writer.count(value)));
  }
  assert.throws(() => written((writer) => writer.count(-1)));
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JuteOut } from "../../../test/support/zk-jute.ts";
import { JuteError, JuteReader } from "./jute-reader.ts";

const int64 = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });

test("numbers and strings are read as they were written", () => {
  fc.assert(
    fc.property(fc.integer(), int64, fc.boolean(), fc.option(fc.string({ unit: "binary" })), (int, id, flag, text) => {
      const reader = readerOf(new JuteOut().int(int).long(id).boolean(flag).buffer(text).int(int).bytes());
      assert.deepEqual(
        [reader.readInt(), reader.readId(), reader.readBoolean(), reader.readString(), reader.readInt()],
        [int, id, flag, text, int],
      );
      assert.equal(reader.remaining, 0);
    }),
  );
});

test("a long is exact within the safe integers and saturates beyond", () => {
  const { MAX_SAFE_INTEGER: most, MIN_SAFE_INTEGER: least } = Number;
  const table: readonly (readonly [bigint, number])[] = [
    [0n, 0],
    [-1n, -1],
    [-2n, -2],
    [1n << 32n, 2 ** 32],
    [-(1n << 32n), -(2 ** 32)],
    [-(1n << 32n) - 1n, -(2 ** 32) - 1],
    [BigInt(most), most],
    [BigInt(most) + 1n, most],
    [BigInt(least), least],
    [BigInt(least) - 1n, least],
    [(1n << 63n) - 1n, most],
    [-(1n << 63n), least],
  ];
  for (const [wire, value] of table) assert.equal(readerOf(new JuteOut().long(wire).bytes()).readLong(), value);
  fc.assert(
    fc.property(int64, (wire) => {
      const clamped = Math.min(Math.max(Number(wire), least), most);
      assert.equal(readerOf(new JuteOut().long(wire).bytes()).readLong(), clamped);
    }),
  );
});

test("a reader sees no byte before or behind its frame", () => {
  const inside = new JuteOut().buffer("inside").bytes();
  const reader = new JuteReader().place(
    Buffer.concat([Buffer.alloc(9, 1), inside, Buffer.alloc(9, 2)]),
    9,
    9 + inside.length,
  );
  assert.equal(reader.remaining, inside.length);
  assert.equal(reader.readString(), "inside");
  for (const read of [
    () => reader.readInt(),
    () => reader.readLong(),
    () => reader.readId(),
    () => reader.readBoolean(),
  ]) {
    assert.throws(read, JuteError);
  }
  assert.equal(reader.rest().length, 0);
});

test("a plain Uint8Array that is a part of a larger memory is read from where it starts", () => {
  const memory = new Uint8Array(40).fill(0xff);
  memory.set(new JuteOut().int(258).buffer("ab").bytes(), 20);
  const reader = readerOf(memory.subarray(20, 30));
  assert.equal(reader.readInt(), 258);
  assert.equal(reader.readString(), "ab");
  assert.equal(reader.remaining, 0);
});

test("null, empty and malformed are three things", () => {
  const ints = (...values: readonly number[]): JuteReader => {
    const out = new JuteOut();
    for (const value of values) out.int(value);
    return readerOf(out.bytes());
  };
  assert.equal(ints(-1).readString(), null);
  assert.equal(ints(-1).readBuffer(), null);
  assert.equal(ints(0).readString(), "");
  assert.equal(ints(0).readBuffer()?.length, 0);
  for (const length of [-2, -(2 ** 31), 1, 2 ** 31 - 1]) {
    assert.throws(() => ints(length).readString(), JuteError);
    assert.throws(() => ints(length).readBuffer(), JuteError);
  }
  assert.throws(() => ints(-1).readText(), JuteError);
  assert.equal(ints(-1).readCount(4), -1);
  assert.equal(ints(-2).readCount(4), 0);
  assert.equal(ints(-(2 ** 31)).readCount(4), 0);
  assert.equal(ints(2, 0, 0).readCount(4), 2);
  assert.throws(() => ints(3, 0, 0).readCount(4), JuteError);
  assert.throws(() => ints(2 ** 31 - 1, 0).readCount(4), JuteError);
});

test("what is not UTF-8 reads as U+FFFD", () => {
  const text = (...bytes: readonly number[]): string | null =>
    readerOf(new JuteOut().buffer(Buffer.from(bytes)).bytes()).readString();
  assert.equal(text(0x61, 0xff), "a\ufffd");
  assert.equal(text(0xc3), "\ufffd");
  assert.match(text(0xed, 0xa0, 0xbd) ?? "", /^\ufffd+$/);
});

test("expected bytes are skipped only when all of them lie in the frame", () => {
  const reader = new JuteReader().place(Buffer.from("abcdef"), 1, 4);
  assert.equal(reader.skipIf(Buffer.from("bx")), false);
  assert.equal(reader.skipIf(Buffer.from("bcde")), false, "its last byte is that of the next frame");
  assert.equal(reader.remaining, 3);
  assert.equal(reader.skipIf(Buffer.from("bc")), true);
  assert.equal(Buffer.from(reader.rest()).toString(), "d");
});

test("a cleared reader holds no frame", () => {
  const reader = readerOf(new JuteOut().int(1).bytes());
  reader.clear();
  assert.equal(reader.remaining, 0);
  assert.throws(() => reader.readInt(), JuteError);
});

function readerOf(bytes: Uint8Array): JuteReader {
  return new JuteReader().place(bytes);
}

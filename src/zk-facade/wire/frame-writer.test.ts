import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JuteOut } from "../../../test/support/zk-jute.ts";
import { ChunkPool } from "./chunk-pool.ts";
import { FrameWriter } from "./frame-writer.ts";
import { encodeStrings } from "./jute-strings.ts";

/** Strings without characters past U+FFFF: for those ZooKeeper leaves UTF-8. */
const basicText = fc
  .string({ unit: "binary", maxLength: 40 })
  .map((text) => text.replaceAll(/[\u{10000}-\u{10ffff}]/gu, "?"));

type Part =
  | { readonly kind: "int" | "long"; readonly value: number }
  | { readonly kind: "id"; readonly value: bigint }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "string"; readonly value: string | null }
  | { readonly kind: "buffer"; readonly value: Uint8Array | null }
  | { readonly kind: "strings"; readonly value: readonly string[] };

const bytes = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 60 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 100_000 }).map((length) => new Uint8Array(length).fill(length)) },
);
const part: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ kind: fc.constant("int"), value: fc.integer() }),
  fc.record({ kind: fc.constant("long"), value: fc.maxSafeInteger() }),
  fc.record({ kind: fc.constant("id"), value: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }) }),
  fc.record({ kind: fc.constant("boolean"), value: fc.boolean() }),
  fc.record({ kind: fc.constant("string"), value: fc.option(basicText) }),
  fc.record({ kind: fc.constant("buffer"), value: fc.option(bytes) }),
  fc.record({ kind: fc.constant("strings"), value: fc.array(basicText, { maxLength: 5 }) }),
);
const frames = fc.array(fc.array(part, { maxLength: 8 }), { maxLength: 12 });

test("the frames are those of a codec that keeps all in one buffer, however small the chunks are", () => {
  fc.assert(
    fc.property(frames, fc.integer({ min: 8, max: 200 }), fc.array(fc.boolean()), (sent, chunkBytes, takes) => {
      const writer = new FrameWriter(new ChunkPool({ chunkBytes }));
      const taken: Uint8Array[] = [];
      let length = 0;
      for (const [index, parts] of sent.entries()) {
        const expected = plainFrame(parts);
        writeFrame(writer, parts);
        length += expected.length;
        assert.equal(writer.length, length);
        if (takes[index] !== true) continue;
        taken.push(...writer.take().buffers);
        length = 0;
        assert.equal(writer.length, 0);
      }
      const last = writer.take();
      assert.equal(last.bytes, length);
      taken.push(...last.buffers);
      assert.deepEqual(Buffer.concat(taken), Buffer.concat(sent.map(plainFrame)));
    }),
    { numRuns: 400 },
  );
});

test("longs are written to the byte at the borders of their words", () => {
  const { MAX_SAFE_INTEGER, MIN_SAFE_INTEGER } = Number;
  const longs = [
    0,
    -1,
    1,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    -(2 ** 32),
    -(2 ** 32) - 1,
    MAX_SAFE_INTEGER,
    MIN_SAFE_INTEGER,
  ];
  for (const value of longs) {
    const writer = new FrameWriter(new ChunkPool());
    writer.begin().long(value).end();
    assert.equal(Buffer.concat(writer.take().buffers).readBigInt64BE(4), BigInt(value));
  }
});

test("a character past U+FFFF becomes two sequences, as Java's client and server write it", () => {
  const writer = new FrameWriter(new ChunkPool());
  writer.begin().string("a\u{1f600}ü").end();
  assert.equal(
    Buffer.concat(writer.take().buffers).toString("hex"),
    "0000000d" + "00000009" + "61" + "eda0bdedb880" + "c3bc",
  );
});

test("long values are not copied, short ones are", () => {
  const long = new Uint8Array(100_000);
  const short = new Uint8Array(1000);
  const writer = new FrameWriter(new ChunkPool());
  writer.begin().int(1).buffer(short).buffer(long).int(2).end();
  const { buffers, bytes: total } = writer.take();
  assert.ok(buffers.some((buffer) => buffer.buffer === long.buffer));
  assert.ok(buffers.every((buffer) => buffer.buffer !== short.buffer));
  assert.equal(total, 4 + 4 + 4 + 1000 + 4 + 100_000 + 4);
  assert.equal(buffers.length, 3);
});

test("small output is copied out, so that its chunk is free at once", () => {
  const pool = new ChunkPool();
  const writer = new FrameWriter(pool);
  writer.begin().int(7).end();
  const { buffers } = writer.take();
  assert.equal(pool.freeCount, 1);
  assert.deepEqual(
    buffers.map((buffer) => buffer.length),
    [8],
  );
  assert.ok(buffers[0]!.buffer.byteLength <= 8192, "no more is held than Node's own small pool");
});

test("a copy holds no chunk, and refers to long values where they lie", () => {
  const pool = new ChunkPool();
  const writer = new FrameWriter(pool);
  const long = Buffer.alloc(20_000, 7);
  writer.begin().int(1).buffer(long).int(2).end();
  const { buffers, bytes } = writer.takeCopy();
  assert.equal(pool.freeCount, 1);
  writer.begin().buffer(Buffer.alloc(10_000, 9)).end();
  assert.equal(buffers[1], long);
  const expected = Buffer.alloc(4 + 4 + 4 + long.length + 4);
  expected.writeInt32BE(expected.length - 4, 0);
  expected.writeInt32BE(1, 4);
  expected.writeInt32BE(long.length, 8);
  long.copy(expected, 12);
  expected.writeInt32BE(2, expected.length - 4);
  assert.deepEqual(Buffer.concat(buffers), expected);
  assert.equal(bytes, expected.length);
});

test("chunks go back to the pool when their output is released, and only once", () => {
  const pool = new ChunkPool({ chunkBytes: 5000 });
  const writer = new FrameWriter(pool);
  for (let frame = 0; frame < 3; frame += 1) writer.begin().buffer(new Uint8Array(4000)).end();
  const output = writer.take();
  assert.equal(output.bytes, 3 * 4008);
  assert.equal(pool.freeCount, 0);
  output.release();
  assert.equal(pool.freeCount, 3);
  output.release();
  assert.equal(pool.freeCount, 3);
  const again = pool.take();
  assert.ok(output.buffers.some((buffer) => buffer.buffer === again.buffer));
});

test("the pool keeps no more free chunks than it was told", () => {
  const pool = new ChunkPool({ chunkBytes: 10, freeMax: 2 });
  const chunks = [pool.take(), pool.take(), pool.take()];
  for (const chunk of chunks) pool.give(chunk);
  assert.equal(pool.freeCount, 2);
});

test("nothing was written: nothing is taken", () => {
  const writer = new FrameWriter(new ChunkPool());
  assert.deepEqual(writer.take().buffers, []);
  assert.equal(writer.take().bytes, 0);
});

test("a writer whose connection is gone gives its chunks back, also within a frame", () => {
  const pool = new ChunkPool({ chunkBytes: 100 });
  const writer = new FrameWriter(pool);
  writer.begin().buffer(new Uint8Array(90)).int(1).int(2).int(3);
  writer.clear();
  assert.equal(writer.length, 0);
  assert.equal(pool.freeCount, 2);
  writer.begin().int(5).end();
  assert.equal(Buffer.concat(writer.take().buffers).toString("hex"), "0000000400000005");
});

test("a frame that is not ended is a mistake of ours", () => {
  const writer = new FrameWriter(new ChunkPool());
  writer.begin();
  assert.throws(() => writer.take(), /not ended/);
  assert.throws(() => writer.begin(), /within a frame/);
  writer.end();
  assert.throws(() => writer.end(), /no frame/);
});

test("names that are encoded once are the vector that is written name by name", () => {
  fc.assert(
    fc.property(fc.array(basicText, { maxLength: 30 }), (names) => {
      const writer = new FrameWriter(new ChunkPool({ chunkBytes: 64 }));
      writer.begin().strings(names).end();
      const vector = Buffer.concat(writer.take().buffers).subarray(4);
      assert.deepEqual(Buffer.from(encodeStrings(names)), vector);
    }),
  );
});

function writeFrame(writer: FrameWriter, parts: readonly Part[]): void {
  writer.begin();
  for (const each of parts) {
    switch (each.kind) {
      case "int":
        writer.int(each.value);
        break;
      case "long":
        writer.long(each.value);
        break;
      case "id":
        writer.id(each.value);
        break;
      case "boolean":
        writer.boolean(each.value);
        break;
      case "string":
        writer.string(each.value);
        break;
      case "buffer":
        writer.buffer(each.value);
        break;
      case "strings":
        writer.strings(each.value);
        break;
    }
  }
  writer.end();
}

function plainFrame(parts: readonly Part[]): Buffer {
  const out = new JuteOut();
  for (const each of parts) {
    switch (each.kind) {
      case "int":
        out.int(each.value);
        break;
      case "long":
      case "id":
        out.long(each.value);
        break;
      case "boolean":
        out.boolean(each.value);
        break;
      case "string":
      case "buffer":
        out.buffer(each.value);
        break;
      case "strings":
        out.strings(each.value);
        break;
    }
  }
  const payload = out.bytes();
  return new JuteOut().int(payload.length).raw(payload).bytes();
}

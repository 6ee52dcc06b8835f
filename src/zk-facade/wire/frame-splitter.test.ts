import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type FrameFault, FrameSplitter, frameBytesMaxDefault } from "./frame-splitter.ts";
import { JuteReader } from "./jute-reader.ts";

const payloads = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 12 });
const cuts = fc.array(fc.nat(), { maxLength: 20 });

test("frames come out whole and in order, wherever the stream is cut", () => {
  fc.assert(
    fc.property(payloads, cuts, (sent, at) => {
      const stream = streamOf(sent);
      assert.deepEqual(split(chunksOf(stream, at)), sent.map(hexOf));
    }),
    { numRuns: 500 },
  );
});

test("frames come out whole when every byte is a chunk of its own", () => {
  const sent = [Buffer.of(1), Buffer.alloc(700, 2), Buffer.of(3, 4)];
  const bytes = [...streamOf(sent)].map((byte) => Buffer.of(byte));
  assert.deepEqual(split(bytes), sent.map(hexOf));
});

test("chunks may pile up before anybody takes a frame", () => {
  fc.assert(
    fc.property(payloads, cuts, (sent, at) => {
      const splitter = new FrameSplitter();
      for (const chunk of chunksOf(streamOf(sent), at)) splitter.push(chunk);
      assert.deepEqual(drain(splitter), sent.map(hexOf));
      assert.equal(splitter.pendingBytes, 0);
    }),
  );
});

test("a frame that lies whole in its chunk is read where it lies", () => {
  const chunk = streamOf([Buffer.from("abc"), Buffer.from("def")]);
  const splitter = new FrameSplitter();
  const reader = new JuteReader();
  splitter.push(chunk);
  for (const text of ["abc", "def"]) {
    assert.ok(splitter.next(reader));
    const rest = reader.rest();
    assert.equal(rest.buffer, chunk.buffer);
    assert.equal(Buffer.from(rest).toString(), text);
  }
});

test("a chunk may be used again once all its frames are taken, though one of them is cut", () => {
  const [first, second] = [Buffer.from("first"), Buffer.alloc(90, "second")];
  const stream = streamOf([first, second]);
  const splitter = new FrameSplitter();
  const borrowed = Buffer.from(stream.subarray(0, 40));
  splitter.push(borrowed);
  assert.deepEqual(drain(splitter), [hexOf(first)]);
  borrowed.fill(0xff);
  splitter.push(stream.subarray(40));
  assert.deepEqual(drain(splitter), [hexOf(second)]);
});

test("views of a frame that was put together stay as they are when the next one comes", () => {
  const splitter = new FrameSplitter();
  const reader = new JuteReader();
  const views: Uint8Array[] = [];
  for (const letter of ["a", "b", "c"]) {
    const stream = streamOf([Buffer.alloc(50, letter)]);
    splitter.push(stream.subarray(0, 20));
    assert.equal(splitter.next(reader), false);
    splitter.push(stream.subarray(20));
    assert.ok(splitter.next(reader));
    views.push(reader.rest());
  }
  assert.deepEqual(
    views.map((view) => Buffer.from(view).toString()),
    ["a", "b", "c"].map((letter) => letter.repeat(50)),
  );
});

test("the first four bytes can be seen before they are taken for a length", () => {
  const splitter = new FrameSplitter();
  const ruok = Buffer.from("ruok");
  for (let bytes = 0; bytes < 4; bytes += 1) {
    assert.equal(splitter.peek(), null);
    splitter.push(ruok.subarray(bytes, bytes + 1));
  }
  assert.equal(splitter.peek(), ruok.readInt32BE());
  assert.equal(splitter.pendingBytes, 4);

  const client = new FrameSplitter();
  const frame = streamOf([Buffer.from("connect")]);
  client.push(frame.subarray(0, 2));
  assert.equal(client.next(new JuteReader()), false);
  client.push(frame.subarray(2));
  assert.equal(client.peek(), 7);
  assert.deepEqual(drain(client), [hexOf(Buffer.from("connect"))]);
});

const faults: readonly (readonly [number, number, FrameFault | null])[] = [
  [-1, frameBytesMaxDefault, "negative"],
  [-(2 ** 31), frameBytesMaxDefault, "negative"],
  [0, frameBytesMaxDefault, "empty"],
  [1, frameBytesMaxDefault, null],
  [1_048_575, frameBytesMaxDefault, null],
  [1_048_576, frameBytesMaxDefault, "tooLong"],
  [2 ** 31 - 1, frameBytesMaxDefault, "tooLong"],
  [11, 10, "tooLong"],
  [10, 10, null],
];
for (const [length, frameBytesMax, fault] of faults) {
  test(`a length of ${length} where ${frameBytesMax} are allowed: ${fault ?? "accepted"}`, () => {
    const splitter = new FrameSplitter({ frameBytesMax });
    const reader = new JuteReader();
    const prefix = Buffer.alloc(4);
    prefix.writeInt32BE(length);
    splitter.push(Buffer.concat([streamOf([Buffer.from("fine")]), prefix, Buffer.of(1, 2)]));
    assert.ok(splitter.next(reader), "the frame before it is still good");
    const isNext = splitter.next(reader);
    assert.equal(splitter.fault, fault);
    assert.equal(isNext, fault === null && length <= 2);
    if (fault === null) return;
    assert.equal(splitter.pendingBytes, 0, "nothing is kept for a connection that ends");
    splitter.push(streamOf([Buffer.from("more")]));
    assert.equal(splitter.next(reader), false, "nothing comes after it");
  });
}

test("a frame of the greatest length comes through", () => {
  const payload = Buffer.alloc(frameBytesMaxDefault, 7);
  const stream = streamOf([payload, Buffer.of(9)]);
  const chunks: Buffer[] = [];
  for (let at = 0; at < stream.length; at += 65_536) chunks.push(stream.subarray(at, at + 65_536));
  assert.deepEqual(split(chunks), [hexOf(payload), "09"]);
});

test("what is only claimed costs nothing: ten thousand connections with the start of a long frame", () => {
  const start = Buffer.alloc(104);
  start.writeInt32BE(frameBytesMaxDefault);
  const before = process.memoryUsage().arrayBuffers;
  const reader = new JuteReader();
  const splitters = Array.from({ length: 10_000 }, () => {
    const splitter = new FrameSplitter();
    splitter.push(start);
    assert.equal(splitter.next(reader), false);
    return splitter;
  });
  const grownBytes = process.memoryUsage().arrayBuffers - before;
  assert.ok(grownBytes < 10_000 * 2048, `${grownBytes} bytes for ${splitters.length} connections`);
});

function split(chunks: readonly Uint8Array[]): string[] {
  const splitter = new FrameSplitter();
  return chunks.flatMap((chunk) => {
    splitter.push(chunk);
    return drain(splitter);
  });
}

function drain(splitter: FrameSplitter): string[] {
  const reader = new JuteReader();
  const frames: string[] = [];
  while (splitter.next(reader)) frames.push(hexOf(reader.rest()));
  assert.equal(splitter.fault, null);
  return frames;
}

function streamOf(payloads: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    payloads.flatMap((payload) => {
      const prefix = Buffer.alloc(4);
      prefix.writeInt32BE(payload.length);
      return [prefix, payload];
    }),
  );
}

/** Cuts a stream at the given places, taken modulo its length. */
function chunksOf(stream: Buffer, at: readonly number[]): Buffer[] {
  const places = [...new Set(at.map((place) => place % (stream.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => stream.subarray(from, places[index] ?? stream.length));
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { FrameReader, frameOf, refusalOfEncoding } from "./frame.ts";
import { grpcCode, statusOf } from "./status.ts";

function takeAll(reader: FrameReader): Buffer[] {
  const messages: Buffer[] = [];
  for (let message = reader.take(); message !== null; message = reader.take()) messages.push(message);
  return messages;
}

function failureOf(reader: FrameReader) {
  try {
    takeAll(reader);
  } catch (error) {
    return statusOf(error);
  }
  return null;
}

test("messages come out as they went in, however the bytes are cut", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.array(fc.nat(12)), (messages, cuts) => {
      const reader = new FrameReader(100, undefined);
      let rest = Buffer.concat(messages.map((message) => frameOf(message)));
      const taken: Buffer[] = [];
      for (const cut of [...cuts, rest.length]) {
        reader.push(rest.subarray(0, cut));
        rest = rest.subarray(cut);
        taken.push(...takeAll(reader));
      }
      reader.push(rest);
      taken.push(...takeAll(reader));
      assert.deepEqual(
        taken.map((message) => [...message]),
        messages.map((message) => [...message]),
      );
      assert.ok(reader.isEmpty);
    }),
  );
});

test("a message that comes in one piece is not copied", () => {
  const chunk = frameOf(Buffer.from("hello"));
  const reader = new FrameReader(100, undefined);
  reader.push(chunk);
  assert.equal(reader.take()!.buffer, chunk.buffer);
});

test("a message over the limit is refused at its prefix, in grpc-go's words", () => {
  const reader = new FrameReader(10, undefined);
  reader.push(frameOf(Buffer.alloc(10)));
  assert.equal(takeAll(reader).length, 1);
  reader.push(frameOf(Buffer.alloc(11)).subarray(0, 5));
  assert.deepEqual(failureOf(reader), {
    code: grpcCode.resourceExhausted,
    details: "grpc: received message larger than max (11 vs. 10)",
  });
});

test("gzip is understood, up to the limit and no further", () => {
  const compressed = (content: Buffer): Buffer => {
    const frame = frameOf(gzipSync(content));
    frame[0] = 1;
    return frame;
  };
  const reader = new FrameReader(1000, "gzip");
  reader.push(compressed(Buffer.alloc(1000, "x")));
  assert.equal(takeAll(reader)[0]!.toString(), "x".repeat(1000));

  const bomb = new FrameReader(100_000, "gzip");
  bomb.push(compressed(Buffer.alloc(10_000_000)));
  assert.deepEqual(failureOf(bomb), {
    code: grpcCode.resourceExhausted,
    details: "grpc: received message after decompression larger than max 100000",
  });

  const broken = new FrameReader(1000, "gzip");
  const frame = frameOf(Buffer.from("no gzip"));
  frame[0] = 1;
  broken.push(frame);
  assert.equal(failureOf(broken)!.code, grpcCode.internal);
});

test("the flag must be one of two, and fit the encoding", () => {
  const flagged = (flag: number, encoding?: string) => {
    const reader = new FrameReader(100, encoding);
    const frame = frameOf(Buffer.from("x"));
    frame[0] = flag;
    reader.push(frame);
    return failureOf(reader);
  };
  assert.equal(flagged(0), null);
  assert.equal(flagged(1)!.details, "grpc: compressed flag set with identity or empty encoding");
  assert.equal(flagged(2)!.details, "grpc: received unexpected payload format 2");
  assert.equal(refusalOfEncoding("gzip"), null);
  assert.deepEqual(refusalOfEncoding("snappy")!.status, {
    code: grpcCode.unimplemented,
    details: 'grpc: Decompressor is not installed for grpc-encoding "snappy"',
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionOpening } from "./connection-opening.ts";

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

function frame(type: number, flags: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  return Buffer.concat([header, payload]);
}

const settings = frame(4, 0);
const acknowledgement = frame(4, 1);
const windowUpdate = frame(8, 0, Buffer.of(0, 0, 1, 0));
const ping = frame(6, 0, Buffer.alloc(8));
const data = frame(0, 0, Buffer.from("request"));

// HPACK (RFC 7541): :method POST, a size update, then a literal of a new name, then the literal of :authority.
const before = Buffer.concat([Buffer.of(0x83, 0x3f, 0xe1, 0x1f, 0x40, 0x01), Buffer.from("x"), Buffer.of(0x01, 0x79)]);
const literal = (authority: string): Buffer =>
  Buffer.concat([before, Buffer.of(0x41, authority.length), Buffer.from(authority)]);
// "http://" in Huffman code, a dash for each slash, and the bits of "a" (00011) behind.
const bits = (text: string): Buffer => Buffer.from(text.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)));
const huffman = (slash: string): Buffer => {
  const value = bits(`10011101001010011010111011100${slash}${slash}0001111`);
  return Buffer.concat([Buffer.of(0x01, 0x80 | value.length), value, Buffer.of(0x84)]);
};
const [SLASH, DASH] = ["011000", "010110"];

const headerBlocks: Readonly<Record<string, readonly [sent: Buffer, mended: Buffer]>> = {
  "a literal": [literal("http://a:1"), literal("http:--a:1")],
  "a literal without a scheme": [literal("a:1"), literal("a:1")],
  "Huffman code": [huffman(SLASH), huffman(DASH)],
  "no authority": [before, before],
  nothing: [Buffer.alloc(0), Buffer.alloc(0)],
  "a literal that is cut": [literal("http://a:1").subarray(0, -8), literal("http://a:1").subarray(0, -8)],
  "an integer without an end": [Buffer.of(0x7f, 0xff, 0xff), Buffer.of(0x7f, 0xff, 0xff)],
};

for (const [name, [sent, mended]] of Object.entries(headerBlocks)) {
  test(`the first request's authority is mended, and nothing else: ${name}`, () => {
    const opening = new ConnectionOpening();
    opening.push(Buffer.concat([preface, settings, windowUpdate, frame(1, 4, sent), data]));
    assert.ok(opening.isComplete);
    assert.ok(!opening.mustGreet(), "who asks at once waits for no greeting");
    assert.deepEqual(opening.bytes, Buffer.concat([preface, settings, windowUpdate, frame(1, 4, mended), data]));
  });
}

test("padding and priority stand around the header block", () => {
  const around = (block: Buffer): Buffer => Buffer.concat([Buffer.of(3), Buffer.alloc(5), block, Buffer.alloc(3)]);
  const opening = new ConnectionOpening();
  opening.push(Buffer.concat([preface, settings, frame(1, 0x2c, around(literal("http://a:1")))]));
  const mended = frame(1, 0x2c, around(literal("http:--a:1")));
  assert.deepEqual(opening.bytes, Buffer.concat([preface, settings, mended]));
});

test("cut at each byte, a connection opens the same", () => {
  const request = frame(1, 4, literal("http://a:1"));
  const sent = Buffer.concat([preface, settings, acknowledgement, request]);
  const expected = Buffer.concat([preface, settings, frame(1, 4, literal("http:--a:1"))]);
  for (let cut = preface.length + settings.length; cut < sent.length; cut++) {
    const opening = new ConnectionOpening();
    opening.push(sent.subarray(0, cut));
    assert.ok(!opening.isComplete);
    if (cut < preface.length + settings.length + acknowledgement.length) {
      assert.ok(opening.mustGreet());
      assert.ok(!opening.mustGreet(), "once");
      opening.push(sent.subarray(cut));
      assert.ok(opening.isComplete);
      assert.deepEqual(opening.bytes, expected);
    }
  }
});

test("the acknowledgement is waited for, also behind the request", () => {
  const opening = new ConnectionOpening();
  opening.push(Buffer.concat([preface, settings]));
  assert.ok(opening.mustGreet());
  const request = frame(1, 4, literal("a:1"));
  opening.push(Buffer.concat([request, data]));
  assert.ok(!opening.isComplete && !opening.isSettled);
  opening.push(Buffer.concat([acknowledgement, data]));
  assert.ok(opening.isComplete);
  assert.deepEqual(opening.bytes, Buffer.concat([preface, settings, request, data, data]));
});

test("anything that is no introduction ends the opening", () => {
  const opening = new ConnectionOpening();
  opening.push(Buffer.concat([preface, settings, ping]));
  assert.ok(opening.isComplete);
});

test("a client that sends and sends and acknowledges nothing is too long", () => {
  const opening = new ConnectionOpening();
  opening.push(Buffer.concat([preface, settings]));
  assert.ok(opening.mustGreet());
  for (let i = 0; i < 20; i++) opening.push(frame(0, 0, Buffer.alloc(16_000)));
  assert.ok(!opening.isComplete && opening.isTooLong);
});

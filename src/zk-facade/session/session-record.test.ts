import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { proofOf } from "./password.ts";
import { decodeSessionRecord, encodeSessionRecord, type SessionRecord } from "./session-record.ts";

const sample: SessionRecord = {
  timeoutMs: 30_000,
  createdMs: 1_795_000_000_000,
  owner: { facade: 0xdeadbeef, name: "zk-1 é" },
  proof: proofOf(Buffer.from("abc")),
};

const plain = { noNullPrototype: true };
const owner = fc.record({ facade: fc.nat(2 ** 32 - 1), name: fc.string({ unit: "grapheme", maxLength: 40 }) }, plain);
const record: fc.Arbitrary<SessionRecord> = fc.record(
  {
    timeoutMs: fc.nat(2 ** 31 - 1),
    createdMs: fc.nat(Number.MAX_SAFE_INTEGER),
    owner,
    proof: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  },
  plain,
);

test("the format of version 1 stays as it is", () => {
  assert.equal(
    Buffer.from(encodeSessionRecord(sample)).toString("hex"),
    "01" +
      "b0ea01" +
      "80bcd9f29e34" +
      "deadbeef" +
      "07" +
      "7a6b2d3120c3a9" +
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

test("a record comes back as it was", () => {
  fc.assert(fc.property(record, (given) => assert.deepEqual(decodeSessionRecord(encodeSessionRecord(given)), given)));
});

test("bytes cut short or with something behind them are no record", () => {
  const bytes = encodeSessionRecord(sample);
  for (let end = 0; end < bytes.length; end++)
    assert.equal(decodeSessionRecord(bytes.subarray(0, end)), null, `${end}`);
  assert.equal(decodeSessionRecord(Buffer.concat([bytes, Uint8Array.of(0)])), null);
});

test("another version is no record", () => {
  const bytes = encodeSessionRecord(sample);
  for (let format = 0; format < 256; format++) {
    bytes[0] = format;
    assert.equal(decodeSessionRecord(bytes) === null, format !== 1);
  }
});

test("any bytes at all are a record or null", () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc.uint8Array({ maxLength: 100 }).map((tail) => Uint8Array.of(1, ...tail)),
    fc.tuple(record, fc.nat(60), fc.nat(255)).map(([given, at, byte]) => {
      const bytes = Uint8Array.from(encodeSessionRecord(given));
      bytes[at % bytes.length] = byte;
      return bytes;
    }),
  );
  fc.assert(
    fc.property(hostile, (bytes) => {
      const decoded = decodeSessionRecord(bytes);
      if (decoded === null) return;
      assert.equal(decoded.proof.length, 32);
      assert.ok(Number.isSafeInteger(decoded.timeoutMs) && decoded.timeoutMs >= 0);
      assert.ok(Number.isSafeInteger(decoded.createdMs));
      assert.deepEqual(decodeSessionRecord(encodeSessionRecord(decoded)), decoded);
    }),
    { numRuns: 2000 },
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { DecodeError, DEPTH_MAX, EMPTY_BYTES, Reader, Writer } from "./codec.ts";
import {
  decodeAuthenticateRequest,
  decodeCompare,
  decodePutRequest,
  decodeRangeRequest,
  decodeRangeResponse,
  decodeRequest,
  decodeRequestOp,
  decodeTxnRequest,
  decodeWatchCreateRequest,
  encodeCompactionRequest,
  encodePutRequest,
  encodeTxnRequest,
  newPutRequest,
  newTxnRequest,
  type TxnRequest,
} from "./etcdserverpb.ts";
import { decodeConfState, decodeEntry, encodeConfState, newConfState } from "./raftpb.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

test("a varint is read as the 64 bits it is, by each kind of integer in its own way", () => {
  const max = Number.MAX_SAFE_INTEGER;
  const rows: [bytes: string, int64: number, uint64: number, int64Id: bigint, uint64Id: bigint, int32: number][] = [
    ["00", 0, 0, 0n, 0n, 0],
    ["7f", 127, 127, 127n, 127n, 127],
    ["8001", 128, 128, 128n, 128n, 128],
    ["8000", 0, 0, 0n, 0n, 0], // Longer than it need be, and still zero.
    ["ffffff7f", 2 ** 28 - 1, 2 ** 28 - 1, 2n ** 28n - 1n, 2n ** 28n - 1n, 2 ** 28 - 1],
    ["8080808001", 2 ** 28, 2 ** 28, 2n ** 28n, 2n ** 28n, 2 ** 28],
    ["ffffffff0f", 2 ** 32 - 1, 2 ** 32 - 1, 2n ** 32n - 1n, 2n ** 32n - 1n, -1],
    ["808080808002", 2 ** 36, 2 ** 36, 2n ** 36n, 2n ** 36n, 0],
    ["ffffffffffffff0f", max, max, 2n ** 53n - 1n, 2n ** 53n - 1n, -1],
    ["8080808080808010", max, max, 2n ** 53n, 2n ** 53n, 0],
    ["ffffffffffffffff7f", max, max, 2n ** 63n - 1n, 2n ** 63n - 1n, -1],
    ["80808080808080808001", -max, max, -(2n ** 63n), 2n ** 63n, 0],
    ["ffffffffffffffffff01", -1, max, -1n, 2n ** 64n - 1n, -1],
    ["818080808080 80f0ff01", -max, max, -(2n ** 53n) + 1n, 2n ** 64n - 2n ** 53n + 1n, 1],
    ["808080808080 80f0ff01", -max, max, -(2n ** 53n), 2n ** 64n - 2n ** 53n, 0],
    ["ffffffffffffffffff7f", -1, max, -1n, 2n ** 64n - 1n, -1], // Bits above the 64th are dropped.
  ];
  for (const [text, int64, uint64, int64Id, uint64Id, int32] of rows) {
    // Once at the very end of the input and once with more behind it: these are two code paths.
    for (const bytes of [hex(text), Buffer.concat([hex(text), Buffer.alloc(16, 0xff)])]) {
      assert.equal(new Reader(bytes).int64(), int64, `int64 ${text}`);
      assert.equal(new Reader(bytes).uint64(), uint64, `uint64 ${text}`);
      assert.equal(new Reader(bytes).int64Id(), int64Id, `int64Id ${text}`);
      assert.equal(new Reader(bytes).uint64Id(), uint64Id, `uint64Id ${text}`);
      assert.equal(new Reader(bytes).int32(), int32, `int32 ${text}`);
      assert.equal(new Reader(bytes).uint32(), int32 >>> 0, `uint32 ${text}`);
      assert.equal(new Reader(bytes).bool(), uint64Id !== 0n, `bool ${text}`);
      const reader = new Reader(bytes);
      reader.uint64();
      assert.equal(reader.pos, hex(text).length, `end of ${text}`);
    }
  }
});

test("what is not a message is refused with a DecodeError that says why", () => {
  const rows: [why: string, bytes: string, message: RegExp][] = [
    ["a tag without a value", "0a", /unexpected EOF/],
    ["bytes that are cut short", "0a05 6162", /unexpected EOF/],
    ["a varint that is cut short", "18 8080", /unexpected EOF/],
    ["a varint of ten bytes that wants an eleventh", "18 80808080808080808080 01", /integer overflow/],
    ["the same at the very end", "18 80808080808080808080", /integer overflow/],
    ["a length past 2^32", "0a ffffffff7f", /unexpected EOF/],
    ["a length past 2^53, or below zero", "0a ffffffffffffffffff01", /unexpected EOF/],
    ["field number 0", "00 00", /illegal tag/],
    ["field number 0 with a length", "02 00", /illegal tag/],
    ["field number 0, in two bytes", "8200 00", /illegal tag/],
    ["a field number above 2^29", "80808080 10 00", /field number out of range/],
    ["wire type 6", "7e", /illegal wireType 6/],
    ["wire type 7", "7f", /illegal wireType 7/],
    ["the end of a group that never began", "7c", /unexpected end of group/],
    ["a group that never ends", "7b", /unexpected EOF/],
    ["a group that ends as another one", "7b 74", /mismatching end group/],
    ["a group with a bad tag", "7b 00", /illegal tag/],
    ["fixed64 that is cut short", "79 00000000000000", /unexpected EOF/],
    ["fixed32 that is cut short", "7d 000000", /unexpected EOF/],
    ["a known field with another wire type", "08 01", /wrong wireType = 0 for field key/],
    ["an integer field with bytes", "1a 00", /wrong wireType = 2 for field lease/],
  ];
  for (const [why, text, message] of rows) {
    assert.throws(
      () => decodePutRequest(hex(text)),
      (error) => error instanceof DecodeError && message.test(error.message),
      why,
    );
  }
});

test("unknown fields of every wire type are passed over", () => {
  const unknown = "78 ffffffffffffffffff01  79 0102030405060708  7a 03 616263  7d 01020304  7b 08 01 7b 7c 7a 01 00 7c";
  const request = decodePutRequest(hex(`0a 01 61 ${unknown} 12 01 62 f80a 05`));
  assert.deepEqual(request, newPutRequest({ key: Buffer.from("a"), value: Buffer.from("b") }));
});

test("of a scalar given twice the last one counts, and so does a zero", () => {
  assert.equal(decodePutRequest(hex("18 05 18 07")).lease, 7n);
  assert.equal(decodePutRequest(hex("18 05 18 00")).lease, 0n);
  assert.deepEqual(decodePutRequest(hex("0a 01 61 0a 00")).key, EMPTY_BYTES);
});

test("an embedded message given twice is merged", () => {
  const response = decodeRangeResponse(hex("0a 04 08 01 18 05  0a 04 10 02 18 06"));
  assert.deepEqual(response.header, { clusterId: 1n, memberId: 2n, revision: 6, raftTerm: 0 });
});

test("of a oneof given twice the last member counts, whole", () => {
  const range = decodeRequestOp(hex("12 03 0a 01 61  0a 03 0a 01 62  0a 02 18 05")).request;
  assert.equal(range?.case, "requestRange");
  assert.deepEqual([range.value.limit, range.value.key.length], [5, 0]);
  assert.deepEqual(decodeCompare(hex("20 05 3a 00")).targetUnion, { case: "value", value: EMPTY_BYTES });
  assert.deepEqual(decodeCompare(hex("20 00")).targetUnion, { case: "version", value: 0 });
});

test("repeated numbers are read packed, one by one, and mixed", () => {
  assert.deepEqual(decodeWatchCreateRequest(hex("2a 02 01 00  28 05 2a 00")).filters, [1, 0, 5]);
  assert.deepEqual(decodeConfState(hex("08 01 0a 03 02 8001 08 03")).voters, [1n, 2n, 128n, 3n]);
  assert.throws(() => decodeConfState(hex("0a 01 80 01")), /packed values reach past their length/);
});

test("proto2 repeated numbers are written one by one", () => {
  const state = newConfState({ voters: [1n, 2n ** 64n - 1n], learners: [3n] });
  assert.equal(encodeConfState(state).toString("hex"), "080108ffffffffffffffffff0110032800");
});

test("an unknown enum number is kept", () => {
  assert.equal(decodeRangeRequest(hex("28 63")).sortOrder, 99);
  assert.equal(decodeRangeRequest(hex("28 ffffffffffffffffff01")).sortOrder, -1);
});

test("a proto3 string must be UTF-8; one of proto2 is mended", () => {
  const rows: [bytes: string, valid: boolean][] = [
    ["61", true],
    ["c3bc", true],
    ["f09f9491", true],
    ["ff", false],
    ["61c3", false],
    ["c0af", false], // Longer than it need be.
    ["eda080", false], // Half of a surrogate pair.
    ["f4908080", false], // Past the last code point.
  ];
  for (const [text, valid] of rows) {
    const field = Buffer.concat([Buffer.from([0x0a, text.length / 2]), hex(text)]);
    if (valid) assert.equal(decodeAuthenticateRequest(field).name, hex(text).toString());
    else assert.throws(() => decodeAuthenticateRequest(field), /invalid UTF-8/, text);
  }
  assert.equal(decodeRequest(hex("12 02 61ff")).method, "a\ufffd");
});

test("a bytes field is a view of the input", () => {
  const input = hex("0a 03 666f6f");
  const { key } = decodePutRequest(input.subarray());
  input[2] = 0x62;
  assert.equal(Buffer.from(key).toString(), "boo");
  // The input may itself be a view, and need not be a Buffer.
  const inner = new Uint8Array(hex("ffff 0a 03 666f6f ff")).subarray(2, 7);
  assert.equal(Buffer.from(decodePutRequest(inner).key).toString(), "foo");
});

test("absent bytes of proto2 are null, and empty ones are empty", () => {
  assert.equal(decodeEntry(hex("08 00")).data, null);
  assert.deepEqual(decodeEntry(hex("22 00")).data, EMPTY_BYTES);
});

/** A Txn in a Txn, so many levels deep. Each takes two messages: the request and the operation that holds it. */
function nestedTxn(levels: number): Buffer {
  const writer = new Writer();
  for (let level = 1; level < levels; level++) {
    writer.nested((4 << 3) | 2, 0);
    writer.nested((2 << 3) | 2, 0);
  }
  return writer.finish();
}

test("messages nest as deep as DEPTH_MAX, and no deeper", () => {
  const levels = DEPTH_MAX / 2 + 1;
  let txn: TxnRequest | null = decodeTxnRequest(nestedTxn(levels));
  assert.equal(encodeTxnRequest(txn).length, nestedTxn(levels).length);
  let depth = 0;
  for (; txn !== null; depth++) {
    const request: TxnRequest["success"][number]["request"] = txn.success[0]?.request ?? null;
    txn = request?.case === "requestTxn" ? request.value : null;
  }
  assert.equal(depth, levels);
  for (const tooMany of [levels + 1, 20_000]) {
    assert.throws(() => decodeTxnRequest(nestedTxn(tooMany)), /exceeded maximum recursion depth/);
  }
  const groups = Buffer.concat([Buffer.alloc(20_000, 0x7b), Buffer.alloc(20_000, 0x7c)]);
  assert.throws(() => decodePutRequest(groups), /exceeded maximum recursion depth/);
});

test("an integer is written in as few bytes as it takes", () => {
  const rows: [number, string][] = [
    [1, "01"],
    [127, "7f"],
    [128, "8001"],
    [16383, "ff7f"],
    [16384, "808001"],
    [2 ** 21 - 1, "ffff7f"],
    [2 ** 21, "80808001"],
    [2 ** 28 - 1, "ffffff7f"],
    [2 ** 28, "8080808001"],
    [2 ** 32 - 1, "ffffffff0f"],
    [2 ** 32, "8080808010"],
    [2 ** 35 - 1, "ffffffff7f"],
    [2 ** 35, "808080808001"],
    [2 ** 53 - 1, "ffffffffffffff0f"],
    [-1, "ffffffffffffffffff01"],
    [-(2 ** 53) + 1, "81808080808080f0ff01"],
  ];
  for (const [revision, varint] of rows) {
    assert.equal(encodeCompactionRequest({ revision, physical: false }).toString("hex"), `08${varint}`);
    assert.equal(encodePutRequest(newPutRequest({ lease: BigInt(revision) })).toString("hex"), `18${varint}`);
  }
});

test("what was encoded stays as it is, whatever is encoded after it", () => {
  const requests = Array.from({ length: 3000 }, (_, i) => newPutRequest({ key: Buffer.from(`key ${i}`) }));
  const encoded = requests.map(encodePutRequest);
  requests.forEach((request, i) => assert.deepEqual(decodePutRequest(encoded[i]!), request));
});

test("a message larger than a slab comes out whole, at any size and depth", () => {
  for (const size of [16_000, 16_380, 16_384, 16_390, 40_000, 3_000_000]) {
    const put = newPutRequest({ key: Buffer.alloc(60, 1), value: Buffer.alloc(size, 2), lease: 3n });
    const txn = newTxnRequest({
      success: [
        { request: { case: "requestPut", value: put } },
        {
          request: {
            case: "requestTxn",
            value: newTxnRequest({ failure: [{ request: { case: "requestPut", value: put } }] }),
          },
        },
      ],
    });
    assert.deepEqual(decodeTxnRequest(encodeTxnRequest(txn)), txn);
  }
});

test("an encoding that failed half way leaves nothing behind", () => {
  const broken = { ...newPutRequest({ key: Buffer.from("a"), lease: 5n }), value: null as unknown as Uint8Array };
  assert.throws(() => encodePutRequest(broken), TypeError);
  assert.equal(encodePutRequest(newPutRequest({ key: Buffer.from("b") })).toString("hex"), "0a0162");
});

test("a string is written as UTF-8, and half a surrogate pair as the replacement character", () => {
  const rows = ["", "a", "a".repeat(300), "ü", "aü", "鍵", "🔑 and more", "x".repeat(200) + "é", "\ud83d!"];
  for (const text of rows) {
    const writer = new Writer();
    writer.string(0x0a, text);
    const bytes = Buffer.from(text);
    const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
    assert.deepEqual(writer.finish(), Buffer.concat([Buffer.from([0x0a, ...length]), bytes]));
  }
});

/** Whatever comes in, a frame is a request, an unknown opcode or a JuteError: never another exception, hang or hoard. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyRequest, expectationOf, opNames, requestArbitrary } from "../../../test/support/zk-arbitrary.ts";
import { encodeConnectRequest, encodeRequestBody, type Member, operations } from "../../../test/support/zk-records.ts";
import { FrameSplitter } from "./frame-splitter.ts";
import { JuteError, JuteReader } from "./jute-reader.ts";
import { OpCode } from "./messages.ts";
import { decodeConnectRequest, decodeRequest } from "./requests.ts";

const opCodes = [...Object.values(OpCode), 10, 23, 99, 500];
const longestInt = Buffer.from("7fffffff", "hex");

/** A check alone is no request; the others are nothing but their header. */
const withoutRecord: readonly string[] = ["check", "ping", "whoAmI", "closeSession"];

for (const op of opNames.filter((name) => !withoutRecord.includes(name))) {
  test(`${op}: a record that is cut anywhere is malformed`, () => {
    const whole = requestArbitrary(op).filter((request) => typeof expectationOf(request) === "object");
    fc.assert(
      fc.property(whole, ({ fields }) => {
        const body = encodeRequestBody(op, fields as never);
        assert.ok(body.length > 0);
        for (let bytes = 0; bytes < body.length; bytes += 1) {
          assert.equal(outcomeOf(operations[op].opCode, body.subarray(0, bytes)), "malformed");
        }
      }),
      { numRuns: 30 },
    );
  });
}

test("a connect request that is cut anywhere is malformed, or one without its last byte", () => {
  const whole = encodeConnectRequest({ password: Buffer.alloc(16, 7), timeoutMs: 9 });
  for (let bytes = 0; bytes < whole.length; bytes += 1) {
    const reader = new JuteReader().place(whole.subarray(0, bytes));
    if (bytes === whole.length - 1) assert.equal(decodeConnectRequest(reader).readOnly, null);
    else assert.throws(() => decodeConnectRequest(reader), JuteError);
  }
});

test("random bytes are a request or malformed, for every opcode", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      for (const opCode of opCodes) outcomeOf(opCode, bytes);
      connectOutcomeOf(bytes);
    }),
    { numRuns: 1000 },
  );
});

test("records with bytes changed, put in and taken out are requests or malformed", () => {
  const change = fc.record({
    at: fc.nat(),
    remove: fc.nat(6),
    insert: fc.oneof(
      fc.uint8Array({ maxLength: 6 }),
      fc.constantFrom(longestInt, Buffer.alloc(4, 0xff), Buffer.alloc(4)),
    ),
  });
  fc.assert(
    fc.property(anyRequest, fc.array(change, { minLength: 1, maxLength: 5 }), ({ op, fields }, changes) => {
      let body = encodeRequestBody(op, fields as never);
      for (const { at, remove, insert } of changes) {
        const from = at % (body.length + 1);
        body = Buffer.concat([body.subarray(0, from), insert, body.subarray(from + remove)]);
      }
      outcomeOf(operations[op].opCode, body);
      // The same bytes under every other opcode.
      for (const opCode of opCodes) outcomeOf(opCode, body);
    }),
    { numRuns: 1500 },
  );
});

test("the longest length in every place of every record ends the decoding at once", () => {
  fc.assert(
    fc.property(anyRequest, ({ op, fields }) => {
      const body = encodeRequestBody(op, fields as never);
      for (let at = 0; at + 4 <= body.length; at += 1) {
        const changed = Buffer.from(body);
        changed.set(longestInt, at);
        outcomeOf(operations[op].opCode, changed);
      }
    }),
    { numRuns: 300 },
  );
});

test("huge counts make no room for what is not there", () => {
  const frame = Buffer.alloc(1_048_575);
  frame.set(longestInt, 8 + 4);
  const before = process.memoryUsage();
  for (let round = 0; round < 1000; round += 1) {
    assert.equal(outcomeOf(OpCode.setWatches, frame), "malformed");
    assert.equal(outcomeOf(OpCode.setAcl, frame.subarray(8)), "malformed");
  }
  const after = process.memoryUsage();
  const grownBytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  assert.ok(grownBytes < 50_000_000, `${grownBytes} bytes`);
});

test("the densest frames of the greatest length are decoded in time that grows with their bytes only", () => {
  const member: Member = { op: "check", path: "", version: 0 };
  const watches = { relativeZxid: 0, data: Array.from({ length: 260_000 }, () => "") };
  const densest = [
    ["multi", encodeRequestBody("multi", { members: Array.from({ length: 60_000 }, () => member) })],
    ["setWatches", encodeRequestBody("setWatches", watches)],
    [
      "setAcl",
      encodeRequestBody("setAcl", {
        path: "/",
        acl: Array.from({ length: 87_000 }, () => ({ perms: 1, scheme: "", id: "" })),
      }),
    ],
  ] as const;
  for (const [op, body] of densest) {
    assert.ok(body.length > 1_000_000 && body.length < 1_048_575);
    const before = process.cpuUsage();
    assert.equal(outcomeOf(operations[op].opCode, body), "request");
    const tookMicros = process.cpuUsage(before).user;
    assert.ok(tookMicros < 1_000_000, `${op} took ${tookMicros} µs`);
  }
});

test("random streams are cut into frames or refused, and hold no more than what came", () => {
  const chunk = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    anyRequest.map(({ op, fields }) => {
      const body = encodeRequestBody(op, fields as never);
      const frame = Buffer.alloc(12 + body.length);
      frame.writeInt32BE(8 + body.length, 0);
      frame.writeInt32BE(operations[op].opCode, 8);
      frame.set(body, 12);
      return frame;
    }),
  );
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 20 }), (chunks) => {
      const splitter = new FrameSplitter({ frameBytesMax: 1000 });
      const reader = new JuteReader();
      let cameBytes = 0;
      for (const bytes of chunks) {
        splitter.push(bytes);
        cameBytes += bytes.length;
        while (splitter.next(reader)) {
          cameBytes -= 4 + reader.remaining;
          if (reader.remaining < 8) continue;
          reader.readInt();
          decodeRest(reader);
        }
        if (splitter.fault !== null) return;
        assert.equal(splitter.pendingBytes, cameBytes);
      }
    }),
    { numRuns: 500 },
  );
});

function decodeRest(reader: JuteReader): void {
  try {
    decodeRequest(reader.readInt(), reader);
  } catch (error) {
    assert.ok(error instanceof JuteError, String(error));
  }
}

function outcomeOf(opCode: number, body: Uint8Array): "request" | "unknown" | "malformed" {
  const reader = new JuteReader().place(body);
  try {
    return decodeRequest(opCode, reader) === null ? "unknown" : "request";
  } catch (error) {
    assert.ok(error instanceof JuteError, String(error));
    return "malformed";
  }
}

function connectOutcomeOf(bytes: Uint8Array): void {
  try {
    decodeConnectRequest(new JuteReader().place(bytes));
  } catch (error) {
    assert.ok(error instanceof JuteError, String(error));
  }
}

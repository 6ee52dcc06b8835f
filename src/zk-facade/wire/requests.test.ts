import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type Expectation,
  expectationOf,
  opNames,
  requestArbitrary,
  type ClientRequest,
} from "../../../test/support/zk-arbitrary.ts";
import { JuteOut } from "../../../test/support/zk-jute.ts";
import { encodeConnectRequest, encodeRequestBody, openAcl, operations } from "../../../test/support/zk-records.ts";
import { JuteError, JuteReader, juteErrors } from "./jute-reader.ts";
import { OpCode, type Request } from "./messages.ts";
import { decodeConnectRequest, decodeRequest } from "./requests.ts";

for (const op of opNames) {
  test(`${op}: what a client encodes is what the server reads`, () => {
    fc.assert(
      fc.property(requestArbitrary(op), fc.uint8Array({ maxLength: 8 }), (request, trailing) => {
        const body = bodyOf(request);
        const expected = expectationOf(request);
        assert.deepEqual(outcomeOf(operations[op].opCode, body), expected);
        // What follows a record is ignored, and what lies beyond its frame is not read.
        const longer = Buffer.concat([body, trailing]);
        assert.deepEqual(outcomeOf(operations[op].opCode, longer), expected);
        const within = new JuteReader().place(
          Buffer.concat([trailing, body, trailing]),
          trailing.length,
          trailing.length + body.length,
        );
        assert.deepEqual(outcomeOf(operations[op].opCode, within), expected);
      }),
      { numRuns: op === "multi" || op === "multiRead" ? 600 : 200 },
    );
  });
}

test("connect: what a client encodes is what the server reads", () => {
  const fields = fc.record(
    {
      protocolVersion: fc.integer(),
      lastZxidSeen: fc.maxSafeInteger(),
      timeoutMs: fc.integer(),
      sessionId: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
      password: fc.option(fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes))),
      readOnly: fc.option(fc.boolean()),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fields, (request) => {
      assert.deepEqual(decodeConnectRequest(readerOf(encodeConnectRequest(request))), request);
    }),
  );
});

test("a connect request may be as short as 28 bytes, and no shorter", () => {
  const whole = encodeConnectRequest({ password: null, readOnly: null, timeoutMs: 5 });
  assert.equal(whole.length, 28);
  assert.equal(decodeConnectRequest(readerOf(whole)).timeoutMs, 5);
  for (let bytes = 0; bytes < 28; bytes += 1) {
    assert.throws(() => decodeConnectRequest(readerOf(whole.subarray(0, bytes))), JuteError);
  }
});

test("any byte but zero says read-only, and what follows it is ignored", () => {
  const old = encodeConnectRequest({ readOnly: null });
  assert.equal(decodeConnectRequest(readerOf(Buffer.concat([old, Buffer.of(2, 9, 9)]))).readOnly, true);
});

test("opcodes that no client may send are unknown, whatever follows them", () => {
  const { notification, check, createSession, error } = OpCode;
  for (const opCode of [notification, check, createSession, error, 10, 23, 99, 108, 500, -2, 2 ** 31 - 1]) {
    assert.equal(outcomeOf(opCode, Buffer.alloc(0)), "unknown");
    assert.equal(outcomeOf(opCode, Buffer.alloc(64)), "unknown");
  }
});

test("a request without its record is malformed, unless it has none", () => {
  for (const op of opNames) {
    const isBare = ["ping", "whoAmI", "closeSession"].includes(op);
    if (op !== "check")
      assert.equal(typeof outcomeOf(operations[op].opCode, Buffer.alloc(0)), isBare ? "object" : "string");
  }
});

/** A create with an open ACL and no data; the TTL is written if there is one. */
function create(fields: { path: string | null; flags: number; ttl?: number }): (out: JuteOut) => JuteOut {
  return (out) => {
    out.buffer(fields.path).buffer("").int(1).int(31).buffer("world").buffer("anyone").int(fields.flags);
    return fields.ttl === undefined ? out : out.long(fields.ttl);
  };
}

/** The same when it was left to the planner. */
function pathless(opCode: 1 | 21, flags: number, ttl: number): Expectation {
  const acl = [{ perms: 31, scheme: "world", id: "anyone" }];
  return { op: "create", opCode, path: "", data: Buffer.alloc(0), acl, flags, ttl };
}

/** As a real 3.9.5 was seen to answer them; the expectation is of the codec's part. */
const oddities: readonly (readonly [string, number, (out: JuteOut) => JuteOut, Expectation])[] = [
  ["a create without a path", 1, create({ path: null, flags: 4 }), "malformed"],
  ["a create without a path or a mode", 1, create({ path: null, flags: 5 }), pathless(1, 5, 0)],
  ["a createTTL without a path", 21, create({ path: null, flags: 6, ttl: 2 ** 40 - 1 }), "malformed"],
  ["a createTTL without a path or a TTL", 21, create({ path: null, flags: 6, ttl: 2 ** 40 }), pathless(21, 6, 2 ** 40)],
  ["a createTTL without a path or a mode", 21, create({ path: null, flags: 0, ttl: 5 }), pathless(21, 0, 5)],
  [
    "a multi whose create has neither path nor mode",
    14,
    (out) => create({ path: null, flags: 7, ttl: 5 })(out.int(21).boolean(false).int(-1)).int(-1).boolean(true).int(-1),
    "malformed",
  ],
  ["a list of fewer than none is empty", 7, (out) => out.buffer("/a").int(-2).int(4), setAcl([])],
  ["a string shorter than null", 4, (out) => out.int(-2).boolean(true), "malformed"],
  ["data shorter than null", 5, (out) => out.buffer("/a").int(-2).int(4), "malformed"],
  [
    "data longer than the frame",
    5,
    (out) =>
      out
        .buffer("/a")
        .int(2 ** 31 - 1)
        .int(4),
    "malformed",
  ],
  [
    "more entries than bytes",
    7,
    (out) =>
      out
        .buffer("/a")
        .int(2 ** 31 - 1)
        .int(4),
    "malformed",
  ],
  [
    "one entry too few",
    1,
    (out) => out.buffer("/a").buffer("").int(2).int(31).buffer("world").buffer("anyone").int(0),
    "malformed",
  ],
  [
    "a boolean of two is true",
    3,
    (out) => out.buffer("/a").raw(Buffer.of(2)),
    { op: "exists", path: "/a", watch: true },
  ],
  [
    "bytes that are no UTF-8",
    4,
    (out) => out.buffer(Buffer.of(0x2f, 0xc3, 0x28)).boolean(false),
    { op: "getData", path: "/\ufffd(", watch: false },
  ],
  ["a byte order mark belongs to the path", 6, (out) => out.buffer("\ufeff/a"), { op: "getAcl", path: "\ufeff/a" }],
  ["a vector of fewer than none watches", 101, (out) => out.long(7).int(-2).int(-9).int(0), watches()],
  [
    "a multi that ends with another type and code",
    14,
    (out) => out.int(5).boolean(true).int(0),
    { op: "multi", members: [] },
  ],
  ["a multi without an end", 14, (out) => out.int(2).boolean(false).int(-1).buffer("/a").int(0), "malformed"],
  ["a multi that is cut within its end", 14, (out) => out.int(-1).boolean(true).raw(Buffer.alloc(3)), "malformed"],
];

for (const [name, opCode, write, expected] of oddities) {
  test(`decoded as a real server does: ${name}`, () =>
    assert.deepEqual(outcomeOf(opCode, write(new JuteOut()).bytes()), expected));
}

test("data is a view of the frame, not a copy", () => {
  const body = encodeRequestBody("setData", { path: "/a", data: "abc" });
  const request = decodeRequest(OpCode.setData, readerOf(body));
  assert.equal(request?.op, "setData");
  body.write("xyz", body.indexOf("abc"));
  assert.equal(Buffer.from(request.data!).toString(), "xyz");
});

test("a long path is read in full", () => {
  const path = `/${"ü".repeat(100_000)}`;
  const body = encodeRequestBody("create", { path, acl: openAcl });
  assert.equal((outcomeOf(OpCode.create, body) as { path: string }).path, path);
});

function setAcl(acl: []): Request {
  return { op: "setAcl", path: "/a", acl, version: 4 };
}

function watches(): Request {
  return { op: "setWatches", relativeZxid: 7, data: [], exist: [], child: [], persistent: [], recursive: [] };
}

function bodyOf({ op, fields }: ClientRequest): Buffer {
  return encodeRequestBody(op, fields as never);
}

function readerOf(bytes: Uint8Array): JuteReader {
  return new JuteReader().place(bytes);
}

function outcomeOf(opCode: number, body: Uint8Array | JuteReader): Expectation {
  try {
    const reader = body instanceof JuteReader ? body : readerOf(body);
    return decodeRequest(opCode, reader) ?? "unknown";
  } catch (error) {
    if (error === juteErrors.badReadMember) return "badReads";
    if (error instanceof JuteError) return "malformed";
    throw error;
  }
}

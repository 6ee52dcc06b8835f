/** Bytes as a real ZooKeeper 3.9.5 was seen to receive and send them, read and written by both codecs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ConnectFields,
  decodeConnectReply,
  decodeEvent,
  decodeReplyBody,
  encodeConnectRequest,
  encodeRequestBody,
  openAcl,
  type OpName,
  operations,
  type ReplyBodies,
  type RequestFields,
} from "../../../test/support/zk-records.ts";
import { reservedZnode, znodeWith } from "../../../test/support/zk-znodes.ts";
import type { Znode } from "../tree/znode.ts";
import { ChunkPool } from "./chunk-pool.ts";
import { FrameSplitter } from "./frame-splitter.ts";
import { FrameWriter } from "./frame-writer.ts";
import { JuteReader } from "./jute-reader.ts";
import { encodeStrings } from "./jute-strings.ts";
import type { Request } from "./messages.ts";
import { ReplyWriter } from "./replies.ts";
import { decodeConnectRequest, decodeRequest } from "./requests.ts";

const world = "00000001 0000001f 00000005 776f726c64 00000006 616e796f6e65";
const end = "ffffffff 01 ffffffff";
const anyone = [{ perms: 31, scheme: "world", id: "anyone" }];
const empty = Buffer.alloc(0);

interface RequestVector<Op extends OpName> {
  readonly name: string;
  readonly op: Op;
  readonly fields: RequestFields[Op];
  readonly body: string;
  readonly request: Request;
}

testRequest({
  name: "auth digest u:p",
  op: "auth",
  fields: { scheme: "digest", auth: "u:p" },
  body: "00000000 00000006 646967657374 00000003 753a70",
  request: { op: "auth", scheme: "digest", auth: Buffer.from("u:p") },
});
testRequest({
  name: "create /j with empty data and an open list",
  op: "create",
  fields: { path: "/j", data: "", acl: openAcl, flags: 0 },
  body: `00000002 2f6a 00000000 ${world} 00000000`,
  request: { op: "create", opCode: 1, path: "/j", data: empty, acl: anyone, flags: 0, ttl: 0 },
});
testRequest({
  name: "create an ephemeral sequential /j/s with null data for whoever is authenticated",
  op: "create",
  fields: { path: "/j/s", data: null, acl: [{ perms: 31, scheme: "auth", id: "" }], flags: 3 },
  body: "00000004 2f6a2f73 ffffffff 00000001 0000001f 00000004 61757468 00000000 00000003",
  request: {
    op: "create",
    opCode: 1,
    path: "/j/s",
    data: null,
    acl: [{ perms: 31, scheme: "auth", id: "" }],
    flags: 3,
    ttl: 0,
  },
});
testRequest({
  name: "createTTL /j/t for 1000 ms",
  op: "createTtl",
  fields: { path: "/j/t", data: "", flags: 5, ttl: 1000 },
  body: `00000004 2f6a2f74 00000000 ${world} 00000005 00000000000003e8`,
  request: { op: "create", opCode: 21, path: "/j/t", data: empty, acl: anyone, flags: 5, ttl: 1000 },
});
testRequest({
  name: "exists /j with a watch",
  op: "exists",
  fields: { path: "/j", watch: true },
  body: "00000002 2f6a 01",
  request: { op: "exists", path: "/j", watch: true },
});
testRequest({
  name: "setData /j to nothing, any version",
  op: "setData",
  fields: { path: "/j", data: "", version: -1 },
  body: "00000002 2f6a 00000000 ffffffff",
  request: { op: "setData", path: "/j", data: empty, version: -1 },
});
testRequest({
  name: "setWatches since zxid 12",
  op: "setWatches",
  fields: { relativeZxid: 12, data: ["/j"], exist: ["/nonex"], child: ["/j"] },
  body: "000000000000000c 00000001 00000002 2f6a 00000001 00000006 2f6e6f6e6578 00000001 00000002 2f6a",
  request: {
    op: "setWatches",
    relativeZxid: 12,
    data: ["/j"],
    exist: ["/nonex"],
    child: ["/j"],
    persistent: [],
    recursive: [],
  },
});
testRequest({
  name: "setWatches2 with persistent watches",
  op: "setWatches2",
  fields: { relativeZxid: 12, data: ["/j"], exist: ["/nonex"], child: ["/j"], persistent: ["/j"], recursive: ["/j"] },
  body:
    "000000000000000c 00000001 00000002 2f6a 00000001 00000006 2f6e6f6e6578 00000001 00000002 2f6a" +
    "00000001 00000002 2f6a 00000001 00000002 2f6a",
  request: {
    op: "setWatches",
    relativeZxid: 12,
    data: ["/j"],
    exist: ["/nonex"],
    child: ["/j"],
    persistent: ["/j"],
    recursive: ["/j"],
  },
});
testRequest({
  name: "addWatch /j recursive",
  op: "addWatch",
  fields: { path: "/j", mode: 1 },
  body: "00000002 2f6a 00000001",
  request: { op: "addWatch", path: "/j", mode: 1 },
});
testRequest({
  name: "removeWatches /nonex of any kind",
  op: "removeWatches",
  fields: { path: "/nonex", type: 3 },
  body: "00000006 2f6e6f6e6578 00000003",
  request: { op: "removeWatches", path: "/nonex", type: 3 },
});
testRequest({
  name: "multi of a check and a delete",
  op: "multi",
  fields: {
    members: [
      { op: "check", path: "/", version: -1 },
      { op: "delete", path: "/tv", version: 0 },
    ],
  },
  body: `0000000d 00 ffffffff 00000001 2f ffffffff 00000002 00 ffffffff 00000003 2f7476 00000000 ${end}`,
  request: {
    op: "multi",
    members: [
      { op: "check", path: "/", version: -1 },
      { op: "delete", path: "/tv", version: 0 },
    ],
  },
});
testRequest({
  name: "an empty multi",
  op: "multi",
  fields: { members: [] },
  body: end,
  request: { op: "multi", members: [] },
});
testRequest({
  name: "multiRead of data and children",
  op: "multiRead",
  fields: {
    members: [
      { op: "getData", path: "/nope" },
      { op: "getChildren", path: "/zookeeper" },
    ],
  },
  body: `00000004 00 ffffffff 00000005 2f6e6f7065 00 00000008 00 ffffffff 0000000a 2f7a6f6f6b6565706572 00 ${end}`,
  request: {
    op: "multiRead",
    members: [
      { op: "getData", path: "/nope" },
      { op: "getChildren", path: "/zookeeper" },
    ],
  },
});
testRequest({ name: "ping", op: "ping", fields: {}, body: "", request: { op: "ping" } });
testRequest({ name: "closeSession", op: "closeSession", fields: {}, body: "", request: { op: "closeSession" } });

interface ReplyVector<Op extends OpName> {
  readonly name: string;
  readonly op: Op;
  readonly write: (replies: ReplyWriter) => void;
  readonly payload: string;
  /** Null: an error, or no record. */
  readonly body: ReplyBodies[Op] | null;
}

const nullZnode = znodeWith({ czxid: 4, mzxid: 4, pzxid: 4, ctime: 0x1a201f342bf, mtime: 0x1a201f342bf, isNull: true });
const configZnode = reservedZnode("/zookeeper/config", { aversion: -1 });

testReply({
  name: "ping",
  op: "ping",
  write: (replies) => replies.empty(-2, 16),
  payload: "fffffffe 0000000000000010 00000000",
  body: {},
});
testReply({
  name: "auth",
  op: "auth",
  write: (replies) => replies.empty(-4, 0),
  payload: "fffffffc 0000000000000000 00000000",
  body: {},
});
testReply({
  name: "create",
  op: "create",
  write: (replies) => replies.result(1, 2, { type: "path", path: "/j" }),
  payload: "00000001 0000000000000002 00000000 00000002 2f6a",
  body: { path: "/j" },
});
testReply({
  name: "getData of a znode that holds null",
  op: "getData",
  write: (replies) => replies.data(2, 4, null, nullZnode),
  payload:
    "00000002 0000000000000004 00000000 ffffffff 0000000000000004 0000000000000004 000001a201f342bf 000001a201f342bf" +
    "00000000 00000000 00000000 0000000000000000 00000000 00000000 0000000000000004",
  body: { data: null, stat: statOf(nullZnode) },
});
testReply({
  name: "getACL of /zookeeper/config",
  op: "getAcl",
  write: (replies) => replies.acl(3, 4, anyone, configZnode),
  payload: `00000003 0000000000000004 00000000 ${world} ${"00000000".repeat(8)} 00000000 00000000 ffffffff ${"00".repeat(24)}`,
  body: { acl: anyone, stat: statOf(configZnode) },
});
testReply({
  name: "addWatch",
  op: "addWatch",
  write: (replies) => replies.watchAdded(4, 13),
  payload: "00000004 000000000000000d 00000000 00000000",
  body: { err: 0 },
});
testReply({
  name: "multi of a check and a delete",
  op: "multi",
  write: (replies) =>
    replies.result(5, 13, {
      type: "multi",
      results: [
        { opCode: 13, result: { type: "none" } },
        { opCode: 2, result: { type: "none" } },
      ],
    }),
  payload: `00000005 000000000000000d 00000000 0000000d 00 00000000 00000002 00 00000000 ${end}`,
  body: {
    results: [
      { type: 13, err: 0 },
      { type: 2, err: 0 },
    ],
  },
});
testReply({
  name: "a multi that failed at its second member",
  op: "multi",
  write: (replies) =>
    replies.result(6, 14, {
      type: "multi",
      results: [
        { opCode: -1, result: { type: "none" } },
        { opCode: -1, result: { type: "error", code: "noNode" } },
      ],
    }),
  payload: `00000006 000000000000000e 00000000 ffffffff 00 00000000 00000000 ffffffff 00 ffffff9b ffffff9b ${end}`,
  body: {
    results: [
      { type: -1, err: 0, bodyErr: 0 },
      { type: -1, err: -101, bodyErr: -101 },
    ],
  },
});
testReply({
  name: "a multi that failed at its first member",
  op: "multi",
  write: (replies) =>
    replies.result(6, 14, {
      type: "multi",
      results: [
        { opCode: -1, result: { type: "error", code: "noAuth" } },
        { opCode: -1, result: { type: "error", code: "runtimeInconsistency" } },
      ],
    }),
  payload: `00000006 000000000000000e 00000000 ffffffff 00 ffffff9a ffffff9a ffffffff 00 fffffffe fffffffe ${end}`,
  body: {
    results: [
      { type: -1, err: -102, bodyErr: -102 },
      { type: -1, err: -2, bodyErr: -2 },
    ],
  },
});
testReply({
  name: "multiRead of a missing znode and of children",
  op: "multiRead",
  write: (replies) =>
    replies.reads(7, 14, [
      { type: "error", code: "noNode" },
      { type: "children", names: encodeStrings(["config", "quota"]) },
    ]),
  payload:
    "00000007 000000000000000e 00000000 ffffffff 00 ffffff9b ffffff9b" +
    `00000008 00 00000000 00000002 00000006 636f6e666967 00000005 71756f7461 ${end}`,
  body: {
    results: [
      { type: -1, err: -101, bodyErr: -101 },
      { type: 8, err: 0, children: ["config", "quota"] },
    ],
  },
});
testReply({
  name: "an empty multi",
  op: "multi",
  write: (replies) => replies.result(8, 14, { type: "multi", results: [] }),
  payload: `00000008 000000000000000e 00000000 ${end}`,
  body: { results: [] },
});
testReply({
  name: "whoAmI of a local client",
  op: "whoAmI",
  write: (replies) => replies.clientInfos(9, 14, [{ authScheme: "ip", user: "127.0.0.1" }]),
  payload: "00000009 000000000000000e 00000000 00000001 00000002 6970 00000009 3132372e302e302e31",
  body: { identities: [{ scheme: "ip", user: "127.0.0.1" }] },
});
testReply({
  name: "closeSession",
  op: "closeSession",
  write: (replies) => replies.result(7, 14, { type: "none" }),
  payload: "00000007 000000000000000e 00000000",
  body: {},
});
testReply({
  name: "an unknown opcode",
  op: "ping",
  write: (replies) => replies.error(1, -1, "unimplemented"),
  payload: "00000001 ffffffffffffffff fffffffa",
  body: null,
});
testReply({
  name: "sasl where none is configured",
  op: "sasl",
  write: (replies) => replies.token(1, null),
  payload: "00000001 0000000000000000 00000000 ffffffff",
  body: { token: null },
});
testReply({
  name: "an event of a transaction",
  op: "ping",
  write: (replies) => replies.event(3, "/j", 13),
  payload: "ffffffff 000000000000000d 00000000 00000003 00000003 00000002 2f6a",
  body: null,
});
testReply({
  name: "an event that is told after a reconnect",
  op: "ping",
  write: (replies) => replies.event(3, "/j", -1),
  payload: "ffffffff ffffffffffffffff 00000000 00000003 00000003 00000002 2f6a",
  body: null,
});

test("the test client reads events", () => {
  const event = decodeEvent(13, bytesOf("00000003 00000003 00000002 2f6a"));
  assert.deepEqual(event, { type: 3, state: 3, path: "/j", zxid: 13 });
});

test("the root shows twice its creates less its children", () => {
  const root = reservedZnode("/", { creates: 12, numChildren: 11 });
  const payload = payloadOf((replies) => replies.stat(1, 20, root));
  assert.equal(payload.subarray(16 + 36, 16 + 40).toString("hex"), "0000000d");
  assert.equal(payload.subarray(16 + 56, 16 + 60).toString("hex"), "0000000b");
});

const sessionId = 0x1000017bb9b0000n;
const password = bytesOf("47c3b988c8209380fd70793e51b216da");

const connects: readonly (readonly [string, string, ConnectFields])[] = [
  [
    "a new session",
    "00000000 0000000000000000 00003039 0000000000000000 00000010 00000000000000000000000000000000 00",
    {
      protocolVersion: 0,
      lastZxidSeen: 0,
      timeoutMs: 12345,
      sessionId: 0n,
      password: Buffer.alloc(16),
      readOnly: false,
    },
  ],
  [
    "a reattach",
    "00000000 000000000000000c 00003039 01000017bb9b0001 00000010 5ae4b388686c72c5f2b3e069253b2ba7 00",
    {
      protocolVersion: 0,
      lastZxidSeen: 12,
      timeoutMs: 12345,
      sessionId: 0x1000017bb9b0001n,
      password: bytesOf("5ae4b388686c72c5f2b3e069253b2ba7"),
      readOnly: false,
    },
  ],
];
for (const [name, payload, fields] of connects) {
  test(`connect request: ${name}`, () => {
    assert.equal(encodeConnectRequest(fields).toString("hex"), compact(payload));
    assert.deepEqual(decodeConnectRequest(new JuteReader().place(bytesOf(payload))), fields);
  });
}

const connectReplies = [
  {
    name: "accepted",
    frame: "00000025 00000000 00003039 01000017bb9b0000 00000010 47c3b988c8209380fd70793e51b216da 00",
    response: { timeoutMs: 12345, sessionId, password, readOnly: false },
  },
  {
    name: "expired",
    frame: "00000025 00000000 00000000 0000000000000000 00000010 00000000000000000000000000000000 00",
    response: { timeoutMs: 0, sessionId: 0n, password: Buffer.alloc(16), readOnly: false },
  },
  {
    name: "accepted, to an old client",
    frame: "00000024 00000000 00003039 01000017bb9b0000 00000010 47c3b988c8209380fd70793e51b216da",
    response: { timeoutMs: 12345, sessionId, password, readOnly: null },
  },
];
for (const { name, frame, response } of connectReplies) {
  test(`connect response: ${name}`, () => {
    assert.equal(frameOf((replies) => replies.connect(response)).toString("hex"), compact(frame));
    assert.deepEqual(decodeConnectReply(bytesOf(frame).subarray(4)), { protocolVersion: 0, ...response });
  });
}

test("a ping, frame by frame", () => {
  const splitter = new FrameSplitter();
  const reader = new JuteReader();
  splitter.push(bytesOf("00000008 fffffffe 0000000b"));
  assert.ok(splitter.next(reader));
  assert.equal(reader.readInt(), -2);
  assert.equal(reader.readInt(), operations.ping.opCode);
  assert.equal(
    frameOf((replies) => replies.empty(-2, 16)).toString("hex"),
    compact("00000010 fffffffe 0000000000000010 00000000"),
  );
});

function testRequest<Op extends OpName>({ name, op, fields, body, request }: RequestVector<Op>): void {
  test(`request: ${name}`, () => {
    assert.equal(encodeRequestBody(op, fields).toString("hex"), compact(body));
    assert.deepEqual(decodeRequest(operations[op].opCode, new JuteReader().place(bytesOf(body))), request);
  });
}

function testReply<Op extends OpName>({ name, op, write, payload, body }: ReplyVector<Op>): void {
  test(`reply: ${name}`, () => {
    assert.equal(payloadOf(write).toString("hex"), compact(payload));
    if (body !== null) assert.deepEqual(decodeReplyBody(op, bytesOf(payload).subarray(16)), body);
  });
}

function frameOf(write: (replies: ReplyWriter) => void): Buffer {
  const writer = new FrameWriter(new ChunkPool());
  write(new ReplyWriter(writer, { zxidOffset: 0 }));
  return Buffer.concat(writer.take().buffers);
}

function payloadOf(write: (replies: ReplyWriter) => void): Buffer {
  const frame = frameOf(write);
  assert.equal(frame.readInt32BE(0), frame.length - 4);
  return frame.subarray(4);
}

function statOf(znode: Znode): ReplyBodies["exists"]["stat"] {
  const { ctime, mtime, version, aversion, dataLength, numChildren } = znode;
  const [czxid, mzxid, pzxid] = [znode.czxid, znode.mzxid, znode.pzxid] as [number, number, number];
  const cversion = 2 * znode.creates - numChildren;
  const ephemeralOwner = znode.owner;
  return { czxid, mzxid, ctime, mtime, version, cversion, aversion, ephemeralOwner, dataLength, numChildren, pzxid };
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(compact(hex), "hex");
}

function compact(hex: string): string {
  return hex.replaceAll(" ", "");
}

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type ClientStat,
  decodeConnectReply,
  decodeEvent,
  decodeReplyBody,
  type MemberResult,
  type OpName,
} from "../../../test/support/zk-records.ts";
import { znodeWith } from "../../../test/support/zk-znodes.ts";
import { zkErrorNumbers, type ZkErrorCode } from "../errors.ts";
import type { MultiResult, WriteResult } from "../ops/plan.ts";
import { PendingZxid, type Znode } from "../tree/znode.ts";
import { ChunkPool } from "./chunk-pool.ts";
import { FrameWriter } from "./frame-writer.ts";
import { JuteError, juteErrors } from "./jute-reader.ts";
import { encodeStrings } from "./jute-strings.ts";
import type { EventType } from "./messages.ts";
import { type ReadResult, ReplyWriter } from "./replies.ts";

const zxidOffset = 5_000_000_000;

const int32 = fc.integer();
const count = fc.nat(2 ** 31 - 1);
const revision = fc.integer({ min: 1, max: 2 ** 52 });
const zxid = fc.oneof(fc.constant(0), revision);
const text = fc.string({ unit: "binary-ascii", maxLength: 30 });
const data = fc.option(fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.constant(new Uint8Array(50_000).fill(3))));
const code = fc.constantFrom(...(Object.keys(zkErrorNumbers) as ZkErrorCode[]));
const znode = fc
  .record({
    kind: fc.constantFrom("persistent", "ephemeral", "container", "ttl"),
    owner: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
    czxid: zxid,
    mzxid: zxid,
    pzxid: zxid,
    ctime: fc.maxSafeInteger(),
    mtime: fc.maxSafeInteger(),
    version: int32,
    aversion: int32,
    creates: fc.nat(2 ** 40),
    numChildren: count,
    dataLength: count,
  })
  .map(znodeWith);
const acl = fc.array(fc.record({ perms: int32, scheme: text, id: text }, { noNullPrototype: true }), { maxLength: 4 });
const infos = fc.array(fc.record({ authScheme: text, user: text }), { maxLength: 4 });
const names = fc.array(text, { maxLength: 20 });

test("a stat shows its znode: zxids with the offset, the owner of ephemerals alone, cversion as an int32", () => {
  fc.assert(
    fc.property(znode, (node) => {
      assert.deepEqual(
        bodyOf("exists", (replies) => replies.stat(1, 1, node)),
        { stat: statOf(node) },
      );
    }),
  );
});

test("a zxid that was pending shows what it was filled with", () => {
  const pending = new PendingZxid();
  const node = znodeWith({ czxid: pending, mzxid: pending, pzxid: 3 });
  pending.value = 41;
  const { stat } = bodyOf("exists", (replies) => replies.stat(1, 41, node));
  assert.deepEqual(
    [stat.czxid, stat.mzxid, stat.pzxid],
    [41, 41, 3].map((value) => value + zxidOffset),
  );
});

test("the offset is added to all zxids above zero, in headers and events too", () => {
  assert.equal(replyOf((replies) => replies.empty(7, 12)).zxid, 12 + zxidOffset);
  assert.equal(replyOf((replies) => replies.empty(7, 0)).zxid, 0);
  assert.equal(replyOf((replies) => replies.error(7, -1, "unimplemented")).zxid, -1);
  assert.equal(replyOf((replies) => replies.event(1, "/a", 12)).zxid, 12 + zxidOffset);
  assert.equal(replyOf((replies) => replies.event(1, "/a", -1)).zxid, -1);
});

test("each kind of body holds what it was given", () => {
  const property = fc.record({ znode, data, acl, infos, names, path: fc.option(text), total: int32, xid: int32 });
  fc.assert(
    fc.property(property, (given) => {
      const { xid, path } = given;
      const stat = statOf(given.znode);
      const list = encodeStrings(given.names);
      const bytes = given.data === null ? null : Buffer.from(given.data);
      assert.deepEqual(
        bodyOf("getData", (r) => r.data(xid, 1, given.data, given.znode)),
        { data: bytes, stat },
      );
      assert.deepEqual(
        bodyOf("reconfig", (r) => r.data(xid, 1, given.data, given.znode)),
        { data: bytes, stat },
      );
      assert.deepEqual(
        bodyOf("getAcl", (r) => r.acl(xid, 1, given.acl, given.znode)),
        { acl: given.acl, stat },
      );
      assert.deepEqual(
        bodyOf("getChildren", (r) => r.children(xid, 1, list)),
        { children: given.names },
      );
      assert.deepEqual(
        bodyOf("getChildren2", (r) => r.children2(xid, 1, list, given.znode)),
        {
          children: given.names,
          stat,
        },
      );
      assert.deepEqual(
        bodyOf("sync", (r) => r.path(xid, 1, path)),
        { path },
      );
      assert.deepEqual(
        bodyOf("create2", (r) => r.created(xid, 1, "/p", given.znode)),
        { path: "/p", stat },
      );
      assert.deepEqual(
        bodyOf("getAllChildrenNumber", (r) => r.total(xid, 1, given.total)),
        { total: given.total },
      );
      assert.deepEqual(
        bodyOf("getEphemerals", (r) => r.paths(xid, 1, given.names)),
        { ephemerals: given.names },
      );
      assert.deepEqual(
        bodyOf("addWatch", (r) => r.watchAdded(xid, 1)),
        { err: 0 },
      );
      assert.deepEqual(
        bodyOf("whoAmI", (r) => r.clientInfos(xid, 1, given.infos)),
        {
          identities: given.infos.map(({ authScheme, user }) => ({ scheme: authScheme, user })),
        },
      );
      assert.deepEqual(
        bodyOf("sasl", (r) => r.token(xid, given.data)),
        { token: bytes },
      );
    }),
  );
});

test("events hold their type, the connected state and the path", () => {
  fc.assert(
    fc.property(fc.constantFrom<EventType>(1, 2, 3, 4), text, revision, (type, path, at) => {
      const { xid, zxid: shown, err, body } = replyOf((replies) => replies.event(type, path, at));
      assert.deepEqual([xid, err], [-1, 0]);
      assert.deepEqual(decodeEvent(shown, body), { type, state: 3, path, zxid: at + zxidOffset });
    }),
  );
});

test("an error has its number and no body", () => {
  for (const [name, number] of Object.entries(zkErrorNumbers)) {
    const reply = replyOf((replies) => replies.error(9, 3, name as ZkErrorCode));
    assert.deepEqual([reply.xid, reply.err, reply.body.length], [9, number, 0]);
  }
});

test("of malformed requests only a multiRead of writes has a body", () => {
  for (const error of Object.values(juteErrors)) {
    assert.ok(error instanceof JuteError);
    const { err, body } = replyOf((replies) => replies.malformed(1, 2, error));
    assert.equal(err, -5);
    assert.equal(body.toString("hex"), error === juteErrors.badReadMember ? "ffffffff01ffffffff" : "");
  }
});

test("a failed sasl exchange has a null token behind its error", () => {
  const { xid, zxid: shown, err, body } = replyOf((replies) => replies.saslFailed(4));
  assert.deepEqual([xid, shown, err, body.toString("hex")], [4, 0, -115, "ffffffff"]);
});

test("connect responses carry the byte for read-only when the request did", () => {
  const response = fc.record(
    {
      timeoutMs: int32,
      sessionId: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
      password: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes)),
      readOnly: fc.option(fc.boolean()),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(response, (given) => {
      const payload = payloadOf((replies) => replies.connect(given));
      assert.deepEqual(decodeConnectReply(payload), { protocolVersion: 0, ...given });
      assert.equal(payload.length, given.readOnly === null ? 36 : 37);
    }),
  );
});

type Single = MultiResult["result"];
const single: fc.Arbitrary<Single> = fc.oneof(
  fc.record({ type: fc.constant("none") }),
  fc.record({ type: fc.constant("path"), path: text }),
  fc.record({ type: fc.constant("created"), path: text, znode }),
  fc.record({ type: fc.constant("stat"), znode }),
);
const failure: fc.Arbitrary<Single> = fc.record({ type: fc.constant("error"), code });

test("what a single write comes to", () => {
  const readers: Record<Single["type"], OpName> = {
    none: "delete",
    path: "create",
    created: "create2",
    stat: "setData",
    error: "delete",
  };
  fc.assert(
    fc.property(fc.oneof(single, failure), int32, revision, (result, xid, at) => {
      const reply = replyOf((replies) => replies.result(xid, at, result));
      assert.deepEqual([reply.xid, reply.zxid], [xid, at + zxidOffset]);
      assert.equal(reply.err, result.type === "error" ? zkErrorNumbers[result.code] : 0);
      if (result.type === "error") assert.equal(reply.body.length, 0);
      else assert.deepEqual(decodeReplyBody(readers[result.type], reply.body), memberOf(result));
    }),
  );
});

test("a multi has a result for each member and an end, whether it was done or not", () => {
  const opCodes: Record<Exclude<Single["type"], "error">, readonly number[]> = {
    none: [2, 13],
    path: [1],
    created: [15],
    stat: [5],
  };
  const done = fc.array(
    fc.tuple(single, fc.nat()).map(([result, choice]): MultiResult => {
      assert.ok(result.type !== "error");
      const choices = opCodes[result.type];
      return { opCode: choices[choice % choices.length]!, result };
    }),
    { maxLength: 8 },
  );
  const failed = fc.array(
    fc.oneof(fc.constant<Single>({ type: "none" }), failure).map((result): MultiResult => ({ opCode: -1, result })),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(fc.oneof(done, failed), (results) => {
      const expected = results.map(({ opCode, result }): MemberResult => {
        const err = result.type === "error" ? zkErrorNumbers[result.code] : 0;
        return opCode === -1 ? { type: -1, err, bodyErr: err } : { type: opCode, err: 0, ...memberOf(result) };
      });
      const written: WriteResult = { type: "multi", results };
      assert.deepEqual(
        bodyOf("multi", (replies) => replies.result(1, 2, written)),
        { results: expected },
      );
    }),
  );
});

test("a multiRead has a result for each member: data, children, or a code", () => {
  const reads = fc.array(
    fc.oneof(
      fc.record({ type: fc.constant("error"), code }),
      fc.record({ type: fc.constant("data"), data, znode }),
      fc.record({ type: fc.constant("children"), list: names }),
    ),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(reads, (given) => {
      const results = given.map((read): ReadResult => {
        return read.type === "children" ? { type: "children", names: encodeStrings(read.list) } : read;
      });
      const expected = given.map((read): MemberResult => {
        if (read.type === "children") return { type: 8, err: 0, children: read.list };
        if (read.type === "error")
          return { type: -1, err: zkErrorNumbers[read.code], bodyErr: zkErrorNumbers[read.code] };
        return { type: 4, err: 0, data: read.data === null ? null : Buffer.from(read.data), stat: statOf(read.znode) };
      });
      assert.deepEqual(
        bodyOf("multiRead", (replies) => replies.reads(1, 2, results)),
        { results: expected },
      );
    }),
  );
});

function memberOf(result: Single): Partial<MemberResult> {
  switch (result.type) {
    case "path":
      return { path: result.path };
    case "created":
      return { path: result.path, stat: statOf(result.znode) };
    case "stat":
      return { stat: statOf(result.znode) };
    case "none":
    case "error":
      return {};
  }
}

/** What a client must see of a znode whose zxids are known. */
function statOf(node: Znode): ClientStat {
  const shown = (value: Znode["czxid"]): number => (value === 0 ? 0 : (value as number) + zxidOffset);
  const exact = 2n * BigInt(node.creates) - BigInt(node.numChildren);
  return {
    czxid: shown(node.czxid),
    mzxid: shown(node.mzxid),
    ctime: node.ctime,
    mtime: node.mtime,
    version: node.version,
    cversion: Number(BigInt.asIntN(32, exact)),
    aversion: node.aversion,
    ephemeralOwner: node.kind === "ephemeral" ? node.owner : 0n,
    dataLength: node.dataLength,
    numChildren: node.numChildren,
    pzxid: shown(node.pzxid),
  };
}

function bodyOf<Op extends OpName>(
  op: Op,
  write: (replies: ReplyWriter) => void,
): ReturnType<typeof decodeReplyBody<Op>> {
  const { err, body } = replyOf(write);
  assert.equal(err, 0);
  return decodeReplyBody(op, body);
}

function replyOf(write: (replies: ReplyWriter) => void): { xid: number; zxid: number; err: number; body: Buffer } {
  const payload = payloadOf(write);
  const zxidShown = Number(payload.readBigInt64BE(4));
  return { xid: payload.readInt32BE(0), zxid: zxidShown, err: payload.readInt32BE(12), body: payload.subarray(16) };
}

function payloadOf(write: (replies: ReplyWriter) => void): Buffer {
  const writer = new FrameWriter(new ChunkPool({ chunkBytes: 512 }));
  write(new ReplyWriter(writer, { zxidOffset }));
  const frame = Buffer.concat(writer.take().buffers);
  assert.equal(frame.readInt32BE(0), frame.length - 4);
  return frame.subarray(4);
}

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeRecord, encodeRecord, isOpen, OPEN_ACL, type ZnodeRecord } from "./record.ts";
import type { ZnodeKind } from "./znode.ts";

const fresh: ZnodeRecord = {
  ctime: 1_764_000_000_000,
  mtime: 1_764_000_000_000,
  acl: null,
  aversion: 0,
  creates: 0,
  pzxid: "czxid",
  czxid: null,
  base: 1,
  kind: "persistent",
  ttlMs: 0,
  isNull: false,
  dataLength: 100,
  tag: { facade: 0x01020304, sequence: 77 },
};

/** Not without a prototype: deepEqual sees the difference. */
const plain = { noNullPrototype: true };
const acl = fc.array(
  fc.record({ perms: fc.integer(), scheme: fc.string(), id: fc.string({ unit: "grapheme" }) }, plain),
  {
    maxLength: 3,
  },
);
const anyRecord: fc.Arbitrary<ZnodeRecord> = fc
  .record(
    {
      ctime: fc.maxSafeInteger(),
      mtime: fc.maxSafeInteger(),
      acl: fc.option(acl),
      aversion: fc.integer(),
      creates: fc.integer(),
      pzxid: fc.oneof(fc.maxSafeInteger(), fc.constantFrom("own", "czxid")),
      czxid: fc.oneof(fc.maxSafeInteger(), fc.constantFrom("own", null)),
      base: fc.oneof(fc.constant(1), fc.maxSafeInteger()),
      kind: fc.constantFrom<ZnodeKind>("persistent", "ephemeral", "container", "ttl"),
      ttlMs: fc.maxSafeNat(),
      isNull: fc.boolean(),
      dataLength: fc.maxSafeNat(),
      tag: fc.record({ facade: fc.nat(0xffff_ffff), sequence: fc.nat(0xffff_ffff) }, plain),
    },
    plain,
  )
  .map((any) => ({ ...any, ttlMs: any.kind === "ttl" ? any.ttlMs : 0 }));

test("a record is read as it was written, and an open list as null", () => {
  fc.assert(
    fc.property(anyRecord, (written) => {
      const isOpenList = written.acl !== null && isOpen(written.acl);
      assert.deepEqual(decodeRecord(encodeRecord(written)), isOpenList ? { ...written, acl: null } : written);
    }),
  );
  assert.deepEqual(decodeRecord(encodeRecord({ ...fresh, acl: OPEN_ACL })), fresh);
});

// These bytes lie in stores: whatever becomes of the format, they must be read as they are here.
test("records of version 1 stay readable", () => {
  const full: ZnodeRecord = {
    ctime: 1000,
    mtime: 2000,
    acl: [{ perms: 31, scheme: "digest", id: "u:x" }],
    aversion: 3,
    creates: 200,
    pzxid: -5,
    czxid: -9,
    base: -70,
    kind: "ttl",
    ttlMs: 60_000,
    isNull: true,
    dataLength: 0,
    tag: { facade: 0xffff_ffff, sequence: 128 },
  };
  const table: Readonly<Record<string, ZnodeRecord>> = {
    "01000280a0bfe9d666000064010203044d": fresh,
    "01df01a80f901f03880300ffffffff8001e0d4034549c601011f0664696765737403753a78": full,
    "01210080a0bfe9d666000064010203044d": { ...fresh, kind: "ephemeral", pzxid: "own", czxid: "own" },
  };
  for (const [hex, record] of Object.entries(table)) {
    assert.equal(Buffer.from(encodeRecord(record)).toString("hex"), hex);
    assert.deepEqual(decodeRecord(Buffer.from(hex, "hex")), record);
  }
});

test("an ordinary record is small", () => {
  assert.ok(encodeRecord(fresh).length <= 20);
  assert.ok(encodeRecord({ ...fresh, mtime: fresh.mtime + 1, pzxid: 2 ** 33, creates: 5000 }).length <= 32);
});

test("bytes that are cut, too long, of another version or with unknown flags are no record", () => {
  fc.assert(
    fc.property(anyRecord, (written) => {
      const bytes = encodeRecord(written);
      for (let length = 0; length < bytes.length; length++) assert.equal(decodeRecord(bytes.subarray(0, length)), null);
      assert.equal(decodeRecord(Buffer.concat([bytes, Uint8Array.of(0)])), null);
      assert.equal(decodeRecord(Buffer.concat([Uint8Array.of(2), bytes.subarray(1)])), null);
      const flagged = Buffer.from(bytes);
      flagged[2]! |= 0x80;
      assert.equal(decodeRecord(flagged), null);
    }),
  );
});

test("flags that contradict each other are no record", () => {
  const bytes = Buffer.from(encodeRecord({ ...fresh, czxid: "own" }));
  bytes[1]! |= 1 << 6;
  assert.equal(decodeRecord(bytes), null);
  const other = Buffer.from(encodeRecord({ ...fresh, pzxid: 7 }));
  other[2]! |= 2;
  assert.equal(decodeRecord(other), null);
});

test("no bytes make decoding throw", () => {
  const bytes = fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 80 })).map(([isRecord, rest]) => {
    return isRecord ? Buffer.concat([Uint8Array.of(1), rest]) : rest;
  });
  fc.assert(
    fc.property(bytes, (any) => {
      const decoded = decodeRecord(any);
      if (decoded !== null) assert.deepEqual(decodeRecord(encodeRecord(decoded)), { ...decoded });
    }),
    { numRuns: 1000 },
  );
});

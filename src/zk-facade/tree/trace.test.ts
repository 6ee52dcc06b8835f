import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeTrace, encodeTrace, type TraceEvent } from "./trace.ts";

const plain = { noNullPrototype: true };
const acl = fc.array(fc.record({ perms: fc.integer(), scheme: fc.string(), id: fc.string() }, plain), { maxLength: 2 });
const event: fc.Arbitrary<TraceEvent> = fc.oneof(
  fc.record(
    { type: fc.constant("created" as const), path: fc.string({ unit: "grapheme" }), acl: fc.option(acl) },
    plain,
  ),
  fc.record({ type: fc.constantFrom("deleted", "dataChanged"), path: fc.string(), acl: fc.constant(null) }, plain),
);

test("a trace is read as it was written", () => {
  fc.assert(fc.property(fc.array(event), (events) => assert.deepEqual(decodeTrace(encodeTrace(events)), events)));
});

// These bytes lie in stores, as records do.
test("traces of version 1 stay readable", () => {
  const events: readonly TraceEvent[] = [
    { type: "created", path: "/a", acl: null },
    { type: "deleted", path: "/a", acl: null },
    { type: "created", path: "/a", acl: [{ perms: 1, scheme: "ip", id: "::1" }] },
    { type: "dataChanged", path: "/ä", acl: null },
  ];
  const hex = "01" + "01022f61" + "02022f61" + "81022f6101010269700" + "33a3a31" + "03032fc3a4";
  assert.equal(Buffer.from(encodeTrace(events)).toString("hex"), hex);
  assert.deepEqual(decodeTrace(Buffer.from(hex, "hex")), events);
});

test("only a created znode has a list of its own in a trace", () => {
  const written = encodeTrace([{ type: "deleted", path: "/a", acl: [] }]);
  assert.deepEqual(decodeTrace(written), [{ type: "deleted", path: "/a", acl: null }]);
});

test("other bytes are no trace", () => {
  for (const hex of [
    "",
    "02",
    "0100",
    "010402" + "2f61",
    "0101",
    "0101052f61",
    "018202" + "2f6100",
    "018102" + "2f61",
  ]) {
    assert.equal(decodeTrace(Buffer.from(hex, "hex")), null, hex);
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (rest) => void decodeTrace(Uint8Array.of(1, ...rest))));
});

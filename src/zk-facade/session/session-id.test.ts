import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SessionIds } from "./session-id.ts";

const hex = (id: bigint): string => BigInt.asUintN(64, id).toString(16);

test("an id is the server, the start and a counter", () => {
  // As those of a real server that started 0x1a2b3 ms after its machine did.
  const ids = new SessionIds({ serverId: 1, startMs: 0x1a2b3 });
  assert.deepEqual([ids.next(), ids.next(), ids.next()].map(hex), [
    "1000001a2b30000",
    "1000001a2b30001",
    "1000001a2b30002",
  ]);
});

test("the start counts by its lowest 40 bits, as ZooKeeper's shifts have it", () => {
  const startMs = Date.UTC(2026, 10, 22);
  const zooKeepers = ((BigInt.asUintN(64, BigInt(startMs) << 24n) >> 8n) | (7n << 56n)) & (2n ** 64n - 1n);
  assert.equal(hex(new SessionIds({ serverId: 7, startMs: startMs + 0.75 }).next()), hex(zooKeepers));
});

test("ids are signed: those of a server past 127 are negative", () => {
  assert.equal(new SessionIds({ serverId: 254, startMs: 0 }).next(), BigInt.asIntN(64, 0xfe00000000000000n));
});

test("0 and the mark of containers are left out", () => {
  assert.deepEqual(new SessionIds({ serverId: 0, startMs: 0 }).next(), 1n);
  assert.equal(hex(new SessionIds({ serverId: 0x80, startMs: 0 }).next()), "8000000000000001");
});

test("the counter runs on into the start, and round at its end, but never into the server's byte", () => {
  const ids = new SessionIds({ serverId: 3, startMs: 2 ** 40 - 1 });
  for (let i = 0; i < 0xffff; i++) ids.next();
  assert.deepEqual([ids.next(), ids.next()].map(hex), ["3ffffffffffffff", "300000000000000"]);
});

test("no two ids of one server are the same, and none is 0 or the mark", () => {
  const arbitrary = fc.record({ serverId: fc.integer({ min: 0, max: 255 }), startMs: fc.nat(Number.MAX_SAFE_INTEGER) });
  fc.assert(
    fc.property(arbitrary, (options) => {
      const ids = new SessionIds(options);
      const taken = Array.from({ length: 200 }, () => ids.next());
      assert.equal(new Set(taken).size, 200);
      for (const id of taken) {
        assert.equal(BigInt.asUintN(64, id) >> 56n, BigInt(options.serverId));
        assert.ok(id !== 0n && id !== -(2n ** 63n));
        assert.equal(id, BigInt.asIntN(64, id));
      }
    }),
  );
});

test("an id is known for one that was given when it was, and not before", () => {
  for (const options of [
    { serverId: 1, startMs: 0x1a2b3 },
    { serverId: 0, startMs: 0 },
    { serverId: 0x80, startMs: 0 },
    { serverId: 254, startMs: 2 ** 40 - 1 },
  ]) {
    const ids = new SessionIds(options);
    const later = new SessionIds(options);
    const given = Array.from({ length: 0x1_0002 }, () => ids.next());
    const known = Array.from({ length: 0x1_0002 }, () => later.next());
    assert.deepEqual(given, known);
    assert.ok(given.every((id) => ids.hasGiven(id)));
    const next = later.next();
    assert.deepEqual([ids.hasGiven(next), later.hasGiven(next)], [false, true]);
    assert.equal(ids.hasGiven(BigInt.asIntN(64, given[0]! - 2n)), false, "of an earlier start");
    assert.equal(ids.hasGiven(BigInt.asIntN(64, given[0]! ^ (3n << 56n))), false, "of another server");
    assert.deepEqual([ids.hasGiven(0n), ids.hasGiven(-(2n ** 63n))], [false, false]);
  }
});

test("numbers that are no server ids are refused", () => {
  for (const serverId of [-1, 256, 1.5, Number.NaN]) assert.throws(() => new SessionIds({ serverId, startMs: 0 }));
});

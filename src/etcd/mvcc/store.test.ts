import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { newPutRequest, newRangeRequest, newTxnRequest, type RequestOp } from "../wire/etcdserverpb.ts";
import { decodeKeyValue, encodeKeyValue, newKeyValue } from "../wire/mvccpb.ts";
import { hashAll } from "./backend-hash.ts";
import { checkTxn } from "./check.ts";
import { DeleteIntervals } from "./delete-intervals.ts";
import { keyText } from "./key-text.ts";
import { MemoryBackend } from "./memory-backend.ts";
import { MemoryLeases } from "./memory-leases.ts";
import { applyDeleteRange, applyPut } from "./operations.ts";
import { executeRange, executeRangeEncoded } from "./range.ts";
import { isRevisionKey, isTombstone, mainOf, revisionKey, subOf } from "./revision.ts";
import { MvccStore } from "./store.ts";
import { StoredPair } from "./stored-pair.ts";
import { executeTxn } from "./txn.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const none = new Uint8Array(0);
const openEnd = Uint8Array.of(0);

function newStore(backend = new MemoryBackend()): MvccStore {
  return new MvccStore({ leases: new MemoryLeases() }, backend);
}

function put(store: MvccStore, key: string, value = ""): void {
  applyPut(store, newPutRequest({ key: text(key), value: text(value) }));
}

test("a revision key is read back, and its byte order is the order of revisions", () => {
  const revision = fc.record({
    main: fc.oneof(fc.nat(1000), fc.maxSafeNat()),
    sub: fc.oneof(fc.nat(3), fc.maxSafeNat()),
    tombstone: fc.boolean(),
  });
  fc.assert(
    fc.property(revision, revision, (a, b) => {
      const [left, right] = [a, b].map(({ main, sub, tombstone }) => revisionKey(main, sub, tombstone)) as [
        Uint8Array,
        Uint8Array,
      ];
      assert.deepEqual([mainOf(left), subOf(left), isTombstone(left)], [a.main, a.sub, a.tombstone]);
      assert.ok(isRevisionKey(left) && !isRevisionKey(left.subarray(1)) && !isRevisionKey(left.subarray(0, 16)));
      const order = a.main - b.main || a.sub - b.sub || Number(a.tombstone) - Number(b.tombstone);
      assert.equal(Math.sign(Buffer.compare(left, right)), Math.sign(order));
    }),
  );
});

test("the index is rebuilt from what the message codec writes", () => {
  const kv = fc.record({
    key: fc.uint8Array({ maxLength: 300 }),
    value: fc.uint8Array({ maxLength: 300 }),
    createRevision: fc.maxSafeNat(),
    modRevision: fc.maxSafeNat(),
    version: fc.maxSafeNat(),
    lease: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  });
  const pair = new StoredPair();
  fc.assert(
    fc.property(kv, fc.nat(), (fields, cut) => {
      const bytes = encodeKeyValue(fields);
      pair.read(bytes);
      assert.equal(keyText(bytes, pair.keyStart, pair.keyEnd), keyText(fields.key));
      const { createRevision, version, lease } = pair;
      assert.deepEqual([createRevision, version, lease], [fields.createRevision, fields.version, fields.lease]);
      // A pair that is cut short within its last field is found out; one that lacks whole fields is another pair.
      if (fields.lease === 0n || bytes.length === 0) return;
      assert.throws(() => {
        pair.read(bytes.subarray(0, bytes.length - 1 - (cut % (fields.lease < 0n ? 9 : 1))));
      });
    }),
  );
});

test("marks alone keep the revision from going back", () => {
  // An older etcd removed the tombstone at the compact revision too, so a database may hold marks and nothing else.
  for (const [scheduled, finished, current, compacted] of [
    [50, 50, 50, 50],
    [50, undefined, 50, 50],
    [50, 30, 50, 50],
    [undefined, 30, 30, 30],
  ]) {
    const backend = new MemoryBackend();
    if (scheduled !== undefined) backend.put("meta", text("scheduledCompactRev"), revisionKey(scheduled, 0));
    if (finished !== undefined) backend.put("meta", text("finishedCompactRev"), revisionKey(finished, 0));
    const store = newStore(backend);
    assert.deepEqual([store.currentRevision, store.compactRevision], [current, compacted]);
    put(store, "a");
    assert.equal(store.currentRevision, current! + 1);
  }
});

test("jobs run in the order in which they were scheduled, whoever is driven", () => {
  const store = newStore();
  for (let i = 0; i < 20; i++) put(store, `key ${i % 3}`, String(i));
  const first = store.scheduleCompaction(5);
  const second = store.scheduleCompaction(12);
  assert.equal(store.pendingCompaction, first);
  while (!second.step(2));
  assert.ok(first.isDone && second.isDone);
  assert.equal(store.pendingCompaction, null);
  // Only the first began with nothing left to do; the second's hash is not comparable.
  assert.deepEqual(
    store.compactionHashes.map((hash) => hash.revision),
    [5],
  );
});

test("of compaction hashes the ten newest are kept", () => {
  const store = newStore();
  for (let revision = 2; revision <= 15; revision++) {
    put(store, "a", String(revision));
    const job = store.scheduleCompaction(revision);
    while (!job.step(100));
  }
  assert.deepEqual(
    store.compactionHashes.map((hash) => hash.revision),
    [6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  );
});

test("a hash that a compaction overtakes begins anew, or says compacted", () => {
  const store = newStore();
  for (let i = 0; i < 30; i++) put(store, `key ${i % 4}`, String(i));
  const [old, kept] = [store.hashKv(10), store.hashKv(25)];
  for (const job of [old, kept]) for (let i = 0; i < 4; i++) assert.equal(job.step(3), false);
  store.scheduleCompaction(20);
  assert.throws(() => old.step(3), { code: "compacted" });
  while (!kept.step(3)) store.pendingCompaction?.step(1);
  while (store.pendingCompaction !== null) store.pendingCompaction.step(5);
  const after = store.hashKv(25);
  while (!after.step(100));
  assert.deepEqual(kept.result, after.result);
  assert.equal(kept.result.compactRevision, 20);
});

test("changes are visited in slices of whole revisions, and a visit ends when it is told to", () => {
  const store = newStore();
  for (const key of ["a", "b", "c"]) put(store, key);
  applyDeleteRange(store, { key: text("a"), rangeEnd: openEnd, prevKv: false });
  put(store, "d");
  const slices: string[][] = [];
  for (let from = 0; from <= store.currentRevision;) {
    const slice: string[] = [];
    let next = store.currentRevision + 1;
    store.scanRevisions(from, store.currentRevision + 1, (main, sub, tombstone, bytes) => {
      if (slice.length >= 2 && !slice.at(-1)!.startsWith(`${main}.`)) {
        next = main;
        return false;
      }
      slice.push(`${main}.${sub}${tombstone ? "t" : ""} ${keyText(decodeKeyValue(bytes).key)}`);
      return true;
    });
    slices.push(slice);
    from = next;
  }
  assert.deepEqual(slices, [["2.0 a", "3.0 b"], ["4.0 c", "5.0t a", "5.1t b", "5.2t c"], ["6.0 d"]]);
});

test("the value before is null below the compact revision and where there was none", () => {
  const store = newStore();
  put(store, "a", "1");
  put(store, "a", "2");
  assert.equal(store.valueAt(text("a"), 1), null);
  assert.deepEqual([...store.valueAt(text("a"), 2)!.value], [...text("1")]);
  store.scheduleCompaction(3);
  assert.equal(store.valueAt(text("a"), 2), null);
  assert.deepEqual([...store.valueAt(text("a"), 3)!.value], [...text("2")]);
});

test("what a transaction tells is its own: neither the request's bytes nor the backend's", () => {
  const store = newStore();
  const request = newPutRequest({ key: text("key"), value: text("value"), prevKv: true });
  const { changes } = applyPut(store, request);
  request.key.fill(0);
  request.value.fill(0);
  const { response } = applyPut(store, newPutRequest({ key: text("key"), value: text("other"), prevKv: true }));
  const range = executeRange(store, newRangeRequest({ key: text("key") }));
  put(store, "key", "third");
  assert.deepEqual([keyText(changes[0]!.kv.key), keyText(changes[0]!.kv.value)], ["key", "value"]);
  assert.equal(keyText(response.prevKv!.value), "value");
  assert.equal(keyText(range.kvs[0]!.value), "other");
});

test("an answer of many pairs of all sizes holds each pair whole", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(40), fc.nat(9000)), { minLength: 1, maxLength: 60 }), (sizes) => {
      const store = newStore();
      const values = sizes.map((size, i) => String(i % 10).repeat(size));
      values.forEach((value, i) => {
        put(store, `k${String(i).padStart(3, "0")}`, value);
      });
      const all = newRangeRequest({ key: text("k"), rangeEnd: text("l") });
      const { kvs } = executeRange(store, all);
      assert.deepEqual(
        kvs.map((kv) => keyText(kv.value)),
        values,
      );
      const encoded = executeRangeEncoded(store, all).kvs;
      assert.deepEqual(
        encoded.map((bytes) => keyText(decodeKeyValue(bytes).value)),
        values,
      );
    }),
  );
});

test("one write transaction at a time, and none goes on after its end", () => {
  const store = newStore();
  const txn = store.write();
  assert.throws(() => store.write());
  txn.end();
  assert.throws(() => {
    txn.put(text("a"), none, 0n);
  });
  assert.throws(() => txn.end());
});

test("a refused put leaves the store as it was, and open for the next one", () => {
  const store = newStore();
  assert.throws(() => applyPut(store, newPutRequest({ key: text("a"), ignoreValue: true })), { code: "keyNotFound" });
  put(store, "a");
  assert.equal(store.currentRevision, 2);
});

test("the check for duplicates of a large transaction does not take the square of its size", () => {
  const count = 50_000;
  const name = (i: number): Uint8Array => text(String(i).padStart(8, "0"));
  const success: RequestOp[] = [];
  for (let i = 0; i < count; i++) {
    success.push({ request: { case: "requestPut", value: newPutRequest({ key: name(2 * i) }) } });
    success.push({
      request: { case: "requestDeleteRange", value: { key: name(2 * i + 1), rangeEnd: none, prevKv: false } },
    });
  }
  const request = newTxnRequest({ success });
  const started = performance.now();
  checkTxn(request, 2 * count);
  // With n^2 steps this would take minutes.
  assert.ok(performance.now() - started < 10_000);
  success.push({ request: { case: "requestDeleteRange", value: { key: name(4), rangeEnd: name(5), prevKv: false } } });
  assert.throws(
    () => {
      checkTxn(request, 2 * count + 1);
    },
    { code: "duplicateKey" },
  );
});

test("a union of intervals agrees with a list of them", () => {
  const key = fc.string({ unit: fc.constantFrom("a", "b", "\0"), maxLength: 3 });
  fc.assert(
    fc.property(fc.array(fc.tuple(key, key)), fc.array(key), (intervals, keys) => {
      const [left, right] = [new DeleteIntervals(), new DeleteIntervals()];
      intervals.forEach(([begin, end], i) => {
        (i % 2 === 0 ? left : right).add(begin, end);
      });
      left.addAll(right);
      for (const asked of [...keys, ...intervals.flat()]) {
        const expected = intervals.some(([begin, end]) => begin <= asked && asked < end);
        assert.equal(left.has(asked), expected);
      }
    }),
    { numRuns: 500 },
  );
});

test("a transaction is atomic for its own reads, also over a large range", () => {
  const store = newStore();
  for (let i = 0; i < 300; i++) put(store, `k${i}`);
  const range = newRangeRequest({ key: text("k"), rangeEnd: text("l"), countOnly: true });
  const { response } = executeTxn(
    store,
    newTxnRequest({
      success: [
        { request: { case: "requestDeleteRange", value: { key: text("k1"), rangeEnd: text("k2"), prevKv: false } } },
        { request: { case: "requestRange", value: range } },
        { request: { case: "requestRange", value: { ...range, revision: 301 } } },
      ],
    }),
  );
  const counts = response.responses.map(({ response: each }) => {
    if (each?.case === "responseRange") return each.value.count;
    return each?.case === "responseDeleteRange" ? each.value.deleted : undefined;
  });
  assert.deepEqual(counts, [111, 189, 300]);
});

test("Maintenance.Hash sees every bucket, but not what differs between equal members", () => {
  const backend = new MemoryBackend();
  const empty = hashAll(backend);
  backend.put("meta", text("consistent_index"), text("12345678"));
  backend.put("meta", text("term"), text("12345678"));
  backend.put("meta", text("storageVersion"), text("3.6.0"));
  assert.equal(hashAll(backend), empty);
  const hashes = new Set([empty]);
  backend.put("meta", text("confState"), text("x"));
  hashes.add(hashAll(backend));
  backend.put("lease", text("l"), text("x"));
  hashes.add(hashAll(backend));
  backend.put("alarm", text("l"), none);
  hashes.add(hashAll(backend));
  backend.put("key", revisionKey(2, 0), encodeKeyValue(newKeyValue({ key: text("a") })));
  hashes.add(hashAll(backend));
  assert.equal(hashes.size, 5);
});

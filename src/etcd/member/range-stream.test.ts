import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EtcdError } from "../errors.ts";
import { MemoryBackend } from "../mvcc/memory-backend.ts";
import { MemoryLeases } from "../mvcc/memory-leases.ts";
import { executeRange } from "../mvcc/range.ts";
import { MvccStore } from "../mvcc/store.ts";
import { newRangeRequest, newResponseHeader, type RangeRequest, type RangeResponse } from "../wire/etcdserverpb.ts";
import { checkRangeStream, rangeInChunks } from "./range-stream.ts";

const all = { key: Buffer.of(0), rangeEnd: Buffer.of(0) };

function storeOf(keys: number, valueBytes = 1): MvccStore {
  const store = new MvccStore({ leases: new MemoryLeases() }, new MemoryBackend({ strict: false }));
  for (let i = 0; i < keys; i++) put(store, `key${String(i).padStart(4, "0")}`, "v".repeat(valueBytes));
  return store;
}

function put(store: MvccStore, key: string, value: string): void {
  const txn = store.write();
  txn.put(Buffer.from(key), Buffer.from(value), 0n);
  txn.end();
}

function stream(store: MvccStore, request: RangeRequest, chunkBytes = 1_000_000): Generator<RangeResponse> {
  return rangeInChunks(store, request, chunkBytes, (revision) => newResponseHeader({ revision }));
}

const sizes = (chunks: Iterable<RangeResponse>): number[] => [...chunks].map(({ kvs }) => kvs.length);

test("the first chunk has ten keys, and small ones double from there", () => {
  assert.deepEqual(sizes(stream(storeOf(100), newRangeRequest(all))), [10, 20, 40, 30]);
  assert.deepEqual(sizes(stream(storeOf(10), newRangeRequest(all))), [10]);
  assert.deepEqual(sizes(stream(storeOf(0), newRangeRequest(all))), [0]);
});

test("chunks that are too large are halved, down to one key", () => {
  assert.deepEqual(sizes(stream(storeOf(20, 1000), newRangeRequest(all), 3000)), [10, 5, 2, 2, 1]);
  assert.deepEqual(sizes(stream(storeOf(17, 1000), newRangeRequest(all), 10)), [10, 5, 2]);
});

test("header, more and count stand in the last chunk alone", () => {
  const chunks = [...stream(storeOf(50), newRangeRequest({ ...all, limit: 40 }))];
  assert.deepEqual(
    chunks.map(({ header, more, count }) => [header?.revision, more, count]),
    [
      [undefined, false, 0],
      [undefined, false, 0],
      [51, true, 50],
    ],
  );
});

test("all chunks are of the first one's revision, though the header tells the newest", () => {
  const store = storeOf(30);
  const chunks = stream(store, newRangeRequest(all));
  const first = chunks.next().value as RangeResponse;
  put(store, "key0015", "changed");
  put(store, "key0015a", "new");
  const rest = [...chunks];
  const kvs = [first, ...rest].flatMap((chunk) => chunk.kvs);
  assert.equal(kvs.length, 30);
  assert.equal(
    kvs.every(({ version }) => version === 1),
    true,
  );
  assert.deepEqual([rest.at(-1)?.header?.revision, rest.at(-1)?.count], [33, 30]);
});

test("a compaction that overtakes a stream ends it", () => {
  const store = storeOf(30);
  const chunks = stream(store, newRangeRequest(all));
  chunks.next();
  put(store, "z", "v");
  store.scheduleCompaction(store.currentRevision);
  assert.throws(
    () => chunks.next(),
    (error) => error instanceof EtcdError && error.code === "compacted",
  );
});

test("a large range is read ahead, and is the same as without: large pairs, several in a transaction, late writes", (t) => {
  const backend = new MemoryBackend({ strict: false });
  const store = new MvccStore({ leases: new MemoryLeases() }, backend);
  for (let i = 0; i < 3000; i++) {
    const txn = store.write();
    // The last key comes first within its transaction.
    for (let row = 3; row > 0; row--) txn.put(Buffer.from(`row${row}/${i}`), Buffer.from(`value ${row} ${i}`), 0n);
    txn.end();
  }
  put(store, "row1/77", "L".repeat(70_000));
  put(store, "row1/78", "M".repeat(60_000));
  const request = newRangeRequest({ ...all, revision: store.currentRevision });
  const expected = executeRange(store, request).kvs;
  const visited = t.mock.method(backend, "visitKeys").mock;
  const kvs = [];
  for (const chunk of stream(store, request)) {
    kvs.push(...chunk.kvs);
    put(store, `row2/late${kvs.length}`, "x");
    put(store, "row3/2999", "changed");
  }
  assert.deepEqual(kvs, expected);
  assert.equal(visited.callCount(), 1);
});

test("a point read and a count come whole", () => {
  const store = storeOf(30);
  const point = newRangeRequest({ key: Buffer.from("key0003"), limit: 1 });
  assert.deepEqual(sizes(stream(store, point)), [1]);
  const [count, ...more] = stream(store, newRangeRequest({ ...all, countOnly: true }));
  assert.deepEqual([count?.count, count?.kvs.length, count?.more, more.length], [30, 0, false, 0]);
});

test("what would have to be read whole first is refused", () => {
  const codeOf = (init: Partial<RangeRequest>): string | undefined => {
    try {
      checkRangeStream(newRangeRequest({ ...all, ...init }));
      return undefined;
    } catch (error) {
      assert.ok(error instanceof EtcdError);
      return error.code;
    }
  };
  assert.equal(codeOf({ limit: 5, revision: 3, keysOnly: true, serializable: true }), undefined);
  for (const init of [{ sortOrder: 1 }, { sortOrder: 2 }, { sortTarget: 3 }])
    assert.equal(codeOf(init), "rangeStreamSort");
  for (const init of [
    { minModRevision: 1 },
    { maxModRevision: 1 },
    { minCreateRevision: 1 },
    { maxCreateRevision: 1 },
  ]) {
    assert.equal(codeOf(init), "rangeStreamFilter");
  }
});

test("put together the chunks are the answer of a Range", () => {
  const store = storeOf(60, 20);
  fc.assert(
    fc.property(
      fc.record({ from: fc.nat(70), to: fc.nat(70), limit: fc.integer({ min: -1, max: 65 }), revision: fc.nat(61) }),
      fc.integer({ min: 1, max: 2000 }),
      ({ from, to, limit, revision }, chunkBytes) => {
        const key = Buffer.from(`key${String(from).padStart(4, "0")}`);
        const rangeEnd = Buffer.from(`key${String(to).padStart(4, "0")}`);
        const request = newRangeRequest({ key, rangeEnd, limit, revision });
        const whole = executeRange(store, request);
        const chunks = [...stream(store, request, chunkBytes)];
        assert.deepEqual(
          chunks.flatMap(({ kvs }) => kvs),
          whole.kvs,
        );
        const last = chunks.at(-1)!;
        assert.deepEqual([last.more, last.count, last.header?.revision], [whole.more, whole.count, whole.revision]);
      },
    ),
  );
});

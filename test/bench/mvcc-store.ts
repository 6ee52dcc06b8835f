/**
 * What the store alone costs, on a backend in memory: no log, no disk, no transport.
 * Run: node --expose-gc --import tsx test/bench/mvcc-store.ts [keys]
 */
import { MemoryLeases } from "../../src/etcd/mvcc/memory-leases.ts";
import type { Backend, BucketName, LentPair, SortedKeys } from "../../src/etcd/mvcc/backend.ts";
import { visitAllByScan, visitKeysByGet } from "../../src/etcd/mvcc/plain-visits.ts";
import { applyPut } from "../../src/etcd/mvcc/operations.ts";
import { executeRange, executeRangeEncoded } from "../../src/etcd/mvcc/range.ts";
import { mainOf, revisionKey } from "../../src/etcd/mvcc/revision.ts";
import { MvccStore } from "../../src/etcd/mvcc/store.ts";
import { executeTxn } from "../../src/etcd/mvcc/txn.ts";
import {
  Compare_CompareResult,
  Compare_CompareTarget,
  newCompare,
  newPutRequest,
  newRangeRequest,
  newTxnRequest,
} from "../../src/etcd/wire/etcdserverpb.ts";

const keys = Number(process.argv[2] ?? 1_000_000);
const value = Buffer.alloc(100, "v");

/** A backend that costs next to nothing: pairs by main revision in one array. Sub-revisions other than 0 go nowhere. */
class ArrayBackend implements Backend {
  readonly #pairs: ({ key: Uint8Array; value: Uint8Array } | undefined)[] = [];
  readonly pendingOperations = 0;

  get(bucket: string, key: Uint8Array): Uint8Array | undefined {
    return bucket === "key" ? this.#pairs[mainOf(key)]?.value : undefined;
  }

  scan(
    bucket: string,
    start: Uint8Array,
    end: Uint8Array | null,
    visit: (key: Uint8Array, value: Uint8Array) => boolean,
  ): void {
    if (bucket !== "key") return;
    const last = end === null ? this.#pairs.length : mainOf(end);
    for (let i = mainOf(start); i < last; i++) {
      const pair = this.#pairs[i];
      if (pair !== undefined && !visit(pair.key, pair.value)) return;
    }
  }

  visitAll(bucket: BucketName, visit: (pair: LentPair) => boolean): void {
    visitAllByScan(this, bucket, visit);
  }

  visitKeys(bucket: BucketName, keys: SortedKeys, visit: (index: number, pair: LentPair) => void): void {
    visitKeysByGet(this, bucket, keys, visit);
  }

  put(bucket: string, key: Uint8Array, value: Uint8Array): void {
    if (bucket === "key") this.#pairs[mainOf(key)] = { key: key.slice(), value };
  }

  delete(bucket: string, key: Uint8Array): void {
    if (bucket === "key") this.#pairs[mainOf(key)] = undefined;
  }

  commit(): Promise<void> {
    return Promise.resolve();
  }

  sizeBytes(): number {
    return 0;
  }

  sizeInUseBytes(): number {
    return 0;
  }
}

/** Prints wall and processor time. The latter holds the collector's threads too, and is what a busy machine leaves true. */
function measure(name: string, count: number, body: () => void): void {
  const started = performance.now();
  const startedCpu = process.cpuUsage();
  body();
  const { user, system } = process.cpuUsage(startedCpu);
  const wall = (performance.now() - started) * 1000;
  const micros = (total: number): string => (total / count).toFixed(2).padStart(10);
  console.log(`${name.padEnd(48)} ${micros(wall)} us wall ${micros(user + system)} us cpu, each of ${count}`);
}

/** Keys in an order that is no order: a walk with a step that has no divisor in common with the count. */
function keyOf(i: number): Uint8Array {
  const scattered = (i * 7_368_787) % keys;
  return Buffer.from(`/registry/pods/namespace-${scattered % 97}/pod-${String(scattered).padStart(7, "0")}`, "latin1");
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

const backend = new ArrayBackend();
const store = new MvccStore({ leases: new MemoryLeases() }, backend);
const names = Array.from({ length: keys }, (_, i) => keyOf(i));

measure(`put ${keys} new keys`, keys, () => {
  for (const key of names) applyPut(store, newPutRequest({ key, value }));
});
measure("put existing keys", keys / 4, () => {
  for (let i = 0; i < keys / 4; i++) applyPut(store, newPutRequest({ key: names[i]!, value }));
});
measure("txn: if mod_revision then put", keys / 10, () => {
  for (let i = 0; i < keys / 10; i++) {
    const compare = newCompare({
      key: names[i]!,
      target: Compare_CompareTarget.MOD,
      result: Compare_CompareResult.GREATER,
      targetUnion: { case: "modRevision", value: 1 },
    });
    const put = newPutRequest({ key: names[i]!, value });
    executeTxn(
      store,
      newTxnRequest({ compare: [compare], success: [{ request: { case: "requestPut", value: put } }] }),
    );
  }
});
measure("get one", keys / 2, () => {
  for (let i = 0; i < keys / 2; i++) executeRange(store, newRangeRequest({ key: names[i]! }));
});
measure("get one, encoded", keys / 2, () => {
  for (let i = 0; i < keys / 2; i++) executeRangeEncoded(store, newRangeRequest({ key: names[i]! }));
});
const everything = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) };
measure("range of 100, with the count of all", keys / 200, () => {
  for (let i = 0; i < keys / 200; i++) {
    executeRange(store, newRangeRequest({ ...everything, key: names[i]!, limit: 100 }));
  }
});
measure("range of 100, encoded, with the count of all", keys / 200, () => {
  for (let i = 0; i < keys / 200; i++) {
    executeRangeEncoded(store, newRangeRequest({ ...everything, key: names[i]!, limit: 100 }));
  }
});
measure("count of all", 1000, () => {
  for (let i = 0; i < 1000; i++) executeRange(store, newRangeRequest({ ...everything, countOnly: true }));
});
measure("count of all, before the last quarter of puts", 5, () => {
  for (let i = 0; i < 5; i++) {
    executeRange(store, newRangeRequest({ ...everything, countOnly: true, revision: keys + 1 }));
  }
});
let longest = 0;
const stepped = (job: { step(budget: number): boolean }): number => {
  let steps = 0;
  for (let isDone = false; !isDone; steps++) {
    const started = performance.now();
    isDone = job.step(1000);
    longest = Math.max(longest, performance.now() - started);
  }
  return steps;
};
const pairs = store.currentRevision;
measure("HashKV, each pair", pairs, () => {
  const steps = stepped(store.hashKv(0));
  console.log(`  in ${steps} slices, the longest ${longest.toFixed(1)} ms`);
});
longest = 0;
measure("compaction, each pair", pairs, () => {
  const steps = stepped(store.scheduleCompaction(store.currentRevision));
  console.log(`  in ${steps} slices, the longest ${longest.toFixed(1)} ms`);
});

const before = heapBytes();
let reopened: MvccStore | undefined;
measure(`open with ${keys} keys`, keys, () => {
  reopened = new MvccStore({ leases: new MemoryLeases() }, backend);
});
const textBytes = 16 + Math.ceil(names[0]!.length / 8) * 8;
console.log(
  `heap for each key ${((heapBytes() - before) / keys).toFixed(0)} bytes, ${textBytes} of them the key's text`,
);
console.log(
  `live keys ${reopened?.keysTotal}, first pair ${backend.get("key", revisionKey(2, 0)) === undefined ? "compacted" : "kept"}`,
);

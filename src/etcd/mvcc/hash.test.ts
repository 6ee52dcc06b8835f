import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryBackend } from "./memory-backend.ts";
import { MemoryLeases } from "./memory-leases.ts";
import { MvccStore } from "./store.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const none = new Uint8Array(0);

function newStore(): { store: MvccStore; backend: MemoryBackend } {
  const backend = new MemoryBackend();
  return { store: new MvccStore({ leases: new MemoryLeases() }, backend), backend };
}

function put(store: MvccStore, key: string, value: string): void {
  const txn = store.write();
  txn.put(bytes(key), bytes(value), 0n);
  txn.end();
}

function hashKv(store: MvccStore, revision: number): [number, number, number] {
  const job = store.hashKv(revision);
  while (!job.step(7));
  return [job.result.hash, job.result.compactRevision, job.result.revision];
}

function compact(store: MvccStore, revision: number): void {
  const job = store.scheduleCompaction(revision);
  while (!job.step(7));
}

test("HashKV of small stores", () => {
  const { store, backend } = newStore();
  assert.deepEqual(hashKv(store, 0), [1084519789, -1, 1]);
  put(store, "foo", "bar");
  assert.deepEqual(hashKv(store, 0), [3305255506, -1, 2]);
  const pairs: string[] = [];
  backend.scan("key", none, null, (key, value) => {
    pairs.push(`${Buffer.from(key).toString("hex")} ${Buffer.from(value).toString("hex")}`);
    return true;
  });
  assert.deepEqual(pairs, ["00000000000000025f0000000000000000 0a03666f6f1002180220012a03626172"]);
  const txn = store.write();
  txn.deleteRange(bytes("foo"), none);
  txn.end();
  assert.deepEqual(hashKv(store, 0), [2489925301, -1, 3]);
});

/** The keys of etcd's own golden workload. */
function goldenKey(i: number): string {
  if (i % 142 === 30) return "zenek";
  if (i % 71 === 30) return "xavery";
  return ["alice", "bob", "celine", "dominik", "eve", "frederica", "gorge"][i % 7]!;
}

/** Runs the workload; after each round a hash, then a compaction at the same revision. */
function golden(offset: number): [number, number, number][] {
  const { store } = newStore();
  const hashes: [number, number, number][] = [];
  for (let r = 0; r < 1210; r += 71) {
    for (let i = r; i <= r + 71; i++) put(store, goldenKey(i), String(i));
    const revision = offset === 0 ? store.currentRevision : r + offset;
    hashes.push(hashKv(store, revision));
    compact(store, revision);
    // The compaction computes the same while it scans, and HashKV answers that from now on.
    assert.deepEqual(hashKv(store, revision), hashes.at(-1));
  }
  return hashes;
}

test("golden hashes: at a revision in the middle, then compacted there", () => {
  assert.deepEqual(golden(35).slice(0, 6), [
    [4082599214, -1, 35],
    [2279933401, 35, 106],
    [3284231217, 106, 177],
    [126286495, 177, 248],
    [900108730, 248, 319],
    [2475485232, 319, 390],
  ]);
});

test("golden hashes: at the newest revision, then compacted there", () => {
  assert.deepEqual(golden(0).slice(0, 4), [
    [1913897190, -1, 73],
    [224860069, 73, 145],
    [1565167519, 145, 217],
    [1566261620, 217, 289],
  ]);
});

/*
 * etcd 3.6's own store, run as a library with this workload: deletes, ranges of them, and transactions that put a key and
 * delete it again. After every 50 operations: the hash at the newest revision and seven before, a compaction 0 to 3 before
 * the newest, then the hash at the newest revision and at the compacted one. [hash, compact revision, revision, newest]
 */
const etcdHashes = [
  [2182056724, -1, 35, 35],
  [4190337436, -1, 28, 35],
  [1911581721, 33, 35, 35],
  [3108900335, -1, 33, 35],
  [3822025171, 33, 74, 74],
  [3961286352, 33, 67, 74],
  [518670652, 72, 74, 74],
  [3452224581, 33, 72, 74],
  [1876565244, 72, 116, 116],
  [1478854602, 72, 109, 116],
  [3661596535, 113, 116, 116],
  [3891666135, 72, 113, 116],
  [2021713929, 113, 155, 155],
  [3391190687, 113, 148, 155],
  [2261720064, 152, 155, 155],
  [3892630657, 113, 152, 155],
  [233994100, 152, 196, 196],
  [1312927249, 152, 189, 196],
  [3275646619, 195, 196, 196],
  [3550470668, 152, 195, 196],
  [3399883378, 195, 230, 230],
  [2098588601, 195, 223, 230],
  [2609898418, 228, 230, 230],
  [2165236499, 195, 228, 230],
  [3973228861, 228, 270, 270],
  [1986241688, 228, 263, 270],
  [732912962, 268, 270, 270],
  [2537218964, 228, 268, 270],
  [110237725, 268, 313, 313],
  [3222607231, 268, 306, 313],
  [313131908, 311, 313, 313],
  [1489744802, 268, 311, 313],
  [950415233, 311, 350, 350],
  [3150995227, 311, 343, 350],
  [2324521747, 350, 350, 350],
  [950415233, 311, 350, 350],
  [4260933891, 350, 388, 388],
  [789013315, 350, 381, 388],
  [755984653, 387, 388, 388],
  [586271476, 350, 387, 388],
  [280376849, 387, 431, 431],
  [3459170276, 387, 424, 431],
  [1865375138, 430, 431, 431],
  [2795968080, 387, 430, 431],
  [2960419463, 430, 470, 470],
  [3451304817, 430, 463, 470],
  [4196208024, 468, 470, 470],
  [2943103435, 430, 468, 470],
];

test("hashes of etcd itself over deletes, transactions and compactions", () => {
  const { store } = newStore();
  let seed = 12345;
  const next = (bound: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return (seed >>> 8) % bound;
  };
  const remove = (key: string, end: string): void => {
    const txn = store.write();
    txn.deleteRange(bytes(key), bytes(end));
    txn.end();
  };
  const hashes: number[][] = [];
  const note = (revision: number): void => {
    hashes.push([...hashKv(store, revision), store.currentRevision]);
  };
  for (let i = 0; i < 600; i++) {
    const key = `key${next(12)}`;
    const kind = next(6);
    if (kind < 3) put(store, key, String(i));
    else if (kind === 3) remove(key, "");
    else if (kind === 4) remove(`key${next(10)}`, "key4");
    else {
      const txn = store.write();
      txn.put(bytes(key), bytes("t"), 0n);
      txn.deleteRange(bytes("key5"), bytes("key7"));
      txn.put(bytes("other"), bytes(String(i)), 0n);
      txn.end();
    }
    if (i % 50 !== 49) continue;
    const back = next(4);
    const newest = store.currentRevision;
    note(0);
    note(newest - 7);
    compact(store, newest - back);
    note(0);
    note(newest - back);
  }
  assert.deepEqual(hashes, etcdHashes);
});

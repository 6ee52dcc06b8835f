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

import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLogger } from "../base/logger.ts";
import { MemoryBackend } from "../mvcc/memory-backend.ts";
import { MemoryLeases } from "../mvcc/memory-leases.ts";
import { MvccStore } from "../mvcc/store.ts";
import { CompactionRunner } from "./compaction-runner.ts";

class World {
  readonly backend = new MemoryBackend();
  readonly store = new MvccStore({ leases: new MemoryLeases() }, this.backend);
  readonly logged: Readonly<Record<string, unknown>>[] = [];
  slices = 0;
  finished: number[] = [];
  gate: Promise<void> | null = null;
  readonly runner = new CompactionRunner(
    { batchLimit: 10, sleepIntervalMs: 1 },
    {
      clock: { nowMs: () => 0, wallMs: () => 0 },
      logger: {
        ...silentLogger,
        info: (message, fields) => void this.logged.push({ message, ...fields }),
      },
      exclusive: async (slice) => {
        await this.gate;
        return slice();
      },
      sliced: () => {
        this.slices++;
      },
      finished: (_tookMs, pairsDeleted) => void this.finished.push(pairsDeleted),
      sizeBytes: () => 2048,
      sizeInUseBytes: () => 1024,
    },
  );

  constructor(puts: number) {
    for (let i = 0; i < puts; i++) {
      const txn = this.store.write();
      txn.put(Buffer.from(`key${i % 20}`), Buffer.from("v"), 0n);
      txn.end();
    }
  }

  get pairs(): number {
    let pairs = 0;
    this.backend.scan("key", Buffer.of(0), null, () => ++pairs > 0);
    return pairs;
  }
}

test("a compaction is worked off in slices, and says so in etcd's words when it is done", async () => {
  const world = new World(100);
  await world.runner.run(world.store.scheduleCompaction(101));
  assert.equal(world.pairs, 20);
  assert.ok(world.slices >= 10, `${world.slices} slices`);
  assert.deepEqual(world.finished, [80]);
  const { message, hash, ...fields } = world.logged[0]!;
  assert.equal(message, "finished scheduled compaction");
  assert.equal(typeof hash, "number");
  assert.deepEqual(fields, {
    "compact-revision": 101,
    took: "0s",
    "number-of-keys-compacted": 80,
    "current-db-size-bytes": 2048,
    "current-db-size-in-use-bytes": 1024,
  });
});

test("jobs run one after the other", async () => {
  const world = new World(100);
  const done: string[] = [];
  await Promise.all([
    world.runner.run(world.store.scheduleCompaction(50)).then(() => done.push("first")),
    world.runner.run(world.store.scheduleCompaction(101)).then(() => done.push("second")),
  ]);
  assert.deepEqual([done, world.pairs, world.finished.length], [["first", "second"], 20, 2]);
});

test("nothing runs while the store is closed", async () => {
  const world = new World(100);
  let open = (): void => undefined;
  world.gate = new Promise((resolve) => (open = resolve));
  const running = world.runner.run(world.store.scheduleCompaction(101));
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(world.slices, 0);
  open();
  await running;
  assert.equal(world.pairs, 20);
});

test("a stop ends the work between two slices, and the next start goes on with it", async () => {
  const world = new World(100);
  const running = world.runner.run(world.store.scheduleCompaction(101));
  await new Promise((resolve) => setImmediate(resolve));
  await world.runner.stop();
  await running;
  assert.deepEqual([world.finished, world.logged], [[], []]);
  await world.backend.commit();
  const next = new MvccStore({ leases: new MemoryLeases() }, world.backend.crash());
  assert.equal(next.pendingCompaction?.revision, 101);
  assert.equal(next.compactRevision, 101);
});

test("a slice that fails fails the job, and those behind it", async () => {
  const world = new World(100);
  world.gate = Promise.reject(new Error("broken"));
  const first = world.runner.run(world.store.scheduleCompaction(50));
  const second = world.runner.run(world.store.scheduleCompaction(60));
  await assert.rejects(first, /broken/);
  await assert.rejects(second, /broken/);
});

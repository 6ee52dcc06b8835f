import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLogger } from "../base/logger.ts";
import { MemoryStorage } from "../raft/memory-storage.ts";
import { newConfState, newEntry, newHardState } from "../wire/raftpb.ts";
import { LogKeeper } from "./log-keeper.ts";
import { MemoryLog } from "./testing/memory-log.ts";

const confState = newConfState({ voters: [1n] });

class World {
  readonly log = new MemoryLog();
  readonly storage = new MemoryStorage();
  readonly keeper: LogKeeper;
  readonly #entryBytes: number;
  /** How long each mark took, by a clock that moves with each look at it. */
  readonly marked: number[] = [];
  #nowMs = 0;

  constructor(snapshotCount: number, snapshotCatchUpEntries: number, entryBytes = 1) {
    this.keeper = new LogKeeper(
      { snapshotCount, snapshotCatchUpEntries },
      {
        log: this.log,
        storage: this.storage,
        logger: silentLogger,
        clock: { nowMs: () => (this.#nowMs += 5), wallMs: () => 0 },
        marked: (tookMs) => this.marked.push(tookMs),
      },
    );
    this.#entryBytes = entryBytes;
  }

  /** The log grows up to this index, on disk and in memory. */
  async growTo(index: number): Promise<void> {
    const entries = [];
    for (let next = this.storage.lastIndex() + 1; next <= index; next++) {
      entries.push(newEntry({ term: 2, index: next, data: Buffer.alloc(this.#entryBytes) }));
    }
    this.storage.append(entries);
    await this.log.save(newHardState({ term: 2, commit: 1 }), entries);
  }

  keep(index: number): Promise<void> {
    return this.keeper.keep({ index, confState, hardState: newHardState({ term: 2, commit: index }) });
  }

  /** What a restart would find. */
  get recovered(): { mark: number; first: number | undefined } {
    const { snapshot, entries } = this.log.recovered({ memberId: 1n, clusterId: 1n });
    return { mark: snapshot.index, first: entries[0]?.index };
  }
}

test("a mark is due when more entries than the snapshot count were applied since the last one", async () => {
  const world = new World(10, 5);
  assert.deepEqual(
    [10, 11].map((index) => world.keeper.isDue(index)),
    [false, true],
  );
  await world.growTo(30);
  await world.keep(11);
  assert.deepEqual(
    [21, 22].map((index) => world.keeper.isDue(index)),
    [false, true],
  );
  const restarted = new World(10, 5);
  restarted.keeper.startAt(100);
  assert.deepEqual(
    [110, 111].map((index) => restarted.keeper.isDue(index)),
    [false, true],
  );
});

test("the log is marked where the store is durable, with a commit index that covers the mark", async () => {
  const world = new World(10, 5);
  await world.growTo(20);
  await world.keep(15);
  assert.deepEqual(world.recovered, { mark: 15, first: 16 });
  assert.deepEqual(world.log.released, [15]);
  assert.deepEqual(world.storage.snapshot().metadata, { index: 15, term: 2, confState });
});

test("memory keeps the entries to catch up with", async () => {
  const world = new World(10, 5);
  await world.growTo(20);
  await world.keep(15);
  assert.equal(world.storage.firstIndex(), 11);
  await world.growTo(40);
  await world.keep(36);
  assert.equal(world.storage.firstIndex(), 32);
  assert.equal(world.storage.lastIndex(), 40);
});

test("large entries are kept up to a bound in bytes", async () => {
  const world = new World(10, 5000, 1024 * 1024);
  await world.growTo(60);
  await world.keep(50);
  assert.equal(world.storage.firstIndex(), 50 - 16 + 1);
});

test("a mark that the disk does not take is made later, and memory forgets nothing before", async () => {
  const world = new World(10, 5);
  await world.growTo(20);
  world.log.failure = new Error("no space left on device");
  await assert.rejects(world.keep(15), /no space/);
  assert.deepEqual([world.storage.firstIndex(), world.keeper.isDue(15)], [1, true]);
  world.log.failure = null;
  await world.keep(15);
  assert.deepEqual(world.recovered, { mark: 15, first: 16 });
});

test("one mark at a time, and none that goes back", async () => {
  const world = new World(10, 5);
  await world.growTo(40);
  const first = world.keep(15);
  assert.equal(world.keeper.isDue(40), false);
  await Promise.all([first, world.keep(30)]);
  assert.equal(world.recovered.mark, 15);
  await world.keep(12);
  assert.equal(world.recovered.mark, 15);
  await world.keep(30);
  assert.equal(world.recovered.mark, 30);
  assert.deepEqual(world.marked, [5, 5], "each mark that was saved is counted");
});

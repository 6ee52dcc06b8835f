import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { silentLogger } from "../base/logger.ts";
import { seededRandom } from "../base/random.ts";
import { RaftError } from "../raft/errors.ts";
import { MemoryStorage } from "../raft/memory-storage.ts";
import { RawNode } from "../raft/raw-node.ts";
import { decodeConfChange, type Entry, EntryType } from "../wire/raftpb.ts";
import { RaftLoop, type RaftLoopOptions } from "./raft-loop.ts";
import { MemoryLog } from "./testing/memory-log.ts";

const ID = 1n;

class Node extends RawNode {
  takesProposals = true;

  override proposeMany(data: readonly Uint8Array[]): void {
    if (!this.takesProposals) throw new RaftError("proposalDropped");
    super.proposeMany(data);
  }
}

/** A loop with the only voter of a cluster, and a log whose flushes the test holds. */
class World {
  readonly log = new MemoryLog({ flushes: "manual" });
  readonly storage = new MemoryStorage();
  readonly node: Node;
  readonly loop: RaftLoop;
  /** The payloads that were executed. */
  readonly applied: string[] = [];
  readonly dropped: string[] = [];
  readonly failures: unknown[] = [];
  readonly leads: boolean[] = [];
  readonly errors: string[] = [];
  /** What the next call of apply returns or throws. */
  applying: () => Promise<void> | undefined = () => undefined;

  constructor(t: TestContext, options: Partial<RaftLoopOptions> = {}) {
    this.node = new Node({
      id: ID,
      electionTicks: 10,
      heartbeatTicks: 1,
      storage: this.storage,
      random: seededRandom(1),
      logger: silentLogger,
      applied: 0,
      messageBytesMax: 1024 * 1024,
      inflightMessagesMax: 512,
      checkQuorum: true,
      preVote: true,
    });
    this.node.bootstrap([{ id: ID, context: null }]);
    this.loop = new RaftLoop(
      { tickMs: 3_600_000, queuedProposalsMax: 1000, queuedBytesMax: 1_000_000, saveRetryMs: 5, ...options },
      {
        node: this.node,
        storage: this.storage,
        log: this.log,
        logger: { ...silentLogger, error: (message) => void this.errors.push(message) },
        apply: (entries) => this.#apply(entries),
        send: (messages) => assert.equal(messages.length, 0),
        dropped: (proposals) => this.dropped.push(...proposals.map(text)),
        readConfirmed: () => undefined,
        leadershipChanged: (isLeader) => this.leads.push(isLeader),
        failed: (error) => this.failures.push(error),
      },
    );
    this.loop.start();
    t.after(async () => {
      this.log.flushes = "auto";
      await this.loop.stop();
    });
  }

  propose(...names: string[]): void {
    for (const name of names) assert.equal(this.loop.propose(Buffer.from(name)), true);
  }

  /** Everything up to the election of this node is flushed and executed. */
  async lead(): Promise<this> {
    this.log.flushes = "auto";
    await until(() => this.node.basicStatus().applied === this.node.basicStatus().commit && this.log.flushCount > 0);
    this.node.campaign();
    this.loop.kick();
    // The empty entry of its term, behind the one that made it a member.
    await until(() => this.node.basicStatus().applied >= 2);
    assert.equal(this.leads.at(-1), true);
    this.log.flushes = "manual";
    return this;
  }

  /** The payloads on disk. */
  get saved(): string[] {
    return this.log.entries.filter(isPayload).map(({ data }) => text(data!));
  }

  #apply(entries: readonly Entry[]): Promise<void> | undefined {
    for (const entry of entries) {
      if (entry.type === EntryType.EntryConfChange) this.node.applyConfChange(decodeConfChange(entry.data!));
      else if (isPayload(entry)) {
        assert.ok(
          this.log.entries.some(({ index }) => index === entry.index),
          "executed before it was flushed",
        );
        this.applied.push(text(entry.data!));
      }
    }
    return this.applying();
  }
}

const text = (data: Uint8Array): string => Buffer.from(data).toString();
const isPayload = ({ type, data }: Entry): boolean => type === EntryType.EntryNormal && (data?.length ?? 0) > 0;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function turns(count = 5): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}

async function until(condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 30_000;
  while (!condition()) {
    assert.ok(performance.now() < deadlineMs, `not within 30 s: ${condition.toString()}`);
    await turn();
  }
}

test("nothing is executed before it is flushed", async (t) => {
  const world = await new World(t).lead();
  world.propose("a");
  await turns();
  assert.deepEqual([world.log.waiting, world.applied], [1, []]);
  world.log.flush();
  await turns();
  assert.deepEqual(world.applied, ["a"]);
});

test("what arrives while a flush is under way forms the next batch", async (t) => {
  const world = await new World(t).lead();
  world.propose("a");
  await turns();
  world.propose("b");
  await turns();
  world.propose("c", "d");
  await turns();
  assert.equal(world.log.waiting, 1, "one flush at a time");
  const { flushCount } = world.log;
  world.log.flush();
  await turns();
  assert.deepEqual([world.applied, world.log.waiting], [["a"], 1]);
  world.log.flush();
  await turns();
  assert.deepEqual([world.applied, world.log.flushCount - flushCount], [["a", "b", "c", "d"], 2]);
});

test("what was flushed is executed while the next batch is on its way to the disk", async (t) => {
  const world = await new World(t).lead();
  world.propose("a");
  await turns();
  world.propose("b");
  world.log.flush();
  await turns();
  assert.deepEqual([world.log.waiting, world.applied], [1, ["a"]]);
});

test("proposals wait for a leader", async (t) => {
  const world = new World(t);
  world.propose("early");
  await turns();
  assert.deepEqual(world.saved, []);
  await world.lead();
  world.log.flush();
  await until(() => world.applied.length === 1);
  assert.deepEqual([world.applied, world.dropped], [["early"], []]);
});

test("a queue that is full refuses, by count and by bytes, and takes again when it has been emptied", async (t) => {
  const world = await new World(t, { queuedProposalsMax: 3, queuedBytesMax: 100 }).lead();
  const propose = (bytes: number): boolean => world.loop.propose(Buffer.alloc(bytes, "x"));
  assert.deepEqual([propose(101), propose(60), propose(41), propose(40)], [false, true, false, true]);
  await turns();
  assert.deepEqual([propose(1), propose(1), propose(1), propose(1)], [true, true, true, false]);
  world.log.flush();
  await turns();
  assert.equal(propose(1), true);
});

test("proposals that Raft does not take are handed back", async (t) => {
  const world = await new World(t).lead();
  world.node.takesProposals = false;
  world.propose("a", "b");
  await turns();
  assert.deepEqual([world.dropped, world.failures], [["a", "b"], []]);
  world.node.takesProposals = true;
  world.propose("c");
  await turns();
  world.log.flush();
  await turns();
  assert.deepEqual(world.applied, ["c"]);
});

test("a save that fails is tried again until it holds, and nothing of it is executed before", async (t) => {
  const world = await new World(t).lead();
  const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
  world.propose("a");
  await turns();
  world.log.failure = full;
  await until(() => world.loop.stalledBy !== null);
  assert.equal(world.loop.stalledBy, full);
  world.propose("b");
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.deepEqual([world.applied, world.saved, world.errors.length], [[], [], 1]);
  world.log.failure = null;
  world.log.flushes = "auto";
  await until(() => world.applied.length === 2);
  assert.deepEqual([world.applied, world.saved, world.loop.stalledBy], [["a", "b"], ["a", "b"], null]);
});

test("what is slow to execute slows the loop down", async (t) => {
  const world = await new World(t).lead();
  let finish = (): void => undefined;
  world.applying = () => new Promise((resolve) => (finish = resolve));
  world.log.flushes = "auto";
  world.propose("a");
  await until(() => world.applied.length === 1);
  world.propose("b");
  await turns(20);
  assert.deepEqual(world.saved, ["a"]);
  world.applying = () => undefined;
  finish();
  await until(() => world.applied.length === 2);
});

test("a broken invariant ends the loop, and is told once", async (t) => {
  const world = await new World(t).lead();
  world.applying = () => {
    throw new Error("broken");
  };
  world.propose("a");
  await turns();
  world.log.flush();
  await turns();
  assert.deepEqual(world.failures.map(String), ["Error: broken"]);
  world.propose("b");
  await turns();
  assert.deepEqual(world.saved, ["a"]);
  await world.loop.stop();
  assert.equal(world.failures.length, 1);
});

test("a stop waits for the batch under way, and takes no other", async (t) => {
  const world = await new World(t).lead();
  world.propose("a");
  await turns();
  world.propose("b");
  let isStopped = false;
  const stopped = world.loop.stop().then(() => (isStopped = true));
  await turns();
  assert.equal(isStopped, false);
  world.log.flush();
  await stopped;
  assert.deepEqual(world.saved, ["a"]);
  assert.deepEqual(world.failures, []);
});

test("a loop that waits for the disk can be stopped", async (t) => {
  const world = await new World(t, { saveRetryMs: 50 }).lead();
  world.log.failure = new Error("no space left on device");
  world.propose("a");
  await until(() => world.loop.stalledBy !== null);
  await world.loop.stop();
  assert.deepEqual(world.applied, []);
});

test("an idle loop sleeps", async (t) => {
  const world = await new World(t).lead();
  const { flushCount } = world.log;
  await turns(20);
  assert.deepEqual([world.log.waiting, world.log.flushCount], [0, flushCount]);
});

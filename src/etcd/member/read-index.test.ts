import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { EtcdError } from "../errors.ts";
import { ReadIndex } from "./read-index.ts";

const TIMEOUT_MS = 7000;

/** A Raft that confirms rounds when the test says so. */
class Rounds {
  readonly asked: Uint8Array[] = [];
  readonly counted: string[] = [];
  appliedIndex = 10;
  readonly reads = new ReadIndex({
    ask: (context) => this.asked.push(context),
    appliedIndex: () => this.appliedIndex,
    timeoutMs: TIMEOUT_MS,
    failed: () => this.counted.push("failed"),
    slow: () => this.counted.push("slow"),
  });

  confirm(round = this.asked.length - 1, index = this.appliedIndex): void {
    this.reads.confirmed(this.asked[round]!, index);
  }

  /** How each of the reads stands now. */
  read(count = 1): string[] {
    const states: string[] = [];
    for (let i = 0; i < count; i++) {
      states.push("waits");
      this.reads.wait().then(
        () => (states[i] = "served"),
        (error: unknown) => (states[i] = error instanceof EtcdError ? error.code : String(error)),
      );
    }
    return states;
  }
}

/** Lets promises settle. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

test("one round serves all reads that waited when it was asked for", async () => {
  const rounds = new Rounds();
  const first = rounds.read();
  // The round for the first read has begun: these came too late for it.
  const later = rounds.read(2);
  assert.equal(rounds.asked.length, 1);
  rounds.confirm();
  await settle();
  assert.deepEqual([first, later, rounds.asked.length], [["served"], ["waits", "waits"], 2]);
  rounds.confirm();
  await settle();
  assert.deepEqual([later, rounds.asked.length], [["served", "served"], 2]);
});

test("a confirmed read waits for the state to reach the index", async () => {
  const rounds = new Rounds();
  const read = rounds.read();
  rounds.confirm(0, 12);
  rounds.appliedIndex = 11;
  rounds.reads.applied();
  await settle();
  assert.deepEqual(read, ["waits"]);
  rounds.appliedIndex = 12;
  rounds.reads.applied();
  await settle();
  assert.deepEqual(read, ["served"]);
});

test("a round that is not answered is asked for again, under a context of its own", async () => {
  const rounds = new Rounds();
  const read = rounds.read();
  mock.timers.tick(500);
  mock.timers.tick(500);
  assert.equal(rounds.asked.length, 3);
  assert.equal(new Set(rounds.asked.map((context) => Buffer.from(context).toString("hex"))).size, 3);
  // An answer to a round that was given up may be from before a change of the leader.
  rounds.confirm(0);
  rounds.confirm(1);
  await settle();
  assert.deepEqual(read, ["waits"]);
  rounds.confirm(2);
  await settle();
  assert.deepEqual(read, ["served"]);
  mock.timers.tick(TIMEOUT_MS);
  assert.equal(rounds.asked.length, 3);
});

test("a confirmation that comes twice, or without a round, means nothing", async () => {
  const rounds = new Rounds();
  rounds.reads.confirmed(Buffer.alloc(8), 1);
  rounds.read();
  rounds.confirm(0);
  const next = rounds.read();
  rounds.confirm(0);
  await settle();
  assert.deepEqual(next, ["waits"]);
});

test("a read is given up when its time is over", async () => {
  const rounds = new Rounds();
  const read = rounds.read();
  mock.timers.tick(TIMEOUT_MS - 1);
  await settle();
  assert.deepEqual(read, ["waits"]);
  mock.timers.tick(1);
  await settle();
  assert.deepEqual(read, ["timeout"]);
  const asked = rounds.asked.length;
  mock.timers.tick(10_000);
  assert.equal(rounds.asked.length, asked, "nobody waits, so nothing is asked");
});

test("a change of the leader fails the reads of the round; those for the next one ask the new leader", async () => {
  const rounds = new Rounds();
  const failed = rounds.read();
  const next = rounds.read();
  rounds.reads.fail(new EtcdError("leaderChanged"));
  await settle();
  assert.deepEqual([failed, next, rounds.asked.length], [["leaderChanged"], ["waits"], 2]);
  rounds.confirm();
  await settle();
  assert.deepEqual(next, ["served"]);
});

test("a stop fails all reads, also those that come after it, and leaves no timer behind", async () => {
  const rounds = new Rounds();
  const [under, next] = [rounds.read(), rounds.read()];
  rounds.reads.stop(new EtcdError("stopped"));
  const late = rounds.read();
  await settle();
  assert.deepEqual([under, next, late], [["stopped"], ["stopped"], ["stopped"]]);
  mock.timers.tick(2 * TIMEOUT_MS);
  assert.equal(rounds.asked.length, 1);
});

test("what comes too late, or fails with the leader, is counted; what a stop refuses is not", async () => {
  const rounds = new Rounds();
  rounds.read();
  mock.timers.tick(500);
  // The answer to what was asked first: it was asked again since.
  rounds.confirm(0);
  assert.deepEqual(rounds.counted, ["slow"]);
  rounds.confirm();
  rounds.read();
  mock.timers.tick(TIMEOUT_MS);
  assert.deepEqual(rounds.counted, ["slow", "slow"]);
  rounds.read();
  rounds.reads.fail(new EtcdError("leaderChanged"));
  rounds.reads.fail(new EtcdError("leaderChanged"));
  assert.deepEqual(rounds.counted, ["slow", "slow", "failed"]);
  const last = rounds.read();
  rounds.reads.stop(new EtcdError("stopped"));
  await settle();
  assert.deepEqual([last, rounds.counted.length], [["stopped"], 3]);
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ChunkPool } from "../wire/chunk-pool.ts";
import { FrameWriter } from "../wire/frame-writer.ts";
import { EventType } from "../wire/messages.ts";
import { ReplyWriter } from "../wire/replies.ts";
import { type Answer, type QueueHost, type Read, type RequestFacts, RequestQueue } from "./request-queue.ts";

const pool = new ChunkPool();
const EVENT_XID = -1;

interface Frame {
  readonly xid: number;
  readonly zxid: number;
}

/** An output as a connection has one, and an account of what the queue said. */
class Output implements QueueHost {
  readonly #writer = new FrameWriter(pool);
  readonly replies = new ReplyWriter(this.#writer, { zxidOffset: 0 });
  readonly answeredXids: number[] = [];
  places = 0;
  readonly losses: unknown[] = [];

  aside(read: Read): { readonly outcome: number | Promise<Answer>; readonly write: () => void } {
    const writer = new FrameWriter(pool);
    const outcome = read(new ReplyWriter(writer, { zxidOffset: 0 }));
    const bytes = Buffer.concat(writer.take().buffers);
    return { outcome, write: () => this.#writer.raw(bytes) };
  }

  answered({ xid }: RequestFacts): void {
    this.answeredXids.push(xid);
  }

  freed(): void {
    this.places++;
  }

  lost(error: unknown): void {
    this.losses.push(error);
  }

  takeFrames(): Frame[] {
    const bytes = Buffer.concat(this.#writer.take().buffers);
    const frames: Frame[] = [];
    for (let at = 0; at < bytes.length; at += 4 + bytes.readInt32BE(at)) {
      frames.push({ xid: bytes.readInt32BE(at + 4), zxid: Number(bytes.readBigInt64BE(at + 8)) });
    }
    return frames;
  }
}

function facts(xid: number): RequestFacts {
  return { xid, opCode: 0, arrivedMs: 0, isWrite: false };
}

function reply(xid: number, zxid: number): Answer {
  return (replies) => {
    replies.empty(xid, zxid);
    return zxid;
  };
}

/** Continuations of promises have run. */
async function promisesRan(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await Promise.resolve();
}

const kinds = ["read", "fetch", "toldFetch", "write", "refusal", "sync", "answer"] as const;
type Kind = (typeof kinds)[number];

interface Sent {
  readonly xid: number;
  readonly kind: Kind;
  /** Nothing that comes later can change what it says. */
  isCertain: boolean;
  hasBegun: boolean;
}

/**
 * A session's queue and a store that it works on, in which things finish in any order that a store allows: the session's
 * writes one after the other, syncs and fetches whenever they like, writes of others in between.
 */
class World {
  readonly output = new Output();
  readonly queue = new RequestQueue(this.output);
  readonly sent: Sent[] = [];
  revision = 1;
  #ownWrites = 0;
  readonly #flying: { readonly sent: Sent; readonly answer: (answer: Answer) => void }[] = [];
  readonly #syncing: (() => void)[] = [];
  readonly #fetching: (() => void)[] = [];

  send(kind: Kind): void {
    const sent: Sent = { xid: this.sent.length + 1, kind, isCertain: false, hasBegun: false };
    this.sent.push(sent);
    const mayBegin = !this.sent.some((other) => other !== sent && other.kind === "sync" && !other.isCertain);
    switch (kind) {
      case "read":
      case "fetch":
      case "toldFetch":
        this.queue.read(facts(sent.xid), (replies) => this.#read(sent, replies));
        break;
      case "write":
      case "refusal":
        this.queue.write(facts(sent.xid), (answer) => this.#beginWrite(sent, answer));
        assert.equal(sent.hasBegun, mayBegin, "a write goes on its way at once, but not past a sync");
        break;
      case "sync":
        this.queue.sync(facts(sent.xid), (answer) => this.#beginSync(sent, answer));
        break;
      case "answer":
        this.queue.answer(facts(sent.xid), (replies) => {
          sent.isCertain = true;
          return reply(sent.xid, this.revision)(replies);
        });
        break;
    }
  }

  /** What can happen now, each in its own way. */
  get chances(): readonly (() => void)[] {
    const chances: (() => void)[] = [() => this.#otherWrites()];
    if (this.#flying.length > 0) chances.push(() => this.#finishWrite());
    for (const list of [this.#syncing, this.#fetching]) {
      for (const [at] of list.entries()) chances.push(() => list.splice(at, 1)[0]!());
    }
    return chances;
  }

  get isIdle(): boolean {
    return this.#flying.length + this.#syncing.length + this.#fetching.length === 0;
  }

  #read(sent: Sent, replies: ReplyWriter): number | Promise<Answer> {
    const before = this.sent.slice(0, sent.xid - 1);
    const writesBefore = before.filter(({ kind }) => kind === "write").length;
    assert.equal(
      this.#ownWrites,
      writesBefore,
      `read ${sent.xid} sees the writes before it, and no others of its session`,
    );
    this.#assertIsNext(sent);
    sent.isCertain = true;
    const { revision } = this;
    if (sent.kind === "read") return reply(sent.xid, revision)(replies);
    if (sent.kind === "toldFetch") replies.event(EventType.dataChanged, "/told", revision);
    return new Promise((resolve) => this.#fetching.push(() => resolve(reply(sent.xid, revision))));
  }

  #beginWrite(sent: Sent, answer: (answer: Answer) => void): void {
    sent.hasBegun = true;
    const sync = this.sent.find(({ xid, kind, isCertain }) => kind === "sync" && !isCertain && xid < sent.xid);
    assert.equal(sync, undefined, `write ${sent.xid} begins before a sync in front of it is answered`);
    this.#flying.push({ sent, answer });
    // A refusal that rests on nothing is told at once.
    if (sent.kind === "refusal" && this.#flying.length === 1) this.#finishWrite();
  }

  #finishWrite(): void {
    const { sent, answer } = this.#flying.shift()!;
    if (sent.kind === "write") {
      this.#ownWrites++;
      this.#change();
    }
    this.#assertIsNext(sent);
    sent.isCertain = true;
    answer(reply(sent.xid, this.revision));
  }

  #beginSync(sent: Sent, answer: (answer: Answer) => void): void {
    this.#assertIsNext(sent);
    this.#syncing.push(() => {
      sent.isCertain = true;
      answer(reply(sent.xid, this.revision));
    });
  }

  #otherWrites(): void {
    this.#change();
  }

  /** The client watches all of it. */
  #change(): void {
    const revision = ++this.revision;
    this.queue.event(() => this.output.replies.event(EventType.dataChanged, "/a", revision));
  }

  /** Answers have their turn when their reply has: they rest on nothing. */
  #assertIsNext(sent: Sent): void {
    const open = this.sent.find(({ isCertain, kind }) => !isCertain && kind !== "answer");
    assert.equal(open, sent, `request ${sent.xid} comes before one in front of it`);
  }
}

describe("the queue of a connection", () => {
  test("answers in order, shows each read what was before it, and tells events in their places", async () => {
    const property = fc.asyncProperty(
      fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 30 }),
      fc.array(fc.nat(), { maxLength: 90 }),
      async (requests, dice) => {
        const world = new World();
        const coming = [...requests];
        for (const die of dice) {
          const { chances } = world;
          const at = die % (chances.length + 2);
          if (at < chances.length) chances[at]!();
          else if (coming.length > 0) world.send(coming.shift()!);
          if (die % 3 > 0) await promisesRan();
        }
        for (const kind of coming) world.send(kind);
        while (!world.isIdle) {
          world.chances[1]!();
          await promisesRan();
        }
        await promisesRan();
        assert.equal(world.queue.length, 0);
        assert.deepEqual(world.output.losses, []);
        assert.equal(world.output.places, requests.length);
        const xids = requests.map((_kind, index) => index + 1);
        assert.deepEqual(world.output.answeredXids, xids);
        const frames = world.output.takeFrames();
        assert.deepEqual(
          frames.filter(({ xid }) => xid !== EVENT_XID).map(({ xid }) => xid),
          xids,
        );
        const isToldEarly = requests.includes("toldFetch");
        const events = frames.filter(({ xid }) => xid === EVENT_XID).length;
        assert.equal(events, world.revision - 1 + requests.filter((kind) => kind === "toldFetch").length);
        let last = 0;
        for (const [at, { xid, zxid }] of frames.entries()) {
          // What is not certain before it is written says what is true then, which may be later.
          if (world.sent[xid - 1]?.kind === "answer") continue;
          assert.ok(zxid >= last, `frame ${at} goes back from ${last} to ${zxid}`);
          if (xid === EVENT_XID && !isToldEarly)
            assert.ok(zxid > last, `the event ${zxid} comes behind what rests on it`);
          last = zxid;
        }
      },
    );
    await fc.assert(property, { numRuns: 500 });
  });

  test("reads execute in their turn while an earlier one fetches, and are told behind it", async () => {
    const output = new Output();
    const queue = new RequestQueue(output);
    let fetched: (answer: Answer) => void = () => undefined;
    queue.read(facts(1), () => new Promise((resolve) => (fetched = resolve)));
    let executed = 0;
    queue.read(facts(2), (replies) => {
      executed++;
      return reply(2, 7)(replies);
    });
    queue.event(() => output.replies.event(EventType.dataChanged, "/a", 8));
    assert.equal(executed, 1);
    assert.deepEqual(output.takeFrames(), []);
    fetched(reply(1, 6));
    await promisesRan();
    assert.deepEqual(output.takeFrames(), [
      { xid: 1, zxid: 6 },
      { xid: 2, zxid: 7 },
      { xid: EVENT_XID, zxid: 8 },
    ]);
  });

  test("what a read says before it fetches keeps its place", async () => {
    const output = new Output();
    const queue = new RequestQueue(output);
    const fetches: (() => void)[] = [];
    const fetch = (xid: number): Promise<Answer> =>
      new Promise((resolve) => fetches.push(() => resolve(reply(xid, xid))));
    queue.read(facts(1), () => fetch(1));
    queue.read(facts(2), (replies) => {
      replies.event(EventType.deleted, "/caught/up", 0);
      return fetch(2);
    });
    fetches[1]!();
    await promisesRan();
    fetches[0]!();
    await promisesRan();
    assert.deepEqual(
      output.takeFrames().map(({ xid }) => xid),
      [1, EVENT_XID, 2],
    );
  });

  test("a sync begins when it is first, and holds back the writes behind it", () => {
    const queue = new RequestQueue(new Output());
    const began: number[] = [];
    const answers = new Map<number, (answer: Answer) => void>();
    const start = (xid: number) => (answer: (answer: Answer) => void) => {
      began.push(xid);
      answers.set(xid, answer);
    };
    queue.write(facts(1), start(1));
    queue.sync(facts(2), start(2));
    queue.write(facts(3), start(3));
    queue.sync(facts(4), start(4));
    queue.write(facts(5), start(5));
    assert.deepEqual(began, [1]);
    for (const [xid, expected] of [
      [1, [1, 2]],
      [2, [1, 2, 3]],
      [3, [1, 2, 3, 4]],
      [4, [1, 2, 3, 4, 5]],
    ] as const) {
      answers.get(xid)!(reply(xid, 1));
      assert.deepEqual(began, expected);
    }
  });

  test("a fetch that fails is reported; a closed queue counts what it leaves and says nothing more", async () => {
    const output = new Output();
    const queue = new RequestQueue(output);
    queue.read(facts(1), () => Promise.reject(new Error("gone")));
    await promisesRan();
    assert.equal((output.losses[0] as Error).message, "gone");
    const late: ((answer: Answer) => void)[] = [];
    const fetches: ((answer: Answer) => void)[] = [];
    queue.read(facts(2), () => new Promise((resolve) => fetches.push(resolve)));
    queue.write(facts(3), (answer) => late.push(answer));
    queue.read(facts(4), () => assert.fail("a read of a closed queue"));
    assert.equal(queue.close(), 4);
    late[0]!(reply(3, 1));
    fetches[0]!(reply(2, 1));
    await promisesRan();
    assert.deepEqual(output.takeFrames(), []);
    assert.equal(output.places, 0);
  });
});

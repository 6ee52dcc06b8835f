import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ChunkPool } from "../wire/chunk-pool.ts";
import { FrameWriter } from "../wire/frame-writer.ts";
import { EventType } from "../wire/messages.ts";
import { ReplyWriter } from "../wire/replies.ts";
import type { Answer, Fetch, QueueHost, Read, RequestFacts } from "./reply-line.ts";
import { RequestQueue } from "./request-queue.ts";

const pool = new ChunkPool();
const EVENT_XID = -1;
/** Of an output that is not full. */
const ROOM = 1000;
const FETCH_BYTES = 400;
/** So many fetches fill the room. */
const FETCHES_MAX = 3;
const EVENT_BYTES = 10;

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
  room = ROOM;
  readonly losses: unknown[] = [];

  aside(read: Read): { readonly outcome: number | Fetch; readonly bytes: number; readonly write: () => void } {
    const writer = new FrameWriter(pool);
    const outcome = read(new ReplyWriter(writer, { zxidOffset: 0 }));
    const { buffers, bytes } = writer.takeCopy();
    return { outcome, bytes, write: () => buffers.forEach((buffer) => this.#writer.raw(buffer)) };
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
  return { xid, opCode: 0, arrivedMs: 0, isWrite: false, largeBytes: 0 };
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

function allPromisesRan(): Promise<void> {
  return new Promise(setImmediate);
}

function fetchOf(start: () => Promise<Answer | null>, bytes = FETCH_BYTES): Fetch {
  return { bytes, start };
}

/** A `goneFetch` finds nothing in its first turn, since what it saw was compacted away. */
const kinds = ["read", "fetch", "goneFetch", "write", "refusal", "sync", "answer"] as const;
type Kind = (typeof kinds)[number];

interface Sent {
  readonly xid: number;
  readonly kind: Kind;
  /** Nothing that comes later can change what it says. */
  isCertain: boolean;
  hasBegun: boolean;
  turns: number;
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
  readonly #fetched = new Set<number>();

  send(kind: Kind): void {
    const sent: Sent = { xid: this.sent.length + 1, kind, isCertain: false, hasBegun: false, turns: 0 };
    this.sent.push(sent);
    const mayBegin = !this.sent.some((other) => other !== sent && other.kind === "sync" && !other.isCertain);
    switch (kind) {
      case "read":
      case "fetch":
      case "goneFetch":
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
    const chances: (() => void)[] = [() => this.#otherWrites(), () => this.fill(this.output.room > 0)];
    if (this.#flying.length > 0) chances.push(() => this.#finishWrite());
    for (const list of [this.#syncing, this.#fetching]) {
      for (const [at] of list.entries()) chances.push(() => list.splice(at, 1)[0]!());
    }
    return chances;
  }

  /** The client stops reading, or reads again. */
  fill(isFull: boolean): void {
    this.output.room = isFull ? -1 : ROOM;
    if (!isFull) this.queue.tell();
  }

  get isIdle(): boolean {
    return this.#flying.length + this.#syncing.length + this.#fetching.length === 0;
  }

  #read(sent: Sent, replies: ReplyWriter): number | Fetch {
    const before = this.sent.slice(0, sent.xid - 1);
    const writesBefore = before.filter(({ kind }) => kind === "write").length;
    assert.equal(
      this.#ownWrites,
      writesBefore,
      `read ${sent.xid} sees the writes before it, and no others of its session`,
    );
    if (++sent.turns === 1) this.#assertIsNext(sent);
    else assert.ok(!this.#isPassed(sent), `read ${sent.xid} has its turn again behind a later one`);
    sent.isCertain = true;
    const { revision } = this;
    if (sent.kind === "read") return reply(sent.xid, revision)(replies);
    const isGone = sent.kind === "goneFetch" && sent.turns === 1;
    return fetchOf(() => {
      assert.ok(this.output.room >= 0, `fetch ${sent.xid} starts while nobody reads`);
      this.#fetched.add(sent.xid);
      const untold = [...this.#fetched].filter((xid) => !this.output.answeredXids.includes(xid));
      assert.ok(untold.length <= FETCHES_MAX, `${untold.length} fetches are in memory`);
      return new Promise((resolve) => {
        this.#fetching.push(() => resolve(isGone ? null : reply(sent.xid, revision)));
      });
    });
  }

  /** Whether a request behind this one has begun, or an event may stand behind it. */
  #isPassed(sent: Sent): boolean {
    return this.sent.some(({ xid, isCertain, hasBegun }) => xid > sent.xid && (isCertain || hasBegun));
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
    this.queue.event(EVENT_BYTES, () => this.output.replies.event(EventType.dataChanged, "/a", revision));
  }

  /** Answers have their turn when their reply has: they rest on nothing. */
  #assertIsNext(sent: Sent): void {
    const open = this.sent.find(({ isCertain, kind }) => !isCertain && kind !== "answer");
    assert.equal(open, sent, `request ${sent.xid} comes before one in front of it`);
  }
}

describe("the queue of a connection", () => {
  test("answers in order, shows each read what was before it, and tells events in their places", async () => {
    let again = 0;
    let lost = 0;
    const property = fc.asyncProperty(
      fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 30 }),
      fc.array(fc.nat(), { maxLength: 90 }),
      async (requests, dice) => {
        const world = new World();
        const { queue, output } = world;
        const coming = [...requests];
        for (const die of dice) {
          const { chances } = world;
          const at = die % (chances.length + 2);
          if (at < chances.length) chances[at]!();
          else if (coming.length > 0 && output.room >= 0) world.send(coming.shift()!);
          if (die % 3 > 0) await promisesRan();
          if (output.losses.length > 0) break;
        }
        world.fill(false);
        for (const kind of coming) if (output.losses.length === 0) world.send(kind);
        // A read that found nothing may begin once more.
        await allPromisesRan();
        while (output.losses.length === 0 && !world.isIdle) {
          world.chances[2]!();
          await allPromisesRan();
        }
        const frames = output.takeFrames();
        assertNoStepBack(frames, world);
        const xids = requests.map((_kind, index) => index + 1);
        if (output.losses.length > 0) {
          lost++;
          assert.ok(requests.includes("goneFetch"), String(output.losses[0]));
          assert.deepEqual(output.answeredXids, xids.slice(0, output.answeredXids.length));
          return;
        }
        again += world.sent.filter(({ turns }) => turns > 1).length;
        assert.deepEqual([queue.length, queue.heldBytes, queue.eventBytes], [0, 0, 0]);
        assert.equal(output.places, requests.length);
        assert.deepEqual(output.answeredXids, xids);
        assert.deepEqual(
          frames.filter(({ xid }) => xid !== EVENT_XID).map(({ xid }) => xid),
          xids,
        );
        const events = frames.filter(({ xid }) => xid === EVENT_XID).length;
        assert.equal(events, world.revision - 1);
      },
    );
    await fc.assert(property, { numRuns: 500 });
    assert.ok(again > 5 && lost > 5, `${again} reads had their turn again, ${lost} connections were lost`);
  });

  test("reads execute in their turn while an earlier one fetches, and are told behind it", async () => {
    const output = new Output();
    const queue = new RequestQueue(output);
    let fetched: (answer: Answer) => void = () => undefined;
    queue.read(facts(1), () => fetchOf(() => new Promise((resolve) => (fetched = resolve))));
    let executed = 0;
    queue.read(facts(2), (replies) => {
      executed++;
      return reply(2, 7)(replies);
    });
    queue.event(EVENT_BYTES, () => output.replies.event(EventType.dataChanged, "/a", 8));
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

  test("reads that all have their turn behind a write fetch what the output has room for, and no more", async () => {
    const output = new Output();
    const queue = new RequestQueue(output);
    let written: (answer: Answer) => void = () => undefined;
    queue.write(facts(1), (answer) => (written = answer));
    const fetches: (() => void)[] = [];
    for (let xid = 2; xid <= 101; xid++) {
      const start = (): Promise<Answer> => new Promise((resolve) => fetches.push(() => resolve(reply(xid, 5))));
      queue.read(facts(xid), () => fetchOf(start));
    }
    assert.equal(queue.heldBytes, 0);
    written(reply(1, 5));
    assert.deepEqual([fetches.length, queue.heldBytes], [FETCHES_MAX, 100 * FETCH_BYTES]);
    // Once the client does not read, what is fetched comes to its end, and no more is fetched.
    output.room = -1;
    for (let at = 0; at < FETCHES_MAX; at++) fetches[at]!();
    await promisesRan();
    assert.deepEqual(output.answeredXids, [1]);
    assert.equal(fetches.length, FETCHES_MAX);
    queue.event(EVENT_BYTES, () => output.replies.event(EventType.deleted, "/a", 6));
    assert.deepEqual([queue.heldBytes, queue.eventBytes], [100 * FETCH_BYTES + EVENT_BYTES, EVENT_BYTES]);
    output.room = ROOM;
    queue.tell();
    for (let at = FETCHES_MAX; at < fetches.length; at++) {
      fetches[at]!();
      await promisesRan();
    }
    assert.deepEqual(
      output.takeFrames().map(({ xid }) => xid),
      [...Array.from({ length: 101 }, (_, at) => at + 1), EVENT_XID],
    );
    assert.deepEqual([queue.length, queue.heldBytes, queue.eventBytes], [0, 0, 0]);
  });

  test("a read whose data is gone has its turn again, or ends the connection when something is behind it", async () => {
    const behind: readonly (readonly [string, (queue: RequestQueue) => void])[] = [
      ["nothing", () => undefined],
      ["a read", (queue) => queue.read(facts(2), reply(2, 5))],
      ["a write", (queue) => queue.write(facts(2), () => undefined)],
      ["an event", (queue) => queue.event(EVENT_BYTES, () => assert.fail("told"))],
    ];
    for (const [what, put] of behind) {
      const output = new Output();
      const queue = new RequestQueue(output);
      let gone: (answer: Answer | null) => void = () => undefined;
      let turns = 0;
      queue.read(facts(1), (replies) =>
        ++turns === 1 ? fetchOf(() => new Promise((resolve) => (gone = resolve))) : reply(1, 6)(replies),
      );
      put(queue);
      gone(null);
      await promisesRan();
      const isAgain = what === "nothing";
      assert.deepEqual(output.takeFrames(), isAgain ? [{ xid: 1, zxid: 6 }] : [], what);
      assert.equal(output.losses.length, isAgain ? 0 : 1, what);
      if (isAgain) assert.deepEqual([queue.length, queue.heldBytes], [0, 0]);
    }
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
    queue.read(facts(1), () => fetchOf(() => Promise.reject(new Error("gone"))));
    await promisesRan();
    assert.equal((output.losses[0] as Error).message, "gone");
    const late: ((answer: Answer) => void)[] = [];
    const fetches: ((answer: Answer) => void)[] = [];
    queue.read(facts(2), () => fetchOf(() => new Promise((resolve) => fetches.push(resolve))));
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

/** What a client is told is never older than what it was told before. */
function assertNoStepBack(frames: readonly Frame[], { sent }: World): void {
  let last = 0;
  for (const [at, { xid, zxid }] of frames.entries()) {
    // What is not certain before it is written says what is true then, which may be later.
    if (sent[xid - 1]?.kind === "answer") continue;
    assert.ok(zxid >= last, `frame ${at} goes back from ${last} to ${zxid}`);
    if (xid === EVENT_XID) assert.ok(zxid > last, `the event ${zxid} comes behind what rests on it`);
    last = zxid;
  }
}

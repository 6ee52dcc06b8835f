import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { WatchSink, WatchStream } from "../../etcd/port.ts";
import {
  newResponseHeader,
  newWatchResponse,
  type WatchCreateRequest,
  type WatchRequest,
  type WatchResponse,
} from "../../etcd/wire/etcdserverpb.ts";
import { type Event, newEvent, newKeyValue } from "../../etcd/wire/mvccpb.ts";
import { readHistory } from "./history.ts";

const ranges = ["/zk/a", "/zk.stat/a"].map((key) => ({ key: Buffer.from(key), rangeEnd: new Uint8Array(0) }));

/** A watch stream that says what it is told to say. */
class ScriptedStream implements WatchStream {
  readonly created: WatchCreateRequest[] = [];
  progressAsked = 0;
  isClosed = false;
  sink!: WatchSink;
  #isWriting = false;

  watch(sink: WatchSink): WatchStream {
    this.sink = sink;
    return this;
  }

  request({ requestUnion }: WatchRequest): void {
    if (requestUnion?.case === "createRequest") this.created.push(requestUnion.value);
    if (requestUnion?.case === "progressRequest") this.progressAsked++;
  }

  drained(): void {
    throw new Error("the sink takes everything");
  }

  close(): void {
    assert.equal(this.#isWriting, false, "a call from within the sink");
    this.isClosed = true;
    this.sink.end();
  }

  say(revision: number, response: Partial<WatchResponse> = {}): void {
    this.#isWriting = true;
    this.sink.write(newWatchResponse({ header: newResponseHeader({ revision }), ...response }));
    this.#isWriting = false;
  }
}

/** A question to a store of which the tree has the first ten revisions. */
class Bench {
  readonly stream = new ScriptedStream();
  treeRevision = 10;
  answers = 0;
  readonly result: Promise<readonly number[] | null>;

  constructor(context: TestContext, asked: typeof ranges = ranges) {
    context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
    this.result = readHistory(this.stream, {
      since: 4,
      ranges: asked,
      treeRevision: () => this.treeRevision,
      answer: (events) => {
        this.answers++;
        return events.map(({ kv }) => kv!.modRevision);
      },
    });
  }

  /** Whether there is an answer by now. */
  async isAnswered(): Promise<boolean> {
    await new Promise((resolve) => setImmediate(resolve));
    return this.answers > 0;
  }
}

function eventsAt(...revisions: readonly number[]): Event[] {
  return revisions.map((modRevision) => newEvent({ kv: newKeyValue({ modRevision }) }));
}

describe("history", () => {
  test("is asked for by one watch of each range, with the previous pairs, from behind what is known", async (context) => {
    const { stream, result } = new Bench(context);
    assert.deepEqual(
      stream.created.map(({ key, startRevision, prevKv }) => [Buffer.from(key).toString(), startRevision, prevKv]),
      [
        ["/zk/a", 5, true],
        ["/zk.stat/a", 5, true],
      ],
    );
    assert.equal(stream.progressAsked, 1);
    stream.say(10);
    assert.deepEqual(await result, []);
    assert.equal(stream.isClosed, true);
  });

  test("is complete when the stream's progress has come as far as the tree", async (context) => {
    const bench = new Bench(context);
    const { stream } = bench;
    stream.say(10, { created: true });
    stream.say(10, { created: true, watchId: 1n });
    stream.say(10, { events: eventsAt(5, 7) });
    stream.say(9);
    stream.say(10, { events: eventsAt(6), watchId: 1n });
    assert.equal(await bench.isAnswered(), false);
    stream.say(10);
    assert.deepEqual(await bench.result, [5, 7, 6]);
    stream.say(11);
    assert.equal(bench.answers, 1);
  });

  test("waits for the tree when it is ahead of it", async (context) => {
    const bench = new Bench(context);
    bench.stream.say(12, { events: eventsAt(5, 12) });
    bench.stream.say(12);
    assert.equal(await bench.isAnswered(), false);
    bench.treeRevision = 12;
    bench.stream.say(12);
    assert.deepEqual(await bench.result, [5, 12]);
  });

  test("asks for progress until there is an answer", async (context) => {
    const { stream, result } = new Bench(context);
    context.mock.timers.tick(120);
    assert.equal(stream.progressAsked, 3);
    stream.say(10);
    await result;
    context.mock.timers.tick(1000);
    assert.equal(stream.progressAsked, 3);
  });

  for (const [name, go] of [
    ["it is compacted", ({ stream }: Bench) => stream.say(10, { canceled: true, compactRevision: 6 })],
    ["a watch is refused", ({ stream }: Bench) => stream.say(10, { created: true, canceled: true })],
    ["the stream ends", ({ stream }: Bench) => stream.sink.end(new Error("the member stopped"))],
    ["it does not come in time", (_: Bench, context: TestContext) => context.mock.timers.tick(5000)],
    [
      "it is too long",
      ({ stream }: Bench) => stream.say(10, { events: eventsAt(...new Array<number>(100_001).fill(5)) }),
    ],
    [
      "it is too much to keep",
      ({ stream }: Bench) => {
        const pair = newKeyValue({ key: Buffer.from("/zk/a"), value: Buffer.alloc(1024 * 1024), modRevision: 6 });
        for (let told = 0; told < 16; told++) stream.say(10, { events: [newEvent({ kv: pair, prevKv: pair })] });
      },
    ],
  ] as const) {
    test(`is none when ${name}`, async (context) => {
      const bench = new Bench(context);
      bench.stream.say(10, { events: eventsAt(5) });
      go(bench, context);
      assert.equal(await bench.result, null);
      assert.equal(bench.stream.isClosed, true);
      bench.stream.say(10);
      assert.equal(bench.answers, 0);
    });
  }

  test("of nothing is empty at once: an etcd without a watch to tell it by tells of no progress", async (context) => {
    const { stream, result } = new Bench(context, []);
    assert.deepEqual(await result, []);
    assert.equal(stream.progressAsked, 0);
  });
});

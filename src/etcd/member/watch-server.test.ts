import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../base/random.ts";
import { keyBytes, keyText } from "../mvcc/key-text.ts";
import { NaiveSource, type NaiveOp } from "../mvcc/watch-naive-source.ts";
import type { WatchSink } from "../port.ts";
import {
  newResponseHeader,
  newWatchCreateRequest,
  WatchCreateRequest_FilterType,
  type WatchCreateRequest,
  type WatchRequest,
  type WatchResponse,
} from "../wire/etcdserverpb.ts";
import { Event_EventType } from "../wire/mvccpb.ts";
import { watchResponseBytes } from "../wire/shared-events.ts";
import { WatchServer, type WatchServerConfig, type WatchTimers } from "./watch-server.ts";
import type { WatchPermit } from "./watch-stream.ts";

/** Timers that a test runs by hand. */
class HeldTimers implements WatchTimers {
  readonly intervals: { intervalMs: number; task: () => void }[] = [];
  #soon: (() => void)[] = [];

  every(intervalMs: number, task: () => void): () => void {
    const entry = { intervalMs, task };
    this.intervals.push(entry);
    return () => void this.intervals.splice(this.intervals.indexOf(entry), 1);
  }

  soon(task: () => void): void {
    this.#soon.push(task);
  }

  get waiting(): number {
    return this.#soon.length;
  }

  runOne(): void {
    this.#soon.shift()?.();
  }

  runAll(): void {
    while (this.#soon.length > 0) for (const task of this.#soon.splice(0)) task();
  }

  tick(): void {
    for (const { task } of [...this.intervals]) task();
  }
}

/** A client that reads as much as it is told. */
class ListeningSink implements WatchSink {
  readonly got: WatchResponse[] = [];
  /** How many writes it takes before it says: no more. */
  credit = Number.MAX_SAFE_INTEGER;
  ends: (Error | undefined)[] = [];

  write(response: WatchResponse): boolean {
    assert.equal(this.ends.length, 0, "nothing is written after the end");
    this.got.push(response);
    this.credit -= 1;
    return this.credit > 0;
  }

  end(error?: Error): void {
    this.ends.push(error);
  }

  /** What came since the last call, in short. */
  take(): string[] {
    return this.got.splice(0).map(formatResponse);
  }
}

function startServer(config: Partial<WatchServerConfig> = {}) {
  const source = new NaiveSource();
  const timers = new HeldTimers();
  const header = (revision: number) => newResponseHeader({ clusterId: 1n, memberId: 2n, revision, raftTerm: 3 });
  const server = new WatchServer(
    { maxRequestBytes: 1.5 * 1024 * 1024, progressIntervalMs: 600_000, ...config },
    { source, header, random: seededRandom(1), timers },
  );
  const write = (...ops: NaiveOp[]): void => {
    const { revision, changes } = source.write(ops);
    if (changes.length > 0) server.notify(revision, changes);
  };
  const open = (permit?: WatchPermit) => {
    const sink = new ListeningSink();
    return { sink, stream: server.open(sink, permit) };
  };
  return { source, timers, server, write, open };
}

interface Create extends Partial<Omit<WatchCreateRequest, "key" | "rangeEnd">> {
  readonly key?: string;
  readonly rangeEnd?: string;
}

function create({ key = "", rangeEnd = "", ...rest }: Create): WatchRequest {
  const value = newWatchCreateRequest({ ...rest, key: keyBytes(key), rangeEnd: keyBytes(rangeEnd) });
  return { requestUnion: { case: "createRequest", value } };
}

function cancel(watchId: bigint): WatchRequest {
  return { requestUnion: { case: "cancelRequest", value: { watchId } } };
}

const progress: WatchRequest = { requestUnion: { case: "progressRequest", value: {} } };

function formatResponse(response: WatchResponse): string {
  assert.ok(response.header, "clients crash without a header");
  assert.deepEqual([response.header.clusterId, response.header.memberId, response.header.raftTerm], [1n, 2n, 3]);
  const words = [`id=${response.watchId}`, `revision=${response.header.revision}`];
  if (response.created) words.push("created");
  if (response.canceled) words.push("canceled");
  if (response.compactRevision !== 0) words.push(`compact=${response.compactRevision}`);
  if (response.cancelReason !== "") words.push(`reason="${response.cancelReason}"`);
  if (response.fragment) words.push("fragment");
  for (const { type, kv, prevKv } of response.events) {
    assert.ok(kv);
    const key = keyText(kv.key);
    const was = prevKv ? `<${keyText(prevKv.value)}` : "";
    words.push(
      type === Event_EventType.DELETE ? `-${key}@${kv.modRevision}${was}` : `${key}=${keyText(kv.value)}${was}`,
    );
  }
  return words.join(" ");
}

const put = (key: string, value = "v"): NaiveOp => ({ put: key, value });

test("created comes first, and what was written since the request comes after it", () => {
  const { timers, write, open } = startServer();
  write(put("a", "1"));
  write(put("a", "2"));
  const { sink, stream } = open();
  stream.request(create({ key: "a", startRevision: 2 }));
  write(put("a", "3"));
  timers.runAll();
  assert.deepEqual(sink.take(), ["id=0 revision=3 created", "id=0 revision=4 a=1 a=2 a=3"]);
});

/** One create on a stream that has watch 5 already, at revision 3, where 1 and 2 are compacted. */
const creates: { readonly name: string; readonly request: Create; readonly answers: string[] }[] = [
  { name: "id chosen by the server", request: { key: "a" }, answers: ["id=0 revision=3 created"] },
  { name: "id chosen by the client", request: { key: "a", watchId: 9n }, answers: ["id=9 revision=3 created"] },
  { name: "negative id", request: { key: "a", watchId: -7n }, answers: ["id=-7 revision=3 created"] },
  {
    name: "id in use",
    request: { key: "a", watchId: 5n },
    answers: ['id=-1 revision=3 created canceled reason="mvcc: duplicate watch ID provided on the WatchStream"'],
  },
  {
    name: "empty range",
    request: { key: "b", rangeEnd: "b" },
    answers: ['id=-1 revision=3 created canceled reason="mvcc: watcher range is empty"'],
  },
  {
    name: "inverted range",
    request: { key: "b", rangeEnd: "a" },
    answers: ['id=-1 revision=3 created canceled reason="mvcc: watcher range is empty"'],
  },
  {
    name: "range_end zero is no inverted range",
    request: { key: "b", rangeEnd: "\0" },
    answers: ["id=0 revision=3 created"],
  },
  { name: "empty key to the end of all keys", request: { rangeEnd: "\0" }, answers: ["id=0 revision=3 created"] },
  {
    name: "negative start",
    request: { key: "a", startRevision: -1 },
    answers: ['id=-1 revision=3 created canceled reason="etcdserver: mvcc: required revision has been compacted"'],
  },
  {
    name: "start far in the future",
    request: { key: "a", startRevision: Number.MAX_SAFE_INTEGER },
    answers: ["id=0 revision=3 created"],
  },
  {
    name: "start below the compact revision",
    request: { key: "a", startRevision: 2 },
    answers: ["id=0 revision=3 created", "id=0 revision=0 canceled compact=3"],
  },
  {
    name: "start at the compact revision",
    request: { key: "a", startRevision: 3 },
    answers: ["id=0 revision=3 created", "id=0 revision=3 a=2"],
  },
  { name: "unknown filter", request: { key: "a", filters: [7] }, answers: ["id=0 revision=3 created"] },
  {
    name: "not permitted",
    request: { key: "secret" },
    answers: [
      'id=-1 revision=3 created canceled reason="rpc error: code = PermissionDenied desc = etcdserver: permission denied"',
    ],
  },
];

for (const { name, request, answers } of creates) {
  test(`create: ${name}`, () => {
    const { source, timers, write, open } = startServer();
    write(put("a", "1"));
    write(put("a", "2"));
    source.compact(3);
    const { sink, stream } = open(({ key }) =>
      key === "secret" ? "rpc error: code = PermissionDenied desc = etcdserver: permission denied" : null,
    );
    stream.request(create({ key: "other", watchId: 5n }));
    sink.take();
    stream.request(create(request));
    timers.runAll();
    assert.deepEqual(sink.take(), answers);
  });
}

test("a refused create leaves nothing behind, and the stream goes on", () => {
  const { server, write, open } = startServer();
  const { sink, stream } = open();
  stream.request(create({ key: "b", rangeEnd: "a" }));
  stream.request(create({ key: "a", startRevision: -1 }));
  assert.equal(server.counts.watchers, 0);
  stream.request(create({ key: "a" }));
  write(put("a", "1"));
  assert.deepEqual(sink.take().slice(2), ["id=0 revision=1 created", "id=0 revision=2 a=1"]);
});

test("an empty key is the lowest key, alone", () => {
  const { write, open } = startServer();
  const { sink, stream } = open();
  stream.request(create({}));
  sink.take();
  write(put("\0", "1"), put("a", "1"));
  assert.deepEqual(sink.take(), ["id=0 revision=2 \0=1"]);
});

test("cancel answers once, without reason; an unknown id and an empty request get nothing", () => {
  const { write, open } = startServer();
  const { sink, stream } = open();
  stream.request(create({ key: "a" }));
  write(put("b"));
  stream.request(cancel(0n));
  stream.request(cancel(0n));
  stream.request(cancel(77n));
  stream.request({ requestUnion: null });
  write(put("a"));
  assert.deepEqual(sink.take(), ["id=0 revision=1 created", "id=0 revision=2 canceled"]);
});

test("after a compacted cancel the id is taken until the client cancels it, and progress is silent until then", () => {
  const { source, timers, write, open } = startServer();
  write(put("a"), put("b"));
  write(put("a"));
  source.compact(3);
  const { sink, stream } = open();
  stream.request(create({ key: "a", startRevision: 2 }));
  stream.request(create({ key: "b" }));
  timers.runAll();
  sink.take();
  stream.request(progress);
  assert.deepEqual(sink.take(), []);
  stream.request(cancel(0n));
  stream.request(progress);
  assert.deepEqual(sink.take(), ["id=0 revision=3 canceled", "id=-1 revision=3"]);
});

test("progress is told for the whole stream, when all of it is synced and there is something to be synced", () => {
  const { timers, write, open } = startServer();
  write(put("a", "1"));
  const { sink, stream } = open();
  stream.request(progress);
  assert.deepEqual(sink.take(), [], "a stream without watches has no progress");
  stream.request(create({ key: "a" }));
  stream.request(create({ key: "a", startRevision: 2 }));
  stream.request(progress);
  assert.deepEqual(sink.take(), ["id=0 revision=2 created", "id=1 revision=2 created"], "not while one is behind");
  timers.runAll();
  stream.request(progress);
  assert.deepEqual(sink.take(), ["id=1 revision=2 a=1", "id=-1 revision=2"]);
  stream.request(progress);
  assert.deepEqual(sink.take(), ["id=-1 revision=2"], "also when nothing is new");
  stream.request(create({ key: "a", startRevision: 5 }));
  stream.request(progress);
  assert.deepEqual(sink.take(), ["id=2 revision=2 created"], "not before a start in the future is reached");
  stream.request(cancel(2n));
  stream.request(progress);
  assert.deepEqual(sink.take(), ["id=2 revision=2 canceled", "id=-1 revision=2"]);
});

test("progress_notify speaks at each tick for a synced watch that had no event since the last", () => {
  const { timers, write, open } = startServer();
  const { sink, stream } = open();
  stream.request(create({ key: "a", progressNotify: true }));
  stream.request(create({ key: "b" }));
  stream.request(create({ key: "c", progressNotify: true, startRevision: 9 }));
  sink.take();
  timers.tick();
  assert.deepEqual(sink.take(), ["id=0 revision=1"]);
  write(put("other"));
  timers.tick();
  assert.deepEqual(sink.take(), ["id=0 revision=2"]);
  write(put("a", "1"));
  timers.tick();
  assert.deepEqual(sink.take(), ["id=0 revision=3 a=1"], "skipped once");
  timers.tick();
  assert.deepEqual(sink.take(), ["id=0 revision=3"]);
  stream.request(cancel(0n));
  timers.tick();
  assert.deepEqual(sink.take(), ["id=0 revision=3 canceled"]);
});

test("the tick has up to a tenth of jitter, and comes every 100 ms at most", () => {
  const { timers, open } = startServer({ progressIntervalMs: 1000 });
  for (let i = 0; i < 100; i++) open();
  const intervals = timers.intervals.map((interval) => interval.intervalMs);
  assert.ok(intervals.every((intervalMs) => intervalMs >= 1000 && intervalMs < 1100));
  assert.ok(new Set(intervals).size > 50);
  const hurried = startServer({ progressIntervalMs: 1 });
  hurried.open();
  assert.ok(hurried.timers.intervals[0]!.intervalMs >= 100);
});

test("filters and prev_kv", () => {
  const { write, open } = startServer();
  const { sink, stream } = open();
  stream.request(create({ key: "a", filters: [WatchCreateRequest_FilterType.NOPUT], prevKv: true }));
  stream.request(create({ key: "a", filters: [WatchCreateRequest_FilterType.NODELETE] }));
  sink.take();
  write(put("a", "1"));
  write(put("a", "2"));
  write({ delete: "a" });
  assert.deepEqual(sink.take(), ["id=1 revision=2 a=1", "id=1 revision=3 a=2", "id=0 revision=4 -a@4<2"]);
});

test("fragments are below the limit, all but the last say so, and together they are the response", () => {
  const { write, open, server } = startServer({ maxRequestBytes: 1000 });
  assert.equal(server.limits.fragmentBytesMax, 1000 + 512 * 1024);
  const { sink, stream } = open();
  stream.request(create({ key: "a", rangeEnd: "\0", fragment: true }));
  stream.request(create({ key: "a", rangeEnd: "\0" }));
  sink.take();
  const large = "x".repeat(200 * 1024);
  write(put("a", large), put("b", large), put("c", large), put("d", large), put("e", "small"));
  const parts = sink.got.filter((response) => response.watchId === 0n);
  const whole = sink.got.find((response) => response.watchId === 1n);
  assert.ok(whole && !whole.fragment);
  assert.deepEqual(
    parts.flatMap((part) => part.events),
    whole.events,
  );
  assert.ok(parts.every((part) => watchResponseBytes(part) < server.limits.fragmentBytesMax));
  assert.deepEqual(
    parts.map((part) => [part.watchId, part.header?.revision, part.fragment, part.events.length]),
    [
      [0n, 2, true, 2],
      [0n, 2, false, 3],
    ],
  );
});

test("an event above the fragment limit is a part of its own", () => {
  const { write, open } = startServer({ maxRequestBytes: 0, streamLimits: { fragmentBytesMax: 10 } });
  const { sink, stream } = open();
  stream.request(create({ key: "a", rangeEnd: "\0", fragment: true }));
  sink.take();
  write(put("a", "1"), put("b", "2"));
  write(put("a", "3"));
  assert.deepEqual(sink.take(), ["id=0 revision=2 fragment a=1", "id=0 revision=2 b=2", "id=0 revision=3 a=3"]);
});

test("a client that does not read costs its queue and no more, and gets everything when it reads", () => {
  const { timers, server, write, open } = startServer({ streamLimits: { queuedResponsesMax: 4 } });
  const { sink, stream } = open();
  stream.request(create({ key: "a" }));
  sink.credit = 1;
  for (let i = 0; i < 100; i++) write(put("a", `${i}`));
  timers.runAll();
  assert.equal(server.counts.slowWatchers, 1);
  assert.equal(server.counts.pendingEvents, 4);
  stream.request(progress);
  assert.equal(server.counts.pendingEvents, 4);
  const seen: string[] = [];
  for (let turn = 0; turn < 100; turn++) {
    seen.push(...sink.got.splice(0).flatMap((response) => response.events.map((event) => keyText(event.kv!.value))));
    sink.credit = 1;
    stream.drained();
    timers.runAll();
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 100 }, (_, i) => `${i}`),
  );
  assert.equal(server.counts.slowWatchers, 0);
});

test("a queue is bounded in bytes too", () => {
  const { server, write, open } = startServer({ streamLimits: { queuedBytesMax: 100_000 } });
  const { sink, stream } = open();
  stream.request(create({ key: "a" }));
  sink.credit = 1;
  for (let i = 0; i < 100; i++) write(put("a", "x".repeat(10_000)));
  assert.ok(server.counts.pendingEvents <= 10);
});

test("a client that asks and does not read is congested, until it reads", () => {
  const { open } = startServer();
  const { sink, stream } = open();
  sink.credit = 1;
  let asked = 0;
  while (!stream.congested) {
    stream.request(create({ key: `${asked++}` }));
    assert.ok(asked < 100);
  }
  assert.equal(asked, 17, "one in the sink, sixteen in the queue");
  sink.credit = Number.MAX_SAFE_INTEGER;
  stream.drained();
  assert.ok(!stream.congested);
  assert.equal(sink.got.length, asked);
});

test("close ends the stream once and for all", () => {
  const { server, timers, write, open } = startServer();
  const { sink, stream } = open();
  stream.request(create({ key: "a" }));
  stream.request(create({ key: "a", startRevision: 1 }));
  sink.take();
  stream.close();
  stream.close();
  stream.request(create({ key: "b" }));
  stream.drained();
  timers.runAll();
  timers.tick();
  write(put("a"));
  assert.deepEqual(sink.take(), []);
  assert.deepEqual(sink.ends, [undefined]);
  assert.equal(timers.intervals.length, 0);
  assert.deepEqual(server.counts, { streams: 0, watchers: 0, slowWatchers: 0, pendingEvents: 0, eventsTotal: 0 });
});

test("a server that stops ends every stream with its reason, also those that come late", () => {
  const { server, open } = startServer();
  const stopped = new Error("stopped");
  const first = open();
  server.stop(stopped);
  const second = open();
  assert.deepEqual(first.sink.ends, [stopped]);
  assert.deepEqual(second.sink.ends, [stopped]);
});

test("history is read in slices, with turns for others in between", () => {
  const { timers, write, open } = startServer({ sliceBudget: 100 });
  for (let i = 0; i < 1000; i++) write(put("a", `${i}`));
  const { stream } = open();
  stream.request(create({ key: "none", startRevision: 1 }));
  stream.request(create({ key: "none", startRevision: 1 }));
  let turns = 0;
  while (timers.waiting > 0) {
    assert.equal(timers.waiting, 1, "one slice at a time");
    timers.runOne();
    turns += 1;
  }
  assert.ok(turns >= 10 && turns <= 12, `${turns} turns`);
});

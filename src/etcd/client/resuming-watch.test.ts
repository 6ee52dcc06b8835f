import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { eventually, ScriptedEtcd, type ServerWatch } from "../../../test/support/scripted-etcd.ts";
import { EtcdError } from "../errors.ts";
import { grpcCode } from "../rpc/status.ts";
import type { WatchStream } from "../port.ts";
import {
  newResponseHeader,
  newWatchCancelRequest,
  newWatchCreateRequest,
  newWatchRequest,
  newWatchResponse,
  type WatchCreateRequest,
  type WatchRequest,
  type WatchResponse,
} from "../wire/etcdserverpb.ts";
import { newEvent, newKeyValue } from "../wire/mvccpb.ts";
import { services } from "../wire/services.ts";
import { EtcdClient } from "./etcd-client.ts";

/** The server's end of a watch: each stream that was opened, what it was asked, and a hand to answer with. */
class Streams {
  readonly all: Stream[] = [];

  get last(): Stream {
    return this.all.at(-1)!;
  }

  async opened(count: number): Promise<Stream> {
    await eventually(() => this.all.length === count, `stream ${count}`);
    return this.last;
  }
}

class Stream {
  readonly requests: WatchRequest[] = [];
  readonly call: ServerWatch;

  constructor(call: ServerWatch) {
    this.call = call;
    call.on("data", (request: WatchRequest) => this.requests.push(request));
  }

  /** What it was asked, in short: `create 3 from 7`, `cancel 3`, `progress`. */
  get story(): string[] {
    return this.requests.map(({ requestUnion: union }) => {
      switch (union?.case) {
        case "createRequest":
          return `create ${union.value.watchId} from ${union.value.startRevision}`;
        case "cancelRequest":
          return `cancel ${union.value.watchId}`;
        default:
          return "progress";
      }
    });
  }

  async asked(count: number): Promise<this> {
    await eventually(() => this.requests.length >= count, `request ${count}: ${this.story.join(", ")}`);
    return this;
  }

  say(revision: number, fields: Partial<WatchResponse>): this {
    this.call.write(newWatchResponse({ header: newResponseHeader({ revision }), ...fields }));
    return this;
  }

  created(watchId: bigint, revision: number): this {
    return this.say(revision, { watchId, created: true });
  }

  events(watchId: bigint, revisions: readonly number[], fields: Partial<WatchResponse> = {}): this {
    const events = revisions.map((modRevision) =>
      newEvent({ kv: newKeyValue({ key: Buffer.from("k"), modRevision }) }),
    );
    return this.say(revisions.at(-1)!, { watchId, events, ...fields });
  }

  /** The stream ends as it does when a member goes away. */
  breaks(code: number = grpcCode.unavailable, details = "transport is closing"): void {
    this.call.emit("error", { code, details });
  }
}

/** The user's end. */
class User {
  readonly responses: WatchResponse[] = [];
  readonly ends: (Error | undefined)[] = [];
  readonly stream: WatchStream;
  hasRoom = true;

  constructor(client: EtcdClient) {
    this.stream = client.watch({
      write: (response) => {
        this.responses.push(response);
        return this.hasRoom;
      },
      end: (error) => this.ends.push(error),
    });
  }

  create(fields: Partial<WatchCreateRequest> = {}): void {
    const value = newWatchCreateRequest({ key: Buffer.from("k"), ...fields });
    this.stream.request(newWatchRequest({ requestUnion: { case: "createRequest", value } }));
  }

  cancel(watchId: bigint): void {
    const value = newWatchCancelRequest({ watchId });
    this.stream.request(newWatchRequest({ requestUnion: { case: "cancelRequest", value } }));
  }

  progress(): void {
    this.stream.request(newWatchRequest({ requestUnion: { case: "progressRequest", value: {} } }));
  }

  /** What it was told, in short: `0 created @4`, `0 events 5 6`, `0 canceled`, `-1 progress @9`. */
  get story(): string[] {
    return this.responses.map(({ watchId, created, canceled, compactRevision, cancelReason, events, header }) => {
      const because = compactRevision > 0 ? ` compacted ${compactRevision}` : cancelReason && ` ${cancelReason}`;
      if (created) return `${watchId} created${canceled ? ` and canceled${because}` : ""} @${header?.revision}`;
      if (canceled) return `${watchId} canceled${because}`;
      if (events.length === 0) return `${watchId} progress @${header?.revision}`;
      return `${watchId} events ${events.map(({ kv }) => kv?.modRevision).join(" ")}`;
    });
  }

  async told(...story: string[]): Promise<void> {
    await eventually(
      () => this.responses.length >= story.length,
      `told ${story.join(", ")}; was: ${this.story.join(", ")}`,
    );
    assert.deepEqual(this.story, story);
  }
}

async function setUp(t: TestContext): Promise<{ readonly streams: Streams; readonly user: User }> {
  const streams = new Streams();
  const server = await new ScriptedEtcd()
    .duplex(services["etcdserverpb.Watch"].Watch, (call) => streams.all.push(new Stream(call)))
    .listen();
  t.after(() => server.stop());
  const client = new EtcdClient({ endpoints: [server.endpoint] });
  t.after(() => client.close());
  return { streams, user: new User(client) };
}

test("a watcher goes on behind its last event, with its id, and is not announced again", async (t) => {
  const { streams, user } = await setUp(t);
  user.create({ prevKv: true, progressNotify: true });
  const first = await streams.opened(1);
  (await first.asked(1)).created(0n, 4).events(0n, [5, 6]);
  await user.told("0 created @4", "0 events 5 6");
  first.breaks();

  const second = await (await streams.opened(2)).asked(1);
  assert.deepEqual(second.story, ["create 0 from 7"]);
  const union = second.requests[0]!.requestUnion;
  assert(union?.case === "createRequest" && union.value.prevKv && union.value.progressNotify);
  second.created(0n, 9).events(0n, [8]);
  await user.told("0 created @4", "0 events 5 6", "0 events 8");
  assert.deepEqual(user.ends, []);
});

test("a watcher without events goes on from where it was created, or where progress brought it", async (t) => {
  const { streams, user } = await setUp(t);
  user.create();
  user.create({ watchId: 7n });
  user.create({ watchId: 8n, startRevision: 100 });
  const first = await (await streams.opened(1)).asked(3);
  assert.deepEqual(first.story, ["create 0 from 0", "create 7 from 0", "create 8 from 100"]);
  first.created(0n, 4).created(7n, 4).created(8n, 4).say(20, { watchId: 7n });
  await user.told("0 created @4", "7 created @4", "8 created @4", "7 progress @20");
  first.breaks();
  const second = await (await streams.opened(2)).asked(3);
  assert.deepEqual(second.story, ["create 0 from 5", "create 7 from 21", "create 8 from 100"]);

  // Progress of the whole stream moves every watcher on.
  second.created(0n, 30).created(7n, 30).created(8n, 30).say(30, { watchId: -1n });
  await eventually(() => user.responses.length === 5, "the progress");
  second.breaks();
  const third = await (await streams.opened(3)).asked(3);
  assert.deepEqual(third.story, ["create 0 from 31", "create 7 from 31", "create 8 from 100"]);
});

test("id 0 is asked for first, since only the first choice of a stream is 0", async (t) => {
  const { streams, user } = await setUp(t);
  user.create({ watchId: 5n });
  user.create();
  const first = await (await streams.opened(1)).asked(2);
  first.created(5n, 1).created(0n, 1);
  await user.told("5 created @1", "0 created @1");
  first.breaks();
  const second = await (await streams.opened(2)).asked(2);
  assert.deepEqual(second.story, ["create 0 from 2", "create 5 from 2"]);
});

test("an id that the server chose does not come twice, though a new stream counts from 0 again", async (t) => {
  const { streams, user } = await setUp(t);
  user.create();
  user.create();
  user.create({ watchId: 3n });
  const first = await (await streams.opened(1)).asked(3);
  first.created(0n, 1).created(1n, 1).created(3n, 1);
  await eventually(() => user.responses.length === 3, "three watchers");
  user.cancel(0n);
  await first.asked(4);
  first.say(1, { watchId: 0n, canceled: true });
  await eventually(() => user.responses.length === 4, "the cancel");
  first.breaks();

  const second = await (await streams.opened(2)).asked(2);
  user.create();
  user.create();
  await second.asked(4);
  assert.deepEqual(second.story, ["create 1 from 2", "create 3 from 2", "create 2 from 0", "create 4 from 0"]);
});

test("what was asked while no stream stood is asked when one stands", async (t) => {
  const { streams, user } = await setUp(t);
  user.create();
  (await (await streams.opened(1)).asked(1)).created(0n, 1).breaks();
  await user.told("0 created @1");
  user.create({ watchId: 9n });
  user.cancel(9n);
  user.create({ startRevision: 3 });
  user.progress();
  const second = await (await streams.opened(2)).asked(5);
  assert.deepEqual(second.story, ["create 0 from 2", "create 9 from 0", "cancel 9", "create 1 from 3", "progress"]);
  second.created(0n, 1).created(9n, 1).created(1n, 1).say(1, { watchId: 9n, canceled: true });
  await user.told("0 created @1", "9 created @1", "1 created @1", "9 canceled");
});

test("a create whose answer was lost is asked again, and announced once", async (t) => {
  const { streams, user } = await setUp(t);
  user.create();
  (await (await streams.opened(1)).asked(1)).breaks();
  const second = await (await streams.opened(2)).asked(1);
  assert.deepEqual(second.story, ["create 0 from 0"]);
  second.created(0n, 6);
  await user.told("0 created @6");
});

test("a cancel that the break overtook is answered when the stream is back", async (t) => {
  const { streams, user } = await setUp(t);
  user.create();
  user.create();
  const first = await (await streams.opened(1)).asked(2);
  first.created(0n, 1).created(1n, 1);
  await user.told("0 created @1", "1 created @1");
  user.cancel(1n);
  await first.asked(3);
  first.breaks();
  const second = await (await streams.opened(2)).asked(1);
  assert.deepEqual(second.story, ["create 0 from 2"]);
  await user.told("0 created @1", "1 created @1", "1 canceled");
});

test("a compaction during the outage cancels the watcher, and nothing else is said", async (t) => {
  const { streams, user } = await setUp(t);
  user.create();
  const first = await (await streams.opened(1)).asked(1);
  first.created(0n, 4).events(0n, [5]);
  await user.told("0 created @4", "0 events 5");
  first.breaks();
  const second = await (await streams.opened(2)).asked(1);
  second.created(0n, 50).say(0, { watchId: 0n, canceled: true, compactRevision: 40 });
  await user.told("0 created @4", "0 events 5", "0 canceled compacted 40");
  second.breaks();
  // Cancelled is over: it is not asked for again.
  user.create({ watchId: 2n });
  const third = await (await streams.opened(3)).asked(1);
  assert.deepEqual(third.story, ["create 2 from 0"]);
});

test("a watcher that the server refuses to take up again is cancelled under its id", async (t) => {
  const { streams, user } = await setUp(t);
  user.create();
  (await (await streams.opened(1)).asked(1)).created(0n, 4).breaks();
  const second = await (await streams.opened(2)).asked(1);
  const cancelReason = "rpc error: code = PermissionDenied desc = etcdserver: permission denied";
  second.say(4, { watchId: -1n, created: true, canceled: true, cancelReason });
  await user.told("0 created @4", `0 canceled ${cancelReason}`);
});

test("a refused create is handed on as it came, and the next is matched to its own answer", async (t) => {
  const { streams, user } = await setUp(t);
  user.create({ watchId: 4n });
  user.create({ watchId: 4n });
  user.create({ watchId: 6n });
  const cancelReason = "mvcc: duplicate watch ID provided on the WatchStream";
  (await (await streams.opened(1)).asked(3))
    .created(4n, 1)
    .say(1, { watchId: -1n, created: true, canceled: true, cancelReason })
    .created(6n, 1)
    .events(6n, [2]);
  await user.told("4 created @1", `-1 created and canceled ${cancelReason} @1`, "6 created @1", "6 events 2");
});

test("fragments are put together; a break within them delivers nothing of them", async (t) => {
  const { streams, user } = await setUp(t);
  user.create({ fragment: true });
  const first = await (await streams.opened(1)).asked(1);
  first.created(0n, 1).events(0n, [2, 2], { fragment: true }).events(0n, [2, 3], { fragment: true }).events(0n, [3]);
  await user.told("0 created @1", "0 events 2 2 2 3 3");
  assert.equal(user.responses[1]!.fragment, false);
  first.events(0n, [4, 4], { fragment: true });
  await new Promise((resolve) => setTimeout(resolve, 50));
  first.breaks();
  const second = await (await streams.opened(2)).asked(1);
  assert.deepEqual(second.story, ["create 0 from 4"]);
  second.created(0n, 4).events(0n, [4, 4, 4]);
  await user.told("0 created @1", "0 events 2 2 2 3 3", "0 events 4 4 4");
});

test("a full sink stops the stream, also across a break, until it has drained", async (t) => {
  const { streams, user } = await setUp(t);
  user.create();
  const first = await (await streams.opened(1)).asked(1);
  first.created(0n, 1);
  await user.told("0 created @1");
  user.hasRoom = false;
  for (let revision = 2; revision < 300; revision++) first.events(0n, [revision]);
  await eventually(() => user.responses.length > 1, "the first event");
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(user.story, ["0 created @1", "0 events 2"]);
  first.breaks();

  user.hasRoom = true;
  user.stream.drained();
  await eventually(() => streams.all.length === 2, "the next stream");
  const second = await streams.last.asked(1);
  const [asked] = second.story;
  const from = Number(/from (\d+)/.exec(asked!)![1]);
  second.created(0n, 300);
  for (let revision = from; revision < 300; revision++) second.events(0n, [revision]);
  await eventually(() => user.responses.length >= 299, "all events");
  assert.deepEqual(
    user.responses.slice(1).map(({ events }) => events[0]!.kv!.modRevision),
    Array.from({ length: 298 }, (_, index) => index + 2),
  );
});

test("an answer of etcd's ends the stream with it; no leader too", async (t) => {
  for (const [code, details, expected] of [
    [grpcCode.unauthenticated, "etcdserver: invalid auth token", "invalidAuthToken"],
    [grpcCode.unavailable, "etcdserver: no leader", "noLeader"],
  ] as const) {
    const { streams, user } = await setUp(t);
    user.create();
    (await (await streams.opened(1)).asked(1)).created(0n, 1).breaks(code, details);
    await eventually(() => user.ends.length === 1, "the end");
    const [error] = user.ends;
    assert(error instanceof EtcdError);
    assert.equal(error.code, expected);
    assert.equal(streams.all.length, 1);
  }
});

test("a user who closes is told of the end once, and of nothing else", async (t) => {
  const { streams, user } = await setUp(t);
  user.create();
  const first = await (await streams.opened(1)).asked(1);
  first.created(0n, 1);
  await user.told("0 created @1");
  let cancelled = false;
  first.call.on("cancelled", () => (cancelled = true));
  user.stream.close();
  user.stream.close();
  user.create();
  await eventually(() => cancelled, "the server's end");
  assert.deepEqual(user.ends, [undefined]);
  assert.equal(user.responses.length, 1);
  assert.equal(streams.all.length, 1);
});

test("ten thousand watchers are taken up again, each where it was", async (t) => {
  const { streams, user } = await setUp(t);
  const count = 10_000;
  for (let watcher = 0; watcher < count; watcher++) user.create();
  const first = await (await streams.opened(1)).asked(count);
  for (let id = 0n; id < count; id++) first.created(id, 1);
  await eventually(() => user.responses.length === count, "all created");
  first.events(77n, [9]);
  await eventually(() => user.responses.length === count + 1, "the event");
  first.breaks();
  const second = await (await streams.opened(2)).asked(count);
  assert.equal(second.story[0], "create 0 from 2");
  assert.equal(second.story[77], "create 77 from 10");
  assert.equal(second.story[count - 1], `create ${count - 1} from 2`);
});

/** Watches over real sockets: the past, the present, the future, and clients that are slow or many. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { MemoryLeases } from "../../src/etcd/mvcc/memory-leases.ts";
import { MvccStore } from "../../src/etcd/mvcc/store.ts";
import { grpcCode } from "../../src/etcd/rpc/status.ts";
import { openLmdbBackend } from "../../src/etcd/storage/lmdb-backend.ts";
import * as pb from "../../src/etcd/wire/etcdserverpb.ts";
import { kv } from "../edge/grpc-client.ts";
import {
  askProgress,
  bytes,
  cancelWatch,
  CLUSTER_ID,
  createWatch,
  deleteOp,
  eventsOf,
  everything,
  LiveServer,
  MEMBER_ID,
  pause,
  putOp,
  text,
  until,
  Watch,
} from "./live-server.ts";

const { NOPUT, NODELETE } = pb.WatchCreateRequest_FilterType;

describe("watch", { timeout: 120_000 }, () => {
  let server: LiveServer;

  before(async () => {
    server = await LiveServer.open();
  });
  after(() => server.end());

  const compact = (revision: number) =>
    server.client.unary(kv.Compact, pb.newCompactionRequest({ revision, physical: true }));
  const remove = (key: string) => server.client.unary(kv.DeleteRange, pb.newDeleteRangeRequest({ key: bytes(key) }));

  test("created, events as they happen, cancelled: each with a full header", async () => {
    const watch = server.watch();
    const created = await watch.create({ key: bytes("a") });
    const base = await server.revision();
    const header = (revision: number) => ({ clusterId: CLUSTER_ID, memberId: MEMBER_ID, revision, raftTerm: 2 });
    assert.deepEqual([created.watchId, created.header, created.events], [0n, header(base), []]);
    await server.put("a", "1");
    await server.put("b", "1");
    await remove("a");
    const put = await watch.next();
    assert.deepEqual([eventsOf(put), put.header], [[`put a=1@${base + 1}`], header(base + 1)]);
    const deleted = await watch.next();
    assert.deepEqual([eventsOf(deleted), deleted.header], [[`delete a@${base + 3}`], header(base + 3)]);
    const [event] = deleted.events;
    assert.deepEqual([event?.kv?.createRevision, event?.kv?.version, event?.kv?.lease], [0, 0, 0n]);
    watch.send(cancelWatch(0n));
    const cancelled = await watch.next();
    assert.deepEqual([cancelled.canceled, cancelled.cancelReason, cancelled.header], [true, "", header(base + 3)]);
    await server.put("a", "2");
    watch.send(cancelWatch(0n));
    watch.send(cancelWatch(77n));
    await watch.silence(50);
    watch.cancel();
  });

  test("all events of one revision come together and in order", async () => {
    const watch = server.watch();
    await watch.create({ key: bytes("tx/"), rangeEnd: bytes("tx0") });
    await server.put("tx/c");
    await watch.next();
    const { header } = await server.txn({ success: [putOp("tx/b"), deleteOp("tx/c"), putOp("tx/a"), putOp("other")] });
    const at = header!.revision;
    assert.deepEqual(eventsOf(await watch.next()), [`put tx/b=v@${at}`, `delete tx/c@${at}`, `put tx/a=v@${at}`]);
    watch.cancel();
  });

  test("from the past: what happened, then what happens, and nothing twice", async () => {
    const { header } = await server.put("p", "1");
    const start = header!.revision;
    await server.put("p", "2");
    await remove("p");
    const watch = server.watch();
    await watch.create({ key: bytes("p"), startRevision: start });
    await server.put("p", "3");
    assert.deepEqual(await watch.events(4), [
      `put p=1@${start}`,
      `put p=2@${start + 1}`,
      `delete p@${start + 2}`,
      `put p=3@${start + 3}`,
    ]);
    await watch.silence(50);
    watch.cancel();
  });

  test("from the future: nothing before its time", async () => {
    const base = await server.revision();
    const watch = server.watch();
    await watch.create({ key: bytes("f"), startRevision: base + 3 });
    watch.send(askProgress);
    for (let i = 1; i <= 4; i++) await server.put("f", String(i));
    assert.deepEqual(await watch.events(2), [`put f=3@${base + 3}`, `put f=4@${base + 4}`]);
    watch.cancel();
  });

  test("below the compacted revision it is created, then cancelled; at it, it is served", async () => {
    await server.put("k", "1");
    await server.put("k", "2");
    const { header } = await remove("k");
    const at = header!.revision;
    await compact(at);
    const watch = server.watch();
    await watch.create({ key: bytes("k"), startRevision: at - 1 });
    const cancelled = await watch.next();
    assert.deepEqual(
      [cancelled.canceled, cancelled.compactRevision, cancelled.header?.revision, cancelled.cancelReason],
      [true, at, 0, ""],
    );
    const second = await watch.create({ key: bytes("k"), startRevision: at });
    assert.deepEqual([second.watchId, eventsOf(await watch.next())], [1n, [`delete k@${at}`]]);
    // The one that was compacted away keeps the stream from making progress until the client lets it go.
    watch.send(askProgress);
    await watch.silence(50);
    watch.send(cancelWatch(0n));
    assert.equal((await watch.next()).canceled, true);
    watch.send(askProgress);
    assert.equal((await watch.next()).watchId, -1n);
    watch.cancel();
  });

  test("creates that are refused: created and cancelled in one response, and the stream goes on", async () => {
    const watch = server.watch();
    await watch.create({ key: bytes("a"), watchId: 5n });
    const refusal = async (init: Partial<pb.WatchCreateRequest>) => {
      const { watchId, canceled, cancelReason, header } = await watch.create(init);
      assert.equal(header!.revision > 0, true);
      return [watchId, canceled, cancelReason];
    };
    assert.deepEqual(await refusal({ key: bytes("b"), watchId: 5n }), [
      -1n,
      true,
      "mvcc: duplicate watch ID provided on the WatchStream",
    ]);
    assert.deepEqual(await refusal({ key: bytes("b"), rangeEnd: bytes("a") }), [
      -1n,
      true,
      "mvcc: watcher range is empty",
    ]);
    assert.deepEqual(await refusal({ key: bytes("b"), rangeEnd: bytes("b") }), [
      -1n,
      true,
      "mvcc: watcher range is empty",
    ]);
    assert.deepEqual(await refusal({ key: bytes("b"), startRevision: -1 }), [
      -1n,
      true,
      "etcdserver: mvcc: required revision has been compacted",
    ]);
    const { header } = await server.put("a", "still");
    assert.deepEqual(eventsOf(await watch.next()), [`put a=still@${header!.revision}`]);
    watch.cancel();
  });

  test("ids: the client's own, then the first free ones", async () => {
    const watch = server.watch();
    const idOf = async (watchId: bigint) => (await watch.create({ key: bytes("i"), watchId })).watchId;
    assert.deepEqual(await idOf(0n), 0n);
    assert.deepEqual(await idOf(2n), 2n);
    assert.deepEqual(await idOf(-9n), -9n);
    assert.deepEqual([await idOf(0n), await idOf(0n)], [1n, 3n]);
    await server.put("i");
    const ids = new Set<bigint>();
    for (let i = 0; i < 5; i++) ids.add((await watch.next()).watchId);
    assert.equal(ids.size, 5);
    watch.cancel();
  });

  test("previous values and filters", async () => {
    await server.put("v", "1");
    const watch = server.watch();
    await watch.create({ key: bytes("v"), prevKv: true });
    await watch.create({ key: bytes("v"), filters: [NOPUT] });
    await watch.create({ key: bytes("v"), filters: [NODELETE] });
    const base = await server.revision();
    await server.put("v", "2");
    await remove("v");
    await server.put("v", "3");
    const byWatch = new Map<bigint, string[]>([0n, 1n, 2n].map((id) => [id, []]));
    for (let i = 0; i < 6; i++) {
      const response = await watch.next();
      byWatch.get(response.watchId)!.push(...eventsOf(response));
    }
    assert.deepEqual(byWatch.get(0n), [
      `put v=2@${base + 1} (1@${base})`,
      `delete v@${base + 2} (2@${base + 1})`,
      `put v=3@${base + 3}`,
    ]);
    assert.deepEqual(byWatch.get(1n), [`delete v@${base + 2}`]);
    assert.deepEqual(byWatch.get(2n), [`put v=2@${base + 1}`, `put v=3@${base + 3}`]);
    watch.cancel();
  });

  test("an empty key is the lowest one; a zero byte as the end is all keys", async () => {
    const watch = server.watch();
    await watch.create({ key: new Uint8Array() });
    await watch.create({ ...everything });
    await server.put("any");
    assert.equal((await watch.next()).watchId, 1n);
    await server.put("\0");
    assert.deepEqual(new Set([(await watch.next()).watchId, (await watch.next()).watchId]), new Set([0n, 1n]));
    watch.cancel();
  });

  test("progress is a promise: everything up to it has been sent before", async () => {
    const watch = server.watch();
    watch.send(askProgress);
    await watch.silence(30);
    await watch.create({ key: bytes("g"), rangeEnd: bytes("h") });
    const puts = Array.from({ length: 50 }, (_, i) => server.put(`g${i}`));
    const seen: number[] = [];
    let progress: pb.WatchResponse | null = null;
    await Promise.all(puts.slice(0, 25));
    watch.send(askProgress);
    while (progress === null) {
      const response = await watch.next();
      if (response.watchId === -1n) progress = response;
      else seen.push(...response.events.map(({ kv: pair }) => pair!.modRevision));
    }
    assert.deepEqual([progress.events, progress.created, progress.canceled], [[], false, false]);
    assert.equal(seen.length, seen.filter((revision) => revision <= progress.header!.revision).length);
    await Promise.all(puts);
    while (seen.length < 50) seen.push(...(await watch.next()).events.map(({ kv: pair }) => pair!.modRevision));
    const early = seen.filter((revision) => revision <= progress.header!.revision);
    assert.equal(early.length >= 25, true);
    assert.deepEqual(
      seen,
      [...seen].sort((a, b) => a - b),
    );
    // Nothing that the progress covered came after it.
    assert.deepEqual(seen.slice(0, early.length), early);
    watch.cancel();
  });

  test("a response that is too large comes in fragments, to those who asked for them", async () => {
    const names = ["frag/a", "frag/b", "frag/c", "frag/d"];
    const success = names.map((name) => putOp(name, "x".repeat(350_000)));
    await server.txn({ success });
    // One revision; with what was there before it is larger than a response may be.
    const { header } = await server.txn({ success });
    const watch = server.watch();
    const all = { key: bytes("frag/"), rangeEnd: bytes("frag0"), startRevision: header!.revision, prevKv: true };
    await watch.create({ ...all, fragment: true });
    const parts = [await watch.next()];
    while (parts.at(-1)!.fragment) parts.push(await watch.next());
    assert.deepEqual(
      parts.map(({ fragment, events }) => [fragment, events.length]),
      [
        [true, 2],
        [false, 2],
      ],
    );
    assert.deepEqual(
      parts.flatMap((part) => part.events.map(({ kv: pair }) => text(pair!.key))),
      names,
    );
    assert.deepEqual(parts[0]!.header, parts[1]!.header);
    await watch.create({ ...all, fragment: false });
    const whole = await watch.next();
    assert.deepEqual([whole.fragment, whole.events.length], [false, 4]);
    watch.cancel();
  });

  test("two thousand watchers of one key, and as many of their own", async () => {
    const shared = server.watch();
    const own = server.watch();
    const count = 2000;
    for (let i = 0; i < count; i++) {
      shared.send(createWatch({ key: bytes("many") }));
      own.send(createWatch({ key: bytes(`own${i}`) }));
    }
    for (let i = 0; i < count; i++) {
      assert.equal((await shared.next()).created, true);
      assert.equal((await own.next()).created, true);
    }
    await server.put("many");
    const ids = new Set<bigint>();
    for (let i = 0; i < count; i++) ids.add((await shared.next()).watchId);
    assert.equal(ids.size, count);
    await server.put("own1999");
    assert.equal((await own.next()).watchId, 1999n);
    shared.cancel();
    own.cancel();
    await until(async () => (await metric(server, "etcd_debugging_mvcc_watcher_total")) === 0);
  });

  test("who stops asking still listens", async () => {
    const watch = server.watch();
    await watch.create({ key: bytes("half") });
    watch.call.end();
    await pause(20);
    await server.put("half");
    assert.equal((await watch.events(1)).length, 1);
    watch.cancel();
  });

  test("a stop ends streams with Unavailable, and a watch can be resumed after it where it stood", async () => {
    const watch = server.watch();
    await watch.create({ key: bytes("resume") });
    const { header } = await server.put("resume", "1");
    await watch.events(1);
    const { status } = watch;
    await server.restart();
    assert.equal((await status).code, grpcCode.unavailable);
    await server.put("resume", "2");
    const next = server.watch();
    await next.create({ key: bytes("resume"), startRevision: header!.revision + 1 });
    assert.deepEqual(await next.events(1), [`put resume=2@${header!.revision + 1}`]);
    next.cancel();
  });
});

test(
  "progress is told by itself to those who asked, when there is nothing else to tell",
  { timeout: 120_000 },
  async (t) => {
    const server = await LiveServer.start(t, ["--watch-progress-notify-interval=200ms"]);
    const watch = server.watch();
    await watch.create({ key: bytes("a") });
    await watch.create({ key: bytes("a"), progressNotify: true });
    const { header } = await server.put("other");
    const progress = await watch.next();
    assert.deepEqual([progress.watchId, progress.events.length, progress.header?.revision], [1n, 0, header?.revision]);
    watch.cancel();
  },
);

test(
  "a watch over a hundred thousand revisions catches up while the server serves",
  { timeout: 120_000 },
  async (t) => {
    const revisions = 100_000;
    const server = await LiveServer.start(t);
    await server.stop();
    await writeHistory(join(server.dataDir, "member/snap/store"), revisions);
    await server.resume();

    const watch = server.watch();
    await watch.create({ ...everything, startRevision: 2 });
    let last = 1;
    const caughtUp = (async () => {
      while (last < revisions + 1) {
        for (const { kv: pair } of (await watch.next()).events) {
          assert.equal(pair!.modRevision, last + 1);
          last = pair!.modRevision;
        }
      }
    })();
    const latencies: number[] = [];
    const other = server.connect();
    while (last < revisions + 1) {
      const startedAt = performance.now();
      await other.unary(kv.Put, pb.newPutRequest({ key: bytes("busy") }));
      latencies.push(performance.now() - startedAt);
    }
    await caughtUp;
    await watch.events(latencies.length);
    other.close();
    latencies.sort((a, b) => a - b);
    t.diagnostic(
      `${latencies.length} puts meanwhile, median ${latencies[latencies.length >> 1]!.toFixed(1)} ms, worst ${latencies.at(-1)!.toFixed(1)} ms`,
    );
    assert.ok(latencies.length >= 5, `only ${latencies.length} puts were served`);
    assert.ok(latencies.at(-1)! < 1000, `a put waited for ${latencies.at(-1)!} ms`);
    watch.cancel();
  },
);

test(
  "a client that does not read costs a bounded amount of memory, and gets everything in the end",
  { timeout: 120_000 },
  async (t) => {
    const server = await LiveServer.start(t);
    const slow = new Watch(server.connect());
    await slow.create({ key: bytes("s") });
    slow.call.pause();
    const puts = 1500;
    const value = "x".repeat(20_000);
    for (let done = 0; done < puts; done += 100) {
      await Promise.all(Array.from({ length: 100 }, () => server.put("s", value)));
    }
    await until(async () => (await metric(server, "etcd_debugging_mvcc_slow_watcher_total")) === 1, "it falls behind");
    // What waits for it in the server; the rest stands in the store.
    const pendingEvents = await metric(server, "etcd_debugging_mvcc_pending_events_total");
    t.diagnostic(`${pendingEvents} of ${puts} events wait in memory`);
    assert.ok(pendingEvents * value.length < 8_000_000, `${pendingEvents} events wait in memory`);
    // The one that reads is not held up.
    const quick = server.watch();
    await quick.create({ key: bytes("s") });
    const { header } = await server.put("s", "end");
    assert.deepEqual(await quick.events(1), [`put s=end@${header!.revision}`]);
    quick.cancel();
    slow.call.resume();
    const events = await slow.events(puts + 1, 10_000);
    assert.deepEqual([events.length, events.at(-1)], [puts + 1, `put s=end@${header!.revision}`]);
    slow.cancel();
  },
);

async function metric(server: LiveServer, name: string): Promise<number> {
  const page = await (await fetch(`${server.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (.*)$`, "m").exec(page)?.[1]);
}

/** As if so many puts had been made; faster than making them. */
async function writeHistory(storeDirectory: string, revisions: number): Promise<void> {
  const backend = await openLmdbBackend(storeDirectory, { unsafeNoFsync: true });
  const store = new MvccStore({ leases: new MemoryLeases() }, backend);
  for (let i = 0; i < revisions; i++) {
    const txn = store.write();
    txn.put(bytes(`key${i % 5000}`), bytes(`value${i}`), 0n);
    txn.end();
    if (i % 10_000 === 9999) await backend.commit();
  }
  await backend.commit();
  await backend.close();
}

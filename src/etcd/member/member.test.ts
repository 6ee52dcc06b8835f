import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { EtcdError } from "../errors.ts";
import type { WatchSink } from "../port.ts";
import {
  newCompactionRequest,
  newLeaseGrantRequest,
  newLeaseTimeToLiveRequest,
  newPutRequest,
  newRangeRequest,
  newTxnRequest,
  newWatchCreateRequest,
  type RangeResponse,
  type WatchResponse,
} from "../wire/etcdserverpb.ts";
import { newEntry } from "../wire/raftpb.ts";
import type { MemberOptions } from "./member-options.ts";
import { MemberWorld } from "./testing/member-world.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const put = (key: string, value = "v") => newPutRequest({ key: bytes(key), value: bytes(value) });
const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });

async function startWorld(t: TestContext, options: Partial<MemberOptions> = {}): Promise<MemberWorld> {
  const world = new MemberWorld(options);
  await world.start();
  t.after(() => world.stop().catch(() => undefined));
  return world;
}

/** How a call ended, or `waits`. */
function watchCall(call: Promise<unknown>): { state: string } {
  const outcome = { state: "waits" };
  call.then(
    () => (outcome.state = "answered"),
    (error: unknown) => (outcome.state = error instanceof EtcdError ? error.code : String(error)),
  );
  return outcome;
}

const codeOf = async (call: Promise<unknown>): Promise<string> => {
  const outcome = watchCall(call);
  await call.catch(() => undefined);
  return outcome.state;
};

async function turns(count = 10): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

async function until(condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 30_000;
  while (!condition()) {
    assert.ok(performance.now() < deadlineMs, `not within 30 s: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

test("a member leads, has published itself and has decided the versions when it is started", async (t) => {
  const { member } = await startWorld(t);
  const { members, header } = await member.memberList({ linearizable: true });
  assert.deepEqual(
    members.map(({ name, peerUrls, clientUrls, isLearner }) => ({ name, peerUrls, clientUrls, isLearner })),
    [
      {
        name: "default",
        peerUrls: ["http://localhost:2380"],
        clientUrls: ["http://localhost:2379"],
        isLearner: false,
      },
    ],
  );
  assert.equal(header?.revision, 0, "the header of a member list has no revision");
  assert.deepEqual(member.versions(), { server: "3.6.14", cluster: "3.6.0", storage: "3.6.0" });
  assert.deepEqual([member.isLeader, member.hasLeader(), member.isLearner()], [true, true, false]);
  const { revision, raftTerm } = member.header();
  assert.deepEqual([revision, raftTerm], [1, 2]);
});

test("an answer waits for the flush of its entry, and no reader sees the write before", async (t) => {
  const { member, log } = await startWorld(t);
  log.flushes = "manual";
  const written = watchCall(member.put(put("a")));
  await turns();
  assert.equal(written.state, "waits");
  const { count, header } = await member.range(newRangeRequest({ key: bytes("a"), serializable: true }));
  assert.deepEqual([count, header?.revision], [0, 1]);
  log.flush();
  await turns();
  assert.equal(written.state, "answered");
  assert.equal((await member.range(newRangeRequest({ key: bytes("a") }))).count, 1);
});

test("an answer does not wait for the store's disk, only for the log's", async (t) => {
  const { member, backend } = await startWorld(t);
  backend.isPrompt = false;
  await member.put(put("a"));
  assert.equal((await member.range(newRangeRequest({ key: bytes("a") }))).count, 1);
});

test("an entry that was flushed but not answered is there after a crash", async (t) => {
  const world = await startWorld(t);
  world.log.flushes = "manual";
  const written = watchCall(world.member.put(put("a")));
  await turns();
  await world.crash({ logRows: 1 });
  assert.equal(written.state, "stopped");
  const member = await world.start();
  assert.equal((await member.range(newRangeRequest({ key: bytes("a") }))).count, 1);
});

test("a first start whose very first write was torn is started over", async (t) => {
  const world = new MemberWorld();
  // The entry that makes the member is there, the hard state that commits it is not.
  await world.log.save(null, [newEntry({ term: 1, index: 1, type: 1, data: bytes("torn") })]);
  const member = await world.start();
  t.after(() => world.stop());
  assert.equal((await member.put(put("a"))).header?.revision, 2);
});

test("a term grows with every start, and the revision stays", async (t) => {
  const world = await startWorld(t);
  await world.member.put(put("a"));
  const before = world.member.header();
  await world.crash();
  const after = (await world.start()).header();
  assert.deepEqual([after.revision, after.raftTerm], [before.revision, before.raftTerm + 1]);
});

test("a restart under a name and peer URLs that are another member's is refused, and the disk is let go", async () => {
  const world = new MemberWorld();
  await world.start();
  await world.crash();
  const closed = world.closedDisks;
  await assert.rejects(
    world.start({ name: "other", peerUrls: ["http://elsewhere:2380"] }),
    /belongs to another member: 8e9e05c52164694d, named "default"/,
  );
  assert.equal(world.closedDisks, closed + 1);
  // A new name alone, or a new address alone, is the operator's choice.
  await world.start({ name: "renamed" });
  await world.stop();
});

test("a full disk refuses writes, serves reads, and takes writes again when there is room", async (t) => {
  const world = await startWorld(t);
  const { member, log } = world;
  await member.put(put("before"));
  log.failure = full;
  const first = watchCall(member.put(put("first")));
  await until(() => log.waiting === 0 && first.state === "waits");
  await new Promise((resolve) => setTimeout(resolve, 20));
  // It may still come true, so it is not refused; those behind it are.
  assert.equal(first.state, "waits");
  assert.equal(await codeOf(member.put(put("second"))), "noSpace");
  assert.equal(await codeOf(member.leaseGrant(newLeaseGrantRequest({ ttl: 5 }))), "noSpace");
  assert.equal((await member.range(newRangeRequest({ key: bytes("before") }))).count, 1);
  log.failure = null;
  await until(() => first.state === "answered");
  assert.equal((await member.put(put("third"))).header?.revision, 4);
  assert.deepEqual(world.failures, []);
});

test("proposals that nobody answers are given up after 5 s and two election timeouts", async (t) => {
  const world = await startWorld(t);
  world.log.flushes = "manual";
  const written = watchCall(world.member.put(put("a")));
  await turns();
  world.nowMs += 6999;
  await new Promise((resolve) => setTimeout(resolve, 600));
  assert.equal(written.state, "waits");
  world.nowMs += 1;
  await until(() => written.state !== "waits");
  assert.equal(written.state, "timeout");
  // A timeout does not mean that nothing happened.
  world.log.flushes = "auto";
  await until(() => world.member.header().revision === 2);
});

test("a request that is too large for the log is refused before it gets there", async (t) => {
  const { member } = await startWorld(t, { maxRequestBytes: 1000 });
  assert.equal(await codeOf(member.put(put("a", "x".repeat(1000)))), "requestTooLarge");
  assert.equal(await codeOf(member.put(put("a", "x".repeat(900)))), "answered");
});

test("a lease id that the server chooses is positive, and the request stays as it was", async (t) => {
  const { member } = await startWorld(t);
  const request = newLeaseGrantRequest({ ttl: 5 });
  const ids = new Set<bigint>();
  for (let i = 0; i < 50; i++) ids.add((await member.leaseGrant(request)).id);
  assert.equal(ids.size, 50);
  assert.equal(
    [...ids].every((id) => id > 0n && id < 2n ** 63n),
    true,
  );
  assert.equal(request.id, 0n);
});

test("leases that ran out are revoked through the log, and renewals that came too late wait for that", async (t) => {
  const world = await startWorld(t);
  const { member } = world;
  const { id } = await member.leaseGrant(newLeaseGrantRequest({ ttl: 5 }));
  await member.put(newPutRequest({ key: bytes("b"), lease: id }));
  await member.put(newPutRequest({ key: bytes("a"), lease: id }));
  assert.equal((await member.leaseKeepAlive({ id })).ttl, 5);
  world.nowMs += 5000;
  const late = member.leaseKeepAlive({ id });
  assert.equal((await late).ttl, 0);
  assert.equal(member.header().revision, 4);
  const { ttl, grantedTtl } = await member.leaseTimeToLive(newLeaseTimeToLiveRequest({ id }));
  assert.deepEqual([ttl, grantedTtl], [-1, 0]);
});

test("a lease lives for its whole time and an election timeout after a restart", async (t) => {
  const world = await startWorld(t);
  const { id } = await world.member.leaseGrant(newLeaseGrantRequest({ ttl: 100 }));
  world.nowMs += 60_000;
  assert.equal((await world.member.leaseTimeToLive(newLeaseTimeToLiveRequest({ id }))).ttl, 40);
  await world.crash();
  const member = await world.start();
  assert.equal((await member.leaseTimeToLive(newLeaseTimeToLiveRequest({ id }))).ttl, 101);
});

test("with checkpoints the time that is left survives a restart, and a renewal gives the whole back", async (t) => {
  const world = await startWorld(t, { leaseCheckpoints: true });
  const { id } = await world.member.leaseGrant(newLeaseGrantRequest({ ttl: 3600 }));
  world.nowMs += 5 * 60_000;
  const entries = world.log.entries.length;
  await until(() => world.log.entries.length > entries);
  await world.crash();
  const member = await world.start();
  const left = async (): Promise<number> => (await member.leaseTimeToLive(newLeaseTimeToLiveRequest({ id }))).ttl;
  assert.equal(await left(), 3301);
  assert.equal((await member.leaseKeepAlive({ id })).ttl, 3600);
  assert.equal(await left(), 3600);
});

test("when many leases are due for a checkpoint, all of them are saved at once, in entries of a thousand", async (t) => {
  const world = await startWorld(t, { leaseCheckpoints: true });
  const grants = Array.from({ length: 2500 }, () => world.member.leaseGrant(newLeaseGrantRequest({ ttl: 3600 })));
  const ids = (await Promise.all(grants)).map(({ id }) => id);
  const before = world.log.entries.length;
  world.nowMs += 5 * 60_000;
  await until(() => world.log.entries.length > before);
  await turns();
  assert.equal(world.log.entries.length - before, 3);
  await world.crash();
  const member = await world.start();
  for (const id of [ids[0]!, ids[1500]!, ids[2499]!]) {
    // Without a checkpoint it would be 3600 again. Ends that fall together are spread over a few seconds.
    const { ttl } = await member.leaseTimeToLive(newLeaseTimeToLiveRequest({ id }));
    assert.ok(ttl >= 3300 && ttl < 3320, String(ttl));
  }
});

test("a write over the quota raises the alarm, and the alarm stands until it is cleared", async (t) => {
  const { member } = await startWorld(t, { quotaBackendBytes: 20_000 });
  const value = "x".repeat(9000);
  await member.put(put("a", value));
  assert.equal(await codeOf(member.put(put("b", "x".repeat(12_000)))), "noSpace");
  assert.deepEqual(
    member.alarms().map(({ alarm }) => alarm),
    [1],
  );
  // Small ones are refused too as long as it stands; what gives space back is not.
  assert.equal(await codeOf(member.put(put("c"))), "noSpace");
  assert.equal(
    await codeOf(member.txn(newTxnRequest({ success: [{ request: { case: "requestPut", value: put("c") } }] }))),
    "noSpace",
  );
  assert.equal(await codeOf(member.deleteRange({ key: bytes("a"), rangeEnd: bytes(""), prevKv: false })), "answered");
  const [alarm] = member.alarms();
  await member.alarm({ action: 2, memberId: alarm!.memberId, alarm: 1 });
  assert.equal(await codeOf(member.put(put("c"))), "answered");
});

test("a physical compaction answers when it is done and on disk", async (t) => {
  const world = await startWorld(t, { compaction: { batchLimit: 3, sleepIntervalMs: 1 } });
  const { member, backend } = world;
  for (let i = 0; i < 30; i++) await member.put(put("a", `v${i}`));
  backend.isPrompt = false;
  const compacted = watchCall(member.compact(newCompactionRequest({ revision: 31, physical: true })));
  await until(() => member.replica.store.pendingCompaction === null);
  await turns();
  assert.equal(compacted.state, "waits");
  await until(() => {
    backend.flush();
    return compacted.state === "answered";
  });
});

test("a compaction that a crash interrupts is gone on with", async (t) => {
  const world = await startWorld(t, { compaction: { batchLimit: 3, sleepIntervalMs: 50 } });
  for (let i = 0; i < 30; i++) await world.member.put(put("a", `v${i}`));
  await world.member.compact(newCompactionRequest({ revision: 31 }));
  assert.notEqual(world.member.replica.store.pendingCompaction, null);
  await world.crash();
  const member = await world.start({ compaction: { batchLimit: 3, sleepIntervalMs: 0 } });
  await until(() => member.replica.store.pendingCompaction === null);
  assert.equal(await codeOf(member.range(newRangeRequest({ key: bytes("a"), revision: 30 }))), "compacted");
});

test("while the store is rewritten everybody waits, and then everybody is served", async (t) => {
  const world = await startWorld(t);
  const { member } = world;
  await member.put(put("a"));
  let finish = (): void => undefined;
  world.defragmenting = new Promise((resolve) => (finish = resolve));
  const calls = [
    member.defragment(),
    member.put(put("b")),
    member.range(newRangeRequest({ key: bytes("a") })),
    member.range(newRangeRequest({ key: bytes("a"), serializable: true })),
    member.txn(
      newTxnRequest({ success: [{ request: { case: "requestRange", value: newRangeRequest({ key: bytes("a") }) } }] }),
    ),
    member.hash(),
    member.hashKv({ revision: 0 }),
    first(member.rangeStream(newRangeRequest({ key: bytes("a") }))),
    member.defragment(),
  ].map((call) => watchCall(call));
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.deepEqual([...new Set(calls.map(({ state }) => state))], ["waits"]);
  world.defragmenting = Promise.resolve();
  finish();
  await until(() => calls.every(({ state }) => state === "answered"));
});

async function first(stream: AsyncIterable<RangeResponse>): Promise<RangeResponse | null> {
  for await (const response of stream) return response;
  return null;
}

test("a defragmentation that fails leaves the store open", async (t) => {
  const world = await startWorld(t);
  world.defragmenting = Promise.reject(new Error("no room for a copy"));
  await assert.rejects(world.member.defragment(), /no room/);
  assert.equal(await codeOf(world.member.put(put("a"))), "answered");
});

test("a stop ends watches and calls, saves what was applied, and may be asked for twice", async () => {
  const world = new MemberWorld();
  const member = await world.start();
  await member.put(put("a"));
  const ends: (Error | undefined)[] = [];
  const got: WatchResponse[] = [];
  const sink: WatchSink = { write: (response) => got.push(response) > 0, end: (error) => void ends.push(error) };
  member
    .watch(sink)
    .request({ requestUnion: { case: "createRequest", value: newWatchCreateRequest({ key: bytes("a") }) } });
  const { id } = await member.leaseGrant(newLeaseGrantRequest({ ttl: 5 }));
  world.log.flushes = "manual";
  world.nowMs += 6000;
  const calls = [member.put(put("b")), member.leaseKeepAlive({ id })].map((call) => watchCall(call));
  await turns();
  const stops = [member.stop(), member.stop()];
  world.log.flushes = "auto";
  await Promise.all(stops);
  assert.deepEqual([got.length, ends.map((error) => (error as EtcdError).code)], [1, ["stopped"]]);
  assert.deepEqual(
    calls.map(({ state }) => state),
    ["stopped", "stopped"],
  );
  assert.equal(world.closedDisks, 1);
  for (const late of [
    () => member.put(put("c")),
    () => member.range(newRangeRequest({ key: bytes("a") })),
    () => member.range(newRangeRequest({ key: bytes("a"), serializable: true })),
    () => member.hash(),
    () => member.hashKv({ revision: 0 }),
  ]) {
    assert.equal(await codeOf(late()), "stopped");
  }
  const again = new MemberWorld();
  again.log = world.log;
  again.backend = world.backend.crash();
  const restarted = await again.start();
  assert.equal((await restarted.range(newRangeRequest({ key: bytes("a") }))).count, 1);
  await again.stop();
});

test("a stop on a full disk closes the files all the same, and nothing is lost", async () => {
  const world = new MemberWorld({ backendBatchIntervalMs: 60_000 });
  const member = await world.start();
  await member.put(put("a"));
  world.backend.failure = full;
  await member.stop();
  assert.equal(world.closedDisks, 1);
  world.backend.failure = null;
  await world.crash();
  const restarted = await world.start();
  assert.equal((await restarted.range(newRangeRequest({ key: bytes("a") }))).count, 1);
  await world.stop();
});

test("a store that cannot be written for another reason than space ends the member", async () => {
  const world = new MemberWorld();
  const member = await world.start();
  world.backend.failure = new Error("input/output error");
  await member.put(put("a"));
  await until(() => world.failures.length > 0);
  assert.match(String(world.failures[0]), /input\/output error/);
  await assert.rejects(member.stop(), /input\/output error/);
  assert.equal(world.closedDisks, 1);
});

test("the log is marked and memory forgets as the store becomes durable", async (t) => {
  const world = await startWorld(t, { snapshotCount: 20, snapshotCatchUpEntries: 5, backendBatchIntervalMs: 1 });
  for (let i = 0; i < 60; i++) await world.member.put(put("a", `v${i}`));
  await until(() => world.log.released.length > 0);
  const { snapshot } = world.log.recovered({ memberId: 1n, clusterId: 1n });
  assert.equal(snapshot.index > 20, true);
  assert.equal(snapshot.index <= world.member.replica.durableIndex, true);
  await world.crash();
  const member = await world.start();
  assert.equal((await member.range(newRangeRequest({ key: bytes("a") }))).kvs[0]?.version, 60);
});

test("the log is marked again after a restart that finds a mark, without the entries before it", async (t) => {
  const world = await startWorld(t, { snapshotCount: 20, snapshotCatchUpEntries: 5, backendBatchIntervalMs: 1 });
  const mark = (): number => world.log.recovered({ memberId: 1n, clusterId: 1n }).snapshot.index;
  for (let restart = 0; restart < 3; restart++) {
    const before = mark();
    for (let i = 0; i < 60; i++) await world.member.put(put("a", `v${i}`));
    await until(() => mark() > before);
    await world.crash();
    await world.start();
  }
});

test("downgrades: what may be asked of one member", async (t) => {
  const { member } = await startWorld(t);
  const [validate, enable, cancel] = [0, 1, 2];
  assert.equal((await member.downgrade({ action: validate, version: "3.5.0" })).version, "3.6");
  assert.equal(await codeOf(member.downgrade({ action: validate, version: "3.4.0" })), "invalidDowngradeTargetVersion");
  assert.equal(await codeOf(member.downgrade({ action: validate, version: "x" })), "wrongDowngradeVersionFormat");
  assert.equal(await codeOf(member.downgrade({ action: cancel, version: "" })), "answered");
  assert.equal(await codeOf(member.downgrade({ action: enable, version: "3.5.0" })), "answered");
  assert.deepEqual((await member.status()).downgradeInfo, { enabled: true, targetVersion: "3.5.0" });
  assert.equal(await codeOf(member.downgrade({ action: enable, version: "3.5.0" })), "downgradeInProcess");
  assert.equal(await codeOf(member.downgrade({ action: cancel, version: "" })), "answered");
  assert.equal((await member.status()).downgradeInfo?.enabled, false);
  assert.equal(await codeOf(member.downgrade({ action: 9, version: "" })), "unknownMethod");
});

test("leadership cannot be moved to anybody else", async (t) => {
  const { member } = await startWorld(t);
  assert.equal(await codeOf(member.moveLeader({ targetId: 1n })), "badLeaderTransferee");
  assert.deepEqual(await member.moveLeader({ targetId: member.memberId }), { header: null });
});

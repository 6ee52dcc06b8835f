/** What those who call the member within its process may rely on, beyond what gRPC gives: see the class comment of Member. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import {
  newCompare,
  newDeleteRangeRequest,
  newLeaseGrantRequest,
  newLeaseRevokeRequest,
  newPutRequest,
  newRangeRequest,
  newTxnRequest,
  newWatchCreateRequest,
  newWatchProgressRequest,
  type WatchRequest,
  type WatchResponse,
} from "../wire/etcdserverpb.ts";
import type { WatchStream } from "../port.ts";
import type { Member } from "./member.ts";
import { MemberWorld } from "./testing/member-world.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const everything = { key: bytes("\0"), rangeEnd: bytes("\0") };

async function startWorld(t: TestContext): Promise<MemberWorld> {
  const world = new MemberWorld();
  await world.start();
  t.after(() => world.stop());
  return world;
}

/** A watch of everything from now on, and all that it was given. */
function watchAll(member: Member): { stream: WatchStream; got: WatchResponse[] } {
  const got: WatchResponse[] = [];
  const stream = member.watch({
    write: (response) => {
      got.push(response);
      return true;
    },
    end: () => undefined,
  });
  stream.request({ requestUnion: { case: "createRequest", value: newWatchCreateRequest(everything) } });
  assert.equal(got.shift()?.created, true);
  return { stream, got };
}

const askProgress: WatchRequest = { requestUnion: { case: "progressRequest", value: newWatchProgressRequest() } };

type Write = "put" | "txn" | "deleteRange" | "leaseGrant" | "leaseRevoke";

/** One write that makes a revision if every write before it was applied, and else fails or makes none. */
function call(member: Member, write: Write, i: number): Promise<{ header: { revision: number } | null }> {
  const lease = BigInt(1000 + i);
  switch (write) {
    case "put":
      return member.put(newPutRequest({ key: bytes("a"), value: bytes(String(i)) }));
    case "txn": {
      const put = newPutRequest({ key: bytes("b"), value: bytes(String(i)) });
      return member.txn(newTxnRequest({ success: [{ request: { case: "requestPut", value: put } }] }));
    }
    case "deleteRange":
      void member.put(newPutRequest({ key: bytes("c") }));
      return member.deleteRange(newDeleteRangeRequest({ key: bytes("c") }));
    case "leaseGrant":
      void member.leaseGrant(newLeaseGrantRequest({ id: lease, ttl: 60 }));
      return member.put(newPutRequest({ key: bytes("d"), lease }));
    case "leaseRevoke":
      void member.leaseGrant(newLeaseGrantRequest({ id: lease, ttl: 60 }));
      void member.put(newPutRequest({ key: bytes("e"), lease }));
      return member.leaseRevoke(newLeaseRevokeRequest({ id: lease }));
  }
}

const revisionsOf: Record<Write, number> = { put: 1, txn: 1, deleteRange: 2, leaseGrant: 1, leaseRevoke: 2 };

test("calls made one after the other, without waiting, are applied in the order of the calls", async (t) => {
  const { member } = await startWorld(t);
  const writes = fc.array(fc.constantFrom<Write>("put", "txn", "deleteRange", "leaseGrant", "leaseRevoke"), {
    minLength: 1,
    maxLength: 50,
  });
  let id = 0;
  await fc.assert(
    fc.asyncProperty(writes, async (made) => {
      let expected = member.header().revision;
      const answers = made.map(async (write) => {
        expected += revisionsOf[write];
        const revision = expected;
        const { header } = await call(member, write, id++);
        assert.equal(header?.revision, revision);
      });
      await Promise.all(answers);
    }),
    { numRuns: 50 },
  );
});

test("one call that is refused does not take its successors with it, nor change their order", async (t) => {
  const { member } = await startWorld(t);
  const put = (value: string, lease = 0n) => member.put(newPutRequest({ key: bytes("a"), value: bytes(value), lease }));
  const outcomes = await Promise.allSettled([put("1"), put("2", 99n), put("3")]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled"],
  );
  const { kvs } = await member.range(newRangeRequest({ key: bytes("a") }));
  assert.equal(Buffer.from(kvs[0]!.value).toString(), "3");
});

test("a watch has the events of a write before its writer has the answer", async (t) => {
  const { member } = await startWorld(t);
  const { got } = watchAll(member);
  const seen = (): number => Math.max(0, ...got.map(({ header }) => header!.revision));
  await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      const { header } = await member.put(newPutRequest({ key: bytes(`k${i % 7}`) }));
      assert.ok(seen() >= header!.revision, `revision ${header!.revision} was answered before it was told`);
    }),
  );
  assert.equal(got.length, 200, "one response for each revision, although many were applied in one turn");
  const denied = newCompare({ key: bytes("k0"), targetUnion: { case: "version", value: 0 } });
  await member.txn(newTxnRequest({ compare: [denied] }));
  assert.equal(got.length, 200, "what changes nothing tells nothing");
});

test("a read that was answered is never ahead of what a watch was told", async (t) => {
  const { member } = await startWorld(t);
  const { got } = watchAll(member);
  for (let round = 0; round < 20; round++) {
    const writes = Array.from({ length: 10 }, () => member.put(newPutRequest({ key: bytes("k") })));
    const reads = Array.from({ length: 10 }, async (_, i) => {
      for (let turn = 0; turn < i; turn++) await new Promise((resolve) => setImmediate(resolve));
      const { header } = await member.range(newRangeRequest({ key: bytes("k"), serializable: i % 2 === 0 }));
      assert.equal(1 + got.length, header!.revision);
    });
    await Promise.all([...writes, ...reads]);
  }
});

test("progress that is asked for after a read was answered is at the revision of that read, or after it", async (t) => {
  const { member } = await startWorld(t);
  const { stream, got } = watchAll(member);
  for (let round = 0; round < 20; round++) {
    void member.put(newPutRequest({ key: bytes("k") }));
    await member.put(newPutRequest({ key: bytes("k") }));
    const last = member.put(newPutRequest({ key: bytes("k") }));
    const { header } = await member.range(newRangeRequest({ key: bytes("k") }));
    const before = got.length;
    stream.request(askProgress);
    // It stands behind all events that it vouches for, and came within the call.
    assert.equal(got.length, before + 1);
    const progress = got[before]!;
    assert.deepEqual([progress.watchId, progress.events.length], [-1n, 0]);
    assert.ok(progress.header!.revision >= header!.revision);
    const told = got.flatMap(({ events }) => events.map(({ kv }) => kv!.modRevision));
    assert.equal(Math.max(...told), progress.header!.revision);
    await last;
  }
});

test("progress is not answered while a watch of the stream reads history, and is once that has caught up", async (t) => {
  const { member } = await startWorld(t);
  for (let i = 0; i < 10; i++) await member.put(newPutRequest({ key: bytes("k") }));
  const { stream, got } = watchAll(member);
  const value = newWatchCreateRequest({ ...everything, startRevision: 2 });
  stream.request({ requestUnion: { case: "createRequest", value } });
  assert.equal(got.shift()?.created, true);
  stream.request(askProgress);
  assert.equal(got.length, 0);
  const deadlineMs = performance.now() + 30_000;
  while (!got.some(({ events }) => events.length === 10)) {
    assert.ok(performance.now() < deadlineMs, "the watch does not catch up");
    await new Promise((resolve) => setImmediate(resolve));
  }
  stream.request(askProgress);
  assert.deepEqual(
    got.map(({ watchId, events }) => [watchId, events.length]),
    [
      [1n, 10],
      [-1n, 0],
    ],
  );
});

/** What is larger than a client may send: asked for within the process, on a real directory, and refused over gRPC. */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../src/etcd/base/clock.ts";
import { silentLogger } from "../../src/etcd/base/logger.ts";
import { seededRandom } from "../../src/etcd/base/random.ts";
import { EtcdError, type EtcdErrorCode } from "../../src/etcd/errors.ts";
import { Member } from "../../src/etcd/member/member.ts";
import { noMetrics } from "../../src/etcd/member/member-metrics.ts";
import { memberOptionsDefault } from "../../src/etcd/member/testing/member-world.ts";
import { openDataDirectory } from "../../src/etcd/storage/data-dir.ts";
import * as pb from "../../src/etcd/wire/etcdserverpb.ts";
import { kv } from "../edge/grpc-client.ts";
import { openRpcDoor } from "../edge/rpc-server.ts";

const KEYS = 30_000;
const limits = { maxTxnOps: 2 * KEYS, maxRequestBytes: 64 * 1024 * 1024 };
const range = { key: Buffer.from("/big/"), rangeEnd: Buffer.from("/big0") };
const keyOf = (i: number): Buffer => Buffer.from(`/big/${String(i).padStart(8, "0")}`);
const valueOf = (i: number): Buffer => Buffer.alloc(100, i % 251);

/** Guarded puts, as a facade makes them: each key only if it is not there. About 4 MiB in the log. */
function largeTxn(): pb.TxnRequest {
  const indexes = Array.from({ length: KEYS }, (_, i) => i);
  return pb.newTxnRequest({
    compare: indexes.map((i) => pb.newCompare({ key: keyOf(i), targetUnion: { case: "version", value: 0 } })),
    success: indexes.map((i) => ({
      request: { case: "requestPut", value: pb.newPutRequest({ key: keyOf(i), value: valueOf(i) }) },
    })),
  });
}

async function startMember(dataDir: string): Promise<Member> {
  const { memberId, clusterId } = memberOptionsDefault;
  const directory = await openDataDirectory(dataDir, { identity: { memberId, clusterId } });
  return Member.start(
    // The store is committed at the stop and not before, so that a copy made earlier has the writes in its log only.
    { ...memberOptionsDefault, backendBatchIntervalMs: 3_600_000, backendBatchLimit: Number.MAX_SAFE_INTEGER },
    {
      backend: directory.backend,
      disk: directory,
      recovered: directory.recovered,
      clock: systemClock,
      random: seededRandom(1),
      logger: silentLogger,
      raftLogger: silentLogger,
      metrics: noMetrics,
      failed: (error) => assert.fail(String(error)),
    },
  );
}

async function checkKeys(member: Member): Promise<void> {
  const { kvs, count } = await member.range(pb.newRangeRequest(range));
  assert.equal(count, KEYS);
  for (const [i, pair] of kvs.entries()) {
    assert.ok(Buffer.compare(pair.key, keyOf(i)) === 0 && Buffer.compare(pair.value, valueOf(i)) === 0, String(i));
    assert.deepEqual([pair.createRevision, pair.modRevision, pair.version], [2, 2, 1]);
  }
}

test("a transaction beyond the limits of clients: one revision, one response to a watch, there after a crash", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "large-txn-"));
  t.after(() => rmSync(root, { recursive: true }));
  const member = await startMember(join(root, "data"));
  const door = await openRpcDoor({ port: member, member }, { messageBytesMax: 64 * 1024 * 1024 });
  const refused = async (call: Promise<unknown>, code: EtcdErrorCode): Promise<void> => {
    await assert.rejects(call, (error) => error instanceof EtcdError && error.code === code);
  };
  try {
    const events: number[] = [];
    const stream = member.watch({
      write: (response) => {
        events.push(response.events.length);
        return true;
      },
      end: () => undefined,
    });
    stream.request({ requestUnion: { case: "createRequest", value: pb.newWatchCreateRequest(range) } });

    const request = largeTxn();
    await refused(member.txn(request), "tooManyOps");
    await refused(member.txn(request, { limits: { ...limits, maxTxnOps: KEYS - 1 } }), "tooManyOps");
    await refused(member.txn(request, { limits: { ...limits, maxRequestBytes: 3_000_000 } }), "requestTooLarge");
    const { succeeded, header } = await member.txn(request, { limits });
    assert.deepEqual([succeeded, header?.revision, events], [true, 2, [0, KEYS]]);
    await checkKeys(member);

    // What stands in the way of clients stays as it was, for operations as for bytes.
    assert.equal(
      (await door.client.failure(kv.Txn, request)).details,
      "etcdserver: too many operations in txn request",
    );
    const value = Buffer.alloc(memberOptionsDefault.maxRequestBytes);
    const large = pb.newPutRequest({ key: Buffer.from("large"), value });
    assert.equal((await door.client.failure(kv.Put, large)).details, "etcdserver: request is too large");
    assert.equal((await member.put(large, { limits })).header?.revision, 3);

    // As a crash leaves it: the log is flushed, the store has nothing of all this.
    assert.ok(member.replica.durableIndex < member.replica.appliedIndex - 1);
    cpSync(join(root, "data"), join(root, "crashed"), { recursive: true });
  } finally {
    await door.stop(0);
    await member.stop();
  }
  for (const name of ["crashed", "data"]) {
    const again = await startMember(join(root, name));
    try {
      await checkKeys(again);
      assert.equal((await again.range(pb.newRangeRequest({ key: Buffer.from("large") }))).count, 1);
      assert.equal(again.header().revision, 3);
    } finally {
      await again.stop();
    }
  }
});

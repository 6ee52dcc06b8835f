import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { eventually, ScriptedEtcd, type ServerKeepAlive } from "../../../test/support/scripted-etcd.ts";
import { EtcdError } from "../errors.ts";
import { grpcCode } from "../rpc/status.ts";
import { newLeaseKeepAliveResponse } from "../wire/etcdserverpb.ts";
import { services } from "../wire/services.ts";
import { EtcdClient } from "./etcd-client.ts";
import { TransportError } from "./transport-error.ts";

interface Served {
  readonly call: ServerKeepAlive;
  readonly asked: bigint[];
}

/** A server that notes renewals and answers by hand, or at once with the TTL given. */
async function setUp(t: TestContext, ttl?: number): Promise<{ client: EtcdClient; streams: Served[] }> {
  const streams: Served[] = [];
  const server = await new ScriptedEtcd()
    .duplex(services["etcdserverpb.Lease"].LeaseKeepAlive, (call) => {
      const served: Served = { call, asked: [] };
      streams.push(served);
      call.on("data", ({ id }: { id: bigint }) => {
        served.asked.push(id);
        if (ttl !== undefined) answer(served, id, ttl);
      });
    })
    .listen();
  const client = new EtcdClient({ endpoints: [server.endpoint] });
  t.after(() => {
    client.close();
    server.stop();
  });
  return { client, streams };
}

function answer({ call }: Served, id: bigint, ttl: number): void {
  call.write(newLeaseKeepAliveResponse({ id, ttl }));
}

test("renewals share one stream, in order, and each gets its own answer", async (t) => {
  const { client, streams } = await setUp(t, 30);
  const ids = Array.from({ length: 5_000 }, (_, index) => BigInt(index + 1));
  const responses = await Promise.all(ids.map((id) => client.leaseKeepAlive({ id })));
  assert.deepEqual(
    responses.map(({ id }) => id),
    ids,
  );
  assert.equal(streams.length, 1);
  assert.deepEqual(streams[0]!.asked, ids);
});

test("a lease is asked for once while its renewal is on the way, and again afterwards", async (t) => {
  const { client, streams } = await setUp(t);
  const first = [client.leaseKeepAlive({ id: 7n }), client.leaseKeepAlive({ id: 7n })];
  await eventually(() => streams[0]?.asked.length === 1, "the renewal");
  first.push(client.leaseKeepAlive({ id: 7n }));
  answer(streams[0]!, 7n, 10);
  assert.deepEqual(
    (await Promise.all(first)).map(({ ttl }) => ttl),
    [10, 10, 10],
  );
  const second = client.leaseKeepAlive({ id: 7n });
  await eventually(() => streams[0]!.asked.length === 2, "the second renewal");
  answer(streams[0]!, 7n, 9);
  assert.equal((await second).ttl, 9);
});

test("an unknown lease answers 0, which is no error, and the stream goes on", async (t) => {
  const { client, streams } = await setUp(t, 0);
  assert.equal((await client.leaseKeepAlive({ id: 1n })).ttl, 0);
  assert.equal((await client.leaseKeepAlive({ id: 2n })).ttl, 0);
  assert.equal(streams.length, 1);
});

test("when the stream breaks, the unanswered leave again, in order, before what came later", async (t) => {
  const { client, streams } = await setUp(t);
  const [one, two] = [client.leaseKeepAlive({ id: 1n }), client.leaseKeepAlive({ id: 2n })];
  await eventually(() => streams[0]?.asked.length === 2, "both renewals");
  answer(streams[0]!, 1n, 10);
  await one;
  streams[0]!.call.emit("error", { code: grpcCode.unavailable, details: "transport is closing" });
  const three = client.leaseKeepAlive({ id: 3n });
  await eventually(() => streams[1]?.asked.length === 2, "the second stream");
  assert.deepEqual(streams[1]!.asked, [2n, 3n]);
  answer(streams[1]!, 2n, 11);
  answer(streams[1]!, 3n, 12);
  assert.deepEqual(
    (await Promise.all([two, three])).map(({ ttl }) => ttl),
    [11, 12],
  );
});

test("an answer of etcd's ends the waits with it, and the next renewal has a new stream", async (t) => {
  const { client, streams } = await setUp(t);
  const refused = client.leaseKeepAlive({ id: 1n });
  await eventually(() => streams[0]?.asked.length === 1, "the renewal");
  streams[0]!.call.emit("error", { code: grpcCode.unauthenticated, details: "etcdserver: invalid auth token" });
  await assert.rejects(refused, (error) => error instanceof EtcdError && error.code === "invalidAuthToken");
  const next = client.leaseKeepAlive({ id: 2n });
  await eventually(() => streams[1]?.asked.length === 1, "the next renewal");
  answer(streams[1]!, 2n, 5);
  assert.equal((await next).ttl, 5);
});

test("who gives up waits no more; the others of the same lease still get the answer", async (t) => {
  const { client, streams } = await setUp(t);
  const reason = new Error("enough");
  const giveUp = new AbortController();
  const impatient = client.leaseKeepAlive({ id: 1n }, { signal: giveUp.signal });
  const hurried = client.leaseKeepAlive({ id: 1n }, { timeoutMs: 50 });
  const patient = client.leaseKeepAlive({ id: 1n });
  await eventually(() => streams[0]?.asked.length === 1, "the renewal");
  giveUp.abort(reason);
  await assert.rejects(impatient, reason);
  await assert.rejects(hurried, (error) => error instanceof TransportError && error.code === grpcCode.deadlineExceeded);
  answer(streams[0]!, 1n, 10);
  assert.equal((await patient).ttl, 10);
  await assert.rejects(client.leaseKeepAlive({ id: 1n }, { signal: AbortSignal.abort(reason) }), reason);
});

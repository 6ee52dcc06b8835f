/** The Lock and the Election service over a fake member, as their clients see them. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { bytes, text } from "../../../test/edge/fake-port.ts";
import { election, kv, lease, lock, type TestClient } from "../../../test/edge/grpc-client.ts";
import { type RpcServer, startRpcServer } from "../../../test/edge/rpc-server.ts";
import * as pb from "../wire/etcdserverpb.ts";
import {
  newCampaignRequest,
  newLeaderKey,
  newLeaderRequest,
  newProclaimRequest,
  newResignRequest,
} from "../wire/v3electionpb.ts";
import { newLockRequest, newUnlockRequest } from "../wire/v3lockpb.ts";
import { grpcCode } from "./status.ts";

const servers: RpcServer[] = [];
after(async () => {
  for (const server of servers) await server.stop();
});

async function start(): Promise<RpcServer> {
  const server = await startRpcServer();
  servers.push(server);
  return server;
}

async function grant(client: TestClient, id: bigint): Promise<bigint> {
  await client.unary(lease.LeaseGrant, pb.newLeaseGrantRequest({ id, ttl: 60 }));
  return id;
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** True if the promise is still open after a while. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  return await Promise.race([promise.then(() => false), pause(100).then(() => true)]);
}

const name = bytes("n");

test("a lock without a lease makes one, and its key ends with the lease in hexadecimal", async () => {
  const { client, port } = await start();
  const { key, header } = await client.unary(lock.Lock, newLockRequest({ name }));
  const [id] = [...port.leases.keys()];
  assert.equal(text(key), `n/${id!.toString(16)}`);
  assert.equal(port.leases.get(id!), 60);
  assert.equal(header!.revision, 2);
});

test("a lock goes to those who wait, in the order they came", async () => {
  const { client } = await start();
  const leases = await Promise.all([1n, 2n, 3n].map((id) => grant(client, id)));
  const held = await client.unary(lock.Lock, newLockRequest({ name, lease: leases[0]! }));
  const second = client.unary(lock.Lock, newLockRequest({ name, lease: leases[1]! }));
  await pause(50);
  const third = client.unary(lock.Lock, newLockRequest({ name, lease: leases[2]! }));
  assert.ok(await isPending(second));

  await client.unary(lock.Unlock, newUnlockRequest({ key: held.key }));
  assert.equal(text((await second).key), "n/2");
  assert.ok(await isPending(third));
  // The end of a lease is an unlock too.
  await client.unary(lease.LeaseRevoke, pb.newLeaseRevokeRequest({ id: 2n }));
  assert.equal(text((await third).key), "n/3");
});

test("who holds the lock already gets it at once", async () => {
  const { client } = await start();
  const request = newLockRequest({ name, lease: await grant(client, 1n) });
  const first = await client.unary(lock.Lock, request);
  assert.deepEqual((await client.unary(lock.Lock, request)).key, first.key);
});

test("a lock that is no longer waited for leaves no key behind", async () => {
  const { client, port } = await start();
  await client.unary(lock.Lock, newLockRequest({ name, lease: await grant(client, 1n) }));
  const controller = new AbortController();
  const waiting = client.failure(lock.Lock, newLockRequest({ name, lease: await grant(client, 2n) }), {
    signal: controller.signal,
  });
  while (!port.kvs.has("n/2")) await pause(5);
  await pause(50);
  controller.abort();
  assert.equal((await waiting).code, grpcCode.canceled);
  while (port.kvs.has("n/2")) await pause(5);
  assert.equal(port.streams.size, 0, "the watch behind the wait is closed");
});

test("a lease that ends while its lock is waited for ends the wait with an error", async () => {
  const { client } = await start();
  const held = await client.unary(lock.Lock, newLockRequest({ name, lease: await grant(client, 1n) }));
  const waiting = client.failure(lock.Lock, newLockRequest({ name, lease: await grant(client, 2n) }));
  await pause(100);
  await client.unary(lease.LeaseRevoke, pb.newLeaseRevokeRequest({ id: 2n }));
  await client.unary(lock.Unlock, newUnlockRequest({ key: held.key }));
  assert.deepEqual(await waiting, { code: grpcCode.unknown, details: "mutex: session is expired" });
});

test("errors of the calls inside have lost their code", async () => {
  const { client } = await start();
  assert.deepEqual(await client.failure(lock.Lock, newLockRequest({ name, lease: 404n })), {
    code: grpcCode.unknown,
    details: "etcdserver: requested lease not found",
  });
  assert.deepEqual(await client.failure(lock.Unlock, newUnlockRequest()), {
    code: grpcCode.unknown,
    details: "etcdserver: key is not provided",
  });
  await client.unary(lock.Unlock, newUnlockRequest({ key: bytes("absent") }));
});

test("a wait survives a compaction that overtakes its watch", async () => {
  const { client, port } = await start();
  const held = await client.unary(lock.Lock, newLockRequest({ name, lease: await grant(client, 1n) }));
  // The watch of the wait starts at the revision of a range; make that one compacted before the watch is there.
  const range = port.range.bind(port);
  let compactions = 0;
  port.range = async (request, options) => {
    const response = await range(request, options);
    if (request.maxCreateRevision > 0 && compactions++ === 0) {
      await port.put(pb.newPutRequest({ key: bytes("other") }));
      await port.put(pb.newPutRequest({ key: bytes("other") }));
      await port.compact(pb.newCompactionRequest({ revision: port.revision }));
    }
    return response;
  };
  const waiting = client.unary(lock.Lock, newLockRequest({ name, lease: await grant(client, 2n) }));
  assert.ok(await isPending(waiting));
  assert.ok(compactions >= 2, "the wait looked again");
  await client.unary(lock.Unlock, newUnlockRequest({ key: held.key }));
  assert.equal(text((await waiting).key), "n/2");
});

test("an election: campaign, proclaim, observe, resign", async () => {
  const { client } = await start();
  assert.deepEqual(await client.failure(election.Leader, newLeaderRequest({ name })), {
    code: grpcCode.unknown,
    details: "election: no leader",
  });
  const observing = client.serverStream(election.Observe, newLeaderRequest({ name }));
  await pause(50);

  const campaign = (id: bigint, value: string) =>
    client.unary(election.Campaign, newCampaignRequest({ name, lease: id, value: bytes(value) }));
  const first = await campaign(await grant(client, 1n), "one");
  assert.deepEqual([text(first.leader!.key), first.leader!.lease, first.leader!.rev], ["n/1", 1n, 2]);
  const second = campaign(await grant(client, 2n), "two");
  assert.ok(await isPending(second));
  assert.equal(text((await observing.next()).kv!.value), "one");

  await client.unary(election.Proclaim, newProclaimRequest({ leader: first.leader, value: bytes("uno") }));
  assert.equal(text((await observing.next()).kv!.value), "uno");
  const { kv: leader } = await client.unary(election.Leader, newLeaderRequest({ name }));
  assert.equal(text(leader!.value), "uno");

  // A campaign of the leader itself changes its value.
  await campaign(1n, "ein");
  assert.equal(text((await observing.next()).kv!.value), "ein");

  await client.unary(election.Resign, newResignRequest({ leader: first.leader }));
  assert.equal(text((await second).leader!.key), "n/2");
  assert.equal(text((await observing.next()).kv!.value), "two");
  assert.deepEqual(
    await client.failure(election.Proclaim, newProclaimRequest({ leader: first.leader, value: bytes("x") })),
    { code: grpcCode.unknown, details: "election: not leader" },
  );
  // To resign from what one is not is fine.
  await client.unary(election.Resign, newResignRequest({ leader: first.leader }));
  observing.cancel();
});

test("a candidate that gives up leaves the election", async () => {
  const { client, port } = await start();
  await client.unary(election.Campaign, newCampaignRequest({ name, lease: await grant(client, 1n) }));
  const controller = new AbortController();
  const waiting = client.failure(election.Campaign, newCampaignRequest({ name, lease: await grant(client, 2n) }), {
    signal: controller.signal,
  });
  while (!port.kvs.has("n/2")) await pause(5);
  controller.abort();
  await waiting;
  while (port.kvs.has("n/2")) await pause(5);
});

test("the leader must be named", async () => {
  const { client } = await start();
  const missing = { code: grpcCode.unknown, details: '"leader" field must be provided' };
  assert.deepEqual(await client.failure(election.Proclaim, newProclaimRequest()), missing);
  assert.deepEqual(await client.failure(election.Resign, newResignRequest()), missing);
});

test("a leader key that somebody else has put anew is not one's own", async () => {
  const { client } = await start();
  await client.unary(kv.Put, pb.newPutRequest({ key: bytes("n/1") }));
  const leader = newLeaderKey({ name, key: bytes("n/1"), rev: 99, lease: await grant(client, 1n) });
  assert.equal(
    (await client.failure(election.Proclaim, newProclaimRequest({ leader }))).details,
    "election: not leader",
  );
});

/** Locks, elections, health and reflection on a real member, whose leases really run out. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as pb from "../../src/etcd/wire/etcdserverpb.ts";
import { HealthCheckResponse_ServingStatus } from "../../src/etcd/wire/healthpb.ts";
import { newCampaignRequest, newLeaderRequest, newProclaimRequest } from "../../src/etcd/wire/v3electionpb.ts";
import { newLockRequest, newUnlockRequest } from "../../src/etcd/wire/v3lockpb.ts";
import { auth, election, health, lease, lock } from "../edge/grpc-client.ts";
import { bytes, LiveServer, MEMBER_ID, text, until } from "./live-server.ts";

describe("concurrency", { timeout: 120_000 }, () => {
  let server: LiveServer;

  before(async () => {
    server = await LiveServer.open(["--heartbeat-interval=10", "--election-timeout=100"]);
  });
  after(() => server.end());

  const grant = async (ttl: number): Promise<bigint> =>
    (await server.client.unary(lease.LeaseGrant, pb.newLeaseGrantRequest({ ttl }))).id;

  test("a lock goes on when its holder unlocks, and when its holder's lease runs out", async () => {
    const [first, second, third] = [await grant(100), await grant(1), await grant(100)];
    const order: string[] = [];
    const take = async (name: string, id: bigint): Promise<Uint8Array> => {
      const { key, header } = await server.client.unary(lock.Lock, newLockRequest({ name: bytes("m"), lease: id }));
      assert.equal(header?.memberId, MEMBER_ID);
      order.push(name);
      return key;
    };
    const key = await take("first", first);
    assert.equal(text(key), `m/${first.toString(16)}`);
    const waiting = [take("second", second)];
    await until(async () => (await server.range({ key: bytes("m/"), rangeEnd: bytes("m0") })).count === 2);
    waiting.push(take("third", third));
    await until(async () => (await server.range({ key: bytes("m/"), rangeEnd: bytes("m0") })).count === 3);
    await server.client.unary(lock.Unlock, newUnlockRequest({ key }));
    await Promise.all(waiting);
    assert.deepEqual(order, ["first", "second", "third"]);
  });

  test("an election passes to the next candidate when the leader's lease runs out, and observers see it", async () => {
    const [short, long] = [await grant(1), await grant(100)];
    const name = bytes("e");
    const campaign = (id: bigint, value: string) =>
      server.client.unary(election.Campaign, newCampaignRequest({ name, lease: id, value: bytes(value) }));
    const observer = server.client.serverStream(election.Observe, newLeaderRequest({ name }));
    const { leader } = await campaign(short, "one");
    assert.equal(text((await observer.next()).kv!.value), "one");
    await server.client.unary(election.Proclaim, newProclaimRequest({ leader, value: bytes("one, still") }));
    assert.equal(text((await observer.next()).kv!.value), "one, still");
    const second = await campaign(long, "two");
    assert.equal(text((await observer.next()).kv!.value), "two");
    const now = await server.client.unary(election.Leader, newLeaderRequest({ name }));
    assert.deepEqual([text(now.kv!.value), now.kv!.lease], ["two", long]);
    assert.equal(second.leader?.lease, long);
    observer.cancel();
  });

  test("auth is off, and says so with a full header", async () => {
    const status = await server.client.unary(auth.AuthStatus, pb.newAuthStatusRequest());
    assert.deepEqual([status.enabled, status.authRevision, status.header?.memberId], [false, 1, MEMBER_ID]);
    const users = await server.client.unary(auth.UserList, pb.newAuthUserListRequest());
    const roles = await server.client.unary(auth.RoleList, pb.newAuthRoleListRequest());
    assert.deepEqual([users.users, roles.roles], [[], []]);
    await server.client.unary(auth.AuthDisable, pb.newAuthDisableRequest());
  });

  test("the server as a whole is healthy", async () => {
    const { status } = await server.client.unary(health.Check, { service: "" });
    assert.equal(status, HealthCheckResponse_ServingStatus.SERVING);
  });
});

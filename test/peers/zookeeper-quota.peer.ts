import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Member } from "../support/zk-records.ts";
import { ZkClient } from "../support/zk-client.ts";
import { startOurFacade, startZooKeeper39, type ZkServer } from "../support/zk-servers.ts";

/*
 * Quotas beside a real ZooKeeper 3.9 that enforces them: which writes are refused, and what the stats znode counts after
 * each of them.
 */
const QUOTA_EXCEEDED = -125;
/** Steps that ZooKeeper refuses for the quota, wholly or in part. */
const REFUSED = 9;
const property = "zookeeper.enforceQuota";
const QUOTA = "/zookeeper/quota/app";
const LIMITS = `${QUOTA}/zookeeper_limits`;
const STATS = `${QUOTA}/zookeeper_stats`;

/** Returns what was answered. */
type Step = (client: ZkClient) => Promise<unknown>;

const create =
  (path: string, data = "", flags = 0): Step =>
  async (client) =>
    (await client.call("create", { path, data, flags })).err;
const set =
  (path: string, data: string): Step =>
  async (client) =>
    (await client.call("setData", { path, data })).err;
const remove =
  (path: string): Step =>
  async (client) =>
    (await client.call("delete", { path })).err;
const multi =
  (...members: Member[]): Step =>
  async (client) => {
    const { err, body } = await client.call("multi", { members });
    return [err, body?.results.map((result) => result.err)];
  };
const x = (count: number): string => "x".repeat(count);

const steps: readonly (readonly [what: string, step: Step])[] = [
  ["the subtree is there before its quota", create("/app", x(3))],
  ["and has a child", create("/app/a", x(4))],
  ["the quota's znode", create(QUOTA)],
  ["soft limits only", create(LIMITS, "count=2,bytes=5")],
  ["the stats, whatever the client writes", create(STATS, "count=0,bytes=0")],
  ["soft limits refuse nothing", create("/app/b", x(10))],
  ["nor a set", set("/app/b", x(20))],
  ["hard limits", set(LIMITS, "count=-1,bytes=-1=;byteHardLimit=40;countHardLimit=4")],
  ["the last znode that may be", create("/app/c")],
  ["one znode too many", create("/app/d")],
  ["an ephemeral too many", create("/app/e", "", 1)],
  ["a sequential one too many", create("/app/s-", "", 2)],
  ["one too many, deep", create("/app/a/a")],
  ["what lies beside is free", create("/apple", x(100))],
  ["to the last byte", set("/app/c", x(13))],
  ["one byte too many", set("/app/c", x(14))],
  ["as many bytes as before", set("/app/c", "y".repeat(13))],
  ["fewer bytes", set("/app/c", x(5))],
  ["null data", async (client) => (await client.call("setData", { path: "/app/c", data: null })).err],
  ["the first of a multi too many", multi({ op: "create", path: "/app/m" }, { op: "create", path: "/other" })],
  [
    "members see what is committed, not each other",
    multi(
      { op: "delete", path: "/app/c" },
      { op: "create", path: "/app/m" },
      { op: "setData", path: "/app/a", data: x(1) },
    ),
  ],
  ["a delete makes room", remove("/app/c")],
  [
    "a multi may overshoot",
    multi(
      { op: "create", path: "/app/m" },
      { op: "create", path: "/app/n" },
      { op: "setData", path: "/app/m", data: x(12) },
      { op: "setData", path: "/app/n", data: x(12) },
    ),
  ],
  ["above it a set that shrinks is taken", set("/app/b", x(1))],
  ["and a create is not", create("/app/o")],
  ["a limit of nothing", set(LIMITS, "byteHardLimit=0;countHardLimit=0")],
  ["lets nobody in", create("/app/p")],
  ["a limit that is none", set(LIMITS, "count=-1,bytes=-1")],
  ["lets everybody in", create("/app/p", x(200))],
  // Of ours the stats znode would say again what its client wrote, once there are no limits: zkCli deletes both.
  ["the end of it", multi({ op: "delete", path: LIMITS }, { op: "delete", path: STATS })],
  ["and what is not limited any more", create("/app/q", x(7))],
];

describe("quotas beside ZooKeeper 3.9", { concurrency: 1, timeout: 120_000 }, () => {
  const servers: ZkServer[] = [];
  const clients: ZkClient[] = [];
  const answers: string[] = [];

  before(async () => {
    servers.push(await startZooKeeper39({ properties: { [property]: "true" } }));
    servers.push(await startOurFacade({ flags: [`-D${property}=true`, "--zk-admin-enable-server=false"] }));
    for (const { port } of servers)
      clients.push(await ZkClient.connect({ port, timeoutMs: 30_000, pingEveryMs: 5000 }));
  });

  after(async () => {
    for (const client of clients) client.drop();
    for (const server of servers) await server.stop();
  });

  for (const [what, step] of steps) {
    test(what, async () => {
      const seen = await Promise.all(
        clients.map(async (client) => {
          const answer = await step(client);
          const { err, body } = await client.call("getData", { path: STATS });
          const children = await client.call("getChildren", { path: "/app" });
          return {
            answer,
            stats: [err, body?.data?.toString(), body?.stat.version, body?.stat.dataLength],
            children: [...(children.body?.children ?? [])].sort(),
          };
        }),
      );
      assert.deepEqual(seen[1], seen[0]);
      answers.push(JSON.stringify(seen[0]!.answer));
    });
  }

  test("some of it was refused", () => {
    const refused = answers.filter((answer) => answer.includes(String(QUOTA_EXCEEDED)));
    assert.equal(refused.length, REFUSED, answers.join(" "));
  });
});

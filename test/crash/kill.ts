/**
 * Writes through several clients, kills the server with SIGKILL at random moments, starts it again on the same data and
 * checks: every acknowledged write is there, the revision never goes back, a watch resumes without a gap or a double,
 * leases and what hangs on them are still there. At the end the history that the watch saw is replayed into a fresh
 * store in memory: its HashKV must be the server's.
 *
 *   npm run test:crash -- [--kills N] [--seed S]
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { seededRandom } from "../../src/etcd/base/random.ts";
import {
  newCompactionRequest,
  newHashKVRequest,
  newLeaseGrantRequest,
  newLeaseTimeToLiveRequest,
  newPutRequest,
  newStatusRequest,
  newWatchCreateRequest,
} from "../../src/etcd/wire/etcdserverpb.ts";
import type { Event } from "../../src/etcd/wire/mvccpb.ts";
import { RawClient, type RawWatch } from "../support/raw-client.ts";
import { freePorts, type ServerProcess, startOurs } from "../support/servers.ts";
import { hashOfReplay } from "./replay.ts";
import { Writer } from "./writer.ts";

const { values: flags } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const kills = Number(flags.kills);
const random = seededRandom(Number(flags.seed));
const LEASE = 77n;
const LEASED_KEY = Buffer.from("leased");

console.log(`${kills} kills, seed ${flags.seed}`);
const root = mkdtempSync(join(tmpdir(), "crash-"));
const [clientPort] = await freePorts(1);
const start = (): Promise<ServerProcess> =>
  startOurs({
    dataDir: join(root, "data"),
    clientPort: clientPort!,
    // Small numbers, so that commits, snapshots and truncation of the log fall between the kills, too.
    flags: ["--snapshot-count", "500", "--backend-batch-interval", "20ms", "--snapshot-catchup-entries", "100"],
  });

const writers = Array.from({ length: 8 }, (_, index) => new Writer(`writer${index}`, random));
const history: Event[] = [];
let compacted = 0;

let server = await start();
await prepareLease(new RawClient(server.endpoint));
let acknowledged = 0;
for (let kill = 1; kill <= kills; kill++) {
  const client = new RawClient(server.endpoint);
  const watch = follow(client);
  const working = Promise.all(writers.map((writer) => writer.run(client)));
  const compacting = kill % 5 === 0 ? compact(client) : Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 30 + random.below(400)));
  await server.kill();
  await Promise.all([working, compacting]);
  collect(watch);
  client.close();

  server = await start();
  const again = new RawClient(server.endpoint);
  for (const writer of writers) await writer.verify(again);
  await checkLease(again);
  await catchUp(again);
  again.close();
  acknowledged = writers.reduce((sum, writer) => sum + writer.acknowledged, 0);
  if (kill % 10 === 0) console.log(`${kill} kills, ${acknowledged} acknowledged writes, ${history.length} events`);
}
await checkReplay(new RawClient(server.endpoint));
await server.stop();
rmSync(root, { recursive: true, force: true });
console.log(`${kills} kills survived: ${acknowledged} acknowledged writes, none lost; HashKV equals the replay`);
console.log("1 passed, 0 failed");
process.exit(0);

async function prepareLease(client: RawClient): Promise<void> {
  const grant = await client.call("leaseGrant", newLeaseGrantRequest({ id: LEASE, ttl: 3600 }));
  assert.equal(grant.error, null);
  await client.call("put", newPutRequest({ key: LEASED_KEY, value: Buffer.from("v"), lease: LEASE }));
  client.close();
}

async function checkLease(client: RawClient): Promise<void> {
  const lease = await client.call("leaseTimeToLive", newLeaseTimeToLiveRequest({ id: LEASE, keys: true }));
  assert.equal(lease.response?.grantedTtl, 3600, "the lease is gone");
  const keys = lease.response.keys.map((key) => Buffer.from(key).toString());
  assert.deepEqual(keys, ["leased"]);
}

/** Watches everything from where the history ends. */
function follow(client: RawClient): RawWatch {
  const watch = client.watch();
  const startRevision = (history.at(-1)?.kv?.modRevision ?? 0) + 1;
  const all = newWatchCreateRequest({ key: Buffer.of(0), rangeEnd: Buffer.of(0), startRevision });
  watch.send({ requestUnion: { case: "createRequest", value: all } });
  return watch;
}

/** Whole revisions only can be resumed from, and responses never split one. */
function collect(watch: RawWatch): void {
  for (const response of watch.responses) {
    assert.equal(response.canceled, false, `the watch was cancelled: ${JSON.stringify(response.cancelReason)}`);
    for (const event of response.events) {
      const previous = history.at(-1)?.kv?.modRevision ?? 0;
      const revision = event.kv!.modRevision;
      assert.ok(revision >= previous, `event at ${revision} after ${previous}`);
      assert.ok(revision <= previous + 1 || history.length === 0, `no event between ${previous} and ${revision}`);
      history.push(event);
    }
  }
  watch.close();
}

async function catchUp(client: RawClient): Promise<void> {
  const status = await client.call("status", newStatusRequest());
  const target = status.response!.header!.revision;
  const watch = follow(client);
  if ((history.at(-1)?.kv?.modRevision ?? 0) < target) {
    const caughtUp = await watch.until((responses) =>
      responses.some(({ events }) => events.some((event) => event.kv!.modRevision === target)),
    );
    assert.ok(caughtUp, `the watch did not reach revision ${target}`);
  }
  collect(watch);
}

/** Half of what the watch has seen: never beyond it, so it can always resume. */
async function compact(client: RawClient): Promise<void> {
  const revision = history[Math.floor(history.length / 2)]?.kv?.modRevision ?? 0;
  if (revision <= compacted) return;
  // Whether it was acknowledged or not, it may have happened.
  await client.call("compact", newCompactionRequest({ revision, physical: random.below(2) === 0 }));
  compacted = revision;
}

async function checkReplay(client: RawClient): Promise<void> {
  const revision = history.at(-1)!.kv!.modRevision;
  await client.call("compact", newCompactionRequest({ revision: revision - 10, physical: true }));
  const hash = await client.call("hashKv", newHashKVRequest({ revision }));
  assert.equal(hash.error, null);
  assert.equal(hash.response!.compactRevision, revision - 10);
  assert.equal(hash.response!.hash, hashOfReplay(history, revision - 10), "HashKV differs from the replayed history");
  client.close();
}

/**
 * The member alone: the real log and store on a directory of its own, in process, without any transport. Durable puts
 * and linearizable point reads of random keys, 1000 under way, as the load generator sends them through gRPC.
 *
 * Run: node --import tsx test/bench/engine.ts [seconds]          prints one line of JSON
 *
 * The engine comes from the built tree, as a server runs it: what a TypeScript loader adds to every function shows.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as clock from "../../src/etcd/base/clock.ts";
import type * as logger from "../../src/etcd/base/logger.ts";
import type * as memberModule from "../../src/etcd/member/member.ts";
import type { MemberOptions } from "../../src/etcd/member/member-options.ts";
import type * as memberMetrics from "../../src/etcd/member/member-metrics.ts";
import type * as dataDir from "../../src/etcd/storage/data-dir.ts";
import type * as messages from "../../src/etcd/wire/etcdserverpb.ts";
import { repository } from "../support/servers.ts";

const built = (path: string): Promise<unknown> => import(join(repository, "dist/etcd", path));
const { systemClock } = (await built("base/clock.js")) as typeof clock;
const { silentLogger } = (await built("base/logger.js")) as typeof logger;
const { Member } = (await built("member/member.js")) as typeof memberModule;
const { noMetrics } = (await built("member/member-metrics.js")) as typeof memberMetrics;
const { openDataDirectory } = (await built("storage/data-dir.js")) as typeof dataDir;
const { newPutRequest, newRangeRequest } = (await built("wire/etcdserverpb.js")) as typeof messages;

const seconds = Number(process.argv[2] ?? 3);
const inFlight = 1000;
const keys = 10_000;
const value = Buffer.alloc(100, "abcdefghijklmnopqrstuvwxyz");
const identity = { memberId: 1n, clusterId: 2n };

/** etcd's defaults. */
const options: MemberOptions = {
  ...identity,
  name: "default",
  peerUrls: ["http://localhost:2380"],
  clientUrls: ["http://localhost:2379"],
  serverVersion: "3.6.0",
  clusterVersion: "3.6.0",
  heartbeatIntervalMs: 100,
  electionTimeoutMs: 1000,
  preVote: true,
  quotaBackendBytes: null,
  backendBatchIntervalMs: 100,
  backendBatchLimit: 10_000,
  snapshotCount: 10_000,
  snapshotCatchUpEntries: 5000,
  maxTxnOps: 128,
  maxRequestBytes: 1.5 * 1024 * 1024,
  watchProgressNotifyIntervalMs: 600_000,
  autoCompaction: { mode: "periodic", retention: 0 },
  compaction: { batchLimit: 1000, sleepIntervalMs: 10 },
  leaseCheckpoints: false,
  warningApplyDurationMs: 100,
};

const randomKey = (): Buffer =>
  Buffer.from(`bench/key/${String(Math.floor(Math.random() * keys)).padStart(12, "0")}`, "latin1");

/** Workers that each send their next request when the last one is answered; the first tenth of the time is warm-up. */
async function perSecond(request: () => Promise<unknown>): Promise<{ perSecond: number; cpuMicros: number }> {
  const begin = performance.now() + seconds * 100;
  const end = begin + seconds * 1000;
  let answered = 0;
  let cpuAtBegin: NodeJS.CpuUsage | undefined;
  const worker = async (): Promise<void> => {
    for (;;) {
      await request();
      const now = performance.now();
      if (now >= end) return;
      if (now < begin) continue;
      if (answered++ === 0) cpuAtBegin = process.cpuUsage();
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const { user, system } = process.cpuUsage(cpuAtBegin);
  return { perSecond: answered / seconds, cpuMicros: (user + system) / answered };
}

const directory = mkdtempSync(join(tmpdir(), "bench-engine-"));
try {
  const disk = await openDataDirectory(join(directory, "data"), { identity });
  const member = await Member.start(options, {
    backend: disk.backend,
    disk,
    recovered: disk.recovered,
    clock: systemClock,
    random: { below: (bound) => Math.floor(Math.random() * bound) },
    logger: silentLogger,
    raftLogger: silentLogger,
    metrics: noMetrics,
    failed: (error) => {
      throw error;
    },
  });
  const put = await perSecond(() => member.put(newPutRequest({ key: randomKey(), value })));
  // Reads yield to the event loop now and then, as reads that come over sockets do.
  let reads = 0;
  const range = await perSecond(async () => {
    await member.range(newRangeRequest({ key: randomKey() }));
    if (++reads % inFlight === 0) await new Promise((resolve) => setImmediate(resolve));
  });
  await member.stop();
  console.log(
    JSON.stringify({
      putPerSecond: put.perSecond,
      putCpuMicros: put.cpuMicros,
      rangePerSecond: range.perSecond,
      rangeCpuMicros: range.cpuMicros,
    }),
  );
} finally {
  rmSync(directory, { recursive: true, force: true });
}

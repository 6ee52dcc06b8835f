import { randomInt } from "node:crypto";
import { systemClock } from "./etcd/base/clock.ts";
import { formatMilliseconds } from "./etcd/base/go-duration.ts";
import type { Histogram } from "./etcd/base/instruments.ts";
import type { Random } from "./etcd/base/random.ts";
import { type Config, snapshotDirectory } from "./etcd/config/config.ts";
import { type FeatureGate, featureGateTable } from "./etcd/config/feature-gates.ts";
import { openEdge } from "./etcd/gateway/edge.ts";
import type { MemberStats } from "./etcd/gateway/member-stats.ts";
import { Metrics } from "./etcd/gateway/metrics.ts";
import type { AutoCompactionOptions } from "./etcd/member/auto-compactor.ts";
import { bootstrapMemberId, clusterIdOf, hexId } from "./etcd/member/ids.ts";
import { Member } from "./etcd/member/member.ts";
import type { MemberMetrics } from "./etcd/member/member-metrics.ts";
import type { MemberOptions } from "./etcd/member/member-options.ts";
import { roleNames } from "./etcd/raft/ready.ts";
import { defragmentAtStart } from "./etcd/storage/bootstrap-defrag.ts";
import { openDataDirectory } from "./etcd/storage/data-dir.ts";
import { CLUSTER_VERSION, SERVER_VERSION } from "./etcd/version.ts";
import type { OpenParts } from "./main.ts";

/** Chance that nobody can foresee: election timeouts and jitter need no more than that it differs. */
const systemRandom: Random = { below: (bound) => randomInt(bound) };

/** Builds the member on its data directory, and the edges on the member. */
export const openParts: OpenParts = async (config, logger) => {
  const metrics = new Metrics();
  const begunMs = systemClock.nowMs();
  const directory = await openDataDirectory(config.dataDir, {
    identity: identityOf(config),
    walDir: config.walDir,
    walSegmentsMax: config.maxWalFiles,
    unsafeNoFsync: config.unsafeNoFsync,
    onWalFsync: (seconds) => metrics.walFsyncSeconds.observe(seconds),
    onWalWrite: (seconds, bytes) => {
      metrics.walWriteSeconds.observe(seconds);
      metrics.walWriteBytes.add(bytes);
    },
    onBackendCommit: (seconds) => metrics.backendCommitSeconds.observe(seconds),
  });
  logger.info("opened backend db", {
    path: snapshotDirectory(config),
    took: formatMilliseconds(systemClock.nowMs() - begunMs),
  });
  const storageLogger = logger.from("storage/bootstrap-defrag.ts");
  await defragmentAtStart(directory, config.bootstrapDefragThresholdMegabytes, {
    logger: storageLogger,
    clock: systemClock,
  }).catch(async (error: unknown) => {
    await directory.close();
    throw error;
  });
  // After the first start the data says who this member is, not the flags.
  const { memberId, clusterId } = directory.recovered;
  const identity = { memberId, clusterId };
  logger.info(directory.isNew ? "starting local member" : "restarting local member", {
    "local-member-id": hexId(identity.memberId),
    "cluster-id": hexId(identity.clusterId),
  });

  let broke!: (error: unknown) => void;
  const ended = new Promise<void>((_resolve, reject) => (broke = reject));
  // It may break while it starts, before anybody listens.
  ended.catch(() => undefined);
  const member = await Member.start(memberOptions(config, identity), {
    backend: directory.backend,
    disk: directory,
    recovered: directory.recovered,
    clock: systemClock,
    random: systemRandom,
    logger: logger.from("member/member.ts"),
    raftLogger: logger.from("raft/raft.ts").named("raft"),
    metrics: countIn(metrics),
    failed: broke,
  });
  const edge = await openEdge(
    {
      ...config,
      splitsHttp: config.listenClientHttpUrls.length > 0,
      stopsServiceOnDefrag: config.featureGates.StopGRPCServiceOnDefrag,
    },
    { port: member, member, stats: statsOf(member, config), metrics, logger: logger.from("rpc/endpoint.ts") },
  ).catch(async (error: unknown) => {
    await member.stop();
    throw error;
  });
  return {
    memberId: identity.memberId,
    port: member,
    client: edge.client,
    http: edge.http,
    metrics: edge.metrics,
    addMetrics: (text) => edge.addMetrics(text),
    peer: { http1: null, http2: null },
    ready: Promise.resolve(),
    ended,
    drain: () => edge.close(),
    close: async () => {
      await edge.close(0);
      await member.stop();
    },
  };
};

interface Identity {
  readonly memberId: bigint;
  readonly clusterId: bigint;
}

function identityOf(config: Config): Identity {
  const ids = config.initialCluster.map(({ peerUrls }) => bootstrapMemberId(peerUrls, config.initialClusterToken));
  const own = config.initialCluster.findIndex(({ name }) => name === config.name);
  return { memberId: ids[own]!, clusterId: clusterIdOf(ids) };
}

function memberOptions(config: Config, identity: Identity): MemberOptions {
  return {
    ...identity,
    name: config.name,
    peerUrls: config.advertisePeerUrls,
    clientUrls: config.advertiseClientUrls,
    serverVersion: SERVER_VERSION,
    clusterVersion: CLUSTER_VERSION,
    heartbeatIntervalMs: config.heartbeatIntervalMs,
    electionTimeoutMs: config.electionTimeoutMs,
    preVote: config.preVote,
    quotaBackendBytes: config.quotaBackendBytes,
    backendBatchIntervalMs: config.backendBatchIntervalMs,
    backendBatchLimit: config.backendBatchLimit,
    snapshotCount: config.snapshotCount,
    snapshotCatchUpEntries: config.snapshotCatchUpEntries,
    maxTxnOps: config.maxTxnOps,
    maxRequestBytes: config.maxRequestBytes,
    watchProgressNotifyIntervalMs: config.watchProgressNotifyIntervalMs,
    autoCompaction: autoCompactionOf(config),
    compaction: { batchLimit: config.compactionBatchLimit, sleepIntervalMs: config.compactionSleepIntervalMs },
    leaseCheckpoints: config.featureGates.LeaseCheckpoint,
    warningApplyDurationMs: config.warningApplyDurationMs,
  };
}

function autoCompactionOf({ autoCompaction }: Config): AutoCompactionOptions {
  switch (autoCompaction.mode) {
    case "off":
      return { mode: "periodic", retention: 0 };
    case "periodic":
      return { mode: "periodic", retention: autoCompaction.retentionMs };
    case "revision":
      return { mode: "revision", retention: autoCompaction.retentionRevisions };
  }
}

/** The member's word for what happens, in the metrics' words. */
function countIn(metrics: Metrics): MemberMetrics {
  // Looked up once an operation and not once a request.
  const rangeSeconds: Partial<Record<"success" | "failure", Histogram>> = {};
  const applySeconds = new Map<string, Record<"success" | "failure", Histogram>>();
  return {
    applied: (operation, seconds, isSuccess) => {
      let histograms = applySeconds.get(operation);
      if (histograms === undefined) {
        const of = (success: string): Histogram => metrics.applySeconds.with("v3", operation, success);
        histograms = { success: of("true"), failure: of("false") };
        applySeconds.set(operation, histograms);
      }
      histograms[isSuccess ? "success" : "failure"].observe(seconds);
    },
    slowApply: () => metrics.slowApply.inc(),
    rangeServed: (seconds, isSuccess) => {
      const label = isSuccess ? "success" : "failure";
      (rangeSeconds[label] ??= metrics.rangeSeconds.with(String(isSuccess))).observe(seconds);
    },
    proposalFailed: () => metrics.proposalsFailed.inc(),
    leaseGranted: (ttlSeconds) => {
      metrics.leaseGranted.inc();
      metrics.leaseTtlSeconds.observe(ttlSeconds);
    },
    leaseRenewed: () => metrics.leaseRenewed.inc(),
    leaseRevoked: () => metrics.leaseRevoked.inc(),
    leaseExpired: () => metrics.leaseExpired.inc(),
    compactionSliced: (tookMs) => metrics.compactionPauseMs.observe(tookMs),
    compactionFinished: (tookMs, pairsDeleted, wallMs) => {
      metrics.compactionTotalMs.observe(tookMs);
      metrics.compactionKeys.inc(pairsDeleted);
      metrics.compactionLast.set(wallMs / 1000);
    },
    hashed: (seconds) => metrics.hashSeconds.observe(seconds),
    hashedRevision: (seconds) => metrics.hashRevisionSeconds.observe(seconds),
    defragmenting: (isRunning) => metrics.defragInflight.set(isRunning ? 1 : 0),
    defragmented: (seconds) => metrics.backendDefragSeconds.observe(seconds),
    readIndexFailed: () => metrics.readIndexesFailed.inc(),
    readIndexSlow: () => metrics.readIndexesSlow.inc(),
    snapshotSent: (seconds) => metrics.backendSnapshotSeconds.observe(seconds),
    snapshotMarked: (seconds) => metrics.snapshotFsyncSeconds.observe(seconds),
  };
}

/** What the metrics page reads when somebody asks for it. */
function statsOf(member: Member, config: Config): MemberStats {
  const { replica } = member;
  return {
    memberId: member.memberId,
    hasLeader: () => member.hasLeader(),
    isLeader: () => member.isLeader,
    isLearner: () => member.isLearner(),
    leaderChangesSeen: () => member.leaderChangesSeen,
    raft: () => {
      const { progress, role, ...status } = member.raftStatus();
      const followers = [...progress].map(([id, { match, next, stateName }]) => ({
        id,
        match,
        next,
        state: stateName,
      }));
      return { ...status, state: roleNames[role], progress: followers };
    },
    proposalsPending: () => member.proposalsPending,
    store: () => ({
      currentRevision: replica.store.currentRevision,
      compactRevision: replica.store.compactRevision,
      keys: replica.store.keysTotal,
      ...replica.store.counters,
    }),
    watch: () => member.watches.counts,
    backend: () => ({
      sizeBytes: replica.backend.sizeBytes(),
      sizeInUseBytes: replica.backend.sizeInUseBytes(),
      openReadTransactions: 0,
      quotaBytes: config.quotaBackendBytes ?? 0,
    }),
    clusterVersion: () => replica.membership.clusterVersion?.split(".").slice(0, 2).join(".") ?? null,
    features: () =>
      Object.entries(featureGateTable).map(([name, { stage }]) => ({
        name,
        stage,
        enabled: config.featureGates[name as FeatureGate],
      })),
    authRevision: () => 1,
  };
}

import { availableParallelism } from "node:os";
import { formatMilliseconds } from "../base/go-duration.ts";
import type { LogFields } from "../base/logger.ts";
import { SERVER_VERSION } from "../version.ts";
import { type Config, memberDirectory } from "./config.ts";
import { formatInitialCluster } from "./verify-bootstrap.ts";

/** The fields of `starting an etcd server`, etcd's in etcd's order: what was asked for, in one line of the log. */
export function startupFields(config: Config, memberInitialized: boolean): LogFields {
  const texts = (urls: readonly { readonly text: string }[]): string[] => urls.map((url) => url.text);
  const retention = retentionText(config);
  return {
    "etcd-version": SERVER_VERSION,
    "node-version": process.version,
    "go-os": process.platform,
    "go-arch": goArchitecture(),
    "max-cpu-available": availableParallelism(),
    "member-initialized": memberInitialized,
    name: config.name,
    "data-dir": config.dataDir,
    "wal-dir": config.walDir,
    "wal-dir-dedicated": config.walDir,
    "member-dir": memberDirectory(config),
    "force-new-cluster": false,
    "heartbeat-interval": formatMilliseconds(config.heartbeatIntervalMs),
    "election-timeout": formatMilliseconds(config.electionTimeoutMs),
    "initial-election-tick-advance": config.initialElectionTickAdvance,
    "snapshot-count": config.snapshotCount,
    "max-wals": config.maxWalFiles,
    "max-snapshots": config.maxSnapshotFiles,
    "snapshot-catchup-entries": config.snapshotCatchUpEntries,
    "initial-advertise-peer-urls": config.advertisePeerUrls,
    "listen-peer-urls": texts(config.listenPeerUrls),
    "advertise-client-urls": config.advertiseClientUrls,
    "listen-client-urls": texts(config.listenClientUrls),
    "listen-metrics-urls": texts(config.listenMetricsUrls),
    cors: config.cors,
    "host-whitelist": config.hostWhitelist,
    "initial-cluster": memberInitialized ? "" : formatInitialCluster(config),
    "initial-cluster-state": config.initialClusterState,
    "initial-cluster-token": memberInitialized ? "" : config.initialClusterToken,
    "quota-backend-bytes": config.quotaBackendBytes ?? -1,
    "max-request-bytes": config.maxRequestBytes,
    "max-concurrent-streams": config.maxConcurrentStreams,
    "pre-vote": config.preVote,
    "feature-gates": config.featureGatesText,
    "initial-corrupt-check": config.featureGates.InitialCorruptCheck,
    "corrupt-check-time-interval": formatMilliseconds(config.corruptCheckTimeMs),
    "compact-check-time-interval": formatMilliseconds(config.compactHashCheckTimeMs),
    "auto-compaction-mode": config.autoCompaction.mode,
    "auto-compaction-retention": retention,
    "auto-compaction-interval": retention,
    "downgrade-check-interval": formatMilliseconds(config.downgradeCheckTimeMs),
    "max-learners": config.maxLearners,
  };
}

/** Node's name of the processor in Go's words: `amd64`, `arm64`. */
export function goArchitecture(): string {
  return process.arch === "x64" ? "amd64" : process.arch;
}

function retentionText({ autoCompaction }: Config): string {
  switch (autoCompaction.mode) {
    case "off":
      return "0s";
    case "periodic":
      return formatMilliseconds(autoCompaction.retentionMs);
    case "revision":
      return String(autoCompaction.retentionRevisions);
  }
}

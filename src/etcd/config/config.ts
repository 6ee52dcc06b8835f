import { join } from "node:path";
import type { LogRotation } from "../base/log-file.ts";
import type { LogFormat, LogLevel } from "../base/zap-logger.ts";
import type { FeatureGates } from "./feature-gates.ts";
import type { ServerUrl } from "./server-url.ts";

/**
 * All that a server is told at its start: read once, checked, frozen, passed down.
 * Where a flag says "0 means ...", the meaning stands here already.
 */
export interface Config {
  readonly name: string;
  readonly dataDir: string;
  /** Empty: `member/wal` inside the data directory; see {@link walDirectory}. */
  readonly walDir: string;

  readonly listenClientUrls: readonly ServerUrl[];
  /** When not empty, these serve HTTP only and `listenClientUrls` serve gRPC only. */
  readonly listenClientHttpUrls: readonly ServerUrl[];
  readonly listenMetricsUrls: readonly ServerUrl[];
  readonly listenPeerUrls: readonly ServerUrl[];
  readonly advertiseClientUrls: readonly string[];
  readonly advertisePeerUrls: readonly string[];

  readonly initialCluster: readonly InitialMember[];
  readonly initialClusterState: "new" | "existing";
  readonly initialClusterToken: string;
  readonly strictReconfigCheck: boolean;
  readonly maxLearners: number;

  readonly heartbeatIntervalMs: number;
  readonly electionTimeoutMs: number;
  readonly initialElectionTickAdvance: boolean;
  readonly preVote: boolean;

  readonly snapshotCount: number;
  readonly snapshotCatchUpEntries: number;
  /** Files to keep; 0 keeps all. */
  readonly maxSnapshotFiles: number;
  readonly maxWalFiles: number;

  /** Null: no limit. */
  readonly quotaBackendBytes: number | null;
  readonly backendBatchIntervalMs: number;
  readonly backendBatchLimit: number;
  readonly bootstrapDefragThresholdMegabytes: number;
  readonly unsafeNoFsync: boolean;

  readonly maxTxnOps: number;
  /** Of a proposal. The gRPC receive limit is 512 KiB above it. */
  readonly maxRequestBytes: number;
  readonly maxConcurrentStreams: number;
  readonly grpcKeepaliveMinTimeMs: number;
  /** 0: idle connections are not pinged. */
  readonly grpcKeepaliveIntervalMs: number;
  readonly grpcKeepaliveTimeoutMs: number;
  readonly enableGrpcGateway: boolean;
  /** Origins, or `*` as the only one. */
  readonly cors: readonly string[];
  /** Host names, or `*` as the only one. */
  readonly hostWhitelist: readonly string[];
  readonly extensiveMetrics: boolean;

  readonly autoCompaction: AutoCompaction;
  readonly compactionBatchLimit: number;
  readonly compactionSleepIntervalMs: number;
  readonly compactHashCheckTimeMs: number;
  /** 0: never. */
  readonly corruptCheckTimeMs: number;
  readonly watchProgressNotifyIntervalMs: number;
  readonly downgradeCheckTimeMs: number;
  readonly warningApplyDurationMs: number;
  readonly warningUnaryRequestDurationMs: number;

  readonly bcryptCost: number;
  readonly authTokenTtlSeconds: number;

  readonly featureGates: FeatureGates;
  /** As it was set: `LeaseCheckpoint=true`. For the log. */
  readonly featureGatesText: string;

  readonly log: LogConfig;
}

export interface InitialMember {
  readonly name: string;
  readonly peerUrls: readonly string[];
}

export type AutoCompaction =
  | { readonly mode: "off" }
  | { readonly mode: "periodic"; readonly retentionMs: number }
  | { readonly mode: "revision"; readonly retentionRevisions: number };

/** How the log is written; `base/zap-logger.ts` takes it as it stands. */
export interface LogConfig {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** `stderr`, `stdout` or paths of files; no doubles. Empty discards all lines. */
  readonly outputs: readonly string[];
  /** Null: files grow without bound. */
  readonly rotation: LogRotation | null;
}

/** Where a member keeps its state: `<data-dir>/member`. */
export function memberDirectory(config: Pick<Config, "dataDir">): string {
  return join(config.dataDir, "member");
}

export function snapshotDirectory(config: Pick<Config, "dataDir">): string {
  return join(memberDirectory(config), "snap");
}

export function walDirectory(config: Pick<Config, "dataDir" | "walDir">): string {
  return config.walDir === "" ? join(memberDirectory(config), "wal") : config.walDir;
}

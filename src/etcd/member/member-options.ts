import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import type { Random } from "../base/random.ts";
import type { Backend } from "../mvcc/backend.ts";
import type { AutoCompactionOptions } from "./auto-compactor.ts";
import type { CompactionRunnerOptions } from "./compaction-runner.ts";
import type { Disk } from "./disk.ts";
import type { RecoveredLog } from "./log.ts";
import type { MemberMetrics } from "./member-metrics.ts";

/** What a member is, and how it is set. */
export interface MemberOptions {
  readonly memberId: bigint;
  readonly clusterId: bigint;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  /** `3.6.14`, and the cluster version that goes with it: `3.6.0`. */
  readonly serverVersion: string;
  readonly clusterVersion: string;

  readonly heartbeatIntervalMs: number;
  readonly electionTimeoutMs: number;
  readonly preVote: boolean;

  /** Null: no limit. */
  readonly quotaBackendBytes: number | null;
  readonly backendBatchIntervalMs: number;
  readonly backendBatchLimit: number;
  readonly snapshotCount: number;
  readonly snapshotCatchUpEntries: number;

  readonly maxTxnOps: number;
  /** Of an encoded proposal. */
  readonly maxRequestBytes: number;
  readonly watchProgressNotifyIntervalMs: number;
  readonly autoCompaction: AutoCompactionOptions;
  readonly compaction: CompactionRunnerOptions;
  readonly leaseCheckpoints: boolean;
  readonly warningApplyDurationMs: number;
}

/** What a member is built on. */
export interface MemberParts {
  readonly backend: Backend;
  readonly disk: Disk;
  /** An empty log is that of a member that begins its cluster. */
  readonly recovered: RecoveredLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Raft's own words, in etcd under the name `raft`. */
  readonly raftLogger: Logger;
  readonly metrics: MemberMetrics;
  /** The member cannot go on; whoever runs it must end the process. */
  failed(error: unknown): void;
}

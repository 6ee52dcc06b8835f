import { Counter, exponentialBounds, Family, Gauge, Histogram } from "../base/instruments.ts";

/** One metric as it stands on the page. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly instrument: Instrument | Family<Instrument>;
}

type Instrument = Counter | Gauge | Histogram;

const exp = exponentialBounds;
/** etcd's bounds for what a disk does, from a millisecond to 8 seconds. */
const diskSeconds = exp(0.001, 2, 14);

/**
 * What the parts of the server count and time, under etcd's names, types, labels and buckets, so that its dashboards and
 * alerts work. The parts call `inc`, `set` and `observe`; durations are in the unit of the metric's name.
 */
export class Metrics {
  readonly #all: Metric[] = [];

  readonly leaseGranted = this.#counter("etcd_debugging_lease_granted_total", "Leases granted.");
  readonly leaseRenewed = this.#counter("etcd_debugging_lease_renewed_total", "Leases renewed, as the leader saw it.");
  readonly leaseRevoked = this.#counter("etcd_debugging_lease_revoked_total", "Leases revoked.");
  readonly leaseTtlSeconds = this.#histogram("etcd_debugging_lease_ttl_total", "TTLs of leases.", exp(1, 2, 24));
  readonly leaseExpired = this.#counter("etcd_debugging_server_lease_expired_total", "Leases that ran out.");

  readonly compactionKeys = this.#counter("etcd_debugging_mvcc_db_compaction_keys_total", "Keys compacted away.");
  readonly compactionLast = this.#gauge(
    "etcd_debugging_mvcc_db_compaction_last",
    "When the last compaction ended, in Unix seconds.",
  );
  readonly compactionPauseMs = this.#histogram(
    "etcd_debugging_mvcc_db_compaction_pause_duration_milliseconds",
    "How long one batch of a compaction holds up the store.",
    exp(1, 2, 13),
  );
  readonly compactionTotalMs = this.#histogram(
    "etcd_debugging_mvcc_db_compaction_total_duration_milliseconds",
    "How long a whole compaction takes.",
    exp(100, 2, 14),
  );
  readonly indexCompactionPauseMs = this.#histogram(
    "etcd_debugging_mvcc_index_compaction_pause_duration_milliseconds",
    "How long a compaction of the index holds up the store.",
    exp(0.5, 2, 14),
  );
  readonly hashSeconds = this.#histogram(
    "etcd_mvcc_hash_duration_seconds",
    "How long hashing the backend takes.",
    exp(0.01, 2, 15),
  );
  readonly hashRevisionSeconds = this.#histogram(
    "etcd_mvcc_hash_rev_duration_seconds",
    "How long hashing the keys up to a revision takes.",
    exp(0.01, 2, 15),
  );

  readonly backendCommitSeconds = this.#histogram(
    "etcd_disk_backend_commit_duration_seconds",
    "How long a commit of the backend takes.",
    diskSeconds,
  );
  readonly backendDefragSeconds = this.#histogram(
    "etcd_disk_backend_defrag_duration_seconds",
    "How long a defragmentation takes.",
    exp(0.1, 2, 13),
  );
  readonly backendSnapshotSeconds = this.#histogram(
    "etcd_disk_backend_snapshot_duration_seconds",
    "How long writing a snapshot of the backend takes.",
    exp(0.01, 2, 17),
  );
  readonly defragInflight = this.#gauge("etcd_disk_defrag_inflight", "1 while the backend is defragmented.");
  readonly walFsyncSeconds = this.#histogram(
    "etcd_disk_wal_fsync_duration_seconds",
    "How long a flush of the Raft log takes.",
    diskSeconds,
  );
  readonly walWriteSeconds = this.#histogram(
    "etcd_disk_wal_write_duration_seconds",
    "How long a write to the Raft log takes.",
    diskSeconds,
  );
  readonly walWriteBytes = this.#gauge("etcd_disk_wal_write_bytes_total", "Bytes written to the Raft log.");
  readonly snapshotFsyncSeconds = this.#histogram(
    "etcd_snap_fsync_duration_seconds",
    "How long a flush of a Raft snapshot takes.",
    diskSeconds,
  );

  readonly applySeconds = this.#histograms(
    "etcd_server_apply_duration_seconds",
    "How long applying one request takes.",
    exp(0.0001, 2, 20),
    ["version", "op", "success"],
  );
  readonly rangeSeconds = this.#histograms(
    "etcd_server_range_duration_seconds",
    "How long a range takes in the store.",
    exp(0.0001, 2, 20),
    ["success"],
  );
  readonly slowApply = this.#counter("etcd_server_slow_apply_total", "Requests that took long to apply.");
  readonly proposalsFailed = this.#counter("etcd_server_proposals_failed_total", "Proposals that failed.");
  readonly readIndexesFailed = this.#counter("etcd_server_read_indexes_failed_total", "Read indexes that failed.");
  readonly readIndexesSlow = this.#counter(
    "etcd_server_slow_read_indexes_total",
    "Read indexes that did not come within a request's timeout.",
  );
  readonly heartbeatSendFailures = this.#counter(
    "etcd_server_heartbeat_send_failures_total",
    "Heartbeats the leader could not send in time.",
  );
  readonly snapshotsApplying = this.#gauge(
    "etcd_server_snapshot_apply_in_progress_total",
    "1 while a snapshot of the leader is applied.",
  );
  readonly learnerPromoteSuccesses = this.#counter(
    "etcd_server_learner_promote_successes",
    "Learners promoted while this member led.",
  );
  readonly learnerPromoteFailures = this.#counters(
    "etcd_server_learner_promote_failures",
    "Learners that could not be promoted while this member led.",
    ["Reason"],
  );

  readonly healthSuccess = this.#counter("etcd_server_health_success", "Answers of /health that were true.");
  readonly healthFailures = this.#counter("etcd_server_health_failures", "Answers of /health that were false.");
  readonly healthChecks = this.#counters("etcd_server_healthchecks_total", "Checks of /livez and /readyz.", [
    "type",
    "name",
    "status",
  ]);
  readonly healthCheck = this.#gauges("etcd_server_healthcheck", "1 if the last check of its kind succeeded.", [
    "type",
    "name",
  ]);

  all(): readonly Metric[] {
    return this.#all;
  }

  #counter(name: string, help: string): Counter {
    return this.#add(name, help, new Counter());
  }

  #counters(name: string, help: string, labelNames: readonly string[]): Family<Counter> {
    return this.#add(name, help, new Family(labelNames, () => new Counter()));
  }

  #gauge(name: string, help: string): Gauge {
    return this.#add(name, help, new Gauge());
  }

  #gauges(name: string, help: string, labelNames: readonly string[]): Family<Gauge> {
    return this.#add(name, help, new Family(labelNames, () => new Gauge()));
  }

  #histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    return this.#add(name, help, new Histogram(bounds));
  }

  #histograms(name: string, help: string, bounds: readonly number[], labelNames: readonly string[]): Family<Histogram> {
    return this.#add(name, help, new Family(labelNames, () => new Histogram(bounds)));
  }

  #add<Kind extends Instrument | Family<Instrument>>(name: string, help: string, instrument: Kind): Kind {
    this.#all.push({ name, help, instrument });
    return instrument;
  }
}

import { Counter } from "../../etcd/base/instruments.ts";
import { DetailedSummary, Summary } from "./summary.ts";

/** ZooKeeper 3.9's counters, in the order in which it prints them. What nothing here counts stays 0, as on an idle server. */
export const counterNames = [
  "watch_bytes",
  "stale_requests_dropped",
  "throttled_ops",
  "insecure_admin_count",
  "connection_rejected",
  "sessionless_connections_expired",
  "dead_watchers_queued",
  "stale_requests",
  "connection_drop_count",
  "response_packet_cache_hits",
  "bytes_received_count",
  "add_dead_watcher_stall_time",
  "request_throttle_wait_count",
  "requests_not_forwarded_to_commit_processor",
  "response_packet_cache_misses",
  "prep_processor_request_queued",
  "stale_replies",
  "response_bytes",
  "ensemble_auth_fail",
  "diff_count",
  "connection_revalidate_count",
  "quit_leading_due_to_disloyal_voter",
  "unrecoverable_error_count",
  "unsuccessful_handshake",
  "commit_count",
  "outstanding_changes_queued",
  "request_commit_queued",
  "ensemble_auth_skip",
  "skip_learner_request_to_next_processor_count",
  "proposal_count",
  "large_requests_rejected",
  "outstanding_changes_removed",
  "restore_error_count",
  "cnxn_closed_without_zk_server_running",
  "looking_count",
  "snapshot_rate_limited_count",
  "learner_proposal_received_count",
  "digest_mismatches_count",
  "dead_watchers_cleared",
  "ensemble_auth_success",
  "learner_commit_received_count",
  "snapshot_error_count",
  "connection_request_count",
  "response_packet_get_children_cache_misses",
  "snap_count",
  "stale_sessions_expired",
  "restore_rate_limited_count",
  "response_packet_get_children_cache_hits",
  "sync_processor_request_queued",
  "tls_handshake_exceeded",
  "revalidate_count",
] as const;

/** Those with average, minimum, maximum, count and sum. */
export const basicSummaryNames = [
  "socket_closing_time",
  "proposal_process_time",
  "leader_unavailable_time",
  "node_created_watch_count",
  "session_queues_drained",
  "write_commit_proc_req_queued",
  "connection_token_deficit",
  "read_commit_proc_req_queued",
  "node_deleted_watch_count",
  "startup_txns_load_time",
  "sync_processor_queue_size",
  "follower_sync_time",
  "prep_processor_queue_size",
  "fsynctime",
  "inflight_snap_count",
  "reads_issued_from_session_queue",
  "restore_time",
  "learner_request_processor_queue_size",
  "snapshottime",
  "unavailable_time",
  "startup_txns_loaded",
  "reads_after_write_in_session_queue",
  "requests_in_session_queue",
  "write_commit_proc_issued",
  "prep_process_time",
  "pending_session_queue_size",
  "time_waiting_empty_pool_in_commit_processor_read_ms",
  "commit_process_time",
  "dbinittime",
  "inflight_diff_count",
  "netty_queued_buffer_capacity",
  "election_time",
  "commit_commit_proc_req_queued",
  "sync_processor_batch_size",
  "node_children_watch_count",
  "write_batch_time_in_commit_processor",
  "read_commit_proc_issued",
  "concurrent_request_processing_in_commit_processor",
  "observer_sync_time",
  "node_changed_watch_count",
  "sync_process_time",
  "startup_snap_load_time",
] as const;

/** Those with quantiles besides. */
export const detailedSummaryNames = [
  "prep_processor_queue_time_ms",
  "jvm_pause_time_ms",
  "close_session_prep_time",
  "read_commitproc_time_ms",
  "updatelatency",
  "local_write_committed_time_ms",
  "request_throttle_queue_time_ms",
  "readlatency",
  "quorum_ack_latency",
  "om_commit_process_time_ms",
  "read_final_proc_time_ms",
  "commit_propagation_latency",
  "dead_watchers_cleaner_latency",
  "write_final_proc_time_ms",
  "proposal_ack_creation_latency",
  "proposal_latency",
  "om_proposal_process_time_ms",
  "sync_processor_queue_and_flush_time_ms",
  "propagation_latency",
  "server_write_committed_time_ms",
  "sync_processor_queue_time_ms",
  "sync_processor_queue_flush_time_ms",
  "write_commitproc_time_ms",
] as const;

export type CounterName = (typeof counterNames)[number];
export type BasicSummaryName = (typeof basicSummaryNames)[number];
export type DetailedSummaryName = (typeof detailedSummaryNames)[number];

/** More top-level znodes than this are not told apart: anybody who may create one would fill the memory otherwise. */
const NAMESPACES_MAX = 1000;

/** The same instrument once for each namespace, which is the first component of a path. */
export class PerNamespace<Instrument> {
  readonly #create: () => Instrument;
  readonly #members = new Map<string, Instrument>();

  constructor(create: () => Instrument) {
    this.#create = create;
  }

  /** Null for a path without one, and when there are too many. */
  of(path: string): Instrument | null {
    const namespace = namespaceOf(path);
    if (namespace === "") return null;
    const known = this.#members.get(namespace);
    if (known !== undefined || this.#members.size >= NAMESPACES_MAX) return known ?? null;
    const instrument = this.#create();
    this.#members.set(namespace, instrument);
    return instrument;
  }

  get members(): ReadonlyMap<string, Instrument> {
    return this.#members;
  }
}

/** `app` of `/app/c`; empty for the root. */
export function namespaceOf(path: string): string {
  const end = path.indexOf("/", 1);
  return path.slice(1, end < 0 ? undefined : end);
}

/**
 * Everything ZooKeeper counts and times, by its own names: what `mntr` prints behind its gauges, and /metrics. To count
 * costs an addition or two; who counts often keeps the instrument it needs.
 */
export class ZkMetrics {
  readonly counters = instruments(counterNames, () => new Counter());
  /** They know quantiles, too, because Prometheus gets a median of them; `mntr` does not. */
  readonly basic = instruments(basicSummaryNames, () => new DetailedSummary());
  readonly detailed = instruments(detailedSummaryNames, () => new DetailedSummary());

  readonly writePerNamespace = new PerNamespace(() => new Summary());
  readonly readPerNamespace = new PerNamespace(() => new Summary());
  readonly quotaExceededPerNamespace = new PerNamespace(() => new Counter());

  /** All to 0, as `srst` does. Namespaces stay, as ZooKeeper's do. */
  reset(): void {
    const counters = [...Object.values(this.counters), ...this.quotaExceededPerNamespace.members.values()];
    for (const counter of counters) counter.value = 0;
    for (const summary of Object.values(this.basic)) summary.reset();
    for (const summary of Object.values(this.detailed)) summary.reset();
    for (const summary of this.writePerNamespace.members.values()) summary.reset();
    for (const summary of this.readPerNamespace.members.values()) summary.reset();
  }
}

function instruments<Name extends string, Instrument>(
  names: readonly Name[],
  create: () => Instrument,
): Readonly<Record<Name, Instrument>> {
  return Object.fromEntries(names.map((name) => [name, create()])) as Record<Name, Instrument>;
}

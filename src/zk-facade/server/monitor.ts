import { JavaDouble } from "./java-text.ts";
import type { FacadeStatus, QuotaStatus, Serving } from "./status.ts";
import type { DetailedSummary, Summary } from "./summary.ts";
import { namespaceOf, type PerNamespace } from "./zk-metrics.ts";

export type MonitorValue = string | number | JavaDouble;
export type MonitorEntry = readonly [name: string, value: MonitorValue];

/** ZooKeeper's word for what a server is. */
export function serverState(serving: Serving): "standalone" | "read-only" {
  return serving === "readOnly" ? "read-only" : "standalone";
}

/** What `mntr` prints, in ZooKeeper's order and without its `zk_`. */
export function* monitorEntries(status: FacadeStatus): Generator<MonitorEntry> {
  yield ["version", status.settings.version];
  yield ["server_state", serverState(status.serving())];
  yield* gauges(status);
  for (const [quota, values] of quotaGauges(status)) {
    for (const [namespace, value] of values) yield [`${namespace}_${quota}`, value];
  }
  const { metrics } = status.stats;
  for (const [name, counter] of Object.entries(metrics.counters)) yield [name, counter.value];
  for (const [namespace, counter] of metrics.quotaExceededPerNamespace.members) {
    yield [`${namespace}_quota_exceeded_error_per_namespace`, counter.value];
  }
  for (const [name, summary] of Object.entries(metrics.basic)) yield* summaryEntries(name, summary);
  for (const [name, summary] of Object.entries(metrics.detailed)) yield* detailedEntries(name, summary);
  yield* namespaceEntries("read_per_namespace", metrics.readPerNamespace);
  yield* namespaceEntries("write_per_namespace", metrics.writePerNamespace);
}

/** What has a value at any time and is no sum of what happened. */
export function gauges(status: FacadeStatus): readonly (readonly [name: string, value: number | JavaDouble])[] {
  const { stats } = status;
  const { latency, responseSizes } = stats;
  const tree = status.tree();
  const files = status.files();
  return [
    ["ephemerals_count", tree.ephemerals],
    ["num_alive_connections", status.connectionCount()],
    ["avg_latency", new JavaDouble(latency.average)],
    ["outstanding_requests", status.outstandingRequests()],
    ["znode_count", tree.znodes],
    ["global_sessions", status.sessionCount() - status.localSessionCount()],
    ["non_mtls_remote_conn_count", stats.nonMtlsRemoteConnections],
    ["last_client_response_size", responseSizes.last],
    ["packets_sent", stats.packetsSent],
    ["packets_received", stats.packetsReceived],
    ["max_client_response_size", responseSizes.max],
    // Connections are not thrown away by chance here.
    ["connection_drop_probability", new JavaDouble(0)],
    ["watch_count", status.watches.total()],
    ["auth_failed_count", stats.authFailed],
    ["min_latency", latency.min],
    ["max_file_descriptor_count", files.limit],
    ["approximate_data_size", tree.dataBytes],
    ["open_file_descriptor_count", files.open],
    ["local_sessions", status.localSessionCount()],
    ["uptime", stats.uptimeMs()],
    ["max_latency", latency.max],
    ["outstanding_tls_handshake", 0],
    ["min_client_response_size", responseSizes.min],
    ["non_mtls_local_conn_count", stats.nonMtlsLocalConnections],
  ];
}

/** Limits and use by namespace; several quotas in one namespace are added up, as ZooKeeper adds them. */
export function quotaGauges(
  status: FacadeStatus,
): readonly (readonly [name: string, values: ReadonlyMap<string, number>])[] {
  const quotas = [...status.quotas()];
  const sum = (read: (quota: QuotaStatus) => number): ReadonlyMap<string, number> => {
    const sums = new Map<string, number>();
    for (const quota of quotas) {
      const namespace = namespaceOf(quota.path);
      if (namespace !== "") sums.set(namespace, (sums.get(namespace) ?? 0) + read(quota));
    }
    return sums;
  };
  return [
    ["quota_count_limit_per_namespace", sum((quota) => quota.countLimit)],
    ["quota_bytes_limit_per_namespace", sum((quota) => quota.bytesLimit)],
    ["quota_count_usage_per_namespace", sum((quota) => quota.usedCount)],
    ["quota_bytes_usage_per_namespace", sum((quota) => quota.usedBytes)],
  ];
}

function* summaryEntries(name: string, summary: Summary): Generator<MonitorEntry> {
  yield [`avg_${name}`, new JavaDouble(summary.average)];
  yield [`min_${name}`, summary.min];
  yield [`max_${name}`, summary.max];
  yield [`cnt_${name}`, summary.count];
  yield [`sum_${name}`, summary.sum];
}

function* detailedEntries(name: string, summary: DetailedSummary): Generator<MonitorEntry> {
  yield* summaryEntries(name, summary);
  yield [`p50_${name}`, Math.round(summary.quantile(0.5))];
  yield [`p95_${name}`, Math.round(summary.quantile(0.95))];
  yield [`p99_${name}`, Math.round(summary.quantile(0.99))];
  yield [`p999_${name}`, Math.round(summary.quantile(0.999))];
}

function* namespaceEntries(name: string, set: PerNamespace<Summary>): Generator<MonitorEntry> {
  for (const [namespace, summary] of set.members) yield* summaryEntries(`${namespace}_${name}`, summary);
}

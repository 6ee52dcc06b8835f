/**
 * The text of /metrics. prom-client writes the format and knows the process; the numbers are read where they are kept:
 * {@link Metrics} for what is counted, {@link CallStats} for the calls, {@link MemberStats} for the member's state.
 */
import { collectDefaultMetrics, type Metric as PromMetric, Registry } from "prom-client";
import type { Gauge } from "../base/instruments.ts";
import { Counter, Family, Histogram } from "../base/instruments.ts";
import type { CallStats, MethodStats } from "../rpc/call-stats.ts";
import type { MemberInfo } from "../rpc/member-info.ts";
import { grpcCodeNames } from "../rpc/status.ts";
import { AlarmType } from "../wire/etcdserverpb.ts";
import type { MemberStats } from "./member-stats.ts";
import type { Metrics } from "./metrics.ts";
import { openFileCount, openFileLimit } from "./open-files.ts";

/** How often the event loop's delay is sampled: seldom, so that an idle server sleeps. */
const EVENT_LOOP_SAMPLE_MS = 500;

type Labels = Readonly<Record<string, string>>;
interface Sample {
  readonly value: number;
  readonly labels?: Labels;
  /** For the lines of a histogram, which have names of their own. */
  readonly metricName?: string;
}

interface PageParts {
  readonly metrics: Metrics;
  readonly calls: CallStats;
  readonly member: MemberInfo;
  readonly stats: MemberStats;
}

export class MetricsPage {
  readonly #registry = new Registry();
  readonly #appended: (() => string)[] = [];

  constructor(parts: PageParts) {
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: EVENT_LOOP_SAMPLE_MS });
    this.#addCounted(parts.metrics);
    this.#addCalls(parts.calls);
    this.#addMember(parts.stats, parts.member);
    this.#add("gauge", "os_fd_limit", "The most files the process may open.", () => one(openFileLimit()));
    this.#add("gauge", "os_fd_used", "Files the process has open.", () => one(openFileCount()));
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Adds what another API counts, in the same format and under names that are its own. */
  append(text: () => string): void {
    this.#appended.push(text);
  }

  async text(): Promise<string> {
    const own = await this.#registry.metrics();
    return own + this.#appended.map((text) => text()).join("");
  }

  #addCounted(metrics: Metrics): void {
    for (const { name, help, instrument } of metrics.all()) {
      this.#add(typeOf(instrument), name, help, () => [...samplesOf(name, instrument)]);
    }
  }

  #addCalls(calls: CallStats): void {
    const perMethod = (name: string, help: string, read: (method: MethodStats) => number): void => {
      this.#add("counter", name, help, () =>
        calls.methods.map((method) => ({ labels: methodLabels(method), value: read(method) })),
      );
    };
    perMethod("grpc_server_started_total", "Calls started.", (method) => method.started);
    perMethod("grpc_server_msg_received_total", "Request messages read.", (method) => method.messagesReceived);
    perMethod("grpc_server_msg_sent_total", "Response messages sent.", (method) => method.messagesSent);
    this.#add("counter", "grpc_server_handled_total", "Calls ended, by status code.", () =>
      calls.methods.flatMap((method) =>
        grpcCodeNames.map((grpcCode, code) => ({
          labels: { ...methodLabels(method), grpc_code: grpcCode },
          value: method.handled[code] ?? 0,
        })),
      ),
    );
    if (calls.isExtensive) {
      const name = "grpc_server_handling_seconds";
      this.#add("histogram", name, "How long a call took until it was answered.", () =>
        calls.methods.flatMap((method) =>
          method.handlingSeconds === null
            ? []
            : [...histogramSamples(name, method.handlingSeconds, methodLabels(method))],
        ),
      );
    }

    this.#add("counter", "etcd_network_client_grpc_received_bytes_total", "Bytes of requests.", () =>
      one(calls.receivedBytes),
    );
    this.#add("counter", "etcd_network_client_grpc_sent_bytes_total", "Bytes of responses.", () =>
      one(calls.sentBytes),
    );
    this.#add("counter", "etcd_server_client_requests_total", "Calls, by the client's version.", () =>
      [...calls.clientRequests()].map(({ type, version, count }) => ({
        labels: { type, client_api_version: version },
        value: count,
      })),
    );
    this.#add("counter", "etcd_network_server_stream_failures_total", "Streams that broke.", () =>
      [...calls.streamFailures()].map(({ type, api, count }) => ({ labels: { Type: type, API: api }, value: count })),
    );
  }

  #addMember(stats: MemberStats, member: MemberInfo): void {
    const gauge = (name: string, help: string, read: () => number): void => {
      this.#add("gauge", name, help, () => one(read()));
    };
    const constant = (name: string, help: string, labels: () => Labels | null): void => {
      this.#add("gauge", name, help, () => {
        const present = labels();
        return present === null ? [] : [{ labels: present, value: 1 }];
      });
    };
    constant("etcd_server_version", "The server's version.", () => ({ server_version: member.versions().server }));
    constant("etcd_server_go_version", "What runs the server.", () => ({
      server_go_version: `node${process.version}`,
    }));
    constant("etcd_server_id", "The member's id.", () => ({ server_id: stats.memberId.toString(16) }));
    constant("etcd_cluster_version", "The version that the members agreed on.", () => {
      const version = stats.clusterVersion();
      return version === null ? null : { cluster_version: version };
    });

    gauge("etcd_server_has_leader", "1 if the member knows a leader.", () => Number(stats.hasLeader()));
    gauge("etcd_server_is_leader", "1 if the member is the leader.", () => Number(stats.isLeader()));
    gauge("etcd_server_is_learner", "1 if the member is a learner.", () => Number(stats.isLearner()));
    this.#add("counter", "etcd_server_leader_changes_seen_total", "Changes of the leader that the member saw.", () =>
      one(stats.leaderChangesSeen()),
    );
    gauge("etcd_server_proposals_committed_total", "The last log index committed.", () => stats.raft().commit);
    gauge("etcd_server_proposals_applied_total", "The last log index applied.", () => stats.raft().applied);
    gauge("etcd_server_proposals_pending", "Proposals that wait for their commit.", () => stats.proposalsPending());
    gauge("etcd_server_quota_backend_bytes", "The backend's quota.", () => stats.backend().quotaBytes);

    const counter = (name: string, help: string, read: () => number): void => {
      this.#add("counter", name, help, () => one(read()));
    };
    counter("etcd_mvcc_put_total", "Puts this member has applied.", () => stats.store().puts);
    counter("etcd_mvcc_delete_total", "Deletes this member has applied.", () => stats.store().deletes);
    counter("etcd_mvcc_range_total", "Ranges this member has served.", () => stats.store().ranges);
    counter("etcd_mvcc_txn_total", "Transactions this member has applied.", () => stats.store().txns);
    counter("etcd_debugging_mvcc_events_total", "Events sent to watchers.", () => stats.watch().eventsTotal);
    gauge(
      "etcd_debugging_mvcc_total_put_size_in_bytes",
      "Bytes of all keys and values put since the start.",
      () => stats.store().putBytes,
    );
    gauge("etcd_debugging_mvcc_keys_total", "Keys in the store.", () => stats.store().keys);
    gauge("etcd_debugging_mvcc_current_revision", "The store's revision.", () => stats.store().currentRevision);
    gauge("etcd_debugging_mvcc_compact_revision", "The last compacted revision.", () => stats.store().compactRevision);
    gauge(
      "etcd_debugging_mvcc_pending_events_total",
      "Events that wait for slow clients.",
      () => stats.watch().pendingEvents,
    );
    gauge("etcd_debugging_mvcc_slow_watcher_total", "Watchers behind the store.", () => stats.watch().slowWatchers);
    gauge("etcd_debugging_mvcc_watch_stream_total", "Watch streams.", () => stats.watch().streams);
    gauge("etcd_debugging_mvcc_watcher_total", "Watchers.", () => stats.watch().watchers);
    gauge("etcd_mvcc_db_total_size_in_bytes", "The backend's size on disk.", () => stats.backend().sizeBytes);
    gauge(
      "etcd_mvcc_db_total_size_in_use_in_bytes",
      "The part of it that is in use.",
      () => stats.backend().sizeInUseBytes,
    );
    gauge("etcd_mvcc_db_open_read_transactions", "Read transactions open.", () => stats.backend().openReadTransactions);
    gauge("etcd_debugging_auth_revision", "The auth store's revision.", () => stats.authRevision());

    this.#add("gauge", "etcd_debugging_server_alarms", "Alarms that are active.", () =>
      member.alarms().map(({ memberId, alarm }) => ({
        labels: { server_id: memberId.toString(16), alarm_type: alarmName(alarm) },
        value: 1,
      })),
    );
    this.#add("gauge", "etcd_server_feature_enabled", "1 if the feature is on.", () =>
      [...stats.features()].map(({ name, stage, enabled }) => ({ labels: { name, stage }, value: Number(enabled) })),
    );
  }

  #add(type: "counter" | "gauge" | "histogram", name: string, help: string, read: () => readonly Sample[]): void {
    const values = (): Sample[] => read().map((sample) => ({ labels: {}, ...sample }));
    const metric = { name, help, type, get: () => Promise.resolve({ name, help, type, values: values() }) };
    // A registry needs no more of a metric than its name and what get() returns.
    this.#registry.registerMetric(metric as unknown as PromMetric);
  }
}

function one(value: number): readonly Sample[] {
  return [{ value }];
}

function alarmName(alarm: AlarmType): string {
  return Object.entries(AlarmType).find(([, number]) => number === alarm)?.[0] ?? String(alarm);
}

function methodLabels({ type, service, method }: MethodStats): Labels {
  return { grpc_type: type, grpc_service: service, grpc_method: method };
}

type Instrument = Counter | Gauge | Histogram;

function typeOf(instrument: Instrument | Family<Instrument>): "counter" | "gauge" | "histogram" {
  // A family of nothing yet is asked for one of its kind.
  const kind = instrument instanceof Family ? instrument.create() : instrument;
  if (kind instanceof Histogram) return "histogram";
  return kind instanceof Counter ? "counter" : "gauge";
}

function* samplesOf(name: string, instrument: Instrument | Family<Instrument>): Generator<Sample> {
  if (!(instrument instanceof Family)) {
    yield* instrumentSamples(name, instrument, {});
    return;
  }
  for (const { labelValues, instrument: member } of instrument.members()) {
    const labels = Object.fromEntries(instrument.labelNames.map((label, i) => [label, labelValues[i] ?? ""]));
    yield* instrumentSamples(name, member, labels);
  }
}

function* instrumentSamples(name: string, instrument: Instrument, labels: Labels): Generator<Sample> {
  if (instrument instanceof Histogram) yield* histogramSamples(name, instrument, labels);
  else yield { value: instrument.value, labels };
}

function* histogramSamples(name: string, { bounds, counts, sum }: Histogram, labels: Labels): Generator<Sample> {
  let below = 0;
  for (const [i, count] of counts.entries()) {
    below += count;
    const bound = bounds[i];
    const le = bound === undefined ? "+Inf" : goFloat(bound);
    yield { metricName: `${name}_bucket`, labels: { ...labels, le }, value: below };
  }
  yield { metricName: `${name}_sum`, labels, value: sum };
  yield { metricName: `${name}_count`, labels, value: below };
}

/** As Go's client prints a bucket's bound: `0.001`, `1.048576e+06`. Queries name buckets by this text. */
function goFloat(value: number): string {
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

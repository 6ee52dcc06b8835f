import type { AdminRecord, AdminValue } from "./admin-json.ts";
import { environment } from "./environment.ts";
import { expiryBuckets } from "./expiry-buckets.ts";
import { interestOps } from "./four-letter-words.ts";
import { formatHex, formatSocketAddress, JavaDouble } from "./java-text.ts";
import { monitorEntries, serverState } from "./monitor.ts";
import type { ConnectionStatus, FacadeStatus } from "./status.ts";

export type AdminCommand = OpenCommand | GuardedCommand;

/** What anybody may ask for. */
export interface OpenCommand {
  readonly kind: "get";
  /** The primary one first. */
  readonly names: readonly string[];
  /** True: while nothing is served, it says so and no more. */
  readonly needsServer: boolean;
  run(context: AdminContext): AdminRecord;
}

/** What wants an Authorization header. These copy whole trees, and are not there yet. */
export interface GuardedCommand {
  readonly kind: "guardedGet" | "guardedPost";
  readonly names: readonly string[];
  readonly needsServer: true;
}

export interface AdminContext {
  readonly status: FacadeStatus;
  /** Java's system properties, as far as there are any. */
  readonly properties: ReadonlyMap<string, string>;
  readonly query: URLSearchParams;
}

/** ZooKeeper 3.9's commands, by primary name. */
export const adminCommands: readonly AdminCommand[] = [
  get(["configuration", "conf", "config"], ({ status: { settings } }) => ({
    client_port: settings.clientPort,
    data_dir: settings.dataDir,
    data_log_dir: settings.dataLogDir,
    tick_time: settings.tickTimeMs,
    max_client_cnxns: settings.maxClientConnections,
    min_session_timeout: settings.minSessionTimeoutMs,
    max_session_timeout: settings.maxSessionTimeoutMs,
    server_id: settings.serverId,
    client_port_listen_backlog: settings.listenBacklog,
  })),
  get(["connection_stat_reset", "crst"], ({ status }) => {
    for (const { stats } of status.connections()) stats.reset();
    return {};
  }),
  get(["connections", "cons"], ({ status }) => connectionLists(status, fullConnection)),
  get(["dirs"], ({ status }) => {
    const { dataBytes, logBytes } = status.disk();
    return { datadir_size: dataBytes, logdir_size: logBytes };
  }),
  get(["dump"], ({ status }) => {
    const buckets = expiryBuckets(status.sessions(), ({ expiresMs }) => expiresMs, status.settings.tickTimeMs);
    return {
      expiry_time_to_session_ids: new Map(
        buckets.map(([endMs, sessions]) => [String(endMs), sessions.map(({ sessionId }) => sessionId)]),
      ),
      session_id_to_ephemeral_paths: new Map(
        Array.from(status.ephemerals(), ([sessionId, paths]) => [String(sessionId), [...paths]]),
      ),
    };
  }),
  anytime(["environment", "env", "envi"], ({ status }) => Object.fromEntries(environment(status.settings.version))),
  anytime(["get_trace_mask", "gtmk"], ({ status }) => ({ tracemask: status.stats.traceMask })),
  // Digests of the tree are not kept, as on a ZooKeeper with digest.enabled=false.
  get(["hash"], () => ({ digests: [] })),
  get(["initial_configuration", "icfg"], ({ status }) => ({ initial_configuration: status.settings.configText })),
  get(["is_read_only", "isro"], ({ status }) => ({ read_only: status.serving() === "readOnly" })),
  // As ZooKeeper before its first snapshot: the store has its own, and they are not ZooKeeper's.
  get(["last_snapshot", "lsnp"], () => ({ zxid: formatHex(-1), timestamp: -1 })),
  get(["leader", "lead"], () => ({ error: "server is not initialized" })),
  anytime(["monitor", "mntr"], ({ status }) => Object.fromEntries(monitorEntries(status))),
  get(["observer_connection_stat_reset", "orst"], () => ({})),
  get(["observers", "obsr"], () => ({ synced_observers: 0, observers: [] })),
  { kind: "guardedPost", names: ["restore", "rest"], needsServer: true },
  get(["ruok"], () => ({})),
  get(["server_stats", "srvr"], ({ status }) => serverStats(status)),
  anytime(["set_trace_mask", "stmk"], ({ status, query }) => setTraceMask(status, query.get("traceMask"))),
  { kind: "guardedGet", names: ["snapshot", "snap"], needsServer: true },
  get(["stat_reset", "srst"], ({ status }) => {
    status.stats.reset();
    return {};
  }),
  get(["stats", "stat"], ({ status }) => ({ ...serverStats(status), ...connectionLists(status, briefConnection) })),
  anytime(["system_properties", "sysp"], ({ status, properties }) => systemProperties(status, properties)),
  get(["voting_view"], () => ({ current_config: {} })),
  get(["watch_summary", "wchs"], ({ status }) => {
    const { connections, paths, watches } = status.watches.counts();
    return { num_connections: connections, num_paths: paths, num_total_watches: watches };
  }),
  get(["watches", "wchc"], ({ status }) => ({
    session_id_to_watched_paths: new Map(
      Array.from(status.watches.byConnection(), ({ watcher, paths }) => [String(watcher), [...paths]]),
    ),
  })),
  get(["watches_by_path", "wchp"], ({ status }) => ({
    path_to_session_ids: new Map(Array.from(status.watches.byPath(), ({ path, watchers }) => [path, [...watchers]])),
  })),
  anytime(["zabstate"], () => ({ voting: false, zabstate: "" })),
];

type Run = OpenCommand["run"];

function get(names: readonly string[], run: Run): OpenCommand {
  return { names, needsServer: true, kind: "get", run };
}

function anytime(names: readonly string[], run: Run): OpenCommand {
  return { names, needsServer: false, kind: "get", run };
}

function connectionLists(status: FacadeStatus, describe: (connection: ConnectionStatus) => AdminRecord): AdminRecord {
  const all = [...status.connections()];
  const list = (isSecure: boolean): AdminValue =>
    all.filter((connection) => connection.isSecure === isSecure).map(describe);
  return { connections: list(false), secure_connections: list(true) };
}

function briefConnection(connection: ConnectionStatus): AdminRecord {
  const { stats, remoteAddress, remotePort } = connection;
  return {
    remote_socket_address: formatSocketAddress(remoteAddress, remotePort).slice(1),
    interest_ops: interestOps(connection),
    outstanding_requests: connection.outstandingRequests,
    packets_received: stats.packetsReceived,
    packets_sent: stats.packetsSent,
  };
}

function fullConnection(connection: ConnectionStatus): AdminRecord {
  const { stats } = connection;
  return {
    ...briefConnection(connection),
    session_id: connection.sessionId,
    last_operation: stats.lastOperation,
    established: Math.floor(connection.establishedMs),
    session_timeout: connection.sessionTimeoutMs,
    last_cxid: stats.lastXid,
    last_zxid: stats.lastZxid,
    last_response_time: Math.floor(stats.lastResponseMs),
    last_latency: stats.lastLatencyMs,
    min_latency: stats.minLatencyMs,
    avg_latency: stats.averageLatencyMs,
    max_latency: stats.maxLatencyMs,
  };
}

/** Member names are those that Jackson makes of Java's getters. */
function serverStats(status: FacadeStatus): AdminRecord {
  const { stats } = status;
  const { dataBytes, logBytes } = status.disk();
  const responses = {
    last_buffer_size: stats.responseSizes.last,
    min_buffer_size: stats.responseSizes.min,
    max_buffer_size: stats.responseSizes.max,
  };
  return {
    version: status.settings.version,
    read_only: status.serving() === "readOnly",
    server_stats: {
      packets_sent: stats.packetsSent,
      packets_received: stats.packetsReceived,
      fsync_threshold_exceed_count: stats.fsyncThresholdExceeded,
      client_response_stats: responses,
      provider_null: false,
      data_dir_size: dataBytes,
      log_dir_size: logBytes,
      last_processed_zxid: status.lastZxid(),
      outstanding_requests: status.outstandingRequests(),
      server_state: serverState(status.serving()),
      avg_latency: new JavaDouble(stats.latency.average),
      max_latency: stats.latency.max,
      min_latency: stats.latency.min,
      num_alive_client_connections: status.connectionCount(),
      uptime: stats.uptimeMs(),
      auth_failed_count: stats.authFailed,
      non_mtlsremote_conn_count: stats.nonMtlsRemoteConnections,
      non_mtlslocal_conn_count: stats.nonMtlsLocalConnections,
    },
    client_response: responses,
    node_count: status.tree().znodes,
  };
}

function setTraceMask(status: FacadeStatus, text: string | null): AdminRecord {
  const refusal = "setTraceMask requires long traceMask argument";
  if (text === null) return { error: refusal };
  const mask = /^[+-]?\d+$/.test(text) ? BigInt(text.replace(/^\+/, "")) : null;
  if (mask === null || BigInt.asIntN(64, mask) !== mask) return { error: `${refusal}, got ${text}` };
  status.stats.traceMask = mask;
  return { tracemask: mask };
}

/** Sorted. Whoever may reach the port may read them, so passwords are left out. */
function systemProperties(status: FacadeStatus, properties: ReadonlyMap<string, string>): AdminRecord {
  const java = environment(status.settings.version).filter(
    ([name]) => name !== "java.compiler" && !/^(zookeeper|host|os\.memory)\./.test(name),
  );
  const given = Array.from(properties, ([name, value]) => [name, /passw/i.test(name) ? "***" : value] as const);
  const all = [...java, ...given].sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(all);
}

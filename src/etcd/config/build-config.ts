import { isIP } from "node:net";
import { formatDuration, formatMilliseconds, parseDuration, toMilliseconds } from "../base/go-duration.ts";
import type { AutoCompaction, Config, InitialMember, LogConfig } from "./config.ts";
import { ConfigError, type ConfigNote } from "./config-note.ts";
import { formatFeatureGates, resolveFeatureGates } from "./feature-gates.ts";
import { flagNames, flagRow, type FlagValues } from "./flag-table.ts";
import { isDefault } from "./flag-values.ts";
import { buildLogConfig } from "./log-config.ts";
import { parseServerUrls, ServerUrlError, type ServerUrl } from "./server-url.ts";

const DEFAULT_QUOTA_BYTES = 2 * 1024 ** 3;
const ELECTION_TIMEOUT_MS_MAX = 50_000;
const PEER_TIMEOUT_MS_MIN = 5_000;
const BCRYPT_COST = { min: 4, max: 31, default: 10 };
const TLS_VERSIONS = ["TLS1.2", "TLS1.3"];

export interface BuiltConfig {
  readonly config: Config;
  /** What the log should say about the settings once it is open. */
  readonly notes: readonly ConfigNote[];
}

/**
 * Checks the values as etcd checks them, in its order and its words, and gives them the shape the server wants.
 * `advertiseClientUrlsMissing`: the listen URLs were set and the advertised ones were not.
 * Throws {@link ConfigError}.
 */
export function buildConfig(values: FlagValues, advertiseClientUrlsMissing: boolean): BuiltConfig {
  const notes: ConfigNote[] = [];
  const log = buildLogConfig(values);
  try {
    checkUrls(values, notes);
    checkDiscovery(values);
    checkTimes(values);
    if (advertiseClientUrlsMissing) throw new ConfigError(MISSING_ADVERTISE_CLIENT_URLS);
    const autoCompaction = buildAutoCompaction(values);
    const gates = resolveFeatureGates(values["feature-gates"]);
    if (gates.LeaseCheckpoint && !gates.LeaseCheckpointPersist) notes.push(warn(CHECKPOINT_WITHOUT_PERSISTENCE));
    if (gates.LeaseCheckpointPersist && !gates.LeaseCheckpoint) throw new ConfigError(PERSISTENCE_WITHOUT_CHECKPOINT);
    if (values["compact-hash-check-time"] <= 0) {
      const given = formatMilliseconds(values["compact-hash-check-time"]);
      throw new ConfigError(`--compact-hash-check-time must be >0 (set to ${given})`);
    }
    if (values.name === "default") notes.push(warn(DEFAULT_NAME, { name: values.name }));
    checkTls(values);
    checkSupported(values);
    return { config: Object.freeze(shape(values, autoCompaction, log, notes)), notes };
  } catch (error) {
    if (error instanceof ConfigError) throw new ConfigError(error.message, { log, notes });
    throw error;
  }
}

export const MISSING_ADVERTISE_CLIENT_URLS =
  "--advertise-client-urls is required when --listen-client-urls is set explicitly";
const SINGLE_PORT = "Running http and grpc server on single port. This is not recommended for production.";
const DEFAULT_NAME =
  "it isn't recommended to use default name, please set a value for --name. " +
  "Note that etcd might run into issue when multiple members have the same default name";
const CHECKPOINT_WITHOUT_PERSISTENCE =
  "Detected that checkpointing is enabled without persistence. Consider enabling feature gate LeaseCheckpointPersist";
const PERSISTENCE_WITHOUT_CHECKPOINT =
  "enabling feature gate LeaseCheckpointPersist requires enabling feature gate LeaseCheckpoint";
const SEVERAL_BOOTSTRAPS =
  "multiple discovery or bootstrap flags are set. " +
  'Choose one of "initial-cluster", "discovery", "discovery-endpoints" or "discovery-srv"';

function checkUrls(values: FlagValues, notes: ConfigNote[]): void {
  for (const url of [
    ...values["listen-peer-urls"],
    ...values["listen-client-urls"],
    ...values["listen-client-http-urls"],
  ]) {
    checkBindable(url);
  }
  if (values["listen-client-http-urls"].length === 0) notes.push(warn(SINGLE_PORT));
  values["listen-metrics-urls"].forEach(checkBindable);

  for (const flag of ["initial-advertise-peer-urls", "advertise-client-urls"] as const) {
    const urls = values[flag];
    const nameless = urls.find((url) => url.host === "" && url.socketPath === null);
    if (nameless === undefined) continue;
    const given = JSON.stringify(urls.map((url) => url.text).join(","));
    throw new ConfigError(`--${flag} ${given} must be "host:port" (unexpected empty host (${nameless.text}))`);
  }
}

function checkBindable(url: ServerUrl): void {
  if (url.socketPath !== null || url.host === "localhost" || isIP(url.host) !== 0) return;
  throw new ConfigError(`expected IP in URL for binding (${url.text})`);
}

function checkDiscovery(values: FlagValues): void {
  if (values["discovery-fallback"] === "proxy") {
    throw new ConfigError(`v2 proxy is deprecated, and --discovery-fallback can't be configured as "proxy"`);
  }
  const waysToBootstrap = [
    values.discovery,
    values["initial-cluster"],
    values["discovery-srv"],
    values["discovery-endpoints"].join(","),
  ];
  if (waysToBootstrap.filter((way) => way !== "").length > 1) throw new ConfigError(SEVERAL_BOOTSTRAPS);
  if ((values["discovery-token"] !== "") !== values["discovery-endpoints"].length > 0) {
    throw new ConfigError("both --discovery-token and --discovery-endpoints must be set");
  }
}

function checkTimes(values: FlagValues): void {
  const heartbeatMs = values["heartbeat-interval"];
  const electionMs = values["election-timeout"];
  if (heartbeatMs === 0) throw new ConfigError("--heartbeat-interval must be >0 (set to 0ms)");
  if (electionMs === 0) throw new ConfigError("--election-timeout must be >0 (set to 0ms)");
  if (5 * heartbeatMs > electionMs) {
    throw new ConfigError(
      `--election-timeout[${electionMs}ms] should be at least as 5 times as --heartbeat-interval[${heartbeatMs}ms]`,
    );
  }
  if (electionMs > ELECTION_TIMEOUT_MS_MAX) {
    throw new ConfigError(
      `--election-timeout[${electionMs}ms] is too long, and should be set less than ${ELECTION_TIMEOUT_MS_MAX}ms`,
    );
  }
}

function buildAutoCompaction(values: FlagValues): AutoCompaction {
  const mode = values["auto-compaction-mode"];
  if (mode === "") throw new ConfigError("undefined auto-compaction-mode");
  if (mode !== "periodic" && mode !== "revision") {
    throw new ConfigError(`unknown auto-compaction-mode ${JSON.stringify(mode)}`);
  }
  const text = values["auto-compaction-retention"] === "" ? "0" : values["auto-compaction-retention"];
  const isCount = /^\+?\d+$/.test(text);
  if (isCount && Number(text) === 0) return { mode: "off" };
  if (mode === "revision") {
    if (isCount && Number.isSafeInteger(Number(text))) return { mode, retentionRevisions: Number(text) };
    // etcd reads "5m" as that many nanoseconds, and those as revisions; nobody can have meant it.
    throw new ConfigError(`--auto-compaction-retention ${JSON.stringify(text)} is not a count of revisions`);
  }
  const retentionMs = isCount ? Number(text) * 3_600_000 : parseRetention(text);
  if (retentionMs < 0) throw new ConfigError(`--auto-compaction-retention ${JSON.stringify(text)} is negative`);
  return retentionMs === 0 ? { mode: "off" } : { mode, retentionMs };
}

function parseRetention(text: string): number {
  try {
    return toMilliseconds(parseDuration(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`error parsing CompactionRetention: ${reason}`);
  }
}

function checkTls(values: FlagValues): void {
  const [lowest, highest] = [values["tls-min-version"], values["tls-max-version"]];
  for (const version of [lowest, highest]) {
    if (version !== "" && !TLS_VERSIONS.includes(version)) {
      throw new ConfigError(`unexpected TLS version ${JSON.stringify(version)} (must be one of: TLS1.2, TLS1.3)`);
    }
  }
  if (highest !== "" && lowest > highest) {
    throw new ConfigError(`min version (${lowest}) is greater than max version (${highest})`);
  }
}

/** Whoever asks for a feature that is not there must hear so, and not find out later. */
function checkSupported(values: FlagValues): void {
  for (const name of flagNames) {
    if (flagRow(name).later === true && !isDefault(values, name)) {
      throw new ConfigError(`--${name} is not supported yet`);
    }
  }
  const secure = (url: ServerUrl): boolean => url.scheme === "https" || url.scheme === "unixs";
  const client = [...values["listen-client-urls"], ...values["listen-client-http-urls"]].find(secure);
  if (client !== undefined) {
    throw new ConfigError(
      `TLS key/cert (--cert-file, --key-file) must be provided for client url ${client.text} with HTTPS scheme`,
    );
  }
  const peer = values["listen-peer-urls"].find(secure);
  if (peer !== undefined) throw new ConfigError(`TLS on --listen-peer-urls is not supported yet (${peer.text})`);
  if (values["listen-metrics-urls"].some(secure)) {
    throw new ConfigError("client TLS key/cert (--cert-file, --key-file) must be provided for metrics secure url");
  }
  const [token] = values["auth-token"].split(",");
  if (token === "jwt") throw new ConfigError("--auth-token=jwt is not supported yet");
  if (token !== "simple") throw new ConfigError("auth: invalid auth options");
}

function shape(values: FlagValues, autoCompaction: AutoCompaction, log: LogConfig, notes: ConfigNote[]): Config {
  const advertisePeerUrls = texts(values["initial-advertise-peer-urls"]);
  const quotaBytes = values["quota-backend-bytes"];
  const dataDir = values["data-dir"] === "" ? `${values.name}.etcd` : values["data-dir"];
  notePeerTimeouts(values, notes);
  if (values["data-dir"] === "") notes.push(warn("'data-dir' was empty; using default", { "data-dir": dataDir }));
  return {
    name: values.name,
    dataDir,
    walDir: values["wal-dir"],
    listenClientUrls: values["listen-client-urls"],
    listenClientHttpUrls: values["listen-client-http-urls"],
    listenMetricsUrls: values["listen-metrics-urls"],
    listenPeerUrls: values["listen-peer-urls"],
    advertiseClientUrls: texts(values["advertise-client-urls"]),
    advertisePeerUrls,
    initialCluster:
      values["initial-cluster"] === ""
        ? [{ name: values.name, peerUrls: advertisePeerUrls }]
        : parseInitialCluster(values["initial-cluster"]),
    initialClusterState: values["initial-cluster-state"] === "existing" ? "existing" : "new",
    initialClusterToken: values["initial-cluster-token"],
    strictReconfigCheck: values["strict-reconfig-check"],
    maxLearners: values["max-learners"],
    heartbeatIntervalMs: values["heartbeat-interval"],
    electionTimeoutMs: values["election-timeout"],
    initialElectionTickAdvance: values["initial-election-tick-advance"],
    preVote: values["pre-vote"],
    snapshotCount: values["snapshot-count"],
    snapshotCatchUpEntries: values["snapshot-catchup-entries"],
    maxSnapshotFiles: values["max-snapshots"],
    maxWalFiles: values["max-wals"],
    quotaBackendBytes: quotaBytes < 0 ? null : quotaBytes === 0 ? DEFAULT_QUOTA_BYTES : quotaBytes,
    backendBatchIntervalMs: values["backend-batch-interval"] || 100,
    backendBatchLimit: values["backend-batch-limit"] || 10_000,
    bootstrapDefragThresholdMegabytes: values["bootstrap-defrag-threshold-megabytes"],
    unsafeNoFsync: values["unsafe-no-fsync"],
    maxTxnOps: values["max-txn-ops"],
    maxRequestBytes: values["max-request-bytes"],
    maxConcurrentStreams: values["max-concurrent-streams"],
    grpcKeepaliveMinTimeMs: values["grpc-keepalive-min-time"],
    grpcKeepaliveIntervalMs: values["grpc-keepalive-interval"],
    grpcKeepaliveTimeoutMs: values["grpc-keepalive-timeout"],
    enableGrpcGateway: values["enable-grpc-gateway"],
    cors: anyOr(values.cors),
    hostWhitelist: anyOr(values["host-whitelist"]),
    extensiveMetrics: values.metrics === "extensive",
    autoCompaction,
    compactionBatchLimit: values["compaction-batch-limit"] || 1000,
    compactionSleepIntervalMs: values["compaction-sleep-interval"] || 10,
    compactHashCheckTimeMs: values["compact-hash-check-time"],
    corruptCheckTimeMs: values["corrupt-check-time"],
    watchProgressNotifyIntervalMs: values["watch-progress-notify-interval"] || 600_000,
    downgradeCheckTimeMs: values["downgrade-check-time"],
    warningApplyDurationMs: values["warning-apply-duration"],
    warningUnaryRequestDurationMs: values["warning-unary-request-duration"] || 300,
    bcryptCost: checkedBcryptCost(values["bcrypt-cost"], notes),
    authTokenTtlSeconds: values["auth-token-ttl"],
    featureGates: resolveFeatureGates(values["feature-gates"]),
    featureGatesText: formatFeatureGates(values["feature-gates"]),
    log,
  };
}

/** `a=http://h:2380,b=...`; a name stands again for each further URL. Throws {@link ConfigError}. */
export function parseInitialCluster(text: string): InitialMember[] {
  const urlsOf = new Map<string, string[]>();
  for (const part of text.split(",")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = equals < 0 ? part : part.slice(0, equals);
    const urls = urlsOf.get(name) ?? [];
    urls.push(equals < 0 ? "" : part.slice(equals + 1));
    urlsOf.set(name, urls);
  }
  try {
    return [...urlsOf].map(([name, urls]) => ({ name, peerUrls: texts(parseServerUrls(urls.join(","))) }));
  } catch (error) {
    if (error instanceof ServerUrlError) throw new ConfigError(`error setting up initial cluster: ${error.message}`);
    throw error;
  }
}

function notePeerTimeouts(values: FlagValues, notes: ConfigNote[]): void {
  for (const flag of ["raft-read-timeout", "raft-write-timeout"] as const) {
    if (values[flag] >= PEER_TIMEOUT_MS_MIN) continue;
    const minimum = formatDuration(BigInt(PEER_TIMEOUT_MS_MIN) * 1_000_000n);
    notes.push({ level: "info", message: `${flag} increased to minimum value: ${minimum}`, fields: {} });
  }
}

function checkedBcryptCost(cost: number, notes: ConfigNote[]): number {
  if (cost >= BCRYPT_COST.min && cost <= BCRYPT_COST.max) return cost;
  notes.push(
    warn("use default bcrypt cost instead of the invalid given cost", {
      "min-cost": BCRYPT_COST.min,
      "max-cost": BCRYPT_COST.max,
      "default-cost": BCRYPT_COST.default,
      "given-cost": cost,
    }),
  );
  return BCRYPT_COST.default;
}

function anyOr(list: readonly string[]): readonly string[] {
  return list.length === 0 || list.includes("") || list.includes("*") ? ["*"] : list;
}

function texts(urls: readonly ServerUrl[]): string[] {
  return urls.map((url) => url.text);
}

function warn(message: string, fields: ConfigNote["fields"] = {}): ConfigNote {
  return { level: "warn", message, fields };
}

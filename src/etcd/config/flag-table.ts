import type { FeatureGateSettings } from "./feature-gates.ts";
import type { ServerUrl } from "./server-url.ts";

/** The sections of `--help`, in its order. */
export const flagSections = [
  "Member",
  "Clustering",
  "Discovery",
  "Security",
  "Auth",
  "Profiling and Monitoring",
  "Logging",
  "Distributed tracing",
  "Tuning",
  "Unsafe",
  "Bridgekeeper",
  "General",
] as const;

/** What a flag's text means, and the type that `flag-values.ts` makes of it. */
export interface FlagKinds {
  text: string;
  boolean: boolean;
  /** Whole numbers; past 2^53 they read as the far end, which no bound here reaches. */
  int: number;
  uint: number;
  uint32: number;
  /** Milliseconds, from a Go duration. */
  duration: number;
  urls: readonly ServerUrl[];
  /** URLs or the word `*`. */
  origins: readonly string[];
  /** Comma-separated, sorted, no doubles. */
  set: readonly string[];
  /** Comma-separated, in the order given. */
  list: readonly string[];
  /** One of `values`. */
  choice: string;
  /** Some of `values`, comma-separated. */
  choices: readonly string[];
  gates: FeatureGateSettings;
}

export type FlagKind = keyof FlagKinds;

/** One flag: one row. Its environment variable and its key in a configuration file follow from its name. */
export interface FlagRow {
  readonly section: (typeof flagSections)[number];
  readonly kind: FlagKind;
  /** As one would type it. */
  readonly default: string;
  /** The default as `--help` shows it, where the real one is computed. */
  readonly shownDefault?: string;
  readonly values?: readonly string[];
  readonly help: string;
  /** Any value but the default is an error: the feature behind the flag is not there yet. */
  readonly later?: true;
}

/** etcd 3.6's flags, then our own. Names, defaults and meanings are etcd's; the words are ours. */
export const flagTable = {
  name: { section: "Member", kind: "text", default: "default", help: "Name of this member; unique in the cluster." },
  "data-dir": {
    section: "Member",
    kind: "text",
    default: "",
    shownDefault: "NAME.etcd",
    help: "Directory that holds everything this member stores. Created with mode 0700.",
  },
  "wal-dir": {
    section: "Member",
    kind: "text",
    default: "",
    help: "Directory for the write-ahead log, when it should lie on another disk than the data directory.",
  },
  "snapshot-count": {
    section: "Member",
    kind: "uint",
    default: "10000",
    help: "Applied entries between two marks from which the log is replayed; the log before a mark is dropped.",
  },
  "heartbeat-interval": {
    section: "Member",
    kind: "uint",
    default: "100",
    help: "Milliseconds between two heartbeats of a leader.",
  },
  "election-timeout": {
    section: "Member",
    kind: "uint",
    default: "1000",
    help: "Milliseconds without a heartbeat after which an election starts; at least 5 heartbeats, at most 50000.",
  },
  "initial-election-tick-advance": {
    section: "Member",
    kind: "boolean",
    default: "true",
    help: "Shorten the first election timeout after a start.",
  },
  "listen-peer-urls": {
    section: "Member",
    kind: "urls",
    default: "http://localhost:2380",
    help: "URLs to listen on for other members. Port 0 takes a free port.",
  },
  "listen-client-urls": {
    section: "Member",
    kind: "urls",
    default: "http://localhost:2379",
    help: "URLs to listen on for clients: gRPC, and HTTP unless --listen-client-http-urls is set. Port 0 takes a free port.",
  },
  "listen-client-http-urls": {
    section: "Member",
    kind: "urls",
    default: "",
    help: "URLs to listen on for HTTP clients only. When set, --listen-client-urls serve gRPC only.",
  },
  "max-snapshots": {
    section: "Member",
    kind: "uint",
    default: "5",
    help: "Snapshot files to keep, 0 for all. Deprecated in etcd 3.6.",
  },
  "max-wals": { section: "Member", kind: "uint", default: "5", help: "Log files to keep, 0 for all." },
  "memory-mlock": {
    section: "Member",
    kind: "boolean",
    default: "false",
    later: true,
    help: "Keep the database's pages in memory.",
  },
  "quota-backend-bytes": {
    section: "Member",
    kind: "int",
    default: "0",
    help: "Size of the database in bytes past which writes are refused and a NOSPACE alarm is raised; 0 means 2 GiB, a negative number no limit.",
  },
  "backend-bbolt-freelist-type": {
    section: "Member",
    kind: "text",
    default: "map",
    help: "Of etcd's database engine; accepted, without effect here.",
  },
  "backend-batch-interval": {
    section: "Member",
    kind: "duration",
    default: "0s",
    help: "Longest time that changes wait before the database commits them; 0 means 100ms.",
  },
  "backend-batch-limit": {
    section: "Member",
    kind: "int",
    default: "0",
    help: "Most changes in one commit of the database; 0 means 10000.",
  },
  "max-txn-ops": { section: "Member", kind: "uint", default: "128", help: "Most operations in one transaction." },
  "max-request-bytes": {
    section: "Member",
    kind: "uint",
    default: "1572864",
    help: "Longest request in bytes that is accepted.",
  },
  "max-concurrent-streams": {
    section: "Member",
    kind: "uint32",
    default: "4294967295",
    help: "Most calls under way at once on one client connection.",
  },
  "grpc-keepalive-min-time": {
    section: "Member",
    kind: "duration",
    default: "5s",
    help: "Shortest time between two pings of a client; one that pings more often is disconnected.",
  },
  "grpc-keepalive-interval": {
    section: "Member",
    kind: "duration",
    default: "2h",
    help: "How often an idle client connection is pinged, 0 for never.",
  },
  "grpc-keepalive-timeout": {
    section: "Member",
    kind: "duration",
    default: "20s",
    help: "How long to wait for the answer to a ping before the connection is closed.",
  },
  "socket-reuse-port": {
    section: "Member",
    kind: "boolean",
    default: "false",
    later: true,
    help: "Set SO_REUSEPORT on listening sockets.",
  },
  "socket-reuse-address": {
    section: "Member",
    kind: "boolean",
    default: "false",
    help: "Set SO_REUSEADDR on listening sockets; always set here.",
  },
  "enable-grpc-gateway": {
    section: "Member",
    kind: "boolean",
    default: "true",
    help: "Serve the API as JSON over HTTP, too.",
  },
  "raft-read-timeout": {
    section: "Member",
    kind: "duration",
    default: "5s",
    help: "Read timeout of connections between members; at least 5s.",
  },
  "raft-write-timeout": {
    section: "Member",
    kind: "duration",
    default: "5s",
    help: "Write timeout of connections between members; at least 5s.",
  },
  "feature-gates": {
    section: "Member",
    kind: "gates",
    default: "",
    help: "Switches for what is new or risky, NAME=true|false, comma-separated:",
  },

  "initial-advertise-peer-urls": {
    section: "Clustering",
    kind: "urls",
    default: "http://localhost:2380",
    help: "URLs under which the other members reach this one.",
  },
  "initial-cluster": {
    section: "Clustering",
    kind: "text",
    default: "",
    shownDefault: "NAME=INITIAL-ADVERTISE-PEER-URLS",
    help: "All members of a new cluster, NAME=URL, comma-separated; a name is repeated when it has several URLs. One member only for now.",
  },
  "initial-cluster-state": {
    section: "Clustering",
    kind: "choice",
    values: ["new", "existing"],
    default: "new",
    help: "'new' to found a cluster, 'existing' to join one; without meaning once the data directory exists. Joining is not supported yet.",
  },
  "initial-cluster-token": {
    section: "Clustering",
    kind: "text",
    default: "etcd-cluster",
    help: "Part of the ids of a new cluster and its members, so that two clusters never take each other for one.",
  },
  "advertise-client-urls": {
    section: "Clustering",
    kind: "urls",
    default: "http://localhost:2379",
    help: "URLs under which clients reach this member; must be set when --listen-client-urls is.",
  },
  "strict-reconfig-check": {
    section: "Clustering",
    kind: "boolean",
    default: "true",
    help: "Refuse changes of the membership that would lose the quorum.",
  },
  "pre-vote": {
    section: "Clustering",
    kind: "boolean",
    default: "true",
    help: "Ask around before an election, so that a member that returns does not disturb the leader.",
  },
  "auto-compaction-mode": {
    section: "Clustering",
    kind: "text",
    default: "periodic",
    help: "'periodic': --auto-compaction-retention is a time; 'revision': it is a count of revisions.",
  },
  "auto-compaction-retention": {
    section: "Clustering",
    kind: "text",
    default: "0",
    help: "History to keep: '30m', '5' (hours), or revisions; 0 never compacts by itself.",
  },
  "v2-deprecation": {
    section: "Clustering",
    kind: "choices",
    values: ["gone", "not-yet", "write-only", "write-only-drop-data", "write-only-skip-check"],
    default: "write-only",
    help: "Of etcd's v2 store, which is not there; accepted, without effect here. Deprecated in etcd 3.6.",
  },

  discovery: { section: "Discovery", kind: "text", default: "", later: true, help: "URL of a v2 discovery service." },
  "discovery-proxy": {
    section: "Discovery",
    kind: "text",
    default: "",
    later: true,
    help: "HTTP proxy towards the v2 discovery service.",
  },
  "discovery-fallback": {
    section: "Discovery",
    kind: "choice",
    values: ["exit", "proxy"],
    default: "exit",
    help: "What to do when v2 discovery fails; 'exit' is the only possibility left.",
  },
  "discovery-endpoints": {
    section: "Discovery",
    kind: "set",
    default: "",
    later: true,
    help: "Endpoints of the etcd cluster through which the members find each other (v3 discovery).",
  },
  "discovery-token": {
    section: "Discovery",
    kind: "text",
    default: "",
    later: true,
    help: "Token of the cluster to be found (v3 discovery).",
  },
  "discovery-dial-timeout": {
    section: "Discovery",
    kind: "duration",
    default: "2s",
    help: "Dial timeout towards the discovery service.",
  },
  "discovery-request-timeout": {
    section: "Discovery",
    kind: "duration",
    default: "5s",
    help: "Timeout of a discovery request, without dialing.",
  },
  "discovery-keepalive-time": {
    section: "Discovery",
    kind: "duration",
    default: "2s",
    help: "Keep-alive interval towards the discovery service.",
  },
  "discovery-keepalive-timeout": {
    section: "Discovery",
    kind: "duration",
    default: "6s",
    help: "Keep-alive timeout towards the discovery service.",
  },
  "discovery-insecure-transport": {
    section: "Discovery",
    kind: "boolean",
    default: "true",
    help: "No TLS towards the discovery service.",
  },
  "discovery-insecure-skip-tls-verify": {
    section: "Discovery",
    kind: "boolean",
    default: "false",
    help: "Do not check the discovery service's certificate; for tests only.",
  },
  "discovery-cert": {
    section: "Discovery",
    kind: "text",
    default: "",
    later: true,
    help: "Client certificate for the discovery service.",
  },
  "discovery-key": {
    section: "Discovery",
    kind: "text",
    default: "",
    later: true,
    help: "Key of that client certificate.",
  },
  "discovery-cacert": {
    section: "Discovery",
    kind: "text",
    default: "",
    later: true,
    help: "Certificate authorities for the discovery service.",
  },
  "discovery-user": {
    section: "Discovery",
    kind: "text",
    default: "",
    later: true,
    help: "USER[:PASSWORD] for the discovery service.",
  },
  "discovery-password": {
    section: "Discovery",
    kind: "text",
    default: "",
    later: true,
    help: "Password for the discovery service.",
  },
  "discovery-srv": {
    section: "Discovery",
    kind: "text",
    default: "",
    later: true,
    help: "DNS domain whose SRV records name the members.",
  },
  "discovery-srv-name": {
    section: "Discovery",
    kind: "text",
    default: "",
    later: true,
    help: "Suffix of the SRV service name.",
  },

  "cert-file": {
    section: "Security",
    kind: "text",
    default: "",
    later: true,
    help: "Certificate of this server towards clients.",
  },
  "key-file": { section: "Security", kind: "text", default: "", later: true, help: "Key of that certificate." },
  "client-cert-file": {
    section: "Security",
    kind: "text",
    default: "",
    later: true,
    help: "Certificate of the server's own client, when it is not --cert-file.",
  },
  "client-key-file": { section: "Security", kind: "text", default: "", later: true, help: "Key of that certificate." },
  "client-cert-auth": {
    section: "Security",
    kind: "boolean",
    default: "false",
    later: true,
    help: "Clients must show a certificate.",
  },
  "client-crl-file": {
    section: "Security",
    kind: "text",
    default: "",
    later: true,
    help: "Revocation list for client certificates.",
  },
  "client-cert-allowed-hostname": {
    section: "Security",
    kind: "list",
    default: "",
    later: true,
    help: "Host names of which a client certificate must bear one.",
  },
  "trusted-ca-file": {
    section: "Security",
    kind: "text",
    default: "",
    later: true,
    help: "Certificate authorities for client certificates.",
  },
  "auto-tls": {
    section: "Security",
    kind: "boolean",
    default: "false",
    later: true,
    help: "TLS towards clients with a certificate made here.",
  },
  "peer-cert-file": {
    section: "Security",
    kind: "text",
    default: "",
    later: true,
    help: "Certificate of this server towards other members.",
  },
  "peer-key-file": { section: "Security", kind: "text", default: "", later: true, help: "Key of that certificate." },
  "peer-client-cert-file": {
    section: "Security",
    kind: "text",
    default: "",
    later: true,
    help: "Certificate for dialing members, when it is not --peer-cert-file.",
  },
  "peer-client-key-file": {
    section: "Security",
    kind: "text",
    default: "",
    later: true,
    help: "Key of that certificate.",
  },
  "peer-client-cert-auth": {
    section: "Security",
    kind: "boolean",
    default: "false",
    later: true,
    help: "Members must show a certificate.",
  },
  "peer-trusted-ca-file": {
    section: "Security",
    kind: "text",
    default: "",
    later: true,
    help: "Certificate authorities for members' certificates.",
  },
  "peer-cert-allowed-cn": {
    section: "Security",
    kind: "list",
    default: "",
    later: true,
    help: "Common names of which a member's certificate must bear one.",
  },
  "peer-cert-allowed-hostname": {
    section: "Security",
    kind: "list",
    default: "",
    later: true,
    help: "Host names of which a member's certificate must bear one.",
  },
  "peer-auto-tls": {
    section: "Security",
    kind: "boolean",
    default: "false",
    later: true,
    help: "TLS between members with certificates made here.",
  },
  "peer-crl-file": {
    section: "Security",
    kind: "text",
    default: "",
    later: true,
    help: "Revocation list for members' certificates.",
  },
  "peer-skip-client-san-verification": {
    section: "Security",
    kind: "boolean",
    default: "false",
    later: true,
    help: "Do not check the addresses in a member's certificate.",
  },
  "self-signed-cert-validity": {
    section: "Security",
    kind: "uint",
    default: "1",
    help: "Years for which certificates made here are valid.",
  },
  "cipher-suites": {
    section: "Security",
    kind: "list",
    default: "",
    later: true,
    help: "TLS cipher suites, by Go's names.",
  },
  "tls-min-version": {
    section: "Security",
    kind: "text",
    default: "TLS1.2",
    help: "Lowest TLS version: TLS1.2 or TLS1.3.",
  },
  "tls-max-version": {
    section: "Security",
    kind: "text",
    default: "",
    help: "Highest TLS version: TLS1.2, TLS1.3, or empty for the newest.",
  },
  cors: {
    section: "Security",
    kind: "origins",
    default: "*",
    help: "Origins whose pages may call the HTTP API; empty or * for all.",
  },
  "host-whitelist": {
    section: "Security",
    kind: "set",
    default: "*",
    help: "Host names that an insecure HTTP request may name in its Host header; empty or * for all.",
  },

  "auth-token": {
    section: "Auth",
    kind: "text",
    default: "simple",
    help: "Kind of token and its options: 'simple', or 'jwt,...', which is not supported yet.",
  },
  "bcrypt-cost": { section: "Auth", kind: "uint", default: "10", help: "Cost of hashing a password, 4 to 31." },
  "auth-token-ttl": { section: "Auth", kind: "uint", default: "300", help: "Seconds that an unused token lives." },

  "enable-pprof": {
    section: "Profiling and Monitoring",
    kind: "boolean",
    default: "false",
    later: true,
    help: "Serve Go profiles under /debug/pprof/.",
  },
  metrics: {
    section: "Profiling and Monitoring",
    kind: "text",
    default: "basic",
    help: "'extensive' adds histograms of gRPC latencies.",
  },
  "listen-metrics-urls": {
    section: "Profiling and Monitoring",
    kind: "urls",
    default: "",
    help: "URLs that serve /metrics and the health endpoints only.",
  },

  logger: { section: "Logging", kind: "text", default: "zap", help: "Only 'zap', the shape of the log lines." },
  "log-outputs": {
    section: "Logging",
    kind: "set",
    default: "default",
    help: "'default' (which is stderr), 'stderr', 'stdout' or files, comma-separated.",
  },
  "log-level": {
    section: "Logging",
    kind: "text",
    default: "info",
    help: "Lowest level that is written: debug, info, warn, error, panic or fatal.",
  },
  "log-format": { section: "Logging", kind: "text", default: "json", help: "'json' or 'console'." },
  "enable-log-rotation": {
    section: "Logging",
    kind: "boolean",
    default: "false",
    help: "Start a new log file when one is full; for a single file in --log-outputs.",
  },
  "log-rotation-config-json": {
    section: "Logging",
    kind: "text",
    default: `{"maxsize": 100, "maxage": 0, "maxbackups": 0, "localtime": false, "compress": false}`,
    help: "When and how: maxsize in MB, maxage in days and maxbackups in files (0 for no limit), names in local time, old files compressed.",
  },
  "warning-unary-request-duration": {
    section: "Logging",
    kind: "duration",
    default: "300ms",
    help: "A unary request that takes longer is logged.",
  },
  "warning-apply-duration": {
    section: "Logging",
    kind: "duration",
    default: "100ms",
    help: "A request whose execution takes longer is logged.",
  },

  "enable-distributed-tracing": {
    section: "Distributed tracing",
    kind: "boolean",
    default: "false",
    later: true,
    help: "Send OpenTelemetry traces.",
  },
  "distributed-tracing-address": {
    section: "Distributed tracing",
    kind: "text",
    default: "localhost:4317",
    help: "Address of the collector.",
  },
  "distributed-tracing-service-name": {
    section: "Distributed tracing",
    kind: "text",
    default: "etcd",
    help: "Service name, the same for all members.",
  },
  "distributed-tracing-instance-id": {
    section: "Distributed tracing",
    kind: "text",
    default: "",
    help: "Instance id, another for each member.",
  },
  "distributed-tracing-sampling-rate": {
    section: "Distributed tracing",
    kind: "int",
    default: "0",
    help: "Samples per million spans.",
  },

  "corrupt-check-time": {
    section: "Tuning",
    kind: "duration",
    default: "0s",
    help: "How often the members' hashes are compared, 0 for never; nothing to compare with one member.",
  },
  "compact-hash-check-time": {
    section: "Tuning",
    kind: "duration",
    default: "1m",
    help: "How often compaction hashes are compared under the gate CompactHashCheck.",
  },
  "compaction-batch-limit": {
    section: "Tuning",
    kind: "int",
    default: "0",
    help: "Most revisions removed in one slice of a compaction; 0 means 1000.",
  },
  "compaction-sleep-interval": {
    section: "Tuning",
    kind: "duration",
    default: "0s",
    help: "Pause between two slices of a compaction; 0 means 10ms.",
  },
  "watch-progress-notify-interval": {
    section: "Tuning",
    kind: "duration",
    default: "0s",
    help: "How often an idle watch that asked for it is told the revision; 0 means 10m.",
  },
  "downgrade-check-time": {
    section: "Tuning",
    kind: "duration",
    default: "5s",
    help: "How often the progress of a downgrade is checked.",
  },
  "bootstrap-defrag-threshold-megabytes": {
    section: "Tuning",
    kind: "uint",
    default: "0",
    help: "Defragment at the start when that frees so many megabytes; 0 for never.",
  },
  "max-learners": {
    section: "Tuning",
    kind: "int",
    default: "1",
    help: "Most learners in the cluster.",
  },
  "snapshot-catchup-entries": {
    section: "Tuning",
    kind: "uint",
    default: "5000",
    help: "Entries that stay in the log behind a snapshot, for members that are a little behind.",
  },

  "force-new-cluster": {
    section: "Unsafe",
    kind: "boolean",
    default: "false",
    later: true,
    help: "Make the data of one member a new cluster of one.",
  },
  "unsafe-no-fsync": {
    section: "Unsafe",
    kind: "boolean",
    default: "false",
    help: "Do not wait for the disk. A crash of the machine loses data.",
  },

  "console-listen": {
    section: "Bridgekeeper",
    kind: "text",
    default: "none",
    later: true,
    help: "Address of the console, HOST:PORT.",
  },

  "config-file": {
    section: "General",
    kind: "text",
    default: "",
    help: "Configuration file, YAML or JSON. With it, all other flags and all variables are ignored.",
  },
  version: { section: "General", kind: "boolean", default: "false", help: "Print the version and end." },
} as const satisfies Readonly<Record<string, FlagRow>>;

export type FlagName = keyof typeof flagTable;

/** The value of every flag, given or by default. */
export type FlagValues = { readonly [Name in FlagName]: FlagKinds[(typeof flagTable)[Name]["kind"]] };

export const flagNames = Object.keys(flagTable) as readonly FlagName[];

export function isFlagName(name: string): name is FlagName {
  return Object.hasOwn(flagTable, name);
}

export function flagRow(name: FlagName): FlagRow {
  return flagTable[name];
}

/** etcd 3.5's name is `experimental-` before one of these; both at once is an error. */
export const flagsOnceExperimental = [
  "compact-hash-check-time",
  "corrupt-check-time",
  "compaction-batch-limit",
  "watch-progress-notify-interval",
  "warning-apply-duration",
  "warning-unary-request-duration",
  "bootstrap-defrag-threshold-megabytes",
  "memory-mlock",
  "snapshot-catchup-entries",
  "compaction-sleep-interval",
  "downgrade-check-time",
  "peer-skip-client-san-verification",
  "enable-distributed-tracing",
  "distributed-tracing-address",
  "distributed-tracing-service-name",
  "distributed-tracing-instance-id",
  "distributed-tracing-sampling-rate",
] as const satisfies readonly FlagName[];

/** Booleans of etcd 3.5 that 3.6 made feature gates; both at once is an error. */
export const flagsNowGates = {
  "experimental-stop-grpc-service-on-defrag": "StopGRPCServiceOnDefrag",
  "experimental-initial-corrupt-check": "InitialCorruptCheck",
  "experimental-compact-hash-check-enabled": "CompactHashCheck",
  "experimental-txn-mode-write-with-shared-buffer": "TxnModeWriteWithSharedBuffer",
  "experimental-enable-lease-checkpoint": "LeaseCheckpoint",
  "experimental-enable-lease-checkpoint-persist": "LeaseCheckpointPersist",
} as const;

/** Flags of former etcd versions: still accepted, without effect. They need no value. */
export const ignoredFlags: readonly string[] = [
  "cluster-active-size",
  "cluster-remove-delay",
  "cluster-sync-interval",
  "config",
  "force",
  "max-result-buffer",
  "max-retry-attempts",
  "peer-heartbeat-interval",
  "peer-election-timeout",
  "retry-interval",
  "snapshot",
  "v",
  "vv",
];

/** What an etcd 3.6 warns of when it is set, besides the experimental names. */
export const deprecatedFlags: readonly FlagName[] = ["max-snapshots", "v2-deprecation"];

/** What a setting's text means, and the type that `setting-values.ts` makes of it. */
export interface SettingKinds {
  text: string;
  boolean: boolean;
  /** `yes` switches it on, as ZooKeeper wants it for skipACL; `true` does, too. */
  yes: boolean;
  /** A whole number. */
  integer: number;
}

export type SettingKind = keyof SettingKinds;

/**
 * One setting: one row. ZooKeeper reads some from zoo.cfg and some as system properties; those that have no property name
 * of their own are properties `zookeeper.KEY`, which a zoo.cfg sets, too.
 */
export interface SettingRow {
  /** In zoo.cfg; null: not there. */
  readonly key: string | null;
  /** The system property; null: there is none. */
  readonly property: string | null;
  /** Behind `--zk-`. */
  readonly flag: string;
  readonly kind: SettingKind;
  /** As one would type it. */
  readonly default: string;
  /** As the help shows it, where the real one is computed. */
  readonly shownDefault?: string;
  readonly min?: number;
  readonly max?: number;
  readonly help: string;
}

const PORT_MAX = 65_535;
const INT_MAX = 2 ** 31 - 1;

function inFile<Kind extends SettingKind>(
  key: string,
  flag: string,
  kind: Kind,
  row: Omit<SettingRow, "key" | "property" | "flag" | "kind">,
): SettingRow & { readonly kind: Kind } {
  return { key, property: null, flag, kind, ...row };
}

function inBoth<Kind extends SettingKind>(
  key: string,
  flag: string,
  kind: Kind,
  row: Omit<SettingRow, "key" | "property" | "flag" | "kind">,
): SettingRow & { readonly kind: Kind } {
  return { key, property: `zookeeper.${key}`, flag, kind, ...row };
}

function asProperty<Kind extends SettingKind>(
  property: string,
  flag: string,
  kind: Kind,
  row: Omit<SettingRow, "key" | "property" | "flag" | "kind">,
): SettingRow & { readonly kind: Kind } {
  return { key: null, property, flag, kind, ...row };
}

function ours<Kind extends SettingKind>(
  flag: string,
  kind: Kind,
  row: Omit<SettingRow, "key" | "property" | "flag" | "kind">,
): SettingRow & { readonly kind: Kind } {
  return { key: null, property: null, flag, kind, ...row };
}

/** All settings that mean something here, with ZooKeeper 3.9's names and defaults. */
export const settingTable = {
  listen: ours("listen", "text", {
    default: "none",
    help:
      "Addresses for ZooKeeper clients and the key under which their znodes stand: HOST:PORT=ROOT, comma-separated; " +
      "'none' for no ZooKeeper side. An empty HOST means all addresses, port 0 any that is free; /zk is the ROOT " +
      "when none is given.",
  }),
  config: ours("config", "text", {
    default: "",
    help: "A zoo.cfg. What flags or -D say goes before it; its clientPort counts when --zk-listen is not given.",
  }),

  tickTime: inFile("tickTime", "tick-time", "integer", {
    default: "2000",
    shownDefault: "2000; 3000 with a zoo.cfg that does not say",
    min: 1,
    max: INT_MAX,
    help: "Milliseconds of a tick, from which other times follow.",
  }),
  minSessionTimeout: inFile("minSessionTimeout", "min-session-timeout", "integer", {
    default: "-1",
    shownDefault: "2 ticks",
    min: -1,
    max: INT_MAX,
    help: "Shortest session timeout in milliseconds that a client gets.",
  }),
  maxSessionTimeout: inFile("maxSessionTimeout", "max-session-timeout", "integer", {
    default: "-1",
    shownDefault: "20 ticks",
    min: -1,
    max: INT_MAX,
    help: "Longest session timeout in milliseconds that a client gets.",
  }),
  maxClientCnxns: inFile("maxClientCnxns", "max-client-cnxns", "integer", {
    default: "60",
    min: 0,
    max: INT_MAX,
    help: "Most connections from one address, 0 for no limit.",
  }),
  maxCnxns: inBoth("maxCnxns", "max-cnxns", "integer", {
    default: "0",
    min: 0,
    max: INT_MAX,
    help: "Most connections in all, 0 for no limit.",
  }),
  clientPortListenBacklog: inFile("clientPortListenBacklog", "client-port-listen-backlog", "integer", {
    default: "-1",
    min: -1,
    max: INT_MAX,
    help: "Connections that may wait to be accepted; -1 for the system's number.",
  }),
  globalOutstandingLimit: inBoth("globalOutstandingLimit", "global-outstanding-limit", "integer", {
    default: "1000",
    min: 1,
    max: INT_MAX,
    help: "Requests under way above which clients are read more slowly.",
  }),
  juteMaxBuffer: asProperty("jute.maxbuffer", "jute-maxbuffer", "integer", {
    default: "1048575",
    min: 1,
    max: INT_MAX,
    help: "Longest request in bytes that is accepted.",
  }),
  largeRequestThreshold: inBoth("largeRequestThreshold", "large-request-threshold", "integer", {
    default: "-1",
    min: -1,
    max: INT_MAX,
    help: "Bytes above which a request is a large one; -1 for none.",
  }),
  largeRequestMaxBytes: inBoth("largeRequestMaxBytes", "large-request-max-bytes", "integer", {
    default: "104857600",
    min: 1,
    max: INT_MAX,
    help: "Bytes of large requests under way; one more is refused, and its connection closed.",
  }),
  sessionlessTimeout: inBoth("nio.sessionlessCnxnTimeout", "nio-sessionless-cnxn-timeout", "integer", {
    default: "10000",
    min: 1,
    max: INT_MAX,
    help: "Milliseconds after which a connection without a session is closed.",
  }),

  extendedTypes: inBoth("extendedTypesEnabled", "extended-types-enabled", "boolean", {
    default: "false",
    help: "Allow znodes with a TTL.",
  }),
  enforceQuota: inBoth("enforceQuota", "enforce-quota", "boolean", {
    default: "false",
    help: "Refuse writes that would pass a quota's hard limit.",
  }),
  containerCheckInterval: asProperty(
    "znode.container.checkIntervalMs",
    "znode-container-check-interval-ms",
    "integer",
    {
      default: "60000",
      min: 1,
      max: INT_MAX,
      help: "How often, in milliseconds, containers and znodes with a TTL are looked at.",
    },
  ),
  containerMaxPerMinute: asProperty("znode.container.maxPerMinute", "znode-container-max-per-minute", "integer", {
    default: "10000",
    min: 1,
    max: INT_MAX,
    help: "Most of them that are deleted in a minute.",
  }),
  containerMaxNeverUsed: asProperty(
    "znode.container.maxNeverUsedIntervalMs",
    "znode-container-max-never-used-interval-ms",
    "integer",
    {
      default: "0",
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      help: "Milliseconds after which a container that never had a child is deleted, 0 for never.",
    },
  ),
  readOnlyMode: asProperty("readonlymode.enabled", "readonlymode-enabled", "boolean", {
    default: "false",
    help: "Serve clients that can be read-only while etcd does not answer; and allow the word isro, by which they look for a server that writes.",
  }),
  reconfigEnabled: inFile("reconfigEnabled", "reconfig-enabled", "boolean", {
    default: "false",
    help: "Answer reconfig requests; a server that stands alone refuses them in other words then.",
  }),
  localSessions: inFile("localSessionsEnabled", "local-sessions-enabled", "boolean", {
    default: "false",
    help: "Accepted, without effect here: every session is a lease in the store, but in read-only mode.",
  }),
  localSessionsUpgrading: inFile("localSessionsUpgradingEnabled", "local-sessions-upgrading-enabled", "boolean", {
    default: "false",
    help: "Accepted, without effect here.",
  }),
  serverId: ours("server-id", "integer", {
    default: "-1",
    shownDefault: "the file myid",
    min: -1,
    max: 255,
    help: "Number of this server, 1 to 255, the first byte of the session ids it gives; another one for each facade.",
  }),
  dataCacheBytes: ours("data-cache-bytes", "integer", {
    default: "67108864",
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    help: "Bytes of znodes' data that are kept in memory; the rest is read from the store when it is asked for.",
  }),

  skipAcl: inBoth("skipACL", "skip-acl", "yes", { default: "no", help: "'yes' to check no ACLs." }),
  superDigest: inBoth("DigestAuthenticationProvider.superDigest", "super-digest", "text", {
    default: "",
    help: "The user who may do everything, super:BASE64 as ZooKeeper's DigestAuthenticationProvider prints it.",
  }),
  digestEnabled: inBoth("DigestAuthenticationProvider.enabled", "digest-enabled", "boolean", {
    default: "true",
    help: "Take the digest scheme.",
  }),
  digestAlg: inBoth("DigestAuthenticationProvider.digestAlg", "digest-alg", "text", {
    default: "SHA1",
    help: "Hash of the digest scheme: SHA1, SHA-256, SHA-512 and the like. All servers must use the same.",
  }),
  anySaslId: inBoth("letAnySaslUserDoX", "let-any-sasl-user-do-x", "text", {
    default: "",
    help: "The id in an ACL that every SASL user matches.",
  }),
  x509SuperUser: inBoth("X509AuthenticationProvider.superUser", "x509-super-user", "text", {
    default: "",
    help: "The distinguished name of a client certificate that may do what any other may.",
  }),
  enforceAuth: inBoth("enforce.auth.enabled", "enforce-auth-enabled", "boolean", {
    default: "false",
    help: "Refuse clients that have not authenticated by one of --zk-enforce-auth-schemes.",
  }),
  enforceAuthSchemes: inBoth("enforce.auth.schemes", "enforce-auth-schemes", "text", {
    default: "",
    help: "Schemes, comma-separated.",
  }),
  requireSasl: inBoth("sessionRequireClientSASLAuth", "session-require-client-sasl-auth", "boolean", {
    default: "false",
    help: "Refuse clients that have not authenticated by SASL.",
  }),

  fourLetterWhitelist: inBoth("4lw.commands.whitelist", "4lw-commands-whitelist", "text", {
    default: "srvr",
    help: "Four-letter words that are answered, comma-separated, or * for all.",
  }),
  adminEnabled: inBoth("admin.enableServer", "admin-enable-server", "boolean", {
    default: "true",
    help: "Serve ZooKeeper's AdminServer, its commands over HTTP.",
  }),
  adminAddress: inBoth("admin.serverAddress", "admin-server-address", "text", {
    default: "0.0.0.0",
    help: "Address of the AdminServer.",
  }),
  adminPort: inBoth("admin.serverPort", "admin-server-port", "integer", {
    default: "8080",
    min: 0,
    max: PORT_MAX,
    help: "Port of the AdminServer, 0 for any that is free.",
  }),
  adminIdleTimeout: inBoth("admin.idleTimeout", "admin-idle-timeout", "integer", {
    default: "30000",
    min: 1,
    max: INT_MAX,
    help: "Milliseconds after which an idle connection to it is closed.",
  }),
  adminCommandUrl: inBoth("admin.commandURL", "admin-command-url", "text", {
    default: "/commands",
    help: "Path under which it has its commands.",
  }),
  metricsProvider: inFile("metricsProvider.className", "metrics-provider-class-name", "text", {
    default: "org.apache.zookeeper.metrics.impl.DefaultMetricsProvider",
    shownDefault: "DefaultMetricsProvider",
    help:
      "ZooKeeper's org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider opens a port of its own for " +
      "/metrics. A server with an etcd in it has the same metrics on etcd's /metrics in any case.",
  }),
  metricsHost: inFile("metricsProvider.httpHost", "metrics-provider-http-host", "text", {
    default: "0.0.0.0",
    help: "Address of that port.",
  }),
  metricsPort: inFile("metricsProvider.httpPort", "metrics-provider-http-port", "integer", {
    default: "7000",
    min: 0,
    max: PORT_MAX,
    help: "Its number, 0 for any that is free.",
  }),
} as const satisfies Readonly<Record<string, SettingRow>>;

export type SettingName = keyof typeof settingTable;
export type SettingValues = { readonly [Name in SettingName]: SettingKinds[(typeof settingTable)[Name]["kind"]] };

export const settingNames = Object.keys(settingTable) as readonly SettingName[];

export function settingRow(name: SettingName): SettingRow {
  return settingTable[name];
}

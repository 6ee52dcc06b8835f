import { hashNameOf } from "../acl/digest.ts";
import type { AclRules } from "../acl/rules.ts";
import { FacadeConfigError, type FacadeConfigNote } from "./config-error.ts";
import type { FacadeConfig } from "./facade-config.ts";
import { DEFAULT_ROOT, listenAddress, type ListenAddress, parseListenAddresses } from "./listen-address.ts";
import { SettingSources } from "./setting-sources.ts";
import type { SettingValues } from "./setting-table.ts";
import { type ReadFile, readZooCfg, type ZooCfg } from "./zoo-cfg.ts";

export interface FacadeConfigInput {
  /** By name, `zk-tick-time`, as they were written. */
  readonly flags: ReadonlyMap<string, string>;
  /** System properties by name, `zookeeper.maxCnxns`: those of `-D`. */
  readonly properties: ReadonlyMap<string, string>;
  /** What `--zk-listen` is when neither it nor a zoo.cfg says: `localhost:2181=/zk`, or `none`. */
  readonly defaultListen: string;
  /** The store is this process's own, so there can be no further server of an ensemble. Default: it is not. */
  readonly isEmbedded?: boolean;
}

export interface BuiltFacadeConfig {
  readonly config: FacadeConfig;
  /** What the log should say about the settings once it is open. */
  readonly notes: readonly FacadeConfigNote[];
}

/** ZooKeeper's own default where a zoo.cfg is silent. Its sample file, and every tool, writes 2000. */
const TICK_TIME_OF_FILES_MS = 3000;
const SERVER_ID_MAX = 255;

const DEFAULT_PROVIDER = "org.apache.zookeeper.metrics.impl.DefaultMetricsProvider";
const NULL_PROVIDER = "org.apache.zookeeper.metrics.impl.NullMetricsProvider";
const PROMETHEUS_PROVIDER = "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider";

/**
 * Reads flags, system properties and the zoo.cfg that `--zk-config` names, and checks them. `readFile` throws an Error
 * whose message says why it cannot; a missing `myid` is none. Throws {@link FacadeConfigError}.
 */
export function buildFacadeConfig(input: FacadeConfigInput, readFile: ReadFile): BuiltFacadeConfig {
  const given = new SettingSources(input.flags, input.properties);
  const path = given.value("config");
  const file = path === "" ? null : readZooCfg(path, readFile);
  const sources = new SettingSources(input.flags, input.properties, file);
  const values = sources.values();
  const properties = new Map([...(file?.systemProperties ?? []), ...input.properties]);
  const notes: FacadeConfigNote[] = [...(file?.notes ?? [])];

  const tickTimeMs = file !== null && !sources.isGiven("tickTime") ? TICK_TIME_OF_FILES_MS : values.tickTime;
  const ensemble = file === null ? null : ensembleOf(file, notes);
  if (ensemble !== null && input.isEmbedded === true) {
    throw new FacadeConfigError(`${file!.name} names ${ensemble.size} servers: an ensemble is not supported yet`);
  }
  const serverId = values.serverId >= 0 ? values.serverId : file === null ? null : readMyId(file, readFile);
  const acl = aclRules(values, properties, notes);
  if (values.localSessions || values.localSessionsUpgrading)
    notes.push(info("local sessions are not kept: every session is a lease in the store"));
  const config: FacadeConfig = {
    listen: listenOf(sources, values, file, serverId, input.defaultListen),
    listenBacklog: values.clientPortListenBacklog,
    tickTimeMs,
    ...sessionTimeouts(values, tickTimeMs),
    sessionlessTimeoutMs: values.sessionlessTimeout,
    maxClientConnections: values.maxClientCnxns,
    maxConnections: values.maxCnxns,
    globalOutstandingLimit: values.globalOutstandingLimit,
    juteMaxBuffer: values.juteMaxBuffer,
    // ZooKeeper takes a threshold of 0 for none, too.
    largeRequests: {
      thresholdBytes: values.largeRequestThreshold === 0 ? -1 : values.largeRequestThreshold,
      bytesMax: values.largeRequestMaxBytes,
    },
    extendedTypes: values.extendedTypes,
    enforceQuota: values.enforceQuota,
    container: {
      checkIntervalMs: values.containerCheckInterval,
      maxPerMinute: values.containerMaxPerMinute,
      maxNeverUsedIntervalMs: values.containerMaxNeverUsed,
    },
    readOnlyMode: values.readOnlyMode,
    reconfigEnabled: values.reconfigEnabled,
    serverId,
    dataCacheBytes: values.dataCacheBytes,
    acl,
    digestAlgorithm: digestAlgorithm(values),
    superDigest: values.superDigest === "" ? null : values.superDigest,
    enforcedSchemes: enforcedSchemes(values, acl),
    fourLetterWhitelist: values.fourLetterWhitelist,
    admin: {
      enabled: values.adminEnabled,
      host: values.adminAddress,
      port: values.adminPort,
      isAddressGiven: sources.isGiven("adminPort") || sources.isGiven("adminAddress"),
      idleTimeoutMs: values.adminIdleTimeout,
      commandUrl: commandUrl(values),
    },
    prometheus: prometheusOf(values),
    dataDir: file?.dataDir ?? null,
    dataLogDir: file?.dataLogDir ?? null,
    ensemble,
    configText: file?.text ?? null,
    properties,
  };
  return { config: Object.freeze(config), notes };
}

function listenOf(
  sources: SettingSources,
  values: SettingValues,
  file: ZooCfg | null,
  serverId: number | null,
  defaultListen: string,
): readonly ListenAddress[] {
  if (sources.isGiven("listen")) return inFlag("--zk-listen", () => parseListenAddresses(values.listen));
  if (file === null) return parseListenAddresses(defaultListen);
  // A server's own line says it better than clientPort; that both say the same is ZooKeeper's rule.
  const client = serverId === null ? null : (file.servers.get(serverId)?.client ?? null);
  if (client !== null) {
    if (file.clientPort !== null && file.clientPort !== client.port) {
      throw new FacadeConfigError(
        `${file.name}: clientPort ${file.clientPort} differs from the client port ${client.port} of server.${serverId!}`,
      );
    }
    return [listenAddress(client.host ?? file.clientPortAddress, client.port, DEFAULT_ROOT)];
  }
  if (file.clientPort === null) throw new FacadeConfigError(`${file.name}: clientPort is not set`);
  return [listenAddress(file.clientPortAddress, file.clientPort, DEFAULT_ROOT)];
}

function sessionTimeouts(
  values: SettingValues,
  tickTimeMs: number,
): { readonly minSessionTimeoutMs: number; readonly maxSessionTimeoutMs: number } {
  const minSessionTimeoutMs = values.minSessionTimeout === -1 ? 2 * tickTimeMs : values.minSessionTimeout;
  const maxSessionTimeoutMs = values.maxSessionTimeout === -1 ? 20 * tickTimeMs : values.maxSessionTimeout;
  if (minSessionTimeoutMs > maxSessionTimeoutMs) {
    throw new FacadeConfigError("minSessionTimeout must not be larger than maxSessionTimeout");
  }
  return { minSessionTimeoutMs, maxSessionTimeoutMs };
}

/** Null for one voter that may stand alone, as ZooKeeper's own QuorumPeerMain decides. */
function ensembleOf(file: ZooCfg, notes: FacadeConfigNote[]): FacadeConfig["ensemble"] {
  const voters = [...file.servers.values()].filter(({ role }) => role === "participant");
  const observers = file.servers.size - voters.length;
  if (voters.length === 0) {
    if (observers > 0) throw new FacadeConfigError("Observers w/o participants is an invalid configuration");
    if (file.isStandaloneEnabled) return null;
    throw new FacadeConfigError("standaloneEnabled = false then number of participants should be >0");
  }
  if (voters.length === 1 && file.isStandaloneEnabled) {
    if (observers > 0) throw new FacadeConfigError("Observers w/o quorum is an invalid configuration");
    notes.push({
      level: "warn",
      message: "only one server specified; it stands alone and its line is ignored",
      fields: { file: file.name },
    });
    return null;
  }
  const lame = voters.find(({ addresses }) => addresses.some(({ electionPort }) => electionPort === null));
  if (lame !== undefined) throw new FacadeConfigError(`Missing election port for server: ${lame.id}`);
  return file.servers;
}

/** The first line of the file `myid` in the data directory; null when there is no such file. */
function readMyId(file: ZooCfg, readFile: ReadFile): number | null {
  let text: string;
  try {
    text = readFile(`${file.dataDir}/myid`);
  } catch {
    return null;
  }
  const line = text.split(/\r\n|\r|\n/, 1)[0]!;
  if (!/^[+-]?\d+$/.test(line)) throw new FacadeConfigError(`serverid ${line} is not a number`);
  const id = Number(line);
  if (id < 0 || id > SERVER_ID_MAX)
    throw new FacadeConfigError(`serverid ${line} is not between 0 and ${SERVER_ID_MAX}`);
  return id;
}

/** ZooKeeper's authentication providers, by class, and the schemes that they allow in ACLs. */
const providers: Readonly<Record<string, string | null>> = {
  "org.apache.zookeeper.server.auth.SASLAuthenticationProvider": "sasl",
  "org.apache.zookeeper.server.auth.X509AuthenticationProvider": "x509",
  "org.apache.zookeeper.server.auth.KeyAuthenticationProvider": "key",
  "org.apache.zookeeper.server.auth.EnsembleAuthenticationProvider": "ensemble",
  // There without being asked for.
  "org.apache.zookeeper.server.auth.DigestAuthenticationProvider": null,
  "org.apache.zookeeper.server.auth.IPAuthenticationProvider": null,
};

function aclRules(values: SettingValues, properties: ReadonlyMap<string, string>, notes: FacadeConfigNote[]): AclRules {
  const schemes = new Set<string>();
  for (const [name, className] of properties) {
    if (!name.startsWith("zookeeper.authProvider.")) continue;
    if (!Object.hasOwn(providers, className)) {
      notes.push({ level: "warn", message: "unknown authentication provider", fields: { property: name, className } });
      continue;
    }
    const scheme = providers[className];
    if (scheme !== null && scheme !== undefined) schemes.add(scheme);
  }
  return {
    skipAcl: values.skipAcl,
    schemes,
    isDigestEnabled: values.digestEnabled,
    anySaslId: values.anySaslId === "" ? null : values.anySaslId,
    x509SuperUser: values.x509SuperUser === "" ? null : values.x509SuperUser,
  };
}

function enforcedSchemes(values: SettingValues, acl: AclRules): readonly string[] | null {
  if (!values.requireSasl && !values.enforceAuth) return null;
  const listed = values.enforceAuthSchemes.split(",").map((scheme) => scheme.trim());
  const schemes = values.requireSasl ? ["sasl"] : listed.filter((scheme) => scheme !== "");
  if (schemes.length === 0) {
    throw new FacadeConfigError("enforce.auth.enabled is true, so enforce.auth.schemes must be configured");
  }
  const available = new Set([...acl.schemes, "ip", ...(acl.isDigestEnabled ? ["digest"] : [])]);
  const missing = schemes.find((scheme) => !available.has(scheme));
  if (missing !== undefined) throw new FacadeConfigError(`Authentication scheme ${missing} is not available.`);
  return schemes;
}

function digestAlgorithm(values: SettingValues): string {
  const name = hashNameOf(values.digestAlg);
  if (name === null) throw new FacadeConfigError(`digestAlg ${JSON.stringify(values.digestAlg)} is not a known hash`);
  return name;
}

function commandUrl({ adminCommandUrl }: SettingValues): string {
  if (/^\/[^?#*]*[^?#*/]$/.test(adminCommandUrl)) return adminCommandUrl;
  throw new FacadeConfigError(`admin.commandURL ${JSON.stringify(adminCommandUrl)} is not a path like /commands`);
}

function prometheusOf(values: SettingValues): FacadeConfig["prometheus"] {
  switch (values.metricsProvider) {
    case PROMETHEUS_PROVIDER:
      return { host: values.metricsHost, port: values.metricsPort };
    case DEFAULT_PROVIDER:
    case NULL_PROVIDER:
      return null;
    default:
      throw new FacadeConfigError(`metrics provider class was not found: ${values.metricsProvider}`);
  }
}

function inFlag<Value>(name: string, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (error instanceof FacadeConfigError) throw new FacadeConfigError(`${name}: ${error.message}`);
    throw error;
  }
}

function info(message: string): FacadeConfigNote {
  return { level: "info", message, fields: {} };
}

import { FacadeConfigError, type FacadeConfigNote } from "./config-error.ts";
import { type EnsembleServer, parseEnsembleServer } from "./ensemble.ts";
import { parseProperties, type Property, PropertySyntaxError } from "./java-properties.ts";
import { isWithoutEffect, unsupportedKeys } from "./known-keys.ts";
import type { SettingFile } from "./setting-sources.ts";
import { settingNames, settingRow } from "./setting-table.ts";

/** A zoo.cfg: what it says besides the settings of the table, which are read from its properties. */
export interface ZooCfg extends SettingFile {
  readonly text: string;
  readonly dataDir: string;
  readonly dataLogDir: string;
  readonly clientPort: number | null;
  readonly clientPortAddress: string | null;
  readonly servers: ReadonlyMap<number, EnsembleServer>;
  readonly isStandaloneEnabled: boolean;
  /** What it sets as system properties: each key that ZooKeeper does not know, with `zookeeper.` before it. */
  readonly systemProperties: ReadonlyMap<string, string>;
  readonly notes: readonly FacadeConfigNote[];
}

export type ReadFile = (path: string) => string;

/**
 * Reads a zoo.cfg, and the dynamic configuration file that it may name. `readFile` throws an Error whose message says why
 * it cannot. Throws {@link FacadeConfigError}, with the line where there is one.
 */
export function readZooCfg(path: string, readFile: ReadFile): ZooCfg {
  const text = read(path, readFile);
  const name = path.slice(path.lastIndexOf("/") + 1);
  const properties = parseLines(name, text);
  const byKey = new Map(properties.map((property) => [property.key, property]));
  const valueOf = (key: string): string | null => byKey.get(key)?.value.trim() ?? null;
  const refuse = (key: string, reason: string): never => {
    throw new FacadeConfigError(`${name} line ${byKey.get(key)!.line}: ${reason}`);
  };

  for (const key of unsupportedKeys) if (byKey.has(key)) refuse(key, `${key} is not supported yet`);
  checkFixedWords(valueOf, refuse);
  const dataDir = valueOf("dataDir");
  if (dataDir === null || dataDir === "") throw new FacadeConfigError(`${name}: dataDir is not set`);
  const clientPort = portOf(valueOf("clientPort"), (reason) => refuse("clientPort", reason));
  if (clientPort === null && byKey.has("clientPortAddress")) {
    refuse("clientPortAddress", "clientPortAddress is set but clientPort is not set");
  }
  const { servers, notes } = readServers(name, properties, valueOf("dynamicConfigFile"), readFile);
  return {
    name,
    text,
    properties,
    dataDir,
    dataLogDir: valueOf("dataLogDir") ?? dataDir,
    clientPort,
    clientPortAddress: valueOf("clientPortAddress"),
    servers,
    isStandaloneEnabled: valueOf("standaloneEnabled")?.toLowerCase() !== "false",
    systemProperties: systemPropertiesOf(properties),
    notes: [...notes, ...notesOn(name, properties)],
  };
}

function read(path: string, readFile: ReadFile): string {
  try {
    return readFile(path);
  } catch (error) {
    throw new FacadeConfigError(error instanceof Error ? error.message : String(error));
  }
}

function parseLines(name: string, text: string): readonly Property[] {
  try {
    return parseProperties(text);
  } catch (error) {
    if (error instanceof PropertySyntaxError) {
      throw new FacadeConfigError(`${name} line ${error.line}: ${error.message}`);
    }
    throw error;
  }
}

/** ZooKeeper is particular about these, though they change nothing here: a typing error should not go unnoticed. */
function checkFixedWords(
  valueOf: (key: string) => string | null,
  refuse: (key: string, reason: string) => never,
): void {
  const words: readonly (readonly [key: string, pattern: RegExp, reason: string])[] = [
    ["electionAlg", /^3$/, "Invalid electionAlg value. Only 3 is supported."],
    ["peerType", /^(observer|participant)$/i, `Unrecognised peertype: ${valueOf("peerType") ?? ""}`],
    ...["standaloneEnabled", "syncEnabled", "sslQuorum", "quorumListenOnAllIPs"].map(
      (key) => [key, /^(true|false)$/i, `${key} is neither true nor false`] as const,
    ),
    ...["initLimit", "syncLimit", "autopurge.snapRetainCount", "autopurge.purgeInterval"].map(
      (key) => [key, /^[+-]?\d+$/, `${key} is not a whole number`] as const,
    ),
  ];
  for (const [key, pattern, reason] of words) {
    const value = valueOf(key);
    if (value !== null && !pattern.test(value)) refuse(key, reason);
  }
}

function portOf(text: string | null, refuse: (reason: string) => never): number | null {
  if (text === null) return null;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) refuse(`clientPort: ${JSON.stringify(text)} is no port`);
  return Number(text);
}

interface Servers {
  readonly servers: ReadonlyMap<number, EnsembleServer>;
  readonly notes: readonly FacadeConfigNote[];
}

/** `server.N` lines stand in the zoo.cfg or in the dynamic configuration file, never in both. */
function readServers(name: string, own: readonly Property[], dynamicPath: string | null, readFile: ReadFile): Servers {
  if (dynamicPath === null) return serversOf(name, own);
  const misplaced = own.find(({ key }) => /^(server\.|group|weight)/.test(key));
  if (misplaced !== undefined) {
    const { key, line } = misplaced;
    throw new FacadeConfigError(`${name} line ${line}: parameter: ${key} must be in a separate dynamic config file`);
  }
  const dynamicName = dynamicPath.slice(dynamicPath.lastIndexOf("/") + 1);
  const properties = parseLines(dynamicName, read(dynamicPath, readFile));
  const stray = properties.find(({ key }) => !/^(server\.|group|weight)/.test(key));
  if (stray !== undefined) {
    const reason =
      stray.key === "version" ? "dynamic file shouldn't have version inside" : `Unrecognised parameter: ${stray.key}`;
    throw new FacadeConfigError(`${dynamicName} line ${stray.line}: ${reason}`);
  }
  return serversOf(dynamicName, properties);
}

function serversOf(name: string, properties: readonly Property[]): Servers {
  const servers = new Map<number, EnsembleServer>();
  for (const { key, value, line } of properties) {
    if (!key.startsWith("server.")) continue;
    const id = key.slice("server.".length);
    if (!/^\d{1,15}$/.test(id)) throw new FacadeConfigError(`${name} line ${line}: ${key} has no number`);
    try {
      servers.set(Number(id), parseEnsembleServer(Number(id), value));
    } catch (error) {
      if (!(error instanceof FacadeConfigError)) throw error;
      throw new FacadeConfigError(`${name} line ${line}: ${error.message}`);
    }
  }
  return { servers, notes: [] };
}

/** The keys of the table that ZooKeeper reads from the file itself. */
const readFromFile = new Set(
  settingNames.map(settingRow).flatMap(({ key, property }) => (key !== null && property === null ? [key] : [])),
);
const structural = /^(dataDir|dataLogDir|clientPort|clientPortAddress|dynamicConfigFile|server\..*)$/;
/** Properties without the prefix `zookeeper.`: a zoo.cfg cannot set them, though many a one tries. */
const barePropertyNames = new Set(
  settingNames.map(settingRow).flatMap(({ key, property }) => (key === null && property !== null ? [property] : [])),
);
const propertyKeys = new Set(
  settingNames.map(settingRow).flatMap(({ key, property }) => (key !== null && property !== null ? [key] : [])),
);

function systemPropertiesOf(properties: readonly Property[]): ReadonlyMap<string, string> {
  return new Map(
    properties
      .filter(({ key }) => !readFromFile.has(key) && !structural.test(key) && !isReadAndForgotten(key))
      .map(({ key, value }) => [`zookeeper.${key}`, value.trim()]),
  );
}

/** What ZooKeeper reads from the file and nothing here does. */
function isReadAndForgotten(key: string): boolean {
  return (
    /^(initLimit|syncLimit|connectToLearnerMasterLimit|electionAlg|quorumListenOnAllIPs|peerType|syncEnabled)$/.test(
      key,
    ) ||
    /^(standaloneEnabled|sslQuorum|portUnification|sslQuorumReloadCertFiles|oraclePath|observerMasterPort)$/.test(
      key,
    ) ||
    /^(autopurge\.|quorum\.|jvm\.pause\.|metricsProvider\.|multiAddress\.|group|weight)/.test(key)
  );
}

function notesOn(name: string, properties: readonly Property[]): FacadeConfigNote[] {
  const keys = [...new Set(properties.map(({ key }) => key))];
  const notes: FacadeConfigNote[] = [];
  const note = (message: string, chosen: readonly string[]): void => {
    if (chosen.length > 0) notes.push({ level: "warn", message, fields: { file: name, keys: chosen } });
  };
  const isRead = (key: string): boolean =>
    structural.test(key) || readFromFile.has(key) || propertyKeys.has(key) || key.startsWith("authProvider.");
  const bare = keys.filter((key) => barePropertyNames.has(key));
  note("keys that ZooKeeper takes as system properties only, so they have no effect in a file; give -DKEY=VALUE", bare);
  const isSetting = (key: string): boolean => readFromFile.has(key) || propertyKeys.has(key) || bare.includes(key);
  const idle = keys.filter((key) => isWithoutEffect(key) && !isSetting(key));
  note("keys without effect here", idle);
  const unknown = keys.filter((key) => !isRead(key) && !bare.includes(key) && !idle.includes(key));
  note("keys that nobody knows; they are system properties now", unknown);
  return notes;
}

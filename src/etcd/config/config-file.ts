import { parse, YAMLParseError } from "yaml";
import { formatDuration } from "../base/go-duration.ts";
import { ConfigError, type ConfigNote } from "./config-note.ts";
import { ServeFlagSet } from "./flag-set.ts";
import { flagRow, flagsOnceExperimental, isFlagName, type FlagKind } from "./flag-table.ts";
import { FlagValueError } from "./flag-values.ts";
import { type ForeignFlags, noForeignFlags } from "./foreign-flags.ts";

/** TLS settings stand in maps of their own; each key belongs to one flag. */
const transportSecurity: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "client-transport-security": {
    "cert-file": "cert-file",
    "key-file": "key-file",
    "client-cert-file": "client-cert-file",
    "client-key-file": "client-key-file",
    "client-cert-auth": "client-cert-auth",
    "trusted-ca-file": "trusted-ca-file",
    "auto-tls": "auto-tls",
    "allowed-hostname": "client-cert-allowed-hostname",
  },
  "peer-transport-security": {
    "cert-file": "peer-cert-file",
    "key-file": "peer-key-file",
    "client-cert-file": "peer-client-cert-file",
    "client-key-file": "peer-client-key-file",
    "client-cert-auth": "peer-client-cert-auth",
    "trusted-ca-file": "peer-trusted-ca-file",
    "auto-tls": "peer-auto-tls",
    "allowed-cn": "peer-cert-allowed-cn",
    "allowed-hostname": "peer-cert-allowed-hostname",
    "skip-client-san-verification": "peer-skip-client-san-verification",
  },
  "socket-options": { "reuse-port": "socket-reuse-port", "reuse-address": "socket-reuse-address" },
};

/** Flags that a file does not set at the top level: TLS and sockets have their maps, the rest is for the command line. */
const notAtTopLevel = new Set([
  ...Object.values(transportSecurity).flatMap((keys) => Object.values(keys)),
  "client-crl-file",
  "peer-crl-file",
  "config-file",
  "version",
]);

/** etcd misspelled one old key once, and has taken both spellings since. */
const misspelled: Readonly<Record<string, string>> = {
  "experimental-snapshot-catch-up-entries": "experimental-snapshot-catchup-entries",
};

/**
 * A configuration file, YAML or JSON: flag names as keys, durations in nanoseconds (a Go duration is taken, too), lists
 * of URLs joined by commas. Keys that are not known are ignored, as etcd ignores them, but the log says so.
 * Throws {@link ConfigError}.
 */
export function readConfigFile(
  text: string,
  foreign: ForeignFlags = noForeignFlags,
): { readonly flags: ServeFlagSet; readonly notes: readonly ConfigNote[] } {
  const flags = new ServeFlagSet(foreign);
  const notes: ConfigNote[] = [];
  for (const [key, value] of Object.entries(parseDocument(text))) {
    const section = transportSecurity[key];
    const name = misspelled[key] ?? key;
    if (section !== undefined) applySection(flags, key, section, value, notes);
    else if (isTopLevel(flags, name)) setFromFile(flags, name, key, value);
    else notes.push(unknownKey(key));
  }
  return { flags, notes };
}

function parseDocument(text: string): object {
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    if (error instanceof YAMLParseError) throw new ConfigError(`error converting YAML to JSON: ${error.message}`);
    throw error;
  }
  // An empty file is an empty map.
  if (document === null || document === undefined) return {};
  if (typeof document === "object" && !Array.isArray(document)) return document;
  throw new ConfigError("configuration file is not a map of flag names to values");
}

function applySection(
  flags: ServeFlagSet,
  section: string,
  keys: Readonly<Record<string, string>>,
  value: unknown,
  notes: ConfigNote[],
): void {
  if (value === null) return;
  if (typeof value !== "object" || Array.isArray(value)) throw new ConfigError(`invalid ${section}`);
  for (const [key, item] of Object.entries(value)) {
    const name = keys[key];
    if (name === undefined) notes.push(unknownKey(`${section}.${key}`));
    else setFromFile(flags, name, `${section}.${key}`, item);
  }
}

function setFromFile(flags: ServeFlagSet, name: string, key: string, value: unknown): void {
  if (value === null) return;
  try {
    const text = toFlagText(kindOf(flags, name), value);
    // etcd takes an empty text for "not set" wherever it reads URLs or gates.
    if (text !== "") flags.set(name, text);
  } catch (error) {
    if (!(error instanceof FlagValueError)) throw error;
    throw new ConfigError(`invalid value ${JSON.stringify(value)} for ${key}: ${error.message}`);
  }
}

/** What one would have typed for it. */
function toFlagText(kind: FlagKind, value: unknown): string {
  switch (typeof value) {
    case "string":
      if (kind === "boolean") throw new FlagValueError("must be true or false");
      return value;
    case "boolean":
      if (kind !== "boolean" && kind !== "text") throw new FlagValueError("must not be a boolean");
      return String(value);
    case "bigint":
    case "number":
      if (kind === "duration") return nanoseconds(value);
      if (kind === "boolean") throw new FlagValueError("must be true or false");
      return String(value);
    default:
      if (isListKind(kind) && Array.isArray(value)) return value.map((item) => toFlagText("text", item)).join(",");
      throw new FlagValueError("has the wrong type");
  }
}

function nanoseconds(value: number | bigint): string {
  if (typeof value === "number" && !Number.isInteger(value)) throw new FlagValueError("must be whole nanoseconds");
  return formatDuration(BigInt(value));
}

function isListKind(kind: FlagKind): boolean {
  return kind === "set" || kind === "list" || kind === "urls" || kind === "origins" || kind === "choices";
}

function isTopLevel(flags: ServeFlagSet, name: string): boolean {
  return flags.shapeOf(name) !== "unknown" && !notAtTopLevel.has(name);
}

/** Old names have the kind of their successor; those that became gates were booleans. */
function kindOf(flags: ServeFlagSet, name: string): FlagKind {
  const current = flagsOnceExperimental.find((candidate) => name === `experimental-${candidate}`) ?? name;
  if (isFlagName(current)) return flagRow(current).kind;
  return flags.shapeOf(name) === "boolean" ? "boolean" : "text";
}

function unknownKey(key: string): ConfigNote {
  return { level: "warn", message: "unrecognized key in configuration file", fields: { key } };
}

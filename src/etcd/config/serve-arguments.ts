import { buildConfig } from "./build-config.ts";
import type { Config, LogConfig } from "./config.ts";
import { readConfigFile } from "./config-file.ts";
import { ConfigError, type ConfigNote } from "./config-note.ts";
import { applyEnvironment, type Environment, ShadowedVariableError } from "./environment.ts";
import { ServeFlagSet } from "./flag-set.ts";
import { FlagValueError } from "./flag-values.ts";
import { type ForeignFlags, noForeignFlags } from "./foreign-flags.ts";
import { GoFlagError, parseGoFlags } from "./go-flags.ts";
import { parseGoBoolean } from "./go-values.ts";

/** What a command line asks for. The exit codes are etcd's. */
export type ServeArguments =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  /** Go would not read the line: the text and the usage on stderr, exit code 2. */
  | { readonly kind: "unreadable"; readonly text: string }
  /** The log says why, at this level, and the exit code is 1. Null: the log's settings were not known yet. */
  | {
      readonly kind: "refused";
      readonly level: "warn" | "fatal";
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
      readonly log: LogConfig | null;
      readonly notes: readonly ConfigNote[];
    }
  | {
      readonly kind: "serve";
      readonly config: Config;
      readonly notes: readonly ConfigNote[];
      /** What was set of the other API's flags, as it was written. */
      readonly foreign: ReadonlyMap<string, string>;
    };

/**
 * Reads flags, environment and configuration file, in etcd's order of precedence: a file rules out all else, a flag and
 * its variable rule each other out. `readFile` throws an Error whose message says why it cannot.
 */
export function parseServeArguments(
  argv: readonly string[],
  env: Environment,
  readFile: (path: string) => string,
  foreign: ForeignFlags = noForeignFlags,
): ServeArguments {
  const flags = new ServeFlagSet(foreign);
  try {
    const line = parseGoFlags(argv, (name) => flags.shapeOf(name));
    for (const { name, value } of line.settings) setFromLine(flags, name, value);
    if (line.wantsHelp) return { kind: "help" };
    const [stray] = line.positional;
    if (stray !== undefined) throw new ConfigError(`${JSON.stringify(stray)} is not a valid flag`);
    if (flags.value("version")) return { kind: "version" };

    const path = flags.value("config-file") || (env["ETCD_CONFIG_FILE"] ?? "");
    return path === "" ? fromFlags(flags, env) : fromFile(path, readFile, foreign);
  } catch (error) {
    return refusal(error);
  }
}

function fromFlags(flags: ServeFlagSet, env: Environment): ServeArguments {
  const notes = applyEnvironment(flags, env);
  // The default would advertise an address on which nobody listens.
  const advertiseMissing = flags.isSet("listen-client-urls") && !flags.isSet("advertise-client-urls");
  return build(flags, notes, advertiseMissing, []);
}

function fromFile(path: string, readFile: (path: string) => string, foreign: ForeignFlags): ServeArguments {
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error));
  }
  const { flags, notes } = readConfigFile(text, foreign);
  const loaded: ConfigNote = {
    level: "info",
    message:
      "loaded server configuration, other configuration command line flags and environment variables " +
      "will be ignored if provided",
    fields: { path },
  };
  return build(flags, notes, false, [loaded]);
}

function build(
  flags: ServeFlagSet,
  before: readonly ConfigNote[],
  advertiseMissing: boolean,
  after: readonly ConfigNote[],
): ServeArguments {
  try {
    const { config, notes } = buildConfig(flags.values(), advertiseMissing);
    const all = [...before, ...notes, ...after, ...flags.deprecations()];
    return { kind: "serve", config, notes: all, foreign: flags.foreignTexts };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(error.message, { log: error.log, notes: [...before, ...error.notes, ...after] });
  }
}

function setFromLine(flags: ServeFlagSet, name: string, value: string): void {
  try {
    flags.set(name, value);
  } catch (error) {
    if (!(error instanceof FlagValueError)) throw error;
    const isBoolean = flags.shapeOf(name) === "boolean" && parseGoBoolean(value) === null;
    const subject = isBoolean
      ? `boolean value ${JSON.stringify(value)} for`
      : `value ${JSON.stringify(value)} for flag`;
    throw new GoFlagError(`invalid ${subject} -${name}: ${error.message}`);
  }
}

function refusal(error: unknown): ServeArguments {
  if (error instanceof GoFlagError) return { kind: "unreadable", text: error.message };
  if (error instanceof ShadowedVariableError) {
    const fields = { "environment-variable": error.variable };
    return { kind: "refused", level: "fatal", message: error.message, fields, log: null, notes: [] };
  }
  if (!(error instanceof ConfigError)) throw error;
  const fields = { error: error.message };
  return {
    kind: "refused",
    level: "warn",
    message: "failed to verify flags",
    fields,
    log: error.log,
    notes: error.notes,
  };
}

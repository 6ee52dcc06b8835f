import { ConfigError, type ConfigNote } from "./config-note.ts";
import type { ServeFlagSet } from "./flag-set.ts";
import { FlagValueError } from "./flag-values.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable and a flag say the same thing: etcd ends at once with a fatal line. */
export class ShadowedVariableError extends Error {
  override readonly name = "ShadowedVariableError";
  readonly variable: string;

  constructor(variable: string) {
    super(
      "conflicting environment variable is shadowed by corresponding command-line flag " +
        "(either unset environment variable or disable flag))",
    );
    this.variable = variable;
  }
}

/** `initial-cluster` is ETCD_INITIAL_CLUSTER. */
export function variableOf(flag: string): string {
  return `ETCD_${flag.toUpperCase().replaceAll("-", "_")}`;
}

/**
 * Sets from the environment what no flag has set. An empty variable sets nothing.
 * Throws {@link ConfigError} for a bad value and {@link ShadowedVariableError}.
 */
export function applyEnvironment(flags: ServeFlagSet, env: Environment): ConfigNote[] {
  const notes: ConfigNote[] = [];
  const version = env["ETCD_VERSION"] ?? "";
  if (version !== "") {
    // `--version` has a variable by the rule, but images set this one for another purpose.
    const fields = { key: "ETCD_VERSION", value: version };
    notes.push({ level: "warn", message: "cannot set special environment variable", fields });
  }

  const known = new Map(flags.names().map((name) => [variableOf(name), name]));
  known.delete("ETCD_VERSION");
  const setByFlag = new Set([...known].filter(([, name]) => flags.isSet(name)).map(([variable]) => variable));
  for (const [variable, name] of known) {
    const value = env[variable] ?? "";
    if (value === "" || setByFlag.has(variable)) continue;
    setFromVariable(flags, name, variable, value);
    const fields = { "variable-name": variable, "variable-value": value };
    notes.push({ level: "info", message: "recognized and used environment variable", fields });
  }

  for (const [variable, value] of Object.entries(env)) {
    if (setByFlag.has(variable)) throw new ShadowedVariableError(variable);
    const used = known.has(variable) && value !== "";
    if (!variable.startsWith("ETCD_") || used || variable === "ETCD_VERSION") continue;
    const fields = { "environment-variable": `${variable}=${value ?? ""}` };
    notes.push({ level: "warn", message: "unrecognized environment variable", fields });
  }
  return notes;
}

function setFromVariable(flags: ServeFlagSet, name: string, variable: string, value: string): void {
  try {
    flags.set(name, value);
  } catch (error) {
    if (!(error instanceof FlagValueError)) throw error;
    throw new ConfigError(`invalid value ${JSON.stringify(value)} for ${variable}: ${error.message}`);
  }
}

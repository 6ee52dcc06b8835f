import { ConfigError, type ConfigNote } from "./config-note.ts";
import type { FeatureGate, FeatureGateSettings } from "./feature-gates.ts";
import {
  deprecatedFlags,
  flagNames,
  flagRow,
  flagsNowGates,
  flagsOnceExperimental,
  ignoredFlags,
  isFlagName,
  type FlagName,
  type FlagValues,
} from "./flag-table.ts";
import { FlagSettings, FlagValueError } from "./flag-values.ts";
import { foreignShapeOf, type ForeignFlags, noForeignFlags } from "./foreign-flags.ts";
import type { GoFlagShape } from "./go-flags.ts";
import { parseGoBoolean } from "./go-values.ts";

type NowGate = keyof typeof flagsNowGates;

const experimental = new Map<string, FlagName>(flagsOnceExperimental.map((name) => [`experimental-${name}`, name]));

/**
 * All names that etcd's command line knows, the old ones with the new, and what was set under which name.
 * An old name means its successor; to set both is an error, whatever the values.
 */
export class ServeFlagSet {
  readonly #foreign: ForeignFlags;
  readonly #foreignTexts = new Map<string, string>();
  readonly #settings = new FlagSettings();
  readonly #oldNames = new Set<string>();
  readonly #oldSettings = new FlagSettings();
  readonly #nowGates = new Map<NowGate, boolean>();

  constructor(foreign: ForeignFlags = noForeignFlags) {
    this.#foreign = foreign;
  }

  names(): readonly string[] {
    const ofEtcd = [...flagNames, ...experimental.keys(), ...Object.keys(flagsNowGates), ...ignoredFlags];
    return [...ofEtcd, ...Object.keys(this.#foreign.rows)].sort();
  }

  shapeOf(name: string): GoFlagShape {
    if (ignoredFlags.includes(name) || isNowGate(name)) return "boolean";
    const current = experimental.get(name) ?? name;
    if (!isFlagName(current)) return foreignShapeOf(this.#foreign, name);
    return flagRow(current).kind === "boolean" ? "boolean" : "valued";
  }

  /** The name must be known. Throws {@link FlagValueError}. */
  set(name: string, text: string): void {
    if (ignoredFlags.includes(name)) return;
    if (isNowGate(name)) {
      const on = parseGoBoolean(text);
      if (on === null) throw new FlagValueError("parse error");
      this.#nowGates.set(name, on);
      return;
    }
    const current = experimental.get(name);
    if (current !== undefined) {
      this.#oldSettings.set(current, text);
      this.#oldNames.add(name);
    } else if (isFlagName(name)) {
      this.#settings.set(name, text);
    } else if (this.#isForeign(name)) {
      this.#foreignTexts.set(name, text);
    } else {
      throw new FlagValueError(`unknown name ${name}`);
    }
  }

  isSet(name: string): boolean {
    if (isNowGate(name)) return this.#nowGates.has(name);
    if (this.#foreignTexts.has(name)) return true;
    return isFlagName(name) ? this.#settings.isSet(name) : this.#oldNames.has(name);
  }

  /** What was set of the other API, as it was written. */
  get foreignTexts(): ReadonlyMap<string, string> {
    return this.#foreignTexts;
  }

  /** One of the new names, alone. */
  value<Name extends FlagName>(name: Name): FlagValues[Name] {
    return this.#settings.get(name);
  }

  /** Old names folded into the new ones. Throws {@link ConfigError} where both were set. */
  values(): FlagValues {
    for (const oldName of this.#oldNames) {
      const name = experimental.get(oldName)!;
      if (this.#settings.isSet(name)) {
        throw new ConfigError(`cannot set --${oldName} and --${name} at the same time, please use --${name} only`);
      }
    }
    const values = this.#settings.values(this.#oldSettings);
    return { ...values, "feature-gates": this.#foldGates(values["feature-gates"]) };
  }

  /** What an etcd 3.6 says about names that the next version no longer takes. */
  deprecations(): ConfigNote[] {
    const isSet = (name: string): boolean => this.isSet(name);
    const warnings = [
      ...[...experimental].filter(([old]) => isSet(old)).map(([old, name]) => replaced(old, `--${name}`)),
      ...Object.entries(flagsNowGates)
        .filter(([old]) => isSet(old))
        .map(([old, gate]) => replaced(old, `--feature-gates=${gate}=true`)),
      ...deprecatedFlags.filter(isSet).map((name) => `--${name} is deprecated in etcd 3.6 and has no effect here`),
    ];
    return warnings.map((message) => ({ level: "warn", message, fields: {} }));
  }

  #isForeign(name: string): boolean {
    return foreignShapeOf(this.#foreign, name) !== "unknown";
  }

  #foldGates(settings: FeatureGateSettings): FeatureGateSettings {
    const folded = new Map<FeatureGate, boolean>(settings);
    for (const [oldName, on] of this.#nowGates) {
      const gate = flagsNowGates[oldName];
      const byGate = settings.get(gate);
      if (byGate !== undefined) {
        const [old, now] = [`--${oldName}=${on}`, `--feature-gates=${gate}=${byGate}`];
        throw new ConfigError(`cannot specify both flags: ${old} and ${now} at the same time, please just use ${now}`);
      }
      folded.set(gate, on);
    }
    return folded;
  }
}

function replaced(oldName: string, successor: string): string {
  return `--${oldName} is deprecated in etcd 3.6 and gone in 3.7; use ${successor} instead`;
}

function isNowGate(name: string): name is NowGate {
  return Object.hasOwn(flagsNowGates, name);
}

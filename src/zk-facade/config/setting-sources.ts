import { FacadeConfigError } from "./config-error.ts";
import type { Property } from "./java-properties.ts";
import { type SettingKinds, type SettingName, settingNames, type SettingRow, settingRow } from "./setting-table.ts";
import type { SettingValues } from "./setting-table.ts";

/** A zoo.cfg, read but not understood. */
export interface SettingFile {
  /** As messages call it. */
  readonly name: string;
  readonly properties: readonly Property[];
}

/**
 * Where settings come from. The first that has one decides:
 *
 *   --zk-tick-time   -Dzookeeper.x=y   zoo.cfg   default
 */
export class SettingSources {
  /** By name, `zk-tick-time`. */
  readonly #flags: ReadonlyMap<string, string>;
  /** By name, `zookeeper.maxCnxns`. */
  readonly #properties: ReadonlyMap<string, string>;
  readonly #file: SettingFile | null;
  /** The last line of each key decides. */
  readonly #fileByKey: ReadonlyMap<string, Property>;

  constructor(
    flags: ReadonlyMap<string, string>,
    properties: ReadonlyMap<string, string>,
    file: SettingFile | null = null,
  ) {
    this.#flags = flags;
    this.#properties = properties;
    this.#file = file;
    this.#fileByKey = new Map(file?.properties.map((property) => [property.key, property]));
  }

  /** All settings. Throws {@link FacadeConfigError} for the first that makes no sense. */
  values(): SettingValues {
    const entries = settingNames.map((name) => [name, this.value(name)] as const);
    return Object.fromEntries(entries) as unknown as SettingValues;
  }

  value<Name extends SettingName>(name: Name): SettingValues[Name] {
    const row = settingRow(name);
    const { text, origin, isDecoded } = this.#find(row);
    try {
      // The table is the proof: the value was made by the parser of the name's own kind.
      return parse(row, text, isDecoded) as SettingValues[Name];
    } catch (error) {
      if (error instanceof FacadeConfigError) throw new FacadeConfigError(`${origin}: ${error.message}`);
      throw error;
    }
  }

  isGiven(name: SettingName): boolean {
    return this.#find(settingRow(name)).origin !== "";
  }

  /** `zoo.cfg line 7: clientPort` */
  originOf(property: Property): string {
    return `${this.#file?.name ?? ""} line ${property.line}: ${property.key}`;
  }

  #find(row: SettingRow): { readonly text: string; readonly origin: string; readonly isDecoded: boolean } {
    const flag = this.#flags.get(`zk-${row.flag}`);
    if (flag !== undefined) return { text: flag, origin: `--zk-${row.flag}`, isDecoded: true };
    const property = row.property === null ? undefined : this.#properties.get(row.property);
    if (property !== undefined) return { text: property, origin: `-D${row.property!}`, isDecoded: true };
    const line = row.key === null ? undefined : this.#fileByKey.get(row.key);
    if (line === undefined) return { text: row.default, origin: "", isDecoded: true };
    // What ZooKeeper reads from the file itself it takes for decimal; what becomes a property may be 0x10.
    return { text: line.value.trim(), origin: this.originOf(line), isDecoded: row.property !== null };
  }
}

function parse(row: SettingRow, text: string, isDecoded: boolean): SettingKinds[SettingRow["kind"]] {
  switch (row.kind) {
    case "text":
      return text;
    case "boolean":
      if (/^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
      throw new FacadeConfigError(`${JSON.stringify(text)} is neither true nor false`);
    case "yes":
      if (/^(yes|no|true|false)$/i.test(text)) return /^(yes|true)$/i.test(text);
      throw new FacadeConfigError(`${JSON.stringify(text)} is neither yes nor no`);
    case "integer":
      return bounded(row, integer(text, isDecoded), text);
  }
}

/** Decoded as Java's Integer.decode does: `0x10`, `#10` and `010` are not decimal. */
function integer(text: string, isDecoded: boolean): number {
  const parts = /^([+-]?)(0x|#|0(?=\d))?([\da-f]+)$/i.exec(text);
  const [, sign = "", prefix = "", digits = ""] = parts ?? [];
  const radix = prefix === "" || !isDecoded ? 10 : prefix === "0" ? 8 : 16;
  const isRead = parts !== null && (radix === 16 || /^\d+$/.test(digits)) && (isDecoded || /^0?$/.test(prefix));
  const value = isRead && !(radix === 8 && /[89]/.test(digits)) ? parseInt(digits, radix) : NaN;
  if (Number.isNaN(value)) throw new FacadeConfigError(`${JSON.stringify(text)} is not a whole number`);
  return sign === "-" ? -value : value;
}

function bounded(row: SettingRow, value: number, text: string): number {
  if (row.min !== undefined && value < row.min) throw new FacadeConfigError(`${text} is less than ${row.min}`);
  if (row.max !== undefined && value > row.max) throw new FacadeConfigError(`${text} is more than ${row.max}`);
  return value;
}

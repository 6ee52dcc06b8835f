import { DurationError, parseDuration, toMilliseconds } from "../base/go-duration.ts";
import { parseFeatureGates } from "./feature-gates.ts";
import { flagNames, flagRow, type FlagKinds, type FlagName, type FlagRow, type FlagValues } from "./flag-table.ts";
import { parseGoBoolean, parseGoInteger } from "./go-values.ts";
import { parseServerUrls } from "./server-url.ts";

/** A value that its flag does not take. The message is the reason only, in the words of Go or etcd. */
export class FlagValueError extends Error {
  override readonly name = "FlagValueError";
}

/** Values as they are gathered from flags, variables or a file, and which of them were set at all. */
export class FlagSettings {
  readonly #values = new Map<FlagName, FlagKinds[keyof FlagKinds]>();

  /** Throws {@link FlagValueError}. */
  set(name: FlagName, text: string): void {
    this.#values.set(name, parseFlagValue(flagRow(name), text));
  }

  isSet(name: FlagName): boolean {
    return this.#values.has(name);
  }

  /** The value given, or else the default. */
  get<Name extends FlagName>(name: Name): FlagValues[Name] {
    // The table is the proof: each name's value was made by the parser of that name's kind.
    return (this.#values.get(name) ?? defaultValue(name)) as FlagValues[Name];
  }

  /** All flags; what was not set here comes from `fallback`, and in the end from the defaults. */
  values(fallback: FlagSettings): FlagValues {
    const entries = flagNames.map((name) => [name, (this.isSet(name) ? this : fallback).get(name)] as const);
    return Object.freeze(Object.fromEntries(entries)) as unknown as FlagValues;
  }
}

/** True when the flag stands at its default, however that was written. */
export function isDefault(values: FlagValues, name: FlagName): boolean {
  return JSON.stringify(values[name]) === JSON.stringify(defaultValue(name));
}

function defaultValue(name: FlagName): FlagKinds[keyof FlagKinds] {
  return parseFlagValue(flagRow(name), flagRow(name).default);
}

function parseFlagValue(row: FlagRow, text: string): FlagKinds[keyof FlagKinds] {
  try {
    return parsers[row.kind](text, row);
  } catch (error) {
    if (error instanceof DurationError) throw new FlagValueError("parse error", { cause: error });
    if (error instanceof Error) throw new FlagValueError(error.message, { cause: error });
    throw error;
  }
}

const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;
const UINT32_MAX = 2n ** 32n - 1n;

const parsers: { readonly [Kind in keyof FlagKinds]: (text: string, row: FlagRow) => FlagKinds[Kind] } = {
  text: (text) => text,
  boolean: (text) => {
    const value = parseGoBoolean(text);
    if (value === null) throw new FlagValueError("parse error");
    return value;
  },
  int: (text) => integer(text, -INT64_MAX - 1n, INT64_MAX),
  uint: (text) => integer(text, 0n, UINT64_MAX),
  uint32: (text) => {
    const parsed = parseGoInteger(text, { min: 0n, max: UINT32_MAX });
    if (parsed.ok) return Number(parsed.value);
    // etcd hands strconv's own words on for this one kind.
    const reason = parsed.reason === "syntax" ? "invalid syntax" : "value out of range";
    throw new FlagValueError(`strconv.ParseUint: parsing ${JSON.stringify(text)}: ${reason}`);
  },
  duration: (text) => toMilliseconds(parseDuration(text)),
  urls: (text) => (text === "" ? [] : parseServerUrls(text)),
  origins: (text) => (text === "" || text === "*" ? [text] : parseServerUrls(text).map((url) => url.text)),
  set: (text) => (text === "" ? [] : [...new Set(text.split(","))].sort()),
  list: (text) => (text === "" ? [] : text.split(",")),
  choice: (text, row) => {
    if (row.values?.includes(text) !== true) throw new FlagValueError("invalid value");
    return text;
  },
  choices: (text, row) => {
    const chosen = text.split(",");
    const wrong = chosen.find((value) => row.values?.includes(value) !== true);
    if (wrong !== undefined) throw new FlagValueError(`invalid value ${JSON.stringify(wrong)}`);
    return chosen.sort();
  },
  gates: (text) => parseFeatureGates(text),
};

function integer(text: string, min: bigint, max: bigint): number {
  const parsed = parseGoInteger(text, { min, max });
  if (!parsed.ok) throw new FlagValueError(parsed.reason === "syntax" ? "parse error" : "value out of range");
  const farEnd = BigInt(Number.MAX_SAFE_INTEGER);
  if (parsed.value > farEnd) return Number(farEnd);
  return parsed.value < -farEnd ? -Number(farEnd) : Number(parsed.value);
}

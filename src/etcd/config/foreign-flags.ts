import type { GoFlagShape } from "./go-flags.ts";

/**
 * Flags of another API on the server's command line. They are read, listed in the help and taken from variables and from
 * the configuration file like etcd's own, but their values stay text: the other API judges them.
 */
export interface ForeignFlags {
  /** The section of `--help` that lists them. */
  readonly section: string;
  readonly rows: Readonly<Record<string, ForeignFlagRow>>;
  /** Names that follow a rule instead of standing in the table. They take no value but behind an equals sign. */
  isOther(name: string): boolean;
}

export interface ForeignFlagRow {
  /** What a value looks like in the help; empty for a boolean, which needs none. */
  readonly placeholder: string;
  /** As the help shows it. */
  readonly default: string;
  readonly help: string;
}

export const noForeignFlags: ForeignFlags = { section: "", rows: {}, isOther: () => false };

export function foreignShapeOf(foreign: ForeignFlags, name: string): GoFlagShape {
  const row = Object.hasOwn(foreign.rows, name) ? foreign.rows[name] : undefined;
  if (row !== undefined) return row.placeholder === "" ? "boolean" : "valued";
  return foreign.isOther(name) ? "boolean" : "unknown";
}

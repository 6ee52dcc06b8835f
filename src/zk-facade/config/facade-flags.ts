import { type SettingKind, settingNames, settingRow } from "./setting-table.ts";

/** A flag as a command line's parser and its help want to know it. */
export interface FacadeFlagRow {
  /** Empty for a boolean, which needs no value. */
  readonly placeholder: string;
  readonly default: string;
  readonly help: string;
}

const placeholders: Readonly<Record<SettingKind, string>> = {
  text: "TEXT",
  boolean: "",
  yes: "yes|no",
  integer: "NUMBER",
};
const ownPlaceholders: Readonly<Record<string, string>> = { listen: "HOST:PORT=ROOT,...", config: "FILE" };

/**
 * The facade's flags, for the command line of the program that carries them: `--zk-tick-time` and the like, and Java's
 * `-Dname=value`. `defaultListen` is where it listens when nobody says.
 */
export function facadeFlags(defaultListen: string): {
  readonly section: string;
  readonly rows: Readonly<Record<string, FacadeFlagRow>>;
  readonly isOther: (name: string) => boolean;
} {
  const rows = settingNames.map((name): [string, FacadeFlagRow] => {
    const { flag, kind, default: value, shownDefault, help } = settingRow(name);
    const shown = name === "listen" ? defaultListen : kind === "boolean" && value === "false" ? "" : value;
    return [
      `zk-${flag}`,
      { placeholder: ownPlaceholders[name] ?? placeholders[kind], default: shownDefault ?? shown, help },
    ];
  });
  return { section: "ZooKeeper", rows: Object.fromEntries(rows), isOther: isSystemProperty };
}

/** Splits what was set into flags and system properties: `Dzookeeper.x` came as `-Dzookeeper.x=y`. */
export function splitFacadeFlags(texts: ReadonlyMap<string, string>): {
  readonly flags: ReadonlyMap<string, string>;
  readonly properties: ReadonlyMap<string, string>;
} {
  const entries = [...texts];
  return {
    flags: new Map(entries.filter(([name]) => !isSystemProperty(name))),
    properties: new Map(
      entries.filter(([name]) => isSystemProperty(name)).map(([name, text]) => [name.slice(1), text]),
    ),
  };
}

/** The system properties among the flags of a virtual machine, as JVMFLAGS has them; all other flags mean nothing here. */
export function parseJvmFlags(text: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  for (const flag of text.split(/\s+/)) {
    const parts = /^-D([^=]+)=?(.*)$/s.exec(flag);
    if (parts !== null) properties.set(parts[1]!, parts[2]!);
  }
  return properties;
}

function isSystemProperty(name: string): boolean {
  return /^D./s.test(name);
}

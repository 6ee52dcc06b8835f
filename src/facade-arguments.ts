import type { LogConfig } from "./etcd/config/config.ts";
import { ConfigError } from "./etcd/config/config-note.ts";
import { flagRow, type FlagName } from "./etcd/config/flag-table.ts";
import { FlagSettings, FlagValueError } from "./etcd/config/flag-values.ts";
import { foreignShapeOf, type ForeignFlagRow, type ForeignFlags } from "./etcd/config/foreign-flags.ts";
import { GoFlagError, parseGoFlags } from "./etcd/config/go-flags.ts";
import { parseGoBoolean } from "./etcd/config/go-values.ts";
import { sectionText } from "./etcd/config/help.ts";
import { buildLogConfig } from "./etcd/config/log-config.ts";

/** What a facade without a store of its own is told: the cluster it stands on, its log, and what ZooKeeper's flags say. */
export interface FacadeArguments {
  readonly kind: "facade";
  readonly endpoints: readonly string[];
  readonly tls: TlsFiles | null;
  /** The cluster's --max-txn-ops. */
  readonly txnOpsMax: number;
  /** Null: the next run will be somebody else. */
  readonly name: string | null;
  readonly log: LogConfig;
  /** The --zk- flags and -D properties, as they were written. */
  readonly foreign: ReadonlyMap<string, string>;
}

/** Paths of PEM files; empty for none. */
export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly insecureSkipVerify: boolean;
}

export type FacadeCommandLine =
  | FacadeArguments
  | { readonly kind: "help" }
  /** The text and the usage on stderr, exit code 2. */
  | { readonly kind: "unreadable"; readonly text: string }
  /** Exit code 1. */
  | { readonly kind: "refused"; readonly message: string };

const DEFAULT_ENDPOINTS = "127.0.0.1:2379";
/** etcd's own bound. */
const DEFAULT_TXN_OPS = "128";

const ownRows = {
  "etcd-endpoints": {
    placeholder: "HOST:PORT,...",
    default: DEFAULT_ENDPOINTS,
    help: "Members of the etcd cluster that keeps the znodes: HOST:PORT, or URLs with http:// or https://.",
  },
  "etcd-cacert": {
    placeholder: "FILE",
    default: "",
    help: "Authorities to trust, PEM. With this or the next two, endpoints without a scheme speak TLS.",
  },
  "etcd-cert": { placeholder: "FILE", default: "", help: "The facade's certificate towards etcd, PEM." },
  "etcd-key": { placeholder: "FILE", default: "", help: "The key of that certificate, PEM." },
  "etcd-insecure-skip-tls-verify": {
    placeholder: "",
    default: "",
    help: "Accept any certificate of etcd's. For tests only.",
  },
  "etcd-max-txn-ops": {
    placeholder: "NUMBER",
    default: DEFAULT_TXN_OPS,
    help: "The cluster's --max-txn-ops; a multi with more operations is refused.",
  },
  name: {
    placeholder: "TEXT",
    default: "",
    help:
      "Name of this facade, another one for each. After a restart it takes up at once the sessions that it had under " +
      "this name; without one they wait for their clients.",
  },
} as const satisfies Readonly<Record<string, ForeignFlagRow>>;

const logFlags = [
  "log-level",
  "log-format",
  "log-outputs",
  "enable-log-rotation",
  "log-rotation-config-json",
] as const satisfies readonly FlagName[];

/** Reads the command line of `bridgekeeper facade`. `zk` are ZooKeeper's flags. */
export function parseFacadeArguments(argv: readonly string[], zk: ForeignFlags): FacadeCommandLine {
  const own = new Map<string, string>();
  const foreign = new Map<string, string>();
  const log = new FlagSettings();
  try {
    const line = parseGoFlags(argv, (name) => shapeOf(zk, name));
    for (const { name, value } of line.settings) {
      if (isLogFlag(name)) setLogFlag(log, name, value);
      else (Object.hasOwn(ownRows, name) ? own : foreign).set(name, value);
    }
    if (line.wantsHelp) return { kind: "help" };
    const [stray] = line.positional;
    if (stray !== undefined) throw new ConfigError(`${JSON.stringify(stray)} is not a valid flag`);
    return build(own, log, foreign);
  } catch (error) {
    if (error instanceof GoFlagError) return { kind: "unreadable", text: error.message };
    if (error instanceof ConfigError) return { kind: "refused", message: error.message };
    throw error;
  }
}

export function facadeUsage(command: string): string {
  return `Usage:

  ${command} --etcd-endpoints HOST:PORT,... [flags]   serve ZooKeeper's clients
  ${command} --help                                   list all flags
`;
}

export function facadeHelp(command: string, zk: ForeignFlags): string {
  const logRows = Object.fromEntries(
    logFlags.map((name): [string, ForeignFlagRow] => {
      const { kind, default: value, help } = flagRow(name);
      const isBoolean = kind === "boolean";
      return [name, { placeholder: isBoolean ? "" : "TEXT", default: isBoolean ? "" : value, help }];
    }),
  );
  const sections = [sectionText("etcd", ownRows), sectionText("Logging", logRows), sectionText(zk.section, zk.rows)];
  return [facadeUsage(command), ...sections].join("\n");
}

function build(
  own: ReadonlyMap<string, string>,
  log: FlagSettings,
  foreign: ReadonlyMap<string, string>,
): FacadeArguments {
  const endpoints = (own.get("etcd-endpoints") ?? DEFAULT_ENDPOINTS)
    .split(",")
    .map((endpoint) => endpoint.trim())
    .filter((endpoint) => endpoint !== "");
  if (endpoints.length === 0) throw new ConfigError("--etcd-endpoints names no endpoint");
  const txnOps = own.get("etcd-max-txn-ops") ?? DEFAULT_TXN_OPS;
  if (!/^[1-9]\d{0,8}$/.test(txnOps)) {
    throw new ConfigError(`--etcd-max-txn-ops ${JSON.stringify(txnOps)} is not a positive number`);
  }
  const name = own.get("name") ?? "";
  return {
    kind: "facade",
    endpoints,
    tls: tlsFiles(own),
    txnOpsMax: Number(txnOps),
    name: name === "" ? null : name,
    log: buildLogConfig(log.values(new FlagSettings())),
    foreign,
  };
}

function tlsFiles(own: ReadonlyMap<string, string>): TlsFiles | null {
  const [ca, cert, key] = (["etcd-cacert", "etcd-cert", "etcd-key"] as const).map((name) => own.get(name) ?? "");
  const skip = own.get("etcd-insecure-skip-tls-verify") ?? "false";
  const insecureSkipVerify = parseGoBoolean(skip);
  if (insecureSkipVerify === null) {
    throw new GoFlagError(
      `invalid boolean value ${JSON.stringify(skip)} for -etcd-insecure-skip-tls-verify: parse error`,
    );
  }
  if ((cert === "") !== (key === "")) throw new ConfigError("--etcd-cert and --etcd-key must both be given");
  if (ca === "" && cert === "" && !insecureSkipVerify) return null;
  return { ca: ca!, cert: cert!, key: key!, insecureSkipVerify };
}

function shapeOf(zk: ForeignFlags, name: string): "unknown" | "boolean" | "valued" {
  if (Object.hasOwn(ownRows, name)) {
    return ownRows[name as keyof typeof ownRows].placeholder === "" ? "boolean" : "valued";
  }
  if (isLogFlag(name)) return flagRow(name).kind === "boolean" ? "boolean" : "valued";
  return foreignShapeOf(zk, name);
}

function isLogFlag(name: string): name is (typeof logFlags)[number] {
  return (logFlags as readonly string[]).includes(name);
}

function setLogFlag(log: FlagSettings, name: FlagName, value: string): void {
  try {
    log.set(name, value);
  } catch (error) {
    if (!(error instanceof FlagValueError)) throw error;
    throw new GoFlagError(`invalid value ${JSON.stringify(value)} for flag -${name}: ${error.message}`);
  }
}

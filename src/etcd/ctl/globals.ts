/** The flags that every command takes, from the command line or from `ETCDCTL_*`; names and defaults are etcdctl's. */
import { readFileSync } from "node:fs";
import { Option, type Command } from "commander";
import { DurationError, parseDuration, toMilliseconds } from "../base/go-duration.ts";
import { parseGoBoolean } from "../config/go-values.ts";
import type { TlsOptions } from "../client/connections.ts";
import { badArguments, CtlError, exitCode } from "./exit.ts";
import { int64Flag } from "./flags.ts";
import { isOutputFormat, type OutputFormat } from "./printer.ts";

export interface Globals {
  readonly endpoints: readonly string[];
  readonly commandTimeoutMs: number;
  /** The user said how long: also for commands that otherwise wait as long as it takes. */
  readonly commandTimeoutIsSet: boolean;
  readonly keepAliveTimeMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly requestBytesMax: number;
  readonly format: OutputFormat;
  readonly hex: boolean;
  readonly tls: TlsOptions | undefined;
}

interface GlobalFlag {
  readonly flags: string;
  readonly description: string;
  readonly initial: string | boolean;
}

const globalFlags: Readonly<Record<string, GlobalFlag>> = {
  endpoints: { flags: "--endpoints <list>", description: "gRPC endpoints", initial: "127.0.0.1:2379" },
  "write-out": {
    flags: "-w, --write-out <format>",
    description: "output format: fields, json, protobuf, simple, table",
    initial: "simple",
  },
  hex: { flags: "--hex", description: "print byte strings as hex encoded strings", initial: false },
  "command-timeout": {
    flags: "--command-timeout <duration>",
    description: "how long a short command may take",
    initial: "5s",
  },
  "dial-timeout": {
    flags: "--dial-timeout <duration>",
    description: "taken for etcdctl's sake: connecting counts towards --command-timeout",
    initial: "2s",
  },
  "keepalive-time": {
    flags: "--keepalive-time <duration>",
    description: "ping busy connections this often, at least every 10s",
    initial: "2s",
  },
  "keepalive-timeout": {
    flags: "--keepalive-timeout <duration>",
    description: "give a connection up when a ping has no answer for so long",
    initial: "6s",
  },
  "max-request-bytes": {
    flags: "--max-request-bytes <bytes>",
    description: "the largest request (0: 2 MiB)",
    initial: "0",
  },
  cacert: { flags: "--cacert <file>", description: "trust servers signed by this CA bundle", initial: "" },
  cert: { flags: "--cert <file>", description: "the client's TLS certificate", initial: "" },
  key: { flags: "--key <file>", description: "the client's TLS key", initial: "" },
  "insecure-transport": {
    flags: "--insecure-transport",
    description: "speak plaintext where neither endpoint nor TLS flags say otherwise",
    initial: true,
  },
  "insecure-skip-tls-verify": {
    flags: "--insecure-skip-tls-verify",
    description: "accept any server certificate (for tests)",
    initial: false,
  },
};

export function defineGlobals(program: Command): void {
  for (const [name, { flags, description, initial }] of Object.entries(globalFlags)) {
    const option = new Option(flags, description);
    // An empty or false default goes without saying.
    program.addOption(initial === "" || initial === false ? option : option.default(initial));
    if (initial === true) program.addOption(new Option(`--no-${name}`).hideHelp());
  }
}

/** Reads what the command line and the environment say. A flag that both set is an error, as in etcdctl. */
export function readGlobals(program: Command, env: Readonly<Record<string, string | undefined>>): Globals {
  const setting = (name: string): { readonly value: string; readonly isSet: boolean } => {
    const property = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    const onCommandLine = program.getOptionValueSource(property) === "cli";
    const variable = `ETCDCTL_${name.toUpperCase().replaceAll("-", "_")}`;
    const fromEnv = env[variable] ?? "";
    if (onCommandLine && fromEnv !== "") {
      throw new CtlError(
        exitCode.error,
        `conflicting environment variable ${JSON.stringify(variable)} is shadowed by corresponding command-line flag ` +
          "(either unset environment variable or disable flag)",
      );
    }
    if (fromEnv !== "") return { value: fromEnv, isSet: true };
    const value = program.getOptionValue(property) as string | boolean | undefined;
    return { value: String(value ?? globalFlags[name]!.initial), isSet: onCommandLine };
  };
  const text = (name: string): string => setting(name).value;
  const milliseconds = (name: string): number => durationMs(name, text(name));
  const flag = (name: string): boolean => booleanOf(name, text(name));

  const format = text("write-out");
  if (!isOutputFormat(format)) throw new CtlError(exitCode.badFeature, "unsupported output format");
  const requestBytesMax = int64Flag("max-request-bytes")(text("max-request-bytes"));
  return {
    endpoints: text("endpoints")
      .split(",")
      .map((endpoint) => endpoint.trim())
      .filter((endpoint) => endpoint !== ""),
    commandTimeoutMs: milliseconds("command-timeout"),
    commandTimeoutIsSet: setting("command-timeout").isSet,
    keepAliveTimeMs: milliseconds("keepalive-time"),
    keepAliveTimeoutMs: milliseconds("keepalive-timeout"),
    requestBytesMax: requestBytesMax > 0 ? requestBytesMax : 2 * 1024 * 1024,
    format,
    hex: flag("hex"),
    tls: readTls({
      cacert: filePath("cacert", setting("cacert")),
      cert: filePath("cert", setting("cert")),
      key: filePath("key", setting("key")),
      insecureTransport: flag("insecure-transport"),
      insecureSkipVerify: flag("insecure-skip-tls-verify"),
    }),
  };
}

interface TlsFlags {
  readonly cacert: string;
  readonly cert: string;
  readonly key: string;
  readonly insecureTransport: boolean;
  readonly insecureSkipVerify: boolean;
}

/** Any certificate flag means TLS; so does the wish for no insecure transport. */
function readTls(flags: TlsFlags): TlsOptions | undefined {
  const named = flags.cacert !== "" || flags.cert !== "" || flags.key !== "";
  if (!named && flags.insecureTransport && !flags.insecureSkipVerify) return undefined;
  if ((flags.cert === "") !== (flags.key === "")) {
    throw badArguments("KeyFile and CertFile must both be present");
  }
  return {
    insecureSkipVerify: flags.insecureSkipVerify,
    ...(flags.cacert !== "" && { ca: readPem(flags.cacert) }),
    ...(flags.cert !== "" && { cert: readPem(flags.cert), key: readPem(flags.key) }),
  };
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CtlError(
      exitCode.badArguments,
      `open ${path}: ${(error as NodeJS.ErrnoException).code ?? "unreadable"}`,
      {
        cause: error,
      },
    );
  }
}

function filePath(name: string, setting: { readonly value: string; readonly isSet: boolean }): string {
  if (setting.isSet && setting.value === "") throw badArguments(`empty string is passed to --${name} option`);
  return setting.value;
}

function durationMs(name: string, text: string): number {
  try {
    return toMilliseconds(parseDuration(text));
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    throw invalidFlag(name, text, error);
  }
}

function booleanOf(name: string, text: string): boolean {
  const value = parseGoBoolean(text);
  if (value !== null) return value;
  throw invalidFlag(name, text, new Error(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`));
}

function invalidFlag(name: string, text: string, cause: Error): CtlError {
  const message = `invalid argument ${JSON.stringify(text)} for "--${name}" flag: ${cause.message}`;
  return new CtlError(exitCode.error, message, { cause });
}

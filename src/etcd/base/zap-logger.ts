import { type Clock, systemClock } from "./clock.ts";
import { DescriptorSink, FileSink, type LogRotation, type LogSink } from "./log-file.ts";
import type { LogFields, Logger } from "./logger.ts";

/** From the least to the most severe. */
export const logLevels = ["debug", "info", "warn", "error", "dpanic", "panic", "fatal"] as const;
export type LogLevel = (typeof logLevels)[number];

export type LogFormat = "json" | "console";

/**
 * The log that etcd's users know: one JSON object a line, keys in zap's order, errors as their message.
 *
 *   {"level":"info","ts":"2026-01-31T10:00:00.000000Z","caller":"member/member.ts","msg":"added member","added-peer-id":"8e9e05c52164694d"}
 *
 * The console format has the same in columns. All loggers made from one share its writer.
 */
export class ZapLogger implements Logger {
  readonly #writer: LogWriter;
  readonly #caller: string;
  readonly #name: string;

  /** `caller` is who speaks, as `member/member.ts`: fixed, for to look it up would cost a stack trace a line. */
  constructor(writer: LogWriter, caller: string, name = "") {
    this.#writer = writer;
    this.#caller = caller;
    this.#name = name;
  }

  /** The same log for another speaker. */
  from(caller: string): ZapLogger {
    return new ZapLogger(this.#writer, caller, this.#name);
  }

  /** Lines bear `"logger":"<name>"`, as etcd's raft lines do. */
  named(name: string): ZapLogger {
    return new ZapLogger(this.#writer, this.#caller, name);
  }

  debug(message: string, fields?: LogFields): void {
    this.log("debug", message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.log("info", message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.log("warn", message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.log("error", message, fields);
  }

  /** Says why the process ends; ending it is the caller's. */
  fatal(message: string, fields?: LogFields): void {
    this.log("fatal", message, fields);
  }

  log(level: LogLevel, message: string, fields: LogFields = {}): void {
    this.#writer.write({ level, logger: this.#name, caller: this.#caller, message, fields });
  }

  /** For all loggers that share the writer: nothing may be logged afterwards. */
  close(): void {
    this.#writer.close();
  }
}

export interface LogLine {
  readonly level: LogLevel;
  /** Empty: the line has no logger name. */
  readonly logger: string;
  readonly caller: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** What one log is made of: where it goes, what it drops, how it looks. */
export class LogWriter {
  readonly #lowest: number;
  readonly #encode: (line: LogLine, timestamp: string) => string;
  readonly #sinks: readonly LogSink[];
  readonly #clock: Clock;
  readonly #sampler = new Sampler();

  constructor(
    options: { readonly level: LogLevel; readonly format: LogFormat },
    sinks: readonly LogSink[],
    clock: Clock,
  ) {
    this.#lowest = logLevels.indexOf(options.level);
    this.#encode = options.format === "json" ? encodeJson : encodeConsole;
    this.#sinks = sinks;
    this.#clock = clock;
  }

  write(line: LogLine): void {
    if (logLevels.indexOf(line.level) < this.#lowest) return;
    const wallMs = this.#clock.wallMs();
    if (!this.#sampler.admits(`${line.level} ${line.message}`, Math.floor(wallMs / 1000))) return;
    const text = `${this.#encode(line, formatTimestamp(new Date(wallMs)))}\n`;
    for (const sink of this.#sinks) sink.write(text);
  }

  close(): void {
    for (const sink of this.#sinks) sink.close();
  }
}

/** Opens `stderr`, `stdout` and files. Throws an Error in zap's words when a file cannot be opened. */
export function openLog(
  options: {
    readonly level: LogLevel;
    readonly format: LogFormat;
    readonly outputs: readonly string[];
    readonly rotation: LogRotation | null;
  },
  clock: Clock = systemClock,
): LogWriter {
  const sinks = options.outputs.map((output): LogSink => {
    if (output === "stderr") return new DescriptorSink(2);
    if (output === "stdout") return new DescriptorSink(1);
    try {
      return new FileSink(output, options.rotation, () => clock.wallMs());
    } catch (error) {
      throw new Error(`open sink ${JSON.stringify(output)}: ${describeError(error)}`, { cause: error });
    }
  });
  return new LogWriter(options, sinks, clock);
}

/** The message and, behind colons, the messages of what caused it. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = error.message === "" ? error.name : error.message;
  // A wrapper often repeats what it wraps; once is enough.
  const cause = error.cause instanceof Error ? describeError(error.cause) : "";
  return cause === "" || message.includes(cause) ? message : `${message}: ${cause}`;
}

/** `2006-01-02T15:04:05.000000Z0700`: local time, microseconds, `Z` for UTC. */
export function formatTimestamp(date: Date): string {
  const offsetMinutes = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + offsetMinutes * 60_000).toISOString().slice(0, -1);
  return `${local}000${formatZone(offsetMinutes)}`;
}

function formatZone(offsetMinutes: number): string {
  if (offsetMinutes === 0) return "Z";
  const minutes = Math.abs(offsetMinutes);
  const digits = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0")).join("");
  return `${offsetMinutes < 0 ? "-" : "+"}${digits}`;
}

/**
 * Of one message in one second the first 100 lines are written, then each 100th: an error in a loop must not fill the
 * disk. These are etcd's numbers.
 */
class Sampler {
  static readonly #first = 100;
  static readonly #thereafter = 100;
  /** Messages come from a fixed set of texts. The bound holds even where somebody forgot that. */
  static readonly #messagesMax = 4096;

  #second = 0;
  readonly #counts = new Map<string, number>();

  admits(message: string, second: number): boolean {
    if (second !== this.#second || this.#counts.size >= Sampler.#messagesMax) this.#counts.clear();
    this.#second = second;
    const count = (this.#counts.get(message) ?? 0) + 1;
    this.#counts.set(message, count);
    return count <= Sampler.#first || (count - Sampler.#first) % Sampler.#thereafter === 0;
  }
}

function encodeJson(line: LogLine, timestamp: string): string {
  const { level, logger, caller, message, fields } = line;
  const head = { level, ts: timestamp, ...(logger === "" ? {} : { logger }), caller, msg: message };
  const stack = stackOf(line);
  return encodeObject({ ...head, ...fields, ...(stack === null ? {} : { stacktrace: stack }) }, "");
}

/** `ts level [logger] caller msg {fields}`, separated by tabs; a stack stands on its own lines below. */
function encodeConsole(line: LogLine, timestamp: string): string {
  const { level, logger, caller, message, fields } = line;
  const columns = [timestamp, level, ...(logger === "" ? [] : [logger]), caller, message];
  if (Object.keys(fields).length > 0) columns.push(encodeObject(fields, " "));
  const stack = stackOf(line);
  return columns.join("\t") + (stack === null ? "" : `\n${stack}`);
}

/** Of the first error among the fields of a line that speaks of one. */
function stackOf(line: LogLine): string | null {
  if (logLevels.indexOf(line.level) < logLevels.indexOf("error")) return null;
  const error = Object.values(line.fields).find((value) => value instanceof Error);
  return error?.stack ?? null;
}

function encodeObject(object: object, space: string): string {
  const members = Object.entries(object).map(([key, value]) => {
    return `${JSON.stringify(key)}:${space}${encodeValue(value, space)}`;
  });
  return `{${members.join(`,${space}`)}}`;
}

/** JSON, but a 64-bit number keeps its digits, an error is its message, bytes are base64, and nothing throws. */
function encodeValue(value: unknown, space: string): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return Number.isFinite(value) ? String(value) : JSON.stringify(String(value));
    case "boolean":
    case "bigint":
      return String(value);
    case "object":
      if (value === null) return "null";
      if (value instanceof Error) return JSON.stringify(describeError(value));
      if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString("base64"));
      if (value instanceof Date) return JSON.stringify(formatTimestamp(value));
      if (Array.isArray(value)) return `[${value.map((item) => encodeValue(item, space)).join(`,${space}`)}]`;
      return encodeObject(value, space);
    case "undefined":
    case "function":
    case "symbol":
      return "null";
  }
}

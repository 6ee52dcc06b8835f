/** What every server process does alike: its log, its signals, its files, its word to whoever started it. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { getSystemErrorMap } from "node:util";
import { describeError, openLog, ZapLogger } from "./etcd/base/zap-logger.ts";
import type { LogConfig } from "./etcd/config/config.ts";
import type { ConfigNote } from "./etcd/config/config-note.ts";
import { defaultLogConfig } from "./etcd/config/log-config.ts";

/** A stop that takes longer is given up: whoever sent the signal waits for the end of the process. */
const STOP_TIMEOUT_MS = 20_000;

/** At the first SIGTERM or SIGINT: stop, then die of it. Says whether one has come. Later ones change nothing. */
export function dieBySignal(server: { stop(): Promise<void> }, log: ZapLogger): () => boolean {
  const names = { SIGTERM: "terminated", SIGINT: "interrupt" } as const;
  let received: keyof typeof names | null = null;
  const onSignal = (signal: keyof typeof names): void => {
    if (received !== null) return;
    received = signal;
    log.info("received signal; shutting down", { signal: names[signal] });
    const giveUp = setTimeout(() => {
      log.error("the server did not stop in time", { "waited-seconds": STOP_TIMEOUT_MS / 1000 });
      die(signal);
    }, STOP_TIMEOUT_MS);
    server
      .stop()
      .catch((error: unknown) => log.error("the server did not stop cleanly", { error }))
      .finally(() => {
        clearTimeout(giveUp);
        die(signal);
      })
      .catch(() => undefined);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => onSignal(signal));
  return () => received !== null;
}

function die(signal: NodeJS.Signals): void {
  // The kernel does not kill the first process of a container by a signal it has no handler for.
  if (process.pid === 1) process.exit(0);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/**
 * Tells systemd that the service is up, when that is what started us. Node has no datagram sockets of the kind it
 * listens on, so its own tool says it; the unit must have NotifyAccess=all (docs/operations.md).
 */
export function notifyInit(log: ZapLogger): void {
  if ((process.env["NOTIFY_SOCKET"] ?? "") === "") return;
  log.info("notifying init daemon");
  execFile("systemd-notify", ["--ready", `MAINPID=${process.pid}`], (error) => {
    if (error === null) log.info("successfully notified init daemon");
    else log.warn("failed to notify systemd for readiness", { error: describeError(error) });
  });
}

export interface OpenedLogger {
  readonly log: ZapLogger;
  /** Why the log that was asked for could not be had. */
  readonly error: string | null;
}

/** The log that was asked for, or else one on stderr; the notes are its first lines. */
export function openLogger(config: LogConfig, notes: readonly ConfigNote[]): OpenedLogger {
  const caller = "main.ts";
  let opened: OpenedLogger;
  try {
    opened = { log: new ZapLogger(openLog(config), caller), error: null };
  } catch (error) {
    opened = { log: new ZapLogger(openLog(defaultLogConfig), caller), error: describeError(error) };
  }
  for (const { level, message, fields } of notes) opened.log.from("config/config.ts").log(level, message, fields);
  return opened;
}

/** Throws in Go's words: `open etcd.yaml: no such file or directory`. */
export function readConfigFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (!(error instanceof Error && "errno" in error && typeof error.errno === "number")) throw error;
    const [, reason] = getSystemErrorMap().get(error.errno) ?? ["", error.message];
    throw new Error(`open ${path}: ${reason}`, { cause: error });
  }
}

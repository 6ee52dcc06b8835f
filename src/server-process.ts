import { describeError, type ZapLogger } from "./etcd/base/zap-logger.ts";
import { MISSING_ADVERTISE_CLIENT_URLS } from "./etcd/config/build-config.ts";
import type { Config } from "./etcd/config/config.ts";
import { ConfigError } from "./etcd/config/config-note.ts";
import { helpText, usageText } from "./etcd/config/help.ts";
import { defaultLogConfig } from "./etcd/config/log-config.ts";
import { parseServeArguments } from "./etcd/config/serve-arguments.ts";
import { openFacadeConfig } from "./facade-settings.ts";
import { boundHeapGrowth } from "./heap-growth.ts";
import { type RunningServer, serve, type ServeOptions } from "./main.ts";
import { dieBySignal, notifyInit, openLogger, readConfigFile } from "./process-life.ts";
import { versionText } from "./version-text.ts";
import { facadeFlags } from "./zk-facade/config/facade-flags.ts";

export interface ServerProcessOptions extends Pick<ServeOptions, "open"> {
  /** Where ZooKeeper's clients are served when no flag says so: `localhost:2181=/zk`, or `none`. */
  readonly zkListen?: string;
}

/** So long a signal waits for the end of a start. */
const START_GRACE_MS = 1000;

/**
 * The life of a server process, from its command line to its end, as etcd lives it: reads the flags, serves, stops at
 * SIGTERM or SIGINT and then dies of that very signal, so that a supervisor sees what it has sent.
 * `command` is how the usage calls it. Resolves to an exit code only when nothing was served, or a member was removed.
 */
export async function runServerProcess(
  command: string,
  argv: readonly string[],
  { zkListen = "none", ...options }: ServerProcessOptions = {},
): Promise<number> {
  const flags = facadeFlags(zkListen);
  const parsed = parseServeArguments(argv, process.env, readConfigFile, flags);
  switch (parsed.kind) {
    case "help":
      process.stdout.write(helpText(command, flags));
      return 0;
    case "version":
      process.stdout.write(versionText());
      return 0;
    case "unreadable":
      process.stderr.write(`${parsed.text}\n${usageText(command)}`);
      return 2;
    case "refused": {
      const { log, error } = openLogger(parsed.log ?? defaultLogConfig, parsed.notes);
      if (parsed.level === "warn") log.info("Running: ", { args: [...command.split(" "), ...argv] });
      log.log(parsed.level, parsed.message, error === null ? parsed.fields : { error });
      if (parsed.fields["error"] === MISSING_ADVERTISE_CLIENT_URLS) {
        log.warn("advertise client URLs are not set", { error: MISSING_ADVERTISE_CLIENT_URLS });
      }
      return 1;
    }
    case "serve": {
      const { log, error } = openLogger(parsed.config.log, parsed.notes);
      log.info("Running: ", { args: [...command.split(" "), ...argv] });
      if (error !== null) {
        log.warn("failed to verify flags", { error });
        return 1;
      }
      const facade = openFacadeConfig(parsed.foreign, { defaultListen: zkListen, isEmbedded: true }, log);
      return facade === undefined ? 1 : runServer(parsed.config, log, { ...options, facade });
    }
  }
}

async function runServer(config: Config, log: ZapLogger, options: ServeOptions): Promise<number> {
  process.on("uncaughtException", (error) => {
    log.fatal("unexpected error", { error });
    process.exit(2);
  });
  boundHeapGrowth();

  const starting = serve(config, log, options);
  // From here on, since whoever reads the ready line may send a signal before `starting` has resolved.
  const interrupted = dieBySignal({ stop: () => stopStarted(starting) }, log);
  let server: RunningServer;
  try {
    server = await starting;
  } catch (error) {
    // A stack helps nobody who has mistyped a flag.
    log.fatal("failed to start", { error: error instanceof ConfigError ? describeError(error) : error });
    return 1;
  }
  notifyInit(log);
  try {
    await server.ended;
  } catch (error) {
    if (interrupted()) return new Promise(() => undefined);
    log.fatal("listener failed", { error });
    return 1;
  }
  // While a signal is being handled, it alone decides how the process ends.
  if (interrupted()) return new Promise(() => undefined);
  await server.stop();
  return 0;
}

/** Stops a server that has started or is just about to; a start that takes longer is as good as a crash, and as safe. */
async function stopStarted(starting: Promise<RunningServer>): Promise<void> {
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), START_GRACE_MS));
  const server = await Promise.race([starting.catch(() => null), late]);
  await server?.stop();
}

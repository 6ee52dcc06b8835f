import { readFileSync } from "node:fs";
import { describeError, type ZapLogger } from "./etcd/base/zap-logger.ts";
import type { TlsOptions } from "./etcd/client/connections.ts";
import { defaultLogConfig } from "./etcd/config/log-config.ts";
import {
  facadeHelp,
  facadeUsage,
  parseFacadeArguments,
  type FacadeArguments,
  type TlsFiles,
} from "./facade-arguments.ts";
import { type RemoteStore, serveFacade } from "./facade-main.ts";
import { openFacadeConfig } from "./facade-settings.ts";
import { boundHeapGrowth } from "./heap-growth.ts";
import { dieBySignal, notifyInit, openLogger } from "./process-life.ts";
import type { FacadeConfig } from "./zk-facade/config/facade-config.ts";
import { facadeFlags } from "./zk-facade/config/facade-flags.ts";

const DEFAULT_LISTEN = "localhost:2181=/zk";

/**
 * The life of a facade process: reads the flags, serves ZooKeeper's clients on an etcd cluster, stops at SIGTERM or SIGINT
 * and then dies of that very signal. Resolves to an exit code only when nothing was served.
 */
export async function runFacadeProcess(command: string, argv: readonly string[]): Promise<number> {
  const flags = facadeFlags(DEFAULT_LISTEN);
  const parsed = parseFacadeArguments(argv, flags);
  switch (parsed.kind) {
    case "help":
      process.stdout.write(facadeHelp(command, flags));
      return 0;
    case "unreadable":
      process.stderr.write(`${parsed.text}\n${facadeUsage(command)}`);
      return 2;
    case "refused": {
      const { log } = openLogger(defaultLogConfig, []);
      log.warn("failed to verify flags", { error: parsed.message });
      return 1;
    }
    case "facade": {
      const { log, error } = openLogger(parsed.log, []);
      log.info("Running: ", { args: [...command.split(" "), ...argv] });
      if (error !== null) {
        log.warn("failed to verify flags", { error });
        return 1;
      }
      return run(parsed, log);
    }
  }
}

async function run(given: FacadeArguments, log: ZapLogger): Promise<number> {
  const config = openFacadeConfig(given.foreign, { defaultListen: DEFAULT_LISTEN, isEmbedded: false }, log);
  if (config === undefined) return 1;
  if (config === null) {
    log.warn("failed to verify flags", { error: "--zk-listen none leaves a facade nothing to do" });
    return 1;
  }
  let store: RemoteStore;
  try {
    store = storeOf(given);
  } catch (error) {
    log.warn("failed to verify flags", { error: describeError(error) });
    return 1;
  }
  return serve(config, store, log);
}

/** Ends by a signal only; it may come while the cluster is not there yet. */
async function serve(config: FacadeConfig, store: RemoteStore, log: ZapLogger): Promise<number> {
  process.on("uncaughtException", (error) => {
    log.fatal("unexpected error", { error });
    process.exit(2);
  });
  boundHeapGrowth();
  const waiting = new AbortController();
  const starting = serveFacade(config, store, log, waiting.signal);
  const stop = async (): Promise<void> => {
    waiting.abort();
    // What did not start need not be stopped.
    await (await starting.catch(() => null))?.stop();
  };
  const interrupted = dieBySignal({ stop }, log);
  try {
    await starting;
  } catch (error) {
    if (interrupted()) return new Promise(() => undefined);
    log.fatal("failed to start", { error });
    return 1;
  }
  notifyInit(log);
  return new Promise(() => undefined);
}

function storeOf({ endpoints, tls, txnOpsMax, name }: FacadeArguments): RemoteStore {
  return { endpoints, txnOpsMax, name, ...(tls === null ? {} : { tls: readTls(tls) }) };
}

function readTls({ ca, cert, key, insecureSkipVerify }: TlsFiles): TlsOptions {
  return {
    insecureSkipVerify,
    ...(ca === "" ? {} : { ca: readFileSync(ca) }),
    ...(cert === "" ? {} : { cert: readFileSync(cert), key: readFileSync(key) }),
  };
}

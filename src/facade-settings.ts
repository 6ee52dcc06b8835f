import type { ZapLogger } from "./etcd/base/zap-logger.ts";
import { readConfigFile } from "./process-life.ts";
import { buildFacadeConfig } from "./zk-facade/config/build-facade-config.ts";
import { FacadeConfigError } from "./zk-facade/config/config-error.ts";
import type { FacadeConfig } from "./zk-facade/config/facade-config.ts";
import { splitFacadeFlags } from "./zk-facade/config/facade-flags.ts";

/**
 * The settings of the ZooKeeper side, from what a command line has set of it; what is worth saying about them is logged.
 * Null: there is no such side. Undefined: the settings are wrong, and the log says how.
 */
export function openFacadeConfig(
  texts: ReadonlyMap<string, string>,
  options: { readonly defaultListen: string; readonly isEmbedded: boolean },
  log: ZapLogger,
): FacadeConfig | null | undefined {
  try {
    const { config, notes } = buildFacadeConfig({ ...splitFacadeFlags(texts), ...options }, readConfigFile);
    if (config.listen.length === 0) return null;
    const settingsLog = log.from("config/build-facade-config.ts");
    for (const { level, message, fields } of notes) settingsLog.log(level, message, fields);
    return config;
  } catch (error) {
    if (!(error instanceof FacadeConfigError)) throw error;
    log.warn("failed to verify flags", { error: error.message });
    return undefined;
  }
}

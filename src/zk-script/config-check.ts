import { readConfigFile } from "../process-life.ts";
import { buildFacadeConfig } from "../zk-facade/config/build-facade-config.ts";
import { FacadeConfigError } from "../zk-facade/config/config-error.ts";
import { parseJvmFlags } from "../zk-facade/config/facade-flags.ts";

/** What is wrong with a zoo.cfg, in one line; null when a server can start with it. */
export function faultOfConfig(configPath: string, jvmFlags: string): string | null {
  try {
    const flags = new Map([["zk-config", configPath]]);
    const input = { flags, properties: parseJvmFlags(jvmFlags), defaultListen: "none", isEmbedded: true };
    buildFacadeConfig(input, readConfigFile);
    return null;
  } catch (error) {
    if (error instanceof FacadeConfigError) return error.message;
    throw error;
  }
}

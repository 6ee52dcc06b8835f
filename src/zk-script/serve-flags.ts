import { join } from "node:path";
import { parseJvmFlags } from "../zk-facade/config/facade-flags.ts";

/** What a server is started with, as `bridgekeeper serve` takes it. */
export interface ServeCall {
  readonly dataDir: string;
  readonly configPath: string;
  readonly jvmFlags: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The store's own directory: beside what a ZooKeeper would have there. */
const STORE = "bridgekeeper";

/**
 * The store lies in the data directory, and has no doors of its own: whoever starts a ZooKeeper does not expect another
 * API beside its ACLs. ETCD_* variables open them, and change whatever else `serve` knows.
 */
export function serveFlags({ dataDir, configPath, jvmFlags, env }: ServeCall): readonly string[] {
  const defaults: readonly (readonly [flag: string, value: string])[] = [
    ["data-dir", join(dataDir, STORE)],
    ["listen-client-urls", ""],
    ["listen-peer-urls", ""],
    ["advertise-client-urls", "http://localhost:2379"],
    ["zk-config", configPath],
  ];
  const flags = defaults.filter(([flag]) => (env[variableOf(flag)] ?? "") === "");
  const properties = Array.from(parseJvmFlags(jvmFlags), ([name, value]) => `-D${name}=${value}`);
  return [...flags.map(([flag, value]) => `--${flag}=${value}`), ...properties];
}

function variableOf(flag: string): string {
  return `ETCD_${flag.toUpperCase().replaceAll("-", "_")}`;
}

import type { Config } from "./config.ts";
import { ConfigError } from "./config-note.ts";
import { joinHostPort, parseServerUrl } from "./server-url.ts";

/** Resolves a host name to its addresses; rejects when it has none. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/**
 * What must hold of the initial cluster when a member starts on an empty data directory. With data, the flags about
 * the initial cluster mean nothing, whatever they say, as in etcd. Throws {@link ConfigError}.
 */
export async function verifyBootstrap(config: Config, lookup: Lookup): Promise<void> {
  const self = config.initialCluster.find((member) => member.name === config.name);
  if (self === undefined) {
    const name = JSON.stringify(config.name);
    throw new ConfigError(`couldn't find local name ${name} in the initial cluster configuration`);
  }
  const urls = config.initialCluster.flatMap((member) => member.peerUrls);
  if (new Set(urls).size < urls.length) {
    throw new ConfigError(`initial cluster ${formatInitialCluster(config)} has duplicate url`);
  }
  await checkAdvertised(config, self.peerUrls, lookup);
  if (config.initialCluster.length > 1) {
    throw new ConfigError(`--initial-cluster with several members is not supported yet`);
  }
  if (config.initialClusterState === "existing") {
    throw new ConfigError("--initial-cluster-state=existing on an empty data directory is not supported yet");
  }
}

/** `a=http://x:1,a=http://x:2`, sorted. */
export function formatInitialCluster(config: Pick<Config, "initialCluster">): string {
  const pairs = config.initialCluster.flatMap(({ name, peerUrls }) => peerUrls.map((url) => `${name}=${url}`));
  return pairs.sort().join(",");
}

/** The member's own URLs must be the advertised ones, or lead to the same addresses. */
async function checkAdvertised(config: Config, initial: readonly string[], lookup: Lookup): Promise<void> {
  const advertised = config.advertisePeerUrls;
  if (await sameUrls(initial, advertised, lookup)) return;
  const missing = initial.filter((url) => !advertised.includes(url));
  if (missing.length > 0) {
    const pairs = missing.map((url) => `${config.name}=${url}`).join(",");
    throw new ConfigError(
      `--initial-cluster has ${pairs} but missing from --initial-advertise-peer-urls=${advertised.join(",")}`,
    );
  }
  const extra = advertised.filter((url) => !initial.includes(url)).join(",");
  const pairs = advertised.map((url) => `${config.name}=${url}`).join(",");
  throw new ConfigError(`--initial-advertise-peer-urls has ${extra} but missing from --initial-cluster=${pairs}`);
}

async function sameUrls(a: readonly string[], b: readonly string[], lookup: Lookup): Promise<boolean> {
  if (a.length !== b.length) return false;
  const sorted = [[...a].sort(), [...b].sort()] as const;
  if (sorted[0].join() === sorted[1].join()) return true;
  const resolved = await Promise.all(sorted.map((urls) => Promise.all(urls.map((url) => resolveUrl(url, lookup)))));
  return resolved[0]?.sort().join() === resolved[1]?.sort().join();
}

/** The URL with its host's first address for the name; as it was when the name leads nowhere. */
async function resolveUrl(text: string, lookup: Lookup): Promise<string> {
  const url = parseServerUrl(text);
  if (url.socketPath !== null) return text;
  try {
    const [address = url.host] = await lookup(url.host);
    return `${url.scheme}://${joinHostPort(address, url.port)}`;
  } catch {
    return text;
  }
}

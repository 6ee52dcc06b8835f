/** The ZooKeeper that this server stands for. */
export const ZOOKEEPER_VERSION = "3.9.5";

/**
 * The text behind `Zookeeper version: `, in the shape of ZooKeeper 3.7 and later: tools read the digits before the first
 * dash. Where ZooKeeper has the hash of a commit, this says what really runs.
 */
export function zookeeperVersionText(packageVersion: string, builtMs: number): string {
  const built = new Date(builtMs).toISOString().slice(0, 16).replace("T", " ");
  return `${ZOOKEEPER_VERSION}-bridgekeeper.${packageVersion}, built on ${built} UTC`;
}

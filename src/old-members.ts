import type { Logger } from "./etcd/base/logger.ts";
import { EtcdClient, type EtcdClientOptions } from "./etcd/client/etcd-client.ts";

const TIMEOUT_MS = 5000;

/**
 * Warns of members whose watches may say how far they are before they have told of the events up to there: etcd mended that
 * in 3.4.25 and 3.5.8. A facade would answer reads from a tree that lacks those events. Who does not answer is not named.
 */
export async function warnOfOldMembers(
  remote: Pick<EtcdClientOptions, "endpoints" | "tls">,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const { tls } = remote;
  await Promise.all(
    remote.endpoints.map(async (endpoint) => {
      const client = new EtcdClient({ endpoints: [endpoint], callTimeoutMs: TIMEOUT_MS, ...(tls && { tls }) });
      try {
        const { version } = await client.status({ signal });
        if (!hasOrderedProgress(version)) {
          logger.warn("an etcd is too old: its watches may lose what is written here from sight for a moment", {
            endpoint,
            version,
            "least-version": "3.5.8, or 3.4.25",
          });
        }
      } catch {
        // It may be down, while others serve.
      } finally {
        client.close();
      }
    }),
  );
}

/** What is no version of etcd's is not judged. */
export function hasOrderedProgress(version: string): boolean {
  const parts = /^(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number);
  if (parts === undefined) return true;
  const [major, minor, patch] = parts as [number, number, number];
  if (major !== 3) return major > 3;
  if (minor === 4) return patch >= 25;
  if (minor === 5) return patch >= 8;
  return minor > 5;
}

import type { PartLogger } from "./etcd/base/logger.ts";
import { EtcdClient, type EtcdClientOptions } from "./etcd/client/etcd-client.ts";
import { warnOfOldMembers } from "./old-members.ts";
import type { FacadeConfig } from "./zk-facade/config/facade-config.ts";
import { startZookeeper } from "./zookeeper.ts";

export interface RemoteStore {
  readonly endpoints: readonly string[];
  readonly tls?: NonNullable<EtcdClientOptions["tls"]>;
  /** The cluster's --max-txn-ops; etcd's default is 128. */
  readonly txnOpsMax: number;
  /** Sessions that an earlier run under this name left behind are taken over at once; null: they come back by themselves. */
  readonly name: string | null;
}

export interface RunningFacade {
  readonly zkAddresses: readonly string[];
  /** Of ZooKeeper's Prometheus provider; empty where it was not asked for. */
  readonly prometheusAddresses: readonly string[];
  /** May be called twice. */
  stop(): Promise<void>;
}

/** No write or read of the facade waits longer for the cluster. */
const CALL_TIMEOUT_MS = 10_000;
const RETRY_MS = 1000;

/** The ZooKeeper side alone, over an etcd cluster that somebody else operates. Waits until the cluster can be reached. */
export async function serveFacade(
  config: FacadeConfig,
  remote: RemoteStore,
  logger: PartLogger,
  signal?: AbortSignal,
): Promise<RunningFacade> {
  const client = new EtcdClient({
    endpoints: remote.endpoints,
    callTimeoutMs: CALL_TIMEOUT_MS,
    watchRequiresLeader: true,
    // What jute.maxbuffer lets in is for the cluster to judge, by its own --max-request-bytes.
    requestBytesMax: Infinity,
    ...(remote.tls === undefined ? {} : { tls: remote.tls }),
  });
  try {
    await reach(client, logger, signal);
    const { txnOpsMax, name } = remote;
    const store = { port: client, isOrdered: false, txnOpsMax, name, dataDir: "" };
    const zookeeper = await startZookeeper(config, store, logger);
    zookeeper.announce();
    const asking = new AbortController();
    const asked = warnOfOldMembers(remote, logger, asking.signal);
    let stopped: Promise<void> | null = null;
    const stop = async (): Promise<void> => {
      asking.abort();
      await asked;
      await zookeeper.close();
      client.close();
    };
    const { addresses: zkAddresses, prometheusAddresses } = zookeeper;
    return { zkAddresses, prometheusAddresses, stop: () => (stopped ??= stop()) };
  } catch (error) {
    client.close();
    throw error;
  }
}

async function reach(client: EtcdClient, logger: PartLogger, signal: AbortSignal | undefined): Promise<void> {
  for (;;) {
    try {
      await client.status();
      return;
    } catch (error) {
      if (signal?.aborted === true) throw error;
      logger.warn("the etcd cluster cannot be reached; trying again", { error: String(error) });
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

import { randomBytes } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "./etcd/base/clock.ts";
import type { PartLogger } from "./etcd/base/logger.ts";
import { openFileCount, openFileLimit } from "./etcd/gateway/open-files.ts";
import type { EtcdPort } from "./etcd/port.ts";
import { packageVersion } from "./version-text.ts";
import type { FacadeConfig } from "./zk-facade/config/facade-config.ts";
import { openAdministration } from "./zk-facade/server/administration.ts";
import { prometheusText } from "./zk-facade/server/prometheus-text.ts";
import { zookeeperVersionText } from "./zk-facade/server/version.ts";
import { type StoreTraits, ZkServer } from "./zk-facade/server/zk-server.ts";

export interface ZookeeperStore extends StoreTraits {
  readonly port: EtcdPort;
}

/** ZooKeeper's side of a process, running. */
export interface ZookeeperSide {
  readonly addresses: readonly string[];
  /** Of the AdminServer and of ZooKeeper's Prometheus provider; empty where they were not asked for. */
  readonly adminAddresses: readonly string[];
  readonly prometheusAddresses: readonly string[];
  /** What it counts, in the text format of Prometheus. */
  metricsText(): string;
  /** Says where it listens. */
  announce(): void;
  /** May be called twice. */
  close(): Promise<void>;
}

/** Starts the ZooKeeper side over a store, embedded or remote: the doors, AdminServer, and ZooKeeper's metrics. */
export async function startZookeeper(
  config: FacadeConfig,
  store: ZookeeperStore,
  logger: PartLogger,
): Promise<ZookeeperSide> {
  const server = await ZkServer.start(config, store, {
    port: store.port,
    clock: systemClock,
    logger,
    version: zookeeperVersionText(packageVersion(), builtMs()),
    randomBytes: (count) => randomBytes(count),
    disk: () => {
      const bytes = directoryBytes(store.dataDir);
      return { dataBytes: bytes, logBytes: bytes };
    },
    files: () => ({ open: openFileCount(), limit: openFileLimit() }),
  });
  const statuses = new Map(server.doors.map(({ root }, index) => [root, server.statuses[index]!]));
  const administration = await openAdministration(config, statuses, logger.from("server/administration.ts")).catch(
    (error: unknown) => {
      server.close();
      throw error;
    },
  );
  return {
    adminAddresses: administration.adminAddresses,
    prometheusAddresses: administration.prometheusAddresses,
    metricsText: () => prometheusText(statuses),
    addresses: server.doors.flatMap(({ addresses }) => addresses),
    announce: () => {
      for (const { root, addresses } of server.doors) {
        for (const address of addresses) logger.info("serving ZooKeeper clients", { address, root });
      }
    },
    close: async () => {
      server.close();
      await administration.close();
    },
  };
}

/** When this very file was built. */
function builtMs(): number {
  return statSync(fileURLToPath(import.meta.url)).mtimeMs;
}

/** 0 for no directory. */
function directoryBytes(path: string): number {
  if (path === "") return 0;
  try {
    let bytes = 0;
    for (const name of readdirSync(path, { recursive: true, encoding: "utf8" }))
      bytes += statSync(join(path, name)).size;
    return bytes;
  } catch {
    // A file of the store may be gone between the two calls.
    return 0;
  }
}

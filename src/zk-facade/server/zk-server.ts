import type { Clock } from "../../etcd/base/clock.ts";
import type { PartLogger } from "../../etcd/base/logger.ts";
import type { EtcdPort } from "../../etcd/port.ts";
import { STANDARD_AUTH_RULES, type AuthRules } from "../acl/authentication.ts";
import type { FacadeConfig } from "../config/facade-config.ts";
import { timeoutBounds } from "../session/timeout.ts";
import { fourLetterWhitelist } from "./four-letter-words.ts";
import { RootServer, type RootServerOptions } from "./root-server.ts";
import type { DiskSize, FacadeStatus, OpenFiles } from "./status.ts";

/** The store that the facade stands on. */
export interface StoreTraits {
  /** Calls are applied in the order in which they are made. */
  readonly isOrdered: boolean;
  /** Operations, and compares, in one transaction. */
  readonly txnOpsMax: number;
  /** Who this server is to the next run of itself; null: the next run will be somebody else. */
  readonly name: string | null;
  readonly dataDir: string;
}

export interface ZkServerParts {
  readonly port: EtcdPort;
  readonly clock: Clock;
  readonly logger: PartLogger;
  /** As `srvr` prints it. */
  readonly version: string;
  randomBytes(count: number): Uint8Array;
  disk(): DiskSize;
  files(): OpenFiles;
}

/** A server that stands alone has this id in ZooKeeper, whatever its configuration says. */
const SERVER_ID_ALONE = 1;

/** The ZooKeeper side of a process: one server for each root. */
export class ZkServer {
  readonly #roots: readonly RootServer[];

  private constructor(roots: readonly RootServer[]) {
    this.#roots = roots;
  }

  static async start(config: FacadeConfig, store: StoreTraits, parts: ZkServerParts): Promise<ZkServer> {
    const roots: RootServer[] = [];
    try {
      for (const root of new Set(config.listen.map(({ root }) => root))) {
        roots.push(await RootServer.start(rootOptions(root, config, store, parts), parts));
      }
      return new ZkServer(roots);
    } catch (error) {
      for (const root of roots) root.close();
      throw error;
    }
  }

  /** Of each root, with the ports that were taken for port 0. */
  get doors(): readonly { readonly root: string; readonly addresses: readonly string[] }[] {
    return this.#roots.map(({ root, addresses }) => ({ root, addresses }));
  }

  /** Of each root, the first one first. */
  get statuses(): readonly FacadeStatus[] {
    return this.#roots.map(({ status }) => status);
  }

  close(): void {
    for (const root of this.#roots) root.close();
  }
}

function rootOptions(
  root: string,
  config: FacadeConfig,
  store: StoreTraits,
  { version }: ZkServerParts,
): RootServerOptions {
  const doors = config.listen.filter((address) => address.root === root);
  const authRules: AuthRules = {
    ...STANDARD_AUTH_RULES,
    ...config.acl,
    digestHash: config.digestAlgorithm,
    superDigest: config.superDigest,
  };
  return {
    doors: doors.map(({ host, port }) => ({ host, port, backlog: config.listenBacklog })),
    facade: {
      root,
      rules: { ...config.acl, extendedTypes: config.extendedTypes, enforceQuota: config.enforceQuota },
      isOrdered: store.isOrdered,
      txnOpsMax: store.txnOpsMax,
      name: store.name,
      serverId: config.serverId ?? SERVER_ID_ALONE,
      tickMs: config.tickTimeMs,
      dataCacheBytes: config.dataCacheBytes,
      container: config.container,
    },
    connections: {
      frameBytesMax: config.juteMaxBuffer,
      timeouts: timeoutBounds({ ...config, tickMs: config.tickTimeMs }),
      outstandingMax: config.globalOutstandingLimit,
      requestsOutstandingMax: config.globalOutstandingLimit,
      largeRequests: config.largeRequests,
      perAddressMax: config.maxClientConnections,
      connectionsMax: config.maxConnections,
      sessionlessTimeoutMs: config.sessionlessTimeoutMs,
    },
    hasReadOnlyMode: config.readOnlyMode,
    authRules,
    // Alone, a server has nothing to be reconfigured with.
    reconfigError: config.reconfigEnabled ? "unimplemented" : "reconfigDisabled",
    enforcedSchemes: config.enforcedSchemes,
    whitelist: fourLetterWhitelist(config.fourLetterWhitelist, config.readOnlyMode),
    settings: {
      version,
      clientPort: doors[0]!.port,
      secureClientPort: -1,
      dataDir: store.dataDir,
      dataLogDir: store.dataDir,
      tickTimeMs: config.tickTimeMs,
      maxClientConnections: config.maxClientConnections,
      minSessionTimeoutMs: config.minSessionTimeoutMs,
      maxSessionTimeoutMs: config.maxSessionTimeoutMs,
      listenBacklog: config.listenBacklog,
      serverId: config.serverId ?? 0,
      configText: config.configText,
    },
  };
}

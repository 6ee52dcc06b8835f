import type { Logger } from "../../etcd/base/logger.ts";
import type { FacadeConfig } from "../config/facade-config.ts";
import { AdminServer } from "./admin-server.ts";
import { PrometheusDoor } from "./prometheus-door.ts";
import { processMetrics } from "./process-metrics.ts";
import { providerPage } from "./prometheus-text.ts";
import type { FacadeStatus } from "./status.ts";

/** The HTTP ports of the ZooKeeper side. */
export interface Administration {
  /** Of the AdminServer, with the ports that were taken for port 0; empty without one. */
  readonly adminAddresses: readonly string[];
  /** Of ZooKeeper's Prometheus provider; empty without one. */
  readonly prometheusAddresses: readonly string[];
  /** May be called twice. */
  close(): Promise<void>;
}

/**
 * Opens what the settings ask for. Rejects when a port cannot be had, except the AdminServer's when nobody has chosen it:
 * ZooKeeper's default, 8080, is taken on many a machine, and that must not keep the server down.
 */
export async function openAdministration(
  config: Pick<FacadeConfig, "admin" | "prometheus" | "properties">,
  statuses: ReadonlyMap<string, FacadeStatus>,
  logger: Logger,
): Promise<Administration> {
  const admin = await openAdminServer(config, statuses, logger);
  const { prometheus } = config;
  const door =
    prometheus === null
      ? null
      : await PrometheusDoor.open(prometheus, (names) => providerPage(statuses, processMetrics(), names)).catch(
          async (error: unknown) => {
            await admin?.close();
            throw asListenError(error, prometheus.host, prometheus.port);
          },
        );
  const adminAddresses = admin?.addresses ?? [];
  const prometheusAddresses = door?.addresses ?? [];
  for (const address of adminAddresses) {
    logger.info("serving ZooKeeper's admin commands", { address, path: config.admin.commandUrl });
  }
  for (const address of prometheusAddresses) logger.info("serving ZooKeeper's metrics", { address });
  return {
    adminAddresses,
    prometheusAddresses,
    close: async () => {
      await Promise.all([admin?.close(), door?.close()]);
    },
  };
}

async function openAdminServer(
  { admin, properties }: Pick<FacadeConfig, "admin" | "properties">,
  statuses: ReadonlyMap<string, FacadeStatus>,
  logger: Logger,
): Promise<AdminServer | null> {
  if (!admin.enabled) return null;
  try {
    return await AdminServer.open(admin, { statuses, properties, logger });
  } catch (error) {
    const listenError = asListenError(error, admin.host, admin.port);
    if (admin.isAddressGiven) throw listenError;
    logger.warn("the AdminServer's default address cannot be had; going on without it", { error: listenError });
    return null;
  }
}

/** In the words in which the server's other ports say it. */
function asListenError(error: unknown, host: string, port: number): Error {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: "address already in use",
    EADDRNOTAVAIL: "cannot assign requested address",
    EACCES: "permission denied",
  };
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reason = reasons[code] ?? (error instanceof Error ? error.message : String(error));
  const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return new Error(`listen tcp ${address}: bind: ${reason}`, { cause: error });
}

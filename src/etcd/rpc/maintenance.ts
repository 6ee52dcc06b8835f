import type { Logger } from "../base/logger.ts";
import type { EtcdPort } from "../port.ts";
import type { DefragmentResponse } from "../wire/etcdserverpb.ts";
import type { Call } from "./call.ts";
import { serverStream, type ServiceHandlers, unary } from "./handler.ts";
import type { ServingStatus } from "./serving-status.ts";

export interface MaintenanceParts {
  readonly port: EtcdPort;
  readonly logger: Logger;
  /** Gate StopGRPCServiceOnDefrag: what says NOT_SERVING while the member defragments its store; else null. */
  readonly stopsOnDefragment: ServingStatus | null;
}

export function maintenanceHandlers(parts: MaintenanceParts): ServiceHandlers<"etcdserverpb.Maintenance"> {
  const { port } = parts;
  return {
    Alarm: unary((request, call) => port.alarm(request, call)),
    Status: unary((_request, call) => port.status(call)),
    Defragment: unary((_request, call) => defragment(parts, call)),
    Hash: unary((_request, call) => port.hash(call)),
    HashKV: unary((request, call) => port.hashKv(request, call)),
    Snapshot: serverStream((_request, call) => port.snapshot(call)),
    MoveLeader: unary((request, call) => port.moveLeader(request, call)),
    Downgrade: unary((request, call) => port.downgrade(request, call)),
  };
}

async function defragment(
  { port, logger, stopsOnDefragment }: MaintenanceParts,
  call: Call,
): Promise<DefragmentResponse> {
  if (stopsOnDefragment !== null) {
    const reason = "defrag is active";
    logger.warn("grpc service status changed", { service: "", status: "NOT_SERVING", reason });
    stopsOnDefragment.set(false);
  }
  try {
    return await port.defragment(call);
  } finally {
    // etcd says so even if nothing had changed.
    logger.info("grpc service status changed", { service: "", status: "SERVING" });
    stopsOnDefragment?.set(true);
  }
}

import type { Logger } from "../base/logger.ts";
import type { EtcdPort } from "../port.ts";
import { authHandlers } from "./auth.ts";
import { clusterHandlers } from "./cluster.ts";
import { electionHandlers } from "./election.ts";
import type { Handlers } from "./handler.ts";
import { healthHandlers } from "./health.ts";
import { kvHandlers } from "./kv.ts";
import { leaseHandlers } from "./lease.ts";
import { lockHandlers } from "./lock.ts";
import { maintenanceHandlers } from "./maintenance.ts";
import type { MemberInfo } from "./member-info.ts";
import { ServingStatus } from "./serving-status.ts";
import { watchHandlers } from "./watch.ts";

export interface HandlerParts {
  readonly port: EtcdPort;
  readonly member: MemberInfo;
  readonly logger: Logger;
}

export interface HandlerOptions {
  /** Gate StopGRPCServiceOnDefrag: health says NOT_SERVING while the member defragments its store. */
  readonly stopsServiceOnDefrag: boolean;
}

/** All of etcd's services over a port. */
export function etcdHandlers(
  { port, member, logger }: HandlerParts,
  { stopsServiceOnDefrag }: HandlerOptions = { stopsServiceOnDefrag: false },
): Handlers {
  const status = new ServingStatus();
  const stopsOnDefragment = stopsServiceOnDefrag ? status : null;
  return {
    "etcdserverpb.KV": kvHandlers(port),
    "etcdserverpb.Watch": watchHandlers(port),
    "etcdserverpb.Lease": leaseHandlers(port),
    "etcdserverpb.Cluster": clusterHandlers(port),
    "etcdserverpb.Maintenance": maintenanceHandlers({ port, logger, stopsOnDefragment }),
    "etcdserverpb.Auth": authHandlers(member),
    "v3lockpb.Lock": lockHandlers(port),
    "v3electionpb.Election": electionHandlers(port),
    "grpc.health.v1.Health": healthHandlers(status),
  };
}

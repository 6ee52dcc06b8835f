import type { EtcdPort } from "../port.ts";
import { serverStream, type ServiceHandlers, unary } from "./handler.ts";

export function maintenanceHandlers(port: EtcdPort): ServiceHandlers<"etcdserverpb.Maintenance"> {
  return {
    Alarm: unary((request, call) => port.alarm(request, call)),
    Status: unary((_request, call) => port.status(call)),
    Defragment: unary((_request, call) => port.defragment(call)),
    Hash: unary((_request, call) => port.hash(call)),
    HashKV: unary((request, call) => port.hashKv(request, call)),
    Snapshot: serverStream((_request, call) => port.snapshot(call)),
    MoveLeader: unary((request, call) => port.moveLeader(request, call)),
    Downgrade: unary((request, call) => port.downgrade(request, call)),
  };
}

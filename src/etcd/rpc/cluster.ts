import type { EtcdPort } from "../port.ts";
import { type ServiceHandlers, unary } from "./handler.ts";
import { grpcCode, RpcError } from "./status.ts";

export function clusterHandlers(port: EtcdPort): ServiceHandlers<"etcdserverpb.Cluster"> {
  return {
    MemberAdd: unary(() => refuseChange("MemberAdd")),
    MemberRemove: unary(() => refuseChange("MemberRemove")),
    MemberUpdate: unary(() => refuseChange("MemberUpdate")),
    MemberList: unary((request, call) => port.memberList(request, call)),
    MemberPromote: unary(() => refuseChange("MemberPromote")),
  };
}

function refuseChange(method: string): Promise<never> {
  const details = `${method} is not implemented: the cluster has one member and cannot change`;
  return Promise.reject(new RpcError(grpcCode.unimplemented, details));
}

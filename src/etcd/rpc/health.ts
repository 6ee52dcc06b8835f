import {
  HealthCheckResponse_ServingStatus,
  newHealthCheckResponse,
  type HealthCheckResponse,
} from "../wire/healthpb.ts";
import { type Call, orAborted } from "./call.ts";
import { serverStream, type ServiceHandlers, unary } from "./handler.ts";
import { grpcCode, RpcError } from "./status.ts";

/** etcd reports one health only, that of the whole server, under the empty service name. It serves from its start. */
export function healthHandlers(): ServiceHandlers<"grpc.health.v1.Health"> {
  return {
    Check: unary((request) => {
      if (request.service !== "") return Promise.reject(new RpcError(grpcCode.notFound, "unknown service"));
      return Promise.resolve(newHealthCheckResponse({ status: HealthCheckResponse_ServingStatus.SERVING }));
    }),
    Watch: serverStream((request, call) => watch(request.service, call)),
  };
}

/** One response, as the status of a name never changes, then silence until the client leaves. */
async function* watch(service: string, call: Call): AsyncGenerator<HealthCheckResponse> {
  const { SERVING, SERVICE_UNKNOWN } = HealthCheckResponse_ServingStatus;
  yield newHealthCheckResponse({ status: service === "" ? SERVING : SERVICE_UNKNOWN });
  await orAborted(new Promise<never>(() => undefined), call.signal);
}

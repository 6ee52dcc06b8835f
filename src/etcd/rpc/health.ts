import {
  HealthCheckResponse_ServingStatus,
  newHealthCheckResponse,
  type HealthCheckResponse,
} from "../wire/healthpb.ts";
import { type Call, orAborted } from "./call.ts";
import { serverStream, type ServiceHandlers, unary } from "./handler.ts";
import type { ServingStatus } from "./serving-status.ts";
import { grpcCode, RpcError } from "./status.ts";

const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = HealthCheckResponse_ServingStatus;

/**
 * etcd reports one health only, that of the whole server, under the empty service name. It serves from its start, but
 * for the time of a defragmentation, if it was told to say so.
 */
export function healthHandlers(status: ServingStatus): ServiceHandlers<"grpc.health.v1.Health"> {
  return {
    Check: unary((request) => {
      if (request.service !== "") return Promise.reject(new RpcError(grpcCode.notFound, "unknown service"));
      return Promise.resolve(responseOf(status));
    }),
    Watch: serverStream((request, call) => (request.service === "" ? watch(status, call) : watchUnknown(call))),
  };
}

/** The status, and again whenever it has changed, until the client leaves. */
async function* watch(status: ServingStatus, call: Call): AsyncGenerator<HealthCheckResponse> {
  let told: boolean | null = null;
  for (;;) {
    const { changed, isServing } = status;
    if (isServing !== told) yield responseOf(status);
    told = isServing;
    await orAborted(changed, call.signal);
  }
}

/** A name that nobody serves under may be one later, here never. */
async function* watchUnknown(call: Call): AsyncGenerator<HealthCheckResponse> {
  yield newHealthCheckResponse({ status: SERVICE_UNKNOWN });
  await orAborted(new Promise<never>(() => undefined), call.signal);
}

function responseOf({ isServing }: ServingStatus): HealthCheckResponse {
  return newHealthCheckResponse({ status: isServing ? SERVING : NOT_SERVING });
}

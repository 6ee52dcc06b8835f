import { grpcCode, type Status } from "../rpc/status.ts";

/** grpc-gateway's HTTP status for each gRPC code. 499 is nginx's word for a client that left. */
const httpStatusByCode: Readonly<Record<number, number>> = {
  [grpcCode.ok]: 200,
  [grpcCode.canceled]: 499,
  [grpcCode.unknown]: 500,
  [grpcCode.invalidArgument]: 400,
  [grpcCode.deadlineExceeded]: 504,
  [grpcCode.notFound]: 404,
  [grpcCode.alreadyExists]: 409,
  [grpcCode.permissionDenied]: 403,
  [grpcCode.resourceExhausted]: 429,
  [grpcCode.failedPrecondition]: 400,
  [grpcCode.aborted]: 409,
  [grpcCode.outOfRange]: 400,
  [grpcCode.unimplemented]: 501,
  [grpcCode.internal]: 500,
  [grpcCode.unavailable]: 503,
  [grpcCode.dataLoss]: 500,
  [grpcCode.unauthenticated]: 401,
};

export function httpStatusOf(code: number): number {
  return httpStatusByCode[code] ?? 500;
}

/** `{"code":5,"message":"Not Found"}` */
export function errorJson({ code, details }: Status): string {
  return JSON.stringify({ code, message: details });
}

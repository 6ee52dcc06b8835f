import type { FastifyReply } from "fastify";
import type { Status } from "../rpc/status.ts";
import type { MessageName } from "../wire/descriptors.ts";
import { toJson } from "../wire/json.ts";
import { grpcCode } from "../rpc/status.ts";
import { errorJson, httpStatusOf } from "./http-status.ts";

/** What grpc-gateway says of the call behind every answer of the gateway. */
export const gatewayHeaders = {
  "content-type": "application/json",
  "grpc-metadata-content-type": "application/grpc",
} as const;

export function sendMessage(reply: FastifyReply, type: MessageName, message: object): FastifyReply {
  // As bytes: to a text Fastify would add a charset.
  return reply.headers(gatewayHeaders).send(Buffer.from(toJson(type, message)));
}

/** Null: the HTTP status that goes with the code. */
export function sendError(reply: FastifyReply, httpStatus: number | null, status: Status): FastifyReply {
  if (status.code === grpcCode.unauthenticated) void reply.header("www-authenticate", status.details);
  return reply
    .code(httpStatus ?? httpStatusOf(status.code))
    .header("content-type", gatewayHeaders["content-type"])
    .send(Buffer.from(errorJson(status)));
}

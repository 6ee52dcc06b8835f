import type { FastifyRequest } from "fastify";

export function queryOf(request: FastifyRequest): URLSearchParams {
  const { url } = request.raw;
  const start = url?.indexOf("?") ?? -1;
  return new URLSearchParams(start === -1 ? "" : url!.slice(start + 1));
}

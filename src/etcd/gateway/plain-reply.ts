import type { FastifyReply } from "fastify";

/** A text with its newline, as Go's http.Error writes it. */
export function sendText(reply: FastifyReply, httpStatus: number, text: string): FastifyReply {
  return reply
    .code(httpStatus)
    .headers({ "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" })
    .send(`${text}\n`);
}

export function sendNotFound(reply: FastifyReply): FastifyReply {
  return sendText(reply, 404, "404 page not found");
}

/**
 * The HTTP/1.1 side of a port: a Fastify app that listens on nothing and is handed sockets.
 */
import http from "node:http";
import type { Socket } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import { type AccessOptions, corsHeaders, refusalOfHost } from "./access.ts";
import { sendText } from "./plain-reply.ts";
import { Routes } from "./routes.ts";

export interface HttpDoorOptions {
  /** A client must have sent its request's headers by then, and may be idle for so long between two requests. */
  readonly headersTimeoutMs: number;
  /** Null: whoever reaches the port may ask. */
  readonly access: AccessOptions | null;
}

/** How often Node looks for clients that are late with their headers. */
const LATE_CHECK_MS = 1000;

export class HttpDoor {
  readonly #app: FastifyInstance;
  readonly #server: http.Server;
  /** A server that does not listen does not wait for its connections either. */
  readonly #sockets = new Set<Socket>();

  static async open(options: HttpDoorOptions, addRoutes: (routes: Routes) => void): Promise<HttpDoor> {
    let server: http.Server | null = null;
    const app = Fastify({
      serverFactory: (handler) => {
        server = newServer(options, handler);
        return server;
      },
      rewriteUrl: ({ url = "/" }) => url.replace(/^\/v3beta\//, "/v3/"),
      exposeHeadRoutes: false,
      forceCloseConnections: true,
      clientErrorHandler: refuseGarbage,
    });
    const { access } = options;
    if (access !== null) {
      app.addHook("onRequest", (request, reply, done) => {
        const refusal = refusalOfHost(access, request.headers);
        if (refusal !== null) {
          void sendText(reply, 421, refusal);
          return;
        }
        const cors = corsHeaders(access, request.headers.origin);
        // On the raw response, because streams bypass the reply.
        for (const [name, value] of Object.entries(cors ?? {})) reply.raw.setHeader(name, value);
        if (request.method === "OPTIONS") void reply.code(200).send();
        else done();
      });
    }
    // Each route reads its own body, if it wants one.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    addRoutes(new Routes(app));
    await app.ready();
    return new HttpDoor(app, server!);
  }

  private constructor(app: FastifyInstance, server: http.Server) {
    this.#app = app;
    this.#server = server;
  }

  /** Takes a socket on which nothing was read, or whose first bytes were put back. */
  accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    this.#server.emit("connection", socket);
  }

  /** Ends idle connections at once, and the others when their request is answered or the grace is over. */
  async close(graceMs: number): Promise<void> {
    await this.#app.close();
    this.#server.closeIdleConnections();
    const closed = [...this.#sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve)));
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, graceMs);
    await Promise.all(closed);
    clearTimeout(timer);
  }
}

function newServer(options: HttpDoorOptions, handler: http.RequestListener): http.Server {
  const server = http.createServer(
    {
      headersTimeout: options.headersTimeoutMs,
      keepAliveTimeout: options.headersTimeoutMs,
      // A stream's request has no end.
      requestTimeout: 0,
      connectionsCheckingInterval: LATE_CHECK_MS,
    },
    handler,
  );
  // Node starts to keep track of connections, and of those that are late, when its server listens. This one never does.
  server.emit("listening");
  return server;
}

/** What is not HTTP after all. */
function refuseGarbage(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const isLate = error.code === "ERR_HTTP_REQUEST_TIMEOUT";
  const status = isLate ? "408 Request Timeout" : "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${status}`);
}

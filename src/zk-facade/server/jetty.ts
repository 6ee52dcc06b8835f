import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Socket } from "node:net";

/** What goes out for a request. Content has its type among the headers, or none. */
export interface HttpAnswer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface JettyOptions {
  /** Milliseconds after which a connection that says nothing is closed. Absent: Node's own. */
  readonly idleTimeoutMs?: number;
}

export interface Servlet {
  serves(path: string): boolean;
  /** To GET, HEAD or POST. */
  answer(request: FastifyRequest, url: URL): HttpAnswer;
}

/**
 * An HTTP server that answers around its servlet as ZooKeeper's Jetty does: paths that nobody serves, methods that no
 * servlet of ZooKeeper's takes, and what is no HTTP. Bodies of requests are not read.
 */
export function jetty(servlet: Servlet, { idleTimeoutMs }: JettyOptions = {}): FastifyInstance {
  const app = Fastify({
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    ...(idleTimeoutMs !== undefined && {
      keepAliveTimeout: idleTimeoutMs,
      connectionTimeout: idleTimeoutMs,
      requestTimeout: idleTimeoutMs,
    }),
    clientErrorHandler: (error, socket) => refuseBytes(error.code, socket),
    frameworkErrors: (_error, _request, reply: FastifyReply) => {
      send(reply, badMessage);
    },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null, undefined));
  const handle = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    send(reply, answerTo(request, servlet));
  app.all("/*", handle);
  // Of methods that have no routes here.
  app.setNotFoundHandler(handle);
  return app;
}

/** A page as Jetty's ErrorHandler makes it. */
export function errorPage(code: number, message: string, uri: string): HttpAnswer {
  const text = escape(message);
  const rows = Object.entries({ URI: escape(uri), STATUS: String(code), MESSAGE: text });
  return {
    code,
    headers: { "cache-control": "must-revalidate,no-cache,no-store", "content-type": HTML },
    body: [
      "<html>",
      "<head>",
      '<meta http-equiv="Content-Type" content="text/html;charset=ISO-8859-1"/>',
      `<title>Error ${code} ${text}</title>`,
      "</head>",
      `<body><h2>HTTP ERROR ${code} ${text}</h2>`,
      "<table>",
      ...rows.map(([name, value]) => `<tr><th>${name}:</th><td>${value}</td></tr>`),
      "</table>",
      "",
      "</body>",
      "</html>",
      "",
    ].join("\n"),
  };
}

const HTML = "text/html;charset=iso-8859-1";

/** Before there is a request that anybody could be asked about. */
const badMessage: HttpAnswer = {
  code: 400,
  headers: { "content-type": HTML, connection: "close" },
  body: "<h1>Bad Message 400</h1><pre>reason: Bad Request</pre>",
};

function answerTo(request: FastifyRequest, servlet: Servlet): HttpAnswer {
  const { method } = request;
  const url = new URL(request.raw.url ?? "/", "http://localhost");
  switch (method) {
    case "TRACE":
      return empty(403);
    case "PUT":
    case "DELETE":
      return empty(405);
    case "GET":
    case "HEAD":
    case "POST":
    case "OPTIONS":
      break;
    default:
      return empty(501);
  }
  const isServed = servlet.serves(url.pathname);
  if (method === "OPTIONS") return empty(200, { allow: `GET, HEAD, ${isServed ? "POST, " : ""}TRACE, OPTIONS` });
  if (isServed) return servlet.answer(request, url);
  if (method !== "POST") return errorPage(404, "Not Found", url.pathname);
  return errorPage(405, "HTTP method POST is not supported by this URL", url.pathname);
}

function empty(code: number, headers: HttpAnswer["headers"] = {}): HttpAnswer {
  return { code, headers, body: "" };
}

/** By the server's own hand, since Fastify knows no content without a type. */
function send(reply: FastifyReply, { code, headers, body }: HttpAnswer): FastifyReply {
  const bytes = Buffer.from(body);
  reply.hijack();
  reply.raw.writeHead(code, { ...headers, "content-length": bytes.length }).end(bytes);
  return reply;
}

/** Node's parser knows some methods and refuses all others, where Jetty answers that they are not implemented. */
function refuseBytes(code: string | undefined, socket: Socket): void {
  if (code === "ECONNRESET" || code === "ERR_HTTP_REQUEST_TIMEOUT" || !socket.writable) {
    socket.destroy();
    return;
  }
  const { headers, body } = badMessage;
  const lines =
    code === "HPE_INVALID_METHOD"
      ? ["HTTP/1.1 501 Not Implemented", "Content-Length: 0", "Connection: close", "", ""]
      : [
          "HTTP/1.1 400 Bad Request",
          `Content-Type: ${headers["content-type"]!}`,
          `Content-Length: ${body.length}`,
          ...["Connection: close", "", body],
        ];
  socket.end(lines.join("\r\n"));
}

function escape(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&apos;",
  };
  return text.replace(/[&<>"']/g, (char) => entities[char]!);
}

/**
 * The JSON gateway: the same handlers as gRPC's, over HTTP/1.1 and protobuf's JSON, as grpc-gateway puts it before etcd.
 *
 *   unary     POST {…}             200 {…}                         or an error's HTTP status and {"code":…,"message":…}
 *   stream    POST {…} {…} …       200 {"result":{…}}\n …          and at its end perhaps {"error":{…}}\n
 */
import type { IncomingMessage } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { CarriedCall } from "../rpc/call.ts";
import {
  type BidiEndpoint,
  type Endpoint,
  isServerStream,
  isUnary,
  type Rpc,
  type ServerStreamEndpoint,
  type UnaryEndpoint,
} from "../rpc/endpoint.ts";
import { etcdStatus, grpcCode, RpcError, type Status } from "../rpc/status.ts";
import type { MessageName } from "../wire/descriptors.ts";
import { fromJson } from "../wire/json.ts";
import { GatewayCall } from "./gateway-call.ts";
import { sendError, sendMessage } from "./json-reply.ts";
import { JsonStream } from "./json-stream.ts";
import type { Routes } from "./routes.ts";

export interface JsonGatewayOptions {
  /** A longer body, or a longer object on a stream, is refused. */
  readonly bodyBytesMax: number;
}

export class JsonGateway {
  readonly #rpc: Rpc;
  readonly #options: JsonGatewayOptions;
  readonly #calls = new Set<CarriedCall>();

  constructor(options: JsonGatewayOptions, rpc: Rpc) {
    this.#options = options;
    this.#rpc = rpc;
  }

  addRoutes(routes: Routes): void {
    const refuseMethod = (reply: FastifyReply): FastifyReply =>
      sendError(reply, 501, { code: grpcCode.unimplemented, details: "Method Not Allowed" });
    for (const endpoint of this.#rpc.endpoints()) {
      for (const path of endpoint.gatewayPaths) {
        routes.post(path, (request, reply) => this.#serve(endpoint, request, reply), refuseMethod);
      }
    }
    routes.otherPathsUnder("/v3/", (reply) => sendError(reply, 404, { code: grpcCode.notFound, details: "Not Found" }));
  }

  /** Ends what is open. */
  close(): void {
    const { code, details } = etcdStatus.stopped;
    for (const call of [...this.#calls]) call.abort(new RpcError(code, details));
  }

  async #serve(endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    let call: GatewayCall;
    try {
      call = new GatewayCall(request.raw, reply.raw, endpoint, this.#rpc);
    } catch (error) {
      return sendError(reply, 400, (error as RpcError).status);
    }
    this.#calls.add(call);
    reply.raw.once("close", () => this.#calls.delete(call));
    if (isUnary(endpoint)) return this.#serveUnary(endpoint, call, request, reply);
    reply.hijack();
    const stream = new JsonStream(call, endpoint.responseType!, request.raw, reply.raw);
    if (isServerStream(endpoint)) await this.#serveStream(endpoint, call, stream, request.raw);
    else this.#serveBidi(endpoint as BidiEndpoint, call, stream);
    return reply;
  }

  async #serveUnary(
    endpoint: UnaryEndpoint,
    call: GatewayCall,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const aborted = new Promise<Status>((resolve) => {
      call.onAbort(resolve);
    });
    const answered = this.#callUnary(endpoint, call, request.raw).then(
      (response) => (call.settle(grpcCode.ok) ? { response } : null),
      (error: unknown) => call.settleFailure(error),
    );
    const outcome = await Promise.race([answered, aborted]);
    // Null: the abort was first, and says why.
    const result = outcome ?? (await aborted);
    if ("response" in result) return sendMessage(reply, endpoint.responseType!, result.response);
    return sendError(reply, null, result);
  }

  async #callUnary(endpoint: UnaryEndpoint, call: GatewayCall, request: IncomingMessage): Promise<object> {
    const message = await this.#readMessage(endpoint, request);
    this.#rpc.admitUnary(endpoint, message, call);
    const response = (await endpoint.handler.handle(message, call)) as object;
    endpoint.stats.messagesSent++;
    return response;
  }

  async #serveStream(
    endpoint: ServerStreamEndpoint,
    call: GatewayCall,
    stream: JsonStream,
    request: IncomingMessage,
  ): Promise<void> {
    try {
      this.#rpc.admitStream(endpoint, call);
      const message = await this.#readMessage(endpoint, request);
      for await (const response of endpoint.handler.handle(message, call)) {
        if (!stream.write(response as object)) await stream.drained();
        if (call.hasEnded) return;
        endpoint.stats.messagesSent++;
      }
      stream.end();
    } catch (error) {
      stream.fail(error);
    }
  }

  #serveBidi(endpoint: BidiEndpoint, call: GatewayCall, stream: JsonStream): void {
    try {
      this.#rpc.admitStream(endpoint, call);
    } catch (error) {
      stream.fail(error);
      return;
    }
    const requests = endpoint.handler.open(
      {
        write: (response) => {
          endpoint.stats.messagesSent++;
          return stream.write(response as object);
        },
        end: (error) => {
          if (error === undefined) stream.end();
          else stream.fail(error);
        },
        wantRequests: () => stream.wantRequests(),
      },
      call,
    );
    stream.readInto(
      {
        message: (text) => {
          const message = parseMessage(endpoint.requestType!, text);
          endpoint.stats.messagesReceived++;
          return requests.message(message);
        },
        halfClose: () => requests.halfClose(),
        drained: () => requests.drained(),
        close: () => requests.close(),
      },
      this.#options.bodyBytesMax,
    );
  }

  async #readMessage(endpoint: Endpoint, request: IncomingMessage): Promise<unknown> {
    const text = await readBody(request, this.#options.bodyBytesMax);
    const message = parseMessage(endpoint.requestType!, text);
    endpoint.stats.messagesReceived++;
    return message;
  }
}

function parseMessage(type: MessageName, text: string): unknown {
  try {
    return fromJson(type, text);
  } catch (error) {
    const details = error instanceof Error ? error.message : String(error);
    throw new RpcError(grpcCode.invalidArgument, details, { cause: error });
  }
}

/** The whole body. What is too long is refused when its length is known, and read to its end for nothing. */
async function readBody(request: IncomingMessage, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= bytesMax) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (length > bytesMax) {
    const details = `grpc: received message larger than max (${length} vs. ${bytesMax})`;
    throw new RpcError(grpcCode.resourceExhausted, details);
  }
  return Buffer.concat(chunks, length).toString("utf8");
}

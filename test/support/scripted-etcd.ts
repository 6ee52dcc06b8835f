/**
 * A gRPC server that says what a test tells it to say: the other end of the client's tests. It speaks etcd's services
 * over a real socket, so that connections break as real ones do.
 */
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import {
  Server,
  ServerCredentials,
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type Metadata,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerWritableStream,
} from "@grpc/grpc-js";
import type { LeaseKeepAliveRequest, LeaseKeepAliveResponse } from "../../src/etcd/wire/etcdserverpb.ts";
import type { WatchRequest, WatchResponse } from "../../src/etcd/wire/etcdserverpb.ts";
import type { MethodDescriptor } from "../../src/etcd/wire/method.ts";

export type ServerWatch = ServerDuplexStream<WatchRequest, WatchResponse>;
export type ServerKeepAlive = ServerDuplexStream<LeaseKeepAliveRequest, LeaseKeepAliveResponse>;

/** What a scripted answer throws to end the call with a status. */
export interface ScriptedFailure {
  readonly code: number;
  readonly details: string;
}

export class ScriptedEtcd {
  readonly #server = new Server();
  readonly #listener = createServer();
  readonly #sockets = new Set<Socket>();
  #address: AddressInfo | undefined;

  /** Answers a unary method. What `answer` throws must be a {@link ScriptedFailure}; a promise may stay open. */
  unary<Request, Response>(
    method: MethodDescriptor<Request, Response>,
    answer: (request: Request, metadata: Metadata) => Response | Promise<Response>,
  ): this {
    const handle = (call: { request: Request; metadata: Metadata }, callback: sendUnaryData<Response>): void => {
      void (async () => answer(call.request, call.metadata))().then(
        (response) => callback(null, response),
        (failure: unknown) => callback(failure as ScriptedFailure),
      );
    };
    return this.#register(method, handle, "unary");
  }

  serverStream<Request, Response>(
    method: MethodDescriptor<Request, Response>,
    serve: (call: ServerWritableStream<Request, Response>) => void,
  ): this {
    const handle: handleServerStreamingCall<Request, Response> = serve;
    return this.#register(method, handle, "serverStream");
  }

  duplex<Request, Response>(
    method: MethodDescriptor<Request, Response>,
    serve: (call: ServerDuplexStream<Request, Response>) => void,
  ): this {
    const handle: handleBidiStreamingCall<Request, Response> = (call) => {
      call.on("error", () => undefined); // The other end went away.
      serve(call);
    };
    return this.#register(method, handle, "bidi");
  }

  /** Listens on a port of its own, or on the one given. */
  async listen(port = 0): Promise<this> {
    const injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
    this.#listener.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      injector.injectConnection(socket);
    });
    this.#listener.listen(port, "127.0.0.1");
    await once(this.#listener, "listening");
    return this;
  }

  get port(): number {
    return (this.#address ??= this.#listener.address() as AddressInfo).port;
  }

  get endpoint(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The server dies: all connections break in the middle of whatever they carry. */
  stop(): void {
    this.#address = (this.#listener.address() as AddressInfo | null) ?? this.#address;
    this.#listener.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#server.forceShutdown();
  }

  #register<Request, Response>(
    method: MethodDescriptor<Request, Response>,
    handle: unknown,
    type: "unary" | "serverStream" | "bidi",
  ): this {
    this.#server.register(
      method.path,
      handle as handleBidiStreamingCall<Request, Response>,
      method.encodeResponse,
      method.decodeRequest,
      type,
    );
    return this;
  }
}

/** Resolves when `holds`; fails the test when it never does. */
export async function eventually(holds: () => boolean, what: string, timeoutMs = 30_000): Promise<void> {
  const endMs = Date.now() + timeoutMs;
  while (!holds()) {
    if (Date.now() > endMs) throw new Error(`it never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

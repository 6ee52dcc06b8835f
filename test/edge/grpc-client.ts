/** A gRPC client made by others (grpc-js), with our codecs: what the tests of the edge talk with. */
import * as grpc from "@grpc/grpc-js";
import { services } from "../../src/etcd/wire/services.ts";
import type { MethodDescriptor } from "../../src/etcd/wire/method.ts";

export const kv = services["etcdserverpb.KV"];
export const watch = services["etcdserverpb.Watch"];
export const lease = services["etcdserverpb.Lease"];
export const maintenance = services["etcdserverpb.Maintenance"];
export const cluster = services["etcdserverpb.Cluster"];
export const auth = services["etcdserverpb.Auth"];
export const lock = services["v3lockpb.Lock"];
export const election = services["v3electionpb.Election"];
export const health = services["grpc.health.v1.Health"];

export interface Outcome {
  readonly code: number;
  readonly details: string;
}

export interface UnaryOptions {
  readonly metadata?: Record<string, string>;
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

export class TestClient {
  readonly raw: grpc.Client;

  constructor(address: string, options: grpc.ChannelOptions = {}) {
    this.raw = new grpc.Client(address, grpc.credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
      ...options,
    });
  }

  unary<Q, R>(method: MethodDescriptor<Q, R>, request: Q, options: UnaryOptions = {}): Promise<R> {
    return new Promise((resolve, reject) => {
      const callOptions = options.deadlineMs === undefined ? {} : { deadline: Date.now() + options.deadlineMs };
      const call = this.raw.makeUnaryRequest(
        method.path,
        method.encodeRequest,
        method.decodeResponse,
        request,
        metadataOf(options.metadata),
        callOptions,
        (error, response) => {
          if (error) reject(error);
          else resolve(response!);
        },
      );
      options.signal?.addEventListener("abort", () => call.cancel());
    });
  }

  /** The status that a call must fail with. */
  async failure<Q, R>(method: MethodDescriptor<Q, R>, request: Q, options: UnaryOptions = {}): Promise<Outcome> {
    try {
      await this.unary(method, request, options);
    } catch (error) {
      const { code, details } = error as grpc.ServiceError;
      return { code, details };
    }
    throw new Error(`${method.path} did not fail`);
  }

  bidi<Q, R>(method: MethodDescriptor<Q, R>, metadata?: Record<string, string>): TestStream<Q, R> {
    return new TestStream(
      this.raw.makeBidiStreamRequest(method.path, method.encodeRequest, method.decodeResponse, metadataOf(metadata)),
    );
  }

  serverStream<Q, R>(method: MethodDescriptor<Q, R>, request: Q): TestStream<Q, R> {
    const call = this.raw.makeServerStreamRequest(method.path, method.encodeRequest, method.decodeResponse, request);
    return new TestStream(call as unknown as grpc.ClientDuplexStream<Q, R>);
  }

  close(): void {
    this.raw.close();
  }
}

/** A stream whose responses are asked for one by one. */
export class TestStream<Q, R> {
  readonly call: grpc.ClientDuplexStream<Q, R>;
  readonly #responses: R[] = [];
  readonly #waiting: ((response: R) => void)[] = [];
  readonly status: Promise<Outcome>;

  constructor(call: grpc.ClientDuplexStream<Q, R>) {
    this.call = call;
    call.on("data", (response: R) => {
      const waiter = this.#waiting.shift();
      if (waiter) waiter(response);
      else this.#responses.push(response);
    });
    call.on("error", () => undefined);
    this.status = new Promise((resolve) => {
      call.on("status", ({ code, details }) => resolve({ code, details }));
    });
  }

  send(request: Q): void {
    this.call.write(request);
  }

  next(): Promise<R> {
    const response = this.#responses.shift();
    if (response !== undefined) return Promise.resolve(response);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  cancel(): void {
    this.call.cancel();
  }
}

function metadataOf(values: Record<string, string> = {}): grpc.Metadata {
  const metadata = new grpc.Metadata();
  for (const [key, value] of Object.entries(values)) metadata.set(key, value);
  return metadata;
}

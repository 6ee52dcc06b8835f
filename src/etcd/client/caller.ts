/**
 * Calls over {@link Connections}: which endpoint, how long, what metadata, and whether again. Everything else of the
 * client is built from these three ways to call.
 */
import {
  Metadata,
  type CallOptions as GrpcCallOptions,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ServiceError,
} from "@grpc/grpc-js";
import type { CallOptions } from "../port.ts";
import { grpcCode } from "../rpc/status.ts";
import type { MethodDescriptor } from "../wire/method.ts";
import { jittered, reasonOf, sleep } from "./backoff.ts";
import type { Connection, Connections } from "./connections.ts";
import { ATTEMPTS_MAX, mayRetry, RETRY_WAIT_MS, waitsAfter, type RetryPolicy } from "./retry.ts";
import { deadlineError, errorOf } from "./transport-error.ts";

export interface ClientCallOptions extends CallOptions {
  /** The call and its retries end after this many milliseconds. Absent: the client's own default. */
  readonly timeoutMs?: number;
}

export interface CallerOptions {
  /** For calls that name none. Infinity: no deadline. */
  readonly callTimeoutMs: number;
  /** `client-api-version`, major and minor. */
  readonly apiVersion: string;
}

export class Caller {
  readonly #connections: Connections;
  readonly #callTimeoutMs: number;
  readonly #metadata: Metadata;
  readonly #leaderMetadata: Metadata;
  /** What `close` has to end: streams in both directions have owners that end them. */
  readonly #open = new Set<{ cancel(): void }>();

  constructor(options: CallerOptions, connections: Connections) {
    this.#connections = connections;
    this.#callTimeoutMs = options.callTimeoutMs;
    this.#metadata = new Metadata();
    this.#metadata.set("client-api-version", options.apiVersion);
    this.#leaderMetadata = this.#metadata.clone();
    this.#leaderMetadata.set("hasleader", "true");
  }

  /** Rejects with an EtcdError, a TransportError, or the reason of the caller's signal. */
  async unary<Request, Response>(
    method: MethodDescriptor<Request, Response>,
    policy: RetryPolicy,
    request: Request,
    options?: ClientCallOptions,
  ): Promise<Response> {
    const signal = options?.signal;
    const deadlineMs = Date.now() + (options?.timeoutMs ?? this.#callTimeoutMs);
    for (let attempt = 1; ; attempt++) {
      const connection = this.#connections.next() ?? (await this.#connections.ready(deadlineMs, signal));
      try {
        return await this.#once(connection, method, request, deadlineMs, signal);
      } catch (error) {
        if (!isServiceError(error)) throw error;
        if (attempt >= ATTEMPTS_MAX || !mayRetry(policy, error)) throw errorOf(error);
        if (waitsAfter(attempt, this.#connections.size)) await this.#wait(deadlineMs, signal, error);
      }
    }
  }

  /** The responses of a server-streaming call, asked for one by one. Not retried: what came may not come again. */
  async *serverStream<Request, Response>(
    method: MethodDescriptor<Request, Response>,
    request: Request,
    options?: ClientCallOptions,
  ): AsyncGenerator<Response, void, undefined> {
    const signal = options?.signal;
    const deadlineMs = Date.now() + (options?.timeoutMs ?? this.#callTimeoutMs);
    const connection = await this.#connections.ready(deadlineMs, signal);
    const call: ClientReadableStream<Response> = connection.client.makeServerStreamRequest(
      method.path,
      method.encodeRequest,
      method.decodeResponse,
      request,
      this.#metadata,
      grpcOptions(deadlineMs),
    );
    this.#open.add(call);
    const abort = (): void => call.cancel();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      for await (const response of call) yield response as Response;
    } catch (error) {
      if (signal?.aborted) throw reasonOf(signal);
      throw isServiceError(error) ? errorOf(error) : error;
    } finally {
      this.#open.delete(call);
      signal?.removeEventListener("abort", abort);
      call.cancel();
    }
  }

  /** Opens a stream in both directions on the next connected endpoint; waits for one as long as the signal lets it. */
  async duplex<Request, Response>(
    method: MethodDescriptor<Request, Response>,
    options: { readonly signal: AbortSignal; readonly requireLeader?: boolean },
  ): Promise<ClientDuplexStream<Request, Response>> {
    const connection = await this.#connections.ready(Infinity, options.signal);
    return connection.client.makeBidiStreamRequest(
      method.path,
      method.encodeRequest,
      method.decodeResponse,
      options.requireLeader === true ? this.#leaderMetadata : this.#metadata,
      {},
    );
  }

  /** Ends every call that waits for its answer. */
  close(): void {
    for (const call of [...this.#open]) call.cancel();
  }

  #once<Request, Response>(
    connection: Connection,
    method: MethodDescriptor<Request, Response>,
    request: Request,
    deadlineMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(reasonOf(signal));
        return;
      }
      const call = connection.client.makeUnaryRequest(
        method.path,
        method.encodeRequest,
        method.decodeResponse,
        request,
        this.#metadata,
        grpcOptions(deadlineMs),
        (error, response) => {
          this.#open.delete(call);
          signal?.removeEventListener("abort", abort);
          if (!error) {
            resolve(response!);
            return;
          }
          reject(signal?.aborted ? reasonOf(signal) : error);
        },
      );
      this.#open.add(call);
      const abort = (): void => call.cancel();
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  async #wait(deadlineMs: number, signal: AbortSignal | undefined, cause: Error): Promise<void> {
    const waitMs = jittered(RETRY_WAIT_MS);
    if (Date.now() + waitMs >= deadlineMs) throw deadlineError(cause);
    await sleep(waitMs, signal);
  }
}

function grpcOptions(deadlineMs: number): GrpcCallOptions {
  return Number.isFinite(deadlineMs) ? { deadline: deadlineMs } : {};
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "details" in error && typeof error.code === "number";
}

/** The server does not know the method: it is older than the call. */
export function isUnimplemented(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === grpcCode.unimplemented;
}

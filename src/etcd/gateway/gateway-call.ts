import type { IncomingMessage, ServerResponse } from "node:http";
import { CarriedCall, canceledByClient, deadlineExceeded } from "../rpc/call.ts";
import type { Endpoint, Rpc } from "../rpc/endpoint.ts";
import { parseGrpcTimeout, startDeadline } from "../rpc/grpc-timeout.ts";
import { grpcCode, RpcError, type Status, statusOf } from "../rpc/status.ts";

/**
 * One HTTP request that is a call. It ends once: with its answer, a refusal, its deadline, the client's leaving, or the
 * server's stop; `settle` says how, to whoever writes the response.
 */
export class GatewayCall extends CarriedCall {
  readonly peer: string;
  readonly #request: IncomingMessage;
  readonly #rpc: Rpc;
  readonly #endpoint: Endpoint;
  readonly #deadline: NodeJS.Timeout | null;
  readonly #startedAtMs = performance.now();
  /** Told of an end that comes from outside. */
  #onAbort: (status: Status) => void = () => undefined;
  #hasEnded = false;

  /** Throws the refusal of a bad `Grpc-Timeout`. */
  constructor(request: IncomingMessage, response: ServerResponse, endpoint: Endpoint, rpc: Rpc) {
    super();
    const timeoutText = request.headers["grpc-timeout"];
    const timeoutMs = typeof timeoutText === "string" ? parseGrpcTimeout(timeoutText) : Number.POSITIVE_INFINITY;
    if (timeoutMs === null) {
      throw new RpcError(grpcCode.invalidArgument, `invalid grpc-timeout: ${String(timeoutText)}`);
    }
    this.#request = request;
    this.#endpoint = endpoint;
    this.#rpc = rpc;
    this.peer = `${request.socket.remoteAddress ?? "unknown"}:${request.socket.remotePort ?? 0}`;
    this.#deadline = Number.isFinite(timeoutMs) ? startDeadline(timeoutMs, () => this.abort(deadlineExceeded())) : null;
    endpoint.stats.started++;
    response.once("close", () => this.abort(canceledByClient()));
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  onAbort(told: (status: Status) => void): void {
    this.#onAbort = told;
  }

  /** As grpc-gateway forwards headers: `Grpc-Metadata-X` as x, `Authorization` as itself, others with its prefix. */
  metadata(name: string): string | undefined {
    const { headers } = this.#request;
    const forwarded = headers[`grpc-metadata-${name}`] ?? (name === "authorization" ? headers[name] : undefined);
    const value = forwarded ?? (name.startsWith("grpcgateway-") ? headers[name.slice(12)] : undefined);
    return typeof value === "string" ? value : value?.[0];
  }

  abort(reason: RpcError): void {
    if (!this.settle(reason.status.code)) return;
    this.abandon(reason);
    this.#onAbort(reason.status);
  }

  /** The call has ended with this code. False: it had ended before. */
  settle(code: number): boolean {
    if (this.#hasEnded) return false;
    this.#hasEnded = true;
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#rpc.ended(this.#endpoint, this, code, this.#startedAtMs);
    return true;
  }

  /** The call has failed. Null: it had ended before. */
  settleFailure(error: unknown): Status | null {
    const status = statusOf(error);
    return this.settle(status.code) ? status : null;
  }
}

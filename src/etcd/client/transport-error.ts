/**
 * What a call ends with when the other side gave no answer of etcd's table: no connection, a deadline, a server that
 * does not know the method. It is weather, not an answer.
 */
import { EtcdError } from "../errors.ts";
import { etcdErrorCodeOf, grpcCode, grpcCodeNames } from "../rpc/status.ts";

export class TransportError extends Error {
  override readonly name = "TransportError";
  /** The gRPC status number; see `grpcCode`. */
  readonly code: number;
  /** The status text as it came. */
  readonly details: string;

  /** The message is what Go's gRPC prints for the same status: etcdctl users know it. */
  constructor(code: number, details: string, options?: ErrorOptions) {
    super(`rpc error: code = ${grpcCodeNames[code] ?? `Code(${code})`} desc = ${details}`, options);
    this.code = code;
    this.details = details;
  }
}

export function deadlineError(cause?: unknown): TransportError {
  return new TransportError(grpcCode.deadlineExceeded, "context deadline exceeded", { cause });
}

/** The answer that an ended call stands for: etcd's own if the text is one of etcd's, else a {@link TransportError}. */
export function errorOf(failure: Failure): EtcdError | TransportError {
  const code = etcdErrorCodeOf(failure.details);
  if (code !== undefined) return new EtcdError(code, { cause: failure });
  if (failure.code === grpcCode.deadlineExceeded) return deadlineError(failure);
  const error = new TransportError(failure.code, failure.details, { cause: failure });
  // Of a request that is much too large gRPC says what etcd would have said.
  return isTooLargeToCarry(failure) ? new EtcdError("requestTooLarge", { cause: error }) : error;
}

/**
 * The words in which an etcd's grpc-go refuses a request, and grpc-js one that it should send. Neither has taken it. The code
 * alone tells nothing: it also stands for quotas, and for an answer that is too large, when all is done already.
 */
function isTooLargeToCarry({ code, details }: Failure): boolean {
  if (code !== grpcCode.resourceExhausted) return false;
  return (
    /^grpc: received message (?:after decompression )?larger than max/.test(details) ||
    details.startsWith("Attempted to send message with a size larger than")
  );
}

/** What grpc-js ends a call with: a `ServiceError` or a `StatusObject`. */
export interface Failure {
  readonly code: number;
  readonly details: string;
}

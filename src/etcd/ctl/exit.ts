/** How a ctl command ends when it does not succeed. The numbers are etcdctl's. */
import { EtcdError } from "../errors.ts";
import { etcdStatus, grpcCode } from "../rpc/status.ts";
import { TransportError } from "../client/transport-error.ts";

export const exitCode = {
  success: 0,
  error: 1,
  badConnection: 2,
  /** What was read from standard input makes no sense. */
  invalidInput: 3,
  /** A known flag with a value that it cannot have. */
  badFeature: 4,
  interrupted: 5,
  badArguments: 128,
  /** The shell's word for "ended by SIGINT". */
  signal: 130,
} as const;

/** Printed as `Error: message`, then the process ends with the code. */
export class CtlError extends Error {
  override readonly name = "CtlError";
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

export function badArguments(message: string): CtlError {
  return new CtlError(exitCode.badArguments, message);
}

/** The words that etcdctl prints for an error of the client. */
export function errorText(error: unknown): string {
  if (error instanceof EtcdError) {
    // What was too large for gRPC already has its words.
    return error.cause instanceof TransportError ? error.cause.message : etcdStatus[error.code].details;
  }
  if (error instanceof TransportError && error.code === grpcCode.deadlineExceeded) return error.details;
  return error instanceof Error ? error.message : String(error);
}

/** Runs `work`; what it throws ends the command with `code` and the words `prefix (…)`, or the bare words. */
export async function orExit<Result>(code: number, work: Promise<Result>, prefix?: string): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof CtlError) throw error;
    const text = errorText(error);
    throw new CtlError(code, prefix === undefined ? text : `${prefix} (${text})`, { cause: error });
  }
}

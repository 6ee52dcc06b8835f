import type { CallOptions } from "../port.ts";
import { contextCanceled, contextDeadlineExceeded, RpcError, type Status } from "./status.ts";

/** One call as a handler sees it, whatever carries it. It is also the options of the port calls that serve it. */
export interface Call extends CallOptions {
  /** Aborted when the call is over before it was answered. Its reason is an {@link RpcError}. */
  readonly signal: AbortSignal;
  /** The first value of this metadata key (lower case). */
  metadata(name: string): string | undefined;
  /** Who calls, for logs. */
  readonly peer: string;
}

/**
 * What all carriers' calls have in common: how a call ends from outside. Most calls are answered before anybody looks
 * at their signal, so it is made when it is asked for: keep `call`, read `call.signal` only when there is a wait.
 */
export abstract class CarriedCall implements Call {
  #controller: AbortController | null = null;
  #abortReason: RpcError | null = null;

  abstract metadata(name: string): string | undefined;
  abstract readonly peer: string;

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#abortReason !== null) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  /** Ends the call with this status, unless it has ended already. */
  abstract abort(reason: RpcError): void;

  /** For carriers: nobody waits for an answer any more. */
  protected abandon(reason: RpcError): void {
    if (this.#abortReason !== null) return;
    this.#abortReason = reason;
    this.#controller?.abort(reason);
  }
}

function refusal(status: Status): RpcError {
  return new RpcError(status.code, status.details);
}

export function canceledByClient(): RpcError {
  return refusal(contextCanceled);
}

export function deadlineExceeded(): RpcError {
  return refusal(contextDeadlineExceeded);
}

/** Waits for what cannot be told to stop. Rejects with the signal's reason as soon as the signal aborts. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => {
      // The reason of a call's signal is always an RpcError.
      reject(signal.reason as RpcError);
    };
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

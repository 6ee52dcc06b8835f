/** Waits between attempts: doubling, bounded, with jitter so that clients of one dead server do not come back as one. */
export class Backoff {
  readonly #firstMs: number;
  readonly #maxMs: number;
  #nextMs: number;

  constructor(options: { readonly firstMs: number; readonly maxMs: number }) {
    this.#firstMs = options.firstMs;
    this.#maxMs = options.maxMs;
    this.#nextMs = options.firstMs;
  }

  /** The next wait in milliseconds. */
  next(): number {
    const wait = jittered(this.#nextMs);
    this.#nextMs = Math.min(this.#nextMs * 2, this.#maxMs);
    return wait;
  }

  /** Something worked. */
  reset(): void {
    this.#nextMs = this.#firstMs;
  }
}

/** Within 10 % of `ms`, as etcd's client spreads its retries. */
export function jittered(ms: number): number {
  return ms * (0.9 + Math.random() * 0.2);
}

/** Rejects with the signal's reason when it aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(reasonOf(signal));
      return;
    }
    const abort = (): void => {
      clearTimeout(timer);
      reject(reasonOf(signal!));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/** What a call rejects with when its caller gave up. */
export function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("aborted", { cause: signal.reason });
}

import { EtcdError } from "../errors.ts";
import type { EtcdPort, WatchSink } from "../port.ts";
import { newWatchRequest, type WatchCreateRequest, type WatchResponse } from "../wire/etcdserverpb.ts";
import { etcdErrorCodeOf, grpcCode, RpcError } from "./status.ts";

/** Responses that may wait for their reader before the watch is told to hold back. */
const WAITING_MAX = 16;

/**
 * One watcher on a stream of its own, as something to loop over. The loop ends when the stream does; it throws the
 * signal's reason when that aborts, and what the member says when it cancels the watcher. The stream is closed in any
 * case.
 */
export async function* watchResponses(
  port: EtcdPort,
  create: WatchCreateRequest,
  signal: AbortSignal,
): AsyncGenerator<WatchResponse> {
  signal.throwIfAborted();
  const inbox = new Inbox();
  const abort = (): void => {
    inbox.end(signal.reason as RpcError);
  };
  const stream = port.watch(inbox);
  signal.addEventListener("abort", abort, { once: true });
  try {
    stream.request(newWatchRequest({ requestUnion: { case: "createRequest", value: create } }));
    for (;;) {
      const wasFull = inbox.isFull;
      const response = await inbox.take();
      if (response === null) return;
      if (wasFull) stream.drained();
      if (response.canceled) throw reasonOf(response);
      yield response;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    stream.close();
  }
}

/** Responses between the stream that writes them and the loop that reads them. */
class Inbox implements WatchSink {
  readonly #waiting: WatchResponse[] = [];
  #hasEnded = false;
  #error: Error | null = null;
  #wake: (() => void) | null = null;

  get isFull(): boolean {
    return this.#waiting.length >= WAITING_MAX;
  }

  write(response: WatchResponse): boolean {
    this.#waiting.push(response);
    this.#wake?.();
    return !this.isFull;
  }

  end(error?: Error): void {
    this.#hasEnded = true;
    this.#error ??= error ?? null;
    this.#wake?.();
  }

  /** The next one, waited for. Null: there will be none. Rejects if the stream ended with an error. */
  async take(): Promise<WatchResponse | null> {
    while (this.#waiting.length === 0 && !this.#hasEnded) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const next = this.#waiting.shift();
    if (next !== undefined) return next;
    if (this.#error !== null) throw this.#error;
    return null;
  }
}

function reasonOf(response: WatchResponse): Error {
  if (response.compactRevision !== 0) return new EtcdError("compacted");
  const code = etcdErrorCodeOf(response.cancelReason);
  if (code !== undefined) return new EtcdError(code);
  return new RpcError(grpcCode.unknown, response.cancelReason);
}

/** One watcher as a loop: `for await (const response of new Watcher(port, create))`. */
import { EtcdError } from "../errors.ts";
import type { EtcdPort, WatchStream } from "../port.ts";
import { etcdErrorCodeOf } from "../rpc/status.ts";
import { newWatchRequest, type WatchCreateRequest, type WatchResponse } from "../wire/etcdserverpb.ts";

/** When so many responses wait for the reader, the stream is asked to pause. */
const QUEUE_RESPONSES_MAX = 64;

/**
 * Yields events and progress notifications. A canceled response is yielded too, and is the last; see {@link watchError}.
 * The stream behind it is opened at once and closed when the loop is left, when `signal` aborts, or by `close()`. The
 * loop throws what the stream ended with.
 */
export class Watcher implements AsyncIterable<WatchResponse> {
  readonly #stream: WatchStream;
  #queue: WatchResponse[] = [];
  #isFull = false;
  #ended = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(port: Pick<EtcdPort, "watch">, create: WatchCreateRequest, signal?: AbortSignal) {
    this.#stream = port.watch({
      write: (response) => {
        if (!response.created || response.canceled) this.#queue.push(response);
        this.#wake?.();
        this.#isFull = this.#queue.length >= QUEUE_RESPONSES_MAX;
        return !this.#isFull;
      },
      end: (error) => {
        this.#ended = true;
        this.#error = error;
        this.#wake?.();
      },
    });
    this.#stream.request(newWatchRequest({ requestUnion: { case: "createRequest", value: create } }));
    if (signal?.aborted) this.close();
    else signal?.addEventListener("abort", () => this.close(), { once: true });
  }

  /** Asks the server to say how far it is; the answer comes as a response without events. */
  requestProgress(): void {
    this.#stream.request(newWatchRequest({ requestUnion: { case: "progressRequest", value: {} } }));
  }

  close(): void {
    this.#stream.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchResponse, void, undefined> {
    try {
      for (;;) {
        for (const response of this.#take()) {
          yield response;
          if (response.canceled) return;
        }
        if (this.#queue.length > 0) continue;
        if (this.#ended) break;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
      if (this.#error) throw this.#error;
    } finally {
      this.close();
    }
  }

  #take(): WatchResponse[] {
    const taken = this.#queue;
    this.#queue = [];
    if (this.#isFull) {
      this.#isFull = false;
      this.#stream.drained();
    }
    return taken;
  }
}

/** Why a watcher was cancelled, as etcd's client reads it; undefined if it was not. */
export function watchError(response: WatchResponse): Error | undefined {
  if (response.compactRevision !== 0) return new EtcdError("compacted");
  if (!response.canceled) return undefined;
  if (response.cancelReason === "") return new EtcdError("futureRevision");
  const code = etcdErrorCodeOf(response.cancelReason);
  return code === undefined ? new Error(response.cancelReason) : new EtcdError(code);
}

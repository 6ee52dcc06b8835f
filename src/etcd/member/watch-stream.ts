import type { Event } from "../wire/mvccpb.ts";
import {
  WatchCreateRequest_FilterType,
  newWatchResponse,
  type ResponseHeader,
  type WatchCreateRequest,
  type WatchRequest,
  type WatchResponse,
} from "../wire/etcdserverpb.ts";
import type { WatchSink, WatchStream } from "../port.ts";
import { END_OF_KEYS } from "../mvcc/watch-interval-tree.ts";
import { keyText } from "../mvcc/key-text.ts";
import type { WatchSpec } from "../mvcc/watch-group.ts";
import type { WatchHub } from "../mvcc/watch-hub.ts";
import type { HubStream, WatchOutlet, WatchRefusal } from "../mvcc/watch-hub-stream.ts";
import { fragmentsOf } from "./watch-fragments.ts";
import { WatchQueue } from "./watch-queue.ts";

/** Why the caller may not watch these keys, in the words of the client's error; null if it may. */
export type WatchPermit = (range: { readonly key: string; readonly end: string | null }) => string | null;

export interface WatchStreamLimits {
  /** A response of this size is cut, for watches that asked for it. */
  readonly fragmentBytesMax: number;
  /** Responses that wait for a slow client; above it its watchers become victims. */
  readonly queuedResponsesMax: number;
  /** The same in bytes. One response is always taken, however large. */
  readonly queuedBytesMax: number;
  /** So many answers to requests may wait before the stream calls itself congested (etcd's ctrlStreamBufLen). */
  readonly queuedControlsMax: number;
}

/** What a stream asks of its server. */
export interface WatchStreamHost {
  readonly hub: WatchHub;
  readonly limits: WatchStreamLimits;
  /** The revision stands in it as it is given, also 0. */
  header(revision: number): ResponseHeader;
  /** There may be slices of work now. */
  workMade(): void;
  ended(stream: MemberWatchStream): void;
  eventsDelivered(count: number): void;
}

/** The watch id of what concerns no single watch: a refused create, the progress of the whole stream. */
const noWatch = -1n;

/** etcd's words in cancel_reason. */
const refusalReasons: Record<WatchRefusal, string> = {
  duplicateId: "mvcc: duplicate watch ID provided on the WatchStream",
  emptyRange: "mvcc: watcher range is empty",
};
const compactedReason = "etcdserver: mvcc: required revision has been compacted";

/**
 * One watch stream as etcd's Watch RPC speaks it, between the hub and one client.
 *
 *   request ─▶ hub ─▶ [ queue while the sink is full ] ─▶ sink
 *
 * All that the client gets passes the queue in one order: the answer to a create before its events, nothing of a watch
 * after the answer to its cancel, and a progress response after everything that it vouches for.
 */
export class MemberWatchStream implements WatchStream, WatchOutlet {
  readonly #host: WatchStreamHost;
  readonly #sink: WatchSink;
  readonly #permit: WatchPermit;
  readonly #watches: HubStream;
  readonly #queue = new WatchQueue();
  /** The sink said: no more, please. */
  #blocked = false;
  #ended = false;
  /** Watches with progress_notify; true: no event was sent since the last tick, so the next one speaks. */
  readonly #progress = new Map<bigint, boolean>();
  /** Watches that take fragments. */
  readonly #fragmented = new Set<bigint>();

  constructor(host: WatchStreamHost, sink: WatchSink, permit: WatchPermit) {
    this.#host = host;
    this.#sink = sink;
    this.#permit = permit;
    this.#watches = host.hub.openStream(this);
  }

  /**
   * Whether the client asks faster than it reads: the transport should pause reading requests. It can change to false
   * in `drained()` only.
   */
  get congested(): boolean {
    return this.#queue.controls >= this.#host.limits.queuedControlsMax;
  }

  /** Events that wait for the client. */
  get pendingEvents(): number {
    return this.#queue.events;
  }

  request(message: WatchRequest): void {
    if (this.#ended) return;
    const union = message.requestUnion;
    switch (union?.case) {
      case "createRequest":
        this.#create(union.value);
        break;
      case "cancelRequest":
        this.#cancel(union.value.watchId);
        break;
      case "progressRequest":
        if (this.#watches.allSynced) this.#sendProgress(noWatch);
        break;
      case undefined:
        // An empty union is ignored, as etcd does.
        break;
    }
    this.#host.workMade();
  }

  drained(): void {
    if (this.#ended) return;
    this.#blocked = false;
    while (!this.#blocked) {
      const response = this.#queue.shift();
      if (!response) break;
      this.#blocked = !this.#sink.write(response);
    }
    this.#watches.roomMade();
    this.#host.workMade();
  }

  close(): void {
    this.end();
  }

  /** Ends the stream from the server's side: no leader, or the server stops. May be called twice. */
  end(error?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#queue.clear();
    this.#watches.close();
    this.#host.ended(this);
    this.#sink.end(error);
  }

  /** Time for progress_notify: speaks for each watch that wants it, is synced and had no event since the last tick. */
  tick(): void {
    for (const [id, isDue] of this.#progress) {
      if (isDue && this.#watches.isSynced(id)) this.#sendProgress(id);
      this.#progress.set(id, true);
    }
  }

  // WatchOutlet, for the hub.

  get room(): number {
    if (this.#ended) return 0;
    const { queuedResponsesMax, queuedBytesMax } = this.#host.limits;
    if (this.#queue.bytes >= queuedBytesMax) return 0;
    return Math.max(0, queuedResponsesMax - this.#queue.length);
  }

  events(watchId: bigint, events: Event[], revision: number): void {
    const response = newWatchResponse({ header: this.#host.header(revision), watchId, events });
    if (!this.#fragmented.has(watchId)) this.#send(response);
    else for (const part of fragmentsOf(response, this.#host.limits.fragmentBytesMax)) this.#send(part);
    if (this.#progress.has(watchId)) this.#progress.set(watchId, false);
    this.#host.eventsDelivered(events.length);
  }

  compacted(watchId: bigint, compactRevision: number): void {
    this.#send(newWatchResponse({ header: this.#host.header(0), watchId, canceled: true, compactRevision }));
  }

  #create(request: WatchCreateRequest): void {
    const spec = specOf(request);
    const reason = spec.startRevision < 0 ? compactedReason : this.#permit(spec);
    if (reason !== null) {
      this.#refuse(reason);
      return;
    }
    const id = this.#watches.watch(request.watchId, spec);
    if (typeof id === "string") {
      this.#refuse(refusalReasons[id]);
      return;
    }
    if (request.progressNotify) this.#progress.set(id, true);
    if (request.fragment) this.#fragmented.add(id);
    this.#send(newWatchResponse({ header: this.#headerNow(), watchId: id, created: true }));
  }

  /** Created and cancelled at once, in one response: clients wait for the one and look for the other. */
  #refuse(cancelReason: string): void {
    const header = this.#headerNow();
    this.#send(newWatchResponse({ header, watchId: noWatch, created: true, canceled: true, cancelReason }));
  }

  #cancel(watchId: bigint): void {
    if (!this.#watches.cancel(watchId)) return;
    this.#progress.delete(watchId);
    this.#fragmented.delete(watchId);
    this.#send(newWatchResponse({ header: this.#headerNow(), watchId, canceled: true }));
  }

  /** A client that does not read gets no progress either: it is about the present, and is asked for again. */
  #sendProgress(watchId: bigint): void {
    if (this.room > 0) this.#send(newWatchResponse({ header: this.#headerNow(), watchId }));
  }

  #send(response: WatchResponse): void {
    if (this.#blocked) this.#queue.push(response);
    else this.#blocked = !this.#sink.write(response);
  }

  #headerNow(): ResponseHeader {
    return this.#host.header(this.#host.hub.revision);
  }
}

/** An empty key is the lowest key; an empty range_end is the key alone; `\0` as range_end is all keys from there on. */
function specOf(request: WatchCreateRequest): WatchSpec {
  const { key, rangeEnd, filters } = request;
  const isOpen = rangeEnd.length === 1 && rangeEnd[0] === 0;
  return {
    key: key.length === 0 ? "\0" : keyText(key),
    end: rangeEnd.length === 0 ? null : isOpen ? END_OF_KEYS : keyText(rangeEnd),
    startRevision: request.startRevision,
    prevKv: request.prevKv,
    noPut: filters.includes(WatchCreateRequest_FilterType.NOPUT),
    noDelete: filters.includes(WatchCreateRequest_FilterType.NODELETE),
  };
}

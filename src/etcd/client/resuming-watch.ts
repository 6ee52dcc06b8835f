/**
 * A watch stream that outlives its connection. To its user it is one stream of etcd's Watch RPC: the same requests, the
 * same responses, the same ids. Beneath it, a broken stream is opened again, on any endpoint, and every watcher goes on
 * behind what its user has seen:
 *
 *   user    create → created 0 → events @5, @6 ················ events @7 → …
 *   stream  create → created 0 → events @5, @6  ╳  create(id 0, start 7) → (created, kept back) → events @7 → …
 *
 * A watcher's next revision is one past its last event, or past a progress notification. If a compaction overtook it
 * meanwhile, the server answers the new create with a compacted cancel, which the user gets like any other.
 *
 * Fragments are put together here, so that a stream that breaks within one loses or repeats nothing.
 */
import type { ClientDuplexStream, StatusObject } from "@grpc/grpc-js";
import { EtcdError } from "../errors.ts";
import type { WatchSink, WatchStream } from "../port.ts";
import { grpcCode } from "../rpc/status.ts";
import {
  newResponseHeader,
  newWatchRequest,
  newWatchResponse,
  type ResponseHeader,
  type WatchCreateRequest,
  type WatchRequest,
  type WatchResponse,
} from "../wire/etcdserverpb.ts";
import { Backoff, sleep } from "./backoff.ts";
import { errorOf, TransportError, type Failure } from "./transport-error.ts";

type WatchCall = ClientDuplexStream<WatchRequest, WatchResponse>;

/** The id of responses that belong to no watcher: refused creates, and progress of the whole stream. */
const NO_WATCHER = -1n;

interface Watcher {
  readonly create: WatchCreateRequest;
  /** The user's id: asked for, or given by the server when first created. */
  id: bigint;
  /** The user has had the created response. */
  announced: boolean;
  /** The user has cancelled it and waits for the canceled response. */
  canceling: boolean;
  /** Where it goes on after a break. 0: where the server then stands. */
  nextRevision: number;
  /** The parts so far of a fragmented response. */
  parts: WatchResponse | undefined;
}

export class ResumingWatch implements WatchStream {
  readonly #open: (signal: AbortSignal) => Promise<WatchCall>;
  readonly #sink: WatchSink;
  readonly #backoff = new Backoff({ firstMs: 25, maxMs: 1_000 });
  readonly #abort = new AbortController();
  readonly #watchers = new Map<bigint, Watcher>();
  /** Creates without a created response, in the order in which the server will answer them. */
  #creating: Watcher[] = [];
  #progressAsked = false;
  /** The id after the last one that the server chose. */
  #nextAutoId = 0n;
  #lastHeader: ResponseHeader = newResponseHeader();
  #call: WatchCall | undefined;
  #started = false;
  #resumed = false;
  #sinkIsFull = false;

  constructor(open: (signal: AbortSignal) => Promise<WatchCall>, sink: WatchSink) {
    this.#open = open;
    this.#sink = sink;
  }

  request(message: WatchRequest): void {
    if (this.#abort.signal.aborted) return;
    const union = message.requestUnion;
    switch (union?.case) {
      case "createRequest": {
        const watcher = newWatcher(union.value);
        this.#creating.push(watcher);
        if (this.#call) this.#sendCreate(this.#call, watcher);
        break;
      }
      case "cancelRequest": {
        const id = union.value.watchId;
        const watcher = this.#watchers.get(id) ?? this.#creating.find((one) => one.id === id && id !== 0n);
        if (watcher) watcher.canceling = true;
        // An id that is not known here may still be known there: a compacted watcher stays until it is cancelled.
        this.#call?.write(message);
        break;
      }
      case "progressRequest":
        this.#progressAsked = true;
        this.#call?.write(message);
        break;
      case undefined:
        return;
    }
    if (!this.#started) {
      this.#started = true;
      void this.#run();
    }
  }

  drained(): void {
    this.#sinkIsFull = false;
    this.#call?.resume();
  }

  close(): void {
    if (this.#abort.signal.aborted) return;
    this.#end();
  }

  #end(error?: Error): void {
    this.#abort.abort();
    this.#call?.cancel();
    this.#call = undefined;
    this.#sink.end(error);
  }

  async #run(): Promise<void> {
    const signal = this.#abort.signal;
    try {
      while (!signal.aborted) {
        const failure = await this.#serve(await this.#open(signal));
        this.#call = undefined;
        this.#resumed = true;
        if (!isTransient(failure)) throw errorOf(failure);
        await sleep(this.#backoff.next(), signal);
      }
    } catch (error) {
      if (!signal.aborted) this.#end(error as Error);
    }
  }

  /** Runs one stream to its end: sends what must be (re)created, hands on what comes. Resolves with how it ended. */
  #serve(call: WatchCall): Promise<Failure> {
    return new Promise((resolve) => {
      let status: StatusObject | undefined;
      let read = false;
      // Both, in either order: the status overtakes responses that a slow sink has not taken yet.
      const finish = (): void => {
        if (status && read) resolve(status);
      };
      call.on("data", (response: WatchResponse) => {
        if (this.#call === call) this.#receive(response);
      });
      call.on("error", () => undefined); // The status says the same.
      call.on("status", (ended: StatusObject) => {
        status = ended;
        finish();
      });
      call.on("end", () => {
        read = true;
        finish();
      });
      if (this.#abort.signal.aborted) {
        call.cancel();
        return;
      }
      this.#call = call;
      if (this.#sinkIsFull) call.pause();
      this.#resume(call);
    });
  }

  #resume(call: WatchCall): void {
    const announced = [...this.#watchers.values()];
    this.#creating = this.#creating.filter((watcher) => !watcher.announced);
    const again: Watcher[] = [];
    for (const watcher of announced) {
      watcher.parts = undefined;
      if (!watcher.canceling) again.push(watcher);
      else this.#cancelled(watcher);
    }
    // Id 0 cannot be asked for, only given: to the first create of a stream that leaves the choice to the server.
    again.sort((a, b) => Number(b.id === 0n) - Number(a.id === 0n));
    this.#creating = [...again, ...this.#creating];
    for (const watcher of this.#creating) {
      this.#sendCreate(call, watcher);
      if (watcher.canceling) call.write(cancelRequest(watcher.id));
    }
    if (this.#progressAsked) call.write(newWatchRequest({ requestUnion: { case: "progressRequest", value: {} } }));
  }

  /** The stream broke between the user's cancel and its answer: there is nothing left to cancel, only to answer. */
  #cancelled(watcher: Watcher): void {
    this.#watchers.delete(watcher.id);
    this.#deliver(newWatchResponse({ header: this.#lastHeader, watchId: watcher.id, canceled: true }));
  }

  #sendCreate(call: WatchCall, watcher: Watcher): void {
    // On a stream that was opened again the server counts from 0 again; so that no id comes twice, we count on.
    if (this.#resumed && !watcher.announced && watcher.id === 0n) watcher.id = this.#takeAutoId();
    const value = { ...watcher.create, watchId: watcher.id, startRevision: watcher.nextRevision };
    call.write(newWatchRequest({ requestUnion: { case: "createRequest", value } }));
  }

  #takeAutoId(): bigint {
    let id = this.#nextAutoId;
    while (this.#watchers.has(id) || this.#creating.some((one) => one.id === id && id !== 0n)) id++;
    this.#nextAutoId = id + 1n;
    return id;
  }

  #receive(response: WatchResponse): void {
    this.#backoff.reset();
    if (response.header) this.#lastHeader = response.header;
    if (response.created) {
      this.#receiveCreated(response);
      return;
    }
    if (response.watchId === NO_WATCHER && !response.canceled) {
      this.#receiveProgress(response);
      return;
    }
    const watcher = this.#watchers.get(response.watchId);
    if (!watcher) {
      this.#deliver(response);
      return;
    }
    if (response.canceled) {
      this.#watchers.delete(watcher.id);
      this.#deliver(response);
      return;
    }
    const whole = joinParts(watcher, response);
    if (!whole) return;
    const last = whole.events.at(-1)?.kv?.modRevision ?? whole.header?.revision ?? 0;
    watcher.nextRevision = Math.max(watcher.nextRevision, last + 1);
    this.#deliver(whole);
  }

  #receiveCreated(response: WatchResponse): void {
    const watcher = this.#creating.shift();
    if (!watcher) {
      this.#end(protocolError("a created response that nobody asked for"));
      return;
    }
    if (response.canceled) {
      // Refused. If the user knows the watcher already, this is the end of it.
      if (!watcher.announced) {
        this.#deliver(response);
        return;
      }
      this.#watchers.delete(watcher.id);
      this.#deliver({ ...response, created: false, watchId: watcher.id });
      return;
    }
    if (watcher.announced) {
      if (response.watchId !== watcher.id) this.#end(protocolError("the watch id asked for was not given"));
      return;
    }
    if (watcher.create.watchId === 0n && response.watchId >= this.#nextAutoId) this.#nextAutoId = response.watchId + 1n;
    watcher.id = response.watchId;
    watcher.announced = true;
    if (watcher.nextRevision === 0) watcher.nextRevision = (response.header?.revision ?? 0) + 1;
    this.#watchers.set(watcher.id, watcher);
    this.#deliver(response);
  }

  /** All watchers of the stream have seen everything up to the header's revision. */
  #receiveProgress(response: WatchResponse): void {
    this.#progressAsked = false;
    const next = (response.header?.revision ?? 0) + 1;
    for (const watcher of this.#watchers.values()) watcher.nextRevision = Math.max(watcher.nextRevision, next);
    this.#deliver(response);
  }

  #deliver(response: WatchResponse): void {
    if (this.#sink.write(response)) return;
    this.#sinkIsFull = true;
    this.#call?.pause();
  }
}

function newWatcher(create: WatchCreateRequest): Watcher {
  return {
    create,
    id: create.watchId,
    announced: false,
    canceling: false,
    nextRevision: create.startRevision,
    parts: undefined,
  };
}

/** The whole response, or undefined while parts are missing. */
function joinParts(watcher: Watcher, response: WatchResponse): WatchResponse | undefined {
  if (!response.fragment && !watcher.parts) return response;
  const parts = (watcher.parts ??= { ...response, fragment: false, events: [] });
  for (const event of response.events) parts.events.push(event);
  if (response.fragment) return undefined;
  watcher.parts = undefined;
  return parts;
}

function cancelRequest(watchId: bigint): WatchRequest {
  return newWatchRequest({ requestUnion: { case: "cancelRequest", value: { watchId } } });
}

/**
 * A member that stops, a connection that breaks, a proxy that gives up: the stream may go on elsewhere. "No leader" is
 * an answer to those who asked for it (`hasleader`), and ends the stream, as in etcd's client.
 */
function isTransient(failure: Failure): boolean {
  const error = errorOf(failure);
  if (error instanceof EtcdError && error.code === "noLeader") return false;
  const { code } = failure;
  return (
    code === grpcCode.unavailable || code === grpcCode.internal || code === grpcCode.canceled || code === grpcCode.ok
  );
}

function protocolError(text: string): TransportError {
  return new TransportError(grpcCode.internal, `watch: ${text}`);
}

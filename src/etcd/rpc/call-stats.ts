import { Histogram } from "../base/instruments.ts";
import { grpcCodeNames } from "./status.ts";

/** Distinct client versions that are counted apart. A client may send any text, and each would be a series. */
const CLIENT_VERSIONS_MAX = 32;

/** The Go client's default bounds. */
const HANDLING_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What went wrong with a stream: its requests could not be read. */
export type StreamFailure = "receive";

export type CallType = "unary" | "server_stream" | "bidi_stream";

/** What one method has seen since the start. Plain numbers: counting must cost nothing on the hot path. */
export class MethodStats {
  readonly service: string;
  readonly method: string;
  readonly type: CallType;
  started = 0;
  messagesReceived = 0;
  messagesSent = 0;
  /** Ended calls by status code. */
  readonly handled: number[] = new Array<number>(grpcCodeNames.length).fill(0);
  /** How long calls took. Null: nobody wants to know. */
  handlingSeconds: Histogram | null = null;

  constructor(service: string, method: string, type: CallType) {
    this.service = service;
    this.method = method;
    this.type = type;
  }
}

/** What the RPC edge has seen since the start. The metrics page reads it when it is asked for. */
export class CallStats {
  readonly methods: MethodStats[] = [];
  receivedBytes = 0;
  sentBytes = 0;
  /** Whether calls are timed (`--metrics extensive`). */
  readonly isExtensive: boolean;
  readonly #streamFailures = new Map<string, { type: StreamFailure; api: string; count: number }>();
  readonly #clientRequests = { unary: new Map<string, number>(), stream: new Map<string, number>() };

  constructor(options: { readonly isExtensive: boolean } = { isExtensive: false }) {
    this.isExtensive = options.isExtensive;
  }

  add(method: MethodStats): void {
    if (this.isExtensive) method.handlingSeconds = new Histogram(HANDLING_SECONDS);
    this.methods.push(method);
  }

  countStreamFailure(type: StreamFailure, api: string): void {
    const key = `${type} ${api}`;
    const failures = this.#streamFailures.get(key) ?? { type, api, count: 0 };
    failures.count++;
    this.#streamFailures.set(key, failures);
  }

  streamFailures(): Iterable<{ type: StreamFailure; api: string; count: number }> {
    return this.#streamFailures.values();
  }

  countClient(type: "unary" | "stream", version: string): void {
    const counts = this.#clientRequests[type];
    const count = counts.get(version);
    if (count !== undefined) counts.set(version, count + 1);
    else if (counts.size < CLIENT_VERSIONS_MAX) counts.set(version, 1);
    else counts.set("other", (counts.get("other") ?? 0) + 1);
  }

  *clientRequests(): Iterable<{ type: "unary" | "stream"; version: string; count: number }> {
    for (const type of ["unary", "stream"] as const) {
      for (const [version, count] of this.#clientRequests[type]) yield { type, version, count };
    }
  }
}

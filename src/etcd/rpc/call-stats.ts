import { grpcCodeNames } from "./status.ts";

/** Distinct client versions that are counted apart. A client may send any text, and each would be a series. */
const CLIENT_VERSIONS_MAX = 32;

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
  /** Streams that broke, by etcd's labels `Type API`: `receive watch`. */
  readonly streamFailures = new Map<string, number>();
  readonly #clientRequests = { unary: new Map<string, number>(), stream: new Map<string, number>() };

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

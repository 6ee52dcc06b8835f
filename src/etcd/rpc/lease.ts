import type { EtcdPort } from "../port.ts";
import type { LeaseKeepAliveRequest, LeaseKeepAliveResponse } from "../wire/etcdserverpb.ts";
import type { Call } from "./call.ts";
import { bidi, type RequestSink, type ResponseSink, type ServiceHandlers, unary } from "./handler.ts";

/** Renewals of one stream that may wait for their answers. Beyond them the stream is not read. */
const KEEP_ALIVES_MAX = 128;

export function leaseHandlers(port: EtcdPort): ServiceHandlers<"etcdserverpb.Lease"> {
  return {
    LeaseGrant: unary((request, call) => port.leaseGrant(request, call)),
    LeaseRevoke: unary((request, call) => port.leaseRevoke(request, call)),
    LeaseKeepAlive: bidi((responses, call) => new KeepAliveStream(port, responses, call)),
    LeaseTimeToLive: unary((request, call) => port.leaseTimeToLive(request, call)),
    LeaseLeases: unary((_request, call) => port.leaseLeases(call)),
  };
}

/** Renewals start as they arrive and are answered in that order. The first that fails ends the stream. */
class KeepAliveStream implements RequestSink<LeaseKeepAliveRequest> {
  readonly #port: EtcdPort;
  readonly #responses: ResponseSink<LeaseKeepAliveResponse>;
  readonly #call: Call;
  readonly #answers: Promise<LeaseKeepAliveResponse>[] = [];
  #halfClosed = false;
  #closed = false;

  constructor(port: EtcdPort, responses: ResponseSink<LeaseKeepAliveResponse>, call: Call) {
    this.#port = port;
    this.#responses = responses;
    this.#call = call;
  }

  message(request: LeaseKeepAliveRequest): boolean {
    const answer = this.#port.leaseKeepAlive(request, this.#call);
    // An earlier renewal may fail first. Then nobody looks at this one.
    void answer.catch(() => undefined);
    this.#answers.push(answer);
    if (this.#answers.length === 1) void this.#writeAnswers();
    return this.#answers.length < KEEP_ALIVES_MAX;
  }

  halfClose(): void {
    this.#halfClosed = true;
    if (this.#answers.length === 0) this.#responses.end();
  }

  drained(): void {
    // The answers to a client that does not read are few: its requests are not read either.
  }

  close(): void {
    this.#closed = true;
  }

  async #writeAnswers(): Promise<void> {
    for (let answer = this.#answers[0]; answer !== undefined; answer = this.#answers[0]) {
      try {
        const response = await answer;
        if (this.#closed) return;
        this.#responses.write(response);
      } catch (error) {
        this.#responses.end(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      const wasFull = this.#answers.length >= KEEP_ALIVES_MAX;
      void this.#answers.shift();
      if (wasFull) this.#responses.wantRequests();
    }
    if (this.#halfClosed) this.#responses.end();
  }
}

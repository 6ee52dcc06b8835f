/**
 * All lease renewals of a client on one LeaseKeepAlive stream.
 *
 *   renew(1) renew(2) renew(1)  →  one tick's renewals leave together: 1 2
 *                               ←  1 answers both who asked for it
 *
 * A lease is renewed once however many ask while its renewal is on the way. Renewals may be repeated without harm, so
 * when the stream breaks, the unanswered ones leave again on the next.
 */
import type { ClientDuplexStream, StatusObject } from "@grpc/grpc-js";
import { grpcCode } from "../rpc/status.ts";
import type { LeaseKeepAliveRequest, LeaseKeepAliveResponse } from "../wire/etcdserverpb.ts";
import { Backoff, reasonOf, sleep } from "./backoff.ts";
import { deadlineError, errorOf, TransportError, type Failure } from "./transport-error.ts";

type KeepAliveCall = ClientDuplexStream<LeaseKeepAliveRequest, LeaseKeepAliveResponse>;

/** Who waits for the renewal of one lease. */
type Waiters = Set<Waiter>;

interface Waiter {
  settle(answer: LeaseKeepAliveResponse | Error): void;
}

export class KeepAliveStream {
  readonly #open: (signal: AbortSignal) => Promise<KeepAliveCall>;
  readonly #backoff = new Backoff({ firstMs: 25, maxMs: 1_000 });
  readonly #abort = new AbortController();
  /** Renewals not on the stream yet, in order, and those on it. A lease is in one of the two or in none. */
  #queued = new Map<bigint, Waiters>();
  #sent = new Map<bigint, Waiters>();
  #call: KeepAliveCall | undefined;
  #running = false;
  #flushIsDue = false;
  #congested = false;

  constructor(open: (signal: AbortSignal) => Promise<KeepAliveCall>) {
    this.#open = open;
  }

  /** Renews one lease. Rejects with an EtcdError, a TransportError or the signal's reason. `timeoutMs` may be Infinity. */
  renew(id: bigint, timeoutMs: number, signal?: AbortSignal): Promise<LeaseKeepAliveResponse> {
    return new Promise((resolve, reject) => {
      if (this.#abort.signal.aborted) {
        reject(closedError());
        return;
      }
      if (signal?.aborted) {
        reject(reasonOf(signal));
        return;
      }
      const waiters = this.#sent.get(id) ?? this.#enqueue(id);
      const settle = (answer: LeaseKeepAliveResponse | Error): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        waiters.delete(waiter);
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      };
      const waiter: Waiter = { settle };
      const abort = (): void => settle(reasonOf(signal!));
      const timer = Number.isFinite(timeoutMs) ? setTimeout(() => settle(deadlineError()), timeoutMs) : undefined;
      signal?.addEventListener("abort", abort, { once: true });
      waiters.add(waiter);
    });
  }

  close(): void {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort();
    this.#call?.cancel();
    this.#failAll(closedError());
  }

  #enqueue(id: bigint): Waiters {
    const queued = this.#queued.get(id);
    if (queued) return queued;
    const waiters: Waiters = new Set();
    this.#queued.set(id, waiters);
    if (!this.#running) {
      this.#running = true;
      void this.#run();
    }
    if (!this.#flushIsDue) {
      this.#flushIsDue = true;
      setImmediate(() => {
        this.#flushIsDue = false;
        this.#flush();
      });
    }
    return waiters;
  }

  #flush(): void {
    const call = this.#call;
    if (!call || this.#congested) return;
    for (const [id, waiters] of this.#queued) {
      this.#queued.delete(id);
      if (waiters.size === 0) continue; // All gave up before it left.
      this.#sent.set(id, waiters);
      if (!call.write({ id })) {
        this.#congested = true; // The rest waits for "drain".
        return;
      }
    }
  }

  /** Keeps a stream while there are renewals; a stream that broke with none open is not replaced until the next one. */
  async #run(): Promise<void> {
    const signal = this.#abort.signal;
    try {
      while (this.#queued.size + this.#sent.size > 0) {
        const failure = await this.#serve(await this.#open(signal));
        this.#call = undefined;
        this.#queued = new Map([...this.#sent, ...this.#queued]);
        this.#sent = new Map();
        if (failure.code !== grpcCode.unavailable && failure.code !== grpcCode.ok) this.#failAll(errorOf(failure));
        await sleep(this.#backoff.next(), signal);
      }
    } catch (error) {
      this.#failAll(signal.aborted ? closedError() : (error as Error));
    } finally {
      this.#running = false;
    }
  }

  #serve(call: KeepAliveCall): Promise<Failure> {
    return new Promise((resolve) => {
      this.#call = call;
      this.#congested = false;
      call.on("data", (response: LeaseKeepAliveResponse) => this.#receive(response));
      call.on("error", () => undefined); // The status says the same.
      call.on("status", (status: StatusObject) => resolve(status));
      call.on("drain", () => {
        this.#congested = false;
        this.#flush();
      });
      this.#flush();
    });
  }

  #receive(response: LeaseKeepAliveResponse): void {
    this.#backoff.reset();
    const waiters = this.#sent.get(response.id);
    this.#sent.delete(response.id);
    for (const waiter of [...(waiters ?? [])]) waiter.settle(response);
  }

  #failAll(error: Error): void {
    const all = [...this.#queued.values(), ...this.#sent.values()];
    this.#queued.clear();
    this.#sent.clear();
    for (const waiters of all) for (const waiter of [...waiters]) waiter.settle(error);
  }
}

function closedError(): TransportError {
  return new TransportError(grpcCode.canceled, "grpc: the client connection is closing");
}

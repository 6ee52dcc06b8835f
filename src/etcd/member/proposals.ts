import type { RaftRequest, RaftResponse } from "../apply/raft-request.ts";
import { EtcdError } from "../errors.ts";

/** A request on its way through the log, and who waits for its result. */
export interface Proposal {
  readonly request: RaftRequest;
  readonly deadlineMs: number;
  resolve(response: RaftResponse): void;
  reject(error: unknown): void;
}

/**
 * A map outgrows its tables, and what was in such a table is kept by it, dead as it is, until V8 collects all of the heap.
 * With requests and answers in it, that made each of them live through several small collections.
 */
interface Waiting {
  /** Undefined once it was taken out. */
  proposal: Proposal | undefined;
}

/**
 * The proposals that wait for their entry to be applied, oldest first.
 *
 * An entry proposed here comes back with the very bytes that were handed to Raft, so the bytes are the key: no id is
 * looked up and nothing is decoded again. An entry that was proposed elsewhere, or before a restart, is simply not here.
 */
export class Proposals {
  readonly #waiting = new Map<Uint8Array, Waiting>();

  get size(): number {
    return this.#waiting.size;
  }

  add(data: Uint8Array, proposal: Proposal): void {
    this.#waiting.set(data, { proposal });
  }

  peek(data: Uint8Array): Proposal | undefined {
    return this.#waiting.get(data)?.proposal;
  }

  /** Takes the proposal out: its entry is being applied. */
  take(data: Uint8Array): Proposal | undefined {
    const waiting = this.#waiting.get(data);
    if (waiting === undefined) return undefined;
    this.#waiting.delete(data);
    const { proposal } = waiting;
    waiting.proposal = undefined;
    return proposal;
  }

  /** Tells those whose time is up. Their entries may still be applied: a timeout never means that nothing happened. */
  expire(nowMs: number): number {
    let expired = 0;
    for (const [data, { proposal }] of this.#waiting) {
      // All have the same patience, so the order of insertion is the order of deadlines.
      if (proposal!.deadlineMs > nowMs) break;
      this.#waiting.delete(data);
      proposal!.reject(new EtcdError("timeout"));
      expired++;
    }
    return expired;
  }

  rejectAll(error: Error): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { proposal } of waiting) proposal!.reject(error);
  }
}

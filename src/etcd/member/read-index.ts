import { EtcdError } from "../errors.ts";

/** How long an unanswered round waits before a new one is asked for, and how long a read waits in all. */
const RETRY_MS = 500;

interface Waiting {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: Error): void;
}

function waiting(): Waiting {
  let resolve!: () => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<void>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
}

export interface ReadIndexParts {
  /** Asks Raft for a round under this context. */
  ask(context: Uint8Array): void;
  appliedIndex(): number;
  /** Counts: the leader changed; an answer came too late, or not at all. */
  failed?(): void;
  slow?(): void;
  readonly timeoutMs: number;
}

/**
 * Linearizable reads: one round of Raft's ReadIndex serves all reads that were waiting when it was asked for. A read
 * that comes while a round is under way waits for the next one, since the round may have been confirmed before it came.
 *
 *   reads ──▶ next round ──ask──▶ confirmed at index i ──applied ≥ i──▶ reads go on
 */
export class ReadIndex {
  readonly #parts: ReadIndexParts;
  #current: Waiting | null = null;
  #next: Waiting | null = null;
  #context = 0n;
  #confirmedIndex: number | null = null;
  #retry: NodeJS.Timeout | null = null;
  #deadline: NodeJS.Timeout | null = null;
  #stopped: Error | null = null;

  constructor(parts: ReadIndexParts) {
    this.#parts = parts;
  }

  /** Resolves when a read may run on the applied state. */
  wait(): Promise<void> {
    if (this.#stopped !== null) return Promise.reject(this.#stopped);
    this.#next ??= waiting();
    const { promise } = this.#next;
    if (this.#current === null) this.#begin();
    return promise;
  }

  /** Raft confirmed a round. One that was given up for a newer one is ignored. */
  confirmed(context: Uint8Array, index: number): void {
    if (this.#current === null) return;
    if (Buffer.from(context).readBigUInt64BE(0) !== this.#context) {
      this.#parts.slow?.();
      return;
    }
    this.#confirmedIndex = index;
    this.applied();
  }

  /** The state has moved on. */
  applied(): void {
    if (this.#confirmedIndex === null || this.#parts.appliedIndex() < this.#confirmedIndex) return;
    this.#finish((round) => round.resolve());
  }

  /** Leadership changed: the reads of this round must ask again. Those that wait for the next one ask the new leader. */
  fail(error: Error): void {
    if (this.#current === null) return;
    this.#parts.failed?.();
    this.#finish((round) => round.reject(error));
  }

  /** The member stops: nobody is served any more. */
  stop(error: Error): void {
    this.#stopped = error;
    const next = this.#next;
    this.#next = null;
    if (this.#current !== null) this.#finish((round) => round.reject(error));
    next?.reject(error);
  }

  #begin(): void {
    this.#current = this.#next;
    this.#next = null;
    if (this.#current === null) return;
    // Nobody may be left to hear of a failure.
    this.#current.promise.catch(() => undefined);
    this.#deadline = setTimeout(() => {
      this.#parts.slow?.();
      this.#finish((round) => round.reject(new EtcdError("timeout")));
    }, this.#parts.timeoutMs);
    this.#ask();
  }

  #ask(): void {
    this.#confirmedIndex = null;
    this.#context++;
    const context = Buffer.alloc(8);
    context.writeBigUInt64BE(this.#context);
    this.#retry = setTimeout(() => this.#ask(), RETRY_MS);
    this.#parts.ask(context);
  }

  #finish(settle: (round: Waiting) => void): void {
    const round = this.#current!;
    this.#current = null;
    this.#confirmedIndex = null;
    if (this.#retry !== null) clearTimeout(this.#retry);
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    settle(round);
    this.#begin();
  }
}

import type { Clock } from "../../etcd/base/clock.ts";
import type { EtcdPort } from "../../etcd/port.ts";
import { newRangeRequest } from "../../etcd/wire/etcdserverpb.ts";

export interface ContactOptions {
  /** The store is lost when nothing that was asked within this time has been answered. */
  readonly graceMs: number;
  /** Any key. */
  readonly key: Uint8Array;
}

export interface ContactHost {
  readonly port: Pick<EtcdPort, "range">;
  readonly clock: Pick<Clock, "nowMs">;
  /** The store does not answer any more. */
  lost(): void;
  /** It does again. */
  found(): void;
}

interface Question {
  readonly askedMs: number;
  readonly waiting: AbortController;
}

const ASK_EVERY_MS = 500;
/** Then the question is put anew, perhaps to another member. */
const ANSWER_WITHIN_MS = 2000;

/**
 * Whether the store answers. It is asked for nothing, but in a way that takes a quorum, so that a member which is cut off
 * from its leader counts as none:
 *
 *   found ──(no answer to what was asked in the last `graceMs`)──▶ lost ──(an answer)──▶ found
 */
export class StoreContact {
  readonly #options: ContactOptions;
  readonly #host: ContactHost;
  readonly #timer: NodeJS.Timeout;
  /** How long it has not answered: since the last question that it did answer was put. */
  #silentMs = 0;
  #tickedMs: number;
  #question: Question | null = null;
  #isLost = false;
  #closed = false;

  /** The store is taken for found. */
  constructor(options: ContactOptions, host: ContactHost) {
    this.#options = options;
    this.#host = host;
    this.#tickedMs = host.clock.nowMs();
    this.#timer = setInterval(() => this.#tick(), ASK_EVERY_MS);
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#question?.waiting.abort();
  }

  #tick(): void {
    const nowMs = this.#host.clock.nowMs();
    if (this.#question !== null && nowMs - this.#question.askedMs > ANSWER_WITHIN_MS) {
      this.#question.waiting.abort();
      this.#question = null;
    }
    if (this.#question === null) this.#ask(nowMs);
    // A process that stood still could hear nothing, and that is not the store's silence.
    this.#silentMs += Math.min(nowMs - this.#tickedMs, 2 * ASK_EVERY_MS);
    this.#tickedMs = nowMs;
    this.#judge();
  }

  #ask(nowMs: number): void {
    const question: Question = { askedMs: nowMs, waiting: new AbortController() };
    this.#question = question;
    const request = newRangeRequest({ key: this.#options.key, countOnly: true });
    const { signal } = question.waiting;
    this.#host.port
      .range(request, { signal })
      .then(
        () => this.#heard(question),
        // Whatever is wrong, the store has not answered.
        () => undefined,
      )
      .finally(() => {
        if (this.#question === question) this.#question = null;
      });
  }

  #heard({ askedMs }: Question): void {
    if (this.#closed) return;
    this.#silentMs = Math.min(this.#silentMs, this.#host.clock.nowMs() - askedMs);
    this.#judge();
  }

  #judge(): void {
    const isLost = this.#silentMs > this.#options.graceMs;
    if (isLost === this.#isLost) return;
    this.#isLost = isLost;
    if (isLost) this.#host.lost();
    else this.#host.found();
  }
}

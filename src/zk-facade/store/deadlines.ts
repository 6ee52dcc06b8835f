import type { Clock } from "../../etcd/base/clock.ts";
import { ExpiryQueue } from "../session/expiry-queue.ts";
import type { Session } from "./session.ts";

export interface DeadlinesHost {
  readonly clock: Clock;
  /** Its client was silent for the whole of its timeout. Its time is not kept any more. */
  expired(session: Session): void;
}

/** When the sessions of one facade end if their clients stay silent, and the timer that goes off then. */
export class Deadlines {
  readonly #tickMs: number;
  readonly #host: DeadlinesHost;
  readonly #queue: ExpiryQueue<Session>;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(tickMs: number, host: DeadlinesHost) {
    this.#tickMs = tickMs;
    this.#host = host;
    this.#queue = new ExpiryQueue(tickMs);
  }

  /** In the clock's milliseconds, the earliest first. */
  schedule(): { readonly dueMs: number; readonly items: readonly Session[] }[] {
    return this.#queue.schedule();
  }

  start(): void {
    this.stop();
    if (this.#closed) return;
    const nowMs = this.#host.clock.nowMs();
    // Sessions expire at multiples of a tick, and not before.
    const waitMs = (Math.floor(nowMs / this.#tickMs) + 1) * this.#tickMs - nowMs;
    this.#timer = setTimeout(() => {
      for (const session of this.#queue.due(this.#host.clock.nowMs())) {
        session.expiry = null;
        this.#host.expired(session);
      }
      this.start();
    }, Math.ceil(waitMs));
  }

  /** Until it is started again nobody expires. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  close(): void {
    this.#closed = true;
    this.stop();
  }

  /** From now on, with the timeout that it has now. */
  keep(session: Session): void {
    const nowMs = this.#host.clock.nowMs();
    if (session.expiry === null) session.expiry = this.#queue.add(session, session.timeoutMs, nowMs);
    else this.#queue.retime(session.expiry, session.timeoutMs, nowMs);
  }

  /** Its client spoke. */
  touch({ expiry }: Session): void {
    if (expiry !== null) this.#queue.touch(expiry, this.#host.clock.nowMs());
  }

  drop(session: Session): void {
    if (session.expiry !== null) this.#queue.remove(session.expiry);
    session.expiry = null;
  }
}

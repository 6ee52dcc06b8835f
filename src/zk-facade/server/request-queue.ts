import { type Answer, type QueueHost, type Read, ReplyLine, type RequestFacts } from "./reply-line.ts";

/** Begins what a write or a sync does. It may answer at once. */
export type Start = (answer: (answer: Answer) => void) => void;

interface Waiting {
  readonly request: RequestFacts;
  readonly kind: "read" | "write" | "sync" | "answer";
  readonly read: Read | null;
  /** Sends a write on its way, or begins a sync; null once that is done. */
  start: Start | null;
  answer: Answer | null;
}

/**
 * The requests of one connection between their arrival and their replies, and the events between the replies.
 *
 *   settled: what it says is certain           waiting: something before it must happen first
 *   [ reply, event, reply that is fetched … ]  [ write on its way, read, sync, write held back … ]
 *
 * Writes go on their way when they come, but not past a sync. A read executes when nothing is before it that changes what
 * it sees, so the tree stands where the last write before it left it and no later write of the session is in it. Then it
 * is settled, even if its data must still be fetched. An event is told behind all that was settled when it happened.
 */
export class RequestQueue {
  readonly #settled: ReplyLine;
  #waiting: Waiting[] = [];
  #requests = 0;
  #syncs = 0;
  /** Writes and syncs that did not begin. */
  #held = 0;
  #closed = false;

  constructor(host: QueueHost) {
    this.#settled = new ReplyLine(host, {
      freed: () => this.#requests--,
      isLast: () => this.#waiting.length === 0,
    });
  }

  /** Requests without a reply. */
  get length(): number {
    return this.#requests;
  }

  /** How much the replies and events that are settled keep in memory, what is still to be fetched included. */
  get heldBytes(): number {
    return this.#settled.heldBytes;
  }

  /** The part of the events in that. */
  get eventBytes(): number {
    return this.#settled.eventBytes;
  }

  read(request: RequestFacts, read: Read): void {
    this.#requests++;
    if (this.#waiting.length === 0) this.#settled.execute(request, read);
    else this.#waiting.push({ request, kind: "read", read, start: null, answer: null });
  }

  /** `start` sends the write on its way. */
  write(request: RequestFacts, start: Start): void {
    this.#wait("write", request, start);
  }

  /** As a write, but what comes behind it is held back until it is answered, writes too. */
  sync(request: RequestFacts, start: Start): void {
    this.#wait("sync", request, start);
    this.#syncs++;
  }

  /** A request that needs nothing but its turn. */
  answer(request: RequestFacts, answer: Answer): void {
    this.#requests++;
    this.#waiting.push({ request, kind: "answer", read: null, start: null, answer });
    this.#advance();
  }

  /** Something happened that the client watches: an event of so many bytes. */
  event(bytes: number, write: () => void): void {
    this.#settled.event(bytes, write);
  }

  /** The output has room again. */
  tell(): void {
    this.#settled.tell();
  }

  /** Forgets everything; whatever still comes is ignored. Returns how many requests had no reply. */
  close(): number {
    this.#closed = true;
    this.#waiting = [];
    this.#settled.close();
    return this.#requests;
  }

  #wait(kind: "write" | "sync", request: RequestFacts, start: Start): void {
    this.#requests++;
    const waiting: Waiting = { request, kind, read: null, start, answer: null };
    this.#waiting.push(waiting);
    this.#held++;
    if (this.#waiting[0] === waiting || (kind === "write" && this.#syncs === 0)) this.#begin(waiting);
  }

  #begin(waiting: Waiting): void {
    const { start, kind } = waiting;
    if (start === null) return;
    waiting.start = null;
    this.#held--;
    start((answer) => {
      if (this.#closed) return;
      waiting.answer = answer;
      if (kind === "sync") this.#syncs--;
      if (this.#waiting[0] === waiting) this.#advance();
    });
  }

  /** Settles what is first in turn, as far as that goes. */
  #advance(): void {
    for (;;) {
      const first = this.#waiting[0];
      if (first === undefined) return;
      if (first.answer !== null) {
        this.#waiting.shift();
        this.#settled.settle(first.request, first.answer);
      } else if (first.read !== null) {
        this.#waiting.shift();
        this.#settled.execute(first.request, first.read);
      } else {
        this.#release();
        return;
      }
    }
  }

  /** Sends off what was held back, up to the next sync; a sync begins when it is first. */
  #release(): void {
    if (this.#held === 0) return;
    // What begins may be answered at once, and so be gone from the line.
    for (const [at, waiting] of [...this.#waiting].entries()) {
      if (waiting.kind === "sync") {
        if (at === 0) this.#begin(waiting);
        return;
      }
      this.#begin(waiting);
    }
  }
}

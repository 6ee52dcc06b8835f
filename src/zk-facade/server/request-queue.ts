import type { ReplyWriter } from "../wire/replies.ts";

/** Writes a reply and says which revision stands in its header. */
export type Answer = (replies: ReplyWriter) => number;

/** What the numbers of a connection need to know of an answered request. */
export interface RequestFacts {
  readonly xid: number;
  readonly opCode: number;
  readonly arrivedMs: number;
  readonly isWrite: boolean;
}

/** What the queue asks of its connection. */
export interface QueueHost {
  /** Of the connection's output. */
  readonly replies: ReplyWriter;
  /** Executes a read whose reply is kept until `write` is called. */
  aside(read: Read): { readonly outcome: number | Promise<Answer>; readonly write: () => void };
  /** A reply was written. */
  answered(request: RequestFacts, revision: number): void;
  /** A reply went to the output, and its place in the queue is free. */
  freed(): void;
  /** Something that a reply needs is not to be had. */
  lost(error: unknown): void;
}

/**
 * A read executes when its turn comes, on the tree as it stands. It writes its reply and returns the revision in it, or,
 * when it must fetch something, a promise of who writes it.
 */
export type Read = (replies: ReplyWriter) => number | Promise<Answer>;

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

interface Settled {
  /** Null for an event. */
  readonly request: RequestFacts | null;
  /** Null while it is fetched. */
  write: (() => void) | null;
}

/**
 * The requests of one connection between their arrival and their replies, and the events between the replies.
 *
 *   settled: what it says is certain           waiting: something before it must happen first
 *   [ reply, event, reply that is fetched … ]  [ write on its way, read, sync, write held back … ]
 *
 * Writes go on their way when they come, but not past a sync. A read executes when nothing is before it that changes what
 * it sees, so the tree stands where the last write before it left it and no later write of the session is in it. Then it
 * is settled, even if its data is still being fetched. An event is told behind all that was settled when it happened.
 */
export class RequestQueue {
  readonly #host: QueueHost;
  #waiting: Waiting[] = [];
  #settled: Settled[] = [];
  #requests = 0;
  #syncs = 0;
  /** Writes and syncs that did not begin. */
  #held = 0;
  #closed = false;

  constructor(host: QueueHost) {
    this.#host = host;
  }

  /** Requests without a reply. */
  get length(): number {
    return this.#requests;
  }

  read(request: RequestFacts, read: Read): void {
    this.#requests++;
    if (this.#waiting.length === 0) this.#execute(request, read);
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

  /** Something happened that the client watches. */
  event(write: () => void): void {
    if (this.#settled.length === 0) write();
    else this.#settled.push({ request: null, write });
  }

  /** Forgets everything; whatever still comes is ignored. Returns how many requests had no reply. */
  close(): number {
    this.#closed = true;
    this.#waiting = [];
    this.#settled = [];
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
        this.#settle(first.request, first.answer);
      } else if (first.read !== null) {
        this.#waiting.shift();
        this.#execute(first.request, first.read);
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

  #settle(request: RequestFacts, answer: Answer): void {
    const write = (): void => this.#host.answered(request, answer(this.#host.replies));
    if (this.#settled.length > 0) this.#settled.push({ request, write });
    else {
      write();
      this.#freed();
    }
  }

  #execute(request: RequestFacts, read: Read): void {
    if (this.#settled.length === 0) {
      const outcome = read(this.#host.replies);
      if (typeof outcome === "number") {
        this.#host.answered(request, outcome);
        this.#freed();
      } else this.#fetch(request, outcome);
      return;
    }
    const { outcome, write } = this.#host.aside(read);
    if (typeof outcome === "number") {
      this.#settled.push({
        request,
        write: () => {
          write();
          this.#host.answered(request, outcome);
        },
      });
      return;
    }
    // What it has to say already comes in its turn, like the rest.
    this.#settled.push({ request: null, write });
    this.#fetch(request, outcome);
  }

  #fetch(request: RequestFacts, promise: Promise<Answer>): void {
    const settled: Settled = { request, write: null };
    this.#settled.push(settled);
    promise.then(
      (answer) => {
        if (this.#closed) return;
        settled.write = () => this.#host.answered(request, answer(this.#host.replies));
        this.#tell();
      },
      (error: unknown) => {
        if (!this.#closed) this.#host.lost(error);
      },
    );
  }

  #tell(): void {
    while (this.#settled.length > 0 && !this.#closed) {
      const { request, write } = this.#settled[0]!;
      if (write === null) return;
      this.#settled.shift();
      write();
      if (request !== null) this.#freed();
    }
  }

  #freed(): void {
    // The answer may have closed the connection, which has counted it then.
    if (this.#closed) return;
    this.#requests--;
    this.#host.freed();
  }
}

import type { ReplyWriter } from "../wire/replies.ts";
import { Fifo } from "./fifo.ts";

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
  /** Bytes that the output takes before it is full; below 0: so much is in it too much. */
  readonly room: number;
  /** Executes a read whose reply, of so many bytes, is kept until `write` is called. */
  aside(read: Read): { readonly outcome: number | Fetch; readonly bytes: number; readonly write: () => void };
  /** A reply was written. */
  answered(request: RequestFacts, revision: number): void;
  /** A reply went to the output, and its place in the queue is free. */
  freed(): void;
  /** Something that a reply needs is not to be had. */
  lost(error: unknown): void;
}

/** What a reply needs that is not at hand. It takes up memory from `start` on. */
export interface Fetch {
  /** How much will come, as far as that is known before. */
  readonly bytes: number;
  /** Null: it is not to be had any more as it was when the read executed, but it would be in a later turn. */
  start(): Promise<Answer | null>;
}

/**
 * A read executes when its turn comes, on the tree as it stands. It writes its reply and returns the revision in it, or,
 * when something is not at hand, what must be fetched.
 */
export type Read = (replies: ReplyWriter) => number | Fetch;

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
  /** How much it keeps in memory, or will. */
  readonly bytes: number;
  /** Null while it is fetched. */
  write: (() => void) | null;
}

interface Fetching extends Settled {
  readonly request: RequestFacts;
  readonly read: Read;
  readonly fetch: Fetch;
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
 *
 * What is settled is told as the output has room for it, and its data is fetched no earlier: many reads may have their
 * turn at once, behind a write, and what they read fits into no memory.
 */
export class RequestQueue {
  readonly #host: QueueHost;
  #waiting: Waiting[] = [];
  readonly #settled = new Fifo<Settled>();
  /** Those of the settled whose fetch did not start. */
  readonly #unfetched = new Fifo<Fetching>();
  #requests = 0;
  #heldBytes = 0;
  #eventBytes = 0;
  /** Of what is being fetched, or has been and is not told yet. */
  #fetchingBytes = 0;
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

  /** How much the replies and events that are settled keep in memory, what is still to be fetched included. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** The part of the events in that. */
  get eventBytes(): number {
    return this.#eventBytes;
  }

  /** The output is not full when it comes. */
  read(request: RequestFacts, read: Read): void {
    this.#requests++;
    if (this.#waiting.length === 0) {
      if (this.#settled.length === 0) this.#executeNow(request, read);
      else this.#executeAside(request, read);
    } else this.#waiting.push({ request, kind: "read", read, start: null, answer: null });
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
    if (this.#isFree()) {
      write();
      return;
    }
    this.#hold({ request: null, bytes, write });
    this.#eventBytes += bytes;
  }

  /** Tells what is settled, in order, as far as it is at hand and the output has room for it. */
  tell(): void {
    while (!this.#closed && this.#host.room >= 0) {
      const { first } = this.#settled;
      if (first === undefined || first.write === null) break;
      this.#settled.shift();
      this.#heldBytes -= first.bytes;
      first.write();
      if (first.request === null) this.#eventBytes -= first.bytes;
      else this.#freed();
    }
    this.#startFetches();
  }

  /** Forgets everything; whatever still comes is ignored. Returns how many requests had no reply. */
  close(): number {
    this.#closed = true;
    this.#waiting = [];
    this.#settled.clear();
    this.#unfetched.clear();
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
    if (!this.#isFree()) {
      this.#hold({ request, bytes: 0, write });
      return;
    }
    write();
    this.#freed();
  }

  #execute(request: RequestFacts, read: Read): void {
    if (this.#isFree()) this.#executeNow(request, read);
    else this.#executeAside(request, read);
  }

  #executeNow(request: RequestFacts, read: Read): void {
    const outcome = read(this.#host.replies);
    if (typeof outcome === "number") {
      this.#host.answered(request, outcome);
      this.#freed();
    } else this.#fetch(request, read, outcome);
  }

  #executeAside(request: RequestFacts, read: Read): void {
    const { outcome, bytes, write } = this.#host.aside(read);
    if (typeof outcome === "number") {
      this.#hold({
        request,
        bytes,
        write: () => {
          write();
          this.#host.answered(request, outcome);
        },
      });
      return;
    }
    // What it has to say already comes in its turn, like the rest.
    if (bytes > 0) {
      this.#hold({ request: null, bytes, write });
      this.#eventBytes += bytes;
    }
    this.#fetch(request, read, outcome);
  }

  #fetch(request: RequestFacts, read: Read, fetch: Fetch): void {
    const fetching: Fetching = { request, read, fetch, bytes: fetch.bytes, write: null };
    this.#hold(fetching);
    this.#unfetched.push(fetching);
    this.#startFetches();
  }

  /** In order, so that what is fetched does not wait in memory for what is not. */
  #startFetches(): void {
    while (!this.#closed && this.#host.room >= this.#fetchingBytes) {
      const next = this.#unfetched.shift();
      if (next === undefined) return;
      this.#fetchingBytes += next.bytes;
      next.fetch.start().then(
        (answer) => this.#fetched(next, answer),
        (error: unknown) => {
          if (!this.#closed) this.#host.lost(error);
        },
      );
    }
  }

  #fetched(fetching: Fetching, answer: Answer | null): void {
    if (this.#closed) return;
    if (answer === null) {
      this.#executeAgain(fetching);
      return;
    }
    fetching.write = () => {
      this.#fetchingBytes -= fetching.bytes;
      this.#host.answered(fetching.request, answer(this.#host.replies));
    };
    this.tell();
  }

  /**
   * What a read saw is not to be had any more. It may see a later state, but nothing behind it that was settled or written
   * meanwhile: the client would see the tree go back, or a write before it was done. Then it must ask again itself.
   */
  #executeAgain({ request, read, bytes }: Fetching): void {
    if (this.#settled.length > 1 || this.#waiting.length > 0) {
      this.#host.lost(new Error("what a read saw was compacted away before it was fetched"));
      return;
    }
    this.#settled.clear();
    this.#heldBytes -= bytes;
    this.#fetchingBytes -= bytes;
    this.#execute(request, read);
  }

  /** Whether what is to be told now can be written at once. */
  #isFree(): boolean {
    return this.#settled.length === 0 && this.#host.room >= 0;
  }

  #hold(settled: Settled): void {
    this.#settled.push(settled);
    this.#heldBytes += settled.bytes;
  }

  #freed(): void {
    // The answer may have closed the connection, which has counted it then.
    if (this.#closed) return;
    this.#requests--;
    this.#host.freed();
  }
}

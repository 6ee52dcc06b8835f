import type { ReplyWriter } from "../wire/replies.ts";
import { Fifo } from "../base/fifo.ts";

/** Writes a reply and says which revision stands in its header. */
export type Answer = (replies: ReplyWriter) => number;

/** What the numbers of a connection need to know of an answered request. */
export interface RequestFacts {
  readonly xid: number;
  readonly opCode: number;
  readonly arrivedMs: number;
  readonly isWrite: boolean;
  /** Its bytes when it is a large one, else 0. */
  readonly largeBytes: number;
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
 * when something is not at hand, writes nothing and returns what must be fetched.
 */
export type Read = (replies: ReplyWriter) => number | Fetch;

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

/** What the line asks of the queue that it is the front part of. */
interface LineQueue {
  /** The place of a request is free. */
  freed(): void;
  /** Whether nothing waits behind what is settled. */
  isLast(): boolean;
}

/**
 * Replies and events of one connection that are settled, on their way to its output.
 *
 *   [ reply | event | event | reply that is fetched | reply | reply still to be fetched | event ]
 *
 * They are told in order, as the output has room for them, and their data is fetched no earlier: many reads may have their
 * turn at once, behind a write, and what they read fits into no memory. As a rule there is room, and nothing is kept here.
 */
export class ReplyLine {
  readonly #host: QueueHost;
  readonly #queue: LineQueue;
  readonly #settled = new Fifo<Settled>();
  /** Those of the settled whose fetch did not start. */
  readonly #unfetched = new Fifo<Fetching>();
  #heldBytes = 0;
  #eventBytes = 0;
  /** Of what is being fetched, or has been and is not told yet. */
  #fetchingBytes = 0;
  #closed = false;

  constructor(host: QueueHost, queue: LineQueue) {
    this.#host = host;
    this.#queue = queue;
  }

  /** How much is kept in memory, what is still to be fetched included. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** The part of the events in that. */
  get eventBytes(): number {
    return this.#eventBytes;
  }

  /** A reply that is certain. */
  settle(request: RequestFacts, answer: Answer): void {
    const write = (): void => this.#host.answered(request, answer(this.#host.replies));
    if (!this.#isFree()) {
      this.#hold({ request, bytes: 0, write });
      return;
    }
    write();
    this.#freed();
  }

  /** Executes a read whose turn has come. */
  execute(request: RequestFacts, read: Read): void {
    if (this.#isFree()) this.#executeNow(request, read);
    else this.#executeAside(request, read);
  }

  /** An event of so many bytes. */
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

  /** Forgets everything; whatever still comes is ignored. */
  close(): void {
    this.#closed = true;
    this.#settled.clear();
    this.#unfetched.clear();
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
    if (typeof outcome !== "number") {
      this.#fetch(request, read, outcome);
      return;
    }
    this.#hold({
      request,
      bytes,
      write: () => {
        write();
        this.#host.answered(request, outcome);
      },
    });
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
    if (this.#settled.length > 1 || !this.#queue.isLast()) {
      this.#host.lost(new Error("what a read saw was compacted away before it was fetched"));
      return;
    }
    this.#settled.clear();
    this.#heldBytes -= bytes;
    this.#fetchingBytes -= bytes;
    this.execute(request, read);
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
    this.#queue.freed();
    this.#host.freed();
  }
}

import { Fifo } from "../base/fifo.ts";

interface Waiting {
  readonly bytes: number;
  readonly begin: () => void;
}

/**
 * What all connections together fetch from the store at a time: so many bytes, or one fetch that is larger. The others
 * wait in the order in which they came. A connection takes no more than its output has room for (see RequestQueue), so
 * nobody stands in this line with what nobody reads.
 */
export class FetchLine {
  readonly #bytesMax: number;
  readonly #waiting = new Fifo<Waiting>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Of the fetches that are under way. */
  get bytes(): number {
    return this.#bytes;
  }

  async run<Result>(bytes: number, fetch: () => Promise<Result>): Promise<Result> {
    if (this.#waiting.length === 0 && this.#hasRoom(bytes)) this.#bytes += bytes;
    else await new Promise<void>((begin) => this.#waiting.push({ bytes, begin }));
    try {
      return await fetch();
    } finally {
      this.#bytes -= bytes;
      this.#admit();
    }
  }

  #hasRoom(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= this.#bytesMax;
  }

  #admit(): void {
    for (
      let { first } = this.#waiting;
      first !== undefined && this.#hasRoom(first.bytes);
      first = this.#waiting.first
    ) {
      this.#waiting.shift();
      this.#bytes += first.bytes;
      first.begin();
    }
  }
}

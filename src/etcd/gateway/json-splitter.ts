/**
 * Cuts a stream of bytes into the JSON objects it is made of, without looking at what they mean:
 *
 *   {"create_request":{…}} {"cancel_req | uest":{…}}      two objects in two chunks
 *
 * What does not start with a brace is handed on as it is, at once: whoever reads it will say what is wrong with it.
 */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d]);

export class JsonSplitter {
  readonly #objectBytesMax: number;
  #pending: Buffer = Buffer.alloc(0);
  /** How far `#pending` was looked at. */
  #position = 0;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  constructor(objectBytesMax: number) {
    this.#objectBytesMax = objectBytesMax;
  }

  push(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
  }

  /** The next whole object. Null: it has not come yet. Throws a RangeError when it is too long. */
  take(): string | null {
    if (this.#depth === 0) this.#skipSpace();
    if (this.#pending.length > 0 && this.#pending[0] !== OPEN) return this.#cut(this.#pending.length);
    while (this.#position < this.#pending.length) {
      this.#step(this.#pending[this.#position]!);
      this.#position++;
      if (this.#depth === 0) return this.#cut(this.#position);
    }
    if (this.#pending.length > this.#objectBytesMax) throw new RangeError("the object is too long");
    return null;
  }

  /** What is left when nothing more comes: empty, or an object without its end. */
  rest(): string {
    return this.#cut(this.#pending.length).trim();
  }

  #step(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (this.#isInString && byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#isInString = !this.#isInString;
    else if (this.#isInString) return;
    else if (byte === OPEN) this.#depth++;
    else if (byte === CLOSE) this.#depth--;
  }

  #skipSpace(): void {
    let start = 0;
    while (start < this.#pending.length && SPACES.has(this.#pending[start]!)) start++;
    if (start > 0) this.#pending = this.#pending.subarray(start);
  }

  #cut(end: number): string {
    const text = this.#pending.toString("utf8", 0, end);
    this.#pending = this.#pending.subarray(end);
    this.#position = 0;
    this.#depth = 0;
    return text;
  }
}

/**
 * Jute for the tests' own ZooKeeper client. It shares no line with the product's codec, so that each checks the other:
 * this one is plain and strict, and whatever a reply has too much or too little is an error.
 */

/** Text stands for its UTF-8 bytes; null for a length of -1. */
export type Bytes = Uint8Array | string | null;

export class JuteOut {
  #buffer = Buffer.allocUnsafe(128);
  #length = 0;

  /** All that was written; the writer must not be used afterwards. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  int(value: number): this {
    const at = this.#claim(4);
    this.#buffer.writeInt32BE(value, at);
    return this;
  }

  long(value: number | bigint): this {
    const at = this.#claim(8);
    this.#buffer.writeBigInt64BE(BigInt(value), at);
    return this;
  }

  boolean(value: boolean): this {
    const at = this.#claim(1);
    this.#buffer[at] = value ? 1 : 0;
    return this;
  }

  buffer(value: Bytes): this {
    if (value === null) return this.int(-1);
    const bytes = typeof value === "string" ? Buffer.from(value) : value;
    return this.int(bytes.length).raw(bytes);
  }

  vector<Item>(items: readonly Item[] | null, write: (item: Item) => void): this {
    if (items === null) return this.int(-1);
    this.int(items.length);
    for (const item of items) write(item);
    return this;
  }

  strings(items: readonly (string | null)[] | null): this {
    return this.vector(items, (item) => this.buffer(item));
  }

  /** Bytes as they are, without a length. */
  raw(bytes: Uint8Array): this {
    const at = this.#claim(bytes.length);
    this.#buffer.set(bytes, at);
    return this;
  }

  #claim(length: number): number {
    const at = this.#length;
    this.#length += length;
    if (this.#length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(2 * this.#length);
      this.#buffer.copy(larger, 0, 0, at);
      this.#buffer = larger;
    }
    return at;
  }
}

/** Reads a payload from its start; reading past the end, or not to the end (`finish`), throws. */
export class JuteIn {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  int(): number {
    return this.#buffer.readInt32BE(this.#move(4));
  }

  /** 64 bits as they are: ids. */
  id(): bigint {
    return this.#buffer.readBigInt64BE(this.#move(8));
  }

  /** Zxids, times: what must be a safe integer. */
  long(): number {
    const value = Number(this.id());
    if (!Number.isSafeInteger(value)) throw new Error(`a long past 2^53: ${value}`);
    return value;
  }

  boolean(): boolean {
    const byte = this.#buffer.readUInt8(this.#move(1));
    if (byte > 1) throw new Error(`a boolean of ${byte}`);
    return byte === 1;
  }

  buffer(): Buffer | null {
    const length = this.int();
    if (length === -1) return null;
    if (length < 0) throw new Error(`a length of ${length}`);
    const at = this.#move(length);
    return this.#buffer.subarray(at, at + length);
  }

  string(): string | null {
    return this.buffer()?.toString("utf8") ?? null;
  }

  /** A string that may not be null. */
  text(): string {
    const value = this.string();
    if (value === null) throw new Error("a null string");
    return value;
  }

  vector<Item>(read: () => Item): Item[] {
    const count = this.int();
    if (count < 0) throw new Error(`a vector of ${count}`);
    return Array.from({ length: count }, read);
  }

  rest(): Buffer {
    return this.#buffer.subarray(this.#at);
  }

  finish(): void {
    const left = this.#buffer.length - this.#at;
    if (left > 0) throw new Error(`${left} bytes too many`);
  }

  #move(length: number): number {
    const at = this.#at;
    if (at + length > this.#buffer.length) throw new Error(`${at + length - this.#buffer.length} bytes too few`);
    this.#at = at + length;
    return at;
  }
}

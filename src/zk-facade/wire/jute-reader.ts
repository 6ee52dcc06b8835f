/**
 * The bytes are no record: ZooKeeper's marshalling error. It is thrown while a frame is decoded and caught by who asked
 * for that. The instances below are all there are, made once: a flood of broken frames costs no stack traces.
 */
export class JuteError extends Error {
  override readonly name = "JuteError";
}

export const juteErrors = {
  truncated: new JuteError("the record ends too early"),
  badLength: new JuteError("a length below -1"),
  missing: new JuteError("null where a value must be"),
  badMember: new JuteError("no member of such a multi"),
  /** Real servers answer this one with the end header of an empty multi behind the reply header. */
  badReadMember: new JuteError("a member that multiRead can parse but not run"),
} as const;

const noBytes = Buffer.alloc(0);
const wordRange = 0x1_0000_0000;

/**
 * A cursor over one frame. It belongs to a connection and is placed on frame after frame, so that a small request costs
 * no allocation but its own.
 *
 *   int     := 4 bytes, signed, most significant first      long := 8 bytes, the same      boolean := 1 byte
 *   buffer  := length:int byte[length]                      a length of -1 is null
 *   string  := a buffer of UTF-8
 *   vector  := count:int element[count]                     a count of -1 is null
 *
 * Nothing is copied: buffers are views of the frame. Reading past its end throws a JuteError; what is left over when a
 * record is read is nobody's business, as in ZooKeeper.
 */
export class JuteReader {
  #bytes: Buffer = noBytes;
  #at = 0;
  #end = 0;

  /** Places the cursor at the start of a frame, given as a part of some bytes and without its length prefix. */
  place(bytes: Uint8Array, start = 0, end = bytes.length): this {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
    this.#end = end;
    return this;
  }

  /** Lets go of the frame, so that an idle connection keeps no memory. */
  clear(): void {
    this.place(noBytes);
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  /** A view of what was not read yet. */
  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at, this.#end);
  }

  readInt(): number {
    const at = this.#move(4);
    const bytes = this.#bytes;
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }

  /** An int64 as a number. Past the safe integers it reads as the last of them: far, but never wrapped. */
  readLong(): number {
    const value = this.readInt() * wordRange + (this.readInt() >>> 0);
    return Math.min(Math.max(value, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
  }

  /** An int64 of which all bits count. */
  readId(): bigint {
    return this.#bytes.readBigInt64BE(this.#move(8));
  }

  readBoolean(): boolean {
    return this.#bytes[this.#move(1)] !== 0;
  }

  /** Bytes that are no UTF-8 read as U+FFFD. */
  readString(): string | null {
    const length = this.#readLength();
    if (length < 0) return null;
    const at = this.#move(length);
    // Node looks for ASCII itself, and faster than a loop here could: measured with paths of 6 to 60 bytes.
    return length === 0 ? "" : this.#bytes.toString("utf8", at, at + length);
  }

  /** A string that may not be null. */
  readText(): string {
    const value = this.readString();
    if (value === null) throw juteErrors.missing;
    return value;
  }

  /** A view of the frame. */
  readBuffer(): Uint8Array | null {
    const length = this.#readLength();
    if (length < 0) return null;
    const at = this.#move(length);
    return this.#bytes.subarray(at, at + length);
  }

  /**
   * How many elements of a vector follow, at least `elementBytes` each; -1 for null. Below -1 it reads as empty. A count
   * that cannot fit into the rest of the frame throws here, before anybody makes room for so many.
   */
  readCount(elementBytes: number): number {
    const count = this.readInt();
    if (count < -1) return 0;
    if (count * elementBytes > this.remaining) throw juteErrors.truncated;
    return count;
  }

  /** Moves past bytes that are expected, if they are what comes next; otherwise stays where it is. */
  skipIf(expected: Uint8Array): boolean {
    const length = expected.length;
    if (length > this.remaining) return false;
    for (let index = 0; index < length; index += 1) {
      if (this.#bytes[this.#at + index] !== expected[index]) return false;
    }
    this.#at += length;
    return true;
  }

  #readLength(): number {
    const length = this.readInt();
    if (length < -1) throw juteErrors.badLength;
    return length;
  }

  /** Moves the cursor past so many bytes and returns where they start. */
  #move(bytes: number): number {
    const at = this.#at;
    if (bytes > this.#end - at) throw juteErrors.truncated;
    this.#at = at + bytes;
    return at;
  }
}

import { assert } from "../../etcd/base/assert.ts";

/**
 * The primitives of what the facade stores in etcd (records, traces), in bytes that do not depend on the program:
 *
 *   byte     one byte
 *   uint32   four bytes, big endian
 *   count    a whole number of 0 .. 2^53-1: seven bits a byte, lowest first, the high bit set on all but the last byte
 *   integer  a whole number of -(2^53-1) .. 2^53-1: the first byte has its high bit as above, then the sign (1: negative),
 *            then the six lowest bits of the magnitude; the bytes behind it carry the rest as a count does
 *   text     count of bytes, then UTF-8
 */
export class PackedWriter {
  #bytes: Buffer;
  #size = 0;

  constructor(capacity = 64) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#size++] = value;
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#size = this.#bytes.writeUInt32BE(value, this.#size);
  }

  count(value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, "a count that is none");
    this.#reserve(8);
    this.#rest(value);
  }

  integer(value: number): void {
    assert(Number.isSafeInteger(value), "an integer past 2^53");
    this.#reserve(9);
    const magnitude = Math.abs(value);
    const more = magnitude >= 64;
    this.#bytes[this.#size++] = (more ? 0x80 : 0) | (value < 0 ? 0x40 : 0) | (magnitude % 64);
    if (more) this.#rest(Math.floor(magnitude / 64));
  }

  text(value: string): void {
    const length = Buffer.byteLength(value);
    this.count(length);
    this.#reserve(length);
    this.#size += this.#bytes.write(value, this.#size);
  }

  /** What was written, as bytes of their own. The writer is empty afterwards. */
  take(): Uint8Array {
    const taken = Buffer.allocUnsafeSlow(this.#size);
    this.#bytes.copy(taken, 0, 0, this.#size);
    this.#size = 0;
    return taken;
  }

  #rest(value: number): void {
    let left = value;
    while (left >= 0x80) {
      this.#bytes[this.#size++] = (left % 0x80) | 0x80;
      left = Math.floor(left / 0x80);
    }
    this.#bytes[this.#size++] = left;
  }

  #reserve(bytes: number): void {
    const needed = this.#size + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#size);
    this.#bytes = larger;
  }
}

/**
 * Reads what {@link PackedWriter} wrote, or any other bytes. What is cut short or too large reads as 0 and makes `isSound`
 * false for good, so who reads asks once, at the end.
 */
export class PackedReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #isSound = true;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Where the next byte is read. */
  get at(): number {
    return this.#at;
  }

  get isSound(): boolean {
    return this.#isSound;
  }

  /** All bytes are read, and all of them made sense. */
  get isComplete(): boolean {
    return this.#isSound && this.#at === this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) return this.#refuse();
    this.#at++;
    return byte;
  }

  uint32(): number {
    const high = this.byte() * 0x100 + this.byte();
    const value = high * 0x1_0000 + this.byte() * 0x100 + this.byte();
    return this.#isSound ? value : 0;
  }

  count(): number {
    return this.#rest(0, 1);
  }

  integer(): number {
    const first = this.byte();
    const low = first & 0x3f;
    const magnitude = first >= 0x80 ? this.#rest(low, 64) : low;
    // Never -0, which is not deeply equal to 0.
    return (first & 0x40) !== 0 && magnitude !== 0 ? -magnitude : magnitude;
  }

  text(): string {
    const length = this.count();
    const end = this.#at + length;
    if (end > this.#bytes.length) {
      this.#refuse();
      return "";
    }
    const text = decoder.decode(this.#bytes.subarray(this.#at, end));
    this.#at = end;
    return text;
  }

  /** A count whose lowest part is known and whose next byte weighs `scale`. */
  #rest(low: number, scale: number): number {
    let value = low;
    let weight = scale;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * weight;
      if (value > Number.MAX_SAFE_INTEGER) return this.#refuse();
      if (byte < 0x80) return value;
      weight *= 0x80;
      // Zeros without end would not make the value any larger.
      if (weight > Number.MAX_SAFE_INTEGER) return this.#refuse();
    }
  }

  #refuse(): 0 {
    this.#isSound = false;
    this.#at = this.#bytes.length;
    return 0;
  }
}

// Buffer's own decoder would need a Buffer; this one keeps a leading U+FEFF too, which is an ordinary character here.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

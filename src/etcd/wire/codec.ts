/**
 * The primitives that the generated codecs are made of: a {@link Reader} over one message and a {@link Writer} that
 * builds one from its end to its beginning.
 *
 * Wire format (protobuf's, as gogo/protobuf reads and writes it for etcd):
 *
 *   message := (tag value)*
 *   tag     := varint(fieldNumber << 3 | wireType)
 *   value   := varint | fixed64 | varint(length) byte[length] | group | fixed32
 *
 * 64-bit integers are numbers where etcd counts (a value past 2^53-1 is read as 2^53-1: the far future, never wrapped)
 * and bigints where etcd names (ids).
 */
import { isUtf8 } from "node:buffer";

/** The bytes are not the message they should be: cut short, a bad tag, a wrong wire type, a bad string. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}

/** Names of a message's fields by number, for the words of an error. */
export type FieldNames = Readonly<Record<number, string>>;

/** What an absent bytes field reads as. It has no content, so all may share it. */
export const EMPTY_BYTES: Uint8Array = Buffer.alloc(0);

/**
 * Messages within messages go no deeper. Go's own limit is 10000, which would overflow a JavaScript stack; a Txn in a
 * Txn takes two levels.
 */
export const DEPTH_MAX = 1000;

const TWO_28 = 0x1000_0000;
const TWO_32 = 0x1_0000_0000;
const SAFE_MAX = Number.MAX_SAFE_INTEGER;
/** The bits of MAX_SAFE_INTEGER above the lowest 28. */
const SAFE_MIDDLE_MAX = 0x1ff_ffff;

// A 64-bit integer is assembled from its halves in this scratch: one allocation for the bigint and none in between.
const scratchHalves = new Uint32Array(2);
const scratchSigned = new BigInt64Array(scratchHalves.buffer);
const scratchUnsigned = new BigUint64Array(scratchHalves.buffer);

/**
 * The class behind Buffer, which is what `subarray` makes. Calling it is twice as fast as `subarray` (43 ns, not 96), and
 * views are most of what decoding a message costs.
 */
const FastBuffer = (
  Buffer as unknown as { [Symbol.species]: new (b: ArrayBufferLike, at: number, n: number) => Buffer }
)[Symbol.species];

/** Node's own short cuts past `toString`, which its types leave out. */
interface SlicingBuffer extends Buffer {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
}

/**
 * Reads one message, and the messages within it, from borrowed bytes. What it returns for a bytes field is a view.
 *
 *   |............[ message ]......|
 *               pos       end           a nested message narrows `end`, then gives it back
 */
export class Reader {
  readonly bytes: SlicingBuffer;
  /** The next byte to read. */
  pos = 0;
  /** Where the message being read ends. */
  end: number;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.bytes = buffer as SlicingBuffer;
    this.end = bytes.byteLength;
  }

  /** A tag: field number and wire type. A field number fits 29 bits, and 0 is none. */
  tag(): number {
    if (this.pos < this.end) {
      const first = this.bytes[this.pos]!;
      if (first < 0x80 && first > 7) {
        this.pos++;
        return first;
      }
    }
    const low = this.#varintLow();
    const tag = low + this.#middle * TWO_28;
    if (this.#high !== 0 || tag >= TWO_32) throw new DecodeError("proto: field number out of range");
    if (tag < 8) throw new DecodeError("proto: illegal tag 0");
    return tag;
  }

  /** Enters the message that starts here, behind its length. Returns what {@link leave} wants back. */
  enter(): number {
    const length = this.#length();
    if (++this.#depth > DEPTH_MAX) throw new DecodeError("proto: exceeded maximum recursion depth");
    const outer = this.end;
    this.end = this.pos + length;
    return outer;
  }

  leave(outer: number): void {
    this.#depth--;
    this.end = outer;
  }

  /** Where the packed values that start here, behind their length, come to an end. */
  packedEnd(): number {
    const length = this.#length();
    return this.pos + length;
  }

  /** Call once all packed values are read: the last one must not reach past the end it was given. */
  checkPacked(end: number): void {
    if (this.pos !== end) throw new DecodeError("proto: packed values reach past their length");
  }

  bool(): boolean {
    const low = this.#varintLow();
    return low !== 0 || this.#middle !== 0 || this.#high !== 0;
  }

  /** Also reads an enum, unknown numbers and all. */
  int32(): number {
    const low = this.#varintLow();
    return low | (this.#middle << 28);
  }

  uint32(): number {
    const low = this.#varintLow();
    return (low | (this.#middle << 28)) >>> 0;
  }

  /** An int64 as a number, exact within ±(2^53-1) and held at these bounds outside. */
  int64(): number {
    const low = this.#varintLow();
    const middle = this.#middle;
    if (this.#high === 0 && middle <= SAFE_MIDDLE_MAX) return middle === 0 ? low : middle * TWO_28 + low;
    const high32 = (middle >>> 4) | (this.#high << 24);
    if (high32 >= 0) return SAFE_MAX;
    const low32 = (low | (middle << 28)) >>> 0;
    return high32 < -0x20_0000 || (high32 === -0x20_0000 && low32 === 0) ? -SAFE_MAX : high32 * TWO_32 + low32;
  }

  /** A uint64 as a number, held at 2^53-1 above it. */
  uint64(): number {
    const low = this.#varintLow();
    const middle = this.#middle;
    if (this.#high !== 0 || middle > SAFE_MIDDLE_MAX) return SAFE_MAX;
    return middle === 0 ? low : middle * TWO_28 + low;
  }

  int64Id(): bigint {
    const low = this.#varintLow();
    if (this.#middle === 0 && this.#high === 0) return low === 0 ? 0n : BigInt(low);
    this.#toScratch(low);
    return scratchSigned[0]!;
  }

  uint64Id(): bigint {
    const low = this.#varintLow();
    if (this.#middle === 0 && this.#high === 0) return low === 0 ? 0n : BigInt(low);
    this.#toScratch(low);
    return scratchUnsigned[0]!;
  }

  /** A view of the bytes, borrowed from the input. */
  view(): Uint8Array {
    const length = this.#length();
    if (length === 0) return EMPTY_BYTES;
    const start = this.pos;
    this.pos = start + length;
    const bytes = this.bytes;
    return new FastBuffer(bytes.buffer, bytes.byteOffset + start, length);
  }

  /** A proto3 string, which must be valid UTF-8. */
  string(): string {
    const length = this.#length();
    if (length === 0) return "";
    const start = this.pos;
    const end = start + length;
    this.pos = end;
    const bytes = this.bytes;
    for (let i = start; i < end; i++) {
      if (bytes[i]! < 0x80) continue;
      if (!isUtf8(bytes.subarray(start, end))) throw new DecodeError("proto: string field contains invalid UTF-8");
      return bytes.utf8Slice(start, end);
    }
    return bytes.latin1Slice(start, end);
  }

  /** A proto2 string: bytes that are not UTF-8 are replaced, not refused. */
  stringLossy(): string {
    const length = this.#length();
    const start = this.pos;
    this.pos = start + length;
    return this.bytes.utf8Slice(start, this.pos);
  }

  /**
   * What to do with a tag that the message does not expect: gogo passes over an unknown field, but refuses a known one
   * with a wire type that it cannot have.
   */
  other(tag: number, known: FieldNames): void {
    const name = known[tag >>> 3];
    if (name !== undefined) throw new DecodeError(`proto: wrong wireType = ${tag & 7} for field ${name}`);
    this.skip(tag);
  }

  /** Passes over the value of a field that nobody here knows. */
  skip(tag: number): void {
    switch (tag & 7) {
      case 0:
        this.#varintLow();
        return;
      case 1:
        this.#advance(8);
        return;
      case 2:
        this.#advance(this.#length());
        return;
      case 3:
        this.#skipGroup(tag);
        return;
      case 4:
        throw new DecodeError("proto: unexpected end of group");
      case 5:
        this.#advance(4);
        return;
      default:
        throw new DecodeError(`proto: illegal wireType ${tag & 7}`);
    }
  }

  // Groups may nest, so the open ones are kept in a list and the stack stays flat.
  #skipGroup(tag: number): void {
    const open = [tag >>> 3];
    while (open.length > 0) {
      const inner = this.tag();
      const kind = inner & 7;
      if (kind === 3) {
        if (open.length >= DEPTH_MAX) throw new DecodeError("proto: exceeded maximum recursion depth");
        open.push(inner >>> 3);
      } else if (kind === 4) {
        if (open.pop() !== inner >>> 3) throw new DecodeError("proto: mismatching end group marker");
      } else {
        this.skip(inner);
      }
    }
  }

  #advance(count: number): void {
    if (count > this.end - this.pos) throw unexpectedEnd();
    this.pos += count;
  }

  /** The length before bytes, a string, a message or packed values: it must lie within the current message. */
  #length(): number {
    const pos = this.pos;
    if (pos < this.end) {
      const first = this.bytes[pos]!;
      if (first < 0x80) {
        if (first >= this.end - pos) throw unexpectedEnd();
        this.pos = pos + 1;
        return first;
      }
    }
    const length = this.uint64();
    if (length > this.end - this.pos) throw unexpectedEnd();
    return length;
  }

  // A varint in three parts: bits 0-27 are returned, 28-55 and 56-63 wait here until the next varint.
  #middle = 0;
  #high = 0;

  #varintLow(): number {
    const bytes = this.bytes;
    let pos = this.pos;
    const left = this.end - pos;
    this.#middle = 0;
    this.#high = 0;
    if (left < 10) return this.#varintLowNearEnd();
    let byte = bytes[pos++]!;
    let low = byte & 0x7f;
    if (byte >= 0x80) {
      byte = bytes[pos++]!;
      low |= (byte & 0x7f) << 7;
      if (byte >= 0x80) {
        byte = bytes[pos++]!;
        low |= (byte & 0x7f) << 14;
        if (byte >= 0x80) {
          byte = bytes[pos++]!;
          low |= (byte & 0x7f) << 21;
          if (byte >= 0x80) {
            this.pos = pos;
            this.#varintRest(pos + 6);
            return low;
          }
        }
      }
    }
    this.pos = pos;
    return low;
  }

  #varintLowNearEnd(): number {
    const bytes = this.bytes;
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      if (this.pos >= this.end) throw unexpectedEnd();
      const byte = bytes[this.pos++]!;
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return low;
    }
    this.#varintRest(this.end);
    return low;
  }

  /** Bytes 5 to 10 of a varint, which must not reach past `end`. */
  #varintRest(end: number): void {
    const bytes = this.bytes;
    let middle = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      if (this.pos >= end) throw unexpectedEnd();
      const byte = bytes[this.pos++]!;
      middle |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.#middle = middle;
        return;
      }
    }
    this.#middle = middle;
    if (this.pos >= end) throw unexpectedEnd();
    let byte = bytes[this.pos++]!;
    let high = byte & 0x7f;
    if (byte >= 0x80) {
      if (this.pos >= end) throw unexpectedEnd();
      byte = bytes[this.pos++]!;
      if (byte >= 0x80) throw new DecodeError("proto: integer overflow");
      // Bit 63 is the last one there is; what stands above it is dropped, as gogo drops it.
      high |= (byte & 1) << 7;
    }
    this.#high = high;
  }

  #toScratch(low: number): void {
    scratchHalves[0] = low | (this.#middle << 28);
    scratchHalves[1] = (this.#middle >>> 4) | (this.#high << 24);
  }
}

function unexpectedEnd(): DecodeError {
  return new DecodeError("unexpected EOF");
}

/**
 * Messages are cut from slabs of this size, as Node's own small buffers are: a message that is kept keeps its slab, so
 * a slab is not large.
 */
const SLAB_BYTES = 16 * 1024;

/**
 * Writes a message from its last byte to its first, so that the length of what is nested is known when it is needed:
 *
 *   |  free  [ tag length [ nested message ] ][ earlier messages ]|
 *            pos                              end                  one slab
 *
 * Every method writes the value, then the tag in front of it. Fields are therefore written in descending order.
 */
export class Writer {
  #bytes = Buffer.allocUnsafeSlow(SLAB_BYTES);
  /** The first byte written so far. */
  #pos = SLAB_BYTES;
  /** Behind the last byte of this message. What follows was given away. */
  #end = SLAB_BYTES;

  /** Begins a message, in place of one that was left unfinished. */
  start(): this {
    this.#pos = this.#end;
    return this;
  }

  /** The message. It is the caller's from now on: nothing is written over it. */
  finish(): Buffer {
    const bytes = this.#bytes;
    const pos = this.#pos;
    const length = this.#end - pos;
    if (bytes.length > SLAB_BYTES) {
      // Grown for one large message: it takes the slab along, so that no small one holds on to so much.
      this.#bytes = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#end = SLAB_BYTES;
    } else {
      this.#end = pos;
    }
    return new FastBuffer(bytes.buffer, pos, length);
  }

  bool(tag: number, value: boolean): void {
    this.#reserve(6);
    this.#bytes[--this.#pos] = value ? 1 : 0;
    this.#tag(tag);
  }

  /** Also writes an enum. A negative one takes ten bytes, as protobuf asks. */
  int32(tag: number, value: number): void {
    this.#reserve(15);
    this.#varint(value);
    this.#tag(tag);
  }

  uint32(tag: number, value: number): void {
    this.#reserve(15);
    this.#varint(value);
    this.#tag(tag);
  }

  /** A 64-bit integer, signed or not, that is held as a number. */
  int64(tag: number, value: number): void {
    this.#reserve(15);
    this.#varint(value);
    this.#tag(tag);
  }

  /** A 64-bit integer, signed or not, that is held as a bigint. */
  id(tag: number, value: bigint): void {
    this.#reserve(15);
    this.#varintOfBigint(value);
    this.#tag(tag);
  }

  data(tag: number, value: Uint8Array): void {
    const length = value.length;
    this.#reserve(length + 10);
    const start = this.#pos - length;
    this.#pos = start;
    if (length <= 24) {
      const bytes = this.#bytes;
      for (let i = 0; i < length; i++) bytes[start + i] = value[i]!;
    } else {
      this.#bytes.set(value, start);
    }
    this.#length(length);
    this.#tag(tag);
  }

  string(tag: number, value: string): void {
    const units = value.length;
    this.#reserve(units * 3 + 10);
    const bytes = this.#bytes;
    const start = this.#pos - units;
    let i = 0;
    for (; i < units; i++) {
      const unit = value.charCodeAt(i);
      if (unit >= 0x80) break;
      bytes[start + i] = unit;
    }
    let length = units;
    if (i < units) {
      length = Buffer.byteLength(value);
      bytes.write(value, this.#pos - length, length, "utf8");
    }
    this.#pos -= length;
    this.#length(length);
    this.#tag(tag);
  }

  /** How many bytes of this message are written. Unlike a position, it stays true when the slab is changed. */
  size(): number {
    return this.#end - this.#pos;
  }

  /** Closes a nested message or packed values: `before` is what `size()` was before the content was written. */
  nested(tag: number, before: number): void {
    this.#reserve(10);
    this.#length(this.#end - this.#pos - before);
    this.#tag(tag);
  }

  /** One packed value. */
  packed(value: number): void {
    this.#reserve(10);
    this.#varint(value);
  }

  packedId(value: bigint): void {
    this.#reserve(10);
    this.#varintOfBigint(value);
  }

  /** Bytes that are an encoded message, or a part of one, already. */
  raw(value: Uint8Array): void {
    const length = value.length;
    this.#reserve(length);
    this.#pos -= length;
    this.#bytes.set(value, this.#pos);
  }

  #reserve(count: number): void {
    if (this.#pos < count) this.#grow(count);
  }

  /** Moves what is written of this message to a new slab with room for `count` bytes more. */
  #grow(count: number): void {
    const bytes = this.#bytes;
    const pos = this.#pos;
    const used = this.#end - pos;
    const size = Math.max(SLAB_BYTES, (used + count) * 2);
    const slab = Buffer.allocUnsafeSlow(size);
    bytes.copy(slab, size - used, pos, this.#end);
    this.#bytes = slab;
    this.#pos = size - used;
    this.#end = size;
  }

  #tag(tag: number): void {
    if (tag < 0x80) this.#bytes[--this.#pos] = tag;
    else this.#varint(tag);
  }

  #length(length: number): void {
    if (length < 0x80) this.#bytes[--this.#pos] = length;
    else this.#varint(length);
  }

  #varint(value: number): void {
    const bytes = this.#bytes;
    if (value >= 0) {
      if (value < 0x80) {
        bytes[--this.#pos] = value;
        return;
      }
      if (value < TWO_28) {
        let pos = this.#pos - (value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : 4);
        this.#pos = pos;
        while (value >= 0x80) {
          bytes[pos++] = (value & 0x7f) | 0x80;
          value >>>= 7;
        }
        bytes[pos] = value;
        return;
      }
      this.#varintOfHalves(value >>> 0, Math.floor(value / TWO_32));
      return;
    }
    this.#varintOfHalves(value >>> 0, Math.floor(value / TWO_32) >>> 0);
  }

  #varintOfBigint(value: bigint): void {
    scratchSigned[0] = value;
    const low = scratchHalves[0]!;
    const high = scratchHalves[1]!;
    if (high === 0 && low < TWO_28) this.#varint(low);
    else this.#varintOfHalves(low, high);
  }

  #varintOfHalves(low: number, high: number): void {
    const bytes = this.#bytes;
    // Called for 2^28 and above only, so five bytes are the least.
    const size = high === 0 ? 5 : Math.ceil((64 - Math.clz32(high)) / 7);
    let pos = this.#pos - size;
    this.#pos = pos;
    while (high !== 0) {
      bytes[pos++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    while (low >= 0x80) {
      bytes[pos++] = (low & 0x7f) | 0x80;
      low >>>= 7;
    }
    bytes[pos] = low;
  }
}

// Encoding never waits and never calls out, so one writer serves all of them.
const sharedWriter = new Writer();

/** The writer for the next message. It is taken until its `finish()`. */
export function startWriting(): Writer {
  return sharedWriter.start();
}

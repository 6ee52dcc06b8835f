import { assert } from "../../etcd/base/assert.ts";
import type { ChunkPool } from "./chunk-pool.ts";
import { putInt, putString, stringBytes } from "./jute-strings.ts";

const prefixBytes = 4;
const wordRange = 0x1_0000_0000;
/** From this length on, bytes go to the socket from where they lie; below it a copy costs less than a segment of its own. */
const referencedBytesMin = 16 * 1024;
/** Output up to this length is copied out of its chunk, so that a slow reader of few bytes does not hold a whole one. */
const copiedOutBytesMax = 4096;
const noChunk = Buffer.alloc(0);

/** Frames on their way to a socket. The buffers may be written in one go and must not be changed. */
export class Output {
  readonly buffers: readonly Uint8Array[];
  readonly bytes: number;
  readonly #pool: ChunkPool;
  #chunks: Buffer[];

  constructor(pool: ChunkPool, contents: { buffers: readonly Uint8Array[]; bytes: number; chunks: Buffer[] }) {
    this.#pool = pool;
    this.buffers = contents.buffers;
    this.bytes = contents.bytes;
    this.#chunks = contents.chunks;
  }

  /** Whether these bytes stand in a chunk that is given back. */
  owns(bytes: Uint8Array): boolean {
    return this.#chunks.some(({ buffer }) => buffer === bytes.buffer);
  }

  /**
   * To be called once the socket is done with the buffers: from the callback of its last write. Whoever forgets it
   * leaves them to the garbage collector; whoever calls it too early sends garbage.
   */
  release(): void {
    for (const chunk of this.#chunks) this.#pool.give(chunk);
    this.#chunks = [];
  }
}

/**
 * Collects whole frames of jute records for one socket until they are taken.
 *
 *   chunk    [ frame | frame | start of a frame …
 *   chunk    … its end | frame |
 *   data     a long value, where it lies in memory
 *   chunk    | frame | frame | free ]
 *
 * A frame may cross from chunk to chunk: its length is patched into the chunk where it began. So nothing is moved, and
 * no small frame costs an allocation. Between `take` and the next frame a writer holds no chunk, however many idle
 * connections there are.
 */
export class FrameWriter {
  readonly #pool: ChunkPool;
  #chunk: Buffer = noChunk;
  /** Where the part of the chunk begins that is not yet a segment. */
  #from = 0;
  #at = 0;
  #segments: Uint8Array[] = [];
  #segmentBytes = 0;
  /** Chunks of the pool that are in use, the present one included. */
  #chunks: Buffer[] = [];
  #prefixChunk: Buffer | null = null;
  #prefixAt = 0;
  #frameFrom = 0;

  constructor(pool: ChunkPool) {
    this.#pool = pool;
  }

  /** Bytes collected since the last `take`. */
  get length(): number {
    return this.#segmentBytes + this.#at - this.#from;
  }

  /** Opens a frame. */
  begin(): this {
    assert(this.#prefixChunk === null, "a frame within a frame");
    this.#frameFrom = this.length;
    this.#prefixAt = this.#claim(prefixBytes);
    this.#prefixChunk = this.#chunk;
    return this;
  }

  /** Closes the frame and fills in its length. */
  end(): void {
    const prefixChunk = this.#prefixChunk;
    assert(prefixChunk !== null, "the end of no frame");
    putInt(prefixChunk, this.#prefixAt, this.length - this.#frameFrom - prefixBytes);
    this.#prefixChunk = null;
  }

  int(value: number): this {
    const at = this.#claim(4);
    putInt(this.#chunk, at, value);
    return this;
  }

  /** A safe integer as an int64. */
  long(value: number): this {
    const at = this.#claim(8);
    // The low word is what is left after the high one is floored, also below zero.
    putInt(this.#chunk, at, Math.floor(value / wordRange));
    putInt(this.#chunk, at + 4, value >>> 0);
    return this;
  }

  id(value: bigint): this {
    if (value === 0n) return this.long(0);
    const at = this.#claim(8);
    this.#chunk.writeBigInt64BE(value, at);
    return this;
  }

  boolean(value: boolean): this {
    const at = this.#claim(1);
    this.#chunk[at] = value ? 1 : 0;
    return this;
  }

  string(value: string | null): this {
    if (value === null) return this.int(-1);
    // Nearly all strings are ASCII: a byte for each unit. Counting the bytes first would cost as much as writing them.
    const at = this.#claim(4 + value.length);
    const end = putString(this.#chunk, at + 4, value);
    if (end !== this.#at) return this.#wideString(at, value);
    putInt(this.#chunk, at, value.length);
    return this;
  }

  /** A vector of strings. */
  strings(values: readonly string[]): this {
    this.int(values.length);
    for (const value of values) this.string(value);
    return this;
  }

  /** Long values are not copied: they must stay as they are until the output is released. */
  buffer(value: Uint8Array | null): this {
    if (value === null) return this.int(-1);
    return this.int(value.length).raw(value);
  }

  /** Bytes that are encoded already, without a length before them. Long ones are not copied, as in `buffer`. */
  raw(bytes: Uint8Array): this {
    if (bytes.length >= referencedBytesMin) {
      this.#seal();
      this.#push(bytes);
    } else {
      const at = this.#claim(bytes.length);
      this.#chunk.set(bytes, at);
    }
    return this;
  }

  /** Hands over all frames collected so far. */
  take(): Output {
    assert(this.#prefixChunk === null, "a frame is not ended");
    const bytes = this.length;
    if (this.#segments.length === 0 && bytes <= copiedOutBytesMax) {
      const copy = Buffer.allocUnsafe(bytes);
      this.#chunk.copy(copy, 0, this.#from, this.#at);
      for (const chunk of this.#chunks) this.#pool.give(chunk);
      this.#reset();
      return new Output(this.#pool, { buffers: bytes === 0 ? [] : [copy], bytes, chunks: [] });
    }
    this.#seal();
    const output = new Output(this.#pool, { buffers: this.#segments, bytes, chunks: this.#chunks });
    this.#reset();
    return output;
  }

  /**
   * Hands over all frames collected so far, to be written later: copied out of their chunks, which would otherwise be
   * held for as long as that takes, but for the long values that are only referenced.
   */
  takeCopy(): { readonly buffers: readonly Uint8Array[]; readonly bytes: number } {
    const output = this.take();
    const buffers = output.buffers.map((bytes) => (output.owns(bytes) ? Buffer.from(bytes) : bytes));
    output.release();
    return { buffers, bytes: output.bytes };
  }

  /** Throws away what was collected, also within a frame: the connection is gone. */
  clear(): void {
    for (const chunk of this.#chunks) this.#pool.give(chunk);
    this.#prefixChunk = null;
    this.#reset();
  }

  /** Writes a string again that turned out to be longer than the room that was made for it. */
  #wideString(from: number, value: string): this {
    this.#at = from;
    const bytes = stringBytes(value);
    const at = this.#claim(4 + bytes);
    putInt(this.#chunk, at, bytes);
    putString(this.#chunk, at + 4, value);
    return this;
  }

  /** Makes room for so many bytes in a row and returns where they start in the chunk. */
  #claim(bytes: number): number {
    const at = this.#at;
    if (bytes > this.#chunk.length - at) return this.#turn(bytes);
    this.#at = at + bytes;
    return at;
  }

  /** Goes on in a new chunk. */
  #turn(bytes: number): number {
    this.#seal();
    if (bytes <= this.#pool.chunkBytes) {
      this.#chunk = this.#pool.take();
      this.#chunks.push(this.#chunk);
    } else {
      this.#chunk = Buffer.allocUnsafeSlow(bytes);
    }
    this.#from = 0;
    this.#at = bytes;
    return 0;
  }

  /** Makes a segment of what stands in the chunk. */
  #seal(): void {
    if (this.#at === this.#from) return;
    this.#push(this.#chunk.subarray(this.#from, this.#at));
    this.#from = this.#at;
  }

  #push(segment: Uint8Array): void {
    this.#segments.push(segment);
    this.#segmentBytes += segment.length;
  }

  #reset(): void {
    this.#chunk = noChunk;
    this.#from = 0;
    this.#at = 0;
    this.#segments = [];
    this.#segmentBytes = 0;
    this.#chunks = [];
  }
}

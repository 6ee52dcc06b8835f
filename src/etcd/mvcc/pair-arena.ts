import { Reader } from "../wire/codec.ts";
import { type KeyValue, newKeyValue, readKeyValue } from "../wire/mvccpb.ts";

/** Node's own short cut past `write`, which its types leave out. */
interface Latin1 {
  latin1Write(this: Uint8Array, text: string, start: number, length: number): number;
}

const { latin1Write } = Buffer.prototype as unknown as Latin1;

const chunkBytesMin = 4 * 1024;
const chunkBytesMax = 64 * 1024;

/**
 * Copies the pairs of one answer, which the backend only lends, side by side into chunks: one allocation for many pairs.
 * What it hands out are views into a chunk, so an answer lives and dies as a whole.
 */
export class PairArena {
  #chunk: Buffer = noChunk;
  #reader: Reader | null = null;
  #at = 0;
  #chunkBytes = 0;

  /** The caller's own copy of the encoded pair. */
  copy(bytes: Uint8Array): Uint8Array {
    const start = this.#add(bytes);
    return this.#chunk.subarray(start, this.#at);
  }

  /** A key that is held as text, one char per byte. */
  text(text: string): Uint8Array {
    const { length } = text;
    this.#makeRoom(length);
    const start = this.#at;
    this.#at += latin1Write.call(this.#chunk, text, start, length);
    return this.#chunk.subarray(start, this.#at);
  }

  /** The pair, with key and value that are the caller's own. */
  decode(bytes: Uint8Array): KeyValue {
    const start = this.#add(bytes);
    const reader = (this.#reader ??= new Reader(this.#chunk));
    reader.pos = start;
    reader.end = this.#at;
    return readKeyValue(reader, newKeyValue());
  }

  #add(bytes: Uint8Array): number {
    this.#makeRoom(bytes.length);
    const start = this.#at;
    this.#chunk.set(bytes, start);
    this.#at = start + bytes.length;
    return start;
  }

  #makeRoom(bytes: number): void {
    if (bytes <= this.#chunk.length - this.#at) return;
    // The first chunk fits its pair: most answers have one.
    this.#chunk = Buffer.allocUnsafe(Math.max(bytes, this.#chunkBytes));
    this.#chunkBytes = Math.min(Math.max(4 * this.#chunkBytes, chunkBytesMin), chunkBytesMax);
    this.#reader = null;
    this.#at = 0;
  }
}

const noChunk = Buffer.alloc(0);

import { assert } from "../../etcd/base/assert.ts";
import type { JuteReader } from "./jute-reader.ts";

/** ZooKeeper's jute.maxbuffer when nobody sets it. */
export const frameBytesMaxDefault = 0xfffff;

/** Why a frame is not accepted. ZooKeeper closes the connection without a word for each of them. */
export type FrameFault = "negative" | "empty" | "tooLong";

const prefixBytes = 4;
const assemblyBytesMin = 1024;
const noBytes = new Uint8Array(0);

/**
 * Cuts a connection's bytes into frames, whatever the borders of the chunks they came in.
 *
 *   frame := length:int32 payload:byte[length]      length excludes itself
 *
 * A frame that lies whole in a chunk is read where it lies. One that is cut is put together in a buffer of its own, which
 * grows with what came, by doubling: a length that is only claimed costs nothing.
 *
 * Chunks are borrowed. Whoever pushes one leaves it alone until `next` has returned false, and as long as views of its
 * frames are in use.
 */
export class FrameSplitter {
  readonly #frameBytesMax: number;
  /** Bytes that were not given out: those of the last chunk from `#from` on, or, when a frame is cut, `#assembly` alone. */
  #chunk: Uint8Array = noBytes;
  #from = 0;
  /** The start of a cut frame, its length prefix included; `#held` bytes of it are there. */
  #assembly: Uint8Array = noBytes;
  #held = 0;
  #fault: FrameFault | null = null;

  constructor(options: { readonly frameBytesMax: number } = { frameBytesMax: frameBytesMaxDefault }) {
    this.#frameBytesMax = options.frameBytesMax;
  }

  /** Set once `next` met a frame that is not accepted; no frame comes after it. */
  get fault(): FrameFault | null {
    return this.#fault;
  }

  /** Bytes that came and were not given out yet. */
  get pendingBytes(): number {
    return this.#held + this.#chunk.length - this.#from;
  }

  /** The next bytes of the connection. */
  push(chunk: Uint8Array): void {
    if (this.#from === this.#chunk.length) this.#chunk = chunk;
    else this.#chunk = Buffer.concat([this.#chunk.subarray(this.#from), chunk]);
    this.#from = 0;
  }

  /**
   * The next four bytes as an int32, without taking them; null until they are there. At the start of a connection they
   * may be a four-letter word; after that they are the length of the next frame.
   */
  peek(): number | null {
    if (this.pendingBytes < prefixBytes) return null;
    let word = 0;
    for (let at = 0; at < prefixBytes; at += 1) word = (word << 8) | this.#byteAt(at);
    return word;
  }

  /** Places the reader on the next whole frame. False: there is none yet, or never will be (`fault`). */
  next(reader: JuteReader): boolean {
    if (this.#fault !== null) return false;
    const length = this.peek();
    if (length === null) return this.#keepRest(prefixBytes);
    this.#fault = faultOf(length, this.#frameBytesMax);
    if (this.#fault !== null) {
      this.#drop();
      return false;
    }
    const frameBytes = prefixBytes + length;
    if (this.pendingBytes < frameBytes) return this.#keepRest(frameBytes);
    if (this.#held === 0) {
      reader.place(this.#chunk, this.#from + prefixBytes, this.#from + frameBytes);
      this.#advance(frameBytes);
      return true;
    }
    this.#assemble(frameBytes);
    reader.place(this.#assembly, prefixBytes, frameBytes);
    // Views of the frame may live on: the next cut frame gets a buffer of its own.
    this.#assembly = noBytes;
    this.#held = 0;
    return true;
  }

  /** Moves what is left of the chunk into the assembly, since the chunk is borrowed. Always false: no frame yet. */
  #keepRest(frameBytes: number): false {
    if (this.#from < this.#chunk.length) this.#assemble(frameBytes);
    return false;
  }

  /** Moves bytes of the chunk into the assembly, up to the end of the frame. */
  #assemble(frameBytes: number): void {
    const taken = Math.min(frameBytes - this.#held, this.#chunk.length - this.#from);
    const needed = this.#held + taken;
    if (needed > this.#assembly.length) {
      const roomBytes = Math.max(needed, Math.min(frameBytes, Math.max(2 * needed, assemblyBytesMin)));
      const larger = Buffer.allocUnsafeSlow(roomBytes);
      larger.set(this.#assembly.subarray(0, this.#held));
      this.#assembly = larger;
    }
    this.#assembly.set(this.#chunk.subarray(this.#from, this.#from + taken), this.#held);
    this.#held = needed;
    this.#advance(taken);
  }

  #advance(bytes: number): void {
    this.#from += bytes;
    assert(this.#from <= this.#chunk.length, "a frame past the end of its chunk");
    if (this.#from < this.#chunk.length) return;
    this.#chunk = noBytes;
    this.#from = 0;
  }

  #byteAt(index: number): number {
    return index < this.#held ? this.#assembly[index]! : this.#chunk[this.#from + index - this.#held]!;
  }

  #drop(): void {
    this.#chunk = noBytes;
    this.#from = 0;
    this.#assembly = noBytes;
    this.#held = 0;
  }
}

function faultOf(length: number, frameBytesMax: number): FrameFault | null {
  if (length < 0) return "negative";
  if (length === 0) return "empty";
  return length > frameBytesMax ? "tooLong" : null;
}

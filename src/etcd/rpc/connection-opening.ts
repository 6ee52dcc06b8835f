import type { Duplex } from "node:stream";
import { mendAuthority } from "./authority.ts";

const PREFACE_BYTES = 24;
const FRAME_HEADER_BYTES = 9;

/** Frame types and flags of RFC 9113, 6. */
const HEADERS = 1;
const PRIORITY = 2;
const SETTINGS = 4;
const WINDOW_UPDATE = 8;
const ACK = 0x1;
const END_HEADERS = 0x4;
const PADDED = 0x8;
const HAS_PRIORITY = 0x20;

/** RFC 9113, 6.5.2. */
const MAX_CONCURRENT_STREAMS = 3;

/** A client that goes on without acknowledging settings is let down at this many bytes. */
const OPENING_BYTES_MAX = 256 * 1024;

/** How long a client that has been greeted may take to send its first request here. Later ones come as they are. */
const FIRST_REQUEST_WAIT_MS = 1000;

/**
 * The first bytes of an HTTP/2 connection, up to the first request, whose authority is mended (authority.ts).
 *
 *   client                          this                         node:http2
 *   preface SETTINGS  ───────────▶
 *                     ◀───────────  SETTINGS
 *   SETTINGS ack      ───────────▶  dropped
 *   HEADERS           ───────────▶  mended, then all of it  ───▶  goes on, with SETTINGS of its own
 *
 * Many clients wait for the server's settings before they ask, hence the greeting. A client that asks at once gets none.
 */
export class ConnectionOpening {
  #bytes: Buffer = Buffer.alloc(0);
  /** Where the first frame starts that has not been looked at. */
  #offset = PREFACE_BYTES;
  #hasSettings = false;
  #isOver = false;
  #isGreeted = false;
  #isAcknowledged = false;

  push(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#bytes, chunk]);
    while (this.#takeFrame());
  }

  /** True once: the client has introduced itself, has not asked anything, and wants to be greeted. */
  mustGreet(): boolean {
    if (!this.#hasSettings || this.#isOver || this.#isGreeted) return false;
    this.#isGreeted = true;
    return true;
  }

  /** The first request is there, or something that comes after one; and no answer to the greeting will come any more. */
  get isComplete(): boolean {
    return this.#isOver && this.isSettled;
  }

  /** Nothing is under way between the two: the connection can change hands. */
  get isSettled(): boolean {
    return this.#isGreeted === this.#isAcknowledged;
  }

  get isTooLong(): boolean {
    return this.#bytes.length > OPENING_BYTES_MAX;
  }

  /** All that came, without the acknowledgement of a greeting that the next owner knows nothing of. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  #takeFrame(): boolean {
    if (this.isComplete || this.#bytes.length < this.#offset + FRAME_HEADER_BYTES) return false;
    const length = this.#bytes.readUIntBE(this.#offset, 3);
    const [type, flags] = [this.#bytes[this.#offset + 3]!, this.#bytes[this.#offset + 4]!];
    const end = this.#offset + FRAME_HEADER_BYTES + length;
    if (this.#bytes.length < end) return false;
    if (type === SETTINGS && (flags & ACK) !== 0 && this.#isGreeted && !this.#isAcknowledged) {
      this.#isAcknowledged = true;
      this.#bytes = Buffer.concat([this.#bytes.subarray(0, this.#offset), this.#bytes.subarray(end)]);
      return true;
    }
    if (type === SETTINGS) this.#hasSettings = true;
    else if (type === HEADERS && !this.#isOver) {
      mendHeaders(this.#bytes.subarray(this.#offset + FRAME_HEADER_BYTES, end), flags);
      this.#isOver = true;
    } else if (type !== WINDOW_UPDATE && type !== PRIORITY) this.#isOver = true;
    this.#offset = end;
    return true;
  }
}

/** frame payload := [padding-length:1] [priority:5] block [padding] */
function mendHeaders(payload: Buffer, flags: number): void {
  if ((flags & END_HEADERS) === 0) return;
  const isPadded = (flags & PADDED) !== 0;
  const start = (isPadded ? 1 : 0) + ((flags & HAS_PRIORITY) !== 0 ? 5 : 0);
  const end = payload.length - (isPadded ? (payload[0] ?? 0) : 0);
  mendAuthority(payload.subarray(start, end));
}

/**
 * The only setting that a client must know before its first request. A larger window would be a promise that node:http2
 * does not know of until its own settings are acknowledged.
 */
function greeting(concurrentStreamsMax: number): Buffer {
  const frame = Buffer.of(0, 0, 6, SETTINGS, 0, 0, 0, 0, 0, 0, MAX_CONCURRENT_STREAMS, 0, 0, 0, 0);
  frame.writeUInt32BE(concurrentStreamsMax, frame.length - 4);
  return frame;
}

export interface OpeningOptions {
  readonly concurrentStreamsMax: number;
  /** A client that has not introduced itself by then is let down. */
  readonly timeoutMs: number;
}

/** Waits for a connection's first request and calls back with all its bytes put back. Not called if it ends before. */
export function openConnection(socket: Duplex, options: OpeningOptions, whenOpen: () => void): void {
  const opening = new ConnectionOpening();
  let timer = setTimeout(() => socket.destroy(), options.timeoutMs).unref();

  const forget = (): void => {
    clearTimeout(timer);
    socket.off("data", look).off("end", giveUp).off("error", giveUp).off("close", forget);
  };
  const giveUp = (): void => {
    socket.destroy();
  };
  const handOver = (): void => {
    forget();
    socket.pause();
    socket.unshift(opening.bytes);
    whenOpen();
  };
  const look = (chunk: Buffer): void => {
    opening.push(chunk);
    if (opening.isComplete) handOver();
    else if (opening.isTooLong) giveUp();
    else if (opening.mustGreet()) socket.write(greeting(options.concurrentStreamsMax));
    else if (opening.isSettled) {
      clearTimeout(timer);
      timer = setTimeout(handOver, FIRST_REQUEST_WAIT_MS).unref();
    }
  };
  socket.on("data", look).on("end", giveUp).on("error", giveUp).on("close", forget);
  socket.resume();
}

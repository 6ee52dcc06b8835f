/**
 * gRPC's frame around a message, inside HTTP/2's data:
 *
 *   frame := compressed:uint8 length:uint32be message:byte[length]
 */
import { gunzipSync } from "node:zlib";
import { grpcCode, RpcError } from "./status.ts";

const PREFIX_BYTES = 5;

/**
 * Cuts a stream of bytes into messages: push what comes, then take what is whole. Holds one incomplete message and the
 * last chunk, and refuses a message that is too long when its length is read, before its bytes are kept. The texts are
 * grpc-go's.
 */
export class FrameReader {
  readonly #messageBytesMax: number;
  readonly #encoding: string | undefined;
  /** What was pushed and not taken, and its length. */
  #chunks: Buffer[] = [];
  #length = 0;
  /** Of the frame that comes next; its prefix until that is known. */
  #frameLength = PREFIX_BYTES;

  /** `encoding`: the request's `grpc-encoding`. */
  constructor(messageBytesMax: number, encoding: string | undefined) {
    this.#messageBytesMax = messageBytesMax;
    this.#encoding = encoding;
  }

  /** Nothing of a next frame has come. */
  get isEmpty(): boolean {
    return this.#length === 0;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The next whole message, a view into what was pushed where possible. Throws the refusal. */
  take(): Buffer | null {
    if (this.#length < this.#frameLength) return null;
    const bytes = this.#joined();
    if (this.#frameLength === PREFIX_BYTES) {
      const length = bytes.readUInt32BE(1);
      if (length > this.#messageBytesMax) {
        const details = `grpc: received message larger than max (${length} vs. ${this.#messageBytesMax})`;
        throw new RpcError(grpcCode.resourceExhausted, details);
      }
      this.#frameLength += length;
      if (this.#length < this.#frameLength) return null;
    }
    const rest = bytes.subarray(this.#frameLength);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#length = rest.length;
    const frame = bytes.subarray(0, this.#frameLength);
    this.#frameLength = PREFIX_BYTES;
    return this.#messageOf(frame);
  }

  /** Everything in one piece. Copies twice per message at most: for its prefix and when it is whole. */
  #joined(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks, this.#length)];
    return this.#chunks[0]!;
  }

  #messageOf(frame: Buffer): Buffer {
    const message = frame.subarray(PREFIX_BYTES);
    switch (frame[0]) {
      case 0:
        return message;
      case 1:
        return this.#decompress(message);
      default:
        throw new RpcError(grpcCode.internal, `grpc: received unexpected payload format ${frame[0] ?? "none"}`);
    }
  }

  /** At once, not in a worker: what it may give is bounded, and the order of a stream's messages stays. */
  #decompress(message: Buffer): Buffer {
    if (this.#encoding === undefined || this.#encoding === "identity") {
      throw new RpcError(grpcCode.internal, "grpc: compressed flag set with identity or empty encoding");
    }
    try {
      return gunzipSync(message, { maxOutputLength: this.#messageBytesMax });
    } catch (error) {
      if (error instanceof RangeError) {
        const details = `grpc: received message after decompression larger than max ${this.#messageBytesMax}`;
        throw new RpcError(grpcCode.resourceExhausted, details);
      }
      const reason = error instanceof Error ? error.message : String(error);
      throw new RpcError(grpcCode.internal, `grpc: failed to decompress the received message: ${reason}`);
    }
  }
}

/** Null: the encoding is one that messages of a call may have. */
export function refusalOfEncoding(encoding: string | undefined): RpcError | null {
  if (encoding === undefined || encoding === "identity" || encoding === "gzip") return null;
  const details = `grpc: Decompressor is not installed for grpc-encoding ${JSON.stringify(encoding)}`;
  return new RpcError(grpcCode.unimplemented, details);
}

/** One frame, uncompressed: a client must accept that whatever it sent. */
export function frameOf(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

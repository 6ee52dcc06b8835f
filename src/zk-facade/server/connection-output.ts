import type { Socket } from "node:net";
import type { ChunkPool } from "../wire/chunk-pool.ts";
import { FrameWriter } from "../wire/frame-writer.ts";
import { ReplyWriter } from "../wire/replies.ts";
import type { Fetch, Read } from "./reply-line.ts";

/** Of output that a client does not read. Above it, its requests wait, and so do the replies and events for it. */
const OUTPUT_BYTES_MAX = 1024 * 1024;

/**
 * What a connection has to say, on its way to the socket. Frames that are written in one turn of the event loop go out
 * together at its end, or earlier when they are many bytes.
 */
export class ConnectionOutput {
  readonly replies: ReplyWriter;
  readonly #socket: Socket;
  readonly #chunks: ChunkPool;
  readonly #zxidOffset: number;
  readonly #writer: FrameWriter;
  /** How much of the writer's output was asked for by `newBytes`. */
  #countedBytes = 0;
  #isFlushing = false;
  #isEnded = false;

  constructor(socket: Socket, options: { readonly chunks: ChunkPool; readonly zxidOffset: number }) {
    this.#socket = socket;
    this.#chunks = options.chunks;
    this.#zxidOffset = options.zxidOffset;
    this.#writer = new FrameWriter(options.chunks);
    this.replies = new ReplyWriter(this.#writer, options);
  }

  /** Bytes until it is full; below 0: so much is in it too much. */
  get room(): number {
    return OUTPUT_BYTES_MAX - this.#socket.writableLength - this.#writer.length;
  }

  /** The socket has not taken all of what it was given. */
  get isWriting(): boolean {
    return this.#socket.writableLength > 0;
  }

  /** Bytes of the frame that was written last, without its length prefix. To be asked after each frame. */
  newBytes(): number {
    const bytes = this.#writer.length - this.#countedBytes - 4;
    this.#countedBytes = this.#writer.length;
    return bytes;
  }

  /** Executes a read whose reply is kept until `write` is called. */
  aside(read: Read): { readonly outcome: number | Fetch; readonly bytes: number; readonly write: () => void } {
    const writer = new FrameWriter(this.#chunks);
    const outcome = read(new ReplyWriter(writer, { zxidOffset: this.#zxidOffset }));
    const { buffers, bytes } = writer.takeCopy();
    const write = (): void => {
      for (const buffer of buffers) this.#writer.raw(buffer);
    };
    return { outcome, bytes, write };
  }

  /** To be called after frames were written. */
  flushSoon(): void {
    if (this.#writer.length > OUTPUT_BYTES_MAX) this.flush();
    if (this.#isFlushing || this.#writer.length === 0) return;
    this.#isFlushing = true;
    queueMicrotask(() => this.flush());
  }

  flush(): void {
    this.#isFlushing = false;
    if (this.#isEnded || this.#writer.length === 0) return;
    const output = this.#writer.take();
    this.#countedBytes = 0;
    const { buffers } = output;
    if (buffers.length > 1) this.#socket.cork();
    for (let at = 0; at < buffers.length; at++) {
      if (at === buffers.length - 1) this.#socket.write(buffers[at]!, () => output.release());
      else this.#socket.write(buffers[at]!);
    }
    if (buffers.length > 1) this.#socket.uncork();
  }

  /** What is written goes out, or this text does; then the socket ends, and nothing more is sent. */
  end(ended: () => void, text = ""): void {
    this.flush();
    this.#isEnded = true;
    this.#socket.end(text, ended);
  }

  /** The socket is gone, or about to be. */
  drop(): void {
    this.#isEnded = true;
  }
}

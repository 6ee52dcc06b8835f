import type { Socket } from "node:net";
import { type FrameFault, FrameSplitter } from "../wire/frame-splitter.ts";
import { JuteReader } from "../wire/jute-reader.ts";

/** What the input asks of its connection. */
export interface InputHost {
  /** Takes a frame, which is borrowed. */
  frame(reader: JuteReader): void;
  /** No frame comes after this. */
  badFrame(fault: FrameFault): void;
  /** What becomes of the next frame: it is taken, or it waits for `resume`, or nobody wants it any more. */
  appetite(): "hungry" | "full" | "done";
}

/**
 * What a client sends, from the socket's chunks to frames. What there is no room for waits, in the splitter as far as it
 * came already, and else in the socket: in the end it is the client that waits.
 */
export class ConnectionInput {
  readonly #socket: Socket;
  readonly #host: InputHost;
  readonly #splitter: FrameSplitter;
  readonly #reader = new JuteReader();
  #isPaused = false;

  constructor(socket: Socket, host: InputHost, options: { readonly frameBytesMax: number }) {
    this.#socket = socket;
    this.#host = host;
    this.#splitter = new FrameSplitter(options);
  }

  /** Nothing is read until `resume`. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Gives out the frames that are complete with these bytes. */
  push(bytes: Buffer): void {
    this.#splitter.push(bytes);
    this.#work();
  }

  /** There is room for more, perhaps. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
    this.#work();
  }

  #work(): void {
    while (!this.#isPaused) {
      const appetite = this.#host.appetite();
      if (appetite === "done") return;
      if (appetite === "full") this.#pause();
      else if (this.#splitter.next(this.#reader)) this.#host.frame(this.#reader);
      else {
        const { fault } = this.#splitter;
        if (fault !== null) this.#host.badFrame(fault);
        return;
      }
    }
  }

  #pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }
}

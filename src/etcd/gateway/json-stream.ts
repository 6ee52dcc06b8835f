import type { IncomingMessage, ServerResponse } from "node:http";
import type { RequestSink } from "../rpc/handler.ts";
import { grpcCode, RpcError, type Status } from "../rpc/status.ts";
import type { MessageName } from "../wire/descriptors.ts";
import { toJson } from "../wire/json.ts";
import type { GatewayCall } from "./gateway-call.ts";
import { errorJson, httpStatusOf } from "./http-status.ts";
import { gatewayHeaders } from "./json-reply.ts";
import { JsonSplitter } from "./json-splitter.ts";

/** Bytes that may wait in one response before its writer is told that the client does not keep up. */
const WAITING_BYTES_MAX = 256 * 1024;

/** A client that was told the end of its stream has so long to close its side. */
const HANG_UP_MS = 1000;

/**
 * The body of a streamed response, one line per message, and the body of a streamed request, one object per message.
 *
 * An error before the first line is answered like a unary call's, with an HTTP status; later it is the last line.
 */
export class JsonStream {
  readonly #call: GatewayCall;
  readonly #responseType: MessageName;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #requests: RequestSink<string> | null = null;
  #splitter: JsonSplitter | null = null;
  #isCongested = false;
  #isSated = false;
  #hasAllRequests = false;
  #hasHalfClosed = false;
  #whenDrained: (() => void) | null = null;

  constructor(call: GatewayCall, responseType: MessageName, request: IncomingMessage, response: ServerResponse) {
    this.#call = call;
    this.#responseType = responseType;
    this.#request = request;
    this.#response = response;
    call.onAbort((status) => this.#close(status));
    response.on("drain", () => this.#drain());
  }

  /** False: the client does not keep up. */
  write(message: object): boolean {
    if (this.#call.hasEnded) return true;
    if (!this.#response.headersSent) this.#response.writeHead(200, gatewayHeaders);
    this.#response.write(`{"result":${toJson(this.#responseType, message, { escapeHtml: true })}}\n`);
    if (this.#response.writableLength < WAITING_BYTES_MAX) return true;
    this.#isCongested = true;
    this.#request.pause();
    return false;
  }

  /** Resolves when the client has caught up, or when the call has ended. */
  drained(): Promise<void> {
    return new Promise((resolve) => (this.#whenDrained = resolve));
  }

  end(): void {
    if (this.#call.settle(grpcCode.ok)) this.#close(null);
  }

  fail(error: unknown): void {
    const status = this.#call.settleFailure(error);
    if (status !== null) this.#close(status);
  }

  /** Hands on each object of the request's body as it comes. What the sink throws ends the call. */
  readInto(requests: RequestSink<string>, objectBytesMax: number): void {
    this.#requests = requests;
    this.#splitter = new JsonSplitter(objectBytesMax);
    this.#request.on("data", (chunk: Buffer) => {
      this.#splitter!.push(chunk);
      this.#takeObjects();
    });
    this.#request.on("end", () => {
      this.#hasHalfClosed = true;
      this.#takeObjects();
    });
  }

  wantRequests(): void {
    this.#isSated = false;
    this.#resume();
  }

  get #isOpen(): boolean {
    return !this.#call.hasEnded && !this.#isCongested && !this.#isSated;
  }

  #takeObjects(): void {
    try {
      while (this.#isOpen && !this.#hasAllRequests) {
        const text = this.#splitter!.take();
        if (text === null) break;
        this.#handOn(text);
      }
      if (!this.#hasHalfClosed || !this.#isOpen || this.#hasAllRequests) return;
      this.#hasAllRequests = true;
      const rest = this.#splitter!.rest();
      if (rest !== "") this.#handOn(rest);
      if (!this.#call.hasEnded) this.#requests!.halfClose();
    } catch (error) {
      this.fail(error instanceof RangeError ? new RpcError(grpcCode.resourceExhausted, error.message) : error);
    }
  }

  #handOn(text: string): void {
    if (this.#requests!.message(text)) return;
    this.#isSated = true;
    this.#request.pause();
  }

  #drain(): void {
    if (!this.#isCongested) return;
    this.#isCongested = false;
    if (!this.#call.hasEnded) this.#requests?.drained();
    this.#resume();
    this.#wake();
  }

  #resume(): void {
    if (this.#isOpen && this.#splitter !== null) this.#takeObjects();
    if (this.#isOpen) this.#request.resume();
  }

  #wake(): void {
    const wake = this.#whenDrained;
    this.#whenDrained = null;
    wake?.();
  }

  #hangUp(): void {
    const { socket } = this.#request;
    socket.end();
    const timer = setTimeout(() => socket.destroy(), HANG_UP_MS).unref();
    socket.once("close", () => clearTimeout(timer));
  }

  /** The call has ended, with an error or without. */
  #close(status: Status | null): void {
    if (status !== null && !this.#response.headersSent) {
      this.#response.writeHead(httpStatusOf(status.code), { "content-type": gatewayHeaders["content-type"] });
      this.#response.end(errorJson(status));
    } else {
      if (!this.#response.headersSent) this.#response.writeHead(200, gatewayHeaders);
      this.#response.end(status === null ? "" : `{"error":${errorJson(status)}}\n`);
    }
    // Nobody reads what the client still sends, and the connection is of no further use.
    this.#request.resume();
    if (!this.#request.complete) this.#response.once("finish", () => this.#hangUp());
    this.#requests?.close();
    this.#wake();
  }
}

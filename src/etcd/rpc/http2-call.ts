import http2 from "node:http2";
import { CarriedCall, canceledByClient, deadlineExceeded } from "./call.ts";
import type { Connection } from "./http2-carrier.ts";
import {
  type BidiEndpoint,
  type Endpoint,
  isServerStream,
  isUnary,
  type Rpc,
  type ServerStreamEndpoint,
  type UnaryEndpoint,
} from "./endpoint.ts";
import { FrameReader, frameOf, refusalOfEncoding } from "./frame.ts";
import { parseGrpcTimeout, startDeadline } from "./grpc-timeout.ts";
import type { RequestSink, ResponseSink } from "./handler.ts";
import { grpcCode, RpcError, type Status, statusOf } from "./status.ts";

const { NGHTTP2_NO_ERROR } = http2.constants;

const CONTENT_TYPE = "application/grpc";
const responseHeaders = { ":status": 200, "content-type": CONTENT_TYPE };
// gRPC clients look at no date. (Node's types do not know the option.)
const responseOptions = { waitForTrailers: true, sendDate: false } as http2.ServerStreamResponseOptions;
const okTrailers = { "grpc-status": "0", "grpc-message": "" };

/** Bytes that may wait in one stream before its writer is told that the client does not keep up. */
const WAITING_BYTES_MAX = 256 * 1024;

/** How etcd's metrics call its streams. */
const streamNames: Readonly<Record<string, string>> = {
  "/etcdserverpb.Watch/Watch": "watch",
  "/etcdserverpb.Lease/LeaseKeepAlive": "lease-keepalive",
};

interface CallParts {
  readonly stream: http2.ServerHttp2Stream;
  readonly headers: http2.IncomingHttpHeaders;
  readonly rpc: Rpc;
  readonly connection: Connection;
  readonly messageBytesMax: number;
}

/**
 * One HTTP/2 stream that carries one call.
 *
 *   open --> request message(s) --> response message(s) --> trailers
 *
 * Whatever happens, the call ends once: with the handler's answer, a refusal, its deadline, the client's cancel, or the
 * connection. After that nothing is written.
 */
export class Http2Call extends CarriedCall {
  /** Refuses the stream, or starts a call on it. */
  static start(parts: CallParts): void {
    const { stream, headers, rpc } = parts;
    const contentType = headers["content-type"] ?? "";
    if (!isGrpc(contentType)) {
      const details = `invalid gRPC request content-type ${JSON.stringify(contentType)}`;
      refuse(stream, 415, { code: grpcCode.invalidArgument, details });
      return;
    }
    const method = headers[":method"] ?? "";
    if (method !== "POST") {
      const details = `Received a HEADERS frame with :method ${JSON.stringify(method)} which should be POST`;
      refuse(stream, 405, { code: grpcCode.internal, details });
      return;
    }
    const timeoutText = headers["grpc-timeout"];
    const timeoutMs = typeof timeoutText === "string" ? parseGrpcTimeout(timeoutText) : Number.POSITIVE_INFINITY;
    if (timeoutMs === null) {
      const details = `malformed grpc-timeout: ${JSON.stringify(timeoutText)}`;
      refuse(stream, 400, { code: grpcCode.internal, details });
      return;
    }
    const path = headers[":path"] ?? "";
    const endpoint = rpc.find(path);
    if (endpoint === undefined) {
      refuse(stream, 200, { code: grpcCode.unimplemented, details: textForUnknown(path, rpc) });
      return;
    }
    new Http2Call(parts, endpoint, timeoutMs);
  }

  readonly #stream: http2.ServerHttp2Stream;
  readonly #headers: http2.IncomingHttpHeaders;
  readonly #rpc: Rpc;
  readonly #connection: Connection;
  readonly #endpoint: Endpoint;
  readonly #reader: FrameReader;
  readonly #deadline: NodeJS.Timeout | null;
  readonly #startedAtMs = performance.now();
  #hasEnded = false;
  /** No request will come any more: the only one is there, or the client has half-closed. */
  #hasAllRequests = false;
  #hasSentHeaders = false;
  /** The client does not read, or the handler wants no more requests: the stream is not read. */
  #isCongested = false;
  #isSated = false;
  #hasHalfClosed = false;
  #requests: RequestSink<unknown> | null = null;
  #whenDrained: (() => void) | null = null;

  private constructor(parts: CallParts, endpoint: Endpoint, timeoutMs: number) {
    super();
    this.#stream = parts.stream;
    this.#headers = parts.headers;
    this.#rpc = parts.rpc;
    this.#connection = parts.connection;
    this.#endpoint = endpoint;
    this.#reader = new FrameReader(parts.messageBytesMax, this.metadata("grpc-encoding"));
    this.#deadline = Number.isFinite(timeoutMs) ? startDeadline(timeoutMs, () => this.abort(deadlineExceeded())) : null;
    endpoint.stats.started++;
    this.#connection.add(this);

    this.#stream.on("close", () => this.#closed());
    this.#stream.on("data", (chunk: Buffer) => this.#read(chunk));
    this.#stream.on("end", () => this.#halfClose());
    this.#stream.on("drain", () => this.#drain());
    const refusal = refusalOfEncoding(this.metadata("grpc-encoding"));
    if (refusal !== null) this.#fail(refusal);
    else if (!isUnary(endpoint)) this.#openStream(endpoint as ServerStreamEndpoint | BidiEndpoint);
  }

  get isUnary(): boolean {
    return this.#endpoint.handler.kind === "unary";
  }

  get peer(): string {
    return this.#connection.peer;
  }

  metadata(name: string): string | undefined {
    const value = this.#headers[name];
    return typeof value === "string" ? value : value?.[0];
  }

  abort(reason: RpcError): void {
    this.#end(reason.status, reason);
  }

  /** Every stream closes, most of them after their answer: an error is made, with its stack, only for the others. */
  #closed(): void {
    if (!this.#hasEnded) this.#end(null, canceledByClient());
  }

  // --- What comes in.

  #read(chunk: Buffer): void {
    if (this.#hasEnded || this.#hasAllRequests) return;
    this.#reader.push(chunk);
    this.#takeMessages();
  }

  #takeMessages(): void {
    while (this.#isOpen && !this.#hasAllRequests) {
      let request: unknown;
      try {
        const bytes = this.#reader.take();
        if (bytes === null) break;
        this.#rpc.stats.receivedBytes += bytes.length;
        request = this.#decode(bytes);
      } catch (error) {
        this.#countBrokenStream();
        this.#fail(error);
        return;
      }
      this.#endpoint.stats.messagesReceived++;
      this.#handle(request);
    }
    if (this.#hasHalfClosed && this.#isOpen) this.#finishRequests();
  }

  /** etcd counts these for its two bidirectional streams. */
  #countBrokenStream(): void {
    const api = streamNames[this.#endpoint.path];
    if (api !== undefined) this.#rpc.stats.countStreamFailure("receive", api);
  }

  #decode(bytes: Buffer): unknown {
    try {
      return this.#endpoint.decodeRequest(bytes);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const what = this.isUnary ? "error unmarshalling request" : "failed to unmarshal the received message";
      throw new RpcError(grpcCode.internal, `grpc: ${what}: ${reason}`, { cause: error });
    }
  }

  #handle(request: unknown): void {
    if (isUnary(this.#endpoint)) {
      this.#hasAllRequests = true;
      this.#answer(this.#endpoint, request);
    } else if (isServerStream(this.#endpoint)) {
      this.#hasAllRequests = true;
      void this.#pump(this.#endpoint, request);
    } else if (this.#requests?.message(request) === false) {
      this.#isSated = true;
      this.#pause();
    }
  }

  #halfClose(): void {
    this.#hasHalfClosed = true;
    if (this.#isOpen) this.#finishRequests();
  }

  /** The client has said all that it will say. */
  #finishRequests(): void {
    if (this.#hasAllRequests) return;
    this.#hasAllRequests = true;
    if (!this.#reader.isEmpty) {
      this.#fail(new RpcError(grpcCode.internal, "unexpected EOF"));
      return;
    }
    if (this.#requests !== null) this.#requests.halfClose();
    else this.#fail(new RpcError(grpcCode.internal, "the request message is missing"));
  }

  #pause(): void {
    if (!this.#hasEnded) this.#stream.pause();
  }

  /** What was read before the pause comes first, and may be enough for another one. */
  #resume(): void {
    if (this.#isOpen) this.#takeMessages();
    if (this.#isOpen) this.#stream.resume();
  }

  /** The client is listened to. */
  get #isOpen(): boolean {
    return !this.#hasEnded && !this.#isCongested && !this.#isSated;
  }

  // --- The three kinds of calls.

  #answer(endpoint: UnaryEndpoint, request: unknown): void {
    try {
      this.#rpc.admitUnary(endpoint, request, this);
      endpoint.handler.handle(request, this).then(
        (response) => this.#finish(response),
        (error: unknown) => this.#fail(error),
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  #openStream(endpoint: ServerStreamEndpoint | BidiEndpoint): void {
    try {
      this.#rpc.admitStream(endpoint, this);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (isServerStream(endpoint)) return;
    const responses: ResponseSink<unknown> = {
      write: (response) => this.#write(response),
      end: (error) => (error === undefined ? this.#succeed() : this.#fail(error)),
      wantRequests: () => {
        this.#isSated = false;
        this.#resume();
      },
    };
    this.#requests = endpoint.handler.open(responses, this);
  }

  async #pump(endpoint: ServerStreamEndpoint, request: unknown): Promise<void> {
    try {
      for await (const response of endpoint.handler.handle(request, this)) {
        // A call that ends wakes the wait, and then nothing is written.
        if (!this.#write(response)) await new Promise<void>((resolve) => (this.#whenDrained = resolve));
        if (this.#hasEnded) return;
      }
      this.#succeed();
    } catch (error) {
      this.#fail(error);
    }
  }

  // --- What goes out.

  /** False: the client does not keep up. */
  #write(response: unknown): boolean {
    if (this.#hasEnded) return true;
    const message = this.#endpoint.encodeResponse(response);
    this.#sendHeaders();
    this.#countSent(message);
    this.#stream.write(frameOf(message));
    if (this.#stream.writableLength < WAITING_BYTES_MAX) return true;
    this.#isCongested = true;
    // Requests make responses: who does not read those is not read either.
    this.#pause();
    return false;
  }

  #drain(): void {
    if (!this.#isCongested) return;
    this.#isCongested = false;
    if (!this.#hasEnded) this.#requests?.drained();
    this.#resume();
    this.#wakePump();
  }

  #wakePump(): void {
    const wake = this.#whenDrained;
    this.#whenDrained = null;
    wake?.();
  }

  /** The answer of a unary call. */
  #finish(response: unknown): void {
    if (this.#hasEnded) return;
    let message: Uint8Array;
    try {
      message = this.#endpoint.encodeResponse(response);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#sendHeaders();
    this.#countSent(message);
    this.#release(grpcCode.ok);
    this.#stream.once("wantTrailers", () => this.#stream.sendTrailers(okTrailers));
    this.#stream.end(frameOf(message));
  }

  #succeed(): void {
    this.#end({ code: grpcCode.ok, details: "" }, null);
  }

  #fail(error: unknown): void {
    const status = statusOf(error);
    this.#end(status, error instanceof RpcError ? error : new RpcError(status.code, status.details));
  }

  #sendHeaders(): void {
    if (this.#hasSentHeaders) return;
    this.#hasSentHeaders = true;
    this.#stream.respond(responseHeaders, responseOptions);
  }

  #countSent(message: Uint8Array): void {
    this.#connection.sends();
    this.#rpc.stats.sentBytes += message.length;
    this.#endpoint.stats.messagesSent++;
  }

  // --- The end.

  /** Null status: there is nobody to tell. `reason`: what the handler's signal says. */
  #end(status: Status | null, reason: RpcError | null): void {
    if (this.#hasEnded) return;
    this.#release(status?.code ?? grpcCode.canceled);
    if (status !== null && !this.#stream.destroyed) this.#sendStatus(status);
    if (reason !== null) this.abandon(reason);
    this.#requests?.close();
    this.#wakePump();
  }

  #release(code: number): void {
    this.#hasEnded = true;
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#connection.remove(this);
    this.#rpc.ended(this.#endpoint, this, code, this.#startedAtMs);
  }

  #sendStatus(status: Status): void {
    this.#connection.sends();
    if (!this.#hasSentHeaders) {
      refuse(this.#stream, 200, status);
      return;
    }
    this.#stream.once("wantTrailers", () => {
      this.#stream.sendTrailers(trailersOf(status));
      letGo(this.#stream);
    });
    this.#stream.end();
    // A client that reads nothing is not waited for: its status waits with its data, and both end with the connection.
    this.#stream.resume();
  }
}

function trailersOf({ code, details }: Status): http2.OutgoingHttpHeaders {
  return { "grpc-status": String(code), "grpc-message": percentEncoded(details) };
}

/** An answer that is headers only. */
function refuse(stream: http2.ServerHttp2Stream, httpStatus: number, status: Status): void {
  if (stream.destroyed || stream.closed) return;
  const headers = { ":status": httpStatus, "content-type": CONTENT_TYPE, ...trailersOf(status) };
  stream.respond(headers, { endStream: true, sendDate: false } as http2.ServerStreamResponseOptions);
  letGo(stream);
}

/** The answer is complete, so what the client still sends is not wanted: RST_STREAM with NO_ERROR, as grpc-go does. */
function letGo(stream: http2.ServerHttp2Stream): void {
  stream.resume();
  if (!stream.readableEnded) setImmediate(() => stream.close(NGHTTP2_NO_ERROR));
}

function isGrpc(contentType: string): boolean {
  if (contentType === CONTENT_TYPE) return true;
  return contentType.startsWith(CONTENT_TYPE) && /^[+;]/.test(contentType.slice(CONTENT_TYPE.length));
}

/** grpc-go's words. */
function textForUnknown(path: string, rpc: Rpc): string {
  const slash = path.lastIndexOf("/");
  if (!path.startsWith("/") || slash <= 0) return `malformed method name: ${JSON.stringify(path)}`;
  const service = path.slice(1, slash);
  if (rpc.hasService(service)) return `unknown method ${path.slice(slash + 1)} for service ${service}`;
  return `unknown service ${service}`;
}

/** gRPC's encoding of a status text: bytes outside printable ASCII, and the percent sign itself, as %XX. */
function percentEncoded(text: string): string {
  if (/^[ -$&-~]*$/.test(text)) return text;
  let encoded = "";
  for (const byte of Buffer.from(text)) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}

/**
 * gRPC over HTTP/2, on node:http2. One {@link Connection} per socket: its pings, its open calls, its end.
 *
 *   socket --> Http2Carrier.accept --> openConnection --> Connection --> Http2Call per stream --> Rpc's handlers
 */
import http2 from "node:http2";
import type { Duplex } from "node:stream";
import type { Logger } from "../base/logger.ts";
import { openConnection } from "./connection-opening.ts";
import { Http2Call } from "./http2-call.ts";
import type { Rpc } from "./endpoint.ts";
import { PingPolicy } from "./ping-policy.ts";
import { etcdStatus, RpcError } from "./status.ts";

export interface CarrierOptions {
  /** A longer request message is refused. */
  readonly messageBytesMax: number;
  /** Per connection; told to clients in SETTINGS. */
  readonly concurrentStreamsMax: number;
  /** A client that pings more often is sent away. */
  readonly pingMinMs: number;
  /** After how much silence the server pings, and how long it waits for the answer. */
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
  /** A connection whose HTTP/2 handshake takes longer is closed. */
  readonly handshakeTimeoutMs: number;
}

/** What moves calls between sockets and handlers. */
export interface Carrier {
  /** Takes a socket on which nothing was read, or whose first bytes were put back. */
  accept(socket: Duplex): void;
  /** Takes no more calls, ends open streams, lets unary calls finish for so long, then closes every connection. */
  close(graceMs: number): Promise<void>;
}

/** How much of a request may be on its way unread, per stream and per connection. */
const STREAM_WINDOW_BYTES = 256 * 1024;
const CONNECTION_WINDOW_BYTES = 1024 * 1024;

/** More than the server sends of its own accord between two pings: acknowledgements and window updates. */
const HOUSEKEEPING_BYTES_MAX = 1024;

const { NGHTTP2_ENHANCE_YOUR_CALM } = http2.constants;

export class Http2Carrier implements Carrier {
  readonly #rpc: Rpc;
  readonly #options: CarrierOptions;
  readonly #logger: Logger;
  readonly #server: http2.Http2Server;
  readonly #connections = new Map<http2.Http2Session, Connection>();
  /** Those that have not asked anything. */
  readonly #opening = new Set<Duplex>();
  #isClosing = false;

  constructor(options: CarrierOptions, parts: { rpc: Rpc; logger: Logger }) {
    this.#options = options;
    this.#rpc = parts.rpc;
    this.#logger = parts.logger;
    this.#server = http2.createServer({
      // Node counts what waits on all streams here and would refuse streams: one slow watcher must not. What waits is
      // bounded stream by stream.
      maxSessionMemory: Number.MAX_SAFE_INTEGER,
      settings: { maxConcurrentStreams: options.concurrentStreamsMax, initialWindowSize: STREAM_WINDOW_BYTES },
    });
    this.#server.on("session", (session) => this.#open(session));
    this.#server.on("stream", (stream, headers) => this.#call(stream, headers));
    // Broken connections end their calls; there is no more to do about them.
    this.#server.on("sessionError", (error) => this.#logger.debug("connection failed", { error: String(error) }));
  }

  accept(socket: Duplex): void {
    this.#opening.add(socket);
    const forget = (): boolean => this.#opening.delete(socket);
    socket.once("close", forget);
    const { concurrentStreamsMax, handshakeTimeoutMs } = this.#options;
    openConnection(socket, { concurrentStreamsMax, timeoutMs: handshakeTimeoutMs }, () => {
      forget();
      socket.off("close", forget);
      this.#server.emit("connection", socket);
    });
  }

  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    for (const socket of this.#opening) socket.destroy();
    const connections = [...this.#connections.values()];
    const closed = Promise.all(connections.map((connection) => connection.drain()));
    const timer = setTimeout(() => {
      for (const connection of connections) connection.destroy();
    }, graceMs);
    await closed;
    clearTimeout(timer);
  }

  #open(session: http2.ServerHttp2Session): void {
    if (this.#isClosing) {
      session.destroy();
      return;
    }
    const connection = new Connection(session, this.#options);
    this.#connections.set(session, connection);
    session.once("close", () => this.#connections.delete(session));
  }

  #call(stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders): void {
    // A stream that breaks emits `error` before `close`. Its call ends with `close`.
    stream.on("error", () => undefined);
    const connection = stream.session && this.#connections.get(stream.session);
    if (!connection) {
      stream.close();
      return;
    }
    Http2Call.start({ stream, headers, rpc: this.#rpc, connection, messageBytesMax: this.#options.messageBytesMax });
  }
}

/** One client's connection. */
export class Connection {
  readonly peer: string;
  readonly #session: http2.ServerHttp2Session;
  readonly #options: CarrierOptions;
  readonly #calls = new Set<Http2Call>();
  readonly #pings: PingPolicy;
  #pingTimer: NodeJS.Timeout | null = null;
  #bytesSeen = 0;
  #bytesSentAtPing = 0;

  constructor(session: http2.ServerHttp2Session, options: CarrierOptions) {
    this.#session = session;
    this.#options = options;
    this.#pings = new PingPolicy(options.pingMinMs);
    const { remoteAddress = "unknown", remotePort } = session.socket;
    this.peer = remotePort === undefined ? remoteAddress : `${remoteAddress}:${remotePort}`;

    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    session.on("error", () => undefined);
    session.on("ping", () => this.#judgePing());
    const handshake = setTimeout(() => session.destroy(), options.handshakeTimeoutMs).unref();
    session.once("remoteSettings", () => clearTimeout(handshake));
    session.once("close", () => {
      clearTimeout(handshake);
      if (this.#pingTimer !== null) clearTimeout(this.#pingTimer);
    });
    this.#schedulePing();
  }

  add(call: Http2Call): void {
    this.#calls.add(call);
  }

  remove(call: Http2Call): void {
    this.#calls.delete(call);
  }

  /** The server sends something to this client. */
  sends(): void {
    this.#pings.forgive();
  }

  /** Says goodbye, ends the streams, waits for the unary calls. Resolves when the connection is gone. */
  drain(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#session.destroyed) {
        resolve();
        return;
      }
      this.#session.once("close", () => resolve());
      const { code, details } = etcdStatus.stopped;
      for (const call of [...this.#calls]) if (!call.isUnary) call.abort(new RpcError(code, details));
      this.#session.close();
    });
  }

  destroy(): void {
    this.#session.destroy();
  }

  #judgePing(): void {
    if (this.#session.destroyed) return;
    // A long message leaves in many frames, well after it was handed over, and gRPC clients measure the connection with
    // a ping per round trip meanwhile.
    const { bytesWritten } = this.#session.socket;
    if (bytesWritten - this.#bytesSentAtPing > HOUSEKEEPING_BYTES_MAX) this.#pings.forgive();
    this.#bytesSentAtPing = bytesWritten;
    if (this.#pings.allowsPing(performance.now(), this.#calls.size)) return;
    this.#session.goaway(NGHTTP2_ENHANCE_YOUR_CALM, undefined, Buffer.from("too_many_pings"));
    // The frame leaves when this turn of the loop is over.
    setImmediate(() => this.#session.destroy());
  }

  #schedulePing(): void {
    this.#pingTimer = setTimeout(() => this.#pingIfSilent(), this.#options.pingIntervalMs).unref();
  }

  #pingIfSilent(): void {
    // A session is destroyed a while before it says that it is closed, and has no socket then.
    if (this.#session.destroyed) return;
    const { bytesRead } = this.#session.socket;
    const isSilent = bytesRead === this.#bytesSeen;
    this.#bytesSeen = bytesRead;
    if (!isSilent) {
      this.#schedulePing();
      return;
    }
    this.#pingTimer = setTimeout(() => this.#session.destroy(), this.#options.pingTimeoutMs).unref();
    this.#session.ping((error) => {
      if (error !== null || this.#session.destroyed) return;
      if (this.#pingTimer !== null) clearTimeout(this.#pingTimer);
      this.#bytesSeen = this.#session.socket.bytesRead;
      this.#schedulePing();
    });
  }
}

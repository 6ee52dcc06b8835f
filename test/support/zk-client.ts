import { connect as connectSocket, type Socket } from "node:net";

import { JuteIn } from "./zk-jute.ts";
import {
  type ConnectFields,
  type ConnectReply,
  decodeConnectReply,
  decodeEvent,
  decodeReplyBody,
  encodeConnectRequest,
  encodeRequestBody,
  operations,
  type OpName,
  type ReplyBodies,
  type RequestFields,
  type WatchEvent,
} from "./zk-records.ts";

export interface Address {
  readonly port: number;
  readonly host?: string;
}

export interface ClientOptions {
  /** Keep `events` and `arrivals`; true when left out. Load tools that run for long say false. */
  readonly keepLog?: boolean;
  /** Called for each event as it arrives, before any later reply is looked at. */
  readonly onEvent?: (event: WatchEvent) => void;
  /** Called for all that arrives, in its order: promises of replies settle later, when more may have come already. */
  readonly onArrival?: (arrival: Arrival) => void;
  /** Send a ping this often; not at all when left out. */
  readonly pingEveryMs?: number;
  /** A reply that takes longer breaks the connection; 30 seconds when left out. */
  readonly replyWithinMs?: number;
}

export interface Reply<Body> {
  readonly xid: number;
  readonly zxid: number;
  readonly err: number;
  /** Null when err is not 0. */
  readonly body: Body | null;
  /** What stood behind the header, as it came: also there when err is not 0. */
  readonly raw: Buffer;
}

/** What came in, in the order in which it came: the handshake is not in it. */
export type Arrival =
  | { readonly kind: "event"; readonly event: WatchEvent }
  | {
      readonly kind: "reply";
      readonly opCode: number;
      readonly xid: number;
      readonly zxid: number;
      readonly err: number;
    };

/** The connection ended, by either side, while something was awaited. */
export class ConnectionEnded extends Error {
  override readonly name = "ConnectionEnded";
}

/** Thrown by `ok` alone: the request was answered, with a code other than 0. */
export class ZkFailure extends Error {
  override readonly name = "ZkFailure";
  readonly err: number;
  constructor(op: string, err: number) {
    super(`${op} was answered with ${err}`);
    this.err = err;
  }
}

interface Pending {
  readonly xid: number;
  readonly opCode: number;
  readonly sinceMs: number;
  readonly resolve: (reply: Reply<null>) => void;
  readonly reject: (error: Error) => void;
}

const eventXid = -1;
const pingXid = -2;
const authXid = -4;
const loopback = "127.0.0.1";
/** The server answers these at once, so their replies may overtake others. */
const overtaking: readonly number[] = [operations.auth.opCode, operations.sasl.opCode];

/**
 * A ZooKeeper client that adds nothing: one connection, every request and malformed ones too, every field of every reply,
 * all events. It never reconnects and never pings unless told to. For tests and load tools, against any ZooKeeper server.
 *
 * ```ts
 * const client = await ZkClient.connect({ port, timeoutMs: 10_000 });
 * const { path } = await client.ok("create", { path: "/a", data: "x", flags: 2 }); // throws ZkFailure on an error code
 * const reply = await client.call("getData", { path: "/a", watch: true });          // { xid, zxid, err, body, raw }
 * await client.ok("multi", { members: [{ op: "check", path: "/a" }, { op: "delete", path: "/a" }] });
 * const bad = await client.request(1, Buffer.of(0xff));                             // any opcode, any body
 * const event = await client.nextEvent();                                           // { type, state, path, zxid }
 * client.drop();                                                                    // TCP only: the session lives on
 * const again = await client.reattach({ port: other });                             // same session, last zxid seen
 * await again.close();                                                              // closeSession, then waits for the end
 * ```
 *
 * Requests are pipelined: calls that are not awaited one by one leave in one segment. To send them right behind the
 * connect request, or to see refusals, use `open` and `handshake`, which resolves to null when the server closed without
 * a word. What arrives is checked: replies must come in the order of the requests (auth and sasl excepted) and have not
 * a byte too much or too little. A server that breaks this breaks the connection, and all that is awaited is rejected
 * with the reason.
 */
export class ZkClient {
  /** All events so far. */
  readonly events: WatchEvent[] = [];
  /** All replies and events so far, to see which came before which. */
  readonly arrivals: Arrival[] = [];
  /** Resolves when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>;
  /** The answer to the handshake, when there was one. */
  connection: ConnectReply | null = null;
  /** The zxid of the last ordinary reply, as clients keep it for a reattach. */
  lastZxidSeen = 0;

  readonly #socket: Socket;
  readonly #options: ClientOptions;
  readonly #replyWithinMs: number;
  readonly #timers: NodeJS.Timeout[] = [];
  #pending: Pending[] = [];
  #pendingFrom = 0;
  #nextXid = 1;
  #chunks: Buffer[] = [];
  #chunkBytes = 0;
  #handshake: { resolve: (reply: ConnectReply | null) => void; reject: (error: Error) => void } | null = null;
  #eventsTaken = 0;
  #eventWaiters: (() => void)[] = [];
  #end: Error | null = null;
  #isCorked = false;

  /** Takes over a connected socket, plain or TLS. */
  constructor(socket: Socket, options: ClientOptions = {}) {
    this.#socket = socket;
    this.#options = options;
    this.#replyWithinMs = options.replyWithinMs ?? 30_000;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("error", (error) => (this.#end ??= new ConnectionEnded(error.message, { cause: error })));
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        this.#finish();
        resolve();
      });
    });
    this.#timers.push(setInterval(() => this.#checkDeadline(), Math.max(10, this.#replyWithinMs / 10)));
    if (options.pingEveryMs !== undefined) {
      this.#timers.push(setInterval(() => void this.call("ping", {}), options.pingEveryMs));
    }
    for (const timer of this.#timers) timer.unref();
  }

  /** A TCP connection on which nothing was said yet. */
  static async open(address: Address, options: ClientOptions = {}): Promise<ZkClient> {
    const socket = connectSocket({ port: address.port, host: address.host ?? loopback });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return new ZkClient(socket, options);
  }

  /** A connection with a session, new or taken up again. Throws when the session is expired or the connection refused. */
  static async connect(options: Address & ConnectFields & ClientOptions): Promise<ZkClient> {
    const client = await ZkClient.open(options, options);
    const reply = await client.handshake(options);
    if (reply === null) throw new ConnectionEnded("closed in place of a connect response");
    if (reply.timeoutMs > 0) return client;
    client.drop();
    throw new ConnectionEnded("the session is expired");
  }

  /** Negotiated; throws before the handshake is answered. */
  get timeoutMs(): number {
    return this.#established().timeoutMs;
  }

  get sessionId(): bigint {
    return this.#established().sessionId;
  }

  get password(): Buffer {
    return this.#established().password;
  }

  get isClosed(): boolean {
    return this.#end !== null;
  }

  /** As `closed`, but rejects when the server said something before that nobody had asked for. */
  async closedInSilence(): Promise<void> {
    await this.closed;
    if (!(this.#end instanceof ConnectionEnded)) throw this.#end!;
  }

  /** How many requests wait for their reply. */
  get outstanding(): number {
    return this.#pending.length - this.#pendingFrom;
  }

  /** Sends a connect request. Null: the server closed without a word. An expired session is a reply with timeout 0. */
  handshake(fields: ConnectFields = {}): Promise<ConnectReply | null> {
    return new Promise((resolve, reject) => {
      this.#handshake = { resolve, reject };
      this.writeFrame(encodeConnectRequest(fields));
    });
  }

  /** One request. Resolves for every reply, whatever its code; rejects when the connection ends before it. */
  call<Op extends OpName>(
    op: Op,
    fields: RequestFields[Op],
    options: { readonly xid?: number } = {},
  ): Promise<Reply<ReplyBodies[Op]>> {
    const reply = this.#call(op, fields, options);
    // Whoever awaits the reply sees the rejection; who does not care for it need not handle it.
    reply.catch(() => undefined);
    return reply;
  }

  /** One request that must succeed: its body, or a thrown ZkFailure. Unlike `call`, it must be awaited. */
  async ok<Op extends OpName>(op: Op, fields: RequestFields[Op]): Promise<ReplyBodies[Op]> {
    const { err, body } = await this.call(op, fields);
    if (body === null) throw new ZkFailure(op, err);
    return body;
  }

  /** One request of any opcode with any body; the reply's body is left as it came. */
  request(
    opCode: number,
    body: Uint8Array,
    { xid = this.#takeXid() }: { readonly xid?: number | undefined } = {},
  ): Promise<Reply<null>> {
    const replyXid = opCode === operations.ping.opCode ? pingXid : xid;
    const reply = new Promise<Reply<null>>((resolve, reject) => {
      if (this.#end !== null) reject(this.#end);
      else this.#pending.push({ xid: replyXid, opCode, sinceMs: performance.now(), resolve, reject });
    });
    reply.catch(() => undefined);
    const payload = Buffer.allocUnsafe(8 + body.length);
    payload.writeInt32BE(xid, 0);
    payload.writeInt32BE(opCode, 4);
    payload.set(body, 8);
    this.writeFrame(payload);
    return reply;
  }

  /** A payload behind its length. No reply is awaited. */
  writeFrame(payload: Uint8Array): void {
    const length = Buffer.allocUnsafe(4);
    length.writeInt32BE(payload.length);
    this.write(length);
    this.write(payload);
  }

  /** Bytes as they are: parts of frames, wrong lengths, anything. */
  write(bytes: Uint8Array): void {
    if (this.#end !== null) return;
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(bytes);
  }

  /** The next event that this method has not yet returned; throws when none comes in time. Needs the log. */
  async nextEvent(withinMs = 5000): Promise<WatchEvent> {
    const deadlineMs = performance.now() + withinMs;
    while (this.#eventsTaken >= this.events.length) {
      if (this.#end !== null) throw this.#end;
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) throw new Error(`no event within ${withinMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#eventWaiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    return this.events[this.#eventsTaken++]!;
  }

  /** The events that `nextEvent` would return without waiting. */
  takeEvents(): WatchEvent[] {
    const taken = this.events.slice(this.#eventsTaken);
    this.#eventsTaken = this.events.length;
    return taken;
  }

  /** Stops reading, so that the server's replies pile up; `resume` goes on. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** A new connection for the same session. */
  reattach(address: Address, options: ConnectFields & ClientOptions = {}): Promise<ZkClient> {
    const { sessionId, password, timeoutMs, lastZxidSeen } = this;
    return ZkClient.connect({ sessionId, password, timeoutMs, lastZxidSeen, ...options, ...address });
  }

  /** Says FIN and goes on reading, as shell tools do. */
  endWriting(): void {
    this.#socket.end();
  }

  /** Ends the connection and says nothing: the session lives on until it expires. */
  drop(): void {
    this.#end ??= new ConnectionEnded("dropped by the client");
    this.#socket.destroy();
  }

  /** Closes the session and waits for the server to close the connection. */
  async close(): Promise<void> {
    if (this.#end === null) await this.call("closeSession", {});
    await this.closed;
  }

  async #call<Op extends OpName>(
    op: Op,
    fields: RequestFields[Op],
    { xid = op === "auth" ? authXid : undefined }: { readonly xid?: number },
  ): Promise<Reply<ReplyBodies[Op]>> {
    const reply = await this.request(operations[op].opCode, encodeRequestBody(op, fields), { xid });
    if (reply.err !== 0) return { ...reply, body: null };
    try {
      return { ...reply, body: decodeReplyBody(op, reply.raw) };
    } catch (error) {
      throw this.#break(`the reply to ${op} is malformed: ${String(error)}: ${reply.raw.toString("hex")}`);
    }
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#chunkBytes += chunk.length;
    try {
      for (let frame = this.#takeFrame(); frame !== null; frame = this.#takeFrame()) {
        if (this.#handshake !== null) this.#receiveConnectReply(frame);
        else this.#receiveFrame(frame);
      }
    } catch (error) {
      this.#break(error instanceof Error ? error.message : String(error));
    }
  }

  /** The next whole frame without its length. Chunks are joined only once enough of them are there. */
  #takeFrame(): Buffer | null {
    if (this.#chunkBytes < 4) return null;
    if (this.#chunks[0]!.length < 4) this.#joinChunks();
    const length = this.#chunks[0]!.readInt32BE(0);
    if (length < 0) throw new Error(`a frame of length ${length}`);
    if (this.#chunkBytes < 4 + length) return null;
    if (this.#chunks[0]!.length < 4 + length) this.#joinChunks();
    const whole = this.#chunks[0]!;
    if (whole.length === 4 + length) this.#chunks.shift();
    else this.#chunks[0] = whole.subarray(4 + length);
    this.#chunkBytes -= 4 + length;
    return whole.subarray(4, 4 + length);
  }

  #joinChunks(): void {
    this.#chunks = [Buffer.concat(this.#chunks)];
  }

  #receiveConnectReply(frame: Buffer): void {
    this.connection = decodeConnectReply(frame);
    this.#handshake!.resolve(this.connection);
    this.#handshake = null;
  }

  #receiveFrame(frame: Buffer): void {
    const header = new JuteIn(frame);
    const xid = header.int();
    const zxid = header.long();
    const err = header.int();
    const raw = header.rest();
    if (xid === eventXid) {
      if (err !== 0) throw new Error(`an event with code ${err}`);
      this.#receiveEvent(decodeEvent(zxid, raw));
      return;
    }
    const pending = this.#takePending(xid);
    if (xid !== pingXid && xid !== authXid && zxid > 0) this.lastZxidSeen = zxid;
    this.#log({ kind: "reply", opCode: pending.opCode, xid, zxid, err });
    pending.resolve({ xid, zxid, err, body: null, raw });
  }

  #receiveEvent(event: WatchEvent): void {
    this.#log({ kind: "event", event });
    this.#options.onEvent?.(event);
    if (this.#options.keepLog === false) return;
    this.events.push(event);
    this.#wakeEventWaiters();
  }

  /** The request that a reply belongs to: the oldest one, unless it is of those that overtake. */
  #takePending(xid: number): Pending {
    const oldest = this.#pending[this.#pendingFrom];
    if (oldest?.xid === xid) {
      this.#pendingFrom += 1;
      if (this.#pendingFrom > 1000 || this.#pendingFrom === this.#pending.length) {
        this.#pending = this.#pending.slice(this.#pendingFrom);
        this.#pendingFrom = 0;
      }
      return oldest;
    }
    const index = this.#pending.findIndex((pending, at) => {
      return at >= this.#pendingFrom && pending.xid === xid && overtaking.includes(pending.opCode);
    });
    if (index === -1) throw new Error(`a reply with xid ${xid} where ${oldest?.xid ?? "none"} was due`);
    return this.#pending.splice(index, 1)[0]!;
  }

  #log(arrival: Arrival): void {
    this.#options.onArrival?.(arrival);
    if (this.#options.keepLog !== false) this.arrivals.push(arrival);
  }

  #takeXid(): number {
    const xid = this.#nextXid;
    this.#nextXid = xid === 0x7fff_fffe ? 1 : xid + 1;
    return xid;
  }

  #checkDeadline(): void {
    const oldest = this.#pending[this.#pendingFrom];
    if (oldest === undefined || performance.now() - oldest.sinceMs < this.#replyWithinMs) return;
    this.#break(`no reply to opcode ${oldest.opCode} (xid ${oldest.xid}) within ${this.#replyWithinMs} ms`);
  }

  /** Ends the connection since the server broke the protocol. */
  #break(reason: string): Error {
    this.#end ??= new Error(reason);
    this.#socket.destroy();
    return this.#end;
  }

  #finish(): void {
    const end = (this.#end ??= new ConnectionEnded("closed by the server"));
    for (const timer of this.#timers) clearInterval(timer);
    if (end instanceof ConnectionEnded) this.#handshake?.resolve(null);
    else this.#handshake?.reject(end);
    this.#handshake = null;
    for (const pending of this.#pending.slice(this.#pendingFrom)) pending.reject(end);
    this.#pending = [];
    this.#pendingFrom = 0;
    this.#wakeEventWaiters();
  }

  #wakeEventWaiters(): void {
    const waiters = this.#eventWaiters;
    this.#eventWaiters = [];
    for (const wake of waiters) wake();
  }

  #established(): ConnectReply {
    if (this.connection === null) throw new Error("there was no handshake");
    return this.connection;
  }
}

/**
 * Sends a four-letter word and returns all that comes back until the server closes.
 * With `halfClose`, our side is closed right behind the word, as `echo ruok | nc` does.
 */
export function fourLetterWord(
  { port, host = loopback }: Address,
  word: string,
  { halfClose = false }: { readonly halfClose?: boolean } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket({ port, host, allowHalfOpen: true });
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("end", () => socket.end());
    socket.once("error", reject);
    socket.once("close", () => resolve(Buffer.concat(chunks).toString()));
    if (halfClose) socket.end(word);
    else socket.write(word);
  });
}

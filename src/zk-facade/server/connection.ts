import type { Socket } from "node:net";
import { EtcdError, settlesWrite } from "../../etcd/errors.ts";
import { identitiesOfPeer } from "../acl/authentication.ts";
import { isPermitted } from "../acl/permission.ts";
import { hex } from "../session/session-id.ts";
import type { SessionHolder } from "../store/session.ts";
import type { FrameFault } from "../wire/frame-splitter.ts";
import type { JuteReader } from "../wire/jute-reader.ts";
import { type Acl, type EventType, type Identity, OpCode, Perms } from "../wire/messages.ts";
import type { ReplyWriter } from "../wire/replies.ts";
import { ClientRequests } from "./client-requests.ts";
import type { ConnectionHost } from "./connection-host.ts";
import { ConnectionInput, type InputHost } from "./connection-input.ts";
import { ConnectionOpening } from "./connection-opening.ts";
import { ConnectionOutput } from "./connection-output.ts";
import type { Watcher } from "./facade.ts";
import { type ClientSession, LocalSession } from "./local-sessions.ts";
import type { Fetch, QueueHost, Read, RequestFacts } from "./reply-line.ts";
import { RequestQueue } from "./request-queue.ts";
import { ConnectionStats } from "./server-stats.ts";

/** Of events that wait, since they cannot be held back where they come from. Above it the connection is closed. */
const EVENT_BYTES_MAX = 64 * 1024 * 1024;
/** The length of an event's frame around its path. */
const EVENT_BYTES = 32;

type State = "new" | "connecting" | "open" | "closing" | "closed";

/**
 * One client's TCP connection, from its first bytes to its end, and for how long there is room for what its frames ask.
 * How it opens is ConnectionOpening's matter, what a request means is ClientRequests' and Reads', and the order of replies
 * and events is the queue's.
 */
export class Connection implements Watcher, SessionHolder, QueueHost, InputHost {
  readonly stats: ConnectionStats;
  readonly output: ConnectionOutput;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly establishedMs: number;
  identities: readonly Identity[];
  readonly #host: ConnectionHost;
  readonly #socket: Socket;
  readonly #input: ConnectionInput;
  readonly #queue: RequestQueue;
  readonly #opening: ConnectionOpening;
  readonly #requests: ClientRequests;
  #state: State = "new";
  #session: ClientSession | null = null;
  #timeoutMs = 0;
  #endTimer: NodeJS.Timeout | undefined;
  /** Of its large requests that wait for their replies. */
  #largeBytes = 0;

  constructor(host: ConnectionHost, socket: Socket) {
    this.#host = host;
    this.#socket = socket;
    this.stats = new ConnectionStats(host.stats);
    this.output = new ConnectionOutput(socket, host);
    this.remoteAddress = plainAddress(socket.remoteAddress ?? "");
    this.remotePort = socket.remotePort ?? 0;
    this.establishedMs = host.clock.wallMs();
    const peer = { address: this.remoteAddress, distinguishedName: null };
    this.identities = identitiesOfPeer(peer, host.rules);
    this.#input = new ConnectionInput(socket, this, host.limits);
    this.#queue = new RequestQueue(this);
    this.#opening = new ConnectionOpening(host, this);
    this.#requests = new ClientRequests(host, this, this.#queue, peer);
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("drain", () => this.#drained());
    socket.on("error", () => this.close());
    socket.on("end", () => this.#clientEnded());
    socket.on("close", () => this.close());
  }

  get sessionId(): bigint {
    return this.#session?.id ?? 0n;
  }

  get sessionTimeoutMs(): number {
    return this.#timeoutMs;
  }

  get outstandingRequests(): number {
    return this.#queue.length;
  }

  get isPaused(): boolean {
    return this.#input.isPaused;
  }

  get isWriting(): boolean {
    return this.output.isWriting;
  }

  get hasSession(): boolean {
    return this.#state === "open";
  }

  /** In logs. */
  get client(): string {
    return `${this.remoteAddress}:${this.remotePort}`;
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** What it is told last is on its way. */
  get isFinishing(): boolean {
    return this.#state === "closing";
  }

  /** The client asked for a session, and has it or waits for it. */
  get hasAsked(): boolean {
    return this.#state === "connecting" || this.#state === "open";
  }

  /** The client has its session. */
  opened(session: ClientSession, timeoutMs: number): void {
    this.#session = session;
    this.#timeoutMs = timeoutMs;
    // Another connection of the same client may have been faster.
    session.holder?.sessionLost("moved");
    session.holder = this;
    this.#state = "open";
    this.touchSession();
  }

  /** The client spoke, or waits for an answer. */
  touchSession(): void {
    const session = this.#session;
    if (session?.holder !== this) return;
    if (session instanceof LocalSession) this.#host.readOnly?.sessions.touch(session);
    else this.#host.facade.sessions.touch(session);
  }

  /** How many bytes a request counts as a large one. Null: it is refused, since too much is under way already. */
  enterLarge(requestBytes: number): number | null {
    const bytes = this.#host.largeRequests.enter(requestBytes);
    this.#largeBytes += bytes ?? 0;
    return bytes;
  }

  /** There is room for more requests. */
  resume(): void {
    if (this.isClosed) return;
    this.#input.resume();
    this.output.flushSoon();
  }

  /** Without another word. */
  close(): void {
    if (this.isClosed) return;
    this.#state = "closed";
    clearTimeout(this.#endTimer);
    this.output.drop();
    this.#leaveSession();
    this.#host.outstanding(-this.#queue.close());
    this.#host.largeRequests.leave(this.#largeBytes);
    this.#host.facade.watches.drop(this);
    this.#socket.destroy();
    this.#host.closed(this);
  }

  /** What is written goes out, and then the connection ends. */
  finish(text?: string): void {
    if (this.isClosed) return;
    this.#state = "closing";
    this.#boundEnd();
    this.output.end(() => this.close(), text);
  }

  /** Closes the connection of a client that does what none may. */
  refuse(reason: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#host.logger.warn("closing a connection", {
      reason,
      session: hex(this.sessionId),
      client: this.client,
      ...fields,
    });
    this.close();
  }

  /** The client must look for a server anew. */
  sendAway(): void {
    this.output.flush();
    this.close();
  }

  // Watcher

  event(type: EventType, path: string, acl: readonly Acl[], revision: number): void {
    if (this.#state !== "open" || !isPermitted(acl, Perms.READ, this.identities, this.#host.rules)) return;
    this.#queue.event(EVENT_BYTES + path.length, () => {
      this.replies.event(type, path, revision);
      this.stats.eventSent(this.output.newBytes());
      this.output.flushSoon();
    });
    if (this.#queue.eventBytes > EVENT_BYTES_MAX) {
      this.refuse("a client that does not read its events", { "bytes-waiting": this.#queue.eventBytes });
    }
  }

  // SessionHolder

  sessionLost(reason: "expired" | "closed" | "moved"): void {
    // The reply to the client's own request for the end is still to come.
    if (reason === "closed" && this.#requests.isEnding) {
      this.#boundEnd();
      return;
    }
    this.#host.logger.info("closing the connection of a session", {
      session: hex(this.sessionId),
      reason,
      client: this.client,
    });
    this.sendAway();
  }

  // QueueHost

  get replies(): ReplyWriter {
    return this.output.replies;
  }

  get room(): number {
    return this.output.room;
  }

  aside(read: Read): { readonly outcome: number | Fetch; readonly bytes: number; readonly write: () => void } {
    return this.output.aside(read);
  }

  /** A reply was written, with this revision in its header. */
  answered({ opCode, xid, arrivedMs, isWrite, largeBytes }: RequestFacts, revision: number): void {
    if (largeBytes > 0) {
      this.#largeBytes -= largeBytes;
      this.#host.largeRequests.leave(largeBytes);
    }
    const bytes = this.output.newBytes();
    if (opCode === OpCode.ping) this.stats.pongSent(bytes);
    else this.stats.replySent(bytes);
    this.stats.answered(opCode, xid, this.replies.shownZxid(revision), arrivedMs, this.#host.clock.nowMs(), isWrite);
  }

  freed(): void {
    this.#host.outstanding(-1);
    // A client that has sent much and waits for answers sends no pings, and a slow disk is not its silence.
    this.touchSession();
    this.output.flushSoon();
    if (this.isPaused && !this.#isThrottled()) queueMicrotask(() => this.resume());
  }

  lost(error: unknown): void {
    if (this.isClosed) return;
    const wasRefused = error instanceof EtcdError && settlesWrite(error.code);
    const message = wasRefused
      ? "closing a connection, since etcd refused its request"
      : "closing a connection, since nobody knows what became of its request";
    this.#host.logger.warn(message, {
      session: hex(this.sessionId),
      client: this.client,
      error: error instanceof Error ? error.message : String(error),
    });
    this.output.flush();
    this.close();
  }

  /** A reply was written out of turn, and is no part of the queue's account. */
  replySent(): void {
    this.stats.replySent(this.output.newBytes());
  }

  // InputHost

  appetite(): "hungry" | "full" | "done" {
    if (this.#requests.hadLast) return "done";
    switch (this.#state) {
      case "new":
        return "hungry";
      // What is pipelined behind the connect request waits for the session.
      case "connecting":
        return "full";
      case "open":
        return this.#isThrottled() ? "full" : "hungry";
      case "closing":
      case "closed":
        return "done";
    }
  }

  frame(reader: JuteReader): void {
    if (this.#state === "new") {
      this.#state = "connecting";
      this.#opening.connect(reader);
    } else this.#requests.take(this.#session!, reader);
  }

  badFrame(fault: FrameFault): void {
    this.refuse("a frame of a bad length", { fault, "bytes-max": this.#host.limits.frameBytesMax });
  }

  #receive(chunk: Buffer): void {
    if (this.#state === "closed" || this.#state === "closing" || this.#requests.hadLast) return;
    const bytes = this.#state === "new" ? this.#opening.look(chunk) : chunk;
    if (bytes === null) return;
    this.#input.push(bytes);
    this.output.flushSoon();
  }

  #leaveSession(): void {
    if (this.#session?.holder === this) this.#session.holder = null;
  }

  /** Nobody's time runs any more that would end this connection, so it has its own: a client may never read the rest. */
  #boundEnd(): void {
    const withinMs = this.#session?.timeoutMs ?? this.#host.limits.sessionlessTimeoutMs;
    this.#endTimer ??= setTimeout(() => this.close(), withinMs).unref();
  }

  #isThrottled(): boolean {
    if (this.#queue.length >= this.#host.limits.outstandingMax) return true;
    return this.output.room < this.#queue.heldBytes || !this.#host.hasRoom(this);
  }

  /** The client has read what there was. */
  #drained(): void {
    if (this.#state !== "open") return;
    this.#queue.tell();
    this.resume();
  }

  #clientEnded(): void {
    // A half-closed client of a four-letter word still wants its answer.
    if (this.#state === "closing" || this.#state === "closed") return;
    this.#host.stats.metrics.counters.connection_drop_count.inc();
    this.close();
  }
}

/** An IPv4 address that came through an IPv6 socket is an IPv4 address. */
function plainAddress(address: string): string {
  return address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
}

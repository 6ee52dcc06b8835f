import type { Socket } from "node:net";
import type { Clock } from "../../etcd/base/clock.ts";
import type { Logger } from "../../etcd/base/logger.ts";
import { authenticate, type AuthRules, identitiesOfPeer, type Peer, withIdentities } from "../acl/authentication.ts";
import { isPermitted } from "../acl/permission.ts";
import { NO_PASSWORD } from "../session/password.ts";
import { negotiateTimeout, type TimeoutBounds } from "../session/timeout.ts";
import { hex, type Session, type SessionHolder } from "../store/sessions.ts";
import type { ChunkPool } from "../wire/chunk-pool.ts";
import { FrameSplitter } from "../wire/frame-splitter.ts";
import { FrameWriter } from "../wire/frame-writer.ts";
import { JuteError, JuteReader } from "../wire/jute-reader.ts";
import {
  type Acl,
  type AuthRequest,
  type ConnectRequest,
  type EventType,
  type Identity,
  OpCode,
  Perms,
  type Request,
  type WriteRequest,
} from "../wire/messages.ts";
import { ReplyWriter } from "../wire/replies.ts";
import { decodeConnectRequest, decodeRequest } from "../wire/requests.ts";
import type { ZkErrorCode } from "../errors.ts";
import type { ChildrenLists } from "./children-lists.ts";
import type { Facade, Watcher } from "./facade.ts";
import { Reads } from "./reads.ts";
import type { FetchLine } from "./fetch-line.ts";
import { type Fetch, type QueueHost, type Read, type RequestFacts, RequestQueue } from "./request-queue.ts";
import { ConnectionStats, type ServerStats } from "./server-stats.ts";

export interface ConnectionLimits {
  readonly frameBytesMax: number;
  readonly timeouts: TimeoutBounds;
  /** Requests of one connection that may wait for their replies. */
  readonly outstandingMax: number;
}

/** What a connection asks of the server that it is one of. */
export interface ConnectionHost {
  readonly facade: Facade;
  readonly limits: ConnectionLimits;
  readonly stats: ServerStats;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly rules: AuthRules;
  readonly chunks: ChunkPool;
  readonly children: ChildrenLists;
  readonly fetches: FetchLine;
  /** Clients must prove who they are, by one of these schemes, before they ask for anything; null: they need not. */
  readonly enforcedSchemes: readonly string[] | null;
  /** What reconfig is answered. */
  readonly reconfigError: ZkErrorCode;
  /** What zxids on the wire are above revisions. */
  readonly zxidOffset: number;
  /** The answer to a four-letter word; null when the bytes are none, "more" when the word takes more of them. */
  fourLetterWord(opening: Buffer): { text(): string } | "more" | null;
  /** Whether more requests may be taken; if not, `connection` is called by `resume()` when there is room again. */
  hasRoom(connection: Connection): boolean;
  /** Requests that came (1) or were answered (-1). */
  outstanding(delta: number): void;
  closed(connection: Connection): void;
}

/** Of output that a client does not read. Above it, its requests wait, and so do the replies and events for it. */
const OUTPUT_BYTES_MAX = 1024 * 1024;
/** Of events that wait, since they cannot be held back where they come from. Above it the connection is closed. */
const EVENT_BYTES_MAX = 64 * 1024 * 1024;
/** The length of an event's frame around its path. */
const EVENT_BYTES = 32;

const NOTHING = Buffer.alloc(0);

type State = "new" | "connecting" | "open" | "closing" | "closed";

/**
 * One client's TCP connection: the first bytes, the session, frames in and frames out, and the bounds of all that. The
 * order of replies and events is the queue's matter.
 */
export class Connection implements Watcher, SessionHolder, QueueHost {
  readonly stats: ConnectionStats;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly establishedMs: number;
  identities: readonly Identity[];
  readonly #host: ConnectionHost;
  readonly #socket: Socket;
  readonly #peer: Peer;
  readonly #splitter: FrameSplitter;
  readonly replies: ReplyWriter;
  readonly #writer: FrameWriter;
  /** How much of the writer's output stands in the statistics. */
  #countedBytes = 0;
  readonly #reads: Reads;
  #state: State = "new";
  /** What came of a connection that has not shown yet what it wants; null once it has. */
  #opening: Buffer | null = NOTHING;
  #session: Session | null = null;
  #timeoutMs = 0;
  readonly #queue: RequestQueue;
  readonly #reader = new JuteReader();
  #isPaused = false;
  #flushing = false;
  /** The client asked for the end of its session. */
  #isEnding = false;
  /** A request came that is the connection's last: what is pipelined behind it is neither done nor answered. */
  #hadLast = false;

  constructor(host: ConnectionHost, socket: Socket) {
    this.#host = host;
    this.#socket = socket;
    this.stats = new ConnectionStats(host.stats);
    this.remoteAddress = plainAddress(socket.remoteAddress ?? "");
    this.remotePort = socket.remotePort ?? 0;
    this.establishedMs = host.clock.wallMs();
    this.#peer = { address: this.remoteAddress, distinguishedName: null };
    this.identities = identitiesOfPeer(this.#peer, host.rules);
    this.#writer = new FrameWriter(host.chunks);
    this.replies = new ReplyWriter(this.#writer, { zxidOffset: host.zxidOffset });
    this.#splitter = new FrameSplitter({ frameBytesMax: host.limits.frameBytesMax });
    this.#reads = new Reads(host, this);
    this.#queue = new RequestQueue(this);
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

  get session(): Session | null {
    return this.#session;
  }

  get sessionTimeoutMs(): number {
    return this.#timeoutMs;
  }

  get outstandingRequests(): number {
    return this.#queue.length;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  get isWriting(): boolean {
    return this.#socket.writableLength > 0;
  }

  get hasSession(): boolean {
    return this.#state === "open";
  }

  /** There is room for more requests. */
  resume(): void {
    if (!this.#isPaused || this.#state === "closed") return;
    this.#isPaused = false;
    this.#socket.resume();
    this.#work();
  }

  /** Without another word. */
  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#host.outstanding(-this.#queue.close());
    this.#host.facade.watches.drop(this);
    if (this.#session?.holder === this) this.#session.holder = null;
    this.#socket.destroy();
    this.#host.closed(this);
  }

  // Watcher

  event(type: EventType, path: string, acl: readonly Acl[], revision: number): void {
    if (this.#state !== "open" || !isPermitted(acl, Perms.READ, this.identities, this.#host.rules)) return;
    this.#queue.event(EVENT_BYTES + path.length, () => this.#writeEvent(type, path, revision));
    if (this.#queue.eventBytes > EVENT_BYTES_MAX) {
      this.#refuse("a client that does not read its events", { "bytes-waiting": this.#queue.eventBytes });
    }
  }

  // SessionHolder

  sessionLost(reason: "expired" | "closed" | "moved"): void {
    // The reply to the client's own request for the end is still to come.
    if (reason === "closed" && this.#isEnding) return;
    this.#host.logger.info("closing the connection of a session", {
      session: hex(this.sessionId),
      reason,
      client: this.#client(),
    });
    this.#flush();
    this.close();
  }

  // Input

  #receive(chunk: Buffer): void {
    if (this.#state === "closed" || this.#state === "closing" || this.#hadLast) return;
    if (this.#state === "new" && this.#opening !== null) this.#look(chunk);
    else this.#receiveFrames(chunk);
  }

  #receiveFrames(chunk: Uint8Array): void {
    this.#splitter.push(chunk);
    this.#work();
  }

  /** Takes frames for as long as there is room for what they ask. */
  #work(): void {
    const reader = this.#reader;
    while (!this.#isPaused && !this.#hadLast) {
      if (this.#state === "open" && this.#isThrottled()) {
        this.#pause();
        break;
      }
      // What is pipelined behind the connect request waits for the session, in the socket.
      if (this.#state === "connecting") {
        this.#pause();
        break;
      }
      if (this.#state !== "new" && this.#state !== "open") break;
      if (!this.#splitter.next(reader)) {
        const { fault } = this.#splitter;
        if (fault !== null)
          this.#refuse("a frame of a bad length", { fault, "bytes-max": this.#host.limits.frameBytesMax });
        break;
      }
      if (this.#state === "new") this.#connect(reader);
      else this.#request(reader);
    }
    this.#flushSoon();
  }

  /** The first four bytes of a connection may be a word in place of a length. */
  #look(chunk: Buffer): void {
    const opening = Buffer.concat([this.#opening!, chunk]);
    this.#opening = opening;
    if (opening.length < 4) return;
    const answer = this.#host.fourLetterWord(opening);
    if (answer === "more") return;
    this.#opening = null;
    if (answer === null) {
      this.#receiveFrames(opening);
      return;
    }
    // The word itself counts in its answer, the answer does not.
    this.stats.packetReceived(4);
    const text = answer.text();
    this.stats.greetingSent();
    this.#state = "closing";
    // All of it at once: some clients read once.
    this.#socket.end(text, () => this.close());
  }

  #connect(reader: JuteReader): void {
    this.stats.packetReceived(4 + reader.remaining);
    this.#host.stats.metrics.counters.connection_request_count.inc();
    let request: ConnectRequest;
    try {
      request = decodeConnectRequest(reader);
    } catch (error) {
      if (!(error instanceof JuteError)) throw error;
      this.#refuse("a connect request that is none", { error: error.message });
      return;
    }
    this.#state = "connecting";
    this.#open(request).catch((error: unknown) => {
      if (this.#state === "closed") return;
      this.#refuse("a session could not be opened", { error: error instanceof Error ? error.message : String(error) });
    });
  }

  async #open(request: ConnectRequest): Promise<void> {
    const { facade, limits, clock } = this.#host;
    const arrivedMs = clock.nowMs();
    if (request.lastZxidSeen > this.#zxid()) {
      // Another facade may have told the client of something that is still on its way here.
      await facade.barrier();
      if (request.lastZxidSeen > this.#zxid()) {
        const seen = `0x${request.lastZxidSeen.toString(16)}`;
        this.#refuse("a client that has seen a later zxid", { seen, last: `0x${this.#zxid().toString(16)}` });
        return;
      }
    }
    const timeoutMs = negotiateTimeout(request.timeoutMs, limits.timeouts);
    const { session, password } = await this.#openSession(request, timeoutMs);
    if (this.#isClosed()) return;
    // An old client sends no such byte and gets none.
    const readOnly = request.readOnly === null ? null : false;
    this.stats.greetingSent();
    if (session === null) {
      this.#host.logger.info("refusing a session that is over", {
        session: hex(request.sessionId),
        client: this.#client(),
      });
      this.replies.connect({ timeoutMs: 0, sessionId: 0n, password: NO_PASSWORD, readOnly });
      this.#finish();
      return;
    }
    this.#session = session;
    this.#timeoutMs = timeoutMs;
    session.holder = this;
    this.#state = "open";
    facade.sessions.touch(session);
    this.replies.connect({ timeoutMs, sessionId: session.id, password, readOnly });
    this.#countedBytes = this.#writer.length;
    this.stats.answered(OpCode.createSession, 0, this.#zxid(), arrivedMs, clock.nowMs(), true);
    this.#host.logger.debug("session opened", {
      session: hex(session.id),
      client: this.#client(),
      "timeout-ms": timeoutMs,
      isNew: request.sessionId === 0n,
    });
    this.#flushSoon();
    this.resume();
  }

  async #openSession(
    { sessionId, password }: ConnectRequest,
    timeoutMs: number,
  ): Promise<{ readonly session: Session | null; readonly password: Uint8Array }> {
    const { sessions } = this.#host.facade;
    if (sessionId === 0n) return await sessions.create(timeoutMs);
    // The frame is borrowed, and the answer repeats it later.
    const given = password === null ? NO_PASSWORD : Uint8Array.from(password);
    return { session: await sessions.attach(sessionId, given, timeoutMs), password: given };
  }

  #isClosed(): boolean {
    return this.#state === "closed";
  }

  #zxid(): number {
    return wireZxid(this.#host.facade.revision, this.#host.zxidOffset);
  }

  #isThrottled(): boolean {
    if (this.#queue.length >= this.#host.limits.outstandingMax) return true;
    return this.room < this.#queue.heldBytes || !this.#host.hasRoom(this);
  }

  #pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
    this.#flushSoon();
  }

  #request(reader: JuteReader): void {
    const { clock, facade } = this.#host;
    this.stats.packetReceived(4 + reader.remaining);
    if (reader.remaining < 8) {
      this.#refuse("a frame that is shorter than the header of a request");
      return;
    }
    facade.sessions.touch(this.#session!);
    const xid = reader.readInt();
    const opCode = reader.readInt();
    const facts: RequestFacts = { xid, opCode, arrivedMs: clock.nowMs(), isWrite: isUpdate(opCode) };
    let request: Request | null;
    try {
      request = decodeRequest(opCode, reader);
    } catch (error) {
      if (!(error instanceof JuteError)) throw error;
      this.#refuseBody(facts, error);
      return;
    }
    if (request === null || request.op === "check") {
      this.#refuseOperation(facts);
      return;
    }
    switch (request.op) {
      case "auth":
        this.#authenticate(xid, request);
        return;
      case "sasl":
        // Nobody can log in by SASL here, and clients take this for the end of it.
        this.replies.token(xid, null);
        this.stats.replySent(this.#newBytes());
        return;
      default:
        this.#host.outstanding(1);
    }
    if (this.#mustAuthenticate()) {
      this.#refuseStranger(facts);
      return;
    }
    switch (request.op) {
      case "create":
      case "delete":
      case "setData":
      case "setAcl":
      case "multi":
        this.#write(facts, request);
        break;
      case "closeSession":
        this.#endSession(facts);
        break;
      case "sync":
        this.#sync(facts, request.path);
        break;
      default: {
        const read = request;
        this.#queue.read(facts, (replies) => this.#reads.execute(facts.xid, read, replies));
      }
    }
  }

  #write(facts: RequestFacts, request: WriteRequest): void {
    const { facade } = this.#host;
    const { identities } = this;
    this.#queue.write(facts, (answer) =>
      facade.write(this.#session!, identities, request, {
        done: (result, revision) => {
          answer((replies) => {
            replies.result(facts.xid, revision, result);
            return revision;
          });
        },
        lost: (error) => this.lost(error),
      }),
    );
  }

  /** Everything that was written anywhere before the sync came to its turn is in the tree when it is answered. */
  #sync(facts: RequestFacts, path: string | null): void {
    const { facade } = this.#host;
    this.#queue.sync(facts, (answer) => {
      facade.barrier().then(
        () => {
          const { revision } = facade;
          answer((replies) => {
            replies.path(facts.xid, revision, path);
            return revision;
          });
        },
        (error: unknown) => this.lost(error),
      );
    });
  }

  #refuseBody(facts: RequestFacts, error: JuteError): void {
    // ZooKeeper has no reply to a proof that it cannot read.
    if (facts.opCode === OpCode.auth || facts.opCode === OpCode.sasl) {
      this.#refuse("an authentication that cannot be read", { error: error.message });
      return;
    }
    this.#host.outstanding(1);
    // As a read: the zxid in the reply is that of its turn, also when it is told later.
    this.#queue.read(facts, (replies) => {
      const { revision } = this.#host.facade;
      replies.malformed(facts.xid, revision, error);
      return revision;
    });
  }

  #mustAuthenticate(): boolean {
    const { enforcedSchemes } = this.#host;
    return enforcedSchemes !== null && !this.identities.some(({ scheme }) => enforcedSchemes.includes(scheme));
  }

  #refuseStranger(facts: RequestFacts): void {
    this.#host.logger.warn("closing a connection that has not authenticated itself as it must", {
      session: hex(this.sessionId),
      client: this.#client(),
    });
    this.#hadLast = true;
    this.#queue.answer(facts, (replies) => {
      replies.error(facts.xid, 0, "sessionClosedRequireSaslAuth");
      queueMicrotask(() => this.#finish());
      return 0;
    });
  }

  /** An operation that nobody knows ends the connection. */
  #refuseOperation(facts: RequestFacts): void {
    this.#host.logger.warn("closing a connection for an operation that is not known", {
      session: hex(this.sessionId),
      operation: facts.opCode,
      client: this.#client(),
    });
    this.#hadLast = true;
    this.#host.outstanding(1);
    this.#queue.answer(facts, (replies) => {
      replies.error(facts.xid, -1, "unimplemented");
      queueMicrotask(() => this.#finish());
      return -1;
    });
  }

  // QueueHost

  get room(): number {
    return OUTPUT_BYTES_MAX - this.#socket.writableLength - this.#writer.length;
  }

  aside(read: Read): { readonly outcome: number | Fetch; readonly bytes: number; readonly write: () => void } {
    const writer = new FrameWriter(this.#host.chunks);
    const outcome = read(new ReplyWriter(writer, { zxidOffset: this.#host.zxidOffset }));
    const { buffers, bytes } = writer.takeCopy();
    const write = (): void => {
      for (const buffer of buffers) this.#writer.raw(buffer);
    };
    return { outcome, bytes, write };
  }

  freed(): void {
    this.#host.outstanding(-1);
    this.#flushSoon();
    if (this.#isPaused && !this.#isThrottled()) queueMicrotask(() => this.resume());
  }

  lost(error: unknown): void {
    if (this.#state === "closed") return;
    this.#host.logger.warn("closing a connection, since nobody knows what became of its request", {
      session: hex(this.sessionId),
      client: this.#client(),
      error: error instanceof Error ? error.message : String(error),
    });
    this.#flush();
    this.close();
  }

  #authenticate(xid: number, request: AuthRequest): void {
    const identities = authenticate(request, this.#peer, this.#host.rules);
    if (identities === null) this.replies.error(xid, 0, "authFailed");
    else this.replies.empty(xid, 0);
    this.stats.replySent(this.#newBytes());
    if (identities !== null) {
      this.identities = withIdentities(this.identities, identities);
      return;
    }
    this.#host.logger.warn("authentication failed", {
      session: hex(this.sessionId),
      scheme: request.scheme,
      client: this.#client(),
    });
    this.#finish();
  }

  #endSession(facts: RequestFacts): void {
    this.#isEnding = true;
    this.#hadLast = true;
    this.#queue.write(facts, (answer) =>
      this.#host.facade.sessions.end(this.#session!, {
        done: (_result, revision) => {
          answer((replies) => {
            replies.empty(facts.xid, revision);
            queueMicrotask(() => this.#finish());
            return revision;
          });
        },
        lost: (error) => this.lost(error),
      }),
    );
  }

  // Output

  /** A reply was written, with this revision in its header. */
  answered({ opCode, xid, arrivedMs, isWrite }: RequestFacts, revision: number): void {
    const zxid = wireZxid(revision, this.#host.zxidOffset);
    if (opCode === OpCode.ping) this.stats.pongSent(this.#newBytes());
    else this.stats.replySent(this.#newBytes());
    this.stats.answered(opCode, xid, zxid, arrivedMs, this.#host.clock.nowMs(), isWrite);
    if (this.#writer.length > OUTPUT_BYTES_MAX) this.#flush();
  }

  #writeEvent(type: EventType, path: string, revision: number): void {
    this.replies.event(type, path, revision);
    this.stats.eventSent(this.#newBytes());
    this.#flushSoon();
  }

  /** Bytes of the frame that was written last, without its length prefix. */
  #newBytes(): number {
    const bytes = this.#writer.length - this.#countedBytes - 4;
    this.#countedBytes = this.#writer.length;
    return bytes;
  }

  #flushSoon(): void {
    if (this.#flushing || this.#writer.length === 0) return;
    this.#flushing = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#state === "closed" || this.#state === "closing" || this.#writer.length === 0) return;
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

  /** The client has read what there was. */
  #drained(): void {
    if (this.#state !== "open") return;
    this.#queue.tell();
    this.resume();
  }

  /** What is written goes out, and then the connection ends. */
  #finish(): void {
    this.#flush();
    if (this.#state === "closed") return;
    this.#state = "closing";
    this.#socket.end(() => this.close());
  }

  #clientEnded(): void {
    // A half-closed client of a four-letter word still wants its answer.
    if (this.#state === "closing" || this.#state === "closed") return;
    this.#host.stats.metrics.counters.connection_drop_count.inc();
    this.close();
  }

  #refuse(reason: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#host.logger.warn("closing a connection", {
      reason,
      session: hex(this.sessionId),
      client: this.#client(),
      ...fields,
    });
    this.close();
  }

  #client(): string {
    return `${this.remoteAddress}:${this.remotePort}`;
  }
}

function wireZxid(revision: number, offset: number): number {
  return revision > 0 ? revision + offset : revision;
}

/** Operations that ZooKeeper counts as updates: what goes through its log. */
function isUpdate(opCode: number): boolean {
  switch (opCode) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTtl:
    case OpCode.delete:
    case OpCode.deleteContainer:
    case OpCode.setData:
    case OpCode.setAcl:
    case OpCode.multi:
    case OpCode.reconfig:
    case OpCode.closeSession:
      return true;
    default:
      return false;
  }
}

/** An IPv4 address that came through an IPv6 socket is an IPv4 address. */
function plainAddress(address: string): string {
  return address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
}

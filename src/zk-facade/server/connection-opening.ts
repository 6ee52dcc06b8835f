import { NO_PASSWORD } from "../session/password.ts";
import { negotiateTimeout } from "../session/timeout.ts";
import { hex } from "../session/session-id.ts";
import { JuteError, type JuteReader } from "../wire/jute-reader.ts";
import { type ConnectRequest, OpCode } from "../wire/messages.ts";
import { decodeConnectRequest } from "../wire/requests.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionHost } from "./connection-host.ts";
import { type ClientSession, LocalSession } from "./local-sessions.ts";
import type { ReadOnlyMode } from "./read-only-mode.ts";

const NOTHING = Buffer.alloc(0);
const WORD_BYTES = 4;

/** What becomes of a connect request. */
type Outcome =
  | {
      readonly kind: "open";
      readonly session: ClientSession;
      readonly password: Uint8Array;
      readonly timeoutMs: number;
    }
  /** There is no such session, or it is not the client's: it is told so, and makes a new one. */
  | { readonly kind: "over" }
  /** Not this server's to answer: the connection is closed, and the client tries another one. */
  | { readonly kind: "refused"; readonly reason: string; readonly fields?: Readonly<Record<string, unknown>> };

/** The first words of a connection: a four-letter word, or a connect request and the session that it asks for. */
export class ConnectionOpening {
  readonly #host: ConnectionHost;
  readonly #connection: Connection;
  /** What came of a connection that has not shown yet what it wants; null once it has. */
  #bytes: Buffer | null = NOTHING;

  constructor(host: ConnectionHost, connection: Connection) {
    this.#host = host;
    this.#connection = connection;
  }

  /** The bytes of frames among those that came; null: none, as far as can be said. */
  look(chunk: Buffer): Buffer | null {
    if (this.#bytes === null) return chunk;
    const bytes = Buffer.concat([this.#bytes, chunk]);
    this.#bytes = bytes;
    // The first bytes may be a word in place of a length.
    if (bytes.length < WORD_BYTES) return null;
    const answer = this.#host.fourLetterWord(bytes);
    if (answer === "more") return null;
    this.#bytes = null;
    if (answer === null) return bytes;
    const { stats } = this.#connection;
    // The word itself counts in its answer, the answer does not.
    stats.packetReceived(WORD_BYTES);
    const text = answer.text();
    stats.greetingSent();
    // All of it at once: some clients read once.
    this.#connection.finish(text);
    return null;
  }

  /** Answers the connect request, in the end. */
  connect(reader: JuteReader): void {
    const connection = this.#connection;
    connection.stats.packetReceived(4 + reader.remaining);
    this.#host.stats.metrics.counters.connection_request_count.inc();
    let request: ConnectRequest;
    try {
      request = decodeConnectRequest(reader);
    } catch (error) {
      if (!(error instanceof JuteError)) throw error;
      connection.refuse("a connect request that is none", { error: error.message });
      return;
    }
    const arrivedMs = this.#host.clock.nowMs();
    this.#open(request).then(
      (outcome) => {
        if (!connection.isClosed) this.#answer(request, outcome, arrivedMs);
      },
      (error: unknown) => {
        if (connection.isClosed) return;
        const message = error instanceof Error ? error.message : String(error);
        connection.refuse("a session could not be opened", { error: message });
      },
    );
  }

  /** Makes a session, or attaches the client to the one that it had. */
  async #open(request: ConnectRequest): Promise<Outcome> {
    const { facade, limits, stats, readOnly } = this.#host;
    // The frame is borrowed, and the answer repeats it later.
    const password = request.password === null ? NO_PASSWORD : Uint8Array.from(request.password);
    const timeoutMs = negotiateTimeout(request.timeoutMs, limits.timeouts);
    if (readOnly?.isOn === true) return this.#openReadOnly(request, password, timeoutMs, readOnly);
    // Another facade may have told the client of something that is still on its way here.
    if (this.#isAhead(request)) await facade.barrier();
    if (this.#isAhead(request)) return this.#ahead(request);
    if (request.sessionId === 0n) return { kind: "open", timeoutMs, ...(await facade.sessions.create(timeoutMs)) };
    const session = await facade.sessions.attach(request.sessionId, password, timeoutMs);
    stats.metrics.counters.connection_revalidate_count.inc();
    return session === null ? { kind: "over" } : { kind: "open", session, password, timeoutMs };
  }

  /** Without the store: what it knows of sessions cannot be asked, and nothing can be told it. */
  #openReadOnly(request: ConnectRequest, password: Uint8Array, timeoutMs: number, { sessions }: ReadOnlyMode): Outcome {
    const { facade, stats } = this.#host;
    if (request.readOnly !== true) return { kind: "refused", reason: "a client that is not read-only" };
    if (this.#isAhead(request)) return this.#ahead(request);
    if (request.sessionId === 0n) return { kind: "open", timeoutMs, ...sessions.create(timeoutMs) };
    const session = sessions.get(request.sessionId);
    if (session === undefined) {
      const isLive = facade.sessions.get(request.sessionId) !== undefined;
      // One that was given out here and is none of the store's was local. Of others nobody here knows whether they are over.
      if (!isLive && facade.sessions.hasGiven(request.sessionId)) return { kind: "over" };
      const fields = { session: hex(request.sessionId) };
      return { kind: "refused", reason: "a session that cannot be renewed in read-only mode", fields };
    }
    stats.metrics.counters.connection_revalidate_count.inc();
    if (!sessions.attach(session, password, timeoutMs)) return { kind: "over" };
    return { kind: "open", session, password, timeoutMs };
  }

  #isAhead({ lastZxidSeen }: ConnectRequest): boolean {
    return lastZxidSeen - this.#host.zxidOffset > this.#host.facade.revision;
  }

  #ahead({ lastZxidSeen }: ConnectRequest): Outcome {
    const last = this.#connection.output.replies.shownZxid(this.#host.facade.revision);
    const fields = { seen: hexZxid(lastZxidSeen), last: hexZxid(last) };
    return { kind: "refused", reason: "a client that has seen a later zxid", fields };
  }

  #answer(request: ConnectRequest, opened: Outcome, arrivedMs: number): void {
    const { facade, logger, clock } = this.#host;
    const connection = this.#connection;
    const { stats, output, client } = connection;
    const outcome = sinceThen(opened);
    if (outcome.kind === "refused") {
      connection.refuse(outcome.reason, outcome.fields);
      return;
    }
    stats.greetingSent();
    // An old client sends no such byte and gets none.
    const readOnly = request.readOnly === null ? null : (this.#host.readOnly?.isOn ?? false);
    if (outcome.kind === "over") {
      logger.info("refusing a session that is over", { session: hex(request.sessionId), client });
      output.replies.connect({ timeoutMs: 0, sessionId: 0n, password: NO_PASSWORD, readOnly });
      connection.finish();
      return;
    }
    const { session, password, timeoutMs } = outcome;
    connection.opened(session, timeoutMs);
    output.replies.connect({ timeoutMs, sessionId: session.id, password, readOnly });
    // It is no reply to the statistics.
    output.newBytes();
    const zxid = output.replies.shownZxid(facade.revision);
    stats.answered(OpCode.createSession, 0, zxid, arrivedMs, clock.nowMs(), true);
    const isNew = request.sessionId === 0n;
    logger.debug("session opened", { session: hex(session.id), client, "timeout-ms": timeoutMs, isNew });
    output.flushSoon();
    connection.resume();
  }
}

/** What has become of an outcome by now: between a session's coming and its answer it may end, or go on elsewhere. */
function sinceThen(outcome: Outcome): Outcome {
  if (outcome.kind !== "open" || outcome.session instanceof LocalSession) return outcome;
  switch (outcome.session.standing) {
    case "here":
      return outcome;
    case "over":
      return { kind: "over" };
    case "elsewhere":
      return { kind: "refused", reason: "a session that went on somewhere else" };
  }
}

function hexZxid(zxid: number): string {
  return `0x${zxid.toString(16)}`;
}

import { NO_PASSWORD } from "../session/password.ts";
import { negotiateTimeout } from "../session/timeout.ts";
import { hex, type Session } from "../store/sessions.ts";
import { JuteError, type JuteReader } from "../wire/jute-reader.ts";
import { type ConnectRequest, OpCode } from "../wire/messages.ts";
import { decodeConnectRequest } from "../wire/requests.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionHost } from "./connection-host.ts";

const NOTHING = Buffer.alloc(0);
const WORD_BYTES = 4;

/** What becomes of a connect request. */
type Outcome =
  | { readonly kind: "open"; readonly session: Session; readonly password: Uint8Array; readonly timeoutMs: number }
  /** There is no such session, or it is not the client's: it is told so, and makes a new one. */
  | { readonly kind: "over" }
  /** The client has seen more than this server has: it is not answered, and tries another one. */
  | { readonly kind: "ahead" };

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
    const { facade, limits, stats, zxidOffset } = this.#host;
    // The frame is borrowed, and the answer repeats it later.
    const password = request.password === null ? NO_PASSWORD : Uint8Array.from(request.password);
    const seen = request.lastZxidSeen - zxidOffset;
    // Another facade may have told the client of something that is still on its way here.
    if (seen > facade.revision) await facade.barrier();
    if (seen > facade.revision) return { kind: "ahead" };
    const timeoutMs = negotiateTimeout(request.timeoutMs, limits.timeouts);
    if (request.sessionId === 0n) return { kind: "open", timeoutMs, ...(await facade.sessions.create(timeoutMs)) };
    const session = await facade.sessions.attach(request.sessionId, password, timeoutMs);
    stats.metrics.counters.connection_revalidate_count.inc();
    return session === null ? { kind: "over" } : { kind: "open", session, password, timeoutMs };
  }

  #answer(request: ConnectRequest, outcome: Outcome, arrivedMs: number): void {
    const { facade, logger, clock } = this.#host;
    const connection = this.#connection;
    const { stats, output, client } = connection;
    const zxid = output.replies.shownZxid(facade.revision);
    if (outcome.kind === "ahead") {
      connection.refuse("a client that has seen a later zxid", {
        seen: hexZxid(request.lastZxidSeen),
        last: hexZxid(zxid),
      });
      return;
    }
    stats.greetingSent();
    // An old client sends no such byte and gets none.
    const readOnly = request.readOnly === null ? null : false;
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
    stats.answered(OpCode.createSession, 0, zxid, arrivedMs, clock.nowMs(), true);
    const isNew = request.sessionId === 0n;
    logger.debug("session opened", { session: hex(session.id), client, "timeout-ms": timeoutMs, isNew });
    output.flushSoon();
    connection.resume();
  }
}

function hexZxid(zxid: number): string {
  return `0x${zxid.toString(16)}`;
}

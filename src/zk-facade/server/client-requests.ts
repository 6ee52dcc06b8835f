import { assert } from "../../etcd/base/assert.ts";
import { authenticate, type Peer, withIdentities } from "../acl/authentication.ts";
import type { WriteResult } from "../ops/plan.ts";
import { hex } from "../session/session-id.ts";
import { Session } from "../store/session.ts";
import { JuteError, type JuteReader } from "../wire/jute-reader.ts";
import { type AuthRequest, OpCode, type Request, type WriteRequest } from "../wire/messages.ts";
import { decodeRequest } from "../wire/requests.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionHost } from "./connection-host.ts";
import { type ClientSession, LocalSession } from "./local-sessions.ts";
import { Reads } from "./reads.ts";
import type { RequestFacts } from "./reply-line.ts";
import type { RequestQueue } from "./request-queue.ts";

/** Of a request's frame: xid and operation. */
const HEADER_BYTES = 8;

/**
 * What a client asks for once it has its session: takes each request from its frame to its place in the queue, or answers
 * it out of turn, or ends the connection for it.
 */
export class ClientRequests {
  readonly #host: ConnectionHost;
  readonly #connection: Connection;
  readonly #queue: RequestQueue;
  readonly #peer: Peer;
  readonly #reads: Reads;
  #isEnding = false;
  #hadLast = false;

  constructor(host: ConnectionHost, connection: Connection, queue: RequestQueue, peer: Peer) {
    this.#host = host;
    this.#connection = connection;
    this.#queue = queue;
    this.#peer = peer;
    this.#reads = new Reads(host, connection);
  }

  /** The client asked for the end of its session. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** A request came that is the connection's last: what is pipelined behind it is neither done nor answered. */
  get hadLast(): boolean {
    return this.#hadLast;
  }

  take(session: ClientSession, reader: JuteReader): void {
    const { clock } = this.#host;
    const connection = this.#connection;
    const bytes = reader.remaining;
    connection.stats.packetReceived(4 + bytes);
    if (bytes < HEADER_BYTES) {
      connection.refuse("a frame that is shorter than the header of a request");
      return;
    }
    connection.touchSession();
    const xid = reader.readInt();
    const opCode = reader.readInt();
    const largeBytes = isProof(opCode) ? 0 : connection.enterLarge(bytes);
    if (largeBytes === null) {
      this.#host.stats.metrics.counters.large_requests_rejected.inc();
      connection.refuse("a large request while too much of them is under way", { bytes });
      return;
    }
    const facts: RequestFacts = { xid, opCode, arrivedMs: clock.nowMs(), isWrite: isUpdate(opCode), largeBytes };
    if (session instanceof LocalSession && isRefusedReadOnly(opCode)) {
      this.#refuseChange(facts);
      return;
    }
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
        connection.output.replies.token(xid, null);
        connection.replySent();
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
        this.#write(session, facts, request);
        break;
      case "closeSession":
        if (session instanceof LocalSession) this.#endLocalSession(session, facts);
        else this.#endSession(session, facts);
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

  #write(session: ClientSession, facts: RequestFacts, request: WriteRequest): void {
    assert(session instanceof Session, "a write of a session that can only read");
    const { facade } = this.#host;
    const { identities } = this.#connection;
    this.#queue.write(facts, (answer) =>
      facade.write(session, identities, request, {
        done: (result, revision) => {
          this.#countOverQuota(request, result);
          answer((replies) => {
            replies.result(facts.xid, revision, result);
            return revision;
          });
        },
        lost: (error) => this.#connection.lost(error),
      }),
    );
  }

  /** ZooKeeper counts the refusal of a member as it counts that of a request. */
  #countOverQuota(request: WriteRequest, result: WriteResult): void {
    if (result.type === "error" && result.code === "quotaExceeded" && request.op !== "multi") {
      this.#host.stats.quotaExceeded(request.path);
    } else if (result.type === "multi" && request.op === "multi") {
      for (const [at, member] of result.results.entries()) this.#countOverQuota(request.members[at]!, member.result);
    }
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
        (error: unknown) => this.#connection.lost(error),
      );
    });
  }

  #endSession(session: Session, facts: RequestFacts): void {
    this.#isEnding = true;
    this.#hadLast = true;
    this.#queue.write(facts, (answer) =>
      this.#host.facade.sessions.end(session, {
        done: (_result, revision) => {
          answer((replies) => {
            replies.empty(facts.xid, revision);
            queueMicrotask(() => this.#connection.finish());
            return revision;
          });
        },
        lost: (error) => this.#connection.lost(error),
      }),
    );
  }

  #endLocalSession(session: LocalSession, facts: RequestFacts): void {
    this.#isEnding = true;
    this.#hadLast = true;
    this.#host.readOnly?.sessions.end(session);
    const { revision } = this.#host.facade;
    this.#queue.answer(facts, (replies) => {
      replies.empty(facts.xid, revision);
      queueMicrotask(() => this.#connection.finish());
      return revision;
    });
  }

  #authenticate(xid: number, request: AuthRequest): void {
    const connection = this.#connection;
    const { replies } = connection.output;
    const identities = authenticate(request, this.#peer, this.#host.rules);
    if (identities === null) replies.error(xid, 0, "authFailed");
    else replies.empty(xid, 0);
    connection.replySent();
    if (identities !== null) {
      connection.identities = withIdentities(connection.identities, identities);
      return;
    }
    this.#warn("authentication failed", { scheme: request.scheme });
    connection.finish();
  }

  #refuseBody(facts: RequestFacts, error: JuteError): void {
    // ZooKeeper has no reply to a proof that it cannot read.
    if (isProof(facts.opCode)) {
      this.#connection.refuse("an authentication that cannot be read", { error: error.message });
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

  /** Whatever its body says: nobody looks at it. */
  #refuseChange(facts: RequestFacts): void {
    this.#host.outstanding(1);
    if (this.#mustAuthenticate()) {
      this.#refuseStranger(facts);
      return;
    }
    this.#queue.read(facts, (replies) => {
      const { revision } = this.#host.facade;
      replies.error(facts.xid, revision, "notReadOnly");
      return revision;
    });
  }

  /** An operation that nobody knows ends the connection. */
  #refuseOperation(facts: RequestFacts): void {
    this.#warn("closing a connection for an operation that is not known", { operation: facts.opCode });
    this.#hadLast = true;
    this.#host.outstanding(1);
    this.#queue.answer(facts, (replies) => {
      replies.error(facts.xid, -1, "unimplemented");
      queueMicrotask(() => this.#connection.finish());
      return -1;
    });
  }

  #mustAuthenticate(): boolean {
    const { enforcedSchemes } = this.#host;
    return (
      enforcedSchemes !== null && !this.#connection.identities.some(({ scheme }) => enforcedSchemes.includes(scheme))
    );
  }

  #refuseStranger(facts: RequestFacts): void {
    this.#warn("closing a connection that has not authenticated itself as it must");
    this.#hadLast = true;
    this.#queue.answer(facts, (replies) => {
      replies.error(facts.xid, 0, "sessionClosedRequireSaslAuth");
      queueMicrotask(() => this.#connection.finish());
      return 0;
    });
  }

  #warn(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    const { sessionId, client } = this.#connection;
    this.#host.logger.warn(message, { session: hex(sessionId), client, ...fields });
  }
}

/** Those are answered out of turn. */
function isProof(opCode: number): boolean {
  return opCode === OpCode.auth || opCode === OpCode.sasl;
}

/** What ZooKeeper's read-only server refuses. */
function isRefusedReadOnly(opCode: number): boolean {
  return opCode === OpCode.sync || (isUpdate(opCode) && opCode !== OpCode.closeSession);
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

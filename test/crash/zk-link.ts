import assert from "node:assert/strict";
import { type Arrival, ConnectionEnded, type Reply, ZkClient } from "../support/zk-client.ts";
import type { ConnectReply, OpName, ReplyBodies, RequestFields, WatchEvent } from "../support/zk-records.ts";
import { type RunningServer, sleep } from "./crash-run.ts";

const ATTACH_WITHIN_MS = 15_000;
const PING_EVERY_MS = 1000;
const PING_XID = -2;

/** The newest zxid that any client has seen: no restart may go behind it. */
export class NewestZxid {
  value = 0;
}

export interface ZkLinkOptions {
  readonly port: number;
  readonly timeoutMs: number;
  readonly newest: NewestZxid;
  readonly onEvent?: (event: WatchEvent) => void;
  /** One that falls silent is what a test wants when it waits for the session's end. */
  readonly isSilent?: boolean;
}

/**
 * A client's session over all the connections that crashes break: taken up again with its id, password and last zxid.
 * Checks on each connection that zxids never go back, and that no event comes behind a reply that knew of it.
 */
export class ZkLink {
  readonly #options: ZkLinkOptions;
  #client: ZkClient | null = null;
  #session: ConnectReply | null = null;
  #replyZxid = 0;
  #eventZxid = 0;
  /** Faults that were found while a frame was read: they must not be taken for a broken connection. */
  #fault: Error | null = null;

  constructor(options: ZkLinkOptions) {
    this.#options = options;
  }

  /** Up to here all events have come: each leaves before a reply that knows of it. A transaction's last event ends it. */
  get wholeZxid(): number {
    return Math.max(this.#replyZxid, this.#eventZxid - 1);
  }

  /** Of the last reply: what clients say in setWatches. */
  get replyZxid(): number {
    return this.#replyZxid;
  }

  get sessionId(): bigint {
    assert.ok(this.#session !== null, "no session yet");
    return this.#session.sessionId;
  }

  get isConnected(): boolean {
    return this.#client?.isClosed === false;
  }

  /**
   * Connects, again and again until it succeeds or the server is killed. False: killed. The session goes on, if there was
   * one; that it was refused is a fault unless `mayBeOver`, and then a new one begins.
   */
  async attach(server: Pick<RunningServer, "isKilled">, { mayBeOver = false } = {}): Promise<boolean> {
    const deadlineMs = performance.now() + ATTACH_WITHIN_MS;
    for (;;) {
      const reply = await this.#tryToAttach();
      if (server.isKilled) return false;
      if (reply !== null) {
        if (reply.timeoutMs > 0) return true;
        assert.ok(mayBeOver && this.#session !== null, `session ${hex(this.#session?.sessionId ?? 0n)} was refused`);
        this.#session = null;
      }
      assert.ok(performance.now() < deadlineMs, `no session within ${ATTACH_WITHIN_MS} ms`);
      if (reply === null) await sleep(5);
    }
  }

  /** Whether the server still has the session: an attempt to take it up. */
  async isAlive(): Promise<boolean> {
    const reply = await this.#tryToAttach();
    assert.ok(reply !== null, "no answer to a connect request");
    this.drop();
    return reply.timeoutMs > 0;
  }

  call<Op extends OpName>(op: Op, fields: RequestFields[Op]): Promise<Reply<ReplyBodies[Op]>> {
    if (this.#client === null) return Promise.reject(new ConnectionEnded("never connected"));
    return this.#client.call(op, fields);
  }

  /** Takes what ended a conversation: the end of the connection, which is no fault if the server was killed. */
  excuse(error: unknown, server: Pick<RunningServer, "isKilled">): void {
    if (this.#fault !== null) throw this.#fault;
    if (error instanceof ConnectionEnded && server.isKilled) return;
    throw error;
  }

  drop(): void {
    this.#client?.drop();
  }

  /** The session is over by the client's own wish. */
  forget(): void {
    this.drop();
    this.#session = null;
  }

  /** Null: the server does not listen, or does not answer yet. */
  async #tryToAttach(): Promise<ConnectReply | null> {
    const { port, timeoutMs, isSilent = false } = this.#options;
    const session = this.#session;
    const onArrival = (arrival: Arrival): void => this.#arrived(arrival);
    const options = { keepLog: false, onArrival, ...(isSilent ? {} : { pingEveryMs: PING_EVERY_MS }) };
    const client = await ZkClient.open({ port }, options).catch(() => null);
    if (client === null) return null;
    this.#client = client;
    const again = session === null ? {} : { sessionId: session.sessionId, password: session.password };
    const lastZxidSeen = Math.max(this.#replyZxid, this.#eventZxid);
    const reply = await client.handshake({ timeoutMs, lastZxidSeen, ...again });
    if (reply === null || reply.timeoutMs === 0) return reply;
    assert.equal(reply.sessionId, session?.sessionId ?? reply.sessionId, "another session than that asked for");
    this.#session = reply;
    return reply;
  }

  #arrived(arrival: Arrival): void {
    try {
      if (arrival.kind === "reply") this.#replied(arrival.xid, arrival.zxid);
      else this.#told(arrival.event);
    } catch (error) {
      this.#fault ??= error as Error;
      this.drop();
    }
  }

  #replied(xid: number, zxid: number): void {
    const { newest } = this.#options;
    newest.value = Math.max(newest.value, zxid);
    if (xid === PING_XID) return;
    assert.ok(zxid >= this.#replyZxid, `a reply with zxid ${zxid} behind one with ${this.#replyZxid}`);
    assert.ok(zxid >= this.#eventZxid, `a reply with zxid ${zxid} behind an event with ${this.#eventZxid}`);
    this.#replyZxid = zxid;
  }

  #told(event: WatchEvent): void {
    const { newest, onEvent } = this.#options;
    // What setWatches finds out by itself has no zxid.
    if (event.zxid > 0) {
      assert.ok(event.zxid >= this.#eventZxid, `an event of ${event.zxid} behind one of ${this.#eventZxid}`);
      assert.ok(event.zxid > this.#replyZxid, `an event of ${event.zxid} behind a reply with zxid ${this.#replyZxid}`);
      this.#eventZxid = event.zxid;
      newest.value = Math.max(newest.value, event.zxid);
    }
    onEvent?.(event);
  }
}

function hex(id: bigint): string {
  return `0x${BigInt.asUintN(64, id).toString(16)}`;
}

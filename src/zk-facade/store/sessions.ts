import type { Clock } from "../../etcd/base/clock.ts";
import type { Logger } from "../../etcd/base/logger.ts";
import type { EtcdPort } from "../../etcd/port.ts";
import { leaseTtlSeconds } from "../session/lease-ttl.ts";
import { isPassword, proofOf } from "../session/password.ts";
import { hex, type SessionIds } from "../session/session-id.ts";
import { decodeSessionRecord, type SessionRecord } from "../session/session-record.ts";
import type { KeySpace } from "../tree/key-space.ts";
import type { SessionChange } from "../tree/tree-applier.ts";
import { Deadlines } from "./deadlines.ts";
import { Renewals } from "./renewals.ts";
import { Session } from "./session.ts";
import { SessionKeys } from "./session-keys.ts";
import type { WriteOrder } from "./write-pipeline.ts";

export interface SessionOptions {
  /** This run of this facade. */
  readonly facade: number;
  /** Sessions that an earlier run under this name left behind are this run's from the start; null: nobody's. */
  readonly name: string | null;
  /** Sessions expire at multiples of it (ZooKeeper's tickTime). */
  readonly tickMs: number;
}

export interface SessionHost {
  readonly port: Pick<EtcdPort, "put" | "txn" | "leaseGrant" | "leaseRevoke" | "leaseKeepAlive">;
  readonly keys: KeySpace;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The client of a session fell silent for too long. */
  expired(): void;
  /** 16 random bytes. */
  newPassword(): Uint8Array;
  /** Resolves when the tree has this revision. */
  reached(revision: number): Promise<void>;
  barrier(): Promise<number>;
  submit(order: WriteOrder): void;
  /** The transaction that ends a session, as a write of that session. */
  closeOrder(session: Session, settled: Pick<WriteOrder, "done" | "lost">): WriteOrder;
}

export interface NewSession {
  readonly session: Session;
  readonly password: Uint8Array;
}

const CLOSE_RETRY_MS = 500;

/**
 * The sessions of all facades over one root, and the time of those that are attached here.
 *
 * A session is a key with a lease, and the lease's id is the session's. The facade that a client is connected to watches
 * the client's silence in milliseconds and ends the session by a transaction. The lease is the backstop for the facade's
 * own end: it is renewed for as long as the session lives, and never for the client's sake. Where it cannot be renewed the
 * client is sent away before it ends, and comes back when it can.
 */
export class Sessions {
  readonly #options: SessionOptions;
  readonly #host: SessionHost;
  readonly #ids: SessionIds;
  readonly #sessions = new Map<bigint, Session>();
  readonly #keys: SessionKeys;
  readonly #deadlines: Deadlines;
  readonly #renewals: Renewals;
  #closed = false;

  constructor(options: SessionOptions, host: SessionHost, ids: SessionIds) {
    this.#options = options;
    this.#host = host;
    this.#ids = ids;
    this.#keys = new SessionKeys({ facade: options.facade, name: options.name ?? "" }, host, ids);
    const { port, clock } = host;
    this.#deadlines = new Deadlines(options.tickMs, { clock, expired: (session) => this.#expire(session) });
    this.#renewals = new Renewals(options, { port, clock, leaseGone: (session) => this.#endUnleased(session) });
  }

  get size(): number {
    return this.#sessions.size;
  }

  get(id: bigint): Session | undefined {
    return this.#sessions.get(id);
  }

  all(): IterableIterator<Session> {
    return this.#sessions.values();
  }

  /** When own sessions expire if their clients stay silent, in the clock's milliseconds, the earliest first. */
  schedule(): { readonly dueMs: number; readonly items: readonly Session[] }[] {
    return this.#deadlines.schedule();
  }

  start(): void {
    this.#renewals.start();
    this.#deadlines.start();
  }

  close(): void {
    this.#closed = true;
    this.#deadlines.close();
    this.#renewals.close();
  }

  /** An id for a session that is none of the store's. */
  newId(): bigint {
    return this.#ids.next();
  }

  /** Whether the id was given out here, to whatever session. */
  hasGiven(id: bigint): boolean {
    return this.#ids.hasGiven(id);
  }

  /** While their clients cannot be heard, sessions do not expire. */
  stopTime(): void {
    this.#deadlines.stop();
  }

  /** Every client has its whole timeout from now on, as after the election of a new leader. */
  startTime(): void {
    for (const session of this.#sessions.values()) this.#deadlines.touch(session);
    this.#deadlines.start();
  }

  /** What the tree saw of the sessions' keys. */
  applied(change: SessionChange): void {
    const known = this.#sessions.get(change.id);
    if (change.value === null) {
      if (known !== undefined) this.#over(known);
      return;
    }
    // After history was lost everything is told again.
    if (known?.keyRevision === change.modRevision) return;
    const record = decodeSessionRecord(change.value);
    if (record === null) {
      this.#host.logger.warn("the key of a session holds no session", { session: hex(change.id) });
      // Whoever reads it from now on finds none. What it held ends with its lease, which nobody renews.
      if (known !== undefined) this.#over(known);
      return;
    }
    if (known === undefined) {
      const key = this.#host.keys.sessionKey(change.id);
      const session = new Session(change.id, key, change.modRevision, record, this.#isOwn(record));
      this.#sessions.set(change.id, this.#own(session));
      return;
    }
    known.keyRevision = change.modRevision;
    // What was sent before compares the revision that was, and fails.
    known.needsFence = false;
    known.record = record;
    // Whoever wrote it heard from its client: it is not over, though it was silent for too long here.
    if (known.hasExpired) known.isClosing = known.hasExpired = false;
    const wasOwn = known.isOwn;
    known.isOwn = record.owner.facade === this.#options.facade;
    if (known.isOwn) this.#own(known);
    else if (wasOwn) this.#disown(known);
  }

  /** Of the first read, or of a read after history was lost: these are all that there are. */
  replaced(changes: Iterable<SessionChange>): void {
    const gone = new Set(this.#sessions.keys());
    for (const change of changes) {
      gone.delete(change.id);
      this.applied(change);
    }
    for (const id of gone) this.#over(this.#sessions.get(id)!);
  }

  /** Grants a lease and writes the session's key; resolves when the tree has it. */
  async create(timeoutMs: number): Promise<NewSession> {
    const password = this.#host.newPassword();
    const ttlSeconds = leaseTtlSeconds(timeoutMs, this.#options.tickMs);
    const askedMs = this.#host.clock.nowMs();
    const { id, revision } = await this.#keys.create({ timeoutMs, ttlSeconds, proof: proofOf(password) });
    await this.#host.reached(revision);
    const session = this.#sessions.get(id);
    if (session === undefined) throw new Error("the session ended while it was made");
    session.ttlSeconds = ttlSeconds;
    session.renewedMs = askedMs;
    return { session, password };
  }

  /**
   * Makes a session this facade's. Null: there is none of this id, or the password is another. Whoever held it here is
   * sent away first, also by a wrong password, as ZooKeeper does.
   */
  async attach(id: bigint, password: Uint8Array | null, timeoutMs: number): Promise<Session | null> {
    if (!this.#sessions.has(id)) await this.#host.barrier();
    for (;;) {
      const session = this.#sessions.get(id);
      if (session === undefined || session.isClosing) return null;
      session.holder?.sessionLost("moved");
      session.holder = null;
      if (!isPassword(password, session.record.proof)) return null;
      if (session.isOwn && this.#renewals.isInDoubt(session)) {
        if (!(await this.#renewals.ask(session))) return null;
        continue;
      }
      const isKept = session.record.owner.facade === this.#options.facade && session.timeoutMs === timeoutMs;
      // On its next connection a client must not see a write come true that it has looked for in vain.
      const needsFence = session.needsFence || session.writesUnderWay > 0;
      if (session.isOwn && isKept && !needsFence) {
        this.touch(session);
        return session;
      }
      const { keyRevision } = session;
      const revision = await this.#keys.take(session, timeoutMs);
      if (revision === null) {
        await this.#host.barrier();
        // Nobody else wrote it, and still it cannot be written: an etcd client took it off its lease, which is gone.
        if (session.keyRevision === keyRevision) return null;
        continue;
      }
      await this.#host.reached(revision);
      if (this.#sessions.get(id) !== session) return null;
      // Its client may have gone on to the next facade before this one could see that it was here.
      if (session.record.owner.facade !== this.#options.facade) throw new Error("the session went on somewhere else");
      this.touch(session);
      return session;
    }
  }

  /** Its client spoke. */
  touch(session: Session): void {
    this.#deadlines.touch(session);
  }

  /** Ends a session by its client's wish. Writes of the session that come later are lost. */
  end(session: Session, settled: Pick<WriteOrder, "done" | "lost">): void {
    session.isClosing = true;
    // Its lease is renewed until it has ended.
    this.#deadlines.drop(session);
    this.#host.submit(
      this.#host.closeOrder(session, {
        done: (result, revision) => {
          this.#keys.revoke(session.id);
          settled.done(result, revision);
        },
        lost: (error) => {
          settled.lost(error);
          this.#endLater(session);
        },
      }),
    );
  }

  /** The lease of a session was not found. If that is so, and its key is still there, the session is over. */
  unleased(id: bigint): void {
    const session = this.#sessions.get(id);
    // Its renewal will find out.
    if (session !== undefined) this.#renewals.doubt(session);
  }

  #isOwn(record: SessionRecord): boolean {
    const { facade, name } = record.owner;
    return facade === this.#options.facade || (this.#options.name !== null && name === this.#options.name);
  }

  #own(session: Session): Session {
    if (!session.isOwn || session.isClosing) return session;
    this.#deadlines.keep(session);
    this.#renewals.keep(session);
    return session;
  }

  #disown(session: Session): void {
    this.#deadlines.drop(session);
    this.#renewals.drop(session);
    // Its client is alive, though it fell silent here, and may come back.
    session.isClosing = false;
    session.holder?.sessionLost("moved");
    session.holder = null;
  }

  #over(session: Session): void {
    this.#sessions.delete(session.id);
    this.#deadlines.drop(session);
    this.#renewals.drop(session);
    session.keyRevision = 0;
    session.holder?.sessionLost(session.isClosing && !session.hasExpired ? "closed" : "expired");
    session.holder = null;
  }

  #expire(session: Session): void {
    if (session.isClosing || session.keyRevision === 0) return;
    this.#host.expired();
    this.#host.logger.info("session expired", { session: hex(session.id), "timeout-ms": session.timeoutMs });
    session.isClosing = true;
    session.hasExpired = true;
    this.#endLater(session, 0);
  }

  /** Ends a session that nobody waits for, again and again until it is gone. */
  #endLater(session: Session, delayMs = CLOSE_RETRY_MS): void {
    const attempt = (): void => {
      if (this.#closed || session.keyRevision === 0 || !session.isClosing) return;
      this.#host.submit(
        this.#host.closeOrder(session, {
          done: () => this.#keys.revoke(session.id),
          lost: () => this.#endLater(session),
        }),
      );
    };
    if (delayMs === 0) attempt();
    else setTimeout(attempt, delayMs);
  }

  /**
   * As a rule a lease that is gone took the session's key with it, and the tree tells. But an etcd client can take the one
   * off the other. Nothing is left then that would end the session with its facade, and no ephemeral can be created.
   */
  async #endUnleased(session: Session): Promise<void> {
    const { keyRevision } = session;
    await this.#host.barrier();
    const isThere = keyRevision !== 0 && session.keyRevision === keyRevision;
    if (!isThere || session.isClosing || !session.isOwn) return;
    this.#host.logger.warn("a session has no lease any more", { session: hex(session.id) });
    this.#deadlines.drop(session);
    this.#expire(session);
  }
}

import {
  Compare_CompareResult,
  Compare_CompareTarget,
  newCompare,
  newLeaseGrantRequest,
  newLeaseKeepAliveRequest,
  newLeaseRevokeRequest,
  newPutRequest,
  newTxnRequest,
  type TxnRequest,
} from "../../etcd/wire/etcdserverpb.ts";
import type { Clock } from "../../etcd/base/clock.ts";
import { EtcdError } from "../../etcd/errors.ts";
import type { Logger } from "../../etcd/base/logger.ts";
import type { EtcdPort } from "../../etcd/port.ts";
import { type ExpiryEntry, ExpiryQueue } from "../session/expiry-queue.ts";
import { isLeaseInDoubt, isRenewalDue, leaseTtlSeconds } from "../session/lease-ttl.ts";
import { isPassword, proofOf } from "../session/password.ts";
import type { SessionIds } from "../session/session-id.ts";
import { decodeSessionRecord, encodeSessionRecord, type SessionRecord } from "../session/session-record.ts";
import type { KeySpace } from "../tree/key-space.ts";
import type { SessionChange } from "../tree/tree-applier.ts";
import type { WriteOrder, WritingSession } from "./write-pipeline.ts";

/** The connection that a session is attached to here. */
export interface SessionHolder {
  /** The session is over, or goes on somewhere else, or its lease cannot be renewed: the connection is of no use any more. */
  sessionLost(reason: "expired" | "closed" | "moved" | "unrenewed"): void;
}

/** A session as one facade knows it. */
export class Session implements WritingSession {
  readonly id: bigint;
  /** mod_revision of its key, which guards its writes; 0 when it is over. */
  keyRevision: number;
  record: SessionRecord;
  /** This facade answers for its time. */
  isOwn: boolean;
  holder: SessionHolder | null = null;
  /** Its end is under way: nothing more is written for it. */
  isClosing = false;
  /** It ends because its client was silent, not by its wish. */
  hasExpired = false;
  needsFence = false;
  writesUnderWay = 0;
  /** Where its time is kept; null when another facade does that, or nobody any more. */
  expiry: ExpiryEntry<Session> | null = null;
  /** Of its lease; 0: not known yet. */
  ttlSeconds = 0;
  /** When its last renewal was asked for, or since when it is kept here. */
  renewedMs = 0;
  /** A renewal is under way, or waits for its turn. */
  isRenewing = false;

  constructor(id: bigint, keyRevision: number, record: SessionRecord, isOwn: boolean) {
    this.id = id;
    this.keyRevision = keyRevision;
    this.record = record;
    this.isOwn = isOwn;
  }

  get timeoutMs(): number {
    return this.record.timeoutMs;
  }

  /** Whether a connection here may hold it. */
  get standing(): "here" | "elsewhere" | "over" {
    if (this.keyRevision === 0 || this.isClosing) return "over";
    return this.isOwn ? "here" : "elsewhere";
  }
}

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

const LEASE_TICK_MS = 500;
const CLOSE_RETRY_MS = 500;
/** Renewals under way at a time. */
const RENEWALS_MAX = 256;

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
  readonly #expiry: ExpiryQueue<Session>;
  /** Whose leases are renewed here. */
  readonly #renewals = new Set<Session>();
  /** Those of them whose renewal waits for its turn. */
  readonly #due: Session[] = [];
  #renewing = 0;
  #expiryTimer: NodeJS.Timeout | undefined;
  #leaseTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: SessionOptions, host: SessionHost, ids: SessionIds) {
    this.#options = options;
    this.#host = host;
    this.#ids = ids;
    this.#expiry = new ExpiryQueue(options.tickMs);
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
    return this.#expiry.schedule();
  }

  start(): void {
    this.#leaseTimer = setInterval(() => this.#renewDue(), LEASE_TICK_MS);
    this.#scheduleExpiry();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#expiryTimer);
    clearInterval(this.#leaseTimer);
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
    clearTimeout(this.#expiryTimer);
  }

  /** Every client has its whole timeout from now on, as after the election of a new leader. */
  startTime(): void {
    const nowMs = this.#host.clock.nowMs();
    for (const { expiry } of this.#sessions.values()) if (expiry !== null) this.#expiry.touch(expiry, nowMs);
    this.#scheduleExpiry();
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
      this.#sessions.set(change.id, this.#own(new Session(change.id, change.modRevision, record, this.#isOwn(record))));
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
    const { port, keys } = this.#host;
    const password = this.#host.newPassword();
    const ttlSeconds = leaseTtlSeconds(timeoutMs, this.#options.tickMs);
    const askedMs = this.#host.clock.nowMs();
    const id = await this.#grant(ttlSeconds);
    const record = this.#record(timeoutMs, proofOf(password), this.#host.clock.wallMs());
    const put = newPutRequest({ key: keys.sessionKey(id), value: encodeSessionRecord(record), lease: id });
    const { header } = await port.put(put).catch((error: unknown) => {
      // If it was written all the same, nobody has the password.
      this.#revoke(id);
      throw error;
    });
    await this.#host.reached(header!.revision);
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
      if (session.isOwn && this.#isInDoubt(session)) {
        if (!(await this.#askToRenew(session))) return null;
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
      const revision = await this.#take(session, timeoutMs);
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
    if (session.expiry !== null) this.#expiry.touch(session.expiry, this.#host.clock.nowMs());
  }

  /** Ends a session by its client's wish. Writes of the session that come later are lost. */
  end(session: Session, settled: Pick<WriteOrder, "done" | "lost">): void {
    session.isClosing = true;
    this.#letGo(session);
    this.#host.submit(
      this.#host.closeOrder(session, {
        done: (result, revision) => {
          this.#revoke(session.id);
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
    if (session !== undefined && this.#renewals.has(session)) session.ttlSeconds = 0;
  }

  async #grant(ttl: number): Promise<bigint> {
    for (;;) {
      const id = this.#ids.next();
      try {
        await this.#host.port.leaseGrant(newLeaseGrantRequest({ id, ttl }));
        return id;
      } catch (error) {
        // Another facade, or an etcd client, had the same idea.
        if (!(error instanceof EtcdError && error.code === "leaseExists")) throw error;
      }
    }
  }

  #record(timeoutMs: number, proof: Uint8Array, createdMs: number): SessionRecord {
    const owner = { facade: this.#options.facade, name: this.#options.name ?? "" };
    return { timeoutMs, proof, owner, createdMs };
  }

  /** Writes this facade into the session's key. Null: somebody else did at the same time, or it is gone. */
  async #take(session: Session, timeoutMs: number): Promise<number | null> {
    const { port, keys } = this.#host;
    const record = this.#record(timeoutMs, session.record.proof, session.record.createdMs);
    try {
      const { succeeded, header } = await port.txn(
        takeTxn(keys.sessionKey(session.id), session, encodeSessionRecord(record)),
      );
      return succeeded ? header!.revision : null;
    } catch (error) {
      if (error instanceof EtcdError && error.code === "leaseNotFound") return null;
      throw error;
    }
  }

  #isOwn(record: SessionRecord): boolean {
    const { facade, name } = record.owner;
    return facade === this.#options.facade || (this.#options.name !== null && name === this.#options.name);
  }

  #own(session: Session): Session {
    if (!session.isOwn || session.isClosing) return session;
    const nowMs = this.#host.clock.nowMs();
    if (session.expiry === null) session.expiry = this.#expiry.add(session, session.timeoutMs, nowMs);
    else this.#expiry.retime(session.expiry, session.timeoutMs, nowMs);
    if (!this.#renewals.has(session)) {
      // Nobody here knows how old its lease is, so it is renewed at once.
      session.ttlSeconds = 0;
      session.renewedMs = nowMs;
      this.#renewals.add(session);
    }
    return session;
  }

  /** Its time is not kept here any more. The lease of one that is ending is renewed until it has ended. */
  #letGo(session: Session): void {
    if (session.expiry !== null) this.#expiry.remove(session.expiry);
    session.expiry = null;
  }

  #disown(session: Session): void {
    this.#letGo(session);
    this.#renewals.delete(session);
    // Its client is alive, though it fell silent here, and may come back.
    session.isClosing = false;
    session.holder?.sessionLost("moved");
    session.holder = null;
  }

  #over(session: Session): void {
    this.#sessions.delete(session.id);
    this.#letGo(session);
    this.#renewals.delete(session);
    session.keyRevision = 0;
    session.holder?.sessionLost(session.isClosing && !session.hasExpired ? "closed" : "expired");
    session.holder = null;
  }

  #scheduleExpiry(): void {
    if (this.#closed) return;
    const nowMs = this.#host.clock.nowMs();
    // Sessions expire at multiples of a tick, and not before.
    const { tickMs } = this.#options;
    const waitMs = (Math.floor(nowMs / tickMs) + 1) * tickMs - nowMs;
    this.#expiryTimer = setTimeout(() => {
      for (const session of this.#expiry.due(this.#host.clock.nowMs())) this.#expire(session);
      this.#scheduleExpiry();
    }, Math.ceil(waitMs));
  }

  #expire(session: Session): void {
    if (session.isClosing || session.keyRevision === 0) return;
    this.#host.expired();
    this.#host.logger.info("session expired", { session: hex(session.id), "timeout-ms": session.timeoutMs });
    session.expiry = null;
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
          done: () => this.#revoke(session.id),
          lost: () => this.#endLater(session),
        }),
      );
    };
    if (delayMs === 0) attempt();
    else setTimeout(attempt, delayMs);
  }

  /** The lease holds nothing any more. If this fails it ends by itself. */
  #revoke(id: bigint): void {
    this.#host.port.leaseRevoke(newLeaseRevokeRequest({ id })).catch(() => undefined);
  }

  #renewDue(): void {
    const nowMs = this.#host.clock.nowMs();
    for (const session of this.#renewals) {
      if (session.isRenewing) {
        this.#sendAwayInDoubt(session);
        continue;
      }
      if (session.ttlSeconds > 0 && !isRenewalDue(nowMs - session.renewedMs, session.ttlSeconds)) continue;
      session.isRenewing = true;
      this.#due.push(session);
    }
    this.#renewNext();
  }

  /** As many as may be under way; each that is over makes room for one more, so that the ticks are no bound. */
  #renewNext(): void {
    while (this.#renewing < RENEWALS_MAX && !this.#closed) {
      const session = this.#due.shift();
      if (session === undefined) return;
      if (this.#renewals.has(session)) this.#renew(session);
      else session.isRenewing = false;
    }
  }

  #renew(session: Session): void {
    this.#renewing++;
    void this.#askToRenew(session)
      // Weather: the next tick tries again.
      .catch(() => null)
      .then(async (isRenewed) => {
        if (isRenewed !== true) this.#sendAwayInDoubt(session);
        this.#renewing--;
        this.#renewNext();
        if (isRenewed === false) await this.#endUnleased(session).catch(() => undefined);
        session.isRenewing = false;
      });
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
    this.#letGo(session);
    this.#expire(session);
  }

  /** False: the lease is gone. */
  async #askToRenew(session: Session): Promise<boolean> {
    const askedMs = this.#host.clock.nowMs();
    const { ttl } = await this.#host.port.leaseKeepAlive(newLeaseKeepAliveRequest({ id: session.id }));
    if (ttl <= 0) return false;
    session.ttlSeconds = ttl;
    session.renewedMs = askedMs;
    return true;
  }

  #isInDoubt({ renewedMs, ttlSeconds, timeoutMs }: Session): boolean {
    const ttl = ttlSeconds > 0 ? ttlSeconds : leaseTtlSeconds(timeoutMs, this.#options.tickMs);
    return isLeaseInDoubt(this.#host.clock.nowMs() - renewedMs, ttl);
  }

  /** After a renewal that failed, or gets no answer. */
  #sendAwayInDoubt(session: Session): void {
    if (this.#closed || session.holder === null || !this.#isInDoubt(session)) return;
    session.holder.sessionLost("unrenewed");
    session.holder = null;
  }
}

function takeTxn(key: Uint8Array, session: Session, value: Uint8Array): TxnRequest {
  const put = newPutRequest({ key, value, lease: session.id });
  return newTxnRequest({
    compare: [
      newCompare({
        key,
        target: Compare_CompareTarget.MOD,
        result: Compare_CompareResult.EQUAL,
        targetUnion: { case: "modRevision", value: session.keyRevision },
      }),
    ],
    success: [{ request: { case: "requestPut", value: put } }],
    failure: [],
  });
}

/** As ZooKeeper prints a session. */
export function hex(id: bigint): string {
  return `0x${BigInt.asUintN(64, id).toString(16)}`;
}

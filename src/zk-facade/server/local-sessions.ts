import type { Clock } from "../../etcd/base/clock.ts";
import type { Logger } from "../../etcd/base/logger.ts";
import { type ExpiryEntry, ExpiryQueue } from "../session/expiry-queue.ts";
import { isPassword, proofOf } from "../session/password.ts";
import { hex } from "../session/session-id.ts";
import type { Session, SessionHolder } from "../store/session.ts";

/** A session that the store knows nothing of: it can read, and it ends with this server's read-only mode. */
export class LocalSession {
  readonly id: bigint;
  readonly proof: Uint8Array;
  timeoutMs: number;
  holder: SessionHolder | null = null;
  /** Where its time is kept. */
  readonly expiry: ExpiryEntry<LocalSession>;

  constructor(
    id: bigint,
    proof: Uint8Array,
    timeoutMs: number,
    keepTime: (session: LocalSession) => LocalSession["expiry"],
  ) {
    this.id = id;
    this.proof = proof;
    this.timeoutMs = timeoutMs;
    this.expiry = keepTime(this);
  }
}

/** What a client's connection holds. */
export type ClientSession = Session | LocalSession;

export interface LocalSessionsHost {
  readonly clock: Pick<Clock, "nowMs">;
  readonly logger: Logger;
  /** An id that no other session has, local or not. */
  newId(): bigint;
  /** 16 random bytes. */
  newPassword(): Uint8Array;
  /** The client of a session fell silent for too long. */
  expired(): void;
}

/** ZooKeeper's local sessions: they live in this server's memory alone. */
export class LocalSessions {
  readonly #tickMs: number;
  readonly #host: LocalSessionsHost;
  readonly #sessions = new Map<bigint, LocalSession>();
  #expiry: ExpiryQueue<LocalSession>;
  #timer: NodeJS.Timeout | undefined;

  constructor({ tickMs }: { readonly tickMs: number }, host: LocalSessionsHost) {
    this.#tickMs = tickMs;
    this.#host = host;
    this.#expiry = new ExpiryQueue(tickMs);
  }

  get size(): number {
    return this.#sessions.size;
  }

  get(id: bigint): LocalSession | undefined {
    return this.#sessions.get(id);
  }

  /** When sessions expire if their clients stay silent, in the clock's milliseconds, the earliest first. */
  schedule(): { readonly dueMs: number; readonly items: readonly LocalSession[] }[] {
    return this.#expiry.schedule();
  }

  create(timeoutMs: number): { readonly session: LocalSession; readonly password: Uint8Array } {
    const password = this.#host.newPassword();
    const nowMs = this.#host.clock.nowMs();
    const session = new LocalSession(this.#host.newId(), proofOf(password), timeoutMs, (item) =>
      this.#expiry.add(item, timeoutMs, nowMs),
    );
    this.#sessions.set(session.id, session);
    this.#timer ??= setInterval(() => this.#expire(), this.#tickMs);
    return { session, password };
  }

  /** False: the password is another. Whoever held it is sent away first, also by a wrong password, as ZooKeeper does. */
  attach(session: LocalSession, password: Uint8Array | null, timeoutMs: number): boolean {
    session.holder?.sessionLost("moved");
    session.holder = null;
    if (!isPassword(password, session.proof)) return false;
    session.timeoutMs = timeoutMs;
    this.#expiry.retime(session.expiry, timeoutMs, this.#host.clock.nowMs());
    return true;
  }

  /** Its client spoke. */
  touch(session: LocalSession): void {
    this.#expiry.touch(session.expiry, this.#host.clock.nowMs());
  }

  /** By its client's wish. */
  end(session: LocalSession): void {
    this.#expiry.remove(session.expiry);
    this.#over(session, "closed");
  }

  /** All are over, and nobody is told: the caller ends the connections. */
  clear(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#sessions.clear();
    this.#expiry = new ExpiryQueue(this.#tickMs);
  }

  #expire(): void {
    for (const session of this.#expiry.due(this.#host.clock.nowMs())) {
      this.#host.expired();
      this.#host.logger.info("local session expired", {
        session: hex(session.id),
        "timeout-ms": session.timeoutMs,
      });
      this.#over(session, "expired");
    }
  }

  #over(session: LocalSession, reason: "closed" | "expired"): void {
    this.#sessions.delete(session.id);
    session.holder?.sessionLost(reason);
    session.holder = null;
  }
}

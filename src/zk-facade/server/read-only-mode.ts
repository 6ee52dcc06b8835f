import type { Clock } from "../../etcd/base/clock.ts";
import type { Logger } from "../../etcd/base/logger.ts";
import type { EtcdPort } from "../../etcd/port.ts";
import { StoreContact } from "../store/store-contact.ts";
import type { Facade } from "./facade.ts";
import { LocalSessions } from "./local-sessions.ts";

export interface ReadOnlyModeParts {
  readonly facade: Pick<Facade, "keys" | "sessions">;
  readonly port: Pick<EtcdPort, "range">;
  readonly clock: Clock;
  readonly logger: Logger;
  randomBytes(count: number): Uint8Array;
  /** A client fell silent. */
  expired(): void;
  /** The mode began or ended: no connection that was opened before is of any use. */
  changed(): void;
}

/** ZooKeeper waits for two seconds, or a tick, once it looks for a leader. */
const GRACE_MIN_MS = 2000;
/** That a follower has lost its leader takes it time, too: here both is counted together. */
const GRACES = 2;

/**
 * ZooKeeper's read-only mode. A server that has lost its store closes all connections and then serves those clients alone
 * that said when they connected that they can do without writing:
 *
 *   store      answers │ silent       ·grace· │                       │ answers
 *   server     read-write                     │ read-only             │ read-write
 *   sessions   leases; their time runs        │ kept for their clients, who are refused; local ones
 *
 * What is read is the tree as it stood when the store was lost. A session of the store is not served, since nobody can
 * renew it: its client comes back to it when the store is found again, and has its whole timeout for that.
 */
export class ReadOnlyMode {
  readonly sessions: LocalSessions;
  readonly #contact: StoreContact;
  readonly #parts: ReadOnlyModeParts;

  constructor({ tickMs }: { readonly tickMs: number }, parts: ReadOnlyModeParts) {
    const { facade, port, clock, logger } = parts;
    this.#parts = parts;
    this.sessions = new LocalSessions(
      { tickMs },
      {
        clock,
        logger,
        newId: () => facade.sessions.newId(),
        newPassword: () => parts.randomBytes(16),
        expired: () => parts.expired(),
      },
    );
    this.#contact = new StoreContact(
      { graceMs: GRACES * Math.max(GRACE_MIN_MS, tickMs), key: facade.keys.metaKey },
      { port, clock, lost: () => this.#begin(), found: () => this.#end() },
    );
  }

  get isOn(): boolean {
    return this.#contact.isLost;
  }

  close(): void {
    this.#contact.close();
    this.sessions.clear();
  }

  #begin(): void {
    const { facade, logger, changed } = this.#parts;
    logger.warn("the store does not answer; serving read-only clients alone");
    facade.sessions.stopTime();
    changed();
  }

  #end(): void {
    const { facade, logger, changed } = this.#parts;
    logger.info("the store answers again; serving all clients");
    this.sessions.clear();
    facade.sessions.startTime();
    changed();
  }
}

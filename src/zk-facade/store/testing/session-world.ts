import { assert } from "../../../etcd/base/assert.ts";
import { EtcdError } from "../../../etcd/errors.ts";
import { silentLogger } from "../../../etcd/base/logger.ts";
import {
  newLeaseGrantResponse,
  newLeaseKeepAliveResponse,
  newLeaseRevokeResponse,
  newPutResponse,
  newResponseHeader,
  newTxnResponse,
  type LeaseGrantRequest,
  type LeaseGrantResponse,
  type LeaseKeepAliveRequest,
  type LeaseKeepAliveResponse,
  type LeaseRevokeRequest,
  type LeaseRevokeResponse,
  type PutRequest,
  type PutResponse,
  type TxnRequest,
  type TxnResponse,
} from "../../../etcd/wire/etcdserverpb.ts";
import { type Event, Event_EventType } from "../../../etcd/wire/mvccpb.ts";
import { SessionIds } from "../../session/session-id.ts";
import { KeySpace } from "../../tree/key-space.ts";
import { KeyStore } from "../../tree/testing/key-store.ts";
import type { SessionChange } from "../../tree/tree-applier.ts";
import type { Session } from "../session.ts";
import { type SessionHost, Sessions } from "../sessions.ts";
import type { WriteOrder } from "../write-pipeline.ts";

export const TICK_MS = 1000;

/** The store that all facades share: the keys of sessions, their leases, and one clock. */
export class SessionWorld implements Pick<
  SessionHost["port"],
  "put" | "txn" | "leaseGrant" | "leaseRevoke" | "leaseKeepAlive"
> {
  readonly store = new KeyStore();
  readonly keys = new KeySpace("/zk");
  /** By id, the TTL. */
  readonly leases = new Map<bigint, number>();
  /** What was asked for, one word each. */
  readonly log: string[] = [];
  readonly facades: FacadeSessions[] = [];
  /** Events of each revision, from the second one on. */
  readonly revisions: (readonly Event[])[] = [];
  nowMs = 0;
  /** Happens before a call is carried out; what it throws is the answer. */
  before: (call: "put" | "txn" | "leaseGrant" | "leaseKeepAlive") => void | Promise<void> = () => undefined;

  facade(number: number, name: string | null = null): FacadeSessions {
    const facade = new FacadeSessions(this, number, name);
    this.facades.push(facade);
    facade.follow();
    return facade;
  }

  header(): PutResponse["header"] {
    return newResponseHeader({ revision: this.store.revision });
  }

  keep(events: readonly Event[]): void {
    if (events.length === 0) return;
    this.revisions.push(events);
    for (const facade of this.facades) facade.follow();
  }

  // EtcdPort

  async put({ key, value, lease }: PutRequest): Promise<PutResponse> {
    await this.before("put");
    this.#demand(lease);
    this.keep(this.store.txn([{ type: "put", key, value, lease }]));
    return newPutResponse({ header: this.header() });
  }

  async txn({ compare, success }: TxnRequest): Promise<TxnResponse> {
    this.log.push("txn");
    await this.before("txn");
    for (const { request } of success) if (request?.case === "requestPut") this.#demand(request.value.lease);
    const events = this.store.guarded(compare, success);
    this.keep(events ?? []);
    return newTxnResponse({ header: this.header(), succeeded: events !== null });
  }

  async leaseGrant({ id, ttl }: LeaseGrantRequest): Promise<LeaseGrantResponse> {
    await this.before("leaseGrant");
    if (this.leases.has(id)) throw new EtcdError("leaseExists");
    this.leases.set(id, ttl);
    return newLeaseGrantResponse({ id, ttl });
  }

  leaseRevoke({ id }: LeaseRevokeRequest): Promise<LeaseRevokeResponse> {
    this.log.push(`revoke ${id}`);
    if (!this.leases.delete(id)) return Promise.reject(new EtcdError("leaseNotFound"));
    this.keep(this.store.revoke(id));
    return Promise.resolve(newLeaseRevokeResponse());
  }

  async leaseKeepAlive({ id }: LeaseKeepAliveRequest): Promise<LeaseKeepAliveResponse> {
    this.log.push(`renew ${id}`);
    await this.before("leaseKeepAlive");
    return newLeaseKeepAliveResponse({ id, ttl: this.leases.get(id) ?? 0 });
  }

  #demand(lease: bigint): void {
    if (!this.leases.has(lease)) throw new EtcdError("leaseNotFound");
  }
}

/** The end of a session on its way, guarded by the session's key as it was when it was submitted. */
interface Submitted extends WriteOrder {
  readonly keyRevision: number;
}

/** The sessions of one facade, with a pipeline and a feed as plain as can be. */
export class FacadeSessions {
  readonly sessions: Sessions;
  readonly #world: SessionWorld;
  /** How many of the world's revisions it has seen. */
  #seen = 0;
  /** True: it sees nothing for now. */
  isLagging = false;
  /** True: ends of sessions stay where they are, in `submitted`. */
  isHeld = false;
  readonly submitted: Submitted[] = [];
  expired = 0;
  #waiters: { readonly revision: number; readonly resolve: () => void }[] = [];

  constructor(world: SessionWorld, number: number, name: string | null) {
    this.#world = world;
    let passwords = 0;
    this.sessions = new Sessions(
      { facade: number, name, tickMs: TICK_MS },
      {
        port: world,
        keys: world.keys,
        clock: { nowMs: () => world.nowMs, wallMs: () => 1_700_000_000_000 + world.nowMs },
        logger: silentLogger,
        expired: () => this.expired++,
        newPassword: () => Buffer.alloc(16, number * 16 + passwords++),
        reached: (revision) => this.#reached(revision),
        barrier: () => this.#reached(world.store.revision).then(() => world.store.revision),
        submit: (order) => {
          this.submitted.push({ ...order, keyRevision: order.session!.keyRevision });
          if (!this.isHeld) this.carryOut();
        },
        // Nothing plans here: the end of a session is the end of its key.
        closeOrder: (session, settled) => ({ session, plan: notPlanned, ...settled }),
      },
      new SessionIds({ serverId: number, startMs: 0 }),
    );
    this.sessions.start();
  }

  get revision(): number {
    return 1 + this.#seen;
  }

  /** Sees all that the store has by now, a revision at a time. */
  follow(): void {
    while (!this.isLagging && this.#seen < this.#world.revisions.length) {
      const events = this.#world.revisions[this.#seen++]!;
      for (const event of events) {
        const change = this.#changeOf(event);
        if (change !== null) this.sessions.applied(change);
      }
    }
    const waiters = this.#waiters;
    this.#waiters = waiters.filter(({ revision }) => revision > this.revision);
    for (const { revision, resolve } of waiters) if (revision <= this.revision) resolve();
  }

  /** History is lost: reads everything anew. */
  reload(): void {
    this.#seen = this.#world.revisions.length;
    const all = this.#world.store.all();
    this.sessions.replaced(
      all.flatMap(({ key, value, modRevision, lease }) => {
        const parsed = this.#world.keys.parse(key);
        return parsed?.space === "session" ? [{ id: parsed.id, value, modRevision, lease }] : [];
      }),
    );
    this.isLagging = false;
    this.follow();
  }

  /** The ends that were submitted reach the store. */
  carryOut(): void {
    for (const order of this.submitted.splice(0)) {
      const { store, keys } = this.#world;
      const key = keys.sessionKey(order.session!.id);
      if (store.get(key)?.modRevision !== order.keyRevision) {
        order.lost(new Error("the session is over, or goes on elsewhere"));
        continue;
      }
      this.#world.keep(store.txn([{ type: "delete", key }]));
      order.done({ type: "none" }, store.revision);
    }
  }

  /** All that is known here, of the one session that there is. */
  only(): Session {
    const [session, ...others] = this.sessions.all();
    assert(session !== undefined && others.length === 0, "not the only session");
    return session;
  }

  #changeOf({ type, kv }: Event): SessionChange | null {
    const { key, value, modRevision, lease } = kv!;
    const parsed = this.#world.keys.parse(key);
    if (parsed?.space !== "session") return null;
    return { id: parsed.id, value: type === Event_EventType.PUT ? value : null, modRevision, lease };
  }

  #reached(revision: number): Promise<void> {
    if (revision <= this.revision) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ revision, resolve }));
  }
}

function notPlanned(): never {
  throw new Error("nothing is planned here");
}

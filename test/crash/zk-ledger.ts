import assert from "node:assert/strict";
import type { Event, KeyValue } from "../../src/etcd/wire/mvccpb.ts";
import { Event_EventType } from "../../src/etcd/wire/mvccpb.ts";
import { ZkModel } from "./zk-model.ts";
import { tokenOf, type ZkWrite } from "./zk-write.ts";

const DATA_PREFIX = "/zk/";
const SESSION_PREFIX = "/zk.session/";

/**
 * All writes of all clients, held against the store's history. Each revision that changes znodes must be one write, or the
 * end of one session, with all of its effects and nothing else. Each acknowledged write must be there, at the zxid that its
 * client was told; one without an answer may be missing, but never in part.
 */
export class ZkLedger {
  readonly model = new ZkModel();
  acknowledged = 0;
  /** Writes that were found in the store though their clients never got an answer. */
  unanswered = 0;
  sessionsEnded = 0;
  readonly #open = new Map<string, ZkWrite>();
  readonly #openDeletes = new Map<string, ZkWrite[]>();
  /** Sessions that their clients want to keep. */
  readonly #kept = new Set<bigint>();
  readonly #ended = new Map<bigint, number>();
  #next = 0;

  /** Before it is sent. */
  add(write: ZkWrite): void {
    this.#open.set(write.token, write);
    for (const { kind, path } of write.steps) {
      if (kind !== "delete") continue;
      const deletes = this.#openDeletes.get(path);
      if (deletes === undefined) this.#openDeletes.set(path, [write]);
      else deletes.push(write);
    }
  }

  /** From now on it is a fault if this session ends. */
  keep(session: bigint): void {
    this.#kept.add(session);
  }

  /** Its end was asked for, or is due. */
  letGo(session: bigint): void {
    this.#kept.delete(session);
  }

  /** The zxid of a session's end; undefined while it lives. */
  endOf(session: bigint): number | undefined {
    return this.#ended.get(session);
  }

  /** Takes what the history has more than at the last call. No write may be under way. */
  settle(history: readonly Event[]): void {
    while (this.#next < history.length) {
      const revision = history[this.#next]!.kv!.modRevision;
      const events: Event[] = [];
      while (history[this.#next]?.kv?.modRevision === revision) events.push(history[this.#next++]!);
      this.#explain(revision, events);
      this.model.zxid = revision;
    }
    for (const write of this.#open.values()) {
      assert.equal(write.zxid, 0, `${write.describe()} was acknowledged at ${write.zxid} and is lost`);
    }
    this.#open.clear();
    this.#openDeletes.clear();
  }

  #explain(revision: number, events: readonly Event[]): void {
    const data = new Map<string, KeyValue | null>();
    for (const { type, kv } of events) {
      const key = Buffer.from(kv!.key).toString();
      const isDelete = type === Event_EventType.DELETE;
      if (key.startsWith(DATA_PREFIX)) data.set(key.slice(DATA_PREFIX.length - 1), isDelete ? null : kv);
      if (!key.startsWith(SESSION_PREFIX) || !isDelete) continue;
      this.#explainEnd(revision, BigInt.asIntN(64, BigInt(`0x${key.slice(SESSION_PREFIX.length)}`)), events);
      return;
    }
    if (data.size > 0) this.#explainWrite(revision, data);
  }

  #explainEnd(revision: number, session: bigint, events: readonly Event[]): void {
    const name = `session ${session.toString(16)}`;
    assert.ok(!this.#kept.has(session), `${name} ended at ${revision}, unasked`);
    const keys = events.map(({ kv }) => Buffer.from(kv!.key).toString()).filter((key) => key.startsWith(DATA_PREFIX));
    const deleted = keys.map((key) => key.slice(DATA_PREFIX.length - 1));
    const owned = this.model.endSession(session, revision);
    assert.deepEqual(deleted.sort(), owned.sort(), `the end of ${name} at ${revision} took other znodes than its own`);
    this.#ended.set(session, revision);
    this.sessionsEnded++;
  }

  #explainWrite(revision: number, data: ReadonlyMap<string, KeyValue | null>): void {
    const write = this.#writeOf(data);
    assert.ok(write !== undefined, `nobody wrote ${[...data.keys()].join(", ")} at ${revision}`);
    if (write.zxid === 0) {
      this.unanswered++;
    } else {
      assert.equal(write.zxid, revision, `${write.describe()} was told zxid ${write.zxid}, stored is ${revision}`);
      this.acknowledged++;
    }
    this.#open.delete(write.token);

    const touched = this.model.apply(write, revision, [...data.keys()]);
    for (const [path, kv] of data) {
      assert.ok(touched.delete(path), `${write.describe()} changed ${path} at ${revision}, too`);
      const znode = this.model.znodes.get(path);
      const stored = kv === null ? null : Buffer.from(kv.value).toString();
      assert.equal(stored, znode?.data ?? null, `the data of ${path} at ${revision}`);
      assert.equal(kv?.lease ?? 0n, znode?.owner ?? 0n, `the lease of ${path} at ${revision}`);
    }
    for (const [path, existed] of touched) {
      // What a multi creates and deletes again leaves no key.
      const leavesNothing = !existed && !this.model.znodes.has(path);
      assert.ok(leavesNothing, `of ${write.describe()} the change of ${path} is not at ${revision}`);
    }
  }

  #writeOf(data: ReadonlyMap<string, KeyValue | null>): ZkWrite | undefined {
    for (const kv of data.values()) {
      if (kv !== null) return this.#open.get(tokenOf(Buffer.from(kv.value).toString()));
    }
    const [path] = data.keys();
    return this.#openDeletes.get(path!)?.find((write) => this.#open.has(write.token));
  }
}

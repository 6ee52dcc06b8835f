import type { Compare, RequestOp } from "../../../etcd/wire/etcdserverpb.ts";
import { Event_EventType, newEvent, newKeyValue, type Event, type KeyValue } from "../../../etcd/wire/mvccpb.ts";

/** One operation of a transaction. A lease of 0n is none. */
export type KeyOp =
  | { readonly type: "put"; readonly key: Uint8Array; readonly value: Uint8Array; readonly lease: bigint }
  | { readonly type: "delete"; readonly key: Uint8Array }
  /** All keys from `key` up to `rangeEnd`. */
  | { readonly type: "deleteRange"; readonly key: Uint8Array; readonly rangeEnd: Uint8Array };

/**
 * As much of etcd as a tree can see, too simple to be wrong: keys with their revisions, and the events of each
 * transaction. As in etcd, a transaction that changes nothing has no revision, and one that would touch a key twice is none.
 */
export class KeyStore {
  revision = 1;
  readonly #kvs = new Map<string, KeyValue>();

  /** In the order of the keys. */
  all(): KeyValue[] {
    return [...this.#kvs.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kv]) => kv);
  }

  get(key: Uint8Array): KeyValue | undefined {
    return this.#kvs.get(textOf(key));
  }

  /** The events of the transaction's revision; none, if it did nothing or touched a key twice. */
  txn(ops: readonly KeyOp[]): Event[] {
    const revision = this.revision + 1;
    const singles = ops.flatMap((op) => this.#singles(op));
    const touched = singles.map((op) => textOf(op.key));
    if (singles.length === 0 || new Set(touched).size < touched.length) return [];
    this.revision = revision;
    return singles.map((op) => (op.type === "put" ? this.#put(op, revision) : this.#delete(op.key, revision)));
  }

  /** The lease ends: its keys go in one revision. */
  revoke(lease: bigint): Event[] {
    const keys = this.all().filter((kv) => kv.lease === lease);
    return this.txn(keys.map((kv) => ({ type: "delete", key: kv.key })));
  }

  /** A transaction that compares mod_revisions. Null when a comparison fails. */
  guarded(compares: readonly Compare[], operations: readonly RequestOp[]): Event[] | null {
    for (const { key, targetUnion } of compares) {
      if (targetUnion?.case !== "modRevision") throw new Error("only mod_revisions are compared here");
      if ((this.get(key)?.modRevision ?? 0) !== targetUnion.value) return null;
    }
    return this.txn(operations.map(asKeyOp));
  }

  #singles(op: KeyOp): Exclude<KeyOp, { type: "deleteRange" }>[] {
    if (op.type === "put") return [op];
    const begin = textOf(op.key);
    const inRange = (key: string): boolean => {
      return op.type === "delete" ? key === begin : key >= begin && key < textOf(op.rangeEnd);
    };
    return this.all()
      .filter((kv) => inRange(textOf(kv.key)))
      .map((kv) => ({ type: "delete", key: kv.key }));
  }

  #put(op: Extract<KeyOp, { type: "put" }>, revision: number): Event {
    const before = this.get(op.key);
    const kv = newKeyValue({
      key: op.key,
      value: op.value,
      lease: op.lease,
      createRevision: before?.createRevision ?? revision,
      modRevision: revision,
      version: (before?.version ?? 0) + 1,
    });
    this.#kvs.set(textOf(op.key), kv);
    return newEvent({ type: Event_EventType.PUT, kv });
  }

  #delete(key: Uint8Array, revision: number): Event {
    this.#kvs.delete(textOf(key));
    return newEvent({ type: Event_EventType.DELETE, kv: newKeyValue({ key, modRevision: revision }) });
  }
}

function asKeyOp({ request }: RequestOp): KeyOp {
  if (request?.case === "requestPut") return { type: "put", ...request.value };
  if (request?.case === "requestDeleteRange") return { type: "delete", key: request.value.key };
  throw new Error("only puts and deletes are done here");
}

/** Strings of this kind sort as the bytes do. */
function textOf(key: Uint8Array): string {
  return Buffer.from(key).toString("latin1");
}

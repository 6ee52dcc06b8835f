import type { Event } from "../../../etcd/wire/mvccpb.ts";
import { KeySpace } from "../key-space.ts";
import { planMend } from "../mend.ts";
import type { Applied } from "../tree-applier.ts";
import { TreeLoader } from "../tree-loader.ts";
import type { ZnodeTree } from "../znode-tree.ts";
import { FacadeWriter } from "./facade-writer.ts";
import { KeyStore, type KeyOp } from "./key-store.ts";

export const keys = new KeySpace("/zk");

/** A put of a key by an etcd client, as etcdctl would be told. */
export function put(key: string, value: string | Uint8Array = "", lease = 0n): KeyOp {
  return { type: "put", key: Buffer.from(key), value: Buffer.from(value), lease };
}

export function del(key: string): KeyOp {
  return { type: "delete", key: Buffer.from(key) };
}

/** A store, and a tree that follows it. */
export class TreeRun {
  readonly store = new KeyStore();
  readonly tree: ZnodeTree;
  #nowMs = 0;

  constructor() {
    this.tree = load(this.store);
  }

  /** Wall-clock time of whatever comes next. */
  at(nowMs: number): this {
    this.#nowMs = nowMs;
    return this;
  }

  /** A transaction of an etcd client. */
  etcd(...ops: readonly KeyOp[]): Applied {
    return this.#apply(this.store.txn(ops));
  }

  /** A transaction of a facade that saw all that went before. */
  facade(write: (writer: FacadeWriter) => KeyOp[]): Applied {
    return this.#apply(this.store.txn(write(new FacadeWriter(keys, this.tree, this.#nowMs))));
  }

  /** The lease of an ephemeral, or another, ends in the store. */
  expire(lease: bigint): Applied {
    return this.#apply(this.store.revoke(lease));
  }

  /** Carries out all mends. Answers what went with them. */
  mend(): Applied[] {
    const applied: Applied[] = [];
    for (const mend of this.tree.mends()) {
      const txn = planMend(this.tree, keys, mend, { tag: { facade: 9, sequence: this.store.revision } });
      const events = txn === null ? null : this.store.guarded(txn.compares, txn.operations);
      if (events !== null) applied.push(this.#apply(events));
    }
    return applied;
  }

  #apply(events: readonly Event[]): Applied {
    return this.tree.apply(this.store.revision, events, this.#nowMs);
  }
}

/** As a facade that starts now: the names of data keys, and the values that are asked for. */
export function load(store: KeyStore, nowMs = 0): ZnodeTree {
  const loader = new TreeLoader(keys, nowMs);
  for (const kv of store.all()) {
    const isData = keys.parse(kv.key)?.space === "data";
    loader.add(isData ? { ...kv, value: new Uint8Array() } : kv);
  }
  for (const key of [...loader.valuesNeeded()]) loader.addValue(store.get(key)!);
  return loader.finish(store.revision);
}

import type { KeyOp } from "./key-store.ts";
import type { KeySpace } from "../key-space.ts";
import { parentOf } from "../paths.ts";
import { encodeRecord, recordOfZnode, type ZnodeRecord } from "../record.ts";
import { isReserved } from "../reserved.ts";
import { encodeTrace } from "../trace.ts";
import { resolveZxid, type TreeView, type Znode, type ZnodeKind } from "../znode.ts";

/**
 * The operations that a facade's transactions consist of, without the compares: enough to write histories for a tree.
 * Empty when the request would be refused.
 */
export class FacadeWriter {
  readonly #keys: KeySpace;
  readonly #view: TreeView;
  /** Clock and tags; each write takes the next number. */
  #sequence: number;

  constructor(keys: KeySpace, view: TreeView, sequence: number) {
    this.#keys = keys;
    this.#view = view;
    this.#sequence = sequence;
  }

  create(path: string, data: Uint8Array | null, kind: ZnodeKind, lease: bigint): KeyOp[] {
    const parent = this.#view.get(parentOf(path));
    if (parent === undefined || parent.kind === "ephemeral" || this.#view.get(path) !== undefined) return [];
    const owner = kind === "ephemeral" ? lease : 0n;
    return [
      this.#putData(path, data, owner),
      this.#putRecord(path, this.#newRecord(data, kind), owner),
      this.#touch(parent, 1),
    ];
  }

  setData(path: string, data: Uint8Array | null): KeyOp[] {
    const znode = this.#view.get(path);
    if (znode === undefined) return [];
    const record = { mtime: ++this.#sequence, isNull: data === null, dataLength: data?.length ?? 0 };
    return [
      this.#putData(path, data, znode.owner),
      this.#putRecord(path, { ...this.#recordOf(znode), ...record }, znode.owner),
    ];
  }

  setAcl(path: string, acl: ZnodeRecord["acl"]): KeyOp[] {
    const znode = this.#view.get(path);
    if (znode === undefined) return [];
    const record = { ...this.#recordOf(znode), acl, aversion: znode.aversion + 1 };
    return [this.#putRecord(path, record, znode.owner)];
  }

  delete(path: string): KeyOp[] {
    const znode = this.#view.get(path);
    const parent = this.#view.get(parentOf(path));
    if (znode === undefined || parent === undefined || znode.numChildren > 0 || isReserved(path)) return [];
    return [
      { type: "delete", key: this.#keys.dataKey(path) },
      { type: "delete", key: this.#keys.recordKey(path) },
      this.#touch(parent, 0),
    ];
  }

  /** A multi that deletes a znode and makes it again, folded, with its trace. */
  recreate(path: string, data: Uint8Array): KeyOp[] {
    const deletion = this.delete(path);
    if (deletion.length === 0) return [];
    const znode = this.#view.get(path)!;
    const record = { ...this.#newRecord(data, "persistent"), czxid: "own", base: znode.keyVersion + 1 } as const;
    const events = [
      { type: "deleted", path, acl: null },
      { type: "created", path, acl: null },
    ] as const;
    return [
      this.#putData(path, data, 0n),
      this.#putRecord(path, record, 0n),
      this.#touch(this.#view.get(parentOf(path))!, 1),
      { type: "put", key: this.#keys.eventsKey, value: encodeTrace(events), lease: 0n },
    ];
  }

  #touch(parent: Znode, creates: 0 | 1): KeyOp {
    const record = { ...this.#recordOf(parent), creates: parent.creates + creates, pzxid: "own" } as const;
    return this.#putRecord(parent.path, record, parent.owner);
  }

  #putData(path: string, data: Uint8Array | null, lease: bigint): KeyOp {
    return { type: "put", key: this.#keys.dataKey(path), value: data ?? new Uint8Array(), lease };
  }

  #putRecord(path: string, record: ZnodeRecord, lease: bigint): KeyOp {
    return { type: "put", key: this.#keys.recordKey(path), value: encodeRecord(record), lease };
  }

  #newRecord(data: Uint8Array | null, kind: ZnodeKind): ZnodeRecord {
    const now = ++this.#sequence;
    return {
      ctime: now,
      mtime: now,
      acl: null,
      aversion: 0,
      creates: 0,
      pzxid: "czxid",
      czxid: null,
      base: 1,
      kind,
      ttlMs: kind === "ttl" ? 1000 : 0,
      isNull: data === null,
      dataLength: data?.length ?? 0,
      tag: { facade: 1, sequence: now },
    };
  }

  #recordOf(znode: Znode): ZnodeRecord {
    const tag = { facade: 1, sequence: ++this.#sequence };
    return recordOfZnode(znode, { pzxid: resolveZxid(znode.pzxid), czxid: resolveZxid(znode.czxid), tag });
  }
}

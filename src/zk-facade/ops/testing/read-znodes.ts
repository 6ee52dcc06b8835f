import { type KeyValue, newKeyValue } from "../../../etcd/wire/mvccpb.ts";
import type { KeySpace } from "../../tree/key-space.ts";
import { parentOf } from "../../tree/paths.ts";
import { decodeRecord, OPEN_ACL, type ZnodeRecord } from "../../tree/record.ts";
import { type Znode, resolveZxid } from "../../tree/znode.ts";
import { Perms } from "../../wire/messages.ts";
import type { MemoryEtcd } from "./memory-etcd.ts";

const reserved = ["/", "/zookeeper", "/zookeeper/config", "/zookeeper/quota"];

/** All znodes that the keys of a store say, read without the tree: by the words of the record's format only. */
export function readZnodes(store: MemoryEtcd, keys: KeySpace): Map<string, Znode> {
  const data = new Map<string, KeyValue>();
  const records = new Map<string, KeyValue>();
  for (const kv of store.all()) {
    const parsed = keys.parse(kv.key);
    if (parsed?.space === "data") data.set(parsed.path, kv);
    if (parsed?.space === "record") records.set(parsed.path, kv);
  }
  for (const path of reserved) if (!data.has(path)) data.set(path, newKeyValue());
  const isVisible = (path: string): boolean => data.has(path) && (path === "/" || isVisible(parentOf(path)));
  const visible = [...data.keys()].filter(isVisible);
  const znodes = visible.map((path) => {
    const numChildren = visible.filter((other) => other !== "/" && parentOf(other) === path).length;
    return readZnode(path, data.get(path)!, records.get(path), numChildren);
  });
  return new Map(znodes.map((znode) => [znode.path, znode]));
}

function readZnode(path: string, data: KeyValue, recordKey: KeyValue | undefined, numChildren: number): Znode {
  const record = recordKey === undefined ? null : decodeRecord(recordKey.value);
  const own = recordKey?.modRevision ?? 0;
  const czxid = czxidOf(path, data, record, own);
  return {
    path,
    kind: record?.kind ?? "persistent",
    owner: data.lease,
    ttlMs: record?.ttlMs ?? 0,
    acl: record?.acl ?? (path === "/zookeeper/config" && record === null ? CONFIG_ACL : OPEN_ACL),
    czxid,
    mzxid: data.modRevision,
    pzxid: record === null || record.pzxid === "czxid" ? czxid : record.pzxid === "own" ? own : record.pzxid,
    ctime: record?.ctime ?? 0,
    mtime: record?.mtime ?? 0,
    version: (data.version - (record?.base ?? (reserved.includes(path) ? 0 : 1))) | 0,
    aversion: record?.aversion ?? (path === "/zookeeper/config" ? -1 : 0),
    creates: record?.creates ?? 0,
    numChildren,
    dataLength: data.value.length,
    isNull: record?.isNull ?? false,
    createRevision: data.createRevision,
    keyVersion: data.version,
    recordRevision: own,
    record: null,
  };
}

const CONFIG_ACL = [{ perms: Perms.READ, scheme: "world", id: "anyone" }];

function czxidOf(path: string, data: KeyValue, record: ZnodeRecord | null, own: number): number {
  if (record?.czxid === "own") return own;
  if (typeof record?.czxid === "number") return record.czxid;
  return reserved.includes(path) ? 0 : data.createRevision;
}

/** A znode of a plan that was carried out, as it must be found in the store. */
export function settled(znode: Znode): Znode {
  return {
    ...znode,
    czxid: resolveZxid(znode.czxid),
    mzxid: resolveZxid(znode.mzxid),
    pzxid: resolveZxid(znode.pzxid),
    createRevision: resolveZxid(znode.createRevision),
    recordRevision: resolveZxid(znode.recordRevision),
    record: null,
  };
}

import type { KeyValue } from "../../../etcd/wire/mvccpb.ts";
import type { KeySpace } from "../key-space.ts";
import { parentOf } from "../paths.ts";
import { decodeRecord, OPEN_ACL, type ZnodeRecord } from "../record.ts";
import { isReserved, reservedZnodes } from "../reserved.ts";
import type { Znode, ZnodeKind } from "../znode.ts";

/** What the times of etcd clients' writes read as. */
export const NAIVE_NOW = 77;

/**
 * The znodes that a set of keys means, found with no thought of speed: the rules of the two keys, written once more.
 * What only somebody who watched can know (children that an etcd client deleted) is not in it.
 */
export function naiveTree(keys: KeySpace, kvs: readonly KeyValue[]): Map<string, Znode> {
  const data = new Map<string, KeyValue>();
  const records = new Map<string, KeyValue>();
  for (const kv of kvs) {
    const key = keys.parse(kv.key);
    if (key?.space === "data") data.set(key.path, kv);
    if (key?.space === "record") records.set(key.path, kv);
  }
  const paths = new Set([...reservedZnodes.map(({ path }) => path), ...data.keys()]);
  const isVisible = (path: string): boolean => paths.has(path) && (path === "/" || isVisible(parentOf(path)));
  const tree = new Map<string, Znode>();
  for (const path of paths) {
    if (!isVisible(path)) continue;
    const children = [...paths].filter((other) => other !== "/" && parentOf(other) === path);
    const younger = children.filter((child) => !isReserved(child)).map((child) => data.get(child)!.createRevision);
    tree.set(path, znodeOf(path, { data: data.get(path), record: records.get(path), younger, children }));
  }
  return tree;
}

interface Found {
  readonly data: KeyValue | undefined;
  readonly record: KeyValue | undefined;
  readonly children: readonly string[];
  /** create_revisions of the children that were created. */
  readonly younger: readonly number[];
}

function znodeOf(path: string, found: Found): Znode {
  const { data, children } = found;
  const reserved = reservedZnodes.find((znode) => znode.path === path);
  const record = recordOf(found, reserved !== undefined);
  const recordRevision = found.record?.modRevision ?? 0;
  const knowsData = record !== null && recordRevision >= (data?.modRevision ?? 0);
  const ownCzxid = reserved === undefined ? data!.createRevision : 0;
  const czxid = record?.czxid === "own" ? recordRevision : (record?.czxid ?? ownCzxid);
  const unknown = found.younger.filter((revision) => revision > (record === null ? 0 : recordRevision));
  const said = record?.pzxid === "own" ? recordRevision : record?.pzxid;
  const base = record?.base ?? (reserved === undefined ? 1 : 0);
  const owner = reserved === undefined ? data!.lease : 0n;
  const observedMs = data === undefined ? 0 : NAIVE_NOW;
  const keyVersion = data?.version ?? 0;
  return {
    path,
    kind: kindOf(record, owner, reserved !== undefined),
    owner,
    ttlMs: record?.ttlMs ?? 0,
    acl: record === null ? (reserved?.acl ?? OPEN_ACL) : (record.acl ?? OPEN_ACL),
    czxid,
    mzxid: data?.modRevision ?? 0,
    pzxid: Math.max(said === undefined || said === "czxid" ? czxid : said, ...unknown),
    ctime: record?.ctime ?? (reserved === undefined ? NAIVE_NOW : 0),
    mtime: knowsData ? record.mtime : observedMs,
    version: (keyVersion - base) | 0,
    aversion: record?.aversion ?? reserved?.aversion ?? 0,
    creates: Math.max((record?.creates ?? 0) + unknown.length, found.younger.length),
    numChildren: children.length,
    dataLength: data?.value.length ?? 0,
    isNull: knowsData && record.isNull && data?.value.length === 0,
    createRevision: data?.createRevision ?? 0,
    keyVersion,
    recordRevision,
    record: null,
  };
}

/** Null: there is none, or it is no record, or it belongs to a znode that was deleted. */
function recordOf({ data, record }: Found, reserved: boolean): ZnodeRecord | null {
  if (record === undefined) return null;
  if (!reserved && record.modRevision < data!.createRevision) return null;
  return decodeRecord(record.value);
}

function kindOf(record: ZnodeRecord | null, owner: bigint, reserved: boolean): ZnodeKind {
  if (reserved) return "persistent";
  if (owner !== 0n) return "ephemeral";
  return record === null || record.kind === "ephemeral" ? "persistent" : record.kind;
}

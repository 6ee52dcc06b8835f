import { encodeRecord, recordOfZnode } from "../tree/record.ts";
import type { MutableZnode, PendingZxid, Znode, ZnodeKind } from "../tree/znode.ts";
import type { Acl } from "../wire/messages.ts";
import { isSameZxid, recordedZxid } from "./known-zxid.ts";
import type { RecordTag } from "./plan.ts";

/** A znode of a plan in the making. Once the plan is made nothing changes it any more. */
export type DraftZnode = MutableZnode;

/** What a create says of a znode. */
export interface Birth {
  readonly path: string;
  readonly kind: ZnodeKind;
  readonly owner: bigint;
  readonly ttlMs: number;
  readonly acl: readonly Acl[];
  readonly data: Uint8Array | null;
  readonly nowMs: number;
}

/**
 * A znode as a create makes it. `remains` is the znode whose data key is still there when the transaction begins, since the
 * same multi deletes it: its key lives on, and its revisions with it.
 */
export function bornZnode(birth: Birth, zxid: PendingZxid, remains: Znode | undefined): DraftZnode {
  const lives = remains !== undefined && remains.keyVersion > 0;
  return {
    path: birth.path,
    kind: birth.kind,
    owner: birth.owner,
    ttlMs: birth.ttlMs,
    acl: birth.acl,
    czxid: zxid,
    mzxid: zxid,
    pzxid: zxid,
    ctime: birth.nowMs,
    mtime: birth.nowMs,
    version: 0,
    aversion: 0,
    creates: 0,
    numChildren: 0,
    dataLength: birth.data?.length ?? 0,
    isNull: birth.data === null,
    createRevision: lives ? remains.createRevision : zxid,
    keyVersion: lives ? remains.keyVersion + 1 : 1,
    recordRevision: zxid,
    record: null,
  };
}

/** Field by field, since a tree's znode may be more than its fields. */
export function copyOf(znode: Znode): DraftZnode {
  return {
    path: znode.path,
    kind: znode.kind,
    owner: znode.owner,
    ttlMs: znode.ttlMs,
    acl: znode.acl,
    czxid: znode.czxid,
    mzxid: znode.mzxid,
    pzxid: znode.pzxid,
    ctime: znode.ctime,
    mtime: znode.mtime,
    version: znode.version,
    aversion: znode.aversion,
    creates: znode.creates,
    numChildren: znode.numChildren,
    dataLength: znode.dataLength,
    isNull: znode.isNull,
    createRevision: znode.createRevision,
    keyVersion: znode.keyVersion,
    recordRevision: znode.recordRevision,
    record: znode.record,
  };
}

/** The bytes of the record that a transaction puts for a znode, or the zxid for which they must wait. */
export function recordOf(znode: Znode, own: PendingZxid, tag: RecordTag): Uint8Array | PendingZxid {
  const czxid = isSameZxid(znode.czxid, znode.createRevision) ? null : recordedZxid(znode.czxid, own);
  if (typeof czxid === "object" && czxid !== null) return czxid.blockedOn;
  const pzxid = isSameZxid(znode.pzxid, znode.czxid) ? "czxid" : recordedZxid(znode.pzxid, own);
  if (typeof pzxid === "object") return pzxid.blockedOn;
  return encodeRecord(recordOfZnode(znode, { czxid, pzxid, tag }));
}

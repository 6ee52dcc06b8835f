import {
  Compare_CompareTarget,
  newCompare,
  newDeleteRangeRequest,
  newPutRequest,
  newRequestOp,
  type Compare,
  type RequestOp,
} from "../../etcd/wire/etcdserverpb.ts";
import type { RecordTag } from "../ops/plan.ts";
import type { Mend } from "./faults.ts";
import type { KeySpace } from "./key-space.ts";
import { encodeRecord, recordOfZnode } from "./record.ts";
import { isReserved } from "./reserved.ts";
import { resolveZxid, type Znode } from "./znode.ts";
import type { ZnodeTree } from "./znode-tree.ts";

/** A transaction that does all or, if what it saw is not so any more, nothing. */
export interface MendTxn {
  readonly compares: readonly Compare[];
  readonly operations: readonly RequestOp[];
}

/**
 * What makes durable what the tree knows of one path: a put of its record, or the delete of a record without a znode. No
 * data key is touched, so no watcher hears of it. Both keys are compared with what the tree saw, so of several facades that
 * mend the same path one does it.
 *
 * Null: there is nothing to mend any more. The transaction fails as a whole when the znode's lease ended in the meantime.
 */
export function planMend(
  tree: ZnodeTree,
  keys: KeySpace,
  mend: Pick<Mend, "path">,
  context: { readonly tag: RecordTag },
): MendTxn | null {
  const { path } = mend;
  const leftover = tree.leftoverRevision(path);
  if (leftover !== 0) return removal(keys, path, leftover);
  if (tree.faultOf(path) === null) return null;
  const znode = tree.get(path)!;
  const put = newPutRequest({ key: keys.recordKey(path), value: recordOf(znode, context.tag), lease: znode.owner });
  return {
    compares: [
      unchanged(keys.dataKey(path), resolveZxid(znode.mzxid)),
      unchanged(keys.recordKey(path), resolveZxid(znode.recordRevision)),
    ],
    operations: [newRequestOp({ request: { case: "requestPut", value: put } })],
  };
}

function removal(keys: KeySpace, path: string, revision: number): MendTxn {
  const key = keys.recordKey(path);
  const remove = newDeleteRangeRequest({ key });
  return {
    compares: [unchanged(keys.dataKey(path), 0), unchanged(key, revision)],
    operations: [newRequestOp({ request: { case: "requestDeleteRange", value: remove } })],
  };
}

/** All that the tree knows, in numbers: nothing of it happens now. */
function recordOf(znode: Znode, tag: RecordTag): Uint8Array {
  const czxid = resolveZxid(znode.czxid);
  const ownCzxid = isReserved(znode.path) ? 0 : znode.createRevision;
  const pzxid = resolveZxid(znode.pzxid);
  return encodeRecord(recordOfZnode(znode, { pzxid, czxid: czxid === ownCzxid ? null : czxid, tag }));
}

/** A key that does not exist compares as one with mod_revision 0. */
function unchanged(key: Uint8Array, modRevision: number): Compare {
  return newCompare({
    key,
    target: Compare_CompareTarget.MOD,
    targetUnion: { case: "modRevision", value: modRevision },
  });
}

import type { Compare, RequestOp } from "../../etcd/wire/etcdserverpb.ts";
import type { AclRules } from "../acl/rules.ts";
import type { ZkErrorCode } from "../errors.ts";
import type { PendingZxid, Znode } from "../tree/znode.ts";
import type { Identity } from "../wire/messages.ts";

/** Rules of the server that a plan depends on. */
export interface PlanRules extends AclRules {
  /** TTL znodes are allowed (zookeeper.extendedTypesEnabled). */
  readonly extendedTypes: boolean;
  /** Hard quotas refuse writes (zookeeper.enforceQuota). */
  readonly enforceQuota: boolean;
}

/** Who asks, and when. */
export interface PlanContext {
  /** 0n: the facade itself. */
  readonly sessionId: bigint;
  readonly identities: readonly Identity[];
  /** Wall-clock milliseconds: ctime and mtime. */
  readonly nowMs: number;
  /** Goes into every record of the plan and is never used again, so that equal bytes mean the same write. */
  readonly tag: RecordTag;
  readonly rules: PlanRules;
}

/** Which run of which facade wrote a record, and as its how manieth plan. Both are uint32. */
export interface RecordTag {
  readonly facade: number;
  readonly sequence: number;
}

/**
 * One request as one transaction. The compares guard all that the plan assumed of the tree, so a transaction that
 * succeeds did exactly what was planned; who carries it adds the session's guard and the order within the session.
 *
 * Three things are not guarded. The usage of a quota: several facades may overshoot it together. That the ancestors above
 * the znodes named and their parents exist: only an etcd client can delete the key of an inner znode, and a write below it
 * that comes a moment later succeeds and is invisible. What etcd clients put, in the same moment, below an ephemeral whose
 * session is closed, or beside children that a multi deletes together with their parent: it becomes orphans.
 */
export interface Plan {
  readonly kind: "plan";
  /** Whoever carries the plan adds its own. */
  readonly compares: Compare[];
  readonly operations: RequestOp[];
  /** Znodes as they will be; null for a znode that will be gone. */
  readonly changes: ReadonlyMap<string, Znode | null>;
  /** A path whose record the plan puts, preferably of a znode that few others write; null when it puts none. */
  readonly witness: string | null;
  /** To be filled in with the transaction's revision. */
  readonly zxid: PendingZxid;
  readonly result: WriteResult;
}

/** The request cannot be done, or changes nothing. It may rest on plans that are still on their way. */
export interface Refusal {
  readonly kind: "refusal";
  readonly result: WriteResult;
}

/**
 * The plan cannot be written down yet: a record would have to repeat a zxid that nobody knows before another plan, which
 * is on its way, has arrived. To be planned again then. It happens to
 *
 * - setData and setACL of a znode that gains or loses a child in another plan on its way (its pzxid is not known), unless
 *   that child is created or deleted in the same multi; and
 * - any write but a delete to a znode that a multi on its way deletes and creates anew (its czxid is not known), creates
 *   and deletes of its children among them.
 *
 * It does not happen to a create or delete, however many siblings are on their way, nor to writes of a znode whose own
 * create is on its way.
 */
export interface Blocked {
  readonly kind: "blocked";
  readonly on: PendingZxid;
}

/** The body of a reply to a write; a znode stands for its stat. */
export type WriteResult =
  | { readonly type: "error"; readonly code: ZkErrorCode }
  /** delete, check, closeSession. */
  | { readonly type: "none" }
  /** create. */
  | { readonly type: "path"; readonly path: string }
  /** create2, createContainer, createTTL. */
  | { readonly type: "created"; readonly path: string; readonly znode: Znode }
  /** setData, setACL. */
  | { readonly type: "stat"; readonly znode: Znode }
  | { readonly type: "multi"; readonly results: readonly MultiResult[] };

/**
 * One member of a multi's answer: `opCode` as it goes into its header (-1 for an error). In an answer of a multi that
 * failed, type "none" with opCode -1 stands for the code 0 of the members before the one that failed.
 */
export interface MultiResult {
  readonly opCode: number;
  readonly result: Exclude<WriteResult, { readonly type: "multi" }>;
}

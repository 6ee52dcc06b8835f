import type { Compare, RequestOp } from "../../etcd/wire/etcdserverpb.ts";
import type { ZkErrorCode } from "../errors.ts";
import type { PendingZxid, Znode } from "../tree/znode.ts";
import type { Identity } from "../wire/messages.ts";

/** Rules of the server that a plan depends on. */
export interface PlanRules {
  readonly skipAcl: boolean;
  /** TTL znodes are allowed (zookeeper.extendedTypesEnabled). */
  readonly extendedTypes: boolean;
  /** Hard quotas refuse writes (zookeeper.enforceQuota). */
  readonly enforceQuota: boolean;
  /** Schemes that may stand in an ACL besides world, auth, digest and ip. */
  readonly schemes: ReadonlySet<string>;
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
 */
export interface Plan {
  readonly kind: "plan";
  readonly compares: readonly Compare[];
  readonly operations: readonly RequestOp[];
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

/** One member of a multi's answer: `opCode` as it goes into its header (-1 for an error). */
export interface MultiResult {
  readonly opCode: number;
  readonly result: Exclude<WriteResult, { readonly type: "multi" }>;
}

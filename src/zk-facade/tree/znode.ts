import type { Acl } from "../wire/messages.ts";

/**
 * A zxid that is not known yet: the revision of a transaction that is planned or on its way. Whoever completes the
 * transaction fills it in, before anybody encodes what refers to it.
 */
export class PendingZxid {
  value = 0;
}

/**
 * Inside the facade a zxid is the etcd revision. The fixed offset of the root is added when it goes on the wire, except
 * to 0, which stays 0 (the reserved znodes of a fresh tree).
 */
export type Zxid = number | PendingZxid;

export function resolveZxid(zxid: Zxid): number {
  return typeof zxid === "number" ? zxid : zxid.value;
}

export type ZnodeKind = "persistent" | "ephemeral" | "container" | "ttl";

/**
 * One znode: its stat, and how the store holds it. The tree's own znodes carry numbers only and may change when the tree
 * does; those of a plan carry pending zxids and never change.
 *
 * The data key and the record key (tree/key-space.ts) are two keys of one znode. Reserved znodes (`/`, `/zookeeper`, …)
 * exist without either; a znode that an etcd client made has no record until a facade writes one.
 */
export interface Znode {
  /** ZooKeeper's path; the root is "/". */
  readonly path: string;
  readonly kind: ZnodeKind;
  /** The lease of the data key, a session's id as a rule; 0n when it has none. */
  readonly owner: bigint;
  /** Of kind "ttl", else 0. */
  readonly ttlMs: number;
  /** One array for all znodes with equal lists. */
  readonly acl: readonly Acl[];

  readonly czxid: Zxid;
  /** Also the mod_revision of the data key; 0 when there is no data key. */
  readonly mzxid: Zxid;
  readonly pzxid: Zxid;
  /** Milliseconds since the Unix epoch. */
  readonly ctime: number;
  readonly mtime: number;
  /** An int32 that wraps. */
  readonly version: number;
  readonly aversion: number;
  /** How many children were ever created: ZooKeeper's stored cversion. The one it shows is 2 * creates - numChildren. */
  readonly creates: number;
  readonly numChildren: number;
  readonly dataLength: number;
  /** Null data, which is not the same as empty data. */
  readonly isNull: boolean;

  /** create_revision of the data key; 0 when there is none; pending when it is being created. */
  readonly createRevision: Zxid;
  /** `version` of the data key in etcd's sense; 0 when there is none. */
  readonly keyVersion: number;
  /** mod_revision of the record key; 0 when there is none. */
  readonly recordRevision: Zxid;
  /** The record's exact bytes while it is on its way (recordRevision is pending); null in the tree. */
  readonly record: Uint8Array | null;
}

/** One that is being put together. */
export type MutableZnode = { -readonly [Field in keyof Znode]: Znode[Field] };

/** cversion as clients see it. */
export function shownCversion(znode: Znode): number {
  return (2 * znode.creates - znode.numChildren) | 0;
}

/** ephemeralOwner as clients see it: 0 for everything but ephemerals. */
export function shownOwner(znode: Znode): bigint {
  return znode.kind === "ephemeral" ? znode.owner : 0n;
}

/** What happened to one znode, in the order in which ZooKeeper tells its watchers. */
export interface ZnodeChange {
  readonly type: "created" | "deleted" | "dataChanged";
  readonly path: string;
  /** The znode's list when it happened; that of a deleted znode is its last one. */
  readonly acl: readonly Acl[];
  /** The parent's list: children watches are filtered by it. */
  readonly parentAcl: readonly Acl[];
}

/** What a planner may know of the tree: the tree itself, or the tree with what is on its way laid over it. */
export interface TreeView {
  get(path: string): Znode | undefined;
  /** The session, or other lease, of an ephemeral; 0n for every other path. */
  ephemeralOwnerOf(path: string): bigint;
  /**
   * The ephemerals of a session, full paths, in no promised order; where writes are on their way also those that are no
   * more when these have arrived.
   */
  ephemeralsOf(owner: bigint): Iterable<string>;
  /** True when keys below the path exist that are no znodes, since their parents are missing. */
  hasOrphansBelow(path: string): boolean;
  /** The quota over a path: the longest one that holds it. Null when there is none. */
  quotaOver(path: string): Quota | null;
}

export interface Quota {
  /** The path that the quota stands on. */
  readonly path: string;
  /** -1: no limit. */
  readonly count: number;
  readonly bytes: number;
  readonly countHardLimit: number;
  readonly bytesHardLimit: number;
  /** Znodes of the subtree, its top included, and the sum of their data lengths. */
  readonly usedCount: number;
  readonly usedBytes: number;
}

import { Perms, type Acl } from "../wire/messages.ts";

/**
 * The znodes that every ZooKeeper has from the start. They exist whether or not they have keys, and cannot be deleted:
 * when an etcd client deletes the key of one, its data becomes empty.
 */
export interface ReservedZnode {
  readonly path: string;
  readonly parent: string | null;
  /** Null: the open list. */
  readonly acl: readonly Acl[] | null;
  readonly aversion: number;
}

const CONFIG_ACL: readonly Acl[] = [{ perms: Perms.READ, scheme: "world", id: "anyone" }];

export const CONFIG_PATH = "/zookeeper/config";
export const QUOTA_PATH = "/zookeeper/quota";

/** Parents come first. A real server writes its configuration into the last one past all checks, hence the -1. */
export const reservedZnodes: readonly ReservedZnode[] = [
  { path: "/", parent: null, acl: null, aversion: 0 },
  { path: "/zookeeper", parent: "/", acl: null, aversion: 0 },
  { path: QUOTA_PATH, parent: "/zookeeper", acl: null, aversion: 0 },
  { path: CONFIG_PATH, parent: "/zookeeper", acl: CONFIG_ACL, aversion: -1 },
];

export function isReserved(path: string): boolean {
  return reservedZnodes.some((reserved) => reserved.path === path);
}

import type { AlarmMember, ResponseHeader } from "../wire/etcdserverpb.ts";

/**
 * What the edge must know of its own member at any moment, without asking the cluster: the checks before a call, the
 * headers of answers that need no port call, the health endpoints.
 */
export interface MemberInfo {
  /** Cluster, member, the store's current revision, Raft's term. A new object each time. */
  header(): ResponseHeader;
  hasLeader(): boolean;
  isLearner(): boolean;
  /** Of all members, as the last AlarmResponse would list them. */
  alarms(): readonly AlarmMember[];
  versions(): Versions;
}

export interface Versions {
  /** The server's own: `3.6.14`. */
  readonly server: string;
  /** Null until the members have agreed on one. */
  readonly cluster: string | null;
  readonly storage: string | null;
}

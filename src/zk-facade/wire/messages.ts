/**
 * ZooKeeper's requests as the rest of the facade sees them: decoded, and nothing of jute left in them. Field names and
 * meanings are those of zookeeper.jute. Session ids use all 64 bits and are bigint (signed); zxids, versions, times and
 * counts are numbers, an int64 off the wire saturated to the safe integers.
 *
 * `data` and `auth` are views of the frame they came in: borrowed until the request is answered, copied by who keeps them.
 * A null stands where jute has a length of -1 and the server tells it from an empty value.
 */

/** The bits of `perms`. Any int is stored as it came. */
export const Perms = { READ: 1, WRITE: 2, CREATE: 4, DELETE: 8, ADMIN: 16, ALL: 31 } as const;

export interface Acl {
  readonly perms: number;
  readonly scheme: string;
  readonly id: string;
}

/** Who a connection is: `ip` from its address, `digest`, `x509`, `sasl` from what it proved, `super` beside one of them. */
export interface Identity {
  readonly scheme: string;
  readonly id: string;
}

/** What whoAmI tells of one identity: of a digest, the user alone. */
export interface ClientInfo {
  readonly authScheme: string;
  readonly user: string;
}

export const OpCode = {
  notification: 0,
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getAcl: 6,
  setAcl: 7,
  getChildren: 8,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  check: 13,
  multi: 14,
  create2: 15,
  reconfig: 16,
  checkWatches: 17,
  removeWatches: 18,
  createContainer: 19,
  deleteContainer: 20,
  createTtl: 21,
  multiRead: 22,
  auth: 100,
  setWatches: 101,
  sasl: 102,
  getEphemerals: 103,
  getAllChildrenNumber: 104,
  setWatches2: 105,
  addWatch: 106,
  whoAmI: 107,
  createSession: -10,
  closeSession: -11,
  error: -1,
} as const;

/** Create, create2, createContainer and createTTL. `flags` as it came: the planner says which of them are modes. */
export interface CreateRequest {
  readonly op: "create";
  readonly opCode: 1 | 15 | 19 | 21;
  readonly path: string;
  readonly data: Uint8Array | null;
  /** Null and empty are both refused, by the planner. */
  readonly acl: readonly Acl[] | null;
  readonly flags: number;
  /** Milliseconds; 0 in a request that has no such field. */
  readonly ttl: number;
}

export interface DeleteRequest {
  readonly op: "delete";
  readonly path: string;
  readonly version: number;
}

export interface SetDataRequest {
  readonly op: "setData";
  readonly path: string;
  readonly data: Uint8Array | null;
  readonly version: number;
}

export interface SetAclRequest {
  readonly op: "setAcl";
  readonly path: string;
  readonly acl: readonly Acl[] | null;
  /** Compared with aversion. */
  readonly version: number;
}

export interface CheckRequest {
  readonly op: "check";
  readonly path: string;
  readonly version: number;
}

/** What may stand in a write multi. */
export type MultiMember = CreateRequest | DeleteRequest | SetDataRequest | CheckRequest;

export interface MultiRequest {
  readonly op: "multi";
  readonly members: readonly MultiMember[];
}

export interface ReadMember {
  readonly op: "getData" | "getChildren";
  readonly path: string;
}

export interface MultiReadRequest {
  readonly op: "multiRead";
  readonly members: readonly ReadMember[];
}

/** A read that may set a watch. */
export interface WatchingReadRequest {
  readonly op: "exists" | "getData" | "getChildren" | "getChildren2";
  readonly path: string;
  readonly watch: boolean;
}

export interface PathRequest {
  readonly op: "getAcl" | "getAllChildrenNumber" | "deleteContainer";
  readonly path: string;
}

export interface SyncRequest {
  readonly op: "sync";
  /** Echoed: null as null. */
  readonly path: string | null;
}

export interface GetEphemeralsRequest {
  readonly op: "getEphemerals";
  readonly prefix: string | null;
}

export interface ReconfigRequest {
  readonly op: "reconfig";
  readonly joiningServers: string | null;
  readonly leavingServers: string | null;
  readonly newMembers: string | null;
  readonly curConfigId: number;
}

/** checkWatches and removeWatches; `type` as it came (1..5 are known). */
export interface WatchesRequest {
  readonly op: "checkWatches" | "removeWatches";
  readonly path: string;
  readonly type: number;
}

export interface AddWatchRequest {
  readonly op: "addWatch";
  readonly path: string | null;
  /** 0 persistent, 1 persistent recursive; others as they came. */
  readonly mode: number;
}

/** setWatches and setWatches2: what the client watched on its last connection. */
export interface SetWatchesRequest {
  readonly op: "setWatches";
  readonly relativeZxid: number;
  readonly data: readonly string[];
  readonly exist: readonly string[];
  readonly child: readonly string[];
  readonly persistent: readonly string[];
  readonly recursive: readonly string[];
}

export interface AuthRequest {
  readonly op: "auth";
  readonly scheme: string | null;
  readonly auth: Uint8Array | null;
}

export interface SaslRequest {
  readonly op: "sasl";
  readonly token: Uint8Array | null;
}

export interface BareRequest {
  readonly op: "ping" | "whoAmI";
}

export interface CloseSessionRequest {
  readonly op: "closeSession";
}

export type WriteRequest =
  | CreateRequest
  | DeleteRequest
  | SetDataRequest
  | SetAclRequest
  | MultiRequest
  /** Alone it is not allowed (-6, close); in a multi it is a member. */
  | CheckRequest;

export type Request =
  | WriteRequest
  | WatchingReadRequest
  | MultiReadRequest
  | PathRequest
  | SyncRequest
  | GetEphemeralsRequest
  | ReconfigRequest
  | WatchesRequest
  | AddWatchRequest
  | SetWatchesRequest
  | AuthRequest
  | SaslRequest
  | BareRequest
  | CloseSessionRequest;

/** The first frame of a connection, from the client. */
export interface ConnectRequest {
  readonly protocolVersion: number;
  readonly lastZxidSeen: number;
  /** Milliseconds, as asked for. */
  readonly timeoutMs: number;
  /** 0n: a new session. */
  readonly sessionId: bigint;
  readonly password: Uint8Array | null;
  /** Null: the client is too old to send the byte, and gets none back. */
  readonly readOnly: boolean | null;
}

/** The first frame back. A timeout of 0 with session 0 and a zero password says: expired. */
export interface ConnectResponse {
  readonly timeoutMs: number;
  readonly sessionId: bigint;
  /** 16 bytes. */
  readonly password: Uint8Array;
  /** Null: leave the byte out. */
  readonly readOnly: boolean | null;
}

export const EventType = { created: 1, deleted: 2, dataChanged: 3, childrenChanged: 4 } as const;
export type EventType = (typeof EventType)[keyof typeof EventType];

import { clientInfosOf } from "../acl/authentication.ts";
import { isPermitted } from "../acl/permission.ts";
import { shownAcl } from "../acl/redaction.ts";
import type { ZkErrorCode } from "../errors.ts";
import { resolveZxid, type Znode } from "../tree/znode.ts";
import { catchUp } from "../watches/catch-up.ts";
import { isWatcherType, type WatchMode } from "../watches/watch-table.ts";
import { encodeStrings } from "../wire/jute-strings.ts";
import {
  Perms,
  type ReadMember,
  type Request,
  type SetWatchesRequest,
  type WatchingReadRequest,
} from "../wire/messages.ts";
import type { ReadResult, ReplyWriter } from "../wire/replies.ts";
import type { Connection, ConnectionHost, ReplySlot } from "./connection.ts";

/** What is asked for in its turn and changes nothing. */
export type ReadRequest = Exclude<
  Request,
  {
    readonly op: "create" | "delete" | "setData" | "setAcl" | "multi" | "check" | "auth" | "sasl" | "closeSession";
  }
>;

/** To be called once what was fetched is there: writes the reply. */
export type LateReply = () => void;

/** Data that was compacted away while it was fetched is fetched again; each time the tree has moved on. */
const ATTEMPTS_MAX = 100;
/** Of the reply to a ping, whatever xid the ping had. */
const PING_XID = -2;
/** Below it znodes lie whose data is counted, not stored. */
const QUOTAS = "/zookeeper/quota/";
const EMPTY = new Uint8Array(0);

/**
 * Executes one request that changes nothing, with the tree as it stands. Most are answered at once; data that is not at
 * hand is fetched, and what the reply says of the znode is what was true when its turn came.
 */
export class Reads {
  readonly #host: ConnectionHost;
  readonly #connection: Connection;
  readonly #replies: ReplyWriter;

  constructor(host: ConnectionHost, connection: Connection) {
    this.#host = host;
    this.#connection = connection;
    this.#replies = connection.replies;
  }

  /** Null: the reply is written. */
  execute(slot: ReplySlot, request: ReadRequest): Promise<LateReply> | null {
    const error = this.#answer(slot, request);
    if (error instanceof Promise) return error;
    const { revision } = this.#host.facade;
    if (error !== null) this.#replies.error(slot.xid, revision, error);
    this.#connection.answered(slot, revision);
    return null;
  }

  /** Null: a reply was written, and is to be counted. A code: none was. */
  #answer(slot: ReplySlot, request: ReadRequest): Promise<LateReply> | ZkErrorCode | null {
    const { xid } = slot;
    const { revision } = this.#host.facade;
    switch (request.op) {
      case "getData":
        return this.#getData(slot, request);
      case "exists":
        return this.#exists(xid, request);
      case "getChildren":
      case "getChildren2":
        return this.#getChildren(xid, request);
      case "ping":
        this.#replies.empty(PING_XID, revision);
        return null;
      case "getAcl":
        return this.#getAcl(xid, request.path);
      case "getAllChildrenNumber":
        return this.#getAllChildrenNumber(xid, request.path);
      // Only the server's own reaper may: a client would get round the ACLs.
      case "deleteContainer":
        return "unimplemented";
      case "getEphemerals":
        this.#replies.paths(xid, revision, this.#ephemerals(request.prefix ?? ""));
        return null;
      case "whoAmI":
        this.#replies.clientInfos(xid, revision, clientInfosOf(this.#connection.identities));
        return null;
      case "addWatch":
        return this.#addWatch(xid, request.path, request.mode);
      case "checkWatches":
      case "removeWatches":
        return this.#watches(xid, request.op, request.path, request.type);
      case "reconfig":
        return this.#host.reconfigError;
      case "sync":
        return this.#sync(slot, request.path);
      case "multiRead":
        return this.#multiRead(slot, request.members);
      case "setWatches":
        return this.#setWatches(slot, request);
    }
  }

  #getData(slot: ReplySlot, request: WatchingReadRequest): Promise<LateReply> | ZkErrorCode | null {
    const znode = this.#readable(request.path);
    if (typeof znode === "string") return znode;
    if (request.watch) this.#watch(znode.path, "data");
    const data = this.#dataAtHand(znode);
    if (data === undefined) return this.#fetchData(slot, znode);
    this.#host.stats.znodeRead(znode.path, znode.dataLength);
    this.#replies.data(slot.xid, this.#host.facade.revision, data, znode);
    return null;
  }

  async #fetchData(slot: ReplySlot, found: Znode): Promise<LateReply> {
    const { facade } = this.#host;
    let znode = found;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const { revision } = facade;
      const data = await facade.data.read(znode.path, resolveZxid(znode.mzxid), revision);
      if (data !== undefined) {
        return () => {
          this.#host.stats.znodeRead(znode.path, data.length);
          this.#replies.data(slot.xid, revision, data, znode);
          this.#connection.answered(slot, revision);
        };
      }
      await facade.reached(revision + 1);
      const again = this.#readable(znode.path);
      if (typeof again === "string") return this.#lateError(slot, again);
      znode = again;
    }
    throw new Error("the data of a znode was compacted away again and again while it was read");
  }

  #lateError(slot: ReplySlot, error: ZkErrorCode): LateReply {
    const { revision } = this.#host.facade;
    return () => {
      this.#replies.error(slot.xid, revision, error);
      this.#connection.answered(slot, revision);
    };
  }

  /** Undefined: it must be fetched. */
  #dataAtHand(znode: Znode): Uint8Array | null | undefined {
    const { facade } = this.#host;
    if (znode.path.startsWith(QUOTAS)) {
      const usage = facade.tree.quotaUsage(znode.path);
      if (usage !== null) return usage;
    }
    if (znode.isNull) return null;
    if (znode.dataLength === 0) return EMPTY;
    return facade.data.cached(znode.path, resolveZxid(znode.mzxid));
  }

  #exists(xid: number, { path, watch }: WatchingReadRequest): ZkErrorCode | null {
    const znode = this.#readable(path);
    if (typeof znode === "string") {
      if (watch && znode === "noNode") this.#watch(path, "data");
      return znode;
    }
    if (watch) this.#watch(znode.path, "data");
    this.#host.stats.znodeRead(znode.path, 0);
    this.#replies.stat(xid, this.#host.facade.revision, znode);
    return null;
  }

  #getChildren(xid: number, { op, path, watch }: WatchingReadRequest): ZkErrorCode | null {
    const znode = this.#readable(path);
    if (typeof znode === "string") return znode;
    if (watch) this.#watch(znode.path, "child");
    const { facade, children, stats } = this.#host;
    const names = children.of(facade.tree, znode);
    stats.znodeRead(znode.path, names.length);
    if (op === "getChildren") this.#replies.children(xid, facade.revision, names);
    else this.#replies.children2(xid, facade.revision, names, znode);
    return null;
  }

  #getAcl(xid: number, path: string): ZkErrorCode | null {
    const znode = this.#find(path);
    if (typeof znode === "string") return znode;
    const acl = shownAcl(znode.acl, this.#connection.identities, this.#host.rules);
    if (acl === null) return "noAuth";
    this.#replies.acl(xid, this.#host.facade.revision, acl, znode);
    return null;
  }

  #getAllChildrenNumber(xid: number, path: string): ZkErrorCode | null {
    const znode = this.#readable(path);
    if (typeof znode === "string") return znode;
    const { tree, revision } = this.#host.facade;
    this.#replies.total(xid, revision, tree.countBelow(znode.path));
    return null;
  }

  #ephemerals(prefix: string): string[] {
    const all = [...this.#host.facade.tree.ephemeralsOf(this.#connection.sessionId)];
    return all.filter((path) => path.startsWith(prefix));
  }

  #addWatch(xid: number, path: string | null, mode: number): ZkErrorCode | null {
    if (mode !== 0 && mode !== 1) return "marshallingError";
    if (path !== null) this.#watch(path, mode === 0 ? "persistent" : "recursive");
    this.#replies.watchAdded(xid, this.#host.facade.revision);
    return null;
  }

  #watches(xid: number, op: "checkWatches" | "removeWatches", path: string, type: number): ZkErrorCode | null {
    if (!isWatcherType(type)) return "marshallingError";
    const { watches, revision } = this.#host.facade;
    const isCheck = op === "checkWatches";
    const found = isCheck ? watches.has(path, type, this.#connection) : watches.remove(path, type, this.#connection);
    if (!found) return "noWatcher";
    this.#replies.empty(xid, revision);
    return null;
  }

  /** Everything that was written anywhere before the sync came to its turn is in the tree when it is answered. */
  async #sync(slot: ReplySlot, path: string | null): Promise<LateReply> {
    const { facade } = this.#host;
    await facade.barrier();
    return () => {
      const { revision } = facade;
      this.#replies.path(slot.xid, revision, path);
      this.#connection.answered(slot, revision);
    };
  }

  /** Every member sees the same tree. Data is fetched afterwards, so what they say of the znodes is taken down first. */
  #multiRead(slot: ReplySlot, members: readonly ReadMember[]): Promise<LateReply> | null {
    const { facade } = this.#host;
    const { revision } = facade;
    const fetches: Promise<void>[] = [];
    const results = members.map(({ op, path }, at): ReadResult => {
      const znode = this.#readable(path);
      if (typeof znode === "string") return { type: "error", code: znode };
      if (op === "getChildren") return { type: "children", names: encodeStrings(facade.tree.children(znode.path)) };
      const data = this.#dataAtHand(znode);
      if (data === undefined) {
        fetches.push(
          facade.data.read(znode.path, resolveZxid(znode.mzxid), revision).then((fetched) => {
            if (fetched === undefined) throw new Error("the data of a znode was compacted away while it was read");
            results[at] = { type: "data", data: fetched, znode };
          }),
        );
      }
      return { type: "data", data: data ?? null, znode };
    });
    if (fetches.length === 0) {
      this.#replies.reads(slot.xid, revision, results);
      return null;
    }
    return Promise.all(fetches).then(() => () => {
      this.#replies.reads(slot.xid, revision, results);
      this.#connection.answered(slot, revision);
    });
  }

  /**
   * What the client watched on its last connection. One-shot watches catch up as in ZooKeeper. Persistent ones get, beyond
   * ZooKeeper, each event since the client's last zxid, for as long as the store has that history.
   */
  #setWatches(slot: ReplySlot, request: SetWatchesRequest): Promise<LateReply> | null {
    const { facade, zxidOffset } = this.#host;
    const { revision } = facade;
    const since = request.relativeZxid - zxidOffset;
    for (const step of catchUp(facade.tree, request, since)) {
      if (step.kind === "event") this.#connection.caughtUp(step.type, step.path);
      else this.#watch(step.path, step.mode);
    }
    if (request.persistent.length + request.recursive.length === 0 || since >= revision || since <= 0) {
      this.#replies.empty(slot.xid, revision);
      return null;
    }
    return facade.missedEvents(request, since, revision).then((events) => () => {
      for (const { type, path, acl, revision: at } of events) {
        if (this.#mayRead(acl)) this.#connection.caughtUp(type, path, at);
      }
      this.#replies.empty(slot.xid, revision);
      this.#connection.answered(slot, revision);
    });
  }

  #watch(path: string, mode: WatchMode): void {
    this.#host.facade.watches.add(path === "" ? "/" : path, mode, this.#connection);
  }

  #find(path: string): Znode | ZkErrorCode {
    return this.#host.facade.tree.get(path) ?? (path.includes("\0") ? "badArguments" : "noNode");
  }

  #readable(path: string): Znode | ZkErrorCode {
    const znode = this.#find(path);
    if (typeof znode === "string") return znode;
    return this.#mayRead(znode.acl) ? znode : "noAuth";
  }

  #mayRead(acl: Znode["acl"]): boolean {
    return isPermitted(acl, Perms.READ, this.#connection.identities, this.#host.rules);
  }
}

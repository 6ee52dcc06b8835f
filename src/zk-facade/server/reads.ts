import { clientInfosOf } from "../acl/authentication.ts";
import { isPermitted } from "../acl/permission.ts";
import { shownAcl } from "../acl/redaction.ts";
import type { ZkErrorCode } from "../errors.ts";
import { hex } from "../session/session-id.ts";
import type { Znode } from "../tree/znode.ts";
import { catchUp, type CatchUpEvent, withoutTold } from "../watches/catch-up.ts";
import { isWatcherType, type WatchMode } from "../watches/watch-table.ts";
import {
  type AddWatchRequest,
  Perms,
  type ReadMember,
  type Request,
  type SetWatchesRequest,
  type WatchesRequest,
  type WatchingReadRequest,
} from "../wire/messages.ts";
import type { ReadResult, ReplyWriter } from "../wire/replies.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionHost } from "./connection-host.ts";
import type { Answer, Fetch } from "./reply-line.ts";
import { ZnodeData } from "./znode-data.ts";

/** What is asked for in its turn and changes nothing. */
export type ReadRequest = Exclude<
  Request,
  {
    readonly op:
      "create" | "delete" | "setData" | "setAcl" | "multi" | "check" | "sync" | "auth" | "sasl" | "closeSession";
  }
>;

/**
 * How many of the longest frames that clients may send fit into the answer to a multiRead. ZooKeeper knows no bound and
 * dies of what fits into one request: some fifty thousand times the same large znode. Its own client takes one frame.
 */
const MULTI_READ_FRAMES = 16;
/** What a result of a multiRead has around its data or names. */
const RESULT_BYTES = 80;
/** Of the reply to a ping, whatever xid the ping had. */
const PING_XID = -2;
/** In the header of an event that is told after a reconnect. */
const CAUGHT_UP = -1;

/**
 * Executes one request that changes nothing, with the tree as it stands. Most are answered at once; data that is not at
 * hand is fetched, and what the reply says of the znode is what was true when its turn came.
 */
export class Reads {
  readonly #host: ConnectionHost;
  readonly #connection: Connection;
  readonly #data: ZnodeData;

  constructor(host: ConnectionHost, connection: Connection) {
    this.#host = host;
    this.#data = new ZnodeData(host);
    this.#connection = connection;
  }

  /** The revision in the reply, which is written; or what must be fetched before. */
  execute(xid: number, request: ReadRequest, replies: ReplyWriter): number | Fetch {
    const { revision } = this.#host.facade;
    const error = this.#answer(xid, request, replies);
    if (typeof error === "string") replies.error(xid, revision, error);
    else if (error !== null) return error;
    return revision;
  }

  /** Null: a reply was written. A code: none was. */
  #answer(xid: number, request: ReadRequest, replies: ReplyWriter): Fetch | ZkErrorCode | null {
    const { revision } = this.#host.facade;
    switch (request.op) {
      case "getData":
        return this.#getData(xid, request, replies);
      case "exists":
        return this.#exists(xid, request, replies);
      case "getChildren":
      case "getChildren2":
        return this.#getChildren(xid, request, replies);
      case "ping":
        replies.empty(PING_XID, revision);
        return null;
      case "getAcl":
        return this.#getAcl(xid, request.path, replies);
      case "getAllChildrenNumber":
        return this.#getAllChildrenNumber(xid, request.path, replies);
      // Only the server's own reaper may: a client would get round the ACLs.
      case "deleteContainer":
        return "unimplemented";
      case "getEphemerals":
        replies.paths(xid, revision, this.#ephemerals(request.prefix ?? ""));
        return null;
      case "whoAmI":
        replies.clientInfos(xid, revision, clientInfosOf(this.#connection.identities));
        return null;
      case "addWatch":
        return this.#addWatch(xid, request, replies);
      case "checkWatches":
      case "removeWatches":
        return this.#watches(xid, request, replies);
      case "reconfig":
        return this.#host.reconfigError;
      case "multiRead":
        return this.#multiRead(xid, request.members, replies);
      case "setWatches":
        return this.#setWatches(xid, request, replies);
    }
  }

  #getData(xid: number, request: WatchingReadRequest, replies: ReplyWriter): Fetch | ZkErrorCode | null {
    const znode = this.#lookAt(request.path);
    if (typeof znode === "string") return znode;
    if (request.watch) this.#watch(request.path, "data");
    const { stats, facade } = this.#host;
    const { revision } = facade;
    const data = this.#data.atHand(znode);
    const { counters } = stats.metrics;
    if (data === undefined) {
      counters.response_packet_cache_misses.inc();
      const kept = facade.tree.get(request.path)!;
      return this.#data.fetch([kept], ([found]) => (late) => {
        stats.znodeRead(kept.path, kept.dataLength);
        late.data(xid, revision, found!, kept);
        return revision;
      });
    }
    counters.response_packet_cache_hits.inc();
    stats.znodeRead(znode.path, znode.dataLength);
    replies.data(xid, revision, data, znode);
    return null;
  }

  #exists(xid: number, { path, watch }: WatchingReadRequest, replies: ReplyWriter): ZkErrorCode | null {
    if (path.includes("\0")) return "badArguments";
    const znode = this.#lookAt(path);
    if (typeof znode === "string") {
      if (watch && znode === "noNode") this.#watch(path, "data");
      return znode;
    }
    if (watch) this.#watch(path, "data");
    this.#host.stats.znodeRead(znode.path, 0);
    replies.stat(xid, this.#host.facade.revision, znode);
    return null;
  }

  #getChildren(xid: number, { op, path, watch }: WatchingReadRequest, replies: ReplyWriter): ZkErrorCode | null {
    const znode = this.#readable(path);
    if (typeof znode === "string") return znode;
    if (watch) this.#watch(path, "child");
    const { facade, children, stats } = this.#host;
    const names = children.of(facade.tree, znode);
    // The letters alone, without the lengths before each name and before them all.
    stats.znodeRead(znode.path, names.length - 4 * (znode.numChildren + 1));
    if (op === "getChildren") {
      replies.children(xid, facade.revision, names);
      return null;
    }
    const { counters } = stats.metrics;
    if (children.wasKept) counters.response_packet_get_children_cache_hits.inc();
    else counters.response_packet_get_children_cache_misses.inc();
    replies.children2(xid, facade.revision, names, znode);
    return null;
  }

  #getAcl(xid: number, path: string, replies: ReplyWriter): ZkErrorCode | null {
    const znode = this.#find(path);
    if (typeof znode === "string") return znode;
    const acl = shownAcl(znode.acl, this.#connection.identities, this.#host.rules);
    if (acl === null) return "noAuth";
    replies.acl(xid, this.#host.facade.revision, acl, znode);
    return null;
  }

  #getAllChildrenNumber(xid: number, path: string, replies: ReplyWriter): ZkErrorCode | null {
    const znode = this.#readable(path);
    if (typeof znode === "string") return znode;
    const { tree, revision } = this.#host.facade;
    replies.total(xid, revision, tree.countBelow(znode.path));
    return null;
  }

  #ephemerals(prefix: string): string[] {
    const all = [...this.#host.facade.tree.ephemeralsOf(this.#connection.sessionId)];
    return all.filter((path) => path.startsWith(prefix));
  }

  #addWatch(xid: number, { path, mode }: AddWatchRequest, replies: ReplyWriter): ZkErrorCode | null {
    if (mode !== 0 && mode !== 1) return "marshallingError";
    if (path !== null) this.#watch(path, mode === 0 ? "persistent" : "recursive");
    replies.watchAdded(xid, this.#host.facade.revision);
    return null;
  }

  #watches(xid: number, { op, path, type }: WatchesRequest, replies: ReplyWriter): ZkErrorCode | null {
    if (!isWatcherType(type)) return "marshallingError";
    const { watches, revision } = this.#host.facade;
    const isCheck = op === "checkWatches";
    const found = isCheck ? watches.has(path, type, this.#connection) : watches.remove(path, type, this.#connection);
    if (!found) return "noWatcher";
    replies.empty(xid, revision);
    return null;
  }

  /** Every member sees the same tree. Data is fetched afterwards, so what they say of the znodes is taken down first. */
  #multiRead(xid: number, members: readonly ReadMember[], replies: ReplyWriter): Fetch | ZkErrorCode | null {
    const { facade, limits, children } = this.#host;
    const { revision } = facade;
    const bytesMax = MULTI_READ_FRAMES * limits.frameBytesMax;
    const results: ReadResult[] = [];
    const missing: { readonly at: number; readonly znode: Znode }[] = [];
    let bytes = 0;
    for (const [at, { op, path }] of members.entries()) {
      const znode = this.#readable(path);
      bytes += RESULT_BYTES;
      if (typeof znode === "string") results.push({ type: "error", code: znode });
      else if (op === "getChildren") {
        const names = children.of(facade.tree, znode);
        bytes += names.length;
        results.push({ type: "children", names });
      } else {
        const data = this.#data.atHand(znode);
        bytes += znode.dataLength;
        if (data === undefined) missing.push({ at, znode });
        results.push({ type: "data", data: data ?? null, znode });
      }
      if (bytes > bytesMax) return this.#tooLarge(members.length, bytesMax);
    }
    if (missing.length === 0) {
      replies.reads(xid, revision, results);
      return null;
    }
    const znodes = missing.map(({ znode }) => znode);
    return this.#data.fetch(znodes, (found) => (late) => {
      for (const [index, { at, znode }] of missing.entries())
        results[at] = { type: "data", data: found[index]!, znode };
      late.reads(xid, revision, results);
      return revision;
    });
  }

  #tooLarge(members: number, bytesMax: number): ZkErrorCode {
    this.#host.logger.warn("refusing a multiRead whose answer would be too large", {
      session: hex(this.#connection.sessionId),
      members,
      "bytes-max": bytesMax,
    });
    return "marshallingError";
  }

  /**
   * What the client watched on its last connection. One-shot watches catch up as in ZooKeeper. Persistent ones get, beyond
   * ZooKeeper, each event since the client's last zxid, for as long as the store has that history; and what that tells a
   * path's one-shot watches, too, is not told twice.
   */
  #setWatches(xid: number, request: SetWatchesRequest, replies: ReplyWriter): Fetch | null {
    const { facade, zxidOffset } = this.#host;
    const { revision } = facade;
    const since = request.relativeZxid - zxidOffset;
    const caughtUp: CatchUpEvent[] = [];
    for (const step of catchUp(facade.tree, request, since)) {
      if (step.kind === "event") caughtUp.push(step);
      else this.#watch(step.path, step.mode);
    }
    const isNothingMissed =
      request.persistent.length + request.recursive.length === 0 || since >= revision || since <= 0;
    // Nobody can be asked for the history of a store that is lost.
    if (isNothingMissed || this.#host.readOnly?.isOn === true) {
      for (const { type, path } of caughtUp) replies.event(type, path, CAUGHT_UP);
      replies.empty(xid, revision);
      return null;
    }
    const start = async (): Promise<Answer> => {
      const missed = await facade.missedEvents(request, since, revision);
      return (late) => {
        const told = missed.filter(({ acl }) => this.#mayRead(acl));
        for (const { type, path } of withoutTold(caughtUp, told)) late.event(type, path, CAUGHT_UP);
        for (const { type, path, revision: at } of told) late.event(type, path, at);
        late.empty(xid, revision);
        return revision;
      };
    };
    return { bytes: 0, start };
  }

  #watch(path: string, mode: WatchMode): void {
    this.#host.facade.watches.add(path, mode, this.#connection);
  }

  #find(path: string): Znode | ZkErrorCode {
    return this.#host.facade.tree.get(path) ?? "noNode";
  }

  /** As `#readable`, for an answer that is written at once: see ZnodeTree.look. */
  #lookAt(path: string): Znode | ZkErrorCode {
    const znode = this.#host.facade.tree.look(path);
    if (znode === undefined) return "noNode";
    return this.#mayRead(znode.acl) ? znode : "noAuth";
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

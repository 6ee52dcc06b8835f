import { zkErrorNumbers, type ZkErrorCode } from "../errors.ts";
import type { MultiResult, WriteResult } from "../ops/plan.ts";
import { resolveZxid, shownCversion, shownOwner, type Znode, type Zxid } from "../tree/znode.ts";
import type { FrameWriter } from "./frame-writer.ts";
import { type JuteError, juteErrors } from "./jute-reader.ts";
import type { EncodedStrings } from "./jute-strings.ts";
import { type Acl, type ClientInfo, type ConnectResponse, type EventType, OpCode } from "./messages.ts";

/** One member of the answer to a multiRead. */
export type ReadResult =
  | { readonly type: "error"; readonly code: ZkErrorCode }
  | { readonly type: "data"; readonly data: Uint8Array | null; readonly znode: Znode }
  | { readonly type: "children"; readonly names: EncodedStrings };

const eventXid = -1;
/** The only state a server tells: connected. */
const syncConnected = 3;
/** The type of an error among the results of a multi. */
const errorType = OpCode.error;

/**
 * Writes replies and events of one connection, a frame each.
 *
 *   reply := xid:int zxid:long err:int body      body := the response record, if err is 0
 *   event := a reply with xid -1 and a body of type:int state:int path:string
 *
 * Zxids are revisions up to here. This is where the root's offset is added, to all that are above 0: the stat of a
 * reserved znode keeps its 0, a catch-up event its -1. Which zxid a header has, the caller knows: that of its own
 * transaction after a write, the last one the connection has seen applied after a read, 0 after auth and sasl, and -1
 * after an opcode that nobody knows.
 */
export class ReplyWriter {
  readonly #out: FrameWriter;
  readonly #zxidOffset: number;

  constructor(out: FrameWriter, options: { readonly zxidOffset: number }) {
    this.#out = out;
    this.#zxidOffset = options.zxidOffset;
  }

  /** The first frame of a connection. It has no header. */
  connect({ timeoutMs, sessionId, password, readOnly }: ConnectResponse): void {
    const out = this.#out.begin().int(0).int(timeoutMs).id(sessionId).buffer(password);
    if (readOnly !== null) out.boolean(readOnly);
    out.end();
  }

  /** The zxid is that of the transaction; -1 when the event is told after a reconnect. */
  event(type: EventType, path: string, zxid: number): void {
    this.#begin(eventXid, zxid, 0).int(type).int(syncConnected).string(path).end();
  }

  /** Success without a record: ping, auth, closeSession, delete, setWatches, checkWatches, removeWatches. */
  empty(xid: number, zxid: number): void {
    this.#begin(xid, zxid, 0).end();
  }

  error(xid: number, zxid: number, code: ZkErrorCode): void {
    this.#begin(xid, zxid, zkErrorNumbers[code]).end();
  }

  /** The answer to a request that could not be decoded, where ZooKeeper gives one. */
  malformed(xid: number, zxid: number, error: JuteError): void {
    const out = this.#begin(xid, zxid, zkErrorNumbers.marshallingError);
    if (error === juteErrors.badReadMember) endMulti(out);
    out.end();
  }

  /** exists, setData, setACL. */
  stat(xid: number, zxid: number, znode: Znode): void {
    this.#putStat(this.#begin(xid, zxid, 0), znode).end();
  }

  /** getData, and getConfig by way of reconfig. Long data is not copied: it must not change until it was written. */
  data(xid: number, zxid: number, data: Uint8Array | null, znode: Znode): void {
    this.#putStat(this.#begin(xid, zxid, 0).buffer(data), znode).end();
  }

  acl(xid: number, zxid: number, acl: readonly Acl[], znode: Znode): void {
    const out = this.#begin(xid, zxid, 0).int(acl.length);
    for (const { perms, scheme, id } of acl) out.int(perms).string(scheme).string(id);
    this.#putStat(out, znode).end();
  }

  /** getChildren. The names are not copied when they are long. */
  children(xid: number, zxid: number, names: EncodedStrings): void {
    this.#begin(xid, zxid, 0).raw(names).end();
  }

  children2(xid: number, zxid: number, names: EncodedStrings, znode: Znode): void {
    this.#putStat(this.#begin(xid, zxid, 0).raw(names), znode).end();
  }

  /** create and sync. */
  path(xid: number, zxid: number, path: string | null): void {
    this.#begin(xid, zxid, 0).string(path).end();
  }

  /** create2, createContainer, createTTL. */
  created(xid: number, zxid: number, path: string, znode: Znode): void {
    this.#putStat(this.#begin(xid, zxid, 0).string(path), znode).end();
  }

  /** getAllChildrenNumber. */
  total(xid: number, zxid: number, total: number): void {
    this.#begin(xid, zxid, 0).int(total).end();
  }

  /** getEphemerals. */
  paths(xid: number, zxid: number, paths: readonly string[]): void {
    this.#begin(xid, zxid, 0).strings(paths).end();
  }

  /** addWatch answers with an error record that says 0. Java clients break without it. */
  watchAdded(xid: number, zxid: number): void {
    this.#begin(xid, zxid, 0).int(0).end();
  }

  /** whoAmI. */
  clientInfos(xid: number, zxid: number, infos: readonly ClientInfo[]): void {
    const out = this.#begin(xid, zxid, 0).int(infos.length);
    for (const { authScheme, user } of infos) out.string(authScheme).string(user);
    out.end();
  }

  /** sasl. A null token says that nothing is configured. */
  token(xid: number, token: Uint8Array | null): void {
    this.#begin(xid, 0, 0).buffer(token).end();
  }

  /** The only error besides that of multiRead with a body behind it: a null token. */
  saslFailed(xid: number): void {
    this.#begin(xid, 0, zkErrorNumbers.authFailed).buffer(null).end();
  }

  /** Whatever a write comes to, alone or as a multi. */
  result(xid: number, zxid: number, result: WriteResult): void {
    if (result.type === "error") {
      this.error(xid, zxid, result.code);
      return;
    }
    const out = this.#begin(xid, zxid, 0);
    if (result.type === "multi") this.#putMulti(out, result.results);
    else this.#putResult(out, result);
    out.end();
  }

  /** multiRead. */
  reads(xid: number, zxid: number, results: readonly ReadResult[]): void {
    const out = this.#begin(xid, zxid, 0);
    for (const result of results) this.#putRead(out, result);
    endMulti(out).end();
  }

  #begin(xid: number, zxid: number, err: number): FrameWriter {
    return this.#out.begin().int(xid).long(this.shownZxid(zxid)).int(err);
  }

  /** A failed multi has a result of type -1 for each of its members: 0 before the one that failed. */
  #putMulti(out: FrameWriter, results: readonly MultiResult[]): void {
    for (const { opCode, result } of results) {
      if (opCode === errorType || result.type === "error") {
        putError(out, result.type === "error" ? zkErrorNumbers[result.code] : 0);
      } else {
        out.int(opCode).boolean(false).int(0);
        this.#putResult(out, result);
      }
    }
    endMulti(out);
  }

  #putResult(out: FrameWriter, result: Exclude<MultiResult["result"], { type: "error" }>): void {
    switch (result.type) {
      case "path":
        out.string(result.path);
        break;
      case "created":
        this.#putStat(out.string(result.path), result.znode);
        break;
      case "stat":
        this.#putStat(out, result.znode);
        break;
      case "none":
        break;
    }
  }

  #putRead(out: FrameWriter, result: ReadResult): void {
    switch (result.type) {
      case "error":
        putError(out, zkErrorNumbers[result.code]);
        break;
      case "data":
        out.int(OpCode.getData).boolean(false).int(0).buffer(result.data);
        this.#putStat(out, result.znode);
        break;
      case "children":
        out.int(OpCode.getChildren).boolean(false).int(0).raw(result.names);
        break;
    }
  }

  /** 68 bytes. */
  #putStat(out: FrameWriter, znode: Znode): FrameWriter {
    return out
      .long(this.shownZxid(znode.czxid))
      .long(this.shownZxid(znode.mzxid))
      .long(znode.ctime)
      .long(znode.mtime)
      .int(znode.version)
      .int(shownCversion(znode))
      .int(znode.aversion)
      .id(shownOwner(znode))
      .int(znode.dataLength)
      .int(znode.numChildren)
      .long(this.shownZxid(znode.pzxid));
  }

  /** A zxid as it goes on the wire. */
  shownZxid(zxid: Zxid): number {
    const revision = resolveZxid(zxid);
    return revision > 0 ? revision + this.#zxidOffset : revision;
  }
}

function putError(out: FrameWriter, err: number): void {
  out.int(errorType).boolean(false).int(err).int(err);
}

function endMulti(out: FrameWriter): FrameWriter {
  return out.int(-1).boolean(true).int(-1);
}

import { juteErrors, type JuteReader } from "./jute-reader.ts";
import {
  type AuthRequest,
  type BareRequest,
  type CloseSessionRequest,
  type ConnectRequest,
  OpCode,
  type PathRequest,
  type Request,
  type SetAclRequest,
  type SetWatchesRequest,
  type WatchingReadRequest,
  type WatchesRequest,
} from "./messages.ts";
import { decodeMulti, decodeMultiRead } from "./multi-requests.ts";
import { decodeAcl, decodeCreate } from "./records.ts";

const stringBytesMin = 4;

/**
 * Decodes the record of a request; the reader stands behind the request header. Null: no client may send such an opcode.
 *
 * Throws a JuteError when the record is malformed. ZooKeeper answers that with its marshalling error and goes on, except
 * after auth and sasl: there it closes the connection without a word.
 *
 * Where null stands for a path: mostly that is malformed as well. Where ZooKeeper finds out later that the path is none,
 * null is read as "", which is no better a path.
 */
export function decodeRequest(opCode: number, reader: JuteReader): Request | null {
  switch (opCode) {
    case OpCode.getData:
      return decodeWatchingRead("getData", reader);
    case OpCode.exists:
      return decodeWatchingRead("exists", reader);
    case OpCode.getChildren:
      return decodeWatchingRead("getChildren", reader);
    case OpCode.getChildren2:
      return decodeWatchingRead("getChildren2", reader);
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTtl:
      return decodeCreate(opCode, reader);
    case OpCode.setData:
      return { op: "setData", path: reader.readString() ?? "", data: reader.readBuffer(), version: reader.readInt() };
    case OpCode.delete:
      return { op: "delete", path: reader.readText(), version: reader.readInt() };
    case OpCode.ping:
      return ping;
    case OpCode.multi:
      return { op: "multi", members: decodeMulti(reader) };
    case OpCode.multiRead:
      return { op: "multiRead", members: decodeMultiRead(reader) };
    case OpCode.getAcl:
      return decodePath("getAcl", reader);
    case OpCode.setAcl:
      return decodeSetAcl(reader);
    case OpCode.sync:
      return { op: "sync", path: reader.readString() };
    case OpCode.getAllChildrenNumber:
      return decodePath("getAllChildrenNumber", reader);
    case OpCode.getEphemerals:
      return { op: "getEphemerals", prefix: reader.readString() };
    case OpCode.deleteContainer:
      return decodePath("deleteContainer", reader);
    case OpCode.reconfig:
      return {
        op: "reconfig",
        joiningServers: reader.readString(),
        leavingServers: reader.readString(),
        newMembers: reader.readString(),
        curConfigId: reader.readLong(),
      };
    case OpCode.checkWatches:
      return decodeWatches("checkWatches", reader);
    case OpCode.removeWatches:
      return decodeWatches("removeWatches", reader);
    case OpCode.addWatch:
      return { op: "addWatch", path: reader.readString(), mode: reader.readInt() };
    case OpCode.setWatches:
      return decodeSetWatches(reader);
    case OpCode.setWatches2:
      return decodeSetWatches2(reader);
    case OpCode.auth:
      return decodeAuth(reader);
    case OpCode.sasl:
      return decodeSasl(reader);
    case OpCode.whoAmI:
      return whoAmI;
    case OpCode.closeSession:
      return closeSession;
    default:
      // Check is among these: outside a multi it is as unknown as any other number, whatever its body.
      return null;
  }
}

/** The first frame of a connection. A JuteError closes it, as ZooKeeper does. */
export function decodeConnectRequest(reader: JuteReader): ConnectRequest {
  return {
    protocolVersion: reader.readInt(),
    lastZxidSeen: reader.readLong(),
    timeoutMs: reader.readInt(),
    sessionId: reader.readId(),
    password: reader.readBuffer(),
    readOnly: reader.remaining > 0 ? reader.readBoolean() : null,
  };
}

const ping: BareRequest = { op: "ping" };
const whoAmI: BareRequest = { op: "whoAmI" };
const closeSession: CloseSessionRequest = { op: "closeSession" };

function decodeWatchingRead(op: WatchingReadRequest["op"], reader: JuteReader): WatchingReadRequest {
  return { op, path: reader.readText(), watch: reader.readBoolean() };
}

function decodePath(op: PathRequest["op"], reader: JuteReader): PathRequest {
  return { op, path: reader.readText() };
}

function decodeWatches(op: WatchesRequest["op"], reader: JuteReader): WatchesRequest {
  return { op, path: reader.readString() ?? "", type: reader.readInt() };
}

function decodeSetAcl(reader: JuteReader): SetAclRequest {
  return { op: "setAcl", path: reader.readString() ?? "", acl: decodeAcl(reader), version: reader.readInt() };
}

function decodeSetWatches(reader: JuteReader): SetWatchesRequest {
  return {
    op: "setWatches",
    relativeZxid: reader.readLong(),
    data: decodeTexts(reader),
    exist: decodeTexts(reader),
    child: decodeTexts(reader),
    persistent: [],
    recursive: [],
  };
}

function decodeSetWatches2(reader: JuteReader): SetWatchesRequest {
  return {
    op: "setWatches",
    relativeZxid: reader.readLong(),
    data: decodeTexts(reader),
    exist: decodeTexts(reader),
    child: decodeTexts(reader),
    persistent: decodeNonNullTexts(reader),
    recursive: decodeNonNullTexts(reader),
  };
}

function decodeTexts(reader: JuteReader): string[] {
  const count = decodeStringCount(reader);
  const texts: string[] = [];
  for (let index = 0; index < count; index += 1) texts.push(reader.readText());
  return texts;
}

/** ZooKeeper accepts a null among persistent watches. It can match no path, so it is left out. */
function decodeNonNullTexts(reader: JuteReader): string[] {
  const count = decodeStringCount(reader);
  const texts: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const text = reader.readString();
    if (text !== null) texts.push(text);
  }
  return texts;
}

function decodeStringCount(reader: JuteReader): number {
  const count = reader.readCount(stringBytesMin);
  if (count < 0) throw juteErrors.missing;
  return count;
}

function decodeAuth(reader: JuteReader): AuthRequest {
  // The type comes first. Nobody has ever given it a meaning.
  reader.readInt();
  return { op: "auth", scheme: reader.readString(), auth: reader.readBuffer() };
}

/** A null token is what breaks ZooKeeper as a malformed one does: it closes the connection. */
function decodeSasl(reader: JuteReader): Request {
  const token = reader.readBuffer();
  if (token === null) throw juteErrors.missing;
  return { op: "sasl", token };
}

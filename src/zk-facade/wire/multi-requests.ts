import { juteErrors, type JuteReader } from "./jute-reader.ts";
import { type CreateRequest, type MultiMember, OpCode, type ReadMember } from "./messages.ts";
import { decodeMemberCreate } from "./records.ts";

/**
 *   multi  := (header record)* end       header := type:int done:boolean err:int       end := a header that is done
 *
 * Only `done` says where the list ends. All members write, or all members read; what else stands there is a JuteError.
 */
export function decodeMulti(reader: JuteReader): MultiMember[] {
  const members: MultiMember[] = [];
  for (let opCode = decodeHeader(reader); opCode !== null; opCode = decodeHeader(reader)) {
    members.push(decodeWriteMember(opCode, reader));
  }
  return members;
}

/**
 * Reads in a multi set no watch, whatever their flag says. Members that only write parse as well, since ZooKeeper has
 * one record for both kinds; it notices only when it runs them, and then its answer has a body: `badReadMember`.
 */
export function decodeMultiRead(reader: JuteReader): ReadMember[] {
  const members: ReadMember[] = [];
  let reads = 0;
  let writes = 0;
  for (let opCode = decodeHeader(reader); opCode !== null; opCode = decodeHeader(reader)) {
    const op = readMembers[opCode];
    if (op === undefined) {
      decodeWriteMember(opCode, reader);
      writes += 1;
    } else {
      const path = reader.readString();
      reader.readBoolean();
      reads += 1;
      if (path !== null) members.push({ op, path });
    }
    if (reads > 0 && writes > 0) throw juteErrors.badMember;
  }
  if (members.length < reads + writes) throw juteErrors.badReadMember;
  return members;
}

const readMembers: Readonly<Record<number, ReadMember["op"] | undefined>> = {
  [OpCode.getData]: "getData",
  [OpCode.getChildren]: "getChildren",
};

/** The type of the next member; null at the end of the list. */
function decodeHeader(reader: JuteReader): number | null {
  const type = reader.readInt();
  const isDone = reader.readBoolean();
  reader.readInt();
  return isDone ? null : type;
}

/** Unlike the request of its own, a member without a path is always malformed. */
function decodeWriteMember(opCode: number, reader: JuteReader): MultiMember {
  switch (opCode) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
      return checkCreate(decodeMemberCreate(opCode, reader));
    case OpCode.createTtl:
      return asFlagged(decodeMemberCreate(opCode, reader));
    case OpCode.delete:
      return { op: "delete", path: reader.readText(), version: reader.readInt() };
    case OpCode.setData:
      return { op: "setData", path: reader.readText(), data: reader.readBuffer(), version: reader.readInt() };
    case OpCode.check:
      return { op: "check", path: reader.readText(), version: reader.readInt() };
    default:
      throw juteErrors.badMember;
  }
}

/** As a member, a create with flags for a TTL or for nothing known is malformed, and so is one with a null list. */
function checkCreate(request: CreateRequest): CreateRequest {
  if (request.acl === null) throw juteErrors.missing;
  if (request.flags < 0 || request.flags > 4) throw juteErrors.badMember;
  return request;
}

/** As a member, a createTTL whose flags want no TTL is the create that its flags say. */
function asFlagged(request: CreateRequest): CreateRequest {
  const { flags } = request;
  if (flags < 0 || flags > 4) return request;
  return { ...request, opCode: flags === 4 ? OpCode.createContainer : OpCode.create, ttl: 0 };
}

import { juteErrors, type JuteReader } from "./jute-reader.ts";
import { type Acl, type CreateRequest, OpCode, Perms } from "./messages.ts";

/** An int for each of perms, scheme and id. */
const aclBytesMin = 12;

/** Everybody may do everything: what nearly every create asks for. Such a list is decoded as this one, always the same. */
export const openAcl: readonly Acl[] = [{ perms: Perms.ALL, scheme: "world", id: "anyone" }];
const openAclBytes = Buffer.from("\0\0\0\x01\0\0\0\x1f\0\0\0\x05world\0\0\0\x06anyone", "latin1");

/**
 * The record of the four creates. ZooKeeper looks at flags and TTL before it misses a path; the planner does the same, to
 * whom a path of "" is no better than none.
 */
export function decodeCreate(opCode: CreateRequest["opCode"], reader: JuteReader): CreateRequest {
  const path = reader.readString();
  const request = decodeBehindPath(opCode, path ?? "", reader);
  if (path === null && hasMode(request)) throw juteErrors.missing;
  return request;
}

/** As a member of a multi, which is malformed without a path whatever stands behind it. */
export function decodeMemberCreate(opCode: CreateRequest["opCode"], reader: JuteReader): CreateRequest {
  return decodeBehindPath(opCode, reader.readText(), reader);
}

/** Only createTTL has a TTL behind the rest. */
function decodeBehindPath(opCode: CreateRequest["opCode"], path: string, reader: JuteReader): CreateRequest {
  return {
    op: "create",
    opCode,
    path,
    data: reader.readBuffer(),
    acl: decodeAcl(reader),
    flags: reader.readInt(),
    ttl: opCode === OpCode.createTtl ? reader.readLong() : 0,
  };
}

function hasMode({ opCode, flags, ttl }: CreateRequest): boolean {
  if (opCode !== OpCode.createTtl) return flags >= 0 && flags <= 4;
  return (flags === 5 || flags === 6) && ttl > 0 && ttl < 2 ** 40;
}

export function decodeAcl(reader: JuteReader): readonly Acl[] | null {
  if (reader.skipIf(openAclBytes)) return openAcl;
  const count = reader.readCount(aclBytesMin);
  if (count < 0) return null;
  const acl: Acl[] = [];
  for (let index = 0; index < count; index += 1) acl.push(decodeAclEntry(reader));
  return acl;
}

/** A null scheme is one that nobody knows. A null id is malformed, but for `auth`, which stands for other ids. */
function decodeAclEntry(reader: JuteReader): Acl {
  const perms = reader.readInt();
  const scheme = reader.readString() ?? "";
  const id = scheme === "auth" ? (reader.readString() ?? "") : reader.readText();
  return { perms, scheme, id };
}

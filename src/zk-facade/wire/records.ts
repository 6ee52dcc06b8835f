import type { JuteReader } from "./jute-reader.ts";
import { type Acl, type CreateRequest, OpCode, Perms } from "./messages.ts";

/** An int for each of perms, scheme and id. */
const aclBytesMin = 12;

/** Everybody may do everything: what nearly every create asks for. Such a list is decoded as this one, always the same. */
export const openAcl: readonly Acl[] = [{ perms: Perms.ALL, scheme: "world", id: "anyone" }];
const openAclBytes = Buffer.from("\0\0\0\x01\0\0\0\x1f\0\0\0\x05world\0\0\0\x06anyone", "latin1");

/** The record of the four creates; only createTTL has a TTL behind the rest. */
export function decodeCreate(opCode: CreateRequest["opCode"], reader: JuteReader): CreateRequest {
  return {
    op: "create",
    opCode,
    path: reader.readText(),
    data: reader.readBuffer(),
    acl: decodeAcl(reader),
    flags: reader.readInt(),
    ttl: opCode === OpCode.createTtl ? reader.readLong() : 0,
  };
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

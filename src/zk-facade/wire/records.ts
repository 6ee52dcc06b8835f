import type { JuteReader } from "./jute-reader.ts";
import { type Acl, type CreateRequest, OpCode } from "./messages.ts";

/** An int for each of perms, scheme and id. */
const aclBytesMin = 12;

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

export function decodeAcl(reader: JuteReader): Acl[] | null {
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

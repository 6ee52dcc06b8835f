import type { RecordTag } from "../ops/plan.ts";
import { Perms, type Acl } from "../wire/messages.ts";
import { readAcl, writeAcl } from "./packed-acl.ts";
import { PackedReader, PackedWriter } from "./packed-bytes.ts";
import type { Znode, ZnodeKind } from "./znode.ts";

/**
 * What etcd's KeyValue of a znode's data cannot say, kept as the value of the znode's record key.
 *
 * A record describes the data that was there when it was put, and what it says of length and null data is believed: who
 * puts one compares both keys with what it knows.
 *
 * It is a file format: what is written today must be readable for ever. Version 1, in the words of packed-bytes.ts:
 *
 *   record  := format flags ctime [mtime] aversion creates dataLength tag [ttl] [pzxid] [czxid] [base] [acl]
 *   format  := byte                1
 *   flags   := byte byte           the first: bits 0-1 kind (0 persistent, 1 ephemeral, 2 container, 3 ttl),
 *                                  bit 2 null data, bit 3 mtime differs from ctime, bit 4 pzxid is given (else "own"),
 *                                  bits 5-6 czxid (0 null, 1 "own", 2 given), bit 7 base is given (else 1);
 *                                  the second: bit 0 an ACL is given (else open), bit 1 pzxid is the czxid, the rest 0
 *   ctime, mtime, pzxid, czxid, base, aversion, creates := integer
 *   dataLength, ttl := count       ttl only of kind ttl
 *   tag     := uint32 count        facade, sequence
 *   acl     := count (perms:integer scheme:text id:text)*
 *
 * Bytes that are not exactly this are no record. A later version gets another first byte, and the older ones stay.
 */
export interface ZnodeRecord {
  /** Milliseconds since the Unix epoch. */
  readonly ctime: number;
  readonly mtime: number;
  /** Null: the open list, all rights to everybody. */
  readonly acl: readonly Acl[] | null;
  readonly aversion: number;
  /** How many children were ever created. */
  readonly creates: number;
  /**
   * Revisions; migrated ones may be negative. "own" stands for the mod_revision of this record, so the next record of the
   * znode must give the number, unless it is "own" anew. "czxid": the znode never had a child. A record may be planned while
   * its znode's create is still on its way, and then that is the only way to say it.
   */
  readonly pzxid: number | "own" | "czxid";
  /** Null: the create_revision of the data key. */
  readonly czxid: number | "own" | null;
  /** The `version` of the data key minus the version of the znode: 1, unless corrected. */
  readonly base: number;
  readonly kind: ZnodeKind;
  /** Of kind "ttl", else 0. */
  readonly ttlMs: number;
  /** The data is null, which is not the same as empty. */
  readonly isNull: boolean;
  readonly dataLength: number;
  readonly tag: RecordTag;
}

/** What an etcd client's keys have, and most others. */
export const OPEN_ACL: readonly Acl[] = [{ perms: Perms.ALL, scheme: "world", id: "anyone" }];

const FORMAT = 1;
const KIND_MASK = 0b11;
const NULL_DATA = 1 << 2;
const MTIME = 1 << 3;
const PZXID = 1 << 4;
const CZXID_OWN = 1 << 5;
const CZXID_GIVEN = 1 << 6;
const BASE = 1 << 7;
const ACL = 1 << 8;
const PZXID_IS_CZXID = 1 << 9;
const FLAGS_ALL = (1 << 10) - 1;

const kinds: readonly ZnodeKind[] = ["persistent", "ephemeral", "container", "ttl"];
const writer = new PackedWriter();

/** About 25 bytes for an ordinary znode. An open list may be given as one, too. */
export function encodeRecord(record: ZnodeRecord): Uint8Array {
  const acl = record.acl === null || isOpen(record.acl) ? null : record.acl;
  const flags = flagsOf(record, acl);
  writer.byte(FORMAT);
  writer.byte(flags & 0xff);
  writer.byte(flags >> 8);
  writer.integer(record.ctime);
  if ((flags & MTIME) !== 0) writer.integer(record.mtime);
  writer.integer(record.aversion);
  writer.integer(record.creates);
  writer.count(record.dataLength);
  writer.uint32(record.tag.facade);
  writer.count(record.tag.sequence);
  if (record.kind === "ttl") writer.count(record.ttlMs);
  if (typeof record.pzxid === "number") writer.integer(record.pzxid);
  if (typeof record.czxid === "number") writer.integer(record.czxid);
  if ((flags & BASE) !== 0) writer.integer(record.base);
  if (acl !== null) writeAcl(writer, acl);
  return writer.take();
}

/** What is to be recorded of a znode. Which zxids must be numbers depends on the transaction that puts the record. */
export function recordOfZnode(znode: Znode, own: Pick<ZnodeRecord, "pzxid" | "czxid" | "tag">): ZnodeRecord {
  return {
    ctime: znode.ctime,
    mtime: znode.mtime,
    acl: znode.acl,
    aversion: znode.aversion,
    creates: znode.creates,
    pzxid: own.pzxid,
    czxid: own.czxid,
    // The version of the znode wraps as an int32 and the key's does not. Both directions of the sum are modulo 2^32.
    base: znode.keyVersion - znode.version,
    kind: znode.kind,
    ttlMs: znode.ttlMs,
    isNull: znode.isNull,
    dataLength: znode.dataLength,
    tag: own.tag,
  };
}

function flagsOf(record: ZnodeRecord, acl: readonly Acl[] | null): number {
  let flags = kinds.indexOf(record.kind);
  if (record.isNull) flags |= NULL_DATA;
  if (record.mtime !== record.ctime) flags |= MTIME;
  if (record.pzxid === "czxid") flags |= PZXID_IS_CZXID;
  else if (record.pzxid !== "own") flags |= PZXID;
  if (record.czxid === "own") flags |= CZXID_OWN;
  else if (record.czxid !== null) flags |= CZXID_GIVEN;
  if (record.base !== 1) flags |= BASE;
  if (acl !== null) flags |= ACL;
  return flags;
}

/** Null for bytes that are no record of a version known here. Never throws. */
export function decodeRecord(bytes: Uint8Array): ZnodeRecord | null {
  const reader = new PackedReader(bytes);
  if (reader.byte() !== FORMAT) return null;
  const flags = reader.byte() + (reader.byte() << 8);
  if ((flags & ~FLAGS_ALL) !== 0) return null;
  if ((flags & CZXID_OWN) !== 0 && (flags & CZXID_GIVEN) !== 0) return null;
  if ((flags & PZXID) !== 0 && (flags & PZXID_IS_CZXID) !== 0) return null;
  const kind = kinds[flags & KIND_MASK]!;
  const ctime = reader.integer();
  const record: ZnodeRecord = {
    ctime,
    mtime: (flags & MTIME) !== 0 ? reader.integer() : ctime,
    aversion: reader.integer(),
    creates: reader.integer(),
    dataLength: reader.count(),
    tag: { facade: reader.uint32(), sequence: reader.count() },
    kind,
    ttlMs: kind === "ttl" ? reader.count() : 0,
    pzxid: (flags & PZXID) !== 0 ? reader.integer() : (flags & PZXID_IS_CZXID) !== 0 ? "czxid" : "own",
    czxid: (flags & CZXID_GIVEN) !== 0 ? reader.integer() : (flags & CZXID_OWN) !== 0 ? "own" : null,
    base: (flags & BASE) !== 0 ? reader.integer() : 1,
    isNull: (flags & NULL_DATA) !== 0,
    acl: (flags & ACL) !== 0 ? readAcl(reader) : null,
  };
  return reader.isComplete ? record : null;
}

export function isOpen(acl: readonly Acl[]): boolean {
  const entry = acl[0];
  if (acl.length !== 1 || entry === undefined) return false;
  return entry.perms === Perms.ALL && entry.scheme === "world" && entry.id === "anyone";
}

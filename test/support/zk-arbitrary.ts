/** Requests as clients make them, and what a server must read from their bytes: for properties of the codec. */
import fc from "fast-check";
import type {
  Acl,
  CreateRequest,
  MultiMember,
  ReadMember,
  Request,
  SetWatchesRequest,
} from "../../src/zk-facade/wire/messages.ts";
import type { Bytes } from "./zk-jute.ts";
import {
  type ClientAcl,
  type CreateFields,
  type Member,
  openAcl,
  operations,
  type OpName,
  type RequestFields,
  type SetWatches2Fields,
} from "./zk-records.ts";

/** A request of any kind, with null wherever jute can say it. */
export type ClientRequest = {
  readonly [Op in OpName]: { readonly op: Op; readonly fields: RequestFields[Op] };
}[OpName];

/** "malformed": answered with the marshalling error; "badReads": so too, but with a body; "unknown": no such opcode. */
export type Expectation = Request | "malformed" | "badReads" | "unknown";

const int32 = fc.oneof(fc.integer({ min: -3, max: 10 }), fc.integer());
const int64 = fc.oneof(fc.bigInt({ min: -2n, max: 10n }), fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }));
const text = fc.oneof(
  fc.constantFrom("/", "", "/a", "/app/config", "/lock-0000000012", "/ä/ß", "/日本"),
  fc.string({ unit: "binary", maxLength: 60 }),
);
/** Null seldom enough that lists of them are mostly without. */
const path = fc.option(text, { freq: 12 });
const data = fc.option(
  fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
  { freq: 5 },
);
const aclEntry: fc.Arbitrary<ClientAcl> = fc.record({
  perms: int32,
  scheme: fc.oneof({ weight: 4, arbitrary: fc.constantFrom("world", "auth", "digest", "ip") }, path),
  id: path,
});
const acl = fc.oneof(fc.constant(openAcl), fc.option(fc.array(aclEntry, { maxLength: 3 }), { freq: 8 }));
const flags = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 0, max: 6 }) }, int32);
const paths = fc.option(fc.array(path, { maxLength: 4 }), { freq: 12 });

const created = { path, data, acl, flags };
const versioned = { path, version: int32 };
const watching = { path, watch: fc.boolean() };
const typed = { path, type: int32 };
const watches = { relativeZxid: int64, data: paths, exist: paths, child: paths };

/** What may stand in no multi of either kind. */
const foreignOpCode = fc.constantFrom(-11, -10, -1, 0, 3, 6, 7, 9, 11, 12, 14, 16, 17, 18, 20, 22, 100, 101, 500);
const members: Record<string, fc.Arbitrary<Member>> = {
  create: fc.record({ op: fc.constantFrom("create", "create2", "createContainer"), ...created }),
  createTtl: fc.record({ op: fc.constant("createTtl"), ...created, ttl: int64 }),
  versioned: fc.record({ op: fc.constantFrom("delete", "check"), ...versioned }),
  setData: fc.record({ op: fc.constant("setData"), ...versioned, data }),
  read: fc.record({ op: fc.constantFrom("getData", "getChildren"), ...watching }),
  other: fc.record({ op: fc.constantFrom("exists", "getChildren2"), ...watching }),
  unknown: fc.record({ op: fc.constant("raw"), opCode: foreignOpCode, body: fc.uint8Array({ maxLength: 12 }) }),
};
const write = fc.oneof(members["create"]!, members["createTtl"]!, members["versioned"]!, members["setData"]!);
const mixed = fc.oneof(write, members["read"]!, members["other"]!, members["unknown"]!);
const multi = fc.record({
  members: fc.oneof(
    { weight: 4, arbitrary: fc.array(write, { maxLength: 5 }) },
    { weight: 1, arbitrary: fc.array(mixed, { maxLength: 5 }) },
  ),
});
const multiRead = fc.record({
  members: fc.oneof(
    { weight: 4, arbitrary: fc.array(members["read"]!, { maxLength: 5 }) },
    { weight: 1, arbitrary: fc.array(mixed, { maxLength: 5 }) },
  ),
});

const fieldsOf: { readonly [Op in OpName]: fc.Arbitrary<RequestFields[Op]> } = {
  create: fc.record(created),
  create2: fc.record(created),
  createContainer: fc.record(created),
  createTtl: fc.record({ ...created, ttl: int64 }),
  delete: fc.record(versioned),
  deleteContainer: fc.record({ path }),
  exists: fc.record(watching),
  getData: fc.record(watching),
  setData: fc.record({ ...versioned, data }),
  getAcl: fc.record({ path }),
  setAcl: fc.record({ ...versioned, acl }),
  getChildren: fc.record(watching),
  getChildren2: fc.record(watching),
  getAllChildrenNumber: fc.record({ path }),
  getEphemerals: fc.record({ prefix: path }),
  sync: fc.record({ path }),
  check: fc.record(versioned),
  multi,
  multiRead,
  reconfig: fc.record({ joiningServers: path, leavingServers: path, newMembers: path, curConfigId: int64 }),
  checkWatches: fc.record(typed),
  removeWatches: fc.record(typed),
  addWatch: fc.record({ path, mode: int32 }),
  setWatches: fc.record(watches),
  setWatches2: fc.record({ ...watches, persistent: paths, recursive: paths }),
  auth: fc.record({ scheme: path, auth: data, type: int32 }),
  sasl: fc.record({ token: data }),
  ping: fc.constant({}),
  whoAmI: fc.constant({}),
  closeSession: fc.constant({}),
};

export function requestArbitrary(op: OpName): fc.Arbitrary<ClientRequest> {
  return (fieldsOf[op] as fc.Arbitrary<object>).map((fields) => ({ op, fields }) as unknown as ClientRequest);
}

export const opNames = Object.keys(operations) as OpName[];
export const anyRequest: fc.Arbitrary<ClientRequest> = fc.oneof(...opNames.map(requestArbitrary));

/** What ZooKeeper reads from the bytes of a request. The rules about null are those that a real 3.9.5 was seen to follow. */
export function expectationOf({ op, fields }: ClientRequest): Expectation {
  switch (op) {
    case "create":
      return loneCreateOf(1, fields, 0);
    case "create2":
      return loneCreateOf(15, fields, 0);
    case "createContainer":
      return loneCreateOf(19, fields, 0);
    case "createTtl":
      return loneCreateOf(21, fields, saturated(fields.ttl));
    case "delete":
      return fields.path === null ? "malformed" : { op, path: fields.path, version: fields.version! };
    case "check":
      return "unknown";
    case "exists":
    case "getData":
    case "getChildren":
    case "getChildren2":
      return fields.path === null ? "malformed" : { op, path: fields.path, watch: fields.watch! };
    case "setData":
      return { op, path: fields.path ?? "", data: bytesOf(fields.data!), version: fields.version! };
    case "getAcl":
    case "getAllChildrenNumber":
    case "deleteContainer":
      return fields.path === null ? "malformed" : { op, path: fields.path };
    case "setAcl": {
      const list = aclOf(fields.acl);
      return list === "malformed" ? list : { op, path: fields.path ?? "", acl: list, version: fields.version! };
    }
    case "getEphemerals":
      return { op, prefix: fields.prefix };
    case "sync":
      return { op, path: fields.path };
    case "multi": {
      const read = fields.members.map(writeMemberOf);
      return read.some((member) => member === null) ? "malformed" : { op, members: read as MultiMember[] };
    }
    case "multiRead":
      return multiReadOf(fields.members);
    case "reconfig":
      return { op, ...fields, curConfigId: saturated(fields.curConfigId) };
    case "checkWatches":
    case "removeWatches":
      return { op, path: fields.path ?? "", type: fields.type };
    case "addWatch":
      return { op, path: fields.path, mode: fields.mode };
    case "setWatches":
    case "setWatches2":
      return setWatchesOf(fields, op === "setWatches2");
    case "auth":
      return { op, scheme: fields.scheme, auth: bytesOf(fields.auth) };
    case "sasl":
      return fields.token === null ? "malformed" : { op, token: bytesOf(fields.token) };
    case "ping":
    case "whoAmI":
    case "closeSession":
      return { op };
  }
}

/** Alone it may lack the path if it lacks a mode as well: that is found first, and by the planner. */
function loneCreateOf(opCode: CreateRequest["opCode"], fields: CreateFields, ttl: number): CreateRequest | "malformed" {
  const flags = fields.flags!;
  const isTtl = flags === 5 || flags === 6;
  const hasMode = opCode === 21 ? isTtl && ttl > 0 && ttl <= 1099511627775 : flags >= 0 && flags <= 4;
  const path = fields.path === null && !hasMode ? "" : fields.path;
  return createOf(opCode, { ...fields, path }, ttl) ?? "malformed";
}

function createOf(opCode: CreateRequest["opCode"], fields: CreateFields, ttl: number): CreateRequest | null {
  const list = aclOf(fields.acl!);
  if (fields.path === null || list === "malformed") return null;
  return { op: "create", opCode, path: fields.path, data: bytesOf(fields.data!), acl: list, flags: fields.flags!, ttl };
}

/** A member of a write multi; null when the whole multi is malformed for it. */
function writeMemberOf(member: Member): MultiMember | null {
  switch (member.op) {
    case "create":
    case "create2":
    case "createContainer": {
      const flags = member.flags!;
      if (member.acl === null || flags < 0 || flags > 4) return null;
      return createOf(member.op === "create" ? 1 : member.op === "create2" ? 15 : 19, member, 0);
    }
    case "createTtl": {
      const flags = member.flags!;
      if (flags >= 0 && flags < 4) return createOf(1, member, 0);
      return flags === 4 ? createOf(19, member, 0) : createOf(21, member, saturated(member.ttl));
    }
    case "delete":
    case "check":
      return member.path === null ? null : { op: member.op, path: member.path, version: member.version! };
    case "setData":
      if (member.path === null) return null;
      return { op: "setData", path: member.path, data: bytesOf(member.data!), version: member.version! };
    default:
      return null;
  }
}

function multiReadOf(members: readonly Member[]): Expectation {
  const reads = members.filter((member) => member.op === "getData" || member.op === "getChildren");
  if (reads.length === 0) {
    if (members.length === 0) return { op: "multiRead", members: [] };
    return members.every((member) => writeMemberOf(member) !== null) ? "badReads" : "malformed";
  }
  if (reads.length < members.length) return "malformed";
  if (reads.some(({ path }) => path === null)) return "badReads";
  return { op: "multiRead", members: reads.map(({ op, path }): ReadMember => ({ op, path: path! })) };
}

function setWatchesOf(fields: SetWatches2Fields, hasPersistent: boolean): SetWatchesRequest | "malformed" {
  const data = textsOf(fields.data!);
  const exist = textsOf(fields.exist!);
  const child = textsOf(fields.child!);
  const { persistent = [], recursive = [] } = hasPersistent ? fields : {};
  if (data === null || exist === null || child === null || persistent === null || recursive === null) {
    return "malformed";
  }
  return {
    op: "setWatches",
    relativeZxid: saturated(fields.relativeZxid),
    data,
    exist,
    child,
    persistent: persistent.filter((item) => item !== null),
    recursive: recursive.filter((item) => item !== null),
  };
}

/** Null when the list is null or has a null in it. */
function textsOf(list: readonly (string | null)[] | null): string[] | null {
  const texts = list?.filter((item) => item !== null);
  return texts?.length === list?.length ? (texts ?? null) : null;
}

function aclOf(list: readonly ClientAcl[] | null): Acl[] | null | "malformed" {
  if (list === null) return null;
  if (list.some(({ scheme, id }) => id === null && scheme !== "auth")) return "malformed";
  return list.map(({ perms, scheme, id }) => ({ perms, scheme: scheme ?? "", id: id ?? "" }));
}

function bytesOf(bytes: Bytes): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes);
}

function saturated(value: number | bigint): number {
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  const long = BigInt(value);
  return Number(long > most ? most : long < -most ? -most : long);
}

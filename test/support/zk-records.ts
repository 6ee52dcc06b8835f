import { type Bytes, JuteIn, JuteOut } from "./zk-jute.ts";

/** ZooKeeper's requests and replies as the tests' own client writes and reads them. Nothing here is the product's. */

export interface ClientAcl {
  readonly perms: number;
  readonly scheme: string | null;
  readonly id: string | null;
}

export const openAcl: readonly ClientAcl[] = [{ perms: 31, scheme: "world", id: "anyone" }];

export interface ClientStat {
  readonly czxid: number;
  readonly mzxid: number;
  readonly ctime: number;
  readonly mtime: number;
  readonly version: number;
  readonly cversion: number;
  readonly aversion: number;
  readonly ephemeralOwner: bigint;
  readonly dataLength: number;
  readonly numChildren: number;
  readonly pzxid: number;
}

/** Data left out is empty; an ACL left out is open; flags left out are 0: persistent. */
export interface CreateFields {
  readonly path: string | null;
  readonly data?: Bytes;
  readonly acl?: readonly ClientAcl[] | null;
  /** 0 persistent, 1 ephemeral, 2 sequential, 3 both, 4 container, 5 TTL, 6 sequential TTL. */
  readonly flags?: number;
}

/** A version left out is -1: any. */
export interface VersionedFields {
  readonly path: string | null;
  readonly version?: number;
}

export interface ReadFields {
  readonly path: string | null;
  readonly watch?: boolean;
}

export interface PathFields {
  readonly path: string | null;
}

/** What is left out is empty; null is written as null. */
export interface SetWatchesFields {
  readonly relativeZxid: number | bigint;
  readonly data?: readonly (string | null)[] | null;
  readonly exist?: readonly (string | null)[] | null;
  readonly child?: readonly (string | null)[] | null;
}

export interface SetWatches2Fields extends SetWatchesFields {
  readonly persistent?: readonly (string | null)[] | null;
  readonly recursive?: readonly (string | null)[] | null;
}

/** What goes into each request. */
export interface RequestFields {
  create: CreateFields;
  create2: CreateFields;
  createContainer: CreateFields;
  createTtl: CreateFields & { readonly ttl: number | bigint };
  delete: VersionedFields;
  deleteContainer: PathFields;
  exists: ReadFields;
  getData: ReadFields;
  setData: VersionedFields & { readonly data?: Bytes };
  getAcl: PathFields;
  setAcl: VersionedFields & { readonly acl: readonly ClientAcl[] | null };
  getChildren: ReadFields;
  getChildren2: ReadFields;
  getAllChildrenNumber: PathFields;
  getEphemerals: { readonly prefix: string | null };
  sync: PathFields;
  check: VersionedFields;
  multi: { readonly members: readonly Member[] };
  multiRead: { readonly members: readonly Member[] };
  reconfig: {
    readonly joiningServers: string | null;
    readonly leavingServers: string | null;
    readonly newMembers: string | null;
    readonly curConfigId: number | bigint;
  };
  checkWatches: { readonly path: string | null; readonly type: number };
  removeWatches: { readonly path: string | null; readonly type: number };
  addWatch: { readonly path: string | null; readonly mode: number };
  setWatches: SetWatchesFields;
  setWatches2: SetWatches2Fields;
  auth: { readonly scheme: string | null; readonly auth: Bytes; readonly type?: number };
  sasl: { readonly token: Bytes };
  ping: object;
  whoAmI: object;
  closeSession: object;
}

export type OpName = keyof RequestFields;

type MemberName = Exclude<OpName, "multi" | "multiRead">;

/** A member of a multi: an operation with its fields, or an opcode with bytes as they are. */
export type Member =
  | { readonly [Op in MemberName]: { readonly op: Op } & RequestFields[Op] }[MemberName]
  | { readonly op: "raw"; readonly opCode: number; readonly body: Uint8Array };

/** One result of a multi or multiRead: `type` and `err` of its header, and the fields that the type has. */
export interface MemberResult {
  readonly type: number;
  readonly err: number;
  readonly path?: string;
  readonly stat?: ClientStat;
  readonly data?: Buffer | null;
  readonly children?: readonly string[];
  /** The code in the body of an error result (type -1). */
  readonly bodyErr?: number;
}

/** What comes back in each reply whose err is 0. */
export interface ReplyBodies {
  create: { readonly path: string };
  create2: { readonly path: string; readonly stat: ClientStat };
  createContainer: { readonly path: string; readonly stat: ClientStat };
  createTtl: { readonly path: string; readonly stat: ClientStat };
  delete: object;
  deleteContainer: object;
  exists: { readonly stat: ClientStat };
  getData: { readonly data: Buffer | null; readonly stat: ClientStat };
  setData: { readonly stat: ClientStat };
  getAcl: { readonly acl: readonly ClientAcl[]; readonly stat: ClientStat };
  setAcl: { readonly stat: ClientStat };
  getChildren: { readonly children: readonly string[] };
  getChildren2: { readonly children: readonly string[]; readonly stat: ClientStat };
  getAllChildrenNumber: { readonly total: number };
  getEphemerals: { readonly ephemerals: readonly string[] };
  sync: { readonly path: string | null };
  check: object;
  multi: { readonly results: readonly MemberResult[] };
  multiRead: { readonly results: readonly MemberResult[] };
  reconfig: { readonly data: Buffer | null; readonly stat: ClientStat };
  checkWatches: object;
  removeWatches: object;
  addWatch: { readonly err: number };
  setWatches: object;
  setWatches2: object;
  auth: object;
  sasl: { readonly token: Buffer | null };
  ping: object;
  whoAmI: { readonly identities: readonly { readonly scheme: string; readonly user: string }[] };
  closeSession: object;
}

interface Operation<Op extends OpName> {
  readonly opCode: number;
  encode(out: JuteOut, fields: RequestFields[Op]): void;
  decode(body: JuteIn): ReplyBodies[Op];
}

const nothing = (): object => ({});
const stat = (body: JuteIn): { stat: ClientStat } => ({ stat: readStat(body) });
const pathAndStat = (body: JuteIn): { path: string; stat: ClientStat } => ({ path: body.text(), stat: readStat(body) });
const dataAndStat = (body: JuteIn): { data: Buffer | null; stat: ClientStat } => {
  return { data: body.buffer(), stat: readStat(body) };
};
const children = (body: JuteIn): { children: string[] } => ({ children: body.vector(() => body.text()) });
const results = (body: JuteIn): { results: MemberResult[] } => ({ results: readResults(body) });
const onlyPath = (out: JuteOut, { path }: PathFields): void => void out.buffer(path);
const pathAndWatch = (out: JuteOut, { path, watch = false }: ReadFields): void => void out.buffer(path).boolean(watch);
const pathAndVersion = (out: JuteOut, { path, version = -1 }: VersionedFields): void =>
  void out.buffer(path).int(version);
const pathAndType = (out: JuteOut, fields: RequestFields["removeWatches"]): void =>
  void out.buffer(fields.path).int(fields.type);

export const operations: { readonly [Op in OpName]: Operation<Op> } = {
  create: { opCode: 1, encode: writeCreate, decode: (body) => ({ path: body.text() }) },
  create2: { opCode: 15, encode: writeCreate, decode: pathAndStat },
  createContainer: { opCode: 19, encode: writeCreate, decode: pathAndStat },
  createTtl: {
    opCode: 21,
    encode(out, fields) {
      writeCreate(out, fields);
      out.long(fields.ttl);
    },
    decode: pathAndStat,
  },
  delete: { opCode: 2, encode: pathAndVersion, decode: nothing },
  deleteContainer: { opCode: 20, encode: onlyPath, decode: nothing },
  exists: { opCode: 3, encode: pathAndWatch, decode: stat },
  getData: { opCode: 4, encode: pathAndWatch, decode: dataAndStat },
  setData: {
    opCode: 5,
    encode: (out, { path, data = "", version = -1 }) => void out.buffer(path).buffer(data).int(version),
    decode: stat,
  },
  getAcl: { opCode: 6, encode: onlyPath, decode: (body) => ({ acl: readAcl(body), stat: readStat(body) }) },
  setAcl: {
    opCode: 7,
    encode(out, { path, acl, version = -1 }) {
      out.buffer(path);
      writeAcl(out, acl);
      out.int(version);
    },
    decode: stat,
  },
  getChildren: { opCode: 8, encode: pathAndWatch, decode: children },
  getChildren2: {
    opCode: 12,
    encode: pathAndWatch,
    decode: (body) => ({ ...children(body), stat: readStat(body) }),
  },
  getAllChildrenNumber: { opCode: 104, encode: onlyPath, decode: (body) => ({ total: body.int() }) },
  getEphemerals: {
    opCode: 103,
    encode: (out, { prefix }) => void out.buffer(prefix),
    decode: (body) => ({ ephemerals: body.vector(() => body.text()) }),
  },
  sync: { opCode: 9, encode: onlyPath, decode: (body) => ({ path: body.string() }) },
  check: { opCode: 13, encode: pathAndVersion, decode: nothing },
  multi: { opCode: 14, encode: writeMembers, decode: results },
  multiRead: { opCode: 22, encode: writeMembers, decode: results },
  reconfig: {
    opCode: 16,
    encode: (out, fields) =>
      void out
        .buffer(fields.joiningServers)
        .buffer(fields.leavingServers)
        .buffer(fields.newMembers)
        .long(fields.curConfigId),
    decode: dataAndStat,
  },
  checkWatches: { opCode: 17, encode: pathAndType, decode: nothing },
  removeWatches: { opCode: 18, encode: pathAndType, decode: nothing },
  addWatch: {
    opCode: 106,
    encode: (out, { path, mode }) => void out.buffer(path).int(mode),
    decode: (body) => ({ err: body.int() }),
  },
  setWatches: { opCode: 101, encode: writeSetWatches, decode: nothing },
  setWatches2: {
    opCode: 105,
    encode(out, fields) {
      writeSetWatches(out, fields);
      const { persistent = [], recursive = [] } = fields;
      out.strings(persistent).strings(recursive);
    },
    decode: nothing,
  },
  auth: {
    opCode: 100,
    encode: (out, { scheme, auth, type = 0 }) => void out.int(type).buffer(scheme).buffer(auth),
    decode: nothing,
  },
  sasl: {
    opCode: 102,
    encode: (out, { token }) => void out.buffer(token),
    decode: (body) => ({ token: body.buffer() }),
  },
  ping: { opCode: 11, encode: nothing, decode: nothing },
  whoAmI: {
    opCode: 107,
    encode: nothing,
    decode: (body) => ({ identities: body.vector(() => ({ scheme: body.text(), user: body.text() })) }),
  },
  closeSession: { opCode: -11, encode: nothing, decode: nothing },
};

/** The record of a request, without the request header. */
export function encodeRequestBody<Op extends OpName>(op: Op, fields: RequestFields[Op]): Buffer {
  const out = new JuteOut();
  const operation: Operation<Op> = operations[op];
  operation.encode(out, fields);
  return out.bytes();
}

/** The record of a successful reply, without the reply header. Throws unless it is there to the byte. */
export function decodeReplyBody<Op extends OpName>(op: Op, bytes: Buffer): ReplyBodies[Op] {
  const body = new JuteIn(bytes);
  const operation: Operation<Op> = operations[op];
  const reply = operation.decode(body);
  body.finish();
  return reply;
}

export interface ConnectFields {
  readonly protocolVersion?: number;
  readonly lastZxidSeen?: number | bigint;
  readonly timeoutMs?: number;
  /** 0n or left out: a new session. */
  readonly sessionId?: bigint;
  /** 16 zero bytes when left out. */
  readonly password?: Uint8Array | null;
  /** Null leaves the byte out, as old clients do; false when left out. */
  readonly readOnly?: boolean | null;
}

export interface ConnectReply {
  readonly protocolVersion: number;
  /** 0: the session is expired, or was never there. */
  readonly timeoutMs: number;
  readonly sessionId: bigint;
  readonly password: Buffer;
  /** Null: the byte was not there. */
  readonly readOnly: boolean | null;
}

export function encodeConnectRequest(fields: ConnectFields): Buffer {
  const out = new JuteOut()
    .int(fields.protocolVersion ?? 0)
    .long(fields.lastZxidSeen ?? 0)
    .int(fields.timeoutMs ?? 30_000)
    .long(fields.sessionId ?? 0n)
    .buffer(fields.password === undefined ? Buffer.alloc(16) : fields.password);
  if (fields.readOnly !== null) out.boolean(fields.readOnly ?? false);
  return out.bytes();
}

export function decodeConnectReply(bytes: Buffer): ConnectReply {
  const body = new JuteIn(bytes);
  const protocolVersion = body.int();
  const timeoutMs = body.int();
  const sessionId = body.id();
  const password = body.buffer();
  if (password?.length !== 16) throw new Error(`a password of ${password?.length ?? "no"} bytes`);
  const readOnly = body.rest().length === 0 ? null : body.boolean();
  body.finish();
  return { protocolVersion, timeoutMs, sessionId, password, readOnly };
}

export interface WatchEvent {
  /** 1 created, 2 deleted, 3 data changed, 4 children changed. */
  readonly type: number;
  /** 3: connected. */
  readonly state: number;
  readonly path: string;
  /** Of the header: that of the transaction, or -1. */
  readonly zxid: number;
}

/** The record of an event, behind its header. */
export function decodeEvent(zxid: number, bytes: Buffer): WatchEvent {
  const body = new JuteIn(bytes);
  const event = { type: body.int(), state: body.int(), path: body.text(), zxid };
  body.finish();
  return event;
}

function writeCreate(out: JuteOut, { path, data = "", acl = openAcl, flags = 0 }: CreateFields): void {
  out.buffer(path).buffer(data);
  writeAcl(out, acl);
  out.int(flags);
}

function writeAcl(out: JuteOut, acl: readonly ClientAcl[] | null): void {
  out.vector(acl, ({ perms, scheme, id }) => out.int(perms).buffer(scheme).buffer(id));
}

function writeSetWatches(out: JuteOut, { relativeZxid, data = [], exist = [], child = [] }: SetWatchesFields): void {
  out.long(relativeZxid).strings(data).strings(exist).strings(child);
}

function writeMembers(out: JuteOut, { members }: RequestFields["multi"]): void {
  for (const member of members) {
    const isRaw = member.op === "raw";
    out
      .int(isRaw ? member.opCode : operations[member.op].opCode)
      .boolean(false)
      .int(-1);
    out.raw(isRaw ? member.body : encodeRequestBody(member.op, member));
  }
  out.int(-1).boolean(true).int(-1);
}

function readResults(body: JuteIn): MemberResult[] {
  const read: MemberResult[] = [];
  for (;;) {
    const header = { type: body.int(), done: body.boolean(), err: body.int() };
    if (header.done) {
      if (header.type !== -1 || header.err !== -1) throw new Error(`an odd end header: ${JSON.stringify(header)}`);
      return read;
    }
    read.push({ type: header.type, err: header.err, ...readResultBody(header.type, body) });
  }
}

function readResultBody(type: number, body: JuteIn): Partial<MemberResult> {
  switch (type) {
    case 1:
      return { path: body.text() };
    case 15:
      return pathAndStat(body);
    case 2:
    case 13:
      return {};
    case 5:
      return stat(body);
    case 4:
      return dataAndStat(body);
    case 8:
      return children(body);
    case -1:
      return { bodyErr: body.int() };
    default:
      throw new Error(`a result of type ${type}`);
  }
}

function readAcl(body: JuteIn): ClientAcl[] {
  return body.vector(() => ({ perms: body.int(), scheme: body.text(), id: body.text() }));
}

function readStat(body: JuteIn): ClientStat {
  return {
    czxid: body.long(),
    mzxid: body.long(),
    ctime: body.long(),
    mtime: body.long(),
    version: body.int(),
    cversion: body.int(),
    aversion: body.int(),
    ephemeralOwner: body.id(),
    dataLength: body.int(),
    numChildren: body.int(),
    pzxid: body.long(),
  };
}

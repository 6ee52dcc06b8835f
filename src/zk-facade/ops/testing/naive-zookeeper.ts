import { zkErrorNumbers, type ZkErrorCode } from "../../errors.ts";
import type { Acl, CreateRequest, Identity, MultiMember, WriteRequest } from "../../wire/messages.ts";
import type { QuotaLimits } from "./map-view.ts";

/** The eleven fields as a client sees them. */
export interface NaiveStat {
  czxid: number;
  mzxid: number;
  ctime: number;
  mtime: number;
  version: number;
  cversion: number;
  aversion: number;
  ephemeralOwner: bigint;
  dataLength: number;
  numChildren: number;
  pzxid: number;
}

export interface NaiveNode {
  data: string | null;
  acl: readonly Acl[];
  kind: "persistent" | "ephemeral" | "container" | "ttl";
  ttlMs: number;
  stat: NaiveStat;
  /** How many children were ever created. */
  counter: number;
}

export interface NaiveReply {
  readonly code: number;
  readonly path?: string;
  readonly stat?: NaiveStat;
  /** Of a multi: the type in each header, and what follows it. */
  readonly results?: readonly (NaiveReply & { readonly type: number })[];
}

export interface NaiveEvent {
  readonly type: "created" | "deleted" | "dataChanged";
  readonly path: string;
}

export interface NaiveContext {
  readonly session: bigint;
  readonly identities: readonly Identity[];
  readonly nowMs: number;
  readonly zxid: number;
}

export interface NaiveRules {
  readonly extendedTypes: boolean;
  readonly quotas: readonly QuotaLimits[];
}

class Refused extends Error {
  readonly code: number;
  constructor(code: ZkErrorCode) {
    super(code);
    this.code = zkErrorNumbers[code];
  }
}

const special = ["/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"];
const open: readonly Acl[] = [{ perms: 31, scheme: "world", id: "anyone" }];

/**
 * ZooKeeper's tree as its documentation tells it: a map of paths, every step of every request carried out on it at once. It
 * knows no keys, no folding, no guards, and keeps what a client sees (cversion, say) and not what it is made of.
 */
export class NaiveZooKeeper {
  nodes = new Map<string, NaiveNode>();
  events: NaiveEvent[] = [];
  readonly #rules: NaiveRules;
  /** Usage of quotas is that before the request. */
  #committed = new Map<string, NaiveNode>();

  constructor(rules: NaiveRules) {
    this.#rules = rules;
    for (const path of special) this.nodes.set(path, newNode({ data: "", acl: open }, 0, 0));
    this.nodes.get("/")!.stat = { ...this.nodes.get("/")!.stat, cversion: -1, numChildren: 1 };
    this.nodes.get("/zookeeper")!.stat = { ...this.nodes.get("/zookeeper")!.stat, cversion: -2, numChildren: 2 };
    const config = this.nodes.get("/zookeeper/config")!;
    config.acl = [{ perms: 1, scheme: "world", id: "anyone" }];
    config.stat.aversion = -1;
  }

  apply(request: WriteRequest, context: NaiveContext): NaiveReply {
    const before = structuredClone(this.nodes);
    this.#committed = before;
    this.events = [];
    try {
      if (request.op === "multi") return this.#multi(request.members, context);
      const { stat, ...reply } = this.#one(request, context);
      const isPlain = request.op === "create" && request.opCode === 1;
      return stat === undefined || isPlain ? reply : { ...reply, stat };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.nodes = before;
      this.events = [];
      return { code: error.code };
    }
  }

  close(session: bigint, zxid: number): void {
    this.events = [];
    for (const [path, { kind, stat }] of [...this.nodes]) {
      if (kind === "ephemeral" && stat.ephemeralOwner === session) this.#unlink(path, zxid);
    }
  }

  /** True when it was removed. */
  reap(path: string, nowMs: number, zxid: number): boolean {
    this.events = [];
    const node = this.nodes.get(path);
    if (node === undefined || node.stat.numChildren > 0) return false;
    const isUsed = node.kind === "container" && node.counter > 0;
    const isOver = node.kind === "ttl" && nowMs > node.stat.mtime + node.ttlMs;
    if (!isUsed && !isOver) return false;
    this.#unlink(path, zxid);
    return true;
  }

  #multi(members: readonly MultiMember[], context: NaiveContext): NaiveReply {
    const before = structuredClone(this.nodes);
    const results: (NaiveReply & { type: number })[] = [];
    for (const [at, member] of members.entries()) {
      try {
        results.push({ type: this.#typeOf(member), ...this.#one(member, context) });
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        this.nodes = before;
        this.events = [];
        const codes = members.map((_, i) => (i < at ? 0 : i === at ? error.code : -2));
        return { code: 0, results: codes.map((code) => ({ type: -1, code })) };
      }
    }
    return { code: 0, results };
  }

  #typeOf(member: MultiMember): number {
    if (member.op !== "create") return { delete: 2, setData: 5, check: 13 }[member.op];
    return member.opCode === 1 && member.flags !== 4 ? 1 : 15;
  }

  #one(request: Exclude<WriteRequest, { op: "multi" }>, context: NaiveContext): NaiveReply {
    switch (request.op) {
      case "create":
        return this.#create(request, context);
      case "delete": {
        const { path, version } = request;
        if (!path.includes("/") || path.includes("\0") || special.includes(path)) throw new Refused("badArguments");
        const parent = this.#need(up(path));
        this.#permit(parent, 8, context);
        const node = this.#need(path);
        if (version !== -1 && version !== node.stat.version) throw new Refused("badVersion");
        if (node.stat.numChildren > 0) throw new Refused("notEmpty");
        this.#unlink(path, context.zxid);
        return { code: 0 };
      }
      case "setData": {
        const { path, data, version } = request;
        demandValid(path);
        const node = this.#need(path);
        this.#permit(node, 2, context);
        const length = data?.length ?? 0;
        this.#checkQuota(path, 0, length - node.stat.dataLength);
        if (version !== -1 && version !== node.stat.version) throw new Refused("badVersion");
        node.data = data === null ? null : Buffer.from(data).toString("latin1");
        const { stat } = node;
        stat.version += 1;
        stat.mzxid = context.zxid;
        stat.mtime = context.nowMs;
        stat.dataLength = length;
        this.events.push({ type: "dataChanged", path });
        return { code: 0, stat: { ...stat } };
      }
      case "setAcl": {
        demandValid(request.path);
        const acl = goodAcl(request.acl, context.identities);
        const node = this.#need(request.path);
        this.#permit(node, 16, context);
        if (request.version !== -1 && request.version !== node.stat.aversion) throw new Refused("badVersion");
        node.acl = acl;
        node.stat.aversion += 1;
        return { code: 0, stat: { ...node.stat } };
      }
      case "check": {
        demandValid(request.path);
        const node = this.#need(request.path);
        this.#permit(node, 1, context);
        if (request.version !== -1 && request.version !== node.stat.version) throw new Refused("badVersion");
        return { code: 0 };
      }
    }
  }

  #create(request: CreateRequest, context: NaiveContext): NaiveReply {
    const { opCode, flags, ttl } = request;
    if (flags < 0 || flags > 6) throw new Refused("badArguments");
    const wantsTtl = flags >= 5;
    if (wantsTtl && !this.#rules.extendedTypes) throw new Refused("unimplemented");
    if (wantsTtl !== (opCode === 21)) throw new Refused("badArguments");
    if (wantsTtl && (ttl <= 0 || ttl > 1099511627775)) throw new Refused("badArguments");
    if (!request.path.includes("/") || request.path.includes("\0")) throw new Refused("badArguments");
    const acl = goodAcl(request.acl, context.identities);
    const parent = this.#need(up(request.path));
    this.#permit(parent, 4, context);
    let { path } = request;
    if ([2, 3, 6].includes(flags)) path += `0000000000${parent.counter}`.slice(-10);
    demandValid(path);
    if (this.nodes.has(path)) throw new Refused("nodeExists");
    if (parent.kind === "ephemeral") throw new Refused("noChildrenForEphemerals");
    this.#checkQuota(path, 1, request.data?.length ?? 0);
    const data = request.data === null ? null : Buffer.from(request.data).toString("latin1");
    const node = newNode({ data, acl }, context.zxid, context.nowMs);
    if (opCode === 19 || flags === 4) node.kind = "container";
    else if (wantsTtl) [node.kind, node.ttlMs] = ["ttl", ttl];
    else if (flags === 1 || flags === 3) [node.kind, node.stat.ephemeralOwner] = ["ephemeral", context.session];
    this.nodes.set(path, node);
    parent.counter += 1;
    parent.stat.cversion += 1;
    parent.stat.numChildren += 1;
    parent.stat.pzxid = context.zxid;
    this.events.push({ type: "created", path });
    // As a member of a multi a container is answered with its stat, whatever asked for it.
    return opCode === 1 && flags !== 4 ? { code: 0, path } : { code: 0, path, stat: { ...node.stat } };
  }

  #unlink(path: string, zxid: number): void {
    const { stat } = this.nodes.get(up(path))!;
    this.nodes.delete(path);
    stat.cversion += 1;
    stat.numChildren -= 1;
    stat.pzxid = zxid;
    this.events.push({ type: "deleted", path });
  }

  #need(path: string): NaiveNode {
    const node = this.nodes.get(path);
    if (node === undefined) throw new Refused("noNode");
    return node;
  }

  #permit(node: NaiveNode, perm: number, { identities }: NaiveContext): void {
    if (identities.some(({ scheme }) => scheme === "super")) return;
    const grants = node.acl.filter(({ perms }) => (perms & perm) > 0);
    const isGranted = grants.some(
      ({ scheme, id }) => scheme === "world" || identities.some((who) => who.scheme === scheme && who.id === id),
    );
    if (!isGranted) throw new Refused("noAuth");
  }

  #checkQuota(path: string, count: number, bytes: number): void {
    const isBelow = (other: string, top: string): boolean => other === top || other.startsWith(`${top}/`);
    const candidates = this.#rules.quotas.filter((quota) => isBelow(path, quota.path));
    const quota = candidates.reduce<QuotaLimits | null>(
      (best, next) => (best === null || next.path.length > best.path.length ? next : best),
      null,
    );
    if (quota === null) return;
    const used = [...this.#committed].filter(([other]) => isBelow(other, quota.path));
    const usedBytes = used.reduce((sum, [, { stat }]) => sum + stat.dataLength, 0);
    const isCountOver = quota.countHardLimit >= 0 && used.length + count > quota.countHardLimit;
    const isBytesOver = quota.bytesHardLimit >= 0 && usedBytes + bytes > quota.bytesHardLimit;
    if ((count > 0 && isCountOver) || (bytes !== 0 && isBytesOver)) throw new Refused("quotaExceeded");
  }
}

function newNode(of: Pick<NaiveNode, "data" | "acl">, zxid: number, nowMs: number): NaiveNode {
  const stat: NaiveStat = {
    czxid: zxid,
    mzxid: zxid,
    ctime: nowMs,
    mtime: nowMs,
    version: 0,
    cversion: 0,
    aversion: 0,
    ephemeralOwner: 0n,
    dataLength: of.data?.length ?? 0,
    numChildren: 0,
    pzxid: zxid,
  };
  return { ...of, kind: "persistent", ttlMs: 0, stat, counter: 0 };
}

function up(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

function demandValid(path: string): void {
  const names = path.split("/");
  const isWrong = (name: string): boolean => ["", ".", ".."].includes(name) || /\p{Cc}|\p{Cs}|\p{Co}/u.test(name);
  if (path === "/") return;
  if (names[0] !== "" || names.length < 2 || names.slice(1).some(isWrong)) throw new Refused("badArguments");
}

/** World, digest and auth are all that the model knows. */
function goodAcl(acl: readonly Acl[] | null, identities: readonly Identity[]): readonly Acl[] {
  const good: Acl[] = [];
  for (const [at, entry] of (acl ?? []).entries()) {
    if (acl!.findIndex((other) => JSON.stringify(other) === JSON.stringify(entry)) < at) continue;
    if (entry.scheme === "auth") {
      const proved = identities.filter(({ scheme }) => scheme === "digest");
      if (proved.length === 0) throw new Refused("invalidAcl");
      good.push(...proved.map(({ scheme, id }) => ({ perms: entry.perms, scheme, id })));
    } else if (entry.scheme === "world" ? entry.id === "anyone" : /^[^:]*:[^:]+$/.test(entry.id)) good.push(entry);
    else throw new Refused("invalidAcl");
  }
  if (good.length === 0) throw new Refused("invalidAcl");
  return good;
}

import type { Random } from "../../../../src/etcd/base/random.ts";
import {
  type ClientAcl,
  type CreateFields,
  type Member,
  openAcl,
  type RequestFields,
} from "../../../support/zk-records.ts";
import type { OpenOptions, ReattachOptions, Request, Scenario, Step } from "./scenario.ts";

export interface GeneratorOptions {
  readonly steps: number;
  /** Leaves out what ZooKeeper 3.8 does otherwise than 3.9: see `differences.ts`. */
  readonly forOld: boolean;
  /** Touches nothing outside the scenario's own znodes. */
  readonly isLocal: boolean;
}

/** In which ways a scenario watches. One scenario against an old server keeps to one, since there they displace each other. */
type WatchStyle = "standard" | "persistent" | "recursive" | "all";

const names = ["a", "b", "c"];
/** Few znodes, so that requests meet; among them the names that sequential creates will make. */
const znodes = [
  ...names.map((name) => `/@/${name}`),
  ...["/@/a/a", "/@/a/b", "/@/b/a", "/@/a/a/a", "/@/a/a/b", "/@/a/a/a/a"],
  ...["/@/a/s0000000000", "/@/a/s0000000001", "/@/s0000000002", "/@/b/0000000000", "/@/ab"],
];
const sequentialPrefixes = ["/@/s", "/@/a/s", "/@/a/", "/@/b/", "/@/a/a/s", "/@/a/b", "/@//", "/@/a/..", "/nope@/s"];
const oddPaths = [
  ...["foo", "/@/", "/@//a", "/@/./a", "/@/a/..", "/@/a/.", "/@/a/", "//@", "/nope@/a", "/nope@/", "/@/a//b", "/@/.."],
  ...["/@/\u0000", "/@/a\u0000b", "/@/\u0001", "/@/\u001f", "/@/\u007f", "/@/\u009f", "/@/\u{1f600}", "/@/\ue000"],
  ...["/@/\uf8ff", "/@/\ufff0", "/@/\uffff", "foo\u0000", "@"],
];
/** Valid, if unusual. */
const rarePaths = [
  "/@/...",
  "/@/.a",
  "/@/ a",
  "/@/\u00a0",
  "/@/ü",
  "/@/\uf900",
  "/@/\uffef",
  "/@/zookeeper",
  "/@/a b/c",
];
const reservedPaths = ["/", "", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"];
const belowReserved = ["/@x", "/zookeeper/@", "/zookeeper/quota/@", "/zookeeper/config/@", "/@y/"];

const everyone: ClientAcl = { perms: 31, scheme: "world", id: "anyone" };
const bob: ClientAcl = { perms: 31, scheme: "digest", id: "bob:ikIaKsbtGweaHnb/jKn7OHqbunM=" };
const stranger: ClientAcl = { perms: 31, scheme: "digest", id: "eve:AAAAAAAAAAAAAAAAAAAAAAAAAAA=" };
const mine: ClientAcl = { perms: 31, scheme: "auth", id: "" };
const acls: readonly (readonly ClientAcl[] | null)[] = [
  [mine],
  [mine, { ...mine, perms: 1 }],
  [{ ...mine, id: "ignored" }, everyone],
  [bob],
  [bob, { ...everyone, perms: 1 }],
  [bob, { ...everyone, perms: 2 }],
  [stranger, { ...everyone, perms: 29 }],
  [{ ...everyone, perms: 1 }],
  [{ ...everyone, perms: 16 }],
  [{ ...everyone, perms: 27 }],
  [{ ...everyone, perms: 30 }],
  [{ ...everyone, perms: 15 }],
  [everyone, everyone],
  [everyone, { ...everyone, perms: 1 }, everyone],
  [{ ...everyone, perms: 255 }],
  [{ perms: 31, scheme: "ip", id: "127.0.0.1" }],
  [{ perms: 31, scheme: "ip", id: "127.0.0.0/8" }],
  [
    { perms: 31, scheme: "ip", id: "10.0.0.0/8" },
    { ...everyone, perms: 17 },
  ],
];
const badAcls: readonly (readonly ClientAcl[] | null)[] = [
  null,
  [],
  [{ ...everyone, id: "nobody" }],
  [{ ...everyone, id: "" }],
  [{ ...everyone, scheme: null }],
  [everyone, { ...everyone, scheme: "nonsense" }],
  [{ perms: 31, scheme: "digest", id: "bob" }],
  [{ perms: 31, scheme: "digest", id: "bob:" }],
  [{ perms: 31, scheme: "digest", id: ":b" }],
  [{ perms: 31, scheme: "digest", id: "a:b:c" }],
  [{ perms: 31, scheme: "ip", id: "127.0.0" }],
  [{ perms: 31, scheme: "ip", id: "127.0.0.1/33" }],
  [{ perms: 31, scheme: "ip", id: "127.0.0.1/x" }],
  [{ perms: 31, scheme: "ip", id: "::1" }],
  [{ perms: 31, scheme: "ip", id: "::1/129" }],
  [{ perms: 31, scheme: "ip", id: "" }],
  [{ perms: 31, scheme: "sasl", id: "bob" }],
  [{ perms: 31, scheme: "x509", id: "CN=bob" }],
  [{ perms: 31, scheme: "super", id: "" }],
  [{ perms: 0, scheme: "world", id: "anyone" }],
];
const identities = ["bob:pw", "alice:pw", "nocolon", "", "bob:other", ":", "a:b:c"];

/** By everyone, with or without a proof. */
function isReadable(acl: readonly ClientAcl[] | null): boolean {
  return acl?.some(({ perms, scheme }) => scheme === "world" && (perms & 1) !== 0) ?? false;
}

function hasIpv6(acl: readonly ClientAcl[] | null): boolean {
  return acl?.some(({ id }) => id?.includes("::")) ?? false;
}

/** Random requests of some sessions over few znodes, dense in the cases where servers differ: edges before averages. */
export class Generator {
  readonly #random: Random;
  readonly #options: GeneratorOptions;
  readonly #style: WatchStyle;
  readonly #slots: number;
  /** How often a request is one that a server refuses to read. */
  readonly #oddness: number;

  constructor(random: Random, options: GeneratorOptions) {
    this.#random = random;
    this.#options = options;
    this.#style = options.forOld ? this.#pick(["standard", "persistent", "recursive"] as const) : "all";
    this.#slots = 1 + this.#below(3);
    this.#oddness = this.#pick([0, 3, 10]);
  }

  scenario(seed: number): Scenario {
    const steps: Step[] = [];
    for (let slot = 0; slot < this.#slots; slot++) steps.push(this.#open(slot));
    steps.push({ kind: "send", slot: 0, requests: [{ op: "create", fields: { path: "/@", acl: openAcl } }] });
    while (steps.length < this.#options.steps) steps.push(this.#step());
    return { seed, isLocal: this.#options.isLocal, steps };
  }

  #step(): Step {
    const slot = this.#below(this.#slots);
    const dice = this.#below(1000);
    if (dice < 10) return { kind: "drop", slot };
    if (dice < 40) return { kind: "reattach", slot, options: this.#reattach() };
    if (dice < 50) return this.#open(slot);
    if (dice < 53)
      return { kind: "frame", slot, hex: this.#pick(["00000000", "ffffffff", "00000004000000aa", "7fffffff00"]) };
    if (dice < 63) return { kind: "send", slot, requests: [{ op: "closeSession", fields: {} }] };
    if (dice < 85) return { kind: "send", slot, requests: [this.#auth()] };
    if (dice < 240) return { kind: "send", slot, requests: this.#burst(2 + this.#below(8)) };
    return { kind: "send", slot, requests: [this.#request()] };
  }

  /**
   * Sent without waiting. A real server answers an unknown opcode at once, before what is still on its way; and behind a
   * setACL it goes on checking against the old ACL until the new one is applied. Both are races, so neither stands
   * before the end.
   */
  #burst(length: number): Request[] {
    const requests = this.#many(length, () => this.#request()).filter(({ op }) => op !== "raw" && op !== "check");
    const end = requests.findIndex(({ op }) => op === "setAcl");
    return end < 0 ? requests : requests.slice(0, end + 1);
  }

  #open(slot: number): Step {
    const options: OpenOptions = {
      timeoutMs: this.#chance(80) ? 30_000 : this.#pick([0, 1, -5, 20_000, 34_567, 100_000_000, -2147483648]),
      readOnly: this.#pick([false, false, null, true]),
      password: this.#pick(["00".repeat(16), null, "", "0102"]),
      requests: this.#chance(25) ? this.#burst(1 + this.#below(3)) : [],
    };
    return { kind: "open", slot, options };
  }

  #reattach(): ReattachOptions {
    return {
      timeoutMs: this.#pick([30_000, 30_000, 25_000, 1, 100_000_000]),
      readOnly: this.#pick([false, false, null, true]),
      password: this.#chance(90) ? "right" : this.#pick(["wrong", "short"]),
      lastZxidSeen: this.#pick(["seen", "seen", "seen", "zero", "ahead"] as const),
      requests: this.#chance(60) ? [this.#setWatches()] : [],
    };
  }

  #request(): Request {
    if (this.#chance(this.#oddness) && this.#chance(60)) return this.#odd();
    const dice = this.#below(1000);
    if (dice < 230) return this.#create();
    if (dice < 320) return { op: "delete", fields: { path: this.#path(), version: this.#version() } };
    if (dice < 420)
      return { op: "setData", fields: { path: this.#path(), data: this.#data(), version: this.#version() } };
    if (dice < 500) return { op: "exists", fields: { path: this.#path(), watch: this.#watch() } };
    if (dice < 570) return { op: "getData", fields: { path: this.#path(), watch: this.#watch() } };
    if (dice < 610) return { op: "getChildren", fields: { path: this.#path(), watch: this.#watch() } };
    if (dice < 660) return { op: "getChildren2", fields: { path: this.#path(), watch: this.#watch() } };
    if (dice < 780) return { op: "multi", fields: { members: this.#members() } };
    if (dice < 800) return { op: "multiRead", fields: { members: this.#readMembers() } };
    if (dice < 825) return { op: "setAcl", fields: { path: this.#path(), acl: this.#acl(), version: this.#version() } };
    if (dice < 850) return { op: "getAcl", fields: { path: this.#path() } };
    if (dice < 900) return this.#addWatch();
    if (dice < 930) return this.#removeWatches();
    if (dice < 950) return this.#setWatches();
    if (dice < 960)
      return { op: "getEphemerals", fields: { prefix: this.#pick(["/@", null, "", "/", "/@/a", "/@/a/a", "x"]) } };
    if (dice < 970) return { op: "getAllChildrenNumber", fields: { path: this.#path() } };
    if (dice < 980) return { op: "sync", fields: { path: this.#chance(80) ? this.#path() : null } };
    if (dice < 990) return { op: "whoAmI", fields: {} };
    return { op: "ping", fields: {} };
  }

  #create(): Request {
    const fields = this.#createFields();
    const xid = this.#chance(1) ? { xid: this.#pick([0, -8, 0x7fffffff, -2147483648, 7]) } : {};
    const dice = this.#below(100);
    if (dice < 45) return { op: "create", fields: this.#withFlags(fields), ...xid };
    if (dice < 85) return { op: "create2", fields: this.#withFlags(fields), ...xid };
    if (dice < 92) return { op: "createContainer", fields: { ...fields, flags: this.#pick([4, 4, 4, 0, 7]) } };
    return { op: "createTtl", fields: this.#withTtl(fields) };
  }

  #createFields(): CreateFields {
    const given = this.#chance(80) ? openAcl : this.#acl();
    // In a multi, 3.8 finds the ACL bad, where 3.9 cannot read the request.
    const acl = this.#options.forOld ? (given ?? []) : given;
    return { path: this.#path(), data: this.#data(), acl };
  }

  #withFlags(fields: CreateFields): CreateFields {
    const dice = this.#below(100);
    if (dice < 50) return { ...fields, flags: 0 };
    if (dice < 70) return { ...fields, flags: 1 };
    const flags = dice < 85 ? 2 : 3;
    if (dice < 97) return { ...fields, path: this.#sequentialPath(), flags };
    return { ...fields, flags: this.#options.forOld ? 0 : this.#pick([5, 6, 7, -1, 100]) };
  }

  /** A number counted by a reserved znode would tell how many scenarios there were before. */
  #sequentialPath(): string | null {
    if (this.#chance(90)) return this.#pick(sequentialPrefixes);
    const path = this.#path();
    const isOutside = path !== null && ["/@", ...reservedPaths, ...belowReserved].includes(path);
    return isOutside ? "/@/" : path;
  }

  /** A negative TTL with flags that are none of a TTL's breaks a real server for ever. */
  #withTtl(fields: CreateFields): RequestFields["createTtl"] {
    const ttl = this.#chance(80) ? 1_000_000_000 : this.#pick([0, -1, -5, 1099511627775, 1099511627776, 1n << 62n]);
    if (this.#chance(40)) return { ...fields, path: this.#pick(sequentialPrefixes), flags: 6, ttl };
    return { ...fields, flags: ttl >= 0 && this.#chance(10) ? this.#pick([0, 1, 2, 3, 4, 7]) : 5, ttl };
  }

  #members(): Member[] {
    const focus = this.#chance(50) ? this.#pick(znodes) : null;
    const members = this.#many(this.#below(7), () => this.#member(focus));
    if (!this.#chance(this.#oddness)) return members;
    const odd = this.#pick<Member>([
      { op: "getData", path: "/@/a" },
      { op: "exists", path: "/@/a" },
      { op: "setAcl", path: "/@/a", acl: openAcl },
      { op: "raw", opCode: 77, body: new Uint8Array(0) },
      { op: "sync", path: "/@" },
    ]);
    members.splice(this.#below(members.length + 1), 0, odd);
    return members;
  }

  #member(focus: string | null): Member {
    const path = (): string | null => (focus !== null && this.#chance(70) ? focus : this.#path());
    const dice = this.#below(100);
    if (dice < 40) {
      const fields = this.#createFields();
      const placed = focus !== null && this.#chance(60) ? { ...fields, path: path() } : fields;
      const kind = this.#below(100);
      if (kind < 60 || (this.#options.forOld && kind < 85)) return { op: "create", ...this.#withFlags(placed) };
      if (kind < 85) return { op: "create2", ...this.#withFlags(placed) };
      if (kind < 92) return { op: "createContainer", ...placed, flags: 4 };
      return { op: "createTtl", ...this.#withTtl(placed) };
    }
    if (dice < 62) return { op: "delete", path: path(), version: this.#version() };
    if (dice < 85) return { op: "setData", path: path(), data: this.#data(), version: this.#version() };
    return { op: "check", path: path(), version: this.#version() };
  }

  #readMembers(): Member[] {
    const member = (): Member => ({
      op: this.#pick(["getData", "getChildren"] as const),
      path: this.#path(),
      watch: this.#chance(30),
    });
    const members = this.#many(this.#below(6), member);
    if (this.#chance(this.#oddness)) {
      members.push(
        this.#pick<Member>([
          { op: "exists", path: "/@" },
          { op: "delete", path: "/@/a" },
        ]),
      );
    }
    return members;
  }

  #addWatch(): Request {
    const path = this.#chance(50) ? "/@" : this.#path();
    // 3.8 takes a watch without a path, and dies of it when the connection ends.
    if (this.#options.forOld && path === null) return { op: "whoAmI", fields: {} };
    const mode = { standard: 7, persistent: 0, recursive: 1, all: this.#below(2) }[this.#style];
    return { op: "addWatch", fields: { path, mode: this.#chance(3) ? -1 : mode } };
  }

  #removeWatches(): Request {
    // 3.8 also finds watches of other connections.
    const op = !this.#options.forOld && this.#chance(33) ? "checkWatches" : "removeWatches";
    const types = this.#style === "all" ? [1, 2, 3, 3, 4, 5, 0, 6] : this.#style === "standard" ? [1, 2, 3] : [3];
    return { op, fields: { path: this.#chance(40) ? "/@" : this.#path(), type: this.#pick(types) } };
  }

  #setWatches(): Request {
    const paths = (percent: number): (string | null)[] => {
      return this.#chance(percent) ? this.#many(1 + this.#below(3), () => this.#path() ?? "/@") : [];
    };
    const standard = this.#style === "all" || this.#style === "standard" ? 70 : 0;
    const some = this.#below(30) - 1;
    const fields = { data: paths(standard), exist: paths(standard), child: paths(standard) };
    if (this.#chance(50)) return { op: "setWatches", fields: { ...fields, relativeZxid: some } };
    const persistent = paths(this.#style === "all" || this.#style === "persistent" ? 40 : 0);
    const recursive = paths(this.#style === "all" || this.#style === "recursive" ? 40 : 0);
    // Ours tells persistent watches what they missed, unless the client saw nothing yet. A real server does not.
    const relativeZxid = persistent.length + recursive.length > 0 ? -1 : some;
    return { op: "setWatches2", fields: { ...fields, relativeZxid, persistent, recursive } };
  }

  #auth(): Request {
    if (this.#chance(80)) return { op: "auth", fields: { scheme: "digest", auth: this.#pick(identities) } };
    return this.#pick<Request>([
      { op: "auth", fields: { scheme: "ip", auth: "" } },
      { op: "auth", fields: { scheme: "ip", auth: "10.0.0.1" }, xid: 5 },
      { op: "auth", fields: { scheme: "digest", auth: "super:secret" } },
      { op: "auth", fields: { scheme: "digest", auth: "super:wrong" } },
      { op: "auth", fields: { scheme: "digest", auth: null } },
      { op: "auth", fields: { scheme: "world", auth: "anyone" } },
      { op: "auth", fields: { scheme: "auth", auth: "" } },
      { op: "auth", fields: { scheme: "super", auth: "" } },
      { op: "auth", fields: { scheme: "x509", auth: "" } },
      { op: "auth", fields: { scheme: "nonsense", auth: "" } },
      { op: "auth", fields: { scheme: null, auth: "" } },
      { op: "sasl", fields: { token: "" } },
      { op: "sasl", fields: { token: null } },
    ]);
  }

  /** What no client sends: unknown opcodes, bodies that are too short or too long. */
  #odd(): Request {
    const dice = this.#below(100);
    if (dice < 15)
      return {
        op: "raw",
        opCode: this.#pick([0, 10, 23, 99, 500, 1000, -5, 2147483647]),
        hex: this.#pick(["", "00".repeat(20)]),
      };
    if (dice < 20 && !this.#options.forOld) return { op: "check", fields: { path: this.#path(), version: -1 } };
    if (dice < 25) {
      return {
        op: "reconfig",
        fields: { joiningServers: null, leavingServers: "1", newMembers: null, curConfigId: -1 },
      };
    }
    // Without a body at all, or with one that ends early, or late.
    const request = this.#request();
    if (request.op === "ping" || request.op === "whoAmI" || request.op === "raw") return request;
    return { ...request, cut: this.#pick([1, 2, 4, 5, 9, 14, 1000, -1, -8]) };
  }

  #path(): string | null {
    const dice = this.#below(1000);
    if (dice < 80) return "/@";
    if (dice < 80 + 4 * this.#oddness) return this.#pick(oddPaths);
    if (dice < 130) return this.#pick(rarePaths);
    if (dice < 131) return null;
    if (!this.#options.isLocal) {
      if (dice < 230) return this.#pick(reservedPaths);
      if (dice < 270) return this.#pick(belowReserved);
    }
    return this.#pick(znodes);
  }

  #acl(): readonly ClientAcl[] | null {
    // IPv6 came with 3.9.
    if (!this.#chance(80)) return this.#pick(this.#options.forOld ? badAcls.filter((acl) => !hasIpv6(acl)) : badAcls);
    return this.#pick(this.#options.forOld ? acls.filter(isReadable) : acls);
  }

  #data(): string | null {
    const dice = this.#below(100);
    if (dice < 10) return null;
    if (dice < 20) return "";
    if (dice === 20 && this.#chance(20)) return this.#pick(["*100000", "*1000000", "*1048000"]);
    return `v${this.#below(50)}`;
  }

  #version(): number {
    return this.#chance(65) ? -1 : this.#pick([0, 0, 0, 1, 1, 2, 3, -2, 2147483647, -2147483648]);
  }

  #watch(): boolean {
    return (this.#style === "all" || this.#style === "standard") && this.#chance(45);
  }

  #many<Item>(count: number, make: () => Item): Item[] {
    return Array.from({ length: count }, make);
  }

  #pick<Value>(values: readonly Value[]): Value {
    return values[this.#below(values.length)]!;
  }

  #chance(percent: number): boolean {
    return this.#below(100) < percent;
  }

  #below(bound: number): number {
    return this.#random.below(bound);
  }
}

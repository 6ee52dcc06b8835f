import assert from "node:assert/strict";
import { test } from "node:test";
import { zkErrorNumbers } from "../errors.ts";
import { decodeRecord, OPEN_ACL } from "../tree/record.ts";
import { resolveZxid, shownCversion, type Znode } from "../tree/znode.ts";
import type { Acl, CreateRequest, MultiMember, WriteRequest } from "../wire/messages.ts";
import { createModeOf } from "./create-mode.ts";
import type { MultiResult, Plan, PlanRules, WriteResult } from "./plan.ts";
import { sequenceSuffix } from "./sequence.ts";
import { type Client, clients } from "./testing/commands.ts";
import type { QuotaLimits } from "./testing/map-view.ts";
import { type Order, PlannedWorld, planRules, statOf } from "./testing/planned-world.ts";

const [nobody, , root] = clients as readonly [Client, Client, Client];
const bytes = (length: number): Uint8Array => new Uint8Array(length);

interface CreateOptions {
  readonly op?: CreateRequest["opCode"];
  readonly flags?: number;
  readonly acl?: readonly Acl[] | null;
  readonly ttl?: number;
  readonly data?: Uint8Array | null;
}

function create(
  path: string,
  { op = 1, flags = 0, acl = OPEN_ACL, ttl = 0, data = null }: CreateOptions = {},
): CreateRequest {
  return { op: "create", opCode: op, path, data, acl, flags, ttl };
}

function remove(path: string, version = -1): MultiMember {
  return { op: "delete", path, version };
}

function set(path: string, version = -1, data: Uint8Array | null = bytes(3)): MultiMember {
  return { op: "setData", path, data, version };
}

function setAcl(path: string, version = -1, acl: readonly Acl[] | null = OPEN_ACL): WriteRequest {
  return { op: "setAcl", path, acl, version };
}

function check(path: string, version = -1): MultiMember {
  return { op: "check", path, version };
}

function multi(...members: MultiMember[]): WriteRequest {
  return { op: "multi", members };
}

function write(request: WriteRequest, client = nobody): Order {
  return { kind: "write", client, nowMs: 7000, request };
}

function refusalOf(world: PlannedWorld, request: WriteRequest, client = nobody, rules = planRules): number {
  const outcome = world.plan(world.view(), write(request, client), rules);
  if (outcome.kind === "plan") return 0;
  assert.ok(outcome.kind === "refusal" && outcome.result.type === "error");
  return zkErrorNumbers[outcome.result.code];
}

function done(world: PlannedWorld, request: WriteRequest, client = nobody): WriteResult {
  const plan = planned(world, request, client);
  assert.equal(world.execute(plan).succeeded, true);
  return plan.result;
}

function planned(world: PlannedWorld, request: WriteRequest, client = nobody, view = world.view()): Plan {
  const plan = world.plan(view, write(request, client));
  assert.ok(plan.kind === "plan", plan.kind);
  return plan;
}

/** What the tables of ZooKeeper's answers start from; nothing of it has a version but /v, which was set twice. */
function fixture(): PlannedWorld {
  const world = new PlannedWorld();
  const denied: readonly Acl[] = [{ perms: 0, scheme: "world", id: "anyone" }];
  done(world, create("/b"));
  done(world, create("/eph", { flags: 1 }));
  done(world, create("/sealed-eph", { flags: 1, acl: denied }));
  done(world, create("/full"));
  done(world, create("/full/c"));
  done(world, create("/sealed", { acl: [{ perms: 31, scheme: "digest", id: "root:h" }] }));
  done(world, create("/sealed/in"), root);
  done(world, create("/mute", { acl: denied }));
  done(world, create("/v"));
  done(world, multi(set("/v"), set("/v")));
  return world;
}

test("create answers as ZooKeeper does, the first failing check first", () => {
  const nope: readonly Acl[] = [{ perms: 31, scheme: "nope", id: "x" }];
  const table: readonly (readonly [CreateRequest, number])[] = [
    [create("/"), -110],
    [create(""), -8],
    [create("foo"), -8],
    [create("/foo/"), -101],
    [create("/nope/x"), -101],
    [create("/./x"), -101],
    // The parent is looked up before the path is valid, and "/" is found.
    [create("//x"), -8],
    [create("//"), -8],
    [create("/b//x"), -101],
    [create("/b/"), -8],
    [create("/b/."), -8],
    [create("/b/.."), -8],
    [create("/b/..."), 0],
    [create("/b/a.b"), 0],
    [create("/b/ a"), 0],
    [create("/b/\u0001"), -8],
    [create("/nope/\0"), -8],
    [create("/b/\0"), -8],
    [create("/b/\ud83d\ude00"), -8],
    [create("/b/", { flags: 2 }), 0],
    [create("/", { flags: 2 }), 0],
    [create("//", { flags: 2 }), -8],
    [create("/b"), -110],
    [create("/eph/x"), -108],
    [create("/sealed-eph/x"), -102],
    [create("/sealed/in"), -102],
    [create("/sealed/no"), -102],
    [create("/sealed/../x"), -101],
    [create("/sealed/.."), -102],
    [create("/b/x", { acl: [] }), -114],
    [create("/b/x", { acl: null }), -114],
    [create("/b/x", { acl: nope }), -114],
    [create("/nope/x", { acl: nope }), -114],
    [create("foo", { acl: nope }), -8],
    [create("/sealed/no", { acl: nope }), -114],
    [create("foo", { flags: 7, acl: nope }), -8],
    [create("/b/x", { flags: -1 }), -8],
    [create("/b/x", { flags: 5 }), -8],
    [create("/b/x", { op: 21, flags: 5, ttl: 1 }), 0],
    [create("/b/x", { op: 21, flags: 6, ttl: 1099511627775 }), 0],
    [create("/b/x", { op: 21, flags: 5, ttl: 1099511627776 }), -8],
    [create("/b/x", { op: 21, flags: 5, ttl: 0 }), -8],
    [create("/b/x", { op: 21, flags: 5, ttl: -1 }), -8],
    [create("/b/x", { op: 21, flags: 0, ttl: 5 }), -8],
    [create("/b/x", { op: 21, flags: 4, ttl: -1 }), -8],
    [create("/b/x", { op: 19, flags: 0 }), 0],
    [create("/b/x", { op: 19, flags: 5, ttl: 5 }), -8],
    [create("/zookeeper/x"), 0],
    [create("/zookeeper/quota/x"), 0],
    [create("/zookeeper/config/x"), -102],
    [create("/zookeeper/config/x", { acl: [] }), -114],
  ];
  const world = fixture();
  for (const [request, code] of table) assert.equal(refusalOf(world, request), code, JSON.stringify(request));
  assert.equal(refusalOf(world, create("/zookeeper/config/x"), root), 0);
  assert.equal(refusalOf(world, create("/sealed/no"), nobody, { ...planRules, skipAcl: true }), 0);
});

test("without extended types a TTL is not implemented, and everything else goes on", () => {
  const rules: PlanRules = { ...planRules, extendedTypes: false };
  const world = fixture();
  const codes = [
    create("/b/x", { op: 21, flags: 5, ttl: 5 }),
    create("/b/x", { op: 21, flags: 5, ttl: -1 }),
    create("/b/x", { op: 21, flags: 6, ttl: 5, acl: [] }),
    create("/b/x", { op: 1, flags: 5 }),
    create("/b/x", { op: 21, flags: 0, ttl: 5 }),
    create("/b/x", { op: 21, flags: 9, ttl: 5 }),
    create("/b/x", { op: 19, flags: 4 }),
  ].map((request) => refusalOf(world, request, nobody, rules));
  assert.deepEqual(codes, [-6, -6, -6, -6, -8, -8, 0]);
});

test("delete answers as ZooKeeper does, the first failing check first", () => {
  const table: readonly (readonly [MultiMember, number])[] = [
    [remove("/"), -8],
    [remove("/zookeeper"), -8],
    [remove("/zookeeper/quota"), -8],
    [remove("/zookeeper/config", 5), -8],
    [remove(""), -8],
    [remove("foo"), -8],
    [remove("/b\0"), -8],
    [remove("/nope/x"), -101],
    [remove("/b/"), -101],
    [remove("//x"), -101],
    [remove("/b/x"), -101],
    [remove("/sealed/in"), -102],
    [remove("/sealed/no", 3), -102],
    [remove("/full", 3), -103],
    [remove("/full"), -111],
    [remove("/full", 0), -111],
    [remove("/v", 1), -103],
    [remove("/v", -2), -103],
    [remove("/v", 2), 0],
    [remove("/mute"), 0],
    [remove("/eph"), 0],
  ];
  const world = fixture();
  for (const [request, code] of table) assert.equal(refusalOf(world, request), code, JSON.stringify(request));
});

test("setData answers as ZooKeeper does, the first failing check first", () => {
  const quotas: readonly QuotaLimits[] = [{ path: "/q", count: 1, bytes: 1, countHardLimit: 2, bytesHardLimit: 4 }];
  const table: readonly (readonly [MultiMember, number])[] = [
    [set(""), -8],
    [set("foo"), -8],
    [set("/b/"), -8],
    [set("//"), -8],
    [set("/nope"), -101],
    [set("/mute", 9), -102],
    [set("/b", 1), -103],
    [set("/b", -2), -103],
    [set("/b", 0), 0],
    [set("/v", 2), 0],
    [set("/b", -1, null), 0],
    [set("/"), 0],
    [set("/zookeeper"), 0],
    [set("/zookeeper/config"), -102],
  ];
  const world = fixture();
  for (const [request, code] of table) assert.equal(refusalOf(world, request), code, JSON.stringify(request));

  const limited = new PlannedWorld({ quotas });
  done(limited, create("/q", { data: bytes(3) }));
  done(limited, create("/mute", { acl: [{ perms: 0, scheme: "world", id: "anyone" }] }));
  const codes = [
    set("/q", 9, bytes(5)),
    set("/q", -1, bytes(4)),
    create("/q/x", { data: bytes(2) }),
    create("/q/x", { data: bytes(1) }),
    create("/q-x", { data: bytes(9) }),
  ].map((request) => refusalOf(limited, request, root));
  assert.deepEqual(codes, [-125, 0, -125, 0, 0]);
  assert.equal(refusalOf(limited, set("/q", -1, bytes(9)), root, { ...planRules, enforceQuota: false }), 0);
  done(limited, create("/q/x"));
  assert.equal(refusalOf(limited, create("/q/y")), -125);
  // In a multi each member is checked against what was used before it.
  done(limited, remove("/q/x"));
  done(limited, multi(create("/q/x"), create("/q/y"), set("/q", -1, bytes(4))));
  assert.equal(refusalOf(limited, set("/q", -1, bytes(4))), 0);
  assert.equal(refusalOf(limited, set("/q", -1, bytes(5))), -125);
});

test("setACL answers as ZooKeeper does, the first failing check first", () => {
  const table: readonly (readonly [WriteRequest, number])[] = [
    [setAcl(""), -8],
    [setAcl("/b/"), -8],
    [setAcl("/nope", -1, []), -114],
    [setAcl("/nope", -1, null), -114],
    [setAcl("/nope"), -101],
    [setAcl("/sealed", 9), -102],
    [setAcl("/zookeeper/config"), -102],
    [setAcl("/b", 1), -103],
    [setAcl("/b", 0), 0],
    [setAcl("/v", 0), 0],
    [setAcl("/"), 0],
  ];
  const world = fixture();
  for (const [request, code] of table) assert.equal(refusalOf(world, request), code, JSON.stringify(request));
});

test("check answers as ZooKeeper does, and only in a multi", () => {
  const table: readonly (readonly [MultiMember, number])[] = [
    [check(""), -8],
    [check("/b/"), -8],
    [check("/nope"), -101],
    [check("/mute", 9), -102],
    [check("/v", 1), -103],
    [check("/v", -2), -103],
    [check("/v", 2), 0],
    [check("/v"), 0],
    [check("/"), 0],
  ];
  const world = fixture();
  for (const [request, code] of table) {
    const outcome = world.plan(world.view(), write(multi(request)));
    if (code === 0) {
      assert.ok(outcome.kind === "refusal");
      assert.deepEqual(outcome.result, { type: "multi", results: [{ opCode: 13, result: { type: "none" } }] });
    } else {
      assert.ok(outcome.kind === "refusal");
      assert.deepEqual(codesOf(outcome.result), [code]);
    }
  }
  assert.equal(refusalOf(world, check("/b")), -6);
});

function codesOf(result: WriteResult): number[] {
  assert.ok(result.type === "multi");
  return result.results.map(({ opCode, result: one }: MultiResult) => {
    assert.equal(opCode, -1);
    return one.type === "error" ? zkErrorNumbers[one.code] : 0;
  });
}

test("a multi that fails says where, and does nothing", () => {
  const world = fixture();
  const outcome = world.plan(
    world.view(),
    write(multi(create("/n"), set("/n", 0), remove("/nope"), set("/b"), remove("/b"))),
  );
  assert.ok(outcome.kind === "refusal");
  assert.deepEqual(codesOf(outcome.result), [0, 0, -101, -2, -2]);
});

test("an empty multi has an empty answer", () => {
  const world = fixture();
  const outcome = world.plan(world.view(), write(multi()));
  assert.deepEqual(outcome, { kind: "refusal", result: { type: "multi", results: [] } });
});

test("members are answered by the types that clients parse", () => {
  const world = fixture();
  const result = done(
    world,
    multi(
      create("/1"),
      create("/2", { flags: 4 }),
      create("/3", { op: 15 }),
      create("/4", { op: 19 }),
      create("/5", { op: 21, flags: 5, ttl: 5 }),
      remove("/1"),
      set("/3"),
      check("/3", 1),
    ),
  );
  assert.ok(result.type === "multi");
  assert.deepEqual(
    result.results.map(({ opCode, result: { type } }) => [opCode, type]),
    [
      [1, "path"],
      [15, "created"],
      [15, "created"],
      [15, "created"],
      [15, "created"],
      [2, "none"],
      [5, "stat"],
      [13, "none"],
    ],
  );
  // Alone, a create is answered as the request that it is.
  assert.equal(done(world, create("/6", { flags: 4 })).type, "path");
  assert.equal(world.znodes().get("/6")!.kind, "container");
  assert.equal(done(world, create("/7", { op: 19 })).type, "created");
});

test("the answers of a multi show each step, not the end", () => {
  const world = fixture();
  const result = done(
    world,
    multi(create("/n", { op: 15 }), set("/n", 0), create("/n/c"), set("/n", 1, null), remove("/n/c"), set("/n", 2)),
  );
  assert.ok(result.type === "multi");
  const stats = result.results.flatMap(({ result: one }) => ("znode" in one ? [statOf(one.znode)] : []));
  assert.deepEqual(
    stats.map(({ version, cversion, numChildren, dataLength }) => [version, cversion, numChildren, dataLength]),
    [
      [0, 0, 0, 0],
      [1, 0, 0, 3],
      [2, 1, 1, 0],
      [3, 2, 0, 3],
    ],
  );
  const [zxid] = stats.map(({ czxid }) => czxid);
  for (const stat of stats) {
    assert.equal(stat.mzxid, zxid);
    assert.equal(stat.pzxid, zxid);
  }
});

test("which kind of znode the opcode and the flags make", () => {
  const kinds = ([1, 15, 19, 21] as const).map((op) => {
    return [0, 1, 2, 3, 4, 5, 6, 7].map((flags) => {
      const mode = createModeOf(create("/x", { op, flags, ttl: 5 }), planRules);
      return typeof mode === "string" ? "-" : `${mode.kind[0]!}${mode.isSequential ? "s" : ""}`;
    });
  });
  assert.deepEqual(kinds, [
    ["p", "e", "ps", "es", "c", "-", "-", "-"],
    ["p", "e", "ps", "es", "c", "-", "-", "-"],
    ["c", "c", "cs", "cs", "c", "-", "-", "-"],
    ["-", "-", "-", "-", "-", "t", "ts", "-"],
  ]);
});

test("sequence numbers have ten digits, also negative ones", () => {
  assert.equal(sequenceSuffix(0), "0000000000");
  assert.equal(sequenceSuffix(2147483647), "2147483647");
  assert.equal(sequenceSuffix(-5), "-000000005");
  assert.equal(sequenceSuffix(-2147483648), "-2147483648");
});

test("the counter of children stops at the largest int, and with it the sequence", () => {
  const world = fixture();
  const view = (creates: number): Map<string, Znode> => {
    const znodes = world.znodes();
    return znodes.set("/b", { ...znodes.get("/b")!, creates });
  };
  const create1 = (creates: number): WriteResult | number => {
    const plan = world.plan(world.view().with(view(creates)), write(create("/b/s-", { flags: 2 })));
    assert.ok(plan.kind === "plan");
    assert.equal(world.execute(plan).succeeded, true);
    return plan.result;
  };
  assert.deepEqual(create1(2147483646), { type: "path", path: "/b/s-2147483646" });
  assert.deepEqual(done(world, create("/b/s-", { flags: 2 })), { type: "path", path: "/b/s-2147483647" });
  assert.equal(refusalOf(world, create("/b/s-", { flags: 2 })), -110);
  // Other children can still be created.
  done(world, create("/b/x"));
  const { creates, pzxid } = world.znodes().get("/b")!;
  assert.equal(creates, 2147483647);
  assert.equal(pzxid, world.store.revision);
});

test("a znode's version wraps as an int32 does", () => {
  const world = fixture();
  const znodes = world.znodes();
  const last = { ...znodes.get("/b")!, version: 2147483647 };
  const view = world.view().with(new Map([["/b", last]]));
  const plan = planned(world, set("/b", 2147483647), nobody, view);
  assert.equal(world.execute(plan).succeeded, true);
  assert.equal(world.znodes().get("/b")!.version, -2147483648);
  done(world, set("/b", -2147483648));
  assert.equal(world.znodes().get("/b")!.version, -2147483647);
});

test("a reserved znode keeps its zxid 0 when it gets keys", () => {
  const world = new PlannedWorld();
  done(world, set("/", 0));
  const { czxid, version, mzxid, createRevision } = world.znodes().get("/")!;
  assert.deepEqual([czxid, version, mzxid, createRevision], [0, 1, 2, 2]);
  done(world, create("/a"));
  assert.equal(world.znodes().get("/")!.czxid, 0);
  done(world, setAcl("/zookeeper"));
  const zookeeper = world.znodes().get("/zookeeper")!;
  assert.deepEqual([zookeeper.version, zookeeper.aversion, zookeeper.mzxid, zookeeper.keyVersion], [0, 1, 0, 0]);
  done(world, set("/zookeeper", 0));
  assert.equal(world.znodes().get("/zookeeper")!.version, 1);
});

test("folded, a znode that is deleted and created is a new one", () => {
  const world = fixture();
  done(world, create("/v/c"));
  done(world, remove("/v/c"));
  const before = world.znodes().get("/v")!;
  assert.deepEqual([before.version, before.creates], [2, 1]);
  done(world, multi(remove("/v", 2), create("/v", { flags: 1, data: bytes(2) }), set("/v", 0, bytes(1))));
  const after = world.znodes().get("/v")!;
  const zxid = world.store.revision;
  assert.deepEqual(
    [after.version, after.creates, after.czxid, after.pzxid, after.kind],
    [1, 0, zxid, zxid, "ephemeral"],
  );
  assert.equal(after.owner, nobody.session);
  assert.equal(after.createRevision, before.createRevision);
  const record = world.store.get(world.keys.recordKey("/v"))!;
  assert.equal(record.lease, nobody.session);
  assert.deepEqual([decodeRecord(record.value)!.czxid, decodeRecord(record.value)!.base], ["own", 2]);
  // And back: the lease goes with the ephemeral.
  done(world, multi(remove("/v"), create("/v")));
  assert.equal(world.store.get(world.keys.dataKey("/v"))!.lease, 0n);
  assert.equal(world.store.get(world.keys.recordKey("/v"))!.lease, 0n);
});

test("a plan waits where a record would need a zxid that is not known", () => {
  const table: readonly (readonly [first: WriteRequest, second: WriteRequest, waits: boolean])[] = [
    [create("/b/n"), set("/b"), true],
    [create("/b/n"), setAcl("/b"), true],
    [remove("/full/c"), set("/full"), true],
    [create("/b/n"), create("/b/m"), false],
    [create("/b/n"), multi(set("/b"), create("/b/m")), false],
    [create("/b/n"), set("/b/n"), false],
    [create("/b/n"), create("/b/n/m"), false],
    [set("/b"), set("/b"), false],
    [set("/b"), setAcl("/b"), false],
    [set("/b"), create("/b/n"), false],
    [multi(remove("/b"), create("/b")), set("/b"), true],
    [multi(remove("/b"), create("/b")), create("/b/n"), true],
    [multi(remove("/b"), create("/b")), remove("/b"), false],
    [multi(remove("/b"), create("/b")), create("/n"), false],
  ];
  for (const [first, second, waits] of table) {
    const world = fixture();
    const before = planned(world, first);
    const view = world.view().with(before.changes);
    const outcome = world.plan(view, write(second));
    const name = JSON.stringify([first, second]);
    assert.equal(outcome.kind, waits ? "blocked" : "plan", name);
    assert.equal(world.execute(before).succeeded, true);
    if (outcome.kind === "blocked") assert.equal(outcome.on, before.zxid);
    // When it is known there is nothing to wait for, whether or not the tree has it.
    const again = outcome.kind === "plan" ? outcome : world.plan(view, write(second));
    assert.ok(again.kind === "plan", name);
    assert.equal(world.execute(again).succeeded, true, name);
    for (const [path, znode] of again.changes) {
      assert.equal(world.znodes().get(path)?.pzxid, znode === null ? undefined : resolveZxid(znode.pzxid), name);
    }
  }
});

test("only the parent of a znode that was made and unmade is written, and every step is told", () => {
  const world = fixture();
  const before = world.znodes().get("/b")!;
  const plan = planned(world, multi(create("/b/n"), remove("/b/n")));
  assert.equal(plan.witness, "/b");
  assert.deepEqual([...plan.changes.keys()], ["/b"]);
  assert.equal(world.execute(plan).succeeded, true);
  const after = world.znodes().get("/b")!;
  assert.equal(shownCversion(after), shownCversion(before) + 2);
  assert.equal(after.pzxid, world.store.revision);
  assert.equal(world.store.get(world.keys.dataKey("/b/n")), undefined);
  assert.ok(world.store.get(world.keys.eventsKey) !== undefined);
});

test("what a plan is known by is a record that it writes, the znode's own if there is one", () => {
  const world = fixture();
  const witnesses = [
    create("/b/n"),
    remove("/b"),
    set("/b"),
    setAcl("/b"),
    multi(create("/b/n"), create("/b/m")),
    multi(check("/v"), set("/b")),
    multi(remove("/full/c"), remove("/full")),
    multi(remove("/full/c"), remove("/full"), set("/b")),
  ].map((request) => planned(world, request).witness);
  assert.deepEqual(witnesses, ["/b/n", "/", "/b", "/b", "/b/n", "/b", "/", "/b"]);
});

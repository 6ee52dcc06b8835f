import assert from "node:assert/strict";
import { STANDARD_ACL_RULES } from "../../acl/rules.ts";
import { zkErrorNumbers } from "../../errors.ts";
import { KeySpace } from "../../tree/key-space.ts";
import { OPEN_ACL } from "../../tree/record.ts";
import { decodeTrace } from "../../tree/trace.ts";
import { resolveZxid, shownCversion, shownOwner, type TreeView, type Znode } from "../../tree/znode.ts";
import type { WriteRequest } from "../../wire/messages.ts";
import { planCloseSession } from "../close-session.ts";
import { planDeleteContainer } from "../delete-container.ts";
import type { Blocked, Plan, PlanContext, PlanRules, Refusal, WriteResult } from "../plan.ts";
import { planWrite } from "../plan-write.ts";
import { type Client, clients, type Command, type PathChoice } from "./commands.ts";
import { type MapViewOptions, MapView } from "./map-view.ts";
import { MemoryEtcd, type TxnOutcome } from "./memory-etcd.ts";
import { type NaiveEvent, type NaiveReply, type NaiveStat, NaiveZooKeeper } from "./naive-zookeeper.ts";
import { readZnodes } from "./read-znodes.ts";

export const planRules: PlanRules = { ...STANDARD_ACL_RULES, extendedTypes: true, enforceQuota: true };

/** A command whose paths are chosen. */
export type Order =
  | { readonly kind: "write"; readonly client: Client; readonly nowMs: number; readonly request: WriteRequest }
  | { readonly kind: "close"; readonly client: Client; readonly nowMs: number }
  | { readonly kind: "reap"; readonly client: Client; readonly nowMs: number; readonly path: string };

/** A store, what is planned on it, and the model that says what must come of it. */
export class PlannedWorld {
  readonly keys = new KeySpace("/zk");
  readonly store = new MemoryEtcd();
  readonly model: NaiveZooKeeper;
  readonly #options: MapViewOptions;
  #sequence = 0;
  #nowMs = 1000;

  constructor(options: MapViewOptions = {}) {
    this.#options = options;
    this.model = new NaiveZooKeeper({ extendedTypes: true, quotas: options.quotas ?? [] });
  }

  znodes(): Map<string, Znode> {
    return readZnodes(this.store, this.keys);
  }

  view(): MapView {
    const znodes = this.znodes();
    const orphans = this.store.all().flatMap(({ key }) => {
      const parsed = this.keys.parse(key);
      return parsed?.space === "data" && !znodes.has(parsed.path) ? [parsed.path] : [];
    });
    const orphansBelow = [...znodes.keys()].filter((path) => orphans.some((orphan) => orphan.startsWith(`${path}/`)));
    return new MapView(znodes, { ...this.#options, orphansBelow });
  }

  /** Numbers stand for znodes of the view: the same number and the same view give the same path. */
  order({ client, draw, afterMs }: Command, paths: readonly string[]): Order {
    const sorted = paths.filter((path) => !path.startsWith("/zookeeper")).sort();
    const choose = (path: PathChoice): string => (typeof path === "string" ? path : sorted[path % sorted.length]!);
    this.#nowMs += afterMs;
    const by = { client, nowMs: this.#nowMs };
    if (draw.kind === "write") {
      return { kind: "write", ...by, request: draw.request(choose, (path) => paths.includes(path)) };
    }
    return draw.kind === "close" ? { kind: "close", ...by } : { kind: "reap", ...by, path: choose(draw.path) };
  }

  plan(view: TreeView, order: Order, rules = planRules): Plan | Refusal | Blocked {
    const context: PlanContext = {
      sessionId: order.client.session,
      identities: order.client.identities,
      nowMs: order.nowMs,
      tag: { facade: 7, sequence: ++this.#sequence },
      rules,
    };
    switch (order.kind) {
      case "write":
        return planWrite(view, this.keys, order.request, context);
      case "close":
        return planCloseSession(view, this.keys, context);
      case "reap":
        return planDeleteContainer(view, this.keys, order.path, context);
    }
  }

  execute(plan: Plan): TxnOutcome {
    const outcome = this.store.txn(plan.compares, plan.operations);
    if (outcome.succeeded) plan.zxid.value = outcome.revision;
    return outcome;
  }

  /** Something to begin with: /a, /b, /a/x, /a/y, and the ephemeral /b/x. */
  populate(): void {
    for (const [path, flags] of [
      ["/a", 0],
      ["/b", 0],
      ["/a/x", 0],
      ["/a/y", 0],
      ["/b/x", 1],
    ] as const) {
      const request = { op: "create", opCode: 1, path, data: null, acl: OPEN_ACL, flags, ttl: 0 } as const;
      const order: Order = { kind: "write", client: clients[0]!, nowMs: this.#nowMs, request };
      const plan = this.plan(this.view(), order);
      assert.ok(plan.kind === "plan" && this.execute(plan).succeeded);
      this.expect(order);
    }
  }

  /** What the model answers, and does. */
  expect(order: Order): NaiveReply {
    const zxid = this.store.revision;
    const { client, nowMs } = order;
    switch (order.kind) {
      case "write":
        return this.model.apply(order.request, { session: client.session, identities: client.identities, nowMs, zxid });
      case "close":
        this.model.close(client.session, zxid);
        return { code: 0 };
      case "reap":
        return { code: this.model.reap(order.path, nowMs, zxid) ? 0 : -1 };
    }
  }

  /** All stats, data and lists are those of the model. */
  assertLikeModel(): void {
    const found = new Map(
      [...this.znodes()].map(([path, znode]) => {
        const bytes = this.store.get(this.keys.dataKey(path))?.value ?? new Uint8Array();
        const data = znode.isNull ? null : Buffer.from(bytes).toString("latin1");
        return [
          path,
          { data, acl: znode.acl, kind: znode.kind, ttlMs: znode.ttlMs, stat: statOf(znode), counter: znode.creates },
        ];
      }),
    );
    assert.deepEqual(sorted(found), sorted(this.model.nodes));
  }
}

function sorted<Value>(map: ReadonlyMap<string, Value>): [string, Value][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

export function statOf(znode: Znode): NaiveStat {
  return {
    czxid: resolveZxid(znode.czxid),
    mzxid: resolveZxid(znode.mzxid),
    ctime: znode.ctime,
    mtime: znode.mtime,
    version: znode.version,
    cversion: shownCversion(znode),
    aversion: znode.aversion,
    ephemeralOwner: shownOwner(znode),
    dataLength: znode.dataLength,
    numChildren: znode.numChildren,
    pzxid: resolveZxid(znode.pzxid),
  };
}

/** An answer as the model gives it. */
export function replyOf(order: Order, result: WriteResult): NaiveReply {
  if (order.kind === "reap") return { code: result.type === "error" ? -1 : 0 };
  if (result.type !== "multi") return simpleReply(result);
  return { code: 0, results: result.results.map(({ opCode, result: one }) => ({ type: opCode, ...simpleReply(one) })) };
}

function simpleReply(result: Exclude<WriteResult, { readonly type: "multi" }>): NaiveReply {
  switch (result.type) {
    case "error":
      return { code: zkErrorNumbers[result.code] };
    case "none":
      return { code: 0 };
    case "path":
      return { code: 0, path: result.path };
    case "created":
      return { code: 0, path: result.path, stat: statOf(result.znode) };
    case "stat":
      return { code: 0, stat: statOf(result.znode) };
  }
}

/** The events of a transaction as a facade that watches the store tells them: those of the trace, or one per data key. */
export function eventsOf({ events }: TxnOutcome, keys: KeySpace): NaiveEvent[] {
  const trace = events.find(({ kv }) => Buffer.compare(kv.key, keys.eventsKey) === 0);
  if (trace !== undefined) return decodeTrace(trace.kv.value)!.map(({ type, path }) => ({ type, path }));
  return events.flatMap(({ type, kv }): NaiveEvent[] => {
    const parsed = keys.parse(kv.key);
    if (parsed?.space !== "data") return [];
    const { path } = parsed;
    if (type === "delete") return [{ type: "deleted", path }];
    const isReserved = ["/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"].includes(path);
    return [{ type: kv.version === 1 && !isReserved ? "created" : "dataChanged", path }];
  });
}

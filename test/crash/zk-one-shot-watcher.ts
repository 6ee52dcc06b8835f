import assert from "node:assert/strict";
import type { WatchEvent } from "../support/zk-records.ts";
import { type RunningServer, sleep } from "./crash-run.ts";
import { type NewestZxid, ZkLink } from "./zk-link.ts";
import { EventType, type ModelChange, parentOf, type ZkModel } from "./zk-model.ts";

const TIMEOUT_MS = 10_000;
const PROBE_EVERY_MS = 20;

/** The list of setWatches2 in which a watch comes back. */
type Kind = "data" | "exist" | "child";

interface OneShot {
  readonly kind: Kind;
  readonly path: string;
  /** Of the reply that last set it: what came before is not for it. */
  since: number;
}

/** A setWatches2: what the client said it knew, and the zxid of the reply; none came if that is 0. */
interface Return {
  readonly relativeZxid: number;
  zxid: number;
}

interface Firing {
  readonly watch: OneShot;
  readonly type: number;
  /** -1: found out by setWatches2. */
  readonly zxid: number;
  readonly during: Return | null;
}

export interface OneShotTarget {
  readonly path: string;
  readonly op: "getData" | "exists" | "getChildren";
}

/**
 * A client with one-shot watches, which sets each again when it has fired, and brings back after a crash those that have
 * not. Each must fire once: for the first change after it was set, or, if that came while the client was away, when it
 * comes back.
 */
export class OneShotWatcher {
  readonly #targets: readonly OneShotTarget[];
  readonly #link: ZkLink;
  readonly #armed = new Map<string, OneShot>();
  /** Events of watches whose request has not been seen to be answered: replies settle after the events behind them. */
  readonly #early = new Map<string, WatchEvent>();
  readonly #setting = new Set<string>();
  #return: Return | null = null;
  #firings: Firing[] = [];
  #returns: { readonly watch: OneShot; readonly from: Return }[] = [];
  fired = 0;
  firedAtReturn = 0;

  constructor(options: {
    readonly port: number;
    readonly newest: NewestZxid;
    readonly targets: readonly OneShotTarget[];
  }) {
    this.#targets = options.targets;
    this.#link = new ZkLink({ ...options, timeoutMs: TIMEOUT_MS, onEvent: (event) => this.#told(event) });
  }

  get sessionId(): bigint {
    return this.#link.sessionId;
  }

  async begin(server: Pick<RunningServer, "isKilled">): Promise<void> {
    await this.#link.attach(server);
  }

  async run(server: RunningServer): Promise<void> {
    try {
      if (!this.#link.isConnected && !(await this.#comeBack(server))) return;
      for (;;) {
        const missing = this.#targets.filter(({ path }) => !this.#armed.has(path));
        for (const target of missing) await this.#set(target);
        await sleep(missing.length > 0 ? 0 : PROBE_EVERY_MS);
        await this.#link.call("exists", { path: "/" });
      }
    } catch (error) {
      this.#link.excuse(error, server);
    } finally {
      this.#setting.clear();
      this.#early.clear();
    }
  }

  check(model: ZkModel): void {
    for (const firing of this.#firings) {
      if (firing.zxid === -1) checkFiringAtReturn(firing, model);
      else checkFiring(firing, model);
    }
    for (const { watch, from } of this.#returns) {
      const due = dueAtReturn(watch, from.relativeZxid, from.zxid, model);
      assert.equal(due, null, `${spell(watch)} did not fire at the client's return at ${from.zxid}`);
    }
    for (const watch of this.#armed.values()) {
      const [missed] = model
        .changesBetween(watch.since, this.#link.replyZxid)
        .filter((change) => typeFor(watch, change));
      assert.equal(missed, undefined, `${spell(watch)} did not fire`);
    }
    this.fired += this.#firings.length;
    this.firedAtReturn += this.#firings.filter(({ zxid }) => zxid === -1).length;
    this.#firings = [];
    this.#returns = [];
  }

  drop(): void {
    this.#link.drop();
  }

  async #comeBack(server: RunningServer): Promise<boolean> {
    const relativeZxid = this.#link.replyZxid;
    const from: Return = { relativeZxid, zxid: 0 };
    if (!(await this.#link.attach(server))) return false;
    const brought = [...this.#armed.values()];
    const list = (wanted: Kind): string[] => brought.filter(({ kind }) => kind === wanted).map(({ path }) => path);
    this.#return = from;
    try {
      const lists = { data: list("data"), exist: list("exist"), child: list("child") };
      const { zxid, err } = await this.#link.call("setWatches2", { relativeZxid, ...lists });
      assert.equal(err, 0);
      from.zxid = zxid;
    } finally {
      this.#return = null;
    }
    const firedNow = new Set(
      this.#firings.filter(({ during, zxid }) => during === from && zxid === -1).map(({ watch }) => watch),
    );
    for (const watch of brought) {
      if (firedNow.has(watch)) continue;
      this.#returns.push({ watch, from });
      watch.since = from.zxid;
    }
    return true;
  }

  async #set({ path, op }: OneShotTarget): Promise<void> {
    this.#setting.add(path);
    const { err, zxid } = await this.#link.call(op, { path, watch: true });
    assert.ok(err === 0 || (op === "exists" && err === -101), `${op} of ${path} was answered with ${err}`);
    this.#setting.delete(path);
    const kind = op === "getChildren" ? "child" : err === 0 ? "data" : "exist";
    this.#armed.set(path, { kind, path, since: zxid });
    const early = this.#early.get(path);
    if (early === undefined) return;
    this.#early.delete(path);
    this.#told(early);
  }

  #told(event: WatchEvent): void {
    const watch = this.#armed.get(event.path);
    if (watch === undefined) {
      assert.ok(this.#setting.has(event.path) && !this.#early.has(event.path), `${event.path} fired once too often`);
      this.#early.set(event.path, event);
      return;
    }
    this.#armed.delete(event.path);
    this.#firings.push({ watch, type: event.type, zxid: event.zxid, during: this.#return });
  }
}

function checkFiring({ watch, type, zxid }: Firing, model: ZkModel): void {
  const [first] = model.changesBetween(watch.since, zxid).filter((change) => typeFor(watch, change));
  assert.equal(zxid, first?.zxid, `${spell(watch)} fired late, or for nothing`);
  assert.equal(type, typeFor(watch, first!), `${spell(watch)} fired at ${zxid}`);
}

function checkFiringAtReturn({ watch, type, during }: Firing, model: ZkModel): void {
  assert.ok(during !== null, `${spell(watch)} fired without a zxid, though nobody came back`);
  const { relativeZxid } = during;
  const latest = during.zxid === 0 ? model.zxid : during.zxid;
  // The tree may have moved on before the reply left.
  const moments = [relativeZxid, ...model.changesBetween(relativeZxid, latest).map(({ zxid }) => zxid)];
  const dues = new Set(moments.map((moment) => dueAtReturn(watch, relativeZxid, moment, model)));
  assert.ok(dues.has(type), `${spell(watch)} fired at its return with ${type}, due was ${[...dues].join(" or ")}`);
}

/** The type of the event with which a change fires a watch; null: it does not. */
function typeFor({ kind, path }: OneShot, change: ModelChange): number | null {
  if (change.path === path) return kind === "child" && change.type !== EventType.deleted ? null : change.type;
  const changesChildren = kind === "child" && change.type !== EventType.dataChanged && parentOf(change.path) === path;
  return changesChildren ? EventType.childrenChanged : null;
}

/** What ZooKeeper's setWatches sends for a watch when the tree is at a zxid; null: nothing, it is set again. */
function dueAtReturn({ kind, path }: OneShot, relativeZxid: number, zxid: number, model: ZkModel): number | null {
  const changes = model.changesBetween(0, zxid);
  const own = changes.filter((change) => change.path === path).at(-1);
  const exists = own !== undefined && own.type !== EventType.deleted;
  if (kind === "exist") return exists ? EventType.created : null;
  if (!exists) return EventType.deleted;
  if (kind === "data") return own.zxid > relativeZxid ? EventType.dataChanged : null;
  const child = changes
    .filter((change) => change.type !== EventType.dataChanged && parentOf(change.path) === path)
    .at(-1);
  return (child?.zxid ?? 0) > relativeZxid ? EventType.childrenChanged : null;
}

function spell({ kind, path, since }: OneShot): string {
  return `the ${kind} watch on ${path}, set at ${since},`;
}

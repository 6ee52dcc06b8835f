import assert from "node:assert/strict";
import type { ClientStat } from "../support/zk-records.ts";
import type { Step, StepResult, ZkWrite } from "./zk-write.ts";

/** A znode as the acknowledged and the found writes made it. */
export interface ModelZnode {
  data: string;
  czxid: number;
  mzxid: number;
  pzxid: number;
  version: number;
  /** Children that it ever got: the next sequential name's number. */
  creates: number;
  readonly owner: bigint;
  readonly children: Set<string>;
}

export const EventType = { created: 1, deleted: 2, dataChanged: 3, childrenChanged: 4 } as const;

/** One change of one znode; the parent of a created or deleted one has changed its children with it. */
export interface ModelChange {
  readonly zxid: number;
  readonly type: 1 | 2 | 3;
  readonly path: string;
  /** The changes of its zxid have no order: the ephemerals of a session that ended. */
  readonly isUnordered: boolean;
}

export const HOME = "/crash";

/**
 * ZooKeeper's tree below /crash, too simple to be wrong: fed with the writes in the order in which the store's history
 * has them, it knows each znode's stat, and each change that a watch must be told.
 */
export class ZkModel {
  readonly znodes = new Map<string, ModelZnode>([["/", newZnode("", 0, 0n)]]);
  readonly changes: ModelChange[] = [];
  /** All up to it has been applied. */
  zxid = 0;

  /**
   * Returns the paths that the write changed, and whether they were there before. Checks what its client was told.
   *
   * @param names the paths that the store has changed, among them those that sequential creates got
   */
  apply(write: ZkWrite, zxid: number, names: readonly string[]): Map<string, boolean> {
    const touched = new Map<string, boolean>();
    for (const [index, step] of write.steps.entries()) {
      const path = this.#pathOf(step, names, touched);
      if (!touched.has(path)) touched.set(path, this.znodes.has(path));
      this.#applyStep(step, path, zxid, write.session);
      if (write.zxid !== 0) this.#checkResult(write, step, path, write.results[index]!);
    }
    return touched;
  }

  /** What a session that ends takes along. */
  ephemeralsOf(session: bigint): string[] {
    return [...this.znodes].filter(([, { owner }]) => owner === session).map(([path]) => path);
  }

  endSession(session: bigint, zxid: number): string[] {
    const paths = this.ephemeralsOf(session);
    for (const path of paths) this.#delete(path, zxid, true);
    return paths;
  }

  stat(path: string): Omit<ClientStat, "ctime" | "mtime"> {
    const znode = this.znodes.get(path)!;
    return {
      czxid: znode.czxid,
      mzxid: znode.mzxid,
      version: znode.version,
      cversion: znode.creates * 2 - znode.children.size,
      aversion: 0,
      ephemeralOwner: znode.owner,
      dataLength: znode.data.length,
      numChildren: znode.children.size,
      pzxid: znode.pzxid,
    };
  }

  /** Those with a zxid past the first and not past the second. */
  changesBetween(after: number, until: number): ModelChange[] {
    let from = this.changes.length;
    while (from > 0 && this.changes[from - 1]!.zxid > after) from--;
    return this.changes.slice(from).filter(({ zxid }) => zxid <= until);
  }

  /** With the next number of its parent, if the step asks for one: so no number comes twice, and none is left out. */
  #pathOf(step: Step, names: readonly string[], touched: ReadonlyMap<string, boolean>): string {
    if (step.kind !== "create" || !step.isSequential) return step.path;
    const parent = this.znodes.get(parentOf(step.path));
    assert.ok(parent !== undefined, `${step.path} was created without a parent`);
    const path = step.path + String(parent.creates).padStart(10, "0");
    assert.ok(!touched.has(path), `${path} twice in one multi`);
    assert.ok(names.includes(path), `a sequential name should be ${path}, stored are ${names.join(", ")}`);
    return path;
  }

  #applyStep(step: Step, path: string, zxid: number, session: bigint): void {
    if (step.kind === "create") {
      this.#create(path, step.data, zxid, step.isEphemeral ? session : 0n);
      return;
    }
    const znode = this.znodes.get(path);
    assert.ok(znode !== undefined, `${step.kind} of ${path} at ${zxid}, which was not there`);
    assert.ok(step.version === -1 || step.version === znode.version, `${step.kind} of another version of ${path}`);
    if (step.kind === "delete") {
      this.#delete(path, zxid, false);
      return;
    }
    znode.data = step.data;
    znode.mzxid = zxid;
    znode.version += 1;
    this.changes.push({ zxid, type: EventType.dataChanged, path, isUnordered: false });
  }

  #create(path: string, data: string, zxid: number, owner: bigint): void {
    assert.ok(!this.znodes.has(path), `${path} was created again at ${zxid}`);
    const parent = this.znodes.get(parentOf(path));
    assert.ok(parent !== undefined, `${path} was created without a parent at ${zxid}`);
    parent.children.add(path);
    parent.creates += 1;
    parent.pzxid = zxid;
    this.znodes.set(path, newZnode(data, zxid, owner));
    this.changes.push({ zxid, type: EventType.created, path, isUnordered: false });
  }

  #delete(path: string, zxid: number, isUnordered: boolean): void {
    const parent = this.znodes.get(parentOf(path))!;
    parent.children.delete(path);
    parent.pzxid = zxid;
    this.znodes.delete(path);
    this.changes.push({ zxid, type: EventType.deleted, path, isUnordered });
  }

  #checkResult(write: ZkWrite, step: Step, path: string, { path: named, stat }: StepResult): void {
    if (named !== undefined) assert.equal(named, path, `${write.describe()} was told another name`);
    if (stat === undefined) return;
    assert.deepEqual(withoutTimes(stat), this.stat(path), `${write.describe()} was told another stat of ${step.path}`);
  }
}

/** All of a stat but what a clock said. */
export function withoutTimes(stat: ClientStat): Omit<ClientStat, "ctime" | "mtime"> {
  const rest: Partial<ClientStat> & Omit<ClientStat, "ctime" | "mtime"> = { ...stat };
  delete (rest as { ctime?: number }).ctime;
  delete (rest as { mtime?: number }).mtime;
  return rest;
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

function newZnode(data: string, zxid: number, owner: bigint): ModelZnode {
  return { data, czxid: zxid, mzxid: zxid, pzxid: zxid, version: 0, creates: 0, owner, children: new Set() };
}

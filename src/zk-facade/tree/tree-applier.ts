import type { Event, KeyValue } from "../../etcd/wire/mvccpb.ts";
import type { RecordTag } from "../ops/plan.ts";
import type { Census } from "./census.ts";
import type { Faults, Mend } from "./faults.ts";
import { Flag, type Forest } from "./forest.ts";
import type { KeySpace } from "./key-space.ts";
import { limitedBy } from "./quota-table.ts";
import { SortedEvents, type RecordEvent } from "./sorted-events.ts";
import { Double, Int } from "./slab.ts";
import type { StatRules } from "./stat-rules.ts";
import { changesOfTrace } from "./trace-changes.ts";
import type { ZnodeChange } from "./znode.ts";

/** A session's key was put, or is gone. */
export interface SessionChange {
  readonly id: bigint;
  /** Null: the session is over. */
  readonly value: Uint8Array | null;
  readonly modRevision: number;
  readonly lease: bigint;
}

/** What one revision did. */
export interface Applied {
  readonly revision: number;
  /** In ZooKeeper's order; that of the keys within the transaction, or that of a multi's members. */
  readonly changes: readonly ZnodeChange[];
  /** Of the records that were put. */
  readonly written: readonly RecordTag[];
  readonly sessions: readonly SessionChange[];
  /** What is to be mended of the znodes that the revision touched. */
  readonly mends: readonly Mend[];
  /** The meta key was put or deleted. */
  readonly hasMeta: boolean;
}

export interface TreeParts {
  readonly forest: Forest;
  readonly census: Census;
  readonly faults: Faults;
  readonly rules: StatRules;
}

/**
 * Brings a forest from one revision to the next. All keys of the revision are sorted first, since a znode's record may
 * come before or behind its data; then the data keys are taken in their order, which makes the changes; then the records.
 */
export class TreeApplier {
  readonly #keys: KeySpace;
  readonly #forest: Forest;
  readonly #census: Census;
  readonly #faults: Faults;
  readonly #rules: StatRules;
  // Of the revision being applied.
  #events: SortedEvents;
  #changes: ZnodeChange[] = [];
  /** Slots whose faults are to be looked at; some may be gone by then, or be others'. */
  #touched: number[] = [];
  #leftovers: string[] = [];
  #nowMs = 0;

  constructor(keys: KeySpace, parts: TreeParts) {
    this.#keys = keys;
    this.#forest = parts.forest;
    this.#census = parts.census;
    this.#faults = parts.faults;
    this.#rules = parts.rules;
    this.#events = new SortedEvents(keys, 0, []);
  }

  apply(revision: number, events: readonly Event[], nowMs: number): Applied {
    const sorted = new SortedEvents(this.#keys, revision, events);
    this.#events = sorted;
    this.#nowMs = nowMs;
    const traced = sorted.trace === null ? null : changesOfTrace(sorted.trace, this.#forest);
    for (const { path, kv } of sorted.data) {
      if (kv === null) this.#dataDeleted(path);
      else this.#dataPut(path, kv);
    }
    for (const event of sorted.records) this.#recordChanged(event);
    const applied: Applied = {
      revision,
      changes: traced === null ? this.#changes : [...traced, ...unnamed(this.#changes, traced)],
      written: tagsOf(sorted.records),
      sessions: sorted.sessions,
      mends: this.#mends(),
      hasMeta: sorted.hasMeta,
    };
    this.#reset();
    return applied;
  }

  #dataPut(path: string, kv: KeyValue): void {
    const limited = limitedBy(path);
    if (limited !== null) this.#census.quotas.setLimits(limited, kv.value);
    const slot = this.#forest.find(path);
    if (!this.#forest.isReal(slot)) {
      this.#create(path, slot, kv);
    } else if (this.#isSameLife(slot, kv)) {
      this.#touched.push(slot);
      const wasVisible = this.#open(slot);
      this.#rules.takeData(slot, kv, this.#nowMs);
      this.#shut(slot, wasVisible);
      this.#tellDataChanged(slot);
    } else {
      this.#remove(slot);
      this.#create(path, this.#forest.find(path), kv);
    }
  }

  #dataDeleted(path: string): void {
    const limited = limitedBy(path);
    if (limited !== null) this.#census.quotas.setLimits(limited, null);
    const slot = this.#forest.find(path);
    if (!this.#forest.isReal(slot)) return;
    if (!this.#forest.isReserved(slot)) {
      this.#remove(slot);
    } else if (this.#forest.slab.has(slot, Flag.data)) {
      this.#touched.push(slot);
      const wasVisible = this.#open(slot);
      this.#rules.dropData(slot, this.#nowMs);
      this.#shut(slot, wasVisible);
      this.#tellDataChanged(slot);
    }
  }

  /** A put of a key that was created in between is that of another key. A transaction cannot do that. */
  #isSameLife(slot: number, kv: KeyValue): boolean {
    return this.#forest.isReserved(slot) || this.#forest.slab.double(slot, Double.createRevision) === kv.createRevision;
  }

  #create(path: string, known: number, kv: KeyValue): void {
    const slot = this.#forest.plant(path, known);
    this.#rules.begin(slot, kv, this.#events.revision, this.#nowMs);
    const leftover = this.#faults.takeLeftover(path);
    this.#forest.slab.setDouble(slot, Double.recordRevision, leftover);
    const event = this.#events.recordOf(path);
    if (event !== undefined) this.#takeRecord(slot, event);
    const parent = this.#forest.slab.int(slot, Int.parent);
    if (this.#forest.isReal(parent)) {
      this.#rules.childCreated(parent, this.#events.revision);
      this.#touched.push(parent);
    }
    if (this.#forest.slab.has(parent, Flag.visible)) this.#show(slot);
  }

  #remove(slot: number): void {
    const { slab } = this.#forest;
    const path = slab.path(slot);
    const parent = slab.int(slot, Int.parent);
    if (slab.has(slot, Flag.visible)) this.#hide(slot);
    const recordRevision = slab.double(slot, Double.recordRevision);
    if (recordRevision !== 0) this.#leaveOver(path, recordRevision);
    this.#faults.forget(slot);
    if (this.#forest.isReal(parent)) {
      this.#rules.childDeleted(parent, this.#events.revision);
      this.#touched.push(parent);
    }
    this.#forest.uproot(slot);
  }

  #recordChanged(event: RecordEvent): void {
    const { path, record, revision } = event;
    const isTaken = event.slot !== 0 && this.#forest.slab.path(event.slot) === path;
    const slot = isTaken ? event.slot : this.#forest.find(path);
    if (!this.#forest.isReal(slot)) {
      if (revision === 0) this.#faults.takeLeftover(path);
      else this.#leaveOver(path, revision);
      return;
    }
    this.#touched.push(slot);
    if (!isTaken) {
      const wasVisible = this.#open(slot);
      this.#takeRecord(slot, event);
      this.#shut(slot, wasVisible);
    }
    if (record !== null) this.#rules.settle(slot, record, revision, event.startsLife);
  }

  #takeRecord(slot: number, event: RecordEvent): void {
    const { record, revision, lease } = event;
    event.slot = slot;
    if (record === null) this.#rules.loseRecord(slot, revision);
    else event.startsLife = this.#rules.takeRecord(slot, record, revision, lease);
  }

  /** Between these two, what the census knows of a slot may change. */
  #open(slot: number): boolean {
    const isVisible = this.#forest.slab.has(slot, Flag.visible);
    if (isVisible) this.#census.leave(slot);
    return isVisible;
  }

  #shut(slot: number, wasVisible: boolean): void {
    if (wasVisible) this.#census.enter(slot);
  }

  /** The slot and all below it become znodes, parents first. */
  #show(top: number): void {
    for (let slot = top; slot !== 0; slot = this.#forest.slab.following(slot, top)) {
      this.#census.enter(slot);
      this.#touched.push(slot);
      this.#tell("created", slot);
    }
  }

  /** The slot and all below it are znodes no more, children first. */
  #hide(top: number): void {
    const slots: number[] = [];
    for (let slot = top; slot !== 0; slot = this.#forest.slab.following(slot, top)) slots.push(slot);
    for (const slot of slots.reverse()) {
      this.#tell("deleted", slot);
      this.#census.leave(slot);
    }
  }

  #tellDataChanged(slot: number): void {
    if (this.#forest.slab.has(slot, Flag.visible)) this.#tell("dataChanged", slot);
  }

  #tell(type: ZnodeChange["type"], slot: number): void {
    const forest = this.#forest;
    const acl = forest.aclOf(slot);
    const parent = forest.slab.int(slot, Int.parent);
    const parentAcl = parent === 0 ? acl : forest.aclOf(parent);
    this.#changes.push({ type, path: forest.slab.path(slot), acl, parentAcl });
  }

  #leaveOver(path: string, recordRevision: number): void {
    this.#faults.addLeftover(path, recordRevision);
    this.#leftovers.push(path);
  }

  #mends(): readonly Mend[] {
    let mends: Map<string, Mend> | null = null;
    for (const slot of this.#touched) {
      const fault = this.#faults.check(slot);
      if (fault === null) continue;
      const path = this.#forest.slab.path(slot);
      mends ??= new Map();
      mends.set(path, { path, fault });
    }
    for (const path of this.#leftovers) {
      if (this.#faults.leftoverRevision(path) === undefined) continue;
      mends ??= new Map();
      mends.set(path, { path, fault: "leftover" });
    }
    return mends === null ? NONE : [...mends.values()];
  }

  #reset(): void {
    this.#changes = [];
    this.#touched = [];
    if (this.#leftovers.length > 0) this.#leftovers = [];
  }
}

/** What happened to paths that a trace does not name. */
function unnamed(changes: readonly ZnodeChange[], traced: readonly ZnodeChange[]): ZnodeChange[] {
  const named = new Set(traced.map((change) => change.path));
  return changes.filter((change) => !named.has(change.path));
}

const NONE: readonly Mend[] = [];

function tagsOf(records: readonly RecordEvent[]): RecordTag[] {
  const tags: RecordTag[] = [];
  for (const { record } of records) if (record !== null) tags.push(record.tag);
  return tags;
}

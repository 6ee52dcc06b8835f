import type { KeyValue } from "../../etcd/wire/mvccpb.ts";
import { Census } from "./census.ts";
import { Faults } from "./faults.ts";
import { Flag, Forest, ROOT } from "./forest.ts";
import type { KeySpace } from "./key-space.ts";
import { limitedBy } from "./quota-table.ts";
import { decodeRecord, type ZnodeRecord } from "./record.ts";
import { Double, Int } from "./slab.ts";
import { StatRules, toInt32 } from "./stat-rules.ts";
import type { SessionChange } from "./tree-applier.ts";
import { ZnodeTree } from "./znode-tree.ts";

/**
 * Builds a tree from all keys of a root at one revision, in any order: data keys with or without their values, all other
 * keys with theirs. Then the values that `valuesNeeded` asks for, then `finish`.
 *
 * What the keys do not say is as it would be if everything that etcd clients did had happened now: their times are the
 * moment of loading. A child that was deleted without its parent's record knowing is not found out.
 */
export class TreeLoader {
  readonly #keys: KeySpace;
  readonly #nowMs: number;
  readonly #forest = new Forest();
  readonly #census = new Census(this.#forest);
  readonly #faults = new Faults(this.#forest);
  readonly #rules = new StatRules(this.#forest, this.#faults);
  readonly #sessions = new Map<bigint, SessionChange>();
  /** The slot of the data key before. */
  #lastFound = 0;
  /** Where it is not 0. */
  readonly #recordLeases = new Map<number, bigint>();

  constructor(keys: KeySpace, nowMs: number) {
    this.#keys = keys;
    this.#nowMs = nowMs;
  }

  /** Any key of the root, once. An empty value of a data key says nothing, since it may have been left out. */
  add(kv: KeyValue): void {
    const key = this.#keys.parse(kv.key);
    if (key?.space === "data") this.#addData(key.path, kv);
    else if (key?.space === "record") this.#addRecord(key.path, kv);
    else if (key?.space === "session") {
      const { modRevision, lease } = kv;
      this.#sessions.set(key.id, { id: key.id, value: new Uint8Array(kv.value), modRevision, lease });
    }
  }

  /**
   * The data keys that must be read with their values, once all keys were added: nothing else says how long the data is,
   * or it is the text of a quota.
   */
  *valuesNeeded(): Generator<Uint8Array, void> {
    const { slab } = this.#forest;
    for (let slot = 1; slot < slab.end; slot++) {
      if (slab.has(slot, Flag.lengthKnown) || !slab.has(slot, Flag.data)) continue;
      if (slab.has(slot, Flag.limits | Flag.stats) || !this.#knowsData(slot)) yield this.#keys.dataKey(slab.path(slot));
    }
  }

  /** A data key that `valuesNeeded` asked for, at the revision of the others. */
  addValue(kv: KeyValue): void {
    const key = this.#keys.parse(kv.key);
    const slot = key?.space === "data" ? this.#forest.find(key.path) : 0;
    if (slot !== 0) this.#setValue(slot, kv.value);
  }

  /** The tree at the revision that all keys were read at. The loader is used up. */
  finish(revision: number): ZnodeTree {
    const { slab } = this.#forest;
    for (let slot = 1; slot < slab.end; slot++) {
      if (this.#forest.isReal(slot)) this.#reconcile(slot);
      else if (slab.path(slot) !== "") this.#weed(slot);
    }
    for (let slot = 1; slot < slab.end; slot++) {
      if (this.#forest.isReal(slot) && !this.#forest.isReserved(slot)) this.#countForParent(slot);
    }
    for (let slot = ROOT; slot !== 0; slot = slab.following(slot, ROOT)) {
      this.#countChildren(slot);
      this.#census.enter(slot);
      this.#faults.check(slot);
    }
    for (const slot of this.#forest.orphans()) this.#countChildren(slot);
    const parts = { forest: this.#forest, census: this.#census, faults: this.#faults, rules: this.#rules };
    return new ZnodeTree(this.#keys, parts, this.#sessions, revision);
  }

  #addData(path: string, kv: KeyValue): void {
    const { slab } = this.#forest;
    const known = this.#find(path);
    const slot = this.#forest.isReal(known) ? known : this.#forest.plant(path, known);
    slab.raise(slot, Flag.data);
    slab.setDouble(slot, Double.createRevision, kv.createRevision);
    slab.setDouble(slot, Double.mzxid, kv.modRevision);
    slab.setDouble(slot, Double.keyVersion, kv.version);
    slab.setLease(slot, kv.lease);
    if (kv.value.length > 0) this.#setValue(slot, kv.value);
  }

  /** Data keys come in the order of their records, as a rule, so that the next slot is the one that is looked for. */
  #find(path: string): number {
    const { slab } = this.#forest;
    const expected = this.#lastFound + 1;
    const isNext = expected < slab.end && slab.path(expected) === path;
    const slot = isNext ? expected : this.#forest.find(path);
    if (slot !== 0) this.#lastFound = slot;
    return slot;
  }

  #setValue(slot: number, value: Uint8Array): void {
    const { slab } = this.#forest;
    slab.raise(slot, Flag.lengthKnown);
    slab.setInt(slot, Int.dataLength, value.length);
    const limited = slab.has(slot, Flag.limits) ? limitedBy(slab.path(slot)) : null;
    if (limited !== null) this.#census.quotas.setLimits(limited, value);
  }

  #addRecord(path: string, kv: KeyValue): void {
    const slot = this.#forest.sow(path);
    const record = decodeRecord(kv.value);
    if (kv.lease !== 0n) this.#recordLeases.set(slot, kv.lease);
    if (record === null) this.#forest.slab.setDouble(slot, Double.recordRevision, kv.modRevision);
    else this.#writeRecord(slot, record, kv.modRevision);
  }

  /** As the record says it; NaN where only the data key knows. */
  #writeRecord(slot: number, record: ZnodeRecord, revision: number): void {
    const { slab } = this.#forest;
    this.#rules.writeRecord(slot, record, revision);
    slab.setInt(slot, Int.creates, toInt32(record.creates));
    slab.setDouble(slot, Double.czxid, record.czxid === "own" ? revision : (record.czxid ?? NaN));
    slab.setDouble(slot, Double.pzxid, record.pzxid === "czxid" ? NaN : this.#rules.pzxidOf(slot, record, revision));
    if (record.isNull) slab.raise(slot, Flag.nullData);
    if (!slab.has(slot, Flag.lengthKnown)) slab.setInt(slot, Int.dataLength, toInt32(record.dataLength));
  }

  /** The record was written with the data or after it. */
  #knowsData(slot: number): boolean {
    const { slab } = this.#forest;
    return slab.has(slot, Flag.record) && slab.double(slot, Double.recordRevision) >= slab.double(slot, Double.mzxid);
  }

  #weed(slot: number): void {
    const { slab } = this.#forest;
    const revision = slab.double(slot, Double.recordRevision);
    if (revision !== 0) this.#faults.addLeftover(slab.path(slot), revision);
    this.#forest.weed(slot);
  }

  /** Both keys are there, or as many of them as there are. */
  #reconcile(slot: number): void {
    const { slab } = this.#forest;
    const hasData = slab.has(slot, Flag.data);
    const recordRevision = slab.double(slot, Double.recordRevision);
    const isOfThisLife = this.#forest.isReserved(slot) || recordRevision >= slab.double(slot, Double.createRevision);
    if (slab.has(slot, Flag.record) && isOfThisLife) this.#believeRecord(slot);
    else this.#observe(slot, recordRevision);
    if (!hasData) slab.setInt(slot, Int.dataLength, 0);
    if (!hasData || slab.int(slot, Int.dataLength) > 0) slab.lower(slot, Flag.nullData);
  }

  #believeRecord(slot: number): void {
    const { slab } = this.#forest;
    const czxid = slab.double(slot, Double.czxid);
    if (Number.isNaN(czxid)) slab.setDouble(slot, Double.czxid, this.#rules.ownCzxid(slot));
    const pzxid = slab.double(slot, Double.pzxid);
    if (Number.isNaN(pzxid)) slab.setDouble(slot, Double.pzxid, slab.double(slot, Double.czxid));
    this.#faults.setRecordLease(slot, this.#recordLeases.get(slot) ?? 0n);
    if (this.#knowsData(slot)) return;
    slab.setDouble(slot, Double.mtime, this.#nowMs);
    slab.lower(slot, Flag.nullData);
  }

  #observe(slot: number, recordRevision: number): void {
    const { slab } = this.#forest;
    this.#rules.loseRecord(slot, recordRevision);
    // Bytes that are no record are to be replaced by one, also those of a reserved znode, which needs none.
    if (recordRevision === 0) slab.lower(slot, Flag.unrecorded);
    slab.setDouble(slot, Double.ctime, this.#forest.isReserved(slot) ? 0 : this.#nowMs);
    slab.setDouble(slot, Double.mtime, slab.has(slot, Flag.data) ? this.#nowMs : 0);
    this.#rules.setCounters(slot, 0, slab.double(slot, Double.czxid));
  }

  /** A child that is younger than its parent's record is not counted in it. */
  #countForParent(slot: number): void {
    const { slab } = this.#forest;
    const parent = slab.int(slot, Int.parent);
    if (!this.#forest.isReal(parent)) return;
    const createRevision = slab.double(slot, Double.createRevision);
    const recordRevision = slab.has(parent, Flag.record) ? slab.double(parent, Double.recordRevision) : 0;
    if (createRevision <= recordRevision) return;
    const pzxid = Math.max(slab.double(parent, Double.pzxid), createRevision);
    this.#rules.childCreated(parent, pzxid);
  }

  /** No znode has more children than were ever created. Orphans that became children are in no record. */
  #countChildren(slot: number): void {
    const { slab } = this.#forest;
    const children = this.#forest.createdChildren(slot);
    if (slab.int(slot, Int.creates) >= children) return;
    slab.setInt(slot, Int.creates, children);
    slab.raise(slot, Flag.unrecorded);
  }
}

import type { KeyValue } from "../../etcd/wire/mvccpb.ts";
import type { Faults } from "./faults.ts";
import { Flag, type Forest } from "./forest.ts";
import type { ZnodeRecord } from "./record.ts";
import { reservedZnodes } from "./reserved.ts";
import { Double, Int } from "./slab.ts";

const INT32_MAX = 0x7fff_ffff;
const INT32_MIN = -0x8000_0000;

/**
 * How the two keys of a znode make its stat. The data key has the first word (czxid, mzxid, version, owner), the record
 * says the rest, and what neither says is observed: the times of what etcd clients do, and the children they give and take.
 *
 * What is observed is never less than what the keys say, and holds until a record says it, too. So `creates` and pzxid only
 * grow during a znode's life, also when a facade writes the parent's record without having seen an etcd client's child.
 */
export class StatRules {
  readonly #forest: Forest;
  readonly #faults: Faults;

  constructor(forest: Forest, faults: Faults) {
    this.#forest = forest;
    this.#faults = faults;
  }

  /** A data key was created, and its slot is new. Orphans that waited for it are its first children. */
  begin(slot: number, kv: KeyValue, revision: number, nowMs: number): void {
    const { slab } = this.#forest;
    slab.setDouble(slot, Double.createRevision, kv.createRevision);
    slab.setDouble(slot, Double.czxid, kv.createRevision);
    slab.setDouble(slot, Double.pzxid, revision);
    slab.setDouble(slot, Double.base, 1);
    slab.setDouble(slot, Double.ctime, nowMs);
    slab.setInt(slot, Int.creates, slab.int(slot, Int.children));
    this.takeData(slot, kv, nowMs);
  }

  /** The data key was put. What the record of the same revision says comes afterwards and is the better word. */
  takeData(slot: number, kv: KeyValue, nowMs: number): void {
    const { slab } = this.#forest;
    slab.raise(slot, Flag.data | Flag.lengthKnown);
    slab.lower(slot, Flag.nullData);
    slab.setDouble(slot, Double.createRevision, kv.createRevision);
    slab.setDouble(slot, Double.mzxid, kv.modRevision);
    slab.setDouble(slot, Double.keyVersion, kv.version);
    slab.setDouble(slot, Double.mtime, nowMs);
    slab.setInt(slot, Int.dataLength, kv.value.length);
    slab.setLease(slot, kv.lease);
  }

  /** The data key of a reserved znode was deleted: the znode stays and is empty. */
  dropData(slot: number, nowMs: number): void {
    const { slab } = this.#forest;
    slab.lower(slot, Flag.data | Flag.nullData);
    slab.raise(slot, Flag.unrecorded);
    for (const column of [Double.createRevision, Double.mzxid, Double.keyVersion]) slab.setDouble(slot, column, 0);
    slab.setDouble(slot, Double.mtime, nowMs);
    slab.setInt(slot, Int.dataLength, 0);
    slab.setLease(slot, 0n);
  }

  /**
   * The record key was put, with a record. True when that says that the znode is another one than before: a multi that
   * deleted and made it again is folded into one put of each key, and only czxid tells.
   */
  takeRecord(slot: number, record: ZnodeRecord, revision: number, lease: bigint): boolean {
    const { slab } = this.#forest;
    this.writeRecord(slot, record, revision);
    this.#faults.setRecordLease(slot, lease);
    this.#setNull(slot, record.isNull);
    const czxid = record.czxid ?? this.ownCzxid(slot);
    const before = slab.double(slot, Double.czxid);
    const after = czxid === "own" ? revision : czxid;
    slab.setDouble(slot, Double.czxid, after);
    return after !== before;
  }

  /** What a record says for sure, into the columns. */
  writeRecord(slot: number, record: ZnodeRecord, revision: number): void {
    const { slab } = this.#forest;
    slab.raise(slot, Flag.record);
    slab.setDouble(slot, Double.recordRevision, revision);
    slab.setDouble(slot, Double.ctime, record.ctime);
    slab.setDouble(slot, Double.mtime, record.mtime);
    slab.setDouble(slot, Double.base, record.base);
    slab.setDouble(slot, Double.ttlMs, record.ttlMs);
    slab.setInt(slot, Int.aversion, toInt32(record.aversion));
    this.#forest.setAcl(slot, record.acl);
    this.#forest.setRecordKind(slot, record.kind);
  }

  /**
   * Once all keys of the revision were taken: the record's counters, against what was counted. Those of a new life are
   * all there is; in the same life less than what is known is not believed.
   */
  settle(slot: number, record: ZnodeRecord, revision: number, startsLife: boolean): void {
    const { slab } = this.#forest;
    const saidCreates = toInt32(record.creates);
    const saidPzxid = this.pzxidOf(slot, record, revision);
    const counted = startsLife ? this.#forest.createdChildren(slot) : slab.int(slot, Int.creates);
    const seen = startsLife ? saidPzxid : slab.double(slot, Double.pzxid);
    this.setCounters(slot, Math.max(saidCreates, counted), Math.max(saidPzxid, seen));
    const isRecorded = counted <= saidCreates && seen <= saidPzxid;
    if (isRecorded) slab.lower(slot, Flag.unrecorded);
    else slab.raise(slot, Flag.unrecorded);
  }

  /** The record's pzxid as a number; czxid must be known. */
  pzxidOf(slot: number, record: ZnodeRecord, revision: number): number {
    if (record.pzxid === "own") return revision;
    return record.pzxid === "czxid" ? this.#forest.slab.double(slot, Double.czxid) : record.pzxid;
  }

  setCounters(slot: number, creates: number, pzxid: number): void {
    this.#forest.slab.setInt(slot, Int.creates, creates);
    this.#forest.slab.setDouble(slot, Double.pzxid, pzxid);
  }

  /**
   * There is no record, or none any more (then its key's mod_revision is 0), or one of a former life, or bytes that are none.
   * What was observed stays.
   */
  loseRecord(slot: number, revision: number): void {
    const { slab } = this.#forest;
    const reserved = this.#forest.isReserved(slot);
    slab.lower(slot, Flag.record | Flag.nullData);
    if (reserved) slab.raise(slot, Flag.unrecorded);
    slab.setDouble(slot, Double.recordRevision, revision);
    slab.setDouble(slot, Double.czxid, this.ownCzxid(slot));
    slab.setDouble(slot, Double.base, reserved ? 0 : 1);
    slab.setDouble(slot, Double.ttlMs, 0);
    slab.setInt(slot, Int.aversion, reserved ? reservedZnodes[slot - 1]!.aversion : 0);
    this.#forest.setAcl(slot, reserved ? reservedZnodes[slot - 1]!.acl : null);
    this.#forest.setRecordKind(slot, "persistent");
  }

  childCreated(parent: number, revision: number): void {
    const creates = this.#forest.slab.int(parent, Int.creates);
    // ZooKeeper keeps the larger of the old and the new counter, and the one past the largest int is negative.
    this.#forest.slab.setInt(parent, Int.creates, Math.min(creates + 1, INT32_MAX));
    this.childDeleted(parent, revision);
  }

  childDeleted(parent: number, revision: number): void {
    this.#forest.slab.setDouble(parent, Double.pzxid, revision);
    this.#forest.slab.raise(parent, Flag.unrecorded);
  }

  /** Without a record's correction. A reserved znode is as old as the tree, whenever its key was made. */
  ownCzxid(slot: number): number {
    return this.#forest.isReserved(slot) ? 0 : this.#forest.slab.double(slot, Double.createRevision);
  }

  #setNull(slot: number, isNull: boolean): void {
    const { slab } = this.#forest;
    if (isNull && slab.has(slot, Flag.data) && slab.int(slot, Int.dataLength) === 0) slab.raise(slot, Flag.nullData);
    else slab.lower(slot, Flag.nullData);
  }
}

/** A record's numbers may be anything; what is an int32 in ZooKeeper stays one here. */
export function toInt32(value: number): number {
  return Math.min(Math.max(value, INT32_MIN), INT32_MAX);
}

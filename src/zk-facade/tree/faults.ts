import { Flag, type Forest } from "./forest.ts";
import { Double } from "./slab.ts";

/**
 * What an etcd client, or the end of a lease, left undone:
 *
 *   noRecord     a znode without a record of its own: an etcd client made it, or took its record away
 *   olderRecord  its data was put alone, so the record does not know that time and length
 *   strayLease   its record would not die with its data, or would die without it
 *   unrecorded   children came or went and the record does not say so (its creates and pzxid)
 *   leftover     a record without a znode
 */
export type Fault = "noRecord" | "olderRecord" | "strayLease" | "unrecorded" | "leftover";

/** A fault to be mended; only the newest word on a path counts. */
export interface Mend {
  readonly path: string;
  readonly fault: Fault;
}

/** What is wrong between the keys of the znodes, as far as it concerns visible ones. */
export class Faults {
  readonly #forest: Forest;
  /** Records without a data key: their paths and mod_revisions. */
  readonly #leftovers = new Map<string, number>();
  /** Slots whose records have another lease than they should. */
  readonly #strays = new Set<number>();
  readonly #faulty = new Set<number>();

  constructor(forest: Forest) {
    this.#forest = forest;
  }

  addLeftover(path: string, recordRevision: number): void {
    this.#leftovers.set(path, recordRevision);
  }

  /** Forgets the leftover record of a path; its mod_revision, 0 for none. */
  takeLeftover(path: string): number {
    const revision = this.#leftovers.get(path);
    if (revision === undefined) return 0;
    this.#leftovers.delete(path);
    return revision;
  }

  leftoverRevision(path: string): number | undefined {
    return this.#leftovers.get(path);
  }

  /** The record was put with this lease. What the data key's lease becomes later makes the record older than its data. */
  setRecordLease(slot: number, lease: bigint): void {
    if (lease === this.#forest.ownerOf(slot)) this.#strays.delete(slot);
    else this.#strays.add(slot);
  }

  /** The slot is going to be someone else's. */
  forget(slot: number): void {
    this.#strays.delete(slot);
    this.#faulty.delete(slot);
  }

  /** Looks at a slot after it changed. */
  check(slot: number): Fault | null {
    const fault = this.faultOf(slot);
    if (fault === null) this.#faulty.delete(slot);
    else this.#faulty.add(slot);
    return fault;
  }

  /** Orphans have none: their records are nobody's business before they are znodes. */
  faultOf(slot: number): Fault | null {
    const { slab } = this.#forest;
    if (!slab.has(slot, Flag.visible)) return null;
    if (!slab.has(slot, Flag.record)) {
      // A reserved znode that nobody touched needs no keys.
      const isUntouched = this.#forest.isReserved(slot) && !slab.has(slot, Flag.data | Flag.unrecorded);
      return isUntouched ? null : "noRecord";
    }
    if (slab.double(slot, Double.mzxid) > slab.double(slot, Double.recordRevision)) return "olderRecord";
    if (this.#strays.has(slot)) return "strayLease";
    return slab.has(slot, Flag.unrecorded) ? "unrecorded" : null;
  }

  /** All that is to be mended. */
  all(): Mend[] {
    const mends: Mend[] = [];
    for (const slot of this.#faulty) {
      const fault = this.faultOf(slot);
      if (fault !== null) mends.push({ path: this.#forest.slab.path(slot), fault });
    }
    for (const path of this.#leftovers.keys()) mends.push({ path, fault: "leftover" });
    return mends;
  }
}

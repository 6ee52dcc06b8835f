import { Flag, type Forest } from "./forest.ts";
import { limitedBy, QuotaTable, type Usage } from "./quota-table.ts";
import { Int } from "./slab.ts";

/**
 * What is counted and listed of the visible znodes. Whoever changes the kind, the owner or the data of a visible slot
 * takes it out before and puts it in again afterwards.
 */
export class Census {
  readonly quotas = new QuotaTable();
  readonly #forest: Forest;
  readonly #ephemerals = new Map<bigint, Set<number>>();
  readonly #containers = new Set<number>();
  readonly #ttls = new Set<number>();
  #znodes = 0;
  #dataBytes = 0;
  #ephemeralCount = 0;

  constructor(forest: Forest) {
    this.#forest = forest;
  }

  get znodes(): number {
    return this.#znodes;
  }

  /** Lengths of the paths and of the data. */
  get dataBytes(): number {
    return this.#dataBytes;
  }

  get ephemeralCount(): number {
    return this.#ephemeralCount;
  }

  get containers(): Iterable<number> {
    return this.#containers;
  }

  get ttls(): Iterable<number> {
    return this.#ttls;
  }

  get containerCount(): number {
    return this.#containers.size;
  }

  get ttlCount(): number {
    return this.#ttls.size;
  }

  owners(): Iterable<bigint> {
    return this.#ephemerals.keys();
  }

  ephemeralsOf(owner: bigint): Iterable<number> {
    return this.#ephemerals.get(owner) ?? [];
  }

  /** The slot is visible from now on. */
  enter(slot: number): void {
    this.#forest.slab.raise(slot, Flag.visible);
    this.#count(slot, 1);
    switch (this.#forest.kindOf(slot)) {
      case "persistent":
        break;
      case "ephemeral":
        this.#enterEphemeral(slot);
        break;
      case "container":
        this.#containers.add(slot);
        break;
      case "ttl":
        this.#ttls.add(slot);
    }
    const limited = this.#limitedBy(slot);
    if (limited !== null) this.quotas.activate(limited, this.#usageBelow(limited));
  }

  /** The slot is not visible any more, or is about to change. */
  leave(slot: number): void {
    this.#forest.slab.lower(slot, Flag.visible);
    this.#count(slot, -1);
    switch (this.#forest.kindOf(slot)) {
      case "persistent":
        break;
      case "ephemeral":
        this.#leaveEphemeral(slot);
        break;
      case "container":
        this.#containers.delete(slot);
        break;
      case "ttl":
        this.#ttls.delete(slot);
    }
    const limited = this.#limitedBy(slot);
    if (limited !== null) this.quotas.deactivate(limited);
  }

  #count(slot: number, sign: 1 | -1): void {
    const { slab } = this.#forest;
    const path = slab.path(slot);
    const dataLength = slab.int(slot, Int.dataLength);
    this.#znodes += sign;
    this.#dataBytes += sign * (path.length + dataLength);
    this.quotas.use(path, sign, sign * dataLength);
  }

  #enterEphemeral(slot: number): void {
    const owner = this.#forest.ownerOf(slot);
    const known = this.#ephemerals.get(owner);
    if (known === undefined) this.#ephemerals.set(owner, new Set([slot]));
    else known.add(slot);
    this.#ephemeralCount++;
  }

  #leaveEphemeral(slot: number): void {
    const owner = this.#forest.ownerOf(slot);
    const known = this.#ephemerals.get(owner)!;
    known.delete(slot);
    if (known.size === 0) this.#ephemerals.delete(owner);
    this.#ephemeralCount--;
  }

  #limitedBy(slot: number): string | null {
    const { slab } = this.#forest;
    return slab.has(slot, Flag.limits) ? limitedBy(slab.path(slot)) : null;
  }

  #usageBelow(path: string): Usage {
    const usage = { count: 0, bytes: 0 };
    const { slab } = this.#forest;
    const top = this.#forest.findVisible(path);
    for (let slot = top; slot !== 0; slot = slab.following(slot, top)) {
      // What is on its way in is counted when it enters.
      if (!slab.has(slot, Flag.visible)) continue;
      usage.count++;
      usage.bytes += slab.int(slot, Int.dataLength);
    }
    return usage;
  }
}

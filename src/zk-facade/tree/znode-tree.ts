import { assert } from "../../etcd/base/assert.ts";
import type { Event } from "../../etcd/wire/mvccpb.ts";
import type { Fault, Mend } from "./faults.ts";
import { Flag } from "./forest.ts";
import type { KeySpace } from "./key-space.ts";
import { nameOf } from "./paths.ts";
import { toldBy } from "./quota-table.ts";
import { Double, Int } from "./slab.ts";
import { TreeApplier, type Applied, type SessionChange, type TreeParts } from "./tree-applier.ts";
import type { Quota, TreeView, Znode } from "./znode.ts";

/**
 * All znodes of a root as they are at one revision: names, stats and lists, but not the data. Made by a TreeLoader, then
 * fed with every later revision in its order. It needs no other word than the keys', so all facades have the same tree.
 *
 * Paths are ZooKeeper's; "" reads as "/".
 */
export class ZnodeTree implements TreeView {
  readonly #parts: TreeParts;
  readonly #applier: TreeApplier;
  readonly #sessions: Map<bigint, SessionChange>;
  #revision: number;

  constructor(keys: KeySpace, parts: TreeParts, sessions: Map<bigint, SessionChange>, revision: number) {
    this.#parts = parts;
    this.#applier = new TreeApplier(keys, parts);
    this.#sessions = sessions;
    this.#revision = revision;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Takes all events of one revision, in their order. What it returns refers to nothing that the tree changes later. */
  apply(revision: number, events: readonly Event[], nowMs: number): Applied {
    assert(revision > this.#revision, "revisions are applied once, in their order");
    const applied = this.#applier.apply(revision, events, nowMs);
    for (const session of applied.sessions) {
      if (session.value === null) this.#sessions.delete(session.id);
      else this.#sessions.set(session.id, session);
    }
    this.#revision = revision;
    return applied;
  }

  /** The store is at this revision, and nothing below the root changed up to it. */
  progress(revision: number): void {
    if (revision > this.#revision) this.#revision = revision;
  }

  // Reads

  get(path: string): Znode | undefined {
    const slot = this.#find(path);
    return slot === 0 ? undefined : this.#counted(slot, path, this.#parts.forest.znode(slot));
  }

  /** The same for a short look: the object is used again by the next call. */
  look(path: string): Znode | undefined {
    const slot = this.#find(path);
    return slot === 0 ? undefined : this.#counted(slot, path, this.#parts.forest.look(slot));
  }

  /** As `get(path)?.dataLength`, for those who want no more. */
  dataLengthOf(path: string): number {
    const slot = this.#find(path);
    if (slot === 0) return 0;
    const { slab } = this.#parts.forest;
    return slab.has(slot, Flag.stats) ? this.get(path)!.dataLength : slab.int(slot, Int.dataLength);
  }

  ephemeralOwnerOf(path: string): bigint {
    const slot = this.#find(path);
    return slot !== 0 && this.#parts.forest.slab.hasLease(slot) ? this.#parts.forest.ownerOf(slot) : 0n;
  }

  /** Names, in no promised order; none where there is no znode. */
  children(path: string): string[] {
    const { slab } = this.#parts.forest;
    const names: string[] = [];
    const parent = this.#find(path);
    if (parent === 0) return names;
    for (let slot = slab.int(parent, Int.firstChild); slot !== 0; slot = slab.int(slot, Int.next)) {
      names.push(nameOf(slab.path(slot)));
    }
    return names;
  }

  /** How many znodes lie below the path, itself left out. */
  countBelow(path: string): number {
    const { slab } = this.#parts.forest;
    const top = this.#find(path);
    if (top === 0) return 0;
    let count = 0;
    for (let slot = slab.following(top, top); slot !== 0; slot = slab.following(slot, top)) count++;
    return count;
  }

  /** All paths, parents first. The tree must stand still meanwhile. */
  *paths(): Generator<string, void> {
    const { slab } = this.#parts.forest;
    const root = this.#find("/");
    for (let slot = root; slot !== 0; slot = slab.following(slot, root)) yield slab.path(slot);
  }

  /** Sessions, and other leases, that have ephemerals. */
  ephemeralOwners(): Iterable<bigint> {
    return this.#parts.census.owners();
  }

  *ephemeralsOf(owner: bigint): Generator<string, void> {
    const { census, forest } = this.#parts;
    for (const slot of census.ephemeralsOf(owner)) yield forest.slab.path(slot);
  }

  hasOrphansBelow(path: string): boolean {
    return this.#parts.forest.hasOrphansBelow(path);
  }

  /** Znodes that etcd clients see and ZooKeeper's do not, since a parent is missing. */
  *orphans(): Generator<string, void> {
    const { forest } = this.#parts;
    for (const slot of forest.orphans()) yield forest.slab.path(slot);
  }

  // Quotas

  quotaOver(path: string): Quota | null {
    return this.#parts.census.quotas.over(path);
  }

  quotas(): Iterable<Quota> {
    return this.#parts.census.quotas.all();
  }

  /** What getData answers for the stats znode of an active quota, instead of its data. Null for all other znodes. */
  quotaUsage(path: string): Uint8Array | null {
    const slot = this.#find(path);
    if (slot === 0 || !this.#parts.forest.slab.has(slot, Flag.stats)) return null;
    const stats = this.#parts.census.quotas.statsOf(toldBy(path)!);
    return stats === null ? null : Buffer.from(stats);
  }

  // Counts. Reserved znodes count; ZooKeeper's own number of znodes counts the root twice.

  get znodeCount(): number {
    return this.#parts.census.znodes;
  }

  /** ZooKeeper's approximate data size: the lengths of all paths and data. */
  get dataBytes(): number {
    return this.#parts.census.dataBytes;
  }

  get ephemeralCount(): number {
    return this.#parts.census.ephemeralCount;
  }

  // What is to be done

  /**
   * Containers that are empty again, or were never used for too long, and TTL znodes without children whose time is over.
   * `maxNeverUsedMs` 0: a container that never had a child stays.
   */
  reapable(nowMs: number, maxNeverUsedMs: number): string[] {
    const { forest, census } = this.#parts;
    const { slab } = forest;
    const paths: string[] = [];
    const age = (slot: number): number => nowMs - slab.double(slot, Double.mtime);
    for (const slot of census.containers) {
      if (slab.int(slot, Int.children) > 0) continue;
      const wasUsed = slab.int(slot, Int.creates) > 0;
      if (wasUsed || (maxNeverUsedMs > 0 && age(slot) > maxNeverUsedMs)) paths.push(slab.path(slot));
    }
    for (const slot of census.ttls) {
      if (slab.int(slot, Int.children) === 0 && age(slot) > slab.double(slot, Double.ttlMs))
        paths.push(slab.path(slot));
    }
    return paths;
  }

  get containerCount(): number {
    return this.#parts.census.containerCount;
  }

  get ttlCount(): number {
    return this.#parts.census.ttlCount;
  }

  /** All that is to be mended, also what `apply` told before. */
  mends(): Mend[] {
    return this.#parts.faults.all();
  }

  /** What is wrong with a znode now. Null for nothing. */
  faultOf(path: string): Fault | null {
    const slot = this.#find(path);
    return slot === 0 ? null : this.#parts.faults.faultOf(slot);
  }

  /** mod_revision of a record without a znode; 0 when the path has none. */
  leftoverRevision(path: string): number {
    return this.#parts.faults.leftoverRevision(path) ?? 0;
  }

  /** The sessions' keys as they are. */
  sessions(): Iterable<SessionChange> {
    return this.#sessions.values();
  }

  /** What a quota's stats znode tells of its data is what was counted. */
  #counted(slot: number, path: string, znode: Znode): Znode {
    const { forest, census } = this.#parts;
    if (!forest.slab.has(slot, Flag.stats)) return znode;
    const stats = census.quotas.statsOf(toldBy(path)!);
    return stats === null ? znode : { ...znode, dataLength: stats.length, isNull: false };
  }

  #find(path: string): number {
    return this.#parts.forest.findVisible(path === "" ? "/" : path);
  }
}

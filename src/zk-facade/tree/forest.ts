import sortedTree from "sorted-btree";
import { assert } from "../../etcd/base/assert.ts";
import type { Acl } from "../wire/messages.ts";
import { AclTable } from "./acl-table.ts";
import { PathTable } from "./path-table.ts";
import { parentOf } from "./paths.ts";
import { limitedBy, toldBy } from "./quota-table.ts";
import { OPEN_ACL } from "./record.ts";
import { reservedZnodes } from "./reserved.ts";
import { Double, Int, Slab } from "./slab.ts";
import type { MutableZnode, Znode, ZnodeKind } from "./znode.ts";

/** What is true of a slot; in {@link Int.flags}. */
export const Flag = {
  /** The data key exists. */
  data: 1,
  /** The record key holds a record, of this life of the znode. */
  record: 2,
  /** It is a znode: the data key exists or it is reserved, and the same holds for all above it. */
  visible: 4,
  nullData: 8,
  /** Something is known of the znode that its record does not say. */
  unrecorded: 16,
  /** The data's length is known and not only what the record says it was. */
  lengthKnown: 32,
  /** A limits or stats znode of a quota. */
  limits: 64,
  stats: 128,
} as const;
/** What the record says; the lease of the data key has the last word. */
const KIND_SHIFT = 8;
const KIND_MASK = 3 << KIND_SHIFT;
const kinds: readonly ZnodeKind[] = ["persistent", "ephemeral", "container", "ttl"];

export const ROOT = 1;
const ZOOKEEPER = 2;
const RESERVED_LAST = reservedZnodes.length;

/**
 * All paths that have a data key, and the reserved ones, each with its place among the others. One of these trees is
 * ZooKeeper's, and the others are those of orphans: keys that etcd clients wrote where no parent is.
 *
 *   /            real, visible                       /x/y     ghost, no key of its own: the top of an orphan tree
 *   └─ /a        real, visible                       └─ /x/y/z     real, not visible: an orphan
 *      └─ /a/b   real, visible                          └─ /x/y/z/w   real, not visible
 *
 * A ghost stands for the missing parent of a real slot and goes with its last child. Nothing stands above it, however
 * deep its path, so one long key costs one slot.
 *
 * Invariants: the parent of a real slot is a slot; a ghost has children and no parent; the first slots are the reserved
 * ones, in their order.
 */
export class Forest {
  readonly slab = new Slab();
  readonly acls = new AclTable();
  readonly #slots = new PathTable();
  // The package is CommonJS: its default export is a field of what an ES module imports.
  #isPlanted = false;
  /** The parent of what was planted last. Its slot may be free by now, or someone else's: then its path is another. */
  #lastParent = 0;
  readonly #looked = blankZnode();
  readonly #ghosts = new sortedTree.default<string, number>(undefined, byText);

  constructor() {
    for (const { path, parent, acl, aversion } of reservedZnodes) {
      const slot = this.#newSlot(path);
      this.slab.setInt(slot, Int.aclId, this.acls.retain(acl));
      this.slab.setInt(slot, Int.aversion, aversion);
      if (parent !== null) this.slab.link(slot, this.#slots.get(parent)!);
    }
    assert(this.slab.end === RESERVED_LAST + 1, "the reserved znodes have the first slots");
  }

  /** The slot of a path, real or ghost; 0 for none. */
  find(path: string): number {
    return this.#slots.get(path) ?? 0;
  }

  /** The slot of a path if it is a znode; 0 if not. */
  findVisible(path: string): number {
    const slot = this.#slots.get(path);
    return slot !== undefined && this.slab.has(slot, Flag.visible) ? slot : 0;
  }

  isReserved(slot: number): boolean {
    return slot <= RESERVED_LAST;
  }

  /** Not a ghost, and not 0. */
  isReal(slot: number): boolean {
    return slot !== 0 && (slot <= RESERVED_LAST || this.slab.has(slot, Flag.data));
  }

  /** Children that came by a create: all but the reserved ones. */
  createdChildren(slot: number): number {
    const children = this.slab.int(slot, Int.children);
    if (slot === ROOT) return children - 1;
    return slot === ZOOKEEPER ? children - 2 : children;
  }

  /**
   * A slot for a path that has a data key from now on, in its place: below its parent, which becomes a ghost if it is
   * missing, and above the orphans that waited for it. All its columns are 0, unless it was sown.
   *
   * @param known what `find` says of the path
   */
  plant(path: string, known: number): number {
    assert(!this.isReal(known), "a path is planted once");
    this.#isPlanted = true;
    if (known !== 0) this.#ghosts.delete(path);
    const slot = known === 0 ? this.#newSlot(path) : known;
    this.slab.raise(slot, Flag.data | quotaFlag(path));
    this.slab.link(slot, this.#parentFor(path));
    return slot;
  }

  /** A slot for a path whose record came before its data key, once. Until it is planted or weeded out, it is nobody's child. */
  sow(path: string): number {
    // While nothing is planted, and each path is sown once, only the reserved ones can be there: no need to look.
    if (!this.#isPlanted && path !== "/" && !path.startsWith("/zookeeper")) return this.#newSlot(path);
    return this.#slots.get(path) ?? this.#newSlot(path);
  }

  /** No data key came for this slot: it leaves, or is a ghost if it has children. */
  weed(slot: number): void {
    this.acls.release(this.slab.int(slot, Int.aclId));
    this.#leave(slot);
  }

  /** The data key of a slot is gone: it leaves, or becomes a ghost if it has children. Must not be visible any more. */
  uproot(slot: number): void {
    const { slab } = this;
    const parent = slab.int(slot, Int.parent);
    slab.unlink(slot);
    if (!this.isReal(parent) && slab.int(parent, Int.children) === 0) {
      this.#ghosts.delete(slab.path(parent));
      this.#drop(parent);
    }
    this.acls.release(slab.int(slot, Int.aclId));
    this.#leave(slot);
  }

  /** Whether data keys below the path exist that are no znodes, though the path is one. */
  hasOrphansBelow(path: string): boolean {
    if (this.#ghosts.size === 0) return false;
    const prefix = path === "/" ? path : `${path}/`;
    return this.#ghosts.getPairOrNextHigher(prefix)?.[0].startsWith(prefix) ?? false;
  }

  /** The real slots that are not visible. */
  *orphans(): Generator<number, void> {
    for (const ghost of this.#ghosts.values()) {
      for (let slot = this.slab.following(ghost, ghost); slot !== 0; slot = this.slab.following(slot, ghost))
        yield slot;
    }
  }

  /** The kind by the record's word and the lease of the data key. Reserved znodes have but one. */
  kindOf(slot: number): ZnodeKind {
    if (this.isReserved(slot)) return "persistent";
    if (this.slab.hasLease(slot)) return "ephemeral";
    const kind = kinds[(this.slab.int(slot, Int.flags) & KIND_MASK) >> KIND_SHIFT]!;
    // Its lease was taken away by an etcd client: it stays now.
    return kind === "ephemeral" ? "persistent" : kind;
  }

  setRecordKind(slot: number, kind: ZnodeKind): void {
    const flags = this.slab.int(slot, Int.flags) & ~KIND_MASK;
    this.slab.setInt(slot, Int.flags, flags | (kinds.indexOf(kind) << KIND_SHIFT));
  }

  /** The session, or another lease, that the znode dies with. A lease on a reserved znode's key means nothing to it. */
  ownerOf(slot: number): bigint {
    return this.isReserved(slot) ? 0n : this.slab.lease(slot);
  }

  aclOf(slot: number): readonly Acl[] {
    return this.acls.get(this.slab.int(slot, Int.aclId));
  }

  setAcl(slot: number, acl: readonly Acl[] | null): void {
    const before = this.slab.int(slot, Int.aclId);
    this.slab.setInt(slot, Int.aclId, this.acls.retain(acl));
    this.acls.release(before);
  }

  /** The znode of a real slot, as it is now. */
  znode(slot: number): Znode {
    return this.#describe(slot, blankZnode());
  }

  /** The same in an object that is used again: it says something else after the next call. */
  look(slot: number): Znode {
    return this.#describe(slot, this.#looked);
  }

  #describe(slot: number, znode: MutableZnode): Znode {
    const { slab } = this;
    const keyVersion = slab.double(slot, Double.keyVersion);
    znode.path = slab.path(slot);
    znode.kind = this.kindOf(slot);
    znode.owner = this.ownerOf(slot);
    znode.ttlMs = slab.double(slot, Double.ttlMs);
    znode.acl = this.aclOf(slot);
    znode.czxid = slab.double(slot, Double.czxid);
    znode.mzxid = slab.double(slot, Double.mzxid);
    znode.pzxid = slab.double(slot, Double.pzxid);
    znode.ctime = slab.double(slot, Double.ctime);
    znode.mtime = slab.double(slot, Double.mtime);
    znode.version = (keyVersion - slab.double(slot, Double.base)) | 0;
    znode.aversion = slab.int(slot, Int.aversion);
    znode.creates = slab.int(slot, Int.creates);
    znode.numChildren = slab.int(slot, Int.children);
    znode.dataLength = slab.int(slot, Int.dataLength);
    znode.isNull = slab.has(slot, Flag.nullData);
    znode.createRevision = slab.double(slot, Double.createRevision);
    znode.keyVersion = keyVersion;
    znode.recordRevision = slab.double(slot, Double.recordRevision);
    return znode;
  }

  /** Nearly always that of the path before: children are made, and read, one after the other. */
  #parentFor(path: string): number {
    const lastPath = this.slab.path(this.#lastParent);
    if (lastPath !== "" && path.startsWith(lastPath) && path.lastIndexOf("/") === lastPath.length) {
      return this.#lastParent;
    }
    const parentPath = parentOf(path);
    this.#lastParent = this.#slots.get(parentPath) ?? this.#newGhost(parentPath);
    return this.#lastParent;
  }

  #newSlot(path: string): number {
    const slot = this.slab.allocate(path);
    this.#slots.set(path, slot);
    return slot;
  }

  #newGhost(path: string): number {
    const slot = this.#newSlot(path);
    this.#ghosts.set(path, slot);
    return slot;
  }

  #leave(slot: number): void {
    if (this.slab.int(slot, Int.children) === 0) {
      this.#drop(slot);
    } else {
      this.slab.clear(slot);
      this.#ghosts.set(this.slab.path(slot), slot);
    }
  }

  #drop(slot: number): void {
    this.#slots.delete(this.slab.path(slot));
    this.slab.release(slot);
  }
}

function blankZnode(): MutableZnode {
  return {
    path: "",
    kind: "persistent",
    owner: 0n,
    ttlMs: 0,
    acl: OPEN_ACL,
    czxid: 0,
    mzxid: 0,
    pzxid: 0,
    ctime: 0,
    mtime: 0,
    version: 0,
    aversion: 0,
    creates: 0,
    numChildren: 0,
    dataLength: 0,
    isNull: false,
    createRevision: 0,
    keyVersion: 0,
    recordRevision: 0,
    record: null,
  };
}

function quotaFlag(path: string): number {
  if (limitedBy(path) !== null) return Flag.limits;
  return toldBy(path) !== null ? Flag.stats : 0;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

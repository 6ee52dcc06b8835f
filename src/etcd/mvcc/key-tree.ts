import { assert } from "../base/assert.ts";
import { KeyIndex } from "./key-index.ts";
import type { RevisionSet } from "./revision-set.ts";

/** How many entries a node may hold. Measured: 32 to 128 differ little; more makes inserts dear, less makes lookups so. */
const entriesMax = 64;
/** Neighbours are joined when both fit into one node with room to spare. */
const joinedMax = (entriesMax * 3) / 4;
/** Places that are remembered while the tree is restored. More of them would be looked at in vain more often. */
const placesMax = 4;

/**
 * The ordered index: every key that has a revision, dead ones included until a compaction forgets them. Keys are latin1
 * strings, one char per byte, so that `<` on them is byte order.
 *
 * A B+ tree whose nodes also know how many of their keys are alive now, and the newest revision among them:
 *
 *                 [ "" | "g" | "p" ]            live 7, newest 31
 *                  /     |     \
 *   ["a" "c" "e"]   ["g" "k"]   ["p" "q" "x"]
 *    live 3          live 2      live 2  (x is deleted)
 *    newest 30       newest 9    newest 31
 *
 * So "how many keys lie in this range at revision r" takes whole nodes: where nothing is newer than r, what is alive now
 * was alive then. Every Range answers with that count, however small its limit; etcd walks the whole range for it.
 *
 * A visitor must not change the tree.
 */
export class KeyTree {
  #root = new TreeNode([], null, []);
  #size = 0;
  // The way to the leaf of the last `#descend`: one entry for each inner node. Kept to save garbage.
  readonly #path: TreeNode[] = [];
  readonly #slots: number[] = [];
  /** How many entries of these count; to shorten them would be to allocate them anew. */
  #depth = 0;
  readonly #places = new Places();

  /** Keys with any revision. */
  get size(): number {
    return this.#size;
  }

  /** Keys that exist at the newest revision. */
  get live(): number {
    return this.#root.live;
  }

  get(key: string): KeyIndex | undefined {
    let node = this.#root;
    while (node.children !== null) node = node.children[slotOf(node.keys, key)]!;
    const position = lowerBound(node.keys, key);
    return node.keys[position] === key ? node.values[position] : undefined;
  }

  /** Adds a put to the key's history. Revisions must come in order, over all keys. */
  put(key: string, main: number, sub: number, hasLease = false): KeyIndex {
    const leaf = this.#descend(key);
    const position = lowerBound(leaf.keys, key);
    if (leaf.keys[position] === key) {
      const index = leaf.values[position]!;
      const born = index.isAlive ? 0 : 1;
      index.put(main, sub, hasLease);
      this.#account(leaf, born, main);
      return index;
    }
    const index = KeyIndex.created(main, sub, hasLease);
    this.#insert(leaf, position, key, index);
    return index;
  }

  /** Adds a tombstone to the key's history. False if the key does not exist now. */
  tombstone(key: string, main: number, sub: number): boolean {
    const leaf = this.#descend(key);
    const position = lowerBound(leaf.keys, key);
    if (leaf.keys[position] !== key || !leaf.values[position]!.tombstone(main, sub)) return false;
    this.#account(leaf, -1, main);
    return true;
  }

  /**
   * Adds a put from the disk; the first that the disk knows of a key tells what went before. `restored` comes at the end.
   */
  restorePut(key: string, main: number, sub: number, createRevision: number, version: number, hasLease: boolean): void {
    const { leaf, position } = this.#place(key);
    if (leaf.keys[position] === key) leaf.values[position]!.put(main, sub, hasLease);
    else this.#restore(leaf, position, key, KeyIndex.restored(main, sub, createRevision, version, hasLease));
  }

  /** Adds a tombstone from the disk; it may be the first that the disk knows of a key. */
  restoreTombstone(key: string, main: number, sub: number): void {
    const { leaf, position } = this.#place(key);
    if (leaf.keys[position] === key) leaf.values[position]!.tombstone(main, sub);
    else this.#restore(leaf, position, key, KeyIndex.restoredTombstone(main, sub));
  }

  /** To be called once all is restored, before anything else: no node knows its counts until then. */
  restored(): void {
    recountIn(this.#root);
    this.#places.clear();
  }

  /**
   * How many keys of [start, end) exist at `revision`; `end` null is the end of the key space. No allocation, and whole
   * nodes at once where nothing is newer than `revision`.
   */
  count(start: string, end: string | null, revision: number): number {
    if (end !== null && start >= end) return 0;
    return countIn(this.#root, start, end, revision);
  }

  /** Calls `visit` for each key of [start, end) in order, dead ones included, until it returns false. */
  scan(start: string, end: string | null, visit: (key: string, index: KeyIndex) => boolean): void {
    if (end !== null && start >= end) return;
    scanIn(this.#root, start, end, visit);
  }

  /**
   * Compacts the histories of up to `budget` keys, from `from` on, and forgets keys that have nothing left.
   *
   * @returns where to go on, or null at the end. The tree may change in between: a key that comes later is newer than
   * `revision` and keeps all it has.
   */
  compactSlice(from: string, revision: number, kept: RevisionSet, budget: number): string | null {
    const empty: string[] = [];
    const next = this.#slice(from, budget, (key, index) => {
      if (index.compact(revision, kept)) empty.push(key);
    });
    for (const key of empty) this.#remove(key);
    return next;
  }

  /** Collects what a hash at `at.revision` covers, from up to `budget` keys; resumed as `compactSlice` is. */
  keepSlice(
    from: string,
    at: { readonly revision: number; readonly compactRevision: number },
    kept: RevisionSet,
    budget: number,
  ): string | null {
    return this.#slice(from, budget, (_, index) => {
      index.keep(at.revision, at.compactRevision, kept);
    });
  }

  /** Throws if the tree is not what its description says. For tests; it walks everything. */
  check(): void {
    const counted = checkIn(this.#root, "", null);
    assert(counted.keys === this.#size, "the tree miscounts its keys");
  }

  #slice(from: string, budget: number, visit: (key: string, index: KeyIndex) => void): string | null {
    let next: string | null = null;
    let left = budget;
    this.scan(from, null, (key, index) => {
      if (left-- === 0) {
        next = key;
        return false;
      }
      visit(key, index);
      return true;
    });
    return next;
  }

  /** Where a key from the disk belongs: most often beside one of the last few. */
  #place(key: string): Place {
    const known = this.#places.find(key);
    if (known !== null) return known;
    const leaf = this.#descend(key);
    let low = "";
    let high: string | null = null;
    for (let depth = 0; depth < this.#depth; depth++) {
      const { keys } = this.#path[depth]!;
      const slot = this.#slots[depth]!;
      if (slot > 0) low = keys[slot]!;
      if (slot + 1 < keys.length) high = keys[slot + 1]!;
    }
    return this.#places.keep(new Place(leaf, low, high, lowerBound(leaf.keys, key)));
  }

  #restore(leaf: TreeNode, position: number, key: string, index: KeyIndex): void {
    if (leaf.keys.length < entriesMax) {
      leaf.insert(position, key, index);
      this.#size++;
      return;
    }
    this.#places.clear();
    this.#insert(this.#descend(key), position, key, index);
  }

  #descend(key: string): TreeNode {
    const path = this.#path;
    const slots = this.#slots;
    let depth = 0;
    let node = this.#root;
    while (node.children !== null) {
      const slot = slotOf(node.keys, key);
      path[depth] = node;
      slots[depth] = slot;
      depth++;
      node = node.children[slot]!;
    }
    this.#depth = depth;
    return node;
  }

  /** Tells the leaf and all above it of a change of one of its keys. */
  #account(leaf: TreeNode, live: number, main: number): void {
    leaf.account(live, main);
    for (let depth = 0; depth < this.#depth; depth++) this.#path[depth]!.account(live, main);
  }

  #insert(leaf: TreeNode, position: number, key: string, index: KeyIndex): void {
    this.#account(leaf, index.isAlive ? 1 : 0, index.main);
    this.#size++;
    leaf.insert(position, key, index);
    let node = leaf;
    let added = position;
    for (let depth = this.#depth - 1; node.keys.length > entriesMax; depth--) {
      // Keys often come in ascending order, here or there. Then a split leaves a full node behind, not one that stays half
      // empty.
      const right = node.split(added === entriesMax ? entriesMax : entriesMax >>> 1);
      if (depth < 0) {
        this.#root = new TreeNode(["", right.keys[0]!], [node, right], []);
        this.#root.recount();
        return;
      }
      const parent = this.#path[depth]!;
      const slot = this.#slots[depth]! + 1;
      parent.keys.splice(slot, 0, right.keys[0]!);
      parent.children!.splice(slot, 0, right);
      node = parent;
      added = slot;
    }
  }

  #remove(key: string): void {
    const leaf = this.#descend(key);
    const position = lowerBound(leaf.keys, key);
    assert(leaf.keys[position] === key && !leaf.values[position]!.isAlive, "only a dead key is forgotten");
    leaf.keys.splice(position, 1);
    leaf.values.splice(position, 1);
    this.#size--;
    let node = leaf;
    for (let depth = this.#depth - 1; depth >= 0; depth--) {
      const parent = this.#path[depth]!;
      const slot = this.#slots[depth]!;
      const before = parent.keys.length;
      if (node.keys.length === 0) parent.removeChild(slot);
      else if (slot + 1 < before) parent.join(slot);
      else if (slot > 0) parent.join(slot - 1);
      if (parent.keys.length === before) break;
      node = parent;
    }
    while (this.#root.children?.length === 1) this.#root = this.#root.children[0]!;
    if (this.#root.children?.length === 0) this.#root = new TreeNode([], null, []);
  }
}

/**
 * Leaf (children null): keys and their histories, side by side. Inner node: children, and for each the lower bound of
 * its keys; the first bound is never compared.
 */
class TreeNode {
  readonly keys: string[];
  readonly children: TreeNode[] | null;
  readonly values: KeyIndex[];
  /** Keys below that exist now. */
  live = 0;
  /** No key below has a newer revision. */
  newest = 0;

  constructor(keys: string[], children: TreeNode[] | null, values: KeyIndex[]) {
    this.keys = keys;
    this.children = children;
    this.values = values;
  }

  account(live: number, main: number): void {
    this.live += live;
    if (main > this.newest) this.newest = main;
  }

  /** Adds a key to a leaf, without counting it. */
  insert(position: number, key: string, index: KeyIndex): void {
    if (position === this.keys.length) {
      this.keys.push(key);
      this.values.push(index);
    } else {
      this.keys.splice(position, 0, key);
      this.values.splice(position, 0, index);
    }
  }

  /** Gives up its entries from `position` on. */
  split(position: number): TreeNode {
    const right = new TreeNode(
      this.keys.splice(position),
      this.children === null ? null : this.children.splice(position),
      this.values.splice(position),
    );
    this.recount();
    right.recount();
    return right;
  }

  removeChild(slot: number): void {
    this.keys.splice(slot, 1);
    this.children!.splice(slot, 1);
  }

  /** Makes one of the children at `slot` and `slot + 1` if they are small. */
  join(slot: number): void {
    const left = this.children![slot]!;
    const right = this.children![slot + 1]!;
    if (left.keys.length + right.keys.length > joinedMax) return;
    // The first bound of an inner node may be anything; among others it must be true.
    if (right.children !== null) right.keys[0] = this.keys[slot + 1]!;
    left.keys.push(...right.keys);
    left.values.push(...right.values);
    if (right.children !== null) left.children!.push(...right.children);
    left.account(right.live, right.newest);
    this.removeChild(slot + 1);
  }

  recount(): void {
    this.live = 0;
    this.newest = 0;
    if (this.children === null) for (const index of this.values) this.account(index.isAlive ? 1 : 0, index.main);
    else for (const child of this.children) this.account(child.live, child.newest);
  }
}

/** A leaf, the keys that belong into it, low <= key < high (null: no bound), and where in it a key was put. */
class Place {
  readonly leaf: TreeNode;
  readonly low: string;
  readonly high: string | null;
  position: number;

  constructor(leaf: TreeNode, low: string, high: string | null, position: number) {
    this.leaf = leaf;
    this.low = low;
    this.high = high;
    this.position = position;
  }

  holds(key: string): boolean {
    return key >= this.low && (this.high === null || key < this.high);
  }

  /** Looks first at the same key and the one behind it. */
  moveTo(key: string): void {
    const { keys } = this.leaf;
    const at = this.position;
    if (keys[at] === key) return;
    const isNext = at < keys.length && keys[at]! < key && (at + 1 === keys.length || key <= keys[at + 1]!);
    this.position = isNext ? at + 1 : lowerBound(keys, key);
  }
}

/**
 * The last few places that keys were put at while the tree is restored. What was written together is near each other:
 * a few rows of ascending keys, whose turns mix. Only good as long as no leaf is split.
 */
class Places {
  readonly #kept: (Place | null)[] = new Array<Place | null>(placesMax).fill(null);
  #oldest = 0;

  find(key: string): Place | null {
    for (const place of this.#kept) {
      if (place?.holds(key) !== true) continue;
      place.moveTo(key);
      return place;
    }
    return null;
  }

  keep(place: Place): Place {
    this.#kept[this.#oldest] = place;
    this.#oldest = (this.#oldest + 1) % placesMax;
    return place;
  }

  clear(): void {
    this.#kept.fill(null);
  }
}

function recountIn(node: TreeNode): void {
  if (node.children !== null) for (const child of node.children) recountIn(child);
  node.recount();
}

function countIn(node: TreeNode, start: string | null, end: string | null, revision: number): number {
  if (start === null && end === null && node.newest <= revision) return node.live;
  let count = 0;
  if (node.children === null) {
    const first = start === null ? 0 : lowerBound(node.keys, start);
    const last = end === null ? node.keys.length : lowerBound(node.keys, end);
    for (let i = first; i < last; i++) if (node.values[i]!.find(revision) >= 0) count++;
    return count;
  }
  const first = start === null ? 0 : slotOf(node.keys, start);
  const last = end === null ? node.keys.length - 1 : slotOf(node.keys, end);
  for (let i = first; i <= last; i++) {
    count += countIn(node.children[i]!, i === first ? start : null, i === last ? end : null, revision);
  }
  return count;
}

function scanIn(
  node: TreeNode,
  start: string | null,
  end: string | null,
  visit: (key: string, index: KeyIndex) => boolean,
): boolean {
  if (node.children === null) {
    const first = start === null ? 0 : lowerBound(node.keys, start);
    const last = end === null ? node.keys.length : lowerBound(node.keys, end);
    for (let i = first; i < last; i++) if (!visit(node.keys[i]!, node.values[i]!)) return false;
    return true;
  }
  const first = start === null ? 0 : slotOf(node.keys, start);
  const last = end === null ? node.keys.length - 1 : slotOf(node.keys, end);
  for (let i = first; i <= last; i++) {
    if (!scanIn(node.children[i]!, i === first ? start : null, i === last ? end : null, visit)) return false;
  }
  return true;
}

function checkIn(node: TreeNode, low: string, high: string | null): { keys: number; live: number; depth: number } {
  const { keys, children } = node;
  assert(keys.length <= entriesMax, "a node is too full");
  assert(children === null || keys.length > 0, "an inner node is empty");
  for (let i = 0; i < keys.length; i++) {
    const bound = keys[i]!;
    if (children !== null && i === 0) continue;
    assert(bound >= low && (high === null || bound < high), "a key lies outside of its node");
    assert(i === 0 || (children !== null && i === 1) || keys[i - 1]! < bound, "keys are out of order");
  }
  let counted = { keys: keys.length, live: node.values.filter((index) => index.isAlive).length, depth: 0 };
  if (children === null) {
    assert(node.values.length === keys.length, "a leaf has a key without history");
    for (const index of node.values) assert(index.main <= node.newest, "a leaf does not know its newest");
  } else {
    const below = children.map((child, i) => checkIn(child, i === 0 ? low : keys[i]!, keys[i + 1] ?? high));
    assert(children.length === keys.length, "an inner node has a bound without child");
    assert(new Set(below.map((child) => child.depth)).size === 1, "the tree is lopsided");
    for (const child of children) assert(child.newest <= node.newest, "a node does not know its newest");
    counted = below.reduce((sum, child) => ({
      keys: sum.keys + child.keys,
      live: sum.live + child.live,
      depth: sum.depth,
    }));
    counted.depth++;
  }
  assert(counted.live === node.live, "a node miscounts its living");
  return counted;
}

/** The first position whose key is not below `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The child whose bounds hold `key`: the last bound not above it. */
function slotOf(bounds: readonly string[], key: string): number {
  let low = 1;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (bounds[middle]! <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

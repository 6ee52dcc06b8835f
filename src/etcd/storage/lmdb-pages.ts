import { closeSync, openSync, readSync } from "node:fs";
import type { LentPair, SortedKeys } from "../mvcc/backend.ts";
import { CorruptStorageError } from "./errors.ts";

/**
 * Reads very many pairs of one bucket straight from the pages of an LMDB file, without the binding: that costs a call
 * and five objects for each pair, and every page that it touches counts as memory of this process from then on.
 *
 *   file    := meta meta page*                    the newer meta counts, the one with the higher transaction
 *   page    := number:u64 transaction:u64 pad:u16 flags:u16 lower:u16 upper:u16 offset:u16* free node*
 *              lower / 2 offsets, which count from behind the 24 bytes before them
 *   node    := low:u16 high:u16 flags:u16 keyLength:u16 key data
 *              in a branch low, high and flags are the number of the child, and the key is the child's lower bound (of
 *              the first child none); in a leaf low and high are the length of the data, and flags 1 says that it lies
 *              on pages of its own, behind the head of the first, whose number stands here instead
 *   tree    := pad:u32 flags:u16 depth:u16 branches:u64 leaves:u64 overflows:u64 entries:u64 root:u64
 *              the data of a bucket's node in the main tree, where a zero byte ends its name; the main tree's stands in
 *              the meta
 *
 * All integers are little-endian. The pages of a transaction are not used again while it is open somewhere for reading:
 * who calls sees to that.
 */
export class LmdbPages {
  readonly #path: string;
  readonly #file: number;
  readonly #pageBytes: number;
  readonly #main: Tree;
  /** Leaves that lie one behind the other are read at once. */
  readonly #window: Buffer;
  readonly #pair = new PagePair();
  #overflow: Buffer = noBytes;

  private constructor(path: string, file: number, meta: Meta) {
    this.#path = path;
    this.#file = file;
    this.#pageBytes = meta.pageBytes;
    this.#main = meta.main;
    this.#window = Buffer.allocUnsafeSlow(windowPages * meta.pageBytes);
  }

  /** Runs `read` on what the newest transaction of the file left. */
  static with<Result>(path: string, read: (pages: LmdbPages) => Result): Result {
    const file = openSync(path, "r");
    try {
      return read(new LmdbPages(path, file, newestMeta(path, file)));
    } finally {
      closeSync(file);
    }
  }

  /** Visits all pairs of a bucket in byte order until the visit returns false. */
  visitAll(bucket: string, visit: (pair: LentPair) => boolean): void {
    this.#walk(this.#bucket(bucket), everyLeaf, (page, at) => this.#visitLeaf(page, at, visit));
  }

  /**
   * Visits those of the keys that the bucket has, in byte order. The keys stand one behind the other, all of one length,
   * sorted; `visit` is told which of them it is.
   */
  visitKeys(bucket: string, keys: SortedKeys, visit: (index: number, pair: LentPair) => void): void {
    let planned = 0;
    let wanted = 0;
    const hasWanted = (bound: Bound | null): boolean => {
      const from = planned;
      if (bound === null) planned = keys.count;
      else planned = firstNotBelow(keys, planned, bound);
      return planned > from;
    };
    this.#walk(this.#bucket(bucket), hasWanted, (page, at) => {
      const nodes = nodeCount(page, at);
      let node = 0;
      while (wanted < keys.count) {
        node = lowerBound(page, at, node, nodes, keys, wanted);
        if (node === nodes) return true;
        const order = compareKey(page, nodeAt(page, at, node), keys, wanted);
        if (order === 0) {
          this.#lend(page, nodeAt(page, at, node));
          visit(wanted, this.#pair);
        }
        wanted++;
      }
      return false;
    });
  }

  #visitLeaf(page: Buffer, at: number, visit: (pair: LentPair) => boolean): boolean {
    const nodes = nodeCount(page, at);
    for (let i = 0; i < nodes; i++) {
      this.#lend(page, nodeAt(page, at, i));
      if (!visit(this.#pair)) return false;
    }
    return true;
  }

  #lend(page: Buffer, node: number): void {
    const pair = this.#pair;
    const length = uint16(page, node) + uint16(page, node + 2) * 0x1_0000;
    pair.keyBytes = page;
    pair.keyStart = node + nodeHeadBytes;
    pair.keyEnd = pair.keyStart + uint16(page, node + 6);
    if ((uint16(page, node + 4) & dataIsElsewhere) !== 0) {
      this.#readOverflow(uint64(page, pair.keyEnd), length);
      pair.valueBytes = this.#overflow;
      pair.valueStart = 0;
    } else {
      pair.valueBytes = page;
      pair.valueStart = pair.keyEnd;
    }
    pair.valueEnd = pair.valueStart + length;
  }

  #readOverflow(page: number, length: number): void {
    if (length > this.#overflow.length) this.#overflow = Buffer.allocUnsafeSlow(2 * length);
    this.#readBytes(this.#overflow, length, page * this.#pageBytes + pageHeadBytes);
  }

  #bucket(name: string): Tree {
    const key = Buffer.from(`${name}\0`, "latin1");
    const found: Tree[] = [];
    this.#walk(this.#main, everyLeaf, (page, at) =>
      this.#visitLeaf(page, at, ({ keyBytes, keyStart, keyEnd, valueBytes, valueStart }) => {
        if (key.compare(keyBytes, keyStart, keyEnd) !== 0) return true;
        found.push(readTree(valueBytes, valueStart));
        return false;
      }),
    );
    const [tree] = found;
    if (tree === undefined) throw new CorruptStorageError(`${this.#path}: bucket ${name} is missing`);
    return tree;
  }

  /** Visits the leaves of a tree whose upper bound (null: none) pleases `isWanted`, in order, until a visit says no. */
  #walk(tree: Tree, isWanted: (bound: Bound | null) => boolean, visit: VisitLeaf): void {
    if (tree.depth > 0) this.#walkLevel([tree.root], [null], tree.depth, isWanted, visit);
  }

  #walkLevel(
    numbers: readonly number[],
    bounds: readonly (Bound | null)[],
    levels: number,
    isWanted: (bound: Bound | null) => boolean,
    visit: VisitLeaf,
  ): boolean {
    if (levels === 1) {
      const leaves = numbers.filter((_, i) => isWanted(bounds[i]!));
      return this.#visitLeaves(leaves, visit);
    }
    for (let i = 0; i < numbers.length; i++) {
      const branch = Buffer.from(this.#readPages(numbers[i]!, 1, isBranch));
      const children: number[] = [];
      const uppers: (Bound | null)[] = [];
      const nodes = nodeCount(branch, 0);
      for (let j = 0; j < nodes; j++) {
        children.push(childOf(branch, nodeAt(branch, 0, j)));
        uppers.push(j + 1 < nodes ? { bytes: branch, node: nodeAt(branch, 0, j + 1) } : bounds[i]!);
      }
      if (!this.#walkLevel(children, uppers, levels - 1, isWanted, visit)) return false;
    }
    return true;
  }

  #visitLeaves(numbers: readonly number[], visit: VisitLeaf): boolean {
    for (let i = 0; i < numbers.length;) {
      const first = numbers[i]!;
      let next = i + 1;
      // Over a few pages that are none of ours it is quicker to read on.
      while (next < numbers.length && follows(first, numbers[next - 1]!, numbers[next]!)) next++;
      const window = this.#readPages(first, numbers[next - 1]! - first + 1, 0);
      for (; i < next; i++) {
        const at = (numbers[i]! - first) * this.#pageBytes;
        this.#check(window, at, numbers[i]!, isLeaf);
        if (!visit(window, at)) return false;
      }
    }
    return true;
  }

  /** Lends the pages until the next call. `kind` 0: what they are is checked later. */
  #readPages(number: number, pages: number, kind: number): Buffer {
    this.#readBytes(this.#window, pages * this.#pageBytes, number * this.#pageBytes);
    if (kind !== 0) this.#check(this.#window, 0, number, kind);
    return this.#window.subarray(0, pages * this.#pageBytes);
  }

  #readBytes(into: Buffer, length: number, position: number): void {
    for (let done = 0; done < length;) {
      const bytes = readSync(this.#file, into, done, length - done, position + done);
      if (bytes === 0) throw new CorruptStorageError(`${this.#path}: it was cut short`);
      done += bytes;
    }
  }

  #check(bytes: Buffer, at: number, number: number, kind: number): void {
    const isPlausible =
      uint64(bytes, at) === number &&
      (uint16(bytes, at + 18) & (isBranch | isLeaf)) === kind &&
      uint16(bytes, at + 20) <= this.#pageBytes - pageHeadBytes;
    if (!isPlausible) throw new CorruptStorageError(`${this.#path}: page ${number} is damaged`);
  }
}

type VisitLeaf = (page: Buffer, at: number) => boolean;

/** The key of a node in a branch. */
interface Bound {
  readonly bytes: Buffer;
  readonly node: number;
}

interface Tree {
  readonly depth: number;
  readonly root: number;
}

interface Meta {
  readonly pageBytes: number;
  readonly transaction: number;
  readonly main: Tree;
}

class PagePair implements LentPair {
  keyBytes: Uint8Array = noBytes;
  keyStart = 0;
  keyEnd = 0;
  valueBytes: Uint8Array = noBytes;
  valueStart = 0;
  valueEnd = 0;
}

const windowPages = 64;
const pagesBetweenMax = 4;
const pageHeadBytes = 24;
const nodeHeadBytes = 8;
const isBranch = 1;
const isLeaf = 2;
const dataIsElsewhere = 1;
const magic = 0xbeefc0de;
const metaBytes = 160;
const noBytes = Buffer.alloc(0);

const everyLeaf = (): boolean => true;

function follows(first: number, before: number, number: number): boolean {
  return number > before && number - before <= pagesBetweenMax && number - first < windowPages;
}

/**
 * What the binding would begin to read from. Another thread may be writing the other meta page, or even this one: a
 * page that reads the same twice was written whole.
 */
function newestMeta(path: string, file: number): Meta {
  for (;;) {
    const before = readMetas(path, file);
    const after = readMetas(path, file);
    if (before.transaction === after.transaction && before.main.root === after.main.root) return after;
  }
}

function readMetas(path: string, file: number): Meta {
  const first = readMeta(path, file, 0);
  const second = readMeta(path, file, first.pageBytes);
  return second.transaction > first.transaction ? second : first;
}

function readMeta(path: string, file: number, position: number): Meta {
  const bytes = Buffer.alloc(metaBytes);
  if (readSync(file, bytes, 0, metaBytes, position) < metaBytes || bytes.readUInt32LE(24) !== magic) {
    throw new CorruptStorageError(`${path}: not an LMDB file, or damaged`);
  }
  return { pageBytes: bytes.readUInt32LE(48), transaction: uint64(bytes, 152), main: readTree(bytes, 96) };
}

function readTree(bytes: Uint8Array, at: number): Tree {
  return { depth: uint16(bytes, at + 6), root: uint64(bytes, at + 40) };
}

function nodeCount(page: Uint8Array, at: number): number {
  return uint16(page, at + 20) >> 1;
}

function nodeAt(page: Uint8Array, at: number, index: number): number {
  return at + pageHeadBytes + uint16(page, at + pageHeadBytes + 2 * index);
}

function childOf(page: Uint8Array, node: number): number {
  return uint16(page, node) + uint16(page, node + 2) * 0x1_0000 + uint16(page, node + 4) * 0x1_0000_0000;
}

/** The first of the page's nodes from `low` on whose key is not below the wanted one. */
function lowerBound(
  page: Uint8Array,
  at: number,
  low: number,
  nodes: number,
  keys: SortedKeys,
  wanted: number,
): number {
  let first = low;
  let end = nodes;
  while (first < end) {
    const middle = (first + end) >>> 1;
    if (compareKey(page, nodeAt(page, at, middle), keys, wanted) < 0) first = middle + 1;
    else end = middle;
  }
  return first;
}

/** The first of the keys from `from` on that is not below the bound. They are near: a search of all would be longer. */
function firstNotBelow(keys: SortedKeys, from: number, bound: Bound): number {
  let at = from;
  while (at < keys.count && compareKey(bound.bytes, bound.node, keys, at) > 0) at++;
  return at;
}

/** Below 0: the node's key comes before the wanted one. */
function compareKey(page: Uint8Array, node: number, keys: SortedKeys, wanted: number): number {
  const { bytes, keyBytes } = keys;
  const length = uint16(page, node + 6);
  const start = node + nodeHeadBytes;
  const from = wanted * keyBytes;
  const common = Math.min(length, keyBytes);
  for (let i = 0; i < common; i++) {
    const difference = page[start + i]! - bytes[from + i]!;
    if (difference !== 0) return difference;
  }
  return length - keyBytes;
}

function uint16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

/** Page numbers and transactions stay far below 2^48. */
function uint64(bytes: Uint8Array, at: number): number {
  return uint16(bytes, at) + uint16(bytes, at + 2) * 0x1_0000 + uint16(bytes, at + 4) * 0x1_0000_0000;
}

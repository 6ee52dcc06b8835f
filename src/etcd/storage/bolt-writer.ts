import { bucketNames, type BucketName } from "../mvcc/backend.ts";
import { assert } from "../base/assert.ts";
import {
  branchElementBytes,
  bucketElementFlag,
  bucketHeaderBytes,
  inlineBytesMax,
  leafElementBytes,
  metaBytes,
  metaChecksum,
  metaMagic,
  metaVersion,
  noFreelist,
  pageBytes,
  pageFlag,
  pageHeaderBytes,
} from "./bolt-format.ts";
import type { BackendSnapshot } from "./lmdb-backend.ts";

/** A database file that is yet to be written: how long it will be, and its bytes. */
export interface BoltFile {
  readonly sizeBytes: number;
  /** The file from its start, in pieces of whole pages. A piece is the receiver's to keep. */
  readonly pieces: AsyncIterable<Buffer>;
}

/** Between turns of the event loop about this many pairs are looked at. */
const pairsPerTurn = 2000;
/** Pages are handed out in pieces of about this size. */
const pieceBytes = 256 * 1024;

/**
 * Lays a snapshot of the store out as etcd's database file. The first pages must tell where everything lies, so the
 * pairs are walked twice: once to count the pages, once to fill them. Memory stays at a few pages, however large the
 * store; the snapshot stays open until the pieces are through.
 */
export async function layOutBoltFile(snapshot: BackendSnapshot): Promise<BoltFile> {
  const counted = new BoltLayout(null);
  await fill(counted, snapshot);
  const { root, highWater } = counted.finish();
  return { sizeBytes: highWater * pageBytes, pieces: writePages(snapshot, root, highWater) };
}

async function* writePages(snapshot: BackendSnapshot, root: number, highWater: number): AsyncGenerator<Buffer> {
  const pages = new PageQueue();
  pages.add(metaPage(0, root, highWater));
  pages.add(metaPage(1, root, highWater));
  const layout = new BoltLayout(pages);
  for (const step of walk(layout, snapshot)) {
    if (pages.bytes >= pieceBytes) yield pages.take();
    if (step === "pause") await nextTurn();
  }
  const written = layout.finish();
  assert(written.root === root && written.highWater === highWater, "both passes over the snapshot agree");
  if (pages.bytes > 0) yield pages.take();
}

async function fill(layout: BoltLayout, snapshot: BackendSnapshot): Promise<void> {
  for (const step of walk(layout, snapshot)) if (step === "pause") await nextTurn();
}

/** Gives the layout every pair of every bucket, and asks for a pause now and then. */
function* walk(layout: BoltLayout, snapshot: BackendSnapshot): Generator<"go on" | "pause"> {
  let pairs = 0;
  for (const bucket of [...bucketNames].sort()) {
    const cursor = snapshot.pairs(bucket);
    try {
      for (let pair = cursor.next(); pair !== null; pair = cursor.next()) {
        layout.add(pair.key, pair.value);
        if (++pairs % pairsPerTurn === 0) yield "pause";
        else if (pairs % 64 === 0) yield "go on";
      }
    } finally {
      cursor.close();
    }
    layout.endBucket(bucket);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Pages that wait to be handed out. */
class PageQueue {
  bytes = 0;
  #pages: Buffer[] = [];

  add(page: Buffer): void {
    this.#pages.push(page);
    this.bytes += page.length;
  }

  take(): Buffer {
    const piece = Buffer.concat(this.#pages, this.bytes);
    this.#pages = [];
    this.bytes = 0;
    return piece;
  }
}

/**
 * Hands out page numbers from 2 on and builds one tree after the other, bottom up. Without a queue it only counts.
 */
class BoltLayout {
  readonly #pages: PageQueue | null;
  #nextPage = 2;
  #tree: TreeBuilder;
  readonly #buckets: { readonly name: BucketName; readonly value: Buffer }[] = [];

  constructor(pages: PageQueue | null) {
    this.#pages = pages;
    this.#tree = new TreeBuilder(this.#emit);
  }

  add(key: Uint8Array, value: Uint8Array): void {
    this.#tree.add(key, value, 0);
  }

  endBucket(name: BucketName): void {
    this.#buckets.push({ name, value: this.#tree.finishBucket() });
    this.#tree = new TreeBuilder(this.#emit);
  }

  finish(): { readonly root: number; readonly highWater: number } {
    for (const { name, value } of this.#buckets) this.#tree.add(Buffer.from(name), value, bucketElementFlag);
    const root = this.#tree.finishRoot();
    return { root, highWater: this.#nextPage };
  }

  readonly #emit = (node: Node): number => {
    const id = this.#nextPage;
    const overflow = Math.ceil(node.bytes / pageBytes) - 1;
    this.#nextPage += overflow + 1;
    if (this.#pages !== null) {
      const page = Buffer.alloc((overflow + 1) * pageBytes);
      node.writeTo(page, id, overflow);
      this.#pages.add(page);
    }
    return id;
  };
}

interface Node {
  /** With the page header. */
  readonly bytes: number;
  readonly count: number;
  writeTo(page: Buffer, id: number, overflow: number): void;
}

/** Writes a node when it is full and returns the number of its page. */
type Emit = (node: Node) => number;

/**
 * One tree, from pairs that come in key order. Leaves go out when they are full; each level of branches above them is
 * one node that fills up and goes out in turn.
 */
class TreeBuilder {
  readonly #emit: Emit;
  readonly #leaf = new LeafNode();
  readonly #levels: BranchLevel[] = [];

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  add(key: Uint8Array, value: Uint8Array, flags: number): void {
    if (!this.#leaf.fits(key, value)) this.#endLeaf();
    this.#leaf.add(key, value, flags);
  }

  /** The bucket's value in its parent: where its root lies, or all of it if it is small. */
  finishBucket(): Buffer {
    const isInline = this.#levels.length === 0 && this.#leaf.bytes <= inlineBytesMax;
    const value = Buffer.alloc(bucketHeaderBytes + (isInline ? this.#leaf.bytes : 0));
    if (isInline) this.#leaf.writeTo(value.subarray(bucketHeaderBytes), 0, 0);
    else value.writeBigUInt64LE(BigInt(this.finishRoot()), 0);
    return value;
  }

  finishRoot(): number {
    if (this.#levels.length === 0) return this.#emit(this.#leaf);
    if (this.#leaf.count > 0) this.#endLeaf();
    for (let height = 0; ; height++) {
      const root = this.#levels[height]!.finish(this.#addBranch(height + 1));
      if (root !== null) return root;
    }
  }

  #endLeaf(): void {
    const first = this.#leaf.firstKey;
    const child = this.#emit(this.#leaf);
    this.#leaf.clear();
    this.#level(0).add(first, child, this.#addBranch(1));
  }

  #level(height: number): BranchLevel {
    if (height === this.#levels.length) this.#levels.push(new BranchLevel(this.#emit));
    return this.#levels[height]!;
  }

  #addBranch(height: number): AddChild {
    return (key, child) => this.#level(height).add(key, child, this.#addBranch(height + 1));
  }
}

type AddChild = (firstKey: Buffer, child: number) => void;

/**
 * One level of branches. The last full node is held back until its successor has two children, because bbolt wants no
 * branch with one: if the successor stays alone, it is given a child of the full one.
 */
class BranchLevel {
  readonly #emit: Emit;
  #full: BranchNode | null = null;
  #current = new BranchNode();
  #hasParent = false;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  add(key: Buffer, child: number, addToParent: AddChild): void {
    if (!this.#current.fits(key)) {
      this.#full = this.#current;
      this.#current = new BranchNode();
    }
    this.#current.add(key, child);
    if (this.#full !== null && this.#current.count === 2) this.#pass(this.#full, addToParent);
  }

  /** The page of the root if this level holds it, otherwise null: the rest went to the level above. */
  finish(addToParent: AddChild): number | null {
    if (this.#full !== null) {
      this.#current.takeLastOf(this.#full);
      this.#pass(this.#full, addToParent);
    }
    if (!this.#hasParent) return this.#emit(this.#current);
    this.#pass(this.#current, addToParent);
    return null;
  }

  #pass(node: BranchNode, addToParent: AddChild): void {
    this.#full = null;
    this.#hasParent = true;
    addToParent(node.firstKey, this.#emit(node));
  }
}

class BranchNode implements Node {
  bytes = pageHeaderBytes;
  readonly #children: { readonly key: Buffer; readonly page: number }[] = [];

  get count(): number {
    return this.#children.length;
  }

  get firstKey(): Buffer {
    return this.#children[0]!.key;
  }

  /** Two children always fit, in more pages than one if need be. */
  fits(key: Buffer): boolean {
    return this.count < 2 || this.bytes + branchElementBytes + key.length <= pageBytes;
  }

  add(key: Buffer, page: number): void {
    this.#children.push({ key, page });
    this.bytes += branchElementBytes + key.length;
  }

  takeLastOf(other: BranchNode): void {
    const child = other.#children.pop()!;
    const bytes = branchElementBytes + child.key.length;
    other.bytes -= bytes;
    this.#children.unshift(child);
    this.bytes += bytes;
  }

  writeTo(page: Buffer, id: number, overflow: number): void {
    writePageHeader(page, id, pageFlag.branch, this.count, overflow);
    let data = pageHeaderBytes + this.count * branchElementBytes;
    for (const [i, child] of this.#children.entries()) {
      const element = pageHeaderBytes + i * branchElementBytes;
      page.writeUInt32LE(data - element, element);
      page.writeUInt32LE(child.key.length, element + 4);
      page.writeBigUInt64LE(BigInt(child.page), element + 8);
      page.set(child.key, data);
      data += child.key.length;
    }
  }
}

class LeafNode implements Node {
  bytes = pageHeaderBytes;
  count = 0;
  /** Keys and values, back to back. */
  #data = Buffer.allocUnsafe(pageBytes);
  #dataBytes = 0;
  #elements: { readonly flags: number; readonly keyBytes: number; readonly valueBytes: number }[] = [];

  /** Makes it a new leaf, in the same memory. */
  clear(): void {
    this.bytes = pageHeaderBytes;
    this.count = 0;
    this.#dataBytes = 0;
    this.#elements = [];
  }

  get firstKey(): Buffer {
    return Buffer.from(this.#data.subarray(0, this.#elements[0]!.keyBytes));
  }

  /** One pair always fits, in more pages than one if need be. */
  fits(key: Uint8Array, value: Uint8Array): boolean {
    return this.count === 0 || this.bytes + leafElementBytes + key.length + value.length <= pageBytes;
  }

  add(key: Uint8Array, value: Uint8Array, flags: number): void {
    const end = this.#dataBytes + key.length + value.length;
    if (end > this.#data.length) {
      const grown = Buffer.allocUnsafe(Math.max(end, 2 * this.#data.length));
      this.#data.copy(grown, 0, 0, this.#dataBytes);
      this.#data = grown;
    }
    this.#data.set(key, this.#dataBytes);
    this.#data.set(value, this.#dataBytes + key.length);
    this.#dataBytes = end;
    this.#elements.push({ flags, keyBytes: key.length, valueBytes: value.length });
    this.count++;
    this.bytes += leafElementBytes + key.length + value.length;
  }

  writeTo(page: Buffer, id: number, overflow: number): void {
    writePageHeader(page, id, pageFlag.leaf, this.count, overflow);
    const dataStart = pageHeaderBytes + this.count * leafElementBytes;
    let data = dataStart;
    for (const [i, { flags, keyBytes, valueBytes }] of this.#elements.entries()) {
      const element = pageHeaderBytes + i * leafElementBytes;
      page.writeUInt32LE(flags, element);
      page.writeUInt32LE(data - element, element + 4);
      page.writeUInt32LE(keyBytes, element + 8);
      page.writeUInt32LE(valueBytes, element + 12);
      data += keyBytes + valueBytes;
    }
    this.#data.copy(page, dataStart, 0, this.#dataBytes);
  }
}

function writePageHeader(page: Buffer, id: number, flags: number, count: number, overflow: number): void {
  page.writeBigUInt64LE(BigInt(id), 0);
  page.writeUInt16LE(flags, 8);
  page.writeUInt16LE(count, 10);
  page.writeUInt32LE(overflow, 12);
}

/** Page 0 or 1. Transaction t stands on page t mod 2; both name the same root, and the higher one counts. */
function metaPage(id: 0 | 1, root: number, highWater: number): Buffer {
  const page = Buffer.alloc(pageBytes);
  writePageHeader(page, id, pageFlag.meta, 0, 0);
  const meta = page.subarray(pageHeaderBytes, pageHeaderBytes + metaBytes);
  meta.writeUInt32LE(metaMagic, 0);
  meta.writeUInt32LE(metaVersion, 4);
  meta.writeUInt32LE(pageBytes, 8);
  meta.writeBigUInt64LE(BigInt(root), 16);
  meta.writeBigUInt64LE(noFreelist, 32);
  meta.writeBigUInt64LE(BigInt(highWater), 40);
  meta.writeBigUInt64LE(BigInt(id === 0 ? 2 : 1), 48);
  meta.writeBigUInt64LE(metaChecksum(meta), 56);
  return page;
}

import {
  branchElementBytes,
  bucketHeaderBytes,
  inlineBytesMax,
  leafElementBytes,
  pageBytes,
  pageFlag,
  pageHeaderBytes,
} from "./bolt-format.ts";

/** A page's worth of a tree, or more if it overflows. */
export interface Node {
  /** With the page header. */
  readonly bytes: number;
  readonly count: number;
  writeTo(page: Buffer, id: number, overflow: number): void;
}

/** Writes a node when it is full and returns the number of its page. */
export type Emit = (node: Node) => number;

/**
 * One tree, from pairs that come in key order. Leaves go out when they are full; each level of branches above them is
 * one node that fills up and goes out in turn.
 */
export class TreeBuilder {
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

export function writePageHeader(page: Buffer, id: number, flags: number, count: number, overflow: number): void {
  page.writeBigUInt64LE(BigInt(id), 0);
  page.writeUInt16LE(flags, 8);
  page.writeUInt16LE(count, 10);
  page.writeUInt32LE(overflow, 12);
}

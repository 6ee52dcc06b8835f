import { open, type FileHandle } from "node:fs/promises";
import {
  branchElementBytes,
  bucketElementFlag,
  bucketHeaderBytes,
  leafElementBytes,
  metaBytes,
  metaChecksum,
  metaMagic,
  metaVersion,
  noFreelist,
  pageFlag,
  pageHeaderBytes,
} from "./bolt-format.ts";
import { CorruptStorageError } from "./errors.ts";

/** Borrowed: valid during the visit only. */
export type BoltVisit = (bucket: string, key: Buffer, value: Buffer) => void;

export interface BoltFileInfo {
  /** All top-level buckets, in their order; empty ones too. */
  readonly buckets: readonly string[];
  readonly pageSize: number;
  /** The size that etcd reports: all pages ever used. The file may be larger. */
  readonly usedBytes: number;
  /** Pages that the tree does not reach. */
  readonly freePages: number;
}

/**
 * Reads a bbolt file, etcd's or ours, pair by pair in key order, and checks it on the way: every page is reached at
 * most once, lies below the high-water mark and says its own number, keys ascend, and nothing points out of its page.
 * Throws {@link CorruptStorageError}. Only one page of each level is in memory at a time.
 */
export async function readBoltFile(path: string, visit: BoltVisit): Promise<BoltFileInfo> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const meta = await readMeta(file, path);
    if (size < meta.highWater * meta.pageSize) {
      throw new CorruptStorageError(`${path}: ${size} bytes, its ${meta.highWater} pages need more`);
    }
    const walk = new Walk(file, path, meta, visit);
    return await walk.run();
  } finally {
    await file.close();
  }
}

interface Meta {
  readonly pageSize: number;
  readonly root: number;
  readonly freelist: bigint;
  readonly highWater: number;
  readonly transaction: bigint;
}

/** The valid meta page with the higher transaction. If page 0 is damaged, page 1 is looked for at each likely size. */
async function readMeta(file: FileHandle, path: string): Promise<Meta> {
  const candidates: Meta[] = [];
  for (let position = 0; position <= 64 * 1024; position = position === 0 ? 1024 : position * 2) {
    const bytes = Buffer.alloc(pageHeaderBytes + metaBytes);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, position);
    const meta = bytesRead === bytes.length ? decodeMeta(bytes.subarray(pageHeaderBytes)) : null;
    if (meta !== null && (position === 0 || position === meta.pageSize)) candidates.push(meta);
  }
  const newest = candidates.reduce<Meta | null>(
    (best, each) => (best === null || each.transaction > best.transaction ? each : best),
    null,
  );
  if (newest === null) throw new CorruptStorageError(`${path}: no valid meta page: not a bbolt file, or damaged`);
  return newest;
}

function decodeMeta(bytes: Buffer): Meta | null {
  if (bytes.readUInt32LE(0) !== metaMagic || bytes.readUInt32LE(4) !== metaVersion) return null;
  if (bytes.readBigUInt64LE(56) !== metaChecksum(bytes)) return null;
  return {
    pageSize: bytes.readUInt32LE(8),
    root: Number(bytes.readBigUInt64LE(16)),
    freelist: bytes.readBigUInt64LE(32),
    highWater: Number(bytes.readBigUInt64LE(40)),
    transaction: bytes.readBigUInt64LE(48),
  };
}

interface LeafElement {
  readonly flags: number;
  readonly key: Buffer;
  readonly value: Buffer;
}

class Walk {
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #meta: Meta;
  readonly #visit: BoltVisit;
  readonly #reached = new Set<number>([0, 1]);

  constructor(file: FileHandle, path: string, meta: Meta, visit: BoltVisit) {
    this.#file = file;
    this.#path = path;
    this.#meta = meta;
    this.#visit = visit;
  }

  async run(): Promise<BoltFileInfo> {
    const { freelist, highWater, pageSize, root } = this.#meta;
    if (freelist !== noFreelist) await this.#readPage(Number(freelist), pageFlag.freelist);
    const buckets: { readonly name: string; readonly header: Buffer }[] = [];
    await this.#walkTree(root, ({ flags, key, value }) => {
      if (flags !== bucketElementFlag) throw this.#corrupt("the root holds something that is no bucket");
      buckets.push({ name: key.toString("latin1"), header: Buffer.from(value) });
    });
    for (const { name, header } of buckets) await this.#readBucket(name, header);
    return {
      buckets: buckets.map(({ name }) => name),
      pageSize,
      usedBytes: highWater * pageSize,
      freePages: highWater - this.#reached.size,
    };
  }

  async #readBucket(name: string, header: Buffer): Promise<void> {
    if (header.length < bucketHeaderBytes) throw this.#corrupt(`bucket ${name} has no header`);
    const visit = ({ flags, key, value }: LeafElement): void => {
      if (flags !== 0) throw this.#corrupt(`bucket ${name} holds a bucket`);
      this.#visit(name, key, value);
    };
    const root = Number(header.readBigUInt64LE(0));
    if (root === 0) this.#visitLeaf(0, header.subarray(bucketHeaderBytes), new KeyOrder(), visit);
    else await this.#walkTree(root, visit);
  }

  /** Visits all leaf elements of a tree, in order. */
  async #walkTree(root: number, visit: (element: LeafElement) => void, order = new KeyOrder()): Promise<void> {
    const page = await this.#readPage(root, pageFlag.branch | pageFlag.leaf);
    if (page.readUInt16LE(8) === pageFlag.leaf) {
      this.#visitLeaf(root, page, order, visit);
      return;
    }
    const count = page.readUInt16LE(10);
    if (count === 0) throw this.#corrupt(`branch page ${root} is empty`);
    for (let i = 0; i < count; i++) {
      const element = pageHeaderBytes + i * branchElementBytes;
      if (element + branchElementBytes > page.length) throw this.#corrupt(`page ${root} points out of itself`);
      const start = element + page.readUInt32LE(element);
      const end = start + page.readUInt32LE(element + 4);
      if (end > page.length) throw this.#corrupt(`page ${root} points out of itself`);
      if (!order.mayBranch(page.subarray(start, end))) throw this.#corrupt(`keys of page ${root} do not ascend`);
      await this.#walkTree(Number(page.readBigUInt64LE(element + 8)), visit, order);
    }
  }

  #visitLeaf(id: number, page: Buffer, order: KeyOrder, visit: (element: LeafElement) => void): void {
    if (page.length < pageHeaderBytes) throw this.#corrupt("a bucket within its parent has no page");
    const count = page.readUInt16LE(10);
    for (let i = 0; i < count; i++) {
      const element = pageHeaderBytes + i * leafElementBytes;
      if (element + leafElementBytes > page.length) throw this.#corrupt(`page ${id} points out of itself`);
      const start = element + page.readUInt32LE(element + 4);
      const middle = start + page.readUInt32LE(element + 8);
      const end = middle + page.readUInt32LE(element + 12);
      if (end > page.length) throw this.#corrupt(`page ${id} points out of itself`);
      const key = page.subarray(start, middle);
      if (!order.take(key)) throw this.#corrupt(`keys of page ${id} do not ascend`);
      visit({ flags: page.readUInt32LE(element), key, value: page.subarray(middle, end) });
    }
  }

  /** Reads a page with what overflows from it. */
  async #readPage(id: number, flagsAllowed: number): Promise<Buffer> {
    const { highWater, pageSize } = this.#meta;
    if (id < 2 || id >= highWater) throw this.#corrupt(`page ${id} lies outside of ${highWater} pages`);
    const first = Buffer.allocUnsafe(pageSize);
    await this.#fill(first, id * pageSize);
    const overflow = first.readUInt32LE(12);
    if (id + overflow >= highWater) throw this.#corrupt(`page ${id} reaches outside of ${highWater} pages`);
    if (Number(first.readBigUInt64LE(0)) !== id) throw this.#corrupt(`page ${id} has another number`);
    if ((first.readUInt16LE(8) & flagsAllowed) === 0) throw this.#corrupt(`page ${id} is of an unexpected kind`);
    for (let each = id; each <= id + overflow; each++) {
      if (this.#reached.has(each)) throw this.#corrupt(`page ${each} is reached twice`);
      this.#reached.add(each);
    }
    if (overflow === 0) return first;
    const whole = Buffer.allocUnsafe((overflow + 1) * pageSize);
    first.copy(whole);
    await this.#fill(whole.subarray(pageSize), (id + 1) * pageSize);
    return whole;
  }

  async #fill(target: Buffer, position: number): Promise<void> {
    const { bytesRead } = await this.#file.read(target, 0, target.length, position);
    if (bytesRead < target.length) throw this.#corrupt("the file became shorter while it was read");
  }

  #corrupt(what: string): CorruptStorageError {
    return new CorruptStorageError(`${this.#path}: ${what}`);
  }
}

/** Keys strictly ascend over all leaves of a tree, and a branch's key is not above the first key below it. */
class KeyOrder {
  #last: Buffer | null = null;
  #branch: Buffer | null = null;

  take(key: Buffer): boolean {
    const isRight =
      (this.#last === null || this.#last.compare(key) < 0) && (this.#branch === null || this.#branch.compare(key) <= 0);
    this.#last = Buffer.from(key);
    return isRight;
  }

  mayBranch(key: Buffer): boolean {
    this.#branch = Buffer.from(key);
    return this.#last === null || this.#last.compare(key) < 0;
  }
}

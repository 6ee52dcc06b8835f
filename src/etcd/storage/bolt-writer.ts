import { bucketNames, type BucketName } from "../mvcc/backend.ts";
import { assert } from "../base/assert.ts";
import {
  bucketElementFlag,
  metaBytes,
  metaChecksum,
  metaMagic,
  metaVersion,
  noFreelist,
  pageBytes,
  pageFlag,
  pageHeaderBytes,
} from "./bolt-format.ts";
import { type Emit, TreeBuilder, writePageHeader } from "./bolt-tree.ts";
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

  readonly #emit: Emit = (node) => {
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

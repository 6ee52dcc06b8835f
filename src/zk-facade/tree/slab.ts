/**
 * The znodes' numbers, 128 bytes for each of them, outside of the garbage collector's sight: a tree of a million znodes
 * made of objects would take twice the memory and be walked by every collection.
 *
 *   slot      a znode's number here, from 1 on; 0 is none
 *   chunk     4096 slots, three views of one buffer
 *   record    16 doubles; the last six are read as 12 int32, the first of them also as one int64 (the lease)
 *
 * Freed slots are used again, so a slot means something only as long as its owner keeps it.
 */
const CHUNK_BITS = 12;
const CHUNK_SLOTS = 1 << CHUNK_BITS;
const SLOT_MASK = CHUNK_SLOTS - 1;
const DOUBLES = 16;
const INTS = 2 * DOUBLES;

/** Whole numbers up to 2^53. */
export const Double = {
  /** Of the data key: create_revision, mod_revision, version. All 0 without one. */
  createRevision: 0,
  mzxid: 1,
  keyVersion: 2,
  /** mod_revision of the record key, whatever its value is worth; 0 without one. */
  recordRevision: 3,
  czxid: 4,
  pzxid: 5,
  ctime: 6,
  mtime: 7,
  base: 8,
  ttlMs: 9,
} as const;
export type Double = (typeof Double)[keyof typeof Double];

export const Int = {
  creates: 22,
  aversion: 23,
  dataLength: 24,
  aclId: 25,
  flags: 26,
  /** The tree itself: who is whose child, as doubly linked lists. `children` is their length. */
  children: 27,
  parent: 28,
  firstChild: 29,
  next: 30,
  previous: 31,
} as const;
export type Int = (typeof Int)[keyof typeof Int];
const LEASE = 10;

export class Slab {
  readonly #doubles: Float64Array[] = [];
  readonly #ints: Int32Array[] = [];
  readonly #longs: BigInt64Array[] = [];
  readonly #paths: string[] = [""];
  readonly #free: number[] = [];

  /** One more than the highest slot that was ever used. */
  get end(): number {
    return this.#paths.length;
  }

  /** A slot with nothing but a path. */
  allocate(path: string): number {
    const slot = this.#free.pop() ?? this.#paths.length;
    if (slot >> CHUNK_BITS >= this.#doubles.length) this.#grow();
    this.#paths[slot] = path;
    return slot;
  }

  /** The slot must not be linked any more. Its path reads as "" until it is used again. */
  release(slot: number): void {
    const at = (slot & SLOT_MASK) * DOUBLES;
    this.#doubles[slot >> CHUNK_BITS]!.fill(0, at, at + DOUBLES);
    this.#paths[slot] = "";
    this.#free.push(slot);
  }

  /** Forgets all but the path and the links. */
  clear(slot: number): void {
    const at = (slot & SLOT_MASK) * DOUBLES;
    this.#doubles[slot >> CHUNK_BITS]!.fill(0, at, at + LEASE + 1);
    this.#ints[slot >> CHUNK_BITS]!.fill(0, 2 * at + Int.creates, 2 * at + Int.flags + 1);
  }

  path(slot: number): string {
    return this.#paths[slot]!;
  }

  double(slot: number, column: Double): number {
    return this.#doubles[slot >> CHUNK_BITS]![(slot & SLOT_MASK) * DOUBLES + column]!;
  }

  setDouble(slot: number, column: Double, value: number): void {
    this.#doubles[slot >> CHUNK_BITS]![(slot & SLOT_MASK) * DOUBLES + column] = value;
  }

  int(slot: number, column: Int): number {
    return this.#ints[slot >> CHUNK_BITS]![(slot & SLOT_MASK) * INTS + column]!;
  }

  setInt(slot: number, column: Int, value: number): void {
    this.#ints[slot >> CHUNK_BITS]![(slot & SLOT_MASK) * INTS + column] = value;
  }

  has(slot: number, flag: number): boolean {
    return (this.int(slot, Int.flags) & flag) !== 0;
  }

  raise(slot: number, flag: number): void {
    this.setInt(slot, Int.flags, this.int(slot, Int.flags) | flag);
  }

  lower(slot: number, flag: number): void {
    this.setInt(slot, Int.flags, this.int(slot, Int.flags) & ~flag);
  }

  hasLease(slot: number): boolean {
    const at = (slot & SLOT_MASK) * INTS + 2 * LEASE;
    const ints = this.#ints[slot >> CHUNK_BITS]!;
    return (ints[at]! | ints[at + 1]!) !== 0;
  }

  lease(slot: number): bigint {
    // Nearly all have none, and this way no bigint is made for them.
    if (!this.hasLease(slot)) return 0n;
    return this.#longs[slot >> CHUNK_BITS]![(slot & SLOT_MASK) * DOUBLES + LEASE]!;
  }

  setLease(slot: number, lease: bigint): void {
    this.#longs[slot >> CHUNK_BITS]![(slot & SLOT_MASK) * DOUBLES + LEASE] = lease;
  }

  /** Makes the slot the first child of the parent. */
  link(slot: number, parent: number): void {
    const first = this.int(parent, Int.firstChild);
    this.setInt(slot, Int.parent, parent);
    this.setInt(slot, Int.next, first);
    if (first !== 0) this.setInt(first, Int.previous, slot);
    this.setInt(parent, Int.firstChild, slot);
    this.setInt(parent, Int.children, this.int(parent, Int.children) + 1);
  }

  unlink(slot: number): void {
    const parent = this.int(slot, Int.parent);
    const next = this.int(slot, Int.next);
    const previous = this.int(slot, Int.previous);
    if (next !== 0) this.setInt(next, Int.previous, previous);
    if (previous !== 0) this.setInt(previous, Int.next, next);
    else this.setInt(parent, Int.firstChild, next);
    this.setInt(parent, Int.children, this.int(parent, Int.children) - 1);
    this.setInt(slot, Int.parent, 0);
    this.setInt(slot, Int.next, 0);
    this.setInt(slot, Int.previous, 0);
  }

  /** The slot behind this one on a walk over the top's subtree, parents first; 0 at its end. Needs no stack. */
  following(slot: number, top: number): number {
    const child = this.int(slot, Int.firstChild);
    if (child !== 0) return child;
    for (let at = slot; at !== top; at = this.int(at, Int.parent)) {
      const next = this.int(at, Int.next);
      if (next !== 0) return next;
    }
    return 0;
  }

  #grow(): void {
    const buffer = new ArrayBuffer(CHUNK_SLOTS * DOUBLES * Float64Array.BYTES_PER_ELEMENT);
    this.#doubles.push(new Float64Array(buffer));
    this.#ints.push(new Int32Array(buffer));
    this.#longs.push(new BigInt64Array(buffer));
  }
}

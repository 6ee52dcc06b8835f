import { assert } from "../base/assert.ts";

/**
 * The appends that are under way to one follower, oldest first, in a ring: of each the index of its last entry and its
 * size in bytes. Full when there are `countMax` of them or they hold `bytesMax` bytes; one message may pass the byte
 * limit, so that a large entry is not stuck.
 *
 *   start -> | 7, 120 B | 9, 80 B | 12, 300 B | <- next
 *
 * The ring grows on demand, because most followers never have many appends under way.
 */
export class Inflights {
  readonly #countMax: number;
  readonly #bytesMax: number;
  #indexes: number[] = [];
  #sizes: number[] = [];
  #start = 0;
  #count = 0;
  #bytes = 0;

  constructor(limits: { readonly countMax: number; readonly bytesMax: number }) {
    this.#countMax = limits.countMax;
    this.#bytesMax = limits.bytesMax;
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.#countMax || this.#bytes >= this.#bytesMax;
  }

  clone(): Inflights {
    const copy = new Inflights({ countMax: this.#countMax, bytesMax: this.#bytesMax });
    copy.#indexes = this.#indexes.slice();
    copy.#sizes = this.#sizes.slice();
    copy.#start = this.#start;
    copy.#count = this.#count;
    copy.#bytes = this.#bytes;
    return copy;
  }

  /** Indexes must come in ascending order, and only while there is room. */
  add(index: number, bytes: number): void {
    assert(!this.isFull, "cannot add into a Full inflights");
    const next = this.#wrapped(this.#start + this.#count);
    this.#indexes[next] = index;
    this.#sizes[next] = bytes;
    this.#count += 1;
    this.#bytes += bytes;
  }

  /** The follower acknowledged this index: every append that ends at or below it is no longer under way. */
  freeUpTo(index: number): void {
    while (this.#count > 0 && this.#indexes[this.#start]! <= index) {
      this.#bytes -= this.#sizes[this.#start]!;
      this.#count -= 1;
      this.#start = this.#wrapped(this.#start + 1);
    }
    // From an empty ring start at the front again, so that it does not grow for nothing.
    if (this.#count === 0) this.#start = 0;
  }

  reset(): void {
    this.#start = 0;
    this.#count = 0;
    this.#bytes = 0;
  }

  #wrapped(position: number): number {
    return position >= this.#countMax ? position - this.#countMax : position;
  }
}

import { Reader } from "../wire/codec.ts";
import { type KeyValue, newKeyValue, readKeyValue } from "../wire/mvccpb.ts";
import type { Backend, LentPair } from "./backend.ts";
import type { KeyTree } from "./key-tree.ts";
import { revisionBytes, writeRevisionKey } from "./revision.ts";

/** What to read: the keys of [start, end), null for the end of the key space, as they were at a revision. */
export interface AheadRange {
  readonly start: string;
  readonly end: string | null;
  readonly atRevision: number;
}

/** Below it a read of each pair by itself is no slower. */
const keysMin = 5_000;
/** So many keys are read at once; what lies behind them is read later. */
const keysMax = 2 ** 20;
/** A main revision and a place below `keysMax` fit into one safe integer. */
const revisionMax = 2 ** 33;
/** Pairs beyond it are left to those who want them. */
const bytesMax = 160 * 1024 * 1024;
const chunkBytes = 4 * 1024 * 1024;
/** No pair of this size is kept: it is read quickly enough by itself. */
const pairBytesMax = 64 * 1024;

/**
 * Reads the pairs of a range in the order in which they lie on disk, which is that of their revisions. Null if the range
 * is too small.
 */
export function readPairsAhead(index: KeyTree, backend: Backend, range: AheadRange): PairsAhead | null {
  const { start, end, atRevision } = range;
  const count = Math.min(index.count(start, end, atRevision), keysMax);
  if (count < keysMin || atRevision >= revisionMax) return null;
  const mains = new Float64Array(count);
  const subs = new Uint32Array(count);
  let found = 0;
  index.scan(start, end, (_, history) => {
    const position = history.find(atRevision);
    if (position < 0) return true;
    mains[found] = history.mainAt(position);
    subs[found] = history.subAt(position);
    return ++found < count;
  });
  const order = orderOf(mains, subs);
  const bytes = new Uint8Array(count * revisionBytes);
  for (let i = 0; i < count; i++) {
    const at = i * revisionBytes;
    const which = order[i]!;
    writeRevisionKey(bytes, mains[which]!, subs[which]!, at);
  }
  const pairs = new PairsAhead(mains, subs);
  backend.visitKeys("key", { bytes, keyBytes: revisionBytes, count }, (i, pair) => pairs.keep(order[i]!, pair));
  return pairs;
}

/** The pairs of a range, in the order of their keys, to be taken in this order. */
export class PairsAhead {
  readonly #mains: Float64Array;
  readonly #subs: Uint32Array;
  /** Where each pair lies: its place in all chunks, one behind the other. Its length; 0 if it was not kept. */
  readonly #starts: Uint32Array;
  readonly #lengths: Uint16Array;
  readonly #chunks: Buffer[] = [];
  /** Of the last chunk. */
  #used = chunkBytes;
  #reader: Reader | null = null;
  #next = 0;

  constructor(mains: Float64Array, subs: Uint32Array) {
    this.#mains = mains;
    this.#subs = subs;
    this.#starts = new Uint32Array(mains.length);
    this.#lengths = new Uint16Array(mains.length);
  }

  /** All pairs were taken; there may be more of them behind. */
  get isUsedUp(): boolean {
    return this.#next === this.#mains.length;
  }

  keep(which: number, { valueBytes, valueStart, valueEnd }: LentPair): void {
    const length = valueEnd - valueStart;
    if (length >= pairBytesMax) return;
    if (this.#used + length > chunkBytes) {
      if ((this.#chunks.length + 1) * chunkBytes > bytesMax) return;
      this.#chunks.push(Buffer.allocUnsafeSlow(chunkBytes));
      this.#used = 0;
    }
    const chunk = this.#chunks[this.#chunks.length - 1]!;
    // Short runs of bytes are copied more quickly here than by a call and the view that it wants.
    for (let i = 0; i < length; i++) chunk[this.#used + i] = valueBytes[valueStart + i]!;
    this.#starts[which] = (this.#chunks.length - 1) * chunkBytes + this.#used;
    this.#lengths[which] = length;
    this.#used += length;
  }

  /** The pair of this revision if it is the next one, or the one before, which may be asked for once more. */
  take(main: number, sub: number): KeyValue | null {
    if (!this.#isAt(this.#next, main, sub)) {
      if (this.#next === 0 || !this.#isAt(this.#next - 1, main, sub)) return null;
      this.#next--;
    }
    const at = this.#next++;
    const length = this.#lengths[at]!;
    return length === 0 ? null : this.#decode(this.#starts[at]!, length);
  }

  #isAt(place: number, main: number, sub: number): boolean {
    return place < this.#mains.length && this.#mains[place] === main && this.#subs[place] === sub;
  }

  #decode(start: number, length: number): KeyValue {
    const chunk = this.#chunks[Math.floor(start / chunkBytes)]!;
    if (this.#reader?.bytes !== chunk) this.#reader = new Reader(chunk);
    this.#reader.pos = start % chunkBytes;
    this.#reader.end = this.#reader.pos + length;
    return readKeyValue(this.#reader, newKeyValue());
  }
}

/** The places of the revisions, in the order of (main, sub). */
function orderOf(mains: Float64Array, subs: Uint32Array): Uint32Array {
  const sorted = new Float64Array(mains.length);
  for (let i = 0; i < sorted.length; i++) sorted[i] = mains[i]! * keysMax + i;
  sorted.sort();
  const order = new Uint32Array(mains.length);
  for (let i = 0; i < order.length; i++) {
    const moved = sorted[i]! % keysMax;
    let to = i;
    // Of those of one transaction the order was that of the keys.
    while (to > 0 && mains[order[to - 1]!] === mains[moved] && subs[order[to - 1]!]! > subs[moved]!) {
      order[to] = order[to - 1]!;
      to--;
    }
    order[to] = moved;
  }
  return order;
}

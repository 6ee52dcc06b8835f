import sortedTree from "sorted-btree";

/**
 * What the delete ranges of a transaction cover, for its check for duplicate keys: a union of half-open intervals of
 * keys, held as intervals that do not touch. Adding and asking cost O(log n), however many operations there are.
 *
 *   begin → end     "a" → "c", "f" → "f\0" (the key f alone)
 */
export class DeleteIntervals {
  // The package is CommonJS: its default export is a field of what an ES module imports.
  readonly #ends = new sortedTree.default<string, string>(undefined, byText);

  /** Adds [begin, end); nothing, if that is empty. */
  add(begin: string, end: string): void {
    if (begin >= end) return;
    const ends = this.#ends;
    const before = ends.getPairOrNextLower(begin);
    if (before !== undefined && before[1] >= begin) {
      if (before[1] >= end) return;
      begin = before[0];
    }
    for (let next = ends.getPairOrNextHigher(begin); next !== undefined && next[0] <= end;) {
      if (next[1] > end) end = next[1];
      ends.delete(next[0]);
      next = ends.getPairOrNextHigher(begin);
    }
    ends.set(begin, end);
  }

  addAll(other: DeleteIntervals): void {
    other.#ends.forEachPair((begin, end) => {
      this.add(begin, end);
    });
  }

  has(key: string): boolean {
    const pair = this.#ends.getPairOrNextLower(key);
    return pair !== undefined && key < pair[1];
  }
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

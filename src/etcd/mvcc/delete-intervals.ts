import sortedTree from "sorted-btree";

/** As an end: above every key, whose characters are bytes. */
export const END_OF_DELETES = "\u0100";

/**
 * What the deletes of a transaction cover: single keys, and a union of half-open intervals of keys, held as intervals
 * that do not touch. Adding and asking cost O(log n) at most, however many operations there are.
 *
 *   keys            "f"
 *   begin → end     "a" → "c", "x" → END_OF_DELETES
 */
export class DeleteIntervals {
  // Each transaction has some of these and most delete nothing, so the inside is made when it is needed.
  #keys: Set<string> | null = null;
  #ends: Ends | null = null;

  addKey(key: string): void {
    (this.#keys ??= new Set()).add(key);
  }

  /** Adds [begin, end); nothing, if that is empty. */
  add(begin: string, end: string): void {
    if (begin >= end) return;
    const ends = (this.#ends ??= newEnds());
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
    if (other.#keys !== null) for (const key of other.#keys) this.addKey(key);
    other.#ends?.forEachPair((begin, end) => {
      this.add(begin, end);
    });
  }

  has(key: string): boolean {
    if (this.#keys?.has(key) === true) return true;
    const pair = this.#ends?.getPairOrNextLower(key);
    return pair !== undefined && key < pair[1];
  }
}

type Ends = ReturnType<typeof newEnds>;

// The package is CommonJS: its default export is a field of what an ES module imports.
function newEnds() {
  return new sortedTree.default<string, string>(undefined, byText);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

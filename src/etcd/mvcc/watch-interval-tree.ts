/**
 * Values by half-open intervals of keys, built to ask: which intervals hold this key?
 *
 *             [c,f) reach=z          a node's reach is the greatest end in its subtree,
 *             /          \           so a subtree whose reach is not above the key is passed over
 *     [a,b) reach=b    [d,z) reach=z
 *
 * A balanced (AVL) tree in the order of (start, end). Finding k intervals among n costs O(k log n) at worst.
 * Ends are exclusive; {@link END_OF_KEYS} is above every key.
 */
export class IntervalTree<Value> {
  #root: Node<Value> | null = null;
  #size = 0;

  /** How many intervals it holds. */
  get size(): number {
    return this.#size;
  }

  get(start: string, end: string): Value | undefined {
    let node = this.#root;
    while (node) {
      const order = compare(start, end, node);
      if (order === 0) return node.value;
      node = order < 0 ? node.left : node.right;
    }
    return undefined;
  }

  /** Adds the interval, or replaces its value. */
  set(start: string, end: string, value: Value): void {
    this.#root = this.#insert(this.#root, start, end, value);
  }

  /** Whether there was such an interval. */
  delete(start: string, end: string): boolean {
    const before = this.#size;
    this.#root = this.#remove(this.#root, start, end);
    return this.#size < before;
  }

  /** Appends to `found` the values of all intervals with start <= key < end, in the order of (start, end). */
  at(key: string, found: Value[]): void {
    collectAt(this.#root, key, found);
  }

  /** All values, in the order of (start, end). */
  values(): Value[] {
    const all: Value[] = [];
    collectAll(this.#root, all);
    return all;
  }

  #insert(node: Node<Value> | null, start: string, end: string, value: Value): Node<Value> {
    if (!node) {
      this.#size += 1;
      return { start, end, value, left: null, right: null, height: 1, reach: end };
    }
    const order = compare(start, end, node);
    if (order === 0) {
      node.value = value;
      return node;
    }
    if (order < 0) node.left = this.#insert(node.left, start, end, value);
    else node.right = this.#insert(node.right, start, end, value);
    return rebalanced(node);
  }

  #remove(node: Node<Value> | null, start: string, end: string): Node<Value> | null {
    if (!node) return null;
    const order = compare(start, end, node);
    if (order < 0) node.left = this.#remove(node.left, start, end);
    else if (order > 0) node.right = this.#remove(node.right, start, end);
    else {
      if (!node.left || !node.right) {
        this.#size -= 1;
        return node.left ?? node.right;
      }
      // The next interval takes the place of the one that goes.
      const next = leftmost(node.right);
      node.start = next.start;
      node.end = next.end;
      node.value = next.value;
      node.right = this.#remove(node.right, next.start, next.end);
    }
    return rebalanced(node);
  }
}

/** Above every key, because a key's chars are bytes: the end of a range that goes on for ever. */
export const END_OF_KEYS = "\u0100";

interface Node<Value> {
  start: string;
  end: string;
  value: Value;
  left: Node<Value> | null;
  right: Node<Value> | null;
  height: number;
  reach: string;
}

function compare(start: string, end: string, node: Node<unknown>): number {
  if (start !== node.start) return start < node.start ? -1 : 1;
  if (end !== node.end) return end < node.end ? -1 : 1;
  return 0;
}

function collectAt<Value>(node: Node<Value> | null, key: string, found: Value[]): void {
  if (!node || node.reach <= key) return;
  collectAt(node.left, key, found);
  if (node.start > key) return;
  if (key < node.end) found.push(node.value);
  collectAt(node.right, key, found);
}

function collectAll<Value>(node: Node<Value> | null, all: Value[]): void {
  if (!node) return;
  collectAll(node.left, all);
  all.push(node.value);
  collectAll(node.right, all);
}

function leftmost<Value>(node: Node<Value>): Node<Value> {
  let first = node;
  while (first.left) first = first.left;
  return first;
}

/** Sets height and reach from the children; rotates if one side grew two levels higher than the other. */
function rebalanced<Value>(node: Node<Value>): Node<Value> {
  const lean = heightOf(node.left) - heightOf(node.right);
  if (lean > 1) {
    const left = node.left!;
    if (heightOf(left.left) < heightOf(left.right)) node.left = rotatedLeft(left);
    return rotatedRight(node);
  }
  if (lean < -1) {
    const right = node.right!;
    if (heightOf(right.right) < heightOf(right.left)) node.right = rotatedRight(right);
    return rotatedLeft(node);
  }
  summarize(node);
  return node;
}

function rotatedRight<Value>(node: Node<Value>): Node<Value> {
  const top = node.left!;
  node.left = top.right;
  top.right = node;
  summarize(node);
  summarize(top);
  return top;
}

function rotatedLeft<Value>(node: Node<Value>): Node<Value> {
  const top = node.right!;
  node.right = top.left;
  top.left = node;
  summarize(node);
  summarize(top);
  return top;
}

function summarize(node: Node<unknown>): void {
  const { left, right } = node;
  node.height = Math.max(heightOf(left), heightOf(right)) + 1;
  let reach = node.end;
  if (left && left.reach > reach) reach = left.reach;
  if (right && right.reach > reach) reach = right.reach;
  node.reach = reach;
}

function heightOf(node: Node<unknown> | null): number {
  return node ? node.height : 0;
}

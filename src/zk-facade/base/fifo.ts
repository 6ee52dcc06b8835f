const CUT_MIN = 1024;

/** First in, first out, at the same cost however long it is: an array's own `shift` moves all that is behind. */
export class Fifo<Item> {
  #items: (Item | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  get first(): Item | undefined {
    return this.#items[this.#head];
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  shift(): Item | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) this.clear();
    else if (this.#head >= CUT_MIN && this.#head * 2 > this.#items.length) {
      const items = this.#items;
      this.#items = items.slice(this.#head);
      // An array that is dead keeps what is in it until V8 collects all of the heap.
      items.length = 0;
      this.#head = 0;
    }
    return item;
  }

  clear(): void {
    this.#items.length = 0;
    this.#head = 0;
  }
}

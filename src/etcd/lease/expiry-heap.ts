/** A lease's place in the heap. The deadline is the one that was known when it was put there. */
interface Place {
  readonly id: bigint;
  readonly deadlineMs: number;
}

/**
 * Deadlines, the earliest first: a binary heap.
 *
 * A renewal does not touch it. A lease whose old deadline comes to the top is looked at then, and put back with the one
 * that holds by now; so keeping a hundred thousand leases alive costs nothing here.
 */
export class ExpiryHeap {
  readonly #places: Place[] = [];

  get size(): number {
    return this.#places.length;
  }

  get earliestMs(): number {
    return this.#places[0]?.deadlineMs ?? Number.POSITIVE_INFINITY;
  }

  clear(): void {
    this.#places.length = 0;
  }

  push(id: bigint, deadlineMs: number): void {
    const places = this.#places;
    let at = places.length;
    const place = { id, deadlineMs };
    places.push(place);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (places[parent]!.deadlineMs <= deadlineMs) break;
      places[at] = places[parent]!;
      at = parent;
    }
    places[at] = place;
  }

  /** Takes the earliest one out. */
  pop(): bigint | undefined {
    const places = this.#places;
    const first = places[0];
    const last = places.pop();
    if (first === undefined || last === undefined) return undefined;
    if (places.length > 0) this.#sink(last);
    return first.id;
  }

  #sink(place: Place): void {
    const places = this.#places;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= places.length) break;
      if (child + 1 < places.length && places[child + 1]!.deadlineMs < places[child]!.deadlineMs) child++;
      if (places[child]!.deadlineMs >= place.deadlineMs) break;
      places[at] = places[child]!;
      at = child;
    }
    places[at] = place;
  }
}

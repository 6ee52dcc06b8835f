/**
 * What is measured, as plain numbers: an observation costs an addition or two, and no label is looked up. The metrics
 * page reads them when somebody asks for it.
 */

/** A sum that only grows. */
export class Counter {
  value = 0;

  inc(by = 1): void {
    this.value += by;
  }
}

/** A value that goes up and down. */
export class Gauge {
  value = 0;

  set(value: number): void {
    this.value = value;
  }

  add(by: number): void {
    this.value += by;
  }
}

/**
 * How often a value fell into which bucket:
 *
 *   bounds  1   2   4        counts  [..1]  (1..2]  (2..4]  (4..
 */
export class Histogram {
  readonly bounds: readonly number[];
  /** One for each bound and one for what lies above them all; not cumulative. */
  readonly counts: number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    let low = 0;
    let high = this.bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value <= this.bounds[middle]!) high = middle;
      else low = middle + 1;
    }
    this.counts[low]! += 1;
    this.sum += value;
  }
}

/** The same instrument once for each combination of label values. Keep what `with` returns where it is used often. */
export class Family<Instrument> {
  readonly labelNames: readonly string[];
  /** A new one, for no label values: tells what kind the family is of. */
  readonly create: () => Instrument;
  readonly #members = new Map<string, { readonly labelValues: readonly string[]; readonly instrument: Instrument }>();

  constructor(labelNames: readonly string[], create: () => Instrument) {
    this.labelNames = labelNames;
    this.create = create;
  }

  with(...labelValues: string[]): Instrument {
    const key = labelValues.join("\0");
    let member = this.#members.get(key);
    if (member === undefined) {
      member = { labelValues, instrument: this.create() };
      this.#members.set(key, member);
    }
    return member.instrument;
  }

  members(): Iterable<{ readonly labelValues: readonly string[]; readonly instrument: Instrument }> {
    return this.#members.values();
  }
}

/** `count` bounds, each `factor` times the one before. */
export function exponentialBounds(start: number, factor: number, count: number): number[] {
  return Array.from({ length: count }, (_, power) => start * factor ** power);
}

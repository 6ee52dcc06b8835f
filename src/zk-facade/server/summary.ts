/**
 * What ZooKeeper calls a summary: how many values there were, their sum, the smallest and the largest. Values are whole
 * numbers: milliseconds, bytes, counts.
 */
export class Summary {
  count = 0;
  sum = 0;
  #min = Number.MAX_SAFE_INTEGER;
  #max = Number.MIN_SAFE_INTEGER;

  add(value: number): void {
    this.count += 1;
    this.sum += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  /** 0 as long as there was no value; that goes for the maximum and the average, too. */
  get min(): number {
    return this.count === 0 ? 0 : this.#min;
  }

  get max(): number {
    return this.count === 0 ? 0 : this.#max;
  }

  /** Rounded to four decimals, half up. */
  get average(): number {
    return this.count === 0 ? 0 : Math.round((this.sum / this.count) * 1e4) / 1e4;
  }

  reset(): void {
    this.count = 0;
    this.sum = 0;
    this.#min = Number.MAX_SAFE_INTEGER;
    this.#max = Number.MIN_SAFE_INTEGER;
  }
}

/**
 * A summary that knows quantiles, too. ZooKeeper keeps a random sample of the values; this counts all of them, exactly up
 * to 127 and in steps of at most 1/64 of the value above:
 *
 *   value    0  1  …  127   128,129  …  254,255   256..259  …
 *   bucket   0  1  …  127     128    …    191       192     …
 *
 * The buckets are made at the first value: most summaries of a server that stands alone never get one.
 */
export class DetailedSummary extends Summary {
  #counts: Float64Array | null = null;

  override add(value: number): void {
    super.add(value);
    this.#counts ??= new Float64Array(BUCKETS);
    this.#counts[bucketOf(value)]! += 1;
  }

  /**
   * The value below which a share of all values lies, between two values interpolated as ZooKeeper's library does it.
   * 0 when there is none.
   */
  quantile(share: number): number {
    const position = share * (this.count + 1);
    const rank = Math.floor(position);
    if (rank < 1) return this.min;
    if (rank >= this.count) return this.max;
    const lower = this.#valueAt(rank);
    return lower + (position - rank) * (this.#valueAt(rank + 1) - lower);
  }

  override reset(): void {
    super.reset();
    this.#counts = null;
  }

  /** The rank-th smallest value, from 1. */
  #valueAt(rank: number): number {
    const counts = this.#counts;
    if (counts === null) return 0;
    let passed = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      passed += counts[bucket]!;
      // A bucket's lowest value may be less than the smallest there was, never more than the largest.
      if (passed >= rank) return Math.max(this.min, lowestOf(bucket));
    }
    return this.max;
  }
}

const EXACT = 128;
const PER_DOUBLING = 64;
const VALUE_MAX = 2 ** 31 - 1;
const BUCKETS = bucketOf(VALUE_MAX) + 1;

function bucketOf(value: number): number {
  if (value < EXACT) return value < 0 ? 0 : Math.floor(value);
  const bounded = value > VALUE_MAX ? VALUE_MAX : value;
  const doublings = 25 - Math.clz32(bounded);
  return EXACT + (doublings - 1) * PER_DOUBLING + ((bounded >>> doublings) - PER_DOUBLING);
}

function lowestOf(bucket: number): number {
  if (bucket < EXACT) return bucket;
  const doublings = Math.floor((bucket - EXACT) / PER_DOUBLING) + 1;
  return (((bucket - EXACT) % PER_DOUBLING) + PER_DOUBLING) * 2 ** doublings;
}

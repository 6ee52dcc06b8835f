/** A lease as the lessor keeps it. There may be a hundred thousand, so it is one flat object. */
export class Lease {
  readonly id: bigint;
  /** As granted, in seconds. */
  readonly ttl: number;
  /** Seconds left at the last checkpoint; 0 means: nothing was checkpointed, the whole TTL counts. */
  remainingTtl: number;
  /** When it ends; infinite while this member does not lead. */
  expiryMs = Number.POSITIVE_INFINITY;

  /** Where the expiry queue has it: at or before its expiry. */
  queuedMs = Number.POSITIVE_INFINITY;
  /** Its index in the expiry queue, -1 if it is not there. */
  place = -1;
  /** When its remaining time is to be checkpointed next. */
  checkpointMs = Number.POSITIVE_INFINITY;

  /** Most leases have one key or none. */
  #keys: string | Set<string> | null = null;

  constructor(id: bigint, ttl: number, remainingTtl: number) {
    this.id = id;
    this.ttl = ttl;
    this.remainingTtl = remainingTtl;
  }

  /** Whole seconds that count from a promotion on. */
  get secondsLeft(): number {
    return this.remainingTtl > 0 ? this.remainingTtl : this.ttl;
  }

  attach(key: string): void {
    if (this.#keys === null) this.#keys = key;
    else if (typeof this.#keys === "string") this.#keys = new Set([this.#keys, key]);
    else this.#keys.add(key);
  }

  detach(key: string): void {
    if (typeof this.#keys === "string") this.#keys = null;
    else this.#keys?.delete(key);
  }

  /** The attached keys in byte order. */
  get keys(): string[] {
    if (this.#keys === null) return [];
    return typeof this.#keys === "string" ? [this.#keys] : [...this.#keys].sort();
  }
}

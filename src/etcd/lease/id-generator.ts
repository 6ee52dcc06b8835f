/**
 * Ids for requests, and for leases whose client chose none: unique over all members and over restarts.
 *
 *   id := member:16 | milliseconds:40 counter:8        the lowest 16 bits of the member id, then one number of 48 bits
 *
 * The number starts at the boot time and grows by one with each id, so it may run into the milliseconds: a restart
 * still finds fresh ids as long as there were fewer than 256 a millisecond (etcd's idutil.Generator).
 */
export class RequestIds {
  readonly #prefix: bigint;
  #suffix: bigint;

  /** @param wallMs milliseconds since the Unix epoch */
  constructor(memberId: bigint, wallMs: number) {
    this.#prefix = BigInt.asUintN(16, memberId) << 48n;
    this.#suffix = BigInt.asUintN(40, BigInt(Math.floor(wallMs))) << 8n;
  }

  /** A uint64. */
  next(): bigint {
    this.#suffix = BigInt.asUintN(48, this.#suffix + 1n);
    return this.#prefix | this.#suffix;
  }

  /** A lease id is an int64, positive when the server chooses it. */
  nextLeaseId(): bigint {
    for (;;) {
      const id = BigInt.asUintN(63, this.next());
      if (id !== 0n) return id;
    }
  }
}

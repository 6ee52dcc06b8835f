export interface LargeRequestLimits {
  /** A request of more bytes is large; -1: none is. */
  readonly thresholdBytes: number;
  /** Of large requests, together. */
  readonly bytesMax: number;
}

/** How many bytes of large requests wait for their replies, over all connections. */
export class LargeRequests {
  readonly #limits: LargeRequestLimits;
  #bytes = 0;

  constructor(limits: LargeRequestLimits) {
    this.#limits = limits;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** How many bytes a request counts from now on: 0 for one that is not large. Null: there is no room for it. */
  enter(requestBytes: number): number | null {
    const { thresholdBytes, bytesMax } = this.#limits;
    if (thresholdBytes < 0 || requestBytes <= thresholdBytes) return 0;
    if (this.#bytes + requestBytes > bytesMax) return null;
    this.#bytes += requestBytes;
    return requestBytes;
  }

  /** Of requests that have their replies, or get none any more. */
  leave(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** Output buffers of one size, used again once they are written. Shared by the connections of a server. */
export class ChunkPool {
  readonly chunkBytes: number;
  readonly #freeMax: number;
  readonly #free: Buffer[] = [];

  /** Keeps at most `freeMax` buffers that nobody uses. */
  constructor({
    chunkBytes = 32 * 1024,
    freeMax = 256,
  }: { readonly chunkBytes?: number; readonly freeMax?: number } = {}) {
    this.chunkBytes = chunkBytes;
    this.#freeMax = freeMax;
  }

  /** How many buffers wait to be used again. */
  get freeCount(): number {
    return this.#free.length;
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.chunkBytes);
  }

  /** Gives a buffer back. Nobody may write to it or read from it any more. */
  give(chunk: Buffer): void {
    if (this.#free.length < this.#freeMax) this.#free.push(chunk);
  }
}

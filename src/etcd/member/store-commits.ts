import type { MemberCore } from "./member-core.ts";
import { isOutOfSpace } from "./out-of-space.ts";

const RETRY_MS = 500;
/** Batches that wait for the disk before the loop is slowed down, in backend batches. */
const UNCOMMITTED_BATCHES_MAX = 8;

/**
 * The batches of the store on their way to its disk: after an interval, after so many changes, and when somebody asks.
 * A batch that finds no room is kept and tried again; any other failure ends the member.
 */
export class StoreCommits {
  readonly #core: MemberCore;
  /** Told after each batch that reached the disk. */
  readonly #committed: () => void;
  #timer: NodeJS.Timeout | null = null;
  #last: Promise<void> = Promise.resolve();
  #sealedBatches = 0;
  #stalledBy: Error | null = null;

  constructor(core: MemberCore, committed: () => void) {
    this.#core = core;
    this.#committed = committed;
  }

  /** Why the store cannot be committed at the moment, or null. */
  get stalledBy(): Error | null {
    return this.#stalledBy;
  }

  /** After changes: commits them when it is time. Set, the disk cannot keep up: wait before more is taken into memory. */
  applied(): Promise<void> | undefined {
    const { parts, options } = this.#core;
    if (parts.backend.pendingOperations >= options.backendBatchLimit) void this.commit();
    else this.soon();
    return this.#sealedBatches > UNCOMMITTED_BATCHES_MAX ? this.#last : undefined;
  }

  /** Commits within the interval, if there is anything to commit. */
  soon(): void {
    if (this.#timer !== null || !this.#core.replica.isDirty) return;
    this.#timer = setTimeout(() => void this.commit(), this.#core.options.backendBatchIntervalMs);
  }

  /** Runs a slice of background work on the store, when it is open. */
  async slice<Result>(slice: () => Result): Promise<Result> {
    while (this.#core.gate !== null) await this.#core.gate;
    const result = slice();
    this.soon();
    return result;
  }

  /** Seals the present batch; the promise is that of its flush. A batch that the disk refuses is tried again. */
  commit(): Promise<void> {
    this.cancel();
    // While the disk refuses a batch, what follows joins it.
    if (!this.#core.replica.isDirty || this.#stalledBy !== null) return this.#last;
    this.#sealedBatches++;
    this.#last = this.#commitUntilDone().finally(() => this.#sealedBatches--);
    this.#last.then(this.#committed, (error: unknown) => this.#core.fail(error));
    return this.#last;
  }

  /** Forgets the commit that waits for its interval. */
  cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #commitUntilDone(): Promise<void> {
    const { replica, parts } = this.#core;
    for (;;) {
      try {
        await replica.commit();
        if (this.#stalledBy !== null) parts.logger.info("the store commits again");
        this.#stalledBy = null;
        return;
      } catch (error) {
        if (this.#core.isStopped || !isOutOfSpace(error)) throw error;
        if (this.#stalledBy === null) {
          parts.logger.error("failed to commit the store; retrying", { error: String(error) });
        }
        this.#stalledBy = error as Error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}

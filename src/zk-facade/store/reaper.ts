import type { Clock } from "../../etcd/base/clock.ts";
import type { Logger } from "../../etcd/base/logger.ts";
import { planDeleteContainer } from "../ops/delete-container.ts";
import type { PlanContext, RecordTag } from "../ops/plan.ts";
import type { KeySpace } from "../tree/key-space.ts";
import type { ZnodeTree } from "../tree/znode-tree.ts";
import type { WriteOrder } from "./write-pipeline.ts";

export interface ReaperOptions {
  readonly checkIntervalMs: number;
  readonly maxPerMinute: number;
  /** 0: a container that never had a child stays. */
  readonly maxNeverUsedIntervalMs: number;
}

/** What the reaper asks of the facade. */
export interface ReaperHost {
  tree(): ZnodeTree;
  submit(order: WriteOrder): void;
  /** In which the facade's own writes are planned. */
  context(tag: RecordTag): PlanContext;
}

/**
 * Removes containers that are empty again and TTL znodes whose time is over, spread over the minute: ZooKeeper's
 * ContainerManager.
 */
export class Reaper {
  readonly #options: ReaperOptions;
  readonly #keys: KeySpace;
  readonly #host: ReaperHost;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ReaperOptions, keys: KeySpace, host: ReaperHost, clock: Clock, logger: Logger) {
    this.#options = options;
    this.#keys = keys;
    this.#host = host;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Begins to look, now and then, until it is closed. */
  start(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#reap().then(
        () => this.start(),
        (error: unknown) => {
          this.#logger.error("looking for znodes whose time is over failed", { error: String(error) });
          this.start();
        },
      );
    }, this.#options.checkIntervalMs);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #reap(): Promise<void> {
    const { maxPerMinute, maxNeverUsedIntervalMs } = this.#options;
    const intervalMs = 60_000 / Math.max(maxPerMinute, 1);
    for (const path of this.#host.tree().reapable(this.#clock.wallMs(), maxNeverUsedIntervalMs)) {
      if (this.#closed) return;
      this.#logger.info("removing a znode whose time is over", { path });
      const beganMs = this.#clock.nowMs();
      await this.#remove(path);
      const leftMs = intervalMs - (this.#clock.nowMs() - beganMs);
      if (leftMs >= 1) await this.#pause(leftMs);
    }
  }

  /** Once it is closed this does not end, and nothing waits for it. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#closed) this.#timer = setTimeout(resolve, ms);
    });
  }

  /** It was a candidate some time ago: whether it may still go is planned anew. */
  #remove(path: string): Promise<void> {
    const { maxNeverUsedIntervalMs } = this.#options;
    return new Promise((resolve) => {
      this.#host.submit({
        session: null,
        plan: (view, tag) =>
          planDeleteContainer(view, this.#keys, path, this.#host.context(tag), maxNeverUsedIntervalMs),
        done: () => resolve(),
        lost: () => resolve(),
      });
    });
  }
}

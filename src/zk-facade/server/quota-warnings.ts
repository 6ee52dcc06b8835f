import type { Clock } from "../../etcd/base/clock.ts";
import type { Logger } from "../../etcd/base/logger.ts";
import type { Quota } from "../tree/znode.ts";

/** One quota is spoken of once in this time, however much is written under it. */
const PAUSE_MS = 60_000;

/** What a soft limit does, in ZooKeeper and here: it warns the operator, and the write goes on. */
export class QuotaWarnings {
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** By the quota's path, in the clock's milliseconds. */
  readonly #warnedMs = new Map<string, number>();

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Something was written under this quota, which counts it already. */
  check({ path, count, bytes, usedCount, usedBytes }: Quota): void {
    const isOver = (count > -1 && usedCount > count) || (bytes > -1 && usedBytes > bytes);
    if (!isOver) {
      this.#warnedMs.delete(path);
      return;
    }
    const nowMs = this.#clock.nowMs();
    const warnedMs = this.#warnedMs.get(path);
    if (warnedMs !== undefined && nowMs - warnedMs < PAUSE_MS) return;
    this.#warnedMs.set(path, nowMs);
    this.#logger.warn("a quota is exceeded", {
      path,
      count: usedCount,
      "count-limit": count,
      bytes: usedBytes,
      "bytes-limit": bytes,
    });
  }
}

import { QUOTA_PATH } from "./reserved.ts";
import type { Quota } from "./znode.ts";

const utf8 = new TextDecoder();

/** What the data of a limits znode says; -1: no limit. */
export type QuotaLimits = Pick<Quota, "count" | "bytes" | "countHardLimit" | "bytesHardLimit">;

const LIMITS = "/zookeeper_limits";
const STATS = "/zookeeper_stats";
const BELOW = `${QUOTA_PATH}/`;

/** The path that a limits znode limits: /zookeeper/quota/a/zookeeper_limits limits /a. Null for any other znode. */
export function limitedBy(path: string): string | null {
  return quotaPathOf(path, LIMITS);
}

/** The path whose use a stats znode tells. Null for any other znode. */
export function toldBy(path: string): string | null {
  return quotaPathOf(path, STATS);
}

/** The root can have no quota. */
function quotaPathOf(path: string, ending: string): string | null {
  if (!path.startsWith(BELOW) || !path.endsWith(ending)) return null;
  const end = path.length - ending.length;
  return end > QUOTA_PATH.length ? path.slice(QUOTA_PATH.length, end) : null;
}

/**
 * The text of a limits znode, as ZooKeeper's StatsTrack takes it: pairs in any order, what is missing or is no number is
 * no limit. Its own writer leaves a stray "=" behind: `count=5,bytes=-1=;byteHardLimit=-1;countHardLimit=-1`.
 */
export function parseLimits(text: string): QuotaLimits {
  const values = new Map<string, number>();
  for (const pair of text.split(/[,;]+/)) {
    const [key = "", value = ""] = pair.split("=");
    if (/^[+-]?\d{1,19}$/.test(value)) values.set(key, Number(value));
  }
  const limit = (key: string): number => values.get(key) ?? -1;
  return {
    count: limit("count"),
    bytes: limit("bytes"),
    countHardLimit: limit("countHardLimit"),
    bytesHardLimit: limit("byteHardLimit"),
  };
}

/** Of a subtree, its top included. */
export interface Usage {
  count: number;
  bytes: number;
}

interface ActiveQuota {
  readonly limits: QuotaLimits;
  readonly usage: Usage;
}

/**
 * The quotas and what is used of them. A quota is active while its limits znode is visible; its limits are known as long
 * as the data key of that znode exists. The use of a quota is that of its whole subtree, also where another quota
 * lies within: what ZooKeeper finds, too, when it starts and counts anew.
 */
export class QuotaTable {
  readonly #limits = new Map<string, QuotaLimits>();
  readonly #active = new Map<string, ActiveQuota>();

  /** The data of the limits znode of a path; null when it has none any more. Counts from the next activation on. */
  setLimits(path: string, text: Uint8Array | null): void {
    if (text === null) this.#limits.delete(path);
    else this.#limits.set(path, parseLimits(utf8.decode(text)));
  }

  activate(path: string, usage: Usage): void {
    this.#active.set(path, { limits: this.#limits.get(path) ?? parseLimits(""), usage });
  }

  deactivate(path: string): void {
    this.#active.delete(path);
  }

  /** A znode came, went or changed its length: the difference goes to all quotas over it. */
  use(path: string, count: number, bytes: number): void {
    if (this.#active.size === 0) return;
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      const quota = this.#active.get(path.slice(0, end));
      if (quota === undefined) continue;
      quota.usage.count += count;
      quota.usage.bytes += bytes;
    }
  }

  /** The quota with the longest path that is the path or lies above it. */
  over(path: string): Quota | null {
    if (this.#active.size === 0) return null;
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      const on = path.slice(0, end);
      const quota = this.#active.get(on);
      if (quota !== undefined) return asQuota(on, quota);
    }
    return null;
  }

  /** What the stats znode of a path says instead of its data; null where there is no active quota. */
  statsOf(path: string): string | null {
    const usage = this.#active.get(path)?.usage;
    return usage === undefined ? null : `count=${usage.count},bytes=${usage.bytes}`;
  }

  *all(): Generator<Quota, void> {
    for (const [path, quota] of this.#active) yield asQuota(path, quota);
  }
}

function asQuota(path: string, quota: ActiveQuota): Quota {
  return { path, ...quota.limits, usedCount: quota.usage.count, usedBytes: quota.usage.bytes };
}

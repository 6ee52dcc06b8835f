import { crc32c } from "../base/crc32c.ts";
import { isTombstone, mainOf, subOf } from "./revision.ts";
import type { RevisionSet } from "./revision-set.ts";

const bucketHash = crc32c(new TextEncoder().encode("key"));

/** What HashKV answers, and what a compaction leaves behind. */
export interface KeyValueHash {
  /** CRC-32C, unsigned. */
  readonly hash: number;
  /** The compact revision that the hash was computed under; -1 if there was none. */
  readonly compactRevision: number;
  /** The hash covers the history up to this revision. */
  readonly revision: number;
}

/**
 * etcd's hash over the history up to a revision: a CRC-32C over the bucket's name, then key and value of every pair that
 * all members have, however far their compactions are. Pairs go in in the order of their keys.
 */
export class KvHasher {
  readonly #compactRevision: number;
  readonly #revision: number;
  readonly #kept: RevisionSet;
  #hash = bucketHash;

  constructor(compactRevision: number, revision: number, kept: RevisionSet) {
    this.#compactRevision = compactRevision;
    this.#revision = revision;
    this.#kept = kept;
  }

  add(key: Uint8Array, value: Uint8Array): void {
    const main = mainOf(key);
    if (main > this.#revision) return;
    if (main <= this.#compactRevision) {
      // These go when the compaction comes to them, if it was not here yet.
      if (this.#kept.size > 0 && !this.#kept.has(main, subOf(key))) return;
      // Older versions of etcd remove it, newer ones keep it for a watch that starts there.
      if (main === this.#compactRevision && isTombstone(key)) return;
    }
    this.#hash = crc32c(value, crc32c(key, this.#hash));
  }

  result(): KeyValueHash {
    return { hash: this.#hash, compactRevision: this.#compactRevision, revision: this.#revision };
  }
}

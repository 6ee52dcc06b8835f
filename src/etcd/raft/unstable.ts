import { InvariantError } from "../base/assert.ts";
import type { Entry, Snapshot } from "../wire/raftpb.ts";
import { sliceWithin } from "./entry-size.ts";
import type { RaftLogger } from "./logger.ts";
import { metadataOf } from "./snapshots.ts";

/**
 * The end of the log that is not known to be saved: a snapshot, or entries, or both in this order.
 *
 *   saved in Storage | being saved        | not handed out yet |
 *                    ^ offset             ^ offsetInProgress
 *
 * The entries begin at `offset`, which may be below the last saved index: then the next save replaces the saved tail.
 * Invariant: offset <= offsetInProgress <= offset + entries.
 */
export class Unstable {
  readonly #logger: RaftLogger;
  #snapshot: Snapshot | null = null;
  #snapshotInProgress = false;
  #entries: Entry[] = [];
  #offset: number;
  #offsetInProgress: number;

  constructor(offset: number, logger: RaftLogger) {
    this.#offset = offset;
    this.#offsetInProgress = offset;
    this.#logger = logger;
  }

  get offset(): number {
    return this.#offset;
  }

  get offsetInProgress(): number {
    return this.#offsetInProgress;
  }

  get length(): number {
    return this.#entries.length;
  }

  /** The snapshot that waits to be saved or is being saved. */
  get snapshot(): Snapshot | null {
    return this.#snapshot;
  }

  /** The first index of the whole log, if a snapshot here decides it. */
  firstIndex(): number | null {
    return this.#snapshot === null ? null : metadataOf(this.#snapshot).index + 1;
  }

  /** The last index of the whole log, if anything here decides it. */
  lastIndex(): number | null {
    if (this.#entries.length > 0) return this.#offset + this.#entries.length - 1;
    return this.#snapshot === null ? null : metadataOf(this.#snapshot).index;
  }

  term(index: number): number | null {
    if (index >= this.#offset) return this.#entries[index - this.#offset]?.term ?? null;
    if (this.#snapshot === null) return null;
    const metadata = metadataOf(this.#snapshot);
    return metadata.index === index ? metadata.term : null;
  }

  get hasNextEntries(): boolean {
    return this.#offsetInProgress - this.#offset < this.#entries.length;
  }

  /** Entries whose saving has not begun. */
  nextEntries(): Entry[] {
    return this.#entries.slice(this.#offsetInProgress - this.#offset);
  }

  /** The snapshot, if its saving has not begun. */
  nextSnapshot(): Snapshot | null {
    return this.#snapshotInProgress ? null : this.#snapshot;
  }

  /** All that is here has been handed out to be saved. */
  acceptInProgress(): void {
    this.#offsetInProgress = this.#offset + this.#entries.length;
    if (this.#snapshot !== null) this.#snapshotInProgress = true;
  }

  /**
   * Everything up to this entry is saved, and no save under way can still replace it. An entry that has been replaced
   * in the meantime (another term stands at its index) is ignored: the save of its successor will be told of too.
   */
  stableTo(index: number, term: number): void {
    const present = this.term(index);
    if (present === null) {
      this.#logger.info(`entry at index ${index} missing from unstable log; ignoring`);
      return;
    }
    if (index < this.#offset) {
      this.#logger.info(`entry at index ${index} matched unstable snapshot; ignoring`);
      return;
    }
    if (present !== term) {
      this.#logger.info(
        `entry at (index,term)=(${index},${term}) mismatched with entry at (${index},${present}) in unstable log; ignoring`,
      );
      return;
    }
    this.#entries = this.#entries.slice(index + 1 - this.#offset);
    this.#offset = index + 1;
    this.#offsetInProgress = Math.max(this.#offsetInProgress, this.#offset);
  }

  stableSnapshotTo(index: number): void {
    if (this.#snapshot === null || metadataOf(this.#snapshot).index !== index) return;
    this.#snapshot = null;
    this.#snapshotInProgress = false;
  }

  /** Starts over from a snapshot that came from the leader. */
  restore(snapshot: Snapshot): void {
    this.#offset = metadataOf(snapshot).index + 1;
    this.#offsetInProgress = this.#offset;
    this.#entries = [];
    this.#snapshot = snapshot;
    this.#snapshotInProgress = false;
  }

  /** Appends entries without gaps; those that stand at or after the first new index are dropped. */
  truncateAndAppend(entries: readonly Entry[]): void {
    const from = entries[0]!.index;
    if (from <= this.#offset && this.#entries.length + this.#offset !== from) {
      this.#logger.info(`replace the unstable entries from index ${from}`);
      this.#entries = entries.slice();
      this.#offset = from;
      this.#offsetInProgress = from;
      return;
    }
    if (from < this.#offset + this.#entries.length) {
      this.#logger.info(`truncate the unstable entries before index ${from}`);
      this.#entries.length = from - this.#offset;
      this.#offsetInProgress = Math.min(this.#offsetInProgress, from);
    } else {
      this.#checkBounds(this.#offset, from);
    }
    for (const entry of entries) this.#entries.push(entry);
  }

  /** Entries [lo, hi), all of which are here, cut where they would pass `bytesMax` but at least one. */
  slice(lo: number, hi: number, bytesMax: number): Entry[] {
    this.#checkBounds(lo, hi);
    return sliceWithin(this.#entries, lo - this.#offset, hi - this.#offset, bytesMax);
  }

  #checkBounds(lo: number, hi: number): void {
    const end = this.#offset + this.#entries.length;
    if (lo > hi) throw new InvariantError(`invalid unstable.slice ${lo} > ${hi}`);
    if (lo < this.#offset || hi > end) {
      throw new InvariantError(`unstable.slice[${lo},${hi}) out of bound [${this.#offset},${end}]`);
    }
  }
}

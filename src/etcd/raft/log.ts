import { InvariantError } from "../base/assert.ts";
import type { Entry, Snapshot } from "../wire/raftpb.ts";
import { entriesBytes, NO_LIMIT } from "./entry-size.ts";
import type { RaftLogger } from "./logger.ts";
import { metadataOf } from "./snapshots.ts";
import type { Storage } from "./storage.ts";
import { Unstable } from "./unstable.ts";

/** An entry is known by its place and the term of the leader that put it there: no two differ in content only. */
export interface EntryId {
  readonly term: number;
  readonly index: number;
}

/** A piece of the leader's log: entries that follow, without gap, the one named `prev`. */
export interface LogSlice {
  readonly prev: EntryId;
  readonly entries: readonly Entry[];
}

/**
 * The node's whole log: what Storage holds, and behind it what is not saved yet.
 *
 *   Storage ............ | Unstable ..........
 *        applied <= applying <= committed <= last index
 *
 * Invariants: a committed entry is never replaced; `applied` and `committed` never go back.
 */
export class RaftLog {
  readonly #storage: Storage;
  readonly #logger: RaftLogger;
  readonly unstable: Unstable;
  #committed: number;
  /** Handed out to be applied. */
  #applying: number;
  #applied: number;
  /** Limits the bytes that are handed out and not yet applied. */
  readonly #applyingBytesMax: number;
  #applyingBytes = 0;
  #isApplyingPaused = false;

  constructor(storage: Storage, logger: RaftLogger, applyingBytesMax = NO_LIMIT) {
    this.#storage = storage;
    this.#logger = logger;
    this.#applyingBytesMax = applyingBytesMax;
    this.unstable = new Unstable(storage.lastIndex() + 1, logger);
    const compacted = storage.firstIndex() - 1;
    this.#committed = compacted;
    this.#applying = compacted;
    this.#applied = compacted;
  }

  get committed(): number {
    return this.#committed;
  }

  get applied(): number {
    return this.#applied;
  }

  firstIndex(): number {
    return this.unstable.firstIndex() ?? this.#storage.firstIndex();
  }

  lastIndex(): number {
    return this.unstable.lastIndex() ?? this.#storage.lastIndex();
  }

  lastEntryId(): EntryId {
    const index = this.lastIndex();
    const term = this.term(index);
    if (term === null) throw new InvariantError(`unexpected error when getting the last term at ${index}`);
    return { term, index };
  }

  /** The term at an index; null if the entry is compacted (one place before the first is still known) or not there. */
  term(index: number): number | null {
    const term = this.unstable.term(index);
    if (term !== null) return term;
    if (index + 1 < this.firstIndex() || index > this.lastIndex()) return null;
    return this.#storage.term(index);
  }

  matchesTerm(id: EntryId): boolean {
    return this.term(id.index) === id.term;
  }

  /** Raft paper 5.4.1: the log whose last entry has the later term is newer; in one term, the longer one. */
  isUpToDate(their: EntryId): boolean {
    const our = this.lastEntryId();
    return their.term > our.term || (their.term === our.term && their.index >= our.index);
  }

  /**
   * Takes over a piece of the leader's log and its commit index. Null if the piece does not connect to this log;
   * otherwise the last index of the piece, up to which both logs are now equal.
   */
  maybeAppend(slice: LogSlice, committed: number): number | null {
    if (!this.matchesTerm(slice.prev)) return null;
    const last = slice.prev.index + slice.entries.length;
    const conflict = this.#findConflict(slice.entries);
    if (conflict !== null) {
      if (conflict <= this.#committed) {
        throw new InvariantError(`entry ${conflict} conflict with committed entry [committed(${this.#committed})]`);
      }
      this.append(slice.entries.slice(conflict - slice.prev.index - 1));
    }
    this.commitTo(Math.min(committed, last));
    return last;
  }

  /** Appends at the index of the first entry, replacing what stands there; returns the new last index. */
  append(entries: readonly Entry[]): number {
    const first = entries[0];
    if (first !== undefined) {
      if (first.index - 1 < this.#committed) {
        throw new InvariantError(`after(${first.index - 1}) is out of range [committed(${this.#committed})]`);
      }
      this.unstable.truncateAndAppend(entries);
    }
    return this.lastIndex();
  }

  /**
   * The best guess of where this log stops to match another one, of which only one entry (index, term) is known: the
   * highest place up to that index whose term is not above that term. With it, leader and follower skip a whole term
   * of diverging entries per message. Term 0 says that the term of the place is not known.
   */
  findConflictByTerm(index: number, term: number): EntryId {
    for (let guess = index; guess > 0; guess--) {
      const ours = this.term(guess);
      if (ours === null) return { index: guess, term: 0 };
      if (ours <= term) return { index: guess, term: ours };
    }
    return { index: 0, term: 0 };
  }

  /** Entries from `index` on; null if it has been compacted. */
  entriesFrom(index: number, bytesMax: number): Entry[] | null {
    const last = this.lastIndex();
    return index > last ? [] : this.slice(index, last + 1, bytesMax);
  }

  /** Committed entries to apply now. An entry may be committed before it is saved here: `allowUnstable` includes it. */
  nextCommitted(allowUnstable: boolean): Entry[] {
    if (!this.hasNextCommitted(allowUnstable)) return [];
    const [lo, hi] = [this.#applying + 1, this.#maxAppliable(allowUnstable) + 1];
    const bytesMax = this.#applyingBytesMax - this.#applyingBytes;
    if (bytesMax <= 0) {
      throw new InvariantError(
        `applying entry size (${this.#applyingBytesMax}-${this.#applyingBytes})=${bytesMax} not positive`,
      );
    }
    const entries = this.slice(lo, hi, bytesMax);
    if (entries === null) throw new InvariantError(`unapplied entries [${lo}, ${hi}) are compacted`);
    return entries;
  }

  hasNextCommitted(allowUnstable: boolean): boolean {
    // A snapshot that is still to be applied comes before all entries.
    if (this.#isApplyingPaused || this.unstable.snapshot !== null) return false;
    return this.#applying < this.#maxAppliable(allowUnstable);
  }

  /** These entries have been handed out to be applied. Pauses the hand-out when enough is under way. */
  acceptApplying(entries: readonly Entry[], allowUnstable: boolean): void {
    const index = entries.at(-1)!.index;
    if (this.#committed < index) {
      throw new InvariantError(
        `applying(${index}) is out of range [prevApplying(${this.#applying}), committed(${this.#committed})]`,
      );
    }
    this.#applying = index;
    this.#applyingBytes += entriesBytes(entries);
    // Fewer entries than there were to apply: the next one did not fit.
    this.#isApplyingPaused = this.#applyingBytes >= this.#applyingBytesMax || index < this.#maxAppliable(allowUnstable);
  }

  /** Everything up to this index is applied; `bytes` of what was handed out are no longer under way. */
  appliedTo(index: number, bytes: number): void {
    if (this.#committed < index || index < this.#applied) {
      throw new InvariantError(
        `applied(${index}) is out of range [prevApplied(${this.#applied}), committed(${this.#committed})]`,
      );
    }
    this.#applied = index;
    this.#applying = Math.max(this.#applying, index);
    this.#applyingBytes = Math.max(0, this.#applyingBytes - bytes);
    this.#isApplyingPaused = this.#applyingBytes >= this.#applyingBytesMax;
  }

  commitTo(index: number): void {
    if (index <= this.#committed) return;
    if (index > this.lastIndex()) {
      throw new InvariantError(
        `tocommit(${index}) is out of range [lastIndex(${this.lastIndex()})]. ` +
          "Was the raft log corrupted, truncated, or lost?",
      );
    }
    this.#committed = index;
  }

  /** Commits up to `id` if it is news and the entry has that term. True if the commit index moved. */
  maybeCommit(id: EntryId): boolean {
    if (id.term === 0 || id.index <= this.#committed || !this.matchesTerm(id)) return false;
    this.commitTo(id.index);
    return true;
  }

  snapshot(): Snapshot | null {
    return this.unstable.snapshot ?? this.#storage.snapshot();
  }

  restore(snapshot: Snapshot): void {
    const { index, term } = metadataOf(snapshot);
    this.#logger.info(`log [${this.toString()}] starts to restore snapshot [index: ${index}, term: ${term}]`);
    this.#committed = index;
    this.unstable.restore(snapshot);
  }

  /** Calls `visit` with the entries [lo, hi), a page at a time, until it returns false. */
  scan(lo: number, hi: number, visit: (entries: readonly Entry[]) => boolean): void {
    for (let next = lo; next < hi;) {
      const page = this.slice(next, hi, this.#applyingBytesMax);
      if (page === null || page.length === 0) {
        throw new InvariantError(`error scanning unapplied entries [${lo}, ${hi}): got 0 entries from ${next}`);
      }
      if (!visit(page)) return;
      next += page.length;
    }
  }

  /** Entries [lo, hi), cut where they would pass `bytesMax` but at least one; null if `lo` has been compacted. */
  slice(lo: number, hi: number, bytesMax: number): Entry[] | null {
    if (lo > hi) throw new InvariantError(`invalid slice ${lo} > ${hi}`);
    if (lo < this.firstIndex()) return null;
    if (hi > this.lastIndex() + 1) {
      throw new InvariantError(`slice[${lo},${hi}) out of bound [${this.firstIndex()},${this.lastIndex()}]`);
    }
    if (lo === hi) return [];
    const offset = this.unstable.offset;
    if (lo >= offset) return this.unstable.slice(lo, hi, bytesMax);

    const cut = Math.min(hi, offset);
    const saved = this.#storage.entries(lo, cut, bytesMax);
    // Shorter than asked for: Storage cut it by size, so nothing of the unstable part fits either.
    if (saved === null || hi <= offset || saved.length < cut - lo) return saved;
    const bytes = bytesMax === NO_LIMIT ? 0 : entriesBytes(saved);
    if (bytes >= bytesMax) return saved;
    const unsaved = this.unstable.slice(offset, hi, bytesMax - bytes);
    // A single entry may be larger than what is left.
    if (unsaved.length === 1 && bytesMax !== NO_LIMIT && bytes + entriesBytes(unsaved) > bytesMax) return saved;
    return saved.concat(unsaved);
  }

  toString(): string {
    return (
      `committed=${this.#committed}, applied=${this.#applied}, applying=${this.#applying}, ` +
      `unstable.offset=${this.unstable.offset}, unstable.offsetInProgress=${this.unstable.offsetInProgress}, ` +
      `len(unstable.Entries)=${this.unstable.length}`
    );
  }

  #maxAppliable(allowUnstable: boolean): number {
    return allowUnstable ? this.#committed : Math.min(this.#committed, this.unstable.offset - 1);
  }

  /** The first of the entries that this log does not hold; null if it holds them all. */
  #findConflict(entries: readonly Entry[]): number | null {
    for (const entry of entries) {
      const existing = this.term(entry.index);
      if (existing === entry.term) continue;
      if (entry.index <= this.lastIndex()) {
        this.#logger.info(
          `found conflict at index ${entry.index} [existing term: ${existing ?? 0}, conflicting term: ${entry.term}]`,
        );
      }
      return entry.index;
    }
    return null;
  }
}

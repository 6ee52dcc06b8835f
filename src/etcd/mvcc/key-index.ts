import { assert } from "../base/assert.ts";
import { formatRevision, type Revision } from "./revision.ts";
import type { RevisionSet } from "./revision-set.ts";

/**
 * All revisions of one key that are not compacted away, oldest first, cut into generations.
 * A put opens a generation or goes on with it, a tombstone (t) closes it:
 *
 *   put@2 put@4 delete@6 put@8   →   {2 4 6t} {8}
 *
 * Invariant: revisions strictly increase, also across generations.
 *
 * There is one of these for each key of the store, a million and more, and nearly all of them hold one revision. So the
 * newest revision lies in plain fields, and only a key with a longer history has an array, of numbers, for the rest:
 *
 *   older   [main, sub, main, sub, ...]     sub is ~sub for a tombstone
 *
 * Create revision and version are known for the newest generation only, and so is whether its last put had a lease. The
 * stored KeyValue has them for every revision; what the store must know without reading it is what the next put
 * continues, and what a range of keys without values is answered from.
 *
 * Positions count revisions from the oldest, 0, to the newest.
 */
export class KeyIndex {
  #main: number;
  #sub: number;
  #createRevision: number;
  /** Negative if the last put had a lease. */
  #version: number;
  #older: number[] | null = null;

  private constructor(main: number, markedSub: number, createRevision: number, markedVersion: number) {
    this.#main = main;
    this.#sub = markedSub;
    this.#createRevision = createRevision;
    this.#version = markedVersion;
  }

  /** A key that was never seen is put. */
  static created(main: number, sub: number, hasLease = false): KeyIndex {
    return new KeyIndex(main, sub, main, hasLease ? -1 : 1);
  }

  /** The oldest revision of a key that the disk still has: a put. What went before was compacted. */
  static restored(main: number, sub: number, createRevision: number, version: number, hasLease = false): KeyIndex {
    return new KeyIndex(main, sub, createRevision, hasLease ? -version : version);
  }

  /** The oldest revision of a key that the disk still has: a tombstone. Nobody will ask when that life began. */
  static restoredTombstone(main: number, sub: number): KeyIndex {
    return new KeyIndex(main, ~sub, 0, 0);
  }

  /** The newest revision, a tombstone's too. */
  get main(): number {
    return this.#main;
  }

  get sub(): number {
    return unmark(this.#sub);
  }

  get isAlive(): boolean {
    return this.#sub >= 0;
  }

  /** Of the newest generation. */
  get createRevision(): number {
    return this.#createRevision;
  }

  /** How many puts the newest generation has had, those before a compaction included. */
  get version(): number {
    return Math.abs(this.#version);
  }

  /** Whether the newest put had one. */
  get hasLease(): boolean {
    return this.#version < 0;
  }

  put(main: number, sub: number, hasLease = false): void {
    let version = 1;
    if (this.isAlive) version = this.version + 1;
    else this.#createRevision = main;
    this.#version = hasLease ? -version : version;
    this.#append(main, sub);
  }

  /** Closes the generation. False, and nothing happens, if there is none open. */
  tombstone(main: number, sub: number): boolean {
    if (!this.isAlive) return false;
    this.#append(main, ~sub);
    return true;
  }

  /** The position of the revision that a reader at `atRevision` sees, -1 if the key does not exist there. */
  find(atRevision: number): number {
    const position = this.#lastUpTo(atRevision);
    return position >= 0 && this.#markedSubAt(position) >= 0 ? position : -1;
  }

  isNewest(position: number): boolean {
    return position === this.#newestPosition;
  }

  mainAt(position: number): number {
    const older = this.#older;
    return older === null || position * 2 === older.length ? this.#main : older[position * 2]!;
  }

  subAt(position: number): number {
    return unmark(this.#markedSubAt(position));
  }

  /**
   * The revisions not before `revision`, tombstones included, oldest first. Of several in one transaction only the last:
   * nobody outside sees the others.
   */
  since(revision: number): Revision[] {
    const found: Revision[] = [];
    const newest = this.#newestPosition;
    for (let position = this.#lastUpTo(revision - 1) + 1; position <= newest; position++) {
      const main = this.mainAt(position);
      if (position < newest && this.mainAt(position + 1) === main) continue;
      found.push({ main, sub: this.subAt(position) });
    }
    return found;
  }

  /**
   * Forgets what no reader at `atRevision` or later can see, and adds to `kept` the revisions not after `atRevision` that
   * stay. The tombstone of a delete at exactly `atRevision` stays, for a watch that starts there.
   *
   * @returns true if nothing is left, and the key may be forgotten
   */
  compact(atRevision: number, kept: RevisionSet): boolean {
    const last = this.#lastUpTo(atRevision);
    if (last < 0) return false;
    const main = this.mainAt(last);
    if (this.#markedSubAt(last) >= 0 || main === atRevision) {
      // One transaction may delete a key and put it again (a delete to "\0" slips through the check for duplicates).
      // There etcd keeps the tombstone and forgets the put, and dies when the key is read. Here the last word counts.
      kept.add(main, this.subAt(last));
      this.#dropBefore(last);
      return false;
    }
    if (last === this.#newestPosition) return true;
    this.#dropBefore(last + 1);
    return false;
  }

  /**
   * Adds to `kept` what a hash at `atRevision` covers of the history up to `compactRevision`: what `compact` would keep,
   * without tombstones, as members of older versions did not keep those and all must agree.
   */
  keep(atRevision: number, compactRevision: number, kept: RevisionSet): void {
    const last = this.#lastUpTo(atRevision);
    if (last < 0 || this.#markedSubAt(last) < 0) return;
    // A key that was deleted and put again at this very revision is none that etcd would keep. It matters when nothing
    // else is kept either, as then the hash covers all there is. Past the compaction there the put is all that is left.
    if (atRevision > compactRevision && this.#wasDeletedAt(atRevision, last)) return;
    kept.add(this.mainAt(last), this.subAt(last));
  }

  /** `{2.0 4.0 6.0t} {8.0}`: for people. */
  toString(): string {
    let text = "{";
    for (let position = 0; position <= this.#newestPosition; position++) {
      const isTombstone = this.#markedSubAt(position) < 0;
      text += formatRevision(this.mainAt(position), this.subAt(position), isTombstone);
      if (position < this.#newestPosition) text += isTombstone ? "} {" : " ";
    }
    return text + "}";
  }

  get #newestPosition(): number {
    return this.#older === null ? 0 : this.#older.length / 2;
  }

  #append(main: number, markedSub: number): void {
    assert(main > this.#main || (main === this.#main && unmark(markedSub) > this.sub), "a revision goes back");
    this.#older ??= [];
    this.#older.push(this.#main, this.#sub);
    this.#main = main;
    this.#sub = markedSub;
  }

  #markedSubAt(position: number): number {
    const older = this.#older;
    return older === null || position * 2 === older.length ? this.#sub : older[position * 2 + 1]!;
  }

  /** The position of the last revision not after `revision`, -1 if there is none. */
  #lastUpTo(revision: number): number {
    const newest = this.#newestPosition;
    if (this.#main <= revision) return newest;
    const older = this.#older;
    if (older === null) return -1;
    let low = 0;
    let high = newest;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (older[middle * 2]! <= revision) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Whether there is a tombstone at exactly `revision`; `last` is the last position up to it. */
  #wasDeletedAt(revision: number, last: number): boolean {
    for (let position = last; position >= 0 && this.mainAt(position) === revision; position--) {
      if (this.#markedSubAt(position) < 0) return true;
    }
    return false;
  }

  #dropBefore(position: number): void {
    if (position === 0) return;
    // A fresh array, so that a long history does not leave its room behind.
    this.#older = position === this.#newestPosition ? null : this.#older!.slice(position * 2);
  }
}

function unmark(sub: number): number {
  return sub < 0 ? ~sub : sub;
}

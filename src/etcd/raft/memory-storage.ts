import { InvariantError } from "../base/assert.ts";
import { newConfState, newEntry, newHardState, newSnapshot, newSnapshotMetadata } from "../wire/raftpb.ts";
import type { ConfState, Entry, HardState, Snapshot } from "../wire/raftpb.ts";
import { sliceWithin } from "./entry-size.ts";
import { RaftError } from "./errors.ts";
import { confStateOf, metadataOf } from "./snapshots.ts";
import type { Storage } from "./storage.ts";

/**
 * A log in memory, for tests and as the readable side of a log that is also on disk.
 *
 *   #entries[0]  marks where the log begins: index and term of the last compacted entry, no data
 *   #entries[i]  has index #entries[0].index + i
 */
export class MemoryStorage implements Storage {
  #hardState: HardState = newHardState();
  #snapshot: Snapshot = newSnapshot({ metadata: newSnapshotMetadata({ confState: newConfState() }) });
  #entries: Entry[] = [newEntry()];

  initialState(): { hardState: HardState; confState: ConfState } {
    return { hardState: this.#hardState, confState: confStateOf(this.#snapshot) };
  }

  setHardState(hardState: HardState): void {
    this.#hardState = hardState;
  }

  entries(lo: number, hi: number, bytesMax: number): Entry[] | null {
    const offset = this.#offset();
    if (lo <= offset) return null;
    if (hi > this.lastIndex() + 1) {
      throw new InvariantError(`entries' hi(${hi}) is out of bound lastindex(${this.lastIndex()})`);
    }
    return sliceWithin(this.#entries, lo - offset, hi - offset, bytesMax);
  }

  term(index: number): number | null {
    const offset = this.#offset();
    if (index < offset || index > this.lastIndex()) return null;
    return this.#entries[index - offset]!.term;
  }

  firstIndex(): number {
    return this.#offset() + 1;
  }

  lastIndex(): number {
    return this.#offset() + this.#entries.length - 1;
  }

  snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Adds entries; those that are compacted already are left out, those that stand at their indexes are replaced. */
  append(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    const first = this.firstIndex();
    const compacted = Math.max(0, first - entries[0]!.index);
    if (compacted >= entries.length) return;

    const position = entries[compacted]!.index - this.#offset();
    if (position > this.#entries.length) {
      throw new InvariantError(
        `missing log entry [last: ${this.lastIndex()}, append at: ${entries[compacted]!.index}]`,
      );
    }
    this.#entries.length = position;
    for (let at = compacted; at < entries.length; at++) this.#entries.push(entries[at]!);
  }

  /** Forgets the entries up to and including this index. The owner must have applied them. */
  compact(index: number): void {
    const offset = this.#offset();
    if (index <= offset) throw new RaftError("compacted");
    if (index > this.lastIndex()) {
      throw new InvariantError(`compact ${index} is out of bound lastindex(${this.lastIndex()})`);
    }
    const position = index - offset;
    const mark = newEntry({ index, term: this.#entries[position]!.term });
    this.#entries = [mark, ...this.#entries.slice(position + 1)];
  }

  /** Makes a snapshot of the state at this index; the log stays as it is until it is compacted. */
  createSnapshot(index: number, confState: ConfState | null, data: Uint8Array): Snapshot {
    const present = metadataOf(this.#snapshot);
    if (index <= present.index) throw new RaftError("snapshotOutOfDate");
    if (index > this.lastIndex()) {
      throw new InvariantError(`snapshot ${index} is out of bound lastindex(${this.lastIndex()})`);
    }
    this.#snapshot = newSnapshot({
      data,
      metadata: newSnapshotMetadata({ index, term: this.term(index)!, confState: confState ?? present.confState }),
    });
    return this.#snapshot;
  }

  /** Replaces everything by a snapshot that came from elsewhere. */
  applySnapshot(snapshot: Snapshot): void {
    const { index, term } = metadataOf(snapshot);
    if (index <= metadataOf(this.#snapshot).index) throw new RaftError("snapshotOutOfDate");
    this.#snapshot = snapshot;
    this.#entries = [newEntry({ index, term })];
  }

  #offset(): number {
    return this.#entries[0]!.index;
  }
}

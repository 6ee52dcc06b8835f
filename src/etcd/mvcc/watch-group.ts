import { assert } from "../base/assert.ts";
import { IntervalTree } from "./watch-interval-tree.ts";
import type { HubStream } from "./watch-hub-stream.ts";

/**
 * synced     gets each write as it happens
 * unsynced   is behind and reads history
 * victim     is behind, and its stream has no room for what it should get
 * compacted  was told that its history is gone; keeps its id until the client cancels it
 * gone       cancelled, or its stream is closed
 */
export type WatcherState = "synced" | "unsynced" | "victim" | "compacted" | "gone";

/** One watch of one stream: which keys, from which revision, and how far it got. */
export class Watcher {
  readonly stream: HubStream;
  readonly id: bigint;
  readonly key: string;
  /** Exclusive; null for the one key alone. */
  readonly end: string | null;
  /** As asked; 0 means from now on. */
  readonly startRevision: number;
  /** Which view of the events it wants, one of `watch-events.ts`. */
  readonly view: number;

  /** The first revision that it has not been given. Below it nothing is owed. */
  minRevision: number;
  state: WatcherState = "gone";

  /** The list it stands in, and its neighbours there. */
  list: WatcherList | null = null;
  next: Watcher | null = null;
  previous: Watcher | null = null;

  constructor(stream: HubStream, id: bigint, spec: WatchSpec, view: number, minRevision: number) {
    this.stream = stream;
    this.id = id;
    this.key = spec.key;
    this.end = spec.end;
    this.startRevision = spec.startRevision;
    this.view = view;
    this.minRevision = minRevision;
  }
}

/** What a client may say about a watch. Keys are latin1 strings. */
export interface WatchSpec {
  readonly key: string;
  /** Exclusive; null for the one key alone, `END_OF_KEYS` for all keys from `key` on. */
  readonly end: string | null;
  /** 0: what happens from now on. */
  readonly startRevision: number;
  readonly prevKv: boolean;
  readonly noPut: boolean;
  readonly noDelete: boolean;
}

/** Watchers in a row, linked through themselves: one pointer each, and leaving costs the same as joining. */
export class WatcherList {
  first: Watcher | null = null;
  #last: Watcher | null = null;
  size = 0;

  push(watcher: Watcher): void {
    assert(watcher.list === null, "a watcher stands in one list at a time");
    watcher.list = this;
    watcher.previous = this.#last;
    if (this.#last) this.#last.next = watcher;
    else this.first = watcher;
    this.#last = watcher;
    this.size += 1;
  }

  remove(watcher: Watcher): void {
    assert(watcher.list === this, "a watcher leaves the list it stands in");
    const { next, previous } = watcher;
    if (previous) previous.next = next;
    else this.first = next;
    if (next) next.previous = previous;
    else this.#last = previous;
    watcher.list = null;
    watcher.next = null;
    watcher.previous = null;
    this.size -= 1;
  }

  /** Visits each watcher; the visit may take that watcher, and no other, out of the list. */
  forEach(visit: (watcher: Watcher) => void): void {
    for (let watcher = this.first; watcher;) {
      const next: Watcher | null = watcher.next;
      visit(watcher);
      watcher = next;
    }
  }
}

/** The watchers of one group that watch exactly the same keys: what one gets, all get. */
export class WatchedRange extends WatcherList {
  readonly group: WatcherGroup;
  readonly start: string;
  readonly end: string | null;

  constructor(group: WatcherGroup, start: string, end: string | null) {
    super();
    this.group = group;
    this.start = start;
    this.end = end;
  }
}

/** Watchers by what they watch: single keys in a map, ranges in an interval tree. */
export class WatcherGroup {
  readonly #keys = new Map<string, WatchedRange>();
  readonly #ranges = new IntervalTree<WatchedRange>();
  #size = 0;

  /** How many watchers. */
  get size(): number {
    return this.#size;
  }

  add(watcher: Watcher): void {
    this.#rangeOf(watcher.key, watcher.end).push(watcher);
    this.#size += 1;
  }

  remove(watcher: Watcher): void {
    const range = watcher.list;
    assert(range instanceof WatchedRange && range.group === this, "a watcher leaves the group it stands in");
    range.remove(watcher);
    this.#size -= 1;
    if (range.size > 0) return;
    if (range.end === null) this.#keys.delete(range.start);
    else this.#ranges.delete(range.start, range.end);
  }

  /** Appends to `found` every watched range that holds this key. */
  rangesAt(key: string, found: WatchedRange[]): void {
    const single = this.#keys.get(key);
    if (single) found.push(single);
    if (this.#ranges.size > 0) this.#ranges.at(key, found);
  }

  /** Visits each range until the visit returns false; the visit may empty that range and add others. */
  forEachRange(visit: (range: WatchedRange) => boolean): void {
    for (const range of this.#keys.values()) if (!visit(range)) return;
    if (this.#ranges.size === 0) return;
    for (const range of this.#ranges.values()) if (!visit(range)) return;
  }

  /** Visits each watcher; the visit may take that watcher out. */
  forEach(visit: (watcher: Watcher) => void): void {
    this.forEachRange((range) => {
      range.forEach(visit);
      return true;
    });
  }

  #rangeOf(start: string, end: string | null): WatchedRange {
    const known = end === null ? this.#keys.get(start) : this.#ranges.get(start, end);
    if (known) return known;
    const range = new WatchedRange(this, start, end);
    if (end === null) this.#keys.set(start, range);
    else this.#ranges.set(start, end, range);
    return range;
  }
}

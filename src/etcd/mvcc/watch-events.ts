import { decodeKeyValue, Event_EventType, type Event, type KeyValue } from "../wire/mvccpb.ts";
import type { WatchChange, WatchSource } from "./watch-source.ts";

/**
 * What of an event a watcher wants to see, as bits: watchers of the same keys and the same view share their events.
 */
export const view = { noPut: 1, noDelete: 2, prevKv: 4 } as const;

/** How many views there are. */
const viewCount = 8;

/** For the memory accounts: what an event costs besides its key and value. */
const eventOverheadBytes = 128;

/** One change, on its way to watchers. The event objects in it are made once and shared by all of them. */
export class Change {
  /** The revision that made it. */
  readonly main: number;
  readonly event: Event;
  /** About what it holds in memory. */
  readonly bytes: number;
  #withPrevious: Event | undefined;
  #alone: EventRun | undefined;

  constructor(main: number, event: Event, bytes: number) {
    this.main = main;
    this.event = event;
    this.bytes = bytes;
  }

  /** From a write that was just applied. */
  static applied(main: number, { type, kv, prevKv }: WatchChange): Change {
    const change = new Change(main, { type, kv, prevKv: null }, kv.key.length + kv.value.length + eventOverheadBytes);
    if (prevKv !== undefined) change.#withPrevious = prevKv ? { type, kv, prevKv } : change.event;
    return change;
  }

  /** From a stored pair, which is borrowed and therefore copied. */
  static stored(main: number, tombstone: boolean, kvBytes: Uint8Array): Change {
    const kv = decodeKeyValue(Buffer.from(kvBytes));
    // A tombstone stores the key alone; its revision stands in the backend's key.
    if (tombstone) kv.modRevision = main;
    const type = tombstone ? Event_EventType.DELETE : Event_EventType.PUT;
    return new Change(main, { type, kv, prevKv: null }, kvBytes.length + eventOverheadBytes);
  }

  /** The event with the pair before it, if there was one and it is not compacted. */
  withPrevious(source: WatchSource): Event {
    this.#withPrevious ??= eventWith(this.event, previousOf(this.event, source));
    return this.#withPrevious;
  }

  /** The run of this change alone: whoever gets one change gets the same array. */
  get alone(): EventRun {
    this.#alone ??= new EventRun([this]);
    return this.#alone;
  }
}

/**
 * Changes in the order of their revisions, and the arrays of events that watchers with different views get of them.
 * An array is made once for each view, so its identity says: the same events (see `wire/shared-events.ts`).
 */
export class EventRun {
  readonly changes: readonly Change[];
  /** What a watcher without filters gets, as nearly all are. */
  #plain: Event[] | null = null;
  /** By the other views. */
  #byView: (Event[] | undefined)[] | null = null;
  #tail: EventRun | undefined;
  #tailFrom = 0;

  /** @param changes at least one */
  constructor(changes: readonly Change[]) {
    this.changes = changes;
  }

  get firstRevision(): number {
    return this.changes[0]!.main;
  }

  get lastRevision(): number {
    return this.changes[this.changes.length - 1]!.main;
  }

  /** The part of it from this revision on, or null if nothing is left. */
  from(revision: number): EventRun | null {
    if (this.firstRevision >= revision) return this;
    if (this.lastRevision < revision) return null;
    // Watchers that joined late mostly joined together: remember the last answer.
    if (!this.#tail || this.#tailFrom !== revision) {
      this.#tail = new EventRun(this.changes.filter((change) => change.main >= revision));
      this.#tailFrom = revision;
    }
    return this.#tail;
  }

  /** What a watcher with this view gets; empty if its filters leave nothing. Shared: not to be altered. */
  events(wanted: number, source: WatchSource): Event[] {
    const known = wanted === 0 ? this.#plain : this.#byView?.[wanted];
    if (known) return known;
    const events: Event[] = [];
    for (const change of this.changes) {
      const filter = change.event.type === Event_EventType.DELETE ? view.noDelete : view.noPut;
      if ((wanted & filter) !== 0) continue;
      events.push((wanted & view.prevKv) === 0 ? change.event : change.withPrevious(source));
    }
    if (wanted === 0) this.#plain = events;
    else (this.#byView ??= new Array<undefined>(viewCount).fill(undefined))[wanted] = events;
    return events;
  }
}

/** The run of these changes, at least one. */
export function runOf(changes: readonly Change[]): EventRun {
  return changes.length === 1 ? changes[0]!.alone : new EventRun(changes);
}

/** A create has no pair before it, also not when the key existed once and was deleted. */
function previousOf({ type, kv }: Event, source: WatchSource): KeyValue | null {
  if (!kv) return null;
  if (type === Event_EventType.PUT && kv.createRevision === kv.modRevision) return null;
  return source.valueAt(kv.key, kv.modRevision - 1);
}

function eventWith(event: Event, prevKv: KeyValue | null): Event {
  return prevKv ? { type: event.type, kv: event.kv, prevKv } : event;
}

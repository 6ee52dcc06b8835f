import { assert } from "../base/assert.ts";
import { CatchUp, type CatchUpHost, type CatchUpLimits } from "./watch-catch-up.ts";
import { Change, runOf, type EventRun } from "./watch-events.ts";
import { WatcherGroup, type WatchedRange, type Watcher, type WatcherState } from "./watch-group.ts";
import { HubStream, type WatchOutlet } from "./watch-hub-stream.ts";
import { keyText } from "./key-text.ts";
import type { WatchChange, WatchSource } from "./watch-source.ts";

export interface WatchHubLimits extends CatchUpLimits {
  /** A watcher that is behind by no more than this does not wait for one that reads a long history. */
  readonly nearRevisions: number;
}

export const defaultWatchHubLimits: WatchHubLimits = {
  responseRevisionsMax: 1000,
  responseBytesMax: 1024 * 1024,
  pendingBytesMax: 8 * 1024 * 1024,
  nearRevisions: 10_000,
};

/**
 * All watchers of a store (etcd's watchableStore). A write reaches the synced ones at once; the others read history:
 *
 *              notify: no room                  roomMade
 *    synced ───────────────────▶ victim ◀──────────────────▶ unsynced ──▶ compacted
 *       ▲                                      no room           │   history is gone
 *       └────────────────────────────────────────────────────────┘
 *                              has seen everything
 *
 * A victim keeps no events: only the first revision that it is owed. So a client that does not read costs the memory of
 * its outlet and no more, and nothing is dropped.
 *
 * Invariants: a watcher gets each revision once and whole, in order; a synced watcher is owed nothing.
 */
export class WatchHub {
  readonly #source: WatchSource;
  readonly #synced = new WatcherGroup();
  /** Short histories and long ones are read in turns, so that the short ones need not wait. */
  readonly #near: CatchUp;
  readonly #far: CatchUp;
  readonly #nearRevisions: number;
  /** Streams with victims. */
  readonly #blocked = new Set<HubStream>();
  /** Closed streams whose watchers are not all gone yet. */
  readonly #closing = new Set<HubStream>();
  #streams = 0;
  #watchers = 0;
  #victims = 0;
  #revision: number;
  #farIsNext = false;
  /** Of the change being told. */
  readonly #found: WatchedRange[] = [];

  constructor(source: WatchSource, limits: WatchHubLimits = defaultWatchHubLimits) {
    const host: CatchUpHost = {
      deliver: (watcher, run) => this.#deliver(watcher, run, this.#revision),
      caughtUp: (watcher) => this.#move(watcher, "synced"),
      overtaken: (watcher, compactRevision) => this.#cancelCompacted(watcher, compactRevision),
    };
    this.#source = source;
    this.#near = new CatchUp(source, host, limits);
    this.#far = new CatchUp(source, host, limits);
    this.#nearRevisions = limits.nearRevisions;
    this.#revision = source.currentRevision;
  }

  /** The last write that watchers were told of. */
  get revision(): number {
    return this.#revision;
  }

  /** For the metrics: open streams, watchers, and how many of these are behind. */
  get counts(): { readonly streams: number; readonly watchers: number; readonly slowWatchers: number } {
    const slowWatchers = this.#near.size + this.#far.size + this.#victims;
    return { streams: this.#streams, watchers: this.#watchers, slowWatchers };
  }

  /** Whether `syncSlice()` has anything to do. */
  get hasWork(): boolean {
    return this.#near.size > 0 || this.#far.size > 0 || this.#closing.size > 0;
  }

  openStream(outlet: WatchOutlet): HubStream {
    this.#streams += 1;
    return new HubStream(this, outlet);
  }

  /** Tells the synced watchers of a write, right after it was applied. Every write is told, in order. */
  notify(revision: number, changes: readonly WatchChange[]): void {
    assert(revision > this.#revision, "writes are told in order");
    this.#revision = revision;
    if (this.#synced.size === 0) return;
    // All changes of most writes are in the same range: a map is made for the others only.
    let only: WatchedRange | null = null;
    const ofOnly: Change[] = [];
    let byRange: Map<WatchedRange, Change[]> | null = null;
    const found = this.#found;
    for (const applied of changes) {
      // Popped and not cut off, so that it keeps its room.
      while (found.length > 0) found.pop();
      this.#synced.rangesAt(keyText(applied.kv.key), found);
      if (found.length === 0) continue;
      const change = Change.applied(revision, applied);
      if (changes.length === 1) {
        for (const range of found) this.#tell(range, change.alone);
        return;
      }
      for (const range of found) {
        only ??= range;
        if (range === only) {
          ofOnly.push(change);
          continue;
        }
        const already = (byRange ??= new Map<WatchedRange, Change[]>()).get(range);
        if (already) already.push(change);
        else byRange.set(range, [change]);
      }
    }
    if (only !== null) this.#tell(only, runOf(ofOnly));
    if (byRange !== null) for (const [range, its] of byRange) this.#tell(range, runOf(its));
  }

  /**
   * One slice of what waits: history for those who are behind, watchers of streams that closed. Call it, with other
   * work in between, as long as `hasWork` is true.
   * @param budget about how many changes are scanned, or watchers moved
   */
  syncSlice(budget: number): void {
    for (const stream of this.#closing) {
      if (stream.discard(budget)) this.#closing.delete(stream);
      break;
    }
    const far = this.#near.size === 0 || (this.#farIsNext && this.#far.size > 0);
    (far ? this.#far : this.#near).step(budget);
    this.#farIsNext = !far;
    // Whoever was served without using the room it was woken for leaves it to the next.
    for (const stream of this.#blocked) this.wakeVictims(stream);
  }

  /**
   * The store was replaced by a newer one, from a snapshot: whoever was synced may have missed writes, so all read
   * history from where they were.
   */
  restored(): void {
    const everyone: Watcher[] = [];
    this.#near.clear((watcher) => everyone.push(watcher));
    this.#far.clear((watcher) => everyone.push(watcher));
    this.#synced.forEach((watcher) => {
      watcher.minRevision = Math.max(watcher.minRevision, this.#revision + 1);
      everyone.push(watcher);
    });
    this.#revision = this.#source.currentRevision;
    for (const watcher of everyone) {
      // The lanes let go of theirs already.
      if (watcher.state === "unsynced") this.#lane(watcher).add(watcher);
      else this.#move(watcher, "unsynced");
    }
  }

  // The rest is for HubStream.

  register(watcher: Watcher): void {
    const { startRevision } = watcher;
    this.#watchers += 1;
    watcher.stream.behind += 1;
    const isLive = startRevision === 0 || startRevision > this.#revision;
    if (isLive) watcher.minRevision = Math.max(startRevision, this.#revision + 1);
    this.#move(watcher, isLive ? "synced" : "unsynced");
  }

  unregister(watcher: Watcher): void {
    this.#move(watcher, "gone");
    this.#watchers -= 1;
    watcher.stream.behind -= 1;
    this.wakeVictims(watcher.stream);
  }

  closeStream(stream: HubStream): void {
    this.#streams -= 1;
    this.#blocked.delete(stream);
    if (!stream.discard(closedAtOnce)) this.#closing.add(stream);
  }

  /** Lets as many victims read history as there is room for what they get. */
  wakeVictims(stream: HubStream): void {
    if (stream.closed) return;
    while (stream.victims.first && stream.outlet.room > stream.catchingUp) this.#move(stream.victims.first, "unsynced");
  }

  #deliver(watcher: Watcher, run: EventRun, revision: number): void {
    const { stream } = watcher;
    if (stream.closed) return;
    const events = run.events(watcher.view, this.#source);
    if (events.length > 0) {
      if (stream.outlet.room <= 0) {
        watcher.minRevision = Math.max(watcher.minRevision, run.firstRevision);
        this.#move(watcher, "victim");
        return;
      }
      stream.outlet.events(watcher.id, events, revision);
    }
    watcher.minRevision = run.lastRevision + 1;
  }

  #cancelCompacted(watcher: Watcher, compactRevision: number): void {
    const { stream } = watcher;
    if (stream.outlet.room <= 0) {
      this.#move(watcher, "victim");
      return;
    }
    this.#move(watcher, "compacted");
    stream.outlet.compacted(watcher.id, compactRevision);
  }

  /** Gives a write to all watchers of a range; a watch of the future is not there yet. */
  #tell(range: WatchedRange, run: EventRun): void {
    range.forEach((watcher) => {
      if (watcher.minRevision <= this.#revision) this.#deliver(watcher, run, this.#revision);
    });
  }

  /** The one place where a watcher changes its state, its list and the accounts. */
  #move(watcher: Watcher, to: WatcherState): void {
    const { stream } = watcher;
    switch (watcher.state) {
      case "synced":
        this.#synced.remove(watcher);
        stream.behind += 1;
        break;
      case "unsynced":
        leaveGroup(watcher);
        stream.catchingUp -= 1;
        break;
      case "victim":
        stream.victims.remove(watcher);
        this.#victims -= 1;
        if (stream.victims.size === 0) this.#blocked.delete(stream);
        break;
      case "compacted":
      case "gone":
        break;
    }
    watcher.state = to;
    switch (to) {
      case "synced":
        this.#synced.add(watcher);
        stream.behind -= 1;
        break;
      case "unsynced":
        this.#lane(watcher).add(watcher);
        stream.catchingUp += 1;
        break;
      case "victim":
        stream.victims.push(watcher);
        this.#victims += 1;
        this.#blocked.add(stream);
        break;
      case "compacted":
      case "gone":
        break;
    }
  }

  #lane(watcher: Watcher): CatchUp {
    return this.#revision - watcher.minRevision <= this.#nearRevisions ? this.#near : this.#far;
  }
}

/** A stream with more watchers than this gives them up in slices. */
const closedAtOnce = 1000;

function leaveGroup(watcher: Watcher): void {
  const range = watcher.list as WatchedRange;
  range.group.remove(watcher);
}

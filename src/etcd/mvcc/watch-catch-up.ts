import { Change, runOf, type EventRun } from "./watch-events.ts";
import { WatcherGroup, type WatchedRange, type Watcher } from "./watch-group.ts";
import { keyText } from "./key-text.ts";
import type { WatchSource } from "./watch-source.ts";

/** What catching up asks of the hub. Each call takes the watcher out of its group or leaves it there, as it says. */
export interface CatchUpHost {
  /** Gives the run to the watcher; if its stream has no room, the watcher leaves and becomes a victim. */
  deliver(watcher: Watcher, run: EventRun): void;
  /** The watcher has seen everything; it leaves and is synced. */
  caughtUp(watcher: Watcher): void;
  /** History that the watcher still needed is compacted; it leaves. */
  overtaken(watcher: Watcher, compactRevision: number): void;
}

export interface CatchUpLimits {
  /** Distinct revisions in one response (etcd's watchBatchMaxRevs). */
  readonly responseRevisionsMax: number;
  /** A response takes no further revision once it is this large; many clients refuse messages above 4 MiB. */
  readonly responseBytesMax: number;
  /** What all responses that are being put together may hold before they are sent as they are. */
  readonly pendingBytesMax: number;
}

/**
 * Reads history for watchers that are behind, in slices: one sweep from the oldest revision that any of its members
 * needs up to the present serves them all, whatever they watch.
 *
 *   revisions  1 .............. position ............... current
 *              seen by all members |  to be scanned      | then the members are synced
 *
 * A watcher that is added during a sweep joins it if the sweep has not passed what it needs; else it waits for the next.
 * Invariant: a member is owed nothing below `position` but what stands in `#pending`.
 */
export class CatchUp {
  readonly #source: WatchSource;
  readonly #host: CatchUpHost;
  readonly #limits: CatchUpLimits;
  #members = new WatcherGroup();
  #waiting = new WatcherGroup();
  #position = 0;
  /** Responses that are being put together; each is for all watchers of a range. */
  readonly #pending = new Map<WatchedRange, PendingRun>();
  #pendingBytes = 0;
  /** Ranges whose pending run may not grow any more. */
  readonly #full: WatchedRange[] = [];
  readonly #found: WatchedRange[] = [];

  constructor(source: WatchSource, host: CatchUpHost, limits: CatchUpLimits) {
    this.#source = source;
    this.#host = host;
    this.#limits = limits;
  }

  /** How many watchers are behind here. */
  get size(): number {
    return this.#members.size + this.#waiting.size;
  }

  add(watcher: Watcher): void {
    const joins = this.#members.size > 0 && watcher.minRevision >= this.#position;
    (joins ? this.#members : this.#waiting).add(watcher);
  }

  /**
   * One slice of work: scans about `budget` changes, or moves about as many watchers that have seen everything. A
   * revision is never cut, so one that changed a million keys is scanned at once.
   */
  step(budget: number): void {
    if (this.#members.size === 0 && !this.#startSweep()) return;
    const { compactRevision, currentRevision } = this.#source;
    if (this.#position < compactRevision) this.#cancelOvertaken(compactRevision);
    if (this.#members.size === 0) return;
    if (this.#position <= currentRevision) this.#scan(budget);
    this.#sendFull();
    if (this.#position > currentRevision) this.#retire(budget);
  }

  /** Takes all watchers out, each with its `minRevision` up to date. */
  clear(visit: (watcher: Watcher) => void): void {
    const owed = new Map([...this.#pending].map(([range, run]) => [range, run.firstRevision]));
    const position = this.#position;
    this.#forgetPending();
    this.#members.forEachRange((range) => {
      const seen = owed.get(range) ?? position;
      range.forEach((watcher) => {
        watcher.minRevision = Math.max(watcher.minRevision, seen);
        this.#members.remove(watcher);
        visit(watcher);
      });
      return true;
    });
    this.#waiting.forEach((watcher) => {
      this.#waiting.remove(watcher);
      visit(watcher);
    });
  }

  #startSweep(): boolean {
    // What is pending now belongs to watchers that went away.
    this.#forgetPending();
    [this.#members, this.#waiting] = [this.#waiting, this.#members];
    if (this.#members.size === 0) return false;
    this.#position = lowestRevision(this.#members);
    return true;
  }

  /** The store forgot what stands before `compactRevision`, and the sweep is not there yet. */
  #cancelOvertaken(compactRevision: number): void {
    this.#sendAll();
    this.#members.forEach((watcher) => {
      if (watcher.minRevision < compactRevision) this.#host.overtaken(watcher, compactRevision);
    });
    this.#position = lowestRevision(this.#members);
  }

  #scan(budget: number): void {
    const { currentRevision } = this.#source;
    let work = 0;
    let scanning = -1;
    let next = currentRevision + 1;
    this.#source.scanRevisions(this.#position, next, (main, _sub, tombstone, kvBytes) => {
      if (main !== scanning) {
        // Between two revisions: the only place to stop.
        if (work >= budget || this.#full.length > 0 || this.#pendingBytes >= this.#limits.pendingBytesMax) {
          next = main;
          return false;
        }
        scanning = main;
      }
      work += 1;
      this.#found.length = 0;
      this.#members.rangesAt(storedKey(kvBytes), this.#found);
      if (this.#found.length === 0) return true;
      const change = Change.stored(main, tombstone, kvBytes);
      work += Math.floor(change.bytes / bytesPerWork) + this.#found.length;
      for (const range of this.#found) this.#append(range, change);
      return true;
    });
    this.#position = next;
    if (this.#pendingBytes >= this.#limits.pendingBytesMax) this.#sendAll();
  }

  #append(range: WatchedRange, change: Change): void {
    let run = this.#pending.get(range);
    if (!run) {
      run = new PendingRun();
      this.#pending.set(range, run);
    }
    const wasFull = this.#isFull(run);
    run.push(change);
    this.#pendingBytes += change.bytes;
    if (!wasFull && this.#isFull(run)) this.#full.push(range);
  }

  #isFull(run: PendingRun): boolean {
    return run.revisions >= this.#limits.responseRevisionsMax || run.bytes >= this.#limits.responseBytesMax;
  }

  /** All members have seen everything: what is pending is sent, and they are synced, as many as the budget allows. */
  #retire(budget: number): void {
    let left = budget;
    this.#members.forEachRange((range) => {
      left -= range.size;
      this.#send(range);
      range.forEach((watcher) => this.#host.caughtUp(watcher));
      return left > 0;
    });
  }

  #sendFull(): void {
    for (const range of this.#full) this.#send(range);
    this.#full.length = 0;
  }

  #sendAll(): void {
    for (const range of this.#pending.keys()) this.#send(range);
    this.#full.length = 0;
  }

  #send(range: WatchedRange): void {
    const pending = this.#pending.get(range);
    if (!pending) return;
    this.#pending.delete(range);
    this.#pendingBytes -= pending.bytes;
    const run = runOf(pending.changes);
    range.forEach((watcher) => {
      const part = run.from(watcher.minRevision);
      if (part) this.#host.deliver(watcher, part);
    });
  }

  #forgetPending(): void {
    this.#pending.clear();
    this.#pendingBytes = 0;
    this.#full.length = 0;
  }
}

/** So many bytes of a change cost about as much as looking at one. */
const bytesPerWork = 4096;

/** Changes that wait for their response, with the accounts that bound it. */
class PendingRun {
  readonly changes: Change[] = [];
  revisions = 0;
  bytes = 0;

  get firstRevision(): number {
    return this.changes[0]!.main;
  }

  push(change: Change): void {
    if (this.changes.at(-1)?.main !== change.main) this.revisions += 1;
    this.changes.push(change);
    this.bytes += change.bytes;
  }
}

function lowestRevision(group: WatcherGroup): number {
  let lowest = Number.MAX_SAFE_INTEGER;
  group.forEach((watcher) => (lowest = Math.min(lowest, watcher.minRevision)));
  return lowest;
}

/**
 * The key of a stored mvccpb.KeyValue, without decoding the rest: most pairs of a scan interest nobody.
 *
 *   pair := 0x0a length:varint key ...        the key is field 1, is never empty, and fields stand in ascending order
 */
function storedKey(kvBytes: Uint8Array): string {
  let at = 1;
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = kvBytes[at++] ?? 0;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return keyText(kvBytes, at, at + length);
}

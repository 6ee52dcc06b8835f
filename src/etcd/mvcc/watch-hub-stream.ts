import type { Event } from "../wire/mvccpb.ts";
import { view } from "./watch-events.ts";
import { Watcher, WatcherList, type WatchSpec } from "./watch-group.ts";
import type { WatchHub } from "./watch-hub.ts";

/** Where the hub puts what the watchers of one stream get. No call may call back into the hub. */
export interface WatchOutlet {
  /** How many more responses it takes now. At 0 the hub gives nothing, and goes on once `roomMade()` is called. */
  readonly room: number;
  /** @param events shared with other watchers: not to be altered */
  events(watchId: bigint, events: Event[], revision: number): void;
  /** The watch ends: what it still needed is compacted. */
  compacted(watchId: bigint, compactRevision: number): void;
}

/** A watch was not made: etcd's two reasons. */
export type WatchRefusal = "duplicateId" | "emptyRange";

/** The watchers of one client stream, by their ids. */
export class HubStream {
  readonly outlet: WatchOutlet;
  /** Watchers that wait for room in the outlet, first come first. */
  readonly victims = new WatcherList();
  /** How many watchers are not synced: unsynced, victim or compacted. */
  behind = 0;
  /** How many of them are reading history now. */
  catchingUp = 0;
  closed = false;

  readonly #hub: WatchHub;
  readonly #watchers = new Map<bigint, Watcher>();
  /** Watchers whose start revision was in the future, and may still be. */
  readonly #future = new Set<Watcher>();
  #nextId = 0n;

  constructor(hub: WatchHub, outlet: WatchOutlet) {
    this.#hub = hub;
    this.outlet = outlet;
  }

  get size(): number {
    return this.#watchers.size;
  }

  has(id: bigint): boolean {
    return this.#watchers.has(id);
  }

  /**
   * Starts a watch. It is registered when this returns, so no later event is missed; events of the past follow in
   * slices.
   * @param wantedId 0: the stream picks the lowest id that it has not picked before and that is free
   * @returns the id, or why there is none
   */
  watch(wantedId: bigint, spec: WatchSpec): bigint | WatchRefusal {
    if (spec.end !== null && spec.key >= spec.end) return "emptyRange";
    if (wantedId !== 0n && this.#watchers.has(wantedId)) return "duplicateId";
    const id = wantedId === 0n ? this.#freeId() : wantedId;
    const watcher = new Watcher(this, id, spec, viewOf(spec), spec.startRevision);
    this.#watchers.set(id, watcher);
    if (spec.startRevision > this.#hub.revision) this.#future.add(watcher);
    this.#hub.register(watcher);
    return id;
  }

  /** Whether there was such a watch. */
  cancel(id: bigint): boolean {
    const watcher = this.#watchers.get(id);
    if (!watcher) return false;
    this.#watchers.delete(id);
    this.#future.delete(watcher);
    this.#hub.unregister(watcher);
    return true;
  }

  /** Whether this watch has seen everything up to the current revision, which has reached its start. */
  isSynced(id: bigint): boolean {
    const watcher = this.#watchers.get(id);
    return watcher?.state === "synced" && watcher.startRevision <= this.#hub.revision;
  }

  /** The same of all watches of the stream; false if it has none. Costs about nothing, however many there are. */
  get allSynced(): boolean {
    if (this.behind > 0 || this.#watchers.size === 0) return false;
    for (const watcher of this.#future) {
      if (watcher.startRevision > this.#hub.revision) return false;
      this.#future.delete(watcher);
    }
    return true;
  }

  /** The outlet has room again. */
  roomMade(): void {
    this.#hub.wakeVictims(this);
  }

  /** Ends all its watches; may be called twice. A stream with very many gives them up in slices. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#hub.closeStream(this);
  }

  /** Ends up to `count` watches of a stream that is closed. Whether all are gone. */
  discard(count: number): boolean {
    let left = count;
    for (const id of this.#watchers.keys()) {
      if (left-- <= 0) return false;
      this.cancel(id);
    }
    return true;
  }

  #freeId(): bigint {
    while (this.#watchers.has(this.#nextId)) this.#nextId += 1n;
    return this.#nextId++;
  }
}

function viewOf(spec: WatchSpec): number {
  return (spec.noPut ? view.noPut : 0) | (spec.noDelete ? view.noDelete : 0) | (spec.prevKv ? view.prevKv : 0);
}

import { parentOf } from "../tree/paths.ts";
import type { ZnodeChange } from "../tree/znode.ts";
import { EventType, type Acl } from "../wire/messages.ts";
import { ANY_MODE, Mode, WatchIndex, WatchOwner, type Tell, type WatchCounts } from "./watch-index.ts";

/** "data": exists and getData; "child": getChildren; the others: addWatch. */
export type WatchMode = "data" | "child" | "persistent" | "recursive";

/** What checkWatches and removeWatches mean, by ZooKeeper 3.9's numbers; "any" takes the persistent ones, too. */
export const WatcherType = { children: 1, data: 2, any: 3, persistent: 4, recursive: 5 } as const;
export type WatcherType = (typeof WatcherType)[keyof typeof WatcherType];

/** Any other number of a request is answered -5 (marshallingError). */
export function isWatcherType(type: number): type is WatcherType {
  return Number.isInteger(type) && type >= WatcherType.children && type <= WatcherType.recursive;
}

/**
 * Takes one event for one connection. `acl` is the list on which the connection must have READ to be sent the event; if
 * it has not, a one-shot watch is gone all the same. It may drop watchers, but must not add watches.
 */
export type Deliver<W> = (watcher: W, type: EventType, path: string, acl: readonly Acl[]) => void;

/** Hears of each event of each index that found watchers, and how many. Its numbers are ZooKeeper's node_*_watch_count. */
export type Fired = (type: EventType, watchers: number) => void;

/**
 * Who watches what, and ZooKeeper's rules of who is told when (DataTree and WatchManager of 3.9). There are two indexes:
 *
 *   mode        data index    child index   ends
 *   data        standard                    with its first event
 *   child                     standard      with its first event
 *   persistent  persistent    persistent    when removed
 *   recursive   recursive                   when removed; tells of the path and of all below it
 *
 *   created p      tells data(p) and recursive(above p), then children(parent)
 *   dataChanged p  tells data(p) and recursive(above p)
 *   deleted p      tells data(p), recursive(above p) and child(p), each connection once, then children(parent)
 *
 * Watches belong to a connection. Whoever closes one drops it here, and adds nothing for it afterwards.
 */
export class WatchTable<W extends object> {
  readonly #owners = new Map<W, WatchOwner<W>>();
  readonly #data = new WatchIndex<W>("data");
  readonly #child = new WatchIndex<W>("child");
  readonly #fired: Fired;
  #round = 0;
  /** In this round. */
  #told = 0;

  constructor(fired: Fired = () => undefined) {
    this.#fired = fired;
  }

  /** Adding what is there already changes nothing. */
  add(path: string, mode: WatchMode, watcher: W): void {
    let owner = this.#owners.get(watcher);
    if (owner === undefined) this.#owners.set(watcher, (owner = new WatchOwner(watcher)));
    switch (mode) {
      case "data":
        this.#data.add(path, owner, Mode.standard);
        return;
      case "child":
        this.#child.add(path, owner, Mode.standard);
        return;
      case "persistent":
        this.#data.add(path, owner, Mode.persistent);
        this.#child.add(path, owner, Mode.persistent);
        return;
      case "recursive":
        this.#data.add(path, owner, Mode.recursive);
    }
  }

  /** False when the connection has no such watch on exactly this path: -121. */
  remove(path: string, type: WatcherType, watcher: W): boolean {
    const owner = this.#owners.get(watcher);
    if (owner === undefined) return false;
    const { data, child } = modesOf[type];
    const ofData = this.#data.remove(path, owner, data);
    const ofChild = this.#child.remove(path, owner, child);
    return ofData || ofChild;
  }

  has(path: string, type: WatcherType, watcher: W): boolean {
    const owner = this.#owners.get(watcher);
    if (owner === undefined) return false;
    const { data, child } = modesOf[type];
    return this.#data.has(path, owner, data) || this.#child.has(path, owner, child);
  }

  /** The connection is closed: all its watches go. Costs as much as it has watches. */
  drop(watcher: W): void {
    const owner = this.#owners.get(watcher);
    if (owner === undefined) return;
    this.#owners.delete(watcher);
    this.#data.drop(owner);
    this.#child.drop(owner);
  }

  /** Tells everybody whom the change concerns, each connection in the order of ZooKeeper's events. */
  fire(change: ZnodeChange, deliver: Deliver<W>): void {
    const { type, path, acl } = change;
    if (this.#data.watches > 0 || (type === "deleted" && this.#child.watches > 0)) {
      const tell = this.#telling(EventType[type], path, acl, deliver);
      this.#data.fireAt(path, tell);
      if (this.#data.hasRecursive) this.#fireAbove(path, tell);
      if (this.#told > 0) this.#fired(EventType[type], this.#told);
      if (type === "deleted" && this.#child.watches > 0) this.#fireDeleted(path, tell);
    }
    if (type !== "dataChanged" && path !== "/") this.fireChildren(parentOf(path), change.parentAcl, deliver);
  }

  /**
   * Tells whoever watches the children of a znode that there was a change, as each change of a child does. By itself it is
   * for children that came and went with nobody looking: no name is left to tell to those who watch recursively.
   */
  fireChildren(path: string, acl: readonly Acl[], deliver: Deliver<W>): void {
    if (this.#child.watches === 0) return;
    this.#child.fireAt(path, this.#telling(EventType.childrenChanged, path, acl, deliver));
    if (this.#told > 0) this.#fired(EventType.childrenChanged, this.#told);
  }

  /** What ZooKeeper reports as its watches (wchs) are those of the data index alone. */
  get counts(): WatchCounts {
    return this.#data.counts;
  }

  /** Watches of both indexes; a persistent one stands in both and counts twice, as in ZooKeeper's watch_count. */
  get watchCount(): number {
    return this.#data.watches + this.#child.watches;
  }

  /** The data index by connection (wchc); a connection whose watches have all fired is still listed, without paths. */
  *byConnection(): Generator<{ readonly watcher: W; readonly paths: Iterable<string> }> {
    for (const { watcher, data } of this.#owners.values()) if (data !== null) yield { watcher, paths: data.keys() };
  }

  /** The data index by path (wchp). */
  *byPath(): Generator<{ readonly path: string; readonly watchers: readonly W[] }> {
    for (const { path, owners } of this.#data.byPath()) {
      yield { path, watchers: Array.from(owners, ({ watcher }) => watcher) };
    }
  }

  #fireAbove(path: string, tell: Tell<W>): void {
    for (let at = path; at !== "/";) {
      at = parentOf(at);
      this.#data.fireBelow(at, tell);
    }
  }

  /** The watchers of the children count whether or not they were told already. */
  #fireDeleted(path: string, tell: Tell<W>): void {
    let watchers = 0;
    this.#child.fireAt(path, (owner) => {
      watchers++;
      tell(owner);
    });
    if (watchers > 0) this.#fired(EventType.deleted, watchers);
  }

  /** Begins a round: tells an event to whoever is named, to nobody twice. */
  #telling(type: EventType, path: string, acl: readonly Acl[], deliver: Deliver<W>): Tell<W> {
    const round = ++this.#round;
    this.#told = 0;
    return (owner) => {
      if (owner.toldIn === round) return;
      owner.toldIn = round;
      this.#told++;
      deliver(owner.watcher, type, path, acl);
    };
  }
}

/** Which modes of which index a type of checkWatches and removeWatches means. */
const modesOf: Readonly<Record<WatcherType, { readonly data: number; readonly child: number }>> = {
  [WatcherType.children]: { data: 0, child: Mode.standard },
  [WatcherType.data]: { data: Mode.standard, child: 0 },
  [WatcherType.any]: { data: ANY_MODE, child: ANY_MODE },
  [WatcherType.persistent]: { data: Mode.persistent, child: Mode.persistent },
  [WatcherType.recursive]: { data: Mode.recursive, child: 0 },
};

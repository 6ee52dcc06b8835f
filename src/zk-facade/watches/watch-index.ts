/** The three ways in which a watch stands on a path; bits, because all of them may stand on one path side by side. */
export const Mode = { standard: 1, persistent: 2, recursive: 4 } as const;
export const ANY_MODE = 7;

/** A connection that watches, and all that it watches: path → modes, one map for each of the two indexes. */
export class WatchOwner<W> {
  readonly watcher: W;
  /** Null until the first watch. ZooKeeper's reports count a connection whose watches have all fired, so it may be empty. */
  data: Map<string, number> | null = null;
  child: Map<string, number> | null = null;
  /** The last round of events that told this connection something. */
  toldIn = 0;

  constructor(watcher: W) {
    this.watcher = watcher;
  }
}

/** The owners of a path that more than one connection has watched at a time. */
class Crowd<W> {
  /** One string for all of them: each came off the wire with a copy of its own. */
  readonly path: string;
  readonly owners = new Set<WatchOwner<W>>();
  /** Those of the owners that watch what lies below, too, so that a change there need not ask the others. */
  recursive: Set<WatchOwner<W>> | null = null;

  constructor(path: string) {
    this.path = path;
  }
}

/** Brings one event to a connection; twice is as good as once. */
export type Tell<W> = (owner: WatchOwner<W>) => void;

/** What wchs tells: connections, paths, and pairs of both. */
export interface WatchCounts {
  readonly connections: number;
  readonly paths: number;
  readonly watches: number;
}

/**
 * One of ZooKeeper's two tables of watches, seen from the paths:
 *
 *   byPath   "/a" → owner                 one connection watches it, the common case: no object in between
 *            "/b" → crowd {owner, owner}
 *   owner    "/a" → standard              the modes stand with the owner
 *            "/b" → standard | recursive
 *
 * Invariant: a path stands in `byPath` with an owner exactly when it stands in the owner's map of this index.
 */
export class WatchIndex<W> {
  readonly #side: "data" | "child";
  readonly #byPath = new Map<string, WatchOwner<W> | Crowd<W>>();
  #connections = 0;
  #watches = 0;
  #recursive = 0;

  constructor(side: "data" | "child") {
    this.#side = side;
  }

  get counts(): WatchCounts {
    return { connections: this.#connections, paths: this.#byPath.size, watches: this.#watches };
  }

  get watches(): number {
    return this.#watches;
  }

  get hasRecursive(): boolean {
    return this.#recursive > 0;
  }

  add(path: string, owner: WatchOwner<W>, mode: number): void {
    const modes = this.#modesOf(owner);
    const before = modes.get(path) ?? 0;
    if ((before & mode) !== 0) return;
    const known = before === 0 ? this.#enter(path, owner) : path;
    modes.set(known, before | mode);
    if (mode === Mode.recursive) this.#enterRecursive(path, owner);
  }

  has(path: string, owner: WatchOwner<W>, modes: number): boolean {
    return ((owner[this.#side]?.get(path) ?? 0) & modes) !== 0;
  }

  /** True when one of the modes stood there. */
  remove(path: string, owner: WatchOwner<W>, modes: number): boolean {
    if (!this.has(path, owner, modes)) return false;
    this.#take(path, owner, modes);
    if (owner[this.#side]!.size === 0) this.#forget(owner);
    return true;
  }

  /** Removes all that the owner watches. */
  drop(owner: WatchOwner<W>): void {
    const modes = owner[this.#side];
    if (modes === null) return;
    for (const [path, mode] of modes) {
      if ((mode & Mode.recursive) !== 0) this.#leaveRecursive(path, owner);
      this.#leave(path, owner);
    }
    this.#forget(owner);
  }

  /** Tells all who watch the path itself. Standard watches are gone before their owner is told. */
  fireAt(path: string, tell: Tell<W>): void {
    const at = this.#byPath.get(path);
    if (at === undefined) return;
    if (at instanceof WatchOwner) {
      this.#fire(path, at, tell);
      return;
    }
    for (const owner of at.owners) this.#fire(path, owner, tell);
  }

  /** Tells all who watch the path and what lies below it, for a change below it. */
  fireBelow(path: string, tell: Tell<W>): void {
    const at = this.#byPath.get(path);
    if (at === undefined) return;
    if (at instanceof WatchOwner) {
      if (this.has(path, at, Mode.recursive)) tell(at);
    } else if (at.recursive !== null) {
      for (const owner of at.recursive) tell(owner);
    }
  }

  *byPath(): Generator<{ readonly path: string; readonly owners: Iterable<WatchOwner<W>> }> {
    for (const [path, at] of this.#byPath) yield { path, owners: at instanceof WatchOwner ? [at] : at.owners };
  }

  #fire(path: string, owner: WatchOwner<W>, tell: Tell<W>): void {
    this.#take(path, owner, Mode.standard);
    tell(owner);
  }

  /** Takes modes from a watch, and the watch itself if none is left. */
  #take(path: string, owner: WatchOwner<W>, modes: number): void {
    const own = owner[this.#side]!;
    const before = own.get(path)!;
    const after = before & ~modes;
    if (after === before) return;
    if ((before & modes & Mode.recursive) !== 0) this.#leaveRecursive(path, owner);
    if (after === 0) {
      own.delete(path);
      this.#leave(path, owner);
    } else {
      own.set(path, after);
    }
  }

  #modesOf(owner: WatchOwner<W>): Map<string, number> {
    const known = owner[this.#side];
    if (known !== null) return known;
    this.#connections += 1;
    const modes = new Map<string, number>();
    owner[this.#side] = modes;
    return modes;
  }

  #forget(owner: WatchOwner<W>): void {
    owner[this.#side] = null;
    this.#connections -= 1;
  }

  /** Returns the string by which the path is known here. */
  #enter(path: string, owner: WatchOwner<W>): string {
    this.#watches += 1;
    const at = this.#byPath.get(path);
    if (at === undefined) {
      this.#byPath.set(path, owner);
      return path;
    }
    const crowd = at instanceof WatchOwner ? this.#gather(path, at) : at;
    crowd.owners.add(owner);
    return crowd.path;
  }

  /** Makes a crowd of a path's only owner. */
  #gather(path: string, first: WatchOwner<W>): Crowd<W> {
    const crowd = new Crowd<W>(path);
    crowd.owners.add(first);
    if (this.has(path, first, Mode.recursive)) crowd.recursive = new Set([first]);
    this.#byPath.set(path, crowd);
    return crowd;
  }

  #leave(path: string, owner: WatchOwner<W>): void {
    this.#watches -= 1;
    const at = this.#byPath.get(path)!;
    if (at instanceof WatchOwner) {
      this.#byPath.delete(path);
      return;
    }
    at.owners.delete(owner);
    if (at.owners.size === 0) this.#byPath.delete(path);
  }

  #enterRecursive(path: string, owner: WatchOwner<W>): void {
    this.#recursive += 1;
    const at = this.#byPath.get(path)!;
    if (!(at instanceof WatchOwner)) (at.recursive ??= new Set()).add(owner);
  }

  #leaveRecursive(path: string, owner: WatchOwner<W>): void {
    this.#recursive -= 1;
    const at = this.#byPath.get(path)!;
    if (!(at instanceof WatchOwner)) at.recursive?.delete(owner);
  }
}

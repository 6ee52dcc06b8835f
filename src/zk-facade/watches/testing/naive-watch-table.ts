import type { ZnodeChange } from "../../tree/znode.ts";
import { EventType, type Acl } from "../../wire/messages.ts";
import { WatcherType, type Deliver, type WatchMode } from "../watch-table.ts";

interface Watch<W> {
  readonly path: string;
  readonly mode: WatchMode;
  readonly watcher: W;
}

/** A list of watches and ZooKeeper's rules word by word: the model that the real table is compared with. */
export class NaiveWatchTable<W extends { readonly name: string }> {
  #watches: Watch<W>[] = [];

  add(path: string, mode: WatchMode, watcher: W): void {
    this.#watches = this.#watches.filter((w) => !(w.path === path && w.mode === mode && w.watcher === watcher));
    this.#watches.push({ path, mode, watcher });
  }

  has(path: string, type: WatcherType, watcher: W): boolean {
    return this.#watches.some((w) => w.path === path && w.watcher === watcher && meansMode(type, w.mode));
  }

  remove(path: string, type: WatcherType, watcher: W): boolean {
    const before = this.#watches.length;
    this.#watches = this.#watches.filter((w) => !(w.path === path && w.watcher === watcher && meansMode(type, w.mode)));
    return this.#watches.length < before;
  }

  drop(watcher: W): void {
    this.#watches = this.#watches.filter((w) => w.watcher !== watcher);
  }

  fire({ type, path, acl, parentAcl }: ZnodeChange, deliver: Deliver<W>): void {
    const isAboveOrAt = (top: string): boolean => top === path || top === "/" || path.startsWith(`${top}/`);
    const atPath = this.#hit(({ path: at, mode }) => {
      if (mode === "recursive") return isAboveOrAt(at);
      if (at !== path) return false;
      return mode === "child" ? type === "deleted" : true;
    });
    for (const watcher of atPath) deliver(watcher, EventType[type], path, acl);
    if (type === "dataChanged" || path === "/") return;
    this.fireChildren(path.slice(0, path.lastIndexOf("/")) || "/", parentAcl, deliver);
  }

  fireChildren(path: string, acl: readonly Acl[], deliver: Deliver<W>): void {
    const hit = this.#hit(({ path: at, mode }) => at === path && (mode === "child" || mode === "persistent"));
    for (const watcher of hit) deliver(watcher, EventType.childrenChanged, path, acl);
  }

  get watchCount(): number {
    return this.dataPairs().length + this.#pairs(["child", "persistent"]).length;
  }

  get dataCounts(): { readonly paths: number; readonly watches: number } {
    const pairs = this.dataPairs();
    return { paths: new Set(pairs.map((pair) => pair.split(" ")[0])).size, watches: pairs.length };
  }

  /** "path name" of all that stands in ZooKeeper's data table, sorted. */
  dataPairs(): string[] {
    return this.#pairs(["data", "persistent", "recursive"]);
  }

  #pairs(modes: readonly WatchMode[]): string[] {
    const watches = this.#watches.filter(({ mode }) => modes.includes(mode));
    return [...new Set(watches.map(({ path, watcher }) => `${path} ${watcher.name}`))].sort();
  }

  /** The connections of the watches that match; of those, the one-shot ones end. */
  #hit(matches: (watch: Watch<W>) => boolean): Set<W> {
    const hit = this.#watches.filter(matches);
    this.#watches = this.#watches.filter(
      (watch) => !(hit.includes(watch) && (watch.mode === "data" || watch.mode === "child")),
    );
    return new Set(hit.map(({ watcher }) => watcher));
  }
}

function meansMode(type: WatcherType, mode: WatchMode): boolean {
  if (type === WatcherType.any) return true;
  const modes = { 1: "child", 2: "data", 4: "persistent", 5: "recursive" } as const;
  return modes[type] === mode;
}

import type { Quota, TreeView, Znode } from "../../tree/znode.ts";

/** The limits of a quota; what is used is counted. */
export type QuotaLimits = Omit<Quota, "usedCount" | "usedBytes">;

export interface MapViewOptions {
  /** Paths below which there are keys that are no znodes. */
  readonly orphansBelow?: readonly string[];
  readonly quotas?: readonly QuotaLimits[];
}

/** A tree of znodes as plans see it, for tests: a Map, and everything else is searched for. */
export class MapView implements TreeView {
  readonly #znodes: ReadonlyMap<string, Znode>;
  readonly #options: MapViewOptions;

  constructor(znodes: ReadonlyMap<string, Znode>, options: MapViewOptions = {}) {
    this.#znodes = znodes;
    this.#options = options;
  }

  /** The same with a plan laid over it that is on its way. */
  with(changes: ReadonlyMap<string, Znode | null>): MapView {
    const znodes = new Map(this.#znodes);
    for (const [path, znode] of changes) {
      if (znode === null) znodes.delete(path);
      else znodes.set(path, znode);
    }
    return new MapView(znodes, this.#options);
  }

  get(path: string): Znode | undefined {
    return this.#znodes.get(path);
  }

  ephemeralOwnerOf(path: string): bigint {
    const znode = this.#znodes.get(path);
    return znode?.kind === "ephemeral" ? znode.owner : 0n;
  }

  *ephemeralsOf(owner: bigint): Iterable<string> {
    for (const znode of this.#znodes.values()) {
      if (znode.kind === "ephemeral" && znode.owner === owner) yield znode.path;
    }
  }

  hasOrphansBelow(path: string): boolean {
    return this.#options.orphansBelow?.includes(path) ?? false;
  }

  quotaOver(path: string): Quota | null {
    const over = (this.#options.quotas ?? []).filter((quota) => isWithin(path, quota.path));
    const [longest] = over.sort((a, b) => b.path.length - a.path.length);
    if (longest === undefined) return null;
    const used = [...this.#znodes.values()].filter((znode) => isWithin(znode.path, longest.path));
    const usedBytes = used.reduce((sum, { dataLength }) => sum + dataLength, 0);
    return { ...longest, usedCount: used.length, usedBytes };
  }
}

function isWithin(path: string, top: string): boolean {
  return path === top || path.startsWith(`${top}/`);
}

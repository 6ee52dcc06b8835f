import type { Quota, TreeView, Znode } from "../tree/znode.ts";

interface Entry<W> {
  znode: Znode | null;
  readonly writer: W;
  /** Of the ephemerals that it is or was. */
  readonly owners: readonly bigint[];
}

/**
 * The tree as it will be when all that is on its way has arrived: what plans are made against. `W` is whoever wrote an
 * entry, so that the latest writer of a znode is known and takes its entries away with it.
 */
export class Overlay<W extends object> implements TreeView {
  readonly #tree: () => TreeView;
  readonly #entries = new Map<string, Entry<W>>();
  /** Per owner: the ephemerals among the entries, come, changed or gone. */
  readonly #ephemerals = new Map<bigint, Set<string>>();
  #consulted = false;

  constructor(tree: () => TreeView) {
    this.#tree = tree;
  }

  /** Whether something that is on its way was looked at since the last call. */
  takeConsulted(): boolean {
    const consulted = this.#consulted;
    this.#consulted = false;
    return consulted;
  }

  /** The znode as its latest writer leaves it, and who that is; undefined when nothing is on its way to it. */
  entry(path: string): Entry<W> | undefined {
    return this.#entries.get(path);
  }

  add(writer: W, changes: ReadonlyMap<string, Znode | null>): void {
    for (const [path, znode] of changes) {
      const entry = this.#entries.get(path);
      const before = entry === undefined ? this.#tree().ephemeralOwnerOf(path) : ownerOf(entry.znode);
      const owners = withOwner(withOwner(entry?.owners ?? NOBODY, before), ownerOf(znode));
      if (owners !== entry?.owners) for (const owner of owners) this.#note(owner, path);
      this.#entries.set(path, { znode, writer, owners });
    }
  }

  /** Takes away what this writer wrote last. The tree has it now. */
  remove(writer: W, changes: ReadonlyMap<string, Znode | null>): void {
    for (const path of changes.keys()) {
      const entry = this.#entries.get(path);
      if (entry?.writer !== writer) continue;
      this.#entries.delete(path);
      // What was a map's is kept by it for a while (see WritePipeline's `end`).
      entry.znode = null;
      for (const owner of entry.owners) this.#forget(owner, path);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#ephemerals.clear();
  }

  // TreeView

  get(path: string): Znode | undefined {
    const entry = this.#entries.get(path === "" ? "/" : path);
    if (entry === undefined) return this.#tree().get(path);
    this.#consulted = true;
    return entry.znode ?? undefined;
  }

  ephemeralOwnerOf(path: string): bigint {
    const entry = this.#entries.get(path === "" ? "/" : path);
    return entry === undefined ? this.#tree().ephemeralOwnerOf(path) : ownerOf(entry.znode);
  }

  *ephemeralsOf(owner: bigint): Iterable<string> {
    const noted = this.#ephemerals.get(owner);
    if (noted !== undefined) this.#consulted = true;
    for (const path of this.#tree().ephemeralsOf(owner)) {
      if (!this.#entries.has(path)) yield path;
    }
    if (noted !== undefined) yield* noted;
  }

  hasOrphansBelow(path: string): boolean {
    return this.#tree().hasOrphansBelow(path);
  }

  quotaOver(path: string): Quota | null {
    return this.#tree().quotaOver(path);
  }

  #note(owner: bigint, path: string): void {
    let noted = this.#ephemerals.get(owner);
    if (noted === undefined) this.#ephemerals.set(owner, (noted = new Set()));
    noted.add(path);
  }

  #forget(owner: bigint, path: string): void {
    const noted = this.#ephemerals.get(owner)!;
    noted.delete(path);
    if (noted.size === 0) this.#ephemerals.delete(owner);
  }
}

const NOBODY: readonly bigint[] = [];

/** 0n: none. */
function ownerOf(znode: Znode | null): bigint {
  return znode?.kind === "ephemeral" ? znode.owner : 0n;
}

function withOwner(owners: readonly bigint[], owner: bigint): readonly bigint[] {
  return owner === 0n || owners.includes(owner) ? owners : [...owners, owner];
}

const SHARDS = 1024;
const SLASH = 0x2f;

/**
 * The slots of paths. One map of a million paths is slow to fill, since each path lands somewhere else in its memory;
 * here siblings lie together, and they are mostly read and made one after the other.
 */
export class PathTable {
  readonly #shards: (Map<string, number> | undefined)[] = new Array<Map<string, number> | undefined>(SHARDS);

  get(path: string): number | undefined {
    return this.#shards[shardOf(path)]?.get(path);
  }

  set(path: string, slot: number): void {
    const at = shardOf(path);
    const shard = this.#shards[at];
    if (shard === undefined) this.#shards[at] = new Map([[path, slot]]);
    else shard.set(path, slot);
  }

  delete(path: string): void {
    this.#shards[shardOf(path)]?.delete(path);
  }
}

/** By the end of the parent's path. Whoever crowds one shard has a map like any other. */
function shardOf(path: string): number {
  const { length } = path;
  let at = length - 1;
  while (at > 0 && path.charCodeAt(at) !== SLASH) at--;
  let shard = at;
  for (let i = Math.max(0, at - 6); i < at; i++) shard = (shard * 31 + path.charCodeAt(i)) | 0;
  return shard & (SHARDS - 1);
}

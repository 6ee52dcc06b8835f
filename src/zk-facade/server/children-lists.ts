import type { ZnodeTree } from "../tree/znode-tree.ts";
import { resolveZxid, type Znode } from "../tree/znode.ts";
import { type EncodedStrings, encodeStrings } from "../wire/jute-strings.ts";

/** Shorter lists are encoded each time. */
const CHILDREN_MIN = 32;

interface Encoded {
  readonly pzxid: number;
  readonly numChildren: number;
  readonly names: EncodedStrings;
}

/**
 * The children of znodes as they stand in replies. Long lists are kept encoded until they change, in a bounded number of
 * bytes, since recipes read the same long list again and again.
 */
export class ChildrenLists {
  readonly #bytesMax: number;
  #lists = new Map<string, Encoded>();
  #bytes = 0;
  /** Whether the last list that was asked for was at hand. */
  wasKept = false;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  of(tree: ZnodeTree, { path, numChildren, pzxid }: Znode): EncodedStrings {
    this.wasKept = false;
    if (numChildren < CHILDREN_MIN) return encodeStrings(tree.children(path));
    const known = this.#lists.get(path);
    this.wasKept = known?.pzxid === resolveZxid(pzxid) && known.numChildren === numChildren;
    if (this.wasKept) return known!.names;
    const names = encodeStrings(tree.children(path));
    this.#keep(path, { pzxid: resolveZxid(pzxid), numChildren, names }, known);
    return names;
  }

  #keep(path: string, list: Encoded, replaced: Encoded | undefined): void {
    this.#bytes += list.names.length - (replaced?.names.length ?? 0);
    if (this.#bytes > this.#bytesMax) {
      this.#lists = new Map();
      this.#bytes = list.names.length;
    }
    this.#lists.set(path, list);
  }
}

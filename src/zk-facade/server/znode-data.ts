import { resolveZxid, type Znode } from "../tree/znode.ts";
import type { ConnectionHost } from "./connection-host.ts";
import type { Answer, Fetch } from "./reply-line.ts";

/** Below it znodes lie whose data is counted, not stored. */
const QUOTAS = "/zookeeper/quota/";
const EMPTY = new Uint8Array(0);

/** The data of znodes, for replies: at once where it is at hand, else fetched as it was when a read had its turn. */
export class ZnodeData {
  readonly #host: Pick<ConnectionHost, "facade" | "fetches" | "readOnly">;

  constructor(host: Pick<ConnectionHost, "facade" | "fetches" | "readOnly">) {
    this.#host = host;
  }

  /** Undefined: it must be fetched. */
  atHand(znode: Znode): Uint8Array | null | undefined {
    const { facade } = this.#host;
    if (znode.path.startsWith(QUOTAS)) {
      const usage = facade.tree.quotaUsage(znode.path);
      if (usage !== null) return usage;
    }
    if (znode.isNull) return null;
    if (znode.dataLength === 0) return EMPTY;
    return facade.data.cached(znode.path, resolveZxid(znode.mzxid));
  }

  /** Fetches the data of znodes as the tree has them now, all of it or none. */
  fetch(znodes: readonly Znode[], found: (data: readonly Uint8Array[]) => Answer): Fetch {
    const { facade, fetches } = this.#host;
    const { revision } = facade;
    const bytes = znodes.reduce((sum, { dataLength }) => sum + dataLength, 0);
    const start = async (): Promise<Answer | null> => {
      const data = await fetches.run(bytes, () => Promise.all(znodes.map((znode) => this.#read(znode, revision))));
      if (isWhole(data)) return found(data);
      if (this.#isLost()) throw new Error("the store is lost, and what it has left is not what the tree was read from");
      // Some was compacted away, so the store is ahead of the tree: in a later turn the tree has caught up.
      await facade.reached(revision + 1);
      return null;
    };
    return { bytes, start };
  }

  async #read(znode: Znode, revision: number): Promise<Uint8Array | undefined> {
    const { data } = this.#host.facade;
    const wroteAt = resolveZxid(znode.mzxid);
    // Another read may have brought it since this one had its turn.
    const isLost = this.#isLost();
    return data.cached(znode.path, wroteAt) ?? (await data.read(znode.path, wroteAt, revision, { isLost }));
  }

  #isLost(): boolean {
    return this.#host.readOnly?.isOn === true;
  }
}

function isWhole(data: readonly (Uint8Array | undefined)[]): data is readonly Uint8Array[] {
  return !data.includes(undefined);
}

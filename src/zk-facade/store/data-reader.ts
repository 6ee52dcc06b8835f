import { EtcdError } from "../../etcd/errors.ts";
import type { EtcdPort } from "../../etcd/port.ts";
import { newRangeRequest } from "../../etcd/wire/etcdserverpb.ts";
import type { KeySpace } from "../tree/key-space.ts";

/** What a cached value costs besides its bytes. */
const ENTRY_BYTES = 160;
/** A store that is lost may have a member left that answers; who waits for it holds up all that was asked behind it. */
const LOST_WITHIN_MS = 2000;

interface Cached {
  /** mod_revision of the data key that this is the value of. */
  readonly revision: number;
  readonly data: Uint8Array;
}

/**
 * The data of znodes, which the tree does not hold: from the store, through a bounded cache of what was read lately.
 *
 * The cache has two generations. What is read goes into the young one; when that has half the bytes, it becomes the old
 * one and the old one is forgotten. So what is read again and again stays, and nothing is sorted to find out.
 */
export class DataReader {
  readonly #port: Pick<EtcdPort, "range">;
  readonly #keys: KeySpace;
  readonly #generationBytesMax: number;
  #young = new Map<string, Cached>();
  #old = new Map<string, Cached>();
  #youngBytes = 0;

  /** @param cacheBytesMax 0: nothing is kept. */
  constructor(port: Pick<EtcdPort, "range">, keys: KeySpace, cacheBytesMax: number) {
    this.#port = port;
    this.#keys = keys;
    this.#generationBytesMax = cacheBytesMax / 2;
  }

  /** The data that a revision wrote, if it is at hand. */
  cached(path: string, revision: number): Uint8Array | undefined {
    const young = this.#young.get(path);
    if (young !== undefined) return young.revision === revision ? young.data : undefined;
    const old = this.#old.get(path);
    if (old?.revision !== revision) return undefined;
    this.#keep(path, old);
    return old.data;
  }

  /**
   * The data that was written at `revision`, read from the store as it was at `at`, a later one. Undefined when that
   * history was compacted: then the tree is behind, and the caller must ask again with what the tree says then. When the
   * store is lost, any member that still answers will do.
   */
  async read(
    path: string,
    revision: number,
    at: number,
    { isLost = false }: { readonly isLost?: boolean } = {},
  ): Promise<Uint8Array | undefined> {
    const key = this.#keys.dataKey(path);
    const options = isLost ? { signal: AbortSignal.timeout(LOST_WITHIN_MS) } : {};
    // The newest first: it is nearly always the one, and no compaction can have taken it.
    const newest = (await this.#port.range(newRangeRequest({ key, serializable: true }), options)).kvs[0];
    if (newest?.modRevision === revision) {
      this.#keep(path, { revision, data: newest.value });
      return newest.value;
    }
    try {
      // Not serializable: a member that lags behind the one our watch is on may not know that revision yet.
      const { kvs } = await this.#port.range(newRangeRequest({ key, revision: at, serializable: isLost }), options);
      return kvs[0]?.modRevision === revision ? kvs[0].value : undefined;
    } catch (error) {
      if (error instanceof EtcdError && error.code === "compacted") return undefined;
      throw error;
    }
  }

  #keep(path: string, cached: Cached): void {
    const bytes = costOf(path, cached);
    if (bytes > this.#generationBytesMax) return;
    // Data that is written and read all the time takes the place of its former self, not that of others.
    const before = this.#young.get(path);
    if (before !== undefined) this.#youngBytes -= costOf(path, before);
    if (this.#youngBytes + bytes > this.#generationBytesMax) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#young.set(path, cached);
    this.#youngBytes += bytes;
  }
}

function costOf(path: string, { data }: Cached): number {
  return data.length + path.length * 2 + ENTRY_BYTES;
}

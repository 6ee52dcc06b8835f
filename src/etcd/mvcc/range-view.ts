import { assert } from "../base/assert.ts";
import { EtcdError } from "../errors.ts";
import { EMPTY_BYTES } from "../wire/codec.ts";
import type { KeyValue } from "../wire/mvccpb.ts";
import type { Backend } from "./backend.ts";
import type { KeyIndex } from "./key-index.ts";
import { isOpenEnd, keyText } from "./key-text.ts";
import type { KeyTree } from "./key-tree.ts";
import { PairArena } from "./pair-arena.ts";
import { type PairsAhead, readPairsAhead } from "./pairs-ahead.ts";
import { revisionBytes, writeRevisionKey } from "./revision.ts";

/** Which pairs to read. */
export interface RangeQuery {
  readonly key: Uint8Array;
  /** Exclusive. Empty: the key alone. A single zero byte: to the last key. */
  readonly rangeEnd: Uint8Array;
  /** 0 and below: the newest. */
  readonly revision: number;
  /** How many pairs at most; 0 and below: all. The count does not care. */
  readonly limit: number;
  /** Pairs of this range that were read already. */
  readonly ahead?: PairsAhead | null;
}

export interface RangeResult<Pair> {
  /** In the order of keys. */
  readonly kvs: Pair[];
  /** How many keys the range holds at that revision. */
  readonly count: number;
}

/** What can be read: the store between two writes, or from within a transaction, what it wrote so far included. */
export interface RangeView {
  /** What a read of the newest sees. */
  readonly revision: number;

  /** @throws EtcdError compacted, futureRevision */
  range(query: RangeQuery): RangeResult<KeyValue>;

  /** The pairs without their values, most of them without a read. @throws EtcdError compacted, futureRevision */
  rangeKeys(query: RangeQuery): RangeResult<KeyValue>;

  /** The stored mvccpb.KeyValue bytes, the caller's own. @throws EtcdError compacted, futureRevision */
  rangeEncoded(query: RangeQuery): RangeResult<Uint8Array>;

  /** The count alone. @throws EtcdError compacted, futureRevision */
  count(query: RangeQuery): number;
}

type VisitPosition = (key: string, index: KeyIndex, position: number) => void;

/** Reads pairs by way of the index. Stateless but for a scratch key; every method says which revision is the newest. */
export class PairReader {
  readonly #index: KeyTree;
  readonly #backend: Backend;
  readonly #revisionKey = new Uint8Array(revisionBytes);

  constructor(index: KeyTree, backend: Backend) {
    this.#index = index;
    this.#backend = backend;
  }

  range(query: RangeQuery, atRevision: number): RangeResult<KeyValue> {
    const kvs: KeyValue[] = [];
    const arena = new PairArena();
    const { ahead = null } = query;
    const count = this.#visit(query, atRevision, (_, index, position) => {
      const read = ahead?.take(index.mainAt(position), index.subAt(position)) ?? null;
      kvs.push(read ?? arena.decode(this.#pair(index, position)));
    });
    return { kvs, count };
  }

  /** The index knows all but the values of keys that have no lease and no newer revision. */
  rangeKeys(query: RangeQuery, atRevision: number): RangeResult<KeyValue> {
    const kvs: KeyValue[] = [];
    const arena = new PairArena();
    const count = this.#visit(query, atRevision, (key, index, position) => {
      if (index.hasLease || !index.isNewest(position)) {
        const kv = arena.decode(this.#pair(index, position));
        kv.value = EMPTY_BYTES;
        kvs.push(kv);
        return;
      }
      const { createRevision, main, version } = index;
      kvs.push({ key: arena.text(key), createRevision, modRevision: main, version, value: EMPTY_BYTES, lease: 0n });
    });
    return { kvs, count };
  }

  readAhead({ key, rangeEnd }: RangeQuery, atRevision: number): PairsAhead | null {
    if (rangeEnd.length === 0) return null;
    return readPairsAhead(this.#index, this.#backend, { start: keyText(key), end: endText(rangeEnd), atRevision });
  }

  rangeEncoded(query: RangeQuery, atRevision: number): RangeResult<Uint8Array> {
    const kvs: Uint8Array[] = [];
    const arena = new PairArena();
    const count = this.#visit(query, atRevision, (_, index, position) => {
      kvs.push(arena.copy(this.#pair(index, position)));
    });
    return { kvs, count };
  }

  /** The stored bytes, borrowed, of a key that exists now. */
  newest(index: KeyIndex): Uint8Array {
    writeRevisionKey(this.#revisionKey, index.main, index.sub);
    return this.#stored();
  }

  count({ key, rangeEnd }: RangeQuery, atRevision: number): number {
    if (rangeEnd.length > 0) return this.#index.count(keyText(key), endText(rangeEnd), atRevision);
    const index = this.#index.get(keyText(key));
    return index !== undefined && index.find(atRevision) >= 0 ? 1 : 0;
  }

  /** Calls `visit` with the place of each pair up to the limit. Returns the count. */
  #visit(query: RangeQuery, atRevision: number, visit: VisitPosition): number {
    const start = keyText(query.key);
    if (query.rangeEnd.length === 0) {
      const index = this.#index.get(start);
      const position = index === undefined ? -1 : index.find(atRevision);
      if (position < 0) return 0;
      visit(start, index!, position);
      return 1;
    }
    const end = endText(query.rangeEnd);
    let visited = 0;
    let isCut = false as boolean;
    this.#index.scan(start, end, (key, index) => {
      const position = index.find(atRevision);
      if (position < 0) return true;
      if (visited === query.limit && query.limit > 0) {
        isCut = true;
        return false;
      }
      visit(key, index, position);
      visited++;
      return true;
    });
    return isCut ? this.#index.count(start, end, atRevision) : visited;
  }

  /** The stored bytes, borrowed. */
  #pair(index: KeyIndex, position: number): Uint8Array {
    writeRevisionKey(this.#revisionKey, index.mainAt(position), index.subAt(position));
    return this.#stored();
  }

  #stored(): Uint8Array {
    const bytes = this.#backend.get("key", this.#revisionKey);
    assert(bytes !== undefined, "the index names a revision that the backend does not have");
    return bytes;
  }
}

/**
 * The revision at which to read when `asked` was asked for.
 *
 * @throws EtcdError compacted, futureRevision
 */
export function readRevision(asked: number, current: number, compacted: number): number {
  if (asked > current) throw new EtcdError("futureRevision");
  const revision = asked <= 0 ? current : asked;
  if (revision < compacted) throw new EtcdError("compacted");
  return revision;
}

/** The end of a range as the index wants it; null is the end of the key space. */
function endText(rangeEnd: Uint8Array): string | null {
  return isOpenEnd(rangeEnd) ? null : keyText(rangeEnd);
}

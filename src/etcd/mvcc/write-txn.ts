import { assert } from "../base/assert.ts";
import { decodeKeyValue, encodeKeyValue, Event_EventType, newKeyValue, type KeyValue } from "../wire/mvccpb.ts";
import { isOpenEnd, keyBytes, keyText } from "./key-text.ts";
import type { LeaseAttachments } from "./leases.ts";
import { type RangeQuery, type RangeResult, type RangeView, readRevision } from "./range-view.ts";
import { revisionBytes, revisionKey, writeRevisionKey } from "./revision.ts";
import type { StoreState } from "./store-state.ts";

/** One change of a transaction. Its bytes are its own: whoever is told of it may keep it, and nobody may alter it. */
export interface Change {
  /** PUT or DELETE. */
  readonly type: Event_EventType;
  /** Of a put the whole pair, of a delete the key and the mod_revision. */
  readonly kv: KeyValue;
}

/** What a transaction did. */
export interface WriteResult {
  /** The store's revision from now on: the next one if anything changed, else the same as before. */
  readonly revision: number;
  /** In the order of their sub-revisions. */
  readonly changes: readonly Change[];
}

/**
 * A write transaction: all its changes get the next main revision, and sub-revisions 0, 1, 2 in their order. Reads see
 * what it wrote so far. One is open at a time, nobody reads the store meanwhile, and there is no way back: who must
 * refuse does so before the first write.
 */
export class WriteTxn implements RangeView {
  readonly #store: StoreState;
  readonly #base: number;
  readonly #changes: Change[] = [];
  #isOpen = true;
  #operations = 0;

  constructor(store: StoreState) {
    assert(!store.isWriting, "two write transactions at a time");
    assert(Number.isSafeInteger(store.currentRevision + 1), "the store has run out of revisions");
    store.isWriting = true;
    this.#store = store;
    this.#base = store.currentRevision;
  }

  /** The store's, plus one as soon as anything is written. */
  get revision(): number {
    return this.#changes.length > 0 ? this.#base + 1 : this.#base;
  }

  get leases(): LeaseAttachments {
    return this.#store.leases;
  }

  range(query: RangeQuery): RangeResult<KeyValue> {
    return this.#store.reader.range(query, this.#revisionFor(query));
  }

  rangeKeys(query: RangeQuery): RangeResult<KeyValue> {
    return this.#store.reader.rangeKeys(query, this.#revisionFor(query));
  }

  rangeEncoded(query: RangeQuery): RangeResult<Uint8Array> {
    return this.#store.reader.rangeEncoded(query, this.#revisionFor(query));
  }

  count(query: RangeQuery): number {
    return this.#store.reader.count(query, this.#revisionFor(query));
  }

  /** The pair of this key, null if there is none. */
  get(key: Uint8Array): KeyValue | null {
    return this.range({ key, rangeEnd: noBytes, revision: 0, limit: 0 }).kvs[0] ?? null;
  }

  /** Puts a pair; the lease, unless 0, must exist. */
  put(key: Uint8Array, value: Uint8Array, leaseId: bigint): void {
    assert(this.#isOpen, "a transaction writes after its end");
    const { index, backend, leases, counters } = this.#store;
    const main = this.#base + 1;
    const sub = this.#changes.length;
    const text = keyText(key);
    const history = index.put(text, main, sub, leaseId !== 0n);
    const { createRevision, version } = history;
    const bytes = encodeKeyValue({ key, createRevision, modRevision: main, version, value, lease: leaseId });
    writeRevisionKey(putKey, main, sub);
    backend.put("key", putKey, bytes);
    // Key and value came with the request and are borrowed; what the backend got is ours to share.
    this.#changes.push({ type: Event_EventType.PUT, kv: decodeKeyValue(bytes) });
    this.#operations++;
    counters.puts++;
    counters.putBytes += key.length + value.length;
    const oldLeaseId = version === 1 ? 0n : leases.leaseOf(text);
    if (oldLeaseId === leaseId) return;
    if (oldLeaseId !== 0n) leases.detach(oldLeaseId, text);
    if (leaseId !== 0n) leases.attach(leaseId, text);
  }

  /** Deletes the keys of a range, in their order, and returns how many there were. */
  deleteRange(key: Uint8Array, rangeEnd: Uint8Array): number {
    assert(this.#isOpen, "a transaction writes after its end");
    this.#operations++;
    this.#store.counters.deletes++;
    const { index } = this.#store;
    const start = keyText(key);
    if (rangeEnd.length === 0) return this.#delete(start) ? 1 : 0;
    const keys: string[] = [];
    index.scan(start, isOpenEnd(rangeEnd) ? null : keyText(rangeEnd), (found, history) => {
      if (history.isAlive) keys.push(found);
      return true;
    });
    for (const found of keys) this.#delete(found);
    return keys.length;
  }

  /** Closes the transaction; the store is at the returned revision. */
  end(): WriteResult {
    assert(this.#isOpen, "a transaction ends twice");
    this.#isOpen = false;
    this.#store.isWriting = false;
    this.#store.currentRevision = this.revision;
    if (this.#operations > 1) this.#store.counters.txns++;
    return { revision: this.revision, changes: this.#changes };
  }

  #delete(text: string): boolean {
    const { index, backend, leases } = this.#store;
    const main = this.#base + 1;
    const sub = this.#changes.length;
    if (!index.tombstone(text, main, sub)) return false;
    const key = keyBytes(text);
    backend.put("key", revisionKey(main, sub, true), encodeKeyValue(newKeyValue({ key })));
    this.#changes.push({ type: Event_EventType.DELETE, kv: newKeyValue({ key, modRevision: main }) });
    const leaseId = leases.leaseOf(text);
    if (leaseId !== 0n) leases.detach(leaseId, text);
    return true;
  }

  #revisionFor(query: RangeQuery): number {
    this.#operations++;
    this.#store.counters.ranges++;
    return readRevision(query.revision, this.revision, this.#store.compactRevision);
  }
}

const noBytes = new Uint8Array(0);
const putKey = new Uint8Array(revisionBytes);

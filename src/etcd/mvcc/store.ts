import { EtcdError } from "../errors.ts";
import type { KeyValue } from "../wire/mvccpb.ts";
import type { Backend } from "./backend.ts";
import { CompactionJob, finishedCompactKey, scheduledCompactKey } from "./compaction-job.ts";
import { HashJob } from "./hash-job.ts";
import { keyText } from "./key-text.ts";
import type { KeyIndex } from "./key-index.ts";
import type { KeyValueHash } from "./kv-hasher.ts";
import type { LeaseAttachments } from "./leases.ts";
import type { PairsAhead } from "./pairs-ahead.ts";
import { type RangeQuery, type RangeResult, type RangeView, readRevision } from "./range-view.ts";
import { isTombstone, mainOf, revisionKey, subOf } from "./revision.ts";
import { StoreState, type StoreCounters } from "./store-state.ts";
import { StoredPair } from "./stored-pair.ts";
import { WriteTxn } from "./write-txn.ts";

export interface StoreOptions {
  /** Told of the attachments that the stored pairs imply while the store opens, and of every change after that. */
  readonly leases: LeaseAttachments;
}

/**
 * The multi-version store: every write makes a revision, and every revision can be read until it is compacted.
 *
 *   index (memory)                        backend, bucket "key" (disk)
 *   "a" → {2.0 4.0 6.0t} {8.0}            2.0 → pair, 4.0 → pair, 6.0t → key, 8.0 → pair
 *
 * Invariants: the index names exactly the pairs of the backend, but for those that a compaction under way still has to
 * delete; compactRevision <= currentRevision; the revision never goes back, also not over a crash.
 */
export class MvccStore implements RangeView {
  readonly #state: StoreState;

  /** Opens what the backend holds: reads every pair once, and keeps its key, not its value. */
  constructor({ leases }: StoreOptions, backend: Backend) {
    this.#state = new StoreState(backend, leases);
    this.#restore();
  }

  get leases(): LeaseAttachments {
    return this.#state.leases;
  }

  get counters(): Readonly<StoreCounters> {
    return this.#state.counters;
  }

  get currentRevision(): number {
    return this.#state.currentRevision;
  }

  /** The same as `currentRevision`: what a read sees, as a {@link RangeView} has it. */
  get revision(): number {
    return this.#state.currentRevision;
  }

  /** Reads below it are refused. -1 before the first compaction. */
  get compactRevision(): number {
    return this.#state.compactRevision;
  }

  /** Keys that exist now. */
  get keysTotal(): number {
    return this.#state.index.live;
  }

  /** The compaction to work on: the one under way, or one that the last run of the server did not finish. */
  get pendingCompaction(): CompactionJob | null {
    return this.#state.compactions[0] ?? null;
  }

  range(query: RangeQuery): RangeResult<KeyValue> {
    return this.#state.reader.range(query, this.#revisionFor(query));
  }

  rangeKeys(query: RangeQuery): RangeResult<KeyValue> {
    return this.#state.reader.rangeKeys(query, this.#revisionFor(query));
  }

  rangeEncoded(query: RangeQuery): RangeResult<Uint8Array> {
    return this.#state.reader.rangeEncoded(query, this.#revisionFor(query));
  }

  /**
   * The pairs of a large range from its start on, for those who will read it piece by piece: in one walk over the disk,
   * where a read of each would be a search. Null if it is too small to be worth it. What is read at another revision, or
   * outside of the range, is not in it.
   *
   * @throws EtcdError compacted, futureRevision
   */
  readAhead(query: RangeQuery): PairsAhead | null {
    const { currentRevision, compactRevision } = this.#state;
    return this.#state.reader.readAhead(query, readRevision(query.revision, currentRevision, compactRevision));
  }

  count(query: RangeQuery): number {
    return this.#state.reader.count(query, this.#revisionFor(query));
  }

  /** The pair of a key as it was at a revision; null if it did not exist there, or if nobody can know any more. */
  valueAt(key: Uint8Array, revision: number): KeyValue | null {
    if (revision < this.#state.compactRevision || revision > this.#state.currentRevision) return null;
    return this.#state.reader.range({ key, rangeEnd: noBytes, revision, limit: 0 }, revision).kvs[0] ?? null;
  }

  /** The history of a key that exists now: its newest revision, create revision and version, without a read. */
  historyOf(key: Uint8Array): KeyIndex | undefined {
    const history = this.#state.index.get(keyText(key));
    return history?.isAlive ? history : undefined;
  }

  /** The stored mvccpb.KeyValue of such a key, borrowed. */
  storedOf(history: KeyIndex): Uint8Array {
    return this.#state.reader.newest(history);
  }

  /**
   * Visits each change with fromMain <= main < toMainExclusive in the order of (main, sub) until the visit returns false.
   * Resumed by a new call from the main revision that it came to. The bytes are the stored KeyValue, of a tombstone with
   * its key only, and borrowed: valid during the visit, which must not touch the store.
   */
  scanRevisions(
    fromMain: number,
    toMainExclusive: number,
    visit: (main: number, sub: number, tombstone: boolean, kvBytes: Uint8Array) => boolean,
  ): void {
    const start = revisionKey(Math.max(fromMain, 0), 0);
    this.#state.backend.scan("key", start, revisionKey(Math.max(toMainExclusive, 0), 0), (key, value) =>
      visit(mainOf(key), subOf(key), isTombstone(key), value),
    );
  }

  /** Begins a write transaction. It must end before the next one begins, and before anything else reads the store. */
  write(): WriteTxn {
    return new WriteTxn(this.#state);
  }

  /**
   * Begins to forget the history below `revision`; reads of it are refused from now on. The job does the work in slices
   * and survives a restart.
   *
   * @throws EtcdError compacted, futureRevision
   */
  scheduleCompaction(revision: number): CompactionJob {
    const state = this.#state;
    const previous = state.compactRevision;
    if (revision <= previous) throw new EtcdError("compacted");
    if (revision > state.currentRevision) throw new EtcdError("futureRevision");
    const isWhole = this.#mark(scheduledCompactKey) === this.#mark(finishedCompactKey);
    state.compactRevision = revision;
    state.backend.put("meta", scheduledCompactKey, revisionKey(revision, 0));
    const job = new CompactionJob(state, revision, previous, isWhole);
    state.compactions.push(job);
    return job;
  }

  /**
   * The hash over the history up to `revision` (0: the newest), which equal members answer equally. If a compaction to
   * exactly this revision left its hash behind, that is the answer.
   *
   * @throws EtcdError compacted, futureRevision
   */
  hashKv(revision: number): HashJob {
    return new HashJob(this.#state, revision);
  }

  /** The hashes that past compactions left behind, oldest first. */
  get compactionHashes(): readonly KeyValueHash[] {
    return this.#state.hashes;
  }

  #revisionFor(query: RangeQuery): number {
    this.#state.counters.ranges++;
    return readRevision(query.revision, this.#state.currentRevision, this.#state.compactRevision);
  }

  /** The main revision of a mark in the meta bucket, undefined if it was never set. */
  #mark(key: Uint8Array): number | undefined {
    const bytes = this.#state.backend.get("meta", key);
    return bytes === undefined ? undefined : mainOf(bytes);
  }

  #restore(): void {
    const finished = this.#mark(finishedCompactKey) ?? -1;
    const scheduled = this.#mark(scheduledCompactKey) ?? -1;
    const last = this.#restoreIndex();
    // All that was ever written may be compacted away, the last tombstone too. Revisions must not be given out again.
    this.#state.currentRevision = Math.max(this.#state.currentRevision, last, finished, scheduled);
    this.#state.compactRevision = finished;
    // etcd reads an absent mark as 0 and so does not resume a compaction to 0, which has nothing to do.
    if (scheduled > Math.max(finished, 0)) this.scheduleCompaction(scheduled);
  }

  /** Returns the newest main revision, 0 if there is none. */
  #restoreIndex(): number {
    const pair = new StoredPair();
    const leaseOf = new Map<string, bigint>();
    let last = 0;
    const { index } = this.#state;
    this.#state.backend.visitAll("key", ({ keyBytes, keyStart, keyEnd, valueBytes, valueStart, valueEnd }) => {
      pair.read(valueBytes, valueStart, valueEnd);
      const text = keyText(valueBytes, pair.keyStart, pair.keyEnd);
      const sub = subOf(keyBytes, keyStart);
      const tombstone = isTombstone(keyBytes, keyStart, keyEnd);
      last = mainOf(keyBytes, keyStart);
      const hasLease = pair.lease !== 0n;
      if (tombstone) index.restoreTombstone(text, last, sub);
      else index.restorePut(text, last, sub, pair.createRevision, pair.version, hasLease);
      if (!tombstone && hasLease) leaseOf.set(text, pair.lease);
      else if (leaseOf.size > 0) leaseOf.delete(text);
      return true;
    });
    index.restored();
    for (const [key, leaseId] of leaseOf) this.#state.leases.attach(leaseId, key);
    return last;
  }
}

const noBytes = new Uint8Array(0);

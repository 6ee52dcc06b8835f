import type { Backend } from "./backend.ts";
import type { CompactionJob } from "./compaction-job.ts";
import { KeyTree } from "./key-tree.ts";
import type { KeyValueHash } from "./kv-hasher.ts";
import type { LeaseAttachments } from "./leases.ts";
import { PairReader } from "./range-view.ts";

/** How many hashes of past compactions are kept. */
const hashesMax = 10;

/** Counted since the store was opened. */
export interface StoreCounters {
  ranges: number;
  puts: number;
  /** Delete requests, not keys. */
  deletes: number;
  /** Write transactions of more than one operation. */
  txns: number;
  /** Keys and values of all puts. */
  putBytes: number;
}

/** What a store shares with its transactions and jobs, and nobody else. */
export class StoreState {
  readonly backend: Backend;
  readonly leases: LeaseAttachments;
  readonly index = new KeyTree();
  readonly reader: PairReader;
  readonly counters: StoreCounters = { ranges: 0, puts: 0, deletes: 0, txns: 0, putBytes: 0 };
  /** A store without a write is at revision 1; the first write makes 2. */
  currentRevision = 1;
  /** Reads below it are refused. */
  compactRevision = -1;
  /** Whether a write transaction is open. */
  isWriting = false;
  /** In the order in which they were scheduled, which is the order in which they run. */
  readonly compactions: CompactionJob[] = [];
  /** What past compactions left behind, oldest first. */
  hashes: readonly KeyValueHash[] = [];

  constructor(backend: Backend, leases: LeaseAttachments) {
    this.backend = backend;
    this.leases = leases;
    this.reader = new PairReader(this.index, backend);
  }

  keepHash(hash: KeyValueHash): void {
    this.hashes = [...this.hashes, hash].sort((a, b) => a.revision - b.revision).slice(-hashesMax);
  }
}

import { assert } from "../../base/assert.ts";
import {
  type Entry,
  type HardState,
  newHardState,
  newSnapshotMetadata,
  type SnapshotMetadata,
} from "../../wire/raftpb.ts";
import type { RaftLog, RecoveredLog } from "../log.ts";

type Row =
  | { readonly kind: "entry"; readonly entry: Entry }
  | { readonly kind: "state"; readonly state: HardState }
  | { readonly kind: "mark"; readonly mark: SnapshotMetadata };

interface Save {
  readonly rows: readonly Row[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export interface MemoryLogOptions {
  /** `auto`: every save is flushed at the end of its turn. `manual`: only when the test says so. */
  readonly flushes: "auto" | "manual";
}

/**
 * A log in memory, for tests, whose disk obeys the test: saves wait for their flush, a flush can fail, and a crash
 * forgets what was not flushed, but for as much of it as the disk happened to write.
 *
 *   rows, flushed | saves that wait
 *                 └── crash(n): the first n rows of them are there, the others never were
 */
export class MemoryLog implements RaftLog {
  readonly #rows: Row[] = [];
  #waiting: Save[] = [];
  #flushes: MemoryLogOptions["flushes"];
  #failure: Error | null = null;
  #isFlushDue = false;
  #isClosed = false;
  /** How many saves reached the disk, whole batches as one. */
  flushCount = 0;
  /** What `release` was called with. */
  readonly released: number[] = [];

  constructor({ flushes }: MemoryLogOptions = { flushes: "auto" }) {
    this.#flushes = flushes;
  }

  save(hardState: HardState | null, entries: readonly Entry[]): Promise<void> {
    const rows: Row[] = entries.map((entry) => ({ kind: "entry", entry }));
    if (hardState !== null) rows.push({ kind: "state", state: hardState });
    return this.#enqueue(rows);
  }

  saveSnapshot(mark: SnapshotMetadata): Promise<void> {
    assert(mark.index === 0 || mark.confState !== null, "a snapshot mark above 0 has a conf state");
    return this.#enqueue([{ kind: "mark", mark }]);
  }

  release(index: number): Promise<void> {
    this.released.push(index);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Saves that wait for their flush. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** The payloads of all entries on disk, in their order. */
  get entries(): Entry[] {
    return logOf(this.#rows).entries;
  }

  set flushes(flushes: MemoryLogOptions["flushes"]) {
    this.#flushes = flushes;
    if (flushes === "auto") this.#flushSoon();
  }

  /** Every save fails from now on; null: the disk is well again. */
  set failure(error: Error | null) {
    this.#failure = error;
    if (error !== null) this.#rejectAll(error);
  }

  /** What waits is on disk now. */
  flush(): void {
    const saves = this.#waiting;
    this.#waiting = [];
    if (saves.length === 0) return;
    this.flushCount++;
    for (const { rows, resolve } of saves) {
      this.#rows.push(...rows);
      resolve();
    }
  }

  /** The process dies: nobody hears of its saves again. Returns the log that the next one opens. */
  crash(tornRows = 0): MemoryLog {
    const next = new MemoryLog();
    const torn = this.#waiting.flatMap(({ rows }) => rows).slice(0, tornRows);
    next.#rows.push(...this.#rows, ...torn);
    this.failure = new Error("the process is dead");
    return next;
  }

  /** What is on disk, as whoever opens the log finds it. */
  recovered(identity: { readonly memberId: bigint; readonly clusterId: bigint }): RecoveredLog {
    return { log: this, ...identity, ...logOf(this.#rows) };
  }

  #enqueue(rows: readonly Row[]): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ rows, resolve, reject });
      if (this.#flushes === "auto") this.#flushSoon();
    });
  }

  #flushSoon(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    setImmediate(() => {
      this.#isFlushDue = false;
      if (this.#flushes === "auto") this.flush();
    });
  }

  #rejectAll(error: Error): void {
    const saves = this.#waiting;
    this.#waiting = [];
    for (const { reject } of saves) reject(error);
  }
}

/** By the rules of the port: the last hard state, the newest mark that is committed, the entries above it. */
function logOf(rows: readonly Row[]): {
  hardState: HardState;
  snapshot: SnapshotMetadata;
  entries: Entry[];
} {
  let hardState = newHardState();
  const marks: SnapshotMetadata[] = [];
  const entries: Entry[] = [];
  for (const row of rows) {
    if (row.kind === "state") hardState = row.state;
    else if (row.kind === "mark") marks.push(row.mark);
    else {
      // A lower or equal index replaces the tail.
      while (entries.length > 0 && entries[entries.length - 1]!.index >= row.entry.index) entries.pop();
      entries.push(row.entry);
    }
  }
  const { commit } = hardState;
  const snapshot = marks.filter(({ index }) => index <= commit).at(-1) ?? newSnapshotMetadata();
  return { hardState, snapshot, entries: entries.filter(({ index }) => index > snapshot.index) };
}

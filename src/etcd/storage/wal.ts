import { constants } from "node:fs";
import { readdir, rename, rm, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { assert } from "../base/assert.ts";
import { encodeMetadata, newMetadata } from "../wire/etcdserverpb.ts";
import {
  encodeHardState,
  newHardState,
  newSnapshotMetadata,
  type Entry,
  type HardState,
  type SnapshotMetadata,
} from "../wire/raftpb.ts";
import { encodeSnapshot, newSnapshot } from "../wire/walpb.ts";
import type { RaftLog, RecoveredLog } from "../member/log.ts";
import {
  closeFile,
  makePrivateDirectory,
  openFile,
  syncDirectory,
  syncFileData,
  truncateFile,
  writeFile,
} from "./durable-files.ts";
import { isOutOfSpace, StorageError } from "./errors.ts";
import { FrameWriter, recordType, segmentFileName } from "./wal-format.ts";
import { readWal, type Segment } from "./wal-reader.ts";

export interface WalOptions {
  /** A segment is closed once it is this long; etcd's 64,000,000 bytes unless a test says less. */
  readonly segmentBytes?: number;
  /** How many segments `release` leaves; 0 keeps all. etcd's --max-wals, 5. */
  readonly segmentsMax?: number;
  /** Promises durability of nothing: a crash of the machine may lose acknowledged entries. For tests. */
  readonly unsafeNoFsync?: boolean;
  /** Hears how long each write took to reach the disk, in seconds (etcd_disk_wal_fsync_duration_seconds). */
  readonly onFsync?: (seconds: number) => void;
  /**
   * Hears the same of every write, with its bytes (etcd_disk_wal_write_duration_seconds, etcd_disk_wal_write_bytes_total).
   * Writing and flushing are one step here.
   */
  readonly onWrite?: (seconds: number, bytes: number) => void;
}

export interface WalIdentity {
  readonly memberId: bigint;
  readonly clusterId: bigint;
}

/** One write takes about this much; what waits beyond it goes into the next. */
const batchBytesMax = 8 * 1024 * 1024;
/** Zeros are written this far ahead of the log, so that a flush changes data only and no metadata (docs/adr/0003). */
const fillAheadBytes = 4 * 1024 * 1024;
const fillStepBytes = 512 * 1024;
const firstFillBytes = 128 * 1024;
/** After the disk refused more room, how long it is not asked for more than a save needs. */
const spaceRetryMs = 500;

const zeros = Buffer.alloc(fillStepBytes);

/** Starts a new, empty log. Its directory appears under its name only when it is complete. */
export async function createWal(directory: string, identity: WalIdentity, options: WalOptions = {}): Promise<Wal> {
  const unfinished = `${directory}.tmp`;
  await rm(unfinished, { recursive: true, force: true });
  await makePrivateDirectory(unfinished);
  const metadata = encodeMetadata(newMetadata({ nodeId: identity.memberId, clusterId: identity.clusterId }));
  const frames = new FrameWriter();
  frames.checkpoint();
  frames.record(recordType.metadata, metadata);
  frames.record(recordType.snapshot, encodeSnapshot(newSnapshot()));
  const name = segmentFileName(0, 0);
  const fd = await startSegment(join(unfinished, name), frames, options);
  await syncDirectory(unfinished);
  await rename(unfinished, directory);
  await syncDirectory(dirname(directory));
  return new Wal(directory, options, {
    segments: [{ sequence: 0, index: 0, path: join(directory, name) }],
    metadata,
    hardState: newHardState(),
    lastIndex: 0,
    crc: frames.crc,
    fd,
    position: frames.length,
    filledEnd: firstFillBytes,
  });
}

/**
 * Opens an existing log, ours or one that etcd wrote, and cuts off what a crash left of the last write.
 * Throws `CorruptStorageError` when acknowledged records are damaged or missing.
 */
export async function openWal(directory: string, options: WalOptions = {}): Promise<RecoveredLog> {
  const contents = await readWal(directory);
  for (const name of await readdir(directory)) if (name.endsWith(".tmp")) await unlink(join(directory, name));
  const { endOffset, metadata, hardState, snapshot, entries } = contents;
  const fd = await openFile(contents.segments[contents.segments.length - 1]!.path, appendFlags(options));
  // Records of the torn write may stand behind the cut; once the gap is written over they would read as part of the log.
  await truncateFile(fd, endOffset);
  if (options.unsafeNoFsync !== true) await syncFileData(fd);
  const log = new Wal(directory, options, {
    segments: contents.segments,
    metadata: contents.metadataBytes,
    hardState,
    lastIndex: contents.lastIndex,
    crc: contents.crc,
    fd,
    position: endOffset,
    filledEnd: endOffset,
  });
  const { nodeId: memberId, clusterId } = metadata;
  return { log, memberId, clusterId, hardState, snapshot: newSnapshotMetadata(snapshot), entries };
}

/** With O_DSYNC a write returns when its data is on the disk: one trip to the thread pool instead of two. */
function appendFlags(options: WalOptions): number {
  return constants.O_RDWR | constants.O_CREAT | (options.unsafeNoFsync === true ? 0 : constants.O_DSYNC);
}

/** Writes a segment's head and its first zeros, flushed. */
async function startSegment(path: string, head: FrameWriter, options: WalOptions): Promise<number> {
  const fd = await openFile(path, appendFlags(options) | constants.O_TRUNC);
  try {
    const bytes = Buffer.alloc(Math.max(firstFillBytes, head.length));
    head.buffer.copy(bytes, 0, 0, head.length);
    await writeFile(fd, bytes, 0);
    return fd;
  } catch (error) {
    await closeFile(fd);
    throw error;
  }
}

interface WalState {
  readonly segments: Segment[];
  readonly metadata: Uint8Array;
  readonly hardState: HardState;
  readonly lastIndex: number;
  readonly crc: number;
  readonly fd: number;
  readonly position: number;
  readonly filledEnd: number;
}

interface PendingSave {
  readonly entries: readonly Entry[];
  readonly hardState: HardState | null;
  readonly snapshot: SnapshotMetadata | null;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * The log's writing end. What arrives while a write is under way becomes the next write: one buffer, one flush.
 *
 *   | frames, flushed | frames of the write under way | zeros, flushed | (end of file)
 *                     position                                         filledEnd
 *
 * A save that fails was not saved, and neither is any that waited behind it: all reject with the same `StorageError`.
 * If the disk was full (`retryable`), the file is cut back to `position` and the same saves may be tried again; after
 * any other failure the log refuses everything, because what the disk then holds is unknown.
 *
 * The disk being full is noticed late: zeros ahead of the log are room that is ours already, and a segment that cannot
 * be followed by a new one just grows.
 */
export class Wal implements RaftLog {
  readonly #directory: string;
  readonly #options: WalOptions;
  readonly #segmentBytes: number;
  readonly #metadata: Uint8Array;
  readonly #segments: Segment[];
  readonly #frames = new FrameWriter();
  #fd: number;
  #position: number;
  #filledEnd: number;
  // What is on disk up to `position`: the running checksum, the last hard state and the highest index.
  #crc: number;
  #hardState: HardState;
  #lastIndex: number;

  #waiting: PendingSave[] = [];
  #writing: Promise<void> | null = null;
  /** One step of zeros that is being written at `filledEnd`. */
  #filling: Promise<void> | null = null;
  #mayFill = true;
  #askForSpaceAtMs = 0;
  #failure: StorageError | null = null;
  #closed = false;

  constructor(directory: string, options: WalOptions, state: WalState) {
    this.#directory = directory;
    this.#options = options;
    this.#segmentBytes = options.segmentBytes ?? 64_000_000;
    this.#segments = [...state.segments];
    this.#metadata = state.metadata;
    this.#hardState = state.hardState;
    this.#lastIndex = state.lastIndex;
    this.#crc = state.crc;
    this.#fd = state.fd;
    this.#position = state.position;
    this.#filledEnd = state.filledEnd;
    this.#fillAhead();
  }

  save(hardState: HardState | null, entries: readonly Entry[]): Promise<void> {
    return this.#enqueue(hardState, entries, null);
  }

  saveSnapshot(metadata: SnapshotMetadata): Promise<void> {
    assert(metadata.index === 0 || metadata.confState !== null, "a snapshot mark above 0 has a conf state");
    return this.#enqueue(null, [], metadata);
  }

  /**
   * Deletes the oldest segments that hold nothing above the index, as far as there are more than `segmentsMax`. There
   * must be a snapshot mark at the index or above it: it was saved behind the entry of that index, so it stands in a
   * segment that is kept.
   */
  async release(index: number): Promise<void> {
    const kept = this.#options.segmentsMax ?? 5;
    while (kept > 0 && this.#segments.length > kept && this.#segments[1]!.index <= index) {
      await unlink(this.#segments.shift()!.path);
    }
  }

  /** How many segments there are on disk. */
  get segmentCount(): number {
    return this.#segments.length;
  }

  /** Writes what waits, then lets go of the files. May be called twice. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    await this.#pauseFilling();
    const fd = this.#fd;
    this.#fd = -1;
    if (fd >= 0) await closeFile(fd);
  }

  #enqueue(hardState: HardState | null, entries: readonly Entry[], snapshot: SnapshotMetadata | null): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#closed) return Promise.reject(new StorageError("wal: closed"));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entries, hardState, snapshot, resolve, reject });
      // Saves of the same turn share a write.
      this.#writing ??= Promise.resolve().then(() => this.#writeWaiting());
    });
  }

  async #writeWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#position >= this.#segmentBytes) await this.#startNextSegment();
      const batch = this.#encodeBatch();
      const failure = this.#failure ?? (await this.#writeBatch());
      if (failure === null) {
        this.#advance(batch);
        for (const { resolve } of batch) resolve();
      } else {
        for (const { reject } of batch.concat(this.#waiting.splice(0))) reject(failure);
      }
    }
    this.#writing = null;
  }

  /** Takes as many of the waiting saves as one write holds and puts their frames into the buffer. */
  #encodeBatch(): PendingSave[] {
    const frames = this.#frames;
    frames.clear();
    frames.crc = this.#crc;
    frames.checkpoint();
    let count = 0;
    while (count < this.#waiting.length && frames.length < batchBytesMax) {
      const { entries, hardState, snapshot } = this.#waiting[count++]!;
      for (const entry of entries) frames.entry(entry);
      if (hardState !== null) frames.record(recordType.state, encodeHardState(hardState));
      if (snapshot !== null) frames.record(recordType.snapshot, encodeSnapshot(newSnapshot(snapshot)));
    }
    return this.#waiting.splice(0, count);
  }

  /** Writes and flushes the frame buffer. Returns why that failed; the file then ends at `position` again. */
  async #writeBatch(): Promise<StorageError | null> {
    const end = this.#position + this.#frames.length;
    // Zeros that are on their way must not land on top of the frames.
    while (end > this.#filledEnd && this.#filling !== null) await this.#filling;
    const startedAt = performance.now();
    try {
      await writeFile(this.#fd, this.#frames.buffer.subarray(0, this.#frames.length), this.#position);
    } catch (error) {
      return this.#recoverFrom(error);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    this.#options.onFsync?.(seconds);
    this.#options.onWrite?.(seconds, this.#frames.length);
    return null;
  }

  #advance(batch: readonly PendingSave[]): void {
    this.#position += this.#frames.length;
    this.#filledEnd = Math.max(this.#filledEnd, this.#position);
    this.#crc = this.#frames.crc;
    for (const { entries, hardState, snapshot } of batch) {
      if (entries.length > 0) this.#lastIndex = entries[entries.length - 1]!.index;
      if (hardState !== null) this.#hardState = hardState;
      if (snapshot !== null) this.#lastIndex = Math.max(this.#lastIndex, snapshot.index);
    }
    this.#fillAhead();
  }

  /** A full disk is waited out; after anything else the file's state is unknown and the log is done for. */
  async #recoverFrom(error: unknown): Promise<StorageError> {
    if (isOutOfSpace(error)) {
      try {
        await this.#pauseFilling();
        await truncateFile(this.#fd, this.#position);
        this.#filledEnd = this.#position;
        this.#mayFill = true;
        return new StorageError("wal: no space left for a save", { cause: error, retryable: true });
      } catch (truncateError) {
        error = truncateError;
      }
    }
    this.#failure = new StorageError("wal: write failed, the log accepts nothing more", { cause: error });
    return this.#failure;
  }

  /**
   * Closes the current segment and starts the next one. If there is no room for it the current one grows instead, and
   * the next save tries again.
   */
  async #startNextSegment(): Promise<void> {
    if (performance.now() < this.#askForSpaceAtMs) return;
    const sequence = this.#segments[this.#segments.length - 1]!.sequence + 1;
    const unfinished = join(this.#directory, `${sequence}.tmp`);
    const path = join(this.#directory, segmentFileName(sequence, this.#lastIndex + 1));
    const head = new FrameWriter();
    head.crc = this.#crc;
    head.checkpoint();
    head.record(recordType.metadata, this.#metadata);
    if (!isEmptyHardState(this.#hardState)) head.record(recordType.state, encodeHardState(this.#hardState));
    let fd: number;
    try {
      fd = await startSegment(unfinished, head, this.#options);
    } catch {
      this.#askForSpaceAtMs = performance.now() + spaceRetryMs;
      await rm(unfinished, { force: true });
      return;
    }
    try {
      await this.#pauseFilling();
      await rename(unfinished, path);
      await syncDirectory(this.#directory);
      // The zeros behind the last frame are of no more use.
      await truncateFile(this.#fd, this.#position);
      await closeFile(this.#fd);
    } catch (error) {
      this.#failure = new StorageError("wal: cannot start a new segment", { cause: error });
      return;
    }
    this.#segments.push({ sequence, index: this.#lastIndex + 1, path });
    this.#fd = fd;
    this.#position = head.length;
    this.#filledEnd = Math.max(firstFillBytes, head.length);
    this.#crc = head.crc;
    this.#mayFill = true;
    this.#fillAhead();
  }

  /** Keeps zeros ahead of the log, in the background, one step at a time. */
  #fillAhead(): void {
    const isEnough = this.#filledEnd - this.#position >= fillAheadBytes || this.#filledEnd >= this.#segmentBytes;
    if (isEnough || !this.#mayFill || this.#filling !== null || performance.now() < this.#askForSpaceAtMs) return;
    const end = this.#filledEnd + zeros.length;
    this.#filling = writeFile(this.#fd, zeros, this.#filledEnd).then(
      () => {
        this.#filledEnd = Math.max(this.#filledEnd, end);
        this.#filling = null;
        this.#fillAhead();
      },
      () => {
        // No harm yet: a save that finds no room says so itself.
        this.#filling = null;
        this.#askForSpaceAtMs = performance.now() + spaceRetryMs;
      },
    );
  }

  async #pauseFilling(): Promise<void> {
    this.#mayFill = false;
    await this.#filling;
  }
}

function isEmptyHardState({ term, vote, commit }: HardState): boolean {
  return term === 0 && vote === 0n && commit === 0;
}

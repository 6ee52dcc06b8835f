import { readdir, stat } from "node:fs/promises";
import fs, { constants } from "node:fs";
import { join } from "node:path";
import { crc32c } from "../base/crc32c.ts";
import { decodeMetadata, type Metadata } from "../wire/etcdserverpb.ts";
import {
  decodeEntry,
  decodeHardState,
  encodeHardState,
  newHardState,
  type Entry,
  type HardState,
  type SnapshotMetadata,
} from "../wire/raftpb.ts";
import { DecodeError } from "../wire/codec.ts";
import { decodeSnapshot, encodeSnapshot } from "../wire/walpb.ts";
import { CorruptStorageError } from "./errors.ts";
import { closeFile, openFile } from "./durable-files.ts";
import { hasZeroSector, isZero, lengthFieldBytes, parseSegmentFileName, readFrame, recordType } from "./wal-format.ts";

export interface Segment {
  readonly sequence: number;
  /** The first index that may appear in it. */
  readonly index: number;
  readonly path: string;
}

/** All that the log's files say, and where the next frame belongs. */
export interface WalContents {
  readonly segments: Segment[];
  readonly metadata: Metadata;
  /** The metadata record as it stands, for the heads of later segments. */
  readonly metadataBytes: Uint8Array;
  readonly hardState: HardState;
  readonly snapshot: SnapshotMetadata;
  readonly entries: Entry[];
  /** The highest index saved, by an entry or by a snapshot mark. */
  readonly lastIndex: number;
  /** The offset behind the last frame of the last segment. */
  readonly endOffset: number;
  /** The running checksum there. */
  readonly crc: number;
}

/**
 * Reads a WAL directory, ours or etcd's. Throws {@link CorruptStorageError} for anything that a crash cannot have left.
 *
 * A crash can only hurt the last write: it leaves the last segment with a record that is cut off or that holds a sector
 * of zeros. That record and what follows it were never acknowledged and are dropped. The same picture in front of a
 * later batch is damage to acknowledged records, and so is every other checksum that does not match.
 *
 * Only as many of the last segments are read as it takes to reach back to the newest mark: each starts with what is
 * needed to read from there, and older ones hold nothing that is not in the store.
 */
export async function readWal(directory: string): Promise<WalContents> {
  const segments = await listSegments(directory);
  for (let count = 1; ; count *= 2) {
    const first = Math.max(0, segments.length - count);
    const recovery = new Recovery();
    let last: SegmentEnd = { offset: 0 };
    for (const [i, segment] of segments.entries()) {
      if (i >= first) last = await readSegment(segment, i === segments.length - 1, recovery);
    }
    if (first > 0 && !recovery.startsAtOrBelow(segments[first]!.index)) continue;
    return { segments, ...recovery.finish(), endOffset: last.offset };
  }
}

async function listSegments(directory: string): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const name of (await readdir(directory)).sort()) {
    const parsed = parseSegmentFileName(name);
    if (parsed !== null) segments.push({ ...parsed, path: join(directory, name) });
  }
  if (segments.length === 0) throw new CorruptStorageError(`wal: file not found in ${directory}`);
  for (let i = 1; i < segments.length; i++) {
    if (segments[i]!.sequence !== segments[i - 1]!.sequence + 1) {
      throw new CorruptStorageError(
        `wal: file sequence numbers do not increase continuously: ${segments[i]!.path} follows ${segments[i - 1]!.path}`,
      );
    }
  }
  return segments;
}

interface SegmentEnd {
  readonly offset: number;
}

async function readSegment(segment: Segment, isLast: boolean, recovery: Recovery): Promise<SegmentEnd> {
  const file = await LoadedFile.open(segment.path);
  try {
    let offset = 0;
    for (;;) {
      await file.load(offset + lengthFieldBytes);
      let frame = readFrame(file.bytes, offset, file.loaded);
      if (frame.kind === "partial" && file.loaded < file.size && !frame.contradictory) {
        await file.load(frame.end);
        frame = readFrame(file.bytes, offset, file.loaded);
      }
      const place = `in file '${segment.path}' at position: ${offset}`;
      if (frame.kind === "record" && recovery.take(frame.type, frame.crc, frame.data, place)) {
        offset = frame.end;
        continue;
      }
      if (frame.kind === "end" && !isLast) return { offset };

      await file.loadUntilQuiet(offset);
      const laterBatch = findBatchStart(file.bytes, offset + lengthFieldBytes, file.loaded);
      const isCrashTrace = isLast && laterBatch < 0;
      if (frame.kind === "end" && isCrashTrace) return { offset };
      const isContradictory = frame.kind !== "end" && frame.kind !== "record" && frame.contradictory;
      if (isCrashTrace && !isContradictory && frame.kind !== "end") {
        const isCutOff = frame.kind === "partial" && file.loaded === file.size;
        if (isCutOff || hasZeroSector(file.bytes, offset + lengthFieldBytes, recordEnd(file, offset)))
          return { offset };
      }
      throw recovery.failure(place);
    }
  } finally {
    await file.close();
  }
}

/** Where the record at `offset` ends, without its padding and as far as the file goes. */
function recordEnd({ bytes, loaded }: LoadedFile, offset: number): number {
  const start = offset + lengthFieldBytes;
  return start > loaded ? loaded : Math.min(loaded, start + bytes.readUIntLE(offset, 6));
}

/**
 * Where, at or after `from`, a batch of ours starts: a crc record that the record behind it confirms. -1: nowhere.
 * Nobody but a later write can have put it there.
 */
function findBatchStart(bytes: Buffer, from: number, limit: number): number {
  for (let at = from - (from % 8) + (from % 8 === 0 ? 0 : 8); at + 16 <= limit; at += 8) {
    // Cheap first: the length of a crc record is 4 to 8, and its type stands right behind.
    if (bytes[at]! < 4 || bytes[at]! > 8 || bytes[at + 9] !== recordType.crc) continue;
    const checkpoint = readFrame(bytes, at, limit);
    if (checkpoint.kind !== "record" || checkpoint.type !== recordType.crc || checkpoint.data !== null) continue;
    const next = readFrame(bytes, checkpoint.end, limit);
    if (next.kind !== "record" || next.data === null) continue;
    if (crc32c(next.data, checkpoint.crc) === next.crc) return at;
  }
  return -1;
}

/** Takes the records of all segments in order and works out what they add up to. */
class Recovery {
  #crc = 0;
  #metadataBytes: Uint8Array | null = null;
  #hardState = newHardState();
  #snapshots: SnapshotMetadata[] = [];
  #entries: Entry[] = [];
  #lastIndex = 0;
  #mismatch = "walpb: record is malformed";

  /** False: the checksum does not fit. Throws when it does and the content still cannot be. */
  take(type: number, crc: number, data: Uint8Array | null, place: string): boolean {
    if (type === recordType.crc) {
      // A reader that starts in the middle of the log has no checksum yet; zero stands for that, as in etcd.
      if (data !== null || (this.#crc !== 0 && crc !== this.#crc)) return this.#refuse(crc, this.#crc);
      this.#crc = crc;
      return true;
    }
    if (data === null) return this.#refuse(crc, this.#crc);
    const computed = crc32c(data, this.#crc);
    if (computed !== crc) return this.#refuse(crc, computed);
    this.#crc = computed;
    try {
      this.#takeContent(type, data);
    } catch (error) {
      if (!(error instanceof DecodeError || error instanceof CorruptStorageError)) throw error;
      throw new CorruptStorageError(`${error.message}: ${place}`, { cause: error });
    }
    return true;
  }

  failure(place: string): CorruptStorageError {
    return new CorruptStorageError(`${this.#mismatch}: ${place}`);
  }

  /** Whether everything above the newest mark has been read, when what was read begins with entry `firstIndex`. */
  startsAtOrBelow(firstIndex: number): boolean {
    const mark = this.#newestCommitted();
    return mark !== null && firstIndex <= mark.index + 1;
  }

  finish(): Omit<WalContents, "segments" | "endOffset"> {
    if (this.#metadataBytes === null) throw new CorruptStorageError("wal: metadata not found");
    const snapshot = this.#newestSnapshot();
    const entries = this.#entries.filter((entry) => entry.index > snapshot.index);
    const first = entries[0];
    if (first !== undefined && first.index !== snapshot.index + 1) {
      throw new CorruptStorageError(
        `wal: slice bounds out of range, snapshot[Index: ${snapshot.index}, Term: ${snapshot.term}], ` +
          `current entry[Index: ${first.index}, Term: ${first.term}]`,
      );
    }
    return {
      metadata: decodeMetadata(this.#metadataBytes),
      metadataBytes: this.#metadataBytes,
      hardState: this.#hardState,
      snapshot,
      entries,
      lastIndex: this.#lastIndex,
      crc: this.#crc,
    };
  }

  #refuse(expected: number, computed: number): false {
    this.#mismatch = `walpb: crc mismatch: expected: ${expected.toString(16)} computed: ${computed.toString(16)}`;
    return false;
  }

  /** The checksum does not cover the type, so each kind of content must also prove that it is of that kind. */
  #takeContent(type: number, data: Uint8Array): void {
    switch (type) {
      case recordType.entry:
        this.#takeEntry(decodeEntry(Buffer.from(data)));
        return;
      case recordType.state: {
        const hardState = decodeHardState(data);
        if (!encodeHardState(hardState).equals(data)) throw unexpected("hard state");
        this.#hardState = hardState;
        this.#forgetCovered();
        return;
      }
      case recordType.snapshot: {
        const mark = decodeSnapshot(data);
        if (!encodeSnapshot(mark).equals(data)) throw unexpected("snapshot");
        this.#snapshots.push(mark);
        this.#lastIndex = Math.max(this.#lastIndex, mark.index);
        this.#forgetCovered();
        return;
      }
      case recordType.metadata: {
        const known = this.#metadataBytes;
        if (known !== null && Buffer.compare(known, data) !== 0) {
          throw new CorruptStorageError("wal: conflicting metadata found");
        }
        this.#metadataBytes ??= Buffer.from(data);
        return;
      }
      default:
        throw new CorruptStorageError(`unexpected block type ${type}`);
    }
  }

  #takeEntry(entry: Entry): void {
    if (entry.index < 1 || entry.type > 2 || entry.term >= Number.MAX_SAFE_INTEGER) throw unexpected("entry");
    const entries = this.#entries;
    // A lower or equal index takes back the tail that a former leader had sent.
    while (entries.length > 0 && entries[entries.length - 1]!.index >= entry.index) entries.pop();
    // A gap is right only behind a snapshot that replaced the log; `finish` checks that there is one.
    if (entries.length > 0 && entries[entries.length - 1]!.index + 1 !== entry.index) this.#entries = [];
    this.#entries.push(entry);
    this.#lastIndex = entry.index;
  }

  /** Keeps memory bounded: the newest mark below the commit index will be the one to start from, or an older one. */
  #forgetCovered(): void {
    const mark = this.#snapshots.findLast(({ index }) => index <= this.#hardState.commit);
    const first = this.#entries[0];
    if (mark === undefined || first === undefined || first.index > mark.index) return;
    const last = this.#entries[this.#entries.length - 1]!;
    if (last.index <= mark.index) this.#entries = [];
    else this.#entries.splice(0, mark.index - first.index + 1);
  }

  #newestCommitted(): SnapshotMetadata | null {
    return this.#snapshots
      .filter(({ index }) => index <= this.#hardState.commit)
      .reduce<SnapshotMetadata | null>((best, each) => (best === null || each.index >= best.index ? each : best), null);
  }

  #newestSnapshot(): SnapshotMetadata {
    const mark = this.#newestCommitted();
    if (mark === null) throw new CorruptStorageError("wal: snapshot not found");
    if (this.#snapshots.some(({ index, term }) => index === mark.index && term !== mark.term)) {
      throw new CorruptStorageError("wal: snapshot mismatch");
    }
    return mark;
  }
}

function unexpected(what: string): CorruptStorageError {
  return new CorruptStorageError(`walpb: crc mismatch: the content of a record is no ${what}`);
}

const loadStepBytes = 1024 * 1024;

/** A file that is read from its start, step by step, into one buffer; untouched parts of it cost no memory. */
class LoadedFile {
  readonly bytes: Buffer;
  readonly size: number;
  loaded = 0;
  readonly #fd: number;

  private constructor(fd: number, size: number) {
    this.#fd = fd;
    this.size = size;
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  static async open(path: string): Promise<LoadedFile> {
    const { size } = await stat(path);
    return new LoadedFile(await openFile(path, constants.O_RDONLY), size);
  }

  close(): Promise<void> {
    return closeFile(this.#fd);
  }

  /** Loads up to the offset at least, or to the end of the file. */
  async load(offset: number): Promise<void> {
    const target = Math.min(this.size, offset);
    while (this.loaded < target) await this.#step();
  }

  /** Loads on from the offset until a whole step holds nothing but zeros: no write of ours reaches past that. */
  async loadUntilQuiet(offset: number): Promise<void> {
    await this.load(offset + loadStepBytes);
    let checked = offset;
    while (!isZero(this.bytes, checked, this.loaded) && this.loaded < this.size) {
      checked = this.loaded;
      await this.#step();
    }
  }

  async #step(): Promise<void> {
    const length = Math.min(loadStepBytes, this.size - this.loaded);
    const count = await new Promise<number>((resolve, reject) => {
      fs.read(this.#fd, this.bytes, this.loaded, length, this.loaded, (error, bytesRead) => {
        if (error === null) resolve(bytesRead);
        else reject(error);
      });
    });
    if (count === 0) throw new CorruptStorageError("wal: the file became shorter while it was read");
    this.loaded += count;
  }
}

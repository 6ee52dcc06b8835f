import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { crc32c } from "../base/crc32c.ts";
import { CorruptStorageError } from "./errors.ts";
import { LoadedFile } from "./loaded-file.ts";
import {
  type Frame,
  hasZeroSector,
  lengthFieldBytes,
  parseSegmentFileName,
  readFrame,
  recordType,
} from "./wal-format.ts";
import { type Recovered, Recovery } from "./wal-recovery.ts";

export interface Segment {
  readonly sequence: number;
  /** The first index that may appear in it. */
  readonly index: number;
  readonly path: string;
}

/** All that the log's files say, and where the next frame belongs. */
export interface WalContents extends Recovered {
  readonly segments: Segment[];
  /** The offset behind the last frame of the last segment. */
  readonly endOffset: number;
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
    let endOffset = 0;
    for (const [i, segment] of segments.entries()) {
      if (i >= first) endOffset = await readSegment(segment, i === segments.length - 1, recovery);
    }
    if (first > 0 && !recovery.startsAtOrBelow(segments[first]!.index)) continue;
    return { segments, ...recovery.finish(), endOffset };
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

/** Returns the offset behind the last frame. */
async function readSegment(segment: Segment, isLast: boolean, recovery: Recovery): Promise<number> {
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
      if (isLast) await file.loadUntilQuiet(offset);
      if (isLast ? isTraceOfCrash(file, offset, frame) : frame.kind === "end") return offset;
      throw recovery.failure(place);
    }
  } finally {
    await file.close();
  }
}

/** Whether the log may end in this way where it stands: at its last record, or in a write that was never acknowledged. */
function isTraceOfCrash(file: LoadedFile, offset: number, frame: Frame): boolean {
  const start = offset + lengthFieldBytes;
  if (findBatchStart(file.bytes, start, file.loaded) >= 0) return false;
  if (frame.kind === "end") return true;
  if (frame.kind !== "record" && frame.contradictory) return false;
  const isCutOff = frame.kind === "partial" && file.loaded === file.size;
  return isCutOff || hasZeroSector(file.bytes, start, recordEnd(file, offset));
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

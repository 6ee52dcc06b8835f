/**
 * The bytes of a WAL segment, which are etcd's (server/storage/wal), so that etcd's own tools read our log.
 *
 *   segment := frame* zero*                       what follows the last frame is zero or the end of the file
 *   frame   := length:int64le record pad          low 56 bits: record bytes; top byte: 0x80 | pad bytes, if any
 *   pad     := zero{0,7}                          so that a length never straddles two sectors
 *   record  := 08 type 10 crc [1a size data]      walpb.Record, always in this order
 *
 * `crc` is CRC-32C over the data of all records so far, seeded by the last crc record. A segment starts with a crc
 * record, the metadata and (from the second segment on) the hard state.
 *
 * We also put a crc record in front of every batch. etcd reads it as a checkpoint that agrees; to us it tells a torn
 * write from a damaged one: a batch is written only after the one before it was flushed, so whatever stands before the
 * start of a later batch had been acknowledged (see `wal-reader.ts`).
 */
import { crc32c } from "../base/crc32c.ts";
import type { Entry } from "../wire/raftpb.ts";

export const recordType = { metadata: 1, entry: 2, state: 3, crc: 4, snapshot: 5 } as const;

export const lengthFieldBytes = 8;
/** A torn write shows as a sector that still holds zeros. */
export const sectorBytes = 512;

const typeTag = 0x08;
const crcTag = 0x10;
const dataTag = 0x1a;
const crcBytesMax = 5;
/** Type, crc and the size of the data. */
const headerBytesMax = 2 + 1 + crcBytesMax + 1 + 5;
const paddedFlag = 0x80;
const two32 = 2 ** 32;
const two28 = 2 ** 28;
const zeroBlock = Buffer.alloc(64 * 1024);

/** `0000000000000001-00000000000003e9.wal`: the segment's number and the first index that may appear in it. */
export function segmentFileName(sequence: number, index: number): string {
  return `${hex16(sequence)}-${hex16(index)}.wal`;
}

export function parseSegmentFileName(name: string): { sequence: number; index: number } | null {
  const match = /^([0-9a-f]{16})-([0-9a-f]{16})\.wal$/.exec(name);
  if (match === null) return null;
  return { sequence: Number.parseInt(match[1]!, 16), index: Number.parseInt(match[2]!, 16) };
}

function hex16(value: number): string {
  return value.toString(16).padStart(16, "0");
}

/** Builds the frames of one write, back to back in one buffer that is used again for the next. */
export class FrameWriter {
  #buffer = Buffer.allocUnsafeSlow(64 * 1024);
  #length = 0;
  /** The running checksum; set it back when the frames did not reach the disk. */
  crc = 0;

  get length(): number {
    return this.#length;
  }

  /** The first `length` bytes are the frames; valid until `clear()`. */
  get buffer(): Buffer {
    return this.#buffer;
  }

  clear(): void {
    this.#length = 0;
  }

  /** A crc record: the checksum so far, from which a reader may start. */
  checkpoint(): void {
    this.#reserve(0);
    let at = this.#length + lengthFieldBytes;
    const buffer = this.#buffer;
    buffer[at++] = typeTag;
    buffer[at++] = recordType.crc;
    buffer[at++] = crcTag;
    this.#finish(putVarint(buffer, at, this.crc));
  }

  record(type: number, data: Uint8Array): void {
    this.#reserve(data.length);
    this.#buffer.set(data, this.#dataStart(data.length));
    this.#seal(type, data.length);
  }

  /** An entry, encoded in place: raftpb.Entry with its three numbers always present, as gogo/protobuf writes it. */
  entry({ type, term, index, data }: Entry): void {
    let size = 3 + varintBytes(type) + varintBytes(term) + varintBytes(index);
    if (data !== null) size += 1 + varintBytes(data.length) + data.length;
    this.#reserve(size);
    const buffer = this.#buffer;
    let at = this.#dataStart(size);
    buffer[at++] = 0x08;
    at = putVarint(buffer, at, type);
    buffer[at++] = 0x10;
    at = putVarint(buffer, at, term);
    buffer[at++] = 0x18;
    at = putVarint(buffer, at, index);
    if (data !== null) {
      buffer[at++] = 0x22;
      at = putVarint(buffer, at, data.length);
      buffer.set(data, at);
    }
    this.#seal(recordType.entry, size);
  }

  /** Where the data goes if the checksum in front of it takes all five bytes, which it does 15 times out of 16. */
  #dataStart(dataBytes: number): number {
    return this.#length + lengthFieldBytes + 2 + 1 + crcBytesMax + 1 + varintBytes(dataBytes);
  }

  #seal(type: number, dataBytes: number): void {
    const buffer = this.#buffer;
    const start = this.#dataStart(dataBytes);
    this.crc = crc32c(buffer.subarray(start, start + dataBytes), this.crc);
    let at = this.#length + lengthFieldBytes;
    buffer[at++] = typeTag;
    buffer[at++] = type;
    buffer[at++] = crcTag;
    at = putVarint(buffer, at, this.crc);
    buffer[at++] = dataTag;
    at = putVarint(buffer, at, dataBytes);
    if (at !== start) buffer.copyWithin(at, start, start + dataBytes);
    this.#finish(at + dataBytes);
  }

  #finish(end: number): void {
    const buffer = this.#buffer;
    const recordBytes = end - this.#length - lengthFieldBytes;
    const pad = -recordBytes & 7;
    buffer.writeUInt32LE(recordBytes, this.#length);
    buffer.writeUInt32LE(pad === 0 ? 0 : ((paddedFlag | pad) << 24) >>> 0, this.#length + 4);
    buffer.fill(0, end, end + pad);
    this.#length = end + pad;
  }

  #reserve(dataBytes: number): void {
    const needed = this.#length + dataBytes + 64;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}

/** What stands at one place of a segment. */
export type Frame =
  | { readonly kind: "end" }
  /** The frame reaches past the bytes at hand; `end` says how many would be needed. */
  | { readonly kind: "partial"; readonly end: number; readonly contradictory: boolean }
  | {
      readonly kind: "record";
      readonly type: number;
      readonly crc: number;
      readonly data: Uint8Array | null;
      readonly end: number;
    }
  /** Not a record. `contradictory`: its length and its content disagree, which no torn write explains. */
  | { readonly kind: "malformed"; readonly end: number; readonly contradictory: boolean };

/** Reads the frame at `offset` of `bytes`, of which the first `limit` are known. Data is a view. */
export function readFrame(bytes: Buffer, offset: number, limit: number): Frame {
  if (offset + lengthFieldBytes > limit) return isZero(bytes, offset, limit) ? { kind: "end" } : cutOff(limit);
  const low = bytes.readUInt32LE(offset);
  const high = bytes.readUInt32LE(offset + 4);
  if (low === 0 && high === 0) return { kind: "end" };
  const recordBytes = low + (high & 0xffffff) * two32;
  const pad = -recordBytes & 7;
  const start = offset + lengthFieldBytes;
  const end = start + recordBytes + pad;
  if (high >>> 24 !== (pad === 0 ? 0 : paddedFlag | pad)) return { kind: "malformed", end, contradictory: true };
  const recordEnd = Math.min(limit, start + recordBytes);
  const header = readRecordHeader(bytes, start, recordEnd);
  const agrees = header !== null && header.dataEnd === start + recordBytes;
  if (end > limit) return { kind: "partial", end, contradictory: !agrees && isHeaderWhole(bytes, start, recordEnd) };
  if (!agrees) return { kind: "malformed", end, contradictory: isHeaderWhole(bytes, start, recordEnd) };
  const { type, crc, dataStart, dataEnd } = header;
  return { kind: "record", type, crc, data: dataStart < 0 ? null : bytes.subarray(dataStart, dataEnd), end };
}

/** Whether the record's header was written, as far as can be seen: no end of file and no empty sector lies in it. */
function isHeaderWhole(bytes: Buffer, start: number, recordEnd: number): boolean {
  const headerEnd = start + headerBytesMax;
  return headerEnd <= recordEnd && !hasZeroSector(bytes, start, headerEnd);
}

function cutOff(limit: number): Frame {
  return { kind: "partial", end: limit + lengthFieldBytes, contradictory: false };
}

interface RecordHeader {
  readonly type: number;
  readonly crc: number;
  /** Negative when the record has no data. */
  readonly dataStart: number;
  /** Where the record ends by what it says itself. */
  readonly dataEnd: number;
}

function readRecordHeader(bytes: Buffer, start: number, limit: number): RecordHeader | null {
  if (start + 4 > limit || bytes[start] !== typeTag || bytes[start + 2] !== crcTag) return null;
  const type = bytes[start + 1]!;
  const crc = getVarint(bytes, start + 3, limit);
  if (type >= 0x80 || crc === null || crc.value >= two32) return null;
  if (crc.end >= limit || bytes[crc.end] !== dataTag) return { type, crc: crc.value, dataStart: -1, dataEnd: crc.end };
  const size = getVarint(bytes, crc.end + 1, limit);
  if (size === null) return null;
  return { type, crc: crc.value, dataStart: size.end, dataEnd: size.end + size.value };
}

export function isZero(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += zeroBlock.length) {
    const length = Math.min(zeroBlock.length, end - at);
    if (zeroBlock.compare(bytes, at, at + length, 0, length) !== 0) return false;
  }
  return true;
}

/** Whether a sector, or the part of one that lies in [start, end), still holds zeros. */
export function hasZeroSector(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end;) {
    const next = Math.min(end, at - (at % sectorBytes) + sectorBytes);
    if (isZero(bytes, at, next)) return true;
    at = next;
  }
  return false;
}

export function varintBytes(value: number): number {
  let count = 1;
  while (value >= 0x80) {
    value = value < two28 ? value >>> 7 : Math.floor(value / 0x80);
    count++;
  }
  return count;
}

function putVarint(target: Buffer, at: number, value: number): number {
  while (value >= 0x80) {
    target[at++] = (value & 0x7f) | 0x80;
    value = value < two28 ? value >>> 7 : Math.floor(value / 0x80);
  }
  target[at++] = value;
  return at;
}

function getVarint(bytes: Buffer, at: number, limit: number): { value: number; end: number } | null {
  let value = 0;
  for (let scale = 1; at < limit && scale <= 2 ** 49; scale *= 0x80) {
    const byte = bytes[at++]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, end: at };
  }
  return null;
}

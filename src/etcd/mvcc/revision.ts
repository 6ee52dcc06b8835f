/**
 * A revision says when: `main` counts the transactions of the store, `sub` the changes within one. As a key of the
 * bucket "key" it is 17 bytes, or 18 when it marks a delete (a tombstone):
 *
 *   main:uint64be '_' sub:uint64be ['t']
 *
 * so byte order is the order in which things happened.
 */
export interface Revision {
  readonly main: number;
  readonly sub: number;
}

/** Length of the key of a put. */
export const revisionBytes = 17;
const tombstoneBytes = 18;
const separator = 0x5f;
const tombstoneMark = 0x74;
const twoTo32 = 4294967296;

/** The backend's key of a revision; a fresh array, the caller's own. */
export function revisionKey(main: number, sub: number, tombstone = false): Uint8Array {
  const key = Buffer.allocUnsafe(tombstone ? tombstoneBytes : revisionBytes);
  writeRevisionKey(key, main, sub);
  if (tombstone) key[17] = tombstoneMark;
  return key;
}

/** Writes the key of a put into 17 bytes that are used again: for lookups. */
export function writeRevisionKey(into: Uint8Array, main: number, sub: number, start = 0): void {
  writeUint64(into, start, main);
  into[start + 8] = separator;
  writeUint64(into, start + 9, sub);
}

/** The transaction of a backend key. */
export function mainOf(key: Uint8Array, start = 0): number {
  return readUint64(key, start);
}

/** The place of a backend key within its transaction. */
export function subOf(key: Uint8Array, start = 0): number {
  return readUint64(key, start + 9);
}

export function isTombstone(key: Uint8Array, start = 0, end = key.length): boolean {
  return end - start === tombstoneBytes && key[start + revisionBytes] === tombstoneMark;
}

/** Whether these bytes have the form of a revision key. */
export function isRevisionKey(key: Uint8Array): boolean {
  if (key[8] !== separator) return false;
  return key.length === revisionBytes || isTombstone(key);
}

/** `5.0`, and `6.1t` for a tombstone: how logs, scripts and tests write a revision. */
export function formatRevision(main: number, sub: number, tombstone = false): string {
  return `${main}.${sub}${tombstone ? "t" : ""}`;
}

function writeUint64(bytes: Uint8Array, offset: number, value: number): void {
  const high = Math.floor(value / twoTo32);
  const low = value >>> 0;
  bytes[offset] = high >>> 24;
  bytes[offset + 1] = high >>> 16;
  bytes[offset + 2] = high >>> 8;
  bytes[offset + 3] = high;
  bytes[offset + 4] = low >>> 24;
  bytes[offset + 5] = low >>> 16;
  bytes[offset + 6] = low >>> 8;
  bytes[offset + 7] = low;
}

function readUint64(bytes: Uint8Array, offset: number): number {
  return readUint32(bytes, offset) * twoTo32 + readUint32(bytes, offset + 4);
}

function readUint32(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0;
}

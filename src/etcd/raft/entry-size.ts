import type { Entry } from "../wire/raftpb.ts";

/** No limit in bytes. */
export const NO_LIMIT = Number.POSITIVE_INFINITY;

/** The length of the entry as raftpb writes it: type, term and index always, data when there is any (even empty). */
export function entryBytes(entry: Entry): number {
  const fixed = 3 + varintBytes(entry.type) + varintBytes(entry.term) + varintBytes(entry.index);
  if (entry.data === null) return fixed;
  const length = entry.data.length;
  return fixed + 1 + varintBytes(length) + length;
}

export function entriesBytes(entries: readonly Entry[]): number {
  let bytes = 0;
  for (const entry of entries) bytes += entryBytes(entry);
  return bytes;
}

/** The size of what was proposed, without term and index. The empty entry of a new leader has size zero. */
export function payloadsBytes(entries: readonly Entry[]): number {
  let bytes = 0;
  for (const entry of entries) bytes += entry.data?.length ?? 0;
  return bytes;
}

/** entries[start, end) cut where it would pass `bytesMax`, but never to nothing: one entry may be larger than the limit. */
export function sliceWithin(entries: readonly Entry[], start: number, end: number, bytesMax: number): Entry[] {
  return entries.slice(start, bytesMax === NO_LIMIT ? end : endWithin(entries, start, end, bytesMax));
}

function endWithin(entries: readonly Entry[], start: number, end: number, bytesMax: number): number {
  if (start >= end) return end;
  let bytes = entryBytes(entries[start]!);
  for (let position = start + 1; position < end; position++) {
    bytes += entryBytes(entries[position]!);
    if (bytes > bytesMax) return position;
  }
  return end;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest /= 128) bytes += 1;
  return bytes;
}

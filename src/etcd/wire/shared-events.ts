/**
 * One write on a key that a thousand watchers watch is a thousand responses with the same events. They share one array
 * of events, and here that array is encoded once: what differs, header and watch id, is written in front of it.
 *
 *   WatchResponse := header watch_id created canceled compact_revision cancel_reason fragment | events
 *                    written for each response                                               | from the cache
 */
import { startWriting } from "./codec.ts";
import { encodeWatchResponse, type WatchResponse } from "./etcdserverpb.ts";
import { writeEvent, type Event } from "./mvccpb.ts";
import { encodeWatchResponseRaw } from "./raw.ts";

/** A cache and nothing else: an array that nobody holds takes its bytes with it. */
const encodedByArray = new WeakMap<readonly Event[], Uint8Array>();

/** Field 11 of a WatchResponse, length-delimited. */
const eventsTag = (11 << 3) | 2;

/** The `events` fields of a WatchResponse with these events. The array must not be altered after the first call. */
export function encodedEvents(events: readonly Event[]): Uint8Array {
  const known = encodedByArray.get(events);
  if (known) return known;
  const writer = startWriting();
  for (let i = events.length - 1; i >= 0; i--) {
    const before = writer.size();
    writeEvent(writer, events[i]!);
    writer.nested(eventsTag, before);
  }
  const bytes = writer.finish();
  encodedByArray.set(events, bytes);
  return bytes;
}

/** The same bytes as `encodeWatchResponse`, with the events encoded once for all responses that share their array. */
export function encodeSharedWatchResponse(response: WatchResponse): Uint8Array {
  if (response.events.length === 0) return encodeWatchResponse(response);
  return encodeWatchResponseRaw({ ...response, events: [] }, encodedEvents(response.events));
}

/** How many bytes the response is on the wire. */
export function watchResponseBytes(response: WatchResponse): number {
  return encodeWatchResponse({ ...response, events: [] }).length + encodedEvents(response.events).length;
}

/** How many bytes one event adds to a response. */
export function eventFieldBytes(event: Event): number {
  const writer = startWriting();
  const before = writer.size();
  writeEvent(writer, event);
  writer.nested(eventsTag, before);
  return writer.finish().length;
}

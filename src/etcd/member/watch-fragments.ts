import type { WatchResponse } from "../wire/etcdserverpb.ts";
import type { Event } from "../wire/mvccpb.ts";
import { eventFieldBytes, watchResponseBytes } from "../wire/shared-events.ts";

/**
 * Cuts a response into parts below `bytesMax`, for a client that asked for it. Each part holds one event at least, so
 * that a single large event makes a single large part; all parts but the last say that more follow.
 */
export function fragmentsOf(response: WatchResponse, bytesMax: number): WatchResponse[] {
  if (response.events.length < 2 || watchResponseBytes(response) < bytesMax) return [response];
  const headBytes = watchResponseBytes({ ...response, fragment: true, events: [] });
  const parts: Event[][] = [];
  let part: Event[] = [];
  let bytes = headBytes;
  for (const event of response.events) {
    const eventBytes = eventFieldBytes(event);
    if (part.length > 0 && bytes + eventBytes >= bytesMax) {
      parts.push(part);
      part = [];
      bytes = headBytes;
    }
    part.push(event);
    bytes += eventBytes;
  }
  parts.push(part);
  return parts.map((events, i) => ({ ...response, events, fragment: i < parts.length - 1 }));
}

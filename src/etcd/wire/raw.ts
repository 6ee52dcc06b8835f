/**
 * Messages put together from parts that are encoded already: what the store holds as bytes goes out as these bytes, and
 * a request that was read from a client enters the log without being written field by field again.
 */
import { startWriting, type Writer } from "./codec.ts";
import {
  newRangeResponse,
  type RequestHeader,
  type ResponseHeader,
  type WatchResponse,
  writeRangeResponse,
  writeRequestHeader,
  writeWatchResponse,
} from "./etcdserverpb.ts";
import type { Event_EventType } from "./mvccpb.ts";

const HEADER_FIELD = 100;
const HEADER_TAG = (HEADER_FIELD << 3) | 2;
const KVS_TAG = (2 << 3) | 2;
const EVENTS_TAG = (11 << 3) | 2;
const EVENT_TYPE_TAG = (1 << 3) | 0;
const EVENT_KV_TAG = (2 << 3) | 2;
const EVENT_PREV_KV_TAG = (3 << 3) | 2;

/**
 * An InternalRaftRequest with a header and one request.
 * @param header `id` alone, where nobody is authenticated
 * @param fieldNumber the request's number in InternalRaftRequest: range 3, put 4, delete_range 5, txn 6, and so on
 */
export function encodeInternalRaftRequestRaw(
  header: RequestHeader | bigint,
  fieldNumber: number,
  requestBytes: Uint8Array,
): Buffer {
  const requestHeader = typeof header === "bigint" ? { id: header, username: "", authRevision: 0 } : header;
  const w = startWriting();
  // Fields ascend by number, and the writer works from the end.
  if (fieldNumber > HEADER_FIELD) w.data((fieldNumber << 3) | 2, requestBytes);
  const before = w.size();
  writeRequestHeader(w, requestHeader);
  w.nested(HEADER_TAG, before);
  if (fieldNumber < HEADER_FIELD) w.data((fieldNumber << 3) | 2, requestBytes);
  return w.finish();
}

/** A RangeResponse whose key-values are encoded KeyValue messages. */
export function encodeRangeResponseRaw(
  header: ResponseHeader | null,
  encodedKvs: readonly Uint8Array[],
  more: boolean,
  count: number,
): Buffer {
  const w = startWriting();
  writeRangeResponse(w, newRangeResponse({ more, count }));
  for (let i = encodedKvs.length - 1; i >= 0; i--) w.data(KVS_TAG, encodedKvs[i]!);
  writeRangeResponse(w, newRangeResponse({ header }));
  return w.finish();
}

/** An event whose key-values are encoded KeyValue messages. */
export interface RawEvent {
  readonly type: Event_EventType;
  readonly kv: Uint8Array;
  readonly prevKv: Uint8Array | null;
}

/** The events of a watch response: encoded once, sent to many watchers by {@link encodeWatchResponseRaw}. */
export function encodeEvents(events: readonly RawEvent[]): Buffer {
  const w = startWriting();
  for (let i = events.length - 1; i >= 0; i--) {
    const before = w.size();
    writeEvent(w, events[i]!);
    w.nested(EVENTS_TAG, before);
  }
  return w.finish();
}

/** A WatchResponse with events that {@link encodeEvents} made. Those of `response` itself must be none. */
export function encodeWatchResponseRaw(response: WatchResponse, encodedEvents: Uint8Array): Buffer {
  const w = startWriting();
  // The number of `events` is the highest of the message, so all other fields stand before them.
  w.raw(encodedEvents);
  writeWatchResponse(w, response);
  return w.finish();
}

function writeEvent(w: Writer, event: RawEvent): void {
  if (event.prevKv !== null) w.data(EVENT_PREV_KV_TAG, event.prevKv);
  w.data(EVENT_KV_TAG, event.kv);
  if (event.type !== 0) w.int32(EVENT_TYPE_TAG, event.type);
}

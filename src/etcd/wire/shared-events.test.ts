import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeWatchResponse, newResponseHeader, newWatchResponse, type WatchResponse } from "./etcdserverpb.ts";
import { newEvent, newKeyValue, type Event } from "./mvccpb.ts";
import { encodedEvents, encodeSharedWatchResponse, eventFieldBytes, watchResponseBytes } from "./shared-events.ts";

function put(key: string, value: string): Event {
  const kv = newKeyValue({ key: Buffer.from(key), value: Buffer.from(value), modRevision: 7, createRevision: 5 });
  return newEvent({ kv, prevKv: newKeyValue({ key: Buffer.from(key), lease: 12345678901234567n }) });
}

const header = newResponseHeader({ clusterId: 0xcdf818194e3a8c32n, memberId: 0x8e9e05c52164694dn, revision: 7 });
const events = [put("a", "1"), put("b", "x".repeat(300)), newEvent({ type: 1, kv: newKeyValue({ modRevision: 7 }) })];

const responses: Record<string, WatchResponse> = {
  empty: newWatchResponse(),
  created: newWatchResponse({ header, watchId: 3n, created: true }),
  canceled: newWatchResponse({ header, watchId: -1n, canceled: true, cancelReason: "why", compactRevision: 9 }),
  events: newWatchResponse({ header, watchId: 1n, events }),
  fragment: newWatchResponse({ header, watchId: 2n, fragment: true, events }),
};

for (const [name, response] of Object.entries(responses)) {
  test(`shared or not, a response is the same bytes: ${name}`, () => {
    assert.deepEqual(encodeSharedWatchResponse(response), encodeWatchResponse(response));
    assert.equal(watchResponseBytes(response), encodeWatchResponse(response).length);
  });
}

test("the events of one array are encoded once", () => {
  assert.equal(encodedEvents(events), encodedEvents(events));
  assert.equal(
    encodedEvents(events).length,
    events.reduce((sum, event) => sum + eventFieldBytes(event), 0),
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { messageArbitrary } from "../../../test/support/message-arbitrary.ts";
import {
  encodeAuthUserAddRequest,
  encodeInternalRaftRequest,
  encodePutRequest,
  encodeRangeResponse,
  encodeWatchResponse,
  newInternalRaftRequest,
  newRangeResponse,
  newRequestHeader,
  type AuthUserAddRequest,
  type PutRequest,
  type RangeResponse,
  type RequestHeader,
  type WatchResponse,
} from "./etcdserverpb.ts";
import { encodeKeyValue, type Event, type KeyValue } from "./mvccpb.ts";
import { encodeEvents, encodeInternalRaftRequestRaw, encodeRangeResponseRaw, encodeWatchResponseRaw } from "./raw.ts";

const messageOf = <T>(name: Parameters<typeof messageArbitrary>[0]): fc.Arbitrary<T> =>
  messageArbitrary(name) as fc.Arbitrary<unknown> as fc.Arbitrary<T>;

function assertBytes(actual: Buffer, expected: Buffer): void {
  assert.equal(actual.toString("hex"), expected.toString("hex"));
}

test("a raft request around encoded bytes is the one that would be encoded whole", () => {
  const header = messageOf<RequestHeader>("etcdserverpb.RequestHeader");
  const put = messageOf<PutRequest>("etcdserverpb.PutRequest");
  const authUserAdd = messageOf<AuthUserAddRequest>("etcdserverpb.AuthUserAddRequest");
  fc.assert(
    fc.property(header, put, authUserAdd, (requestHeader, putRequest, addRequest) => {
      assertBytes(
        encodeInternalRaftRequestRaw(requestHeader, 4, encodePutRequest(putRequest)),
        encodeInternalRaftRequest(newInternalRaftRequest({ header: requestHeader, put: putRequest })),
      );
      // Numbers above the header's stand behind it.
      assertBytes(
        encodeInternalRaftRequestRaw(requestHeader.id, 1100, encodeAuthUserAddRequest(addRequest)),
        encodeInternalRaftRequest(
          newInternalRaftRequest({ header: newRequestHeader({ id: requestHeader.id }), authUserAdd: addRequest }),
        ),
      );
    }),
  );
});

test("a range response of encoded key-values is the one that would be encoded whole", () => {
  fc.assert(
    fc.property(messageOf<RangeResponse>("etcdserverpb.RangeResponse"), (response) => {
      const kvs = response.kvs.map(encodeKeyValue);
      const raw = encodeRangeResponseRaw(response.header, kvs, response.more, response.count);
      assertBytes(raw, encodeRangeResponse(response));
    }),
  );
  assertBytes(encodeRangeResponseRaw(null, [], false, 0), encodeRangeResponse(newRangeResponse()));
});

test("a watch response of encoded events is the one that would be encoded whole", () => {
  const event = fc.record({
    type: fc.constantFrom(0, 1),
    kv: messageOf<KeyValue>("mvccpb.KeyValue"),
    prevKv: fc.option(messageOf<KeyValue>("mvccpb.KeyValue")),
  }) satisfies fc.Arbitrary<Event>;
  fc.assert(
    fc.property(messageOf<WatchResponse>("etcdserverpb.WatchResponse"), fc.array(event), (response, events) => {
      const encoded = encodeEvents(
        events.map(({ type, kv, prevKv }) => ({
          type,
          kv: encodeKeyValue(kv),
          prevKv: prevKv === null ? null : encodeKeyValue(prevKv),
        })),
      );
      assertBytes(
        encodeWatchResponseRaw({ ...response, events: [] }, encoded),
        encodeWatchResponse({ ...response, events }),
      );
    }),
  );
});

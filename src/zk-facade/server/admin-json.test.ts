import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type AdminValue, formatAdminJson } from "./admin-json.ts";
import { JavaDouble } from "./java-text.ts";

test("the shape of ZooKeeper's JSON", () => {
  const value: AdminValue = {
    connections: [
      { session_id: 72058411832639488n, latency: new JavaDouble(0) },
      { session_id: -1n, latency: new JavaDouble(1.25) },
    ],
    secure_connections: [],
    ids: new Map<string, AdminValue>([["72058411832639488", [1, 2n]]]),
    empty: {},
    text: 'a"b\n',
    error: null,
  };
  assert.equal(
    formatAdminJson(value),
    `{
  "connections" : [ {
    "session_id" : 72058411832639488,
    "latency" : 0.0
  }, {
    "session_id" : -1,
    "latency" : 1.25
  } ],
  "secure_connections" : [ ],
  "ids" : {
    "72058411832639488" : [ 1, 2 ]
  },
  "empty" : { },
  "text" : "a\\"b\\n",
  "error" : null
}`,
  );
});

test("it is JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      assert.deepEqual(JSON.parse(formatAdminJson(plain as AdminValue)), plain);
    }),
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { LargeRequests } from "./large-requests.ts";

test("requests above the threshold count, up to their sum", () => {
  const large = new LargeRequests({ thresholdBytes: 100, bytesMax: 300 });
  assert.equal(large.enter(100), 0);
  assert.equal(large.enter(101), 101);
  assert.equal(large.enter(199), 199);
  assert.equal(large.enter(101), null);
  assert.equal(large.enter(100), 0);
  assert.equal(large.bytes, 300);
  large.leave(101);
  assert.equal(large.enter(102), null);
  assert.equal(large.enter(101), 101);
  large.leave(300);
  assert.equal(large.enter(301), null);
  assert.equal(large.bytes, 0);
});

test("without a threshold none is large", () => {
  const large = new LargeRequests({ thresholdBytes: -1, bytesMax: 1 });
  assert.equal(large.enter(2 ** 31 - 1), 0);
  assert.equal(large.bytes, 0);
});

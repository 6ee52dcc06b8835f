import assert from "node:assert/strict";
import { test } from "node:test";
import { PingPolicy } from "./ping-policy.ts";

const MIN_MS = 5000;

test("pings as seldom as allowed are allowed for ever", () => {
  const policy = new PingPolicy(MIN_MS);
  for (let ping = 0; ping < 100; ping++) assert.ok(policy.allowsPing(ping * MIN_MS, 1));
});

test("the third ping that comes too soon ends it", () => {
  const policy = new PingPolicy(MIN_MS);
  const allowed = [0, 1000, 2000, 3000].map((nowMs) => policy.allowsPing(nowMs, 1));
  assert.deepEqual(allowed, [true, true, true, false]);
});

test("without a stream a ping is due every two hours", () => {
  const policy = new PingPolicy(MIN_MS);
  const allowed = [0, 60_000, 120_000, 180_000].map((nowMs) => policy.allowsPing(nowMs, 0));
  assert.deepEqual(allowed, [true, true, true, false]);
  const patient = new PingPolicy(MIN_MS);
  for (let ping = 0; ping < 10; ping++) assert.ok(patient.allowsPing(ping * 7_200_000, 0));
});

test("a client that is sent something may ping", () => {
  const policy = new PingPolicy(MIN_MS);
  for (let ping = 0; ping < 100; ping++) {
    policy.forgive();
    assert.ok(policy.allowsPing(ping, 1));
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestIds } from "./id-generator.ts";

test("an id is the member's lowest 16 bits, the boot time and a counter", () => {
  const ids = new RequestIds(0x8e9e05c52164694dn, 0x1234567890);
  assert.equal(ids.next().toString(16), "694d123456789001");
  assert.equal(ids.next().toString(16), "694d123456789002");
});

test("of the boot time the lowest 40 bits count", () => {
  assert.equal(new RequestIds(1n, 0x99_1234567890).next(), new RequestIds(1n, 0x1234567890).next());
});

test("the counter runs into the time, and the member bits stay as they are", () => {
  const ids = new RequestIds(0xffffn, 0xffffffffff);
  for (let i = 0; i < 255; i++) ids.next();
  assert.equal(ids.next().toString(16), "ffff000000000000");
});

test("a lease id is positive, and never the id of no lease", () => {
  const ids = new RequestIds(0x8000n, 0xffffffffff);
  for (let i = 0; i < 300; i++) {
    const id = ids.nextLeaseId();
    assert.ok(id > 0n && id < 1n << 63n);
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLogger } from "../../etcd/base/logger.ts";
import type { Quota } from "../tree/znode.ts";
import { QuotaWarnings } from "./quota-warnings.ts";

function quota(usedCount: number, usedBytes: number, limits: Partial<Quota> = {}): Quota {
  return { path: "/a", count: 2, bytes: 10, countHardLimit: -1, bytesHardLimit: -1, usedCount, usedBytes, ...limits };
}

test("a quota that is exceeded is spoken of once a minute, and again when it was kept in between", () => {
  let nowMs = 5;
  const warned: unknown[] = [];
  const logger = { ...silentLogger, warn: (_message: string, fields: unknown) => void warned.push(fields) };
  const warnings = new QuotaWarnings({ nowMs: () => nowMs, wallMs: () => 0 }, logger);
  const check = (checked: Quota): number => {
    warned.length = 0;
    warnings.check(checked);
    return warned.length;
  };
  assert.equal(check(quota(2, 10)), 0);
  assert.equal(check(quota(100, 100, { count: -1, bytes: -1 })), 0);
  assert.equal(check(quota(3, 0)), 1);
  assert.deepEqual(warned, [{ path: "/a", count: 3, "count-limit": 2, bytes: 0, "bytes-limit": 10 }]);
  assert.equal(check(quota(1, 11)), 0, "too soon");
  assert.equal(check(quota(1, 11, { path: "/b" })), 1, "another quota");
  nowMs += 60_000;
  assert.equal(check(quota(1, 11)), 1);
  assert.equal(check(quota(2, 10)), 0);
  assert.equal(check(quota(3, 10)), 1);
});

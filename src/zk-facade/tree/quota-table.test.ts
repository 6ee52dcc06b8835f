import assert from "node:assert/strict";
import { test } from "node:test";
import { limitedBy, parseLimits, QuotaTable, toldBy, type QuotaLimits } from "./quota-table.ts";

const none: QuotaLimits = { count: -1, bytes: -1, countHardLimit: -1, bytesHardLimit: -1 };
const bytes = (text: string): Uint8Array => Buffer.from(text);

test("limits are read as ZooKeeper reads them", () => {
  const table: Readonly<Record<string, Partial<QuotaLimits>>> = {
    "count=5,bytes=-1=;byteHardLimit=-1;countHardLimit=-1": { count: 5 },
    "count=5,bytes=10": { count: 5, bytes: 10 },
    "countHardLimit=3;;,,byteHardLimit=0": { countHardLimit: 3, bytesHardLimit: 0 },
    "bytes=7": { bytes: 7 },
    "bytes=7,bytes=8": { bytes: 8 },
    "count=,bytes=x,countHardLimit": {},
    "count=1.5,bytes=1e3,countHardLimit=0x10": {},
    "": {},
    "=5": {},
  };
  for (const [text, limits] of Object.entries(table)) assert.deepEqual(parseLimits(text), { ...none, ...limits }, text);
});

test("limits and stats znodes are known by their names, and the root has none", () => {
  assert.equal(limitedBy("/zookeeper/quota/a/b/zookeeper_limits"), "/a/b");
  assert.equal(toldBy("/zookeeper/quota/a/zookeeper_stats"), "/a");
  const others = [
    "/zookeeper/quota/zookeeper_limits",
    "/zookeeper/quota/a",
    "/zookeeper/quota/a/zookeeper_limit",
    "/zookeeper/quota/a/zookeeper_limits/x",
    "/a/zookeeper_limits",
    "/zookeeper/quotas/a/zookeeper_limits",
  ];
  for (const path of others) assert.equal(limitedBy(path) ?? toldBy(path), null, path);
});

test("the quota over a path is the longest one that holds it, and all of them are used", () => {
  const quotas = new QuotaTable();
  quotas.setLimits("/a", bytes("count=9,bytes=90"));
  quotas.activate("/a", { count: 1, bytes: 0 });
  quotas.activate("/a/b/c", { count: 0, bytes: 0 });
  quotas.use("/a/b/c/d", 1, 5);
  quotas.use("/a/bc", 1, 7);
  quotas.use("/ab", 1, 11);
  assert.deepEqual(quotas.over("/a/b/c/x"), { path: "/a/b/c", ...none, usedCount: 1, usedBytes: 5 });
  assert.deepEqual(quotas.over("/a/b/cc"), { path: "/a", ...none, count: 9, bytes: 90, usedCount: 3, usedBytes: 12 });
  assert.deepEqual(quotas.over("/a")?.path, "/a");
  assert.equal(quotas.over("/ab"), null);
  assert.equal(quotas.over("/"), null);
  assert.equal(quotas.statsOf("/a"), "count=3,bytes=12");
  assert.deepEqual(
    [...quotas.all()].map((quota) => quota.path),
    ["/a", "/a/b/c"],
  );
});

test("without its limits znode a quota is not active, and limits hold from the next activation on", () => {
  const quotas = new QuotaTable();
  quotas.setLimits("/a", bytes("count=9"));
  assert.equal(quotas.over("/a"), null);
  quotas.activate("/a", { count: 0, bytes: 0 });
  assert.equal(quotas.over("/a")?.count, 9);
  quotas.deactivate("/a");
  assert.equal(quotas.over("/a"), null);
  assert.equal(quotas.statsOf("/a"), null);
  quotas.setLimits("/a", null);
  quotas.activate("/a", { count: 0, bytes: 0 });
  assert.equal(quotas.over("/a")?.count, -1);
});

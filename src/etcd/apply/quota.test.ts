import assert from "node:assert/strict";
import { test } from "node:test";
import { newPutRequest, newRequestOp, newTxnRequest, type RequestOp } from "../wire/etcdserverpb.ts";
import { effectiveQuotaBytes, leaseGrantCostBytes, putCostBytes, txnCostBytes } from "./quota.ts";

const put = (bytes: number): RequestOp =>
  newRequestOp({
    request: { case: "requestPut", value: newPutRequest({ key: Buffer.from("k"), value: Buffer.alloc(bytes - 1) }) },
  });
const txn = (success: RequestOp[], failure: RequestOp[] = []): RequestOp =>
  newRequestOp({ request: { case: "requestTxn", value: newTxnRequest({ success, failure }) } });
const del: RequestOp = newRequestOp({
  request: { case: "requestDeleteRange", value: { key: Buffer.from("k"), rangeEnd: Buffer.alloc(0), prevKv: false } },
});

test("a put costs 256 bytes, its key and its value; a lease 64 in all", () => {
  assert.equal(putCostBytes(newPutRequest({ key: Buffer.alloc(3), value: Buffer.alloc(1000) })), 1259);
  assert.equal(putCostBytes(newPutRequest({ key: Buffer.alloc(3), ignoreValue: true })), 259);
  assert.equal(leaseGrantCostBytes, 64);
});

test("a transaction costs the puts of its dearer branch, those of the transactions within it too", () => {
  const cost = (success: RequestOp[], failure: RequestOp[] = []): number =>
    txnCostBytes(newTxnRequest({ success, failure }));
  assert.equal(cost([]), 0);
  assert.equal(cost([del, newRequestOp()]), 0);
  assert.equal(cost([put(10)], [put(4), put(4)]), 2 * 260);
  assert.equal(cost([put(10), del], [put(4)]), 266);
  assert.equal(cost([txn([put(1)], [put(9)])]), 265);
  assert.equal(cost([put(1), txn([txn([put(1), put(1)])], [])]), 3 * 257);
});

test("the flag of 0 is 2 GiB, a negative one is none", () => {
  assert.equal(effectiveQuotaBytes(0), 2_147_483_648);
  assert.equal(effectiveQuotaBytes(-1), Number.POSITIVE_INFINITY);
  assert.equal(effectiveQuotaBytes(12_345), 12_345);
});

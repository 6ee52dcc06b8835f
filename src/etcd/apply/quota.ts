import type { PutRequest, RequestOp, TxnRequest } from "../wire/etcdserverpb.ts";

/** What etcd reckons a key costs beyond its own bytes, and a lease in all (etcd: server/storage/quota.go). */
const KEY_OVERHEAD_BYTES = 256;
const LEASE_BYTES = 64;

export const leaseGrantCostBytes = LEASE_BYTES;

export function putCostBytes(request: PutRequest): number {
  return KEY_OVERHEAD_BYTES + request.key.length + request.value.length;
}

/** The dearer of the two branches, since which one runs is not known before apply; nested transactions count. */
export function txnCostBytes(request: TxnRequest): number {
  return Math.max(branchCostBytes(request.success), branchCostBytes(request.failure));
}

function branchCostBytes(operations: readonly RequestOp[]): number {
  let cost = 0;
  for (const { request } of operations) {
    if (request?.case === "requestPut") cost += putCostBytes(request.value);
    else if (request?.case === "requestTxn") cost += txnCostBytes(request.value);
  }
  return cost;
}

/** The quota by etcd's flag: 0 means the default of 2 GiB, a negative number means none. */
export function effectiveQuotaBytes(flag: number): number {
  if (flag < 0) return Number.POSITIVE_INFINITY;
  return flag === 0 ? 2 * 1024 * 1024 * 1024 : flag;
}

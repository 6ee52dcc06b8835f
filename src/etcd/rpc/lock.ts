import { EtcdError } from "../errors.ts";
import type { EtcdPort } from "../port.ts";
import {
  newDeleteRangeRequest,
  newPutRequest,
  newRangeRequest,
  newTxnRequest,
  newRequestOp,
  type RequestOp,
  type ResponseOp,
  type RangeResponse,
} from "../wire/etcdserverpb.ts";
import { newLockResponse, newUnlockResponse, type LockRequest, type LockResponse } from "../wire/v3lockpb.ts";
import type { Call } from "./call.ts";
import {
  contenderKey,
  createdAt,
  leaseOrNew,
  oldestUnder,
  prefixOf,
  waitUntilOldest,
  withInnerErrors,
} from "./concurrency.ts";
import { type ServiceHandlers, unary } from "./handler.ts";

export function lockHandlers(port: EtcdPort): ServiceHandlers<"v3lockpb.Lock"> {
  return {
    Lock: unary((request, call) => withInnerErrors(lock(port, request, call))),
    Unlock: unary((request, call) => withInnerErrors(unlock(port, request.key, call))),
  };
}

async function unlock(port: EtcdPort, key: Uint8Array, call: Call) {
  const { header } = await port.deleteRange(newDeleteRangeRequest({ key }), call);
  return newUnlockResponse({ header });
}

async function lock(port: EtcdPort, request: LockRequest, call: Call): Promise<LockResponse> {
  const lease = await leaseOrNew(port, request.lease, call);
  const prefix = prefixOf(request.name);
  const key = contenderKey(prefix, lease);

  const enter = newTxnRequest({
    compare: [createdAt(key, 0)],
    success: [putOp(key, lease), rangeOp(oldestUnder(prefix))],
    failure: [rangeOp(newRangeRequest({ key })), rangeOp(oldestUnder(prefix))],
  });
  const entered = await port.txn(enter, call);
  const ownRevision = entered.succeeded
    ? entered.header!.revision
    : rangeOf(entered.responses[0]).kvs[0]!.createRevision;
  const owner = rangeOf(entered.responses[1]).kvs[0];
  if (owner === undefined || owner.createRevision === ownRevision) {
    return newLockResponse({ header: entered.header, key });
  }

  try {
    await waitUntilOldest(port, prefix, ownRevision, call);
    const { header, kvs } = await port.range(newRangeRequest({ key }), call);
    if (kvs.length > 0) return newLockResponse({ header, key });
  } catch (error) {
    // Who gives up waiting leaves the queue, or the lock would come to nobody. The call has ended, so its signal must
    // not end this too; and if it fails, the lease's end removes the key.
    await port.deleteRange(newDeleteRangeRequest({ key })).catch(() => undefined);
    throw error;
  }
  throw new EtcdError("sessionExpired");
}

function putOp(key: Uint8Array, lease: bigint): RequestOp {
  return newRequestOp({ request: { case: "requestPut", value: newPutRequest({ key, lease }) } });
}

function rangeOp(request: Parameters<EtcdPort["range"]>[0]): RequestOp {
  return newRequestOp({ request: { case: "requestRange", value: request } });
}

function rangeOf(op: ResponseOp | undefined): RangeResponse {
  if (op?.response?.case !== "responseRange") throw new Error("a range in a transaction was not answered by a range");
  return op.response.value;
}

import { EtcdError } from "../errors.ts";
import {
  type DeleteRangeRequest,
  type DeleteRangeResponse,
  newResponseHeader,
  type PutRequest,
  type PutResponse,
} from "../wire/etcdserverpb.ts";
import type { MvccStore } from "./store.ts";
import type { Change, WriteTxn } from "./write-txn.ts";

/** An answer, with its revision in the header and nothing else there, and what was changed for it. */
export interface Applied<Response> {
  readonly response: Response;
  readonly changes: readonly Change[];
}

/**
 * Put as a transaction of its own.
 *
 * @throws EtcdError leaseNotFound, keyNotFound; then nothing has changed
 */
export function applyPut(store: MvccStore, request: PutRequest): Applied<PutResponse> {
  if (request.lease !== 0n && !store.leases.has(request.lease)) throw new EtcdError("leaseNotFound");
  return inTxn(store, (txn) => putIn(txn, request));
}

/** DeleteRange as a transaction of its own; no revision if there is nothing to delete. */
export function applyDeleteRange(store: MvccStore, request: DeleteRangeRequest): Applied<DeleteRangeResponse> {
  return inTxn(store, (txn) => deleteRangeIn(txn, request));
}

/**
 * A put within a transaction. The lease exists, unless 0: the caller has looked.
 *
 * @throws EtcdError keyNotFound; then nothing has changed
 */
export function putIn(txn: WriteTxn, request: PutRequest): PutResponse {
  const { key, ignoreValue, ignoreLease } = request;
  const previous = request.prevKv || ignoreValue || ignoreLease ? txn.get(key) : null;
  if (previous === null && (ignoreValue || ignoreLease)) throw new EtcdError("keyNotFound");
  const value = ignoreValue ? previous!.value : request.value;
  const leaseId = ignoreLease ? previous!.lease : request.lease;
  txn.put(key, value, leaseId);
  return { header: newResponseHeader({ revision: txn.revision }), prevKv: request.prevKv ? previous : null };
}

/** A delete within a transaction. */
export function deleteRangeIn(txn: WriteTxn, { key, rangeEnd, prevKv }: DeleteRangeRequest): DeleteRangeResponse {
  const prevKvs = prevKv ? txn.range({ key, rangeEnd, revision: 0, limit: 0 }).kvs : [];
  const deleted = txn.deleteRange(key, rangeEnd);
  return { header: newResponseHeader({ revision: txn.revision }), deleted, prevKvs };
}

/** Runs one operation in a transaction, and ends that also when the operation refuses, which it does before it writes. */
function inTxn<Response>(store: MvccStore, operation: (txn: WriteTxn) => Response): Applied<Response> {
  const txn = store.write();
  let response: Response;
  try {
    response = operation(txn);
  } catch (error) {
    txn.end();
    throw error;
  }
  return { response, changes: txn.end().changes };
}

import { EtcdError } from "../errors.ts";
import {
  type Compare,
  type DeleteRangeRequest,
  newResponseHeader,
  type PutRequest,
  type RequestOp,
  type ResponseOp,
  type ResponseOp_Response,
  type TxnRequest,
  type TxnResponse,
} from "../wire/etcdserverpb.ts";
import { compareHolds } from "./compare.ts";
import { DeleteIntervals, END_OF_DELETES } from "./delete-intervals.ts";
import { isOpenEnd, keyText } from "./key-text.ts";
import { type Applied, deleteRangeIn, putIn } from "./operations.ts";
import { executeRange } from "./range.ts";
import type { MvccStore } from "./store.ts";
import type { WriteTxn } from "./write-txn.ts";

/**
 * Txn: compares, then the operations of one branch, in one revision. All compares of the whole tree are decided, and all
 * that can be refused is refused, by the state before the first write; what then runs, runs through. `checkTxn` has
 * passed.
 *
 * A transaction that changes nothing makes no revision, so this serves read-only ones too.
 *
 * @throws EtcdError compacted, futureRevision, leaseNotFound, keyNotFound; then nothing has changed
 */
export function executeTxn(store: MvccStore, request: TxnRequest): Applied<TxnResponse> {
  const plan = planOf(store, request);
  checkPlan(store, plan, new DeleteIntervals());
  const txn = store.write();
  const response = run(txn, plan);
  const { revision, changes } = txn.end();
  // Of all transactions in the tree only the outermost says its revision.
  response.header!.revision = revision;
  return { response, changes };
}

/** Whether it only reads, whatever branch is taken; a transaction within it is taken for a write. */
export function isTxnReadonly({ success, failure }: TxnRequest): boolean {
  return success.every(isRead) && failure.every(isRead);
}

/** Whether it can be served from the local state at once: true also if it does nothing but compare, a quirk of etcd. */
export function isTxnSerializable({ success, failure }: TxnRequest): boolean {
  const reads = ({ request }: RequestOp): boolean => request?.case === "requestRange" && request.value.serializable;
  return success.every(reads) && failure.every(reads);
}

function isRead({ request }: RequestOp): boolean {
  return request?.case === "requestRange";
}

/** The branch that the compares chose, and the same for each transaction in it. */
interface Plan {
  readonly succeeded: boolean;
  readonly branch: readonly RequestOp[];
  /** Those of the transactions in the branch, in their order. Most have none. */
  readonly nested: readonly Plan[];
}

const NONE: readonly Plan[] = [];

function planOf(store: MvccStore, request: TxnRequest): Plan {
  const succeeded = holdAll(store, request.compare);
  const branch = succeeded ? request.success : request.failure;
  let nested: Plan[] | null = null;
  for (const { request: operation } of branch) {
    if (operation?.case === "requestTxn") (nested ??= []).push(planOf(store, operation.value));
  }
  return { succeeded, branch, nested: nested ?? NONE };
}

function holdAll(store: MvccStore, compares: readonly Compare[]): boolean {
  for (const compare of compares) if (!compareHolds(store, compare)) return false;
  return true;
}

/** @param deletes what is deleted before this plan runs; it adds its own */
function checkPlan(store: MvccStore, { branch, nested }: Plan, deletes: DeleteIntervals): void {
  let next = 0;
  for (const { request } of branch) {
    switch (request?.case) {
      case "requestRange":
        checkRangeRevision(store, request.value.revision);
        break;
      case "requestPut":
        checkPutAgainst(store, request.value, deletes);
        break;
      case "requestDeleteRange":
        addDelete(deletes, request.value);
        break;
      case "requestTxn":
        checkPlan(store, nested[next++]!, deletes);
        break;
      case undefined:
    }
  }
}

/** Unlike a Range of its own, one in a transaction is refused for a negative revision, if that is below the compacted. */
function checkRangeRevision(store: MvccStore, revision: number): void {
  if (revision === 0) return;
  if (revision > store.currentRevision) throw new EtcdError("futureRevision");
  if (revision < store.compactRevision) throw new EtcdError("compacted");
}

function checkPutAgainst(store: MvccStore, request: PutRequest, deletes: DeleteIntervals): void {
  if (request.ignoreValue || request.ignoreLease) {
    // A delete up to "\0" of the same transaction slips through the check for duplicates. It may take away what this put
    // builds on, where etcd dies in the middle of the transaction. We refuse before it begins.
    if (deletes.has(keyText(request.key)) || store.historyOf(request.key) === undefined)
      throw new EtcdError("keyNotFound");
  }
  if (request.lease !== 0n && !store.leases.has(request.lease)) throw new EtcdError("leaseNotFound");
}

function addDelete(deletes: DeleteIntervals, { key, rangeEnd }: DeleteRangeRequest): void {
  if (rangeEnd.length === 0) deletes.addKey(keyText(key));
  else deletes.add(keyText(key), isOpenEnd(rangeEnd) ? END_OF_DELETES : keyText(rangeEnd));
}

function run(txn: WriteTxn, { succeeded, branch, nested }: Plan): TxnResponse {
  let next = 0;
  const responses = branch.map(({ request }): ResponseOp => {
    if (request?.case !== "requestTxn") return { response: runOne(txn, request) };
    return { response: { case: "responseTxn", value: run(txn, nested[next++]!) } };
  });
  return { header: newResponseHeader(), succeeded, responses };
}

function runOne(txn: WriteTxn, request: RequestOp["request"]): ResponseOp_Response | null {
  switch (request?.case) {
    case "requestRange": {
      const { kvs, more, count, revision } = executeRange(txn, request.value);
      return { case: "responseRange", value: { header: newResponseHeader({ revision }), kvs, more, count } };
    }
    case "requestPut":
      return { case: "responsePut", value: putIn(txn, request.value) };
    case "requestDeleteRange":
      return { case: "responseDeleteRange", value: deleteRangeIn(txn, request.value) };
    default:
      return null;
  }
}

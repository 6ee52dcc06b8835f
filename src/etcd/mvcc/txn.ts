import { EtcdError } from "../errors.ts";
import {
  type DeleteRangeRequest,
  newResponseHeader,
  type PutRequest,
  type RangeRequest,
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
  const reads = ({ request }: RequestOp): boolean => request?.case === "requestRange";
  return success.every(reads) && failure.every(reads);
}

/** Whether it can be served from the local state at once: true also if it does nothing but compare, a quirk of etcd. */
export function isTxnSerializable({ success, failure }: TxnRequest): boolean {
  const reads = ({ request }: RequestOp): boolean => request?.case === "requestRange" && request.value.serializable;
  return success.every(reads) && failure.every(reads);
}

/** The branch that the compares chose, and the same for each transaction in it. */
interface Plan {
  readonly succeeded: boolean;
  readonly steps: readonly Step[];
}

type Step =
  | { readonly kind: "range"; readonly request: RangeRequest }
  | { readonly kind: "put"; readonly request: PutRequest }
  | { readonly kind: "deleteRange"; readonly request: DeleteRangeRequest }
  | { readonly kind: "txn"; readonly plan: Plan }
  | { readonly kind: "nothing" };

function planOf(store: MvccStore, request: TxnRequest): Plan {
  const succeeded = request.compare.every((compare) => compareHolds(store, compare));
  const branch = succeeded ? request.success : request.failure;
  return { succeeded, steps: branch.map((op) => stepOf(store, op)) };
}

function stepOf(store: MvccStore, { request }: RequestOp): Step {
  switch (request?.case) {
    case "requestRange":
      return { kind: "range", request: request.value };
    case "requestPut":
      return { kind: "put", request: request.value };
    case "requestDeleteRange":
      return { kind: "deleteRange", request: request.value };
    case "requestTxn":
      return { kind: "txn", plan: planOf(store, request.value) };
    case undefined:
      return { kind: "nothing" };
  }
}

/** @param deletes what is deleted before this plan runs; it adds its own */
function checkPlan(store: MvccStore, plan: Plan, deletes: DeleteIntervals): void {
  for (const step of plan.steps) {
    switch (step.kind) {
      case "range":
        checkRangeRevision(store, step.request.revision);
        break;
      case "put":
        checkPutAgainst(store, step.request, deletes);
        break;
      case "deleteRange":
        addDelete(deletes, step.request);
        break;
      case "txn":
        checkPlan(store, step.plan, deletes);
        break;
      case "nothing":
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

function run(txn: WriteTxn, { succeeded, steps }: Plan): TxnResponse {
  const responses: ResponseOp[] = steps.map((step) => ({ response: runStep(txn, step) }));
  return { header: newResponseHeader(), succeeded, responses };
}

function runStep(txn: WriteTxn, step: Step): ResponseOp_Response | null {
  switch (step.kind) {
    case "range": {
      const { kvs, more, count, revision } = executeRange(txn, step.request);
      return { case: "responseRange", value: { header: newResponseHeader({ revision }), kvs, more, count } };
    }
    case "put":
      return { case: "responsePut", value: putIn(txn, step.request) };
    case "deleteRange":
      return { case: "responseDeleteRange", value: deleteRangeIn(txn, step.request) };
    case "txn":
      return { case: "responseTxn", value: run(txn, step.plan) };
    case "nothing":
      return null;
  }
}

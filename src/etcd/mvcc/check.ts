import { EtcdError } from "../errors.ts";
import {
  type DeleteRangeRequest,
  type PutRequest,
  type RangeRequest,
  RangeRequest_SortOrder,
  RangeRequest_SortTarget,
  type RequestOp,
  type TxnRequest,
} from "../wire/etcdserverpb.ts";
import { DeleteIntervals } from "./delete-intervals.ts";
import { keyText } from "./key-text.ts";

/*
 * What a request must be by itself, before anybody looks at the store. Done once, at the edge; the order of the checks
 * decides which of several errors is answered, so it is etcd's.
 */

const sortOrders = new Set<number>(Object.values(RangeRequest_SortOrder));
const sortTargets = new Set<number>(Object.values(RangeRequest_SortTarget));

/** @throws EtcdError emptyKey, invalidSortOption */
export function checkRange(request: RangeRequest): void {
  checkKey(request.key);
  if (!sortOrders.has(request.sortOrder) || !sortTargets.has(request.sortTarget)) {
    throw new EtcdError("invalidSortOption");
  }
}

/** @throws EtcdError emptyKey, valueProvided, leaseProvided */
export function checkPut(request: PutRequest): void {
  checkKey(request.key);
  if (request.ignoreValue && request.value.length > 0) throw new EtcdError("valueProvided");
  if (request.ignoreLease && request.lease !== 0n) throw new EtcdError("leaseProvided");
}

/** @throws EtcdError emptyKey */
export function checkDeleteRange(request: DeleteRangeRequest): void {
  checkKey(request.key);
}

/**
 * @param maxTxnOps how many compares or operations a branch may hold; a transaction within it gets what its parent left
 * @throws EtcdError tooManyOps, duplicateKey, keyNotFound (an operation that is none), and what the operations throw
 */
export function checkTxn(request: TxnRequest, maxTxnOps: number): void {
  checkShape(request, maxTxnOps);
  for (const branch of [request.success, request.failure]) {
    if (branch.length <= FEW_OPS && branch.every(isOfOneKey)) checkFew(branch);
    else touchedBy(branch);
  }
}

/** So many are compared with each other, which is cheaper than a set of their keys. */
const FEW_OPS = 8;

function isOfOneKey({ request }: RequestOp): boolean {
  return (
    request?.case === "requestPut" || (request?.case === "requestDeleteRange" && request.value.rangeEnd.length === 0)
  );
}

/** As `touchedBy`, for puts and deletes of single keys. */
function checkFew(ops: readonly RequestOp[]): void {
  for (let i = 1; i < ops.length; i++) {
    const one = ops[i]!.request as OfOneKey;
    for (let j = 0; j < i; j++) {
      const other = ops[j]!.request as OfOneKey;
      if (one.case !== "requestPut" && other.case !== "requestPut") continue;
      if (isSameKey(one.value.key, other.value.key)) throw new EtcdError("duplicateKey");
    }
  }
}

type OfOneKey = Extract<RequestOp["request"], { case: "requestPut" | "requestDeleteRange" }>;

/** From the end: keys of one transaction often begin alike. */
function isSameKey(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = a.length - 1; i >= 0; i--) if (a[i] !== b[i]) return false;
  return true;
}

function checkKey(key: Uint8Array): void {
  if (key.length === 0) throw new EtcdError("emptyKey");
}

function checkShape(request: TxnRequest, maxTxnOps: number): void {
  const { compare, success, failure } = request;
  const left = maxTxnOps - Math.max(compare.length, success.length, failure.length);
  if (left < 0) throw new EtcdError("tooManyOps");
  for (const { key } of compare) checkKey(key);
  for (const op of success) checkOp(op, left);
  for (const op of failure) checkOp(op, left);
}

function checkOp({ request }: RequestOp, maxTxnOps: number): void {
  if (request === null) throw new EtcdError("keyNotFound");
  switch (request.case) {
    case "requestRange":
      checkRange(request.value);
      return;
    case "requestPut":
      checkPut(request.value);
      return;
    case "requestDeleteRange":
      checkDeleteRange(request.value);
      return;
    case "requestTxn":
      checkShape(request.value, maxTxnOps);
  }
}

/** What a branch may write. */
interface Touched {
  readonly puts: Set<string>;
  readonly deletes: DeleteIntervals;
}

/**
 * Refuses a branch that puts a key twice, or puts one that it also deletes. Only one branch of a transaction within it
 * runs, so those two may put the same key.
 *
 * Three of etcd's quirks hold here too. A range_end of "\0" is taken by the letter, so such a delete covers nothing. Of
 * two transactions side by side the second must not put what the first deletes, but may delete what the first puts. And
 * deletes may overlap.
 *
 * @throws EtcdError duplicateKey
 */
function touchedBy(ops: readonly RequestOp[]): Touched {
  const touched: Touched = { puts: new Set(), deletes: new DeleteIntervals() };
  for (const { request } of ops) {
    if (request?.case !== "requestDeleteRange") continue;
    const { key, rangeEnd } = request.value;
    if (rangeEnd.length === 0) touched.deletes.addKey(keyText(key));
    else touched.deletes.add(keyText(key), keyText(rangeEnd));
  }
  for (const { request } of ops) {
    if (request?.case !== "requestTxn") continue;
    const success = touchedBy(request.value.success);
    const failure = touchedBy(request.value.failure);
    for (const key of success.puts) addPut(touched, key);
    for (const key of failure.puts) if (!success.puts.has(key)) addPut(touched, key);
    touched.deletes.addAll(success.deletes);
    touched.deletes.addAll(failure.deletes);
  }
  for (const { request } of ops) {
    if (request?.case === "requestPut") addPut(touched, keyText(request.value.key));
  }
  return touched;
}

function addPut({ puts, deletes }: Touched, key: string): void {
  if (puts.has(key) || deletes.has(key)) throw new EtcdError("duplicateKey");
  puts.add(key);
}

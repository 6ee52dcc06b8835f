import {
  type Compare,
  Compare_CompareResult,
  Compare_CompareTarget,
  type Compare_TargetUnion,
} from "../wire/etcdserverpb.ts";
import { type KeyValue, newKeyValue } from "../wire/mvccpb.ts";
import type { KeyIndex } from "./key-index.ts";
import type { MvccStore } from "./store.ts";
import { StoredPair } from "./stored-pair.ts";

/**
 * Whether a compare holds: for every key of its range, or, if there is none, for a pair of zeros. A value cannot be
 * compared with one that is missing, so then no compare of values holds, not even NOT_EQUAL.
 */
export function compareHolds(store: MvccStore, compare: Compare): boolean {
  const { key, rangeEnd, target } = compare;
  // Nearly all the compares that there are: guards on single keys. The index knows the answer, or which pair to look at.
  if (rangeEnd.length === 0 && target !== Compare_CompareTarget.LEASE) {
    const history = store.historyOf(key);
    if (target === Compare_CompareTarget.VALUE) {
      return history !== undefined && resultHolds(compare.result, orderOfValue(store, history, compare));
    }
    if (history === undefined) return pairHolds(compare, missing);
    const stored =
      target === Compare_CompareTarget.CREATE
        ? history.createRevision
        : target === Compare_CompareTarget.MOD
          ? history.main
          : target === Compare_CompareTarget.VERSION
            ? history.version
            : 0;
    return resultHolds(compare.result, order(stored, givenNumber(compare)));
  }
  const { kvs } = store.range({ key, rangeEnd, revision: 0, limit: 0 });
  if (kvs.length === 0) return target !== Compare_CompareTarget.VALUE && pairHolds(compare, missing);
  return kvs.every((kv) => pairHolds(compare, kv));
}

const missing = newKeyValue();
const pair = new StoredPair();

function orderOfValue(store: MvccStore, history: KeyIndex, compare: Compare): number {
  const bytes = store.storedOf(history);
  pair.read(bytes);
  const wanted = given(compare, "value") ?? noBytes;
  const length = pair.valueEnd - pair.valueStart;
  const common = Math.min(length, wanted.length);
  for (let i = 0; i < common; i++) {
    const difference = bytes[pair.valueStart + i]! - wanted[i]!;
    if (difference !== 0) return difference;
  }
  return length - wanted.length;
}

function pairHolds(compare: Compare, kv: KeyValue): boolean {
  return resultHolds(compare.result, orderOf(compare, kv));
}

/** Negative, zero, positive: the pair's is below, equal to, above the given one. An unknown target is equal. */
function orderOf(compare: Compare, kv: KeyValue): number {
  switch (compare.target) {
    case Compare_CompareTarget.VERSION:
      return order(kv.version, givenNumber(compare));
    case Compare_CompareTarget.CREATE:
      return order(kv.createRevision, givenNumber(compare));
    case Compare_CompareTarget.MOD:
      return order(kv.modRevision, givenNumber(compare));
    case Compare_CompareTarget.VALUE:
      return Buffer.compare(kv.value, given(compare, "value") ?? noBytes);
    case Compare_CompareTarget.LEASE:
      return order(kv.lease, given(compare, "lease") ?? 0n);
    default:
      return 0;
  }
}

/** The number to compare with, 0 if the request gave another kind of value. An unknown target has 0 on both sides. */
function givenNumber(compare: Compare): number {
  switch (compare.target) {
    case Compare_CompareTarget.VERSION:
      return given(compare, "version") ?? 0;
    case Compare_CompareTarget.CREATE:
      return given(compare, "createRevision") ?? 0;
    case Compare_CompareTarget.MOD:
      return given(compare, "modRevision") ?? 0;
    default:
      return 0;
  }
}

type GivenValue = { [Union in Compare_TargetUnion as Union["case"]]: Union["value"] };

function given<Case extends keyof GivenValue>({ targetUnion }: Compare, wanted: Case): GivenValue[Case] | undefined {
  return targetUnion?.case === wanted ? (targetUnion.value as GivenValue[Case]) : undefined;
}

function order<Value extends number | bigint>(stored: Value, wanted: Value): number {
  return stored < wanted ? -1 : stored > wanted ? 1 : 0;
}

/** An unknown result holds. */
function resultHolds(result: Compare_CompareResult, order: number): boolean {
  switch (result) {
    case Compare_CompareResult.EQUAL:
      return order === 0;
    case Compare_CompareResult.GREATER:
      return order > 0;
    case Compare_CompareResult.LESS:
      return order < 0;
    case Compare_CompareResult.NOT_EQUAL:
      return order !== 0;
    default:
      return true;
  }
}

const noBytes = new Uint8Array(0);

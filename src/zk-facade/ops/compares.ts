import {
  type Compare,
  Compare_CompareResult,
  Compare_CompareTarget,
  type Compare_TargetUnion,
} from "../../etcd/wire/etcdserverpb.ts";
import { EMPTY_BYTES } from "../../etcd/wire/codec.ts";
import type { KeyRange } from "../tree/key-space.ts";

/** The compares that plans are guarded by. An absent key has version and revisions 0, lease 0, and no value at all. */

export function isAbsent(key: Uint8Array): Compare {
  return versionIs(key, 0);
}

export function isPresent(key: Uint8Array): Compare {
  return compare(key, Compare_CompareTarget.VERSION, Compare_CompareResult.GREATER, { case: "version", value: 0 });
}

export function versionIs(key: Uint8Array, version: number): Compare {
  return equal(key, Compare_CompareTarget.VERSION, { case: "version", value: version });
}

export function createRevisionIs(key: Uint8Array, revision: number): Compare {
  return equal(key, Compare_CompareTarget.CREATE, { case: "createRevision", value: revision });
}

export function modRevisionIs(key: Uint8Array, revision: number): Compare {
  return equal(key, Compare_CompareTarget.MOD, { case: "modRevision", value: revision });
}

export function valueIs(key: Uint8Array, value: Uint8Array): Compare {
  return equal(key, Compare_CompareTarget.VALUE, { case: "value", value });
}

export function leaseIs(key: Uint8Array, lease: bigint): Compare {
  return equal(key, Compare_CompareTarget.LEASE, { case: "lease", value: lease });
}

/** No key of the range exists: a compare of a range must hold for each of its keys, and these have versions from 1. */
export function isEmpty({ key, rangeEnd }: KeyRange): Compare {
  const target = Compare_CompareTarget.VERSION;
  return { result: Compare_CompareResult.EQUAL, target, key, targetUnion: { case: "version", value: 0 }, rangeEnd };
}

function equal(key: Uint8Array, target: Compare_CompareTarget, targetUnion: Compare_TargetUnion): Compare {
  return compare(key, target, Compare_CompareResult.EQUAL, targetUnion);
}

function compare(
  key: Uint8Array,
  target: Compare_CompareTarget,
  result: Compare_CompareResult,
  targetUnion: Compare_TargetUnion,
): Compare {
  return { result, target, key, targetUnion, rangeEnd: EMPTY_BYTES };
}

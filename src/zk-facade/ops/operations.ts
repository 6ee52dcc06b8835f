import type { RequestOp } from "../../etcd/wire/etcdserverpb.ts";
import { EMPTY_BYTES } from "../../etcd/wire/codec.ts";

/** The two operations that plans are made of. */

export function putKey(key: Uint8Array, value: Uint8Array, lease: bigint): RequestOp {
  const put = { key, value, lease, prevKv: false, ignoreValue: false, ignoreLease: false };
  return { request: { case: "requestPut", value: put } };
}

export function deleteKey(key: Uint8Array): RequestOp {
  return { request: { case: "requestDeleteRange", value: { key, rangeEnd: EMPTY_BYTES, prevKv: false } } };
}

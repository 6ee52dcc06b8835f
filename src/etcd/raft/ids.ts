/** No node: no leader is known, no vote was cast, no transfer is under way. */
export const NONE = 0n;

/** Where `MsgStorageAppend` goes when storage writes are asynchronous: whoever writes the log of this node. */
export const LOCAL_APPEND_THREAD = 0xffff_ffff_ffff_ffffn;

/** Where `MsgStorageApply` goes when storage writes are asynchronous: whoever applies the entries of this node. */
export const LOCAL_APPLY_THREAD = 0xffff_ffff_ffff_fffen;

export function isLocalTarget(id: bigint): boolean {
  return id === LOCAL_APPEND_THREAD || id === LOCAL_APPLY_THREAD;
}

/** Ids are written in hexadecimal, without padding, wherever etcd writes one. */
export function hex(id: bigint): string {
  return id.toString(16);
}

export function byId(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

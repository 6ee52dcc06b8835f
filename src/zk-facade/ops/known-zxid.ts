import type { PendingZxid, Zxid } from "../tree/znode.ts";

/** The number, or null while the transaction that it belongs to is on its way. No transaction has the revision 0. */
export function knownZxid(zxid: Zxid): number | null {
  if (typeof zxid === "number") return zxid;
  return zxid.value === 0 ? null : zxid.value;
}

export function isSameZxid(a: Zxid, b: Zxid): boolean {
  if (a === b) return true;
  const known = knownZxid(a);
  return known !== null && known === knownZxid(b);
}

/** One of the two zxids that say when a znode and its list of children began, as its record holds it. */
export type RecordedZxid = number | "own" | { readonly blockedOn: PendingZxid };

/** `own` is the zxid of the transaction that puts the record. */
export function recordedZxid(zxid: Zxid, own: PendingZxid): RecordedZxid {
  if (zxid === own) return "own";
  if (typeof zxid === "number") return zxid;
  return zxid.value === 0 ? { blockedOn: zxid } : zxid.value;
}

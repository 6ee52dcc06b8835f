import { InvariantError } from "../base/assert.ts";
import {
  ConfChangeTransition,
  decodeConfChange,
  decodeConfChangeV2,
  encodeConfChange,
  encodeConfChangeV2,
  EntryType,
  newConfChangeV2,
} from "../wire/raftpb.ts";
import type { ConfChange, ConfChangeV2, Entry } from "../wire/raftpb.ts";

/** A change of the cluster's configuration as it is proposed: the old form names one member, the new form several. */
export type AnyConfChange = ConfChange | ConfChangeV2;

/** How an entry carries it. No bytes at all read as the empty new form, which leaves a joint configuration. */
export function confChangeEntry(change: AnyConfChange): { type: number; data: Uint8Array } {
  return isV2(change)
    ? { type: EntryType.EntryConfChangeV2, data: encodeConfChangeV2(change) }
    : { type: EntryType.EntryConfChange, data: encodeConfChange(change) };
}

/** The change that an entry carries, or null for an ordinary entry. Throws DecodeError on malformed data. */
export function confChangeOf(entry: Entry): AnyConfChange | null {
  const data = entry.data ?? new Uint8Array();
  if (entry.type === EntryType.EntryConfChange) return decodeConfChange(data);
  if (entry.type === EntryType.EntryConfChangeV2) return decodeConfChangeV2(data);
  return null;
}

export function isV2(change: AnyConfChange): change is ConfChangeV2 {
  return "changes" in change;
}

/** Both forms as the new one. */
export function asV2(change: AnyConfChange): ConfChangeV2 {
  if (isV2(change)) return change;
  const { type, nodeId, context } = change;
  return newConfChangeV2({ changes: [{ type, nodeId }], context });
}

/**
 * What a change does to the configuration: one simple step, or into a joint configuration (more than one member
 * changes, or the proposer asked for it), or out of one (the change is empty).
 */
export type ConfChangeEffect =
  | { readonly kind: "simple" }
  | { readonly kind: "enterJoint"; readonly autoLeave: boolean }
  | { readonly kind: "leaveJoint" };

export function effectOf(change: ConfChangeV2): ConfChangeEffect {
  const isAuto = change.transition === ConfChangeTransition.ConfChangeTransitionAuto;
  if (isAuto && change.changes.length === 0) return { kind: "leaveJoint" };
  if (isAuto && change.changes.length === 1) return { kind: "simple" };
  switch (change.transition) {
    case ConfChangeTransition.ConfChangeTransitionAuto:
    case ConfChangeTransition.ConfChangeTransitionJointImplicit:
      return { kind: "enterJoint", autoLeave: true };
    case ConfChangeTransition.ConfChangeTransitionJointExplicit:
      return { kind: "enterJoint", autoLeave: false };
    default:
      throw new InvariantError(`unknown transition: ${change.transition}`);
  }
}

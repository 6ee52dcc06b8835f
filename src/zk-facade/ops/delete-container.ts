import type { KeySpace } from "../tree/key-space.ts";
import { parentOf } from "../tree/paths.ts";
import type { TreeView, Znode } from "../tree/znode.ts";
import { isDeletable } from "./delete.ts";
import { Draft } from "./draft.ts";
import { Guard } from "./draft-entry.ts";
import type { Blocked, Plan, PlanContext, Refusal } from "./plan.ts";
import { refusal } from "./plan-write.ts";

/**
 * Whether the server may remove a znode by itself: a container that had children and has none, or one that never had any
 * for longer than `neverUsedMsMax` (0: for ever); a TTL znode without children that was not set for longer than its TTL.
 */
export function isReapable(znode: Znode, nowMs: number, neverUsedMsMax: number): boolean {
  if (znode.numChildren > 0) return false;
  const restedMs = nowMs - znode.mtime;
  switch (znode.kind) {
    case "container":
      return znode.creates > 0 || (neverUsedMsMax > 0 && restedMs > neverUsedMsMax);
    case "ttl":
      return restedMs > znode.ttlMs;
    default:
      return false;
  }
}

/**
 * ZooKeeper's deleteContainer, which is for the server's own reaper. It asks once more whether the znode may go, since it was
 * a candidate some time ago (-103), and guards all that the answer rests on.
 */
export function planDeleteContainer(
  view: TreeView,
  keys: KeySpace,
  path: string,
  context: PlanContext,
  neverUsedMsMax = 0,
): Plan | Refusal | Blocked {
  if (!isDeletable(path)) return refusal("badArguments");
  const draft = new Draft(view, keys, context);
  const entry = draft.at(path);
  if (entry.now === undefined) return refusal("noNode");
  if (entry.now.numChildren > 0) return refusal("notEmpty");
  if (!isReapable(entry.now, context.nowMs, neverUsedMsMax)) return refusal("badVersion");
  entry.assume(Guard.data | Guard.record);
  draft.delete(entry, draft.at(parentOf(path)));
  return draft.finish({ type: "none" });
}

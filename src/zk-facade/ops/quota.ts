import type { TreeView } from "../tree/znode.ts";
import type { PlanRules } from "./plan.ts";

/** How much a write adds to the subtree that it is in. */
export interface Growth {
  readonly count: number;
  readonly bytes: number;
}

/**
 * Whether a hard quota forbids a write. The usage is what the view says and no compare guards it: of several facades that
 * write at once each may use the last of a quota, as the members of one multi may in ZooKeeper. A limit is looked at only
 * by a write that adds to what it limits.
 */
export function isOverQuota(view: TreeView, path: string, growth: Growth, rules: PlanRules): boolean {
  if (!rules.enforceQuota) return false;
  const quota = view.quotaOver(path);
  if (quota === null) return false;
  const { countHardLimit, bytesHardLimit } = quota;
  if (growth.count !== 0 && countHardLimit > -1 && quota.usedCount + growth.count > countHardLimit) return true;
  return growth.bytes !== 0 && bytesHardLimit > -1 && quota.usedBytes + growth.bytes > bytesHardLimit;
}

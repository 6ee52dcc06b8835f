import { isPermitted } from "../acl/permission.ts";
import type { ZkErrorCode } from "../errors.ts";
import { validatePath } from "../tree/paths.ts";
import type { Znode } from "../tree/znode.ts";
import { Perms, type SetDataRequest } from "../wire/messages.ts";
import type { Draft } from "./draft.ts";
import type { PlanContext } from "./plan.ts";
import { isOverQuota } from "./quota.ts";

export function setData(draft: Draft, request: SetDataRequest, context: PlanContext): Znode | ZkErrorCode {
  const { path, data, version } = request;
  const { rules } = context;
  if (!validatePath(path)) return "badArguments";
  const entry = draft.at(path);
  if (entry.now === undefined) return "noNode";
  if (!isPermitted(entry.now.acl, Perms.WRITE, context.identities, rules)) return "noAuth";
  const growth = { count: 0, bytes: (data?.length ?? 0) - entry.now.dataLength };
  if (isOverQuota(draft.view, path, growth, rules)) return "quotaExceeded";
  if (version !== -1 && version !== entry.now.version) return "badVersion";
  return draft.setData(entry, data);
}

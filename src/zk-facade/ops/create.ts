import { fixUpAcl } from "../acl/fix-up.ts";
import { isPermitted } from "../acl/permission.ts";
import type { ZkErrorCode } from "../errors.ts";
import { parentOf, validatePath } from "../tree/paths.ts";
import type { Znode } from "../tree/znode.ts";
import { type CreateRequest, Perms } from "../wire/messages.ts";
import { createModeOf } from "./create-mode.ts";
import type { Draft } from "./draft.ts";
import type { PlanContext } from "./plan.ts";
import { isOverQuota } from "./quota.ts";
import { sequenceSuffix } from "./sequence.ts";

/**
 * All four creates. The checks stand in ZooKeeper's order, which clients can see: the parent is looked up before the path is
 * valid, and who may not create is not told what exists.
 */
export function create(draft: Draft, request: CreateRequest, context: PlanContext): Znode | ZkErrorCode {
  const { rules, identities } = context;
  const mode = createModeOf(request, rules);
  if (typeof mode === "string") return mode;
  if (!request.path.includes("/") || request.path.includes("\0")) return "badArguments";
  const acl = fixUpAcl(request.acl, identities, rules);
  if (acl === null) return "invalidAcl";
  const parent = draft.at(parentOf(request.path));
  if (parent.now === undefined) return "noNode";
  if (!isPermitted(parent.now.acl, Perms.CREATE, identities, rules)) return "noAuth";
  const path = mode.isSequential ? request.path + sequenceSuffix(parent.now.creates) : request.path;
  if (!validatePath(path)) return "badArguments";
  const entry = draft.at(path);
  if (entry.now !== undefined) return "nodeExists";
  if (parent.now.kind === "ephemeral") return "noChildrenForEphemerals";
  const { data } = request;
  if (isOverQuota(draft.view, path, { count: 1, bytes: data?.length ?? 0 }, rules)) return "quotaExceeded";
  return draft.create(entry, parent, {
    path,
    kind: mode.kind,
    owner: mode.kind === "ephemeral" ? context.sessionId : 0n,
    ttlMs: mode.kind === "ttl" ? request.ttl : 0,
    acl,
    data,
    nowMs: context.nowMs,
  });
}

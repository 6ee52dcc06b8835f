import { fixUpAcl } from "../acl/fix-up.ts";
import { isPermitted } from "../acl/permission.ts";
import type { ZkErrorCode } from "../errors.ts";
import { validatePath } from "../tree/paths.ts";
import type { Znode } from "../tree/znode.ts";
import { Perms, type SetAclRequest } from "../wire/messages.ts";
import type { Draft } from "./draft.ts";
import type { PlanContext } from "./plan.ts";

export function setAcl(draft: Draft, request: SetAclRequest, context: PlanContext): Znode | ZkErrorCode {
  const { identities, rules } = context;
  if (!validatePath(request.path)) return "badArguments";
  const acl = fixUpAcl(request.acl, identities, rules);
  if (acl === null) return "invalidAcl";
  const entry = draft.at(request.path);
  if (entry.now === undefined) return "noNode";
  if (!isPermitted(entry.now.acl, Perms.ADMIN, identities, rules)) return "noAuth";
  if (request.version !== -1 && request.version !== entry.now.aversion) return "badVersion";
  return draft.setAcl(entry, acl);
}

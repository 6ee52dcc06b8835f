import { isPermitted, isSuper } from "../acl/permission.ts";
import type { ZkErrorCode } from "../errors.ts";
import { validatePath } from "../tree/paths.ts";
import { type CheckRequest, Perms } from "../wire/messages.ts";
import type { Draft } from "./draft.ts";
import { Guard } from "./draft-entry.ts";
import type { PlanContext } from "./plan.ts";

/** A member of a multi that only demands. Null when it holds. */
export function check(draft: Draft, { path, version }: CheckRequest, context: PlanContext): ZkErrorCode | null {
  const { identities, rules } = context;
  if (!validatePath(path)) return "badArguments";
  const entry = draft.at(path);
  if (entry.now === undefined) return "noNode";
  if (!isPermitted(entry.now.acl, Perms.READ, identities, rules)) return "noAuth";
  if (version !== -1 && version !== entry.now.version) return "badVersion";
  entry.assume(version === -1 ? Guard.presence : Guard.data);
  // The list is in the record. To whom it does not matter, a changed record does not either.
  if (!rules.skipAcl && !isSuper(identities)) entry.assume(Guard.record);
  return null;
}

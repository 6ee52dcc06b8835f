import { isPermitted } from "../acl/permission.ts";
import type { ZkErrorCode } from "../errors.ts";
import { parentOf } from "../tree/paths.ts";
import { type DeleteRequest, Perms } from "../wire/messages.ts";
import type { Draft } from "./draft.ts";
import { Guard } from "./draft-entry.ts";
import type { PlanContext } from "./plan.ts";

/** Znodes that always exist. */
const reserved: ReadonlySet<string> = new Set(["/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"]);

/** Whose path can be deleted at all: it is not checked any further, and "/a/" is just not found. */
export function isDeletable(path: string): boolean {
  return path.includes("/") && !path.includes("\0") && !reserved.has(path);
}

/** Null when it is done. */
export function remove(draft: Draft, { path, version }: DeleteRequest, context: PlanContext): ZkErrorCode | null {
  if (!isDeletable(path)) return "badArguments";
  const parent = draft.at(parentOf(path));
  if (parent.now === undefined) return "noNode";
  if (!isPermitted(parent.now.acl, Perms.DELETE, context.identities, context.rules)) return "noAuth";
  const entry = draft.at(path);
  if (entry.now === undefined) return "noNode";
  if (version !== -1) {
    if (version !== entry.now.version) return "badVersion";
    entry.assume(Guard.data);
  }
  if (entry.now.numChildren > 0) return "notEmpty";
  draft.delete(entry, parent);
  return null;
}

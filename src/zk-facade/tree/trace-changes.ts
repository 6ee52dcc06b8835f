import type { Acl } from "../wire/messages.ts";
import type { Forest } from "./forest.ts";
import { parentOf, validatePath } from "./paths.ts";
import { OPEN_ACL } from "./record.ts";
import type { TraceEvent } from "./trace.ts";
import type { ZnodeChange } from "./znode.ts";

/**
 * A trace as changes, each with the lists that held when it happened: that of the create before it in the trace, or the
 * one that the znode had before the revision. A multi cannot change a list otherwise.
 *
 * @param before the forest as it stood before the trace's revision
 */
export function changesOfTrace(trace: readonly TraceEvent[], before: Forest): ZnodeChange[] {
  const created = new Map<string, readonly Acl[]>();
  const aclOf = (path: string): readonly Acl[] => created.get(path) ?? aclBefore(before, path);
  // An etcd client may have written the trace, and no watcher can take an event of no znode.
  const valid = trace.filter(({ path }) => validatePath(path));
  return valid.map(({ type, path, acl }) => {
    if (type === "created") created.set(path, acl ?? OPEN_ACL);
    return { type, path, acl: aclOf(path), parentAcl: aclOf(parentOf(path)) };
  });
}

function aclBefore(forest: Forest, path: string): readonly Acl[] {
  const slot = forest.findVisible(path);
  return slot === 0 ? OPEN_ACL : forest.aclOf(slot);
}

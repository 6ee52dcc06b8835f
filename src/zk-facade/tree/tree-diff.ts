import { parentOf } from "./paths.ts";
import { OPEN_ACL } from "./record.ts";
import { resolveZxid, type ZnodeChange } from "./znode.ts";
import type { ZnodeTree } from "./znode-tree.ts";

/**
 * What watchers must be told when one tree takes the place of another, whose history up to it is lost: all deletes,
 * children first, then all creates, parents first, and the changes of data. A znode that was deleted and made again is told
 * as both, with all that was below it.
 */
export function diffTrees(before: ZnodeTree, after: ZnodeTree): ZnodeChange[] {
  const gone = goneFrom(before, after);
  const deleted = [...gone].reverse().map((path) => change("deleted", path, before));
  const come: ZnodeChange[] = [];
  for (const path of after.paths()) {
    const old = before.get(path);
    if (old === undefined || gone.has(path)) come.push(change("created", path, after));
    else if (old.mzxid !== after.get(path)!.mzxid) come.push(change("dataChanged", path, after));
  }
  return [...deleted, ...come];
}

/**
 * Znodes of both trees that got or lost children though no child shows it: it came and went in between. Their watchers of
 * children are to be told, of the znode itself.
 *
 * @param changes what {@link diffTrees} found; parents of these are told by them
 */
export function quietParents(
  before: ZnodeTree,
  after: ZnodeTree,
  changes: readonly ZnodeChange[],
): Pick<ZnodeChange, "path" | "acl">[] {
  const told = new Set<string>();
  for (const { type, path } of changes) {
    if (type === "dataChanged") continue;
    told.add(path);
    told.add(parentOf(path));
  }
  const quiet: Pick<ZnodeChange, "path" | "acl">[] = [];
  for (const path of after.paths()) {
    if (told.has(path)) continue;
    const { pzxid, acl } = after.get(path)!;
    // A later tree may know less: a delete by an etcd client, which no record told of.
    if (resolveZxid(pzxid) > resolveZxid(before.get(path)!.pzxid)) quiet.push({ path, acl });
  }
  return quiet;
}

/** Paths of the first tree whose znode is not in the second one, parents first. */
function goneFrom(before: ZnodeTree, after: ZnodeTree): Set<string> {
  const gone = new Set<string>();
  for (const path of before.paths()) {
    const isSame = before.get(path)!.czxid === after.get(path)?.czxid;
    if (!isSame || gone.has(parentOf(path))) gone.add(path);
  }
  return gone;
}

function change(type: ZnodeChange["type"], path: string, tree: ZnodeTree): ZnodeChange {
  const acl = tree.get(path)?.acl ?? OPEN_ACL;
  return { type, path, acl, parentAcl: tree.get(parentOf(path))?.acl ?? OPEN_ACL };
}

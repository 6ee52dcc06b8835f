import { resolveZxid, type TreeView } from "../tree/znode.ts";
import { EventType, type SetWatchesRequest } from "../wire/messages.ts";
import type { WatchMode } from "./watch-table.ts";

/** One thing to do for setWatches: send an event (its header's zxid is -1, and nobody checks READ), or watch a path. */
export type CatchUpStep =
  | { readonly kind: "event"; readonly type: EventType; readonly path: string }
  | { readonly kind: "watch"; readonly mode: WatchMode; readonly path: string };

/**
 * What setWatches and setWatches2 do for a client that came back: an event for each one-shot watch that would have fired
 * since, and a watch for each of the others, in the order of the lists. Persistent watches get no event here.
 *
 * @param view the tree as it stands
 * @param relativeZxid the client's last zxid as the facade counts: without the offset of the root
 */
export function* catchUp(
  view: Pick<TreeView, "get">,
  request: SetWatchesRequest,
  relativeZxid: number,
): Generator<CatchUpStep, void> {
  for (const path of request.data) {
    const znode = view.get(path);
    if (znode === undefined) yield { kind: "event", type: EventType.deleted, path };
    else if (resolveZxid(znode.mzxid) > relativeZxid) yield { kind: "event", type: EventType.dataChanged, path };
    else yield { kind: "watch", mode: "data", path };
  }
  for (const path of request.exist) {
    if (view.get(path) !== undefined) yield { kind: "event", type: EventType.created, path };
    else yield { kind: "watch", mode: "data", path };
  }
  for (const path of request.child) {
    const znode = view.get(path);
    if (znode === undefined) yield { kind: "event", type: EventType.deleted, path };
    else if (resolveZxid(znode.pzxid) > relativeZxid) yield { kind: "event", type: EventType.childrenChanged, path };
    else yield { kind: "watch", mode: "child", path };
  }
  for (const path of request.persistent) yield { kind: "watch", mode: "persistent", path };
  for (const path of request.recursive) yield { kind: "watch", mode: "recursive", path };
}

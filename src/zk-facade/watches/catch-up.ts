import { resolveZxid, type TreeView } from "../tree/znode.ts";
import { EventType, type SetWatchesRequest } from "../wire/messages.ts";
import type { WatchMode } from "./watch-table.ts";

/** An event of setWatches: its header's zxid is -1, and nobody checks READ. */
export interface CatchUpEvent {
  readonly kind: "event";
  readonly type: EventType;
  readonly path: string;
}

/** One thing to do for setWatches: send an event, or watch a path. */
export type CatchUpStep = CatchUpEvent | { readonly kind: "watch"; readonly mode: WatchMode; readonly path: string };

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

/** By what history told of a path, a client ends the one-shot watches that these events of a catch-up are for. */
const endedBy: Readonly<Record<EventType, readonly EventType[]>> = {
  [EventType.created]: [EventType.created, EventType.dataChanged, EventType.deleted],
  [EventType.dataChanged]: [EventType.created, EventType.dataChanged, EventType.deleted],
  [EventType.deleted]: [EventType.deleted],
  [EventType.childrenChanged]: [EventType.childrenChanged, EventType.deleted],
};

/**
 * What is left of a catch-up for a client that is told of history as well. A client hands each event to all who watch its
 * path, once or for good. So where history tells of a path, the one-shot watch there ends with the first of its events, as
 * if the client had been there, and the catch-up's own event would only be one more for the persistent watch, too early.
 */
export function withoutTold(
  events: readonly CatchUpEvent[],
  told: readonly { readonly type: EventType; readonly path: string }[],
): CatchUpEvent[] {
  const typesAt = new Map<string, Set<EventType>>();
  for (const { type, path } of told) {
    const types = typesAt.get(path);
    if (types === undefined) typesAt.set(path, new Set([type]));
    else types.add(type);
  }
  return events.filter(({ type, path }) => {
    const types = typesAt.get(path);
    return types === undefined || !endedBy[type].some((ending) => types.has(ending));
  });
}

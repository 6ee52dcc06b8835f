import { Event_EventType, type Event } from "../../etcd/wire/mvccpb.ts";
import type { KeyRange, KeySpace } from "../tree/key-space.ts";
import { parentOf, validatePath } from "../tree/paths.ts";
import { isReserved } from "../tree/reserved.ts";
import type { Acl, EventType, SetWatchesRequest } from "../wire/messages.ts";
import { readHistory } from "./key-history.ts";
import { WatchTable } from "./watch-table.ts";
import { ZnodeReplay, type HistoryEnd } from "./znode-replay.ts";

/** The watches that a client brings back with setWatches2 and that never end. */
export type LastingWatches = Pick<SetWatchesRequest, "persistent" | "recursive">;

export interface MissedEvent {
  readonly type: EventType;
  readonly path: string;
  /** The list on which the client must have READ, as for every event. */
  readonly acl: readonly Acl[];
  /** The zxid of the change, as the facade counts. */
  readonly revision: number;
}

const NO_END = new Uint8Array(0);

/**
 * Goes beyond ZooKeeper, which sends persistent watches nothing of what happened while their client was away. These are
 * the events that a client would have got, had it been connected all the time: in order, with the zxid of each.
 *
 * @param history etcd's events of the ranges that {@link historyRanges} names, after the client's last zxid and up to the
 *   tree's revision, with the previous pairs. Between ranges the order does not matter.
 * @param end the tree, at the revision of the last event or later ones that changed nothing below its root
 */
export function* missedEvents(
  watches: LastingWatches,
  history: readonly Event[],
  keys: KeySpace,
  end: HistoryEnd,
): Generator<MissedEvent, void> {
  const client = {};
  const table = new WatchTable<object>();
  for (const path of watches.persistent) table.add(path, "persistent", client);
  for (const path of watches.recursive) table.add(path, "recursive", client);
  const events: MissedEvent[] = [];
  const ordered = parentsOutside(history, historyRanges(watches, keys)[0]);
  for (const { revision, changes } of new ZnodeReplay(readHistory(ordered, keys), end).changes()) {
    for (const change of changes) {
      table.fire(change, (_, type, path, acl) => events.push({ type, path, acl, revision }));
    }
    yield* events;
    events.length = 0;
  }
}

/**
 * The keys whose history decides what watches missed. The first range goes around all watched subtrees, so that changes of
 * one transaction keep their order; no key lies in two of them. None for no watches.
 */
export function historyRanges(watches: LastingWatches, keys: KeySpace): KeyRange[] {
  // Nobody has checked the paths of setWatches2, and an invalid one may lead anywhere.
  const paths = [...watches.persistent, ...watches.recursive].filter(validatePath);
  if (paths.length === 0) return [];
  // The root's own key comes before all others of the facade, so its range is that of all.
  if (paths.includes("/")) return [{ key: keys.rangeStart, rangeEnd: keys.rangeEnd }];
  const data = around(paths.map((path) => ({ key: keys.dataKey(path), rangeEnd: keys.dataBelow(path).rangeEnd })));
  const records = around(
    paths.map((path) => ({ key: keys.recordKey(path), rangeEnd: keys.recordsBelow(path).rangeEnd })),
  );
  const above = [...ancestorsOf(paths)].map((path) => keys.dataKey(path)).filter((key) => !isWithin(key, data));
  return [data, records, ...above.map(only), only(keys.eventsKey)];
}

/**
 * Within a transaction, the order of keys in different ranges is lost. But a parent is put before what is below it, and
 * deleted after, by every facade: so what lies above the first range's subtrees comes first when it was put, and last when it
 * was deleted. Only an etcd client's transaction may have had it the other way round.
 */
function parentsOutside(history: readonly Event[], first: KeyRange | undefined): readonly Event[] {
  if (first === undefined) return history;
  const before: Event[] = [];
  const inside: Event[] = [];
  const behind: Event[] = [];
  for (const event of history) {
    if (event.kv === null || isWithin(event.kv.key, first)) inside.push(event);
    else if (event.type === Event_EventType.PUT) before.push(event);
    else behind.push(event);
  }
  return [...before, ...inside, ...behind];
}

/** Without those that are always there. */
function ancestorsOf(paths: readonly string[]): Set<string> {
  const ancestors = new Set<string>();
  for (const path of paths) {
    for (let at = parentOf(path); !isReserved(at) && !ancestors.has(at); at = parentOf(at)) ancestors.add(at);
  }
  return ancestors;
}

function around(ranges: readonly KeyRange[]): KeyRange {
  return ranges.reduce((hull, { key, rangeEnd }) => ({
    key: Buffer.compare(key, hull.key) < 0 ? key : hull.key,
    rangeEnd: Buffer.compare(rangeEnd, hull.rangeEnd) > 0 ? rangeEnd : hull.rangeEnd,
  }));
}

function isWithin(key: Uint8Array, range: KeyRange): boolean {
  return Buffer.compare(key, range.key) >= 0 && Buffer.compare(key, range.rangeEnd) < 0;
}

function only(key: Uint8Array): KeyRange {
  return { key, rangeEnd: NO_END };
}

import type { EtcdPort } from "../../etcd/port.ts";
import type { Event } from "../../etcd/wire/mvccpb.ts";
import { newWatchCreateRequest, newWatchRequest } from "../../etcd/wire/etcdserverpb.ts";
import type { KeyRange } from "../tree/key-space.ts";

/** No client that was away waits longer for what it missed, and none gets more. */
const HISTORY_TIMEOUT_MS = 5000;
const HISTORY_EVENTS_MAX = 100_000;
const PROGRESS_MS = 50;

/**
 * All events of a range since a revision, with the previous pairs. Resolves at a moment when they reach exactly as far as
 * the tree does. Null: that history was compacted, is too long, or does not come in time.
 */
export function readHistory(
  port: EtcdPort,
  range: KeyRange,
  since: number,
  treeRevision: () => number,
): Promise<readonly Event[] | null> {
  return new Promise((resolve) => {
    const events: Event[] = [];
    let isDone = false;
    const finish = (result: readonly Event[] | null): void => {
      if (isDone) return;
      isDone = true;
      clearTimeout(deadline);
      clearInterval(progress);
      // Not from within the sink.
      queueMicrotask(() => stream.close());
      resolve(result);
    };
    const deadline = setTimeout(() => finish(null), HISTORY_TIMEOUT_MS);
    const stream = port.watch({
      write: (response) => {
        if (isDone || response.created) return true;
        if (response.canceled) finish(null);
        for (const event of response.events) events.push(event);
        if (events.length > HISTORY_EVENTS_MAX) finish(null);
        const last = events.at(-1)?.kv?.modRevision ?? 0;
        // Without events a response vouches for its revision: there is nothing more up to it.
        const known = response.events.length === 0 ? response.header!.revision : last;
        if (known >= treeRevision() && last <= treeRevision()) finish(events);
        return true;
      },
      end: () => finish(null),
    });
    const askProgress = (): void =>
      stream.request(newWatchRequest({ requestUnion: { case: "progressRequest", value: {} } }));
    const progress = setInterval(askProgress, PROGRESS_MS);
    const create = newWatchCreateRequest({ ...range, startRevision: since + 1, prevKv: true });
    stream.request(newWatchRequest({ requestUnion: { case: "createRequest", value: create } }));
    askProgress();
  });
}

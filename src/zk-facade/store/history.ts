import type { EtcdPort } from "../../etcd/port.ts";
import type { Event, KeyValue } from "../../etcd/wire/mvccpb.ts";
import { newWatchCreateRequest, newWatchRequest } from "../../etcd/wire/etcdserverpb.ts";
import type { KeyRange } from "../tree/key-space.ts";

/** No client that was away waits longer for what it missed, and none gets more. */
const HISTORY_TIMEOUT_MS = 5000;
const HISTORY_EVENTS_MAX = 100_000;
/** Of keys and values, which are all in memory until the question is answered. */
export const HISTORY_BYTES_MAX = 32 * 1024 * 1024;
const PROGRESS_MS = 50;

export interface HistoryQuestion<Result> {
  /** All events after this revision, with the previous pairs. */
  readonly since: number;
  readonly ranges: readonly KeyRange[];
  /** How far the tree is. */
  treeRevision(): number;
  /** Called once, at a moment when the events reach exactly as far as the tree does. */
  answer(events: readonly Event[]): Result;
}

/** Reads history by watches. Null: it was compacted, is too long, or does not come in time. */
export function readHistory<Result>(
  port: Pick<EtcdPort, "watch">,
  question: HistoryQuestion<Result>,
): Promise<Result | null> {
  const { since, ranges, treeRevision } = question;
  // Nobody would be told of progress: etcd tells it by one of the watches.
  if (ranges.length === 0) return Promise.resolve(question.answer([]));
  return new Promise((resolve) => {
    const events: Event[] = [];
    let bytes = 0;
    let lastRevision = 0;
    let isDone = false;
    const finish = (result: Result | null): void => {
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
        if (isDone || (response.created && !response.canceled)) return true;
        for (const event of response.events) {
          events.push(event);
          bytes += bytesOf(event.kv) + bytesOf(event.prevKv);
          lastRevision = Math.max(lastRevision, event.kv!.modRevision);
        }
        const isTooMuch = events.length > HISTORY_EVENTS_MAX || bytes > HISTORY_BYTES_MAX;
        if (response.canceled || isTooMuch) finish(null);
        // Progress of the whole stream vouches for all its watches: they have nothing more up to that revision.
        else if (response.events.length === 0 && response.header!.revision >= treeRevision()) {
          if (lastRevision <= treeRevision()) finish(question.answer(events));
        }
        return true;
      },
      end: () => {
        if (!isDone) finish(null);
      },
    });
    const askProgress = (): void =>
      stream.request(newWatchRequest({ requestUnion: { case: "progressRequest", value: {} } }));
    const progress = setInterval(askProgress, PROGRESS_MS);
    for (const range of ranges) {
      const create = newWatchCreateRequest({ ...range, startRevision: since + 1, prevKv: true });
      stream.request(newWatchRequest({ requestUnion: { case: "createRequest", value: create } }));
    }
    askProgress();
  });
}

function bytesOf(kv: KeyValue | null): number {
  return kv === null ? 0 : kv.key.length + kv.value.length;
}

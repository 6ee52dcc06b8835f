import type { Random } from "../base/random.ts";
import type { WatchSink } from "../port.ts";
import type { ResponseHeader } from "../wire/etcdserverpb.ts";
import { defaultWatchHubLimits, WatchHub, type WatchHubLimits } from "../mvcc/watch-hub.ts";
import type { WatchChange, WatchSource } from "../mvcc/watch-source.ts";
import { MemberWatchStream, type WatchPermit, type WatchStreamHost, type WatchStreamLimits } from "./watch-stream.ts";

export interface WatchServerConfig {
  /** --max-request-bytes. */
  readonly maxRequestBytes: number;
  /** --watch-progress-notify-interval; raised to 100 ms if it is shorter. */
  readonly progressIntervalMs: number;
  readonly streamLimits?: Partial<WatchStreamLimits>;
  readonly hubLimits?: Partial<WatchHubLimits>;
  /** How much of what waits is done before other work has its turn. */
  readonly sliceBudget?: number;
}

export const progressIntervalMsDefault = 10 * 60 * 1000;

const progressIntervalMsMin = 100;

/** What gRPC may add to a request of the largest size: etcd's allowance. */
const grpcOverheadBytes = 512 * 1024;

/** Some milliseconds of work. */
const sliceBudgetDefault = 2000;

const streamLimitsDefault = {
  queuedResponsesMax: 1024,
  queuedBytesMax: 4 * 1024 * 1024,
  queuedControlsMax: 16,
};

export interface WatchServerParts {
  readonly source: WatchSource;
  /** cluster_id, member_id and raft_term filled in; the revision as given, also 0. */
  readonly header: (revision: number) => ResponseHeader;
  readonly random: Random;
  readonly timers: WatchTimers;
}

/** The timers that the watch server needs, an adapter so that tests hold the time. */
export interface WatchTimers {
  /** Runs the task every so often until the function that it returns is called. */
  every(intervalMs: number, task: () => void): () => void;
  /** Runs the task once, after the work that waits already. */
  soon(task: () => void): void;
}

export const systemWatchTimers: WatchTimers = {
  every(intervalMs, task) {
    const timer = setInterval(task, intervalMs);
    return () => clearInterval(timer);
  },
  soon: (task) => void setImmediate(task),
};

export interface WatchCounts {
  readonly streams: number;
  readonly watchers: number;
  /** Watchers that are behind. */
  readonly slowWatchers: number;
  /** Events that wait for clients who do not read. */
  readonly pendingEvents: number;
  /** Events given to streams since the start. */
  readonly eventsTotal: number;
}

/** All watch streams of a member, the hub behind them, and the turns in which those who are behind catch up. */
export class WatchServer implements WatchStreamHost {
  readonly hub: WatchHub;
  readonly limits: WatchStreamLimits;
  readonly header: (revision: number) => ResponseHeader;
  readonly #random: Random;
  readonly #timers: WatchTimers;
  readonly #progressIntervalMs: number;
  readonly #sliceBudget: number;
  readonly #stopTickers = new Map<MemberWatchStream, () => void>();
  #isSliceDue = false;
  #eventsTotal = 0;
  #stopped: Error | undefined;

  constructor(config: WatchServerConfig, parts: WatchServerParts) {
    this.hub = new WatchHub(parts.source, { ...defaultWatchHubLimits, ...config.hubLimits });
    this.limits = {
      ...streamLimitsDefault,
      fragmentBytesMax: config.maxRequestBytes + grpcOverheadBytes,
      ...config.streamLimits,
    };
    this.#sliceBudget = config.sliceBudget ?? sliceBudgetDefault;
    this.header = parts.header;
    this.#random = parts.random;
    this.#timers = parts.timers;
    this.#progressIntervalMs = Math.max(config.progressIntervalMs, progressIntervalMsMin);
  }

  /** For the metrics. */
  get counts(): WatchCounts {
    let pendingEvents = 0;
    for (const stream of this.#stopTickers.keys()) pendingEvents += stream.pendingEvents;
    return { ...this.hub.counts, pendingEvents, eventsTotal: this.#eventsTotal };
  }

  /** @param permit asked at each create; without it everything may be watched */
  open(sink: WatchSink, permit: WatchPermit = () => null): MemberWatchStream {
    const stream = new MemberWatchStream(this, sink, permit);
    // The jitter keeps streams apart whose clients all came back in the same moment.
    const jitterMs = this.#random.below(Math.ceil(this.#progressIntervalMs / 10));
    const stopTicker = this.#timers.every(this.#progressIntervalMs + jitterMs, () => stream.tick());
    this.#stopTickers.set(stream, stopTicker);
    if (this.#stopped) stream.end(this.#stopped);
    return stream;
  }

  /** Tells the watchers of a write, right after it was applied and before anything else is. */
  notify(revision: number, changes: readonly WatchChange[]): void {
    this.hub.notify(revision, changes);
  }

  /** The store was replaced from a snapshot. */
  restored(): void {
    this.hub.restored();
    this.workMade();
  }

  /** Ends all streams, and every one that is opened later. */
  stop(error: Error): void {
    this.#stopped ??= error;
    for (const stream of [...this.#stopTickers.keys()]) stream.end(error);
  }

  workMade(): void {
    if (this.#isSliceDue || !this.hub.hasWork) return;
    this.#isSliceDue = true;
    this.#timers.soon(() => {
      this.#isSliceDue = false;
      this.hub.syncSlice(this.#sliceBudget);
      this.workMade();
    });
  }

  ended(stream: MemberWatchStream): void {
    this.#stopTickers.get(stream)?.();
    this.#stopTickers.delete(stream);
    this.workMade();
  }

  eventsDelivered(count: number): void {
    this.#eventsTotal += count;
  }
}

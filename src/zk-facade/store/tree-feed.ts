import { EtcdError } from "../../etcd/errors.ts";
import type { Logger } from "../../etcd/base/logger.ts";
import type { EtcdPort, WatchStream } from "../../etcd/port.ts";
import type { Event, KeyValue } from "../../etcd/wire/mvccpb.ts";
import {
  newRangeRequest,
  newWatchCreateRequest,
  newWatchRequest,
  type RangeRequest,
  type WatchResponse,
} from "../../etcd/wire/etcdserverpb.ts";
import type { KeySpace } from "../tree/key-space.ts";
import { TreeLoader } from "../tree/tree-loader.ts";
import type { Applied } from "../tree/tree-applier.ts";
import type { ZnodeTree } from "../tree/znode-tree.ts";

export interface FeedListener {
  /** One revision was applied; the tree stands exactly there. */
  applied(applied: Applied): void;
  /** All revisions that came together were applied, or the revision moved without a change below the root. */
  advanced(revision: number): void;
  /** History was lost: this is another tree, read anew. `before` is the one that it follows. */
  replaced(before: ZnodeTree, tree: ZnodeTree): void;
}

/** What a feed asks of etcd. */
export type FeedPort = Pick<EtcdPort, "range" | "rangeStream" | "watch">;

export interface FeedOptions {
  /** Wall-clock milliseconds, for what etcd clients write without saying when. */
  wallMs(): number;
}

/** So many keys are taken in one turn of the event loop. */
const TURN_KEYS = 5_000;
const RETRY_MS = 200;
/** So long after a request for progress another one is sent. */
const PROGRESS_RETRY_MS = 100;

/**
 * Keeps a tree equal to the keys below the root: one read of all of them, then one watch, revision by revision. A watch
 * that lost its history to a compaction is begun anew with another read.
 */
export class TreeFeed {
  readonly #port: FeedPort;
  readonly #keys: KeySpace;
  readonly #options: FeedOptions;
  readonly #logger: Logger;
  #listener: FeedListener | null = null;
  #tree: ZnodeTree;
  #stream: WatchStream | null = null;
  #watchTimer: NodeJS.Timeout | undefined;
  #closed = false;
  readonly #waiters: { readonly revision: number; readonly resolve: () => void }[] = [];
  /** Runs while there are any. */
  #progressTimer: NodeJS.Timeout | undefined;
  #barrier: Promise<number> | null = null;
  #nextBarrier: Promise<number> | null = null;

  private constructor(tree: ZnodeTree, port: FeedPort, keys: KeySpace, options: FeedOptions, logger: Logger) {
    this.#tree = tree;
    this.#port = port;
    this.#keys = keys;
    this.#options = options;
    this.#logger = logger;
  }

  /** Reads the whole tree. It does not follow the store before `follow`. */
  static async load(port: FeedPort, keys: KeySpace, options: FeedOptions, logger: Logger): Promise<TreeFeed> {
    const tree = await loadTree(port, keys, options, logger);
    return new TreeFeed(tree, port, keys, options, logger);
  }

  get tree(): ZnodeTree {
    return this.#tree;
  }

  get revision(): number {
    return this.#tree.revision;
  }

  follow(listener: FeedListener): void {
    this.#listener = listener;
    this.#watch();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#watchTimer);
    const stream = this.#stream;
    this.#stream = null;
    stream?.close();
    this.#stopAsking();
    for (const { resolve } of this.#waiters.splice(0)) resolve();
  }

  /** Resolves when the tree has all revisions up to this one, or when the feed is closed. */
  async reached(revision: number): Promise<void> {
    if (this.#tree.revision >= revision || this.#closed) return;
    await new Promise<void>((resolve) => {
      this.#waiters.push({ revision, resolve });
      this.#progressTimer ??= setInterval(() => this.#askProgress(), PROGRESS_RETRY_MS);
      this.#askProgress();
    });
  }

  /** Resolves with a revision when the tree holds everything that was written anywhere before the call. */
  barrier(): Promise<number> {
    if (this.#barrier === null) return this.#startBarrier();
    // Whoever comes while one is under way may have seen a later write: all of those share the next one.
    this.#nextBarrier ??= this.#barrier
      .catch(() => undefined)
      .then(() => {
        this.#nextBarrier = null;
        return this.#startBarrier();
      });
    return this.#nextBarrier;
  }

  #startBarrier(): Promise<number> {
    const barrier = this.#linearize().finally(() => {
      if (this.#barrier === barrier) this.#barrier = null;
    });
    this.#barrier = barrier;
    return barrier;
  }

  async #linearize(): Promise<number> {
    const request = newRangeRequest({ key: this.#keys.metaKey, countOnly: true });
    const { header } = await this.#port.range(request);
    const { revision } = header!;
    await this.reached(revision);
    return revision;
  }

  #askProgress(): void {
    this.#stream?.request(newWatchRequest({ requestUnion: { case: "progressRequest", value: {} } }));
  }

  #stopAsking(): void {
    clearInterval(this.#progressTimer);
    this.#progressTimer = undefined;
  }

  #watch(): void {
    const stream = this.#port.watch({
      write: (response) => {
        if (this.#stream === stream) this.#receive(stream, response);
        return true;
      },
      end: (error) => {
        if (this.#stream === stream) this.#watchLater(error?.message ?? "closed");
      },
    });
    this.#stream = stream;
    const create = newWatchCreateRequest({
      key: this.#keys.rangeStart,
      rangeEnd: this.#keys.rangeEnd,
      startRevision: this.#tree.revision + 1,
    });
    stream.request(newWatchRequest({ requestUnion: { case: "createRequest", value: create } }));
  }

  /** Goes on where the tree stands, but not at once: what ended this watch may end the next one as well. */
  #watchLater(reason: string): void {
    this.#stream = null;
    this.#logger.warn("the watch of the tree ended; watching again", { error: reason });
    this.#watchTimer = setTimeout(() => this.#watch(), RETRY_MS);
  }

  #receive(stream: WatchStream, response: WatchResponse): void {
    if (response.canceled) {
      // Not from within the sink.
      queueMicrotask(() => stream.close());
      if (response.compactRevision === 0) {
        this.#watchLater(response.cancelReason);
      } else {
        this.#stream = null;
        void this.#reload(response.compactRevision);
      }
      return;
    }
    if (response.events.length > 0) this.#apply(response.events);
    // Only a response without events vouches for its header's revision.
    else if (!response.created && response.header!.revision > this.#tree.revision) {
      this.#tree.progress(response.header!.revision);
    } else return;
    this.#advanced();
  }

  #apply(events: readonly Event[]): void {
    const nowMs = this.#options.wallMs();
    for (let start = 0; start < events.length;) {
      const revision = events[start]!.kv!.modRevision;
      let end = start + 1;
      while (end < events.length && events[end]!.kv!.modRevision === revision) end++;
      const ofRevision = start === 0 && end === events.length ? events : events.slice(start, end);
      // A watch that was begun again may repeat what is known.
      if (revision > this.#tree.revision) this.#listener!.applied(this.#tree.apply(revision, ofRevision, nowMs));
      start = end;
    }
  }

  #advanced(): void {
    const { revision } = this.#tree;
    this.#listener!.advanced(revision);
    if (this.#waiters.length === 0) return;
    for (let at = 0; at < this.#waiters.length;) {
      const waiter = this.#waiters[at]!;
      if (waiter.revision > revision) {
        at++;
        continue;
      }
      this.#waiters.splice(at, 1);
      waiter.resolve();
    }
    if (this.#waiters.length === 0) this.#stopAsking();
  }

  async #reload(compactRevision: number): Promise<void> {
    this.#logger.warn("the history of the tree was compacted before it was read; reading the tree anew", {
      "tree-revision": this.#tree.revision,
      "compact-revision": compactRevision,
    });
    const tree = await this.#loadAgain();
    if (tree === null) return;
    const before = this.#tree;
    this.#tree = tree;
    this.#listener!.replaced(before, tree);
    this.#advanced();
    this.#watch();
  }

  /** Tries until it succeeds. Null: the feed was closed meanwhile. */
  async #loadAgain(): Promise<ZnodeTree | null> {
    while (!this.#isClosed()) {
      try {
        const tree = await loadTree(this.#port, this.#keys, this.#options, this.#logger);
        return this.#isClosed() ? null : tree;
      } catch (error) {
        this.#logger.warn("the tree could not be read; trying again", { error: String(error) });
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    return null;
  }

  /** To be asked again after every wait. */
  #isClosed(): boolean {
    return this.#closed;
  }
}

/** All keys below the root at one revision. Of data keys the names only: a tree knows lengths, not data. */
async function loadTree(port: FeedPort, keys: KeySpace, options: FeedOptions, logger: Logger): Promise<ZnodeTree> {
  for (;;) {
    try {
      const loader = new TreeLoader(keys, options.wallMs());
      const data = keys.dataBelow("/");
      // What lies before the first data key: the root's own data, all records, the sessions.
      const records = { key: keys.rangeStart, rangeEnd: data.key };
      const { header } = await port.range(newRangeRequest({ key: keys.metaKey, countOnly: true }));
      const { revision } = header!;
      await readAll(port, { ...records, revision }, (kv) => loader.add(kv));
      await readAll(port, { ...data, revision, keysOnly: true }, (kv) => loader.add(kv));
      for (const key of loader.valuesNeeded()) {
        const { kvs } = await port.range(newRangeRequest({ key, revision }));
        for (const kv of kvs) loader.addValue(kv);
      }
      return loader.finish(revision);
    } catch (error) {
      if (!(error instanceof EtcdError && error.code === "compacted")) throw error;
      logger.info("the tree was compacted while it was read; reading again");
    }
  }
}

/** Reads a range at one revision, piece by piece, and lets others have their turn in between. */
async function readAll(
  port: FeedPort,
  range: Pick<RangeRequest, "key" | "rangeEnd" | "revision"> & { readonly keysOnly?: boolean },
  take: (kv: KeyValue) => void,
): Promise<void> {
  let keysTaken = 0;
  // Never serializable: a member that lags behind the one that gave the revision does not know it yet.
  for await (const { kvs } of port.rangeStream(newRangeRequest(range))) {
    for (const kv of kvs) take(kv);
    keysTaken += kvs.length;
    if (keysTaken < TURN_KEYS) continue;
    keysTaken = 0;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

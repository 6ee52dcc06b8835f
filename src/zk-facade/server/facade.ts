import type { Clock } from "../../etcd/base/clock.ts";
import type { Logger } from "../../etcd/base/logger.ts";
import type { EtcdPort } from "../../etcd/port.ts";
import { planCloseSessionPart } from "../ops/close-session.ts";
import type { PlanContext, PlanRules, RecordTag } from "../ops/plan.ts";
import { planWrite } from "../ops/plan-write.ts";
import { SessionIds } from "../session/session-id.ts";
import { DataReader } from "../store/data-reader.ts";
import { HISTORY_BYTES_MAX, type HistoryQuestion, readHistory } from "../store/history.ts";
import { Mender } from "../store/mender.ts";
import { Reaper, type ReaperOptions } from "../store/reaper.ts";
import type { Session } from "../store/session.ts";
import { Sessions } from "../store/sessions.ts";
import { TreeFeed } from "../store/tree-feed.ts";
import { type WriteOrder, WritePipeline } from "../store/write-pipeline.ts";
import { KeySpace } from "../tree/key-space.ts";
import { parentOf } from "../tree/paths.ts";
import type { Applied } from "../tree/tree-applier.ts";
import { diffTrees, quietParents } from "../tree/tree-diff.ts";
import type { ZnodeChange } from "../tree/znode.ts";
import type { ZnodeTree } from "../tree/znode-tree.ts";
import type { Acl, EventType, Identity, WriteRequest } from "../wire/messages.ts";
import { historyRanges, type LastingWatches, type MissedEvent, missedEvents } from "../watches/missed-events.ts";
import { type Deliver, WatchTable } from "../watches/watch-table.ts";
import { FetchLine } from "./fetch-line.ts";
import { QuotaWarnings } from "./quota-warnings.ts";
import type { ServerStats } from "./server-stats.ts";

/** Who gets watch events: a connection. */
export interface Watcher {
  readonly sessionId: bigint;
  event(type: EventType, path: string, acl: readonly Acl[], revision: number): void;
}

export interface FacadeOptions {
  readonly root: string;
  readonly rules: PlanRules;
  /** See PipelineOptions. */
  readonly isOrdered: boolean;
  /** Operations, and compares, in one transaction; infinite where the store is our own. */
  readonly txnOpsMax: number;
  /** Sessions of an earlier run under this name are taken over; null: of none. */
  readonly name: string | null;
  /** 0 to 255: the first byte of session ids. */
  readonly serverId: number;
  readonly tickMs: number;
  readonly dataCacheBytes: number;
  readonly container: ReaperOptions;
}

export interface FacadeParts {
  readonly stats: ServerStats;
  readonly port: EtcdPort;
  readonly clock: Clock;
  readonly logger: Logger;
  randomBytes(count: number): Uint8Array;
}

/** Compares that the pipeline adds to a plan's own: the session's and the one before's. */
const GUARDS = 2;
/** Of history that is read for clients which came back, all together. */
const HISTORIES_BYTES_MAX = 16 * HISTORY_BYTES_MAX;

/**
 * The znodes of one root: the tree and what keeps it, the writes on their way, the sessions and the watches. Connections
 * stand around it, and it knows nothing of sockets.
 *
 * The order of things within one revision is the whole secret, and it is all here: first the tree moves, then watchers are
 * told, then whoever wrote gets the reply, with the tree still exactly there, so that reads which waited for the write
 * see it and nothing later.
 */
export class Facade {
  readonly keys: KeySpace;
  readonly watches: WatchTable<Watcher>;
  readonly sessions: Sessions;
  readonly data: DataReader;
  readonly #options: FacadeOptions;
  readonly #parts: FacadeParts;
  readonly #feed: TreeFeed;
  readonly #pipeline: WritePipeline;
  readonly #histories = new FetchLine(HISTORIES_BYTES_MAX);
  /** This run, in the tags of its records. */
  readonly #run: number;
  readonly #mender: Mender;
  readonly #reaper: Reaper;
  readonly #quotaWarnings: QuotaWarnings;

  private constructor(options: FacadeOptions, parts: FacadeParts, keys: KeySpace, feed: TreeFeed) {
    const { port, clock, logger, stats } = parts;
    this.keys = keys;
    this.watches = new WatchTable((type, watchers) => stats.watchersFired(type, watchers));
    this.#options = options;
    this.#parts = parts;
    this.#feed = feed;
    this.#run = Buffer.from(parts.randomBytes(4)).readUInt32BE();
    this.#quotaWarnings = new QuotaWarnings(clock, logger);
    this.data = new DataReader(port, keys, options.dataCacheBytes);
    this.#pipeline = new WritePipeline(
      { facade: this.#run, isOrdered: options.isOrdered, txnOpsMax: options.txnOpsMax },
      keys,
      {
        tree: () => feed.tree,
        revision: () => feed.revision,
        txn: (request) => port.txn(request, { limits: UNLIMITED }),
        barrier: () => feed.barrier(),
        unleased: (sessionId) => this.sessions.unleased(sessionId),
      },
      logger,
    );
    this.sessions = new Sessions(
      { facade: this.#run, name: options.name, tickMs: options.tickMs },
      {
        port,
        keys,
        clock,
        logger,
        expired: () => stats.metrics.counters.stale_sessions_expired.inc(),
        newPassword: () => parts.randomBytes(16),
        reached: (revision) => feed.reached(revision),
        barrier: () => feed.barrier(),
        submit: (order) => this.#pipeline.submit(order),
        closeOrder: (session, settled) => this.#closeOrder(session, settled),
      },
      new SessionIds({ serverId: options.serverId, startMs: clock.wallMs() }),
    );
    this.#mender = new Mender(
      { run: this.#run },
      keys,
      {
        tree: () => feed.tree,
        txn: (request) => port.txn(request),
        reached: (revision) => feed.reached(revision),
        exclusive: (job) => this.#pipeline.exclusive(job),
      },
      logger,
    );
    this.#reaper = new Reaper(
      options.container,
      keys,
      {
        tree: () => feed.tree,
        submit: (order) => this.#pipeline.submit(order),
        context: (tag) => this.#context(0n, [], tag),
      },
      clock,
      logger,
    );
  }

  /** Reads the tree and begins to follow the store. */
  static async start(options: FacadeOptions, parts: FacadeParts): Promise<Facade> {
    const keys = new KeySpace(options.root);
    const feed = await TreeFeed.load(parts.port, keys, { wallMs: () => parts.clock.wallMs() }, parts.logger);
    const facade = new Facade(options, parts, keys, feed);
    facade.#start();
    return facade;
  }

  get tree(): ZnodeTree {
    return this.#feed.tree;
  }

  /** The last revision that the tree has: what ZooKeeper calls the last processed zxid, before the root's offset. */
  get revision(): number {
    return this.#feed.revision;
  }

  get writesOutstanding(): number {
    return this.#pipeline.outstanding;
  }

  /** Resolves when the tree has all that was written before the call, by anybody anywhere. */
  barrier(): Promise<number> {
    return this.#feed.barrier();
  }

  /** Resolves when the tree has moved past a revision. */
  reached(revision: number): Promise<void> {
    return this.#feed.reached(revision);
  }

  /**
   * What persistent watches missed between two revisions, in order. Empty when the store has forgotten it: then a client
   * that was away is where it would be with ZooKeeper.
   */
  async missedEvents(watches: LastingWatches, since: number, until: number): Promise<readonly MissedEvent[]> {
    const question: HistoryQuestion<readonly MissedEvent[]> = {
      since,
      ranges: historyRanges(watches, this.keys),
      treeRevision: () => this.revision,
      answer: (events) => [...missedEvents(watches, events, this.keys, this.tree)],
    };
    const missed = await this.#histories.run(HISTORY_BYTES_MAX, () => readHistory(this.#parts.port, question));
    if (missed === null) {
      this.#parts.logger.info("events that a client missed are not in the history any more", { since, until });
      return [];
    }
    // What came later is told as it came.
    return missed.filter(({ revision }) => revision <= until);
  }

  /** A session's write. `identities` are those of its connection when the request came. */
  write(
    session: Session,
    identities: readonly Identity[],
    request: WriteRequest,
    settled: Pick<WriteOrder, "done" | "lost">,
  ): void {
    this.#pipeline.submit({
      session,
      plan: (view, tag) => planWrite(view, this.keys, request, this.#context(session.id, identities, tag)),
      done: settled.done,
      lost: settled.lost,
    });
  }

  close(): void {
    this.#mender.close();
    this.#reaper.close();
    this.sessions.close();
    this.#pipeline.close();
    this.#feed.close();
  }

  #start(): void {
    this.sessions.replaced(this.tree.sessions());
    this.sessions.start();
    this.#mender.later(this.tree.mends());
    this.#feed.follow({
      applied: (applied) => this.#applied(applied),
      advanced: (revision) => this.#pipeline.advanced(revision),
      replaced: (before, tree) => this.#replaced(before, tree),
    });
    this.#reaper.start();
  }

  #applied(applied: Applied): void {
    const { revision } = applied;
    for (const change of applied.changes) {
      this.watches.fire(change, (watcher, type, path, acl) => watcher.event(type, path, acl, revision));
      this.#count(change);
    }
    for (const change of applied.sessions) {
      if (change.value === null) this.#pipeline.ended(change.id, revision);
      this.sessions.applied(change);
    }
    let isOwn = false;
    for (const tag of applied.written) {
      if (tag.facade !== this.#run) continue;
      isOwn = true;
      this.#pipeline.seen(tag.sequence, revision);
    }
    if (!isOwn) this.#disturbed(applied);
    this.#mender.later(applied.mends);
  }

  /** By whomever it was written, as every ZooKeeper of an ensemble counts it. */
  #count({ type, path }: ZnodeChange): void {
    const bytes = type === "deleted" ? 0 : this.tree.dataLengthOf(path);
    this.#parts.stats.znodeWritten(path, bytes);
    const quota = type === "deleted" ? null : this.tree.quotaOver(path);
    if (quota !== null) this.#quotaWarnings.check(quota);
  }

  /** Others wrote: plans that are made from here on must not rest on an older picture of the same znodes. */
  #disturbed(applied: Applied): void {
    for (const { path, type } of applied.changes) {
      this.#pipeline.disturbed(path);
      if (type !== "dataChanged" && path !== "/") this.#pipeline.disturbed(parentOf(path));
    }
  }

  /** History was lost: watchers are told what the difference of the two trees shows. */
  #replaced(before: ZnodeTree, tree: ZnodeTree): void {
    const changes = diffTrees(before, tree);
    const tell: Deliver<Watcher> = (watcher, type, path, acl) => watcher.event(type, path, acl, tree.revision);
    for (const change of changes) this.watches.fire(change, tell);
    for (const { path, acl } of quietParents(before, tree, changes)) this.watches.fireChildren(path, acl, tell);
    this.sessions.replaced(tree.sessions());
    this.#pipeline.exclusive(() => Promise.resolve());
    this.#mender.later(tree.mends());
  }

  #context(sessionId: bigint, identities: readonly Identity[], tag: RecordTag): PlanContext {
    return { sessionId, identities, nowMs: this.#parts.clock.wallMs(), tag, rules: this.#options.rules };
  }

  /**
   * One transaction as a rule. A store that takes only so many operations in one gets several, one after the other; each
   * leaves a tree that is right, and the last one ends the session.
   */
  #closeOrder(session: Session, settled: Pick<WriteOrder, "done" | "lost">): WriteOrder {
    let isLast = true;
    return {
      session,
      plan: (view, tag) => {
        const context = this.#context(session.id, [], tag);
        const part = planCloseSessionPart(view, this.keys, context, this.#options.txnOpsMax - GUARDS);
        if (part.kind === "blocked") return part;
        isLast = part.isLast;
        return part.plan;
      },
      done: (result, revision) => {
        if (isLast) settled.done(result, revision);
        else this.#pipeline.submit(this.#closeOrder(session, settled));
      },
      lost: settled.lost,
    };
  }
}

/** One request of a client is bounded by its frame; the transaction that it becomes may be larger than etcd's clients may send. */
const UNLIMITED = { maxTxnOps: 2_000_000, maxRequestBytes: 512 * 1024 * 1024 };

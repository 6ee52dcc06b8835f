import { assert } from "../base/assert.ts";
import { EtcdError } from "../errors.ts";
import { MemoryStorage } from "../raft/memory-storage.ts";
import { RawNode } from "../raft/raw-node.ts";
import type { BasicStatus, Status } from "../raft/status.ts";
import { type ConfChange, type ConfState, type Entry, newHardState, newSnapshot } from "../wire/raftpb.ts";
import { hexId } from "./ids.ts";
import type { RaftLog, RecoveredLog } from "./log.ts";
import { LogKeeper } from "./log-keeper.ts";
import type { MemberCore } from "./member-core.ts";
import { asPeer, checkOwnership } from "./ownership.ts";
import { RaftLoop } from "./raft-loop.ts";
import { ReadIndex } from "./read-index.ts";

/** Proposals that wait for the log. etcd refuses when 5000 committed entries wait to be applied. */
const QUEUED_PROPOSALS_MAX = 20_000;
const QUEUED_BYTES_MAX = 256 * 1024 * 1024;
const SAVE_RETRY_MS = 500;
const LEAD_POLL_MS = 1;
const done = Promise.resolve();

export interface ConsensusListeners {
  /** Executes committed entries, in order. Resolves late only to slow the log down. */
  apply(entries: readonly Entry[]): Promise<void> | undefined;
  /** Raft took these proposals back. */
  dropped(proposals: readonly Uint8Array[]): void;
}

/**
 * This member's part in Raft: its node, its log, and what they mean for reads, for leases and for who leads.
 *
 *   propose ─▶ RaftLoop ─▶ log, flushed ─▶ listeners.apply
 *   linearizable ─▶ at once, as the only voter that leads; else ─▶ ReadIndex
 */
export class Consensus {
  readonly #core: MemberCore;
  readonly #storage = new MemoryStorage();
  readonly #log: RaftLog;
  readonly #logKeeper: LogKeeper;
  readonly #node: RawNode;
  readonly #loop: RaftLoop;
  readonly #readIndex: ReadIndex;

  constructor(core: MemberCore, listeners: ConsensusListeners) {
    const { options, parts } = core;
    const { recovered, logger } = parts;
    this.#core = core;
    this.#log = recovered.log;
    this.#logKeeper = new LogKeeper(options, {
      log: this.#log,
      storage: this.#storage,
      logger,
      clock: parts.clock,
      marked: (tookMs) => parts.metrics.snapshotMarked(tookMs / 1000),
    });
    this.#recover(recovered);
    this.#node = new RawNode({
      id: options.memberId,
      electionTicks: Math.floor(options.electionTimeoutMs / options.heartbeatIntervalMs),
      heartbeatTicks: 1,
      storage: this.#storage,
      random: parts.random,
      logger: parts.raftLogger,
      applied: recovered.snapshot.index,
      messageBytesMax: 1024 * 1024,
      inflightMessagesMax: 512,
      checkQuorum: true,
      preVote: options.preVote,
    });
    if (isUnborn(recovered)) this.#node.bootstrap([asPeer(options)]);
    else checkOwnership(core);
    this.#readIndex = new ReadIndex({
      ask: (context) => {
        this.#node.readIndex(context);
        this.#loop.kick();
      },
      appliedIndex: () => core.replica.appliedIndex,
      timeoutMs: core.requestTimeoutMs,
      failed: () => parts.metrics.readIndexFailed(),
      slow: () => parts.metrics.readIndexSlow(),
    });
    this.#loop = new RaftLoop(
      {
        tickMs: options.heartbeatIntervalMs,
        queuedProposalsMax: QUEUED_PROPOSALS_MAX,
        queuedBytesMax: QUEUED_BYTES_MAX,
        saveRetryMs: SAVE_RETRY_MS,
      },
      {
        node: this.#node,
        storage: this.#storage,
        log: this.#log,
        logger,
        apply: (entries) => listeners.apply(entries),
        send: (messages) => assert(messages.length === 0, "a member without peers has nobody to send to"),
        dropped: (proposals) => listeners.dropped(proposals),
        readConfirmed: (context, index) => this.#readIndex.confirmed(context, index),
        leadershipChanged: (isLeader) => this.#leadershipChanged(isLeader),
        failed: (error) => core.fail(error),
      },
    );
  }

  start(): void {
    this.#loop.start();
  }

  /** The only voter need not wait for an election timeout, since nobody else can lead: it campaigns as soon as it may. */
  async lead(): Promise<void> {
    const { leadership } = this.#core;
    while (!leadership.isLeader) {
      if (this.#core.failure !== null) throw this.#core.failure;
      const { role, applied, commit } = this.#node.basicStatus();
      if (role === "follower" && applied === commit && leadership.isSoleVoter) this.#node.campaign();
      this.#loop.kick();
      await new Promise((resolve) => setTimeout(resolve, LEAD_POLL_MS));
    }
  }

  /** Reads that wait are refused. */
  refuseReads(error: Error): void {
    this.#readIndex.stop(error);
  }

  /** Ends after the batch under way. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** The last commit index, which Raft need not have had saved. After the stop. */
  async saveLast(): Promise<void> {
    if (this.#loop.hardState !== null) await this.#log.save(this.#loop.hardState, []);
  }

  /** Queues one entry's payload. False: the queue is full, refuse the client. */
  propose(data: Uint8Array): boolean {
    return this.#loop.propose(data);
  }

  /** Why the log cannot be written at the moment, or null. While it is set nothing new should be proposed. */
  get stalledBy(): Error | null {
    return this.#loop.stalledBy;
  }

  /** Resolves when a read may run on the applied state. The only voter of a cluster knows that at once. */
  linearizable(): Promise<void> {
    this.#core.checkOpen();
    if (this.#core.leadership.holdsReadsAt(this.#core.replica.appliedTerm)) return done;
    return this.#readIndex.wait();
  }

  /** Reads that wait for what was just applied go on. */
  applied(): void {
    this.#readIndex.applied();
  }

  configurationChanged(change: ConfChange): ConfState {
    const confState = this.#node.applyConfChange(change);
    this.#core.leadership.configured(confState);
    return confState;
  }

  /** The empty entry of a new leader is applied: everything before it is, too, and leases are this leader's now. */
  termBegun(term: number): void {
    const { leadership, replica, parts, options } = this.#core;
    if (!leadership.isLeader || term !== this.#node.basicStatus().term) return;
    leadership.begin(term);
    replica.lessor.promote(parts.clock.nowMs(), options.electionTimeoutMs);
  }

  /** The store is on disk further than before: marks the log there and lets go of what is behind it. */
  keepLog(): void {
    const { durableIndex: index, confState } = this.#core.replica;
    if (this.#core.isStopped || !this.#logKeeper.isDue(index)) return;
    this.#logKeeper.keep({ index, confState, hardState: this.#loop.hardState }).catch((error: unknown) => {
      this.#core.parts.logger.error("failed to save snapshot", { error: String(error) });
    });
  }

  basicStatus(): BasicStatus {
    return this.#node.basicStatus();
  }

  status(): Status {
    return this.#node.status();
  }

  #recover(recovered: RecoveredLog): void {
    if (isUnborn(recovered)) return;
    const { snapshot, hardState, entries } = recovered;
    if (snapshot.index > 0) {
      this.#storage.applySnapshot(newSnapshot({ metadata: snapshot }));
      this.#core.leadership.configured({ voters: snapshot.confState?.voters ?? [] });
      // The entries that made this configuration may be gone, and the next mark must name it again.
      this.#core.replica.configuredAtMark(snapshot.confState);
    }
    this.#storage.setHardState(newHardState({ ...hardState, commit: Math.max(hardState.commit, snapshot.index) }));
    this.#storage.append(entries);
    this.#logKeeper.startAt(snapshot.index);
  }

  #leadershipChanged(isLeader: boolean): void {
    const { leadership, options, parts, replica } = this.#core;
    if (!leadership.set(isLeader)) return;
    const { lead, term } = this.#node.basicStatus();
    if (isLeader) {
      parts.raftLogger.info(`raft.node: ${hexId(options.memberId)} elected leader ${hexId(lead)} at term ${term}`);
      return;
    }
    replica.lessor.demote();
    this.#readIndex.fail(new EtcdError("leaderChanged"));
  }
}

/**
 * Nothing was ever committed: the log is new, or a crash tore its very first write before the hard state that would
 * commit it. The member begins anew; what stands in the log is written over.
 */
function isUnborn({ hardState, snapshot }: RecoveredLog): boolean {
  return hardState.commit === 0 && snapshot.index === 0;
}

import { EtcdError } from "../errors.ts";
import type { CallOptions, EtcdPort, WatchSink, WatchStream } from "../port.ts";
import type { Status } from "../raft/status.ts";
import type * as pb from "../wire/etcdserverpb.ts";
import { ApplyLoop } from "./apply-loop.ts";
import { Compactions } from "./compactions.ts";
import { Consensus } from "./consensus.ts";
import { hexId } from "./ids.ts";
import { MemberCore } from "./member-core.ts";
import { MemberKv } from "./member-kv.ts";
import { MemberLeases } from "./member-leases.ts";
import { MemberMaintenance } from "./member-maintenance.ts";
import type { MemberOptions, MemberParts } from "./member-options.ts";
import { isOutOfSpace } from "./out-of-space.ts";
import { checkOwnership } from "./ownership.ts";
import { Proposer } from "./proposer.ts";
import { publish } from "./publish.ts";
import type { Replica } from "./replica.ts";
import { StoreCommits } from "./store-commits.ts";
import { systemWatchTimers, WatchServer } from "./watch-server.ts";

const TICK_MS = 500;

/**
 * One etcd member: the replicated state, Raft in front of it, and etcd's API on top.
 *
 *   put, txn ... ─▶ proposals ─▶ RaftLoop ─▶ log, flushed ─▶ Replica.apply ─▶ watchers, then the answer
 *   range ... ────▶ ReadIndex ─▶ store
 *
 * Invariants: an answer to a write leaves after its entry is flushed and applied; a linearizable read runs on a state
 * that holds every write acknowledged before it began; nothing changes the store but `#apply` and compaction slices,
 * which never run at the same time.
 *
 * Who calls within the process may rely on more than gRPC gives. Writes (put, deleteRange, txn that may write, compact,
 * leaseGrant, leaseRevoke) that are called one after the other, with no `await` between, are applied in the order of
 * the calls; one that is refused does not hold up the next. A read is not in this order: it sees what is
 * applied when it runs. The one exception is a store without room: which write raises the alarm is not said.
 *
 * A watch that is synced gets the events of a write within its apply: before the writer's promise resolves, and before
 * any read sees the write. A watch that began in the past gets them in turns of their own until it has caught up, as does
 * one whose sink said stop. A progress request is answered within the call with the store's revision, behind all events
 * up to it, and, as in etcd, not at all while a watch of its stream is behind or the sink is full: ask again.
 */
export class Member implements EtcdPort {
  readonly #core: MemberCore;
  readonly #consensus: Consensus;
  readonly #commits: StoreCommits;
  readonly #proposer: Proposer;
  readonly #compactions: Compactions;
  readonly #watches: WatchServer;
  readonly #applyLoop: ApplyLoop;
  readonly #kv: MemberKv;
  readonly #leases: MemberLeases;
  readonly #maintenance: MemberMaintenance;
  readonly #timers: NodeJS.Timeout[] = [];
  #stopping: Promise<void> | null = null;

  private constructor(options: MemberOptions, parts: MemberParts) {
    const core = new MemberCore(options, parts);
    const consensus = new Consensus(core, {
      apply: (entries) => this.#applyLoop.apply(entries),
      dropped: (proposals) => this.#proposer.dropped(proposals),
    });
    const commits = new StoreCommits(core, () => consensus.keepLog());
    const proposer = new Proposer(core, { consensus, commits });
    const compactions = new Compactions(core, { proposer, commits });
    const watches = new WatchServer(
      { maxRequestBytes: options.maxRequestBytes, progressIntervalMs: options.watchProgressNotifyIntervalMs },
      {
        source: core.replica.store,
        header: (revision) => core.header(revision),
        random: parts.random,
        timers: systemWatchTimers,
      },
    );
    this.#core = core;
    this.#consensus = consensus;
    this.#commits = commits;
    this.#proposer = proposer;
    this.#compactions = compactions;
    this.#watches = watches;
    this.#applyLoop = new ApplyLoop(core, { consensus, proposer, commits, compactions, watches });
    this.#kv = new MemberKv(core, { consensus, proposer, compactions, commits });
    this.#leases = new MemberLeases(core, { consensus, proposer });
    this.#maintenance = new MemberMaintenance(core, { consensus, proposer, commits });
  }

  /**
   * Starts a member and resolves when it leads, has published itself and can serve. One that cannot start has closed its
   * disk when this rejects.
   */
  static async start(options: MemberOptions, parts: MemberParts): Promise<Member> {
    let member: Member;
    try {
      member = new Member(options, parts);
    } catch (error) {
      await parts.disk.close();
      throw error;
    }
    try {
      await member.#start();
      return member;
    } catch (error) {
      // Why it could not start says more than what then went wrong.
      await member.stop().catch(() => undefined);
      throw error;
    }
  }

  /** Ends all streams, answers nothing more, and leaves everything that was applied on disk. May be called twice. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  // KV

  range(request: pb.RangeRequest): Promise<pb.RangeResponse> {
    return this.#kv.range(request);
  }

  rangeStream(request: pb.RangeRequest): AsyncGenerator<pb.RangeResponse> {
    return this.#kv.rangeStream(request);
  }

  put(request: pb.PutRequest, options?: CallOptions): Promise<pb.PutResponse> {
    return this.#kv.put(request, options);
  }

  deleteRange(request: pb.DeleteRangeRequest): Promise<pb.DeleteRangeResponse> {
    return this.#kv.deleteRange(request);
  }

  txn(request: pb.TxnRequest, options?: CallOptions): Promise<pb.TxnResponse> {
    return this.#kv.txn(request, options);
  }

  compact(request: pb.CompactionRequest): Promise<pb.CompactionResponse> {
    return this.#kv.compact(request);
  }

  watch(sink: WatchSink): WatchStream {
    return this.#watches.open(sink);
  }

  // Lease

  leaseGrant(request: pb.LeaseGrantRequest): Promise<pb.LeaseGrantResponse> {
    return this.#leases.grant(request);
  }

  leaseRevoke(request: pb.LeaseRevokeRequest): Promise<pb.LeaseRevokeResponse> {
    return this.#leases.revoke(request);
  }

  leaseKeepAlive(request: pb.LeaseKeepAliveRequest): Promise<pb.LeaseKeepAliveResponse> {
    return this.#leases.keepAlive(request);
  }

  leaseTimeToLive(request: pb.LeaseTimeToLiveRequest): Promise<pb.LeaseTimeToLiveResponse> {
    return this.#leases.timeToLive(request);
  }

  leaseLeases(): Promise<pb.LeaseLeasesResponse> {
    return Promise.resolve(this.#leases.leases());
  }

  // Cluster and maintenance

  memberList(request: pb.MemberListRequest): Promise<pb.MemberListResponse> {
    return this.#maintenance.memberList(request);
  }

  status(): Promise<pb.StatusResponse> {
    return Promise.resolve(this.#maintenance.status());
  }

  alarm(request: pb.AlarmRequest): Promise<pb.AlarmResponse> {
    return this.#maintenance.alarm(request);
  }

  defragment(): Promise<pb.DefragmentResponse> {
    return this.#maintenance.defragment();
  }

  hash(): Promise<pb.HashResponse> {
    return this.#maintenance.hash();
  }

  hashKv(request: pb.HashKVRequest): Promise<pb.HashKVResponse> {
    return this.#maintenance.hashKv(request);
  }

  snapshot(): AsyncGenerator<pb.SnapshotResponse> {
    return this.#maintenance.snapshot();
  }

  moveLeader(request: pb.MoveLeaderRequest): Promise<pb.MoveLeaderResponse> {
    return this.#maintenance.moveLeader(request);
  }

  downgrade(request: pb.DowngradeRequest): Promise<pb.DowngradeResponse> {
    return this.#maintenance.downgrade(request);
  }

  // What the edge must know.

  header(): pb.ResponseHeader {
    return this.#core.header();
  }

  hasLeader(): boolean {
    return this.#consensus.basicStatus().lead !== 0n;
  }

  isLearner(): boolean {
    return this.#maintenance.isLearner;
  }

  alarms(): readonly pb.AlarmMember[] {
    return this.#core.replica.alarms.list();
  }

  versions(): { server: string; cluster: string | null; storage: string | null } {
    const { clusterVersion, storageVersion } = this.#core.replica.membership;
    return { server: this.#core.options.serverVersion, cluster: clusterVersion, storage: storageVersion || null };
  }

  // For metrics and diagnosis

  raftStatus(): Status {
    return this.#consensus.status();
  }

  get proposalsPending(): number {
    return this.#proposer.pending;
  }

  get memberId(): bigint {
    return this.#core.options.memberId;
  }

  /** How often this member saw a leader come. */
  get leaderChangesSeen(): number {
    return this.#core.leadership.changesSeen;
  }

  get isLeader(): boolean {
    return this.#core.leadership.isLeader;
  }

  get replica(): Replica {
    return this.#core.replica;
  }

  get watches(): WatchServer {
    return this.#watches;
  }

  // Start and stop

  async #start(): Promise<void> {
    this.#consensus.start();
    this.#startTimers();
    const { pendingCompaction } = this.#core.replica.store;
    if (pendingCompaction !== null) this.#compactions.run(pendingCompaction);
    await this.#consensus.lead();
    // After a crash the store may know its member only now that the log was applied again.
    checkOwnership(this.#core);
    await publish(this.#core, this.#proposer);
  }

  #startTimers(): void {
    const { scheduleIntervalMs } = this.#compactions;
    this.#every(TICK_MS, () => this.#leases.tick());
    this.#every(TICK_MS, () => this.#proposer.expire());
    if (scheduleIntervalMs !== null) this.#every(scheduleIntervalMs, () => void this.#compactions.bySchedule());
  }

  #every(intervalMs: number, task: () => void): void {
    this.#timers.push(setInterval(task, intervalMs));
  }

  async #stop(): Promise<void> {
    const { parts, replica } = this.#core;
    this.#core.stop();
    const stopped = new EtcdError("stopped");
    parts.logger.info("skipped leadership transfer for single voting member cluster", {
      "local-member-id": hexId(this.memberId),
      "current-leader-member-id": hexId(this.#consensus.basicStatus().lead),
    });
    for (const timer of this.#timers) clearInterval(timer);
    this.#watches.stop(stopped);
    this.#proposer.rejectAll(stopped);
    this.#consensus.refuseReads(stopped);
    await this.#compactions.stop();
    await this.#consensus.stop();
    // Renewals that wait for the end of a lease wait in vain.
    replica.lessor.demote();
    await this.#core.gate;
    this.#commits.cancel();
    try {
      await this.#commits.commit();
      await this.#consensus.saveLast();
    } catch (error) {
      // The log holds all that was acknowledged; the next start takes what the store lacks from there.
      if (!isOutOfSpace(error)) throw error;
      parts.logger.warn("no space left to commit the store at the end", { error: String(error) });
    } finally {
      await parts.disk.close();
    }
  }
}

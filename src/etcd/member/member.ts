import type { Applied } from "../apply/applier.ts";
import { formatMember, type MemberRecord } from "../apply/membership.ts";
import { leaseGrantCostBytes, putCostBytes, txnCostBytes } from "../apply/quota.ts";
import { encodeRaftRequest, type RaftCallName, type RaftCalls, type RaftRequest } from "../apply/raft-request.ts";
import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { formatMilliseconds } from "../base/go-duration.ts";
import type { Logger } from "../base/logger.ts";
import type { Random } from "../base/random.ts";
import { EtcdError } from "../errors.ts";
import { RequestIds } from "../lease/id-generator.ts";
import type { Backend } from "../mvcc/backend.ts";
import { hashAll } from "../mvcc/backend-hash.ts";
import { checkDeleteRange, checkPut, checkRange, checkTxn } from "../mvcc/check.ts";
import type { CompactionJob } from "../mvcc/compaction-job.ts";
import { executeRange } from "../mvcc/range.ts";
import { executeTxn, isTxnReadonly, isTxnSerializable } from "../mvcc/txn.ts";
import type { CallOptions, EtcdPort, WatchSink, WatchStream } from "../port.ts";
import { RawNode } from "../raft/raw-node.ts";
import { MemoryStorage } from "../raft/memory-storage.ts";
import { type Status, statusToJson } from "../raft/status.ts";
import {
  type AlarmMember,
  AlarmRequest_AlarmAction,
  type AlarmRequest,
  type AlarmResponse,
  AlarmType,
  type CompactionRequest,
  type CompactionResponse,
  type DefragmentResponse,
  type DeleteRangeRequest,
  type DeleteRangeResponse,
  DowngradeRequest_DowngradeAction,
  type DowngradeRequest,
  type DowngradeResponse,
  type HashKVRequest,
  type HashKVResponse,
  type HashResponse,
  type LeaseGrantRequest,
  type LeaseGrantResponse,
  type LeaseKeepAliveRequest,
  type LeaseKeepAliveResponse,
  type LeaseLeasesResponse,
  type LeaseRevokeRequest,
  type LeaseRevokeResponse,
  type LeaseTimeToLiveRequest,
  type LeaseTimeToLiveResponse,
  type MemberListRequest,
  type MemberListResponse,
  type MoveLeaderRequest,
  type MoveLeaderResponse,
  newAlarmRequest,
  newDowngradeInfo,
  newDowngradeResponse,
  newHashKVResponse,
  newHashResponse,
  newLeaseKeepAliveResponse,
  newLeaseLeasesResponse,
  newLeaseRevokeRequest,
  newLeaseTimeToLiveResponse,
  newMember,
  newMemberListResponse,
  newResponseHeader,
  newStatusResponse,
  type PutRequest,
  type PutResponse,
  type RangeRequest,
  type RangeResponse,
  type ResponseHeader,
  type SnapshotResponse,
  type StatusResponse,
  type TxnRequest,
  type TxnResponse,
} from "../wire/etcdserverpb.ts";
import { newClusterMemberAttrSetRequest } from "../wire/membershippb.ts";
import { type ConfChange, type ConfState, type Entry, newHardState, newSnapshot } from "../wire/raftpb.ts";
import { type AutoCompactor, autoCompactor, type AutoCompactionOptions } from "./auto-compactor.ts";
import { CompactionRunner, type CompactionRunnerOptions } from "./compaction-runner.ts";
import type { Disk } from "./disk.ts";
import { hexId } from "./ids.ts";
import type { RaftLog, RecoveredLog } from "./log.ts";
import { LogKeeper } from "./log-keeper.ts";
import type { MemberMetrics } from "./member-metrics.ts";
import { Proposals } from "./proposals.ts";
import { RaftLoop } from "./raft-loop.ts";
import { checkRangeStream, rangeInChunks } from "./range-stream.ts";
import { ReadIndex } from "./read-index.ts";
import { type AppliedRun, Replica, type ReplicaListeners } from "./replica.ts";
import { checkDowngradeTarget, minorOf } from "./versions.ts";
import { systemWatchTimers, WatchServer } from "./watch-server.ts";

export interface MemberOptions {
  readonly memberId: bigint;
  readonly clusterId: bigint;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  /** `3.6.14`, and the cluster version that goes with it: `3.6.0`. */
  readonly serverVersion: string;
  readonly clusterVersion: string;

  readonly heartbeatIntervalMs: number;
  readonly electionTimeoutMs: number;
  readonly preVote: boolean;

  /** Null: no limit. */
  readonly quotaBackendBytes: number | null;
  readonly backendBatchIntervalMs: number;
  readonly backendBatchLimit: number;
  readonly snapshotCount: number;
  readonly snapshotCatchUpEntries: number;

  readonly maxTxnOps: number;
  /** Of an encoded proposal. */
  readonly maxRequestBytes: number;
  readonly watchProgressNotifyIntervalMs: number;
  readonly autoCompaction: AutoCompactionOptions;
  readonly compaction: CompactionRunnerOptions;
  readonly leaseCheckpoints: boolean;
  readonly warningApplyDurationMs: number;
}

export interface MemberParts {
  readonly backend: Backend;
  readonly disk: Disk;
  /** An empty log is that of a member that begins its cluster. */
  readonly recovered: RecoveredLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Raft's own words, in etcd under the name `raft`. */
  readonly raftLogger: Logger;
  readonly metrics: MemberMetrics;
  /** The member cannot go on; whoever runs it must end the process. */
  failed(error: unknown): void;
}

/** Requests are given up after 5 s and two election timeouts, as etcd does. */
const REQUEST_BASE_TIMEOUT_MS = 5000;
/** Proposals that wait for the log. etcd refuses when 5000 committed entries wait to be applied. */
const QUEUED_PROPOSALS_MAX = 20_000;
const QUEUED_BYTES_MAX = 256 * 1024 * 1024;
/** Batches that wait for the disk before the loop is slowed down, in backend batches. */
const UNCOMMITTED_BATCHES_MAX = 8;
const LEASE_TICK_MS = 500;
const LEASES_EXPIRED_PER_TICK = 500;
const HASH_SLICE = 2000;

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
  readonly #options: MemberOptions;
  readonly #parts: MemberParts;
  readonly #replica: Replica;
  readonly #node: RawNode;
  readonly #storage = new MemoryStorage();
  readonly #log: RaftLog;
  readonly #loop: RaftLoop;
  readonly #logKeeper: LogKeeper;
  readonly #proposals = new Proposals();
  readonly #readIndex: ReadIndex;
  readonly #watches: WatchServer;
  readonly #compactions: CompactionRunner;
  readonly #scheduledCompactions = new Map<number, Promise<void>>();
  readonly #autoCompactor: AutoCompactor | null;
  readonly #requestIds: RequestIds;
  readonly #requestTimeoutMs: number;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #listeners: ReplicaListeners;
  #commitTimer: NodeJS.Timeout | null = null;
  #committing: Promise<void> = Promise.resolve();
  #sealedBatches = 0;
  /** Why the store cannot be committed at the moment, or null. */
  #commitStalledBy: Error | null = null;
  #isLeader = false;
  #leaderTerm = 0;
  #leaderChangesSeen = 0;
  #isSoleVoter = false;
  /** While the store is closed to everybody, for a defragmentation. */
  #gate: Promise<void> | null = null;
  #stopped = false;
  #stopping: Promise<void> | null = null;
  /** Why the member cannot go on; null while it can. */
  #failure: Error | null = null;

  private constructor(options: MemberOptions, parts: MemberParts) {
    const { backend, clock, logger, random } = parts;
    this.#options = options;
    this.#parts = parts;
    this.#requestTimeoutMs = REQUEST_BASE_TIMEOUT_MS + 2 * options.electionTimeoutMs;
    this.#requestIds = new RequestIds(options.memberId, clock.wallMs());
    this.#replica = new Replica(
      {
        quotaBytes: options.quotaBackendBytes ?? Number.POSITIVE_INFINITY,
        lessor: { electionTimeoutMs: options.electionTimeoutMs, checkpoints: options.leaseCheckpoints },
      },
      { backend, clock, logger },
    );
    const { recovered } = parts;
    this.#log = recovered.log;
    this.#logKeeper = new LogKeeper(options, { log: this.#log, storage: this.#storage, logger });
    this.#recover(recovered);
    const electionTicks = Math.floor(options.electionTimeoutMs / options.heartbeatIntervalMs);
    this.#node = new RawNode({
      id: options.memberId,
      electionTicks,
      heartbeatTicks: 1,
      storage: this.#storage,
      random,
      logger: parts.raftLogger,
      applied: recovered.snapshot.index,
      messageBytesMax: 1024 * 1024,
      inflightMessagesMax: 512,
      checkQuorum: true,
      preVote: options.preVote,
    });
    if (isUnborn(recovered)) this.#node.bootstrap([this.#asPeer()]);
    else this.#checkOwnership();
    this.#readIndex = new ReadIndex({
      ask: (context) => {
        this.#node.readIndex(context);
        this.#loop.kick();
      },
      appliedIndex: () => this.#replica.appliedIndex,
      timeoutMs: this.#requestTimeoutMs,
    });
    this.#watches = new WatchServer(
      { maxRequestBytes: options.maxRequestBytes, progressIntervalMs: options.watchProgressNotifyIntervalMs },
      { source: this.#replica.store, header: (revision) => this.#header(revision), random, timers: systemWatchTimers },
    );
    this.#compactions = new CompactionRunner(options.compaction, {
      clock,
      logger,
      exclusive: (slice) => this.#slice(slice),
      sliced: (tookMs) => parts.metrics.compactionSliced(tookMs),
      finished: (tookMs, pairsDeleted) => parts.metrics.compactionFinished(tookMs, pairsDeleted, clock.wallMs()),
      sizeBytes: () => backend.sizeBytes(),
      sizeInUseBytes: () => backend.sizeInUseBytes(),
    });
    this.#autoCompactor = autoCompactor(options.autoCompaction, clock.nowMs());
    this.#listeners = {
      requestOf: (data) => this.#proposals.peek(data)?.request,
      applied: (data, result, run) => {
        this.#measure(result, run);
        this.#applied(data, result);
      },
      configurationChanged: (change) => this.#configurationChanged(change),
      termBegun: (term) => this.#termBegun(term),
    };
    this.#loop = new RaftLoop(
      {
        tickMs: options.heartbeatIntervalMs,
        queuedProposalsMax: QUEUED_PROPOSALS_MAX,
        queuedBytesMax: QUEUED_BYTES_MAX,
        saveRetryMs: 500,
      },
      {
        node: this.#node,
        storage: this.#storage,
        log: this.#log,
        logger,
        apply: (entries) => this.#apply(entries),
        send: (messages) => assert(messages.length === 0, "a member without peers has nobody to send to"),
        dropped: (proposals) => {
          for (const data of proposals) this.#proposals.take(data)?.reject(new EtcdError("proposalDropped"));
        },
        readConfirmed: (context, index) => this.#readIndex.confirmed(context, index),
        leadershipChanged: (isLeader) => this.#leadershipChanged(isLeader),
        failed: (error) => this.#fail(error),
      },
    );
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
      member.#loop.start();
      member.#startTimers();
      const { pendingCompaction } = member.#replica.store;
      if (pendingCompaction !== null) member.#runCompaction(pendingCompaction);
      await member.#lead();
      // After a crash the store may know its member only now that the log was applied again.
      member.#checkOwnership();
      await member.#publish();
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

  async #stop(): Promise<void> {
    this.#stopped = true;
    const stopped = new EtcdError("stopped");
    this.#parts.logger.info("skipped leadership transfer for single voting member cluster", {
      "local-member-id": hexId(this.#options.memberId),
      "current-leader-member-id": hexId(this.#node.basicStatus().lead),
    });
    for (const timer of this.#timers) clearInterval(timer);
    this.#watches.stop(stopped);
    this.#proposals.rejectAll(stopped);
    this.#readIndex.stop(stopped);
    await this.#compactions.stop();
    await this.#loop.stop();
    // Renewals that wait for the end of a lease wait in vain.
    this.#replica.lessor.demote();
    await this.#gate;
    if (this.#commitTimer !== null) clearTimeout(this.#commitTimer);
    try {
      await this.#commit();
      if (this.#loop.hardState !== null) await this.#log.save(this.#loop.hardState, []);
    } catch (error) {
      // The log holds all that was acknowledged; the next start takes what the store lacks from there.
      if (!isOutOfSpace(error)) throw error;
      this.#parts.logger.warn("no space left to commit the store at the end", { error: String(error) });
    } finally {
      await this.#parts.disk.close();
    }
  }

  // What the edge must know.

  header(): ResponseHeader {
    return this.#header(this.#replica.store.currentRevision);
  }

  hasLeader(): boolean {
    return this.#node.basicStatus().lead !== 0n;
  }

  isLearner(): boolean {
    return this.#replica.membership.member(this.#options.memberId)?.isLearner ?? false;
  }

  alarms(): readonly AlarmMember[] {
    return this.#replica.alarms.list();
  }

  versions(): { server: string; cluster: string | null; storage: string | null } {
    const { clusterVersion, storageVersion } = this.#replica.membership;
    return { server: this.#options.serverVersion, cluster: clusterVersion, storage: storageVersion || null };
  }

  // KV

  async range(request: RangeRequest): Promise<RangeResponse> {
    checkRange(request);
    if (!request.serializable) await this.#linearizable();
    if (this.#gate !== null) await this.#gate;
    this.#checkOpen();
    const { kvs, more, count, revision } = executeRange(this.#replica.store, request);
    return { header: this.#header(revision), kvs, more, count };
  }

  async *rangeStream(request: RangeRequest): AsyncGenerator<RangeResponse> {
    checkRange(request);
    checkRangeStream(request);
    if (!request.serializable) await this.#linearizable();
    if (this.#gate !== null) await this.#gate;
    const { store } = this.#replica;
    for (const chunk of rangeInChunks(store, request, this.#options.maxRequestBytes, (revision) =>
      this.#header(revision),
    )) {
      yield chunk;
      if (this.#gate !== null) await this.#gate;
      this.#checkOpen();
    }
  }

  async put(request: PutRequest, { limits = this.#options }: CallOptions = {}): Promise<PutResponse> {
    if (!this.#replica.applier.fits(putCostBytes(request))) await this.#refuseForSpace();
    checkPut(request);
    return this.#propose("put", request, limits.maxRequestBytes);
  }

  async deleteRange(request: DeleteRangeRequest): Promise<DeleteRangeResponse> {
    checkDeleteRange(request);
    return this.#propose("deleteRange", request);
  }

  async txn(request: TxnRequest, { limits = this.#options }: CallOptions = {}): Promise<TxnResponse> {
    if (!this.#replica.applier.fits(txnCostBytes(request))) await this.#refuseForSpace();
    checkTxn(request, limits.maxTxnOps);
    if (!isTxnReadonly(request)) return this.#propose("txn", request, limits.maxRequestBytes);
    if (!isTxnSerializable(request)) await this.#linearizable();
    if (this.#gate !== null) await this.#gate;
    this.#checkOpen();
    const { response } = executeTxn(this.#replica.store, request);
    this.#complete(response.header);
    return response;
  }

  async compact(request: CompactionRequest): Promise<CompactionResponse> {
    const response = await this.#propose("compaction", request);
    if (request.physical) {
      await this.#scheduledCompactions.get(request.revision);
      // A stop ends the work early; the next start goes on with it.
      this.#checkOpen();
      await this.#commit();
    }
    response.header!.revision = this.#replica.store.currentRevision;
    return response;
  }

  watch(sink: WatchSink): WatchStream {
    return this.#watches.open(sink);
  }

  // Lease

  async leaseGrant(request: LeaseGrantRequest): Promise<LeaseGrantResponse> {
    if (!this.#replica.applier.fits(leaseGrantCostBytes)) await this.#refuseForSpace();
    let { id } = request;
    // Ids that the server chooses are positive.
    while (id === 0n) id = this.#requestIds.next() & 0x7fffffffffffffffn;
    return this.#propose("leaseGrant", { ...request, id });
  }

  leaseRevoke(request: LeaseRevokeRequest): Promise<LeaseRevokeResponse> {
    return this.#propose("leaseRevoke", request);
  }

  async leaseKeepAlive({ id }: LeaseKeepAliveRequest): Promise<LeaseKeepAliveResponse> {
    const header = this.header();
    if (!this.#isLeader) throw new EtcdError("notPrimaryLessor");
    const ttl = await this.#renew(id);
    return newLeaseKeepAliveResponse({ header, id, ttl });
  }

  async leaseTimeToLive({ id, keys }: LeaseTimeToLiveRequest): Promise<LeaseTimeToLiveResponse> {
    await this.#linearizable();
    const header = this.header();
    const lease = this.#replica.lessor.timeToLive(id, this.#parts.clock.nowMs());
    if (lease === null) return newLeaseTimeToLiveResponse({ header, id, ttl: -1 });
    return newLeaseTimeToLiveResponse({
      header,
      id,
      ttl: lease.remainingSeconds,
      grantedTtl: lease.ttl,
      keys: keys ? lease.keys.map((key) => Buffer.from(key, "latin1")) : [],
    });
  }

  leaseLeases(): Promise<LeaseLeasesResponse> {
    const leases = this.#replica.lessor.leases().map((id) => ({ id }));
    return Promise.resolve(newLeaseLeasesResponse({ header: this.header(), leases }));
  }

  // Cluster and maintenance

  async memberList(request: MemberListRequest): Promise<MemberListResponse> {
    if (request.linearizable) await this.#linearizable();
    const members = this.#replica.membership
      .members()
      .map((member) => newMember({ ...member, peerUrls: [...member.peerUrls], clientUrls: [...member.clientUrls] }));
    return newMemberListResponse({ header: this.#header(0), members });
  }

  status(): Promise<StatusResponse> {
    const { membership, appliedIndex } = this.#replica;
    const { backend } = this.#parts;
    const { lead, term, commit } = this.#node.basicStatus();
    const errors = this.alarms().map(
      ({ memberId, alarm }) => `memberID:${memberId} alarm:${alarmNames[alarm] ?? alarm} `,
    );
    if (lead === 0n) errors.unshift("etcdserver: no leader");
    return Promise.resolve(
      newStatusResponse({
        header: this.header(),
        version: this.#options.serverVersion,
        dbSize: backend.sizeBytes(),
        leader: lead,
        raftIndex: commit,
        raftTerm: term,
        raftAppliedIndex: appliedIndex,
        errors,
        dbSizeInUse: backend.sizeInUseBytes(),
        isLearner: this.isLearner(),
        storageVersion: membership.storageVersion,
        dbSizeQuota: this.#options.quotaBackendBytes ?? -1,
        downgradeInfo: newDowngradeInfo(membership.downgrade),
      }),
    );
  }

  alarm(request: AlarmRequest): Promise<AlarmResponse> {
    return this.#propose("alarm", request);
  }

  /** Closes the store to everybody while its file is rewritten. */
  async defragment(): Promise<DefragmentResponse> {
    const { backend, disk, clock, logger, metrics } = this.#parts;
    while (this.#gate !== null) await this.#gate;
    const begunMs = clock.nowMs();
    const sizes = [backend.sizeBytes(), backend.sizeInUseBytes()] as const;
    logger.info("starting defragment");
    metrics.defragmenting(true);
    const work = this.#commit().then(() => disk.defragment());
    const gate = work.catch(() => undefined).finally(() => (this.#gate = null));
    this.#gate = gate;
    try {
      await work;
    } finally {
      metrics.defragmenting(false);
    }
    const tookMs = clock.nowMs() - begunMs;
    metrics.defragmented(tookMs / 1000);
    logger.info("finished defragmenting directory", {
      "current-db-size-bytes-diff": backend.sizeBytes() - sizes[0],
      "current-db-size-bytes": backend.sizeBytes(),
      "current-db-size-in-use-bytes-diff": backend.sizeInUseBytes() - sizes[1],
      "current-db-size-in-use-bytes": backend.sizeInUseBytes(),
      took: formatMilliseconds(tookMs),
    });
    return { header: null };
  }

  async hash(): Promise<HashResponse> {
    if (this.#gate !== null) await this.#gate;
    this.#checkOpen();
    const begunMs = this.#parts.clock.nowMs();
    const hash = hashAll(this.#parts.backend);
    this.#parts.metrics.hashed((this.#parts.clock.nowMs() - begunMs) / 1000);
    return newHashResponse({ header: this.header(), hash });
  }

  async hashKv({ revision }: HashKVRequest): Promise<HashKVResponse> {
    const begunMs = this.#parts.clock.nowMs();
    const job = this.#replica.store.hashKv(revision);
    const header = this.header();
    const step = (): boolean => {
      this.#checkOpen();
      return job.step(HASH_SLICE);
    };
    while (!(await this.#slice(step))) await turn();
    this.#parts.metrics.hashedRevision((this.#parts.clock.nowMs() - begunMs) / 1000);
    const { hash, compactRevision, revision: hashRevision } = job.result;
    return newHashKVResponse({ header, hash, compactRevision, hashRevision });
  }

  async *snapshot(): AsyncGenerator<SnapshotResponse> {
    await this.#commit();
    if (this.#gate !== null) await this.#gate;
    yield* this.#parts.disk.snapshot();
  }

  moveLeader({ targetId }: MoveLeaderRequest): Promise<MoveLeaderResponse> {
    if (!this.#isLeader) return Promise.reject(new EtcdError("notLeader"));
    const target = this.#replica.membership.member(targetId);
    if (target === undefined || target.isLearner) return Promise.reject(new EtcdError("badLeaderTransferee"));
    // The only member there is leads already.
    assert(targetId === this.#options.memberId, "a member without peers knows itself only");
    return Promise.resolve({ header: null });
  }

  async downgrade({ action, version }: DowngradeRequest): Promise<DowngradeResponse> {
    const { membership } = this.#replica;
    switch (action) {
      case DowngradeRequest_DowngradeAction.VALIDATE:
        await this.#checkDowngrade(version);
        break;
      case DowngradeRequest_DowngradeAction.ENABLE: {
        const target = await this.#checkDowngrade(version);
        await this.#propose("downgradeInfoSet", { enabled: true, ver: target });
        break;
      }
      case DowngradeRequest_DowngradeAction.CANCEL:
        if (membership.downgrade.enabled) await this.#propose("downgradeInfoSet", { enabled: false, ver: "" });
        break;
      default:
        throw new EtcdError("unknownMethod");
    }
    return newDowngradeResponse({ header: this.header(), version: minorOf(this.#clusterVersion()) });
  }

  // For metrics and diagnosis

  raftStatus(): Status {
    return this.#node.status();
  }

  raftStatusJson(): string {
    return statusToJson(this.#node.status());
  }

  get proposalsPending(): number {
    return this.#proposals.size;
  }

  get memberId(): bigint {
    return this.#options.memberId;
  }

  /** How often this member saw a leader come. */
  get leaderChangesSeen(): number {
    return this.#leaderChangesSeen;
  }

  get isLeader(): boolean {
    return this.#isLeader;
  }

  get replica(): Replica {
    return this.#replica;
  }

  get watches(): WatchServer {
    return this.#watches;
  }

  // Writes

  #propose<Name extends RaftCallName>(
    name: Name,
    value: RaftCalls[Name]["request"],
    maxBytes = this.#options.maxRequestBytes,
  ): Promise<RaftCalls[Name]["response"]> {
    return new Promise((resolve, reject) => {
      this.#checkProposable();
      const data = encodeRaftRequest(this.#requestIds.next(), name, value);
      if (data.length > maxBytes) throw new EtcdError("requestTooLarge");
      if (!this.#loop.propose(data)) throw new EtcdError("tooManyRequests");
      const deadlineMs = this.#parts.clock.nowMs() + this.#requestTimeoutMs;
      // The name and its response go together, which the compiler cannot see through the map of proposals.
      this.#proposals.add(data, {
        request: { name, value } as RaftRequest,
        deadlineMs,
        resolve,
        reject,
      });
    });
  }

  /** After the stop the files are closed, and nobody may read them. */
  #checkOpen(): void {
    if (this.#stopped) throw new EtcdError("stopped");
  }

  #checkProposable(): void {
    this.#checkOpen();
    const stalledBy = this.#loop.stalledBy ?? this.#commitStalledBy;
    if (stalledBy === null) return;
    this.#parts.metrics.proposalFailed();
    throw new EtcdError(isOutOfSpace(stalledBy) ? "noSpace" : "timeout", { cause: stalledBy });
  }

  /** The quota has no room: the alarm is raised, and stands until an operator clears it. */
  async #refuseForSpace(): Promise<never> {
    await this.#raiseNoSpace();
    throw new EtcdError("noSpace");
  }

  async #raiseNoSpace(): Promise<void> {
    const { memberId } = this.#options;
    const action = AlarmRequest_AlarmAction.ACTIVATE;
    await this.#propose("alarm", newAlarmRequest({ action, memberId, alarm: AlarmType.NOSPACE }));
  }

  // Reads

  /** Resolves when a read may run on the applied state. The only voter of a cluster knows that at once. */
  #linearizable(): Promise<void> {
    this.#checkOpen();
    if (this.#isSoleVoter && this.#isLeader && this.#leaderTerm === this.#replica.appliedTerm) return done;
    return this.#readIndex.wait();
  }

  // The loop

  #apply(entries: readonly Entry[]): Promise<void> | undefined {
    if (this.#gate !== null) return this.#gate.then(() => this.#apply(entries));
    for (const entry of entries) this.#replica.apply(entry, this.#listeners);
    this.#readIndex.applied();
    const { backend } = this.#parts;
    const { backendBatchLimit } = this.#options;
    if (backend.pendingOperations >= backendBatchLimit) void this.#commit();
    else this.#commitLater();
    // The disk cannot keep up: let it, before more is taken into memory.
    return this.#sealedBatches > UNCOMMITTED_BATCHES_MAX ? this.#committing : undefined;
  }

  #applied(data: Uint8Array, { response, error, changes, compaction }: Applied): void {
    if (changes.length > 0) this.#watches.notify(this.#replica.store.currentRevision, changes);
    if (compaction !== null) this.#runCompaction(compaction);
    const proposal = this.#proposals.take(data);
    if (error?.code === "noSpace" && this.#replica.alarms.list(AlarmType.NOSPACE).length === 0) {
      // An alarm that cannot be raised now is raised by the next write that does not fit.
      this.#raiseNoSpace().catch(() => undefined);
    }
    if (proposal === undefined) return;
    if (error !== null) proposal.reject(error);
    else {
      if ("header" in response!) this.#complete(response.header);
      proposal.resolve(response!);
    }
  }

  #measure({ response, error }: Applied, { operation, tookMs }: AppliedRun): void {
    const { metrics, logger } = this.#parts;
    const isSuccess = error === null || error.code === "compacted";
    metrics.applied(operationNames[operation], tookMs / 1000, isSuccess);
    if (isSuccess && operation === "leaseGrant") metrics.leaseGranted((response as LeaseGrantResponse).ttl);
    if (isSuccess && operation === "leaseRevoke") metrics.leaseRevoked();
    const { warningApplyDurationMs } = this.#options;
    if (tookMs <= warningApplyDurationMs) return;
    metrics.slowApply();
    logger.warn("apply request took too long", {
      took: formatMilliseconds(tookMs),
      "expected-duration": formatMilliseconds(warningApplyDurationMs),
      prefix: "",
      request: operation,
    });
  }

  #runCompaction(job: CompactionJob): void {
    const running = this.#compactions.run(job);
    this.#scheduledCompactions.set(job.revision, running);
    running.finally(() => this.#scheduledCompactions.delete(job.revision)).catch((error: unknown) => this.#fail(error));
  }

  /** Runs a slice of background work on the store, when it is open. */
  async #slice<Result>(slice: () => Result): Promise<Result> {
    while (this.#gate !== null) await this.#gate;
    const result = slice();
    this.#commitLater();
    return result;
  }

  #commitLater(): void {
    if (this.#commitTimer !== null || !this.#replica.isDirty) return;
    this.#commitTimer = setTimeout(() => void this.#commit(), this.#options.backendBatchIntervalMs);
  }

  /** Seals the present batch; the promise is that of its flush. A batch that the disk refuses is tried again. */
  #commit(): Promise<void> {
    if (this.#commitTimer !== null) clearTimeout(this.#commitTimer);
    this.#commitTimer = null;
    // While the disk refuses a batch, what follows joins it.
    if (!this.#replica.isDirty || this.#commitStalledBy !== null) return this.#committing;
    this.#sealedBatches++;
    this.#committing = this.#commitUntilDone().finally(() => this.#sealedBatches--);
    this.#committing.then(
      () => this.#keepLog(),
      (error: unknown) => this.#fail(error),
    );
    return this.#committing;
  }

  async #commitUntilDone(): Promise<void> {
    for (;;) {
      try {
        await this.#replica.commit();
        if (this.#commitStalledBy !== null) this.#parts.logger.info("the store commits again");
        this.#commitStalledBy = null;
        return;
      } catch (error) {
        if (this.#stopped || !isOutOfSpace(error)) throw error;
        if (this.#commitStalledBy === null) {
          this.#parts.logger.error("failed to commit the store; retrying", { error: String(error) });
        }
        this.#commitStalledBy = error as Error;
        await new Promise((resolve) => setTimeout(resolve, COMMIT_RETRY_MS));
      }
    }
  }

  #keepLog(): void {
    const { durableIndex: index, confState } = this.#replica;
    if (this.#stopped || !this.#logKeeper.isDue(index)) return;
    this.#logKeeper.keep({ index, confState, hardState: this.#loop.hardState }).catch((error: unknown) => {
      this.#parts.logger.error("failed to save snapshot", { error: String(error) });
    });
  }

  #configurationChanged(change: ConfChange): ConfState {
    const confState = this.#node.applyConfChange(change);
    this.#isSoleVoter = confState.voters.length === 1 && confState.voters[0] === this.#options.memberId;
    return confState;
  }

  #leadershipChanged(isLeader: boolean): void {
    if (this.#isLeader === isLeader) return;
    this.#isLeader = isLeader;
    const self = hexId(this.#options.memberId);
    const { lead, term } = this.#node.basicStatus();
    if (isLeader) {
      this.#parts.raftLogger.info(`raft.node: ${self} elected leader ${hexId(lead)} at term ${term}`);
      return;
    }
    this.#replica.lessor.demote();
    this.#readIndex.fail(new EtcdError("leaderChanged"));
  }

  /** The empty entry of a new leader is applied: everything before it is, too, and leases are this leader's now. */
  #termBegun(term: number): void {
    if (!this.#isLeader || term !== this.#node.basicStatus().term) return;
    this.#leaderTerm = term;
    this.#leaderChangesSeen++;
    this.#replica.lessor.promote(this.#parts.clock.nowMs(), this.#options.electionTimeoutMs);
  }

  // Start

  #recover(recovered: RecoveredLog): void {
    if (isUnborn(recovered)) return;
    const { snapshot, hardState, entries } = recovered;
    if (snapshot.index > 0) {
      this.#storage.applySnapshot(newSnapshot({ metadata: snapshot }));
      const voters = snapshot.confState?.voters ?? [];
      this.#isSoleVoter = voters.length === 1 && voters[0] === this.#options.memberId;
    }
    this.#storage.setHardState(newHardState({ ...hardState, commit: Math.max(hardState.commit, snapshot.index) }));
    this.#storage.append(entries);
    this.#logKeeper.startAt(snapshot.index);
  }

  /** Restarted with flags that fit neither the name nor a peer URL of the member that this data is of. */
  #checkOwnership(): void {
    const { memberId, name, peerUrls } = this.#options;
    const recorded = this.#replica.membership.member(memberId);
    if (recorded === undefined || recorded.name === "" || recorded.name === name) return;
    if (recorded.peerUrls.some((url) => peerUrls.includes(url))) return;
    throw new Error(
      `the data directory belongs to another member: ${hexId(memberId)}, named ${JSON.stringify(recorded.name)} ` +
        `with peer URLs ${recorded.peerUrls.join(",")}, while this one is ${JSON.stringify(name)} with ${peerUrls.join(",")}`,
    );
  }

  #asPeer(): { id: bigint; context: Uint8Array } {
    const { memberId: id, name, peerUrls } = this.#options;
    const member: MemberRecord = { id, name, peerUrls, clientUrls: [], isLearner: false };
    return { id, context: Buffer.from(formatMember(member)) };
  }

  /** The only voter need not wait for an election timeout, since nobody else can lead: it campaigns as soon as it may. */
  async #lead(): Promise<void> {
    while (!this.#isLeader) {
      if (this.#failure !== null) throw this.#failure;
      const { role, applied, commit } = this.#node.basicStatus();
      if (role === "follower" && applied === commit && this.#isSoleVoter) this.#node.campaign();
      this.#loop.kick();
      await new Promise((resolve) => setTimeout(resolve, LEAD_POLL_MS));
    }
  }

  /** Tells the cluster this member's name and doors, and lets the leader decide the cluster's version. */
  async #publish(): Promise<void> {
    const { memberId, name, clientUrls, clusterVersion } = this.#options;
    const { logger } = this.#parts;
    const memberAttributes = { name, clientUrls: [...clientUrls] };
    await this.#propose("clusterMemberAttrSet", newClusterMemberAttrSetRequest({ memberId, memberAttributes }));
    logger.info("published local member to cluster through raft", {
      "local-member-id": hexId(memberId),
      "local-member-attributes": `{Name:${name} ClientURLs:[${clientUrls.join(" ")}]}`,
      "cluster-id": hexId(this.#options.clusterId),
      "publish-timeout": formatMilliseconds(this.#requestTimeoutMs),
    });
    const before = this.#replica.membership.clusterVersion;
    if (before === clusterVersion) return;
    await this.#propose("clusterVersionSet", { ver: clusterVersion });
    logger.info(before === null ? "set initial cluster version" : "updated cluster version", {
      "cluster-id": hexId(this.#options.clusterId),
      "local-member-id": hexId(memberId),
      "cluster-version": minorOf(clusterVersion),
    });
    logger.info("enabled capabilities for version", { "cluster-version": minorOf(clusterVersion) });
  }

  #startTimers(): void {
    this.#every(LEASE_TICK_MS, () => this.#tickLeases());
    this.#every(LEASE_TICK_MS, () => {
      const expired = this.#proposals.expire(this.#parts.clock.nowMs());
      for (let count = 0; count < expired; count++) this.#parts.metrics.proposalFailed();
    });
    const compactor = this.#autoCompactor;
    if (compactor !== null) this.#every(compactor.intervalMs, () => void this.#compactBySchedule(compactor));
  }

  #every(intervalMs: number, task: () => void): void {
    this.#timers.push(setInterval(task, intervalMs));
  }

  /** A lease that ran out is revoked through the log, so that its keys go on every member in the same revision. */
  #tickLeases(): void {
    if (!this.#isLeader || (this.#loop.stalledBy ?? this.#commitStalledBy) !== null) return;
    const nowMs = this.#parts.clock.nowMs();
    for (const id of this.#replica.lessor.expired(nowMs, LEASES_EXPIRED_PER_TICK)) {
      this.#parts.metrics.leaseExpired();
      // One that fails is named again by the lessor after a while.
      this.#propose("leaseRevoke", newLeaseRevokeRequest({ id })).catch(() => undefined);
    }
    const checkpoints = this.#replica.lessor.checkpointsDue(nowMs);
    if (checkpoints.length > 0) this.#propose("leaseCheckpoint", { checkpoints }).catch(() => undefined);
  }

  async #compactBySchedule(compactor: AutoCompactor): Promise<void> {
    const { clock, logger } = this.#parts;
    const revision = compactor.due(clock.nowMs(), this.#replica.store.currentRevision);
    if (revision === null || !this.#isLeader) return;
    try {
      logger.info("starting auto compaction", { revision });
      await this.#propose("compaction", { revision, physical: false });
      compactor.compacted(clock.nowMs(), revision);
      logger.info("completed auto compaction", { revision });
    } catch (error) {
      // Somebody has compacted further already: as good as done.
      if (error instanceof EtcdError && error.code === "compacted") compactor.compacted(clock.nowMs(), revision);
      else logger.warn("failed auto compaction", { revision, error: String(error) });
    }
  }

  // Small things

  /** The granted TTL, or 0 when the lease is gone. One that ran out is gone once its revocation is applied. */
  async #renew(id: bigint): Promise<number> {
    const { lessor } = this.#replica;
    try {
      for (;;) {
        const renewal = lessor.renew(id, this.#parts.clock.nowMs());
        switch (renewal.state) {
          case "renewed":
            this.#parts.metrics.leaseRenewed();
            return renewal.ttl;
          case "checkpointed":
            await this.#propose("leaseCheckpoint", { checkpoints: [{ id, remainingTtl: 0 }] });
            break;
          case "expired":
            await new Promise((resolve) => lessor.whenGone(id, resolve));
            if (this.#stopped) throw new EtcdError("stopped");
        }
      }
    } catch (error) {
      if (error instanceof EtcdError && error.code === "leaseNotFound") return 0;
      throw error;
    }
  }

  async #checkDowngrade(version: string): Promise<string> {
    const target = checkDowngradeTarget(version, this.#clusterVersion());
    await this.#linearizable();
    if (this.#replica.membership.downgrade.enabled) throw new EtcdError("downgradeInProcess");
    return target;
  }

  #clusterVersion(): string {
    const { clusterVersion } = this.#replica.membership;
    if (clusterVersion === null) throw new EtcdError("clusterVersionUnavailable");
    return clusterVersion;
  }

  #header(revision: number): ResponseHeader {
    const { clusterId, memberId } = this.#options;
    return newResponseHeader({ clusterId, memberId, revision, raftTerm: this.#leaderTerm });
  }

  /** Fills in what the state machine does not know. */
  #complete(header: ResponseHeader | null): void {
    if (header === null) return;
    header.clusterId = this.#options.clusterId;
    header.memberId = this.#options.memberId;
    header.raftTerm = this.#leaderTerm;
  }

  #fail(error: unknown): void {
    if (this.#stopped) return;
    this.#failure = error instanceof Error ? error : new Error(String(error));
    this.#parts.logger.error("the member cannot go on", {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    this.#parts.failed(error);
  }
}

const COMMIT_RETRY_MS = 500;
const LEAD_POLL_MS = 1;
const done = Promise.resolve();

/** etcd's names of what is applied, as labels of its metrics. */
const operationNames: Record<RaftCallName, string> = {
  put: "Put",
  deleteRange: "DeleteRange",
  txn: "Txn",
  compaction: "Compaction",
  leaseGrant: "LeaseGrant",
  leaseRevoke: "LeaseRevoke",
  leaseCheckpoint: "LeaseCheckpoint",
  alarm: "Alarm",
  clusterVersionSet: "ClusterVersionSet",
  clusterMemberAttrSet: "ClusterMemberAttrSet",
  downgradeInfoSet: "DowngradeInfoSet",
};

const alarmNames: Record<number, string> = { [AlarmType.NOSPACE]: "NOSPACE", [AlarmType.CORRUPT]: "CORRUPT" };

/** Whether the disk, or the quota of the file system, is full; looked for along the chain of causes. */
function isOutOfSpace(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOSPC" || code === "EDQUOT") return true;
  }
  return false;
}

/**
 * Nothing was ever committed: the log is new, or a crash tore its very first write before the hard state that would
 * commit it. The member begins anew; what stands in the log is written over.
 */
function isUnborn({ hardState, snapshot }: RecoveredLog): boolean {
  return hardState.commit === 0 && snapshot.index === 0;
}

/** Lets everything that waits have its turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

import { assert } from "../base/assert.ts";
import { formatMilliseconds } from "../base/go-duration.ts";
import { EtcdError } from "../errors.ts";
import { hashAll } from "../mvcc/backend-hash.ts";
import {
  AlarmType,
  type AlarmRequest,
  type AlarmResponse,
  type DefragmentResponse,
  DowngradeRequest_DowngradeAction,
  type DowngradeRequest,
  type DowngradeResponse,
  type HashKVRequest,
  type HashKVResponse,
  type HashResponse,
  type MemberListRequest,
  type MemberListResponse,
  type MoveLeaderRequest,
  type MoveLeaderResponse,
  newDowngradeInfo,
  newDowngradeResponse,
  newHashKVResponse,
  newHashResponse,
  newMember,
  newMemberListResponse,
  newStatusResponse,
  type SnapshotResponse,
  type StatusResponse,
} from "../wire/etcdserverpb.ts";
import type { Consensus } from "./consensus.ts";
import type { MemberCore } from "./member-core.ts";
import type { Proposer } from "./proposer.ts";
import type { StoreCommits } from "./store-commits.ts";
import { checkDowngradeTarget, minorOf } from "./versions.ts";

/** Keys or pairs that a hash looks at in one turn. */
const HASH_SLICE = 2000;

const alarmNames: Record<number, string> = { [AlarmType.NOSPACE]: "NOSPACE", [AlarmType.CORRUPT]: "CORRUPT" };

export interface MemberMaintenanceParts {
  readonly consensus: Consensus;
  readonly proposer: Proposer;
  readonly commits: StoreCommits;
}

/** etcd's Cluster and Maintenance on a member. */
export class MemberMaintenance {
  readonly #core: MemberCore;
  readonly #parts: MemberMaintenanceParts;

  constructor(core: MemberCore, parts: MemberMaintenanceParts) {
    this.#core = core;
    this.#parts = parts;
  }

  get isLearner(): boolean {
    return this.#core.replica.membership.member(this.#core.options.memberId)?.isLearner ?? false;
  }

  async memberList(request: MemberListRequest): Promise<MemberListResponse> {
    if (request.linearizable) await this.#parts.consensus.linearizable();
    const members = this.#core.replica.membership
      .members()
      .map((member) => newMember({ ...member, peerUrls: [...member.peerUrls], clientUrls: [...member.clientUrls] }));
    return newMemberListResponse({ header: this.#core.header(0), members });
  }

  status(): StatusResponse {
    const { options, parts, replica } = this.#core;
    const { lead, term, commit } = this.#parts.consensus.basicStatus();
    const errors = replica.alarms
      .list()
      .map(({ memberId, alarm }) => `memberID:${memberId} alarm:${alarmNames[alarm] ?? alarm} `);
    if (lead === 0n) errors.unshift("etcdserver: no leader");
    return newStatusResponse({
      header: this.#core.header(),
      version: options.serverVersion,
      dbSize: parts.backend.sizeBytes(),
      leader: lead,
      raftIndex: commit,
      raftTerm: term,
      raftAppliedIndex: replica.appliedIndex,
      errors,
      dbSizeInUse: parts.backend.sizeInUseBytes(),
      isLearner: this.isLearner,
      storageVersion: replica.membership.storageVersion,
      dbSizeQuota: options.quotaBackendBytes ?? -1,
      downgradeInfo: newDowngradeInfo(replica.membership.downgrade),
    });
  }

  alarm(request: AlarmRequest): Promise<AlarmResponse> {
    return this.#parts.proposer.propose("alarm", request);
  }

  /** Closes the store to everybody while its file is rewritten. */
  async defragment(): Promise<DefragmentResponse> {
    const core = this.#core;
    const { backend, disk, clock, logger, metrics } = core.parts;
    while (core.gate !== null) await core.gate;
    const begunMs = clock.nowMs();
    const sizes = [backend.sizeBytes(), backend.sizeInUseBytes()] as const;
    logger.info("starting defragment");
    metrics.defragmenting(true);
    const work = this.#parts.commits.commit().then(() => disk.defragment());
    core.close(work);
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
    const core = this.#core;
    const { backend, clock, metrics } = core.parts;
    if (core.gate !== null) await core.gate;
    core.checkOpen();
    const begunMs = clock.nowMs();
    const hash = hashAll(backend);
    metrics.hashed((clock.nowMs() - begunMs) / 1000);
    return newHashResponse({ header: core.header(), hash });
  }

  async hashKv({ revision }: HashKVRequest): Promise<HashKVResponse> {
    const core = this.#core;
    const { clock, metrics } = core.parts;
    const begunMs = clock.nowMs();
    const job = core.replica.store.hashKv(revision);
    const header = core.header();
    const step = (): boolean => {
      core.checkOpen();
      return job.step(HASH_SLICE);
    };
    while (!(await this.#parts.commits.slice(step))) await turn();
    metrics.hashedRevision((clock.nowMs() - begunMs) / 1000);
    const { hash, compactRevision, revision: hashRevision } = job.result;
    return newHashKVResponse({ header, hash, compactRevision, hashRevision });
  }

  async *snapshot(): AsyncGenerator<SnapshotResponse> {
    const { clock, disk, metrics } = this.#core.parts;
    await this.#parts.commits.commit();
    if (this.#core.gate !== null) await this.#core.gate;
    const begunMs = clock.nowMs();
    try {
      yield* disk.snapshot();
    } finally {
      metrics.snapshotSent((clock.nowMs() - begunMs) / 1000);
    }
  }

  moveLeader({ targetId }: MoveLeaderRequest): Promise<MoveLeaderResponse> {
    if (!this.#core.leadership.isLeader) return Promise.reject(new EtcdError("notLeader"));
    const target = this.#core.replica.membership.member(targetId);
    if (target === undefined || target.isLearner) return Promise.reject(new EtcdError("badLeaderTransferee"));
    // The only member there is leads already.
    assert(targetId === this.#core.options.memberId, "a member without peers knows itself only");
    return Promise.resolve({ header: null });
  }

  async downgrade({ action, version }: DowngradeRequest): Promise<DowngradeResponse> {
    const { proposer } = this.#parts;
    switch (action) {
      case DowngradeRequest_DowngradeAction.VALIDATE:
        await this.#checkDowngrade(version);
        break;
      case DowngradeRequest_DowngradeAction.ENABLE: {
        const target = await this.#checkDowngrade(version);
        await proposer.propose("downgradeInfoSet", { enabled: true, ver: target });
        break;
      }
      case DowngradeRequest_DowngradeAction.CANCEL:
        if (this.#core.replica.membership.downgrade.enabled) {
          await proposer.propose("downgradeInfoSet", { enabled: false, ver: "" });
        }
        break;
      default:
        throw new EtcdError("unknownMethod");
    }
    return newDowngradeResponse({ header: this.#core.header(), version: minorOf(this.#clusterVersion()) });
  }

  async #checkDowngrade(version: string): Promise<string> {
    const target = checkDowngradeTarget(version, this.#clusterVersion());
    await this.#parts.consensus.linearizable();
    if (this.#core.replica.membership.downgrade.enabled) throw new EtcdError("downgradeInProcess");
    return target;
  }

  #clusterVersion(): string {
    const { clusterVersion } = this.#core.replica.membership;
    if (clusterVersion === null) throw new EtcdError("clusterVersionUnavailable");
    return clusterVersion;
  }
}

/** Lets everything that waits have its turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

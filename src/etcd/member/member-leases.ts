import { leaseGrantCostBytes } from "../apply/quota.ts";
import { EtcdError } from "../errors.ts";
import { CHECKPOINT_BATCH_MAX } from "../lease/lessor.ts";
import {
  type LeaseGrantRequest,
  type LeaseGrantResponse,
  type LeaseKeepAliveRequest,
  type LeaseKeepAliveResponse,
  type LeaseLeasesResponse,
  type LeaseRevokeRequest,
  type LeaseRevokeResponse,
  type LeaseTimeToLiveRequest,
  type LeaseTimeToLiveResponse,
  newLeaseKeepAliveResponse,
  newLeaseLeasesResponse,
  newLeaseRevokeRequest,
  newLeaseTimeToLiveResponse,
} from "../wire/etcdserverpb.ts";
import type { Consensus } from "./consensus.ts";
import type { MemberCore } from "./member-core.ts";
import type { Proposer } from "./proposer.ts";

const EXPIRED_PER_TICK = 500;
/** etcd's leaseCheckpointRate of 1000 batches a second, in two ticks. */
const CHECKPOINT_BATCHES_PER_TICK = 500;

export interface MemberLeasesParts {
  readonly consensus: Consensus;
  readonly proposer: Proposer;
}

/**
 * etcd's Lease on a member. Grants and ends go through the log; what a lease has left only the leader's lessor knows, so
 * renewals go no further than to it.
 */
export class MemberLeases {
  readonly #core: MemberCore;
  readonly #parts: MemberLeasesParts;

  constructor(core: MemberCore, parts: MemberLeasesParts) {
    this.#core = core;
    this.#parts = parts;
  }

  async grant(request: LeaseGrantRequest): Promise<LeaseGrantResponse> {
    const { proposer } = this.#parts;
    if (!proposer.fits(leaseGrantCostBytes)) await proposer.refuseForSpace();
    const id = request.id === 0n ? proposer.newLeaseId() : request.id;
    return proposer.propose("leaseGrant", { ...request, id });
  }

  revoke(request: LeaseRevokeRequest): Promise<LeaseRevokeResponse> {
    return this.#parts.proposer.propose("leaseRevoke", request);
  }

  async keepAlive({ id }: LeaseKeepAliveRequest): Promise<LeaseKeepAliveResponse> {
    const header = this.#core.header();
    if (!this.#core.leadership.isLeader) throw new EtcdError("notPrimaryLessor");
    const ttl = await this.#renew(id);
    return newLeaseKeepAliveResponse({ header, id, ttl });
  }

  async timeToLive({ id, keys }: LeaseTimeToLiveRequest): Promise<LeaseTimeToLiveResponse> {
    await this.#parts.consensus.linearizable();
    const header = this.#core.header();
    const lease = this.#core.replica.lessor.timeToLive(id, this.#core.parts.clock.nowMs());
    if (lease === null) return newLeaseTimeToLiveResponse({ header, id, ttl: -1 });
    return newLeaseTimeToLiveResponse({
      header,
      id,
      ttl: lease.remainingSeconds,
      grantedTtl: lease.ttl,
      keys: keys ? lease.keys.map((key) => Buffer.from(key, "latin1")) : [],
    });
  }

  leases(): LeaseLeasesResponse {
    const leases = this.#core.replica.lessor.leases().map((id) => ({ id }));
    return newLeaseLeasesResponse({ header: this.#core.header(), leases });
  }

  /** A lease that ran out is revoked through the log, so that its keys go on every member in the same revision. */
  tick(): void {
    const { proposer } = this.#parts;
    if (!this.#core.leadership.isLeader || proposer.stalledBy !== null) return;
    const { clock, metrics } = this.#core.parts;
    const { lessor } = this.#core.replica;
    const nowMs = clock.nowMs();
    for (const id of lessor.expired(nowMs, EXPIRED_PER_TICK)) {
      metrics.leaseExpired();
      // One that fails is named again by the lessor after a while.
      proposer.propose("leaseRevoke", newLeaseRevokeRequest({ id })).catch(() => undefined);
    }
    for (let batch = 0; batch < CHECKPOINT_BATCHES_PER_TICK; batch++) {
      const checkpoints = lessor.checkpointsDue(nowMs);
      if (checkpoints.length > 0) proposer.propose("leaseCheckpoint", { checkpoints }).catch(() => undefined);
      if (checkpoints.length < CHECKPOINT_BATCH_MAX) return;
    }
  }

  /** The granted TTL, or 0 when the lease is gone. One that ran out is gone once its revocation is applied. */
  async #renew(id: bigint): Promise<number> {
    const { lessor } = this.#core.replica;
    const { clock, metrics } = this.#core.parts;
    try {
      for (;;) {
        const renewal = lessor.renew(id, clock.nowMs());
        switch (renewal.state) {
          case "renewed":
            metrics.leaseRenewed();
            return renewal.ttl;
          case "checkpointed":
            await this.#parts.proposer.propose("leaseCheckpoint", { checkpoints: [{ id, remainingTtl: 0 }] });
            break;
          case "expired":
            await new Promise((resolve) => lessor.whenGone(id, resolve));
            this.#core.checkOpen();
        }
      }
    } catch (error) {
      if (error instanceof EtcdError && error.code === "leaseNotFound") return 0;
      throw error;
    }
  }
}

import { EtcdError } from "../errors.ts";
import type { Lessor } from "../lease/lessor.ts";
import type { Backend } from "../mvcc/backend.ts";
import type { CompactionJob } from "../mvcc/compaction-job.ts";
import { keyBytes } from "../mvcc/key-text.ts";
import { applyDeleteRange, applyPut } from "../mvcc/operations.ts";
import type { MvccStore } from "../mvcc/store.ts";
import { executeTxn } from "../mvcc/txn.ts";
import type { Change } from "../mvcc/write-txn.ts";
import {
  AlarmRequest_AlarmAction,
  type AlarmRequest,
  type AlarmResponse,
  AlarmType,
  type CompactionRequest,
  type LeaseCheckpointRequest,
  type LeaseGrantRequest,
  type LeaseRevokeRequest,
  newAlarmResponse,
  newCompactionResponse,
  newLeaseCheckpointResponse,
  newLeaseGrantResponse,
  newLeaseRevokeResponse,
  newResponseHeader,
  type ResponseHeader,
} from "../wire/etcdserverpb.ts";
import type { AlarmStore } from "./alarm-store.ts";
import type { Membership } from "./membership.ts";
import { leaseGrantCostBytes, putCostBytes, txnCostBytes } from "./quota.ts";
import type { RaftCallName, RaftRequest, RaftResponse } from "./raft-request.ts";

export interface ApplierOptions {
  /** Infinity: no quota. */
  readonly quotaBytes: number;
}

export interface ApplierParts {
  readonly backend: Backend;
  readonly store: MvccStore;
  readonly lessor: Lessor;
  readonly alarms: AlarmStore;
  readonly membership: Membership;
}

/** What one entry did. An error is an answer like any other: every member comes to the same one. */
export interface Applied {
  readonly response: RaftResponse | null;
  /** With a response, too: the write that went over the quota is kept, as etcd keeps it. */
  readonly error: EtcdError | null;
  /** For the watchers; they belong to the store's current revision. Empty if nothing was written. */
  readonly changes: readonly Change[];
  /** A compaction that was scheduled and is still to be worked off. */
  readonly compaction: CompactionJob | null;
}

const noChanges: readonly Change[] = [];
const NO_END = new Uint8Array(0);

/**
 * The replicated state machine: one committed request in, one result out. The same requests in the same order give the
 * same state on every member, so nothing here looks at anything but the state, the request, and - for what a lease has
 * left, which is not replicated - the time that it is handed.
 */
export class Applier {
  readonly #quotaBytes: number;
  readonly #parts: ApplierParts;

  constructor(options: ApplierOptions, parts: ApplierParts) {
    this.#quotaBytes = options.quotaBytes;
    this.#parts = parts;
  }

  apply(request: RaftRequest, nowMs: number): Applied {
    try {
      this.#checkAlarms(request);
      return this.#dispatch(request, nowMs);
    } catch (error) {
      // Any other error is a broken invariant and stops the member.
      if (error instanceof EtcdError) return { response: null, error, changes: noChanges, compaction: null };
      throw error;
    }
  }

  /** Whether a write of this cost still fits under the quota. Looked at before a proposal, and again when it is applied. */
  fits(costBytes: number): boolean {
    return costBytes === 0 || this.#parts.backend.sizeBytes() + costBytes < this.#quotaBytes;
  }

  #dispatch(request: RaftRequest, nowMs: number): Applied {
    const { store, membership } = this.#parts;
    switch (request.name) {
      case "put":
        return this.#within(putCostBytes(request.value), () => applyPut(store, request.value));
      case "deleteRange":
        return applied(applyDeleteRange(store, request.value));
      case "txn":
        return this.#within(txnCostBytes(request.value), () => executeTxn(store, request.value));
      case "compaction":
        return this.#compact(request.value);
      case "leaseGrant":
        return this.#within(leaseGrantCostBytes, () => this.#grant(request.value, nowMs));
      case "leaseRevoke":
        return applied(this.#revoke(request.value));
      case "leaseCheckpoint":
        return applied(this.#checkpoint(request.value, nowMs));
      case "alarm":
        return applied({ response: this.#alarm(request.value), changes: noChanges });
      case "clusterVersionSet":
        membership.setClusterVersion(request.value.ver);
        return nothing;
      case "clusterMemberAttrSet": {
        const { memberId, memberAttributes } = request.value;
        membership.setAttributes(memberId, memberAttributes?.name ?? "", memberAttributes?.clientUrls ?? []);
        return nothing;
      }
      case "downgradeInfoSet":
        membership.setDowngrade({ enabled: request.value.enabled, targetVersion: request.value.ver });
        return nothing;
    }
  }

  /** An alarm of any member refuses the same requests on all of them (etcd's capped and corrupt appliers). */
  #checkAlarms(request: RaftRequest): void {
    const { alarms } = this.#parts;
    if (alarms.isEmpty) return;
    if (alarms.has(AlarmType.CORRUPT) && refusedWhenCorrupt.has(request.name)) throw new EtcdError("corrupt");
    if (!alarms.has(AlarmType.NOSPACE)) return;
    const isCapped =
      request.name === "put" ||
      request.name === "leaseGrant" ||
      (request.name === "txn" && txnCostBytes(request.value) > 0);
    if (isCapped) throw new EtcdError("noSpace");
  }

  #within(costBytes: number, write: () => Write): Applied {
    const fits = this.fits(costBytes);
    const { response, changes } = write();
    return { response, error: fits ? null : new EtcdError("noSpace"), changes, compaction: null };
  }

  #compact(request: CompactionRequest): Applied {
    const compaction = this.#parts.store.scheduleCompaction(request.revision);
    const response = newCompactionResponse({ header: this.#header() });
    return { response, error: null, changes: noChanges, compaction };
  }

  #grant({ id, ttl }: LeaseGrantRequest, nowMs: number): Write {
    const granted = this.#parts.lessor.grant(id, ttl, nowMs);
    const response = newLeaseGrantResponse({ header: this.#header(), id, ttl: granted.ttl });
    return { response, changes: noChanges };
  }

  /** All keys of a lease go in one revision, in their order; a lease without keys ends without a revision. */
  #revoke({ id }: LeaseRevokeRequest): Write {
    const { lessor, store } = this.#parts;
    const keys = lessor.keysOf(id);
    const txn = store.write();
    for (const key of keys) txn.deleteRange(keyBytes(key), NO_END);
    const { changes } = txn.end();
    lessor.revoke(id);
    return { response: newLeaseRevokeResponse({ header: this.#header() }), changes };
  }

  #checkpoint({ checkpoints }: LeaseCheckpointRequest, nowMs: number): Write {
    for (const { id, remainingTtl } of checkpoints) this.#parts.lessor.checkpoint(id, remainingTtl, nowMs);
    return { response: newLeaseCheckpointResponse({ header: this.#header() }), changes: noChanges };
  }

  #alarm({ action, memberId, alarm }: AlarmRequest): AlarmResponse {
    const { alarms } = this.#parts;
    switch (action) {
      case AlarmRequest_AlarmAction.GET:
        return newAlarmResponse({ header: this.#header(), alarms: alarms.list(alarm) });
      case AlarmRequest_AlarmAction.ACTIVATE:
        return newAlarmResponse({ header: this.#header(), alarms: alarms.activate(memberId, alarm) });
      case AlarmRequest_AlarmAction.DEACTIVATE:
        return newAlarmResponse({ header: this.#header(), alarms: alarms.deactivate(memberId, alarm) });
      default:
        return newAlarmResponse({ header: this.#header() });
    }
  }

  #header(): ResponseHeader {
    return newResponseHeader({ revision: this.#parts.store.currentRevision });
  }
}

interface Write {
  readonly response: RaftResponse;
  readonly changes: readonly Change[];
}

const nothing: Applied = { response: {}, error: null, changes: noChanges, compaction: null };

function applied({ response, changes }: Write): Applied {
  return { response, error: null, changes, compaction: null };
}

const refusedWhenCorrupt: ReadonlySet<RaftCallName> = new Set<RaftCallName>([
  "put",
  "deleteRange",
  "txn",
  "compaction",
  "leaseGrant",
  "leaseRevoke",
]);

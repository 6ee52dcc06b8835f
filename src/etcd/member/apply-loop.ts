import type { Applied } from "../apply/applier.ts";
import type { RaftCallName } from "../apply/raft-request.ts";
import { formatMilliseconds } from "../base/go-duration.ts";
import type { LeaseGrantResponse } from "../wire/etcdserverpb.ts";
import type { Entry } from "../wire/raftpb.ts";
import type { Compactions } from "./compactions.ts";
import type { Consensus } from "./consensus.ts";
import type { MemberCore } from "./member-core.ts";
import type { Proposer } from "./proposer.ts";
import type { AppliedRun, ReplicaListeners } from "./replica.ts";
import type { StoreCommits } from "./store-commits.ts";
import type { WatchServer } from "./watch-server.ts";

export interface ApplyLoopParts {
  readonly consensus: Consensus;
  readonly proposer: Proposer;
  readonly commits: StoreCommits;
  readonly compactions: Compactions;
  readonly watches: WatchServer;
}

/**
 * Executes committed entries, one after the other, and tells everybody whom it concerns, in this order: the watchers,
 * whoever proposed it, the reads that waited for it, the disk.
 */
export class ApplyLoop {
  readonly #core: MemberCore;
  readonly #parts: ApplyLoopParts;
  readonly #listeners: ReplicaListeners;

  constructor(core: MemberCore, parts: ApplyLoopParts) {
    const { consensus, proposer } = parts;
    this.#core = core;
    this.#parts = parts;
    this.#listeners = {
      requestOf: (data) => proposer.requestOf(data),
      applied: (data, result, run) => this.#applied(data, result, run),
      configurationChanged: (change) => consensus.configurationChanged(change),
      termBegun: (term) => consensus.termBegun(term),
    };
  }

  /** Resolves late while the store is closed, and when the disk cannot keep up. */
  apply(entries: readonly Entry[]): Promise<void> | undefined {
    const { gate, replica } = this.#core;
    if (gate !== null) return gate.then(() => this.apply(entries));
    for (const entry of entries) replica.apply(entry, this.#listeners);
    this.#parts.consensus.applied();
    return this.#parts.commits.applied();
  }

  #applied(data: Uint8Array, result: Applied, run: AppliedRun): void {
    this.#measure(result, run);
    const { changes, compaction } = result;
    if (changes.length > 0) this.#parts.watches.notify(this.#core.replica.store.currentRevision, changes);
    if (compaction !== null) this.#parts.compactions.run(compaction);
    this.#parts.proposer.settle(data, result);
  }

  #measure({ response, error }: Applied, { operation, tookMs }: AppliedRun): void {
    const { metrics, logger } = this.#core.parts;
    const isSuccess = error === null || error.code === "compacted";
    metrics.applied(operationNames[operation], tookMs / 1000, isSuccess);
    if (isSuccess && operation === "leaseGrant") metrics.leaseGranted((response as LeaseGrantResponse).ttl);
    if (isSuccess && operation === "leaseRevoke") metrics.leaseRevoked();
    const { warningApplyDurationMs } = this.#core.options;
    if (tookMs <= warningApplyDurationMs) return;
    metrics.slowApply();
    logger.warn("apply request took too long", {
      took: formatMilliseconds(tookMs),
      "expected-duration": formatMilliseconds(warningApplyDurationMs),
      prefix: "",
      request: operation,
    });
  }
}

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

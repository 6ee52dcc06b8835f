/**
 * What the metrics page and /debug/vars read from the member at the moment they are asked. Unlike the counters of
 * {@link Metrics}, nobody keeps these up to date for the page: they are what the member knows anyway.
 */
export interface MemberStats {
  readonly memberId: bigint;
  hasLeader(): boolean;
  isLeader(): boolean;
  isLearner(): boolean;
  leaderChangesSeen(): number;

  /** Raft's, for etcd_server_proposals_* and /debug/vars. */
  raft(): RaftStats;
  proposalsPending(): number;

  store(): StoreStats;
  watch(): WatchStats;
  backend(): BackendStats;

  /** `3.6`; null until the members have agreed on one. */
  clusterVersion(): string | null;
  /** The gates that the server knows. */
  features(): Iterable<FeatureStats>;
  authRevision(): number;
}

export interface RaftStats {
  readonly term: number;
  /** 0n: for nobody. */
  readonly vote: bigint;
  readonly commit: number;
  readonly applied: number;
  /** 0n: nobody. */
  readonly lead: bigint;
  /** `StateLeader` and so on. */
  readonly state: string;
  /** 0n: no transfer is under way. */
  readonly leadTransferee: bigint;
  /** Of each member, as its leader sees it; empty on the others. */
  readonly progress: Iterable<{
    readonly id: bigint;
    readonly match: number;
    readonly next: number;
    readonly state: string;
  }>;
}

export interface StoreStats {
  readonly currentRevision: number;
  readonly compactRevision: number;
  readonly keys: number;
  /** Counted since the start. */
  readonly puts: number;
  readonly deletes: number;
  readonly ranges: number;
  readonly txns: number;
  /** Keys and values of all puts. */
  readonly putBytes: number;
}

export interface WatchStats {
  readonly streams: number;
  readonly watchers: number;
  /** Not synced with the store. */
  readonly slowWatchers: number;
  readonly pendingEvents: number;
  /** Given to watchers since the start. */
  readonly eventsTotal: number;
}

export interface BackendStats {
  readonly sizeBytes: number;
  readonly sizeInUseBytes: number;
  readonly openReadTransactions: number;
  /** 0: no limit. */
  readonly quotaBytes: number;
}

export interface FeatureStats {
  readonly name: string;
  /** `ALPHA` or `BETA`; empty when it is settled. */
  readonly stage: string;
  readonly enabled: boolean;
}

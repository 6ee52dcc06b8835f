/**
 * EtcdPort: all that a transport or the facade may ask of a member. It is etcd's own v3 API and nothing more, so it has
 * two implementations, the embedded member (`member/`) and a real etcd cluster reached over gRPC (`client/`).
 *
 * Every call rejects with an {@link EtcdError} for an answer of etcd's table, and with another error only when the
 * member or the connection is broken. The message types are the generated ones of `wire/` (docs/adr/0002).
 */
import type {
  AlarmRequest,
  AlarmResponse,
  CompactionRequest,
  CompactionResponse,
  DefragmentResponse,
  DeleteRangeRequest,
  DeleteRangeResponse,
  DowngradeRequest,
  DowngradeResponse,
  HashKVRequest,
  HashKVResponse,
  HashResponse,
  LeaseGrantRequest,
  LeaseGrantResponse,
  LeaseKeepAliveRequest,
  LeaseKeepAliveResponse,
  LeaseLeasesResponse,
  LeaseRevokeRequest,
  LeaseRevokeResponse,
  LeaseTimeToLiveRequest,
  LeaseTimeToLiveResponse,
  MemberListRequest,
  MemberListResponse,
  MoveLeaderRequest,
  MoveLeaderResponse,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  SnapshotResponse,
  StatusResponse,
  TxnRequest,
  TxnResponse,
  WatchRequest,
  WatchResponse,
} from "./wire/etcdserverpb.ts";

export interface CallOptions {
  /** Ends the wait, not the write: a proposal that is in the log may still be applied. */
  readonly signal?: AbortSignal;
  /**
   * What a put or a transaction of this call may be, in place of what the server allows its clients. Only the embedded
   * member can grant it. A remote server knows its own limits alone, and refuses by them; no client of ours can send it.
   */
  readonly limits?: RequestLimits;
}

/** The sizes that etcd's flags of these names set for clients. */
export interface RequestLimits {
  /** --max-txn-ops: compares or operations in one branch, those of transactions within it included. */
  readonly maxTxnOps: number;
  /** --max-request-bytes, of the request as it stands in the log. */
  readonly maxRequestBytes: number;
}

/** Where a watch stream's responses go. `write` must not call back into the stream. */
export interface WatchSink {
  /** Takes the response in any case. False: no more, please, until the stream's `drained()` is called. */
  write(response: WatchResponse): boolean;
  /** The stream is over and writes nothing more; no error means it was closed by its user. */
  end(error?: Error): void;
}

/**
 * One watch stream: many watchers, one order. Requests are handled at once, in the order of the calls; responses reach
 * the sink as etcd's bidirectional RPC would send them.
 */
export interface WatchStream {
  request(message: WatchRequest): void;
  /** The sink has room again. */
  drained(): void;
  /** May be called twice. Nothing reaches the sink afterwards but one `end()`. */
  close(): void;
}

export interface EtcdPort {
  range(request: RangeRequest, options?: CallOptions): Promise<RangeResponse>;
  /** etcd 3.7's RangeStream: chunks pinned to one revision; header, more and count stand in the last one only. */
  rangeStream(request: RangeRequest, options?: CallOptions): AsyncIterable<RangeResponse>;
  put(request: PutRequest, options?: CallOptions): Promise<PutResponse>;
  deleteRange(request: DeleteRangeRequest, options?: CallOptions): Promise<DeleteRangeResponse>;
  txn(request: TxnRequest, options?: CallOptions): Promise<TxnResponse>;
  compact(request: CompactionRequest, options?: CallOptions): Promise<CompactionResponse>;

  watch(sink: WatchSink): WatchStream;

  leaseGrant(request: LeaseGrantRequest, options?: CallOptions): Promise<LeaseGrantResponse>;
  leaseRevoke(request: LeaseRevokeRequest, options?: CallOptions): Promise<LeaseRevokeResponse>;
  /** One renewal. An unknown lease answers ttl 0, which is not an error. */
  leaseKeepAlive(request: LeaseKeepAliveRequest, options?: CallOptions): Promise<LeaseKeepAliveResponse>;
  leaseTimeToLive(request: LeaseTimeToLiveRequest, options?: CallOptions): Promise<LeaseTimeToLiveResponse>;
  leaseLeases(options?: CallOptions): Promise<LeaseLeasesResponse>;

  memberList(request: MemberListRequest, options?: CallOptions): Promise<MemberListResponse>;

  status(options?: CallOptions): Promise<StatusResponse>;
  alarm(request: AlarmRequest, options?: CallOptions): Promise<AlarmResponse>;
  defragment(options?: CallOptions): Promise<DefragmentResponse>;
  hash(options?: CallOptions): Promise<HashResponse>;
  hashKv(request: HashKVRequest, options?: CallOptions): Promise<HashKVResponse>;
  /** etcd's own database file in 32 KiB blobs, then its SHA-256 as the last blob. */
  snapshot(options?: CallOptions): AsyncIterable<SnapshotResponse>;
  moveLeader(request: MoveLeaderRequest, options?: CallOptions): Promise<MoveLeaderResponse>;
  downgrade(request: DowngradeRequest, options?: CallOptions): Promise<DowngradeResponse>;
}

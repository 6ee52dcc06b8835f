/**
 * An etcd cluster over gRPC, behind the same port as the embedded member. It spreads calls over the endpoints that are
 * connected, fails over, reconnects, repeats what may be repeated, resumes watches and renews leases on one stream.
 */
import type { EtcdPort, WatchSink, WatchStream } from "../port.ts";
import {
  newAlarmRequest,
  newDefragmentRequest,
  newHashRequest,
  newLeaseLeasesRequest,
  newSnapshotRequest,
  newStatusRequest,
  type AlarmRequest,
  type AlarmResponse,
  type CompactionRequest,
  type CompactionResponse,
  type DefragmentResponse,
  type DeleteRangeRequest,
  type DeleteRangeResponse,
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
  type PutRequest,
  type PutResponse,
  type RangeRequest,
  type RangeResponse,
  type SnapshotResponse,
  type StatusResponse,
  type TxnRequest,
  type TxnResponse,
} from "../wire/etcdserverpb.ts";
import { services } from "../wire/services.ts";
import { Caller, isUnimplemented, type ClientCallOptions } from "./caller.ts";
import { Connections, type TlsOptions } from "./connections.ts";
import { KeepAliveStream } from "./keep-alive-stream.ts";
import { pagedRange } from "./paged-range.ts";
import { ResumingWatch } from "./resuming-watch.ts";

export interface EtcdClientOptions {
  /** `host:port`, `http://host:port`, `https://host:port`, `unix:path`. At least one. */
  readonly endpoints: readonly string[];
  /** Present: endpoints without a scheme speak TLS. */
  readonly tls?: TlsOptions;
  /** Deadline of calls that name none, in milliseconds. Default: none, as in etcd's client. */
  readonly callTimeoutMs?: number;
  /** Watch streams end with "no leader" when their member has lost its leader. Default: they wait. */
  readonly watchRequiresLeader?: boolean;
  /** HTTP/2 pings on busy connections, at least every 10 s. Defaults: 10 s, and 5 s for the answer. */
  readonly keepAliveTimeMs?: number;
  readonly keepAliveTimeoutMs?: number;
  /** The largest request, in bytes. Infinity: the servers judge. Default: 2 MiB, as in etcd's client. */
  readonly requestBytesMax?: number;
}

/** What the client says it is: clients of etcd 3.6 say the same. */
const CLIENT_API_VERSION = "3.6";

const kv = services["etcdserverpb.KV"];
const watchService = services["etcdserverpb.Watch"];
const lease = services["etcdserverpb.Lease"];
const cluster = services["etcdserverpb.Cluster"];
const maintenance = services["etcdserverpb.Maintenance"];

export class EtcdClient implements EtcdPort {
  readonly #connections: Connections;
  readonly #caller: Caller;
  readonly #keepAlive: KeepAliveStream;
  readonly #watches = new Set<WatchStream>();
  readonly #callTimeoutMs: number;
  readonly #watchRequiresLeader: boolean;
  #hasRangeStream = true;

  constructor(options: EtcdClientOptions) {
    this.#callTimeoutMs = options.callTimeoutMs ?? Infinity;
    this.#watchRequiresLeader = options.watchRequiresLeader ?? false;
    this.#connections = new Connections({
      endpoints: options.endpoints,
      keepAliveTimeMs: options.keepAliveTimeMs ?? 10_000,
      keepAliveTimeoutMs: options.keepAliveTimeoutMs ?? 5_000,
      requestBytesMax: options.requestBytesMax ?? 2 * 1024 * 1024,
      ...(options.tls && { tls: options.tls }),
    });
    this.#caller = new Caller(
      { callTimeoutMs: this.#callTimeoutMs, apiVersion: CLIENT_API_VERSION },
      this.#connections,
    );
    this.#keepAlive = new KeepAliveStream((signal) => this.#caller.duplex(lease.LeaseKeepAlive, { signal }));
  }

  range(request: RangeRequest, options?: ClientCallOptions): Promise<RangeResponse> {
    return this.#caller.unary(kv.Range, "repeatable", request, options);
  }

  async *rangeStream(
    request: RangeRequest,
    options?: ClientCallOptions,
  ): AsyncGenerator<RangeResponse, void, undefined> {
    if (this.#hasRangeStream) {
      try {
        for await (const { rangeResponse } of this.#caller.serverStream(kv.RangeStream, request, options)) {
          if (rangeResponse) yield rangeResponse;
        }
        return;
      } catch (error) {
        // Only the server's transport says this, before anything was streamed. etcd's refusals are EtcdErrors.
        if (!isUnimplemented(error)) throw error;
        this.#hasRangeStream = false;
      }
    }
    yield* pagedRange(request, (page) => this.range(page, options));
  }

  put(request: PutRequest, options?: ClientCallOptions): Promise<PutResponse> {
    return this.#caller.unary(kv.Put, "once", request, options);
  }

  deleteRange(request: DeleteRangeRequest, options?: ClientCallOptions): Promise<DeleteRangeResponse> {
    return this.#caller.unary(kv.DeleteRange, "once", request, options);
  }

  txn(request: TxnRequest, options?: ClientCallOptions): Promise<TxnResponse> {
    return this.#caller.unary(kv.Txn, "once", request, options);
  }

  compact(request: CompactionRequest, options?: ClientCallOptions): Promise<CompactionResponse> {
    return this.#caller.unary(kv.Compact, "once", request, options);
  }

  watch(sink: WatchSink): WatchStream {
    const stream = new ResumingWatch(
      (signal) => this.#caller.duplex(watchService.Watch, { signal, requireLeader: this.#watchRequiresLeader }),
      {
        write: (response) => sink.write(response),
        end: (error) => {
          this.#watches.delete(stream);
          sink.end(error);
        },
      },
    );
    this.#watches.add(stream);
    return stream;
  }

  leaseGrant(request: LeaseGrantRequest, options?: ClientCallOptions): Promise<LeaseGrantResponse> {
    return this.#caller.unary(lease.LeaseGrant, "repeatable", request, options);
  }

  leaseRevoke(request: LeaseRevokeRequest, options?: ClientCallOptions): Promise<LeaseRevokeResponse> {
    return this.#caller.unary(lease.LeaseRevoke, "repeatable", request, options);
  }

  leaseKeepAlive(request: LeaseKeepAliveRequest, options?: ClientCallOptions): Promise<LeaseKeepAliveResponse> {
    return this.#keepAlive.renew(request.id, options?.timeoutMs ?? this.#callTimeoutMs, options?.signal);
  }

  leaseTimeToLive(request: LeaseTimeToLiveRequest, options?: ClientCallOptions): Promise<LeaseTimeToLiveResponse> {
    return this.#caller.unary(lease.LeaseTimeToLive, "repeatable", request, options);
  }

  leaseLeases(options?: ClientCallOptions): Promise<LeaseLeasesResponse> {
    return this.#caller.unary(lease.LeaseLeases, "repeatable", newLeaseLeasesRequest(), options);
  }

  memberList(request: MemberListRequest, options?: ClientCallOptions): Promise<MemberListResponse> {
    return this.#caller.unary(cluster.MemberList, "repeatable", request, options);
  }

  status(options?: ClientCallOptions): Promise<StatusResponse> {
    return this.#caller.unary(maintenance.Status, "repeatable", newStatusRequest(), options);
  }

  alarm(request: AlarmRequest = newAlarmRequest(), options?: ClientCallOptions): Promise<AlarmResponse> {
    return this.#caller.unary(maintenance.Alarm, "repeatable", request, options);
  }

  defragment(options?: ClientCallOptions): Promise<DefragmentResponse> {
    return this.#caller.unary(maintenance.Defragment, "once", newDefragmentRequest(), options);
  }

  hash(options?: ClientCallOptions): Promise<HashResponse> {
    return this.#caller.unary(maintenance.Hash, "repeatable", newHashRequest(), options);
  }

  hashKv(request: HashKVRequest, options?: ClientCallOptions): Promise<HashKVResponse> {
    return this.#caller.unary(maintenance.HashKV, "repeatable", request, options);
  }

  snapshot(options?: ClientCallOptions): AsyncGenerator<SnapshotResponse, void, undefined> {
    return this.#caller.serverStream(maintenance.Snapshot, newSnapshotRequest(), options);
  }

  moveLeader(request: MoveLeaderRequest, options?: ClientCallOptions): Promise<MoveLeaderResponse> {
    return this.#caller.unary(maintenance.MoveLeader, "repeatable", request, options);
  }

  downgrade(request: DowngradeRequest, options?: ClientCallOptions): Promise<DowngradeResponse> {
    return this.#caller.unary(maintenance.Downgrade, "once", request, options);
  }

  /** Ends every stream and fails every call in flight. May be called twice. */
  close(): void {
    for (const stream of [...this.#watches]) stream.close();
    this.#keepAlive.close();
    this.#caller.close();
    this.#connections.close();
  }
}

import * as grpc from "@grpc/grpc-js";
import {
  decodeAlarmResponse,
  decodeAuthStatusResponse,
  decodeCompactionResponse,
  decodeDeleteRangeResponse,
  decodeDowngradeResponse,
  decodeHashKVResponse,
  decodeLeaseGrantResponse,
  decodeLeaseKeepAliveResponse,
  decodeLeaseLeasesResponse,
  decodeLeaseRevokeResponse,
  decodeLeaseTimeToLiveResponse,
  decodeMemberListResponse,
  decodePutResponse,
  decodeRangeResponse,
  decodeStatusResponse,
  decodeTxnResponse,
  decodeWatchResponse,
  encodeAlarmRequest,
  encodeAuthStatusRequest,
  encodeCompactionRequest,
  encodeDeleteRangeRequest,
  encodeDowngradeRequest,
  encodeHashKVRequest,
  encodeLeaseGrantRequest,
  encodeLeaseKeepAliveRequest,
  encodeLeaseLeasesRequest,
  encodeLeaseRevokeRequest,
  encodeLeaseTimeToLiveRequest,
  encodeMemberListRequest,
  encodePutRequest,
  encodeRangeRequest,
  encodeStatusRequest,
  encodeTxnRequest,
  encodeWatchRequest,
  type LeaseKeepAliveResponse,
  type WatchRequest,
  type WatchResponse,
} from "../../src/etcd/wire/etcdserverpb.ts";

/** The unary calls that the suites make, without any client logic between them and the wire. */
const calls = {
  range: ["KV/Range", encodeRangeRequest, decodeRangeResponse],
  put: ["KV/Put", encodePutRequest, decodePutResponse],
  deleteRange: ["KV/DeleteRange", encodeDeleteRangeRequest, decodeDeleteRangeResponse],
  txn: ["KV/Txn", encodeTxnRequest, decodeTxnResponse],
  compact: ["KV/Compact", encodeCompactionRequest, decodeCompactionResponse],
  leaseGrant: ["Lease/LeaseGrant", encodeLeaseGrantRequest, decodeLeaseGrantResponse],
  leaseRevoke: ["Lease/LeaseRevoke", encodeLeaseRevokeRequest, decodeLeaseRevokeResponse],
  leaseTimeToLive: ["Lease/LeaseTimeToLive", encodeLeaseTimeToLiveRequest, decodeLeaseTimeToLiveResponse],
  leaseLeases: ["Lease/LeaseLeases", encodeLeaseLeasesRequest, decodeLeaseLeasesResponse],
  hashKv: ["Maintenance/HashKV", encodeHashKVRequest, decodeHashKVResponse],
  status: ["Maintenance/Status", encodeStatusRequest, decodeStatusResponse],
  alarm: ["Maintenance/Alarm", encodeAlarmRequest, decodeAlarmResponse],
  downgrade: ["Maintenance/Downgrade", encodeDowngradeRequest, decodeDowngradeResponse],
  memberList: ["Cluster/MemberList", encodeMemberListRequest, decodeMemberListResponse],
  authStatus: ["Auth/AuthStatus", encodeAuthStatusRequest, decodeAuthStatusResponse],
} as const;

export type Calls = typeof calls;
export type CallName = keyof Calls;
export type RequestOf<Name extends CallName> = Parameters<Calls[Name][1]>[0];
export type ResponseOf<Name extends CallName> = ReturnType<Calls[Name][2]>;

export interface Outcome<Response> {
  readonly response: Response | null;
  readonly error: { readonly code: number; readonly details: string } | null;
}

/** A gRPC client that adds nothing: one connection, bytes as they are, errors as they come. */
export class RawClient {
  readonly #client: grpc.Client;

  constructor(endpoint: string) {
    this.#client = new grpc.Client(endpoint, grpc.credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
      "grpc.use_local_subchannel_pool": 1,
    });
  }

  call<Name extends CallName>(
    name: Name,
    request: RequestOf<Name>,
    deadlineMs = 20_000,
  ): Promise<Outcome<ResponseOf<Name>>> {
    const [path, encode, decode] = calls[name] as unknown as [
      string,
      (r: unknown) => Uint8Array,
      (b: Uint8Array) => unknown,
    ];
    return this.bytes(`/etcdserverpb.${path}`, encode(request), deadlineMs).then(({ response, error }) => ({
      response: response === null ? null : (decode(response) as ResponseOf<Name>),
      error,
    }));
  }

  /** One unary call with whatever bytes are given. */
  bytes(path: string, body: Uint8Array, deadlineMs = 20_000): Promise<Outcome<Uint8Array>> {
    return new Promise((resolve) => {
      this.#client.makeUnaryRequest(
        path,
        (bytes: Uint8Array) => Buffer.from(bytes),
        (bytes: Buffer) => bytes,
        body,
        new grpc.Metadata(),
        { deadline: Date.now() + deadlineMs },
        (error, response) => {
          if (error === null) resolve({ response: response ?? Buffer.alloc(0), error: null });
          else resolve({ response: null, error: { code: error.code, details: error.details } });
        },
      );
    });
  }

  watch(): RawWatch {
    return new RawWatch(
      this.#client.makeBidiStreamRequest(
        "/etcdserverpb.Watch/Watch",
        (request: WatchRequest) => Buffer.from(encodeWatchRequest(request)),
        (bytes: Buffer) => decodeWatchResponse(bytes),
      ),
    );
  }

  /** Sends one keep-alive on a stream of its own and returns the answer. */
  keepAlive(id: bigint): Promise<LeaseKeepAliveResponse> {
    return new Promise((resolve, reject) => {
      const stream = this.#client.makeBidiStreamRequest(
        "/etcdserverpb.Lease/LeaseKeepAlive",
        (request: bigint) => Buffer.from(encodeLeaseKeepAliveRequest({ id: request })),
        (bytes: Buffer) => decodeLeaseKeepAliveResponse(bytes),
      );
      stream.on("data", (response: LeaseKeepAliveResponse) => {
        resolve(response);
        stream.cancel();
      });
      stream.on("error", reject);
      stream.write(id);
    });
  }

  close(): void {
    this.#client.close();
  }
}

/** A watch stream that keeps all it was sent. */
export class RawWatch {
  readonly responses: WatchResponse[] = [];
  error: grpc.ServiceError | null = null;
  readonly #stream: grpc.ClientDuplexStream<WatchRequest, WatchResponse>;

  constructor(stream: grpc.ClientDuplexStream<WatchRequest, WatchResponse>) {
    this.#stream = stream;
    stream.on("data", (response: WatchResponse) => this.responses.push(response));
    stream.on("error", (error: grpc.ServiceError) => (this.error = error));
  }

  send(request: WatchRequest): void {
    this.#stream.write(request);
  }

  async until(condition: (responses: readonly WatchResponse[]) => boolean, withinMs = 5000): Promise<boolean> {
    const deadline = Date.now() + withinMs;
    while (!condition(this.responses)) {
      if (this.error !== null || Date.now() > deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return true;
  }

  close(): void {
    this.#stream.cancel();
  }
}

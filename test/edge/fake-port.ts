/**
 * An EtcdPort for tests of the edge: a map, a history, and as little of etcd's rules as the services above it need.
 * What it cannot do it refuses loudly. The store's own rules are tested on the store.
 */
import { EtcdError } from "../../src/etcd/errors.ts";
import type { CallOptions, EtcdPort, WatchSink, WatchStream } from "../../src/etcd/port.ts";
import type { MemberInfo } from "../../src/etcd/rpc/member-info.ts";
import * as pb from "../../src/etcd/wire/etcdserverpb.ts";
import { type Event, Event_EventType, type KeyValue, newEvent, newKeyValue } from "../../src/etcd/wire/mvccpb.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const bytes = (key: string): Uint8Array => Buffer.from(key, "latin1");

export class FakePort implements EtcdPort {
  readonly kvs = new Map<string, KeyValue>();
  readonly leases = new Map<bigint, number>();
  readonly history: Event[] = [];
  readonly streams = new Set<FakeWatchStream>();
  revision = 1;
  compactRevision = -1;
  /** Renewals wait for this, if it is set. */
  renewalGate: Promise<void> | null = null;
  /** The last options of any call. */
  lastOptions: CallOptions | undefined;
  snapshotBlobs: Uint8Array[] = [Buffer.alloc(10, 1), Buffer.alloc(20, 2)];
  /** Puts of this key never answer; they wait for their signal. */
  readonly stuckKey = "stuck";

  header(revision = this.revision): pb.ResponseHeader {
    return pb.newResponseHeader({ clusterId: 7n, memberId: 9n, revision, raftTerm: 2 });
  }

  range(request: pb.RangeRequest, options?: CallOptions): Promise<pb.RangeResponse> {
    this.lastOptions = options;
    return settle(() => this.#range(request));
  }

  async *rangeStream(request: pb.RangeRequest, options?: CallOptions): AsyncIterable<pb.RangeResponse> {
    this.lastOptions = options;
    const whole = await this.range(request, options);
    for (const kv of whole.kvs) yield pb.newRangeResponse({ kvs: [kv] });
    yield pb.newRangeResponse({ header: whole.header, count: whole.count });
  }

  put(request: pb.PutRequest, options?: CallOptions): Promise<pb.PutResponse> {
    this.lastOptions = options;
    if (text(request.key) === this.stuckKey) return untilAborted(options);
    return settle(() => this.#write(() => this.#put(request)));
  }

  deleteRange(request: pb.DeleteRangeRequest, options?: CallOptions): Promise<pb.DeleteRangeResponse> {
    this.lastOptions = options;
    return settle(() => this.#write(() => this.#deleteRange(request)));
  }

  txn(request: pb.TxnRequest, options?: CallOptions): Promise<pb.TxnResponse> {
    this.lastOptions = options;
    return settle(() =>
      this.#write(() => {
        const succeeded = request.compare.every((compare) => this.#holds(compare));
        const ops = succeeded ? request.success : request.failure;
        const responses = ops.map((op) => this.#op(op));
        return pb.newTxnResponse({ header: this.header(), succeeded, responses });
      }),
    );
  }

  compact(request: pb.CompactionRequest): Promise<pb.CompactionResponse> {
    return settle(() => {
      if (request.revision <= this.compactRevision) throw new EtcdError("compacted");
      if (request.revision > this.revision) throw new EtcdError("futureRevision");
      this.compactRevision = request.revision;
      return pb.newCompactionResponse({ header: this.header() });
    });
  }

  watch(sink: WatchSink): WatchStream {
    return new FakeWatchStream(this, sink);
  }

  leaseGrant(request: pb.LeaseGrantRequest): Promise<pb.LeaseGrantResponse> {
    return settle(() => {
      const id = request.id === 0n ? BigInt(this.leases.size + 1000) : request.id;
      if (this.leases.has(id)) throw new EtcdError("leaseExists");
      this.leases.set(id, request.ttl);
      return pb.newLeaseGrantResponse({ header: this.header(), id, ttl: request.ttl });
    });
  }

  leaseRevoke(request: pb.LeaseRevokeRequest): Promise<pb.LeaseRevokeResponse> {
    return settle(() => {
      if (!this.leases.delete(request.id)) throw new EtcdError("leaseNotFound");
      const keys = [...this.kvs.values()].filter((kv) => kv.lease === request.id).map((kv) => kv.key);
      this.#write(() => {
        for (const key of keys) this.#deleteRange(pb.newDeleteRangeRequest({ key }));
      });
      return pb.newLeaseRevokeResponse({ header: this.header() });
    });
  }

  async leaseKeepAlive(request: pb.LeaseKeepAliveRequest): Promise<pb.LeaseKeepAliveResponse> {
    await this.renewalGate;
    if (request.id === -1n) throw new EtcdError("notPrimaryLessor");
    const ttl = this.leases.get(request.id) ?? 0;
    return pb.newLeaseKeepAliveResponse({ header: this.header(), id: request.id, ttl });
  }

  leaseTimeToLive(request: pb.LeaseTimeToLiveRequest): Promise<pb.LeaseTimeToLiveResponse> {
    const grantedTtl = this.leases.get(request.id) ?? 0;
    const ttl = this.leases.get(request.id) ?? -1;
    return settle(() => pb.newLeaseTimeToLiveResponse({ header: this.header(), id: request.id, ttl, grantedTtl }));
  }

  leaseLeases(): Promise<pb.LeaseLeasesResponse> {
    const leases = [...this.leases.keys()].map((id) => pb.newLeaseStatus({ id }));
    return settle(() => pb.newLeaseLeasesResponse({ header: this.header(), leases }));
  }

  memberList(): Promise<pb.MemberListResponse> {
    const member = pb.newMember({ id: 9n, name: "default", clientUrls: ["http://localhost:2379"] });
    return settle(() => pb.newMemberListResponse({ header: this.header(0), members: [member] }));
  }

  status(): Promise<pb.StatusResponse> {
    const downgradeInfo = pb.newDowngradeInfo();
    return settle(() => pb.newStatusResponse({ header: this.header(), version: "3.6.14", downgradeInfo }));
  }

  alarm(): Promise<pb.AlarmResponse> {
    return settle(() => pb.newAlarmResponse({ header: this.header() }));
  }

  /** What a defragmentation waits for. */
  defragmenting: Promise<void> = Promise.resolve();

  async defragment(): Promise<pb.DefragmentResponse> {
    await this.defragmenting;
    return pb.newDefragmentResponse();
  }

  hash(): Promise<pb.HashResponse> {
    return settle(() => pb.newHashResponse({ header: this.header(), hash: 42 }));
  }

  hashKv(): Promise<pb.HashKVResponse> {
    return settle(() => pb.newHashKVResponse({ header: this.header(), hash: 43 }));
  }

  async *snapshot(): AsyncIterable<pb.SnapshotResponse> {
    for (const blob of this.snapshotBlobs) yield await Promise.resolve(pb.newSnapshotResponse({ blob }));
  }

  moveLeader(): Promise<pb.MoveLeaderResponse> {
    return Promise.reject(new EtcdError("badLeaderTransferee"));
  }

  downgrade(): Promise<pb.DowngradeResponse> {
    return Promise.reject(new EtcdError("unknownMethod"));
  }

  // --- One write, one revision.

  #write<T>(change: () => T): T {
    const before = this.history.length;
    this.revision++;
    try {
      const result = change();
      if (this.history.length === before) this.revision--;
      else for (const stream of [...this.streams]) stream.deliver(this.history.slice(before));
      return result;
    } catch (error) {
      this.revision--;
      throw error;
    }
  }

  #range(request: pb.RangeRequest): pb.RangeResponse {
    if (request.key.length === 0 && request.rangeEnd.length === 0 && !request.keysOnly) throw new EtcdError("emptyKey");
    if (request.revision > this.revision) throw new EtcdError("futureRevision");
    if (request.revision > 0 && request.revision < this.compactRevision) throw new EtcdError("compacted");
    let kvs = this.#select(request.key, request.rangeEnd);
    if (request.maxCreateRevision > 0) kvs = kvs.filter((kv) => kv.createRevision <= request.maxCreateRevision);
    if (request.sortTarget === pb.RangeRequest_SortTarget.CREATE) {
      kvs.sort((a, b) => a.createRevision - b.createRevision);
      if (request.sortOrder === pb.RangeRequest_SortOrder.DESCEND) kvs.reverse();
    }
    const count = kvs.length;
    if (request.limit > 0) kvs = kvs.slice(0, request.limit);
    return pb.newRangeResponse({ header: this.header(), kvs, count, more: kvs.length < count });
  }

  #put(request: pb.PutRequest): pb.PutResponse {
    if (request.key.length === 0) throw new EtcdError("emptyKey");
    if (request.lease !== 0n && !this.leases.has(request.lease)) throw new EtcdError("leaseNotFound");
    const old = this.kvs.get(text(request.key));
    const kv = newKeyValue({
      key: Uint8Array.from(request.key),
      value: Uint8Array.from(request.value),
      lease: request.lease,
      createRevision: old?.createRevision ?? this.revision,
      modRevision: this.revision,
      version: (old?.version ?? 0) + 1,
    });
    this.kvs.set(text(request.key), kv);
    this.history.push(newEvent({ type: Event_EventType.PUT, kv }));
    return pb.newPutResponse({ header: this.header(), prevKv: request.prevKv ? (old ?? null) : null });
  }

  #deleteRange(request: pb.DeleteRangeRequest): pb.DeleteRangeResponse {
    if (request.key.length === 0) throw new EtcdError("emptyKey");
    const kvs = this.#select(request.key, request.rangeEnd);
    for (const { key } of kvs) {
      this.kvs.delete(text(key));
      const kv = newKeyValue({ key, modRevision: this.revision });
      this.history.push(newEvent({ type: Event_EventType.DELETE, kv }));
    }
    return pb.newDeleteRangeResponse({ header: this.header(), deleted: kvs.length });
  }

  #select(key: Uint8Array, rangeEnd: Uint8Array): KeyValue[] {
    const kvs = [...this.kvs.values()].filter((kv) => isInRange(text(kv.key), text(key), text(rangeEnd)));
    return kvs.sort((a, b) => Buffer.compare(a.key, b.key));
  }

  #holds(compare: pb.Compare): boolean {
    if (compare.targetUnion?.case !== "createRevision" || compare.result !== pb.Compare_CompareResult.EQUAL) {
      throw new Error("the fake port compares create revisions for equality only");
    }
    return (this.kvs.get(text(compare.key))?.createRevision ?? 0) === compare.targetUnion.value;
  }

  #op(op: pb.RequestOp): pb.ResponseOp {
    switch (op.request?.case) {
      case "requestRange":
        return pb.newResponseOp({ response: { case: "responseRange", value: this.#range(op.request.value) } });
      case "requestPut":
        return pb.newResponseOp({ response: { case: "responsePut", value: this.#put(op.request.value) } });
      case "requestDeleteRange": {
        const value = this.#deleteRange(op.request.value);
        return pb.newResponseOp({ response: { case: "responseDeleteRange", value } });
      }
      default:
        throw new Error("the fake port has no nested transactions");
    }
  }
}

interface FakeWatcher {
  readonly key: string;
  readonly rangeEnd: string;
  readonly startRevision: number;
}

export class FakeWatchStream implements WatchStream {
  readonly #port: FakePort;
  readonly #sink: WatchSink;
  readonly #watchers = new Map<bigint, FakeWatcher>();
  #nextId = 0n;
  /** Watches ever asked for. */
  created = 0;
  /** What the sink did not want. */
  readonly waiting: pb.WatchResponse[] = [];
  #isFull = false;
  isClosed = false;

  constructor(port: FakePort, sink: WatchSink) {
    this.#port = port;
    this.#sink = sink;
    port.streams.add(this);
  }

  request({ requestUnion }: pb.WatchRequest): void {
    switch (requestUnion?.case) {
      case "createRequest":
        this.#create(requestUnion.value);
        return;
      case "cancelRequest": {
        const { watchId } = requestUnion.value;
        if (!this.#watchers.delete(watchId)) return;
        this.#write(pb.newWatchResponse({ header: this.#port.header(), watchId, canceled: true }));
        return;
      }
      case "progressRequest":
        this.#write(pb.newWatchResponse({ header: this.#port.header(), watchId: -1n }));
        return;
      default:
    }
  }

  #create({ key, rangeEnd, startRevision }: pb.WatchCreateRequest): void {
    const watchId = this.#nextId++;
    this.created++;
    this.#write(pb.newWatchResponse({ header: this.#port.header(), watchId, created: true }));
    if (startRevision > 0 && startRevision < this.#port.compactRevision) {
      const compactRevision = this.#port.compactRevision;
      this.#write(pb.newWatchResponse({ header: this.#port.header(0), watchId, canceled: true, compactRevision }));
      return;
    }
    const watcher = { key: text(key), rangeEnd: text(rangeEnd), startRevision };
    this.#watchers.set(watchId, watcher);
    if (startRevision > 0) this.#deliverTo(watchId, watcher, this.#port.history);
  }

  deliver(events: Event[]): void {
    for (const [watchId, watcher] of this.#watchers) this.#deliverTo(watchId, watcher, events);
  }

  #deliverTo(watchId: bigint, watcher: FakeWatcher, events: Event[]): void {
    const wanted = events.filter(({ kv }) => {
      return (
        kv !== null && kv.modRevision >= watcher.startRevision && isInRange(text(kv.key), watcher.key, watcher.rangeEnd)
      );
    });
    if (wanted.length > 0) this.#write(pb.newWatchResponse({ header: this.#port.header(), watchId, events: wanted }));
  }

  #write(response: pb.WatchResponse): void {
    if (this.isClosed) return;
    if (this.#isFull) this.waiting.push(response);
    else if (!this.#sink.write(response)) this.#isFull = true;
  }

  drained(): void {
    this.#isFull = false;
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      if (!this.#sink.write(next)) {
        this.#isFull = true;
        return;
      }
    }
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#port.streams.delete(this);
    this.#sink.end();
  }
}

function isInRange(key: string, start: string, end: string): boolean {
  if (end === "") return key === start;
  return key >= start && (end === "\0" || key < end);
}

function settle<T>(compute: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(compute());
  });
}

function untilAborted(options: CallOptions | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    options?.signal?.addEventListener("abort", () => {
      reject(options.signal?.reason as Error);
    });
  });
}

/** What a test may turn: leader or none, learner or not, alarms. */
export class FakeMember implements MemberInfo {
  readonly #port: FakePort;
  leader = true;
  learner = false;
  alarmList: pb.AlarmMember[] = [];
  clusterVersion: string | null = "3.6.0";

  constructor(port: FakePort) {
    this.#port = port;
  }

  header(): pb.ResponseHeader {
    return this.#port.header();
  }

  hasLeader(): boolean {
    return this.leader;
  }

  isLearner(): boolean {
    return this.learner;
  }

  alarms(): pb.AlarmMember[] {
    return this.alarmList;
  }

  versions() {
    return { server: "3.6.14", cluster: this.clusterVersion, storage: "3.6.0" };
  }
}

export { bytes, text };

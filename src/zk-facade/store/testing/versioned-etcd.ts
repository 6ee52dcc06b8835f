import { assert } from "../../../etcd/base/assert.ts";
import { EtcdError } from "../../../etcd/errors.ts";
import type { WatchSink, WatchStream } from "../../../etcd/port.ts";
import {
  newRangeResponse,
  newResponseHeader,
  newWatchResponse,
  type RangeRequest,
  type RangeResponse,
  type ResponseHeader,
  type WatchCreateRequest,
  type WatchRequest,
  type WatchResponse,
} from "../../../etcd/wire/etcdserverpb.ts";
import type { Event, KeyValue } from "../../../etcd/wire/mvccpb.ts";
import { type KeyOp, KeyStore } from "../../tree/testing/key-store.ts";

const EMPTY = new Uint8Array(0);
const PAGE_KEYS = 10_000;

/**
 * An etcd that remembers its past until it is compacted, too simple to be wrong. Its watches bring everything at once, or
 * hold it back until they are let go. One stream has one watch here.
 */
export class VersionedEtcd {
  readonly #store = new KeyStore();
  /** All pairs at each revision. */
  readonly #states = new Map<number, readonly KeyValue[]>([[1, []]]);
  #history: Event[] = [];
  #compactRevision = 0;
  /** All that were ever asked for. */
  readonly ranges: RangeRequest[] = [];
  /** All that were ever opened, the newest last. */
  readonly streams: VersionedStream[] = [];
  /** Happens before a read is answered; what it throws is the answer. */
  beforeRange: (request: RangeRequest) => void | Promise<void> = () => undefined;
  /** False: watches bring nothing for now. */
  isFlowing = true;

  get revision(): number {
    return this.#store.revision;
  }

  get stream(): VersionedStream {
    const stream = this.streams.at(-1);
    assert(stream !== undefined, "nobody watches");
    return stream;
  }

  /** One transaction, one revision. */
  write(...ops: readonly KeyOp[]): void {
    this.keep(this.#store.txn(ops));
  }

  /** What a transaction on the store itself did. */
  keep(events: readonly Event[]): void {
    if (events.length === 0) return;
    this.#history.push(...events);
    this.#states.set(this.revision, this.#store.all());
    for (const stream of this.streams) stream.move();
  }

  get store(): KeyStore {
    return this.#store;
  }

  /** Forgets what was before this revision. */
  compact(revision = this.revision): void {
    this.#compactRevision = revision;
    this.#history = this.#history.filter((event) => event.kv!.modRevision >= revision);
  }

  flow(): void {
    this.isFlowing = true;
    for (const stream of this.streams) stream.move();
  }

  // EtcdPort

  async range(request: RangeRequest): Promise<RangeResponse> {
    this.ranges.push(request);
    await this.beforeRange(request);
    const at = request.revision === 0 ? this.revision : request.revision;
    if (at < this.#compactRevision) throw new EtcdError("compacted");
    if (at > this.revision) throw new EtcdError("futureRevision");
    const found = this.#states.get(at)!.filter(({ key }) => isWithin(key, request));
    const kvs = request.countOnly ? [] : found.slice(0, request.limit === 0 ? found.length : request.limit);
    return newRangeResponse({
      header: this.header(),
      kvs: request.keysOnly ? kvs.map((kv) => ({ ...kv, value: EMPTY })) : kvs,
      count: found.length,
      more: !request.countOnly && kvs.length < found.length,
    });
  }

  /** In pages of 10,000 keys. */
  async *rangeStream(request: RangeRequest): AsyncGenerator<RangeResponse> {
    for (let { key } = request; ;) {
      const page = await this.range({ ...request, key, limit: PAGE_KEYS });
      yield page;
      if (!page.more) return;
      key = Buffer.concat([page.kvs.at(-1)!.key, Uint8Array.of(0)]);
    }
  }

  watch(sink: WatchSink): WatchStream {
    const stream = new VersionedStream(this, sink);
    this.streams.push(stream);
    return stream;
  }

  // For its streams

  header(): ResponseHeader {
    return newResponseHeader({ revision: this.revision });
  }

  get compactRevision(): number {
    return this.#compactRevision;
  }

  eventsSince(revision: number): Event[] {
    return this.#history.filter((event) => event.kv!.modRevision >= revision);
  }
}

/** A watch as etcd carries it out, and what a test says in its name. */
export class VersionedStream implements WatchStream {
  readonly #etcd: VersionedEtcd;
  readonly #sink: WatchSink;
  #watched: WatchCreateRequest | null = null;
  #nextRevision = 0;
  #isWriting = false;
  isClosed = false;
  /** How often progress was asked for. */
  progressAsked = 0;
  /** False: those questions are not answered. */
  answersProgress = true;
  #owesProgress = false;

  constructor(etcd: VersionedEtcd, sink: WatchSink) {
    this.#etcd = etcd;
    this.#sink = sink;
  }

  /** The first revision that was asked for. */
  get startRevision(): number {
    return this.#watched?.startRevision ?? 0;
  }

  request({ requestUnion }: WatchRequest): void {
    this.#refuseReentry();
    if (requestUnion?.case === "createRequest") this.#create(requestUnion.value);
    if (requestUnion?.case !== "progressRequest") return;
    this.progressAsked++;
    this.#owesProgress = this.answersProgress;
    this.move();
  }

  drained(): void {
    this.#refuseReentry();
  }

  close(): void {
    this.#refuseReentry();
    this.end();
  }

  /** Ends, with an error or because it was closed. */
  end(error?: Error): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#watched = null;
    this.#sink.end(error);
  }

  say(response: Partial<WatchResponse>): void {
    this.#isWriting = true;
    this.#sink.write(newWatchResponse({ header: this.#etcd.header(), ...response }));
    this.#isWriting = false;
  }

  /** Brings what is new, all in one response; then, where it is owed, how far the store is. */
  move(): void {
    if (this.#watched === null || !this.#etcd.isFlowing || this.#isWriting) return;
    const { compactRevision } = this.#etcd;
    if (this.#nextRevision < compactRevision) {
      this.#watched = null;
      this.say({ canceled: true, compactRevision });
      return;
    }
    const range = this.#watched;
    const events = this.#etcd.eventsSince(this.#nextRevision).filter(({ kv }) => isWithin(kv!.key, range));
    this.#nextRevision = this.#etcd.revision + 1;
    if (events.length > 0) this.say({ events });
    if (!this.#owesProgress) return;
    this.#owesProgress = false;
    this.say({ watchId: -1n });
  }

  #create(create: WatchCreateRequest): void {
    this.#watched = create;
    this.#nextRevision = create.startRevision;
    this.say({ created: true });
    this.move();
  }

  /** A sink must not call back into its stream. */
  #refuseReentry(): void {
    assert(!this.#isWriting, "a call from within the sink");
  }
}

function isWithin(key: Uint8Array, { key: start, rangeEnd }: { key: Uint8Array; rangeEnd: Uint8Array }): boolean {
  if (rangeEnd.length === 0) return Buffer.compare(key, start) === 0;
  return Buffer.compare(key, start) >= 0 && Buffer.compare(key, rangeEnd) < 0;
}

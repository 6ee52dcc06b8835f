/**
 * The recipe behind locks and elections, etcd's own: who waits puts a key of its lease under a prefix, and is first when
 * no key there was created before its own.
 *
 *   prefix/694d… created 7    first
 *   prefix/694e… created 9    waits for the delete of the last key before it, then looks again
 */
import type { EtcdClient } from "../client/etcd-client.ts";
import { LeaseKeeper } from "../client/lease-keeper.ts";
import { prefixEnd } from "../client/key-range.ts";
import { Watcher, watchError } from "../client/watcher.ts";
import { Event_EventType, type KeyValue } from "../wire/mvccpb.ts";
import {
  Compare_CompareResult,
  Compare_CompareTarget,
  newCompare,
  newDeleteRangeRequest,
  newLeaseGrantRequest,
  newPutRequest,
  newRangeRequest,
  newRequestOp,
  newTxnRequest,
  newWatchCreateRequest,
  RangeRequest_SortOrder,
  RangeRequest_SortTarget,
  type Compare,
  type RangeRequest,
  type RangeResponse,
  type RequestOp,
} from "../wire/etcdserverpb.ts";

/** A lease that is kept alive, for as long as its owner wants to stand in queues. */
export interface Session {
  readonly lease: bigint;
  readonly lost: AbortSignal;
  letGo(): void;
}

export async function openSession(client: EtcdClient, ttlSeconds: number, signal: AbortSignal): Promise<Session> {
  const { id, ttl } = await client.leaseGrant(newLeaseGrantRequest({ ttl: ttlSeconds }), { signal });
  const keeper = new LeaseKeeper(client);
  const { lost } = keeper.keep(id, ttl);
  return { lease: id, lost, letGo: () => keeper.close() };
}

/** A place in the queue under a prefix. */
export class Place {
  readonly key: Uint8Array;
  /** When the key was created: its rank. */
  readonly createRevision: number;
  readonly #client: EtcdClient;
  readonly #prefix: Uint8Array;
  readonly #lease: bigint;

  private constructor(
    client: EtcdClient,
    own: { prefix: Uint8Array; key: Uint8Array; createRevision: number; lease: bigint },
  ) {
    this.#client = client;
    this.#prefix = own.prefix;
    this.#lease = own.lease;
    this.key = own.key;
    this.createRevision = own.createRevision;
  }

  /** Takes a place, or finds the one that the session already has there. */
  static async take(
    client: EtcdClient,
    options: { readonly name: string; readonly value: string; readonly session: Session; readonly signal: AbortSignal },
  ): Promise<Place> {
    const { lease } = options.session;
    const { signal } = options;
    const prefix = Buffer.from(`${options.name}/`);
    const key = Buffer.concat([prefix, Buffer.from(lease.toString(16))]);
    const value = Buffer.from(options.value);
    const response = await client.txn(
      newTxnRequest({
        compare: [createdAt(key, 0)],
        success: [putOp(key, value, lease)],
        failure: [newRequestOp({ request: { case: "requestRange", value: newRangeRequest({ key }) } })],
      }),
      { signal },
    );
    let createRevision = response.header!.revision;
    if (!response.succeeded) {
      const found = response.responses[0]?.response;
      const kv = found?.case === "responseRange" ? found.value.kvs[0]! : undefined;
      createRevision = kv!.createRevision;
      if (!value.equals(kv!.value)) await client.put(newPutRequest({ key, value, lease }), { signal });
    }
    return new Place(client, { prefix, key, createRevision, lease });
  }

  /** Resolves when nobody is before this place. Rejects with the signal's reason, or when a watch fails. */
  async first(signal: AbortSignal): Promise<void> {
    for (;;) {
      const before = await this.#client.range(
        newRangeRequest({
          ...newest(this.#prefix),
          maxCreateRevision: this.createRevision - 1,
        }),
        { signal },
      );
      const last = before.kvs[0];
      if (!last) return;
      await deleted(this.#client, last.key, before.header!.revision, signal);
    }
  }

  /** The key as it stands; none: the lease is gone. */
  async read(signal?: AbortSignal): Promise<RangeResponse> {
    return this.#client.range(newRangeRequest({ key: this.key }), signal ? { signal } : undefined);
  }

  /** Gives the place up, unless it is somebody else's by now. */
  async leave(): Promise<void> {
    const value = newDeleteRangeRequest({ key: this.key });
    await this.#client.txn(
      newTxnRequest({
        compare: [createdAt(this.key, this.createRevision)],
        success: [newRequestOp({ request: { case: "requestDeleteRange", value } })],
      }),
    );
  }

  get lease(): bigint {
    return this.#lease;
  }
}

/** The oldest key under a prefix: who holds the lock, who leads. */
export function oldest(prefix: Uint8Array): RangeRequest {
  return rankedRange(prefix, RangeRequest_SortOrder.ASCEND);
}

function newest(prefix: Uint8Array): RangeRequest {
  return rankedRange(prefix, RangeRequest_SortOrder.DESCEND);
}

function rankedRange(prefix: Uint8Array, sortOrder: RangeRequest_SortOrder): RangeRequest {
  return newRangeRequest({
    key: prefix,
    rangeEnd: prefixEnd(prefix),
    sortTarget: RangeRequest_SortTarget.CREATE,
    sortOrder,
    limit: 1,
  });
}

async function deleted(client: EtcdClient, key: Uint8Array, fromRevision: number, signal: AbortSignal): Promise<void> {
  for await (const response of new Watcher(
    client,
    newWatchCreateRequest({ key, startRevision: fromRevision }),
    signal,
  )) {
    const failure = watchError(response);
    if (failure) throw failure;
    if (response.events.some((event) => event.type === Event_EventType.DELETE)) return;
  }
  signal.throwIfAborted();
  throw new Error("lost watcher waiting for delete");
}

/** Every change of who is first under a prefix, and of what they say; from the present one on. */
export async function* firsts(
  client: EtcdClient,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<RangeResponse, void, undefined> {
  const prefix = Buffer.from(`${name}/`);
  for (;;) {
    const response = await client.range(oldest(prefix), { signal });
    const first = response.kvs[0] ?? (await firstPut(client, prefix, response.header!.revision, signal));
    if (!first) return;
    yield { ...response, kvs: [first], count: 1 };
    const startRevision = Math.max(response.header!.revision, first.modRevision) + 1;
    const watcher = new Watcher(client, newWatchCreateRequest({ key: first.key, startRevision }), signal);
    let isOver = false;
    for await (const { header, events } of watcher) {
      for (const { type, kv } of events) {
        if (type === Event_EventType.DELETE) isOver = true;
        else if (kv && !isOver) yield { ...response, header, kvs: [kv], count: 1 };
      }
      if (isOver) break;
    }
    if (!isOver) return; // The watch was cancelled, or the user had enough.
  }
}

async function firstPut(
  client: EtcdClient,
  prefix: Uint8Array,
  startRevision: number,
  signal: AbortSignal,
): Promise<KeyValue | undefined> {
  const create = newWatchCreateRequest({ key: prefix, rangeEnd: prefixEnd(prefix), startRevision });
  for await (const { events } of new Watcher(client, create, signal)) {
    const put = events.find((event) => event.type === Event_EventType.PUT);
    if (put?.kv) return put.kv;
  }
  return undefined;
}

function createdAt(key: Uint8Array, revision: number): Compare {
  return newCompare({
    key,
    target: Compare_CompareTarget.CREATE,
    result: Compare_CompareResult.EQUAL,
    targetUnion: { case: "createRevision", value: revision },
  });
}

function putOp(key: Uint8Array, value: Uint8Array, lease: bigint): RequestOp {
  return newRequestOp({ request: { case: "requestPut", value: newPutRequest({ key, value, lease }) } });
}

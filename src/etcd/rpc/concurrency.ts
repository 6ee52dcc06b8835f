/**
 * What the Lock and the Election service share, as etcd's client library `concurrency` does it: contenders put keys
 * under one prefix, each with its lease's id as the last part, and the oldest key, by create revision, is the owner's.
 *
 *   lock/6c1a…   created at 7    the owner
 *   lock/6c1b…   created at 9    waits until no key under lock/ was created before 9
 */
import { EtcdError } from "../errors.ts";
import type { EtcdPort } from "../port.ts";
import {
  Compare_CompareResult,
  Compare_CompareTarget,
  newCompare,
  newLeaseGrantRequest,
  newRangeRequest,
  newWatchCreateRequest,
  RangeRequest_SortOrder,
  RangeRequest_SortTarget,
  type Compare,
  type RangeRequest,
} from "../wire/etcdserverpb.ts";
import { Event_EventType } from "../wire/mvccpb.ts";
import type { Call } from "./call.ts";
import { etcdStatus, grpcCode, RpcError } from "./status.ts";
import { watchResponses } from "./watch-responses.ts";

const SESSION_TTL_SECONDS = 60;

/** The lease to put under: the caller's, or a new one that is left to run out. */
export async function leaseOrNew(port: EtcdPort, lease: bigint, call: Call): Promise<bigint> {
  if (lease !== 0n) return lease;
  const granted = await port.leaseGrant(newLeaseGrantRequest({ ttl: SESSION_TTL_SECONDS }), call);
  return granted.id;
}

/** `name/` */
export function prefixOf(name: Uint8Array): Uint8Array {
  return Buffer.concat([name, Buffer.from("/")]);
}

/** `name/` and the lease in hexadecimal, with a sign if it is negative: Go's %x. */
export function contenderKey(prefix: Uint8Array, lease: bigint): Uint8Array {
  return Buffer.concat([prefix, Buffer.from(lease.toString(16))]);
}

export function oldestUnder(prefix: Uint8Array): RangeRequest {
  return newRangeRequest({
    key: prefix,
    rangeEnd: endOfPrefix(prefix),
    limit: 1,
    sortTarget: RangeRequest_SortTarget.CREATE,
    sortOrder: RangeRequest_SortOrder.ASCEND,
  });
}

/** True while the key is the one that was created at this revision; 0: while it does not exist. */
export function createdAt(key: Uint8Array, createRevision: number): Compare {
  return newCompare({
    key,
    result: Compare_CompareResult.EQUAL,
    target: Compare_CompareTarget.CREATE,
    targetUnion: { case: "createRevision", value: createRevision },
  });
}

/** Returns when no key under the prefix was created before this revision. Rejects when the call ends. */
export async function waitUntilOldest(
  port: EtcdPort,
  prefix: Uint8Array,
  createRevision: number,
  call: Call,
): Promise<void> {
  const lastBefore = newRangeRequest({
    key: prefix,
    rangeEnd: endOfPrefix(prefix),
    limit: 1,
    sortTarget: RangeRequest_SortTarget.CREATE,
    sortOrder: RangeRequest_SortOrder.DESCEND,
    maxCreateRevision: createRevision - 1,
  });
  for (;;) {
    const { header, kvs } = await port.range(lastBefore, call);
    const last = kvs[0];
    if (last === undefined) return;
    await waitUntilDeleted(port, last.key, header!.revision, call);
  }
}

async function waitUntilDeleted(port: EtcdPort, key: Uint8Array, startRevision: number, call: Call): Promise<void> {
  const create = newWatchCreateRequest({ key, startRevision });
  try {
    for await (const response of watchResponses(port, create, call.signal)) {
      if (response.events.some((event) => event.type === Event_EventType.DELETE)) return;
    }
  } catch (error) {
    // A compaction was faster than the watch. The caller looks again.
    if (!(error instanceof EtcdError && error.code === "compacted")) throw error;
  }
}

/** The end of the range of all keys that start with a prefix whose last byte is `/`. */
export function endOfPrefix(prefix: Uint8Array): Uint8Array {
  const end = Uint8Array.from(prefix);
  end[end.length - 1]! += 1;
  return end;
}

/**
 * In etcd these two services are clients of their own server, and an error of that inner call has lost its code when
 * it reaches the outer one: the text of the table with the code Unknown.
 */
export async function withInnerErrors<T>(result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    throw innerError(error);
  }
}

export function innerError(error: unknown): unknown {
  if (!(error instanceof EtcdError)) return error;
  return new RpcError(grpcCode.unknown, etcdStatus[error.code].details, { cause: error });
}

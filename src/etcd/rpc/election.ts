import { EtcdError } from "../errors.ts";
import type { EtcdPort } from "../port.ts";
import {
  newDeleteRangeRequest,
  newPutRequest,
  newRangeRequest,
  newRequestOp,
  newTxnRequest,
  newWatchCreateRequest,
  type ResponseHeader,
  type TxnResponse,
} from "../wire/etcdserverpb.ts";
import { Event_EventType, type KeyValue } from "../wire/mvccpb.ts";
import {
  newCampaignResponse,
  newLeaderKey,
  newLeaderResponse,
  newProclaimResponse,
  newResignResponse,
  type CampaignRequest,
  type CampaignResponse,
  type LeaderKey,
  type LeaderResponse,
} from "../wire/v3electionpb.ts";
import type { Call } from "./call.ts";
import {
  contenderKey,
  createdAt,
  endOfPrefix,
  innerError,
  leaseOrNew,
  oldestUnder,
  prefixOf,
  waitUntilOldest,
  withInnerErrors,
} from "./concurrency.ts";
import { serverStream, type ServiceHandlers, unary } from "./handler.ts";
import { watchResponses } from "./watch-responses.ts";

export function electionHandlers(port: EtcdPort): ServiceHandlers<"v3electionpb.Election"> {
  return {
    Campaign: unary((request, call) => withInnerErrors(campaign(port, request, call))),
    Proclaim: unary((request, call) =>
      withInnerErrors(
        (async () => {
          const leader = given(request.leader);
          // etcd makes a session of its own for a leader key without a lease, but puts under that session's lease.
          const lease = await leaseOrNew(port, leader.lease, call);
          return newProclaimResponse({ header: await proclaim(port, { ...leader, lease }, request.value, call) });
        })(),
      ),
    ),
    Leader: unary((request, call) => withInnerErrors(currentLeader(port, request.name, call))),
    Observe: serverStream((request, call) => observe(port, prefixOf(request.name), call)),
    Resign: unary((request, call) =>
      withInnerErrors(
        (async () => {
          const { header } = await resign(port, given(request.leader), call);
          return newResignResponse({ header });
        })(),
      ),
    ),
  };
}

function given(leader: LeaderKey | null): LeaderKey {
  if (leader === null) throw new EtcdError("leaderFieldMissing");
  return leader;
}

async function campaign(port: EtcdPort, request: CampaignRequest, call: Call): Promise<CampaignResponse> {
  const lease = await leaseOrNew(port, request.lease, call);
  const prefix = prefixOf(request.name);
  const key = contenderKey(prefix, lease);

  const enter = newTxnRequest({
    compare: [createdAt(key, 0)],
    success: [putOp(key, request.value, lease)],
    failure: [newRequestOp({ request: { case: "requestRange", value: newRangeRequest({ key }) } })],
  });
  const entered = await port.txn(enter, call);
  const leader = newLeaderKey({ name: request.name, key, lease, rev: entered.header!.revision });
  try {
    if (!entered.succeeded) {
      const own = kvOf(entered);
      leader.rev = own.createRevision;
      if (Buffer.compare(own.value, request.value) !== 0) await proclaim(port, leader, request.value, call);
    }
    await waitUntilOldest(port, prefix, leader.rev, call);
  } catch (error) {
    // As in a lock: who gives up leaves the queue, by a call that is not ended by the end of this one.
    await resign(port, leader).catch(() => undefined);
    throw error;
  }
  return newCampaignResponse({ header: entered.header, leader });
}

/** Changes the value of a leader, or of a candidate, that is still the one it was. */
async function proclaim(
  port: EtcdPort,
  leader: LeaderKey,
  value: Uint8Array,
  call: Call,
): Promise<ResponseHeader | null> {
  const txn = newTxnRequest({
    compare: [createdAt(leader.key, leader.rev)],
    success: [putOp(leader.key, value, leader.lease)],
  });
  const { succeeded, header } = await port.txn(txn, call);
  if (!succeeded) throw new EtcdError("electionNotLeader");
  return header;
}

function resign(port: EtcdPort, leader: LeaderKey, call?: Call): Promise<TxnResponse> {
  const remove = newDeleteRangeRequest({ key: leader.key });
  const txn = newTxnRequest({
    compare: [createdAt(leader.key, leader.rev)],
    success: [newRequestOp({ request: { case: "requestDeleteRange", value: remove } })],
  });
  return port.txn(txn, call);
}

async function currentLeader(port: EtcdPort, name: Uint8Array, call: Call): Promise<LeaderResponse> {
  const { header, kvs } = await port.range(oldestUnder(prefixOf(name)), call);
  const kv = kvs[0];
  if (kv === undefined) throw new EtcdError("electionNoLeader");
  return newLeaderResponse({ header, kv });
}

/** The leader that is there, or the first that comes, then each new value and each new leader, until the call ends. */
async function* observe(port: EtcdPort, prefix: Uint8Array, call: Call): AsyncGenerator<LeaderResponse> {
  try {
    for (;;) {
      const { header, kvs } = await port.range(oldestUnder(prefix), call);
      const leader =
        kvs[0] === undefined
          ? await firstPut(port, prefix, header!.revision, call)
          : newLeaderResponse({ header, kv: kvs[0] });
      // A compaction was faster than the watch: look again.
      if (leader === null) continue;
      yield leader;
      yield* valuesOf(port, leader.kv!.key, leader.header!.revision + 1, call);
    }
  } catch (error) {
    throw innerError(error);
  }
}

async function firstPut(
  port: EtcdPort,
  prefix: Uint8Array,
  startRevision: number,
  call: Call,
): Promise<LeaderResponse | null> {
  const create = newWatchCreateRequest({ key: prefix, rangeEnd: endOfPrefix(prefix), startRevision });
  try {
    for await (const response of watchResponses(port, create, call.signal)) {
      const kv = response.events.find((event) => event.type === Event_EventType.PUT)?.kv;
      // Several revisions may have come together; what follows is watched from this one on.
      if (kv) return newLeaderResponse({ header: { ...response.header!, revision: kv.modRevision }, kv });
    }
  } catch (error) {
    if (!(error instanceof EtcdError && error.code === "compacted")) throw error;
  }
  return null;
}

/** Each new value of one leader, until its key is deleted. */
async function* valuesOf(
  port: EtcdPort,
  key: Uint8Array,
  startRevision: number,
  call: Call,
): AsyncGenerator<LeaderResponse> {
  const create = newWatchCreateRequest({ key, startRevision });
  try {
    for await (const { header, events } of watchResponses(port, create, call.signal)) {
      for (const event of events) {
        if (event.type === Event_EventType.DELETE) return;
        yield newLeaderResponse({ header, kv: event.kv });
      }
    }
  } catch (error) {
    if (!(error instanceof EtcdError && error.code === "compacted")) throw error;
  }
}

function putOp(key: Uint8Array, value: Uint8Array, lease: bigint) {
  return newRequestOp({ request: { case: "requestPut", value: newPutRequest({ key, value, lease }) } });
}

function kvOf(response: TxnResponse): KeyValue {
  const op = response.responses[0]?.response;
  const kv = op?.case === "responseRange" ? op.value.kvs[0] : undefined;
  if (kv === undefined) throw new Error("a range in a transaction was not answered by a range");
  return kv;
}

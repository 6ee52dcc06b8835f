import type {
  RangeRequest,
  RangeResponse,
  ResponseHeader,
  TxnRequest,
  TxnResponse,
  WatchResponse,
} from "../../../src/etcd/wire/etcdserverpb.ts";
import type { CallName, Outcome } from "../../support/raw-client.ts";

/**
 * Takes out of a reply what two servers may differ in without a client being wrong to rely on the rest: ids of cluster
 * and member, the term, seconds left of a lease, and the order of equal elements, which etcd's sort leaves open.
 */
export function normalize(name: CallName, request: unknown, outcome: Outcome<unknown>): unknown {
  if (outcome.error !== null) return { error: outcome.error };
  const response = plain(outcome.response) as Record<string, unknown>;
  if (name === "range") forgetTies(request as RangeRequest, response as unknown as RangeResponse);
  if (name === "txn") forgetTiesInTxn(request as TxnRequest, response as unknown as TxnResponse);
  if (name === "leaseTimeToLive" && Number(response["ttl"]) > 1) response["ttl"] = "some";
  if (name === "leaseTimeToLive") (response["keys"] as string[]).sort();
  if (name === "leaseLeases") (response["leases"] as { id: string }[]).sort((a, b) => (a.id < b.id ? -1 : 1));
  return { response };
}

/** Bytes as latin1 text, bigints as text, and headers without what differs by nature. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if ("clusterId" in value && "raftTerm" in value) return { revision: (value as ResponseHeader).revision };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

const sortFields = ["key", "version", "createRevision", "modRevision", "value"] as const;

function forgetTies(request: RangeRequest, response: RangeResponse): void {
  const field = sortFields[request.sortTarget];
  if (field === undefined || field === "key") return;
  (response as unknown as { kvs: unknown[] }).kvs = response.kvs.map((kv) => kv[field]);
}

function forgetTiesInTxn(request: TxnRequest, response: TxnResponse): void {
  const branch = response.succeeded ? request.success : request.failure;
  branch.forEach((operation, index) => {
    const result = response.responses[index]!.response;
    if (operation.request?.case === "requestRange" && result?.case === "responseRange") {
      forgetTies(operation.request.value, result.value);
    }
    if (operation.request?.case === "requestTxn" && result?.case === "responseTxn") {
      forgetTiesInTxn(operation.request.value, result.value);
    }
  });
}

/** What one watcher was told, whatever the cut into responses: creations, cancellations and events in their order. */
export function watchStory(responses: readonly WatchResponse[]): Record<string, unknown[]> {
  const stories: Record<string, unknown[]> = {};
  for (const response of responses) {
    const story = (stories[`${response.watchId}`] ??= []);
    if (response.created || response.canceled) {
      story.push({
        created: response.created,
        canceled: response.canceled,
        compactRevision: response.compactRevision,
        cancelReason: response.cancelReason,
      });
    }
    for (const event of response.events) story.push(plain(event));
  }
  return stories;
}

/** The revisions whose events were split over several responses although the watcher did not ask for fragments. */
export function splitRevisions(responses: readonly WatchResponse[]): string[] {
  const lastOf = new Map<bigint, number>();
  const split: string[] = [];
  for (const { watchId, events, fragment } of responses) {
    const first = events[0]?.kv?.modRevision;
    if (first === undefined || fragment) continue;
    if (lastOf.get(watchId) === first) split.push(`watch ${watchId} revision ${first}`);
    lastOf.set(watchId, events[events.length - 1]!.kv!.modRevision);
  }
  return split;
}

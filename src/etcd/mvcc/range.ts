import { type RangeRequest, RangeRequest_SortOrder, RangeRequest_SortTarget } from "../wire/etcdserverpb.ts";
import { EMPTY_BYTES } from "../wire/codec.ts";
import { encodeKeyValue, type KeyValue } from "../wire/mvccpb.ts";
import type { PairsAhead } from "./pairs-ahead.ts";
import type { RangeQuery, RangeView } from "./range-view.ts";

/** What a Range answers, but for the header's other fields. */
export interface RangeOutcome<Pair> {
  readonly kvs: Pair[];
  /** Whether the limit cut something off. */
  readonly more: boolean;
  /** Keys in the range at the revision that was read, whatever limit and filters say. */
  readonly count: number;
  /** For the header: the newest revision of the view, not the one that was asked for. */
  readonly revision: number;
}

/**
 * Range with all its options, in etcd's order: read, filter, sort, cut, empty the values.
 *
 * @param ahead pairs of the range that were read already
 * @throws EtcdError compacted, futureRevision
 */
export function executeRange(
  view: RangeView,
  request: RangeRequest,
  ahead: PairsAhead | null = null,
): RangeOutcome<KeyValue> {
  if (request.countOnly) return countOnly(view, request);
  const sortsValues = request.sortTarget === RangeRequest_SortTarget.VALUE && directionOf(request) !== 0;
  const query = queryOf(request, ahead);
  const { kvs: read, count } = request.keysOnly && !sortsValues ? view.rangeKeys(query) : view.range(query);
  const kvs = sorted(filtered(read, request), request);
  const more = cut(kvs, request.limit);
  if (request.keysOnly && sortsValues) for (const kv of kvs) kv.value = EMPTY_BYTES;
  return { kvs, more, count, revision: view.revision };
}

/**
 * The same with every pair as its encoded mvccpb.KeyValue, the caller's own bytes. A plain Range copies what is stored
 * and decodes nothing.
 *
 * @throws EtcdError compacted, futureRevision
 */
export function executeRangeEncoded(view: RangeView, request: RangeRequest): RangeOutcome<Uint8Array> {
  if (request.countOnly) return countOnly(view, request);
  if (request.keysOnly || hasFilter(request) || directionOf(request) !== 0) {
    const outcome = executeRange(view, request);
    return { ...outcome, kvs: outcome.kvs.map(encodeKeyValue) };
  }
  const { kvs, count } = view.rangeEncoded(queryOf(request));
  const more = cut(kvs, request.limit);
  return { kvs, more, count, revision: view.revision };
}

function countOnly(view: RangeView, request: RangeRequest): RangeOutcome<never> {
  return { kvs: [], more: false, count: view.count(queryOf(request)), revision: view.revision };
}

/**
 * What to read. One pair more than the limit tells whether there is more. With filters or another order than that of the
 * keys, everything: the cut comes last. But when only a target was named and no order, what is sorted is what is read.
 */
function queryOf(request: RangeRequest, ahead: PairsAhead | null = null): RangeQuery {
  const { key, rangeEnd, revision, limit, sortOrder } = request;
  const isSorted = sortOrder !== RangeRequest_SortOrder.NONE && directionOf(request) !== 0;
  const readsAll = limit <= 0 || isSorted || hasFilter(request);
  return { key, rangeEnd, revision, limit: readsAll ? 0 : limit + 1, ahead };
}

function hasFilter(request: RangeRequest): boolean {
  return (
    request.minModRevision !== 0 ||
    request.maxModRevision !== 0 ||
    request.minCreateRevision !== 0 ||
    request.maxCreateRevision !== 0
  );
}

function filtered(kvs: KeyValue[], request: RangeRequest): KeyValue[] {
  if (!hasFilter(request)) return kvs;
  const { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } = request;
  return kvs.filter(
    ({ modRevision, createRevision }) =>
      (maxModRevision === 0 || modRevision <= maxModRevision) &&
      (minModRevision === 0 || modRevision >= minModRevision) &&
      (maxCreateRevision === 0 || createRevision <= maxCreateRevision) &&
      (minCreateRevision === 0 || createRevision >= minCreateRevision),
  );
}

function sorted(kvs: KeyValue[], request: RangeRequest): KeyValue[] {
  const direction = directionOf(request);
  if (direction === 0) return kvs;
  const compare = comparatorOf(request.sortTarget);
  return kvs.sort((a, b) => direction * compare(a, b));
}

/** 1 ascending, -1 descending, 0: as it was read, ascending by key. */
function directionOf({ sortOrder, sortTarget }: RangeRequest): number {
  if (sortOrder === RangeRequest_SortOrder.DESCEND) return -1;
  return sortTarget === RangeRequest_SortTarget.KEY ? 0 : 1;
}

function comparatorOf(target: RangeRequest_SortTarget): (a: KeyValue, b: KeyValue) => number {
  switch (target) {
    case RangeRequest_SortTarget.VERSION:
      return (a, b) => a.version - b.version;
    case RangeRequest_SortTarget.CREATE:
      return (a, b) => a.createRevision - b.createRevision;
    case RangeRequest_SortTarget.MOD:
      return (a, b) => a.modRevision - b.modRevision;
    case RangeRequest_SortTarget.VALUE:
      return (a, b) => Buffer.compare(a.value, b.value);
    default:
      return (a, b) => Buffer.compare(a.key, b.key);
  }
}

/** Cuts what is above the limit, and says whether there was any. */
function cut(kvs: unknown[], limit: number): boolean {
  if (limit <= 0 || kvs.length <= limit) return false;
  kvs.length = limit;
  return true;
}

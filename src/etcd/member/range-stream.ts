import { EtcdError } from "../errors.ts";
import { executeRange } from "../mvcc/range.ts";
import type { PairsAhead } from "../mvcc/pairs-ahead.ts";
import type { RangeQuery, RangeView } from "../mvcc/range-view.ts";
import {
  newRangeResponse,
  type RangeRequest,
  RangeRequest_SortOrder,
  type RangeResponse,
  type ResponseHeader,
} from "../wire/etcdserverpb.ts";

const FIRST_CHUNK_KEYS = 10;
/** However small they are. What is read in one go within a process should be garbage before it is old. */
const CHUNK_KEYS_MAX = FIRST_CHUNK_KEYS * 2 ** 7;
/** About what the numbers of a pair take in a message. */
const NUMBERS_BYTES = 16;

/** What can be read in pieces. */
export interface StreamedView extends RangeView {
  readAhead(query: RangeQuery): PairsAhead | null;
}

/** @throws EtcdError rangeStreamSort, rangeStreamFilter: what a stream cannot do without reading everything first */
export function checkRangeStream(request: RangeRequest): void {
  const { sortOrder, sortTarget, minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } = request;
  if (sortOrder !== RangeRequest_SortOrder.NONE || sortTarget !== 0) throw new EtcdError("rangeStreamSort");
  if (minModRevision !== 0 || maxModRevision !== 0 || minCreateRevision !== 0 || maxCreateRevision !== 0) {
    throw new EtcdError("rangeStreamFilter");
  }
}

/**
 * A range in chunks that are all read at the first one's revision; header, more and count stand in the last one only
 * (etcd 3.7). The number of keys in a chunk doubles or halves to keep its size near `chunkBytes`.
 */
export function* rangeInChunks(
  view: StreamedView,
  request: RangeRequest,
  chunkBytes: number,
  header: (revision: number) => ResponseHeader,
): Generator<RangeResponse> {
  const isWhole = request.countOnly || request.rangeEnd.length === 0;
  const revision = request.revision > 0 ? request.revision : view.revision;
  let next = request.key;
  let remaining = request.limit > 0 ? request.limit : Number.POSITIVE_INFINITY;
  let chunkKeys = isWhole ? 0 : FIRST_CHUNK_KEYS;
  let count = -1;
  // Whether the rest of the range may be worth to be read ahead.
  let mayReadAhead = !isWhole && !request.keysOnly && request.limit <= 0;
  let ahead: PairsAhead | null = null;
  for (;;) {
    if (mayReadAhead && ahead?.isUsedUp !== false) {
      ahead = view.readAhead({ ...request, key: next, revision });
      mayReadAhead = ahead !== null;
    }
    const limit = isWhole ? request.limit : Math.min(chunkKeys, remaining);
    const chunk = executeRange(view, { ...request, key: next, revision, limit }, ahead);
    // Counted once, over the whole range, and at the pinned revision.
    if (count < 0) count = chunk.count;
    remaining -= chunk.kvs.length;
    if (isWhole || !chunk.more || remaining <= 0) {
      yield newRangeResponse({ header: header(view.revision), kvs: chunk.kvs, more: chunk.more, count });
      return;
    }
    yield newRangeResponse({ kvs: chunk.kvs });
    const bytes = chunk.kvs.reduce((sum, { key, value }) => sum + key.length + value.length + NUMBERS_BYTES, 0);
    if (bytes * 2 <= chunkBytes && chunkKeys < CHUNK_KEYS_MAX) chunkKeys *= 2;
    else if (bytes > chunkBytes && chunkKeys > 1) chunkKeys >>= 1;
    const last = chunk.kvs[chunk.kvs.length - 1]!.key;
    next = Buffer.concat([last, Buffer.of(0)]);
  }
}

import { EtcdError } from "../errors.ts";
import { executeRange } from "../mvcc/range.ts";
import type { RangeView } from "../mvcc/range-view.ts";
import { encodeKeyValue } from "../wire/mvccpb.ts";
import {
  newRangeResponse,
  type RangeRequest,
  RangeRequest_SortOrder,
  type RangeResponse,
  type ResponseHeader,
} from "../wire/etcdserverpb.ts";

const FIRST_CHUNK_KEYS = 10;

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
  view: RangeView,
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
  for (;;) {
    const limit = isWhole ? request.limit : Math.min(chunkKeys, remaining);
    const chunk = executeRange(view, { ...request, key: next, revision, limit });
    // Counted once, over the whole range, and at the pinned revision.
    if (count < 0) count = chunk.count;
    remaining -= chunk.kvs.length;
    if (isWhole || !chunk.more || remaining <= 0) {
      yield newRangeResponse({ header: header(view.revision), kvs: chunk.kvs, more: chunk.more, count });
      return;
    }
    yield newRangeResponse({ kvs: chunk.kvs });
    const bytes = chunk.kvs.reduce((sum, kv) => sum + encodeKeyValue(kv).length, 0);
    if (bytes * 2 <= chunkBytes) chunkKeys *= 2;
    else if (bytes > chunkBytes && chunkKeys > 1) chunkKeys >>= 1;
    const last = chunk.kvs[chunk.kvs.length - 1]!.key;
    next = Buffer.concat([last, Buffer.of(0)]);
  }
}

/** RangeStream for servers that do not have it: ordinary Ranges, page by page, all at the revision of the first. */
import { EtcdError } from "../errors.ts";
import {
  newRangeResponse,
  RangeRequest_SortOrder,
  RangeRequest_SortTarget,
  type RangeRequest,
  type RangeResponse,
} from "../wire/etcdserverpb.ts";
import type { KeyValue } from "../wire/mvccpb.ts";
import { keyAfter } from "./key-range.ts";

const FIRST_PAGE_KEYS = 1_000;
/** etcd counts the rest of the range anew for every page, so that many small ones of a large range are dear. */
const PAGE_KEYS_MAX = 16_000;
/** A page below half of it may be followed by one of twice the keys. */
const PAGE_BYTES = 2 * 1024 * 1024;

/**
 * The shape of etcd 3.7's RangeStream: chunks pinned to one revision; header, more and count in the last one only. What
 * RangeStream refuses is refused here too, so that a caller sees no difference.
 */
export async function* pagedRange(
  request: RangeRequest,
  range: (page: RangeRequest) => Promise<RangeResponse>,
): AsyncGenerator<RangeResponse, void, undefined> {
  if (request.sortOrder !== RangeRequest_SortOrder.NONE || request.sortTarget !== RangeRequest_SortTarget.KEY) {
    throw new EtcdError("rangeStreamSort");
  }
  if (request.minModRevision || request.maxModRevision || request.minCreateRevision || request.maxCreateRevision) {
    throw new EtcdError("rangeStreamFilter");
  }
  if (request.countOnly || request.rangeEnd.length === 0) {
    yield await range(request);
    return;
  }
  const limit = request.limit > 0 ? request.limit : Infinity;
  let pageKeys = FIRST_PAGE_KEYS;
  let page: RangeRequest = { ...request, limit: Math.min(limit, pageKeys) };
  const first = await range(page);
  let response = first;
  let left = limit - first.kvs.length;
  while (response.more && left > 0) {
    yield newRangeResponse({ kvs: response.kvs });
    pageKeys = nextPageKeys(pageKeys, response.kvs);
    page = {
      ...page,
      key: keyAfter(response.kvs.at(-1)!.key),
      limit: Math.min(left, pageKeys),
      revision: request.revision > 0 ? request.revision : first.header!.revision,
      // The next page may come from another member, which must have reached the revision first.
      serializable: false,
    };
    response = await range(page);
    left -= response.kvs.length;
  }
  yield newRangeResponse({ header: first.header, kvs: response.kvs, more: response.more, count: first.count });
}

function nextPageKeys(keys: number, kvs: readonly KeyValue[]): number {
  const bytes = kvs.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
  if (2 * bytes <= PAGE_BYTES) return Math.min(2 * keys, PAGE_KEYS_MAX);
  return bytes > PAGE_BYTES ? Math.max(keys >>> 1, 1) : keys;
}

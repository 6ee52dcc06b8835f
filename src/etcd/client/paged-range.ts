/** RangeStream for servers that do not have it: ordinary Ranges, page by page, all at the revision of the first. */
import { EtcdError } from "../errors.ts";
import {
  newRangeResponse,
  RangeRequest_SortOrder,
  RangeRequest_SortTarget,
  type RangeRequest,
  type RangeResponse,
} from "../wire/etcdserverpb.ts";
import { keyAfter } from "./key-range.ts";

const PAGE_KEYS_MAX = 1_000;

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
  let page: RangeRequest = { ...request, limit: Math.min(limit, PAGE_KEYS_MAX) };
  const first = await range(page);
  let response = first;
  let left = limit - first.kvs.length;
  while (response.more && left > 0) {
    yield newRangeResponse({ kvs: response.kvs });
    page = {
      ...page,
      key: keyAfter(response.kvs.at(-1)!.key),
      limit: Math.min(left, PAGE_KEYS_MAX),
      revision: request.revision > 0 ? request.revision : first.header!.revision,
      // The next page may come from another member, which must have reached the revision first.
      serializable: false,
    };
    response = await range(page);
    left -= response.kvs.length;
  }
  yield newRangeResponse({ header: first.header, kvs: response.kvs, more: response.more, count: first.count });
}

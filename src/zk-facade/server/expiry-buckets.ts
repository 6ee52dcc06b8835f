/**
 * What expires, in the buckets in which ZooKeeper lists it: it looks once a tick, so all that ends within a tick is listed
 * under the tick's end. Here each ends at its own millisecond, so a bucket says when all of it will have ended.
 */
export function expiryBuckets<Item>(
  items: Iterable<Item>,
  expiresMsOf: (item: Item) => number,
  tickTimeMs: number,
): readonly (readonly [endMs: number, items: readonly Item[]])[] {
  const buckets = new Map<number, Item[]>();
  for (const item of items) {
    const endMs = (Math.floor(expiresMsOf(item) / tickTimeMs) + 1) * tickTimeMs;
    const bucket = buckets.get(endMs);
    if (bucket === undefined) buckets.set(endMs, [item]);
    else bucket.push(item);
  }
  return [...buckets].sort(([left], [right]) => left - right);
}

/** Key ranges as etcd's clients write them: `[key, rangeEnd)`, with `\0` as the end of everything. */

/** The range end that means "and all keys above". */
export const FROM_KEY_END: Uint8Array = Uint8Array.of(0);

/** The range end that makes `[prefix, end)` all keys with the prefix. */
export function prefixEnd(prefix: Uint8Array): Uint8Array {
  for (let length = prefix.length; length > 0; length--) {
    const last = prefix[length - 1]!;
    if (last === 0xff) continue;
    const end = Uint8Array.from(prefix.subarray(0, length));
    end[length - 1] = last + 1;
    return end;
  }
  return FROM_KEY_END;
}

/** The smallest key above `key`. */
export function keyAfter(key: Uint8Array): Uint8Array {
  const after = new Uint8Array(key.length + 1);
  after.set(key);
  return after;
}

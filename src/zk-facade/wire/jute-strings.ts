/**
 * Strings as ZooKeeper writes them: each UTF-16 unit by itself. For all but characters past U+FFFF this is UTF-8; those
 * become two sequences of three bytes. No path can hold them, but the id of an ACL can.
 */

/** How many bytes a string takes, its length prefix not counted. */
export function stringBytes(value: string): number {
  let bytes = value.length;
  for (let index = 0; index < value.length; index += 1) {
    const unit = value.charCodeAt(index);
    if (unit > 0x7f) bytes += unit > 0x7ff ? 2 : 1;
  }
  return bytes;
}

/** Writes a string without its length prefix and returns where it ends, or would end: past the target nothing is written. */
export function putString(target: Uint8Array, start: number, value: string): number {
  let at = start;
  for (let index = 0; index < value.length; index += 1) {
    const unit = value.charCodeAt(index);
    if (unit <= 0x7f) {
      target[at++] = unit;
    } else if (unit <= 0x7ff) {
      target[at++] = 0xc0 | (unit >> 6);
      target[at++] = 0x80 | (unit & 0x3f);
    } else {
      target[at++] = 0xe0 | (unit >> 12);
      target[at++] = 0x80 | ((unit >> 6) & 0x3f);
      target[at++] = 0x80 | (unit & 0x3f);
    }
  }
  return at;
}

export function putInt(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
}

/**
 * A vector of strings, encoded once to be sent often: the children of a znode, as long as none comes or goes.
 * The body of a reply to getChildren is this and nothing else.
 */
export type EncodedStrings = Uint8Array & { readonly encodes: "strings" };

export function encodeStrings(values: readonly string[]): EncodedStrings {
  // As if all were ASCII, which names of znodes nearly always are; counted exactly only when that proves wrong.
  return (
    encodeInto(
      values,
      totalBytes(values, (value) => value.length),
    ) ?? encodeInto(values, totalBytes(values, stringBytes))!
  );
}

function totalBytes(values: readonly string[], bytesOf: (value: string) => number): number {
  let bytes = 4;
  for (const value of values) bytes += 4 + bytesOf(value);
  return bytes;
}

/** Null when the strings take more than so many bytes. */
function encodeInto(values: readonly string[], bytes: number): EncodedStrings | null {
  const encoded = new Uint8Array(bytes);
  putInt(encoded, 0, values.length);
  let at = 4;
  for (const value of values) {
    const end = putString(encoded, at + 4, value);
    putInt(encoded, at, end - at - 4);
    at = end;
  }
  return at === bytes ? (encoded as EncodedStrings) : null;
}

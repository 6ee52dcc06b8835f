/**
 * Keys as latin1 strings: one char per byte, so that `<` is byte order and a Map finds them.
 */
export function keyText(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return asBuffer(bytes).toString("latin1", start, end);
}

export function keyBytes(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

/**
 * The key of a stored mvccpb.KeyValue, without decoding the rest: most pairs of a scan interest nobody.
 *
 *   pair := 0x0a length:varint key ...        the key is field 1, is never empty, and fields stand in ascending order
 */
export function storedKey(kvBytes: Uint8Array): string {
  let at = 1;
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = kvBytes[at++] ?? 0;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return keyText(kvBytes, at, at + length);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

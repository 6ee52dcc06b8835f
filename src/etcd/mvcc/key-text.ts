/** Node's own short cut past `toString`, which its types leave out. */
interface Latin1 {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
}

const { latin1Slice } = Buffer.prototype as unknown as Latin1;

/** A key as a latin1 string: one char per byte, so that `<` is byte order and a Map finds it. */
export function keyText(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return latin1Slice.call(bytes, start, end);
}

/** The bytes of a key that is held as text; a fresh array, the caller's own. */
export function keyBytes(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

/** The single zero byte that says, as range_end: up to the last key there is. */
export function isOpenEnd(rangeEnd: Uint8Array): boolean {
  return rangeEnd.length === 1 && rangeEnd[0] === 0;
}

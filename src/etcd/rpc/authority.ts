/**
 * Clients of etcd 3.4 and older send maintenance calls with the endpoint's URL as `:authority`:
 *
 *   :authority = http://127.0.0.1:2379        RFC 9113, 8.3.1 wants 127.0.0.1:2379
 *
 * Go's server does not mind. node:http2 refuses the stream before anybody is asked, and has no option for that. Nothing
 * here reads the authority, so the slashes become dashes, which node:http2 takes. A dash has as many bits as a slash in
 * HPACK's Huffman code, so nothing moves.
 */

const AUTHORITY_INDEX = 1; // in HPACK's static table (RFC 7541, appendix A)

/** RFC 7541, appendix B: the letters of the two schemes, and the dash. */
const huffmanCodes: Readonly<Record<string, string>> = {
  "-": "010110",
  "/": "011000",
  ":": "1011100",
  h: "100111",
  p: "101011",
  s: "01000",
  t: "01001",
};
const schemes = ["http://", "https://"].map((scheme) => ({
  bits: huffmanBits(scheme),
  mendedBits: huffmanBits(scheme.replaceAll("/", "-")),
}));

/** Mends the authority, in place, in the first header block of a connection. What is malformed is left for others. */
export function mendAuthority(block: Buffer): void {
  // field := indexed | size-update | literal       the first bits tell which; literal := index [name] value
  const reader = new HpackReader(block);
  while (!reader.isAtEnd) {
    const first = block[reader.offset]!;
    if ((first & 0x80) !== 0) reader.integer(7);
    else if ((first & 0xe0) === 0x20) reader.integer(5);
    else {
      const index = reader.integer((first & 0x40) !== 0 ? 6 : 4);
      if (index === 0) reader.string();
      const value = reader.string();
      if (index === AUTHORITY_INDEX) {
        mend(value.bytes, value.isHuffman);
        return;
      }
    }
  }
}

function mend(value: Buffer, isHuffman: boolean): void {
  if (!isHuffman) {
    for (let at = value.indexOf("/"); at >= 0; at = value.indexOf("/", at)) value.write("-", at);
    return;
  }
  const bits = bitsOf(value);
  const scheme = schemes.find((one) => bits.startsWith(one.bits));
  if (scheme === undefined) return;
  const mended = scheme.mendedBits + bits.slice(scheme.mendedBits.length);
  for (let i = 0; i < value.length; i++) value[i] = Number.parseInt(mended.slice(8 * i, 8 * i + 8), 2);
}

/** HPACK's two primitives (RFC 7541, 5). Past the end they read nothing, and the reader is at its end. */
class HpackReader {
  offset = 0;
  readonly #block: Buffer;

  constructor(block: Buffer) {
    this.#block = block;
  }

  get isAtEnd(): boolean {
    return this.offset >= this.#block.length;
  }

  integer(prefixBits: number): number {
    const max = 2 ** prefixBits - 1;
    let value = (this.#block[this.offset++] ?? 0) & max;
    if (value < max) return value;
    for (let factor = 1; !this.isAtEnd; factor *= 128) {
      const byte = this.#block[this.offset++]!;
      value += (byte & 0x7f) * factor;
      if ((byte & 0x80) === 0) break;
    }
    return value;
  }

  string(): { readonly bytes: Buffer; readonly isHuffman: boolean } {
    const isHuffman = ((this.#block[this.offset] ?? 0) & 0x80) !== 0;
    const length = this.integer(7);
    const bytes = this.#block.subarray(this.offset, this.offset + length);
    this.offset += length;
    return { bytes, isHuffman };
  }
}

function huffmanBits(text: string): string {
  return Array.from(text, (letter) => huffmanCodes[letter]).join("");
}

function bitsOf(bytes: Buffer): string {
  return Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
}

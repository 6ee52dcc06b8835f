/**
 * Strings as Go quotes them (`%q`, strconv.Quote), read and written. Keys and values are bytes, so both sides here are
 * bytes: what is no UTF-8 is written as `\xNN`.
 */

/** `"foo\x00é"` with the quotes. */
export function quote(bytes: Uint8Array): string {
  let quoted = '"';
  for (let at = 0; at < bytes.length;) {
    const length = runeLength(bytes, at);
    if (length === 0) {
      quoted += hex(bytes[at]!);
      at++;
      continue;
    }
    quoted += quoteRune(Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString("utf8"));
    at += length;
  }
  return `${quoted}"`;
}

/** The same for text. */
export function quoteText(text: string): string {
  return quote(Buffer.from(text));
}

export interface Quoted {
  readonly bytes: Uint8Array;
  /** Where the text goes on behind the closing quote. */
  readonly end: number;
}

/**
 * Reads a quoted string, in double quotes with escapes or in backquotes without, that starts at `from` in `text`; each
 * character of `text` stands for one byte. Undefined: there is none, or it does not end, or an escape is wrong.
 */
export function unquote(text: string, from: number): Quoted | undefined {
  if (text[from] === "`") {
    const end = text.indexOf("`", from + 1);
    return end < 0 ? undefined : { bytes: Buffer.from(text.slice(from + 1, end), "latin1"), end: end + 1 };
  }
  if (text[from] !== '"') return undefined;
  const parts: Uint8Array[] = [];
  for (let at = from + 1; at < text.length;) {
    const character = text[at]!;
    if (character === '"') return { bytes: Buffer.concat(parts), end: at + 1 };
    if (character === "\n") return undefined;
    if (character !== "\\") {
      parts.push(Buffer.from(character, "latin1"));
      at++;
      continue;
    }
    const escape = readEscape(text, at + 1);
    if (!escape) return undefined;
    parts.push(escape.bytes);
    at = escape.end;
  }
  return undefined;
}

const simpleEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  "\\": 92,
  '"': 34,
};

/** Reads what stands behind a backslash. */
function readEscape(text: string, at: number): Quoted | undefined {
  const simple = simpleEscapes[text[at] ?? ""];
  if (simple !== undefined) return { bytes: Uint8Array.of(simple), end: at + 1 };
  const match = /^(?:x([\da-fA-F]{2})|([0-7]{3})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))/.exec(text.slice(at, at + 9));
  if (!match) return undefined;
  const [whole, hexByte, octalByte, short, long] = match;
  const end = at + whole.length;
  const byte = hexByte !== undefined ? parseInt(hexByte, 16) : octalByte !== undefined ? parseInt(octalByte, 8) : -1;
  if (byte >= 0) return byte > 255 ? undefined : { bytes: Uint8Array.of(byte), end };
  const rune = parseInt((short ?? long)!, 16);
  if (rune > 0x10ffff || (rune >= 0xd800 && rune < 0xe000)) return undefined;
  return { bytes: Buffer.from(String.fromCodePoint(rune)), end };
}

const runeEscapes: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

/** Go's idea of printable: letters, marks, numbers, punctuation, symbols, and of all spaces the ASCII one. */
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

function quoteRune(rune: string): string {
  const escape = runeEscapes[rune];
  if (escape !== undefined) return escape;
  if (printable.test(rune)) return rune;
  const code = rune.codePointAt(0)!;
  if (code < 0x80) return hex(code);
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}

/** How many bytes the UTF-8 rune at `at` has; 0 if there is none (cut short, overlong, a surrogate, too large). */
function runeLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length =
    first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  for (let i = 1; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 0;
  const second = bytes[at + 1]!;
  if (first === 0xe0 && second < 0xa0) return 0;
  if (first === 0xed && second >= 0xa0) return 0;
  if (first === 0xf0 && second < 0x90) return 0;
  if (first === 0xf4 && second >= 0x90) return 0;
  return length;
}

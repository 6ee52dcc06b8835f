/**
 * Finds where a JSON value ends and that it is one. The gateway of etcd lets Go's encoding/json do this before protobuf's
 * mapping looks at the content, so the words for what is wrong are encoding/json's.
 */

/** The text is not JSON, or not the JSON of the message it should be. */
export class JsonError extends Error {
  override readonly name = "JsonError";
}

/** As in Go: what is nested deeper is refused. */
const NESTING_MAX = 10_000;

/** All but the quote, the backslash and control characters. */
const STRING_CONTENT = /[ !#-[\]-\uffff]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\r\n]*/y;

/** The position of the first character that is not white space, from `pos` on. */
export function skipSpace(text: string, pos: number): number {
  SPACE.lastIndex = pos;
  SPACE.test(text);
  return SPACE.lastIndex;
}

/**
 * The position behind the value that starts at `start`. What follows is not looked at, but for one thing: a number
 * must end there.
 * @throws JsonError
 */
export function scanValue(text: string, start: number): number {
  // The brackets that are open, innermost last: an object is at a key or, behind one, at a value.
  const open: ("{" | "[")[] = [];
  let pos = skipSpace(text, start);
  for (;;) {
    // Here a value begins.
    const first = text[pos];
    if (first === "{" || first === "[") {
      if (open.length >= NESTING_MAX) throw new JsonError("exceeded max depth");
      pos = skipSpace(text, pos + 1);
      if (text[pos] !== (first === "{" ? "}" : "]")) {
        open.push(first);
        if (first === "{") pos = scanKey(text, pos, "looking for beginning of object key string");
        continue;
      }
      pos++;
    } else {
      pos = scanLeaf(text, pos);
    }
    // Here a value has ended: close what it closes.
    for (;;) {
      const inside = open.at(-1);
      if (inside === undefined) return pos;
      pos = skipSpace(text, pos);
      const next = text[pos];
      if (next === ",") {
        pos = skipSpace(text, pos + 1);
        if (inside === "{") pos = scanKey(text, pos, "looking for beginning of object key string");
        break;
      }
      if (next !== (inside === "{" ? "}" : "]")) {
        throw unexpected(text, pos, inside === "{" ? "after object key:value pair" : "after array element");
      }
      open.pop();
      pos++;
    }
  }
}

/** A key and its colon; returns where its value begins. */
function scanKey(text: string, pos: number, where: string): number {
  if (text[pos] !== '"') throw unexpected(text, pos, where);
  const colon = skipSpace(text, scanString(text, pos));
  if (text[colon] !== ":") throw unexpected(text, colon, "after object key");
  return skipSpace(text, colon + 1);
}

function scanLeaf(text: string, pos: number): number {
  const first = text[pos];
  switch (first) {
    case '"':
      return scanString(text, pos);
    case "t":
      return scanLiteral(text, pos, "true");
    case "f":
      return scanLiteral(text, pos, "false");
    case "n":
      return scanLiteral(text, pos, "null");
    default:
      if (first !== undefined && /[-0-9]/.test(first)) return scanNumber(text, pos);
      throw unexpected(text, pos, "looking for beginning of value");
  }
}

function scanString(text: string, start: number): number {
  let pos = start + 1;
  for (;;) {
    STRING_CONTENT.lastIndex = pos;
    STRING_CONTENT.test(text);
    pos = STRING_CONTENT.lastIndex;
    const next = text[pos];
    if (next === '"') return pos + 1;
    if (next !== "\\") throw unexpected(text, pos, "in string literal");
    const escape = text[pos + 1];
    pos += 2;
    if (escape === "u") {
      for (const end = pos + 4; pos < end; pos++) {
        if (!/[0-9a-fA-F]/.test(text[pos] ?? "")) throw unexpected(text, pos, "in \\u hexadecimal character escape");
      }
    } else if (escape === undefined || !'"\\/bfnrt'.includes(escape)) {
      throw unexpected(text, pos - 1, "in string escape code");
    }
  }
}

function scanLiteral(text: string, start: number, word: string): number {
  for (let i = 1; i < word.length; i++) {
    if (text[start + i] !== word[i]) throw unexpected(text, start + i, `in literal ${word} (expecting '${word[i]!}')`);
  }
  return start + word.length;
}

function scanNumber(text: string, start: number): number {
  NUMBER.lastIndex = start;
  if (!NUMBER.test(text)) throw unexpected(text, start + 1, "in numeric literal");
  const pos = NUMBER.lastIndex;
  // A number that goes on where it may not: "1." and "1e" are cut short, "01" is two values.
  const next = text[pos];
  const matched = text.slice(start, pos);
  if (next === "." && !/[.eE]/.test(matched)) throw unexpected(text, pos + 1, "after decimal point in numeric literal");
  if ((next === "e" || next === "E") && !/[eE]/.test(matched)) {
    const sign = text[pos + 1];
    throw unexpected(text, sign === "+" || sign === "-" ? pos + 2 : pos + 1, "in exponent of numeric literal");
  }
  return pos;
}

function unexpected(text: string, pos: number, where: string): JsonError {
  const point = text.codePointAt(pos);
  if (point === undefined) return new JsonError("unexpected EOF");
  return new JsonError(`invalid character ${quoteCharacter(point)} ${where}`);
}

/** As Go's encoding/json shows the first byte of what it could not use. */
function quoteCharacter(point: number): string {
  if (point === 0x27) return "'\\''";
  if (point === 0x22) return "'\"'";
  // It works on bytes: of a character outside ASCII it sees the first byte of its UTF-8 form.
  const byte = Buffer.from(String.fromCodePoint(point))[0]!;
  const named: Readonly<Record<number, string>> = {
    7: "a",
    8: "b",
    9: "t",
    10: "n",
    11: "v",
    12: "f",
    13: "r",
    92: "\\",
  };
  const name = named[byte];
  if (name !== undefined) return `'\\${name}'`;
  if (byte < 0x20 || byte === 0x7f) return `'\\x${byte.toString(16).padStart(2, "0")}'`;
  if (byte < 0x80) return `'${String.fromCharCode(byte)}'`;
  return byte < 0xa0 ? `'\\u${byte.toString(16).padStart(4, "0")}'` : `'${String.fromCharCode(byte)}'`;
}

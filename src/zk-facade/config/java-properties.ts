/** One setting of a properties file. */
export interface Property {
  readonly key: string;
  readonly value: string;
  /** Of its first line, from 1. */
  readonly line: number;
}

/** The one thing that is wrong in a properties file: an escape that names no character. */
export class PropertySyntaxError extends Error {
  override readonly name = "PropertySyntaxError";
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/**
 * Reads what Java calls a properties file, in the order of its lines; a key may come twice.
 *
 *   file    := line*                     # and ! begin comments
 *   line    := key separator value       a backslash at the end of a line continues it on the next
 *   separator := blanks | blanks ("=" | ":") blanks
 *   escape  := "\" ("t" | "n" | "f" | "r" | "u" hex{4} | any other character, for itself)
 *
 * A key without a separator has an empty value. Throws {@link PropertySyntaxError}.
 */
export function parseProperties(text: string): readonly Property[] {
  return [...logicalLines(text)].map(({ content, line }) => {
    const end = keyEnd(content);
    const separator = /^[ \t\f]*[=:]?[ \t\f]*/.exec(content.slice(end))![0];
    return {
      key: unescape(content.slice(0, end), line),
      value: unescape(content.slice(end + separator.length), line),
      line,
    };
  });
}

interface LogicalLine {
  readonly content: string;
  readonly line: number;
}

/** Joins continued lines; leading blanks of each of them do not count. A comment cannot be continued. */
function* logicalLines(text: string): Generator<LogicalLine> {
  let pending: LogicalLine | null = null;
  let line = 0;
  for (const natural of text.split(/\r\n|\r|\n/)) {
    line += 1;
    const content = natural.replace(/^[ \t\f]+/, "");
    if (pending === null && (content === "" || /^[#!]/.test(content))) continue;
    const joined: LogicalLine = { content: (pending?.content ?? "") + content, line: pending?.line ?? line };
    if (isContinued(content)) {
      pending = { ...joined, content: joined.content.slice(0, -1) };
    } else {
      yield joined;
      pending = null;
    }
  }
  if (pending !== null && pending.content !== "") yield pending;
}

/** An even number of backslashes are escaped ones. */
function isContinued(content: string): boolean {
  return /\\*$/.exec(content)![0].length % 2 === 1;
}

function keyEnd(content: string): number {
  for (let at = 0; at < content.length; at++) {
    if (content[at] === "\\") at += 1;
    else if (/[=: \t\f]/.test(content[at]!)) return at;
  }
  return content.length;
}

function unescape(text: string, line: number): string {
  const letters: Readonly<Record<string, string>> = { t: "\t", n: "\n", f: "\f", r: "\r" };
  return text.replace(/\\(u[\dA-Fa-f]{4}|.|$)/gs, (_, escaped: string) => {
    if (escaped.length === 5) return String.fromCharCode(parseInt(escaped.slice(1), 16));
    if (escaped === "u") throw new PropertySyntaxError("\\u must be followed by four hex digits", line);
    return letters[escaped] ?? escaped;
  });
}

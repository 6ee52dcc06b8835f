/**
 * The language of `txn`:
 *
 *   txn      := compares blank requests blank requests blank        conditions, if true, if false
 *   compares := { target "(" quoted ")" operator quoted line end }
 *   target   := ver | version | c | create | m | mod | val | value | lease
 *   operator := = | != | < | >
 *   requests := { (put | get | del) words line end }                as on the command line
 *
 * Each character of a line is one byte; quoted strings have Go's escapes.
 */
import {
  Compare_CompareResult,
  Compare_CompareTarget,
  newCompare,
  type Compare,
  type Compare_TargetUnion,
} from "../wire/etcdserverpb.ts";
import { CtlError, exitCode } from "./exit.ts";
import { unquote } from "./go-quote.ts";
import { GoNumberError, parseInt64, toPosition } from "./go-number.ts";

export function invalidInput(message: string): CtlError {
  return new CtlError(exitCode.invalidInput, message);
}

/** `mod("key1") > "0"` */
export function parseCompare(line: string): Compare {
  const open = line.indexOf("(");
  if (open < 0) throw invalidInput(`malformed comparison: ${line}`);
  const target = line.slice(0, open);
  const key = unquote(line, skipSpaces(line, open + 1));
  const operator = key && /^\)\s*(\S+)\s+/.exec(line.slice(key.end));
  const value = operator && unquote(line, key.end + operator[0].length);
  if (!value) throw invalidInput(`malformed comparison: ${line}`);
  const union = targetUnion(target, value.bytes, line);
  const result = results[operator[1]!];
  if (result === undefined) throw invalidInput(`malformed comparison: ${line} (unknown operator ${operator[1]!})`);
  return newCompare({ result, target: targets[union.case], key: key.bytes, targetUnion: union });
}

const results: Readonly<Record<string, Compare_CompareResult>> = {
  "=": Compare_CompareResult.EQUAL,
  "!=": Compare_CompareResult.NOT_EQUAL,
  ">": Compare_CompareResult.GREATER,
  "<": Compare_CompareResult.LESS,
};

const targets: Readonly<Record<Compare_TargetUnion["case"], Compare_CompareTarget>> = {
  version: Compare_CompareTarget.VERSION,
  createRevision: Compare_CompareTarget.CREATE,
  modRevision: Compare_CompareTarget.MOD,
  value: Compare_CompareTarget.VALUE,
  lease: Compare_CompareTarget.LEASE,
};

function targetUnion(target: string, value: Uint8Array, line: string): Compare_TargetUnion {
  const integer = (base: 10 | 16): bigint => {
    try {
      return parseInt64(Buffer.from(value).toString("latin1"), base);
    } catch (error) {
      if (!(error instanceof GoNumberError)) throw error;
      throw invalidInput(`invalid txn compare request: ${line}`);
    }
  };
  switch (target) {
    case "ver":
    case "version":
      return { case: "version", value: toPosition(integer(10)) };
    case "c":
    case "create":
      return { case: "createRevision", value: toPosition(integer(10)) };
    case "m":
    case "mod":
      return { case: "modRevision", value: toPosition(integer(10)) };
    case "val":
    case "value":
      return { case: "value", value };
    case "lease":
      return { case: "lease", value: integer(16) };
    default:
      throw invalidInput(`malformed comparison: ${line} (unknown target ${target})`);
  }
}

/** A line's words, as a shell would see them: bare, 'raw' or "with escapes". Characters of a word are bytes. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  for (let at = skipSpaces(line, 0); at < line.length; at = skipSpaces(line, at)) {
    const word = readWord(line, at);
    words.push(word.text);
    at = word.end;
  }
  return words;
}

function readWord(line: string, at: number): { readonly text: string; readonly end: number } {
  if (line[at] === '"') {
    const quoted = unquote(line, at);
    if (!quoted) throw invalidInput(`unterminated or malformed quoted string: ${line.slice(at)}`);
    return { text: Buffer.from(quoted.bytes).toString("latin1"), end: quoted.end };
  }
  if (line[at] === "'") {
    const end = line.indexOf("'", at + 1);
    if (end < 0) throw invalidInput(`unterminated quoted string: ${line.slice(at)}`);
    return { text: line.slice(at + 1, end), end: end + 1 };
  }
  const bare = /^\S+/.exec(line.slice(at))![0];
  return { text: bare, end: at + bare.length };
}

function skipSpaces(line: string, from: number): number {
  let at = from;
  while (at < line.length && /\s/.test(line[at]!)) at++;
  return at;
}

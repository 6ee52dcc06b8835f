/** The key and range that the words and flags of get, del and watch mean. */
import { FROM_KEY_END, prefixEnd } from "../client/key-range.ts";
import { badArguments } from "./exit.ts";
import type { ArgumentEncoding } from "./put.ts";

export interface RangeFlags {
  readonly prefix?: true;
  readonly fromKey?: true;
}

export interface KeyRange {
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
}

/** The empty prefix, and "from the empty key", mean everything. */
export function keyRange([key = "", end]: readonly string[], flags: RangeFlags, encoding: ArgumentEncoding): KeyRange {
  if (flags.prefix && flags.fromKey) {
    throw badArguments("`--prefix` and `--from-key` cannot be set at the same time, choose one");
  }
  if (end !== undefined && (flags.prefix || flags.fromKey)) {
    throw badArguments("too many arguments, only accept one argument when `--prefix` or `--from-key` is set");
  }
  const bytes = Buffer.from(key, encoding);
  if (!flags.prefix && !flags.fromKey) return { key: bytes, rangeEnd: Buffer.from(end ?? "", encoding) };
  if (bytes.length === 0) return { key: Uint8Array.of(0), rangeEnd: FROM_KEY_END };
  return { key: bytes, rangeEnd: flags.prefix ? prefixEnd(bytes) : FROM_KEY_END };
}

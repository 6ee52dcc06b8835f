/** Integers as Go's strconv reads them, with its words when it cannot. */
import { parseGoInteger } from "../config/go-values.ts";

/** A text that is no such number. The message is Go's own. */
export class GoNumberError extends Error {
  override readonly name = "GoNumberError";
}

/** `strconv.ParseInt(text, base, 64)`. Base 0 takes the base from a prefix: 0x, 0o, 0b. */
export function parseInt64(text: string, base: 0 | 10 | 16): bigint {
  return parse("ParseInt", text, base, { min: -(2n ** 63n), max: 2n ** 63n - 1n });
}

/** `strconv.ParseUint(text, base, 64)`. */
export function parseUint64(text: string, base: 10 | 16): bigint {
  return parse("ParseUint", text, base, { min: 0n, max: 2n ** 64n - 1n });
}

/** An int64 as a position: past 2^53 it reads as the far future, or the far past. */
export function toPosition(value: bigint): number {
  const far = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(value > far ? far : value < -far ? -far : value);
}

function parse(caller: string, text: string, base: 0 | 10 | 16, bounds: { min: bigint; max: bigint }): bigint {
  const failure = (why: string): GoNumberError =>
    new GoNumberError(`strconv.${caller}: parsing ${JSON.stringify(text)}: ${why}`);
  if (base === 0) {
    const parsed = parseGoInteger(text, bounds);
    if (parsed.ok) return parsed.value;
    throw failure(parsed.reason === "range" ? "value out of range" : "invalid syntax");
  }
  const match = (base === 16 ? /^([+-]?)([\da-fA-F]+)$/ : /^([+-]?)(\d+)$/).exec(text);
  if (!match || (bounds.min === 0n && match[1] !== "")) throw failure("invalid syntax");
  const magnitude = BigInt(base === 16 ? `0x${match[2]!}` : match[2]!);
  const value = match[1] === "-" ? -magnitude : magnitude;
  if (value < bounds.min || value > bounds.max) throw failure("value out of range");
  return value;
}

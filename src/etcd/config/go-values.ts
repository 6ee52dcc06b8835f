/**
 * Numbers and booleans as Go's packages flag and strconv read them. Null or a reason: never a guess.
 */

/** `1 t T true TRUE True 0 f F false FALSE False`; null for all else. */
export function parseGoBoolean(text: string): boolean | null {
  if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true;
  return /^(0|f|F|false|FALSE|False)$/.test(text) ? false : null;
}

export type GoInteger =
  { readonly ok: true; readonly value: bigint } | { readonly ok: false; readonly reason: "syntax" | "range" };

/** Decimal, 0x, 0o or a leading 0, 0b, with underscores between digits; within the bounds, both included. */
export function parseGoInteger(text: string, bounds: { readonly min: bigint; readonly max: bigint }): GoInteger {
  const match = /^([+-]?)(0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])+|0|[1-9](?:_?\d)*)$/.exec(text);
  // An unsigned number takes no sign at all, not even a plus.
  if (match === null || (bounds.min >= 0n && match[1] !== "")) return { ok: false, reason: "syntax" };
  const digits = match[2]!.replaceAll("_", "").toLowerCase();
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const value = match[1] === "-" ? -magnitude : magnitude;
  return value < bounds.min || value > bounds.max ? { ok: false, reason: "range" } : { ok: true, value };
}

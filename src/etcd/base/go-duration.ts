/**
 * Durations as Go writes and reads them, which is how etcd's flags, files and logs have them.
 *
 *   duration := ["-" | "+"] ( "0" | { number unit } )      number := digits ["." digits] | "." digits
 *   unit     := "ns" | "us" | "µs" | "ms" | "s" | "m" | "h"
 *
 * Nanoseconds are a bigint: Go's int64 reaches 292 years, a double is exact for 104 days of nanoseconds only.
 * Source: the documentation of Go's package time.
 */
const nanosecondsOf: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n, // U+00B5, the micro sign
  μs: 1_000n, // U+03BC, the Greek letter
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const INT64_MAX = 2n ** 63n - 1n;

/** A text that is no Go duration. The message is Go's own. */
export class DurationError extends Error {
  override readonly name = "DurationError";
}

/** Nanoseconds. Throws {@link DurationError}. */
export function parseDuration(text: string): bigint {
  const invalid = (): DurationError => new DurationError(`time: invalid duration ${quote(text)}`);
  const negative = text.startsWith("-");
  let rest = /^[+-]/.test(text) ? text.slice(1) : text;
  if (rest === "0") return 0n;
  if (rest === "") throw invalid();

  let total = 0n;
  while (rest !== "") {
    const match = /^(\d*)(?:\.(\d*))?([^\d.]*)/.exec(rest)!;
    const [whole, digits = "", fraction = "", unitName = ""] = match;
    if (digits === "" && fraction === "") throw invalid();
    if (unitName === "") throw new DurationError(`time: missing unit in duration ${quote(text)}`);
    const unit = nanosecondsOf[unitName];
    if (unit === undefined) throw new DurationError(`time: unknown unit ${quote(unitName)} in duration ${quote(text)}`);
    total += BigInt(digits === "" ? 0 : digits) * unit;
    // What is smaller than a nanosecond is cut off, as Go cuts it off.
    if (fraction !== "") total += (BigInt(fraction) * unit) / 10n ** BigInt(fraction.length);
    if (total > INT64_MAX) throw invalid();
    rest = rest.slice(whole.length);
  }
  return negative ? -total : total;
}

/** `1h2m3.5s`, `100ms`, `1.234567µs`, `0s`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds < 0n) return `-${formatDuration(-nanoseconds)}`;
  if (nanoseconds === 0n) return "0s";
  for (const unitName of ["ns", "µs", "ms"]) {
    const unit = nanosecondsOf[unitName]!;
    if (nanoseconds < unit * 1000n) return decimal(nanoseconds, unit) + unitName;
  }
  const minute = nanosecondsOf["m"]!;
  const hours = nanoseconds / nanosecondsOf["h"]!;
  const minutes = (nanoseconds / minute) % 60n;
  const seconds = `${decimal(nanoseconds % minute, nanosecondsOf["s"]!)}s`;
  if (hours > 0n) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0n ? `${minutes}m${seconds}` : seconds;
}

/** For log fields: milliseconds, fractions allowed, in Go's words. */
export function formatMilliseconds(ms: number): string {
  return formatDuration(BigInt(Math.round(ms * 1e6)));
}

/** Milliseconds with the nanoseconds as the fraction: what timers and `Config` take. */
export function toMilliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6;
}

function decimal(amount: bigint, unit: bigint): string {
  const fraction = (amount % unit).toString().padStart(unit.toString().length - 1, "0");
  const trimmed = unit === 1n ? "" : fraction.replace(/0+$/, "");
  return `${amount / unit}${trimmed === "" ? "" : `.${trimmed}`}`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}

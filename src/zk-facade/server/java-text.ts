/** Numbers and dates as Java prints them: what ZooKeeper's own output looks like. */

/** A double among whole numbers: prints as `5.0` where a whole number prints as `5`. */
export class JavaDouble {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  toString(): string {
    return formatDouble(this.value);
  }
}

/** `0.0`, `0.5969`, `1234567.0`, `1.0E7`, `5.0E-4`. */
export function formatDouble(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-3 && size < 1e7)) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [digits = "", exponent = ""] = value.toExponential().split("e");
  return `${digits.includes(".") ? digits : `${digits}.0`}E${exponent.replace("+", "")}`;
}

/** 64 bits in hex without padding, as Long.toHexString: -1 is ffffffffffffffff. */
export function formatHex(value: number | bigint): string {
  return BigInt.asUintN(64, BigInt(value)).toString(16);
}

/** `Sun Nov 22 06:52:02 UTC 2026`, in local time. */
export function formatDate(wallMs: number): string {
  const date = new Date(wallMs);
  const [weekday, month, day, year] = date.toDateString().split(" ");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(":");
  return `${weekday} ${month} ${day} ${time} ${zoneName(date)} ${year}`;
}

/** `/127.0.0.1:2181`; IPv6 in brackets. Java writes the slash where there is no host name before it. */
export function formatSocketAddress(address: string, port: number): string {
  return `/${address.includes(":") ? `[${address}]` : address}:${port}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

function zoneName(date: Date): string {
  const parts = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" }).formatToParts(date);
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? "UTC";
}

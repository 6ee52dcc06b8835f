/** Sizes for people, in powers of 1000: `20 kB`, `1.6 MB`, `7 B`. */
const units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

export function humanBytes(bytes: number): string {
  if (bytes < 10) return `${bytes} B`;
  const exponent = Math.floor(Math.log(bytes) / Math.log(1000));
  const value = Math.floor((bytes / 1000 ** exponent) * 10 + 0.5) / 10;
  return `${value < 10 ? value.toFixed(1) : roundHalfToEven(value)} ${units[exponent]!}`;
}

/** Go prints 20.5 without decimals as 20, and 21.5 as 22. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

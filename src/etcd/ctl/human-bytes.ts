/** Sizes for people, in powers of 1000: `20 kB`, `1.6 MB`, `7 B`. */
const units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

export function humanBytes(bytes: number): string {
  if (bytes < 10) return `${bytes} B`;
  const exponent = Math.floor(Math.log(bytes) / Math.log(1000));
  const value = Math.floor((bytes / 1000 ** exponent) * 10 + 0.5) / 10;
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${units[exponent]!}`;
}

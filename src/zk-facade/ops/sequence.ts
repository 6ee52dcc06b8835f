const DIGITS = 10;

/**
 * What is appended to the name of a sequential znode: how many children the parent ever had, in ten digits, the sign of a
 * negative count (of migrated data) among them.
 */
export function sequenceSuffix(creates: number): string {
  if (creates >= 0) return String(creates).padStart(DIGITS, "0");
  return `-${String(-creates).padStart(DIGITS - 1, "0")}`;
}

const millisecondsOf: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

/** Milliseconds of a `grpc-timeout` header, at most 8 digits and a unit (`5S`, `100m`). Null: malformed. */
export function parseGrpcTimeout(text: string): number | null {
  const match = /^(\d{1,8})([HMSmun])$/.exec(text);
  if (match === null) return null;
  return Number(match[1]) * millisecondsOf[match[2]!]!;
}

/** Node's timers fire at once past this. A deadline that is further away than 24 days is none. */
const TIMER_MS_MAX = 0x7fff_ffff;

/** Calls back once at the deadline. The timer does not keep the process alive. */
export function startDeadline(milliseconds: number, passed: () => void): NodeJS.Timeout | null {
  if (milliseconds > TIMER_MS_MAX) return null;
  return setTimeout(passed, Math.ceil(milliseconds)).unref();
}

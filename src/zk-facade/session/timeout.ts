/** Between these a session's timeout lies, in milliseconds. */
export interface TimeoutBounds {
  readonly minMs: number;
  readonly maxMs: number;
}

export interface TimeoutOptions {
  readonly tickMs: number;
  /** minSessionTimeout and maxSessionTimeout of zoo.cfg; -1: 2 and 20 ticks. */
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
}

export function timeoutBounds(options: TimeoutOptions): TimeoutBounds {
  const { tickMs, minSessionTimeoutMs, maxSessionTimeoutMs } = options;
  return {
    minMs: minSessionTimeoutMs === -1 ? 2 * tickMs : minSessionTimeoutMs,
    maxMs: maxSessionTimeoutMs === -1 ? 20 * tickMs : maxSessionTimeoutMs,
  };
}

/** The timeout that a client gets for the one it asks for, at each connect anew. Nothing is rounded. */
export function negotiateTimeout(requestedMs: number, { minMs, maxMs }: TimeoutBounds): number {
  return Math.min(Math.max(requestedMs, minMs), maxMs);
}

/** Time as an adapter hands it out; the pure cores get numbers, never a clock. */
export interface Clock {
  /** Monotonic milliseconds: for deadlines. Wall-clock jumps must not expire a lease. */
  nowMs(): number;
  /** Milliseconds since the Unix epoch: for ids and logs. */
  wallMs(): number;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
};

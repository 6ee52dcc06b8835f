/** The only source of chance that a core may use; handed in, so that a test can fix it. */
export interface Random {
  /** A whole number in [0, bound). */
  below(bound: number): number;
}

/** Numbers from a seed (mulberry32): the same seed gives the same numbers. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    below(bound) {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * bound);
    },
  };
}

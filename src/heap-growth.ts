import { getHeapStatistics, setFlagsFromString } from "node:v8";

/**
 * For Node's command line, where ZooKeeper's clients are served: `npm start` and `zkServer.sh start` give it. A pipelined
 * write is some six kilobytes from its request to its reply, and a thousand of them fill half of V8's usual 16 MiB, so
 * that each small collection copies them all. With this much room it finds little that lives (docs/benchmarks.md).
 */
export const YOUNG_GENERATION_FLAG = "--max-semi-space-size=32";

const LOOK_INTERVAL_MS = 1000;
const MEBIBYTE = 1024 * 1024;
const LARGE_BYTES = 256 * MEBIBYTE;
const SMALL_BYTES = 128 * MEBIBYTE;
/** How much garbage may come on top of what lives; 0 is V8's own choice, which goes up to three times as much. */
const growingPercent = { small: 0, large: 40 } as const;

/**
 * Keeps the garbage of a large store in bounds. V8 lets a heap grow to a multiple of what lives in it before it looks
 * for garbage again: good while that is little, but the index of a million keys would make hundreds of megabytes of it.
 * Measured with 1,000,000 keys put, 1000 requests in flight: 780 MiB resident before, 447 MiB after, for about one tenth
 * more processor time (docs/benchmarks.md). A small heap is left alone, so small stores pay nothing.
 *
 * Concerns the whole process, for as long as it runs.
 */
export function boundHeapGrowth(): void {
  let isLarge = false;
  const timer = setInterval(() => {
    const { used_heap_size: usedBytes } = getHeapStatistics();
    const wasLarge = isLarge;
    isLarge = usedBytes > (wasLarge ? SMALL_BYTES : LARGE_BYTES);
    if (isLarge === wasLarge) return;
    setFlagsFromString(`--heap-growing-percent=${isLarge ? growingPercent.large : growingPercent.small}`);
  }, LOOK_INTERVAL_MS);
  timer.unref();
}

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DurationError, formatDuration, formatMilliseconds, parseDuration, toMilliseconds } from "./go-duration.ts";

test("a duration is read as Go reads it", () => {
  const cases: [string, bigint][] = [
    ["0", 0n],
    ["-0", 0n],
    ["0s", 0n],
    ["5s", 5_000_000_000n],
    ["+5s", 5_000_000_000n],
    ["-1.5h", -5_400_000_000_000n],
    ["1h2m3.5s", 3_723_500_000_000n],
    ["1.234567ms", 1_234_567n],
    ["3us", 3_000n],
    ["3µs", 3_000n],
    ["3μs", 3_000n],
    [".5s", 500_000_000n],
    ["5.s", 5_000_000_000n],
    ["0.9ns", 0n],
    ["2540400h10m10s", 9_145_440_610_000_000_000n],
    ["9223372036854775807ns", 2n ** 63n - 1n],
  ];
  for (const [text, nanoseconds] of cases) assert.equal(parseDuration(text), nanoseconds, text);
});

test("what is no duration is refused in Go's words", () => {
  const cases: [string, string][] = [
    ["", 'time: invalid duration ""'],
    ["-", 'time: invalid duration "-"'],
    ["s", 'time: invalid duration "s"'],
    [".s", 'time: invalid duration ".s"'],
    ["5", 'time: missing unit in duration "5"'],
    ["1h5", 'time: missing unit in duration "1h5"'],
    ["5x", 'time: unknown unit "x" in duration "5x"'],
    ["1h 5m", 'time: unknown unit "h " in duration "1h 5m"'],
    ["9223372036854775808ns", 'time: invalid duration "9223372036854775808ns"'],
    ["2562048h", 'time: invalid duration "2562048h"'],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => parseDuration(text), new DurationError(message), text);
  }
});

test("a duration is written as Go writes it", () => {
  const cases: [bigint, string][] = [
    [0n, "0s"],
    [1n, "1ns"],
    [1_100n, "1.1µs"],
    [1_234_567n, "1.234567ms"],
    [100_000_000n, "100ms"],
    [7_000_000_000n, "7s"],
    [3_345_000_000n, "3.345s"],
    [60_000_000_000n, "1m0s"],
    [300_000_000_001n, "5m0.000000001s"],
    [7_200_000_000_000n, "2h0m0s"],
    [-90_000_000_000n, "-1m30s"],
  ];
  for (const [nanoseconds, text] of cases) assert.equal(formatDuration(nanoseconds), text);
});

test("written and read again, a duration is the same", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }), (nanoseconds) => {
      assert.equal(parseDuration(formatDuration(nanoseconds)), nanoseconds);
    }),
  );
});

test("milliseconds keep their nanoseconds", () => {
  assert.equal(formatMilliseconds(7.81094), "7.81094ms");
  assert.equal(formatMilliseconds(7000), "7s");
  assert.equal(toMilliseconds(1_500_000n), 1.5);
});

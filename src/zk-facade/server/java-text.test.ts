import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDate, formatDouble, formatHex, formatSocketAddress } from "./java-text.ts";

test("doubles print as Java prints them", () => {
  const table: readonly (readonly [number, string])[] = [
    [0, "0.0"],
    [5, "5.0"],
    [0.5969, "0.5969"],
    [-1, "-1.0"],
    [1e-3, "0.001"],
    [5e-4, "5.0E-4"],
    [1.5e-4, "1.5E-4"],
    [9_999_999, "9999999.0"],
    [1e7, "1.0E7"],
    [12_345_678.25, "1.234567825E7"],
    [NaN, "NaN"],
    [-Infinity, "-Infinity"],
  ];
  for (const [value, text] of table) assert.equal(formatDouble(value), text);
});

test("hex has 64 bits and no padding", () => {
  assert.equal(formatHex(0), "0");
  assert.equal(formatHex(-1), "ffffffffffffffff");
  assert.equal(formatHex(0x100000000), "100000000");
  assert.equal(formatHex(-0x7fffffffffffffffn), "8000000000000001");
});

test("a date is local time with the name of the zone before the year", () => {
  const date = new Date(2026, 10, 2, 6, 5, 9);
  assert.match(formatDate(date.getTime()), /^Mon Nov 02 06:05:09 \S+ 2026$/);
});

test("an IPv6 address stands in brackets", () => {
  assert.equal(formatSocketAddress("127.0.0.1", 2181), "/127.0.0.1:2181");
  assert.equal(formatSocketAddress("::1", 2181), "/[::1]:2181");
});

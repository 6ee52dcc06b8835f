import assert from "node:assert/strict";
import { test } from "node:test";
import { GoNumberError, parseInt64, parseUint64, toPosition } from "./go-number.ts";

test("integers are read as Go reads them", () => {
  assert.equal(parseInt64("-9223372036854775808", 10), -(2n ** 63n));
  assert.equal(parseInt64("694d5765fc71500b", 16), 0x694d5765fc71500bn);
  assert.equal(parseInt64("-7b", 16), -123n);
  assert.equal(parseInt64("0x10", 0), 16n);
  assert.equal(parseInt64("+5", 10), 5n);
  assert.equal(parseUint64("ffffffffffffffff", 16), 2n ** 64n - 1n);
});

test("what is none is refused in Go's words", () => {
  const rows: readonly (readonly [read: () => bigint, message: string])[] = [
    [() => parseInt64("zz", 16), 'strconv.ParseInt: parsing "zz": invalid syntax'],
    [() => parseInt64("", 10), 'strconv.ParseInt: parsing "": invalid syntax'],
    [() => parseInt64("0x10", 10), 'strconv.ParseInt: parsing "0x10": invalid syntax'],
    [
      () => parseInt64("9223372036854775808", 10),
      'strconv.ParseInt: parsing "9223372036854775808": value out of range',
    ],
    [() => parseInt64("8000000000000000", 16), 'strconv.ParseInt: parsing "8000000000000000": value out of range'],
    [
      () => parseInt64("99999999999999999999", 0),
      'strconv.ParseInt: parsing "99999999999999999999": value out of range',
    ],
    [() => parseUint64("-1", 10), 'strconv.ParseUint: parsing "-1": invalid syntax'],
    [() => parseUint64("+1", 10), 'strconv.ParseUint: parsing "+1": invalid syntax'],
  ];
  for (const [read, message] of rows) assert.throws(read, new GoNumberError(message));
});

test("a revision past 2^53 is the far future, never another revision", () => {
  assert.equal(toPosition(2n ** 63n - 1n), Number.MAX_SAFE_INTEGER);
  assert.equal(toPosition(-(2n ** 63n)), -Number.MAX_SAFE_INTEGER);
  assert.equal(toPosition(42n), 42);
});

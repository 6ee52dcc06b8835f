import assert from "node:assert/strict";
import { test } from "node:test";
import { parseGrpcTimeout, startDeadline } from "./grpc-timeout.ts";

test("a timeout has at most eight digits and one of six units", () => {
  const rows: [string, number | null][] = [
    ["5S", 5000],
    ["100m", 100],
    ["2H", 7_200_000],
    ["3M", 180_000],
    ["1500u", 1.5],
    ["99999999n", 99.999999],
    ["0S", 0],
    ["", null],
    ["5", null],
    ["S", null],
    ["-1S", null],
    ["1.5S", null],
    ["123456789S", null],
    ["5s", null],
  ];
  for (const [text, milliseconds] of rows) {
    const parsed = parseGrpcTimeout(text);
    if (milliseconds === null) assert.equal(parsed, null, text);
    else assert.ok(Math.abs(parsed! - milliseconds) < 1e-6, text);
  }
});

test("a deadline past what a timer can hold is no deadline, not an immediate one", () => {
  assert.equal(
    startDeadline(parseGrpcTimeout("99999999H")!, () => undefined),
    null,
  );
});

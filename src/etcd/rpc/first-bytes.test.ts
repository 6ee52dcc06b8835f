import assert from "node:assert/strict";
import { test } from "node:test";
import { classifyFirstBytes } from "./first-bytes.ts";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

test("the preface is HTTP/2 when it is whole, and undecided at each byte before", () => {
  for (let length = 1; length < PREFACE.length; length++) {
    assert.equal(classifyFirstBytes(Buffer.from(PREFACE.slice(0, length))), "more", String(length));
  }
  assert.equal(classifyFirstBytes(Buffer.from(PREFACE)), "http2");
  assert.equal(classifyFirstBytes(Buffer.from(`${PREFACE}\0\0\0`)), "http2");
});

test("a method is HTTP/1, at the first byte that tells it from the preface", () => {
  const rows: [string, string][] = [
    ["G", "http1"],
    ["P", "more"],
    ["PR", "more"],
    ["PO", "http1"],
    ["PUT ", "http1"],
    ["PRI * HTTP/1.1", "http1"],
    ["get", "http1"],
    ["\x16\x03\x01", "neither"],
    ["\0", "neither"],
    ["\r\n", "neither"],
    ["{}", "neither"],
  ];
  for (const [bytes, kind] of rows) assert.equal(classifyFirstBytes(Buffer.from(bytes, "latin1")), kind, bytes);
});

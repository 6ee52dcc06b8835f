import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Compare_CompareResult,
  Compare_CompareTarget,
  newCompare,
  type Compare_TargetUnion,
} from "../wire/etcdserverpb.ts";
import { CtlError, exitCode } from "./exit.ts";
import { parseCompare, splitWords } from "./txn-syntax.ts";

test("a compare names its target, key, operator and value", () => {
  const { EQUAL, NOT_EQUAL, GREATER, LESS } = Compare_CompareResult;
  const { VERSION, CREATE, MOD, VALUE, LEASE } = Compare_CompareTarget;
  const rows: readonly (readonly [string, number, number, Compare_TargetUnion])[] = [
    ['mod("k") > "0"', MOD, GREATER, { case: "modRevision", value: 0 }],
    ['m("k") = "9"', MOD, EQUAL, { case: "modRevision", value: 9 }],
    ['create("k") = "0"', CREATE, EQUAL, { case: "createRevision", value: 0 }],
    ['c("k") != "1"', CREATE, NOT_EQUAL, { case: "createRevision", value: 1 }],
    ['ver("k") < "3"', VERSION, LESS, { case: "version", value: 3 }],
    ['version("k") < "-3"', VERSION, LESS, { case: "version", value: -3 }],
    ['val("k") = "a b"', VALUE, EQUAL, { case: "value", value: Buffer.from("a b") }],
    [String.raw`value("k") = "\x00\xff"`, VALUE, EQUAL, { case: "value", value: Buffer.from([0, 255]) }],
    ['lease("k") = "694d5765fc71500b"', LEASE, EQUAL, { case: "lease", value: 0x694d5765fc71500bn }],
    ['mod( "k")   >   "1"  ', MOD, GREATER, { case: "modRevision", value: 1 }],
  ];
  for (const [line, target, result, targetUnion] of rows) {
    assert.deepEqual(parseCompare(line), newCompare({ target, result, key: Buffer.from("k"), targetUnion }), line);
  }
});

test("a line that is no compare is bad input, with the line in the complaint", () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ["foo", /^malformed comparison: foo$/],
    ['mod(k) > "0"', /^malformed comparison: /],
    ['mod("k" > "0"', /^malformed comparison: /],
    ['mod("k") > 0', /^malformed comparison: /],
    ['mod("k")', /^malformed comparison: /],
    ['mod("k") ~ "0"', /unknown operator ~/],
    ['size("k") > "0"', /unknown target size/],
    ['mod("k") > "x"', /^invalid txn compare request: /],
  ];
  for (const [line, message] of rows) {
    assert.throws(
      () => parseCompare(line),
      (error) => error instanceof CtlError && error.exitCode === exitCode.invalidInput && message.test(error.message),
      line,
    );
  }
});

test("words are bare, 'raw', or \"with escapes\"", () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ["put key value", ["put", "key", "value"]],
    ["  get\tkey  --prefix ", ["get", "key", "--prefix"]],
    [String.raw`put k "a \"b\" \x41"`, ["put", "k", 'a "b" A']],
    [String.raw`put k 'raw \x41 "q"'`, ["put", "k", String.raw`raw \x41 "q"`]],
    ['put k ""', ["put", "k", ""]],
    ["put k it's", ["put", "k", "it's"]],
    ["", []],
  ];
  for (const [line, words] of rows) assert.deepEqual(splitWords(line), words, line);
  assert.throws(() => splitWords('put k "open'), CtlError);
  assert.throws(() => splitWords("put k 'open"), CtlError);
});

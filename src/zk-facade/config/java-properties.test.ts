import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseProperties, PropertySyntaxError } from "./java-properties.ts";

function pairs(text: string): [string, string][] {
  return parseProperties(text).map(({ key, value }) => [key, value]);
}

test("each of Java's ways to write a line", () => {
  const table: readonly (readonly [string, [string, string][]])[] = [
    ["a=1", [["a", "1"]]],
    ["  a : 1", [["a", "1"]]],
    ["a 1", [["a", "1"]]],
    ["a\t=\t1 ", [["a", "1 "]]],
    ["a", [["a", ""]]],
    ["a=", [["a", ""]]],
    ["=1", [["", "1"]]],
    ["a==1", [["a", "=1"]]],
    ["a = b = c", [["a", "b = c"]]],
    ["# a=1\n! b=2\n\n   # c=3\nd=4", [["d", "4"]]],
    ["a=#1", [["a", "#1"]]],
    [
      "a=1\r\nb=2\rc=3",
      [
        ["a", "1"],
        ["b", "2"],
        ["c", "3"],
      ],
    ],
    ["a=1,\\\n    2,\\\n    3", [["a", "1,2,3"]]],
    [
      "a=1\\\\\nb=2",
      [
        ["a", "1\\"],
        ["b", "2"],
      ],
    ],
    ["a=1\\\n# b=2", [["a", "1# b=2"]]],
    ["a=1\\", [["a", "1"]]],
    ["# a\\\nb=2", [["b", "2"]]],
    ["a\\:b\\ c\\=d=1", [["a:b c=d", "1"]]],
    ["a=\\t\\n\\r\\f\\q\\\\", [["a", "\t\n\r\fq\\"]]],
    ["a=\\u00e9\\u4e2D", [["a", "é中"]]],
    [
      "a=1\na=2",
      [
        ["a", "1"],
        ["a", "2"],
      ],
    ],
    ["", []],
    ["server.1=a:1:2;3", [["server.1", "a:1:2;3"]]],
  ];
  for (const [text, expected] of table) assert.deepEqual(pairs(text), expected, JSON.stringify(text));
});

test("a line knows its number, a continued one that of its first part", () => {
  const lines = parseProperties("# one\na=1\n\nb=2\\\n  3\nc=4");
  assert.deepEqual(
    lines.map(({ key, line }) => [key, line]),
    [
      ["a", 2],
      ["b", 4],
      ["c", 6],
    ],
  );
});

test("an escape that names no character is refused with its line", () => {
  for (const text of ["a=1\nb=\\u12", "a=1\nb=\\uzzzz", "a=1\n\\u=1"]) {
    assert.throws(
      () => parseProperties(text),
      (error) => error instanceof PropertySyntaxError && error.line === 2,
    );
  }
});

test("what is escaped is read back", () => {
  const escape = (text: string): string => text.replace(/[^\w]/g, hex);
  const hex = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  const word = fc.string({ unit: "binary", minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word), { maxLength: 10 }), (expected) => {
      const text = expected.map(([key, value]) => `${escape(key)} = ${escape(value)}`).join("\n");
      assert.deepEqual(pairs(text), expected);
    }),
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { humanBytes } from "../base/human-bytes.ts";
import { drawTable } from "./table.ts";

test("titles are centred capitals, cells stand to the right", () => {
  assert.equal(
    drawTable({ header: ["hash", "revision", "hash_revision"], rows: [["708cc1d1", "6", ""]] }),
    `+----------+----------+---------------+
|   HASH   | REVISION | HASH REVISION |
+----------+----------+---------------+
| 708cc1d1 |        6 |               |
+----------+----------+---------------+
`,
  );
});

test("a table without rows is its head", () => {
  assert.equal(drawTable({ header: ["ID"], rows: [] }), "+----+\n| ID |\n+----+\n");
});

test("a long text is broken between words, as evenly as can be; a long word is not", () => {
  const url = "https://a-very-long-host-name.example:2379";
  const errors = "etcdserver: no leader, memberID:10276657743932975437 alarm:NOSPACE ";
  assert.equal(
    drawTable({ header: ["endpoint", "errors"], rows: [[url, errors]] }),
    `+--------------------------------------------+-------------------------------+
|                  ENDPOINT                  |            ERRORS             |
+--------------------------------------------+-------------------------------+
| https://a-very-long-host-name.example:2379 |        etcdserver: no leader, |
|                                            | memberID:10276657743932975437 |
|                                            |                alarm:NOSPACE  |
+--------------------------------------------+-------------------------------+
`,
  );
});

test("wide characters take two columns", () => {
  assert.equal(
    drawTable({ header: ["n"], rows: [["日本"], ["ab"]] }),
    "+------+\n|  N   |\n+------+\n| 日本 |\n|   ab |\n+------+\n",
  );
});

test("sizes are for people", () => {
  const rows: readonly (readonly [number, string])[] = [
    [0, "0 B"],
    [9, "9 B"],
    [10, "10 B"],
    [999, "999 B"],
    [1_000, "1.0 kB"],
    [20_480, "20 kB"],
    [21_500, "22 kB"],
    [1_572_864, "1.6 MB"],
    [82_854_982, "83 MB"],
    [2_147_483_648, "2.1 GB"],
  ];
  for (const [bytes, text] of rows) assert.equal(humanBytes(bytes), text);
});

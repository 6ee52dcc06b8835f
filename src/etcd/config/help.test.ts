import assert from "node:assert/strict";
import { test } from "node:test";
import { flagNames, flagRow, flagSections } from "./flag-table.ts";
import { FlagSettings } from "./flag-values.ts";
import { helpText } from "./help.ts";

test("the help names every flag and every section, in at most 100 columns", () => {
  const help = helpText("etcd");
  for (const name of flagNames) assert.match(help, new RegExp(`^  --${name}( |$)`, "m"), name);
  for (const section of flagSections) assert.ok(help.includes(`\n${section}:\n`), section);
  // One word may be wider than the page: the default of the log rotation is not broken.
  const wide = help.split("\n").filter((line) => line.length > 100);
  assert.deepEqual(wide, []);
});

test("what is not supported yet says so", () => {
  const help = helpText("etcd").replaceAll(/\n +/g, " ");
  assert.match(help, /--cert-file TEXT [^.]*\. Not supported yet\./);
});

test("every default in the table can be read", () => {
  for (const name of flagNames) {
    assert.doesNotThrow(() => new FlagSettings().set(name, flagRow(name).default), name);
  }
});

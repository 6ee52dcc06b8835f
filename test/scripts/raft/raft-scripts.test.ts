import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { runScript } from "../datadriven.ts";
import type { Directive } from "../datadriven.ts";
import { confChangeScript } from "./conf-change.ts";
import { InteractionEnvironment } from "./interaction.ts";
import { quorumScript } from "./quorum.ts";

/** Our own scripts. `UPDATE_SCRIPTS=1` writes the actual output into them; read the diff before you commit it. */
const folder = new URL("../../../src/etcd/raft/scripts/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".script"));

test("there are scripts", () => assert.ok(files.length > 0));

for (const file of files) {
  test(`raft script ${file}`, () => {
    const path = new URL(file, folder);
    const text = readFileSync(path, "utf8");
    const outcome = runScript(text, handlerOf(file));
    if (process.env["UPDATE_SCRIPTS"] === "1") {
      if (outcome.rewritten !== text) writeFileSync(path, outcome.rewritten);
      return;
    }
    const [first] = outcome.mismatches;
    if (first !== undefined) assert.equal(first.actual, first.expected, `line ${first.line}: ${first.command}`);
    assert.ok(outcome.steps > 0);
    assert.equal(outcome.rewritten, text, "a script stands in the form in which it would be written");
  });
}

function handlerOf(file: string): (directive: Directive) => string {
  if (file === "quorum.script") return quorumScript;
  if (file === "changer.script") return confChangeScript();
  const environment = new InteractionEnvironment();
  return (directive) => environment.handle(directive);
}

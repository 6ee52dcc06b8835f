import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { runScript } from "../scripts/datadriven.ts";
import type { Directive } from "../scripts/datadriven.ts";
import { confChangeScript } from "../scripts/raft/conf-change.ts";
import { InteractionEnvironment } from "../scripts/raft/interaction.ts";
import { quorumScript } from "../scripts/raft/quorum.ts";

/**
 * etcd-io/raft's own scripts, replayed on our core step by step: every message, every log line, every ready must be the
 * same text. They come with the Go module, so this needs Go and a module proxy; without them the run fails.
 */
const MODULE = "go.etcd.io/raft/v3@v3.6.0";

const suites: readonly { folder: string; script: () => (directive: Directive) => string }[] = [
  {
    folder: "testdata",
    script: () => {
      const environment = new InteractionEnvironment();
      return (directive) => environment.handle(directive);
    },
  },
  { folder: "confchange/testdata", script: confChangeScript },
  { folder: "quorum/testdata", script: () => quorumScript },
];

const moduleFolder = download();
const totals = { scripts: 0, steps: 0 };

for (const { folder, script } of suites) {
  describe(folder, () => {
    const files = readdirSync(join(moduleFolder, folder)).filter((name) => name.endsWith(".txt"));
    test("there are scripts", () => assert.ok(files.length > 0));
    for (const file of files) {
      test(file, () => {
        const outcome = runScript(readFileSync(join(moduleFolder, folder, file), "utf8"), script());
        const [first] = outcome.mismatches;
        if (first !== undefined) {
          assert.equal(first.actual, first.expected, `line ${first.line}: ${first.command}`);
        }
        totals.scripts += 1;
        totals.steps += outcome.steps;
      });
    }
  });
}

after(() => {
  console.log(`replayed ${totals.scripts} scripts of ${MODULE}, ${totals.steps} steps`);
});

/** The folder of the module, fetched from the proxy if it is not here yet. */
function download(): string {
  const scratch = mkdtempSync(join(tmpdir(), "raft-scripts-"));
  try {
    const options = { cwd: scratch, encoding: "utf8" } as const;
    const answer = JSON.parse(execFileSync("go", ["mod", "download", "-json", MODULE], options)) as { Dir: string };
    return answer.Dir;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

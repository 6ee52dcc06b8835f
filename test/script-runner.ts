import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

/** Runs one command line and says what happened, in as many lines as it likes; "" adds no line. */
export type Execute = (command: string) => string;

/** A block of a script: what to run, and what was said when a human last looked. */
interface Block {
  readonly input: string[];
  readonly expected: string[];
}

const updating = process.env["UPDATE_SCRIPTS"] === "1";

/**
 * One test for each `*.script` file of a folder. A script is blocks with an empty line between them:
 *
 *   # Why this must be so, in a sentence.
 *   command arguments
 *   ---
 *   what the commands of this block said
 *
 * `start` gives a fresh interpreter for each file; its state lasts from block to block. With UPDATE_SCRIPTS=1 the output
 * is written into the file instead of compared.
 *
 * @param folder the folder's URL, as in `new URL("scripts/", import.meta.url)`
 */
export function testScripts(folder: URL, start: () => Execute): void {
  const names = readdirSync(folder).filter((name) => name.endsWith(".script"));
  assert.ok(names.length > 0, `no script in ${fileURLToPath(folder)}`);
  for (const name of names.sort()) {
    test(`script ${name}`, () => {
      const file = new URL(name, folder);
      const blocks = parse(readFileSync(file, "utf8"), name);
      const execute = start();
      const ran = blocks.map((block) => ({ ...block, actual: run(block, execute) }));
      if (updating) {
        writeFileSync(file, ran.map((block) => format(block.input, block.actual)).join("\n"));
        return;
      }
      for (const block of ran) assert.deepEqual(block.actual, block.expected, block.input.join("\n"));
    });
  }
}

function parse(text: string, name: string): Block[] {
  const blocks: Block[] = [];
  for (const paragraph of text.split(/\n{2,}/)) {
    const lines = paragraph.split("\n").filter((line) => line !== "");
    if (lines.length === 0) continue;
    const cut = lines.indexOf("---");
    // A block without a line is one that was never recorded. Only a run that records may leave it so.
    assert.ok(cut >= 0 || updating, `${name}: a block has no --- line: ${lines.join(" / ")}`);
    blocks.push(
      cut < 0 ? { input: lines, expected: [] } : { input: lines.slice(0, cut), expected: lines.slice(cut + 1) },
    );
  }
  return blocks;
}

function run(block: Block, execute: Execute): string[] {
  const commands = block.input.filter((line) => !line.startsWith("#"));
  // An output line must not look like the end of the block.
  return commands.flatMap((command) => execute(command).split("\n")).filter((line) => line !== "");
}

function format(input: readonly string[], output: readonly string[]): string {
  return [...input, "---", ...output, ""].join("\n");
}

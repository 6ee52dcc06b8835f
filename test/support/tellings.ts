import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type ProgramEnd, type ProgramOptions, runProgram } from "./program.ts";
import { type ServerProcess, startEtcd36, startOurs, type StartOptions } from "./servers.ts";

export type StartServer = (options: StartOptions) => Promise<ServerProcess>;

/** Runs the foreign program on a server that it starts by `start`, with its data in `dataDir`. */
export type Tell = (start: StartServer, dataDir: string) => Promise<ProgramEnd>;

/**
 * A program of a foreign client tries our server and, beside it, a real etcd. It prints sections, and what it says about
 * ours must be, line by line, what it says about etcd:
 *
 *   == scenario
 *   what was seen, ids and times left out
 *
 * A line that starts with FAILED says that the program's own expectations do not hold.
 */
export function describeTellings(title: string, scenarios: readonly string[], tell: () => Tell): void {
  describe(title, () => {
    const directory = mkdtempSync(join(tmpdir(), "telling-"));
    let ours: ReadonlyMap<string, string>;
    let theirs: ReadonlyMap<string, string>;

    before(async () => {
      const run = tell();
      const [ownEnd, theirEnd] = await Promise.all([
        run(startOurs, join(directory, "ours")),
        run(startEtcd36, join(directory, "etcd")),
      ]);
      ours = sectionsOf(ownEnd, "ours");
      theirs = sectionsOf(theirEnd, "etcd");
    });
    after(() => rmSync(directory, { recursive: true, force: true }));

    test("both runs told of every scenario", () => {
      assert.deepEqual([...theirs.keys()], scenarios);
      assert.deepEqual([...ours.keys()], scenarios);
    });

    for (const scenario of scenarios) {
      test(scenario, () => {
        const expected = theirs.get(scenario);
        assert.ok(expected !== undefined && expected !== "", "the real etcd's run says nothing of it");
        assert.doesNotMatch(expected, /^FAILED/m);
        assert.equal(ours.get(scenario), expected);
      });
    }
  });
}

/** For programs that need one server and no more. */
export function tellOnce(
  command: string,
  argsFor: (endpoint: string) => readonly string[],
  options: ProgramOptions = {},
): Tell {
  return async (start, dataDir) => {
    const server = await start({ dataDir });
    try {
      return await runProgram(command, argsFor(server.endpoint), { timeoutMs: 180_000, ...options });
    } finally {
      await server.stop();
    }
  };
}

function sectionsOf({ code, stdout, stderr }: ProgramEnd, server: string): Map<string, string> {
  assert.ok(code === 0 || /^FAILED/m.test(stdout), `the run on ${server} ended with ${code}\n${stdout}\n${stderr}`);
  const parts = stdout.split(/^== (.*)\n/m).slice(1);
  const sections = new Map<string, string>();
  for (let i = 0; i < parts.length; i += 2) sections.set(parts[i]!, parts[i + 1]!);
  return sections;
}

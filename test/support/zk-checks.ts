import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Program } from "./program.ts";
import { TcpCutter } from "./tcp-cutter.ts";
import type { ZkPlace } from "./zk-places.ts";

/** A program of a foreign client that tries one ZooKeeper. It must be able to run on one that other programs use too. */
export interface Checker {
  readonly command: string;
  readonly args: (connect: string) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/**
 * Lets a foreign client's program try ZooKeepers in several places: a real one, as the control, and ours. It prints a
 * line for each check, and is heard when it asks for its connections to be broken:
 *
 *   ok NAME                what is called so holds
 *   FAILED NAME: why       it does not
 *   -- cut                 break every connection to the server, then answer with a line on standard input
 *   -- disturb             let happen what is to go wrong in this place, in the same way
 *
 * What it prints must be the same everywhere, and all that `names` tells.
 */
export function describeChecks(
  title: string,
  names: readonly string[],
  places: readonly ZkPlace[],
  checker: () => Checker,
): void {
  describe(title, () => {
    for (const place of places) describe(place.name, () => describePlace(names, place, checker));
  });
}

function describePlace(names: readonly string[], place: ZkPlace, checker: () => Checker): void {
  let lines: readonly string[] = [];
  let errors = "";
  let tidy = (): Promise<void> => Promise.resolve();

  before(async () => {
    const opened = await place.open();
    const cutter = await TcpCutter.before(opened.port);
    tidy = async () => {
      await cutter.close();
      await opened.close();
    };
    const { command, args, env = {}, timeoutMs = 240_000 } = checker();
    const program = new Program(command, args(cutter.endpoint), { env, timeoutMs });
    const end = await hear(program, () => cutter.cut(), opened.disturb ?? (() => Promise.resolve()));
    lines = end.stdout.split("\n").filter((line) => /^(ok|FAILED) /.test(line));
    errors = `the program ended with ${end.code}\n${end.stdout}\n${end.stderr.slice(-20_000)}`;
    if (end.code !== 0 && !lines.some((line) => line.startsWith("FAILED"))) lines = [...lines, errors];
  });
  after(() => tidy());

  for (const name of names) {
    test(name, () => assert.ok(lines.includes(`ok ${name}`), failure(name)));
  }

  test("nothing failed, and nothing else was tried", () => {
    assert.deepEqual(
      lines,
      names.map((name) => `ok ${name}`),
      errors,
    );
  });

  const failure = (name: string): string => {
    const told = lines.find((line) => line.startsWith(`FAILED ${name}`));
    return told ?? `nothing is said of ${name}; ${errors}`;
  };
}

/** Follows a program to its end, and does what it asks for. */
async function hear(
  program: Program,
  cut: () => void,
  disturb: () => Promise<void>,
): Promise<Awaited<Program["ended"]>> {
  let heard = 0;
  let over = false;
  void program.ended.then(() => (over = true));
  while (!over) {
    const asked = [...program.stdout.matchAll(/^-- (cut|disturb)\n/gm)];
    for (; heard < asked.length; heard++) {
      if (asked[heard]![1] === "cut") cut();
      else await disturb();
      program.write("done\n");
    }
    await Promise.race([program.ended, new Promise((resolve) => setTimeout(resolve, 20))]);
  }
  return program.ended;
}

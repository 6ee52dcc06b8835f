import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { javaZooKeeperClassPath } from "../support/java-peer.ts";
import { Program } from "../support/program.ts";
import { everyPlace, type OpenZk, realZooKeeper, type ZkPlace } from "../support/zk-places.ts";
import { comparable } from "../support/zk-transcript.ts";

/*
 * ZooKeeper's two command lines, zkCli of the Java client and cli_mt of the C client, are talked to by a person's
 * commands. What they print on our servers must be what they print on a real one, session ids, times and the zxids'
 * absolute values aside.
 */

/** A line typed, and what is printed when it has been carried out. */
type Step = readonly [command: string, answer: RegExp];

interface Shell {
  readonly name: string;
  readonly command: string;
  readonly args: (connect: string) => readonly string[];
  readonly greeting: RegExp;
  /** A command that says, of a path that is not there, that it is not. */
  readonly probe: string;
  readonly steps: readonly Step[];
}

/** The command says nothing when it goes well. */
const nothing = /(?:)/;

const zkCli: Shell = {
  name: "zkCli",
  command: "java",
  args: (connect) => [...["-cp", javaZooKeeperClassPath(), "org.apache.zookeeper.ZooKeeperMain", "-server", connect]],
  greeting: /WatchedEvent state:SyncConnected type:None/,
  probe: "get",
  steps: [
    ["create /cli hello", /^Created \/cli$/m],
    ["get /cli", /^hello$/m],
    ["get -s /cli", /^numChildren = 0$/m],
    ["create /cli again", /^Node already exists: \/cli$/m],
    ["create /nowhere/x", /^Node does not exist: \/nowhere\/x$/m],
    ["set -s /cli world", /^dataVersion = 1$/m],
    ["set -s -v 1 /cli x", /^dataVersion = 2$/m],
    ["set -v 9 /cli x", /^version No is not valid : \/cli$/m],
    ["stat /cli", /^numChildren = 0$/m],
    ["ls /cli", /^\[\]$/m],
    ["create -e -s /cli/e-", /^Created \/cli\/e-0000000000$/m],
    ["create -s /cli/s- data", /^Created \/cli\/s-0000000001$/m],
    ["create -c /cli/c", /^Created \/cli\/c$/m],
    ["create -t 3600000 /cli/t data", /^Created \/cli\/t$/m],
    ["create /cli/e-0000000000/x", /^Ephemerals cannot have children: \/cli\/e-0000000000\/x$/m],
    ["stat /cli/e-0000000000", /^ephemeralOwner = 0x[0-9a-f]{2,}$/m],
    ["stat /cli/c", /^numChildren = 0$/m],
    ["ls -s /cli", /^numChildren = 4$/m],
    ["ls -R /cli", /^\/cli\/t$/m],
    ["getAllChildrenNumber /cli", /^4$/m],
    ["getEphemerals", /^\[\/cli\/e-0000000000\]$/m],
    ["getAcl -s /cli", /^numChildren = 4$/m],
    ["setAcl -s /cli world:anyone:cdrwa", /^aclVersion = 1$/m],
    ["addauth digest ann:pw", nothing],
    ["whoami", /^ip: 127\.0\.0\.1$/m],
    ["setAcl /cli/c auth::cdrwa", nothing],
    ["getAcl /cli/c", /^'digest,'ann:/m],
    ["stat -w /cli", /^numChildren = 4$/m],
    ["set /cli y", /NodeDataChanged path:\/cli /],
    ["ls -w /cli", /^\[.*s-0000000001.*\]$/m],
    ["create /cli/w", /NodeChildrenChanged path:\/cli /],
    ["addWatch -m PERSISTENT_RECURSIVE /cli", nothing],
    ["set /cli/w z", /NodeDataChanged path:\/cli\/w /],
    ["delete /cli/w", /NodeDeleted path:\/cli\/w /],
    ["removewatches /cli", /PersistentWatchRemoved path:\/cli /],
    ["setquota -n 50 /cli", nothing],
    ["listquota /cli", /^Output stat for \/cli count=5,bytes=9$/m],
    ["delquota /cli", nothing],
    ["delquota /nope", /^Quota does not exist for \/nope$/m],
    ["config", /^$/m],
    ["reconfig -remove 1", /^KeeperErrorCode = Reconfig is disabled$/m],
    ["sync /cli", /^Sync is OK$/m],
    ["delete /cli", /^Node not empty: \/cli$/m],
    ["delete -v 3 /cli/t", /^version No is not valid : \/cli\/t$/m],
    ["deleteall /cli", nothing],
    ["get /cli", /^Node does not exist: \/cli$/m],
    ["ls /zookeeper", /^\[config, quota\]$/m],
    ["version", /^ZooKeeper CLI version: 3\.9\./m],
  ],
};

const cliMt: Shell = {
  name: "cli_mt",
  // Its standard output is buffered unless a terminal reads it.
  command: "stdbuf",
  args: (connect) => ["-o0", "/usr/lib/zookeeper/bin/cli_mt", "-h", connect],
  greeting: /Got a new session id/,
  probe: "exists",
  steps: [
    ["create /c", /name = \/c$/m],
    ["create /c", /rc = -110$/m],
    ["set /c world", /ephemeralOwner = 0$/m],
    ["get /c", /value_len = 5[^]*ephemeralOwner = 0$/m],
    ["create +e /c/e", /name = \/c\/e$/m],
    // Of several children, the order is the server's affair.
    ["ls /c", /rc = 0[^]*time = /],
    ["create +s /c/s-", /name = \/c\/s-0000000001$/m],
    ["create2 /c/x", /name = \/c\/x[^]*ephemeralOwner = 0$/m],
    ["create2 +es /c/y-", /name = \/c\/y-0000000003[^]*ephemeralOwner = [1-9a-f]/m],
    ["create +c /c/c", /name = \/c\/c$/m],
    ["create +t=3600000 /c/t", /name = \/c\/t$/m],
    ["aget /c", /value_len = 5[^]*ephemeralOwner = 0$/m],
    ["exists /nope", /Error -101 for \/nope$/m],
    ["wexists /later", /Error -101 for \/later$/m],
    ["create /later", /CREATED_EVENT[^]*name = \/later$/m],
    ["sync /c", /name = \/c$/m],
    ["delete /c", /rc = -111$/m],
    ["delete /c/x", /\/c\/x: rc = 0$/m],
    ["config", /ephemeralOwner = 0$/m],
    ["set /c v2", /CHANGED_EVENT[^]*ephemeralOwner = 0$/m],
    ["aset /c v3", /ephemeralOwner = 0$/m],
    ["reconfig -remove 1", /rc = -123/],
  ],
};

for (const shell of [zkCli, cliMt]) {
  describe(shell.name, () => {
    let expected: string;
    for (const place of everyPlace) {
      test(place.name, async () => {
        const seen = await talk(shell, place);
        // The real one comes first; that it says what is to be said has been awaited step by step.
        if (place === realZooKeeper) expected = seen;
        assert.equal(seen, expected);
      });
    }
  });
}

async function talk(shell: Shell, place: ZkPlace): Promise<string> {
  const opened = await place.open();
  try {
    const program = new Program(shell.command, shell.args(`127.0.0.1:${opened.port}`), { timeoutMs: 240_000 });
    try {
      return await converse(program, shell, opened);
    } finally {
      program.signal("SIGKILL");
      await program.ended;
    }
  } finally {
    await opened.close();
  }
}

/** Types one command after the other, each when the one before it has been answered. Returns what was printed, comparable. */
async function converse(program: Program, { greeting, steps, probe }: Shell, opened: OpenZk): Promise<string> {
  const printed = new Slices(program);
  await printed.until(greeting, "the greeting");
  const lines: string[] = [];
  const events: string[] = [];
  for (const [number, [command, answer]] of steps.entries()) {
    if (number === steps.length >> 1) {
      await opened.disturb?.();
      await settle(program, printed, probe);
    }
    printed.next();
    program.write(`${command}\n`);
    await printed.until(answer, command);
    // What is absent is told by the thread that reads commands, so by then it is done with the one before.
    const absent = `/absent-${number}`;
    program.write(`${probe} ${absent}\n`);
    await printed.until(new RegExp(`${absent}$`, "m"), `${command}, then ${probe} ${absent}`);
    const told = printed.text.split("\n").filter((line) => line.trim() !== "" && !line.includes(absent));
    events.push(...told.filter(isEvent));
    const answers = told.filter((line) => !isEvent(line) && line !== "WATCHER::");
    // Identities are a set: a real server tells them in the order of a hash table.
    lines.push(`> ${command}`, ...(command === "whoami" ? answers.sort() : answers));
  }
  // Another thread prints the events: they are in order among themselves only.
  return comparable([...lines, "events:", ...events].join("\n"));
}

/** A server that lost its leader may break connections, as a real one does; whoever types then types again. */
async function settle(program: Program, printed: Slices, probe: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; ;) {
    printed.next();
    program.write("create /settled\n");
    const said = /(^Created \/settled|^Node already exists: \/settled|: rc = (?:0|-110))$/m;
    if (await printed.within(said, 2000)) break;
    if (Date.now() > deadline) throw new Error(`no znode can be made\n${printed.text}`);
  }
  // The answers to all that was typed meanwhile are not part of the conversation.
  program.write(`${probe} /absent-settled\n`);
  await printed.until(/\/absent-settled$/m, "settling");
}

const isEvent = (line: string): boolean => /^WatchedEvent |^Watcher /.test(line);

/** What a program has printed since the last `next`: standard output, then standard error. */
class Slices {
  readonly #program: Program;
  #out = 0;
  #err = 0;

  constructor(program: Program) {
    this.#program = program;
  }

  get text(): string {
    return `${this.#program.stdout.slice(this.#out)}\n${this.#program.stderr.slice(this.#err)}`;
  }

  next(): void {
    this.#out = this.#program.stdout.length;
    this.#err = this.#program.stderr.length;
  }

  async until(wanted: RegExp, what: string): Promise<void> {
    if (await this.within(wanted, 30_000)) return;
    throw new Error(`${what}: no ${String(wanted)} within 30 s, but\n${this.text}`);
  }

  /** Whether it was printed in time. */
  async within(wanted: RegExp, milliseconds: number): Promise<boolean> {
    for (const deadline = Date.now() + milliseconds; !wanted.test(this.text);) {
      if (Date.now() > deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return true;
  }
}

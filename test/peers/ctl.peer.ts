import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ctlRun } from "../support/ctl-run.ts";
import { repository, type ServerProcess, startEtcd34, startEtcd36 } from "../support/servers.ts";

/*
 * The same commands go to the real etcdctl and to `bridgekeeper ctl`, each with a real etcd of its own and the same
 * history. What they print and how they end must be the same, ids, ports and times aside.
 */

interface Step {
  readonly words: readonly string[];
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** etcdctl 3.4 has no such flag, or prints another shape. */
  readonly since36?: true;
  /** Both ask one server, which keeps its ids and sizes: for commands that change nothing. */
  readonly sameServer?: true;
  /** Beside its complaint etcdctl prints the command's whole help. */
  readonly showsHelp?: true;
}

interface Answer {
  readonly code: number;
  stdout: string;
  /** The lines for people: `Error: …`, `Failed …`, `… is unhealthy …`. etcdctl logs its retries as JSON beside them. */
  complaints: readonly string[];
}

const step = (command: string, more: Omit<Step, "words"> = {}): Step => ({ words: splitCommand(command), ...more });

/** Words are parted by spaces; `''` is an empty one. */
function splitCommand(command: string): string[] {
  return command === "" ? [] : command.split(" ").map((word) => (word === "''" ? "" : word));
}

const formats = ["simple", "json", "fields", "table"];
const inEachFormat = (command: string, more: Omit<Step, "words"> = {}): Step[] =>
  formats.map((format) => step(`${command} -w ${format}`, more));
/** Ids and all. */
const asked = (command: string, more: Omit<Step, "words"> = {}): Step[] =>
  [...formats, "protobuf"].map((format) => step(`${command} -w ${format}`, { sameServer: true, ...more }));

const txn = (...lines: string[]): Omit<Step, "words"> => ({ stdin: lines.map((line) => `${line}\n`).join("") });

const steps: readonly Step[] = [
  // Writes, and what they say.
  ...inEachFormat("put a 1"),
  ...inEachFormat("put a 2 --prev-kv"),
  step("put b", { stdin: "from standard input\n" }),
  step("put empty ''"),
  step("put -- dash -v"),
  step("put spaced -- --two words"),
  step("put a --ignore-value --prev-kv"),
  step("put nosuch --ignore-value"),
  step("put a 3 --ignore-lease"),
  step("put a 3 --lease=7b"),
  step("put a 3 --lease=zz"),
  step("put a v --ignore-value"),
  step("put"),
  step("put lonely"),
  step("put ''  x"),
  step("put binary", { stdin: "\u0001\u0002" }),
  step("put kä ünïcödé✓"),

  // Reads.
  ...inEachFormat("get a"),
  ...inEachFormat("get a --hex", { since36: true }),
  ...inEachFormat("get nosuch"),
  ...inEachFormat("get '' --prefix"),
  ...inEachFormat("get b --from-key"),
  step("get a c"),
  step("get '' --from-key --keys-only"),
  step("get '' --prefix --limit=2 -w json"),
  step("get '' --prefix --limit 2 -w fields"),
  step("get '' --prefix --order=DESCEND"),
  step("get '' --prefix --order=descend --sort-by=modify"),
  step("get '' --prefix --sort-by=CREATE --order=ASCEND -w json"),
  step("get '' --prefix --sort-by=VALUE --order=ASCEND"),
  step("get '' --prefix --sort-by=VERSION --order=DESCEND --limit=1"),
  step("get a --rev=2 -w json"),
  step("get a --rev=999"),
  step("get a --rev=x", { showsHelp: true }),
  step("get a --print-value-only"),
  step("get '' --prefix --print-value-only --hex"),
  step("get a --print-value-only -w json"),
  step("get a --consistency=s"),
  step("get a --consistency=q"),
  step("get a --order=UP"),
  step("get a --sort-by=SIZE"),
  step("get a --prefix --from-key"),
  step("get a b --prefix"),
  step("get"),
  step("get ''"),
  step("get a -w xml"),
  step("get a --keys-only=true"),
  step("get a --keys-only=false"),
  step("get a --keys-only=maybe", { showsHelp: true }),
  step("get a --nosuch", { showsHelp: true }),
  step("get a --limit", { showsHelp: true }),
  step("get '' --prefix --count-only -w fields", { since36: true }),
  step("get '' --prefix --count-only", { since36: true }),
  step("get '' --prefix --count-only --keys-only", { since36: true }),
  step("get '' --prefix --min-mod-rev=5 --max-mod-rev=9 -w json", { since36: true }),
  step("get '' --prefix --min-create-rev=9 --max-create-rev=5", { since36: true }),

  // Transactions.
  ...formats.map((format) =>
    step(
      `txn -w ${format}`,
      txn('mod("a") > "1"', 'value("nosuch") = "x"', "", "put t 1", "", "put t 0", "get a", "del t", ""),
    ),
  ),
  ...formats.map((format) =>
    step(`txn -w ${format}`, txn("", "put t 1 --prev-kv", "get t --prefix", "del t --prev-kv", "", "")),
  ),
  step("txn -i", txn('ver("a") != "0"', 'c("a") < "99"', "", "get a", "", "get b", "")),
  step("txn", txn('create("a") = "0"', "", "", "put f failure", "get f", "")),
  step("txn", txn('val("a") = "3"', "", String.raw`put q "quo\"ted \x41\u00e9\n tail"`, "get q", "", "")),
  step("txn", { ...txn("", "get q -w json", "", ""), showsHelp: true }),
  step("get q -w json"),
  step("txn", txn("nonsense", "")),
  step("txn", txn('mod("a") > "x"', "")),
  step("txn", txn('size("a") > "1"', "")),
  step("txn", txn("", "put", "")),
  step("txn", txn("", "destroy a b", "")),
  step("txn", txn("", "put a 1")),
  step("txn", txn("", "put a 1", "put a 2", "", "")),
  step("txn now"),

  // Deletes.
  ...inEachFormat("del nosuch"),
  step("del t --prev-kv -w fields"),
  step("del q --prev-kv"),
  step("put p1 1"),
  step("put p2 2"),
  step("del p --prefix --prev-kv"),
  step("put r1 1"),
  step("del r r9 --range", { since36: true }),
  step("del"),
  step("del a b c"),
  step("del a b --prefix"),
  step("del spaced --from-key"),

  // Hash and compaction, before lease ids make the stores differ.
  ...inEachFormat("endpoint hashkv", { since36: true }),
  step("endpoint hashkv --rev=5 -w json"),
  step("endpoint hashkv --rev=999"),
  step("compaction 5"),
  step("compaction 5"),
  step("compact 6 --physical"),
  step("compaction 999"),
  step("compaction x"),
  step("compaction"),
  step("get a --rev=2"),
  ...inEachFormat("watch a --rev 2", { since36: true }),
  step("watch a --rev 2"),
  step("watch a --rev 2 -w json"),

  // Leases.
  ...inEachFormat("lease grant 60"),
  step("lease grant x"),
  step("lease grant"),
  step("lease grant 99999999999"),
  ...inEachFormat("lease list"),
  step("lease list"),
  step("lease revoke 7b"),
  step("lease revoke zz"),
  step("lease revoke"),
  ...inEachFormat("lease timetolive 7b"),
  step("lease timetolive 7b --keys -w json"),
  step("lease timetolive"),
  step("lease keep-alive --once 7b"),
  step("lease keep-alive 7b"),
  step("lease keep-alive 7b -w json"),

  // Members, alarms, maintenance.
  step("member list"),
  step("member list -w json"),
  step("member list -w table", { sameServer: true }),
  step("member list -w json --hex", { since36: true }),
  step("member list -w fields --hex", { since36: true }),
  step("member list --consistency=s", { since36: true }),
  ...["simple", "json", "table"].map((format) => step(`alarm list -w ${format}`)),
  step("alarm disarm"),
  step("alarm list now"),
  ...["simple", "fields"].map((format) => step(`endpoint health -w ${format}`, { since36: true })),
  step("endpoint health -w json"),
  step("endpoint health --cluster", { since36: true }),
  ...asked("endpoint status", { since36: true }),
  ...asked("endpoint hashkv", { since36: true }),
  ...asked("get '' --prefix"),
  ...asked("lease list"),
  ...asked("member list", { since36: true }),
  step("endpoint status -w json"),
  step("endpoint status --cluster -w json"),
  step("move-leader 1"),
  step("move-leader zz"),
  step("move-leader"),
  step("defrag", { since36: true }),
  step("check perf --load=huge"),
  step("lock"),
  step("elect e"),
  step("elect"),
  step("elect e proposal -l"),
  step("elect e proposal more"),
  step("watch"),
  step("watch a b --prefix"),
  step("watch a --"),
  step("watch a", { env: { ETCDCTL_WATCH_KEY: "b" } }),
  step("watch", { env: { ETCDCTL_WATCH_RANGE_END: "b" } }),
  step("lock locked true"),
  step("lock failing false", { since36: true }),
  step("nosuch"),
  step("member nosuch", { showsHelp: true }),
];

const directory = mkdtempSync(join(tmpdir(), "ctl-peer-"));
after(() => rmSync(directory, { recursive: true, force: true }));

for (const generation of [
  { name: "3.4", start: startEtcd34, etcdctl: () => "/usr/bin/etcdctl" },
  { name: "3.6", start: startEtcd36, etcdctl: () => buildTool("etcdctl36") },
] as const) {
  describe(`beside etcdctl ${generation.name}`, { concurrency: 1 }, () => {
    let theirs: ServerProcess;
    let ours: ServerProcess;
    let etcdctl: string;
    before(async () => {
      etcdctl = generation.etcdctl();
      [theirs, ours] = await Promise.all([generation.start(), generation.start()]);
    });
    after(() => Promise.all([theirs.stop(), ours.stop()]));

    for (const one of steps.filter(({ since36 }) => generation.name === "3.6" || !since36)) {
      test([...one.words, one.stdin ?? ""].join(" "), async () => {
        const server = one.sameServer ? theirs : ours;
        const real = mask(runReal(etcdctl, theirs, one), theirs, one);
        const own = mask(await runOwn(server, one), server, one);
        if (one.showsHelp) {
          own.stdout = real.stdout;
          real.complaints = real.complaints.filter((line) => line.startsWith("Error:"));
        }
        assert.deepEqual(own, real);
      });
    }

    test("snapshot save says so in the same words", async () => {
      const saveTo = (name: string): Step => ({ words: ["snapshot", "save", join(directory, name)] });
      const real = runReal(etcdctl, theirs, saveTo("s.db"));
      const own = await runOwn(ours, saveTo("s.db"));
      assert.deepEqual(own, real);
    });

    test("snapshot status says of a file what etcd's own tools say", async () => {
      const path = join(directory, `status-${generation.name}.db`);
      assert.equal(runReal(etcdctl, theirs, { words: ["snapshot", "save", path] }).code, 0);
      const own = async (format: string): Promise<Answer> =>
        runOwn(theirs, { words: ["snapshot", "status", path, "-w", format] });
      const etcdutl = buildTool("etcdutl36");
      for (const format of formats) {
        const real = spawnSync(etcdutl, ["snapshot", "status", path, "-w", format], { encoding: "latin1" });
        assert.equal(real.status, 0, real.stderr);
        assert.deepEqual(await own(format), answerOf(0, real.stdout, ""));
      }
    });

    test("a snapshot that ctl saved is one to etcd's own tools", async () => {
      const path = join(directory, `saved-${generation.name}.db`);
      assert.equal((await runOwn(ours, { words: ["snapshot", "save", path] })).code, 0);
      const status = spawnSync(buildTool("etcdutl36"), ["snapshot", "status", path], { encoding: "utf8" });
      assert.equal(status.status, 0, status.stderr);
      const restored = ["snapshot", "restore", path, "--data-dir", join(directory, `restored-${generation.name}`)];
      const restore = spawnSync(buildTool("etcdutl36"), restored, { encoding: "utf8" });
      assert.equal(restore.status, 0, restore.stderr);
    });
  });
}

/** A tool of etcd 3.6, from its public module, built on first use. */
function buildTool(name: string): string {
  const sources = join(repository, "test/peers/ctl");
  const binary = join(repository, ".peers", name);
  mkdirSync(join(repository, ".peers"), { recursive: true });
  if (existsSync(binary) && statSync(binary).mtimeMs > statSync(join(sources, "go.mod")).mtimeMs) return binary;
  const built = spawnSync("go", ["build", "-o", binary, `./${name}`], { cwd: sources, encoding: "utf8" });
  assert.equal(built.status, 0, built.stderr);
  return binary;
}

function runReal(etcdctl: string, server: ServerProcess, one: Step): Answer {
  const result = spawnSync(etcdctl, [...one.words, `--endpoints=${server.endpoint}`].sort(endpointFirst), {
    env: { PATH: process.env["PATH"] ?? "", ETCDCTL_API: "3", ...one.env },
    input: Buffer.from(one.stdin ?? "", "latin1"),
    timeout: 20_000,
  });
  return answerOf(result.status ?? -1, result.stdout.toString("latin1"), result.stderr.toString("latin1"));
}

async function runOwn(server: ServerProcess, one: Step): Promise<Answer> {
  const run = await ctlRun([`--endpoints=${server.endpoint}`, ...one.words], {
    stdin: Buffer.from(one.stdin ?? "", "latin1"),
    ...(one.env && { env: one.env }),
  });
  return answerOf(run.code, run.stdout, run.stderr);
}

/** The flag must stand before a `--`. */
function endpointFirst(a: string, b: string): number {
  return Number(b.startsWith("--endpoints=")) - Number(a.startsWith("--endpoints="));
}

function answerOf(code: number, stdout: string, stderr: string): Answer {
  const lines = stderr.split("\n").filter((line) => line !== "" && !line.startsWith("{"));
  return { code, stdout, complaints: [...new Set(lines)] };
}

/** What may differ: ids, ports, times, and who is speaking. On one server ids may not. */
function mask(answer: Answer, server: ServerProcess, one: Step): Answer {
  const masked = (text: string): string => {
    const timeless = text
      .replace(/\b\d+(\.\d+)?(µs|ms|s)\b(?!\))/g, "TIME")
      .replace(/TIME +\|/g, "TIME |")
      .replace(/("?raft(?:Applied)?Index"? ?: ?)\d+/gi, "$1N")
      .replaceAll("bridgekeeper ctl", "etcdctl");
    if (one.sameServer)
      return timeless
        .replace(/, \d+, \d+(, , , \w+\n)/, ", N, N$1")
        .replace(/ \d+ \| +\d+ (\| +\| +\| +\w+ \|\n)/, " N | N $1");
    return timeless
      .replaceAll(server.endpoint, "ENDPOINT")
      .replace(/127\.0\.0\.1:\d+/g, "PEER")
      .replace(/\b\d{16,20}\b/g, "ID")
      .replace(/\b[0-9a-f]{14,16}\b/g, "ID")
      .replace(/"(dbSize(?:InUse)?)":\d+/g, '"$1":N');
  };
  return { code: answer.code, stdout: masked(answer.stdout), complaints: answer.complaints.map(masked) };
}

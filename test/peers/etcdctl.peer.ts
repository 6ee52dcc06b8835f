import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Program } from "../support/program.ts";
import { type ServerProcess, startEtcd34, startEtcd36, startOurs } from "../support/servers.ts";
import { type Answer, buildTool, mask, runReal } from "./ctl/runs.ts";
import { type Step, steps } from "./ctl/steps.ts";

/*
 * The real etcdctl, Debian's 3.4 and the current 3.6, gives the same commands to our server and to a real etcd 3.6.
 * What it prints and how it ends must be the same, ids, ports, sizes and times aside.
 */

/** More than `bridgekeeper ctl` has. */
const further: readonly Step[] = [
  "auth enable",
  "auth disable",
  "user list",
  "user get nobody",
  "role list",
  "role get nothing",
  "move-leader 7b",
  "move-leader",
  "member remove zz",
  "snapshot save",
  "check datascale --load=huge",
  "del --prefix many",
  "endpoint health",
].map((line) => ({ words: line.split(" ") }));

for (const generation of [
  { name: "3.4", etcdctl: () => "/usr/bin/etcdctl" },
  { name: "3.6", etcdctl: () => buildTool("etcdctl36") },
] as const) {
  describe(`etcdctl ${generation.name}`, { concurrency: 1 }, () => {
    const directory = mkdtempSync(join(tmpdir(), "etcdctl-"));
    let ours: ServerProcess;
    let theirs: ServerProcess;
    let etcdctl: string;
    before(async () => {
      etcdctl = generation.etcdctl();
      [ours, theirs] = await Promise.all([startOurs(), startEtcd36()]);
    });
    after(async () => {
      await Promise.all([ours.stop(), theirs.stop()]);
      rmSync(directory, { recursive: true, force: true });
    });

    const isKnown = ({ since36 }: Step): boolean => generation.name === "3.6" || !since36;
    for (const one of [...steps.filter(isKnown).filter(isComparable).map(onTwoServers), ...further]) {
      test([...one.words, one.stdin ?? ""].join(" "), async () => {
        const [own, real] = await Promise.all(
          [ours, theirs].map(async (server) => maskSizes(mask(await runReal(etcdctl, server, one), server, one))),
        );
        assert.deepEqual(own, real);
      });
    }

    /** A story is told of each server; both must be the same. */
    function story(name: string, tell: (server: ServerProcess, ctl: Ctl) => Promise<readonly string[]>): void {
      test(name, async () => {
        const [own, real] = await Promise.all(
          [ours, theirs].map(async (server) => {
            const told = await tell(server, new Ctl(etcdctl, server));
            return told.map((text) => maskText(text, server));
          }),
        );
        assert.ok(real!.length > 0);
        assert.deepEqual(own, real);
      });
    }

    story("watch tells of puts and deletes, with what was there before", async (_server, ctl) => {
      const first = (await ctl.revision()) + 1;
      await ctl.run("put w/a 1");
      const watch = ctl.start(`watch w/ --prefix --prev-kv --rev=${first}`);
      await watch.printed("w/a\n1\n");
      await ctl.run("put w/a 2");
      await ctl.run("put w/b x");
      await ctl.run("del w/ --prefix");
      await watch.printed(/DELETE\nw\/b\n/);
      watch.signal("SIGINT");
      const { stdout } = await watch.ended;
      return [stdout];
    });

    story("watch runs a command for each event", async (_server, ctl) => {
      const first = (await ctl.revision()) + 1;
      await ctl.run("put exec 1");
      await ctl.run("del exec");
      const command = "echo $ETCD_WATCH_EVENT_TYPE $ETCD_WATCH_KEY $ETCD_WATCH_VALUE; echo end";
      const watch = ctl.startWords(["watch", "exec", `--rev=${first}`, "--", "sh", "-c", command]);
      await watch.printed(/end[^]*end\n$/);
      watch.signal("SIGINT");
      return [(await watch.ended).stdout];
    });

    story("watch takes several watches and asks for progress", async (_server, ctl) => {
      const first = (await ctl.revision()) + 1;
      await ctl.run("put i/a 1");
      await ctl.run("put i/b 2");
      await ctl.run("put j 3");
      const watch = ctl.start("watch -i");
      watch.write(`watch i/ i0 --rev=${first}\n`);
      await watch.printed("i/b\n2\n");
      watch.write(`watch j --rev=${first}\n`);
      await watch.printed("j\n3\n");
      watch.write("progress\n");
      await watch.printed(/progress notify: \d+/);
      watch.signal("SIGINT");
      return [(await watch.ended).stdout];
    });

    story("watch from a compacted revision is told so", async (_server, ctl) => {
      await ctl.run("put c 1");
      const revision = await ctl.revision();
      await ctl.run("put c 2");
      await ctl.run(`compaction ${revision + 1} --physical`);
      const watch = ctl.start(`watch c --rev=${revision}`);
      const { code, stdout, stderr } = await watch.ended;
      return [String(code), stdout, ...stderr.split("\n").filter((line) => !line.startsWith("{"))];
    });

    story("lease: grant, attach, time to live, keep alive, revoke", async (_server, ctl) => {
      const id = leaseIdOf((await ctl.run("lease grant 3")).stdout);
      await ctl.run(`put leased 1 --lease=${id}`);
      const told = [
        (await ctl.run(`lease timetolive ${id} --keys`)).stdout.replace(/remaining\(\ds\)/, "remaining(N)"),
      ];
      const keeping = ctl.start(`lease keep-alive ${id}`);
      await keeping.printed(/(keepalived[^]*){3}/);
      keeping.signal("SIGINT");
      await keeping.ended;
      told.push((await ctl.run("get leased")).stdout, (await ctl.run("lease list")).stdout);
      told.push((await ctl.run(`lease keep-alive --once ${id}`)).stdout);
      told.push((await ctl.run(`lease revoke ${id}`)).stdout, (await ctl.run("get leased")).stdout);
      told.push((await ctl.run(`lease timetolive ${id}`)).stdout);
      const lost = await ctl.run(`lease keep-alive ${id}`);
      return [...told, String(lost.code), lost.stdout];
    });

    story("lock: the second waits until the first is interrupted", async (_server, ctl) => {
      const first = ctl.start("lock door --ttl=20");
      await first.printed(/door\/\w+\n/);
      const second = ctl.start("lock door --ttl=20");
      await ctl.until("get door --prefix --keys-only", (text) => text.match(/door\//g)?.length === 2);
      assert.equal(second.stdout, "");
      first.signal("SIGINT");
      const firstEnd = await first.ended;
      await second.printed(/door\/\w+\n/);
      second.signal("SIGINT");
      const secondEnd = await second.ended;
      const held = await ctl.startWords(["lock", "door", "--", "sh", "-c", "echo $ETCD_LOCK_KEY; exit 3"]).ended;
      const left = await ctl.run("get door --prefix");
      return [firstEnd.stdout, String(firstEnd.code), secondEnd.stdout, held.stdout, String(held.code), left.stdout];
    });

    story("elect: a leader, an observer, a successor", async (_server, ctl) => {
      const first = ctl.start("elect office one");
      await first.printed(/one\n/);
      const observer = ctl.start("elect -l office");
      await observer.printed(/one\n/);
      const second = ctl.start("elect office two");
      await ctl.until("get office --prefix --keys-only", (text) => text.match(/office\//g)?.length === 2);
      first.signal("SIGINT");
      await second.printed(/two\n/);
      await observer.printed(/two\n/);
      observer.signal("SIGINT");
      second.signal("SIGINT");
      const ends = await Promise.all([first.ended, second.ended, observer.ended]);
      return ends.flatMap(({ code, stdout }) => [String(code), stdout]);
    });

    story("move-leader to the leader itself", async (_server, ctl) => {
      const id = /^(\w+), started/.exec((await ctl.run("member list")).stdout)![1]!;
      const moved = await ctl.run(`move-leader ${id}`);
      return [String(moved.code), moved.stdout];
    });

    story("a transaction's lines, from standard input", async (_server, ctl) => {
      await ctl.run("put t old");
      const lines = [
        'value("t") = "old"',
        'mod("t") > "0"',
        "",
        "put t new",
        "get t",
        "del nothing",
        "",
        "get t",
        "",
        "",
      ];
      const input = lines.join("\n");
      return [(await ctl.run("txn", input)).stdout, (await ctl.run("txn", input)).stdout];
    });

    story("many keys come in pages, in order", async (_server, ctl) => {
      for (let first = 0; first < 500; first += 100) {
        const puts = Array.from({ length: 100 }, (_, i) => `put many/${first + i} ${"x".repeat(i + 1)}`);
        const { code } = await ctl.run("txn", `\n${puts.join("\n")}\n\n\n`);
        assert.equal(code, 0);
      }
      const all = await ctl.run("get many/ --prefix --sort-by=KEY --order=DESCEND");
      return [all.stdout, (await ctl.run("get many/ --prefix --limit=7 --keys-only")).stdout];
    });

    story("check datascale writes ten thousand keys and looks at the memory", async (_server, ctl) => {
      const { code, stdout } = await ctl.run("check datascale --load=s");
      // Between the two lines for people a bar moves.
      return [String(code), ...stdout.replace(/[\d.]+ MB/g, "N MB").match(/^(Start|PASS|FAIL).*$/gm)!];
    });

    test("make-mirror copies from ours to a real etcd and back", async () => {
      const [source, middle, end] = [await startOurs(), await startEtcd36(), await startOurs()];
      const [from, through, to] = [source, middle, end].map((server) => new Ctl(etcdctl, server)) as [Ctl, Ctl, Ctl];
      await from.run("put m/before 1");
      const mirrors = [from.start(`make-mirror ${middle.endpoint}`), through.start(`make-mirror ${end.endpoint}`)];
      await to.until("get m/before", (text) => text !== "");
      await from.run("put m/after 2");
      await from.run("put m/before 3");
      await from.run("del m/before");
      await to.until("get m/ --prefix", (text) => text === "m/after\n2\n");
      for (const mirror of mirrors) mirror.signal("SIGINT");
      await Promise.all(mirrors.map(({ ended }) => ended));
      await Promise.all([source, middle, end].map((server) => server.stop()));
    });

    test("a snapshot of ours, restored, is a member of etcd's own with the same data and hash", async () => {
      const ctl = new Ctl(etcdctl, ours);
      const file = join(directory, "snapshot.db");
      const saved = await ctl.run(`snapshot save ${file}`);
      assert.equal(saved.code, 0, saved.stdout);
      const revision = await ctl.revision();
      const etcdutl = generation.name === "3.4" ? "/usr/bin/etcdctl" : buildTool("etcdutl36");
      const status = await runTool(etcdutl, ["snapshot", "status", file, "-w", "json"]);
      assert.equal((JSON.parse(status) as { revision: number }).revision, revision);

      const dataDir = join(directory, "restored");
      await runTool(etcdutl, ["snapshot", "restore", file, "--data-dir", dataDir]);
      const restored = await (generation.name === "3.4" ? startEtcd34 : startEtcd36)({ dataDir });
      try {
        const copy = new Ctl(etcdctl, restored);
        assert.equal(await copy.revision(), revision);
        const [own, real] = await Promise.all(
          [ctl, copy].map((one) => one.startWords(["get", "", "--prefix", "-w", "json"]).ended),
        );
        assert.deepEqual(dataOf(own!.stdout), dataOf(real!.stdout));
        assert.ok(dataOf(own!.stdout).length > 500);
        const hashes = await Promise.all([ctl, copy].map((one) => one.run("endpoint hashkv -w json")));
        assert.equal(hashOf(hashes[0]!.stdout), hashOf(hashes[1]!.stdout));
        assert.equal((await copy.run("put restored works")).stdout, "OK\n");
      } finally {
        await restored.stop();
      }
    });
  });
}

/** etcdctl beside one server. */
class Ctl {
  readonly #etcdctl: string;
  readonly #server: ServerProcess;

  constructor(etcdctl: string, server: ServerProcess) {
    this.#etcdctl = etcdctl;
    this.#server = server;
  }

  startWords(words: readonly string[], input?: string): Program {
    const args = [`--endpoints=${this.#server.endpoint}`, ...words];
    return new Program(this.#etcdctl, args, { env: { ETCDCTL_API: "3" }, ...(input !== undefined && { input }) });
  }

  start(line: string): Program {
    return this.startWords(line.split(" "));
  }

  async run(line: string, input = ""): Promise<{ readonly code: number | string; readonly stdout: string }> {
    return this.startWords(line.split(" "), input).ended;
  }

  async revision(): Promise<number> {
    const { stdout } = await this.run("get nothing -w json");
    return (JSON.parse(stdout) as { header: { revision: number } }).header.revision;
  }

  /** Asks until the answer is as wanted. */
  async until(line: string, isWanted: (stdout: string) => boolean): Promise<void> {
    for (const deadline = Date.now() + 20_000; !isWanted((await this.run(line)).stdout);) {
      assert.ok(Date.now() < deadline, `${line}: not as wanted within 20 s`);
    }
  }
}

async function runTool(command: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Program(command, args, { env: { ETCDCTL_API: "3" }, input: "" }).ended;
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Hashes over lease ids, and messages as they are: their bytes are compared elsewhere, on one server. */
function isComparable({ words, sameServer }: Step): boolean {
  return !(sameServer && (words.includes("hashkv") || words.includes("protobuf")));
}

/** Here even what changes nothing is asked of two servers, so ids differ. */
function onTwoServers({ words, stdin, env }: Step): Step {
  return { words, ...(stdin !== undefined && { stdin }), ...(env && { env }) };
}

/** What a server's size is belongs to its storage. A column is as wide as what stands in it. */
function maskSizes(answer: Answer): Answer {
  const masked = answer.stdout
    .replace(/\b[\d.]+ [kM]?B\b/g, "SIZE")
    .replace(/("(?:DBSize|DBSizeInUse)" : )\d+/g, "$1N")
    .replace(/\b\d+%/g, "N%")
    .replace(/ *\| */g, "|")
    .replace(/-{3,}/g, "---");
  return { ...answer, stdout: masked };
}

function maskText(text: string, server: ServerProcess): string {
  return text.replaceAll(server.endpoint, "ENDPOINT").replace(/\b[0-9a-f]{14,16}\b/g, "ID");
}

function leaseIdOf(text: string): string {
  const id = /lease (\w+) granted/.exec(text)?.[1];
  assert.ok(id !== undefined, text);
  return id;
}

function dataOf(json: string): unknown[] {
  return (JSON.parse(json) as { kvs: unknown[] }).kvs;
}

function hashOf(json: string): number {
  const [answer] = JSON.parse(json) as { HashKV: { hash: number } }[];
  return answer!.HashKV.hash;
}

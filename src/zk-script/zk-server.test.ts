/** The program in processes of its own, as scripts call it. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { Child, type Ended } from "../../test/support/child.ts";
import { callFourLetterWord } from "./four-letter-call.ts";

const PROGRAM = "src/bin/zk-server.ts";
const root = mkdtempSync(join(tmpdir(), "zk-server-"));
after(() => rmSync(root, { recursive: true, force: true }));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A directory with a zoo.cfg of its own, and the environment that names both. */
function place(name: string, lines: readonly string[]): { readonly dir: string; readonly env: Record<string, string> } {
  const dir = mkdtempSync(join(root, `${name}-`));
  writeFileSync(join(dir, "zoo.cfg"), `${lines.join("\n")}\n`);
  return { dir, env: { ZOOCFGDIR: dir, ZOO_LOG_DIR: join(dir, "logs"), USER: "somebody" } };
}

function run(argv: readonly string[], env: Record<string, string>): Promise<Ended> {
  return new Child(PROGRAM, argv, { env }).ended;
}

const local = ["tickTime=2000", "clientPortAddress=127.0.0.1", "admin.enableServer=false"];

suite("zkServer.sh", { concurrency: 3, timeout: 180_000 }, () => {
  test("start, status, stop, and what each says when there is nothing to do", async () => {
    const port = await freePort();
    const dataDir = join(root, "life-data");
    const { dir, env } = place("life", [...local, `dataDir=${dataDir}`, `clientPort=${port}`]);
    const pidFile = join(dataDir, "zookeeper_server.pid");
    const found = `Client port found: ${port}. Client address: 127.0.0.1. Client SSL: false.\n`;
    const greeting = `ZooKeeper JMX enabled by default\nUsing config: ${join(dir, "zoo.cfg")}\n`;

    const early = await run(["status"], env);
    assert.deepEqual([early.code, early.stderr], [1, greeting]);
    assert.equal(early.stdout, `${found}Error contacting service. It is probably not running.\n`);
    const nothing = await run(["stop"], env);
    assert.equal(nothing.code, 0);
    assert.equal(nothing.stdout, `Stopping zookeeper ... no zookeeper to stop (could not find file ${pidFile})\n`);

    const started = await run(["start"], env);
    assert.deepEqual([started.code, started.stdout], [0, "Starting zookeeper ... STARTED\n"]);
    const pid = readFileSync(pidFile, "utf8");
    assert.match(pid, /^\d+$/);
    try {
      const again = await run(["start"], env);
      assert.deepEqual([again.code, again.stdout], [1, `Starting zookeeper ... already running as process ${pid}.\n`]);
      await serving(port);
      const status = await run(["status"], env);
      assert.deepEqual([status.code, status.stdout], [0, `${found}Mode: standalone\n`]);
      assert.ok(existsSync(join(dataDir, "bridgekeeper/member")));
    } finally {
      const stopped = await run(["stop"], env);
      assert.deepEqual([stopped.code, stopped.stdout], [0, "Stopping zookeeper ... STOPPED\n"]);
    }
    assert.equal(existsSync(pidFile), false);
    assert.throws(() => process.kill(Number(pid), 0), { code: "ESRCH" });
  });

  test("start-foreground serves until a signal, and reads JVMFLAGS", async () => {
    const port = await freePort();
    const { env } = place("foreground", [...local, `dataDir=${join(root, "fg-data")}`, `clientPort=${port}`]);
    const flags = { ...env, JVMFLAGS: "-Xmx64m -Dzookeeper.4lw.commands.whitelist=ruok" };
    const child = new Child(PROGRAM, ["start-foreground"], { env: flags });
    await Promise.race([serving(port), child.ended]);
    assert.equal(await word("ruok", port), "imok");
    assert.equal(await word("mntr", port), "mntr is not executed because it is not in the whitelist.\n");
    child.process.kill("SIGTERM");
    const { code, signal } = await child.ended;
    assert.deepEqual([code, signal], [null, "SIGTERM"]);
  });

  test("a configuration that cannot be used ends with ZooKeeper's exit code", async () => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [["clientPort=2181"], /^zoo\.cfg: dataDir is not set$/m],
      [
        ["dataDir=/tmp/x", "clientPort=2181", "tickTime=abc"],
        /^zoo\.cfg line 3: tickTime: "abc" is not a whole number$/m,
      ],
      [
        ["dataDir=/tmp/x", "clientPort=2181", "server.1=a:1:2", "server.2=b:1:2"],
        /^zoo\.cfg names 2 servers: an ensemble is not supported yet$/m,
      ],
    ];
    for (const [lines, reason] of cases) {
      const { code, stderr } = await run(["start-foreground"], place("wrong", lines).env);
      assert.equal(code, 2);
      assert.match(stderr, reason);
      assert.match(stderr, /^Invalid config, exiting abnormally$/m);
    }
    const { code, stderr } = await run(["start-foreground", "/no/such.cfg"], {});
    assert.equal(code, 2);
    assert.match(stderr, /no such file or directory/);
  });

  test("a server that fails at once has failed to start", async () => {
    const { env } = place("broken", [...local, `dataDir=${join(root, "broken-data")}`, "clientPort=2181", "skipACL=x"]);
    const { code, stdout, stderr } = await run(["start"], env);
    assert.deepEqual([code, stdout], [1, "Starting zookeeper ... FAILED TO START\n"]);
    assert.match(stderr, /^zoo\.cfg line 6: skipACL: "x" is neither yes nor no$/m);
  });

  test("a data directory is not made when that was forbidden", async () => {
    const dataDir = join(root, "missing-data");
    const { env } = place("missing", [...local, `dataDir=${dataDir}`, "clientPort=2181"]);
    const { code, stdout } = await run(["start"], { ...env, ZOO_DATADIR_AUTOCREATE_DISABLE: "1" });
    assert.equal(code, 1);
    assert.equal(stdout, `ZooKeeper data directory is missing at ${dataDir} fix the path or run initialize\n`);
    assert.equal(existsSync(dataDir), false);
  });

  test("version, print-cmd and the usage", async () => {
    const { env, dir } = place("words", ["dataDir=/tmp/x", "clientPort=1"]);
    assert.match((await run(["version"], env)).stdout, /^Apache ZooKeeper, version 3\.9\.5 \(Bridgekeeper [\d.]+\)\n$/);
    const printed = await run(["print-cmd"], env);
    assert.match(
      printed.stdout,
      /zk-server\.ts start-foreground \S+\/zoo\.cfg > \S+\/logs\/zookeeper-somebody-server-\S+\.out 2>&1 < \/dev\/null\n$/,
    );
    assert.ok(printed.stdout.includes(join(dir, "zoo.cfg")));
    for (const argv of [[], ["bogus"]]) {
      const { code, stdout, stderr } = await run(argv, env);
      assert.deepEqual([code, stdout], [0, ""]);
      assert.match(stderr, /\nUsage: zk-server\.ts \[--config <conf-dir>\] \{start\|start-foreground\|stop\|/);
    }
  });
});

function word(text: string, port: number): Promise<string | null> {
  return callFourLetterWord(text, { host: "127.0.0.1", port, timeoutMs: 5000 });
}

/** Resolves when the server answers as one that serves. */
async function serving(port: number): Promise<void> {
  for (;;) {
    const answer = await word("srvr", port);
    if (answer?.includes("Mode: ") === true) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { Child, type Ended } from "../test/support/child.ts";

const STAND_IN = "test/support/serve-fixture.ts";
const FREE = ["--listen-client-urls=http://127.0.0.1:0", "--advertise-client-urls=http://127.0.0.1:1"];
const DOORS = ["--name=n1", "--listen-peer-urls=http://127.0.0.1:0", ...FREE];
const READY = "serving client traffic insecurely";

function run(program: string, argv: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Child(program, argv, { env }).ended;
}

function start(argv: readonly string[], env: Record<string, string> = {}): Child {
  return new Child(STAND_IN, [...DOORS, ...argv], { env });
}

function messages(child: Child): unknown[] {
  return child.log().map((line) => line["msg"]);
}

// Most of the time goes by waiting for processes to start; they may start together.
suite("a server process", { concurrency: 4 }, () => {
  test("etcd --version prints four lines", async () => {
    for (const flag of ["--version", "-version"]) {
      const { code, stdout, stderr } = await run("src/bin/etcd.ts", [flag]);
      assert.equal(code, 0);
      assert.equal(stderr, "");
      assert.match(stdout, /^etcd Version: 3\.6\.\d+\nGit SHA: .+\nGo Version: .+\nGo OS\/Arch: \w+\/\w+\n$/);
    }
  });

  test("etcd --help prints the usage and the flags on stdout", async () => {
    const { code, stdout, stderr } = await run("src/bin/etcd.ts", ["--help"]);
    assert.equal(code, 0);
    assert.equal(stderr, "");
    assert.match(stdout, /^Usage:\n/);
    assert.match(stdout, /\n {2}--listen-client-urls /);
  });

  test("an unknown flag gets the usage on stderr and exit code 2", async () => {
    const { code, stdout, stderr } = await run("src/bin/etcd.ts", ["--nope"]);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /^flag provided but not defined: -nope\nUsage:\n/);
  });

  test("refused settings are logged after the command line, with exit code 1", async () => {
    const child = new Child("src/bin/etcd.ts", ["--name=a", "--election-timeout", "100"]);
    const { code } = await child.ended;
    assert.equal(code, 1);
    const [running, failed] = child.log().slice(1);
    assert.equal(running?.["msg"], "Running: ");
    assert.deepEqual(running["args"], ["etcd", "--name=a", "--election-timeout", "100"]);
    assert.deepEqual(
      [failed?.["level"], failed?.["msg"], failed?.["error"]],
      [
        "warn",
        "failed to verify flags",
        "--election-timeout[100ms] should be at least as 5 times as --heartbeat-interval[100ms]",
      ],
    );
  });

  test("a flag that shadows a variable is fatal", async () => {
    const child = new Child("src/bin/etcd.ts", ["--name", "a"], { env: { ETCD_NAME: "b" } });
    assert.equal((await child.ended).code, 1);
    assert.equal(child.log()[0]?.["level"], "fatal");
    assert.equal(child.log()[0]?.["environment-variable"], "ETCD_NAME");
  });

  test("the proxies are not there yet, and say so", async () => {
    for (const proxy of ["gateway", "grpc-proxy"]) {
      const { code, stderr } = await run("src/bin/etcd.ts", [proxy, "start"]);
      assert.equal(code, 1);
      assert.equal(stderr, `etcd ${proxy}: not supported yet\n`);
    }
  });

  test("bridgekeeper: help, version, an unknown command, serve's own flags", async () => {
    const help = await run("src/bin/bridgekeeper.ts", ["--help"]);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /^ {2}serve .*\n {2}facade .*\n {2}ctl .*\n {2}version /m);
    const version = await run("src/bin/bridgekeeper.ts", ["version"]);
    assert.match(version.stdout, /^bridgekeeper \d+\.\d+\.\d+\netcd Version: 3\.6\.\d+\n/);
    const unknown = await run("src/bin/bridgekeeper.ts", ["bogus"]);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /^error: unknown command 'bogus'/);
    const flag = await run("src/bin/bridgekeeper.ts", ["serve", "--nope"]);
    assert.equal(flag.code, 2);
    assert.match(flag.stderr, /^flag provided but not defined: -nope\nUsage:\n\n {2}bridgekeeper serve \[flags\]/);
    const serveVersion = await run("src/bin/bridgekeeper.ts", ["serve", "--version"]);
    assert.match(serveVersion.stdout, /^etcd Version: /);
  });

  test("a start says where it listens, in etcd's order and words; SIGTERM ends it by SIGTERM", async (t) => {
    const dataDir = temporaryDirectory(t);
    const child = start(["--data-dir", join(dataDir, "new")]);
    await child.logged(READY);
    const address = String(child.log().find((line) => String(line["msg"]).startsWith(READY))?.["address"]);
    assert.equal(await (await fetch(`http://${address}/`)).text(), "ok");
    child.process.kill("SIGTERM");
    const ended = await child.ended;
    assert.deepEqual([ended.code, ended.signal], [null, "SIGTERM"]);
    assert.deepEqual(messages(child), [
      "Running http and grpc server on single port. This is not recommended for production.",
      "Running: ",
      "Initialize and start etcd server",
      "configuring peer listeners",
      "configuring client listeners",
      "starting an etcd server",
      "now serving peer/client/metrics",
      "serving peer traffic",
      "ready to serve client requests",
      "serving client traffic insecurely; this is strongly discouraged!",
      "received signal; shutting down",
      "closing etcd server",
      "stand-in closed",
      "closed etcd server",
    ]);
    assert.ok(child.log().every((line) => line["level"] === "info" || line["level"] === "warn"));
  });

  test("SIGINT ends it by SIGINT, and signals during the stop change nothing", async () => {
    const child = start([], { STAND_IN_DRAIN_MS: "300" });
    await child.logged(READY);
    child.process.kill("SIGINT");
    await child.logged("closing etcd server");
    child.process.kill("SIGTERM");
    child.process.kill("SIGINT");
    const ended = await child.ended;
    assert.deepEqual([ended.code, ended.signal], [null, "SIGINT"]);
    assert.equal(messages(child).at(-1), "closed etcd server");
    assert.equal(messages(child).filter((message) => message === "received signal; shutting down").length, 1);
  });

  test("a stop does not wait for ever for calls under way", async () => {
    const child = start([], { STAND_IN_DRAIN_MS: "60000" });
    await child.logged(READY);
    child.process.kill("SIGTERM");
    assert.equal((await child.ended).signal, "SIGTERM");
    assert.deepEqual(messages(child).slice(-3), [
      "calls were still under way; closing anyway",
      "stand-in closed",
      "closed etcd server",
    ]);
  });

  test("a member that was removed ends with 0, one that broke with 1", async () => {
    const removed = start([], { STAND_IN_END: "removed" });
    assert.equal((await removed.ended).code, 0);
    assert.equal(messages(removed).at(-1), "closed etcd server");
    const broken = start([], { STAND_IN_END: "broken" });
    assert.equal((await broken.ended).code, 1);
    const last = broken.log().at(-1);
    assert.deepEqual(
      [last?.["level"], last?.["msg"], last?.["error"]],
      ["fatal", "listener failed", "the disk is gone"],
    );
  });

  test("a taken port is said in Go's words, and leaves no trace in the data directory", async (t) => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    t.after(() => taken.close());
    const { port } = taken.address() as { port: number };
    const dataDir = join(temporaryDirectory(t), "new");
    const url = `http://127.0.0.1:${port}`;
    const child = start([`--listen-client-urls=${url}`, "--data-dir", dataDir]);
    assert.equal((await child.ended).code, 1);
    const last = child.log().at(-1);
    assert.equal(last?.["level"], "fatal");
    assert.match(String(last["error"]), new RegExp(`^listen tcp 127.0.0.1:${port}: bind: address already in use`));
    assert.equal(existsSync(dataDir), false);
  });

  test("a log file that cannot be opened is refused", async () => {
    const child = start(["--log-outputs=/nonexistent-directory/etcd.log"]);
    assert.equal((await child.ended).code, 1);
    assert.match(String(child.log().at(-1)?.["error"]), /^open sink "\/nonexistent-directory\/etcd.log": /);
  });

  test("a configuration file may come from a variable, and what else stands in a data directory is warned of", async (t) => {
    const directory = temporaryDirectory(t);
    const file = join(directory, "etcd.yaml");
    const urls = "listen-client-urls: http://localhost:0\nlisten-peer-urls: http://localhost:0\n";
    writeFileSync(file, `name: from-file\ndata-dir: ${directory}\n${urls}`);
    const child = new Child(STAND_IN, [], { env: { ETCD_CONFIG_FILE: file, ETCD_NAME: "ignored" } });
    await child.logged(READY);
    child.process.kill("SIGTERM");
    await child.ended;
    const dump = child.log().find((line) => line["msg"] === "starting an etcd server");
    assert.equal(dump?.["name"], "from-file");
    const invalid = child.log().find((line) => line["msg"] === "found invalid file under data directory");
    assert.equal(invalid?.["filename"], "etcd.yaml");
  });
});

function temporaryDirectory(t: { after(cleanUp: () => void): void }): string {
  const directory = mkdtempSync(join(tmpdir(), "server-process-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type BothApisAddresses, BothApisShell } from "../support/both-apis-shell.ts";
import { Program } from "../support/program.ts";
import { bothApisPage, type Example, forgetChance, readmeExamples, ReadmeShell } from "../support/readme.ts";
import { isAsOnPage, semanticsExamples } from "../support/semantics.ts";
import { freePorts, repository } from "../support/servers.ts";

/*
 * The examples of README.md as a reader types them: the server by `npm start`, curl, etcdctl, zkCli and kazoo themselves,
 * our programs as they are built. HTTPie is left to test/readme.test.ts, which makes its request.
 */
const examples = readmeExamples().filter(({ command }) => !command.startsWith("http "));
const ofBothApis = semanticsExamples(bothApisPage());
/** A server that was just started may need a moment before it answers. */
const STATUS_TIMEOUT_MS = 30_000;

describe("README.md", { concurrency: 1 }, () => {
  const directory = mkdtempSync(join(tmpdir(), "readme-peer-"));
  let server: Program;
  let shell: ReadmeShell;
  let addresses: BothApisAddresses;
  let bothApis: BothApisShell | undefined;

  before(async () => {
    const [clientPort, peerPort, zkPort, zkServerPort] = await freePorts(4);
    const address = `127.0.0.1:${clientPort!}`;
    const flags = [
      ...["--data-dir", join(directory, "default.etcd"), "--listen-peer-urls", `http://127.0.0.1:${peerPort!}`],
      ...["--listen-client-urls", `http://${address}`, "--advertise-client-urls", "http://localhost:2379"],
      ...["--log-outputs", "stdout", "--zk-listen", `127.0.0.1:${zkPort!}=/zk`, "--zk-admin-enable-server=false"],
    ];
    server = new Program("npm", ["start", "--", ...flags], { cwd: repository, timeoutMs: 300_000 });
    await server.printed("serving ZooKeeper clients", 120_000);
    addresses = { zkPort: zkPort!, etcd: address };
    shell = new ReadmeShell({
      address,
      zkServerPort: zkServerPort!,
      directory,
      // In the clone itself npx finds the program; what the examples write is not to be left there.
      programs: { npx: [process.execPath, join(repository, "dist/bin/bridgekeeper.js")] },
    });
  });

  after(async () => {
    // If an example failed in the middle, the server that the one before it has started is still there.
    await shell.run({ command: "zkServer.sh stop ./zoo.cfg", output: "", isInterrupted: false });
    await bothApis?.close();
    server.signal("SIGTERM");
    await server.ended;
    rmSync(directory, { recursive: true });
  });

  test("there are examples of every kind", () => {
    const programs = new Set(examples.map(({ command }) => command.split(" ", 1)[0]));
    assert.deepEqual([...programs].sort(), ["cat", "curl", "etcd", "etcdctl", "ln", "npx", "zkServer.sh"]);
    assert.deepEqual(new Set(ofBothApis.map(({ kind }) => kind)), new Set(["zk", "shell", "python"]));
  });

  for (const example of examples) {
    test(example.command.split("\n", 1)[0], async () => {
      const printed = await runUntilServing(shell, example);
      // The page breaks the line after an answer that does not.
      const whole = example.command.startsWith("curl ") ? `${printed}\n` : printed;
      assert.equal(forgetChance(whole), forgetChance(shell.here(example.output)));
    });
  }

  for (const example of ofBothApis) {
    test(example.command === "" ? "an event" : example.command.split("\n", 1)[0], async () => {
      // Not before: a session is a write, and the examples above tell revisions.
      bothApis ??= await BothApisShell.open(addresses);
      const printed = await bothApis.run(example);
      assert.ok(
        isAsOnPage(example.printed, printed),
        `the page says\n${example.printed.join("\n")}\nand it is\n${printed}`,
      );
    });
  }
});

async function runUntilServing(shell: ReadmeShell, example: Example): Promise<string> {
  for (const deadline = Date.now() + STATUS_TIMEOUT_MS; ;) {
    try {
      return await shell.run(example);
    } catch (error) {
      if (!example.command.startsWith("zkServer.sh status") || Date.now() > deadline) throw error;
    }
  }
}

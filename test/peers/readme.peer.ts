import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Program } from "../support/program.ts";
import { forgetChance, readmeExamples, ReadmeShell } from "../support/readme.ts";
import { freePorts, repository } from "../support/servers.ts";

/*
 * The examples of README.md as a reader types them: the server by `npm start`, curl and etcdctl themselves, our programs
 * as they are built. HTTPie is left to test/readme.test.ts, which makes its request.
 */
const examples = readmeExamples().filter(({ command }) => !command.startsWith("http "));

describe("README.md", { concurrency: 1 }, () => {
  const directory = mkdtempSync(join(tmpdir(), "readme-peer-"));
  let server: Program;
  let shell: ReadmeShell;

  before(async () => {
    const [clientPort, peerPort] = await freePorts(2);
    const address = `127.0.0.1:${clientPort!}`;
    const flags = [
      ...["--data-dir", join(directory, "default.etcd"), "--listen-peer-urls", `http://127.0.0.1:${peerPort!}`],
      ...["--listen-client-urls", `http://${address}`, "--advertise-client-urls", "http://localhost:2379"],
      ...["--log-outputs", "stdout"],
    ];
    server = new Program("npm", ["start", "--", ...flags], { cwd: repository, timeoutMs: 300_000 });
    await server.printed("ready to serve client requests", 120_000);
    shell = new ReadmeShell({
      address,
      directory,
      // In the clone itself npx finds the program; what the examples write is not to be left there.
      programs: { npx: [process.execPath, join(repository, "dist/bin/bridgekeeper.js")] },
    });
  });

  after(async () => {
    server.signal("SIGTERM");
    await server.ended;
    rmSync(directory, { recursive: true });
  });

  test("there are examples of every kind", () => {
    const programs = new Set(examples.map(({ command }) => command.split(" ", 1)[0]));
    assert.deepEqual([...programs].sort(), ["curl", "etcd", "etcdctl", "ln", "npx"]);
  });

  for (const example of examples) {
    test(example.command.split("\n", 1)[0], async () => {
      const printed = await shell.run(example);
      // The page breaks the line after an answer that does not.
      const whole = example.command.startsWith("curl ") ? `${printed}\n` : printed;
      assert.equal(forgetChance(whole), forgetChance(shell.here(example.output)));
    });
  }
});

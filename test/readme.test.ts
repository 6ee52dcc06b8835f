import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { RunningServer } from "../src/main.ts";
import { Child } from "./support/child.ts";
import { startInProcess } from "./support/in-process.ts";
import {
  blocksOf,
  type Example,
  forgetChance,
  type HttpExample,
  httpExampleOf,
  readmeExamples,
  ReadmeShell,
  readmeText,
} from "./support/readme.ts";
import { repository } from "./support/servers.ts";

/*
 * The examples of README.md, run as they stand there, one after the other, on a server as `npm start` gives one. The
 * HTTP requests are made by Node here; test/peers/readme.peer.ts makes them with curl, and runs etcdctl too.
 */

/** Programs that the machine must bring, and those that such a link leads to. */
const isForeign = ({ command }: Example): boolean => /^(etcdctl|ln|zkServer\.sh) /.test(command);

const examples = readmeExamples();
/** The second block of the kind `sh`. */
const facadeCommand = blocksOf(readmeText, "sh")[1]?.trim() ?? "";

test("examples are read from a page: commands, what they go on with, what they print", () => {
  const page = "```console\n$ a <<E\n> 1\n>\n> E\nx\n\ny\n$ b\n$ c\nz\n^C\n```\n\n```sh\n$ no\n```\n";
  assert.deepEqual(readmeExamples(page), [
    { command: "a <<E\n1\n\nE", output: "x\n\ny\n", isInterrupted: false },
    { command: "b", output: "", isInterrupted: false },
    { command: "c", output: "z\n", isInterrupted: true },
  ]);
});

test("the two commands and all scripts that README.md names are there", () => {
  const { scripts } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const [first = "", ...others] = blocksOf(readmeText, "sh");
  assert.deepEqual(
    first.split("\n").map((line) => line.replace(/ *#.*/, "")),
    ["npm start", "npm test", ""],
  );
  // A test below runs it.
  assert.deepEqual(others, [`${facadeCommand}\n`]);
  const named = [...readmeText.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name!);
  assert.deepEqual(
    [...named, "start", "test"].filter((name) => scripts[name] === undefined),
    [],
  );
});

test("what README.md links to is there", () => {
  const links = [...readmeText.matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => link!);
  assert.ok(links.length > 5);
  assert.deepEqual(
    links.filter((link) => !existsSync(join(repository, link))),
    [],
  );
});

describe("README.md", { concurrency: 1 }, () => {
  const directory = mkdtempSync(join(tmpdir(), "readme-"));
  let server: RunningServer;
  let shell: ReadmeShell;

  before(async () => {
    server = await startInProcess(join(directory, "default.etcd"));
    const node = [process.execPath, "--import", import.meta.resolve("tsx")];
    shell = new ReadmeShell({
      address: server.clientAddresses[0]!,
      directory,
      programs: {
        npx: [...node, join(repository, "src/bin/bridgekeeper.ts")],
        etcd: [...node, join(repository, "src/bin/etcd.ts")],
      },
    });
  });

  after(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  async function request({ path, body }: HttpExample): Promise<string> {
    const response = await fetch(`http://${server.clientAddresses[0]!}${path}`, {
      ...(body !== null && { method: "POST", body }),
    });
    return response.text();
  }

  for (const example of examples.filter((one) => !isForeign(one))) {
    test(example.command.split("\n", 1)[0], async () => {
      const http = httpExampleOf(example.command);
      // A shell's next prompt would follow the answer at once: the page breaks the line.
      const printed = http === null ? await shell.run(example) : `${await request(http)}\n`;
      assert.equal(forgetChance(printed), forgetChance(shell.here(example.output)));
    });
  }

  test("the ZooKeeper side alone, over this server", async () => {
    const [, , ...argv] = facadeCommand
      .replace("localhost:2379", server.clientAddresses[0]!)
      .replace("localhost:2182", "127.0.0.1:0")
      .split(" ");
    const flags = ["--zk-admin-enable-server=false"];
    const facade = new Child("src/bin/bridgekeeper.ts", [...argv, ...flags]);
    await facade.logged("serving ZooKeeper clients");
    facade.process.kill("SIGTERM");
    assert.equal((await facade.ended).signal, "SIGTERM");
  });

  test("only programs that the machine must bring are left to the peer tests", () => {
    const known = /^(npx bridgekeeper|curl|http|etcd|etcdctl|ln|cat|zkServer\.sh) /;
    assert.deepEqual(
      examples.map(({ command }) => command).filter((command) => !known.test(command)),
      [],
    );
    assert.ok(examples.some((one) => !isForeign(one)));
  });
});

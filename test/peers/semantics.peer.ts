import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { javaZooKeeperClassPath } from "../support/java-peer.ts";
import { Program, runProgram } from "../support/program.ts";
import { isAsOnPage, type PageExample, semanticsExamples } from "../support/semantics.ts";
import { repository } from "../support/servers.ts";
import { bothApisPlaces, type OpenZk } from "../support/zk-places.ts";

/* The examples of docs/semantics.md, one after the other on an empty server, with zkCli, etcdctl and kazoo themselves. */
const examples = semanticsExamples();
const packages = join(repository, ".peers/python");

test("there are examples of every kind", () => {
  assert.deepEqual(new Set(examples.map(({ kind }) => kind)), new Set(["zk", "shell", "python"]));
});

const isEvent = (line: string): boolean => line.startsWith("WatchedEvent ");
const isOfEvent = (line: string): boolean => isEvent(line) || line === "WATCHER::";

/** Waits for it, but not for ever: what then is not so will be told in better words. */
async function comes(holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !holds() && Date.now() < deadline;) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

for (const place of bothApisPlaces) {
  describe(`docs/semantics.md on ${place.name}`, { concurrency: 1 }, () => {
    let opened: OpenZk;
    let zkCli: Program;
    let asked = 0;
    let heard = 0;

    before(async () => {
      opened = await place.open();
      const server = ["-server", `127.0.0.1:${opened.port}`];
      zkCli = new Program("java", ["-cp", javaZooKeeperClassPath(), "org.apache.zookeeper.ZooKeeperMain", ...server], {
        timeoutMs: 240_000,
      });
      await zkCli.printed("WatchedEvent state:SyncConnected type:None");
      heard = zkCli.stdout.length;
    });

    after(async () => {
      zkCli.signal("SIGKILL");
      await zkCli.ended;
      await opened.close();
    });

    async function type({ command, printed }: PageExample): Promise<string> {
      const [out, err] = [zkCli.stdout.length, zkCli.stderr.length];
      const absent = `/absent-${asked++}`;
      zkCli.write(`${command}\n`);
      // What is absent is told by the thread that reads commands, so by then it is done with the one before.
      zkCli.write(`get ${absent}\n`);
      const told = (): string => {
        const lines = `${zkCli.stdout.slice(out)}\n${zkCli.stderr.slice(err)}`.split("\n");
        return lines.filter((line) => !isOfEvent(line) && line !== "" && !line.includes(absent)).join("\n");
      };
      await comes(() => zkCli.stderr.slice(err).includes(absent) && isAsOnPage(printed, told()));
      return told();
    }

    /** Another thread than the one that answers prints the events, at any time: those that nobody has asked for yet. */
    async function listen({ printed }: PageExample): Promise<string> {
      const told = (): string => zkCli.stdout.slice(heard).split("\n").filter(isEvent).join("\n");
      await comes(() => isAsOnPage(printed, told()));
      const events = told();
      heard = zkCli.stdout.length;
      return events;
    }

    async function run(example: PageExample): Promise<string> {
      if (example.kind === "zk") return await (example.command === "" ? listen(example) : type(example));
      const path = process.env["PATH"] ?? "";
      if (example.kind === "shell") {
        const env = { PATH: path, ETCDCTL_API: "3", ETCDCTL_ENDPOINTS: opened.etcd! };
        const { stdout, stderr } = await runProgram("/bin/sh", ["-c", example.command], { env });
        return stdout + stderr;
      }
      if (!existsSync(join(packages, "kazoo"))) throw new Error("kazoo is missing: run test/peers/install.ts");
      const program = example.command.replaceAll("localhost:2181", `127.0.0.1:${opened.port}`);
      const env = { PATH: path, PYTHONPATH: packages };
      const { code, stderr } = await runProgram("python3", ["-c", program], { env });
      assert.equal(code, 0, stderr);
      return "";
    }

    for (const example of examples) {
      test(example.command === "" ? "an event" : example.command.split("\n", 1)[0], async () => {
        const printed = await run(example);
        assert.ok(
          isAsOnPage(example.printed, printed),
          `the page says\n${example.printed.join("\n")}\nand it is\n${printed}`,
        );
      });
    }
  });
}

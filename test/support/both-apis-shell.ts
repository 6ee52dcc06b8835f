/** Types the examples of a page that has both APIs on it: zkCli in one shell, etcdctl in another, and Python with kazoo. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { javaZooKeeperClassPath } from "./java-peer.ts";
import { Program, runProgram } from "./program.ts";
import { isAsOnPage, type PageExample } from "./semantics.ts";
import { repository } from "./servers.ts";

export interface BothApisAddresses {
  /** Of ZooKeeper's clients, on 127.0.0.1. */
  readonly zkPort: number;
  /** HOST:PORT of etcd's. */
  readonly etcd: string;
}

const packages = join(repository, ".peers/python");

const isEvent = (line: string): boolean => line.startsWith("WatchedEvent ");
const isOfEvent = (line: string): boolean => isEvent(line) || line === "WATCHER::";

/** One session of zkCli, open for as long as the shell is, and what is run beside it. */
export class BothApisShell {
  readonly #addresses: BothApisAddresses;
  readonly #zkCli: Program;
  #asked = 0;
  /** How much of what zkCli printed was looked through for events. */
  #heard: number;

  private constructor(addresses: BothApisAddresses, zkCli: Program) {
    this.#addresses = addresses;
    this.#zkCli = zkCli;
    this.#heard = zkCli.stdout.length;
  }

  static async open(addresses: BothApisAddresses): Promise<BothApisShell> {
    const server = ["-server", `127.0.0.1:${addresses.zkPort}`];
    const zkCli = new Program(
      "java",
      ["-cp", javaZooKeeperClassPath(), "org.apache.zookeeper.ZooKeeperMain", ...server],
      { timeoutMs: 240_000 },
    );
    await zkCli.printed("WatchedEvent state:SyncConnected type:None");
    return new BothApisShell(addresses, zkCli);
  }

  async close(): Promise<void> {
    this.#zkCli.signal("SIGKILL");
    await this.#zkCli.ended;
  }

  /** Resolves with all that it printed; waits, but not for ever, until that is what the page says. */
  async run(example: PageExample): Promise<string> {
    const { kind, command } = example;
    if (kind === "zk") return await (command === "" ? this.#listen(example) : this.#type(example));
    const path = process.env["PATH"] ?? "";
    if (kind === "shell") {
      const env = { PATH: path, ETCDCTL_API: "3", ETCDCTL_ENDPOINTS: this.#addresses.etcd };
      const { stdout, stderr } = await runProgram("/bin/sh", ["-c", command], { env });
      return stdout + stderr;
    }
    if (!existsSync(join(packages, "kazoo"))) throw new Error("kazoo is missing: run test/peers/install.ts");
    const program = command.replaceAll("localhost:2181", `127.0.0.1:${this.#addresses.zkPort}`);
    const env = { PATH: path, PYTHONPATH: packages };
    const { code, stdout, stderr } = await runProgram("python3", ["-c", program], { env });
    assert.equal(code, 0, stderr);
    return stdout;
  }

  async #type({ command, printed }: PageExample): Promise<string> {
    const zkCli = this.#zkCli;
    const [out, err] = [zkCli.stdout.length, zkCli.stderr.length];
    const absent = `/absent-${this.#asked++}`;
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
  async #listen({ printed }: PageExample): Promise<string> {
    const told = (): string => this.#zkCli.stdout.slice(this.#heard).split("\n").filter(isEvent).join("\n");
    await comes(() => isAsOnPage(printed, told()));
    const events = told();
    this.#heard = this.#zkCli.stdout.length;
    return events;
  }
}

/** Waits for it, but not for ever: what then is not so will be told in better words. */
async function comes(holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !holds() && Date.now() < deadline;) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

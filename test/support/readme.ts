/** The examples of README.md as a program reads them, and a shell in which they run far from the reader's own files. */
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { repository } from "./servers.ts";

/** One command, and what the page says that it prints. */
export interface Example {
  /** As a shell takes it: a here-document is part of it. */
  readonly command: string;
  readonly output: string;
  /** The page ends it with ^C. */
  readonly isInterrupted: boolean;
}

export const readmeText = readFileSync(join(repository, "README.md"), "utf8");

/**
 * All commands in blocks of the kind `console`, in their order:
 *
 *   $ a command
 *   > that goes on
 *   its output
 *   ^C
 */
export function readmeExamples(text: string = readmeText): Example[] {
  const blocks = blocksOf(text, "console").filter((block) => !isOfBothApis(block));
  return blocks.flatMap((block) => {
    const examples: Example[] = [];
    for (const part of block.split(/^\$ /m).slice(1)) {
      const lines = part.replace(/\n$/, "").split("\n");
      const [first = "", ...rest] = lines;
      const continued = rest.findIndex((line) => !/^>( |$)/.test(line));
      const more = rest.slice(0, continued < 0 ? rest.length : continued);
      const printed = rest.slice(more.length);
      const isInterrupted = printed.at(-1) === "^C";
      if (isInterrupted) printed.pop();
      examples.push({
        command: [first, ...more.map((line) => line.replace(/^> ?/, ""))].join("\n"),
        output: printed.map((line) => `${line}\n`).join(""),
        isInterrupted,
      });
    }
    return examples;
  });
}

/** The blocks that have zkCli in them, and those in Python, in their order: a page of their own. */
export function bothApisPage(text: string = readmeText): string {
  const blocks = [...text.matchAll(/^```(console|python)\n([^]*?)^```$/gm)];
  return blocks
    .filter(([, info, inside]) => info === "python" || isOfBothApis(inside!))
    .map(([block]) => `${block}\n`)
    .join("\n");
}

function isOfBothApis(block: string): boolean {
  return /^zk>/m.test(block);
}

/** The insides of all fenced blocks of a kind. */
export function blocksOf(text: string, kind: string): string[] {
  return [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)]
    .filter(([, info]) => info === kind)
    .map(([, , inside]) => inside!);
}

/** An example that is an HTTP request, for those who have no curl. */
export interface HttpExample {
  readonly path: string;
  /** Null: a GET. */
  readonly body: string | null;
}

/** curl's and HTTPie's words, as far as the page uses them. Null: it is something else. */
export function httpExampleOf(command: string): HttpExample | null {
  const curl = /^curl localhost:2379(\/\S+)(?: -d '([^']*)')?$/.exec(command);
  if (curl) return { path: curl[1]!, body: curl[2] ?? null };
  const httpie = /^http POST :2379(\/\S+)((?: \w+=\S+)*)$/.exec(command);
  if (!httpie) return null;
  const fields = httpie[2]!.trim().split(" ");
  return { path: httpie[1]!, body: JSON.stringify(Object.fromEntries(fields.map((field) => field.split("=", 2)))) };
}

export interface ReadmeShellOptions {
  /** HOST:PORT of the server that the examples talk to. */
  readonly address: string;
  /** In place of the port of the page's zoo.cfg; none: the machine's own is used. */
  readonly zkServerPort?: number;
  /** Where the commands run, and what they leave behind. */
  readonly directory: string;
  /** Programs of this repository under the names that the page gives them: the words that run each. */
  readonly programs: Readonly<Record<string, readonly string[]>>;
}

export class ReadmeShell {
  /** First in the path, in place of /usr/local/bin. */
  readonly bin: string;
  readonly #options: ReadmeShellOptions;

  constructor(options: ReadmeShellOptions) {
    this.#options = options;
    this.bin = join(options.directory, "bin");
    mkdirSync(this.bin);
    for (const [name, words] of Object.entries(options.programs)) {
      const program = join(this.bin, name);
      const quoted = words.map((word) => `'${word}'`).join(" ");
      // `npx NAME` runs the program of that name: the name is not for the program.
      const shift = name === "npx" ? "shift\n" : "";
      writeFileSync(program, `#!/bin/sh\n${shift}exec ${quoted} "$@"\n`);
      chmodSync(program, 0o755);
    }
  }

  /** What the page's text says, for this server and this place. */
  here(text: string): string {
    return text
      .replaceAll(/(localhost|127\.0\.0\.1):2379/g, this.#options.address)
      .replaceAll("2281", String(this.#options.zkServerPort ?? 2281))
      .replaceAll("/usr/local/bin", this.bin)
      .replaceAll("$PWD", repository.replace(/\/$/, ""));
  }

  /** Runs it; resolves with all that it printed. One that is interrupted is given time to print what it should. */
  run(example: Example, withinMs = 30_000): Promise<string> {
    const expected = this.here(example.output);
    return new Promise((resolve, reject) => {
      const child = spawn("/bin/sh", ["-c", this.here(example.command)], {
        cwd: this.#options.directory,
        env: {
          PATH: `${this.bin}${delimiter}${process.env["PATH"] ?? ""}`,
          ETCDCTL_API: "3",
          ETCDCTL_ENDPOINTS: this.#options.address,
        },
        stdio: ["ignore", "pipe", "pipe"],
        // A group of its own, so that an interrupt reaches what the shell has started, as at a terminal.
        detached: true,
      });
      const signal = (name: NodeJS.Signals): void => void process.kill(-child.pid!, name);
      let printed = "";
      let complaint = "";
      let interrupted = false;
      child.stdout.on("data", (chunk: Buffer) => {
        printed += chunk.toString();
        if (!example.isInterrupted || interrupted || !printed.startsWith(expected)) return;
        interrupted = true;
        signal("SIGINT");
      });
      child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
      const timer = setTimeout(() => signal("SIGKILL"), withinMs);
      child.once("error", reject);
      child.once("close", (code) => {
        clearTimeout(timer);
        if (code === 0 || interrupted) resolve(printed);
        else reject(new Error(`${example.command}\nended with ${code}\n${printed}${complaint}`));
      });
    });
  }
}

/** What differs from machine to machine and from run to run, in what was printed as on the page. */
export function forgetChance(text: string): string {
  return text.replace(/Node\.js v\d+\.\d+\.\d+/, "Node.js VERSION").replace(/^Go OS\/Arch: .*$/m, "Go OS/Arch: HERE");
}

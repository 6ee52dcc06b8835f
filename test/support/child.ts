import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program of this repository in a process of its own, run from its source with an environment of its own. */
export class Child {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = "";
  #stderr = "";

  constructor(program: string, argv: readonly string[], options: { env?: Record<string, string>; cwd?: string } = {}) {
    const tsx = import.meta.resolve("tsx");
    this.process = spawn(process.execPath, ["--import", tsx, `${root}${program}`, ...argv], {
      cwd: options.cwd ?? root,
      // No HOME, no NODE_*: a supervisor gives none.
      env: { PATH: process.env["PATH"] ?? "", ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process.stdout?.on("data", (chunk: Buffer) => (this.#stdout += chunk.toString()));
    this.process.stderr?.on("data", (chunk: Buffer) => (this.#stderr += chunk.toString()));
    this.ended = new Promise((resolve, reject) => {
      this.process.on("error", reject);
      this.process.on("close", (code, signal) => {
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  /** Resolves when the log has this text; rejects when the process ends without it. */
  async logged(text: string): Promise<void> {
    while (!this.#stderr.includes(text)) {
      const over = await Promise.race([this.ended, new Promise<null>((resolve) => setTimeout(resolve, 10, null))]);
      if (over !== null && !this.#stderr.includes(text)) throw new Error(`ended without ${text}:\n${this.#stderr}`);
    }
  }

  /** The log so far, a line an object. */
  log(): Record<string, unknown>[] {
    const lines = this.#stderr.split("\n").filter((line) => line.startsWith("{"));
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

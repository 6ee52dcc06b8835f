import { type ChildProcess, spawn } from "node:child_process";

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** All of standard input. Absent: it stays open, for `write`. */
  readonly input?: string | Uint8Array;
  readonly timeoutMs?: number;
}

export interface ProgramEnd {
  /** The exit code, or the signal that ended it, or why it could not start. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** A foreign program at work: what it prints can be waited for, and it can be talked to. Killed when its time is over. */
export class Program {
  readonly ended: Promise<ProgramEnd>;
  readonly #child: ChildProcess;
  readonly #name: string;
  #stdout = "";
  #stderr = "";
  #end: ProgramEnd | null = null;

  constructor(command: string, args: readonly string[], options: ProgramOptions = {}) {
    this.#name = [command, ...args].join(" ");
    this.#child = spawn(command, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "/", ...options.env },
      cwd: options.cwd,
    });
    this.#child.stdout!.on("data", (chunk: Buffer) => (this.#stdout += chunk.toString("latin1")));
    this.#child.stderr!.on("data", (chunk: Buffer) => (this.#stderr += chunk.toString("latin1")));
    // A program that ends without reading its input is no failure of the test.
    this.#child.stdin!.on("error", () => undefined);
    if (options.input !== undefined) this.#child.stdin!.end(options.input);
    const timer = setTimeout(() => this.signal("SIGKILL"), options.timeoutMs ?? 60_000);
    this.ended = new Promise((resolve) => {
      const end = (code: number | string): void => {
        clearTimeout(timer);
        this.#end = { code, stdout: this.#stdout, stderr: this.#stderr };
        resolve(this.#end);
      };
      this.#child.once("error", (error) => end(error.message));
      this.#child.once("close", (code, signal) => end(code ?? signal ?? "?"));
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves once standard output holds the text, or matches; rejects when the program ends without, or time is up. */
  async printed(wanted: string | RegExp, withinMs = 20_000): Promise<void> {
    const holds = (): boolean =>
      typeof wanted === "string" ? this.#stdout.includes(wanted) : wanted.test(this.#stdout);
    const deadline = Date.now() + withinMs;
    while (!holds()) {
      if (this.#end !== null || Date.now() > deadline) {
        const how = this.#end === null ? `within ${withinMs} ms` : `before its end (${this.#end.code})`;
        this.signal("SIGKILL");
        throw new Error(`${this.#name} did not print ${String(wanted)} ${how}:\n${this.#stdout}\n${this.#stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  write(text: string): void {
    this.#child.stdin!.write(text);
  }

  closeInput(): void {
    this.#child.stdin!.end();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/** Runs a program to its end. */
export function runProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramEnd> {
  return new Program(command, args, { input: "", ...options }).ended;
}

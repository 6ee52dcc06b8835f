import type { RaftLogger } from "../../../src/etcd/raft/logger.ts";

const levels = ["DEBUG", "INFO", "WARN", "ERROR", "FATAL", "NONE"] as const;

/** What a script prints: the words of the commands and, from a level on, those of the nodes. NONE silences both. */
export class ScriptOutput implements RaftLogger {
  #text = "";
  level = 0;

  get isQuiet(): boolean {
    return this.level === levels.indexOf("NONE");
  }

  text(): string {
    return this.#text;
  }

  clear(): void {
    this.#text = "";
  }

  write(text: string): void {
    if (!this.isQuiet) this.#text += text;
  }

  /** What `work` prints is moved to the right. */
  indented(work: () => void): void {
    const before = this.#text;
    this.#text = "";
    work();
    const lines = this.#text.split("\n");
    if (lines.at(-1) === "") lines.pop();
    this.#text = before + lines.map((line) => `  ${line}\n`).join("");
  }

  /** Null, or why there is no such level. */
  setLevel(name: string): string | null {
    const level = levels.findIndex((known) => known === name.toUpperCase());
    if (level < 0) return `log levels must be either of [${levels.join(" ")}]`;
    this.level = level;
    return null;
  }

  debug(message: string): void {
    this.#log(0, message);
  }

  info(message: string): void {
    this.#log(1, message);
  }

  warn(message: string): void {
    this.#log(2, message);
  }

  error(message: string): void {
    this.#log(3, message);
  }

  #log(level: number, message: string): void {
    if (level >= this.level) this.write(`${levels[level]!} ${message}\n`);
  }
}

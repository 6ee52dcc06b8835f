/** `30 / 60 [--------------------->____________________] 50.00%`, redrawn in place; once, when it is full, in a file. */
import type { Writable } from "node:stream";

const BAR_COLUMNS = 45;

export class ProgressBar {
  readonly #output: Writable;
  readonly #total: number;
  readonly #isTerminal: boolean;
  #done = 0;

  constructor(output: Writable, total: number) {
    this.#output = output;
    this.#total = total;
    this.#isTerminal = "isTTY" in output && output.isTTY === true;
    if (this.#isTerminal) this.#draw();
  }

  add(steps: number): void {
    this.#done = Math.min(this.#done + steps, this.#total);
    if (this.#isTerminal) this.#draw();
  }

  finish(): void {
    this.#draw();
    this.#output.write("\n");
  }

  #draw(): void {
    const share = this.#done / this.#total;
    const filled = Math.round(share * BAR_COLUMNS);
    const head = filled > 0 && filled < BAR_COLUMNS ? "-".repeat(filled - 1) + ">" : "-".repeat(filled);
    const bar = head + "_".repeat(BAR_COLUMNS - filled);
    const line = `${this.#done} / ${this.#total} [${bar}] ${(share * 100).toFixed(2)}%`;
    this.#output.write(this.#isTerminal ? `\r${line}` : line);
  }
}

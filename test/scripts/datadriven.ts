/**
 * Data-driven scripts: directives with arguments and input above a line of four dashes, the expected output below it.
 *
 *   # A comment.
 *   add-nodes 3 voters=(1,2,3) index=2      command, then arguments: key, key=value or key=(value,value)
 *   any lines of input
 *   ----
 *   the output, up to a blank line
 *
 * Output that holds blank lines stands between two double lines of dashes. A directive line may be continued with a
 * backslash at its end. The format is that of github.com/cockroachdb/datadriven, which etcd-io/raft's scripts use.
 */
export interface Directive {
  /** Where it stands, counted from 1. */
  readonly line: number;
  readonly command: string;
  readonly args: readonly Argument[];
  readonly input: string;
}

export interface Argument {
  readonly key: string;
  /** Empty for a bare key. */
  readonly values: readonly string[];
}

export interface Mismatch {
  readonly line: number;
  readonly command: string;
  readonly expected: string;
  readonly actual: string;
}

export interface Outcome {
  readonly steps: number;
  readonly mismatches: readonly Mismatch[];
  /** The script with the actual output in place of the expected one. */
  readonly rewritten: string;
}

/** Runs every directive of a script in order and compares what it prints. */
export function runScript(text: string, handle: (directive: Directive) => string): Outcome {
  const reader = new LineReader(text);
  const mismatches: Mismatch[] = [];
  let steps = 0;
  for (let step = readStep(reader); step !== null; step = readStep(reader)) {
    steps += 1;
    const actual = terminated(handle(step.directive));
    const { line, command } = step.directive;
    if (actual !== step.expected) mismatches.push({ line, command, expected: step.expected, actual });
    reader.emit(rendered(actual));
  }
  return { steps, mismatches, rewritten: `${reader.emitted().trimEnd()}\n` };
}

/** The value of key=value; throws if it is missing or there are several. */
export function valueOf(directive: Directive, key: string): string {
  const argument = directive.args.find((candidate) => candidate.key === key);
  if (argument?.values.length !== 1) throw new Error(`line ${directive.line}: ${key}= needs one value`);
  return argument.values[0]!;
}

export function parseArguments(text: string): Argument[] {
  const args: Argument[] = [];
  let rest = text.trim();
  const take = (pattern: RegExp): string | null => {
    const match = pattern.exec(rest);
    if (match === null) return null;
    rest = rest.slice(match[0].length);
    return match[0];
  };
  while (rest !== "") {
    const key = take(/^[^ =]+/);
    if (key === null) throw new Error(`cannot parse arguments: ${text}`);
    if (take(/^=/) === null) {
      args.push({ key, values: [] });
    } else if (rest.startsWith("(")) {
      const end = closingParenthesis(rest);
      args.push({ key, values: splitTopLevel(rest.slice(1, end)) });
      rest = rest.slice(end + 1);
    } else {
      args.push({ key, values: [take(/^[^ ]+/) ?? ""] });
    }
    rest = rest.trimStart();
  }
  return args;
}

interface Step {
  readonly directive: Directive;
  readonly expected: string;
}

class LineReader {
  readonly #lines: readonly string[];
  #next = 0;
  readonly #out: string[] = [];

  constructor(text: string) {
    const lines = text.split("\n");
    if (lines.at(-1) === "") lines.pop();
    this.#lines = lines;
  }

  /** The number of the line that was taken last. */
  get line(): number {
    return this.#next;
  }

  /** Takes a line that a rewritten script keeps. */
  keep(): string | null {
    const line = this.take();
    if (line !== null) this.emit(`${line}\n`);
    return line;
  }

  take(): string | null {
    return this.#lines[this.#next++] ?? null;
  }

  emit(text: string): void {
    this.#out.push(text);
  }

  emitted(): string {
    return this.#out.join("");
  }
}

function readStep(reader: LineReader): Step | null {
  for (let line = reader.keep(); line !== null; line = reader.keep()) {
    let head = line.trim();
    if (head === "" || head.startsWith("#")) continue;
    const start = reader.line;
    while (head.endsWith("\\")) head = `${head.slice(0, -1)} ${(reader.keep() ?? "").trim()}`;

    const [command = ""] = head.split(" ");
    const input: string[] = [];
    let next = reader.take();
    while (next !== null && next !== "----") {
      reader.emit(`${next}\n`);
      input.push(next);
      next = reader.take();
    }
    if (next === null) throw new Error(`line ${start}: no ---- after ${command}`);
    const directive = {
      line: start,
      command,
      args: parseArguments(head.slice(command.length)),
      input: input.join("\n").trim(),
    };
    return { directive, expected: readExpected(reader) };
  }
  return null;
}

function readExpected(reader: LineReader): string {
  const lines: string[] = [];
  let line = reader.take();
  if (line !== "----") {
    for (; line !== null && line.trim() !== ""; line = reader.take()) lines.push(`${line}\n`);
    return lines.join("");
  }
  for (line = reader.take(); line !== null; line = reader.take()) {
    if (line !== "----") {
      lines.push(`${line}\n`);
      continue;
    }
    const second = reader.take();
    if (second !== "----") {
      lines.push("----\n", second === null ? "" : `${second}\n`);
      continue;
    }
    const after = reader.take();
    if (after !== null && after !== "") throw new Error(`line ${reader.line}: a blank line must follow the dashes`);
    break;
  }
  return lines.join("");
}

function rendered(actual: string): string {
  const hasBlankLine = actual
    .split("\n")
    .slice(0, -1)
    .some((line) => line.trim() === "");
  return hasBlankLine ? `----\n----\n${actual}----\n----\n\n` : `----\n${actual}\n`;
}

function terminated(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

/** The place of the parenthesis that closes the one at 0. */
function closingParenthesis(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "(") depth += 1;
    if (text[at] === ")") depth -= 1;
    if (depth === 0) return at;
  }
  throw new Error(`no closing parenthesis: ${text}`);
}

function splitTopLevel(text: string): string[] {
  const values: string[] = [];
  let value = "";
  let depth = 0;
  for (const character of text) {
    if (character === "(") depth += 1;
    if (character === ")") depth -= 1;
    if (character === "," && depth === 0) {
      values.push(value);
      value = "";
    } else if (value !== "" || character !== " ") {
      value += character;
    }
  }
  return [...values, value];
}

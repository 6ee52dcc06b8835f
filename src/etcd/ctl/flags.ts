/** How etcdctl's flags look where commander's would not: Go's booleans, Go's numbers, abbreviated commands. */
import type { Command } from "commander";
import { parseGoBoolean } from "../config/go-values.ts";
import { CtlError, exitCode } from "./exit.ts";
import { GoNumberError, parseInt64, toPosition } from "./go-number.ts";

/** The parser of an int64 flag, as a position: beyond 2^53 all is the far future. */
export function int64Flag(name: string): (text: string) => number {
  return (text) => {
    try {
      return toPosition(parseInt64(text, 0));
    } catch (error) {
      if (!(error instanceof GoNumberError)) throw error;
      const message = `invalid argument ${JSON.stringify(text)} for "--${name}" flag: ${error.message}`;
      throw new CtlError(exitCode.error, message, { cause: error });
    }
  };
}

/** `--flag=true`, `--flag=false` and `-w=json` as commander understands them. Nothing behind `--` is touched. */
export function normalizeFlags(argv: readonly string[], program: Command): string[] {
  const booleans = new Set<string>();
  const negatable = new Set<string>();
  visit(program, (command) => {
    for (const option of command.options) {
      const name = option.long?.slice(2) ?? "";
      if (option.negate) negatable.add(name.slice("no-".length));
      else if (option.isBoolean()) booleans.add(name);
    }
  });
  const separator = argv.indexOf("--");
  const flags = separator < 0 ? argv : argv.slice(0, separator);
  const normalized = flags.flatMap((argument) => {
    const short = /^-(\w)=(.*)$/s.exec(argument);
    if (short) return [`-${short[1]!}`, short[2]!];
    const match = /^--([\w-]+)=(.*)$/s.exec(argument);
    if (!match || !booleans.has(match[1]!)) return [argument];
    const [, name, text] = match as unknown as [string, string, string];
    const value = parseGoBoolean(text);
    if (value === null) {
      const why = `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`;
      throw new CtlError(exitCode.error, `invalid argument ${JSON.stringify(text)} for "--${name}" flag: ${why}`);
    }
    if (value) return [`--${name}`];
    return negatable.has(name) ? [`--no-${name}`] : [];
  });
  return separator < 0 ? normalized : [...normalized, ...argv.slice(separator)];
}

/** etcdctl takes every beginning of a command's name that no other shares: `compact` for `compaction`. */
export function allowAbbreviations(program: Command): void {
  visit(program, (parent) => {
    const names = parent.commands.map((command) => command.name());
    for (const command of parent.commands) {
      for (let length = 1; length < command.name().length; length++) {
        const short = command.name().slice(0, length);
        if (names.filter((name) => name.startsWith(short)).length === 1) command.alias(short);
      }
    }
  });
}

function visit(command: Command, look: (command: Command) => void): void {
  look(command);
  for (const child of command.commands) visit(child, look);
}

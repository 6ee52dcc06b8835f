/**
 * A command line as Go's package flag reads it: `-x v`, `--x v`, `-x=v`, `--x=v`; a boolean's value only behind an
 * equals sign; `--` or the first argument that is no flag ends the flags.
 */
export interface GoFlags {
  /** In the order given; a flag may come twice, the last one counts. */
  readonly settings: readonly GoFlagSetting[];
  readonly positional: readonly string[];
  /** True when -h, -help or a doubled dash of these was met: then nothing after it was read. */
  readonly wantsHelp: boolean;
}

export interface GoFlagSetting {
  readonly name: string;
  readonly value: string;
}

/** A command line that Go would refuse: usage on stderr, exit code 2. The message is Go's own. */
export class GoFlagError extends Error {
  override readonly name = "GoFlagError";
}

/** "unknown" makes an error, "boolean" needs no value. */
export type GoFlagShape = "unknown" | "boolean" | "valued";

/** Throws {@link GoFlagError} for the shape of the line; the values are the caller's to judge. */
export function parseGoFlags(argv: readonly string[], shapeOf: (name: string) => GoFlagShape): GoFlags {
  const settings: GoFlagSetting[] = [];
  const rest = [...argv];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (argument === "--") break;
    if (!/^-./s.test(argument)) {
      rest.unshift(argument);
      break;
    }
    const body = argument.replace(/^--?/, "");
    if (/^[-=]/.test(body)) throw new GoFlagError(`bad flag syntax: ${argument}`);

    const equals = body.indexOf("=");
    const name = equals < 0 ? body : body.slice(0, equals);
    const shape = shapeOf(name);
    if (shape === "unknown") {
      if (name === "h" || name === "help") return { settings, positional: [], wantsHelp: true };
      throw new GoFlagError(`flag provided but not defined: -${name}`);
    }
    const value = equals < 0 ? (shape === "boolean" ? "true" : rest.shift()) : body.slice(equals + 1);
    if (value === undefined) throw new GoFlagError(`flag needs an argument: -${name}`);
    settings.push({ name, value });
  }
  return { settings, positional: rest, wantsHelp: false };
}

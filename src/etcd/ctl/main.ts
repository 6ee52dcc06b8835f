/** `bridgekeeper ctl`: etcdctl's commands, flags, words and exit codes, for people without etcdctl. */
import { Command, CommanderError } from "commander";
import { defineAlarm } from "./alarm.ts";
import { defineCheck } from "./check-perf.ts";
import { defineCompaction } from "./compaction.ts";
import { Ctl } from "./ctl.ts";
import { defineDefrag } from "./defrag.ts";
import { defineDel } from "./del.ts";
import { defineElect } from "./elect.ts";
import { defineEndpoint } from "./endpoint.ts";
import { CtlError, errorText, exitCode } from "./exit.ts";
import { allowAbbreviations, normalizeFlags } from "./flags.ts";
import { defineGet } from "./get.ts";
import { defineGlobals, readGlobals } from "./globals.ts";
import { flush, processIo, type CtlIo } from "./io.ts";
import { defineLease } from "./lease.ts";
import { defineLock } from "./lock.ts";
import { defineMember } from "./member.ts";
import { defineMoveLeader } from "./move-leader.ts";
import { definePut } from "./put.ts";
import { defineSnapshot } from "./snapshot.ts";
import { defineTxn } from "./txn.ts";
import { defineVersion } from "./version-command.ts";
import { defineWatch } from "./watch.ts";

const NAME = "bridgekeeper ctl";

/** Runs one command: the words behind `ctl`. Resolves with the exit code when all output has left; never rejects. */
export async function runCtl(argv: readonly string[], io: CtlIo = processIo()): Promise<number> {
  const ctl = new Ctl(io);
  // Who waits for a line that will never come is told so.
  const stopReading = (): void => void io.stdin.destroy();
  io.interrupted.addEventListener("abort", stopReading, { once: true });
  try {
    const program = buildProgram(ctl, argv);
    await program.parseAsync(normalizeFlags(argv, program), { from: "user" });
    return exitCode.success;
  } catch (error) {
    return report(error, io);
  } finally {
    io.interrupted.removeEventListener("abort", stopReading);
    ctl.close();
    await Promise.all([flush(io.stdout), flush(io.stderr)]);
  }
}

function buildProgram(ctl: Ctl, argv: readonly string[]): Command {
  const program = new Command(NAME)
    .description("A simple command line client for etcd3.")
    .usage("[flags] <command>")
    .configureHelp({
      showGlobalOptions: true,
      subcommandTerm: (command) => command.name(),
      // Without the abbreviations, which commander knows as aliases.
      commandUsage: (command) => `${pathOf(command)} ${command.usage()}`,
    })
    // Errors are reported in one place, in etcdctl's words.
    .configureOutput({
      writeOut: (text) => ctl.io.stdout.write(text),
      writeErr: (text) => ctl.io.stderr.write(text),
      outputError: () => undefined,
    })
    .exitOverride()
    .helpCommand(true);
  defineGlobals(program);
  definePut(program, ctl);
  defineGet(program, ctl);
  defineDel(program, ctl);
  defineTxn(program, ctl);
  defineWatch(program, ctl, argv);
  defineCompaction(program, ctl);
  defineLease(program, ctl);
  defineLock(program, ctl);
  defineElect(program, ctl);
  defineEndpoint(program, ctl);
  defineMember(program, ctl);
  defineAlarm(program, ctl);
  defineMoveLeader(program, ctl);
  defineSnapshot(program, ctl);
  defineDefrag(program, ctl);
  defineCheck(program, ctl);
  defineVersion(program, ctl);
  allowAbbreviations(program);
  for (const group of [program, ...program.commands]) showHelpIfAlone(group);
  program.hook("preAction", (_, command) => {
    if (command.commands.length === 0) ctl.configure(readGlobals(program, ctl.io.env));
  });
  return program;
}

/** A group without a subcommand is a question, not a mistake. Only at the top is a wrong word an error. */
function showHelpIfAlone(group: Command): void {
  if (group.commands.length === 0) return;
  group.allowExcessArguments().action((_flags: unknown, command: Command) => {
    const [unknown] = command.args;
    if (unknown !== undefined && command.parent === null) {
      const hint = `Run '${NAME} --help' for usage.`;
      throw new CtlError(
        exitCode.error,
        `unknown command ${JSON.stringify(unknown)} for ${JSON.stringify(NAME)}\n${hint}`,
      );
    }
    command.outputHelp();
  });
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

function report(error: unknown, io: CtlIo): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCode.success; // It showed its help.
    io.stderr.write(`Error: ${commanderText(error)}\n`);
    return exitCode.error;
  }
  const code = error instanceof CtlError ? error.exitCode : exitCode.error;
  const ownCodes: readonly number[] = Object.values(exitCode);
  if (io.interrupted.aborted && ownCodes.includes(code)) return exitCode.signal;
  const text = errorText(error);
  if (text !== "") io.stderr.write(`Error: ${text}\n`);
  return code;
}

/** commander's complaint in cobra's words. */
function commanderText(error: CommanderError): string {
  const text = error.message.replace(/^error: /, "");
  const option = /^unknown option '(.+?)'/.exec(text)?.[1];
  if (option?.startsWith("--")) return `unknown flag: ${option}`;
  if (option !== undefined) return `unknown shorthand flag: ${JSON.stringify(option.slice(1, 2))} in ${option}`;
  const missing = /^option '(?:-\w, )?(--[\w-]+) .*' argument missing/.exec(text)?.[1];
  return missing === undefined ? text : `flag needs an argument: ${missing}`;
}

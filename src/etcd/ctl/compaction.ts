/** `compaction <revision>` */
import type { Command } from "commander";
import { newCompactionRequest } from "../wire/etcdserverpb.ts";
import type { Ctl } from "./ctl.ts";
import { badArguments, CtlError, exitCode, orExit } from "./exit.ts";
import { GoNumberError, parseInt64, toPosition } from "./go-number.ts";

export function defineCompaction(program: Command, ctl: Ctl): void {
  program
    .command("compaction")
    .description("Compacts the event history in etcd")
    .usage("[options] <revision>")
    .argument("[arguments...]")
    .option("--physical", "wait for compaction to physically remove all old revisions")
    .action(async (words: string[], flags: { readonly physical?: true }) => {
      const [text] = words;
      if (text === undefined || words.length !== 1) throw badArguments("compaction command needs 1 argument");
      const revision = parseRevision(text);
      const request = newCompactionRequest({ revision: toPosition(revision), physical: flags.physical ?? false });
      await orExit(exitCode.error, ctl.connect().compact(request, ctl.soon));
      ctl.line(`compacted revision ${revision}`);
    });
}

function parseRevision(text: string): bigint {
  try {
    return parseInt64(text, 10);
  } catch (error) {
    if (error instanceof GoNumberError) throw new CtlError(exitCode.error, error.message, { cause: error });
    throw error;
  }
}

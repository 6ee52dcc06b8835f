/** `del <key> [range_end]` */
import type { Command } from "commander";
import { sleep } from "../client/backoff.ts";
import { newDeleteRangeRequest, type DeleteRangeRequest } from "../wire/etcdserverpb.ts";
import type { Ctl } from "./ctl.ts";
import { badArguments, exitCode, orExit } from "./exit.ts";
import { quoteText } from "./go-quote.ts";
import { keyRange, type RangeFlags } from "./key-words.ts";
import type { ArgumentEncoding } from "./put.ts";

interface DelFlags extends RangeFlags {
  readonly prevKv?: true;
  readonly range?: true;
}

/** Time to think better of it: who deletes a range without saying so may have mistaken the second word for a key. */
const REGRET_MS = 2_000;

export function delFlags(command: Command): Command {
  return command
    .usage("[options] <key> [range_end]")
    .argument("[arguments...]")
    .option("--prefix", "delete keys with matching prefix")
    .option("--prev-kv", "return deleted key-value pairs")
    .option("--from-key", "delete keys that are greater than or equal to the given key using byte compare")
    .option("--range", "delete range of keys");
}

export function defineDel(program: Command, ctl: Ctl): void {
  const command = program.command("del").description("Removes the specified key or range of keys [key, range_end)");
  delFlags(command).action(async (words: string[], flags: DelFlags) => {
    const request = delRequest(words, flags, "utf8");
    await warnOfRange(ctl, words, flags);
    ctl.print({ kind: "del", response: await orExit(exitCode.error, ctl.connect().deleteRange(request, ctl.soon)) });
  });
}

/** The request that the words and flags of a del mean. */
export function delRequest(words: readonly string[], flags: DelFlags, encoding: ArgumentEncoding): DeleteRangeRequest {
  if (words.length === 0 || words.length > 2) {
    throw badArguments("del command needs one argument as key and an optional argument as range_end");
  }
  return newDeleteRangeRequest({ ...keyRange(words, flags, encoding), prevKv: flags.prevKv ?? false });
}

export async function warnOfRange(ctl: Ctl, [key, end]: readonly string[], flags: DelFlags): Promise<void> {
  if (key === undefined || end === undefined || flags.range) return;
  ctl.warn(
    `Warning: Keys between ${quoteText(key)} and ${quoteText(end)} will be deleted. Please interrupt the command ` +
      "within next 2 seconds to cancel. You can provide `--range` flag to avoid the delay.",
  );
  await sleep(REGRET_MS, ctl.io.interrupted);
}

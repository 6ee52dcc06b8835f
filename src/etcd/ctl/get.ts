/** `get <key> [range_end]` */
import type { Command } from "commander";
import {
  newRangeRequest,
  RangeRequest_SortOrder,
  RangeRequest_SortTarget,
  type RangeRequest,
} from "../wire/etcdserverpb.ts";
import type { Ctl } from "./ctl.ts";
import { badArguments, CtlError, exitCode, orExit } from "./exit.ts";
import { int64Flag } from "./flags.ts";
import { keyRange, type RangeFlags } from "./key-words.ts";
import type { ArgumentEncoding } from "./put.ts";

interface GetFlags extends RangeFlags {
  readonly consistency: string;
  readonly order: string;
  readonly sortBy: string;
  readonly limit: number;
  readonly rev: number;
  readonly keysOnly?: true;
  readonly countOnly?: true;
  readonly printValueOnly?: true;
  readonly minCreateRev: number;
  readonly maxCreateRev: number;
  readonly minModRev: number;
  readonly maxModRev: number;
}

export function getFlags(command: Command): Command {
  command
    .usage("[options] <key> [range_end]")
    .argument("[arguments...]")
    .option("--consistency <l|s>", "Linearizable(l) or Serializable(s)", "l")
    .option("--order <order>", "Order of results; ASCEND or DESCEND (ASCEND by default)", "")
    .option("--sort-by <target>", "Sort target; CREATE, KEY, MODIFY, VALUE, or VERSION", "")
    .option("--prefix", "Get keys with matching prefix")
    .option("--from-key", "Get keys that are greater than or equal to the given key using byte compare")
    .option("--keys-only", "Get only the keys")
    .option("--count-only", "Get only the count")
    .option("--print-value-only", 'Only write values when using the "simple" output format');
  const numbers = {
    limit: "Maximum number of results",
    rev: "Specify the kv revision",
    "min-create-rev": "Minimum create revision",
    "max-create-rev": "Maximum create revision",
    "min-mod-rev": "Minimum modification revision",
    "max-mod-rev": "Maximum modification revision",
  };
  for (const [name, description] of Object.entries(numbers)) {
    command.option(`--${name} <number>`, description, int64Flag(name), 0);
  }
  return command;
}

export function defineGet(program: Command, ctl: Ctl): void {
  getFlags(program.command("get").description("Gets the key or a range of keys")).action(
    async (words: string[], flags: GetFlags) => {
      const request = getRequest(words, flags, "utf8");
      const response = await orExit(exitCode.error, ctl.connect().range(request, ctl.soon));
      const { format } = ctl.globals;
      if (flags.countOnly && format !== "fields") throw badArguments("--count-only is only for `--write-out=fields`");
      if (flags.printValueOnly && format !== "simple") {
        throw badArguments("print-value-only is only for `--write-out=simple`");
      }
      ctl.print({ kind: "get", response }, { valuesOnly: flags.printValueOnly ?? false });
    },
  );
}

/** The request that the words and flags of a get mean. */
export function getRequest(words: readonly string[], flags: GetFlags, encoding: ArgumentEncoding): RangeRequest {
  if (words.length === 0) {
    throw badArguments("get command needs one argument as key and an optional argument as range_end");
  }
  if (flags.keysOnly && flags.countOnly) {
    throw badArguments("`--keys-only` and `--count-only` cannot be set at the same time, choose one");
  }
  checkBounds("Create", flags.minCreateRev, flags.maxCreateRev);
  checkBounds("Mod", flags.minModRev, flags.maxModRev);
  const request = newRangeRequest({
    ...keyRange(words, flags, encoding),
    serializable: isSerializable(flags.consistency),
    limit: flags.limit,
    revision: Math.max(flags.rev, 0),
    sortOrder: sortOrder(flags.order),
    sortTarget: sortTarget(flags.sortBy),
    keysOnly: flags.keysOnly ?? false,
    countOnly: flags.countOnly ?? false,
    minCreateRevision: Math.max(flags.minCreateRev, 0),
    maxCreateRevision: Math.max(flags.maxCreateRev, 0),
    minModRevision: Math.max(flags.minModRev, 0),
    maxModRevision: Math.max(flags.maxModRev, 0),
  });
  // Ascending by key is what comes anyway, and the server need not sort for it.
  const { ASCEND, NONE } = RangeRequest_SortOrder;
  if (request.sortTarget === RangeRequest_SortTarget.KEY && request.sortOrder === ASCEND) request.sortOrder = NONE;
  return request;
}

export function isSerializable(consistency: string): boolean {
  if (consistency === "s") return true;
  if (consistency === "l") return false;
  throw new CtlError(exitCode.badFeature, `unknown consistency flag ${JSON.stringify(consistency)}`);
}

function sortOrder(text: string): RangeRequest_SortOrder {
  const { NONE, ASCEND, DESCEND } = RangeRequest_SortOrder;
  const order = { "": NONE, ASCEND, DESCEND }[text.toUpperCase()];
  if (order === undefined) throw new CtlError(exitCode.badFeature, `bad sort order ${text}`);
  return order;
}

function sortTarget(text: string): RangeRequest_SortTarget {
  const { KEY, VERSION, CREATE, MOD, VALUE } = RangeRequest_SortTarget;
  const target = { "": KEY, KEY, VERSION, CREATE, MODIFY: MOD, VALUE }[text.toUpperCase()];
  if (target === undefined) throw new CtlError(exitCode.badFeature, `bad sort target ${text}`);
  return target;
}

function checkBounds(what: "Create" | "Mod", min: number, max: number): void {
  if (max <= 0 || min <= max) return;
  throw new CtlError(exitCode.badFeature, `getMin${what}Rev(=${min}) > getMax${what}Rev(=${max})`);
}

/** `put <key> [value]` */
import type { Command } from "commander";
import { newPutRequest, type PutRequest } from "../wire/etcdserverpb.ts";
import type { Ctl } from "./ctl.ts";
import { badArguments, exitCode, orExit } from "./exit.ts";
import { GoNumberError, parseInt64 } from "./go-number.ts";
import { readAll } from "./io.ts";

interface PutFlags {
  readonly lease: string;
  readonly prevKv?: true;
  readonly ignoreValue?: true;
  readonly ignoreLease?: true;
}

/** How the characters of an argument become bytes: a command line is text, a line of a txn is bytes already. */
export type ArgumentEncoding = "utf8" | "latin1";

const USAGE = "put command needs 1 argument and input from stdin or 2 arguments";

export function putFlags(command: Command): Command {
  return command
    .usage("[options] <key> <value> (<value> can also be given from stdin)")
    .argument("[arguments...]")
    .option("--lease <id>", "lease ID (in hexadecimal) to attach to the key", "0")
    .option("--prev-kv", "return the previous key-value pair before modification")
    .option("--ignore-value", "updates the key using its current value")
    .option("--ignore-lease", "updates the key using its current lease");
}

export function definePut(program: Command, ctl: Ctl): void {
  putFlags(program.command("put").description("Puts the given key into the store")).action(
    async (words: string[], flags: PutFlags) => {
      const request = await putRequest(words, flags, "utf8", () => readAll(ctl.io.stdin));
      ctl.print({ kind: "put", response: await orExit(exitCode.error, ctl.connect().put(request, ctl.soon)) });
    },
  );
}

/** The request that the words and flags of a put mean. */
export async function putRequest(
  words: readonly string[],
  flags: PutFlags,
  encoding: ArgumentEncoding,
  readValue: () => Promise<Uint8Array>,
): Promise<PutRequest> {
  const [key, value] = words;
  if (key === undefined) throw badArguments(USAGE);
  if (flags.ignoreValue && value !== undefined) {
    throw badArguments("put command needs only 1 argument when 'ignore-value' is set");
  }
  const request = newPutRequest({
    key: Buffer.from(key, encoding),
    prevKv: flags.prevKv ?? false,
    ignoreValue: flags.ignoreValue ?? false,
    ignoreLease: flags.ignoreLease ?? false,
  });
  if (!flags.ignoreValue) request.value = value === undefined ? await readValue() : Buffer.from(value, encoding);
  if (!flags.ignoreValue && value === undefined && request.value.length === 0) throw badArguments(USAGE);
  request.lease = leaseId(flags.lease, "bad lease ID");
  return request;
}

export function leaseId(text: string, complaint: string): bigint {
  try {
    return parseInt64(text, 16);
  } catch (error) {
    if (!(error instanceof GoNumberError)) throw error;
    throw badArguments(`${complaint} (${error.message}), expecting ID in Hex`);
  }
}

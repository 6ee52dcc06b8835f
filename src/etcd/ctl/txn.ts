/** `txn`: reads a transaction from standard input and commits it. */
import { Command } from "commander";
import { newRequestOp, newTxnRequest, type Compare, type RequestOp } from "../wire/etcdserverpb.ts";
import type { Ctl } from "./ctl.ts";
import { delFlags, delRequest, warnOfRange } from "./del.ts";
import { badArguments, CtlError, exitCode, orExit } from "./exit.ts";
import { normalizeFlags } from "./flags.ts";
import { getFlags, getRequest } from "./get.ts";
import { readLines } from "./io.ts";
import { putFlags, putRequest } from "./put.ts";
import { invalidInput, parseCompare, splitWords } from "./txn-syntax.ts";

const EXAMPLE = `
Example:
  bridgekeeper ctl txn -i
  compares:
  mod("key1") > "0"

  success requests (get, put, del):
  put key1 "overwrote-key1"

  failure requests (get, put, del):
  put key1 "created-key1"
  put key2 "some extra key"
`;

export function defineTxn(program: Command, ctl: Ctl): void {
  program
    .command("txn")
    .description("Txn processes all the requests in one transaction")
    .argument("[arguments...]")
    .usage("[options]")
    .option("-i, --interactive", "Input transaction in interactive mode")
    .addHelpText("after", EXAMPLE)
    .action(async (words: string[], flags: { readonly interactive?: true }) => {
      if (words.length > 0) throw badArguments("txn command does not accept argument");
      const prompt = (text: string): void => {
        if (flags.interactive) ctl.line(text);
      };
      const lines = readLines(ctl.io.stdin);
      prompt("compares:");
      const compare = await readBlock<Compare>(lines, (line) => Promise.resolve(parseCompare(line)));
      prompt("success requests (get, put, del):");
      const success = await readBlock(lines, (line) => parseRequest(line, ctl));
      prompt("failure requests (get, put, del):");
      const failure = await readBlock(lines, (line) => parseRequest(line, ctl));
      const request = newTxnRequest({ compare, success, failure });
      ctl.print({ kind: "txn", response: await orExit(exitCode.error, ctl.connect().txn(request, ctl.soon)) });
    });
}

/** Lines up to an empty one. */
async function readBlock<Item>(lines: AsyncGenerator<string>, parse: (line: string) => Promise<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for (;;) {
    const next = await lines.next();
    if (next.done) throw invalidInput("EOF");
    const line = next.value.trim();
    if (line === "") return items;
    items.push(await parse(line));
  }
}

async function parseRequest(line: string, ctl: Ctl): Promise<RequestOp> {
  const words = splitWords(line);
  if (words.length < 2) throw invalidInput(`invalid txn compare request: ${line}`);
  let parsed: Promise<RequestOp> | undefined;
  const quiet = { writeOut: () => undefined, writeErr: () => undefined };
  const parser = new Command().exitOverride().configureOutput(quiet);
  const define = (name: string, flags: (command: Command) => Command): Command =>
    flags(parser.command(name).exitOverride().configureOutput(quiet));

  define("put", putFlags).action((arguments_: string[], flags: Parameters<typeof putRequest>[1]) => {
    // In a txn standard input is the txn, so a value must stand on the line.
    parsed = putRequest(arguments_, flags, "latin1", () => Promise.resolve(new Uint8Array())).then((value) =>
      newRequestOp({ request: { case: "requestPut", value } }),
    );
  });
  define("get", getFlags).action((arguments_: string[], flags: Parameters<typeof getRequest>[1]) => {
    const value = getRequest(arguments_, flags, "latin1");
    parsed = Promise.resolve(newRequestOp({ request: { case: "requestRange", value } }));
  });
  define("del", delFlags).action((arguments_: string[], flags: Parameters<typeof delRequest>[1]) => {
    const value = delRequest(arguments_, flags, "latin1");
    parsed = warnOfRange(ctl, arguments_, flags).then(() =>
      newRequestOp({ request: { case: "requestDeleteRange", value } }),
    );
  });

  try {
    parser.parse(normalizeFlags(words, parser), { from: "user" });
  } catch (error) {
    if (error instanceof CtlError && error.exitCode !== exitCode.error) throw error;
    throw invalidInput(`invalid txn request: ${line}`);
  }
  if (!parsed) throw invalidInput(`invalid txn request: ${line}`);
  return parsed;
}

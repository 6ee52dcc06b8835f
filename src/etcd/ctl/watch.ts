/**
 * `watch [key] [range_end] [-- program words...]`
 *
 * The key may come from ETCDCTL_WATCH_KEY and ETCDCTL_WATCH_RANGE_END instead. Interactively, each line of standard
 * input is `watch [flags] key [range_end] [-- program words...]`, for as many watchers as one likes, or `progress`.
 */
import { Command } from "commander";
import type { EtcdClient } from "../client/etcd-client.ts";
import { Watcher, watchError } from "../client/watcher.ts";
import { newWatchCreateRequest, type WatchCreateRequest, type WatchResponse } from "../wire/etcdserverpb.ts";
import type { Ctl } from "./ctl.ts";
import { badArguments, CtlError, errorText, exitCode } from "./exit.ts";
import { int64Flag, normalizeFlags } from "./flags.ts";
import { quote, quoteText } from "./go-quote.ts";
import { readLines } from "./io.ts";
import { keyRange } from "./key-words.ts";
import { eventTypeName } from "./names.ts";
import type { ArgumentEncoding } from "./put.ts";
import { runProgram } from "./run-program.ts";
import { invalidInput, splitWords } from "./txn-syntax.ts";

interface WatchFlags {
  readonly interactive?: true;
  readonly prefix?: true;
  readonly prevKv?: true;
  readonly progressNotify?: true;
  readonly rev: number;
}

export function defineWatch(program: Command, ctl: Ctl, argv: readonly string[]): void {
  const command = program.command("watch").description("Watches events stream on keys or prefixes");
  watchFlags(command)
    .usage("[options] [key or prefix] [range_end] [--] [exec-command arg1 arg2 ...]")
    .option("-i, --interactive", "Interactive mode")
    .action(async (words: string[], flags: WatchFlags) => {
      if (flags.interactive) return watchInteractively(ctl);
      const { key, program: words_ } = splitProgram(words, argv, ctl);
      const watcher = new Watcher(ctl.connect(), watchRequest(key, flags, "utf8"), ctl.io.interrupted);
      await follow(ctl, watcher, words_);
      if (!ctl.io.interrupted.aborted) throw new CtlError(exitCode.interrupted, "watch is canceled by the server");
    });
}

function watchFlags(command: Command): Command {
  return command
    .argument("[arguments...]")
    .option("--prefix", "Watch on a prefix if prefix is set")
    .option("--rev <number>", "Revision to start watching", int64Flag("rev"), 0)
    .option("--prev-kv", "get the previous key-value pair before the event happens")
    .option("--progress-notify", "get periodic watch progress notification from server");
}

/** Parts the words at the separator, which commander has taken out of them, and adds the key of the environment. */
function splitProgram(
  words: readonly string[],
  argv: readonly string[],
  ctl: Ctl,
): { readonly key: readonly string[]; readonly program: readonly string[] } {
  const separator = argv.indexOf("--");
  const programWords = separator < 0 ? 0 : argv.length - separator - 1;
  if (separator >= 0 && programWords === 0) {
    throw badArguments("bad number of arguments (found separator --, but no commands)");
  }
  const key = words.slice(0, words.length - programWords);
  return { key: withEnvironmentKey(key, ctl), program: words.slice(words.length - programWords) };
}

function withEnvironmentKey(key: readonly string[], ctl: Ctl): readonly string[] {
  const envKey = ctl.io.env["ETCDCTL_WATCH_KEY"] ?? "";
  const envEnd = ctl.io.env["ETCDCTL_WATCH_RANGE_END"] ?? "";
  if (envKey === "" && envEnd !== "") {
    throw badArguments(`ETCDCTL_WATCH_KEY is empty but got ETCDCTL_WATCH_RANGE_END=${quoteText(envEnd)}`);
  }
  if (envKey === "") {
    if (key.length === 0) throw badArguments("bad number of arguments");
    return key;
  }
  if (key.length > 0) throw badArguments("bad number of arguments (found conflicting environment key)");
  return envEnd === "" ? [envKey] : [envKey, envEnd];
}

function watchRequest(key: readonly string[], flags: WatchFlags, encoding: ArgumentEncoding): WatchCreateRequest {
  if (key.length > 2) throw badArguments("bad number of arguments");
  if (key.length === 2 && flags.prefix) throw badArguments("`range_end` and `--prefix` are mutually exclusive");
  return newWatchCreateRequest({
    ...keyRange(key, flags.prefix ? { prefix: true } : {}, encoding),
    startRevision: flags.rev,
    prevKv: flags.prevKv ?? false,
    progressNotify: flags.progressNotify ?? false,
  });
}

/** Prints what a watcher sees, and runs the program for each event, until the watcher is over. */
async function follow(ctl: Ctl, watcher: Watcher, program: readonly string[]): Promise<void> {
  try {
    for await (const response of watcher) {
      if (response.canceled) ctl.warn(`watch was canceled (${errorText(watchError(response))})`);
      if (isProgress(response)) ctl.line(`progress notify: ${response.header!.revision}`);
      ctl.print({ kind: "watch", response });
      if (program.length > 0) await runForEach(ctl, response, program);
    }
  } catch (error) {
    if (error instanceof CtlError) throw error;
    ctl.warn(`watch was canceled (${errorText(error)})`);
  }
}

function isProgress(response: WatchResponse): boolean {
  const { header, events, canceled, created, compactRevision } = response;
  return events.length === 0 && !canceled && !created && compactRevision === 0 && (header?.revision ?? 0) !== 0;
}

async function runForEach(ctl: Ctl, response: WatchResponse, program: readonly string[]): Promise<void> {
  for (const event of response.events) {
    const env = {
      ETCD_WATCH_REVISION: String(response.header?.revision ?? 0),
      ETCD_WATCH_EVENT_TYPE: quoteText(eventTypeName(event.type)),
      ETCD_WATCH_KEY: quote(event.kv?.key ?? new Uint8Array()),
      ETCD_WATCH_VALUE: quote(event.kv?.value ?? new Uint8Array()),
    };
    const status = await runProgram(program, env, ctl.io);
    if (status === 0) continue;
    const why = typeof status === "number" ? `exit status ${status}` : status;
    throw new CtlError(exitCode.error, `command [${program.map(quoteText).join(" ")}] error (${why})`);
  }
}

/** Ends with standard input, like etcdctl; watchers that run then are closed. */
async function watchInteractively(ctl: Ctl): Promise<void> {
  const client = ctl.connect();
  const watchers: Watcher[] = [];
  const failed = new AbortController();
  const following: Promise<void>[] = [];
  for await (const line of readLines(ctl.io.stdin)) {
    if (failed.signal.aborted || ctl.io.interrupted.aborted) break;
    const [verb, ...words] = splitWords(line);
    if (verb === undefined) {
      ctl.warn(`Invalid command: ${line} (watch and progress supported)`);
    } else if (verb === "progress") {
      for (const watcher of watchers) watcher.requestProgress();
    } else if (verb !== "watch") {
      ctl.warn(`Invalid command ${line} (only support watch)`);
    } else {
      const started = startWatcher(ctl, client, words, line);
      if (!started) continue;
      watchers.push(started.watcher);
      following.push(follow(ctl, started.watcher, started.program).catch((error: unknown) => failed.abort(error)));
    }
  }
  for (const watcher of watchers) watcher.close();
  await Promise.all(following);
  if (failed.signal.aborted) throw failed.signal.reason;
  if (!ctl.io.interrupted.aborted) throw invalidInput("error reading watch request line: EOF");
}

/** Undefined: the line made no sense, and the user was told. */
function startWatcher(
  ctl: Ctl,
  client: EtcdClient,
  words: readonly string[],
  line: string,
): { readonly watcher: Watcher; readonly program: readonly string[] } | undefined {
  const separator = words.indexOf("--");
  if (separator >= 0 && separator === words.length - 1) {
    throw badArguments("bad number of arguments (found separator --, but no commands)");
  }
  const program = separator < 0 ? [] : words.slice(separator + 1);
  const parser = watchFlags(new Command()).exitOverride();
  parser.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  try {
    parser.parse(normalizeFlags(separator < 0 ? words : words.slice(0, separator), parser), { from: "user" });
    const key = withEnvironmentKey(parser.args, ctl);
    const request = watchRequest(key, parser.opts<WatchFlags>(), "latin1");
    return { watcher: new Watcher(client, request, ctl.io.interrupted), program };
  } catch (error) {
    ctl.warn(`Invalid command ${line} (${errorText(error)})`);
    return undefined;
  }
}

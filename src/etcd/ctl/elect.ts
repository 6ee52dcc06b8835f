/** `elect <election-name> [proposal]` */
import type { Command } from "commander";
import type { Ctl } from "./ctl.ts";
import { badArguments, exitCode, orExit } from "./exit.ts";
import { aborted } from "./lease.ts";
import { firsts, openSession, Place } from "./queue.ts";

/** As in etcd's client, for elections that do not say. */
const SESSION_TTL_SECONDS = 60;

export function defineElect(program: Command, ctl: Ctl): void {
  program
    .command("elect")
    .description("Observes and participates in leader election")
    .usage("<election-name> [proposal]")
    .argument("[arguments...]")
    .option("-l, --listen", "observation mode")
    .action(async (words: string[], flags: { readonly listen?: true }) => {
      const [name, proposal] = words;
      if (name === undefined || words.length > 2) {
        throw badArguments("elect takes one election name argument and an optional proposal argument");
      }
      if (proposal === undefined && !flags.listen) throw badArguments("no proposal argument but -l not set");
      if (proposal !== undefined && flags.listen) throw badArguments("proposal given but -l is set");
      const work = proposal === undefined ? observe(ctl, name) : campaign(ctl, name, proposal);
      await orExit(exitCode.error, work);
    });
}

async function observe(ctl: Ctl, name: string): Promise<void> {
  const { interrupted } = ctl.io;
  try {
    for await (const response of firsts(ctl.connect(), name, interrupted)) ctl.print({ kind: "get", response });
  } catch (error) {
    if (!interrupted.aborted) throw error;
  }
  if (!interrupted.aborted) throw new Error("elect: observer lost");
}

async function campaign(ctl: Ctl, name: string, proposal: string): Promise<void> {
  const { interrupted } = ctl.io;
  const client = ctl.connect();
  const session = await openSession(client, SESSION_TTL_SECONDS, interrupted);
  try {
    const place = await Place.take(client, { name, value: proposal, session, signal: interrupted });
    await place.first(AbortSignal.any([interrupted, session.lost])).catch(async (error: unknown) => {
      await place.leave();
      throw error;
    });
    ctl.print({ kind: "get", response: await place.read(interrupted) });
    await aborted(AbortSignal.any([interrupted, session.lost]));
    if (session.lost.aborted) throw new Error("elect: session expired");
    await place.leave();
  } finally {
    session.letGo();
  }
}

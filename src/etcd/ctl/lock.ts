/** `lock <lockname> [program words...]` */
import type { Command } from "commander";
import type { Ctl } from "./ctl.ts";
import { badArguments, CtlError, exitCode, orExit } from "./exit.ts";
import { int64Flag } from "./flags.ts";
import { aborted } from "./lease.ts";
import { openSession, Place, type Session } from "./queue.ts";
import { runProgram } from "./run-program.ts";

const DEFAULT_TTL_SECONDS = 10;

export function defineLock(program: Command, ctl: Ctl): void {
  program
    .command("lock")
    .description("Acquires a named lock")
    .usage("<lockname> [exec-command arg1 arg2 ...]")
    .argument("[arguments...]")
    .option("--ttl <seconds>", "timeout for session", int64Flag("ttl"), DEFAULT_TTL_SECONDS)
    .action(async (words: string[], flags: { readonly ttl: number }) => {
      const [name, ...programWords] = words;
      if (name === undefined) {
        throw badArguments("lock takes a lock name argument and an optional command to execute");
      }
      const client = ctl.connect();
      const session = await orExit(exitCode.error, openSession(client, flags.ttl, ctl.io.interrupted));
      try {
        await orExit(exitCode.error, holdLock(ctl, name, programWords, session));
      } finally {
        session.letGo();
      }
    });
}

async function holdLock(ctl: Ctl, name: string, program: readonly string[], session: Session): Promise<void> {
  const { interrupted } = ctl.io;
  const place = await Place.take(ctl.connect(), { name, value: "", session, signal: interrupted });
  await place.first(AbortSignal.any([interrupted, session.lost])).catch(async (error: unknown) => {
    await place.leave();
    throw session.lost.aborted ? new Error("mutex: session is expired") : error;
  });
  const held = await place.read(interrupted);
  if (held.kvs.length === 0) throw new Error("mutex: session is expired");

  if (program.length > 0) {
    const env = {
      ETCD_LOCK_KEY: Buffer.from(place.key).toString(),
      ETCD_LOCK_REV: String(held.header?.revision ?? 0),
    };
    const status = await runProgram(program, env, ctl.io);
    await place.leave();
    if (status === 0) return;
    if (typeof status === "string") throw new CtlError(exitCode.error, status);
    throw new CtlError(status, `exit status ${status}`);
  }
  ctl.print({ kind: "get", response: held });
  await aborted(AbortSignal.any([interrupted, session.lost]));
  if (session.lost.aborted) throw new Error("session expired");
  await place.leave();
}

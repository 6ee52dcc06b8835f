/** `lease grant | revoke | timetolive | list | keep-alive` */
import type { Command } from "commander";
import { EtcdError } from "../errors.ts";
import { LeaseKeeper } from "../client/lease-keeper.ts";
import {
  newLeaseGrantRequest,
  newLeaseKeepAliveRequest,
  newLeaseRevokeRequest,
  newLeaseTimeToLiveRequest,
} from "../wire/etcdserverpb.ts";
import type { Ctl } from "./ctl.ts";
import { badArguments, errorText, exitCode, orExit, CtlError } from "./exit.ts";
import { GoNumberError, parseInt64, toPosition } from "./go-number.ts";
import { hexId } from "./names.ts";
import { leaseId } from "./put.ts";

export function defineLease(program: Command, ctl: Ctl): void {
  const lease = program.command("lease").description("Lease related commands").usage("<subcommand>");

  lease
    .command("grant")
    .description("Creates leases")
    .usage("<ttl>")
    .argument("[arguments...]")
    .action(async (words: string[]) => {
      const request = newLeaseGrantRequest({ ttl: ttlOf(onlyWord(words, "lease grant command needs TTL argument")) });
      const granted = ctl.connect().leaseGrant(request, ctl.soon);
      ctl.print({ kind: "leaseGrant", response: await orExit(exitCode.error, granted, "failed to grant lease") });
    });

  lease
    .command("revoke")
    .description("Revokes leases")
    .usage("<leaseID>")
    .argument("[arguments...]")
    .action(async (words: string[]) => {
      const id = idOf(onlyWord(words, "lease revoke command needs 1 argument"));
      const revoked = ctl.connect().leaseRevoke(newLeaseRevokeRequest({ id }), ctl.soon);
      const response = await orExit(exitCode.error, revoked, "failed to revoke lease");
      ctl.print({ kind: "leaseRevoke", id, response });
    });

  lease
    .command("timetolive")
    .description("Get lease information")
    .usage("<leaseID> [options]")
    .argument("[arguments...]")
    .option("--keys", "Get keys attached to this lease")
    .action(async (words: string[], flags: { readonly keys?: true }) => {
      const id = idOf(onlyWord(words, "lease timetolive command needs lease ID as argument"));
      const withKeys = flags.keys ?? false;
      const request = newLeaseTimeToLiveRequest({ id, keys: withKeys });
      const response = await orExit(exitCode.badConnection, ctl.connect().leaseTimeToLive(request, ctl.soon));
      ctl.print({ kind: "leaseTimeToLive", withKeys, response });
    });

  lease
    .command("list")
    .description("List all active leases")
    .action(async () => {
      const response = await orExit(exitCode.badConnection, ctl.connect().leaseLeases(ctl.soon));
      ctl.print({ kind: "leaseLeases", response });
    });

  lease
    .command("keep-alive")
    .description("Keeps leases alive (renew)")
    .usage("[options] <leaseID>")
    .argument("[arguments...]")
    .option("--once", "Resets the keep-alive time to its original value and exits immediately")
    .action(async (words: string[], flags: { readonly once?: true }) => {
      const id = idOf(onlyWord(words, "lease keep-alive command needs lease ID as argument"));
      if (flags.once) await renewOnce(ctl, id);
      else await renewForever(ctl, id);
    });
}

async function renewOnce(ctl: Ctl, id: bigint): Promise<void> {
  const renewal = ctl.connect().leaseKeepAlive(newLeaseKeepAliveRequest({ id }), ctl.soon);
  const response = await orExit(exitCode.badConnection, renewal);
  if (response.ttl <= 0) throw new CtlError(exitCode.badConnection, errorText(new EtcdError("leaseNotFound")));
  ctl.print({ kind: "leaseKeepAlive", response });
}

/** Until the lease is gone or the user has enough. */
async function renewForever(ctl: Ctl, id: bigint): Promise<void> {
  const client = ctl.connect();
  const keeper = new LeaseKeeper(client);
  // How long it lives is known from the first answer; until then the command's own patience counts.
  const lease = keeper.keep(id, ctl.globals.commandTimeoutMs / 1000, (response) =>
    ctl.print({ kind: "leaseKeepAlive", response }),
  );
  await aborted(AbortSignal.any([lease.lost, ctl.io.interrupted]));
  keeper.close();
  if (ctl.io.interrupted.aborted) throw new CtlError(exitCode.signal, "interrupted");
  if (ctl.globals.format === "simple") ctl.line(`lease ${hexId(id)} expired or revoked.`);
}

export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

function onlyWord(words: readonly string[], complaint: string): string {
  if (words.length !== 1) throw badArguments(complaint);
  return words[0]!;
}

function idOf(text: string): bigint {
  return leaseId(text, "bad lease ID arg");
}

function ttlOf(text: string): number {
  try {
    return toPosition(parseInt64(text, 10));
  } catch (error) {
    if (!(error instanceof GoNumberError)) throw error;
    throw badArguments(`bad TTL (${error.message})`);
  }
}

/** `member list` */
import type { Command } from "commander";
import { newMemberListRequest } from "../wire/etcdserverpb.ts";
import type { Ctl } from "./ctl.ts";
import { exitCode, orExit } from "./exit.ts";
import { isSerializable } from "./get.ts";

export function defineMember(program: Command, ctl: Ctl): void {
  const member = program.command("member").description("Membership related commands").usage("<subcommand>");

  member
    .command("list")
    .description("Lists all members in the cluster: ID, Status, Name, Peer Addrs, Client Addrs, Is Learner")
    .option("--consistency <l|s>", "Linearizable(l) or Serializable(s)", "l")
    .action(async (flags: { readonly consistency: string }) => {
      const request = newMemberListRequest({ linearizable: !isSerializable(flags.consistency) });
      const response = await orExit(exitCode.error, ctl.connect().memberList(request, ctl.soon));
      ctl.print({ kind: "memberList", response });
    });
}

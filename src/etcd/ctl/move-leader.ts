/** `move-leader <transferee-member-id>` */
import type { Command } from "commander";
import type { EtcdClient } from "../client/etcd-client.ts";
import { newMoveLeaderRequest } from "../wire/etcdserverpb.ts";
import type { Ctl } from "./ctl.ts";
import { badArguments, exitCode, orExit } from "./exit.ts";
import { GoNumberError, parseUint64 } from "./go-number.ts";

export function defineMoveLeader(program: Command, ctl: Ctl): void {
  program
    .command("move-leader")
    .description("Transfers leadership to another etcd cluster member.")
    .usage("<transferee-member-id>")
    .argument("[arguments...]")
    .action(async (words: string[]) => {
      const [text] = words;
      if (text === undefined || words.length !== 1) throw badArguments("move-leader command needs 1 argument");
      const target = memberId(text);
      const { client, leader } = await findLeader(ctl);
      const moved = client.moveLeader(newMoveLeaderRequest({ targetId: target }), ctl.soon);
      ctl.print({ kind: "moveLeader", leader, target, response: await orExit(exitCode.error, moved) });
    });
}

/** Only the leader can give its place away, so it is looked for among the endpoints. */
async function findLeader(ctl: Ctl): Promise<{ readonly client: EtcdClient; readonly leader: bigint }> {
  const { endpoints } = ctl.globals;
  for (const endpoint of endpoints) {
    const client = ctl.connect([endpoint]);
    const status = await orExit(exitCode.error, client.status(ctl.soon));
    if (status.header?.memberId === status.leader) return { client, leader: status.leader };
  }
  throw badArguments(`no leader endpoint given at [${endpoints.join(" ")}]`);
}

function memberId(text: string): bigint {
  try {
    return parseUint64(text, 16);
  } catch (error) {
    if (error instanceof GoNumberError) throw badArguments(error.message);
    throw error;
  }
}

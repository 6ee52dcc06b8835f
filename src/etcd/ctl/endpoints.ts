/** Which endpoints a command visits one by one: those named, or with `--cluster` those that the members advertise. */
import type { Command } from "commander";
import { newMemberListRequest } from "../wire/etcdserverpb.ts";
import type { Ctl } from "./ctl.ts";
import { CtlError, errorText, exitCode } from "./exit.ts";

export interface ClusterFlag {
  readonly cluster?: true;
}

export function clusterFlag(command: Command): Command {
  return command.option("--cluster", "use all endpoints from the cluster member list");
}

export async function endpointsOf(ctl: Ctl, flags: ClusterFlag): Promise<readonly string[]> {
  if (!flags.cluster) return ctl.globals.endpoints;
  try {
    const { members } = await ctl.connect().memberList(newMemberListRequest({ linearizable: true }), ctl.soon);
    return members.flatMap((member) => member.clientUrls);
  } catch (error) {
    const message = `failed to fetch endpoints from etcd cluster member list: ${errorText(error)}`;
    throw new CtlError(exitCode.error, message, { cause: error });
  }
}

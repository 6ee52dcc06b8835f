/** `alarm list | disarm` */
import type { Command } from "commander";
import type { EtcdPort } from "../port.ts";
import {
  AlarmRequest_AlarmAction,
  newAlarmRequest,
  newAlarmResponse,
  type AlarmResponse,
} from "../wire/etcdserverpb.ts";
import type { Ctl } from "./ctl.ts";
import { badArguments, exitCode, orExit } from "./exit.ts";

export function defineAlarm(program: Command, ctl: Ctl): void {
  const alarm = program.command("alarm").description("Alarm related commands").usage("<subcommand>");

  alarm
    .command("list")
    .description("Lists all alarms")
    .argument("[arguments...]")
    .action(async (words: string[]) => {
      if (words.length > 0) throw badArguments("alarm list command accepts no arguments");
      const response = await orExit(exitCode.error, ctl.connect().alarm(newAlarmRequest(), ctl.soon));
      ctl.print({ kind: "alarm", response });
    });

  alarm
    .command("disarm")
    .description("Disarms all alarms")
    .argument("[arguments...]")
    .action(async (words: string[]) => {
      if (words.length > 0) throw badArguments("alarm disarm command accepts no arguments");
      ctl.print({ kind: "alarm", response: await orExit(exitCode.error, disarmAll(ctl.connect(), ctl)) });
    });
}

/** One by one: the server disarms only what is named exactly. */
async function disarmAll(port: Pick<EtcdPort, "alarm">, ctl: Ctl): Promise<AlarmResponse> {
  const { alarms } = await port.alarm(newAlarmRequest(), ctl.soon);
  const disarmed = newAlarmResponse();
  for (const { memberId, alarm } of alarms) {
    const action = AlarmRequest_AlarmAction.DEACTIVATE;
    const response = await port.alarm(newAlarmRequest({ action, memberId, alarm }), ctl.soon);
    disarmed.alarms.push(...response.alarms);
  }
  return disarmed;
}

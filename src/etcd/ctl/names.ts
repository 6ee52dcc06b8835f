/** Ids and enums in etcdctl's words. */
import type { AlarmMember } from "../wire/etcdserverpb.ts";
import { enumDescriptors } from "../wire/descriptors.ts";

/** A lease's id: 16 hexadecimal digits, and a minus if it is negative, as Go's `%016x` has it. */
export function hexId(id: bigint): string {
  return id < 0n ? `-${(-id).toString(16).padStart(15, "0")}` : id.toString(16).padStart(16, "0");
}

export function eventTypeName(type: number): string {
  return nameOf(enumDescriptors["mvccpb.Event.EventType"], type);
}

export function alarmName(alarm: number): string {
  return nameOf(enumDescriptors["etcdserverpb.AlarmType"], alarm);
}

/** The text form of the message: zero fields are left out, each field ends with a space. */
export function alarmText(member: AlarmMember): string {
  const id = member.memberId === 0n ? "" : `memberID:${member.memberId} `;
  return member.alarm === 0 ? id : `${id}alarm:${alarmName(member.alarm)} `;
}

function nameOf(names: Readonly<Record<string, number>>, value: number): string {
  return Object.entries(names).find(([, number]) => number === value)?.[0] ?? String(value);
}

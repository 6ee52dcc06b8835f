import type { Backend } from "../mvcc/backend.ts";
import {
  AlarmType,
  type AlarmMember,
  decodeAlarmMember,
  encodeAlarmMember,
  newAlarmMember,
} from "../wire/etcdserverpb.ts";

const EMPTY = new Uint8Array(0);

/**
 * The alarms of all members, mirrored in the bucket `alarm` (key: the encoded AlarmMember, no value).
 * An alarm is part of the replicated state: every member refuses the same writes from the same entry on.
 */
export class AlarmStore {
  readonly #backend: Backend;
  readonly #alarms: AlarmMember[] = [];

  constructor(backend: Backend) {
    this.#backend = backend;
    backend.scan("alarm", EMPTY, null, (key) => {
      this.#alarms.push(decodeAlarmMember(key.slice()));
      return true;
    });
  }

  /** All alarms, or those of one type. */
  list(type: AlarmType = AlarmType.NONE): AlarmMember[] {
    return this.#alarms.filter((alarm) => type === AlarmType.NONE || alarm.alarm === type);
  }

  get isEmpty(): boolean {
    return this.#alarms.length === 0;
  }

  has(type: AlarmType): boolean {
    return this.#alarms.some((alarm) => alarm.alarm === type);
  }

  /** Answers the alarm raised; one that stands already is answered again, NONE is nothing to raise. */
  activate(memberId: bigint, type: AlarmType): AlarmMember[] {
    if (type === AlarmType.NONE) return [];
    const alarm = newAlarmMember({ memberId, alarm: type });
    if (this.#indexOf(memberId, type) < 0) {
      this.#alarms.push(alarm);
      this.#backend.put("alarm", encodeAlarmMember(alarm), EMPTY);
    }
    return [alarm];
  }

  /** Answers the alarm cleared, or nothing when the exact member and type was not there. */
  deactivate(memberId: bigint, type: AlarmType): AlarmMember[] {
    const index = this.#indexOf(memberId, type);
    if (index < 0) return [];
    const cleared = this.#alarms.splice(index, 1);
    for (const alarm of cleared) this.#backend.delete("alarm", encodeAlarmMember(alarm));
    return cleared;
  }

  #indexOf(memberId: bigint, type: AlarmType): number {
    return this.#alarms.findIndex((alarm) => alarm.memberId === memberId && alarm.alarm === type);
  }
}

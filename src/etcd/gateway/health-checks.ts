/** What /health, /livez and /readyz find out, without a word of HTTP. */
import type { EtcdPort } from "../port.ts";
import type { MemberInfo } from "../rpc/member-info.ts";
import { statusOf } from "../rpc/status.ts";
import { AlarmType, newRangeRequest } from "../wire/etcdserverpb.ts";

/** The check reads a key that need not exist; etcd asks for the empty one, which the port refuses to clients. */
const firstKey = Uint8Array.of(0);

export interface HealthParts {
  readonly port: EtcdPort;
  readonly member: MemberInfo;
  /** The read of /health gives up after this. */
  readonly requestTimeoutMs: number;
}

/** Null: healthy. Otherwise etcd's words for the reason. */
export async function unhealthyReason(
  { port, member, requestTimeoutMs }: HealthParts,
  options: { readonly excludedAlarms: ReadonlySet<string>; readonly serializable: boolean },
): Promise<string | null> {
  for (const { alarm } of member.alarms()) {
    const name = alarm === AlarmType.NOSPACE ? "NOSPACE" : alarm === AlarmType.CORRUPT ? "CORRUPT" : "UNKNOWN";
    if (!options.excludedAlarms.has(name)) return `ALARM ${name}`;
  }
  if (!options.serializable && !member.hasLeader()) return "RAFT NO LEADER";
  const failure = await readFailure(port, options.serializable, AbortSignal.timeout(requestTimeoutMs));
  return failure === null ? null : `RANGE ERROR:${failure}`;
}

/** A named check of /livez or /readyz. Null: it succeeded. */
export interface HealthCheck {
  readonly name: string;
  run(): Promise<string | null> | string | null;
}

export function livezChecks({ port }: HealthParts): HealthCheck[] {
  return [{ name: "serializable_read", run: () => readFailure(port, true) }];
}

export function readyzChecks({ port, member }: HealthParts): HealthCheck[] {
  return [
    {
      name: "data_corruption",
      run: () => (member.alarms().some(({ alarm }) => alarm === AlarmType.CORRUPT) ? "alarm activated: CORRUPT" : null),
    },
    { name: "serializable_read", run: () => readFailure(port, true) },
    { name: "linearizable_read", run: () => readFailure(port, false) },
    { name: "non_learner", run: () => (member.isLearner() ? "not supported for learner" : null) },
  ];
}

/** A read of nothing in particular. */
async function readFailure(port: EtcdPort, serializable: boolean, signal?: AbortSignal): Promise<string | null> {
  try {
    const request = newRangeRequest({ key: firstKey, keysOnly: true, limit: 1, serializable });
    await port.range(request, signal === undefined ? {} : { signal });
    return null;
  } catch (error) {
    return signal?.aborted === true ? "context deadline exceeded" : statusOf(error).details;
  }
}

import { hex } from "./ids.ts";
import type { Progress } from "./progress.ts";
import { roleNames } from "./ready.ts";
import type { Role } from "./ready.ts";
import type { ClusterConfig } from "./tracker.ts";

/** What a node knows of itself; cheap to ask for. */
export interface BasicStatus {
  readonly id: bigint;
  readonly term: number;
  readonly vote: bigint;
  readonly commit: number;
  readonly lead: bigint;
  readonly role: Role;
  readonly applied: number;
  /** To whom leadership is being handed over, or NONE. */
  readonly leadTransferee: bigint;
}

export interface Status extends BasicStatus {
  readonly config: ClusterConfig;
  /** Copies, in the order of the ids; empty unless this node leads. */
  readonly progress: ReadonlyMap<bigint, Progress>;
}

/** As etcd shows it under /debug/vars. */
export function statusToJson(status: Status): string {
  return JSON.stringify({
    id: hex(status.id),
    term: status.term,
    vote: hex(status.vote),
    commit: status.commit,
    lead: hex(status.lead),
    raftState: roleNames[status.role],
    applied: status.applied,
    progress: Object.fromEntries(
      [...status.progress].map(([id, { match, next, stateName }]) => [hex(id), { match, next, state: stateName }]),
    ),
    leadtransferee: hex(status.leadTransferee),
  });
}

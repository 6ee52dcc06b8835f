import type { CarriedCall } from "./call.ts";
import type { MemberInfo } from "./member-info.ts";
import { etcdStatus, RpcError } from "./status.ts";

/** A stream is dearer to set up again than a call, so it is given up only after this many leaderless ticks in a row. */
const LEADERLESS_TICKS_MAX = 3;

/** Ends the streams that asked for a leader (`hasleader`) when the member has not had one for some election timeouts. */
export class LeaderMonitor {
  readonly #member: MemberInfo;
  readonly #electionTimeoutMs: number;
  readonly #calls = new Set<CarriedCall>();
  #timer: NodeJS.Timeout | null = null;
  #leaderlessTicks = 0;

  constructor(member: MemberInfo, electionTimeoutMs: number) {
    this.#member = member;
    this.#electionTimeoutMs = electionTimeoutMs;
  }

  add(call: CarriedCall): void {
    this.#calls.add(call);
    this.#timer ??= setInterval(() => this.#tick(), this.#electionTimeoutMs).unref();
  }

  remove(call: CarriedCall): void {
    if (this.#calls.delete(call) && this.#calls.size === 0) this.close();
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#leaderlessTicks = 0;
  }

  #tick(): void {
    this.#leaderlessTicks = this.#member.hasLeader() ? 0 : this.#leaderlessTicks + 1;
    if (this.#leaderlessTicks < LEADERLESS_TICKS_MAX) return;
    const { code, details } = etcdStatus.noLeader;
    for (const call of [...this.#calls]) call.abort(new RpcError(code, details));
  }
}

import { encodeRaftRequest, type RaftCallName, type RaftCalls, type RaftRequest } from "../apply/raft-request.ts";
import type { Applied } from "../apply/applier.ts";
import { EtcdError } from "../errors.ts";
import { RequestIds } from "../lease/id-generator.ts";
import { AlarmRequest_AlarmAction, AlarmType, newAlarmRequest } from "../wire/etcdserverpb.ts";
import type { Consensus } from "./consensus.ts";
import type { MemberCore } from "./member-core.ts";
import { isOutOfSpace } from "./out-of-space.ts";
import { Proposals } from "./proposals.ts";
import type { StoreCommits } from "./store-commits.ts";

export interface ProposerParts {
  readonly consensus: Consensus;
  readonly commits: StoreCommits;
}

/**
 * Takes requests to the log, and brings the answers back to those who wait:
 *
 *   propose ─▶ log ─▶ applied elsewhere ─▶ settle ─▶ the promise of propose
 */
export class Proposer {
  readonly #core: MemberCore;
  readonly #parts: ProposerParts;
  readonly #proposals = new Proposals();
  readonly #ids: RequestIds;

  constructor(core: MemberCore, parts: ProposerParts) {
    this.#core = core;
    this.#parts = parts;
    this.#ids = new RequestIds(core.options.memberId, core.parts.clock.wallMs());
  }

  /** How many wait for their answer. */
  get pending(): number {
    return this.#proposals.size;
  }

  /** A lease id that nobody else gives out. */
  newLeaseId(): bigint {
    return this.#ids.nextLeaseId();
  }

  /** Why nothing should be proposed at the moment, or null: the disk refuses what is written. */
  get stalledBy(): Error | null {
    return this.#parts.consensus.stalledBy ?? this.#parts.commits.stalledBy;
  }

  /**
   * @param maxBytes of the encoded proposal
   * @throws EtcdError stopped, noSpace, timeout, requestTooLarge, tooManyRequests, proposalDropped, and whatever apply answers
   */
  propose<Name extends RaftCallName>(
    name: Name,
    value: RaftCalls[Name]["request"],
    maxBytes = this.#core.options.maxRequestBytes,
  ): Promise<RaftCalls[Name]["response"]> {
    return new Promise((resolve, reject) => {
      this.#checkProposable();
      const data = encodeRaftRequest(this.#ids.next(), name, value);
      if (data.length > maxBytes) throw new EtcdError("requestTooLarge");
      if (!this.#parts.consensus.propose(data)) throw new EtcdError("tooManyRequests");
      const deadlineMs = this.#core.parts.clock.nowMs() + this.#core.requestTimeoutMs;
      // The name and its response go together, which the compiler cannot see through the map of proposals.
      this.#proposals.add(data, { request: { name, value } as RaftRequest, deadlineMs, resolve, reject });
    });
  }

  /** The request of an entry that was proposed here and still waits. */
  requestOf(data: Uint8Array): RaftRequest | undefined {
    return this.#proposals.peek(data)?.request;
  }

  /** Answers whoever waits for this entry. */
  settle(data: Uint8Array, { response, error }: Applied): void {
    const proposal = this.#proposals.take(data);
    if (error?.code === "noSpace" && this.#core.replica.alarms.list(AlarmType.NOSPACE).length === 0) {
      // An alarm that cannot be raised now is raised by the next write that does not fit.
      this.#raiseNoSpace().catch(() => undefined);
    }
    if (proposal === undefined) return;
    if (error !== null) {
      proposal.reject(error);
      return;
    }
    if ("header" in response!) this.#core.complete(response.header);
    proposal.resolve(response!);
  }

  /** Raft took these back. */
  dropped(proposals: readonly Uint8Array[]): void {
    for (const data of proposals) this.#proposals.take(data)?.reject(new EtcdError("proposalDropped"));
  }

  /** Refuses those who have waited too long. */
  expire(): void {
    const { clock, metrics } = this.#core.parts;
    const expired = this.#proposals.expire(clock.nowMs());
    for (let count = 0; count < expired; count++) metrics.proposalFailed();
  }

  rejectAll(error: Error): void {
    this.#proposals.rejectAll(error);
  }

  /** Whether a write of this cost fits under the quota. If not, wait for `refuseForSpace`. */
  fits(costBytes: number): boolean {
    return this.#core.replica.applier.fits(costBytes);
  }

  /** The quota has no room: the alarm is raised, and stands until an operator clears it. */
  async refuseForSpace(): Promise<never> {
    await this.#raiseNoSpace();
    throw new EtcdError("noSpace");
  }

  async #raiseNoSpace(): Promise<void> {
    const { memberId } = this.#core.options;
    const action = AlarmRequest_AlarmAction.ACTIVATE;
    await this.propose("alarm", newAlarmRequest({ action, memberId, alarm: AlarmType.NOSPACE }));
  }

  #checkProposable(): void {
    this.#core.checkOpen();
    const { stalledBy } = this;
    if (stalledBy === null) return;
    this.#core.parts.metrics.proposalFailed();
    throw new EtcdError(isOutOfSpace(stalledBy) ? "noSpace" : "timeout", { cause: stalledBy });
  }
}

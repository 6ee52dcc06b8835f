import { AlarmStore } from "../apply/alarm-store.ts";
import { type Applied, Applier } from "../apply/applier.ts";
import { Membership, parseMember } from "../apply/membership.ts";
import { decodeRaftRequest, type RaftCallName, type RaftRequest } from "../apply/raft-request.ts";
import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import { Lessor, type LessorOptions } from "../lease/lessor.ts";
import type { Backend } from "../mvcc/backend.ts";
import { MvccStore } from "../mvcc/store.ts";
import {
  type ConfChange,
  ConfChangeType,
  type ConfState,
  decodeConfChange,
  type Entry,
  EntryType,
} from "../wire/raftpb.ts";
import { hexId } from "./ids.ts";

export interface ReplicaOptions {
  readonly quotaBytes: number;
  readonly lessor: LessorOptions;
}

export interface ReplicaParts {
  readonly backend: Backend;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How a request was executed, for metrics and logs. */
export interface AppliedRun {
  readonly operation: RaftCallName;
  readonly tookMs: number;
}

/** How the replica reaches those who care for what an entry did. */
export interface ReplicaListeners {
  /** The request of an entry that was proposed here, so that it need not be decoded again. */
  requestOf(data: Uint8Array): RaftRequest | undefined;
  /** Called for every entry with a request, in order, after the watchers could be told. */
  applied(data: Uint8Array, result: Applied, run: AppliedRun): void;
  /** Raft's configuration changes together with the membership. */
  configurationChanged(change: ConfChange): ConfState;
  /** The first entry of a leader's term, which is empty. */
  termBegun(term: number): void;
}

const encoder = new TextEncoder();
const CONSISTENT_INDEX_KEY = encoder.encode("consistent_index");
const TERM_KEY = encoder.encode("term");
const CONF_STATE_KEY = encoder.encode("confState");

/**
 * The replicated state of this member, and the place in the log that it stands at.
 *
 *   log      1 ........................ applied ..... committed
 *   backend  1 ....... durable
 *
 * `applied` is what reads see. The backend commits in batches, each together with the index it stands for, so after a
 * crash the state is exactly that of `durable`, and the log is applied again from there: nothing is lost, and nothing
 * happens twice.
 */
export class Replica {
  readonly backend: Backend;
  readonly store: MvccStore;
  readonly lessor: Lessor;
  readonly alarms: AlarmStore;
  readonly membership: Membership;
  readonly applier: Applier;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #appliedIndex: number;
  #appliedTerm: number;
  #durableIndex: number;
  #confState: ConfState | null = null;

  constructor(options: ReplicaOptions, { backend, clock, logger }: ReplicaParts) {
    this.backend = backend;
    this.#clock = clock;
    this.#logger = logger;
    this.lessor = new Lessor(options.lessor, backend);
    this.store = new MvccStore({ leases: this.lessor }, backend);
    this.alarms = new AlarmStore(backend);
    this.membership = new Membership(backend);
    this.applier = new Applier({ quotaBytes: options.quotaBytes }, this);
    this.#appliedIndex = readCounter(backend.get("meta", CONSISTENT_INDEX_KEY));
    this.#appliedTerm = readCounter(backend.get("meta", TERM_KEY));
    this.#durableIndex = this.#appliedIndex;
  }

  get appliedIndex(): number {
    return this.#appliedIndex;
  }

  get appliedTerm(): number {
    return this.#appliedTerm;
  }

  /** The index that the backend on disk stands for. */
  get durableIndex(): number {
    return this.#durableIndex;
  }

  get confState(): ConfState | null {
    return this.#confState;
  }

  /** The configuration at the mark that the log begins with. Entries behind the mark may change it. */
  configuredAtMark(confState: ConfState | null): void {
    this.#confState = confState;
  }

  /** Whether anything waits for the next commit. */
  get isDirty(): boolean {
    return this.#appliedIndex > this.#durableIndex || this.backend.pendingOperations > 0;
  }

  /** Executes one committed entry. One that the backend held already when it was opened only counts for Raft. */
  apply(entry: Entry, listeners: ReplicaListeners): void {
    const isNew = entry.index > this.#appliedIndex;
    assert(!isNew || entry.index === this.#appliedIndex + 1, "entries are applied in order");
    if (isNew) {
      this.#appliedIndex = entry.index;
      this.#appliedTerm = entry.term;
    }
    if (entry.type === EntryType.EntryConfChange) this.#applyConfChange(entry, isNew, listeners);
    else if (entry.data === null || entry.data.length === 0) listeners.termBegun(entry.term);
    else if (isNew) this.#applyRequest(entry.data, listeners);
  }

  /** Seals what was applied, together with its index. Resolves when that is on disk, flushed. */
  async commit(): Promise<void> {
    const index = this.#appliedIndex;
    this.backend.put("meta", CONSISTENT_INDEX_KEY, counter(index));
    this.backend.put("meta", TERM_KEY, counter(this.#appliedTerm));
    await this.backend.commit();
    this.#durableIndex = Math.max(this.#durableIndex, index);
  }

  #applyRequest(data: Uint8Array, listeners: ReplicaListeners): void {
    const request = listeners.requestOf(data) ?? decodeRaftRequest(data).request;
    assert(request !== null, "the log holds a request that this version does not know");
    const begunMs = this.#clock.nowMs();
    const result = this.applier.apply(request, begunMs);
    listeners.applied(data, result, { operation: request.name, tookMs: this.#clock.nowMs() - begunMs });
  }

  #applyConfChange(entry: Entry, isNew: boolean, listeners: ReplicaListeners): void {
    const change = decodeConfChange(entry.data ?? new Uint8Array());
    if (isNew) this.#changeMembership(change);
    this.#confState = listeners.configurationChanged(change);
    if (isNew) this.backend.put("meta", CONF_STATE_KEY, encoder.encode(formatConfState(this.#confState)));
  }

  #changeMembership(change: ConfChange): void {
    switch (change.type) {
      case ConfChangeType.ConfChangeAddNode:
      case ConfChangeType.ConfChangeAddLearnerNode: {
        const member = parseMember(new TextDecoder().decode(change.context ?? new Uint8Array()));
        this.membership.add(member);
        this.#logger.info("added member", {
          "added-peer-id": hexId(member.id),
          "added-peer-peer-urls": member.peerUrls,
          "added-peer-is-learner": member.isLearner,
        });
        return;
      }
      case ConfChangeType.ConfChangeRemoveNode:
        this.membership.remove(change.nodeId);
        this.#logger.info("removed member", { "removed-remote-peer-id": hexId(change.nodeId) });
        return;
      case ConfChangeType.ConfChangeUpdateNode: {
        const member = parseMember(new TextDecoder().decode(change.context ?? new Uint8Array()));
        this.membership.setPeerUrls(member.id, member.peerUrls);
        return;
      }
      default:
        assert(false, `unknown configuration change ${change.type}`);
    }
  }
}

/** etcd's JSON of a raftpb.ConfState; the ids are bare numbers beyond 2^53. */
export function formatConfState(state: ConfState): string {
  const list = (ids: readonly bigint[]): string => `[${ids.join(",")}]`;
  const fields = [`"voters":${list(state.voters)}`];
  if (state.learners.length > 0) fields.push(`"learners":${list(state.learners)}`);
  if (state.votersOutgoing.length > 0) fields.push(`"voters_outgoing":${list(state.votersOutgoing)}`);
  if (state.learnersNext.length > 0) fields.push(`"learners_next":${list(state.learnersNext)}`);
  fields.push(`"auto_leave":${state.autoLeave}`);
  return `{${fields.join(",")}}`;
}

function counter(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

function readCounter(bytes: Uint8Array | undefined): number {
  return bytes === undefined ? 0 : Number(Buffer.from(bytes).readBigUInt64BE(0));
}

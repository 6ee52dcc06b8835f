import { EtcdError } from "../errors.ts";
import { newResponseHeader, type ResponseHeader } from "../wire/etcdserverpb.ts";
import { Leadership } from "./leadership.ts";
import type { MemberOptions, MemberParts } from "./member-options.ts";
import { Replica } from "./replica.ts";

/** Requests are given up after 5 s and two election timeouts, as etcd does. */
const REQUEST_BASE_TIMEOUT_MS = 5000;

/**
 * What all parts of a member share: its state, who leads, and whether the store may be used.
 *
 *   open ──close(work)──▶ gated until the work is done ──▶ open ... stopped
 */
export class MemberCore {
  readonly options: MemberOptions;
  readonly parts: MemberParts;
  readonly replica: Replica;
  readonly leadership: Leadership;
  readonly requestTimeoutMs: number;
  #gate: Promise<void> | null = null;
  #isStopped = false;
  #failure: Error | null = null;

  constructor(options: MemberOptions, parts: MemberParts) {
    const { backend, clock, logger } = parts;
    this.options = options;
    this.parts = parts;
    this.requestTimeoutMs = REQUEST_BASE_TIMEOUT_MS + 2 * options.electionTimeoutMs;
    this.leadership = new Leadership(options.memberId);
    this.replica = new Replica(
      {
        quotaBytes: options.quotaBackendBytes ?? Number.POSITIVE_INFINITY,
        lessor: { electionTimeoutMs: options.electionTimeoutMs, checkpoints: options.leaseCheckpoints },
      },
      { backend, clock, logger },
    );
  }

  /** While the store is closed to everybody: when it opens again. Who has waited must look again. */
  get gate(): Promise<void> | null {
    return this.#gate;
  }

  /** Closes the store to everybody until this work is done, whether well or badly. */
  close(work: Promise<void>): void {
    this.#gate = work.catch(() => undefined).finally(() => (this.#gate = null));
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** After the stop the files are closed, and nobody may read them. */
  checkOpen(): void {
    if (this.#isStopped) throw new EtcdError("stopped");
  }

  /** Why the member cannot go on; null while it can. */
  get failure(): Error | null {
    return this.#failure;
  }

  fail(error: unknown): void {
    if (this.#isStopped) return;
    this.#failure = error instanceof Error ? error : new Error(String(error));
    this.parts.logger.error("the member cannot go on", {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    this.parts.failed(error);
  }

  header(revision = this.replica.store.currentRevision): ResponseHeader {
    const { clusterId, memberId } = this.options;
    return newResponseHeader({ clusterId, memberId, revision, raftTerm: this.leadership.term });
  }

  /** Fills in what the state machine does not know. */
  complete(header: ResponseHeader | null): void {
    if (header === null) return;
    header.clusterId = this.options.clusterId;
    header.memberId = this.options.memberId;
    header.raftTerm = this.leadership.term;
  }
}

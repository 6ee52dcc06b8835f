import { assert } from "../base/assert.ts";
import type { Logger } from "../base/logger.ts";
import { RaftError } from "../raft/errors.ts";
import { NONE } from "../raft/ids.ts";
import type { RawNode } from "../raft/raw-node.ts";
import type { Ready } from "../raft/ready.ts";
import type { MemoryStorage } from "../raft/memory-storage.ts";
import type { Entry, HardState, Message } from "../wire/raftpb.ts";
import type { FailedSave, RaftLog } from "./log.ts";

export interface RaftLoopOptions {
  readonly tickMs: number;
  /** Proposals taken before the loop has room for them; more are refused. */
  readonly queuedProposalsMax: number;
  readonly queuedBytesMax: number;
  /** How long to wait before a save that failed is tried again, in milliseconds. */
  readonly saveRetryMs: number;
}

export interface RaftLoopParts {
  readonly node: RawNode;
  /** The entries in memory that `node` reads; the log holds the same ones on disk. */
  readonly storage: MemoryStorage;
  readonly log: RaftLog;
  readonly logger: Logger;
  /** Executes committed entries, in order; runs to completion. Resolves late only to slow the loop down. */
  apply(entries: readonly Entry[]): Promise<void> | undefined;
  send(messages: readonly Message[]): void;
  /** Raft takes no proposals now, because leadership is being handed over. */
  dropped(proposals: readonly Uint8Array[]): void;
  /** Read index rounds that a quorum has confirmed. */
  readConfirmed(context: Uint8Array, index: number): void;
  leadershipChanged(isLeader: boolean): void;
  /** A broken invariant or a log that cannot go on: the member must stop. */
  failed(error: unknown): void;
}

/**
 * Drives the pure Raft core: proposals and ticks in; saves, messages and applied entries out.
 *
 *   proposals that wait → one MsgProp → Ready → log (flushed) → messages → apply → advance
 *
 * What arrives while a flush is under way forms the next batch (group commit), and the entries that the last flush has
 * committed are executed while the next one is on its way to the disk. Invariant: an entry is applied only after it is
 * flushed here, and a message leaves only after what it vouches for is.
 */
export class RaftLoop {
  readonly #options: RaftLoopOptions;
  readonly #parts: RaftLoopParts;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #hardState: HardState | null = null;
  #stableIndex: number;
  #wake: (() => void) | null = null;
  #wakeScheduled = false;
  #ticker: NodeJS.Timeout | null = null;
  #stopping = false;
  #done: Promise<void> = Promise.resolve();
  #stalledBy: Error | null = null;
  #endPause: () => void = () => undefined;

  constructor(options: RaftLoopOptions, parts: RaftLoopParts) {
    this.#options = options;
    this.#parts = parts;
    this.#stableIndex = parts.storage.lastIndex();
  }

  start(): void {
    this.#done = this.#run().catch((error: unknown) => this.#parts.failed(error));
    this.#ticker = setInterval(() => {
      this.#parts.node.tick();
      this.kick();
    }, this.#options.tickMs);
  }

  /** Ends after the batch under way; waits until the loop is quiet. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#ticker !== null) clearInterval(this.#ticker);
    this.#resume();
    this.#endPause();
    await this.#done;
  }

  /** Why the log cannot be written at the moment, or null. While it is set nothing new should be proposed. */
  get stalledBy(): Error | null {
    return this.#stalledBy;
  }

  /** Queues one entry's payload. False: the queue is full, refuse the client. */
  propose(data: Uint8Array): boolean {
    if (this.#queue.length >= this.#options.queuedProposalsMax) return false;
    if (this.#queuedBytes + data.length > this.#options.queuedBytesMax) return false;
    this.#queue.push(data);
    this.#queuedBytes += data.length;
    this.kick();
    return true;
  }

  /** The node may have work: run once the events of this turn have all been taken in, so that they share a batch. */
  kick(): void {
    if (this.#wakeScheduled || this.#wake === null) return;
    this.#wakeScheduled = true;
    setImmediate(() => {
      this.#wakeScheduled = false;
      this.#resume();
    });
  }

  /** The last hard state that Raft reported; its commit index may be ahead of the one on disk. */
  get hardState(): HardState | null {
    return this.#hardState;
  }

  /** A stop cuts it short. */
  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #resume(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  async #run(): Promise<void> {
    const { node } = this.#parts;
    while (!this.#stopping) {
      this.#takeProposals();
      if (node.hasReady()) await this.#process(node.ready());
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Without a leader they wait: one may come before their time is up. */
  #takeProposals(): void {
    if (this.#queue.length === 0 || this.#parts.node.basicStatus().lead === NONE) return;
    const proposals = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    try {
      this.#parts.node.proposeMany(proposals);
    } catch (error) {
      if (!(error instanceof RaftError)) throw error;
      this.#parts.dropped(proposals);
    }
  }

  /** The order of these lines is the proof of durability; see the class comment. */
  async #process(ready: Ready): Promise<void> {
    const { node, storage, send } = this.#parts;
    if (ready.softState !== null) this.#parts.leadershipChanged(ready.softState.role === "leader");
    if (ready.hardState !== null) this.#hardState = ready.hardState;
    assert(ready.snapshot === null, "a member without peers is never sent a snapshot");

    const saving = ready.mustSync || ready.entries.length > 0 ? this.#save(this.#hardState, ready.entries) : null;
    // It is awaited below, unless what is executed meanwhile breaks the member.
    saving?.catch(() => undefined);
    const flushed = this.#countFlushed(ready.committedEntries);
    if (flushed > 0) await this.#apply(ready.committedEntries.slice(0, flushed));
    if (saving !== null) await saving;
    if (ready.entries.length > 0) {
      storage.append(ready.entries);
      this.#stableIndex = ready.entries[ready.entries.length - 1]!.index;
    }
    if (ready.hardState !== null) storage.setHardState(ready.hardState);
    send(ready.messages);
    for (const { requestContext, index } of ready.readStates) this.#parts.readConfirmed(requestContext, index);
    if (flushed < ready.committedEntries.length) await this.#apply(ready.committedEntries.slice(flushed));
    node.advance(ready);
  }

  #countFlushed(entries: readonly Entry[]): number {
    let count = entries.length;
    while (count > 0 && entries[count - 1]!.index > this.#stableIndex) count--;
    return count;
  }

  async #apply(entries: readonly Entry[]): Promise<void> {
    await this.#parts.apply(entries);
  }

  /**
   * A save that fails is weather (a full disk): nothing of the batch is acknowledged, and it is tried again until it
   * holds or the member stops. The log leaves no half-written record behind. A log that will take nothing more stops the
   * member.
   */
  async #save(hardState: HardState | null, entries: readonly Entry[]): Promise<void> {
    for (;;) {
      try {
        await this.#parts.log.save(hardState, entries);
        if (this.#stalledBy !== null) this.#parts.logger.info("the log accepts writes again");
        this.#stalledBy = null;
        return;
      } catch (error) {
        if (this.#stopping || (error as FailedSave).retryable === false) throw error;
        if (this.#stalledBy === null) {
          this.#parts.logger.error("failed to save the log; retrying", { error: String(error) });
        }
        this.#stalledBy = error instanceof Error ? error : new Error(String(error));
        await this.#pause(this.#options.saveRetryMs);
      }
    }
  }
}

import type { Message } from "../wire/raftpb.ts";
import type { AckedIndexes } from "./quorum/majority-config.ts";
import type { JointConfig } from "./quorum/joint-config.ts";

/**
 * How a leader makes sure that it still leads before it answers a read.
 * - safe: a quorum must answer a heartbeat that was sent after the read came
 * - leaseBased: the quorum check of the last election timeout is enough, which holds only if clocks run evenly
 */
export type ReadOnlyOption = "safe" | "leaseBased";

/** A read may be served when the state machine has applied `index`. */
export interface ReadState {
  readonly index: number;
  /** What `readIndex` was called with. */
  readonly requestContext: Uint8Array;
}

/** A read that waits for its leader to be confirmed, and the commit index when it came. */
export interface ReadIndexRequest {
  readonly request: Message;
  readonly index: number;
}

/**
 * The reads that wait for a quorum to confirm the leader, oldest first.
 *
 * Each read has a place: 1, 2, 3 ... in this leadership. A heartbeat carries the place of the newest read, an answer
 * confirms all reads up to the place it echoes, and a quorum of answers releases them. The place is Raft's own context
 * of a round: two clients that send the same request context can never confirm each other's reads (etcd-io/raft before
 * 3.7 sent the clients' contexts, and could be fooled so).
 */
export class ReadOnly implements AckedIndexes {
  readonly option: ReadOnlyOption;
  #waiting: ReadIndexRequest[] = [];
  /** How many reads were confirmed: the place before the first one that waits. */
  #confirmed = 0;
  readonly #acked = new Map<bigint, number>();

  constructor(option: ReadOnlyOption) {
    this.option = option;
  }

  add(request: Message, commitIndex: number): void {
    this.#waiting.push({ request, index: commitIndex });
  }

  /** What a heartbeat must carry to confirm all reads that wait; null when none does. */
  heartbeatContext(): Uint8Array | null {
    if (this.#waiting.length === 0) return null;
    const context = new Uint8Array(8);
    new DataView(context.buffer).setBigUint64(0, BigInt(this.#newest()), true);
    return context;
  }

  /** A member answered a heartbeat with this context. One that is not of our making confirms nothing. */
  receiveAck(from: bigint, context: Uint8Array): void {
    if (context.length !== 8) return;
    const place = new DataView(context.buffer, context.byteOffset, 8).getBigUint64(0, true);
    if (place > BigInt(this.#newest())) return;
    this.#acked.set(from, Math.max(this.#acked.get(from) ?? 0, Number(place)));
  }

  /** This node confirms itself. */
  ackSelf(id: bigint): void {
    this.#acked.set(id, this.#newest());
  }

  ackedIndex(id: bigint): number | undefined {
    return this.#acked.get(id);
  }

  /** Takes out the reads that a quorum has confirmed. */
  takeConfirmed(voters: JointConfig): ReadIndexRequest[] {
    const confirmed = Math.min(voters.committedIndex(this), this.#newest());
    if (confirmed <= this.#confirmed) return [];
    const taken = this.#waiting.splice(0, confirmed - this.#confirmed);
    this.#confirmed = confirmed;
    return taken;
  }

  #newest(): number {
    return this.#confirmed + this.#waiting.length;
  }
}

import assert from "node:assert/strict";
import { seededRandom } from "../../../src/etcd/base/random.ts";
import { silentLogger } from "../../../src/etcd/base/logger.ts";
import { RaftError } from "../../../src/etcd/raft/errors.ts";
import type { AnyConfChange } from "../../../src/etcd/raft/conf-change.ts";
import type { ClusterConfig } from "../../../src/etcd/raft/tracker.ts";
import { decodeMessage, encodeMessage } from "../../../src/etcd/wire/raftpb.ts";
import type { Message } from "../../../src/etcd/wire/raftpb.ts";
import { Ledger } from "./ledger.ts";
import { SimulatedMember } from "./member.ts";

/** How a simulated cluster is set up. */
export interface ClusterOptions {
  readonly members: number;
  /** The first so many members are the voters at the start; the others wait to be added. */
  readonly voters: number;
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  readonly asyncStorageWrites: boolean;
  /** Bytes of committed entries per ready, and of entries per append: small ones make for many pages. */
  readonly bytesMax: number;
  readonly seed: number;
}

/**
 * Several members in one thread, the network between them, and everything that can go wrong. Messages travel as bytes,
 * so nothing is shared. Safety is checked as it happens, by the ledger.
 */
export class SimulatedCluster {
  readonly members: readonly SimulatedMember[];
  readonly #ledger = new Ledger();
  readonly #network: { readonly from: bigint; readonly to: bigint; readonly bytes: Uint8Array }[] = [];
  /** Members on different sides do not hear each other; null while the network is whole. */
  #partition: ReadonlySet<bigint> | null = null;
  #proposals = 0;

  constructor(options: ClusterOptions) {
    const random = seededRandom(options.seed);
    const ids = Array.from({ length: options.members }, (_, position) => BigInt(position + 1));
    this.members = ids.map(
      (id) =>
        new SimulatedMember({
          id,
          initialVoters: ids.slice(0, options.voters),
          ledger: this.#ledger,
          send: (message) => this.#send(message),
          config: {
            electionTicks: 5,
            heartbeatTicks: 1,
            random,
            logger: silentLogger,
            messageBytesMax: options.bytesMax,
            inflightMessagesMax: 4,
            preVote: options.preVote,
            checkQuorum: options.checkQuorum,
            asyncStorageWrites: options.asyncStorageWrites,
            stepDownOnRemoval: true,
          },
        }),
    );
  }

  get inFlight(): number {
    return this.#network.length;
  }

  get committed(): number {
    return this.#ledger.committed;
  }

  /** The leader of the highest term, if one runs. */
  leader(): SimulatedMember | undefined {
    const leaders = this.members.filter((member) => member.isUp && member.status().role === "leader");
    return leaders.sort((left, right) => right.status().term - left.status().term)[0];
  }

  /** Delivers the message at this place; it may be kept to be delivered again. */
  deliver(place: number, keep = false): void {
    const at = place % Math.max(1, this.#network.length);
    const [packet] = keep ? this.#network.slice(at, at + 1) : this.#network.splice(at, 1);
    if (packet === undefined || this.#isCut(packet.from, packet.to)) return;
    this.#member(packet.to).receive(decodeMessage(packet.bytes));
  }

  lose(place: number): void {
    this.#network.splice(place % Math.max(1, this.#network.length), 1);
  }

  partition(side: readonly number[]): void {
    this.#partition = new Set(side.map((place) => this.at(place).id));
  }

  heal(): void {
    this.#partition = null;
  }

  propose(place: number): void {
    this.#proposals += 1;
    this.at(place).propose(Buffer.from(`entry-${this.#proposals}`));
  }

  read(place: number): void {
    this.at(place).readIndex();
  }

  /** Proposes a change to the leader, if `choose` finds one that its configuration allows. */
  changeMembership(choose: (config: ClusterConfig) => AnyConfChange | null): void {
    const leader = this.leader();
    if (leader === undefined) return;
    const change = choose(leader.config());
    if (change !== null) leader.proposeConfChange(change);
  }

  /** Every member crashes at once, and starts again. */
  blackout(torn: number): void {
    for (const member of this.members) {
      member.crash(torn);
      member.restart();
    }
  }

  /** A time without faults: everything is delivered in order and done at once. */
  runCalmly(ticks: number): void {
    for (let tick = 0; tick < ticks; tick++) {
      for (const member of this.members) member.tick();
      this.#settle();
    }
  }

  /** Faults end. A leader must come, commit, and bring every member of its configuration to the same state. */
  assertConverges(): void {
    this.heal();
    for (const member of this.members) member.restart();
    for (let attempt = 0; attempt < 60; attempt++) {
      this.runCalmly(5);
      const leader = this.leader();
      if (leader === undefined) continue;
      this.#proposals += 1;
      if (!leader.propose(Buffer.from(`last-${this.#proposals}`))) continue;
      this.runCalmly(10);
      if (leader === this.leader() && this.#hasConverged(leader)) return;
    }
    assert.fail(`no convergence: ${this.members.map((member) => member.describe()).join("; ")}`);
  }

  at(place: number): SimulatedMember {
    return this.members[place % this.members.length]!;
  }

  #hasConverged(leader: SimulatedMember): boolean {
    const config = leader.config();
    if (config.voters.isJoint) return false;
    const ids = [...config.voters.ids(), ...config.learners.voters];
    return ids.every((id) => this.#member(id).applied === this.#ledger.committed);
  }

  #settle(): void {
    for (let round = 0; round < 200; round++) {
      let isBusy = false;
      for (const member of this.members) isBusy = member.workOff() || isBusy;
      for (let waiting = this.#network.length; waiting > 0; waiting--) {
        this.deliver(0);
        isBusy = true;
      }
      if (!isBusy) return;
    }
    assert.fail("the cluster never comes to rest");
  }

  #send(message: Message): void {
    this.#network.push({ from: message.from, to: message.to, bytes: encodeMessage(message) });
    // A bounded network: the oldest messages are lost.
    if (this.#network.length > 200) this.#network.shift();
  }

  #isCut(from: bigint, to: bigint): boolean {
    return this.#partition !== null && this.#partition.has(from) !== this.#partition.has(to);
  }

  #member(id: bigint): SimulatedMember {
    return this.members[Number(id) - 1]!;
  }
}

/** True unless the node dropped it, as it may. */
export function isTaken(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (!(error instanceof RaftError)) throw error;
    return false;
  }
}

import assert from "node:assert/strict";
import { confChangeOf } from "../../../src/etcd/raft/conf-change.ts";
import type { AnyConfChange } from "../../../src/etcd/raft/conf-change.ts";
import type { RaftConfig } from "../../../src/etcd/raft/config.ts";
import { isLocalTarget } from "../../../src/etcd/raft/ids.ts";
import { MemoryStorage } from "../../../src/etcd/raft/memory-storage.ts";
import { Raft } from "../../../src/etcd/raft/raft.ts";
import { RawNode } from "../../../src/etcd/raft/raw-node.ts";
import { isEmptyHardState } from "../../../src/etcd/raft/ready.ts";
import type { Ready } from "../../../src/etcd/raft/ready.ts";
import { isEmptySnapshot, metadataOf } from "../../../src/etcd/raft/snapshots.ts";
import type { BasicStatus } from "../../../src/etcd/raft/status.ts";
import type { ClusterConfig } from "../../../src/etcd/raft/tracker.ts";
import { MessageType, newConfState, newSnapshot, newSnapshotMetadata } from "../../../src/etcd/wire/raftpb.ts";
import type { ConfState, Entry, HardState, Message, Snapshot } from "../../../src/etcd/wire/raftpb.ts";
import { isTaken } from "./cluster.ts";
import type { Ledger } from "./ledger.ts";

export interface MemberOptions {
  readonly id: bigint;
  readonly initialVoters: readonly bigint[];
  readonly ledger: Ledger;
  readonly send: (message: Message) => void;
  readonly config: Omit<RaftConfig, "id" | "storage">;
}

/**
 * One member: a node, its disk, and a state machine that is a running hash. What is not on disk when it crashes is lost:
 * the node's memory, the work under way, and the state machine, which starts again from the snapshot.
 */
export class SimulatedMember {
  readonly id: bigint;
  readonly #options: MemberOptions;
  readonly #disk = new Disk(() => this.#stateSnapshot());
  #raft: Raft | null = null;
  #node: RawNode | null = null;
  #confState: ConfState = newConfState();
  #state = "";
  #applied = 0;
  #appliedTerm = 0;
  /** Without asynchronous storage: the ready that is being worked on, and whether it is on disk yet. */
  #ready: { readonly work: Ready; isSaved: boolean } | null = null;
  #appendWork: Message[] = [];
  #applyWork: Message[] = [];
  #reads = 0;
  readonly #readFloors = new Map<string, number>();

  constructor(options: MemberOptions) {
    this.id = options.id;
    this.#options = options;
    if (options.initialVoters.includes(options.id)) {
      const confState = newConfState({ voters: [...options.initialVoters] });
      this.#disk.applySnapshot(
        newSnapshot({ data: new Uint8Array(), metadata: newSnapshotMetadata({ index: 1, term: 1, confState }) }),
      );
    }
    this.restart();
  }

  get isUp(): boolean {
    return this.#node !== null;
  }

  get applied(): number {
    return this.#applied;
  }

  status(): BasicStatus {
    return this.#node!.basicStatus();
  }

  config(): ClusterConfig {
    return this.#node!.status().config;
  }

  describe(): string {
    if (this.#raft === null) return `${this.id} is down`;
    const { term, role, lead, log, tracker } = this.#raft;
    return `${this.id} ${role} of term ${term}, lead ${lead}, ${log.toString()}, voters ${tracker.config.voters.toString()}`;
  }

  /** `torn` entries of a save that was under way reach the disk, without the hard state that belongs to them. */
  crash(torn = 0): void {
    if (this.#ready !== null && !this.#ready.isSaved) this.#disk.append(this.#ready.work.entries.slice(0, torn));
    const [append] = this.#appendWork;
    if (append !== undefined) this.#disk.append(append.entries.slice(0, torn));
    this.#raft = null;
    this.#node = null;
    this.#ready = null;
    this.#appendWork = [];
    this.#applyWork = [];
  }

  restart(): void {
    if (this.isUp) return;
    const snapshot = this.#disk.savedSnapshot();
    this.#restoreState(snapshot);
    const config = { ...this.#options.config, id: this.id, storage: this.#disk, applied: metadataOf(snapshot).index };
    this.#raft = new Raft(config);
    this.#node = new RawNode(config, this.#raft);
  }

  tick(count = 1): void {
    for (let tick = 0; tick < count; tick++) this.#node?.tick();
    this.#observe();
  }

  receive(message: Message): void {
    const node = this.#node;
    if (node === null) return;
    isTaken(() => node.step(message));
    this.#observe();
  }

  propose(data: Uint8Array): boolean {
    const node = this.#node;
    return node !== null && isTaken(() => node.propose(data));
  }

  proposeConfChange(change: AnyConfChange): void {
    const node = this.#node;
    if (node !== null) isTaken(() => node.proposeConfChange(change));
  }

  transferTo(id: bigint): void {
    this.#node?.transferLeader(id);
  }

  readIndex(): void {
    this.#reads += 1;
    const context = `${this.id}-${this.#reads}`;
    this.#readFloors.set(context, this.#options.ledger.committed);
    this.#node?.readIndex(Buffer.from(context));
  }

  /** Makes a snapshot of what is applied, and drops the log before it. */
  compact(): void {
    if (!this.isUp || this.#applied <= metadataOf(this.#disk.savedSnapshot()).index) return;
    // With asynchronous storage entries may be applied before they are on disk.
    if (this.#applied > this.#disk.lastIndex()) return;
    this.#disk.createSnapshot(this.#applied, this.#confState, Buffer.from(this.#state));
    this.#disk.compact(this.#applied);
  }

  /** Does the next piece of work: take a ready, save it, or send and apply it. False if there is none. */
  work(): boolean {
    const node = this.#node;
    if (node === null) return false;
    if (this.#options.config.asyncStorageWrites === true) return this.#workAsync(node);
    if (this.#ready === null) {
      if (!node.hasReady()) return false;
      this.#ready = { work: node.ready(), isSaved: false };
      this.#inspect(this.#ready.work);
    } else if (!this.#ready.isSaved) {
      const { hardState, entries, snapshot } = this.#ready.work;
      this.#save(hardState, entries, snapshot);
      this.#ready.isSaved = true;
    } else {
      const { work } = this.#ready;
      this.#ready = null;
      for (const message of work.messages) this.#send(node, message);
      this.#applySnapshot(work.snapshot);
      this.#apply(node, work.committedEntries);
      node.advance(work);
    }
    this.#observe();
    return true;
  }

  /** Does all the work there is. */
  workOff(): boolean {
    let isBusy = false;
    while (this.work()) isBusy = true;
    return isBusy;
  }

  #workAsync(node: RawNode): boolean {
    if (node.hasReady()) {
      const ready = node.ready();
      this.#inspect(ready);
      for (const message of ready.messages) {
        if (message.type === MessageType.MsgStorageAppend) this.#appendWork.push(message);
        else if (message.type === MessageType.MsgStorageApply) this.#applyWork.push(message);
        else this.#send(node, message);
      }
      return true;
    }
    const append = this.#appendWork.shift();
    if (append !== undefined) {
      const { term, vote, commit } = append;
      this.#save({ term, vote, commit }, append.entries, append.snapshot);
      this.#applySnapshot(append.snapshot);
      this.#deliverResponses(node, append);
      return true;
    }
    const apply = this.#applyWork.shift();
    if (apply === undefined) return false;
    // The two threads do not wait for each other: a snapshot that was saved meanwhile may cover some of these.
    const entries = apply.entries.filter((entry) => entry.index > this.#applied);
    this.#apply(node, entries);
    this.#deliverResponses(node, apply);
    return true;
  }

  #deliverResponses(node: RawNode, message: Message): void {
    for (const response of message.responses) {
      if (response.to === this.id) node.step(response);
      else this.#send(node, response);
    }
    this.#observe();
  }

  #send(node: RawNode, message: Message): void {
    assert.ok(!isLocalTarget(message.to) && message.to !== this.id, "only messages to others go over the network");
    this.#options.send(message);
    // The network does not tell; the owner must not leave the follower in state snapshot for good.
    if (message.type === MessageType.MsgSnap) node.reportSnapshot(message.to, true);
  }

  #save(hardState: HardState | null, entries: readonly Entry[], snapshot: Snapshot | null): void {
    if (hardState !== null && !isEmptyHardState(hardState)) this.#disk.setHardState(hardState);
    if (snapshot !== null && !isEmptySnapshot(snapshot)) this.#disk.applySnapshot(snapshot);
    this.#disk.append(entries);
  }

  #applySnapshot(snapshot: Snapshot | null): void {
    if (snapshot === null || isEmptySnapshot(snapshot)) return;
    this.#restoreState(snapshot);
  }

  /** The state machine of now, for a follower that needs more than the log still holds. */
  #stateSnapshot(): Snapshot {
    return newSnapshot({
      data: Buffer.from(this.#state),
      metadata: newSnapshotMetadata({ index: this.#applied, term: this.#appliedTerm, confState: this.#confState }),
    });
  }

  #restoreState(snapshot: Snapshot): void {
    const { index, term, confState } = metadataOf(snapshot);
    this.#state = Buffer.from(snapshot.data ?? []).toString();
    this.#applied = index;
    this.#appliedTerm = term;
    this.#confState = confState ?? newConfState();
    if (index > 0) this.#options.ledger.applied(index, term, this.#state);
  }

  #apply(node: RawNode, entries: readonly Entry[]): void {
    for (const entry of entries) {
      assert.equal(entry.index, this.#applied + 1, "entries are applied without gaps");
      this.#applied = entry.index;
      this.#appliedTerm = entry.term;
      this.#state = mixed(this.#state, entry);
      this.#options.ledger.applied(entry.index, entry.term, this.#state);
      const change = confChangeOf(entry);
      if (change !== null) this.#confState = node.applyConfChange(change);
    }
  }

  /** What a ready says must not contradict what anybody said before. */
  #inspect(ready: Ready): void {
    const { ledger } = this.#options;
    for (const [position, entry] of ready.entries.entries()) {
      const before = ready.entries[position - 1];
      ledger.holds(entry, before === undefined ? this.#raft!.log.term(entry.index - 1) : before.term);
    }
    for (const { index, requestContext } of ready.readStates) {
      const floor = this.#readFloors.get(Buffer.from(requestContext).toString());
      assert.ok(floor !== undefined, "a read state answers a read of this member");
      ledger.read(index, floor);
    }
  }

  #observe(): void {
    const raft = this.#raft;
    if (raft?.role === "leader") this.#options.ledger.leads(this.id, raft.term, raft.log);
  }
}

/** What survives a crash. Others get a snapshot of the present state, a restart begins from the saved one. */
class Disk extends MemoryStorage {
  readonly #present: () => Snapshot;

  constructor(present: () => Snapshot) {
    super();
    this.#present = present;
  }

  override snapshot(): Snapshot {
    return this.#present();
  }

  savedSnapshot(): Snapshot {
    return super.snapshot();
  }
}

/** FNV-1a over the state so far and the entry. */
function mixed(state: string, entry: Entry): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(`${state}/${entry.index}/${entry.type}/`)) hash = Math.imul(hash ^ byte, 0x01000193);
  for (const byte of entry.data ?? []) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16);
}

import { assert } from "../base/assert.ts";
import { ConfChangeType, EntryType, MessageType, newConfChange, newMessage } from "../wire/raftpb.ts";
import type { ConfState, Entry, HardState, Message } from "../wire/raftpb.ts";
import { asV2, confChangeEntry } from "./conf-change.ts";
import type { AnyConfChange } from "./conf-change.ts";
import type { RaftConfig } from "./config.ts";
import { RaftError } from "./errors.ts";
import { isLocalTarget, LOCAL_APPEND_THREAD, LOCAL_APPLY_THREAD, NONE } from "./ids.ts";
import { isLocalMessage, isResponseMessage } from "./messages.ts";
import { Raft } from "./raft.ts";
import type { Ready, SoftState } from "./ready.ts";
import { isEmptySnapshot } from "./snapshots.ts";
import type { BasicStatus, Status } from "./status.ts";

/** A member of a new cluster; the context is what its ConfChange entry carries for the application. */
export interface Peer {
  readonly id: bigint;
  readonly context: Uint8Array | null;
}

/**
 * A Raft node as its owner drives it: a pure state machine. Ticks, proposals and messages go in; work comes out.
 *
 *   tick, propose, step ... -> ready() -> save, send, apply (the owner) -> advance(ready)
 *
 * Between ready and advance the node takes further input; what follows from it comes with the next ready.
 * Messages and entries that go in belong to the node from then on.
 */
export class RawNode {
  readonly #raft: Raft;
  readonly #isAsync: boolean;
  #lead: bigint;
  #role: SoftState["role"];
  #hardState: HardState;
  /** The ready that is being worked on, and what the node tells itself when that is done. */
  #outstanding: Ready | null = null;
  #onAdvance: Message[] = [];

  /** `raft` is the state to drive; a test hands in its own to look inside. */
  constructor(config: RaftConfig, raft: Raft = new Raft(config)) {
    this.#raft = raft;
    this.#isAsync = raft.config.asyncStorageWrites;
    this.#lead = raft.lead;
    this.#role = raft.role;
    this.#hardState = raft.hardState();
  }

  /**
   * Begins the log of a new cluster: one committed ConfChange per peer, in term 1. Every first member must do it with
   * the same peers. The entries come out with the first ready and must be applied like any others.
   */
  bootstrap(peers: readonly Peer[]): void {
    assert(peers.length > 0, "must provide at least one peer to Bootstrap");
    assert(this.#raft.log.lastIndex() === 0, "can't bootstrap a nonempty Storage");
    this.#hardState = { term: 0, vote: NONE, commit: 0 };
    this.#raft.becomeFollower(1, NONE);
    const changes = peers.map(({ id, context }) =>
      newConfChange({ type: ConfChangeType.ConfChangeAddNode, nodeId: id, context }),
    );
    const entries = changes.map((change, position) => ({ ...confChangeEntry(change), term: 1, index: position + 1 }));
    this.#raft.log.append(entries);
    this.#raft.log.commitTo(entries.length);
    // In force at once, so that the node can campaign; applying the entries later finds nothing left to change.
    for (const change of changes) this.#raft.applyConfChange(asV2(change));
  }

  /** One unit of time has passed. */
  tick(): void {
    this.#raft.tick();
  }

  /** Starts an election. */
  campaign(): void {
    this.#raft.step(newMessage({ type: MessageType.MsgHup }));
  }

  /** Throws RaftError `proposalDropped`: there is no leader, or it takes no proposals now. */
  propose(data: Uint8Array): void {
    this.#propose([normalEntry(data)]);
  }

  /** The same for several entries, which are accepted or dropped together and appended in this order. */
  proposeMany(data: readonly Uint8Array[]): void {
    if (data.length > 0) this.#propose(data.map(normalEntry));
  }

  /** Throws RaftError `proposalDropped`. A change that may not follow now is committed as an empty entry instead. */
  proposeConfChange(change: AnyConfChange): void {
    const { type, data } = confChangeEntry(change);
    this.#raft.step(newMessage({ type: MessageType.MsgProp, entries: [{ term: 0, index: 0, type, data }] }));
  }

  /**
   * The owner applies a ConfChange entry. One that it decides to reject must not come here. Throws ConfChangeError if
   * the change may not follow the present configuration, which the checks at proposal time prevent.
   */
  applyConfChange(change: AnyConfChange): ConfState {
    return this.#raft.applyConfChange(asV2(change));
  }

  /** Takes a message from a peer, or a response of a storage thread. Throws RaftError if it must not come, or is dropped. */
  step(message: Message): void {
    const isFromThread = isLocalTarget(message.from);
    if (isLocalMessage(message.type) && !isFromThread) throw new RaftError("localMessage");
    if (isResponseMessage(message.type) && !isFromThread && !this.#raft.tracker.progress.has(message.from)) {
      throw new RaftError("peerNotFound");
    }
    this.#raft.step(message);
  }

  hasReady(): boolean {
    const raft = this.#raft;
    return (
      raft.messages.length > 0 ||
      raft.messagesAfterAppend.length > 0 ||
      raft.log.unstable.hasNextEntries ||
      raft.log.hasNextCommitted(!this.#isAsync) ||
      raft.readStates.length > 0 ||
      this.#isSoftStateChanged() ||
      this.#isHardStateChanged() ||
      raft.log.unstable.nextSnapshot() !== null
    );
  }

  /** The work that has come up since the last call. It must be done; advance tells that it is. */
  ready(): Ready {
    const ready = this.#compose();
    this.#accept(ready);
    return ready;
  }

  /** The work of this ready is done: saved, sent and applied. Not used with asynchronous storage writes. */
  advance(ready: Ready): void {
    assert(!this.#isAsync, "Advance must not be called when using AsyncStorageWrites");
    assert(ready === this.#outstanding, "Advance must be called once, with the last Ready");
    this.#outstanding = null;
    const messages = this.#onAdvance;
    this.#onAdvance = [];
    for (const message of messages) this.#raft.step(message);
  }

  /**
   * Asks for an index up to which a read must wait to be linearizable. It comes as a ReadState with the same context in
   * a later ready, or never, if the leader changes: then ask again.
   */
  readIndex(context: Uint8Array): void {
    this.#raft.step(newMessage({ type: MessageType.MsgReadIndex, entries: [normalEntry(context)] }));
  }

  /** Hands leadership over; may take up to an election timeout, and may fail. */
  transferLeader(id: bigint): void {
    this.#raft.step(newMessage({ type: MessageType.MsgTransferLeader, from: id }));
  }

  /** The last message to this member could not be sent. */
  reportUnreachable(id: bigint): void {
    this.#raft.step(newMessage({ type: MessageType.MsgUnreachable, from: id }));
  }

  /** The snapshot for this member was delivered, or not. Must be called once for each MsgSnap. */
  reportSnapshot(id: bigint, isDelivered: boolean): void {
    this.#raft.step(newMessage({ type: MessageType.MsgSnapStatus, from: id, reject: !isDelivered }));
  }

  /** A follower stops to rely on its leader: it votes for others at once, but does not campaign by itself. */
  forgetLeader(): void {
    this.#raft.step(newMessage({ type: MessageType.MsgForgetLeader }));
  }

  basicStatus(): BasicStatus {
    const raft = this.#raft;
    return {
      id: raft.id,
      ...raft.hardState(),
      lead: raft.lead,
      role: raft.role,
      applied: raft.log.applied,
      leadTransferee: raft.leadTransferee,
    };
  }

  status(): Status {
    const { tracker, role } = this.#raft;
    const members = role === "leader" ? [...tracker.progress] : [];
    return {
      ...this.basicStatus(),
      config: tracker.config,
      progress: new Map(members.map(([id, member]) => [id, member.copy(member.inflights.clone())])),
    };
  }

  #propose(entries: Entry[]): void {
    this.#raft.step(newMessage({ type: MessageType.MsgProp, from: this.#raft.id, entries }));
  }

  #compose(): Ready {
    const raft = this.#raft;
    const hardState = raft.hardState();
    const entries = raft.log.unstable.nextEntries();
    const work = {
      softState: this.#isSoftStateChanged() ? { lead: raft.lead, role: raft.role } : null,
      hardState: this.#isHardStateChanged() ? hardState : null,
      readStates: raft.readStates,
      entries,
      snapshot: raft.log.unstable.nextSnapshot(),
      committedEntries: raft.log.nextCommitted(!this.#isAsync),
      mustSync:
        entries.length > 0 || hardState.vote !== this.#hardState.vote || hardState.term !== this.#hardState.term,
    };
    const messages = this.#isAsync
      ? [...raft.messages, ...this.#storageMessages(work)]
      : [...raft.messages, ...raft.messagesAfterAppend.filter(({ to }) => to !== raft.id)];
    return { ...work, messages };
  }

  #accept(ready: Ready): void {
    const raft = this.#raft;
    if (ready.softState !== null) {
      this.#lead = ready.softState.lead;
      this.#role = ready.softState.role;
    }
    if (ready.hardState !== null) this.#hardState = ready.hardState;
    if (!this.#isAsync) {
      assert(this.#outstanding === null, "two accepted Ready structs without call to Advance");
      this.#outstanding = ready;
      this.#onAdvance = this.#ownResponses(ready);
    }
    raft.readStates = [];
    raft.messages = [];
    raft.messagesAfterAppend = [];
    raft.log.unstable.acceptInProgress();
    if (ready.committedEntries.length > 0) raft.log.acceptApplying(ready.committedEntries, !this.#isAsync);
  }

  /**
   * What the node will hear when the work is done. Its own acknowledgement comes before the word that the entries are
   * stable, because while they are unstable their terms are at hand without asking Storage.
   */
  #ownResponses(work: Work): Message[] {
    const responses = this.#raft.messagesAfterAppend.filter(({ to }) => to === this.#raft.id);
    if (this.#needsAppendResponse(work)) responses.push(this.#appendResponse(work));
    if (work.committedEntries.length > 0) responses.push(this.#applyResponse(work));
    return responses;
  }

  /** The orders to the storage threads, if there is anything to save, to acknowledge or to apply. */
  #storageMessages(work: Work): Message[] {
    const raft = this.#raft;
    const messages: Message[] = [];
    const mustAppend =
      work.entries.length > 0 || work.hardState !== null || hasSnapshot(work) || raft.messagesAfterAppend.length > 0;
    if (mustAppend) {
      const responses = raft.messagesAfterAppend.slice();
      if (this.#needsAppendResponse(work)) responses.push(this.#appendResponse(work));
      messages.push(
        newMessage({
          type: MessageType.MsgStorageAppend,
          to: LOCAL_APPEND_THREAD,
          from: raft.id,
          entries: work.entries,
          // All zero reads as: the hard state has not changed.
          ...(work.hardState ?? {}),
          snapshot: hasSnapshot(work) ? work.snapshot : null,
          responses,
        }),
      );
    }
    if (work.committedEntries.length > 0) {
      messages.push(
        newMessage({
          type: MessageType.MsgStorageApply,
          to: LOCAL_APPLY_THREAD,
          from: raft.id,
          entries: work.committedEntries,
          responses: [this.#applyResponse(work)],
        }),
      );
    }
    return messages;
  }

  #needsAppendResponse(work: Work): boolean {
    return this.#raft.log.unstable.length > 0 || hasSnapshot(work);
  }

  /**
   * The word that everything handed out so far is saved. It names the end of the log, even if this ready brings no
   * entries: a word of an earlier term is not trusted (its entries may have been replaced by a save still under way,
   * and then again by the first ones), so each one that is trusted must make up for those before it.
   */
  #appendResponse(work: Work): Message {
    const raft = this.#raft;
    const last = raft.log.unstable.length > 0 ? raft.log.lastEntryId() : { index: 0, term: 0 };
    return newMessage({
      type: MessageType.MsgStorageAppendResp,
      to: raft.id,
      from: LOCAL_APPEND_THREAD,
      term: raft.term,
      index: last.index,
      logTerm: last.term,
      snapshot: hasSnapshot(work) ? work.snapshot : null,
    });
  }

  /** Committed entries are applied in no particular term. */
  #applyResponse(work: Work): Message {
    return newMessage({
      type: MessageType.MsgStorageApplyResp,
      to: this.#raft.id,
      from: LOCAL_APPLY_THREAD,
      entries: work.committedEntries,
    });
  }

  #isSoftStateChanged(): boolean {
    return this.#raft.lead !== this.#lead || this.#raft.role !== this.#role;
  }

  #isHardStateChanged(): boolean {
    const raft = this.#raft;
    const { term, vote, commit } = this.#hardState;
    return raft.term !== term || raft.vote !== vote || raft.log.committed !== commit;
  }
}

type Work = Omit<Ready, "messages">;

function hasSnapshot(work: Work): boolean {
  return work.snapshot !== null && !isEmptySnapshot(work.snapshot);
}

function normalEntry(data: Uint8Array): Entry {
  return { term: 0, index: 0, type: EntryType.EntryNormal, data };
}

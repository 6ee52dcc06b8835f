import { assert, InvariantError } from "../base/assert.ts";
import type { Random } from "../base/random.ts";
import { EntryType, MessageType, newMessage } from "../wire/raftpb.ts";
import type { ConfChangeV2, ConfState, Entry, HardState, Message, Snapshot } from "../wire/raftpb.ts";
import { Changer, restoreMembership, assertEquivalent } from "./changer.ts";
import type { Membership } from "./changer.ts";
import { effectOf } from "./conf-change.ts";
import { completeConfig } from "./config.ts";
import type { CompleteRaftConfig, RaftConfig } from "./config.ts";
import { payloadsBytes } from "./entry-size.ts";
import { RaftError } from "./errors.ts";
import { hex, NONE } from "./ids.ts";
import { RaftLog } from "./log.ts";
import type { RaftLogger } from "./logger.ts";
import { isTransfer, messageName } from "./messages.ts";
import { ReadOnly } from "./read-only.ts";
import type { ReadState } from "./read-only.ts";
import { isEmptyHardState } from "./ready.ts";
import type { Role } from "./ready.ts";
import { broadcastAppend, maybeSendAppend } from "./replication.ts";
import { react } from "./roles.ts";
import { metadataOf } from "./snapshots.ts";
import { describeClusterConfig, ProgressTracker } from "./tracker.ts";

/**
 * One node's state, and the transitions between its roles. The rules of each role are functions in the files beside
 * this one (roles.ts says which rule answers which message); RawNode is the door for everybody else.
 *
 *              times out             majority says yes
 *   follower ------------> candidate ------------------> leader
 *      ^ \                   ^   |                          |
 *      |  \ pre-vote         |   | higher term, or a        | higher term, or no
 *      |   v                 |   | leader of this term      | active quorum
 *      |  preCandidate ------+   |                          |
 *      +---------<---------------+------------<-------------+
 */
export class Raft {
  readonly config: CompleteRaftConfig;
  readonly id: bigint;
  readonly logger: RaftLogger;
  readonly log: RaftLog;
  tracker: ProgressTracker;

  term = 0;
  vote = NONE;
  role: Role = "follower";
  /** The leader of this term, or NONE. */
  lead = NONE;
  /** To whom leadership is being handed over (Raft thesis, 3.10), or NONE. */
  leadTransferee = NONE;

  /** To be sent at once; never to this node. */
  messages: Message[] = [];
  /**
   * To be sent when everything that is unsaved now has been saved, because they promise that it has been: votes and
   * acknowledged appends, also those that this node gives itself.
   */
  messagesAfterAppend: Message[] = [];
  readStates: ReadState[] = [];

  readOnly: ReadOnly;
  /** Reads that came before this leader committed an entry of its own term. */
  pendingReads: Message[] = [];
  /**
   * At or above the index of the last configuration change in the log that may not be applied yet. A new one may be
   * proposed when this index is applied.
   */
  pendingConfIndex = 0;
  #uncommittedBytes = 0;

  electionElapsedTicks = 0;
  heartbeatElapsedTicks = 0;
  /** In [electionTicks, 2 * electionTicks), drawn anew with each change of role or term. */
  randomizedElectionTicks = 0;
  readonly #random: Random;

  constructor(config: RaftConfig) {
    this.config = completeConfig(config);
    this.id = config.id;
    this.logger = config.logger;
    this.#random = config.random;
    this.log = new RaftLog(config.storage, config.logger, this.config.committedBytesPerReadyMax);
    this.readOnly = new ReadOnly(this.config.readOnlyOption);
    this.tracker = new ProgressTracker({
      countMax: this.config.inflightMessagesMax,
      bytesMax: this.config.inflightBytesMax,
    });

    const { hardState, confState } = config.storage.initialState();
    const last = this.log.lastEntryId();
    const membership = restoreMembership(this.tracker, last.index, confState);
    assertEquivalent(confState, this.#switchTo(membership));
    if (!isEmptyHardState(hardState)) this.#loadState(hardState);
    if (this.config.applied > 0) this.log.appliedTo(this.config.applied, 0);
    this.becomeFollower(this.term, NONE);

    const peers = this.tracker.config.voters.ids().map(hex).join(",");
    this.logger.info(
      `newRaft ${hex(this.id)} [peers: [${peers}], term: ${this.term}, commit: ${this.log.committed}, ` +
        `applied: ${this.log.applied}, lastindex: ${last.index}, lastterm: ${last.term}]`,
    );
  }

  hardState(): HardState {
    return { term: this.term, vote: this.vote, commit: this.log.committed };
  }

  tick(): void {
    if (this.role === "leader") this.#tickHeartbeat();
    else this.#tickElection();
  }

  /** Takes one message. Throws RaftError if a proposal is dropped. */
  step(message: Message): void {
    // Term 0: a local message, or one that is forwarded to the leader and has no term of its own.
    if (message.term !== 0) {
      if (message.term > this.term && !this.#admitHigherTerm(message)) return;
      if (message.term < this.term) {
        this.#answerLowerTerm(message);
        return;
      }
    }
    react(this, message);
  }

  /** Queues a message. Fills in who sends it and, except where the caller must say which, the term. */
  send(message: Message): void {
    if (message.from === NONE) message.from = this.id;
    switch (message.type) {
      case MessageType.MsgVote:
      case MessageType.MsgVoteResp:
      case MessageType.MsgPreVote:
      case MessageType.MsgPreVoteResp:
        // Campaigns name the term they are about, which for a pre-vote is not the present one.
        if (message.term === 0) {
          throw new InvariantError(`term should be set when sending ${messageName(message.type)}`);
        }
        break;
      case MessageType.MsgProp:
      case MessageType.MsgReadIndex:
        if (message.term !== 0) this.#refuseTerm(message);
        break;
      default:
        if (message.term !== 0) this.#refuseTerm(message);
        message.term = this.term;
    }
    switch (message.type) {
      case MessageType.MsgAppResp:
      case MessageType.MsgVoteResp:
      case MessageType.MsgPreVoteResp:
        // Rejections wait as well: they may rest on a vote or on entries that are not saved yet.
        this.messagesAfterAppend.push(message);
        return;
      default:
        if (message.to === this.id) {
          throw new InvariantError(`message should not be self-addressed when sending ${messageName(message.type)}`);
        }
        this.messages.push(message);
    }
  }

  becomeFollower(term: number, lead: bigint): void {
    this.#reset(term);
    this.lead = lead;
    this.role = "follower";
    this.logger.info(`${hex(this.id)} became follower at term ${this.term}`);
  }

  /** Asks for votes without raising the term: nobody is disturbed if the election cannot be won. */
  becomePreCandidate(): void {
    assert(this.role !== "leader", "invalid transition [leader -> pre-candidate]");
    this.tracker.resetVotes();
    this.lead = NONE;
    this.role = "preCandidate";
    this.logger.info(`${hex(this.id)} became pre-candidate at term ${this.term}`);
  }

  becomeCandidate(): void {
    assert(this.role !== "leader", "invalid transition [leader -> candidate]");
    const term = this.term + 1;
    assert(Number.isSafeInteger(term), "the term is out of range");
    this.#reset(term);
    this.vote = this.id;
    this.role = "candidate";
    this.logger.info(`${hex(this.id)} became candidate at term ${this.term}`);
  }

  becomeLeader(): void {
    assert(this.role !== "follower", "invalid transition [follower -> leader]");
    this.#reset(this.term);
    this.lead = this.id;
    this.role = "leader";
    const self = this.tracker.progress.get(this.id);
    assert(self !== undefined, "a leader is a member");
    self.becomeReplicate();
    self.recentActive = true;
    // The tail of the log may hold a configuration change. Looking for it could be long; waiting is always safe.
    this.pendingConfIndex = this.log.lastIndex();
    // Raft paper 5.4.2: entries of earlier terms are committed through this first one of the new term.
    this.appendEntries([{ term: 0, index: 0, type: EntryType.EntryNormal, data: null }]);
    this.logger.info(`${hex(this.id)} became leader at term ${this.term}`);
  }

  /**
   * Appends to the leader's log. False if that would exceed the limit of uncommitted bytes.
   * An entry that has no place yet is given one; of one that has (its message was doubled) a copy is appended.
   */
  appendEntries(entries: Entry[]): boolean {
    const bytes = payloadsBytes(entries);
    if (!this.#reserveUncommitted(bytes)) {
      this.logger.warn(
        `${hex(this.id)} appending new entries to log would exceed uncommitted entry size limit; dropping proposal`,
      );
      return false;
    }
    let index = this.log.lastIndex();
    for (const [position, entry] of entries.entries()) {
      index += 1;
      if (entry.index === 0) {
        entry.term = this.term;
        entry.index = index;
      } else {
        entries[position] = { term: this.term, index, type: entry.type, data: entry.data };
      }
    }
    assert(Number.isSafeInteger(index), "the log index is out of range");
    this.log.append(entries);
    // The leader acknowledges its own entries too, when they are saved.
    this.send(newMessage({ type: MessageType.MsgAppResp, to: this.id, index }));
    return true;
  }

  /** Commits what a quorum holds (only entries of this term, paper 5.4.2). True if the commit index moved. */
  maybeCommit(): boolean {
    return this.log.maybeCommit({ term: this.term, index: this.tracker.committedIndex() });
  }

  hasCommittedInTerm(): boolean {
    return this.log.term(this.log.committed) === this.term;
  }

  appliedTo(index: number, bytes: number): void {
    const applied = Math.max(index, this.log.applied);
    this.log.appliedTo(applied, bytes);
    if (!this.tracker.config.autoLeave || applied < this.pendingConfIndex || this.role !== "leader") return;
    this.#proposeLeaveJoint();
  }

  appliedSnapshot(snapshot: Snapshot): void {
    const { index } = metadataOf(snapshot);
    this.log.unstable.stableSnapshotTo(index);
    this.appliedTo(index, 0);
  }

  /** Committed entries with so many bytes of payload have been applied. */
  releaseUncommitted(bytes: number): void {
    this.#uncommittedBytes = Math.max(0, this.#uncommittedBytes - bytes);
  }

  /** May become leader: a voter of the configuration that does not wait for a snapshot. */
  isPromotable(): boolean {
    const self = this.tracker.progress.get(this.id);
    return self !== undefined && !self.isLearner && this.log.unstable.snapshot === null;
  }

  applyConfChange(change: ConfChangeV2): ConfState {
    const changer = new Changer(this.tracker, this.log.lastIndex());
    const effect = effectOf(change);
    switch (effect.kind) {
      case "simple":
        return this.#switchTo(changer.simple(change.changes));
      case "enterJoint":
        return this.#switchTo(changer.enterJoint(effect.autoLeave, change.changes));
      case "leaveJoint":
        return this.#switchTo(changer.leaveJoint());
    }
  }

  /** Takes over the configuration of a snapshot; the log has been restored from it already. */
  restoreConfiguration(confState: ConfState): void {
    this.tracker = this.tracker.emptied();
    const membership = restoreMembership(this.tracker, this.log.lastIndex(), confState);
    assertEquivalent(confState, this.#switchTo(membership));
  }

  abortLeaderTransfer(): void {
    this.leadTransferee = NONE;
  }

  #tickElection(): void {
    this.electionElapsedTicks += 1;
    if (!this.isPromotable() || this.electionElapsedTicks < this.randomizedElectionTicks) return;
    this.electionElapsedTicks = 0;
    this.step(newMessage({ type: MessageType.MsgHup, from: this.id }));
  }

  #tickHeartbeat(): void {
    this.heartbeatElapsedTicks += 1;
    this.electionElapsedTicks += 1;
    if (this.electionElapsedTicks >= this.config.electionTicks) {
      this.electionElapsedTicks = 0;
      if (this.config.checkQuorum) this.step(newMessage({ type: MessageType.MsgCheckQuorum, from: this.id }));
      // A transfer that did not succeed within an election timeout is given up.
      this.abortLeaderTransfer();
    }
    if (!this.#isLeader() || this.heartbeatElapsedTicks < this.config.heartbeatTicks) return;
    this.heartbeatElapsedTicks = 0;
    this.step(newMessage({ type: MessageType.MsgBeat, from: this.id }));
  }

  /** A step may change the role, which the compiler cannot see when the field was compared before. */
  #isLeader(): boolean {
    return this.role === "leader";
  }

  /** A message of a later term: follow it there, except for pre-votes. False if the message is to be ignored. */
  #admitHigherTerm(message: Message): boolean {
    const isVote = message.type === MessageType.MsgVote || message.type === MessageType.MsgPreVote;
    if (isVote && this.#isInLease() && !isTransfer(message)) {
      // Raft thesis 4.2.3: who has just heard of a leader does not help to depose it.
      const last = this.log.lastEntryId();
      const remaining = this.config.electionTicks - this.electionElapsedTicks;
      this.logger.info(
        `${hex(this.id)} [logterm: ${last.term}, index: ${last.index}, vote: ${hex(this.vote)}] ignored ` +
          `${messageName(message.type)} from ${hex(message.from)} [logterm: ${message.logTerm}, ` +
          `index: ${message.index}] at term ${this.term}: lease is not expired (remaining ticks: ${remaining})`,
      );
      return false;
    }
    // A pre-vote asks about a term that nobody has reached; a granted one answers with that term.
    if (message.type === MessageType.MsgPreVote) return true;
    if (message.type === MessageType.MsgPreVoteResp && !message.reject) return true;
    this.logger.info(
      `${hex(this.id)} [term: ${this.term}] received a ${messageName(message.type)} message with higher term ` +
        `from ${hex(message.from)} [term: ${message.term}]`,
    );
    const isFromLeader =
      message.type === MessageType.MsgApp ||
      message.type === MessageType.MsgHeartbeat ||
      message.type === MessageType.MsgSnap;
    this.becomeFollower(message.term, isFromLeader ? message.from : NONE);
    return true;
  }

  #isInLease(): boolean {
    return this.config.checkQuorum && this.lead !== NONE && this.electionElapsedTicks < this.config.electionTicks;
  }

  #answerLowerTerm(message: Message): void {
    const { type } = message;
    const { checkQuorum, preVote } = this.config;
    if ((checkQuorum || preVote) && (type === MessageType.MsgHeartbeat || type === MessageType.MsgApp)) {
      // The sender may lead a majority that ignores this node's votes. Only a message of this node's higher term can
      // end that; without it, this node would be stuck.
      this.send(newMessage({ type: MessageType.MsgAppResp, to: message.from }));
      return;
    }
    if (type === MessageType.MsgPreVote) {
      // A node without pre-vote may have a higher term but an older log. A silent majority could then never elect.
      const last = this.log.lastEntryId();
      this.logger.info(
        `${hex(this.id)} [logterm: ${last.term}, index: ${last.index}, vote: ${hex(this.vote)}] rejected ` +
          `${messageName(type)} from ${hex(message.from)} [logterm: ${message.logTerm}, index: ${message.index}] ` +
          `at term ${this.term}`,
      );
      this.send(newMessage({ type: MessageType.MsgPreVoteResp, to: message.from, term: this.term, reject: true }));
      return;
    }
    if (type === MessageType.MsgStorageAppendResp) {
      if (message.index !== 0) {
        // The entries may have been replaced in the later term by a save that is still under way; a response of the
        // present term will tell what is stable.
        this.logger.info(
          `${hex(this.id)} [term: ${this.term}] ignored entry appends from a ${messageName(type)} message ` +
            `with lower term [term: ${message.term}]`,
        );
      }
      // A snapshot holds only committed state, which no term can take back.
      if (message.snapshot !== null) this.appliedSnapshot(message.snapshot);
      return;
    }
    this.logger.info(
      `${hex(this.id)} [term: ${this.term}] ignored a ${messageName(type)} message with lower term ` +
        `from ${hex(message.from)} [term: ${message.term}]`,
    );
  }

  #reset(term: number): void {
    if (this.term !== term) {
      this.term = term;
      this.vote = NONE;
    }
    this.lead = NONE;
    this.electionElapsedTicks = 0;
    this.heartbeatElapsedTicks = 0;
    const { electionTicks } = this.config;
    this.randomizedElectionTicks = electionTicks + this.#random.below(electionTicks);
    this.abortLeaderTransfer();
    this.tracker.resetVotes();
    this.tracker.resetProgress(this.log.lastIndex(), this.id);
    this.pendingConfIndex = 0;
    this.#uncommittedBytes = 0;
    this.readOnly = new ReadOnly(this.readOnly.option);
  }

  #loadState(state: HardState): void {
    if (state.commit < this.log.committed || state.commit > this.log.lastIndex()) {
      throw new InvariantError(
        `${hex(this.id)} state.commit ${state.commit} is out of range [${this.log.committed}, ${this.log.lastIndex()}]`,
      );
    }
    this.log.commitTo(state.commit);
    this.term = state.term;
    this.vote = state.vote;
  }

  /** Lets the new configuration decide from now on, and does what follows from that. */
  #switchTo(membership: Membership): ConfState {
    this.tracker.switchTo(membership.config, membership.progress);
    this.logger.info(`${hex(this.id)} switched to configuration ${describeClusterConfig(this.tracker.config)}`);
    const confState = this.tracker.confState();
    if (this.role !== "leader") return confState;

    const self = this.tracker.progress.get(this.id);
    if (self === undefined || self.isLearner) {
      if (this.config.stepDownOnRemoval) this.becomeFollower(this.term, NONE);
      return confState;
    }
    // A smaller quorum may commit more; otherwise at least get to know the new members at once.
    if (this.maybeCommit()) {
      broadcastAppend(this);
    } else {
      for (const id of this.tracker.progress.keys()) if (id !== this.id) maybeSendAppend(this, id, false);
    }
    if (!this.tracker.config.voters.has(this.leadTransferee)) this.abortLeaderTransfer();
    return confState;
  }

  /** Proposals are refused while leadership is handed over; the next applied entry tries again. */
  #proposeLeaveJoint(): void {
    const config = describeClusterConfig(this.tracker.config);
    const entry = { term: 0, index: 0, type: EntryType.EntryConfChangeV2, data: null };
    try {
      this.step(newMessage({ type: MessageType.MsgProp, entries: [entry] }));
    } catch (error) {
      if (!(error instanceof RaftError)) throw error;
      this.logger.debug(`not initiating automatic transition out of joint configuration ${config}: ${error.message}`);
      return;
    }
    this.logger.info(`initiating automatic transition out of joint configuration ${config}`);
  }

  /** An empty payload is never refused: a new leader's first entry, or the end of a joint configuration. */
  #reserveUncommitted(bytes: number): boolean {
    const total = this.#uncommittedBytes + bytes;
    if (this.#uncommittedBytes > 0 && bytes > 0 && total > this.config.uncommittedBytesMax) return false;
    this.#uncommittedBytes = total;
    return true;
  }

  #refuseTerm(message: Message): never {
    throw new InvariantError(`term should not be set when sending ${messageName(message.type)} (was ${message.term})`);
  }
}

import { assert } from "../base/assert.ts";
import { EntryType, MessageType, newMessage } from "../wire/raftpb.ts";
import type { Entry, Message } from "../wire/raftpb.ts";
import { asV2, confChangeOf } from "./conf-change.ts";
import type { AnyConfChange } from "./conf-change.ts";
import { describeConfChange } from "./describe.ts";
import { RaftError } from "./errors.ts";
import { hex, NONE } from "./ids.ts";
import type { Progress } from "./progress.ts";
import type { Raft } from "./raft.ts";
import { broadcastAppend, maybeSendAppend } from "./replication.ts";
import { describeClusterConfig } from "./tracker.ts";

/** Steps down if no quorum was heard of since the last check, and starts the next one. */
export function checkQuorum(raft: Raft): void {
  if (!raft.tracker.isQuorumActive()) {
    raft.logger.warn(`${hex(raft.id)} stepped down to follower since quorum is not active`);
    raft.becomeFollower(raft.term, NONE);
  }
  for (const [id, member] of raft.tracker.progress) if (id !== raft.id) member.recentActive = false;
}

export function handleProposal(raft: Raft, message: Message): void {
  if (message.entries.length === 0) assert(false, `${hex(raft.id)} stepped empty MsgProp`);
  // Removed from the configuration while leading: what it appends might never be acknowledged.
  if (!raft.tracker.progress.has(raft.id)) throw new RaftError("proposalDropped");
  if (raft.leadTransferee !== NONE) {
    raft.logger.debug(
      `${hex(raft.id)} [term ${raft.term}] transfer leadership to ${hex(raft.leadTransferee)} is in progress; ` +
        "dropping proposal",
    );
    throw new RaftError("proposalDropped");
  }
  const entries = message.entries.some((entry) => entry.type !== EntryType.EntryNormal)
    ? admitConfChanges(raft, message.entries)
    : message.entries;
  if (!raft.appendEntries(entries)) throw new RaftError("proposalDropped");
  broadcastAppend(raft);
}

export function transferLeadership(raft: Raft, message: Message, member: Progress): void {
  const self = hex(raft.id);
  const transferee = message.from;
  if (member.isLearner) {
    raft.logger.debug(`${self} is learner. Ignored transferring leadership`);
    return;
  }
  if (raft.leadTransferee === transferee) {
    raft.logger.info(
      `${self} [term ${raft.term}] transfer leadership to ${hex(transferee)} is in progress, ` +
        `ignores request to same node ${hex(transferee)}`,
    );
    return;
  }
  if (raft.leadTransferee !== NONE) {
    const last = hex(raft.leadTransferee);
    raft.abortLeaderTransfer();
    raft.logger.info(`${self} [term ${raft.term}] abort previous transferring leadership to ${last}`);
  }
  if (transferee === raft.id) {
    raft.logger.debug(`${self} is already leader. Ignored transferring leadership to self`);
    return;
  }
  raft.logger.info(`${self} [term ${raft.term}] starts to transfer leadership to ${hex(transferee)}`);
  // It has one election timeout from now.
  raft.electionElapsedTicks = 0;
  raft.leadTransferee = transferee;
  if (member.match === raft.log.lastIndex()) {
    raft.send(newMessage({ type: MessageType.MsgTimeoutNow, to: transferee }));
    const to = hex(transferee);
    raft.logger.info(`${self} sends MsgTimeoutNow to ${to} immediately as ${to} already has up-to-date log`);
  } else {
    maybeSendAppend(raft, transferee, true);
  }
}

/** A configuration change that may not follow now becomes an empty entry: it keeps its place and changes nothing. */
function admitConfChanges(raft: Raft, entries: readonly Entry[]): Entry[] {
  return entries.map((entry, position) => {
    const change = confChangeOf(entry);
    if (change === null) return entry;
    const refusal = refusalOf(raft, change);
    if (refusal === null || raft.config.disableConfChangeValidation) {
      raft.pendingConfIndex = raft.log.lastIndex() + position + 1;
      return entry;
    }
    raft.logger.info(
      `${hex(raft.id)} ignoring conf change ${describeConfChange(change)} ` +
        `at config ${describeClusterConfig(raft.tracker.config)}: ${refusal}`,
    );
    return { term: 0, index: 0, type: EntryType.EntryNormal, data: null };
  });
}

function refusalOf(raft: Raft, change: AnyConfChange): string | null {
  const { applied } = raft.log;
  const { isJoint } = raft.tracker.config.voters;
  const wantsLeaveJoint = asV2(change).changes.length === 0;
  if (raft.pendingConfIndex > applied) {
    return `possible unapplied conf change at index ${raft.pendingConfIndex} (applied to ${applied})`;
  }
  if (isJoint && !wantsLeaveJoint) return "must transition out of joint config first";
  if (!isJoint && wantsLeaveJoint) return "not in joint state; refusing empty conf change";
  return null;
}

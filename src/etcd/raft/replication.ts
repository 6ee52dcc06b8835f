import { assert, InvariantError } from "../base/assert.ts";
import { MessageType, newMessage } from "../wire/raftpb.ts";
import type { Entry, Message } from "../wire/raftpb.ts";
import { payloadsBytes } from "./entry-size.ts";
import { hex } from "./ids.ts";
import type { Progress } from "./progress.ts";
import type { Raft } from "./raft.ts";
import { answerConfirmedReads, releasePendingReads } from "./reads.ts";
import { isEmptySnapshot, metadataOf } from "./snapshots.ts";

/** Sends every follower what it lacks, or at least the commit index. */
export function broadcastAppend(raft: Raft): void {
  for (const id of raft.tracker.progress.keys()) if (id !== raft.id) maybeSendAppend(raft, id, true);
}

/**
 * Sends a follower its next entries, or a snapshot if they are compacted, unless it is paused. True if something left.
 * `sendIfEmpty` lets an append without entries go, to carry the commit index.
 */
export function maybeSendAppend(raft: Raft, to: bigint, sendIfEmpty: boolean): boolean {
  const member = progressOf(raft, to);
  if (member.isPaused) return false;

  const index = member.next - 1;
  const logTerm = raft.log.term(index);
  if (logTerm === null) return sendSnapshot(raft, to, member);

  // When too much is under way only empty appends go. If all that was sent had been lost, one of them, acknowledged or
  // rejected, will clear the way again.
  const isFull = member.state === "replicate" && member.inflights.isFull;
  const entries: Entry[] | null = isFull ? [] : raft.log.entriesFrom(member.next, raft.config.messageBytesMax);
  if ((entries === null || entries.length === 0) && !sendIfEmpty) return false;
  if (entries === null) return sendSnapshot(raft, to, member);

  const commit = raft.log.committed;
  raft.send(newMessage({ type: MessageType.MsgApp, to, index, logTerm, entries, commit }));
  member.sentEntries(entries.length, payloadsBytes(entries));
  member.sentCommit(commit);
  return true;
}

export function handleAppendResponse(raft: Raft, message: Message, member: Progress): void {
  member.recentActive = true;
  if (message.reject) handleRejection(raft, message, member);
  else handleAcceptance(raft, message, member);
}

export function handleHeartbeatResponse(raft: Raft, message: Message, member: Progress): void {
  member.recentActive = true;
  member.isFlowPaused = false;
  // A follower that is behind, or is being probed, gets an append: its answer brings it back into the flow.
  if (member.match < raft.log.lastIndex() || member.state === "probe") maybeSendAppend(raft, message.from, true);

  if (raft.readOnly.option !== "safe" || message.context === null || message.context.length === 0) return;
  raft.readOnly.receiveAck(message.from, message.context);
  answerConfirmedReads(raft);
}

/** The owner says how the sending of a snapshot ended. */
export function handleSnapshotStatus(raft: Raft, message: Message, member: Progress): void {
  if (member.state !== "snapshot") return;
  if (message.reject) member.snapshotFailed();
  else member.becomeProbe();
  const outcome = message.reject ? "failed" : "succeeded";
  raft.logger.debug(
    `${hex(raft.id)} snapshot ${outcome}, resumed sending replication messages to ${hex(message.from)} ` +
      `[${member.toString()}]`,
  );
  // After success the follower's own answer opens the way, after failure the next heartbeat.
  member.isFlowPaused = true;
}

/** The owner could not send to the follower: appends that were under way are probably lost. */
export function handleUnreachable(raft: Raft, message: Message, member: Progress): void {
  if (member.state === "replicate") member.becomeProbe();
  raft.logger.debug(
    `${hex(raft.id)} failed to send message to ${hex(message.from)} because it is unreachable [${member.toString()}]`,
  );
}

function sendSnapshot(raft: Raft, to: bigint, member: Progress): boolean {
  if (!member.recentActive) {
    raft.logger.debug(`ignore sending snapshot to ${hex(to)} since it is not recently active`);
    return false;
  }
  const snapshot = raft.log.snapshot();
  if (snapshot === null) {
    raft.logger.debug(
      `${hex(raft.id)} failed to send snapshot to ${hex(to)} because snapshot is temporarily unavailable`,
    );
    return false;
  }
  if (isEmptySnapshot(snapshot)) throw new InvariantError("need non-empty snapshot");
  const { index, term } = metadataOf(snapshot);
  raft.logger.debug(
    `${hex(raft.id)} [firstindex: ${raft.log.firstIndex()}, commit: ${raft.log.committed}] sent ` +
      `snapshot[index: ${index}, term: ${term}] to ${hex(to)} [${member.toString()}]`,
  );
  member.becomeSnapshot(index);
  raft.logger.debug(`${hex(raft.id)} paused sending replication messages to ${hex(to)} [${member.toString()}]`);
  raft.send(newMessage({ type: MessageType.MsgSnap, to, snapshot }));
  return true;
}

function handleRejection(raft: Raft, message: Message, member: Progress): void {
  const { from, index, rejectHint, logTerm } = message;
  raft.logger.debug(
    `${hex(raft.id)} received MsgAppResp(rejected, hint: (index ${rejectHint}, term ${logTerm})) ` +
      `from ${hex(from)} for index ${index}`,
  );
  // The follower's term at the hint tells more than its index: where this log has a later term the two cannot match,
  // because terms never go down in a log. So each probe skips at least one whole term.
  //
  //   index      1 2 3 4 5 6 7 8 9
  //   leader     1 3 3 3 5 5 5 5 5
  //   follower   1 1 1 1 2 2          hint: index 6, term 2; the next probe is at index 1
  const hint = logTerm > 0 ? raft.log.findConflictByTerm(rejectHint, logTerm).index : rejectHint;
  if (!member.maybeDecreaseTo(index, hint)) return;
  raft.logger.debug(`${hex(raft.id)} decreased progress of ${hex(from)} to [${member.toString()}]`);
  if (member.state === "replicate") member.becomeProbe();
  maybeSendAppend(raft, from, true);
}

function handleAcceptance(raft: Raft, message: Message, member: Progress): void {
  const { from, index } = message;
  // An acknowledgement of what is known already still tells that a probed follower is there.
  const isNews = member.maybeUpdate(index) || (member.match === index && member.state === "probe");
  if (!isNews) return;
  updateFlow(raft, message, member);

  if (raft.maybeCommit()) {
    releasePendingReads(raft);
    broadcastAppend(raft);
  } else if (from !== raft.id && member.canBumpCommit(raft.log.committed)) {
    // The next heartbeat would carry the commit index too, but later.
    maybeSendAppend(raft, from, true);
  }
  if (from !== raft.id) while (maybeSendAppend(raft, from, false));

  if (from === raft.leadTransferee && member.match === raft.log.lastIndex()) {
    raft.logger.info(`${hex(raft.id)} sent MsgTimeoutNow to ${hex(from)} after received MsgAppResp`);
    raft.send(newMessage({ type: MessageType.MsgTimeoutNow, to: from }));
  }
}

function updateFlow(raft: Raft, message: Message, member: Progress): void {
  switch (member.state) {
    case "probe":
      member.becomeReplicate();
      return;
    case "replicate":
      member.inflights.freeUpTo(message.index);
      return;
    case "snapshot":
      // It does not matter which snapshot it applied, or from whom, if only the log can take over from there.
      if (member.match + 1 < raft.log.firstIndex()) return;
      raft.logger.debug(
        `${hex(raft.id)} recovered from needing snapshot, resumed sending replication messages ` +
          `to ${hex(message.from)} [${member.toString()}]`,
      );
      member.becomeProbe();
      member.becomeReplicate();
  }
}

function progressOf(raft: Raft, id: bigint): Progress {
  const member = raft.tracker.progress.get(id);
  assert(member !== undefined, "appends go to members only");
  return member;
}

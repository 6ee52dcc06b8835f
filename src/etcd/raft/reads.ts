import { MessageType, newMessage } from "../wire/raftpb.ts";
import type { Message } from "../wire/raftpb.ts";
import { broadcastHeartbeat } from "./heartbeat.ts";
import { NONE } from "./ids.ts";
import type { Raft } from "./raft.ts";

/**
 * A read asks up to where it must wait (Raft thesis, 6.4). The answer is the commit index of now, as soon as it is sure
 * that this node still leads.
 */
export function handleReadIndex(raft: Raft, message: Message): void {
  if (raft.tracker.isSingleton) {
    answerRead(raft, message, raft.log.committed);
    return;
  }
  // Until an entry of its own term is committed, a leader does not know what is committed.
  if (!raft.hasCommittedInTerm()) {
    raft.pendingReads.push(message);
    return;
  }
  startRead(raft, message);
}

/** The leader has committed: reads that waited for that may begin. */
export function releasePendingReads(raft: Raft): void {
  if (raft.pendingReads.length === 0) return;
  if (!raft.hasCommittedInTerm()) {
    raft.logger.error("pending MsgReadIndex should be released only after first commit in current term");
    return;
  }
  const pending = raft.pendingReads;
  raft.pendingReads = [];
  for (const message of pending) startRead(raft, message);
}

/** Answers the reads for which a quorum has confirmed this leader. */
export function answerConfirmedReads(raft: Raft): void {
  for (const read of raft.readOnly.takeConfirmed(raft.tracker.config.voters)) {
    answerRead(raft, read.request, read.index);
  }
}

function startRead(raft: Raft, message: Message): void {
  switch (raft.readOnly.option) {
    case "safe":
      raft.readOnly.add(message, raft.log.committed);
      raft.readOnly.ackSelf(raft.id);
      broadcastHeartbeat(raft);
      return;
    case "leaseBased":
      answerRead(raft, message, raft.log.committed);
  }
}

/** A read of this node's own comes out with the next Ready, another's goes back to its node. */
function answerRead(raft: Raft, request: Message, index: number): void {
  if (request.from === NONE || request.from === raft.id) {
    raft.readStates.push({ index, requestContext: request.entries[0]?.data ?? new Uint8Array() });
    return;
  }
  raft.send(newMessage({ type: MessageType.MsgReadIndexResp, to: request.from, index, entries: request.entries }));
}

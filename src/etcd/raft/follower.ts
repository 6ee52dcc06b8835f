import { MessageType, newMessage, newSnapshot } from "../wire/raftpb.ts";
import type { Message, Snapshot } from "../wire/raftpb.ts";
import { describeConfStateFields } from "./describe.ts";
import { RaftError } from "./errors.ts";
import { hex, NONE } from "./ids.ts";
import type { Raft } from "./raft.ts";
import { confStateOf, metadataOf } from "./snapshots.ts";

export function handleAppend(raft: Raft, message: Message): void {
  const { from, index, logTerm, entries, commit } = message;
  if (index < raft.log.committed) {
    raft.send(newMessage({ type: MessageType.MsgAppResp, to: from, index: raft.log.committed }));
    return;
  }
  const last = raft.log.maybeAppend({ prev: { term: logTerm, index }, entries }, commit);
  if (last !== null) {
    raft.send(newMessage({ type: MessageType.MsgAppResp, to: from, index: last }));
    return;
  }
  raft.logger.debug(
    `${hex(raft.id)} [logterm: ${raft.log.term(index) ?? 0}, index: ${index}] rejected MsgApp ` +
      `[logterm: ${logTerm}, index: ${index}] from ${hex(from)}`,
  );
  // Of what this log holds up to that place, nothing with a later term can match: hint below it.
  const hint = raft.log.findConflictByTerm(Math.min(index, raft.log.lastIndex()), logTerm);
  raft.send(
    newMessage({
      type: MessageType.MsgAppResp,
      to: from,
      index,
      reject: true,
      rejectHint: hint.index,
      logTerm: hint.term,
    }),
  );
}

export function handleHeartbeat(raft: Raft, message: Message): void {
  raft.log.commitTo(message.commit);
  raft.send(newMessage({ type: MessageType.MsgHeartbeatResp, to: message.from, context: message.context }));
}

export function handleSnapshot(raft: Raft, message: Message): void {
  const snapshot = message.snapshot ?? newSnapshot();
  const { index, term } = metadataOf(snapshot);
  const isRestored = restore(raft, snapshot);
  raft.logger.info(
    `${hex(raft.id)} [commit: ${raft.log.committed}] ${isRestored ? "restored" : "ignored"} snapshot ` +
      `[index: ${index}, term: ${term}]`,
  );
  raft.send(
    newMessage({
      type: MessageType.MsgAppResp,
      to: message.from,
      index: isRestored ? raft.log.lastIndex() : raft.log.committed,
    }),
  );
}

export function forwardProposal(raft: Raft, message: Message): void {
  if (raft.lead === NONE) {
    raft.logger.info(`${hex(raft.id)} no leader at term ${raft.term}; dropping proposal`);
    throw new RaftError("proposalDropped");
  }
  if (raft.config.disableProposalForwarding) {
    raft.logger.info(
      `${hex(raft.id)} not forwarding to leader ${hex(raft.lead)} at term ${raft.term}; dropping proposal`,
    );
    throw new RaftError("proposalDropped");
  }
  forward(raft, message);
}

export function forwardLeaderTransfer(raft: Raft, message: Message): void {
  if (raft.lead === NONE) {
    raft.logger.info(`${hex(raft.id)} no leader at term ${raft.term}; dropping leader transfer msg`);
    return;
  }
  forward(raft, message);
}

export function forwardReadIndex(raft: Raft, message: Message): void {
  if (raft.lead === NONE) {
    raft.logger.info(`${hex(raft.id)} no leader at term ${raft.term}; dropping index reading msg`);
    return;
  }
  forward(raft, message);
}

export function handleReadIndexResponse(raft: Raft, message: Message): void {
  const [entry] = message.entries;
  if (entry === undefined || message.entries.length !== 1) {
    raft.logger.error(
      `${hex(raft.id)} invalid format of MsgReadIndexResp from ${hex(message.from)}, ` +
        `entries count: ${message.entries.length}`,
    );
    return;
  }
  raft.readStates.push({ index: message.index, requestContext: entry.data ?? new Uint8Array() });
}

/** The owner knows that the leader is gone: do not wait for the timeout to vote for another. */
export function forgetLeader(raft: Raft): void {
  if (raft.readOnly.option === "leaseBased") {
    // Reads rely on the lease; a vote for another leader would break it.
    raft.logger.error("ignoring MsgForgetLeader due to ReadOnlyLeaseBased");
    return;
  }
  if (raft.lead === NONE) return;
  raft.logger.info(`${hex(raft.id)} forgetting leader ${hex(raft.lead)} at term ${raft.term}`);
  raft.lead = NONE;
}

/** Passes a message on as a new one: it gets a term when it is sent, if its type has one. */
function forward(raft: Raft, message: Message): void {
  raft.send({ ...message, to: raft.lead, term: 0 });
}

/** Replaces log and configuration by a snapshot. False if it brings nothing new, or is not for this node. */
function restore(raft: Raft, snapshot: Snapshot): boolean {
  const { index, term } = metadataOf(snapshot);
  if (index <= raft.log.committed) return false;

  const confState = confStateOf(snapshot);
  const { voters, learners, votersOutgoing } = confState;
  if (![voters, learners, votersOutgoing].some((ids) => ids.includes(raft.id))) {
    raft.logger.warn(
      `${hex(raft.id)} attempted to restore snapshot but it is not in the ConfState ` +
        `${describeConfStateFields(confState)}; should never happen`,
    );
    return false;
  }
  if (raft.log.matchesTerm({ term, index })) {
    // The log holds all of it already; only the commit index is news.
    logRestore(raft, `fast-forwarded commit to snapshot [index: ${index}, term: ${term}]`);
    raft.log.commitTo(index);
    return false;
  }
  raft.log.restore(snapshot);
  raft.restoreConfiguration(confState);
  logRestore(raft, `restored snapshot [index: ${index}, term: ${term}]`);
  return true;
}

function logRestore(raft: Raft, what: string): void {
  const last = raft.log.lastEntryId();
  raft.logger.info(
    `${hex(raft.id)} [commit: ${raft.log.committed}, lastindex: ${last.index}, lastterm: ${last.term}] ${what}`,
  );
}

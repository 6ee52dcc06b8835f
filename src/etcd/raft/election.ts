import { EntryType, MessageType, newMessage } from "../wire/raftpb.ts";
import type { Entry, Message } from "../wire/raftpb.ts";
import { hex, NONE } from "./ids.ts";
import { CAMPAIGN_TRANSFER, messageName, voteResponseType } from "./messages.ts";
import type { Raft } from "./raft.ts";
import { broadcastAppend } from "./replication.ts";

/** Why a node campaigns: to ask first (pre-vote), in earnest, or because its leader told it to take over. */
export type Campaign = "preElection" | "election" | "transfer";

/** The election timeout passed, or somebody asks for a campaign. */
export function hup(raft: Raft, kind: Campaign): void {
  const self = hex(raft.id);
  if (raft.role === "leader") {
    raft.logger.debug(`${self} ignoring MsgHup because already leader`);
    return;
  }
  if (!raft.isPromotable()) {
    raft.logger.warn(`${self} is unpromotable and can not campaign`);
    return;
  }
  if (hasUnappliedConfChange(raft)) {
    raft.logger.warn(
      `${self} cannot campaign at term ${raft.term} since there are still pending configuration changes to apply`,
    );
    return;
  }
  raft.logger.info(`${self} is starting a new election at term ${raft.term}`);
  campaign(raft, kind);
}

/** Gives or refuses a vote (Raft paper 5.2 and 5.4.1). */
export function handleVoteRequest(raft: Raft, message: Message): void {
  const { type, from, term } = message;
  const canVote =
    raft.vote === from ||
    (raft.vote === NONE && raft.lead === NONE) ||
    (type === MessageType.MsgPreVote && term > raft.term);
  const last = raft.log.lastEntryId();
  const theirs = { term: message.logTerm, index: message.index };
  // A learner votes too: it may have been promoted by an entry that has not reached it, and its vote may be needed.
  const isGranted = canVote && raft.log.isUpToDate(theirs);
  raft.logger.info(
    `${hex(raft.id)} [logterm: ${last.term}, index: ${last.index}, vote: ${hex(raft.vote)}] ` +
      (isGranted ? `cast ${messageName(type)} for ` : `rejected ${messageName(type)} from `) +
      `${hex(from)} [logterm: ${theirs.term}, index: ${theirs.index}] at term ${raft.term}`,
  );
  // A grant answers with the term asked about, which a pre-candidate would otherwise take for an old message.
  const response = { type: voteResponseType(type), to: from };
  if (!isGranted) {
    raft.send(newMessage({ ...response, term: raft.term, reject: true }));
    return;
  }
  raft.send(newMessage({ ...response, term }));
  if (type === MessageType.MsgVote) {
    raft.electionElapsedTicks = 0;
    raft.vote = from;
  }
}

/** A candidate counts; a pre-candidate that would win campaigns in earnest. */
export function handleVoteResponse(raft: Raft, message: Message): void {
  const { type, from, reject } = message;
  const self = hex(raft.id);
  raft.logger.info(
    `${self} received ${messageName(type)} ${reject ? "rejection " : ""}from ${hex(from)} at term ${raft.term}`,
  );
  raft.tracker.recordVote(from, !reject);
  const { granted, rejected, result } = raft.tracker.tallyVotes();
  raft.logger.info(`${self} has received ${granted} ${messageName(type)} votes and ${rejected} vote rejections`);
  switch (result) {
    case "VotePending":
      return;
    case "VoteWon":
      if (raft.role === "preCandidate") {
        campaign(raft, "election");
      } else {
        raft.becomeLeader();
        broadcastAppend(raft);
      }
      return;
    case "VoteLost":
      // A refused pre-vote's message may carry a later term, but this node has not gone there.
      raft.becomeFollower(raft.term, NONE);
  }
}

function campaign(raft: Raft, kind: Campaign): void {
  if (kind === "preElection") raft.becomePreCandidate();
  else raft.becomeCandidate();
  const type = kind === "preElection" ? MessageType.MsgPreVote : MessageType.MsgVote;
  const term = kind === "preElection" ? raft.term + 1 : raft.term;
  const context = kind === "transfer" ? CAMPAIGN_TRANSFER : null;
  const { index, term: logTerm } = raft.log.lastEntryId();

  for (const to of raft.tracker.config.voters.ids()) {
    if (to === raft.id) {
      // The vote for itself counts when it is saved.
      raft.send(newMessage({ type: voteResponseType(type), to, term }));
      continue;
    }
    raft.logger.info(
      `${hex(raft.id)} [logterm: ${logTerm}, index: ${index}] sent ${messageName(type)} request ` +
        `to ${hex(to)} at term ${raft.term}`,
    );
    raft.send(newMessage({ type, to, term, index, logTerm, context }));
  }
}

/** A leader must know its configuration: committed changes of it are applied before a campaign. */
function hasUnappliedConfChange(raft: Raft): boolean {
  let isFound = false;
  raft.log.scan(raft.log.applied + 1, raft.log.committed + 1, (entries) => {
    isFound = entries.some(isConfChange);
    return !isFound;
  });
  return isFound;
}

function isConfChange(entry: Entry): boolean {
  return entry.type === EntryType.EntryConfChange || entry.type === EntryType.EntryConfChangeV2;
}

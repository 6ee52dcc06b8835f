import { MessageType } from "../wire/raftpb.ts";
import type { Message } from "../wire/raftpb.ts";
import { handleVoteRequest, handleVoteResponse, hup } from "./election.ts";
import { entriesBytes, payloadsBytes } from "./entry-size.ts";
import { RaftError } from "./errors.ts";
import {
  forgetLeader,
  forwardLeaderTransfer,
  forwardProposal,
  forwardReadIndex,
  handleAppend,
  handleHeartbeat,
  handleReadIndexResponse,
  handleSnapshot,
} from "./follower.ts";
import { broadcastHeartbeat } from "./heartbeat.ts";
import { hex } from "./ids.ts";
import { checkQuorum, handleProposal, transferLeadership } from "./leader.ts";
import type { MessageName } from "./messages.ts";
import type { Progress } from "./progress.ts";
import type { Raft } from "./raft.ts";
import { handleReadIndex } from "./reads.ts";
import { roleNames } from "./ready.ts";
import type { Role } from "./ready.ts";
import {
  handleAppendResponse,
  handleHeartbeatResponse,
  handleSnapshotStatus,
  handleUnreachable,
} from "./replication.ts";

type Rule = (raft: Raft, message: Message) => void;
type Rules = Record<MessageName, Rule>;

/** Lets a node do what its role prescribes for a message of its own term, or without a term. */
export function react(raft: Raft, message: Message): void {
  rulesByType[raft.role][message.type]?.(raft, message);
}

const ignore: Rule = () => undefined;

/** What every role does alike. */
const everyRole = {
  MsgHup: (raft) => hup(raft, raft.config.preVote ? "preElection" : "election"),
  MsgVote: handleVoteRequest,
  MsgPreVote: handleVoteRequest,
  MsgStorageAppendResp: handleStorageAppended,
  MsgStorageApplyResp: handleStorageApplied,
  // Orders to the storage threads; a node that gets one back has nothing to do.
  MsgStorageAppend: ignore,
  MsgStorageApply: ignore,
} as const satisfies Partial<Rules>;

const follower: Rules = {
  ...everyRole,
  MsgProp: forwardProposal,
  MsgApp: fromLeader(handleAppend),
  MsgHeartbeat: fromLeader(handleHeartbeat),
  MsgSnap: fromLeader(handleSnapshot),
  MsgTransferLeader: forwardLeaderTransfer,
  MsgForgetLeader: forgetLeader,
  MsgTimeoutNow: takeOver,
  MsgReadIndex: forwardReadIndex,
  MsgReadIndexResp: handleReadIndexResponse,
  // Answers that came after this node stopped asking.
  MsgAppResp: ignore,
  MsgHeartbeatResp: ignore,
  MsgVoteResp: ignore,
  MsgPreVoteResp: ignore,
  // A leader's own business.
  MsgBeat: ignore,
  MsgCheckQuorum: ignore,
  MsgUnreachable: ignore,
  MsgSnapStatus: ignore,
};

/** A pre-candidate counts pre-votes, a candidate votes; otherwise the two are alike. */
const preCandidate: Rules = {
  ...everyRole,
  MsgProp: dropProposal,
  MsgApp: concede(handleAppend),
  MsgHeartbeat: concede(handleHeartbeat),
  MsgSnap: concede(handleSnapshot),
  MsgPreVoteResp: handleVoteResponse,
  MsgVoteResp: ignore,
  MsgTimeoutNow: ignoreTimeoutNow,
  MsgTransferLeader: ignore,
  MsgForgetLeader: ignore,
  MsgReadIndex: ignore,
  MsgReadIndexResp: ignore,
  MsgAppResp: ignore,
  MsgHeartbeatResp: ignore,
  MsgBeat: ignore,
  MsgCheckQuorum: ignore,
  MsgUnreachable: ignore,
  MsgSnapStatus: ignore,
};

const candidate: Rules = {
  ...preCandidate,
  MsgPreVoteResp: ignore,
  MsgVoteResp: handleVoteResponse,
};

const leader: Rules = {
  ...everyRole,
  MsgBeat: (raft) => broadcastHeartbeat(raft),
  MsgCheckQuorum: (raft) => checkQuorum(raft),
  MsgProp: handleProposal,
  MsgReadIndex: handleReadIndex,
  MsgForgetLeader: ignore,
  MsgAppResp: ofMember(handleAppendResponse),
  MsgHeartbeatResp: ofMember(handleHeartbeatResponse),
  MsgSnapStatus: ofMember(handleSnapshotStatus),
  MsgUnreachable: ofMember(handleUnreachable),
  MsgTransferLeader: ofMember(transferLeadership),
  // There is one leader per term: a message of this term from another one cannot be.
  MsgApp: ofMember(ignore),
  MsgHeartbeat: ofMember(ignore),
  MsgSnap: ofMember(ignore),
  MsgTimeoutNow: ofMember(ignore),
  MsgReadIndexResp: ofMember(ignore),
  // Votes beyond those that were needed.
  MsgVoteResp: ofMember(ignore),
  MsgPreVoteResp: ofMember(ignore),
};

const rules: Record<Role, Rules> = { follower, preCandidate, candidate, leader };

/** The same tables by the number of the type, which is what a message carries. */
const rulesByType: Record<Role, readonly Rule[]> = {
  follower: byType(rules.follower),
  preCandidate: byType(rules.preCandidate),
  candidate: byType(rules.candidate),
  leader: byType(rules.leader),
};

function byType(table: Rules): Rule[] {
  const list: Rule[] = [];
  for (const name of Object.keys(MessageType) as MessageName[]) list[MessageType[name]] = table[name];
  return list;
}

/** A follower hears of its leader: no election for now. */
function fromLeader(rule: Rule): Rule {
  return (raft, message) => {
    raft.electionElapsedTicks = 0;
    raft.lead = message.from;
    rule(raft, message);
  };
}

/** Somebody else leads this term: the candidate lost. */
function concede(rule: Rule): Rule {
  return (raft, message) => {
    raft.becomeFollower(message.term, message.from);
    rule(raft, message);
  };
}

/** The leader listens to members only. */
function ofMember(rule: (raft: Raft, message: Message, member: Progress) => void): Rule {
  return (raft, message) => {
    const member = raft.tracker.progress.get(message.from);
    if (member === undefined) {
      raft.logger.debug(`${hex(raft.id)} no progress available for ${hex(message.from)}`);
      return;
    }
    rule(raft, message, member);
  };
}

function dropProposal(raft: Raft): void {
  raft.logger.info(`${hex(raft.id)} no leader at term ${raft.term}; dropping proposal`);
  throw new RaftError("proposalDropped");
}

/** The leader hands over. It is not gone, so there is no need to ask first. */
function takeOver(raft: Raft, message: Message): void {
  raft.logger.info(
    `${hex(raft.id)} [term ${raft.term}] received MsgTimeoutNow from ${hex(message.from)} ` +
      "and starts an election to get leadership.",
  );
  hup(raft, "transfer");
}

function ignoreTimeoutNow(raft: Raft, message: Message): void {
  raft.logger.debug(
    `${hex(raft.id)} [term ${raft.term} state ${roleNames[raft.role]}] ignored MsgTimeoutNow from ${hex(message.from)}`,
  );
}

/** What was handed out to be saved is saved. */
function handleStorageAppended(raft: Raft, message: Message): void {
  if (message.index !== 0) raft.log.unstable.stableTo(message.index, message.logTerm);
  if (message.snapshot !== null) raft.appliedSnapshot(message.snapshot);
}

/** What was handed out to be applied is applied. */
function handleStorageApplied(raft: Raft, message: Message): void {
  const last = message.entries.at(-1);
  if (last === undefined) return;
  raft.appliedTo(last.index, entriesBytes(message.entries));
  raft.releaseUncommitted(payloadsBytes(message.entries));
}

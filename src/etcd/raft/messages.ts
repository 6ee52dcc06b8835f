import { InvariantError } from "../base/assert.ts";
import { MessageType } from "../wire/raftpb.ts";
import type { Message } from "../wire/raftpb.ts";

export type MessageName = keyof typeof MessageType;

const names = new Map<number, MessageName>(
  Object.entries(MessageType).map(([name, type]) => [type, name as MessageName]),
);

/** A type that this version does not know reads as its number. */
export function messageName(type: number): string {
  return names.get(type) ?? type.toString();
}

/** What a node says to itself; a peer has no business sending it. */
const localTypes: ReadonlySet<number> = new Set([
  MessageType.MsgHup,
  MessageType.MsgBeat,
  MessageType.MsgUnreachable,
  MessageType.MsgSnapStatus,
  MessageType.MsgCheckQuorum,
  MessageType.MsgStorageAppend,
  MessageType.MsgStorageAppendResp,
  MessageType.MsgStorageApply,
  MessageType.MsgStorageApplyResp,
]);

const responseTypes: ReadonlySet<number> = new Set([
  MessageType.MsgAppResp,
  MessageType.MsgVoteResp,
  MessageType.MsgHeartbeatResp,
  MessageType.MsgUnreachable,
  MessageType.MsgReadIndexResp,
  MessageType.MsgPreVoteResp,
  MessageType.MsgStorageAppendResp,
  MessageType.MsgStorageApplyResp,
]);

export function isLocalMessage(type: number): boolean {
  return localTypes.has(type);
}

export function isResponseMessage(type: number): boolean {
  return responseTypes.has(type);
}

export function voteResponseType(type: number): number {
  if (type === MessageType.MsgVote) return MessageType.MsgVoteResp;
  if (type === MessageType.MsgPreVote) return MessageType.MsgPreVoteResp;
  throw new InvariantError(`not a vote message: ${messageName(type)}`);
}

/** In the context of a vote request: the leader itself asked for this election, so its lease does not forbid it. */
export const CAMPAIGN_TRANSFER = new TextEncoder().encode("CampaignTransfer");

export function isTransfer(message: Message): boolean {
  const context = message.context;
  return (
    context !== null &&
    context.length === CAMPAIGN_TRANSFER.length &&
    CAMPAIGN_TRANSFER.every((byte, position) => context[position] === byte)
  );
}

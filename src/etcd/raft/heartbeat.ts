import { MessageType, newMessage } from "../wire/raftpb.ts";
import type { Raft } from "./raft.ts";

/**
 * Tells every member that this node leads. A heartbeat may tell a follower only of commits that it is known to hold.
 * It carries the newest read that waits for the leader to be confirmed.
 */
export function broadcastHeartbeat(raft: Raft): void {
  const context = raft.readOnly.heartbeatContext();
  for (const [to, member] of raft.tracker.progress) {
    if (to === raft.id) continue;
    const commit = Math.min(member.match, raft.log.committed);
    raft.send(newMessage({ type: MessageType.MsgHeartbeat, to, commit, context }));
    member.sentCommit(commit);
  }
}

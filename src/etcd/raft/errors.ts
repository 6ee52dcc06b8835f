/** What a node may refuse. The words are etcd-io/raft's; its data-driven scripts compare them. */
const words = {
  proposalDropped: "raft proposal dropped",
  localMessage: "raft: cannot step raft local message",
  peerNotFound: "raft: cannot step as peer not found",
  compacted: "requested index is unavailable due to compaction",
  snapshotOutOfDate: "requested index is older than the existing snapshot",
} as const;

export type RaftErrorCode = keyof typeof words;

/** An expected refusal: the caller may try again, or drop the message. A broken invariant is an InvariantError. */
export class RaftError extends Error {
  override readonly name = "RaftError";
  readonly code: RaftErrorCode;

  constructor(code: RaftErrorCode) {
    super(words[code]);
    this.code = code;
  }
}

/** A configuration change that may not follow the present configuration. */
export class ConfChangeError extends Error {
  override readonly name = "ConfChangeError";
}

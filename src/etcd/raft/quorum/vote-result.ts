/** Where an election stands: more votes are needed, a quorum is out of reach, or a quorum said yes. */
export type VoteResult = "VotePending" | "VoteLost" | "VoteWon";

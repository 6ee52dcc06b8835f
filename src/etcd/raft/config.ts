import { assert } from "../base/assert.ts";
import type { Random } from "../base/random.ts";
import { NO_LIMIT } from "./entry-size.ts";
import { isLocalTarget, NONE } from "./ids.ts";
import type { RaftLogger } from "./logger.ts";
import type { ReadOnlyOption } from "./read-only.ts";
import type { Storage } from "./storage.ts";

/** How a node is set up. Limits in bytes may be NO_LIMIT. */
export interface RaftConfig {
  readonly id: bigint;
  /** Without word from a leader for so long (up to twice as long, by chance) a follower starts an election. */
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
  readonly storage: Storage;
  readonly random: Random;
  readonly logger: RaftLogger;

  /** The last index that the state machine applied before a restart; entries up to it are not handed out again. */
  readonly applied?: number;
  /** Entries per append message; at least one is sent. */
  readonly messageBytesMax: number;
  /** Committed entries that are handed out and not yet applied. Defaults to messageBytesMax. */
  readonly committedBytesPerReadyMax?: number;
  /** Proposals that are not committed yet; more are dropped. Defaults to no limit. */
  readonly uncommittedBytesMax?: number;
  /** Appends under way to one follower. */
  readonly inflightMessagesMax: number;
  readonly inflightBytesMax?: number;

  /** The leader steps down when it has not heard of a quorum for an election timeout. */
  readonly checkQuorum?: boolean;
  readonly preVote?: boolean;
  readonly readOnlyOption?: ReadOnlyOption;
  readonly asyncStorageWrites?: boolean;
  /** A follower drops proposals instead of passing them to the leader. */
  readonly disableProposalForwarding?: boolean;
  /** The leader does not check a configuration change against the present configuration when it is proposed. */
  readonly disableConfChangeValidation?: boolean;
  /** A leader that is removed or demoted steps down. */
  readonly stepDownOnRemoval?: boolean;
}

/** The same with every default filled in. */
export type CompleteRaftConfig = Required<RaftConfig>;

export function completeConfig(config: RaftConfig): CompleteRaftConfig {
  const complete: CompleteRaftConfig = {
    applied: 0,
    committedBytesPerReadyMax: config.messageBytesMax,
    uncommittedBytesMax: NO_LIMIT,
    inflightBytesMax: NO_LIMIT,
    checkQuorum: false,
    preVote: false,
    readOnlyOption: "safe",
    asyncStorageWrites: false,
    disableProposalForwarding: false,
    disableConfChangeValidation: false,
    stepDownOnRemoval: false,
    ...config,
  };
  check(complete);
  return complete;
}

function check(config: CompleteRaftConfig): void {
  assert(config.id !== NONE, "cannot use none as id");
  assert(!isLocalTarget(config.id), "cannot use local target as id");
  assert(config.heartbeatTicks > 0, "heartbeat tick must be greater than 0");
  assert(config.electionTicks > config.heartbeatTicks, "election tick must be greater than heartbeat tick");
  assert(config.inflightMessagesMax > 0, "max inflight messages must be greater than 0");
  assert(config.inflightBytesMax >= config.messageBytesMax, "max inflight bytes must be >= max message size");
  assert(
    config.readOnlyOption !== "leaseBased" || config.checkQuorum,
    "CheckQuorum must be enabled when ReadOnlyOption is ReadOnlyLeaseBased",
  );
}

import type { ZkErrorCode } from "../errors.ts";
import type { ZnodeKind } from "../tree/znode.ts";
import { type CreateRequest, OpCode } from "../wire/messages.ts";
import type { PlanRules } from "./plan.ts";

/** What the flags and the opcode of a create ask for. */
export interface CreateMode {
  readonly kind: ZnodeKind;
  readonly isSequential: boolean;
}

/** By `flags`. */
const modes: readonly CreateMode[] = [
  { kind: "persistent", isSequential: false },
  { kind: "ephemeral", isSequential: false },
  { kind: "persistent", isSequential: true },
  { kind: "ephemeral", isSequential: true },
  { kind: "container", isSequential: false },
  { kind: "ttl", isSequential: false },
  { kind: "ttl", isSequential: true },
];

const CONTAINER = modes[4]!;
/** ZooKeeper decides by the opcode that it is a container, and by the flags whether its name gets a number. */
const SEQUENTIAL_CONTAINER: CreateMode = { kind: "container", isSequential: true };

/** 40 bits, about 34 years. */
const TTL_MS_MAX = 2 ** 40 - 1;

export function createModeOf({ opCode, flags, ttl }: CreateRequest, rules: PlanRules): CreateMode | ZkErrorCode {
  const mode = modes[flags];
  if (mode === undefined) return "badArguments";
  if (mode.kind === "ttl") {
    if (!rules.extendedTypes) return "unimplemented";
    return opCode === OpCode.createTtl && ttl > 0 && ttl <= TTL_MS_MAX ? mode : "badArguments";
  }
  if (opCode === OpCode.createTtl) return "badArguments";
  if (opCode !== OpCode.createContainer) return mode;
  return mode.isSequential ? SEQUENTIAL_CONTAINER : CONTAINER;
}

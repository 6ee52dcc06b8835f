import type { ZkErrorCode } from "../errors.ts";
import type { Znode } from "../tree/znode.ts";
import { type MultiMember, type MultiRequest, OpCode } from "../wire/messages.ts";
import { check } from "./check.ts";
import { create } from "./create.ts";
import { remove } from "./delete.ts";
import type { Draft } from "./draft.ts";
import type { MultiResult, PlanContext, WriteResult } from "./plan.ts";
import { setData } from "./set-data.ts";

export interface MultiOutcome {
  readonly result: Extract<WriteResult, { readonly type: "multi" }>;
  readonly isDone: boolean;
}

const ERROR = OpCode.error;
const PASSED: MultiResult = { opCode: ERROR, result: { type: "none" } };
const SKIPPED: MultiResult = { opCode: ERROR, result: { type: "error", code: "runtimeInconsistency" } };

/** All members or none: after the first that fails nothing is even looked at. */
export function multi(draft: Draft, { members }: MultiRequest, context: PlanContext): MultiOutcome {
  const results: MultiResult[] = [];
  for (const member of members) {
    const result = memberResult(draft, member, context);
    if (typeof result === "string") return { result: failed(members.length, results.length, result), isDone: false };
    results.push(result);
  }
  return { result: { type: "multi", results }, isDone: true };
}

function failed(count: number, at: number, code: ZkErrorCode): MultiOutcome["result"] {
  const results = Array.from({ length: count }, (_, i) => (i < at ? PASSED : SKIPPED));
  results[at] = { opCode: ERROR, result: { type: "error", code } };
  return { type: "multi", results };
}

function memberResult(draft: Draft, member: MultiMember, context: PlanContext): MultiResult | ZkErrorCode {
  switch (member.op) {
    case "create": {
      const znode = create(draft, member, context);
      if (typeof znode === "string") return znode;
      // Here a container is answered like a create2 whatever asked for it, and so is every create that is not the plain one.
      if (member.opCode === OpCode.create && znode.kind !== "container") {
        return { opCode: OpCode.create, result: { type: "path", path: znode.path } };
      }
      return { opCode: OpCode.create2, result: { type: "created", path: znode.path, znode } };
    }
    case "setData":
      return statResult(setData(draft, member, context));
    case "delete":
      return remove(draft, member, context) ?? { opCode: OpCode.delete, result: { type: "none" } };
    case "check":
      return check(draft, member, context) ?? { opCode: OpCode.check, result: { type: "none" } };
  }
}

function statResult(znode: Znode | ZkErrorCode): MultiResult | ZkErrorCode {
  return typeof znode === "string" ? znode : { opCode: OpCode.setData, result: { type: "stat", znode } };
}

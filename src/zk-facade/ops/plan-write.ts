import type { ZkErrorCode } from "../errors.ts";
import type { KeySpace } from "../tree/key-space.ts";
import type { TreeView } from "../tree/znode.ts";
import { OpCode, type WriteRequest } from "../wire/messages.ts";
import { create } from "./create.ts";
import { remove } from "./delete.ts";
import { Draft } from "./draft.ts";
import { multi } from "./multi.ts";
import type { Blocked, Plan, PlanContext, Refusal, WriteResult } from "./plan.ts";
import { setAcl } from "./set-acl.ts";
import { setData } from "./set-data.ts";

/**
 * What a write becomes: one transaction, or a refusal with ZooKeeper's code, or nothing yet. Pure, so it may be asked again
 * with another view.
 *
 * A multi that writes nothing, since it only checks or is empty, is a refusal with the answer of one that succeeded. A
 * check of its own is none of these: it ends the connection, and must not come here.
 */
export function planWrite(
  view: TreeView,
  keys: KeySpace,
  request: WriteRequest,
  context: PlanContext,
): Plan | Refusal | Blocked {
  const draft = new Draft(view, keys, context);
  switch (request.op) {
    case "create": {
      const znode = create(draft, request, context);
      if (typeof znode === "string") return refusal(znode);
      const { path } = znode;
      return draft.finish(request.opCode === OpCode.create ? { type: "path", path } : { type: "created", path, znode });
    }
    case "delete": {
      const error = remove(draft, request, context);
      return error === null ? draft.finish(NONE) : refusal(error);
    }
    case "setData": {
      const znode = setData(draft, request, context);
      return typeof znode === "string" ? refusal(znode) : draft.finish({ type: "stat", znode });
    }
    case "setAcl": {
      const znode = setAcl(draft, request, context);
      return typeof znode === "string" ? refusal(znode) : draft.finish({ type: "stat", znode });
    }
    case "multi": {
      const { result, isDone } = multi(draft, request, context);
      return isDone && !draft.isUntouched ? draft.finish(result) : { kind: "refusal", result };
    }
    case "check":
      return refusal("unimplemented");
  }
}

const NONE: WriteResult = { type: "none" };

export function refusal(code: ZkErrorCode): Refusal {
  return { kind: "refusal", result: { type: "error", code } };
}

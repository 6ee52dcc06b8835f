import type { KeySpace } from "../tree/key-space.ts";
import { parentOf } from "../tree/paths.ts";
import type { TreeView } from "../tree/znode.ts";
import { Draft } from "./draft.ts";
import { Guard } from "./draft-entry.ts";
import type { Blocked, Plan, PlanContext } from "./plan.ts";

/**
 * The end of the session `context.sessionId`: all its ephemerals and its key go in one transaction, which leaves each parent
 * its net change. The view lists creates that are on their way, too. Nothing is asked of ACLs.
 */
export function planCloseSession(view: TreeView, keys: KeySpace, context: PlanContext): Plan | Blocked {
  const part = planCloseSessionPart(view, keys, context, Number.POSITIVE_INFINITY);
  return part.kind === "blocked" ? part : part.plan;
}

/** One of the transactions that a close is cut into. */
export interface ClosePart {
  readonly kind: "part";
  readonly plan: Plan;
  /** False: plan another one on top of this. The last one deletes the session's key. */
  readonly isLast: boolean;
}

/**
 * The same where a transaction may hold so many operations, and so many compares, only: as many ephemerals as fit. The limit
 * must have room for one ephemeral (four operations, three compares), and its caller takes off what it adds itself.
 */
export function planCloseSessionPart(
  view: TreeView,
  keys: KeySpace,
  context: PlanContext,
  operationsMax: number,
): ClosePart | Blocked {
  const draft = new Draft(view, keys, context);
  // Descending: children before their parents, and brothers together.
  const paths = [...view.ephemeralsOf(context.sessionId)].sort().reverse();
  const parents = new Set<string>();
  let operations = SESSION_OPERATIONS;
  let isLast = true;
  for (const path of paths) {
    const parent = parentOf(path);
    if (!parents.has(parent)) operations += PARENT_SLOTS;
    operations += EPHEMERAL_OPERATIONS;
    if (operations > operationsMax) {
      isLast = false;
      break;
    }
    parents.add(parent);
    const entry = draft.at(path);
    // Another write that is on its way deletes it. If that is never carried out, this one must not be either.
    if (entry.now?.owner !== context.sessionId) entry.guards |= entry.before === undefined ? Guard.absent : Guard.owner;
    else draft.expire(entry, draft.at(parent));
  }
  if (isLast) draft.drop(keys.sessionKey(context.sessionId));
  const plan = draft.finish({ type: "none" });
  return plan.kind === "blocked" ? plan : { kind: "part", plan, isLast };
}

const SESSION_OPERATIONS = 1;
const EPHEMERAL_OPERATIONS = 2;
/** A put, but two compares; those of the ephemerals are one each, so the greater number bounds both sums. */
const PARENT_SLOTS = 2;

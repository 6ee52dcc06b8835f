import { Changer } from "../../../src/etcd/raft/changer.ts";
import type { Membership } from "../../../src/etcd/raft/changer.ts";
import { ConfChangeError } from "../../../src/etcd/raft/errors.ts";
import { describeProgress } from "../../../src/etcd/raft/progress.ts";
import { describeClusterConfig, ProgressTracker } from "../../../src/etcd/raft/tracker.ts";
import { ConfChangeType } from "../../../src/etcd/wire/raftpb.ts";
import type { ConfChangeSingle } from "../../../src/etcd/wire/raftpb.ts";
import type { Directive } from "../datadriven.ts";
import { valueOf } from "../datadriven.ts";

/**
 * Scripts about configuration changes, one after the other on one configuration that begins empty:
 *
 *   simple                       the input is a list of changes: v1 l2 r3 u4
 *   enter-joint autoleave=true
 *   leave-joint
 */
export function confChangeScript(): (directive: Directive) => string {
  const tracker = new ProgressTracker({ countMax: 10, bytesMax: Number.POSITIVE_INFINITY });
  let lastIndex = 0;
  return (directive) => {
    const changer = new Changer(tracker, lastIndex);
    lastIndex += 1;
    try {
      const membership = changed(changer, directive);
      tracker.switchTo(membership.config, membership.progress);
    } catch (error) {
      if (!(error instanceof ConfChangeError)) throw error;
      return `${error.message}\n`;
    }
    return `${describeClusterConfig(tracker.config)}\n${describeProgress(tracker.progress)}`;
  };
}

/** v1 l2 r3 u4: make 1 a voter, make 2 a learner, remove 3, update 4. */
export function parseChanges(text: string): ConfChangeSingle[] {
  const tokens = text.trim().split(" ");
  return tokens[0] === "" ? [] : tokens.map(parseChange);
}

function parseChange(token: string): ConfChangeSingle {
  const type = typesByLetter.get(token.slice(0, 1));
  if (token.length < 2) throw new ConfChangeError(`unknown token ${token}`);
  if (type === undefined) throw new ConfChangeError(`unknown input: ${token}`);
  return { type, nodeId: BigInt(token.slice(1)) };
}

const typesByLetter: ReadonlyMap<string, number> = new Map([
  ["v", ConfChangeType.ConfChangeAddNode],
  ["l", ConfChangeType.ConfChangeAddLearnerNode],
  ["r", ConfChangeType.ConfChangeRemoveNode],
  ["u", ConfChangeType.ConfChangeUpdateNode],
]);

function changed(changer: Changer, directive: Directive): Membership {
  const changes = parseChanges(directive.input);
  switch (directive.command) {
    case "simple":
      return changer.simple(changes);
    case "enter-joint":
      return changer.enterJoint(directive.args.length > 0 && valueOf(directive, "autoleave") === "true", changes);
    case "leave-joint":
      if (changes.length > 0) throw new ConfChangeError("this command takes no input");
      return changer.leaveJoint();
    default:
      throw new Error(`line ${directive.line}: unknown command ${directive.command}`);
  }
}

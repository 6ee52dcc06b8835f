import { seededRandom } from "../../../src/etcd/base/random.ts";
import { asV2, confChangeOf } from "../../../src/etcd/raft/conf-change.ts";
import type { RaftConfig } from "../../../src/etcd/raft/config.ts";
import { describeEntries, describeMessage, describeReady } from "../../../src/etcd/raft/describe.ts";
import { NO_LIMIT } from "../../../src/etcd/raft/entry-size.ts";
import { ConfChangeError, RaftError } from "../../../src/etcd/raft/errors.ts";
import { isLocalTarget } from "../../../src/etcd/raft/ids.ts";
import { MemoryStorage } from "../../../src/etcd/raft/memory-storage.ts";
import { describeProgress } from "../../../src/etcd/raft/progress.ts";
import { Raft } from "../../../src/etcd/raft/raft.ts";
import { RawNode } from "../../../src/etcd/raft/raw-node.ts";
import { isEmptyHardState, roleNames } from "../../../src/etcd/raft/ready.ts";
import { confStateOf, isEmptySnapshot, metadataOf } from "../../../src/etcd/raft/snapshots.ts";
import {
  ConfChangeTransition,
  MessageType,
  newConfChange,
  newConfChangeV2,
  newConfState,
  newMessage,
  newSnapshot,
  newSnapshotMetadata,
} from "../../../src/etcd/wire/raftpb.ts";
import type { ConfState, Entry, HardState, Message, Snapshot } from "../../../src/etcd/wire/raftpb.ts";
import type { Directive } from "../datadriven.ts";
import { valueOf } from "../datadriven.ts";
import { parseChanges } from "./conf-change.ts";
import { ScriptOutput } from "./script-output.ts";

/**
 * Whole Raft groups in one thread, driven by a script: nodes with memory storages, the messages between them, and for
 * asynchronous storage the work of their threads. Every command prints what happens, in etcd-io/raft's words.
 *
 * The nodes are 1, 2, 3 ... in the order they were added. Their state machine appends what it applies.
 */
export class InteractionEnvironment {
  readonly #nodes: ScriptNode[] = [];
  /** On their way. */
  #messages: Message[] = [];
  #output = new ScriptOutput();

  handle(directive: Directive): string {
    this.#output.clear();
    try {
      this.#dispatch(directive);
    } catch (error) {
      if (!(error instanceof Refusal || error instanceof RaftError || error instanceof ConfChangeError)) throw error;
      if (this.#output.isQuiet) return error.message;
      this.#output.write(error.message);
    }
    return this.#output.text() === "" ? "ok" : this.#output.text();
  }

  #dispatch(directive: Directive): void {
    const { command, args } = directive;
    switch (command) {
      case "add-nodes":
        this.#addNodes(directive);
        return;
      case "log-level":
        this.#setLevel(args[0]?.key ?? "");
        return;
      case "raft-state":
        for (const { node } of this.#nodes) this.#writeState(node);
        return;
      case "stabilize":
        this.#stabilize(directive);
        return;
      case "deliver-msgs":
        this.#deliver(directive);
        return;
      case "process-ready":
        this.#forEach(directive, "handling Ready", (node) => this.#processReady(node));
        return;
      case "process-append-thread":
        this.#forEach(directive, "processing append thread", (node) => this.#processAppendThread(node));
        return;
      case "process-apply-thread":
        this.#forEach(directive, "processing apply thread", (node) => this.#processApplyThread(node));
        return;
      case "transfer-leadership":
        this.#node(valueOf(directive, "from")).node.transferLeader(BigInt(valueOf(directive, "to")));
        return;
      default:
        this.#dispatchToNode(directive, this.#node(args[0]?.key ?? ""));
    }
  }

  #dispatchToNode(directive: Directive, target: ScriptNode): void {
    const { command, args, line } = directive;
    const second = args[1]?.key ?? "";
    switch (command) {
      case "campaign":
        target.node.campaign();
        return;
      case "propose":
        target.node.propose(new TextEncoder().encode(second));
        return;
      case "propose-conf-change":
        this.#proposeConfChange(directive, target);
        return;
      case "read-index":
        target.node.readIndex(new TextEncoder().encode(second));
        return;
      case "tick-election":
        for (let tick = 0; tick < target.config.electionTicks; tick++) target.node.tick();
        return;
      case "tick-heartbeat":
        for (let tick = 0; tick < target.config.heartbeatTicks; tick++) target.node.tick();
        return;
      case "set-randomized-election-timeout":
        target.raft.randomizedElectionTicks = Number(valueOf(directive, "timeout"));
        return;
      case "compact":
        target.storage.compact(Number(second));
        this.#writeLog(target);
        return;
      case "raft-log":
        this.#writeLog(target);
        return;
      case "status":
        this.#output.write(describeProgress(target.node.status().progress));
        return;
      case "forget-leader":
        target.node.forgetLeader();
        return;
      case "report-unreachable":
        target.node.reportUnreachable(BigInt(second));
        return;
      case "send-snapshot":
        this.#sendSnapshot(target, BigInt(second));
        return;
      default:
        throw new Error(`line ${line}: unknown command ${command}`);
    }
  }

  #addNodes(directive: Directive): void {
    const values = new Map(directive.args.slice(1).map((argument) => [argument.key, argument.values]));
    const first = (key: string) => values.get(key)?.[0];
    const flag = (key: string) => first(key) === "true";
    const ids = (key: string) => (values.get(key) ?? []).map(BigInt);
    const index = Number(first("index") ?? 0);
    const snapshot = newSnapshot({
      data: new TextEncoder().encode(first("content") ?? ""),
      metadata: newSnapshotMetadata({
        index,
        confState: newConfState({ voters: ids("voters"), learners: ids("learners") }),
      }),
    });
    const isBootstrap = ["voters", "learners", "index", "content"].some((key) => values.has(key));
    if (isBootstrap) {
      if (index <= 1) throw new Refusal("index must be specified as > 1 due to bootstrap");
      metadataOf(snapshot).term = 1;
    }
    for (let count = Number(directive.args[0]?.key); count > 0; count--) {
      const history = [snapshot];
      const storage = new NewestSnapshotStorage(history);
      if (isBootstrap) storage.applySnapshot(snapshot);
      const committedMax = first("max-committed-size-per-ready");
      const config: RaftConfig = {
        id: BigInt(this.#nodes.length + 1),
        electionTicks: 3,
        heartbeatTicks: 1,
        storage,
        random: seededRandom(this.#nodes.length),
        logger: this.#output,
        applied: index,
        messageBytesMax: NO_LIMIT,
        ...(committedMax === undefined ? {} : { committedBytesPerReadyMax: Number(committedMax) }),
        inflightMessagesMax: Number(first("inflight") ?? 2 ** 31 - 1),
        asyncStorageWrites: flag("async-storage-writes"),
        preVote: flag("prevote"),
        checkQuorum: flag("checkquorum"),
        disableConfChangeValidation: flag("disable-conf-change-validation"),
        readOnlyOption: first("read-only") === "lease-based" ? "leaseBased" : "safe",
        stepDownOnRemoval: flag("step-down-on-removal"),
      };
      const raft = new Raft(config);
      const node = new RawNode(config, raft);
      this.#nodes.push({ id: config.id, config, raft, node, storage, history, appendWork: [], applyWork: [] });
    }
  }

  #proposeConfChange(directive: Directive, target: ScriptNode): void {
    const arguments_ = new Map(directive.args.slice(1).map(({ key, values }) => [key, values[0]]));
    const transition = transitions.get(arguments_.get("transition") ?? "auto");
    if (transition === undefined) throw new Error(`line ${directive.line}: unknown transition`);
    const changes = parseChanges(directive.input);
    if (arguments_.get("v1") !== "true") {
      target.node.proposeConfChange(newConfChangeV2({ transition, changes }));
      return;
    }
    const [change] = changes;
    if (change === undefined || changes.length > 1 || transition !== ConfChangeTransition.ConfChangeTransitionAuto) {
      throw new Refusal("v1 conf change can only have one operation and no transition");
    }
    target.node.proposeConfChange(newConfChange({ type: change.type, nodeId: change.nodeId }));
  }

  /** Handles readies, delivers messages and runs the threads of these nodes until nothing is left to do. */
  #stabilize(directive: Directive): void {
    const level = directive.args.find(({ key }) => key === "log-level")?.values[0];
    const before = this.#output.level;
    if (level !== undefined) this.#setLevel(level);
    try {
      const named = this.#named(directive);
      const nodes = named.length > 0 ? named : this.#nodes;
      while (this.#stabilizeOnce(nodes));
    } finally {
      this.#output.level = before;
    }
  }

  #stabilizeOnce(nodes: readonly ScriptNode[]): boolean {
    let isBusy = false;
    const run = (target: ScriptNode, what: string, work: () => void) => {
      this.#output.write(`> ${target.id} ${what}\n`);
      work();
      isBusy = true;
    };
    for (const target of nodes) {
      if (!target.node.hasReady()) continue;
      run(target, "handling Ready", () => this.#indented(() => this.#processReady(target)));
    }
    for (const target of nodes) {
      if (!this.#messages.some((message) => message.to === target.id)) continue;
      run(target, "receiving messages", () =>
        this.#indented(() => this.#deliverTo({ id: target.id, isDropped: false }, null)),
      );
    }
    for (const target of nodes) {
      if (target.appendWork.length === 0) continue;
      run(target, "processing append thread", () => {
        while (target.appendWork.length > 0) this.#indented(() => this.#processAppendThread(target));
      });
    }
    for (const target of nodes) {
      if (target.applyWork.length === 0) continue;
      run(target, "processing apply thread", () => {
        while (target.applyWork.length > 0) this.#indented(() => this.#processApplyThread(target));
      });
    }
    return isBusy;
  }

  #deliver(directive: Directive): void {
    let type: number | null = null;
    const recipients: Recipient[] = [];
    for (const { key, values } of directive.args) {
      if (values.length === 0) recipients.push({ id: BigInt(key), isDropped: false });
      if (key === "drop") recipients.push(...values.map((id) => ({ id: BigInt(id), isDropped: true })));
      if (key === "type") type = typeNamed(values[0]!, directive);
    }
    let handled = 0;
    for (const recipient of recipients) handled += this.#deliverTo(recipient, type);
    if (handled === 0) this.#output.write("no messages\n");
  }

  #deliverTo({ id, isDropped }: Recipient, type: number | null): number {
    const isMeant = (message: Message) =>
      message.to === id && (type === null || message.type === type) && !(isDropped && isLocal(message));
    const meant = this.#messages.filter(isMeant);
    this.#messages = this.#messages.filter((message) => !isMeant(message));
    for (const message of meant) {
      this.#output.write(`${isDropped ? "dropped: " : ""}${describeMessage(message)}\n`);
      if (isDropped) continue;
      try {
        this.#node(id.toString()).node.step(message);
      } catch (error) {
        if (!(error instanceof RaftError)) throw error;
        this.#output.write(`${error.message}\n`);
      }
    }
    return meant.length;
  }

  #processReady(target: ScriptNode): void {
    const ready = target.node.ready();
    const isAsync = target.config.asyncStorageWrites === true;
    this.#output.write(describeReady(ready));
    if (!isAsync) {
      save(target, ready.hardState, ready.entries, ready.snapshot);
      apply(target, ready.committedEntries);
    }
    for (const message of ready.messages) {
      if (message.type === MessageType.MsgStorageAppend) target.appendWork.push(message);
      else if (message.type === MessageType.MsgStorageApply) target.applyWork.push(message);
      else this.#messages.push(message);
    }
    if (!isAsync) target.node.advance(ready);
  }

  #processAppendThread(target: ScriptNode): void {
    const message = target.appendWork.shift();
    if (message === undefined) {
      this.#output.write("no append work to perform");
      return;
    }
    this.#output.write(`Processing:\n${describeMessage({ ...message, responses: [] })}\n`);
    const { term, vote, commit } = message;
    save(target, { term, vote, commit }, message.entries, message.snapshot);
    this.#respond(message);
  }

  #processApplyThread(target: ScriptNode): void {
    const message = target.applyWork.shift();
    if (message === undefined) {
      this.#output.write("no apply work to perform");
      return;
    }
    this.#output.write(`Processing:\n${describeMessage({ ...message, responses: [] })}\n`);
    apply(target, message.entries);
    this.#respond(message);
  }

  #respond(message: Message): void {
    this.#output.write("Responses:\n");
    for (const response of message.responses) this.#output.write(`${describeMessage(response)}\n`);
    this.#messages.push(...message.responses);
  }

  #sendSnapshot(from: ScriptNode, to: bigint): void {
    const message = newMessage({
      type: MessageType.MsgSnap,
      term: from.node.basicStatus().term,
      from: from.id,
      to,
      snapshot: from.storage.snapshot(),
    });
    this.#messages.push(message);
    this.#output.write(describeMessage(message));
  }

  #writeLog({ storage }: ScriptNode): void {
    const [first, last] = [storage.firstIndex(), storage.lastIndex()];
    if (last < first) {
      this.#output.write(`log is empty: first index=${first}, last index=${last}`);
      return;
    }
    this.#output.write(describeEntries(storage.entries(first, last + 1, NO_LIMIT) ?? []));
  }

  #writeState(node: RawNode): void {
    const { id, role, config, term, lead } = node.status();
    const membership = config.voters.has(id) ? "(Voter)" : "(Non-Voter)";
    this.#output.write(`${id}: ${roleNames[role]} ${membership} Term:${term} Lead:${lead}\n`);
  }

  #setLevel(name: string): void {
    const refusal = this.#output.setLevel(name);
    if (refusal !== null) throw new Refusal(refusal);
  }

  /** Runs the work of each named node, with a heading if there are several. */
  #forEach(directive: Directive, what: string, work: (target: ScriptNode) => void): void {
    const nodes = this.#named(directive);
    for (const target of nodes) {
      if (nodes.length === 1) {
        work(target);
        continue;
      }
      this.#output.write(`> ${target.id} ${what}\n`);
      this.#indented(() => work(target));
    }
  }

  #indented(work: () => void): void {
    this.#output.indented(work);
  }

  #named(directive: Directive): ScriptNode[] {
    return directive.args.filter(({ values }) => values.length === 0).map(({ key }) => this.#node(key));
  }

  #node(id: string): ScriptNode {
    const target = this.#nodes[Number(id) - 1];
    if (target === undefined) throw new Error(`there is no node ${id}`);
    return target;
  }
}

/** A node with its storage, its work under way, and all states of its state machine. */
interface ScriptNode {
  readonly id: bigint;
  readonly config: RaftConfig;
  readonly raft: Raft;
  readonly node: RawNode;
  readonly storage: NewestSnapshotStorage;
  /** One snapshot per applied entry. */
  readonly history: Snapshot[];
  readonly appendWork: Message[];
  readonly applyWork: Message[];
}

interface Recipient {
  readonly id: bigint;
  readonly isDropped: boolean;
}

/** A command that cannot be done; the script shows why. */
class Refusal extends Error {}

/** Whoever asks for a snapshot gets the newest state, whatever the storage was given. */
class NewestSnapshotStorage extends MemoryStorage {
  readonly #history: readonly Snapshot[];

  constructor(history: readonly Snapshot[]) {
    super();
    this.#history = history;
  }

  override snapshot(): Snapshot {
    return this.#history.at(-1)!;
  }
}

const transitions: ReadonlyMap<string, number> = new Map([
  ["auto", ConfChangeTransition.ConfChangeTransitionAuto],
  ["implicit", ConfChangeTransition.ConfChangeTransitionJointImplicit],
  ["explicit", ConfChangeTransition.ConfChangeTransitionJointExplicit],
]);

function typeNamed(name: string, directive: Directive): number {
  const type = (MessageType as Readonly<Record<string, number>>)[name];
  if (type === undefined) throw new Error(`line ${directive.line}: unknown message type ${name}`);
  return type;
}

/** Messages to and from a node's own threads are never lost. */
function isLocal(message: Message): boolean {
  return message.from === message.to || isLocalTarget(message.from) || isLocalTarget(message.to);
}

function save(
  target: ScriptNode,
  hardState: HardState | null,
  entries: readonly Entry[],
  snapshot: Snapshot | null,
): void {
  if (hardState !== null && !isEmptyHardState(hardState)) target.storage.setHardState(hardState);
  if (snapshot !== null && !isEmptySnapshot(snapshot)) {
    if (entries.length > 0) throw new Refusal("can't apply snapshot and entries at the same time");
    target.storage.applySnapshot(snapshot);
    return;
  }
  target.storage.append(entries);
}

function apply(target: ScriptNode, entries: readonly Entry[]): void {
  for (const entry of entries) {
    const change = confChangeOf(entry);
    const confState: ConfState | null = change === null ? null : target.node.applyConfChange(change);
    const update = change === null ? entry.data : asV2(change).context;
    const last = target.history.at(-1)!;
    target.history.push(
      newSnapshot({
        data: Buffer.concat([last.data ?? new Uint8Array(), update ?? new Uint8Array()]),
        metadata: newSnapshotMetadata({
          index: entry.index,
          term: entry.term,
          confState: confState ?? confStateOf(last),
        }),
      }),
    );
  }
}

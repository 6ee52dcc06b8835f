import assert from "node:assert/strict";
import { EtcdError } from "../../../etcd/errors.ts";
import { silentLogger } from "../../../etcd/base/logger.ts";
import {
  newResponseHeader,
  newTxnResponse,
  type TxnRequest,
  type TxnResponse,
} from "../../../etcd/wire/etcdserverpb.ts";
import { planCloseSession } from "../../ops/close-session.ts";
import { planDeleteContainer } from "../../ops/delete-container.ts";
import type { Plan, PlanContext, RecordTag, WriteResult } from "../../ops/plan.ts";
import { planWrite } from "../../ops/plan-write.ts";
import type { Client, Command } from "../../ops/testing/commands.ts";
import type { KeyEvent } from "../../ops/testing/memory-etcd.ts";
import { type NaiveNode, type NaiveReply, NaiveZooKeeper } from "../../ops/testing/naive-zookeeper.ts";
import { type Order, PlannedWorld, planRules, replyOf } from "../../ops/testing/planned-world.ts";
import { parentOf } from "../../tree/paths.ts";
import { decodeRecord } from "../../tree/record.ts";
import type { TreeView } from "../../tree/znode.ts";
import { WritePipeline, type WritingSession } from "../write-pipeline.ts";

const FACADE = 1;

/**
 * What becomes of a transaction on its way; one in limbo is given up here, and may be carried out later. One that goes over
 * the quota is refused for lack of space like those after it, and yet is done.
 */
export type Fate =
  | "answered"
  | "applied"
  | "answer lost"
  | "lost"
  | "limbo"
  | "refused"
  | "over quota"
  /** Refused, since the lease that it needs is not there. */
  | "unleased";

/** A write that was submitted, and all that is known of it. */
export interface Submitted {
  readonly order: Order;
  readonly session: WritingSession | null;
  /** Of the session's connections, the one that sent it. */
  readonly connection: number;
  /** Revision of the transaction that did it. */
  appliedAt: number | null;
  /** What the model said when it was applied. */
  expected: NaiveReply | null;
  readonly settled: (
    | { readonly kind: "done"; readonly revision: number }
    /** `before`: how many writes had been submitted. */
    | { readonly kind: "lost"; readonly before: number }
  )[];
}

interface Flying {
  readonly request: TxnRequest;
  readonly resolve: (response: TxnResponse) => void;
  readonly reject: (error: Error) => void;
}

/** One revision, as a watch brings it. */
interface Revision {
  readonly revision: number;
  readonly view: TreeView;
  readonly events: readonly KeyEvent[];
}

class MutableSession implements WritingSession {
  readonly id: bigint;
  readonly key: Uint8Array;
  keyRevision: number;
  needsFence = false;
  writesUnderWay = 0;
  /** Its client sends nothing: it is between two connections, or asked for the end of its session. */
  isAway = false;
  /** Its key was written anew by the next connection, which waits for the tree to show it. */
  isFenced = false;
  connection = 0;

  constructor(id: bigint, key: Uint8Array, keyRevision: number) {
    this.id = id;
    this.key = key;
    this.keyRevision = keyRevision;
  }
}

/**
 * A pipeline between a store and a feed, both of which move only when they are told to:
 *
 *   submit ─▶ pipeline ─▶ txns on their way ─ deliver ─▶ store ─▶ revisions ─ feed ─▶ tree, pipeline
 *                             ▲                 └─▶ answers on their way ─ answer ─▶ pipeline
 *   another facade's writes ──┘ go to the store at once
 *
 * Each transaction is carried out on the model as well, at the revision it got.
 */
export class PipelineWorld {
  readonly submitted: Submitted[] = [];
  /** Of answers that were wrong: what is thrown at the pipeline would be its own to deal with. */
  readonly faults: unknown[] = [];
  /** How often a client came back without a fence. */
  reattached = 0;
  /** Sessions of which the pipeline said that they have no lease. */
  readonly unleased: bigint[] = [];
  readonly #world = new PlannedWorld();
  readonly #pipeline: WritePipeline;
  readonly #isOrdered: boolean;
  #flying: Flying[] = [];
  #answers: (() => void)[] = [];
  #limbo: TxnRequest[] = [];
  #revisions: Revision[] = [];
  #tree: TreeView;
  #treeRevision: number;
  #barriers: { readonly revision: number; readonly resolve: (revision: number) => void }[] = [];
  readonly #sessions = new Map<bigint, MutableSession>();
  /** By an object of its own in each transaction: which write it is of. */
  readonly #writeOf = new WeakMap<object, Submitted>();
  /** The model's tree at each revision. */
  readonly #states = new Map<number, Map<string, NaiveNode>>();

  constructor({ isOrdered }: { readonly isOrdered: boolean }) {
    this.#isOrdered = isOrdered;
    this.#world.populate();
    this.#tree = this.#world.view();
    this.#treeRevision = this.#world.store.revision;
    this.#states.set(this.#treeRevision, structuredClone(this.#world.model.nodes));
    this.#pipeline = new WritePipeline(
      { facade: FACADE, isOrdered, txnOpsMax: Number.POSITIVE_INFINITY },
      this.#world.keys,
      {
        tree: () => this.#tree,
        revision: () => this.#treeRevision,
        txn: (request) => new Promise((resolve, reject) => this.#flying.push({ request, resolve, reject })),
        barrier: () => this.#barrier(),
        unleased: (sessionId) => this.unleased.push(sessionId),
      },
      silentLogger,
    );
  }

  get outstanding(): number {
    return this.#pipeline.outstanding;
  }

  submit(command: Command): void {
    const order = this.#world.order(command, [...this.#world.model.nodes.keys(), "/a/x", "/a/y", "/b/x"]);
    const session = order.kind === "reap" ? null : this.#sessionOf(command.client);
    if (session?.isAway === true) return;
    const connection = session?.connection ?? 0;
    const submitted: Submitted = { order, session, connection, appliedAt: null, expected: null, settled: [] };
    this.submitted.push(submitted);
    this.#pipeline.submit({
      session,
      plan: (view, tag) => {
        const outcome = this.#plan(view, order, tag);
        if (outcome.kind === "plan") for (const mark of marksOf(outcome)) this.#writeOf.set(mark, submitted);
        return outcome;
      },
      done: (result, revision) => {
        submitted.settled.push({ kind: "done", revision });
        try {
          this.#check(submitted, result, revision);
        } catch (fault) {
          this.faults.push(fault);
        }
      },
      lost: () => {
        submitted.settled.push({ kind: "lost", before: this.submitted.length });
        // A connection that is gone already hears of nothing.
        if (session?.connection === connection) this.#disconnect(session);
      },
    });
    // Behind the end of its session a client sends nothing.
    if (order.kind === "close") session!.isAway = true;
  }

  /** The connection of a session ends, with all that it sent under way, and its client comes back at once. */
  reconnect(at: number): void {
    const sessions = [...this.#sessions.values()].filter(({ keyRevision, isAway }) => keyRevision > 0 && !isAway);
    if (sessions.length > 0) this.#disconnect(sessions[at % sessions.length]!);
  }

  /** Transactions that were given up are carried out now, if they still can be. */
  surface(): void {
    for (const { compare, success } of this.#limbo.splice(0)) {
      const { succeeded, events } = this.#world.store.txn(compare, success);
      if (!succeeded) continue;
      const submitted = this.#writeOf.get(success[0]!)!;
      assert.equal(submitted.session, null, "a write of a session was done after its end");
      this.#world.expect(submitted.order);
      this.#wrote(events);
    }
  }

  /** Another facade writes, on the store as it is, for a session of its own: one that is attached here writes here. */
  interfere(command: Command): void {
    const client = { ...command.client, session: command.client.session + 0x1000n };
    const order = this.#world.order({ ...command, client }, [...this.#world.model.nodes.keys()]);
    const plan = this.#world.plan(this.#world.view(), order);
    if (plan.kind !== "plan" || plan.operations.length === 0) return;
    const { succeeded, events } = this.#world.execute(plan);
    assert.ok(succeeded, "nobody was between");
    this.#world.expect(order);
    this.#wrote(events);
  }

  /** Something becomes of one of the transactions on their way; false when there is none. */
  deliver(at: number, fate: Fate): boolean {
    if (this.#flying.length === 0) return false;
    const [flying] = this.#flying.splice(this.#isOrdered ? 0 : at % this.#flying.length, 1);
    const { request, resolve, reject } = flying!;
    if (fate === "lost" || fate === "limbo") {
      if (fate === "limbo") this.#limbo.push(request);
      reject(new EtcdError("timeout"));
      return true;
    }
    if (fate === "refused" || fate === "unleased") {
      reject(new EtcdError(fate === "refused" ? "noSpace" : "leaseNotFound"));
      return true;
    }
    const { succeeded, revision, events } = this.#world.store.txn(request.compare, request.success);
    if (succeeded) this.#applied(request, revision, events);
    const response = newTxnResponse({ succeeded, header: newResponseHeader({ revision }) });
    if (fate === "answered") resolve(response);
    else if (fate === "answer lost") reject(new EtcdError("timeout"));
    else if (fate === "over quota") reject(new EtcdError("noSpace"));
    else this.#answers.push(() => resolve(response));
    return true;
  }

  /** One of the answers on their way arrives; false when there is none. */
  answer(at: number): boolean {
    if (this.#answers.length === 0) return false;
    this.#answers.splice(at % this.#answers.length, 1)[0]!();
    return true;
  }

  /** Revisions that the watch brings together; false when the tree has all. */
  feed(count: number): boolean {
    const come = this.#revisions.splice(0, count);
    for (const { revision, view, events } of come) {
      this.#tree = view;
      this.#treeRevision = revision;
      this.#see(revision, events);
    }
    if (come.length > 0) this.#pipeline.advanced(this.#treeRevision);
    this.#barriers = this.#barriers.filter((barrier) => {
      if (barrier.revision > this.#treeRevision) return true;
      barrier.resolve(this.#treeRevision);
      return false;
    });
    return come.length > 0;
  }

  assertLikeModel(): void {
    this.#world.assertLikeModel();
  }

  #plan(view: TreeView, order: Order, tag: RecordTag): ReturnType<typeof planWrite> {
    const { client, nowMs } = order;
    const context: PlanContext = {
      sessionId: client.session,
      identities: client.identities,
      nowMs,
      tag,
      rules: planRules,
    };
    const { keys } = this.#world;
    if (order.kind === "write") return planWrite(view, keys, order.request, context);
    return order.kind === "close"
      ? planCloseSession(view, keys, context)
      : planDeleteContainer(view, keys, order.path, context);
  }

  #applied(request: TxnRequest, revision: number, events: readonly KeyEvent[]): void {
    // What changes nothing is looked at when it is answered.
    if (events.length === 0) return;
    const submitted = this.#writeOf.get(request.success[0]!)!;
    assert.equal(submitted.appliedAt, null, "a write was done twice");
    assert.equal(submitted.settled.length, 0, "a write was done after its end");
    submitted.appliedAt = revision;
    submitted.expected = this.#world.expect(submitted.order);
    this.#wrote(events);
  }

  #wrote(events: readonly KeyEvent[]): void {
    const { revision } = this.#world.store;
    this.#revisions.push({ revision, view: this.#world.view(), events });
    this.#states.set(revision, structuredClone(this.#world.model.nodes));
  }

  #see(revision: number, events: readonly KeyEvent[]): void {
    const { keys } = this.#world;
    const foreign: string[] = [];
    let sequence: number | null = null;
    for (const { type, kv } of events) {
      const key = keys.parse(kv.key);
      if (key?.space === "session" && type === "delete") {
        this.#pipeline.ended(key.id, revision);
        this.#sessionOver(key.id);
      } else if (key?.space === "session") this.#sessionTaken(key.id, revision);
      const tag = key?.space === "record" && type === "put" ? decodeRecord(kv.value)!.tag : null;
      if (tag?.facade === FACADE) ({ sequence } = tag);
      if (key?.space === "data") foreign.push(key.path);
    }
    if (sequence !== null) {
      this.#pipeline.seen(sequence, revision);
      return;
    }
    for (const path of foreign) {
      this.#pipeline.disturbed(path);
      if (path !== "/") this.#pipeline.disturbed(parentOf(path));
    }
  }

  #check(submitted: Submitted, result: WriteResult, revision: number): void {
    const { order } = submitted;
    assert.equal(revision, this.#treeRevision, "an answer while the tree stands elsewhere");
    if (submitted.appliedAt !== null) {
      assert.equal(revision, submitted.appliedAt);
      assert.deepEqual(replyOf(order, result), submitted.expected);
      return;
    }
    // It changed nothing, so the model at that revision must say the same.
    if (order.kind === "close") return;
    const model = new NaiveZooKeeper({ extendedTypes: true, quotas: [] });
    model.nodes = structuredClone(this.#states.get(revision)!);
    const { client, nowMs } = order;
    const context = { session: client.session, identities: client.identities, nowMs, zxid: revision };
    const expected =
      order.kind === "write"
        ? model.apply(order.request, context)
        : { code: model.reap(order.path, nowMs, revision) ? 0 : -1 };
    assert.deepEqual(replyOf(order, result), expected);
    assert.deepEqual(model.nodes, this.#states.get(revision), "an answer without a change to what changes something");
  }

  /** The client's session; a new one when the last is over. */
  #sessionOf(client: Client): MutableSession {
    const { store, keys } = this.#world;
    const known = this.#sessions.get(client.session);
    if (known !== undefined && known.keyRevision > 0) return known;
    const key = keys.sessionKey(client.session);
    store.put(key, Buffer.from("session"), client.session);
    const session = new MutableSession(client.session, key, store.revision);
    this.#sessions.set(client.session, session);
    this.#wrote([{ type: "put", kv: store.get(key)! }]);
    return session;
  }

  #sessionOver(id: bigint): void {
    const session = this.#sessions.get(id);
    if (session !== undefined) session.keyRevision = 0;
  }

  #sessionTaken(id: bigint, revision: number): void {
    const session = this.#sessions.get(id)!;
    session.keyRevision = revision;
    session.needsFence = false;
    if (session.isFenced) session.isAway = false;
    session.isFenced = false;
  }

  /** The client of a session whose connection broke comes back, as it does after each write that is lost. */
  #disconnect(session: MutableSession): void {
    session.isAway = true;
    session.connection++;
    queueMicrotask(() => this.#reattach(session));
  }

  /** What may still come true of the connection before is stopped first. */
  #reattach(session: MutableSession): void {
    const { store } = this.#world;
    const { key } = session;
    if (session.isFenced || store.get(key) === undefined) return;
    if (!session.needsFence && session.writesUnderWay === 0) {
      session.isAway = false;
      this.reattached++;
      return;
    }
    session.isFenced = true;
    store.put(key, Buffer.from("session"), session.id);
    this.#wrote([{ type: "put", kv: store.get(key)! }]);
  }

  #barrier(): Promise<number> {
    const { revision } = this.#world.store;
    if (revision <= this.#treeRevision) return Promise.resolve(revision);
    return new Promise((resolve) => this.#barriers.push({ revision, resolve }));
  }
}

/** Objects that the plan's transaction has, and no other. */
function marksOf({ operations }: Plan): readonly object[] {
  return operations.slice(0, 1);
}

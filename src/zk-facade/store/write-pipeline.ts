import {
  Compare_CompareResult,
  Compare_CompareTarget,
  newCompare,
  newTxnRequest,
  type Compare,
  type TxnRequest,
  type TxnResponse,
} from "../../etcd/wire/etcdserverpb.ts";
import { InvariantError } from "../../etcd/base/assert.ts";
import { EtcdError, settlesWrite } from "../../etcd/errors.ts";
import type { Logger } from "../../etcd/base/logger.ts";
import type { Blocked, Plan, RecordTag, Refusal, WriteResult } from "../ops/plan.ts";
import { hex } from "../session/session-id.ts";
import type { KeySpace } from "../tree/key-space.ts";
import type { TreeView } from "../tree/znode.ts";
import { Overlay } from "./overlay.ts";

/** One request of one session on its way: what to plan, and whom to tell. */
export interface WriteOrder {
  /** Whose order among its own writes must be kept, and whose end must stop it; null for the facade's own. */
  readonly session: WritingSession | null;
  /** Pure, and called again when a plan turned out to be built on sand. */
  plan(view: TreeView, tag: RecordTag): Plan | Refusal | Blocked;
  /** Told while the tree stands exactly at `revision`, after the events of that revision. */
  done(result: WriteResult, revision: number): void;
  /** It is not known whether the write was done, or it can no longer be done. No reply can be given. */
  lost(error: Error): void;
}

export interface WritingSession {
  readonly id: bigint;
  /** Where the store has it. */
  readonly key: Uint8Array;
  /** mod_revision of the session's key; 0 when the session is over. It changes when a connection takes the session over. */
  readonly keyRevision: number;
  /**
   * Set when nobody knows whether a write of the session was, or will be, carried out. Its key must be written anew, which
   * stops that write for good, before another connection may go on with the session.
   */
  needsFence: boolean;
  /** Writes of the session that came here and did not end yet. What was said of `needsFence` holds while there are any. */
  writesUnderWay: number;
}

/** What the pipeline asks of the facade. */
export interface PipelineHost {
  tree(): TreeView;
  /** The revision up to which the tree has everything. */
  revision(): number;
  txn(request: TxnRequest): Promise<TxnResponse>;
  /** Resolves when the tree holds all that was written before the call. */
  barrier(): Promise<number>;
  /** A write of the session was refused for a lease that is not there, and the session's key still is. */
  unleased(sessionId: bigint): void;
}

export interface PipelineOptions {
  /** This run of this facade, as it stands in every record it writes. */
  readonly facade: number;
  /**
   * Transactions are applied in the order in which they were handed over. Over a real cluster they are not, and a plan
   * that rests on another one waits for it.
   */
  readonly isOrdered: boolean;
  /** Operations, and compares, in one transaction. */
  readonly txnOpsMax: number;
}

interface Write {
  /** {@link ENDED} from the moment when its end is told. */
  order: WriteOrder;
  /** Its place among all writes: the order in which they are planned again. */
  readonly arrival: number;
  /** The session's when the write came: it is not carried out for a session that was taken over since. */
  readonly keyRevision: number;
  sequence: number;
  /** What is on its way; null when nothing is. */
  plan: Plan | null;
  /** What is told without asking the tree again. */
  verdict: WriteResult | null;
  /** Its place among the transactions that were sent; of a refusal that of the last one that it may rest on. */
  flight: number;
  /** Of a refusal: the barrier after which the tree has all that was acknowledged anywhere before it came. */
  barrier: number;
  /** Revision of the answer, which came before the watch showed the write. */
  answered: number | null;
  /** It was refused once for a lease that is not there. */
  isUnleased: boolean;
  /** A write of the same session is lost: if this one is not on its way for good it is lost too. */
  isDoomed: boolean;
}

const SEQUENCE_MAX = 0xffff_ffff;

/**
 * The writes of all sessions, from the request to the reply.
 *
 *   order ─▶ plan against the overlay ─▶ txn on its way ─▶ seen in the watch ─▶ done
 *
 * Plans are made on what is on its way, so nobody waits for anybody. Each transaction carries compares for all that its
 * plan assumed, for the life of its session, and for the session's write before it; so one that succeeds did what was
 * planned, in the session's order. When one fails, somebody else wrote: then nothing more is sent, what is on its way
 * comes home, the tree catches up, and everything unfinished is planned again in the order in which it came.
 *
 * A refusal, as everything that writes nothing, has no transaction that would check what it assumed. It waits until the
 * writes that it may rest on have arrived, and for a barrier, since ZooKeeper's leader would know of every write that was
 * acknowledged before. Then the tree as it stands has the last word.
 */
export class WritePipeline {
  readonly #options: PipelineOptions;
  readonly #keys: KeySpace;
  readonly #host: PipelineHost;
  readonly #logger: Logger;
  readonly #overlay: Overlay<Write>;
  #sequence = 0;
  #arrivals = 0;
  /** How many transactions were sent. */
  #flights = 0;
  /** By sequence, oldest first. */
  readonly #flying = new Map<number, Write>();
  /** By sequence: plans of which nobody knows whether they were carried out. Others that rest on them repeat their zxids. */
  readonly #unknown = new Map<number, Plan>();
  /** In order of arrival, as far as one session is concerned. */
  #refused: Write[] = [];
  /** How many refusals of a session are not told yet. */
  readonly #refusedOf = new Map<WritingSession, number>();
  /** Barriers for refusals: how many were begun, and the last one that is behind us. */
  #barriersBegun = 0;
  #barriersPassed = 0;
  /** Answered, but the tree is not there yet. */
  readonly #answered = new Set<Write>();
  /** Not planned yet, since the pipeline comes home. */
  #waiting: Write[] = [];
  /**
   * What rests on something that must be certain first: a refusal that is not told yet and, where the order is not kept
   * for us, a write that is on its way. In order of arrival.
   */
  #parked: Write[] = [];
  /** How many writes of a session are parked: the next one goes behind them. */
  readonly #parkedOf = new Map<WritingSession, number>();
  /** The last write on its way of each session. */
  readonly #lastOf = new Map<WritingSession, Write>();
  #isHoming = false;
  #isRecovering = false;
  #needsBarrier = false;
  /** Came back without having been done; to be planned again. */
  #failed: Write[] = [];
  readonly #exclusive: (() => Promise<void>)[] = [];
  #closed = false;

  constructor(options: PipelineOptions, keys: KeySpace, host: PipelineHost, logger: Logger) {
    this.#options = options;
    this.#keys = keys;
    this.#host = host;
    this.#logger = logger;
    this.#overlay = new Overlay(() => host.tree());
  }

  /** Writes without a reply yet. */
  get outstanding(): number {
    return this.#flying.size + this.#refused.length + this.#waiting.length + this.#parked.length + this.#failed.length;
  }

  submit(order: WriteOrder): void {
    const write: Write = {
      order,
      arrival: this.#arrivals++,
      keyRevision: order.session?.keyRevision ?? 0,
      sequence: 0,
      plan: null,
      verdict: null,
      flight: 0,
      barrier: 0,
      answered: null,
      isUnleased: false,
      isDoomed: false,
    };
    if (order.session !== null) order.session.writesUnderWay++;
    if (this.#closed) lost(write, new EtcdError("stopped"));
    else this.#startOrWait(write);
  }

  /** Runs a job while no write is on its way, so that it may write what it likes. */
  exclusive(job: () => Promise<void>): void {
    this.#exclusive.push(job);
    this.#comeHome();
  }

  /** A record of this facade's was seen: its transaction was applied at this revision, where the tree now stands. */
  seen(sequence: number, revision: number): void {
    const write = this.#flying.get(sequence);
    if (write !== undefined) this.#complete(write, revision);
    const unknown = this.#unknown.get(sequence);
    if (unknown !== undefined) unknown.zxid.value = revision;
  }

  /** The key of a session is gone, by this revision. The end of a session without ephemerals leaves no other trace. */
  ended(session: bigint, revision: number): void {
    for (const write of this.#flying.values()) {
      if (write.order.session?.id !== session || write.plan!.witness !== null) continue;
      this.#complete(write, revision);
      return;
    }
  }

  /** The tree reached a revision, and everything of it was told. */
  advanced(revision: number): void {
    for (const write of this.#answered) {
      if (write.answered! <= revision) this.#complete(write, write.answered!);
    }
    this.#settle();
    this.#startParked();
  }

  /** Somebody else wrote a znode that plans in flight assume to know: what is planned next must see it. */
  disturbed(path: string): void {
    if (this.#overlay.entry(path) !== undefined) this.#comeHome();
  }

  close(): void {
    this.#closed = true;
    const stopped = new EtcdError("stopped");
    const all = [...this.#flying.values(), ...this.#refused, ...this.#waiting, ...this.#parked, ...this.#failed];
    this.#flying.clear();
    this.#refused = [];
    this.#waiting = [];
    this.#parked = [];
    this.#failed = [];
    this.#answered.clear();
    for (const write of all) lost(write, stopped);
  }

  #startOrWait(write: Write): void {
    if (this.#isHoming) this.#waiting.push(write);
    else this.#start(write);
  }

  #start(write: Write): void {
    const { session } = write.order;
    if (session !== null && (session.keyRevision === 0 || session.keyRevision !== write.keyRevision)) {
      lost(write, new Error("the session is over, or goes on elsewhere"));
      return;
    }
    if (session !== null && this.#mustQueue(session)) {
      this.#park(write);
      return;
    }
    if (write.verdict !== null) {
      this.#refuse(write, this.#lastFlightOf(session));
      return;
    }
    this.#overlay.takeConsulted();
    write.sequence = this.#nextSequence();
    const outcome = write.order.plan(this.#overlay, { facade: this.#options.facade, sequence: write.sequence });
    const isResting = this.#overlay.takeConsulted();
    switch (outcome.kind) {
      case "plan":
        if (isResting && !this.#options.isOrdered) this.#park(write);
        // A transaction cannot be tied to a refusal, which leaves no trace. If that becomes a write, it must be the first.
        else if (session !== null && this.#refusedOf.has(session)) this.#park(write);
        else this.#fly(write, outcome);
        break;
      case "refusal":
        this.#refuse(write, isResting ? this.#flights : this.#lastFlightOf(session));
        break;
      case "blocked":
        this.#hold(write);
        break;
    }
  }

  /** Waits until all that is on its way has arrived, and everybody behind it waits too: the order stays. */
  #hold(write: Write): void {
    this.#waiting.push(write);
    this.#comeHome();
  }

  /** Whether the session's next write goes behind others that are not even planned. */
  #mustQueue(session: WritingSession): boolean {
    return this.#parkedOf.has(session) || (!this.#options.isOrdered && this.#lastOf.has(session));
  }

  #lastFlightOf(session: WritingSession | null): number {
    return session === null ? 0 : (this.#lastOf.get(session)?.flight ?? 0);
  }

  #park(write: Write): void {
    this.#parked.push(write);
    const { session } = write.order;
    if (session !== null) this.#parkedOf.set(session, (this.#parkedOf.get(session) ?? 0) + 1);
  }

  #startParked(): void {
    if (this.#parked.length === 0 || this.#isHoming) return;
    const parked = this.#parked;
    this.#parked = [];
    this.#parkedOf.clear();
    for (const write of parked) this.#startOrWait(write);
  }

  #fly(write: Write, plan: Plan): void {
    const { session } = write.order;
    const { compares, operations } = plan;
    if (session !== null) {
      compares.push(modRevisionIs(session.key, session.keyRevision));
      const before = this.#lastOf.get(session);
      if (before !== undefined) this.#tie(compares, before);
    }
    if (Math.max(compares.length, operations.length) > this.#options.txnOpsMax) {
      // Not left to the store: so large a message may be one that the connection to it does not even carry.
      this.#judgeTooLarge(write, plan);
      this.#refuse(write, this.#lastFlightOf(session));
      return;
    }
    if (session !== null) this.#lastOf.set(session, write);
    write.plan = plan;
    write.answered = null;
    this.#flying.set(write.sequence, write);
    write.flight = ++this.#flights;
    this.#overlay.add(write, plan.changes);
    const request = newTxnRequest({ compare: compares, success: operations, failure: [] });
    this.#host.txn(request).then(
      (response) => this.#answer(write, plan, response),
      (error: unknown) => this.#broke(write, plan, error),
    );
  }

  /**
   * Makes a transaction fail when the session's write before it did: the record that it left is compared, or the one of
   * whoever changed that record since, for that one was tied to it in the same way.
   */
  #tie(compares: Compare[], before: Write): void {
    for (let write = before; ;) {
      const witness = write.plan!.witness;
      if (witness === null) return;
      const entry = this.#overlay.entry(witness);
      if (entry === undefined) return;
      if (entry.znode?.record) {
        const key = this.#keys.recordKey(witness);
        const isTied = compares.some(
          ({ target, key: other }) => target === Compare_CompareTarget.VALUE && Buffer.compare(other, key) === 0,
        );
        if (!isTied) compares.push(valueIs(key, entry.znode.record));
        return;
      }
      if (entry.writer === write) return;
      write = entry.writer;
    }
  }

  #answer(write: Write, plan: Plan, response: TxnResponse): void {
    // It may have been seen in the watch already, or have been given up.
    if (write.plan !== plan || !this.#flying.has(write.sequence)) return;
    if (!response.succeeded) {
      this.#comeBack(write);
      this.#settle();
      return;
    }
    const { revision } = response.header!;
    if (revision <= this.#host.revision()) {
      this.#complete(write, revision);
      this.#settle();
      this.#startParked();
    } else {
      write.answered = revision;
      this.#answered.add(write);
    }
  }

  #broke(write: Write, plan: Plan, error: unknown): void {
    if (write.plan !== plan || !this.#flying.has(write.sequence)) return;
    const { session } = write.order;
    const code = error instanceof EtcdError ? error.code : null;
    if (code === "tooManyOps" || code === "requestTooLarge") {
      this.#judgeTooLarge(write, plan);
      this.#comeBack(write);
    } else if (code === "leaseNotFound" && !write.isUnleased) {
      // A lease that ended on the way is somebody else's write like any other: planned again, the session will be gone. If
      // it is still there then, so will be all that is planned, and would be for ever.
      write.isUnleased = true;
      this.#comeBack(write);
    } else if (error instanceof EtcdError && settlesWrite(error.code)) {
      if (code === "leaseNotFound" && session !== null) this.#host.unleased(session.id);
      this.#inquire(write, plan, error);
    } else {
      this.#unknown.set(write.sequence, plan);
      // If the key was written anew since, the write is stopped already.
      if (session !== null && session.keyRevision === write.keyRevision) session.needsFence = true;
      this.#lose(write, error instanceof Error ? error : new Error(String(error)));
    }
    this.#settle();
  }

  /**
   * Was refused, so that nothing of it comes later. Only the tree can tell whether nothing of it has come: etcd keeps the
   * write that goes over its quota, and answers as it does to all that come after it.
   */
  #inquire(write: Write, plan: Plan, error: EtcdError): void {
    this.#comeHome();
    this.#host.barrier().then(
      () => {
        if (write.plan !== plan || !this.#flying.has(write.sequence)) return;
        this.#lose(write, error);
        this.#settle();
      },
      () => {
        if (!this.#closed) setTimeout(() => this.#inquire(write, plan, error), RETRY_MS);
      },
    );
  }

  #judgeTooLarge(write: Write, { witness, compares, operations }: Plan): void {
    this.#logger.warn("a request was too large for one transaction", {
      session: hex(write.order.session?.id ?? 0n),
      path: witness ?? "",
      compares: compares.length,
      operations: operations.length,
    });
    write.verdict = { type: "error", code: "badArguments" };
  }

  /**
   * It was not done, or nobody knows. What its session sent behind it must not be carried out without it, and what is on
   * its way already is tied to it.
   */
  #lose(write: Write, error: Error): void {
    this.#land(write);
    const { session } = write.order;
    // If the key was written anew since, the write is stopped already, and so is all that was sent behind it.
    if (session !== null && session.keyRevision === write.keyRevision) {
      const isOther = (other: Write): boolean => {
        if (other.order.session !== session) return true;
        lost(other, error);
        return false;
      };
      for (const flying of this.#flying.values()) if (flying.order.session === session) flying.isDoomed = true;
      this.#refused = this.#refused.filter(isOther);
      this.#refusedOf.delete(session);
      this.#waiting = this.#waiting.filter(isOther);
      this.#parked = this.#parked.filter(isOther);
      this.#parkedOf.delete(session);
      this.#failed = this.#failed.filter(isOther);
    }
    lost(write, error);
  }

  #complete(write: Write, revision: number): void {
    const plan = write.plan!;
    this.#flying.delete(write.sequence);
    this.#answered.delete(write);
    this.#forgetLast(write);
    this.#overlay.remove(write, plan.changes);
    plan.zxid.value = revision;
    // Where history was lost the tree is past it, and so is what the client was told.
    done(write, plan.result, this.#host.revision());
    this.#tellRefusals();
  }

  /** Was not done. Whatever was planned on it will come back too. */
  #comeBack(write: Write): void {
    this.#land(write);
    if (write.isDoomed)
      lost(write, new Error("it goes with the write before it, which was not done as far as is known"));
    else this.#failed.push(write);
  }

  /** Is not on its way any more, and the tree must show what was done. */
  #land(write: Write): void {
    this.#flying.delete(write.sequence);
    this.#answered.delete(write);
    this.#forgetLast(write);
    write.plan = null;
    this.#needsBarrier = true;
    this.#comeHome();
  }

  #forgetLast(write: Write): void {
    const { session } = write.order;
    if (session !== null && this.#lastOf.get(session) === write) this.#lastOf.delete(session);
  }

  #comeHome(): void {
    this.#isHoming = true;
    // Not at once: the caller may be in the middle of its own work.
    if (this.#flying.size === 0) queueMicrotask(() => this.#settle());
  }

  #refuse(write: Write, flight: number): void {
    write.flight = flight;
    write.barrier = this.#barriersBegun + 1;
    this.#refused.push(write);
    const { session } = write.order;
    if (session !== null) this.#refusedOf.set(session, (this.#refusedOf.get(session) ?? 0) + 1);
    this.#passBarrier();
  }

  /** One at a time: whoever comes meanwhile shares the next one. */
  #passBarrier(): void {
    const last = this.#refused.at(-1);
    if (this.#barriersBegun > this.#barriersPassed || last === undefined || last.barrier <= this.#barriersPassed)
      return;
    const barrier = ++this.#barriersBegun;
    const passed = (): void => {
      this.#barriersPassed = barrier;
      this.#tellRefusals();
      this.#startParked();
      this.#passBarrier();
    };
    const attempt = (): void => {
      this.#host.barrier().then(passed, () => {
        if (!this.#closed) setTimeout(attempt, RETRY_MS);
      });
    };
    attempt();
  }

  /** Tells the refusals whose time has come, unless something that they may rest on has failed. */
  #tellRefusals(): void {
    if (this.#needsBarrier) return;
    while (this.#refused.length > 0) {
      const write = this.#refused[0]!;
      if (write.barrier > this.#barriersPassed || this.#isFlying(write.flight)) return;
      const result = write.verdict ?? this.#refusalByTree(write);
      if (result === null) {
        // It can be done by now: in its turn, so before what its session sent since.
        this.#needsBarrier = true;
        this.#comeHome();
        return;
      }
      this.#refused.shift();
      this.#forgetRefused(write);
      done(write, result, this.#host.revision());
    }
  }

  #refusalByTree({ order, sequence }: Write): WriteResult | null {
    const outcome = order.plan(this.#host.tree(), { facade: this.#options.facade, sequence });
    return outcome.kind === "refusal" ? outcome.result : null;
  }

  #forgetRefused({ order: { session } }: Write): void {
    if (session === null) return;
    const count = this.#refusedOf.get(session)!;
    if (count > 1) this.#refusedOf.set(session, count - 1);
    else this.#refusedOf.delete(session);
  }

  #settle(): void {
    this.#tellRefusals();
    if (!this.#isHoming || this.#isRecovering || this.#flying.size > 0) return;
    this.#isRecovering = true;
    this.#recover().then(
      () => {
        this.#isRecovering = false;
        if (!this.#closed) this.#resume();
      },
      (error: unknown) => {
        this.#logger.warn("the tree could not be brought up to date; trying again", { error: String(error) });
        setTimeout(() => {
          this.#isRecovering = false;
          if (!this.#closed) this.#settle();
        }, RETRY_MS);
      },
    );
  }

  async #recover(): Promise<void> {
    if (this.#needsBarrier) await this.#host.barrier();
    this.#overlay.clear();
    // Nothing that rests on them is on its way any more.
    this.#unknown.clear();
    while (this.#exclusive.length > 0) {
      const jobs = this.#exclusive.splice(0);
      await Promise.all(jobs.map((job) => job()));
    }
  }

  #resume(): void {
    this.#needsBarrier = false;
    this.#isHoming = false;
    // Refusals that were made on what then failed are made again.
    const unfinished = [...this.#failed, ...this.#refused, ...this.#parked, ...this.#waiting];
    const again = unfinished.sort((a, b) => a.arrival - b.arrival);
    this.#failed = [];
    this.#refused = [];
    this.#refusedOf.clear();
    this.#parked = [];
    this.#parkedOf.clear();
    this.#waiting = [];
    for (const write of again) this.#startOrWait(write);
    // What was asked for meanwhile.
    if (this.#exclusive.length > 0) this.#comeHome();
  }

  /** Whether one of the transactions up to this one is still on its way. */
  #isFlying(flight: number): boolean {
    for (const write of this.#flying.values()) return write.flight <= flight;
    return false;
  }

  #nextSequence(): number {
    this.#sequence = this.#sequence === SEQUENCE_MAX ? 1 : this.#sequence + 1;
    return this.#sequence;
  }
}

const RETRY_MS = 200;

function done(write: Write, result: WriteResult, revision: number): void {
  end(write).done(result, revision);
}

function lost(write: Write, error: Error): void {
  end(write).lost(error);
}

/**
 * Lets go of all that belongs to a write. Maps outgrow their tables, and what was in such a table is kept by it until a
 * full collection, dead as it is; so what is in our maps must be small once it is over (docs/benchmarks.md).
 */
function end(write: Write): WriteOrder {
  const { order } = write;
  if (order.session !== null) order.session.writesUnderWay--;
  write.order = ENDED;
  write.plan = null;
  return order;
}

const ENDED: WriteOrder = {
  session: null,
  plan: () => {
    throw new InvariantError("a write that ended is not planned");
  },
  done: () => undefined,
  lost: () => undefined,
};

function modRevisionIs(key: Uint8Array, revision: number): Compare {
  return newCompare({
    key,
    target: Compare_CompareTarget.MOD,
    result: Compare_CompareResult.EQUAL,
    targetUnion: { case: "modRevision", value: revision },
  });
}

function valueIs(key: Uint8Array, value: Uint8Array): Compare {
  return newCompare({
    key,
    target: Compare_CompareTarget.VALUE,
    result: Compare_CompareResult.EQUAL,
    targetUnion: { case: "value", value },
  });
}

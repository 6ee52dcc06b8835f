import {
  Compare_CompareResult,
  Compare_CompareTarget,
  newCompare,
  newTxnRequest,
  type Compare,
  type TxnRequest,
  type TxnResponse,
} from "../../etcd/wire/etcdserverpb.ts";
import { EtcdError } from "../../etcd/errors.ts";
import type { Logger } from "../../etcd/base/logger.ts";
import type { Blocked, Plan, RecordTag, Refusal, WriteResult } from "../ops/plan.ts";
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
  /** mod_revision of the session's key; 0 when the session is over. */
  readonly keyRevision: number;
}

/** What the pipeline asks of the facade. */
export interface PipelineHost {
  tree(): TreeView;
  /** The revision up to which the tree has everything. */
  revision(): number;
  txn(request: TxnRequest): Promise<TxnResponse>;
  /** Resolves when the tree holds all that was written before the call. */
  barrier(): Promise<number>;
}

export interface PipelineOptions {
  /** This run of this facade, as it stands in every record it writes. */
  readonly facade: number;
  /**
   * Transactions are applied in the order in which they were handed over. Over a real cluster they are not, and a plan
   * that rests on another one waits for it.
   */
  readonly isOrdered: boolean;
}

interface Write {
  readonly order: WriteOrder;
  /** Its place among all writes: the order in which they are planned again. */
  readonly arrival: number;
  sequence: number;
  plan: Plan | null;
  refusal: Refusal | null;
  /** Its place among the transactions that were sent; of a refusal that of the last one that it may rest on. */
  flight: number;
  /** Of a plan that writes nothing that the watch shows with our tag: the revision of its answer. */
  answered: number | null;
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
 * A refusal may rest on a write that is still on its way, so it is told when all those before it have arrived.
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
  readonly #refused: Write[] = [];
  /** Sessions with a refusal that is not told yet. */
  readonly #refusedOf = new Set<bigint>();
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
  readonly #parkedOf = new Map<bigint, number>();
  /** The last write on its way of each session. */
  readonly #lastOf = new Map<bigint, Write>();
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
      sequence: 0,
      plan: null,
      refusal: null,
      flight: 0,
      answered: null,
    };
    if (this.#closed) order.lost(new EtcdError("stopped"));
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
    this.#refused.length = 0;
    this.#waiting = [];
    this.#parked = [];
    this.#failed = [];
    this.#answered.clear();
    for (const write of all) write.order.lost(stopped);
  }

  #startOrWait(write: Write): void {
    if (this.#isHoming) this.#waiting.push(write);
    else this.#start(write);
  }

  #start(write: Write): void {
    const { session } = write.order;
    if (session?.keyRevision === 0) {
      write.order.lost(new Error("the session is over"));
      return;
    }
    if (session !== null && this.#isBusy(session)) {
      this.#park(write);
      return;
    }
    this.#overlay.takeConsulted();
    write.sequence = this.#nextSequence();
    const outcome = write.order.plan(this.#overlay, { facade: this.#options.facade, sequence: write.sequence });
    const consulted = this.#overlay.takeConsulted();
    switch (outcome.kind) {
      case "plan":
        if (consulted && !this.#options.isOrdered) this.#park(write);
        // A transaction that only compares leaves no trace that the next one could be tied to.
        else if (outcome.operations.length === 0 && this.#flying.size > 0) this.#hold(write);
        else this.#fly(write, outcome);
        break;
      case "refusal":
        write.refusal = outcome;
        write.flight = consulted ? this.#flights : this.#lastFlightOf(session);
        this.#refused.push(write);
        if (session !== null) this.#refusedOf.add(session.id);
        this.#settle();
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

  /**
   * Whether the session's next write must wait. Behind a refusal it does: a transaction cannot be tied to what left no
   * trace, so it might be done although the refusal, planned again, becomes a write that should have been before it.
   */
  #isBusy({ id }: WritingSession): boolean {
    return this.#refusedOf.has(id) || this.#parkedOf.has(id) || (!this.#options.isOrdered && this.#lastOf.has(id));
  }

  #lastFlightOf(session: WritingSession | null): number {
    return session === null ? 0 : (this.#lastOf.get(session.id)?.flight ?? 0);
  }

  #park(write: Write): void {
    this.#parked.push(write);
    const { session } = write.order;
    if (session !== null) this.#parkedOf.set(session.id, (this.#parkedOf.get(session.id) ?? 0) + 1);
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
    const compares = [...plan.compares];
    if (session !== null) {
      compares.push(modRevisionIs(this.#keys.sessionKey(session.id), session.keyRevision));
      const before = this.#lastOf.get(session.id);
      if (before !== undefined) this.#tie(compares, before);
      this.#lastOf.set(session.id, write);
    }
    write.plan = plan;
    write.answered = null;
    this.#flying.set(write.sequence, write);
    write.flight = ++this.#flights;
    this.#overlay.add(write, plan.changes);
    const request = newTxnRequest({ compare: compares, success: [...plan.operations], failure: [] });
    this.#host.txn(request).then(
      (response) => this.#answer(write, plan, response),
      (error: unknown) => this.#broke(write, plan, error),
    );
    if (plan.operations.length === 0) this.#comeHome();
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
    const revision = plan.operations.length === 0 ? this.#host.revision() : response.header!.revision;
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
    this.#comeBack(write);
    const code = error instanceof EtcdError ? error.code : null;
    // A lease that ended on the way is somebody else's write like any other: planned again, the session will be gone.
    if (code !== "leaseNotFound") {
      this.#failed = this.#failed.filter((failed) => failed !== write);
      if (code === "tooManyOps" || code === "requestTooLarge") {
        this.#logger.warn("a request was too large for one transaction", {
          error: code,
          compares: plan.compares.length,
          operations: plan.operations.length,
        });
        write.order.done({ type: "error", code: "badArguments" }, this.#host.revision());
      } else {
        write.order.lost(error instanceof Error ? error : new Error(String(error)));
      }
    }
    this.#settle();
  }

  #complete(write: Write, revision: number): void {
    const plan = write.plan!;
    this.#flying.delete(write.sequence);
    this.#answered.delete(write);
    this.#forgetLast(write);
    this.#overlay.remove(write, plan.changes);
    plan.zxid.value = revision;
    write.order.done(plan.result, revision);
    this.#tellRefusals();
  }

  /** Was not done. Whatever was planned on it will come back too. */
  #comeBack(write: Write): void {
    this.#flying.delete(write.sequence);
    this.#answered.delete(write);
    this.#forgetLast(write);
    write.plan = null;
    this.#failed.push(write);
    this.#needsBarrier = true;
    this.#comeHome();
  }

  #forgetLast(write: Write): void {
    const { session } = write.order;
    if (session !== null && this.#lastOf.get(session.id) === write) this.#lastOf.delete(session.id);
  }

  #comeHome(): void {
    this.#isHoming = true;
    // Not at once: the caller may be in the middle of its own work.
    if (this.#flying.size === 0) queueMicrotask(() => this.#settle());
  }

  /** Refusals are told once nothing that they may rest on is on its way; not while something of it failed. */
  #tellRefusals(): void {
    if (this.#needsBarrier) return;
    while (this.#refused.length > 0) {
      const { order, refusal, flight } = this.#refused[0]!;
      if (this.#isFlying(flight)) return;
      this.#refused.shift();
      if (order.session !== null) this.#refusedOf.delete(order.session.id);
      order.done(refusal!.result, this.#host.revision());
    }
  }

  #settle(): void {
    this.#tellRefusals();
    if (!this.#isHoming || this.#isRecovering || this.#flying.size > 0) return;
    this.#isRecovering = true;
    this.#recover().then(
      () => this.#resume(),
      (error: unknown) => {
        this.#logger.warn("the tree could not be brought up to date; trying again", { error: String(error) });
        setTimeout(() => this.#resume(), RETRY_MS);
      },
    );
  }

  async #recover(): Promise<void> {
    if (this.#needsBarrier) {
      await this.#host.barrier();
      this.#needsBarrier = false;
    }
    this.#overlay.clear();
    while (this.#exclusive.length > 0) {
      const jobs = this.#exclusive.splice(0);
      await Promise.all(jobs.map((job) => job()));
    }
  }

  #resume(): void {
    this.#isRecovering = false;
    if (this.#closed) return;
    if (this.#needsBarrier || this.#exclusive.length > 0) {
      this.#settle();
      return;
    }
    this.#isHoming = false;
    // Refusals that were made on what then failed are made again.
    const unfinished = [...this.#failed, ...this.#refused, ...this.#parked, ...this.#waiting];
    const again = unfinished.sort((a, b) => a.arrival - b.arrival);
    this.#failed = [];
    this.#refused.length = 0;
    this.#refusedOf.clear();
    this.#parked = [];
    this.#parkedOf.clear();
    this.#waiting = [];
    for (const write of again) {
      write.refusal = null;
      this.#startOrWait(write);
    }
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
